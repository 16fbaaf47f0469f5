-- How people of the staff prove who they are.
ALTER TABLE person ADD COLUMN disabled_at BIGINT;
-- 1 while the password is one that somebody else has made: it opens nothing but the page that asks for another
ALTER TABLE person ADD COLUMN password_is_initial INTEGER NOT NULL DEFAULT 0;
ALTER TABLE person ADD COLUMN last_seen_at BIGINT;

-- What the session still owes before it opens anything: code, password or second_factor; NULL when nothing
ALTER TABLE session ADD COLUMN owes TEXT;
CREATE INDEX session_by_person ON session (person);

CREATE TABLE second_factor (
    person TEXT PRIMARY KEY REFERENCES person (id),
    -- Encrypted with a key of the office's seed
    secret BLOB NOT NULL,
    confirmed_at BIGINT NOT NULL,
    -- The time step of the last code that was used: neither it nor an earlier one is taken again
    last_step BIGINT NOT NULL
);

-- A secret that was shown, and waits for the code that confirms it
CREATE TABLE second_factor_offer (
    person TEXT PRIMARY KEY REFERENCES person (id),
    secret BLOB NOT NULL,
    offered_at BIGINT NOT NULL
);

-- Each goes when it is used
CREATE TABLE recovery_code (
    code_hash BLOB PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person (id)
);
CREATE INDEX recovery_code_by_person ON recovery_code (person);

-- Browsers in which a person has signed in before: their wrong tries are counted apart, so that nobody elsewhere can
-- lock the person out
CREATE TABLE known_browser (
    token_hash BLOB NOT NULL,
    person TEXT NOT NULL REFERENCES person (id),
    signed_in_at BIGINT NOT NULL,
    PRIMARY KEY (token_hash, person)
);
CREATE INDEX known_browser_by_person ON known_browser (person);
