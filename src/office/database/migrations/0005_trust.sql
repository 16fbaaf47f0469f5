-- Envelopes that are stored and acknowledged, though nothing has been made of them. 'waiting': staff decide, because the kiosk was
-- revoked; 'beside': it goes with what waits; 'declined': staff said no; 'unknown': a newer program may read it.
ALTER TABLE envelope ADD COLUMN aside TEXT;
CREATE INDEX envelope_aside ON envelope (aside, kiosk) WHERE aside IS NOT NULL;
UPDATE envelope SET aside = 'unknown' WHERE damage IS NOT NULL;
-- What came before its predecessors did, for the page of the kiosks.
CREATE INDEX envelope_behind_gap ON envelope (kiosk) WHERE rooted = 0;

-- Every catalogue that went out to the kiosks, as its file; a request keeps the version that it answered.
CREATE TABLE catalogue (
    version BIGINT PRIMARY KEY,
    text TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    -- The number of the change under which kiosks hear of it
    change BIGINT NOT NULL
);
