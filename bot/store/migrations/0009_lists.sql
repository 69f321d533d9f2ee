-- What is held says for which channel, and what lists say is known, so that it can
-- be kept true.

-- +goose Up
ALTER TABLE actions ADD COLUMN held TEXT NOT NULL DEFAULT ''; -- the channel that an alarm waits for, or waited for, until its team opens
UPDATE actions SET held = channel, attempts = 0
    WHERE state = 'pending' AND kind IN ('breach', 'warn', 'triage', 'unlinked', 'repaired') AND channel <> ''
    AND (attempts = 0 OR note = 'gathered until opening');
CREATE TABLE lists (                       -- the Slack messages that name several tickets
    key        TEXT    PRIMARY KEY,        -- the key of the action that says it
    head       TEXT    NOT NULL,
    language   TEXT    NOT NULL,
    channel    TEXT    NOT NULL,           -- its id; '' until the message is known to be there
    ts         TEXT    NOT NULL
);
CREATE TABLE lines (                       -- what a list says of a ticket
    list       TEXT    NOT NULL,
    place      INTEGER NOT NULL,           -- from the top
    source     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    said       TEXT    NOT NULL,           -- rules.Alert as JSON
    PRIMARY KEY (list, place)
);
CREATE INDEX lines_ticket ON lines (source, id);

-- +goose Down
DROP TABLE lines;
DROP TABLE lists;
ALTER TABLE actions DROP COLUMN held;
