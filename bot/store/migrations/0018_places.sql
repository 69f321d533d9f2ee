-- Hooks and the mail server carry what is told besides the chat, each by itself.

-- +goose Up
DROP INDEX actions_messages;
CREATE INDEX actions_messages ON actions (urgency, created_at, key) WHERE kind NOT IN ('write', 'escalate', 'hook', 'follow', 'mail', 'fallback') AND state IN ('pending', 'started');
CREATE INDEX actions_placed ON actions (channel, urgency, created_at, key) WHERE kind IN ('hook', 'follow', 'mail', 'fallback') AND state IN ('pending', 'started');
CREATE TABLE incidents (                   -- what a hook was last told of a ticket's promise
    source     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    topic      TEXT    NOT NULL,
    cycle      INTEGER NOT NULL,
    place      TEXT    NOT NULL,           -- the hook
    told       TEXT    NOT NULL,           -- 'triggered', 'acknowledged' or 'resolved'
    turns      INTEGER NOT NULL,           -- how often it was told something else: a part of the keys of what it is told
    since      BIGINT  NOT NULL,           -- since when people have been called: who has taken the ticket since has answered that
    PRIMARY KEY (source, id, topic, cycle, place)
);

-- +goose Down
DROP TABLE incidents;
DROP INDEX actions_placed;
DROP INDEX actions_messages;
CREATE INDEX actions_messages ON actions (urgency, created_at, key) WHERE kind NOT IN ('write', 'escalate') AND state IN ('pending', 'started');
