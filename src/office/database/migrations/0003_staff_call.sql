-- A visitor's call for staff: no personal data. Who answered stands in the trail only, so that no list can rank people.
CREATE TABLE staff_call (
    -- 16 random bytes, from the kiosk
    id BLOB PRIMARY KEY,
    kiosk INTEGER NOT NULL REFERENCES kiosk (number),
    place TEXT NOT NULL,
    language TEXT NOT NULL,
    called_at BIGINT NOT NULL,
    -- When the kiosk last posted it again; written now and then only
    last_asked_at BIGINT NOT NULL,
    -- When the kiosk took it away, or called anew
    ended_at BIGINT,
    -- When somebody said "I'm coming"
    coming_at BIGINT
);
CREATE INDEX staff_call_by_time ON staff_call (called_at);
CREATE INDEX staff_call_by_kiosk ON staff_call (kiosk, called_at);

-- When a page of any member of staff was last in view. One for all: whose it was is nobody's business.
ALTER TABLE office ADD COLUMN watched_at BIGINT NOT NULL DEFAULT 0;
