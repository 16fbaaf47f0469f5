-- The order in which requests came. Lists are sorted by the day of receipt and then by this: what comes is written at the
-- end of a list's index, where the ids, which are random, fall all over it.
ALTER TABLE request ADD COLUMN arrival BIGINT NOT NULL DEFAULT 0;
WITH counted AS (SELECT id AS counted_id, ROW_NUMBER() OVER (ORDER BY arrived_at, id) AS place FROM request)
UPDATE request SET arrival = counted.place FROM counted WHERE counted.counted_id = request.id;
CREATE UNIQUE INDEX request_by_arrival ON request (arrival);

DROP INDEX request_by_day;
DROP INDEX request_by_stage;
DROP INDEX request_by_service;
DROP INDEX request_incomplete;
DROP INDEX request_ready;
DROP INDEX request_objected;
DROP INDEX request_doubtful;
CREATE INDEX request_by_day ON request
    (received_on, arrival, stage, documents_complete, service, category, channel, beneficiary, kiosk);
CREATE INDEX request_by_stage ON request
    (stage, received_on, arrival, documents_complete, service, category, channel, beneficiary, kiosk);
CREATE INDEX request_by_service ON request
    (service, received_on, arrival, stage, documents_complete, category, channel, beneficiary, kiosk);
CREATE INDEX request_incomplete ON request
    (received_on, arrival, stage, documents_complete, service, category, channel, beneficiary, kiosk)
    WHERE documents_complete = 0 AND stage || '' IN ('under_study', 'accepted');
CREATE INDEX request_ready ON request
    (received_on, arrival, stage, documents_complete, service, category, channel, beneficiary, kiosk)
    WHERE documents_complete = 1 AND stage || '' = 'under_study';
CREATE INDEX request_objected ON request (received_on, arrival)
    WHERE objected_on IS NOT NULL AND stage || '' = 'under_study';
CREATE INDEX request_doubtful ON request (received_on, arrival) WHERE doubt IS NOT NULL;

-- What stands behind an envelope is found by its place; what an envelope without a request is about, by its number alone.
DROP INDEX envelope_by_previous;
DROP INDEX envelope_by_number;
CREATE INDEX envelope_by_number ON envelope (tracking_number) WHERE request IS NULL AND tracking_number IS NOT NULL;
