-- The board is narrowed by who holds a ticket, its team, policy, priority and clauses.

-- +goose Up
ALTER TABLE standings ADD COLUMN holder   TEXT NOT NULL DEFAULT ''; -- who sees to the ticket, folded; '' = nobody
ALTER TABLE standings ADD COLUMN team     TEXT NOT NULL DEFAULT '';
ALTER TABLE standings ADD COLUMN policy   TEXT NOT NULL DEFAULT '';
ALTER TABLE standings ADD COLUMN priority TEXT NOT NULL DEFAULT '';
ALTER TABLE standings ADD COLUMN clauses  TEXT NOT NULL DEFAULT ''; -- of its clocks, each between line feeds
-- These two have all that a view asks about, so that no row need be fetched for what isn't in it.
DROP INDEX standings_alike;
DROP INDEX standings_turn;
CREATE INDEX standings_alike ON standings (source, standing, untriaged, clocks, holder, team, policy, priority, clauses);
CREATE INDEX standings_turn ON standings (standing, turn, source, untriaged, holder, team, policy, priority, clauses, id, judged_by, since, until);
-- And these list who and which teams there are.
CREATE INDEX standings_holder ON standings (holder);
CREATE INDEX standings_team ON standings (team);

-- +goose Down
DROP INDEX standings_team;
DROP INDEX standings_holder;
DROP INDEX standings_turn;
DROP INDEX standings_alike;
CREATE INDEX standings_alike ON standings (source, standing, untriaged, clocks);
CREATE INDEX standings_turn ON standings (standing, turn, source, untriaged);
ALTER TABLE standings DROP COLUMN clauses;
ALTER TABLE standings DROP COLUMN priority;
ALTER TABLE standings DROP COLUMN policy;
ALTER TABLE standings DROP COLUMN team;
ALTER TABLE standings DROP COLUMN holder;
