-- Who signed in to the pages and did what there, and which answers of an OpenID Connect issuer were used.

-- +goose Up
CREATE TABLE audit (
    key     TEXT   NOT NULL PRIMARY KEY,  -- what is counted together, or what happened once
    at      BIGINT NOT NULL,              -- the last time
    what    TEXT   NOT NULL,              -- store.Audited
    who     TEXT   NOT NULL DEFAULT '',   -- '' = nobody knows
    origin  TEXT   NOT NULL DEFAULT '',   -- the address that it came from, the last time
    times   BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX actions_requests ON actions (created_at) WHERE kind = 'request';
CREATE TABLE signins (
    state   TEXT   NOT NULL PRIMARY KEY,  -- of an answer that was used: it isn't taken again
    until   BIGINT NOT NULL               -- when it is too old to be taken in any case
);
CREATE INDEX signins_until ON signins (until);

-- +goose Down
DROP TABLE signins;
DROP INDEX actions_requests;
DROP TABLE audit;
