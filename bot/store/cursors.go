package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// The lists of a source of which it is kept how far they have been read.
const (
	changesList  = "changes"
	historyList  = "history"
	unsolvedList = "unsolved"
	keptList     = "kept" // the tickets here, in the order in which they are compared with the vendor's
)

// Cursor is how far a source's list of changes has been read, and when news of the
// source last came; "" and the zero time before the first page.
func (s *Store) Cursor(ctx context.Context, source string) (cursor string, news time.Time, err error) {
	return s.cursor(ctx, source, changesList)
}

// History is how far a source's list of what was done to tickets has been read, and
// when; "" and the zero time before it began.
func (s *Store) History(ctx context.Context, source string) (cursor string, read time.Time, err error) {
	return s.cursor(ctx, source, historyList)
}

func (s *Store) cursor(ctx context.Context, source, list string) (cursor string, at time.Time, err error) {
	var ms sql.NullInt64
	err = s.db.QueryRowContext(ctx, `SELECT cursor, read_at FROM cursors WHERE source = $1 AND list = $2`, source, list).Scan(&cursor, &ms)
	if errors.Is(err, sql.ErrNoRows) {
		return "", time.Time{}, nil
	}
	return cursor, instant(ms), err
}

func setCursor(ctx context.Context, tx *sql.Tx, source, list, cursor string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO cursors (source, list, cursor, read_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (source, list) DO UPDATE SET cursor = excluded.cursor, read_at = excluded.read_at`,
		source, list, cursor, at.UnixMilli())
	return err
}
