package store

import (
	"context"
	"fmt"
)

// EachOpen hands every ticket that is open or parked to f, one at a time and in
// no order, and ends at f's first error. The rows come without the stored
// Verdict: who looks at all of them judges them at one instant. f must not use
// the store.
func (s *Store) EachOpen(ctx context.Context, f func(*Row) error) error {
	rows, err := s.db.QueryContext(ctx, `
		SELECT source, id, version, body, '' AS verdict, written, marks, handled, first, open, problem, wake_at, due_at, saves, marked_at
		FROM tickets WHERE open OR problem <> ''`)
	if err != nil {
		return fmt.Errorf("list open tickets: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		r, err := scanRow(rows)
		if err != nil {
			return err
		}
		if err := f(&r); err != nil {
			return err
		}
	}
	return rows.Err()
}
