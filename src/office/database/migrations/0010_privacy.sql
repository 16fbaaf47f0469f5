-- Which request and which tracking number an envelope is about, so that erasing them finds it; NULL where it is about none.
ALTER TABLE envelope ADD COLUMN request TEXT;
ALTER TABLE envelope ADD COLUMN tracking_number TEXT;
-- When its parts were replaced by their hashes
ALTER TABLE envelope ADD COLUMN erased_at BIGINT;
-- 1 when a backup that is durable holds it
ALTER TABLE envelope ADD COLUMN backed_up INTEGER NOT NULL DEFAULT 0;
CREATE INDEX envelope_by_request ON envelope (request);
CREATE INDEX envelope_by_number ON envelope (tracking_number);
CREATE INDEX envelope_not_backed_up ON envelope (kiosk, epoch, sequence) WHERE backed_up = 0;

-- How the backups go: one row. Texts are of the program, without personal data.
CREATE TABLE backup (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    made_at BIGINT,
    file TEXT,
    -- Newer than made_at: the last try failed
    failed_at BIGINT,
    failure TEXT
);
INSERT INTO backup (only_row) VALUES (1);

-- When everything personal of a request was destroyed; its row stays for the figures, its number is never given again.
ALTER TABLE request ADD COLUMN erased_at BIGINT;

-- What was erased, as the log beside the database has it. A restored database may not know the request, so there is no
-- foreign key.
CREATE TABLE erasure (
    request TEXT PRIMARY KEY,
    tracking_number TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX erasure_by_number ON erasure (tracking_number);

-- Requests whose time is over: announced on the staff's pages before they are erased, and held back where staff say so.
CREATE TABLE retention (
    request TEXT PRIMARY KEY REFERENCES request (id),
    announced_on TEXT NOT NULL,
    held_at BIGINT,
    -- As the trail writes an actor
    held_by TEXT,
    reason TEXT,
    -- With it the trail holds the reason's hash
    salt BLOB
);

-- What people ask for under the Personal Data Protection Law.
CREATE TABLE privacy_ask (
    -- Random: it stands in the trail
    id TEXT PRIMARY KEY,
    -- NULL when nothing was found of whoever asks
    request TEXT REFERENCES request (id),
    -- 'copy', 'correction', 'deletion'
    kind TEXT NOT NULL,
    -- 'desk', 'phone', 'letter', 'email'
    channel TEXT NOT NULL,
    received_on TEXT NOT NULL,
    entered_at BIGINT NOT NULL,
    entered_by TEXT NOT NULL,
    -- Who looked at the paper that proves who asks; NULL as long as nobody has
    identity_checked_by TEXT,
    answered_at BIGINT,
    answered_by TEXT,
    -- 'done', 'refused'
    answer TEXT,
    reason TEXT,
    salt BLOB
);
CREATE INDEX privacy_ask_open ON privacy_ask (answered_at, received_on);
CREATE INDEX privacy_ask_by_request ON privacy_ask (request);

-- Who has read a file: the trail by its subject.
CREATE INDEX trail_by_subject ON trail (subject, number);
