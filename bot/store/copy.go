package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// OpenCopy opens a copy of a state, which is left untouched: what a dry run
// works on. Where there is nothing, a file that isn't there or a database without
// our tables, the copy is an empty state. remove deletes the copy, once it is
// closed.
func OpenCopy(ctx context.Context, where string) (s *Store, remove func() error, err error) {
	dir, err := os.MkdirTemp("", "vigie-dry-run-*")
	if err != nil {
		return nil, nil, fmt.Errorf("copy store: %w", err)
	}
	remove = func() error { return os.RemoveAll(dir) }
	file := filepath.Join(dir, "state.db")
	if err := Copy(ctx, where, file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, errors.Join(err, remove())
	}
	if s, err = Open(ctx, file); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("copy of store %s: %w", shown(where), err), remove())
	}
	return s, remove, nil
}

// Copy writes a copy of a state into a new file, as it is at one instant and
// while others work on it: a backup, which is itself a state to start from. The
// error is fs.ErrNotExist for a state that isn't there, fs.ErrExist if the file is.
// The file is whole, or isn't there: until it is whole it is called FILE.part.
func Copy(ctx context.Context, where, file string) error {
	if _, err := os.Stat(file); err == nil {
		return fmt.Errorf("copy store to %s: %w", file, fs.ErrExist)
	}
	part := file + ".part"
	discard(part) // what was cut off before
	var err error
	if IsPostgres(where) {
		err = copyPostgres(ctx, where, part)
	} else if _, err = os.Stat(where); err == nil {
		err = copySQLite(ctx, where, part)
	}
	if err == nil {
		err = os.Rename(part, file)
	}
	if err != nil {
		discard(part)
		return fmt.Errorf("copy store %s to %s: %w", shown(where), file, err)
	}
	return nil
}

// discard removes a SQLite database and what lies beside it, as far as it is there.
func discard(file string) {
	for _, beside := range []string{"", "-journal", "-wal", "-shm"} {
		os.Remove(file + beside)
	}
}

func copySQLite(ctx context.Context, path, file string) error {
	options := "?mode=ro&_pragma=busy_timeout(10000)"
	// Without a log beside it nobody works on it, and even a reader would begin one.
	if _, err := os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) {
		options += "&immutable=1"
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+options)
	if err != nil {
		return err
	}
	defer db.Close()
	var n int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master`).Scan(&n); err != nil {
		return withRemedy(path, err)
	}
	private(file)
	_, err = db.ExecContext(ctx, `VACUUM INTO $1`, file)
	return withRemedy(file, err)
}

// tables are all of the schema.
var tables = []string{"tickets", "verdicts", "actions", "messages", "cursors", "schedules", "sources", "program", "webhooks", "acts", "issues", "links", "standings", "staff", "lists", "lines", "obstacles", "erased", "incidents", "audit", "signins"}

// copyPostgres reads all tables as they are at one instant into a file.
func copyPostgres(ctx context.Context, where, file string) error {
	from, _, err := connect(where)
	if err != nil {
		return err
	}
	defer from.Close()
	read, err := from.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return err
	}
	defer read.Rollback()
	var there sql.NullString
	if err := read.QueryRowContext(ctx, `SELECT to_regclass('tickets')::text`).Scan(&there); err != nil {
		return err
	}
	if !there.Valid {
		return fs.ErrNotExist
	}
	to, err := Open(ctx, file)
	if err != nil {
		return err
	}
	err = to.within(ctx, func(write *sql.Tx) error {
		for _, table := range tables {
			if err := copyTable(ctx, read, write, table); err != nil {
				return fmt.Errorf("table %s: %w", table, err)
			}
		}
		return nil
	})
	return errors.Join(withRemedy(file, err), to.Close())
}

func copyTable(ctx context.Context, read, write *sql.Tx, table string) error {
	rows, err := read.QueryContext(ctx, `SELECT * FROM `+table)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	places := make([]string, len(columns))
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range columns {
		places[i] = fmt.Sprintf("$%d", i+1)
		into[i] = &values[i]
	}
	insert, err := write.PrepareContext(ctx, `INSERT INTO `+table+` (`+strings.Join(columns, ", ")+`) VALUES (`+strings.Join(places, ", ")+`)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if _, err := insert.ExecContext(ctx, values...); err != nil {
			return err
		}
	}
	return rows.Err()
}
