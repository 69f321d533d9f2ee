-- One SQL text for SQLite and PostgreSQL: TEXT keys, BIGINT unix milliseconds.

-- +goose Up
CREATE TABLE tickets (
    source     TEXT    NOT NULL,           -- the connector's name in config.toml
    id         TEXT    NOT NULL,           -- the vendor's id or key
    version    TEXT    NOT NULL DEFAULT '', -- the vendor's version that body was read at
    body       TEXT    NOT NULL DEFAULT '', -- rules.Ticket as JSON; '' until it was read
    verdict    TEXT    NOT NULL DEFAULT '', -- rules.Verdict as JSON, of the last evaluation
    written    TEXT    NOT NULL DEFAULT '{}', -- field id -> the value that Vigie wrote last
    wake_at    BIGINT,                     -- when the verdict changes by itself; NULL = never
    due_at     BIGINT,                     -- the nearest due instant of a running clock, for the board
    marks      BIGINT  NOT NULL DEFAULT 0, -- how often the vendor said that it changed
    handled    BIGINT  NOT NULL DEFAULT 0, -- up to which of these it has been read
    marked_at  BIGINT  NOT NULL DEFAULT 0, -- when it was last said to have changed
    open       BOOLEAN NOT NULL DEFAULT FALSE, -- neither solved nor gone, by the last reading
    first      BOOLEAN NOT NULL DEFAULT FALSE, -- found by the first start: what is past then is not news
    problem    TEXT    NOT NULL DEFAULT '', -- why it can't be read or judged; '' = it can
    PRIMARY KEY (source, id)
);
CREATE INDEX tickets_changed ON tickets (source, first, marked_at) WHERE marks > handled;
CREATE INDEX tickets_wake ON tickets (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX tickets_due ON tickets (due_at) WHERE open;

CREATE TABLE verdicts (                    -- each verdict that differed from the one before: the proof of every date
    source     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    at         BIGINT  NOT NULL,
    verdict    TEXT    NOT NULL,
    PRIMARY KEY (source, id, at)
);

CREATE TABLE actions (                     -- every effect, written down before it is carried out
    key        TEXT    PRIMARY KEY,        -- names the effect for good: "warn/zendesk:42/update/3/75%"
    kind       TEXT    NOT NULL,           -- write, warn, breach, triage, edit, say
    source     TEXT    NOT NULL,
    id         TEXT    NOT NULL,           -- the ticket's; '' for a notice about none
    body       TEXT    NOT NULL,           -- a message's topic, or its text; of a write, what the vendor still works on
    cycle      INTEGER NOT NULL DEFAULT 0, -- of which cycle an alarm speaks
    state      TEXT    NOT NULL CHECK (state IN ('pending', 'started', 'done', 'dropped', 'skipped', 'parked')),
    urgency    INTEGER NOT NULL,           -- 0 goes first
    not_before BIGINT  NOT NULL,           -- when it may be tried (again)
    attempts   INTEGER NOT NULL DEFAULT 0, -- failures since it was called for
    armed      INTEGER NOT NULL DEFAULT 1, -- how often it was called for
    channel    TEXT    NOT NULL DEFAULT '', -- where a message was last being posted
    created_at BIGINT  NOT NULL,
    ended_at   BIGINT,                     -- when it was done, dropped or parked
    note       TEXT    NOT NULL DEFAULT '' -- the last error, or why it was dropped, skipped or parked
);
CREATE INDEX actions_pending ON actions (not_before) WHERE state IN ('pending', 'started');
CREATE INDEX actions_ticket ON actions (source, id);

CREATE TABLE messages (                    -- the one Slack message of each ticket and metric, in each channel that was told
    source     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    metric     TEXT    NOT NULL,           -- "triage" is one, too
    route      TEXT    NOT NULL,           -- the channel as the configuration names it
    language   TEXT    NOT NULL,
    channel    TEXT    NOT NULL,           -- its id
    ts         TEXT    NOT NULL,
    shown      TEXT    NOT NULL,           -- digest of what it says
    cycle      INTEGER NOT NULL,           -- of which cycle it speaks
    PRIMARY KEY (source, id, metric, route)
);

CREATE TABLE cursors (                     -- how far each source has been read
    source     TEXT    PRIMARY KEY,
    cursor     TEXT    NOT NULL,
    read_at    BIGINT  NOT NULL            -- when news of it last came
);

CREATE TABLE webhooks (                    -- deliveries seen, so that a repeated one is known
    source     TEXT    NOT NULL,
    delivery   TEXT    NOT NULL,
    at         BIGINT  NOT NULL,
    tickets    TEXT    NOT NULL,           -- ids, as JSON
    PRIMARY KEY (source, delivery)
);

-- +goose Down
DROP TABLE webhooks;
DROP TABLE cursors;
DROP TABLE messages;
DROP TABLE actions;
DROP TABLE verdicts;
DROP TABLE tickets;
