package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"time"

	"vigie/rules"
)

// A Logged is a verdict and when it was given.
type Logged struct {
	At      time.Time
	Verdict rules.Verdict
}

// logVerdict adds a verdict to the ticket's log if it says something new against
// what held until then: what merely goes on counting is not. Of several at one
// instant the last stays.
func logVerdict(ctx context.Context, tx *sql.Tx, r Row, at time.Time) error {
	if r.Verdict == nil {
		return nil
	}
	var last string
	err := tx.QueryRowContext(ctx, `
		SELECT verdict FROM verdicts WHERE source = $1 AND id = $2 AND at <= $3 ORDER BY at DESC LIMIT 1`, r.Source, r.ID, at.UnixMilli()).Scan(&last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	substance, err := json.Marshal(withoutTimes(*r.Verdict))
	if err != nil || string(substance) == last {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO verdicts (source, id, at, verdict) VALUES ($1, $2, $3, $4)
		ON CONFLICT (source, id, at) DO UPDATE SET verdict = excluded.verdict`,
		r.Source, r.ID, at.UnixMilli(), string(substance))
	return err
}

// withoutTimes is a verdict without what changes with every second, and without the
// difference to the ticket's tags, which our own write ends.
func withoutTimes(v rules.Verdict) rules.Verdict {
	v.Tags = rules.TagChange{Add: []string{}, Remove: []string{}}
	clocks := make([]rules.Clock, len(v.Clocks))
	for i, c := range v.Clocks {
		if !c.Stopped() {
			c.Elapsed, c.Remaining = 0, 0
		}
		clocks[i] = c
	}
	v.Clocks = clocks
	return v
}

// Verdicts is a ticket's log, oldest first. The seconds used so far of clocks
// that still ran, and the tags to be written, are left out of it.
func (s *Store) Verdicts(ctx context.Context, source, id string) ([]Logged, error) {
	return s.SomeVerdicts(ctx, source, id, 0, math.MaxInt32)
}

// SomeVerdicts are n of those, from the given one on.
func (s *Store) SomeVerdicts(ctx context.Context, source, id string, from, n int) ([]Logged, error) {
	return query(ctx, s.db, func(rows *sql.Rows) (Logged, error) {
		var l Logged
		var at sql.NullInt64
		var verdict string
		if err := rows.Scan(&at, &verdict); err != nil {
			return l, err
		}
		l.At = instant(at)
		return l, json.Unmarshal([]byte(verdict), &l.Verdict)
	}, `SELECT at, verdict FROM verdicts WHERE source = $1 AND id = $2 ORDER BY at LIMIT $3 + 0 OFFSET $4`, source, id, n, from)
}

// CountHistory counts a ticket's actions and logged verdicts.
func (s *Store) CountHistory(ctx context.Context, source, id string) (actions, verdicts int, err error) {
	if err = s.db.QueryRowContext(ctx, `SELECT count(*) FROM actions WHERE source = $1 AND id = $2`, source, id).Scan(&actions); err == nil {
		err = s.db.QueryRowContext(ctx, `SELECT count(*) FROM verdicts WHERE source = $1 AND id = $2`, source, id).Scan(&verdicts)
	}
	return actions, verdicts, err
}
