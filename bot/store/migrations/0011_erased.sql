-- Tickets whose texts were taken away for good, and histories that are no longer
-- what was kept of them.

-- +goose Up
CREATE TABLE erased (                      -- nothing that was said in such a ticket is kept
    source     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    at         BIGINT  NOT NULL,           -- since when
    asked      BOOLEAN NOT NULL DEFAULT FALSE, -- somebody asked for it: it stays so, whatever the vendor shows
    PRIMARY KEY (source, id)
);
ALTER TABLE tickets ADD COLUMN anew BIGINT NOT NULL DEFAULT 0; -- the mark that said last that its past was changed: up to then nothing kept of that counts

-- +goose Down
ALTER TABLE tickets DROP COLUMN anew;
DROP TABLE erased;
