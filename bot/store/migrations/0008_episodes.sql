-- How often each alarm of a ticket has had a reason, so that it calls once each time.

-- +goose Up
ALTER TABLE tickets ADD COLUMN episodes TEXT NOT NULL DEFAULT '{}'; -- rules.Episodes as JSON

-- +goose Down
ALTER TABLE tickets DROP COLUMN episodes;
