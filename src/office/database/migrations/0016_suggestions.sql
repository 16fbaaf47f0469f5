-- Suggestions and complaints may name people: they are erased when their time is over, or when somebody asks for it.

-- When it was announced that its time is over; NULL before
ALTER TABLE suggestion ADD COLUMN announced_on TEXT;
CREATE INDEX suggestion_by_time ON suggestion (at, header_hash);

-- As the log beside the database has it. A restored database may not hold the envelope, so there is no foreign key.
CREATE TABLE erased_suggestion (
    header_hash BLOB PRIMARY KEY,
    at BIGINT NOT NULL
);
