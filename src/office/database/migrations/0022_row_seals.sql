-- Each row's seal: an HMAC over all its values by a key of the office, made in the transaction that writes the row. By it a row
-- that something else has changed, added or taken away is found. Where nothing is sealed yet, all rows are at the next start.
CREATE TABLE row_seal (
    table_name TEXT NOT NULL,
    row_number BIGINT NOT NULL,
    seal BIGINT NOT NULL,
    PRIMARY KEY (table_name, row_number)
) WITHOUT ROWID;

-- Transactions that were committed; the count beside the database holds the number, too
ALTER TABLE office ADD COLUMN commits BIGINT NOT NULL DEFAULT 0;
-- 1 once that count stands beside the database
ALTER TABLE office ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;
-- By it the office's own first seed is known; NULL as long as the rows aren't sealed
ALTER TABLE office ADD COLUMN key_check BLOB;
-- When everything was last verified while the office served
ALTER TABLE office ADD COLUMN verified_at BIGINT NOT NULL DEFAULT 0;

-- The sealing keys that this office has had, in the order they were made
CREATE TABLE sealing_key (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL
);

-- Rows that aren't as they were written, and other damage: shown until an administrator has looked
CREATE TABLE finding (
    -- 32 hexadecimal digits: it stands in the trail
    id TEXT PRIMARY KEY,
    -- 'row', 'rollback', 'database', 'trail', 'envelopes' or 'minutes'
    kind TEXT NOT NULL,
    -- Of a row
    table_name TEXT,
    row_number BIGINT,
    -- The request that the row belongs to: no step is taken with it
    request TEXT,
    found_at BIGINT NOT NULL,
    -- In English, as the program says it: no personal data
    text TEXT NOT NULL,
    settled_at BIGINT,
    settled_by TEXT
);
CREATE INDEX finding_open ON finding (request) WHERE settled_at IS NULL;
