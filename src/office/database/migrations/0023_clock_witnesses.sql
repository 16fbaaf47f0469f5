-- The witnesses of the office's day: what its clock showed before, where it jumped, and what people said of it.

-- The clock's time when it was last found in step, tied to the machine's own count since its start: one row.
CREATE TABLE clock_reference (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    at BIGINT NOT NULL,
    -- The kernel's name of that start; empty where it has none
    boot TEXT NOT NULL,
    -- Milliseconds since then
    uptime BIGINT NOT NULL,
    -- When the running office last looked
    seen_at BIGINT NOT NULL
);

-- Jumps of the clock. Open ones keep decisions and erasures waiting.
CREATE TABLE clock_step (
    number INTEGER PRIMARY KEY,
    -- The trail's last entry before it
    after_entry BIGINT NOT NULL,
    -- The time that the clock should have shown
    expected_at BIGINT NOT NULL,
    shown_at BIGINT NOT NULL,
    -- 1 when the machine was started anew in between, so that more time may have passed
    across_boots INTEGER NOT NULL,
    settled_at BIGINT
);

-- Kiosks whose clocks were found wrong when the day was last confirmed, and by how many milliseconds they were ahead
CREATE TABLE clock_known_wrong (
    kiosk INTEGER PRIMARY KEY REFERENCES kiosk (number),
    ahead BIGINT NOT NULL
);

-- People's statements: that it is this day, and which entries of the trail a wrong clock wrote
CREATE TABLE clock_statement (
    number INTEGER PRIMARY KEY,
    at BIGINT NOT NULL,
    -- As the trail writes an actor
    by_actor TEXT NOT NULL,
    on_day TEXT NOT NULL,
    -- Entries that are void; NULL where only the day was confirmed
    first_entry BIGINT,
    last_entry BIGINT,
    reason TEXT NOT NULL,
    -- With it the trail holds the reason's hash
    salt BLOB NOT NULL
);

-- 1 when it came while the witnesses disagreed: it isn't decided until its day is put right
ALTER TABLE request ADD COLUMN day_in_doubt INTEGER NOT NULL DEFAULT 0;
CREATE INDEX request_day_in_doubt ON request (id) WHERE day_in_doubt = 1;
-- Its years are counted from this day at the earliest: days before were written by a wrong clock
ALTER TABLE request ADD COLUMN kept_from TEXT;
