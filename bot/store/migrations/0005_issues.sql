-- The issues that those who repair have of tickets, and what was done about them.

-- +goose Up
CREATE TABLE issues (                      -- an issue as it was last seen
    tracker    TEXT    NOT NULL,           -- the name of its source
    issue      TEXT    NOT NULL,           -- the vendor's id, which stays when it moves
    body       TEXT    NOT NULL,           -- store.Issue as JSON
    PRIMARY KEY (tracker, issue)
);
CREATE TABLE links (                       -- which issue a ticket has; several tickets may share one
    source     TEXT    NOT NULL,
    id         TEXT    NOT NULL,           -- the ticket's
    tracker    TEXT    NOT NULL,
    issue      TEXT    NOT NULL,
    body       TEXT    NOT NULL,           -- store.Link as JSON
    PRIMARY KEY (source, id)
);
CREATE INDEX links_issue ON links (tracker, issue, source, id);
DROP INDEX actions_messages;
CREATE INDEX actions_messages ON actions (urgency, created_at, key) WHERE kind NOT IN ('write', 'escalate') AND state IN ('pending', 'started');
CREATE INDEX actions_escalations ON actions (source, created_at, key) WHERE kind = 'escalate' AND state IN ('pending', 'started');

-- +goose Down
DROP INDEX actions_escalations;
DROP INDEX actions_messages;
CREATE INDEX actions_messages ON actions (urgency, created_at, key) WHERE kind <> 'write' AND state IN ('pending', 'started');
DROP TABLE links;
DROP TABLE issues;
