package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// A ticket that couldn't be read stays unread, and waits for longer after each
// miss. It waits beside the others, so that it holds up none of them.

// markAt marks a ticket changed at the instant in a place of the text.
func markAt(place string) string {
	return `marks = marks + 1, marked_at = ` + place + `, unread_at = CASE WHEN marks > handled THEN unread_at ELSE ` + place + ` END`
}

// Missed lists up to n tickets of a source that couldn't be read, and may be asked
// for again at now; those that wait longest first.
func (s *Store) Missed(ctx context.Context, source string, now time.Time, n int) ([]Row, error) {
	return s.rows(ctx, `WHERE source = $1 AND marks > handled AND misses > 0 AND retry_at <= $2 ORDER BY retry_at, id LIMIT $3 + 0`, source, now.UnixMilli(), n)
}

// NextRetry is when the next ticket of a source that couldn't be read is asked for
// again; zero if there is none.
func (s *Store) NextRetry(ctx context.Context, source string) (time.Time, error) {
	var at sql.NullInt64
	err := s.db.QueryRowContext(ctx, `SELECT min(retry_at) FROM tickets WHERE source = $1 AND marks > handled AND misses > 0`, source).Scan(&at)
	return instant(at), err
}

// RetryNow has the tickets of a source that couldn't be read asked for again now.
func (s *Store) RetryNow(ctx context.Context, source string, now time.Time) error {
	return s.write(ctx, `UPDATE tickets SET retry_at = $2 WHERE source = $1 AND marks > handled AND misses > 0 AND retry_at > $2`, source, now.UnixMilli())
}

// Park notes of a ticket that can't be saved its Problem and Misses; at Retry it is
// read again. All else of it stays as it is.
func (s *Store) Park(ctx context.Context, r Row, at time.Time) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO tickets (source, id, marks, marked_at, unread_at, problem, misses, retry_at) VALUES ($1, $2, 1, $3, $3, $4, $5, $6)
			ON CONFLICT (source, id) DO UPDATE SET problem = excluded.problem, misses = excluded.misses, retry_at = excluded.retry_at,
				marks = CASE WHEN tickets.marks > tickets.handled THEN tickets.marks ELSE tickets.marks + 1 END, `+unreadSince+`,
				wake_at = CASE WHEN tickets.wake_at < excluded.retry_at THEN excluded.retry_at ELSE tickets.wake_at END, saves = tickets.saves + 1`,
			r.Source, r.ID, at.UnixMilli(), clean(r.Problem), r.Misses, kept(r.Retry)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO standings (source, id) VALUES ($1, $2)
			ON CONFLICT (source, id) DO UPDATE SET judged_by = '', since = 0, until = 0`, r.Source, r.ID)
		return err
	})
}

// clean is a vendor's text, such as an error's, with nothing in it that a database
// won't have.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "\ufffd")
}

// Waiting counts the tickets of a source that have been unread since an instant or
// longer, and says since when the first has been: all, or only those that couldn't
// be read.
func (s *Store) Waiting(ctx context.Context, source string, since time.Time, all bool) (n int, first time.Time, err error) {
	var at sql.NullInt64
	err = s.db.QueryRowContext(ctx, `SELECT count(*), min(unread_at) FROM tickets `+waits(all), source, since.UnixMilli()).Scan(&n, &at)
	return n, instant(at), err
}

// LongestWaiting are up to n of those that Waiting counts, by their ids, those that
// have waited longest first.
func (s *Store) LongestWaiting(ctx context.Context, source string, since time.Time, all bool, n int) (ids []string, err error) {
	rows, err := s.rows(ctx, waits(all)+` ORDER BY unread_at, id LIMIT $3 + 0`, source, since.UnixMilli(), n)
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	return ids, err
}

func waits(all bool) string {
	if all {
		return `WHERE source = $1 AND marks > handled AND unread_at <= $2`
	}
	return `WHERE source = $1 AND marks > handled AND misses > 0 AND unread_at <= $2`
}

// Parked counts the unread tickets of a source that have a problem.
func (s *Store) Parked(ctx context.Context, source, problem string) (n int, err error) {
	err = s.db.QueryRowContext(ctx, `
		SELECT count(*) FROM tickets WHERE source = $1 AND marks > handled AND misses > 0 AND problem = $2`, source, problem).Scan(&n)
	return n, err
}

// OpenTickets counts the tickets of a source that are open.
func (s *Store) OpenTickets(ctx context.Context, source string) (n int, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT count(*) FROM standings WHERE source = $1`, source).Scan(&n)
	return n, err
}

// Unstorable says that an error is the database's word on what it was given: the same
// again will have the same error, and something else may not.
func Unstorable(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code[:2] {
		case "22", "23", "54": // bad text, a broken rule, too much
			return true
		}
		return false
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff {
		case sqliteTooBig, sqliteConstraint, sqliteMismatch:
			return true
		}
	}
	return false
}

// SQLite's codes of results that speak of the values.
const (
	sqliteTooBig     = 18
	sqliteConstraint = 19
	sqliteMismatch   = 20
)
