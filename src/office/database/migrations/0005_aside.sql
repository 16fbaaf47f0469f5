-- Envelopes that are stored and acknowledged, though nothing has been made of them. 'waiting': staff decide, because the kiosk was
-- revoked; 'beside': it goes with what waits; 'declined': staff said no; 'unknown': a newer program may read it.
ALTER TABLE envelope ADD COLUMN aside TEXT;
CREATE INDEX envelope_aside ON envelope (aside, kiosk) WHERE aside IS NOT NULL;
UPDATE envelope SET aside = 'unknown' WHERE damage IS NOT NULL;
-- What came before its predecessors did, for the page of the kiosks.
CREATE INDEX envelope_behind_gap ON envelope (kiosk) WHERE rooted = 0;
