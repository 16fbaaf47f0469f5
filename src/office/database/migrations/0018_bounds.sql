-- What one kiosk may cost the office, and what the office remembers of a kiosk to tell an honest one from another.

-- How many envelopes came after the revocation, whatever they are about: more than a limit aren't taken
ALTER TABLE kiosk ADD COLUMN after_revocation BIGINT NOT NULL DEFAULT 0;
UPDATE kiosk SET after_revocation =
    (SELECT COUNT(*) FROM envelope WHERE envelope.kiosk = kiosk.number AND envelope.received_at >= kiosk.revoked_at)
    WHERE revoked_at IS NOT NULL;
-- When this kiosk last showed a head of the trail that the trail holds, and of which day
ALTER TABLE kiosk ADD COLUMN witnessed_at BIGINT;
ALTER TABLE kiosk ADD COLUMN witnessed_on TEXT;

-- The epochs of each kiosk in the order in which the office first heard of them
CREATE TABLE kiosk_epoch (
    number INTEGER PRIMARY KEY,
    kiosk INTEGER NOT NULL REFERENCES kiosk (number),
    epoch BLOB NOT NULL,
    UNIQUE (kiosk, epoch)
);
CREATE INDEX kiosk_epoch_newest ON kiosk_epoch (kiosk, number);
INSERT INTO kiosk_epoch (kiosk, epoch)
    SELECT kiosk, epoch FROM envelope GROUP BY kiosk, epoch ORDER BY MIN(received_at);

-- What a kiosk sent that is no envelope of its own: it is not kept, but for its hash, a limited number a kiosk
CREATE TABLE passed_over (
    kiosk INTEGER NOT NULL REFERENCES kiosk (number),
    -- SHA-256 of its bytes
    hash BLOB NOT NULL,
    at BIGINT NOT NULL,
    -- Why, in English
    cause TEXT NOT NULL,
    PRIMARY KEY (kiosk, hash)
);

-- Each notice that went to the gateway within the last 24 hours, by which their number is limited
CREATE TABLE notice_message (
    notice TEXT PRIMARY KEY REFERENCES notice (id),
    at BIGINT NOT NULL,
    -- Whose registration it tells of; NULL for what the staff did, and for requests of the desk
    kiosk INTEGER REFERENCES kiosk (number),
    mobile TEXT NOT NULL
);
-- A notice may now be unreached because of 'limit', too: so many messages were sent that it is told by telephone.

-- How many backups were made: kiosks hear the number, and keep ratings until one that holds them is among them
ALTER TABLE backup ADD COLUMN made BIGINT NOT NULL DEFAULT 0;

-- Whoever may be one person is looked for among a limited number, beginning with those of the same name.
DROP INDEX beneficiary_by_birth;
CREATE INDEX beneficiary_by_birth ON beneficiary (birth_date, first_word, name_words);

-- All requests are told to the kiosks once more: by now the hash of a code takes in the number.
UPDATE change SET number = number + COALESCE((SELECT last_change FROM office), 0);
UPDATE office SET last_change = last_change + last_change;
