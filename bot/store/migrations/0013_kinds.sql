-- Actions of one kind each, with a column for each thing that some of them have,
-- where one text had been five things.

-- +goose Up
ALTER TABLE actions ADD COLUMN topic TEXT NOT NULL DEFAULT '';    -- of a ticket's message
ALTER TABLE actions ADD COLUMN list TEXT NOT NULL DEFAULT '';     -- the list that says an alarm instead of it, or that an amendment brings up to date
ALTER TABLE actions ADD COLUMN obstacle TEXT NOT NULL DEFAULT ''; -- of a silence: what it is about; '' = that the source gives no news
ALTER TABLE actions ADD COLUMN since BIGINT NOT NULL DEFAULT 0;   -- of a silence: when it began
ALTER TABLE actions ADD COLUMN underway TEXT NOT NULL DEFAULT ''; -- of a write: what the vendor still works on, store.Underway as JSON; '' = nothing

UPDATE actions SET kind = 'summary', source = substr(key, 9) WHERE kind = 'say' AND key LIKE 'summary/%';
UPDATE actions SET kind = 'digest' WHERE kind = 'say' AND key LIKE 'digest/%';
UPDATE actions SET kind = 'opening' WHERE kind = 'say' AND key LIKE 'opening/%';
UPDATE actions SET kind = 'outage' WHERE kind = 'say' AND key LIKE 'catchup/outage/%';
UPDATE actions SET kind = 'storm' WHERE kind = 'say' AND key LIKE 'catchup/%';
UPDATE actions SET kind = 'silence' WHERE kind = 'say' AND key LIKE 'silence/%';
UPDATE actions SET kind = 'amend', list = body WHERE kind = 'edit' AND id = '';

UPDATE actions SET underway = body WHERE kind = 'write';
UPDATE actions SET topic = body WHERE kind IN ('breach', 'warn', 'triage', 'unlinked', 'repaired', 'flag', 'edit');
-- An alarm that a list has taken over says so in its note, which is empty for an
-- erased ticket; a list that waits names its alarms, one a line.
UPDATE actions SET list = substr(note, 9) WHERE state = 'done' AND note LIKE 'said in %' AND topic <> '';
UPDATE actions SET list = (
    SELECT min(l.key) FROM actions l
    WHERE l.kind IN ('opening', 'outage', 'storm') AND l.state IN ('pending', 'started') AND replace('
' || l.body || '
', '
' || actions.key || '
', '') <> '
' || l.body || '
')
    WHERE state = 'done' AND kind IN ('breach', 'warn', 'triage', 'unlinked', 'repaired', 'flag') AND list = '' AND EXISTS (
    SELECT 1 FROM actions l
    WHERE l.kind IN ('opening', 'outage', 'storm') AND l.state IN ('pending', 'started') AND replace('
' || l.body || '
', '
' || actions.key || '
', '') <> '
' || l.body || '
');
-- A silence was named by when it began, such as 2026-11-27T09:30:00.5Z, and what it
-- is about. The days up to a date are counted from 1970, for the years up to 2099.
UPDATE actions SET obstacle = substr(ltrim(body, '0123456789-:.TZ'), 2), since = ((
        367 * CAST(substr(body, 1, 4) AS BIGINT)
        - 7 * (CAST(substr(body, 1, 4) AS BIGINT) + (CAST(substr(body, 6, 2) AS BIGINT) + 9) / 12) / 4
        + 275 * CAST(substr(body, 6, 2) AS BIGINT) / 9
        + CAST(substr(body, 9, 2) AS BIGINT) - 719574) * 86400
        + CAST(substr(body, 12, 2) AS BIGINT) * 3600 + CAST(substr(body, 15, 2) AS BIGINT) * 60 + CAST(substr(body, 18, 2) AS BIGINT)) * 1000
        + CASE WHEN substr(body, 20, 1) = '.' THEN CAST(substr(rtrim(substr(body, 21, length(body) - length(ltrim(body, '0123456789-:.TZ')) - 20), 'Z') || '000', 1, 3) AS BIGINT) ELSE 0 END
    WHERE kind = 'silence';
ALTER TABLE actions DROP COLUMN body;
CREATE INDEX actions_list ON actions (list) WHERE list <> '';

-- +goose Down
DROP INDEX actions_list;
ALTER TABLE actions ADD COLUMN body TEXT NOT NULL DEFAULT '';
UPDATE actions SET body = topic WHERE topic <> '';
UPDATE actions SET body = underway WHERE kind = 'write';
UPDATE actions SET kind = 'edit', body = list WHERE kind = 'amend';
UPDATE actions SET body = substr(key, length(source) + 10) WHERE kind = 'silence';
UPDATE actions SET source = '' WHERE kind = 'summary';
UPDATE actions SET kind = 'say' WHERE kind IN ('summary', 'digest', 'opening', 'outage', 'storm', 'silence');
ALTER TABLE actions DROP COLUMN underway;
ALTER TABLE actions DROP COLUMN since;
ALTER TABLE actions DROP COLUMN obstacle;
ALTER TABLE actions DROP COLUMN list;
ALTER TABLE actions DROP COLUMN topic;
