-- Times are milliseconds since 1970 (UTC), days are texts like 2026-11-23 (Riyadh), request ids 32 hexadecimal digits.

-- The office itself: one row.
CREATE TABLE office (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    -- Another one after each restore, so that kiosks notice
    incarnation BLOB NOT NULL,
    -- The number of the last change; counted up in the writing transaction, so that none is skipped
    last_change BIGINT NOT NULL,
    -- Where the trail ends, so that a cut tail is noticed
    trail_length BIGINT NOT NULL,
    trail_head BLOB NOT NULL
);

CREATE TABLE kiosk (
    number INTEGER PRIMARY KEY CHECK (number BETWEEN 1 AND 9999),
    name TEXT NOT NULL,
    -- First 16 bytes of the SHA-256 of its TLS key
    tls_pin BLOB NOT NULL,
    proving_key BLOB NOT NULL,
    -- Known from its first opening
    receipt_key BLOB,
    first_epoch BLOB NOT NULL,
    enrolled_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX kiosk_by_pin ON kiosk (tls_pin);

CREATE TABLE invite (
    code_hash BLOB PRIMARY KEY,
    expires_at BIGINT NOT NULL,
    -- The kiosk that used it
    kiosk INTEGER REFERENCES kiosk (number)
);

-- Every envelope as it came. Two at one place are kept: the chain orders and proves, it doesn't admit.
CREATE TABLE envelope (
    header_hash BLOB PRIMARY KEY,
    kiosk INTEGER NOT NULL REFERENCES kiosk (number),
    epoch BLOB NOT NULL,
    sequence BIGINT NOT NULL,
    previous BLOB NOT NULL,
    -- 1 when all envelopes before it in its epoch are here
    rooted INTEGER NOT NULL,
    -- Why its record can't be read; NULL when it can
    damage TEXT,
    bytes BLOB NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE INDEX envelope_by_place ON envelope (kiosk, epoch, sequence);
CREATE INDEX envelope_by_previous ON envelope (previous);

CREATE TABLE request (
    id TEXT PRIMARY KEY,
    -- Not unique: should two requests ever bear one number, staff choose
    tracking_number TEXT NOT NULL,
    kiosk INTEGER NOT NULL REFERENCES kiosk (number),
    -- From this day the fourteen days count (P19)
    received_on TEXT NOT NULL,
    registered_at BIGINT NOT NULL,
    arrived_at BIGINT NOT NULL,
    service TEXT NOT NULL,
    category TEXT,
    channel TEXT NOT NULL,
    beneficiary TEXT NOT NULL,
    language TEXT NOT NULL,
    catalogue_version BIGINT NOT NULL,
    declaration_version BIGINT NOT NULL,
    privacy_notice_version BIGINT NOT NULL,
    policy_version BIGINT NOT NULL,
    answers TEXT NOT NULL,
    -- For searching
    name_normalised TEXT NOT NULL,
    -- An index computed from the events in the transaction that writes them; the events decide
    stage TEXT NOT NULL,
    documents_complete INTEGER NOT NULL
);
CREATE INDEX request_by_number ON request (tracking_number);
CREATE INDEX request_by_stage ON request (stage, received_on);
CREATE INDEX request_by_day ON request (received_on);

-- What the applicant said about each document when registering
CREATE TABLE request_document (
    request TEXT NOT NULL REFERENCES request (id),
    document TEXT NOT NULL,
    said TEXT NOT NULL,
    PRIMARY KEY (request, document)
);

CREATE TABLE request_event (
    number INTEGER PRIMARY KEY,
    request TEXT NOT NULL REFERENCES request (id),
    event TEXT NOT NULL,
    at BIGINT NOT NULL,
    on_day TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT,
    -- With it the trail holds the reason's hash
    salt BLOB
);
CREATE INDEX request_event_by_request ON request_event (request, number);

-- Documents brought for a tracking number whose request has not arrived yet
CREATE TABLE waiting_document (
    header_hash BLOB NOT NULL,
    tracking_number TEXT NOT NULL,
    document TEXT NOT NULL,
    at BIGINT NOT NULL,
    on_day TEXT NOT NULL,
    kiosk INTEGER NOT NULL REFERENCES kiosk (number),
    PRIMARY KEY (header_hash, document)
);
CREATE INDEX waiting_document_by_number ON waiting_document (tracking_number);

-- Without a foreign key: a signature may arrive before its request. One a kiosk, so that no other kiosk's counts.
CREATE TABLE signature (
    request TEXT NOT NULL,
    kiosk INTEGER NOT NULL REFERENCES kiosk (number),
    strokes BLOB NOT NULL,
    PRIMARY KEY (request, kiosk)
);

CREATE TABLE suggestion (
    header_hash BLOB PRIMARY KEY,
    kiosk INTEGER NOT NULL REFERENCES kiosk (number),
    at BIGINT NOT NULL,
    text TEXT NOT NULL
);

-- No kiosk, no time: a rating can't be matched with a visit (P13).
CREATE TABLE rating_batch (
    id BLOB PRIMARY KEY,
    damaged INTEGER NOT NULL
);
CREATE TABLE rating (
    id BLOB PRIMARY KEY,
    service TEXT,
    iso_week TEXT NOT NULL,
    face INTEGER NOT NULL CHECK (face BETWEEN 1 AND 4),
    reasons TEXT NOT NULL
);

CREATE TABLE person (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    password TEXT NOT NULL,
    added_at BIGINT NOT NULL
);

CREATE TABLE session (
    token_hash BLOB PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person (id),
    begun_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL
);

-- Which request has which change; only its newest
CREATE TABLE change (
    number BIGINT PRIMARY KEY,
    request TEXT NOT NULL UNIQUE REFERENCES request (id)
);

CREATE TABLE trail (
    number BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL,
    previous BLOB NOT NULL,
    hash BLOB NOT NULL
);
