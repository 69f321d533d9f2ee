package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// compactAtOnce is how many tickets one transaction deletes: others wait for it.
const compactAtOnce = 200

// Compact deletes what is older than an instant and no open ticket needs, and
// returns how many tickets that were. A ticket goes with all that belongs to it
// if it is solved or gone, and nothing was heard of it or done about it since;
// a webhook's delivery, a notice and a line of the audit log go by themselves. A ticket that comes back
// is read again like a new one. more says that there is more to delete than one
// call does.
func (s *Store) Compact(ctx context.Context, before time.Time) (tickets int, more bool, err error) {
	tickets, err = s.compactTickets(ctx, before)
	if err != nil {
		return 0, false, fmt.Errorf("compact store: %w", err)
	}
	if tickets == compactAtOnce {
		return tickets, true, nil
	}
	err = s.within(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM webhooks WHERE at < $1`, before.UnixMilli()); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM audit WHERE at < $1`, before.UnixMilli()); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM issues WHERE NOT EXISTS (
			SELECT 1 FROM links WHERE links.tracker = issues.tracker AND links.issue = issues.issue)`); err != nil {
			return err
		}
		// What somebody has asked for holds whatever becomes of the ticket.
		if _, err := tx.ExecContext(ctx, `DELETE FROM erased WHERE NOT asked AND NOT EXISTS (
			SELECT 1 FROM tickets WHERE tickets.source = erased.source AND tickets.id = erased.id)`); err != nil {
			return err
		}
		// A list goes with the last of its tickets, which an edit of it still names.
		if _, err := tx.ExecContext(ctx, `DELETE FROM lists WHERE NOT EXISTS (
			SELECT 1 FROM lines JOIN tickets ON tickets.source = lines.source AND tickets.id = lines.id WHERE lines.list = lists.key)`); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM lines WHERE NOT EXISTS (SELECT 1 FROM lists WHERE lists.key = lines.list)`); err != nil {
			return err
		}
		// The summary of a first start stays: it is how that is known to have been.
		_, err := tx.ExecContext(ctx, `
			DELETE FROM actions WHERE id = '' AND NOT `+among(func(t Traits) bool { return t.Lasting })+` AND ended_at < $1`, before.UnixMilli())
		return err
	})
	if err != nil {
		return tickets, false, fmt.Errorf("compact store: %w", err)
	}
	return tickets, false, nil
}

func (s *Store) compactTickets(ctx context.Context, before time.Time) (n int, err error) {
	type ref struct{ source, id string }
	err = s.within(ctx, func(tx *sql.Tx) error {
		old, err := query(ctx, tx, func(rows *sql.Rows) (r ref, err error) {
			err = rows.Scan(&r.source, &r.id)
			return r, err
		}, `
			SELECT source, id FROM tickets
			WHERE NOT open AND problem = '' AND marks = handled AND marked_at < $1
			AND NOT EXISTS (SELECT 1 FROM actions WHERE actions.source = tickets.source AND actions.id = tickets.id
				AND (state IN ('pending', 'started') OR created_at >= $1 OR ended_at >= $1))
			AND NOT EXISTS (SELECT 1 FROM verdicts WHERE verdicts.source = tickets.source AND verdicts.id = tickets.id AND at >= $1)
			ORDER BY source, id LIMIT $2 + 0`, before.UnixMilli(), compactAtOnce)
		if err != nil {
			return err
		}
		for _, r := range old {
			for _, table := range []string{"messages", "incidents", "actions", "verdicts", "acts", "links", "tickets"} {
				if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE source = $1 AND id = $2`, r.source, r.id); err != nil {
					return err
				}
			}
		}
		n = len(old)
		return nil
	})
	return n, err
}
