-- The seals of 64 rows stand in one row: what a batch of envelopes adds is sealed by few of them. They are made of other bytes,
-- too, so that all rows are sealed anew at the next start.
DROP TABLE row_seal;
CREATE TABLE row_seal (
    table_name TEXT NOT NULL,
    -- Of the rows 64 × page to 64 × page + 63
    page BIGINT NOT NULL,
    -- Eight bytes a row; zeros where there is none
    seals BLOB NOT NULL,
    PRIMARY KEY (table_name, page)
) WITHOUT ROWID;
