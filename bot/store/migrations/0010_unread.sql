-- What can't be read is asked for again by itself, and what keeps Vigie from seeing
-- or writing is known to all replicas, and told once.

-- +goose Up
ALTER TABLE tickets ADD COLUMN read_at BIGINT NOT NULL DEFAULT 0;   -- when body was read
ALTER TABLE tickets ADD COLUMN unread_at BIGINT NOT NULL DEFAULT 0; -- since when something of it is unread; means nothing if nothing is
ALTER TABLE tickets ADD COLUMN misses INTEGER NOT NULL DEFAULT 0;   -- how often in a row it couldn't be read
ALTER TABLE tickets ADD COLUMN retry_at BIGINT NOT NULL DEFAULT 0;  -- when it is asked for again after that
UPDATE tickets SET unread_at = marked_at WHERE marks > handled;
CREATE INDEX tickets_missed ON tickets (source, retry_at, id) WHERE marks > handled AND misses > 0;
CREATE TABLE obstacles (                   -- what keeps a source from being read or written, or is to be known of it
    source     TEXT    NOT NULL,
    what       TEXT    NOT NULL,           -- the part of the work, or what it is about
    since      BIGINT  NOT NULL,
    ended      BOOLEAN NOT NULL DEFAULT FALSE, -- it is over, which is still to be told
    fr         TEXT    NOT NULL,
    en         TEXT    NOT NULL,
    PRIMARY KEY (source, what)
);

-- +goose Down
DROP TABLE obstacles;
DROP INDEX tickets_missed;
ALTER TABLE tickets DROP COLUMN retry_at;
ALTER TABLE tickets DROP COLUMN misses;
ALTER TABLE tickets DROP COLUMN unread_at;
ALTER TABLE tickets DROP COLUMN read_at;
