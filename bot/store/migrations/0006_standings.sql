-- Where the tickets stand that the board shows, so that it needn't judge them all.

-- +goose Up
CREATE TABLE standings (                   -- a row for each ticket that is open or parked
    source     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    judged_by  TEXT    NOT NULL DEFAULT '', -- the version of what judged it
    since      BIGINT  NOT NULL DEFAULT 0, -- the instant it was judged at
    until      BIGINT  NOT NULL DEFAULT 0, -- the first instant at which it may stand otherwise: from then on it is to be judged anew
    standing   TEXT    NOT NULL DEFAULT '', -- rules.Standing
    untriaged  BOOLEAN NOT NULL DEFAULT FALSE,
    clocks     TEXT    NOT NULL DEFAULT '', -- "first_reply missed\nresolution running"
    turn       BYTEA   NOT NULL DEFAULT '', -- its place in the board's order, as bytes that compare as it does
    sought     TEXT    NOT NULL DEFAULT '', -- the text that a search looks at, folded
    PRIMARY KEY (source, id)
);
CREATE INDEX standings_alike ON standings (source, standing, untriaged, clocks);
CREATE INDEX standings_turn ON standings (standing, turn, source, untriaged);
CREATE INDEX standings_until ON standings (until);
CREATE INDEX standings_judged ON standings (judged_by, since);
INSERT INTO standings (source, id) SELECT source, id FROM tickets WHERE open OR problem <> '';
DROP INDEX tickets_due;
ALTER TABLE tickets DROP COLUMN due_at;

-- +goose Down
ALTER TABLE tickets ADD COLUMN due_at BIGINT;
CREATE INDEX tickets_due ON tickets (due_at) WHERE open;
DROP TABLE standings;
