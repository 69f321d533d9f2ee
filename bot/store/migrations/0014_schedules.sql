-- How far each list of a source has been read, when each schedule was last followed,
-- and what is known of each source: three tables, where all had been names in one.

-- +goose Up
ALTER TABLE cursors RENAME TO named;
CREATE TABLE cursors (
    source     TEXT    NOT NULL,           -- the connector's name in config.toml
    list       TEXT    NOT NULL,           -- changes, history, unsolved; kept: the tickets that are compared with the vendor's
    cursor     TEXT    NOT NULL,
    read_at    BIGINT  NOT NULL,           -- when it was last read; of the unsolved and the kept, when that began
    PRIMARY KEY (source, list)
);
CREATE TABLE schedules (
    name       TEXT    NOT NULL,
    source     TEXT    NOT NULL,           -- '' where there is one for all sources
    ran_at     BIGINT  NOT NULL,           -- when what it asks for was last carried out, or it began
    PRIMARY KEY (name, source)
);
CREATE TABLE sources (
    source     TEXT    PRIMARY KEY,
    asked_at   BIGINT  NOT NULL DEFAULT 0, -- since when news of it is waited for, if none has ever come
    took_at    BIGINT  NOT NULL DEFAULT 0, -- when a ticket of it was last read, to the minute
    gone       INTEGER NOT NULL DEFAULT 0, -- how many open tickets were believed to be gone since gone_since
    gone_since BIGINT  NOT NULL DEFAULT 0
);
CREATE TABLE program (                     -- a row at most: which program has the word
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    version    TEXT    NOT NULL,
    since      BIGINT  NOT NULL
);
INSERT INTO cursors (source, list, cursor, read_at)
    SELECT source, 'changes', cursor, read_at FROM named WHERE source NOT LIKE '%/%' AND source NOT IN ('compact', 'digest', 'flush');
INSERT INTO cursors (source, list, cursor, read_at) SELECT substr(source, 9), 'history', cursor, read_at FROM named WHERE source LIKE 'history/%';
INSERT INTO cursors (source, list, cursor, read_at) SELECT substr(source, 6), 'unsolved', cursor, read_at FROM named WHERE source LIKE 'scan/%';
INSERT INTO cursors (source, list, cursor, read_at) SELECT substr(source, 9), 'kept', cursor, read_at FROM named WHERE source LIKE 'compare/%';
INSERT INTO schedules (name, source, ran_at) SELECT source, '', read_at FROM named WHERE source IN ('compact', 'digest', 'flush');
INSERT INTO schedules (name, source, ran_at) SELECT 'reconcile', substr(source, 11), read_at FROM named WHERE source LIKE 'reconcile/%';
INSERT INTO schedules (name, source, ran_at) SELECT 'issues', substr(source, 8), read_at FROM named WHERE source LIKE 'issues/%';
INSERT INTO sources (source, asked_at) SELECT substr(source, 9), read_at FROM named WHERE source LIKE 'silence/%';
INSERT INTO sources (source, took_at) SELECT substr(source, 6), read_at FROM named WHERE source LIKE 'took/%'
    ON CONFLICT (source) DO UPDATE SET took_at = excluded.took_at;
INSERT INTO sources (source, gone, gone_since) SELECT substr(source, 6), CAST(cursor AS INTEGER), read_at FROM named WHERE source LIKE 'gone/%'
    ON CONFLICT (source) DO UPDATE SET gone = excluded.gone, gone_since = excluded.gone_since;
INSERT INTO program (one, version, since) SELECT 1, cursor, read_at FROM named WHERE source = 'vigie/version';
DROP TABLE named;

-- +goose Down
ALTER TABLE cursors RENAME TO lists_read;
CREATE TABLE cursors (
    source     TEXT    PRIMARY KEY,
    cursor     TEXT    NOT NULL,
    read_at    BIGINT  NOT NULL
);
INSERT INTO cursors (source, cursor, read_at) SELECT
    CASE list WHEN 'changes' THEN '' WHEN 'history' THEN 'history/' WHEN 'unsolved' THEN 'scan/' ELSE 'compare/' END || source, cursor, read_at FROM lists_read;
INSERT INTO cursors (source, cursor, read_at) SELECT name || CASE source WHEN '' THEN '' ELSE '/' || source END, '', ran_at FROM schedules;
INSERT INTO cursors (source, cursor, read_at) SELECT 'silence/' || source, '', asked_at FROM sources WHERE asked_at > 0;
INSERT INTO cursors (source, cursor, read_at) SELECT 'took/' || source, '', took_at FROM sources WHERE took_at > 0;
INSERT INTO cursors (source, cursor, read_at) SELECT 'gone/' || source, CAST(gone AS TEXT), gone_since FROM sources WHERE gone_since > 0;
INSERT INTO cursors (source, cursor, read_at) SELECT 'vigie/version', version, since FROM program;
DROP TABLE program;
DROP TABLE sources;
DROP TABLE schedules;
DROP TABLE lists_read;
