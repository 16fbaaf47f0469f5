-- Wrong codes since the last right one: their number has an end, and the person is told of them
ALTER TABLE second_factor ADD COLUMN wrong_codes BIGINT NOT NULL DEFAULT 0;
-- The hash of the token of the session that asked for the secret: it is shown in no other
ALTER TABLE second_factor_offer ADD COLUMN session BLOB;
