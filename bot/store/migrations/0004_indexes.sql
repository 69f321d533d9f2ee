-- What is asked for often is found without reading the table, and in its order
-- without sorting, however many tickets have the same instant.

-- +goose Up
DROP INDEX tickets_changed;
DROP INDEX tickets_wake;
CREATE INDEX tickets_changed ON tickets (source, first, marked_at, id) WHERE marks > handled;
CREATE INDEX tickets_wake ON tickets (wake_at, source, id) WHERE wake_at IS NOT NULL;
CREATE INDEX tickets_problem ON tickets (source) WHERE problem <> '';
CREATE INDEX actions_writes ON actions (source, created_at, key) WHERE kind = 'write' AND state IN ('pending', 'started');
CREATE INDEX actions_messages ON actions (urgency, created_at, key) WHERE kind <> 'write' AND state IN ('pending', 'started');
CREATE INDEX actions_parked ON actions (kind, created_at) WHERE state = 'parked';

-- +goose Down
DROP INDEX actions_parked;
DROP INDEX actions_messages;
DROP INDEX actions_writes;
DROP INDEX tickets_problem;
DROP INDEX tickets_wake;
DROP INDEX tickets_changed;
CREATE INDEX tickets_changed ON tickets (source, first, marked_at) WHERE marks > handled;
CREATE INDEX tickets_wake ON tickets (wake_at) WHERE wake_at IS NOT NULL;
