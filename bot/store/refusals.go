package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// What was refused waits as any other action does, pending or started as it may
// have been carried out or not. Beside that it is known what refuses it: a channel,
// which then refuses others too, or the action's own key where it is refused for
// what it is.
const wasRefused = waiting + `refused <> ''`

// Refuse puts an action that waits off to an instant, with the reason, since it was
// refused at now. Others that the same refuses wait as long: one is enough to see
// whether it still does. ambiguous keeps it Started, as Again does.
func (s *Store) Refuse(ctx context.Context, a Action, by string, now, at time.Time, note string, ambiguous bool) error {
	state := Pending
	if ambiguous {
		state = Started
	}
	return s.within(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `
			UPDATE actions SET state = $2, note = $3, not_before = $4, attempts = attempts + 1, refused = $5,
				refused_at = CASE WHEN refused = '' THEN $6 ELSE refused_at END
			WHERE `+waiting+`key = $1`, a.Key, state, note, at.UnixMilli(), by, now.UnixMilli()); err != nil {
			return fmt.Errorf("note that %s is refused: %w", a.Key, err)
		}
		_, err := tx.ExecContext(ctx, `UPDATE actions SET not_before = $2 WHERE `+wasRefused+` AND refused = $1 AND not_before < $2`, by, at.UnixMilli())
		return err
	})
}

// TryRefused has everything that was refused be tried at an instant.
func (s *Store) TryRefused(ctx context.Context, at time.Time) error {
	return s.within(ctx, func(tx *sql.Tx) error { return tryRefused(ctx, tx, at) })
}

func tryRefused(ctx context.Context, tx *sql.Tx, at time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE actions SET not_before = $1 WHERE `+wasRefused+` AND not_before > $1`, at.UnixMilli())
	return err
}

// accepted has what a channel refused be tried at an instant, since it has taken
// something.
func accepted(ctx context.Context, tx *sql.Tx, channel string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE actions SET not_before = $2 WHERE `+wasRefused+` AND refused = $1 AND not_before > $2`, channel, at.UnixMilli())
	return err
}

// Failing is the oldest message that waits after a failure; nil if none does.
func (s *Store) Failing(ctx context.Context) (*Action, error) {
	list, err := s.actions(ctx, `WHERE `+waiting+isMessage+` AND NOT `+among(Traits.quiet)+` AND attempts > 0 ORDER BY created_at, key LIMIT 1`)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// takeApart gives back the alarms of the lists that were refused, since they may
// belong elsewhere by now. One that may have been posted stays.
func takeApart(ctx context.Context, tx *sql.Tx, at time.Time) error {
	lists, err := query(ctx, tx, func(r *sql.Rows) (Action, error) { return scanAction(r) },
		`SELECT `+actionColumns+` FROM actions WHERE `+wasRefused+` AND state = 'pending' AND `+isList)
	if err != nil {
		return err
	}
	for _, l := range lists {
		if _, err := tx.ExecContext(ctx, `
			UPDATE actions SET state = 'pending', not_before = $2, ended_at = NULL, list = '' WHERE list = $1 AND list <> '' AND state = 'done' AND `+isAlarm,
			l.Key, at.UnixMilli()); err != nil {
			return err
		}
		if err := forgetList(ctx, tx, l.Key); err != nil {
			return err
		}
		if err := end(ctx, tx, l, Dropped, "taken apart at a start", at); err != nil {
			return err
		}
	}
	return nil
}

// saidIn is the note of an alarm that a list has taken over.
func saidIn(list string) string { return "said in " + list }
