package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"vigie/connectors/desk"
	"vigie/rules"
)

// What is erased must be gone, not merely unlinked. SQLite leaves deleted bytes
// where they were until something is written over them, and its log has whatever
// was written since it was last begun anew. So files are opened with secure_delete,
// which puts zeros in place of what goes; a file from before that is written anew
// once; and after an erasure the log is emptied (Flush). PostgreSQL keeps dead rows
// until its autovacuum comes, some minutes later, and its own log as long as it is
// set to.

// ErasureRequests are a source's tickets that somebody has asked to be erased.
func (s *Store) ErasureRequests(ctx context.Context, source string) (map[string]bool, error) {
	return erasedOf(ctx, s.db, source, `asked`)
}

// erasedOf are the erased tickets of a source of which a condition holds.
func erasedOf(ctx context.Context, db interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, source, condition string) (map[string]bool, error) {
	ids, err := query(ctx, db, func(rows *sql.Rows) (id string, err error) {
		err = rows.Scan(&id)
		return id, err
	}, `SELECT id FROM erased WHERE source = $1 AND `+condition, source)
	if err != nil {
		return nil, fmt.Errorf("erased tickets of %s: %w", source, err)
	}
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set, nil
}

// RequestErasure records that somebody has asked for a ticket to be erased, for whatever
// is read of it from then on, too.
func (s *Store) RequestErasure(ctx context.Context, source, id string, at time.Time) error {
	err := s.within(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO erased (source, id, at, asked) VALUES ($1, $2, $3, TRUE)
			ON CONFLICT (source, id) DO UPDATE SET asked = TRUE`, source, id, at.UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO tickets (source, id, saves) VALUES ($1, $2, 1)
			ON CONFLICT (source, id) DO UPDATE SET saves = tickets.saves + 1`, source, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("note that %s:%s is to be erased: %w", source, id, err)
	}
	return nil
}

// scrub takes what was said in a ticket out of all that is kept beside its row, or
// notes that it has its texts again.
func (s *Store) scrub(ctx context.Context, tx *sql.Tx, r Row, at time.Time) error {
	if r.Ticket == nil || r.Ticket.Erased == nil {
		return nil
	}
	s.Stale()
	if r.Ticket.Erased.Why == "" {
		_, err := tx.ExecContext(ctx, `DELETE FROM erased WHERE source = $1 AND id = $2 AND NOT asked`, r.Source, r.ID)
		return err
	}
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO erased (source, id, at) VALUES ($1, $2, $3) ON CONFLICT (source, id) DO NOTHING`, r.Source, r.ID, at.UnixMilli()); err != nil {
		return err
	}
	for _, text := range []string{
		`DELETE FROM acts WHERE source = $1 AND id = $2`,
		`UPDATE actions SET note = '' WHERE source = $1 AND id = $2 AND note <> ''`, // a vendor's error may echo anything
	} {
		if _, err := tx.ExecContext(ctx, text, r.Source, r.ID); err != nil {
			return err
		}
	}
	return scrubLines(ctx, tx, r)
}

// scrubLines takes the subject and the names out of what lists said of a ticket. The
// lists themselves are brought up to date by their own actions.
func scrubLines(ctx context.Context, tx *sql.Tx, r Row) error {
	type line struct {
		list  string
		place int
		said  rules.Alert
	}
	lines, err := query(ctx, tx, func(rows *sql.Rows) (l line, err error) {
		var said string
		if err = rows.Scan(&l.list, &l.place, &said); err == nil {
			err = json.Unmarshal([]byte(said), &l.said)
		}
		return l, err
	}, `SELECT list, place, said FROM lines WHERE source = $1 AND id = $2`, r.Source, r.ID)
	if err != nil {
		return err
	}
	for _, l := range lines {
		l.said.Subject, l.said.Assignee = "", ""
		text, err := marshal(&l.said)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE lines SET said = $3 WHERE list = $1 AND place = $2`, l.list, l.place, text); err != nil {
			return err
		}
	}
	return nil
}

// Kept lists up to n tickets of a source that were read, after one in the order of
// their ids: those that the vendor may have changed or erased unseen.
func (s *Store) Kept(ctx context.Context, source, after string, n int) ([]Row, error) {
	return s.rows(ctx, `WHERE source = $1 AND id > $2 AND body <> ''
		AND NOT EXISTS (SELECT 1 FROM erased WHERE erased.source = tickets.source AND erased.id = tickets.id AND NOT erased.asked)
		ORDER BY id LIMIT $3 + 0`, source, after, n)
}

// Compared marks tickets changed, as Polled does, and notes how far those that are
// kept have been compared with the vendor's.
func (s *Store) Compared(ctx context.Context, source string, changes []desk.Change, cursor string, at time.Time) error {
	err := s.within(ctx, func(tx *sql.Tx) error {
		for _, c := range changes {
			if err := mark(ctx, tx, source, c, false, at); err != nil {
				return err
			}
		}
		return setCursor(ctx, tx, source, keptList, cursor, at)
	})
	if err != nil {
		return fmt.Errorf("record comparison of %s: %w", source, err)
	}
	return nil
}

// Comparison is up to which of a source's tickets those that are kept have been
// compared with the vendor's; "" where no comparison is under way.
func (s *Store) Comparison(ctx context.Context, source string) (string, error) {
	cursor, _, err := s.cursor(ctx, source, keptList)
	return cursor, err
}

// errReadersLeft says that somebody still reads the log.
var errReadersLeft = errors.New("the log can't be emptied while others read it")

// Stale says that the log has what should be nowhere any more.
func (s *Store) Stale() { s.stale.Store(true) }

// Flush has what was erased leave the log, too. It does nothing where nothing was
// since it last did, and is tried again after an error.
func (s *Store) Flush(ctx context.Context) error {
	if !s.stale.Load() || !s.oneWriter {
		return nil
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	s.stale.Store(false)
	err := emptyLog(ctx, s.db)
	if err != nil {
		s.Stale()
		return fmt.Errorf("empty the log: %w", err)
	}
	return nil
}

// emptyLog writes SQLite's log into the file and cuts it off.
func emptyLog(ctx context.Context, db *sql.DB) error {
	var busy, log, moved int
	err := db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &log, &moved)
	if err == nil && busy != 0 {
		err = errReadersLeft
	}
	return err
}

// rewritten is the user_version of a file in which nothing is left that was deleted
// before secure_delete.
const rewritten = 1

// rewrite writes a file anew that is older than secure_delete, once, and empties the
// log of a program that ended before it could. A disk without room for a second copy
// is no reason not to start; it is tried again at the next.
func rewrite(ctx context.Context, db *sql.DB) error {
	var version int
	if err := db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return err
	}
	if version < rewritten {
		if _, err := db.ExecContext(ctx, `VACUUM`); err != nil {
			return nil
		}
		if _, err := db.ExecContext(ctx, fmt.Sprintf(`PRAGMA user_version = %d`, rewritten)); err != nil {
			return err
		}
	}
	if err := emptyLog(ctx, db); !errors.Is(err, errReadersLeft) {
		return err
	}
	return nil // whoever reads it, such as a backup, leaves it to the next erasure
}

// OpenBeside opens a state for a short change beside the program that works on it.
// It is an error if there is none, or if its schema isn't this program's: only who
// has claimed a state changes that.
func OpenBeside(ctx context.Context, where string) (*Store, error) {
	if !IsPostgres(where) {
		if _, err := os.Stat(where); err != nil {
			return nil, fmt.Errorf("open store: %w; vigie serve makes it", err)
		}
	}
	db, m, err := connect(where)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := current(ctx, db, m); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", shown(where), withRemedy(where, err)), db.Close())
	}
	return &Store{db: db, oneWriter: !IsPostgres(where)}, nil
}
