-- The office's own desk is number 0: its requests refer to it as others refer to their kiosk. Its row holds the key of the
-- desk's receipts; nobody can speak as the desk, and no list of kiosks shows it. The check of 0001 forbids it, so that the
-- table is built anew; what refers to it is checked at the end of the transaction (migrations.rs).
CREATE TABLE kiosk_before AS SELECT * FROM kiosk;
DROP TABLE kiosk;
CREATE TABLE kiosk (
    number INTEGER PRIMARY KEY CHECK (number BETWEEN 0 AND 9999),
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
INSERT INTO kiosk (number, name, tls_pin, proving_key, receipt_key, first_epoch, enrolled_at, last_seen_at, revoked_at)
    SELECT number, name, tls_pin, proving_key, receipt_key, first_epoch, enrolled_at, last_seen_at, revoked_at FROM kiosk_before;
DROP TABLE kiosk_before;
CREATE INDEX kiosk_by_pin ON kiosk (tls_pin);

-- Every tracking number that the desk has given, for ever: also when its request has been erased.
CREATE TABLE desk_number (
    tracking_number TEXT PRIMARY KEY
);

-- How a request came about at the desk or by telephone.
CREATE TABLE desk_registration (
    request TEXT PRIMARY KEY REFERENCES request (id),
    actor TEXT NOT NULL,
    at BIGINT NOT NULL,
    -- 'paper': the declaration was printed and signed by hand; 'read_out': it was read out by telephone
    declaration TEXT NOT NULL
);

-- Corrections of answers. What was signed stays what it was: the answer before stands here, beside the corrected one.
CREATE TABLE correction (
    -- 16 random bytes in hexadecimal digits: the same form twice is one correction
    form TEXT NOT NULL,
    request TEXT NOT NULL REFERENCES request (id),
    question TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    -- The answers as JSON, NULL where there was none or there is none now; both and the reason are erased with the person
    was TEXT,
    becomes TEXT,
    reason TEXT,
    -- With it the trail holds hashes of both answers and the reason
    salt BLOB,
    PRIMARY KEY (form, question)
);
CREATE INDEX correction_by_request ON correction (request, at);

-- Who published a catalogue: a person on its page, or a command for the office's file; NULL for those from before.
ALTER TABLE catalogue ADD COLUMN published_by TEXT;
