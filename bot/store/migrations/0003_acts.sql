-- +goose Up
CREATE TABLE acts (                        -- what was done to tickets, as the vendor tells it: a history needn't be read twice
    source     TEXT    NOT NULL,
    id         TEXT    NOT NULL,           -- the ticket's
    act        TEXT    NOT NULL,           -- the act's own id, the vendor's
    at         BIGINT  NOT NULL,
    body       TEXT    NOT NULL,           -- the connector's
    PRIMARY KEY (source, id, act)
);

-- +goose Down
DROP TABLE acts;
