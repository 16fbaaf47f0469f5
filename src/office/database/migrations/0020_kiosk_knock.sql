-- Kiosks that this office doesn't know and that ask to be let in again, as after a restore from a backup that is older than they
CREATE TABLE kiosk_knock (
    -- Shown in the handshake
    tls_pin BLOB PRIMARY KEY,
    number INTEGER NOT NULL CHECK (number BETWEEN 1 AND 9999),
    name TEXT NOT NULL,
    proving_key BLOB NOT NULL,
    first_epoch BLOB NOT NULL,
    -- Of its receipts, sealed to this office
    receipt_key BLOB NOT NULL,
    -- 1 when this office itself has given that number to that key
    proved INTEGER NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);
