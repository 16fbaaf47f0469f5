-- Fewer pages to write for every request that arrives.

-- The middle group of a tracking number is found behind each kiosk's own four digits, in the index of whole numbers
-- (search.rs).
DROP INDEX request_by_number_middle;

-- Tables whose key is kept once, in the table's own order, instead of in an index beside it.
CREATE TABLE beneficiary_word_leaner (
    beneficiary BIGINT NOT NULL REFERENCES beneficiary (number),
    word TEXT NOT NULL,
    PRIMARY KEY (beneficiary, word)
) WITHOUT ROWID;
INSERT INTO beneficiary_word_leaner (beneficiary, word)
    SELECT beneficiary, word FROM beneficiary_word ORDER BY beneficiary, word;
DROP TABLE beneficiary_word;
ALTER TABLE beneficiary_word_leaner RENAME TO beneficiary_word;
CREATE INDEX beneficiary_word_by_word ON beneficiary_word (word, beneficiary);

CREATE TABLE request_document_leaner (
    request TEXT NOT NULL REFERENCES request (id),
    document TEXT NOT NULL,
    said TEXT NOT NULL,
    PRIMARY KEY (request, document)
) WITHOUT ROWID;
INSERT INTO request_document_leaner (request, document, said)
    SELECT request, document, said FROM request_document ORDER BY request, document;
DROP TABLE request_document;
ALTER TABLE request_document_leaner RENAME TO request_document;

-- For SQLite only INTEGER is a table's own number; BIGINT is a column with an index.
CREATE TABLE change_leaner (
    number INTEGER PRIMARY KEY,
    request TEXT NOT NULL UNIQUE REFERENCES request (id)
);
INSERT INTO change_leaner (number, request) SELECT number, request FROM change ORDER BY number;
DROP TABLE change;
ALTER TABLE change_leaner RENAME TO change;

CREATE TABLE trail_leaner (
    number INTEGER PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL,
    previous BLOB NOT NULL,
    hash BLOB NOT NULL
);
INSERT INTO trail_leaner (number, at, actor, action, subject, details, previous, hash)
    SELECT number, at, actor, action, subject, details, previous, hash FROM trail ORDER BY number;
DROP TABLE trail;
ALTER TABLE trail_leaner RENAME TO trail;
CREATE INDEX trail_by_subject ON trail (subject, number);
