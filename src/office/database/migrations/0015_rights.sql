-- An ask is a person's, whatever requests there are of them; `request` is the one by which it was entered. NULL where nothing
-- was found of whoever asks, and once everything of the person was erased.
ALTER TABLE privacy_ask ADD COLUMN beneficiary BIGINT REFERENCES beneficiary (number);
UPDATE privacy_ask SET beneficiary = (SELECT belongs_to FROM request WHERE request.id = privacy_ask.request);
CREATE INDEX privacy_ask_by_beneficiary ON privacy_ask (beneficiary);
