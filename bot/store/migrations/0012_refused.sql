-- What was refused waits to be tried again, and is known by what refuses it.

-- +goose Up
ALTER TABLE actions ADD COLUMN refused TEXT NOT NULL DEFAULT '';     -- the channel that refuses it, or its own key if it is refused everywhere; '' = nothing does
ALTER TABLE actions ADD COLUMN refused_at BIGINT NOT NULL DEFAULT 0; -- since when
CREATE INDEX actions_refused ON actions (refused) WHERE state IN ('pending', 'started') AND refused <> '';

-- +goose Down
DROP INDEX actions_refused;
ALTER TABLE actions DROP COLUMN refused_at;
ALTER TABLE actions DROP COLUMN refused;
