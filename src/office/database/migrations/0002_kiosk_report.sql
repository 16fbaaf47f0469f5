-- What kiosks say of the repairs to their stores, in English as their program says it: no personal data.
CREATE TABLE kiosk_report (
    header_hash BLOB PRIMARY KEY,
    kiosk INTEGER NOT NULL REFERENCES kiosk (number),
    at BIGINT NOT NULL,
    report TEXT NOT NULL
);
CREATE INDEX kiosk_report_by_kiosk ON kiosk_report (kiosk, at);
