-- Work on a request's page: scans of its documents, and notes of the staff.

-- A scan. Its bytes and the name it came with are sealed to the office's sealing key `sealing_key`.
CREATE TABLE upload (
    id TEXT PRIMARY KEY,
    request TEXT NOT NULL REFERENCES request (id),
    document TEXT NOT NULL,
    -- pdf, jpeg or png, as its content was found to be
    kind TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    parts BIGINT NOT NULL,
    sealing_key BLOB NOT NULL,
    sealed_name BLOB NOT NULL,
    -- The trail holds the content's hash, made with this salt; by it the same file sent twice is noticed
    salt BLOB NOT NULL,
    hash TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    added_by TEXT NOT NULL
);
CREATE INDEX upload_by_request ON upload (request, document);

-- The sealed bytes in pieces, so that no row is large
CREATE TABLE upload_part (
    upload TEXT NOT NULL REFERENCES upload (id),
    number BIGINT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (upload, number)
);

CREATE TABLE request_note (
    id TEXT PRIMARY KEY,
    request TEXT NOT NULL REFERENCES request (id),
    at BIGINT NOT NULL,
    author TEXT NOT NULL,
    text TEXT NOT NULL,
    -- With it the trail holds the text's hash
    salt BLOB NOT NULL,
    -- Withdrawn by its author: kept, and no longer shown
    withdrawn_at BIGINT
);
CREATE INDEX request_note_by_request ON request_note (request, at);
