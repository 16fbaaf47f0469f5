-- Notices to people (P5), made in the transaction of what they tell: neither lost nor sent for what was taken back. A
-- notice holds no text and no number: both are made from the request when it is sent, so that a corrected number counts
-- and nothing is left behind by an erasure.
CREATE TABLE notice (
    -- 32 hexadecimal digits; the gateway hears it, so that it can drop what comes twice
    id TEXT PRIMARY KEY,
    request TEXT NOT NULL REFERENCES request (id),
    kind TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    -- When it is tried next; while it is being tried, when whoever tries it counts as gone
    due_at BIGINT NOT NULL,
    -- 'waiting'; 'sent': the gateway has taken it; 'overtaken': no longer true, or somebody has told the person since;
    -- 'unreached': it is on the call list; 'told': by a person
    state TEXT NOT NULL,
    -- Why it is unreached: 'no_mobile', 'wrong_number', 'attempts' (used up) or 'no_gateway'
    why TEXT,
    attempts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX notice_by_request ON notice (request, made_at);
CREATE INDEX notice_due ON notice (due_at) WHERE state = 'waiting';
-- The call list
CREATE INDEX notice_unreached ON notice (request) WHERE state = 'unreached';
-- Repeated changes of one kind become one notice, as long as it hasn't been tried
CREATE UNIQUE INDEX notice_untried ON notice (request, kind) WHERE state = 'waiting' AND attempts = 0;

-- Each try to send a notice
CREATE TABLE notice_attempt (
    notice TEXT NOT NULL REFERENCES notice (id),
    -- From 1
    number INTEGER NOT NULL,
    at BIGINT NOT NULL,
    -- NULL while it is under way, and for ever when the office stopped meanwhile
    outcome TEXT,
    status INTEGER,
    -- What the gateway said, shortened, without text, number and key
    answer TEXT NOT NULL,
    PRIMARY KEY (notice, number)
);

-- What is known of reaching the people of a request by telephone
CREATE TABLE notice_contact (
    request TEXT PRIMARY KEY REFERENCES request (id),
    -- The day from which to call again
    call_from TEXT NOT NULL
);

-- Somebody said that this number is a stranger's (E.164): nothing about this request goes there any more
CREATE TABLE notice_wrong_mobile (
    request TEXT NOT NULL REFERENCES request (id),
    mobile TEXT NOT NULL,
    PRIMARY KEY (request, mobile)
);

-- Each call by a member of staff
CREATE TABLE notice_call (
    number INTEGER PRIMARY KEY,
    request TEXT NOT NULL REFERENCES request (id),
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    -- 'reached', 'not_reached' or 'wrong_number'
    outcome TEXT NOT NULL
);
CREATE INDEX notice_call_by_request ON notice_call (request, number);

-- How often the status page was opened or refused by day, without who
CREATE TABLE status_page_count (
    day TEXT PRIMARY KEY,
    shown BIGINT NOT NULL,
    refused BIGINT NOT NULL
);
