package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"
)

// An Incident is what a hook was told of a cycle of a ticket's promise. It is noted
// before the hook is told, so that whatever dies meanwhile the hook hears the end.
type Incident struct {
	Source, ID, Topic string
	Cycle             int
	Place             string    // the hook, as "hook:pager"
	Told              string    // a rules.NewsKind: what it was told last, or is being told
	Turns             int       // how often it was told something else than before
	Since             time.Time // since when people have been called about it
}

// Incidents are those of a ticket.
func (s *Store) Incidents(ctx context.Context, source, id string) ([]Incident, error) {
	return query(ctx, s.db, func(rows *sql.Rows) (Incident, error) {
		i := Incident{Source: source, ID: id}
		var since sql.NullInt64
		err := rows.Scan(&i.Topic, &i.Cycle, &i.Place, &i.Told, &i.Turns, &since)
		i.Since = instant(since)
		return i, err
	}, `SELECT topic, cycle, place, told, turns, since FROM incidents WHERE source = $1 AND id = $2 ORDER BY topic, cycle, place`, source, id)
}

// StartIncident notes that an action is about to tell a hook. What was over begins anew.
func (s *Store) StartIncident(ctx context.Context, a Action, i Incident) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO incidents (source, id, topic, cycle, place, told, turns, since) VALUES ($1, $2, $3, $4, $5, $6, 0, $7)
			ON CONFLICT (source, id, topic, cycle, place) DO UPDATE SET told = excluded.told, turns = incidents.turns + CASE WHEN incidents.told = excluded.told THEN 0 ELSE 1 END,
				since = CASE WHEN incidents.told = 'resolved' THEN excluded.since ELSE incidents.since END`,
			i.Source, i.ID, i.Topic, i.Cycle, i.Place, i.Told, i.Since.UnixMilli()); err != nil {
			return fmt.Errorf("note what %s is told: %w", i.Place, err)
		}
		return start(ctx, tx, a.Channel, a)
	})
}

// EndFollow ends an action as End does, and notes what it has told a hook.
func (s *Store) EndFollow(ctx context.Context, a Action, i Incident, at time.Time) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `
			UPDATE incidents SET told = $6, turns = turns + 1 WHERE source = $1 AND id = $2 AND topic = $3 AND cycle = $4 AND place = $5`,
			i.Source, i.ID, i.Topic, i.Cycle, i.Place, i.Told); err != nil {
			return fmt.Errorf("note what %s was told: %w", i.Place, err)
		}
		return end(ctx, tx, a, Done, "", at)
	})
}

// Placed lists up to n actions that a hook or the mail server may try at now, the most
// urgent first, then the oldest.
func (s *Store) Placed(ctx context.Context, place string, now time.Time, n int) ([]Action, error) {
	return s.actions(ctx, `WHERE `+waiting+isPlaced+` AND channel = $1 AND not_before <= $2
		ORDER BY urgency, created_at, key LIMIT $3 + 0`, place, now.UnixMilli(), n)
}

// NextPlaced is when the next action that waits for a hook or the mail server may be
// tried; zero if none waits.
func (s *Store) NextPlaced(ctx context.Context, place string) (time.Time, error) {
	var at sql.NullInt64
	err := s.db.QueryRowContext(ctx, `SELECT min(not_before) FROM actions WHERE `+waiting+isPlaced+` AND channel = $1`, place).Scan(&at)
	return instant(at), err
}

// WaitingLists are the lists of alarms that wait to be said.
func (s *Store) WaitingLists(ctx context.Context) ([]Action, error) {
	return s.actions(ctx, `WHERE `+waiting+isMessage+` AND `+isList+` ORDER BY urgency, created_at, key`)
}

// DropPlaced drops what waits for a hook or a mail server that the configuration no
// longer has. Those that it has are known.
func (s *Store) DropPlaced(ctx context.Context, known []string, at time.Time) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		waits, err := query(ctx, tx, func(r *sql.Rows) (Action, error) { return scanAction(r) }, `SELECT `+actionColumns+` FROM actions WHERE `+waiting+isPlaced)
		for _, a := range waits {
			if !slices.Contains(known, a.Channel) {
				err = cmp.Or(err, end(ctx, tx, a, Dropped, a.Channel+" is not in the configuration", at))
			}
		}
		return err
	})
}

// TryPlaced has all that hooks or the mail server have refused be tried at an instant.
func (s *Store) TryPlaced(ctx context.Context, at time.Time) error {
	return s.write(ctx, `UPDATE actions SET state = 'pending', not_before = $1, attempts = 0, ended_at = NULL WHERE state = 'parked' AND `+isPlaced, at.UnixMilli())
}
