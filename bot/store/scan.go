package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"vigie/connectors/desk"
)

// Listed marks the tickets of one page of a list of all unsolved tickets, as
// Polled does, and notes that the scan that began at an instant has met them.
func (s *Store) Listed(ctx context.Context, source string, p desk.Page, scan, at time.Time) error {
	err := s.within(ctx, func(tx *sql.Tx) error {
		for _, c := range p.Changes {
			if err := mark(ctx, tx, source, c, false, at); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `UPDATE tickets SET listed_at = $3 WHERE source = $1 AND id = $2`, source, c.ID, scan.UnixMilli()); err != nil {
				return err
			}
		}
		return setCursor(ctx, tx, source, unsolvedList, p.Cursor, scan)
	})
	if err != nil {
		return fmt.Errorf("record list of %s: %w", source, err)
	}
	return nil
}

// Scan is how far a list of all unsolved tickets of a source has been read, and
// when that began; "" if none is under way.
func (s *Store) Scan(ctx context.Context, source string) (cursor string, began time.Time, err error) {
	return s.cursor(ctx, source, unsolvedList)
}

// Scanned ends the scan that began at an instant: tickets that are thought open
// and that it hasn't met are marked changed.
func (s *Store) Scanned(ctx context.Context, source string, scan, at time.Time) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `
			UPDATE tickets SET `+markAt(`$3`)+` WHERE source = $1 AND open AND listed_at <> $2`,
			source, scan.UnixMilli(), at.UnixMilli()); err != nil {
			return err
		}
		return setCursor(ctx, tx, source, unsolvedList, "", scan)
	})
}
