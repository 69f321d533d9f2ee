// Package store keeps what must survive a restart: the tickets as they were
// last read, the verdicts on them, the actions that follow, how far each list of
// each source has been read, when each schedule was last followed, and which
// webhooks have been seen. What an action is by its kind stands in one table
// (kinds.go), which the SQL is written by; what some kinds alone have is a column
// each.
//
// Nothing here decides anything. Each exported method is one transaction; what
// belongs together, such as a verdict, its wake-up and its actions, is saved by
// one method, so that a crash leaves either all of it or nothing. What is
// scheduled is a row with an instant, never a timer: a missed tick loses
// nothing.
//
// One SQL text serves two databases, a file of SQLite's and PostgreSQL: $1
// parameters, TEXT keys, instants as unix milliseconds in UTC. Where they differ
// is in open.go and copy.go alone. What a method has returned from is on disk:
// SQLite is opened with a write-ahead log and full synchronisation. The schema
// is in migrations/.
//
// What grows: a ticket is about 3 KB here, with its verdict and log, and nothing of
// it is kept in memory. What is asked all the time (what changed, what is due, what
// waits) is answered by partial indexes that hold only what answers it
// (plan_test.go), so a webhook and a judged ticket cost the same among a thousand
// tickets and a hundred thousand. With 10 million open tickets and 100 sources these
// would bound it, the first first:
//
//   - the vendors: a history is one call a ticket, so a first start on one account of
//     100,000 open tickets takes hours at half its quota, however fast this is;
//   - whoever judges all open tickets: the digest and a restart, at some thousands a
//     second. A verdict's version could take the place of the latter;
//   - the board, which reads its counts from an index, a quarter of a microsecond and
//     more for each open ticket, and judges only what it shows and what is outdated
//     (board.go);
//   - one writer: SQLite takes some thousands of transactions a second, PostgreSQL as
//     many as its disk syncs, in each of which up to 250 webhooks or 100 verdicts
//     fit. 10 million tickets that change thrice a day are 350 a second;
//   - Slack, with a message a second and channel, which lists are for.
//
// Sources share nothing but the database, so replicas divide them; tables
// partitioned by source would be next. A replica itself costs some four transactions a
// second at rest, each of a row or two, and up to 11 connections: nine to a server of a
// hundred connections, more behind a larger one.
package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// A Store is one state, shared by all goroutines.
type Store struct {
	db        *sql.DB
	place     place      // of SQLite's file
	oneWriter bool       // SQLite: a second writer would only poll for its turn, for up to 100 ms at a time
	writing   sync.Mutex // so they queue here
	incoming  incoming
	failed    atomic.Int64
	stale     atomic.Bool // something was erased, and is still in the log
	refused   atomic.Bool // the last transaction failed: another may fail, too
}

// Close closes the state.
func (s *Store) Close() error { return s.db.Close() }

// Ping says whether the state can be reached, has our tables, and takes changes,
// which a full disk or a standby doesn't, nor a file that was deleted. That is tried
// only after it took none, with as much as a batch has: a full disk may have room for a
// row in what the log has already.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.place.holds(); err != nil {
		return err
	}
	rows, err := s.db.QueryContext(ctx, `SELECT tickets.id, program.version FROM tickets, program LIMIT 0`) // of the oldest migration and the newest
	if err != nil {
		return s.failure(ctx, err)
	}
	if err := rows.Close(); err != nil || !s.refused.Load() {
		return err
	}
	if err := s.write(ctx, `INSERT INTO cursors (source, list, cursor, read_at) VALUES ('', 'trial', $1, 0) ON CONFLICT (source, list) DO UPDATE SET cursor = excluded.cursor`, strings.Repeat("-", 4<<20)); err != nil {
		return err
	}
	return s.write(ctx, `DELETE FROM cursors WHERE source = '' AND list = 'trial'`)
}

// Failures is how many transactions on this state have failed since it was opened.
func (s *Store) Failures() int64 { return s.failed.Load() }

// failure counts an error that is the database's, not ours nor that of whoever
// gave up.
func (s *Store) failure(ctx context.Context, err error) error {
	if err != nil && ctx.Err() == nil && !errors.Is(err, ErrOvertaken) {
		s.failed.Add(1)
		s.refused.Store(true)
	}
	return err
}

// within runs f in one transaction, and again if PostgreSQL ended it in favour
// of another.
func (s *Store) within(ctx context.Context, f func(tx *sql.Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := s.once(ctx, f)
		if err == nil {
			s.refused.Store(false)
		}
		if attempt == maxAttempts || !yielded(err) {
			return s.failure(ctx, err)
		}
	}
}

const maxAttempts = 5

// yielded says that PostgreSQL gave another transaction the way: a deadlock, or
// rows that changed meanwhile.
func yielded(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40P01" || e.Code == "40001")
}

func (s *Store) once(ctx context.Context, f func(tx *sql.Tx) error) error {
	if s.oneWriter {
		s.writing.Lock()
		defer s.writing.Unlock()
	}
	if err := s.place.holds(); err != nil {
		return err
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		tx.Rollback()
		return err
	}
	return tx.Commit()
}

// write is a transaction of one statement.
func (s *Store) write(ctx context.Context, text string, args ...any) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, text, args...)
		return err
	})
}

// millis is an instant as it is kept; null for the zero time.
func millis(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

// kept is an instant for a column that has 0 for the zero time.
func kept(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func instant(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return time.UnixMilli(ms.Int64).UTC()
}

// query collects the rows of a query.
func query[T any](ctx context.Context, db interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, scan func(*sql.Rows) (T, error), text string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}
