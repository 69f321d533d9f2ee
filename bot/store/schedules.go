package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// A Schedule is something that is done again and again. Some are each source's own;
// the others have the source "".
type Schedule string

const (
	Compacting  Schedule = "compact"
	DailyDigest Schedule = "digest"
	Flushing    Schedule = "flush"
	Handovers   Schedule = "handovers" // of a user group, which stands in the source's place
	Reconciling Schedule = "reconcile" // of a source
	Issues      Schedule = "issues"    // of a source
)

// Ran notes when what a schedule asks for was last carried out.
func (s *Store) Ran(ctx context.Context, schedule Schedule, source string, at time.Time) error {
	return s.write(ctx, `
		INSERT INTO schedules (name, source, ran_at) VALUES ($1, $2, $3)
		ON CONFLICT (name, source) DO UPDATE SET ran_at = excluded.ran_at`, schedule, source, at.UnixMilli())
}

// LastRan is when that was; zero if it never was.
func (s *Store) LastRan(ctx context.Context, schedule Schedule, source string) (time.Time, error) {
	var at sql.NullInt64
	err := s.db.QueryRowContext(ctx, `SELECT ran_at FROM schedules WHERE name = $1 AND source = $2`, schedule, source).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return instant(at), err
}
