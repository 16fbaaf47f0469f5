-- Envelopes that a kiosk's signed record names as lost for good: acknowledgements go on behind them. They are taken as
-- usual where they arrive after all.
CREATE TABLE loss (
    kiosk INTEGER NOT NULL REFERENCES kiosk (number),
    epoch BLOB NOT NULL,
    first_lost BIGINT NOT NULL,
    last_lost BIGINT NOT NULL,
    -- The header hash of the last one, which the envelope behind it names
    resumes_after BLOB NOT NULL,
    -- 1 when everything before it in its epoch is here, or named as lost itself
    reached INTEGER NOT NULL,
    PRIMARY KEY (kiosk, epoch, first_lost, last_lost, resumes_after)
);
