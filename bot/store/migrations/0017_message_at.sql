-- What somebody did to a message is told by where that stands.

-- +goose Up
CREATE INDEX messages_at ON messages (channel, ts);

-- +goose Down
DROP INDEX messages_at;
