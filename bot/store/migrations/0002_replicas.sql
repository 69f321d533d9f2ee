-- What several programs need that work on one state.

-- +goose Up
ALTER TABLE tickets ADD COLUMN saves BIGINT NOT NULL DEFAULT 0;     -- how often it was saved: what was judged from an older row is refused
ALTER TABLE tickets ADD COLUMN listed_at BIGINT NOT NULL DEFAULT 0; -- when the last list of unsolved tickets began that it was in

-- +goose Down
ALTER TABLE tickets DROP COLUMN listed_at;
ALTER TABLE tickets DROP COLUMN saves;
