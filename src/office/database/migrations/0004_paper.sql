-- Every print about a request: what, by whom, and how it ended. It may arrive before its request.
CREATE TABLE print (
    -- The header's hash of the kiosk's envelope; random bytes for the desk's own
    id BLOB PRIMARY KEY,
    tracking_number TEXT NOT NULL,
    -- NULL: at the desk
    kiosk INTEGER REFERENCES kiosk (number),
    at BIGINT NOT NULL,
    -- What was printed, in which language, and the outcome, as JSON: nothing is searched in it
    print TEXT NOT NULL
);
CREATE INDEX print_by_number ON print (tracking_number, at);

-- How each kiosk was when it was last heard; only the newest.
CREATE TABLE heartbeat (
    kiosk INTEGER PRIMARY KEY REFERENCES kiosk (number),
    at BIGINT NOT NULL,
    -- As the kiosk sent it, as JSON
    heartbeat TEXT NOT NULL
);
