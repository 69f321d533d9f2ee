package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Resume has everything looked at anew that another program, policy or
// configuration may see otherwise than the last did: open tickets are judged at
// now, what would have woken soonest first (the wakes of a day are laid in their
// order into the last second, which is after all that are overdue); what couldn't be read or judged is read again, and what was parked is
// tried again, a notice if it is younger than a day. What was refused is tried
// again, too; lists are taken apart first, since their alarms may go elsewhere by now. A message that had failed
// before it was parked may have been posted: it is Started, to be looked for. The
// version is what Version then returns.
func (s *Store) Resume(ctx context.Context, version string, now time.Time) error {
	err := s.within(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO program (one, version, since) VALUES (1, $1, $2)
			ON CONFLICT (one) DO UPDATE SET version = excluded.version, since = excluded.since`, version, now.UnixMilli()); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `
			UPDATE tickets SET wake_at = CASE WHEN wake_at < $2 THEN $3 + (wake_at - $1) / 86400 ELSE $1 END
			WHERE open AND body <> '' AND (wake_at IS NULL OR wake_at > $1)`, now.UnixMilli(), now.Add(24*time.Hour).UnixMilli(), now.Add(-time.Second).UnixMilli()); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `
			UPDATE tickets SET `+markAt(`$1`)+` WHERE problem <> '' AND marks = handled`, now.UnixMilli()); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE tickets SET retry_at = $1 WHERE marks > handled AND misses > 0`, now.UnixMilli()); err != nil {
			return err
		}
		if err := takeApart(ctx, tx, now); err != nil {
			return err
		}
		if err := tryRefused(ctx, tx, now); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			UPDATE actions SET state = CASE WHEN attempts > 0 AND channel <> '' THEN 'started' ELSE 'pending' END, not_before = $1, attempts = 0, ended_at = NULL
			WHERE state = 'parked' AND (NOT `+among(Traits.notice)+` OR created_at > $2)`, now.UnixMilli(), now.Add(-24*time.Hour).UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("resume: %w", err)
	}
	return nil
}

// Version is the version of the program that resumed last; "" if none has.
func (s *Store) Version(ctx context.Context) (version string, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT version FROM program WHERE one = 1`).Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return version, err
}
