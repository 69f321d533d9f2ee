-- People are called step by step, and ask for things where they were called.

-- +goose Up
ALTER TABLE actions ADD COLUMN step TEXT NOT NULL DEFAULT '';    -- of a call: which step at which alarm, store.Step as JSON; '' = none
ALTER TABLE actions ADD COLUMN request TEXT NOT NULL DEFAULT ''; -- of a request: who asked for what, store.Request as JSON; '' = none
-- A line of a thread that the channel shows, too, is kept true as the message is.
ALTER TABLE messages ADD COLUMN thread TEXT NOT NULL DEFAULT ''; -- the message in whose thread it stands; '' = it is one of its own

-- +goose Down
ALTER TABLE messages DROP COLUMN thread;
ALTER TABLE actions DROP COLUMN request;
ALTER TABLE actions DROP COLUMN step;
