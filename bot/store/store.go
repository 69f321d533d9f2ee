// Package store keeps what must survive a restart: the tickets as they were
// last read, the verdicts on them, the actions that follow, how far each source
// has been read, and which webhooks have been seen.
//
// Nothing here decides anything. Each exported method is one transaction; what
// belongs together, such as a verdict, its wake-up and its actions, is saved by
// one method, so that a crash leaves either all of it or nothing. What is
// scheduled is a row with an instant, never a timer: a missed tick loses
// nothing.
//
// SQLite is opened with a write-ahead log and full synchronisation: what a
// method has returned from is on disk. Instants are kept as unix milliseconds
// in UTC. The SQL is plain enough for PostgreSQL; the schema is in migrations/.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver named "sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// A Store is one state, shared by all goroutines.
type Store struct {
	db *sql.DB
}

// Open opens the state at a file's path and brings its schema up to date;
// ":memory:" is a state that ends with the program.
func Open(ctx context.Context, path string) (*Store, error) {
	if strings.HasPrefix(path, "postgres://") || strings.HasPrefix(path, "postgresql://") {
		return nil, errors.New("open store: this version keeps its state in a file; write a path such as \"vigie.db\"")
	}
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	if path == ":memory:" {
		db.SetMaxOpenConns(1)
	}
	s := &Store{db: db}
	if err := s.migrate(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("open store %s: %w", path, withRemedy(path, err))
	}
	return s, nil
}

func dsn(path string) string {
	pragmas := url.Values{"_pragma": {"busy_timeout(10000)", "foreign_keys(1)", "journal_mode(WAL)", "synchronous(FULL)"}, "_txlock": {"immediate"}}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + pragmas.Encode()
}

func (s *Store) provider() (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, s.db, files)
}

func (s *Store) migrate(ctx context.Context) error {
	p, err := s.provider()
	if err != nil {
		return err
	}
	have, newest, err := versions(ctx, p)
	if err != nil {
		return err
	}
	if have > newest {
		return fmt.Errorf("its schema is version %d, newer than this program's %d; use the newer program", have, newest)
	}
	if _, err = p.Up(ctx); err != nil {
		return err
	}
	// SQLite quietly opens a file that it may not write for reading alone.
	_, err = s.db.ExecContext(ctx, `DELETE FROM cursors WHERE 1 = 0`)
	return err
}

func versions(ctx context.Context, p *goose.Provider) (have, newest int64, err error) {
	for _, s := range p.ListSources() {
		newest = max(newest, s.Version)
	}
	have, err = p.GetDBVersion(ctx)
	return have, newest, err
}

// OpenToRead opens the state at path only to be read, beside the program that
// writes it. It is an error if there is none.
func OpenToRead(ctx context.Context, path string) (*Store, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open store: %w; bot serve makes it", err)
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	s := &Store{db: db}
	if err := s.current(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	return s, nil
}

// current says whether the schema is this program's.
func (s *Store) current(ctx context.Context) error {
	p, err := s.provider()
	if err != nil {
		return err
	}
	have, newest, err := versions(ctx, p)
	if err == nil && have != newest {
		err = fmt.Errorf("its schema is version %d, and this program's %d; use the program that it was written by", have, newest)
	}
	return err
}

// OpenCopy opens a copy of the state at path, which is left untouched even if a
// program works on it: what a dry run works on. Where there is nothing at path,
// the copy is an empty state. remove deletes the copy, once it is closed.
func OpenCopy(ctx context.Context, path string) (s *Store, remove func() error, err error) {
	dir, err := os.MkdirTemp("", "vigie-dry-run-*")
	if err != nil {
		return nil, nil, fmt.Errorf("copy store: %w", err)
	}
	remove = func() error { return os.RemoveAll(dir) }
	file := filepath.Join(dir, "state.db")
	if _, err := os.Stat(path); err == nil {
		if err := copyTo(ctx, path, file); err != nil {
			return nil, nil, errors.Join(fmt.Errorf("copy store %s: %w", path, withRemedy(path, err)), remove())
		}
	}
	if s, err = Open(ctx, file); err != nil {
		return nil, nil, errors.Join(err, remove())
	}
	return s, remove, nil
}

func copyTo(ctx context.Context, path, file string) error {
	options := "?mode=ro"
	// Without a log beside it nobody works on it, and even a reader would begin one.
	if _, err := os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) {
		options += "&immutable=1"
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+options)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, `VACUUM INTO $1`, file)
	return err
}

// Close closes the state.
func (s *Store) Close() error { return s.db.Close() }

// Ping says whether the state can be reached.
func (s *Store) Ping(ctx context.Context) error { return s.db.PingContext(ctx) }

// within runs f in one transaction.
func (s *Store) within(ctx context.Context, f func(tx *sql.Tx) error) error {
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

// millis is an instant as it is kept; null for the zero time.
func millis(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
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
