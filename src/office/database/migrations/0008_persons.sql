-- People: one has many requests and is found by the national id. What may be two files of one person, what staff have
-- merged, the words under which people are found, and the columns and indices of the work lists.
-- Rows that are here already are brought over by `persons::bring_over`.

CREATE TABLE beneficiary (
    -- Within the database only
    number INTEGER PRIMARY KEY,
    -- Random, 32 hexadecimal digits: addresses and the trail name a person by it
    id TEXT NOT NULL UNIQUE,
    -- NULL where the form asks for none, and after an erasure
    national_id TEXT UNIQUE,
    -- The words of the name as they are compared, and the first of them
    name_words TEXT NOT NULL,
    first_word TEXT NOT NULL,
    birth_date TEXT,
    -- Staff said that this is the same person as that one; taken back, it is NULL again
    merged_into BIGINT REFERENCES beneficiary (number),
    merged_at BIGINT,
    -- Where the merges end; NULL unless merged
    belongs_to BIGINT REFERENCES beneficiary (number)
);
CREATE INDEX beneficiary_by_birth ON beneficiary (birth_date, first_word);
CREATE INDEX beneficiary_merged ON beneficiary (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX beneficiary_belonging ON beneficiary (belongs_to) WHERE belongs_to IS NOT NULL;

-- Names, national ids and mobiles, word by word, as a search compares them
CREATE TABLE beneficiary_word (
    word TEXT NOT NULL,
    beneficiary BIGINT NOT NULL REFERENCES beneficiary (number),
    PRIMARY KEY (word, beneficiary)
);
CREATE INDEX beneficiary_word_by_beneficiary ON beneficiary_word (beneficiary, word);

-- Two who may be one person, the lower number first
CREATE TABLE possible_double (
    one BIGINT NOT NULL REFERENCES beneficiary (number),
    other BIGINT NOT NULL REFERENCES beneficiary (number),
    -- 'name' or 'national_id'
    why TEXT NOT NULL,
    -- 'merged' or 'distinct', once a person has looked; NULL before
    settled TEXT,
    PRIMARY KEY (one, other)
);
CREATE INDEX possible_double_by_other ON possible_double (other);
CREATE INDEX possible_double_open ON possible_double (one, other) WHERE settled IS NULL;

-- Whom the answers name, and to whom the request belongs now that staff have merged files
ALTER TABLE request ADD COLUMN registered_as BIGINT REFERENCES beneficiary (number);
ALTER TABLE request ADD COLUMN belongs_to BIGINT REFERENCES beneficiary (number);
-- 'place': another envelope stands at its place in its kiosk's chain; 'number': another request bears its number
ALTER TABLE request ADD COLUMN doubt TEXT;
CREATE INDEX request_by_beneficiary ON request (belongs_to, received_on, id);
CREATE INDEX request_by_registered ON request (registered_as);

-- Each list is read in its order from one of these; those that most filters need hold the filters' columns, too, so
-- that what a filter leaves out is passed over without a look at the row.
DROP INDEX request_by_stage;
DROP INDEX request_by_day;
DROP INDEX request_by_number;
CREATE INDEX request_by_number ON request (tracking_number, id);
-- A part of a number is found from the beginning of each of its groups
CREATE INDEX request_by_number_middle ON request (substr(tracking_number, 5));
CREATE INDEX request_by_number_end ON request (substr(tracking_number, 9));
CREATE INDEX request_by_day ON request
    (received_on, id, stage, documents_complete, service, category, channel, beneficiary, kiosk);
CREATE INDEX request_by_stage ON request
    (stage, received_on, id, documents_complete, service, category, channel, beneficiary, kiosk);
CREATE INDEX request_by_name ON request (name_normalised, id);
CREATE INDEX request_by_service ON request
    (service, received_on, id, stage, documents_complete, category, channel, beneficiary, kiosk);
-- With the stage hidden, here and in the lists, no other index is taken for these
CREATE INDEX request_incomplete ON request
    (received_on, id, stage, documents_complete, service, category, channel, beneficiary, kiosk)
    WHERE documents_complete = 0 AND stage || '' IN ('under_study', 'accepted');
CREATE INDEX request_ready ON request
    (received_on, id, stage, documents_complete, service, category, channel, beneficiary, kiosk)
    WHERE documents_complete = 1 AND stage || '' = 'under_study';
CREATE INDEX request_objected ON request (received_on, id)
    WHERE objected_on IS NOT NULL AND stage || '' = 'under_study';
CREATE INDEX request_doubtful ON request (received_on, id) WHERE doubt IS NOT NULL;
