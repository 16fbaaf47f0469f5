-- The research committee's sessions, what is decided in them, and their sealed minutes (P17 to P21, P23).

-- For the work lists; computed from the events like the columns beside them. The day of the decision that counts now,
-- and the day of the objection to the last refusal.
ALTER TABLE request ADD COLUMN decided_on TEXT;
ALTER TABLE request ADD COLUMN objected_on TEXT;
UPDATE request SET decided_on =
    (SELECT MAX(on_day) FROM request_event WHERE request_event.request = request.id AND event LIKE '{"kind":"decided"%');

CREATE TABLE committee_session (
    id TEXT PRIMARY KEY,
    -- As it stands on paper: 1, 2, 3 …
    number BIGINT NOT NULL UNIQUE,
    on_day TEXT NOT NULL,
    -- So many members decide a case at least; fixed when the session was made
    quorum BIGINT NOT NULL,
    -- Counts what is changed in the session, so that a page that is out of date is noticed
    version BIGINT NOT NULL,
    sealed_at BIGINT,
    sealed_by TEXT,
    -- SHA-256 over the minutes; the trail holds it, too
    seal BLOB
);

CREATE TABLE committee_member (
    session TEXT NOT NULL REFERENCES committee_session (id),
    id TEXT NOT NULL,
    -- NULL: from outside the staff
    person TEXT,
    -- As it was then
    name TEXT NOT NULL,
    present INTEGER NOT NULL,
    PRIMARY KEY (session, id)
);

CREATE TABLE committee_case (
    session TEXT NOT NULL REFERENCES committee_session (id),
    request TEXT NOT NULL REFERENCES request (id),
    tracking_number TEXT NOT NULL,
    service TEXT NOT NULL,
    -- The order on the paper
    place BIGINT NOT NULL,
    decision TEXT,
    decided_at BIGINT,
    decided_by TEXT,
    -- Who decided: members' ids, as a JSON list
    took_part TEXT,
    -- 'objection' or 'anew', when the case was decided before …
    looks_again TEXT,
    -- … and in which session that was, where it was in one
    earlier TEXT,
    -- Personal: why it is to be decided anew, why it was decided so, and what was granted. Erasing a person destroys them
    -- with the salt; the hashes stay, so that the seal does.
    anew_because TEXT,
    reason TEXT,
    granted TEXT,
    salt BLOB,
    anew_because_hash TEXT,
    reason_hash TEXT,
    granted_hash TEXT,
    PRIMARY KEY (session, request)
);
CREATE INDEX committee_case_by_request ON committee_case (request);

-- Who steps aside in a case and isn't counted in it
CREATE TABLE committee_aside (
    session TEXT NOT NULL,
    request TEXT NOT NULL,
    member TEXT NOT NULL,
    PRIMARY KEY (session, request, member),
    FOREIGN KEY (session, request) REFERENCES committee_case (session, request),
    FOREIGN KEY (session, member) REFERENCES committee_member (session, id)
);

-- Forms that were taken: the same one sent twice counts once.
CREATE TABLE taken_form (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);
