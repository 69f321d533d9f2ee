package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// A Message is the one message about a ticket's metric, where it is and what it
// says.
type Message struct {
	Source, ID, Metric string
	Channel, TS        string
	Shown              string // digest of what it says
	Cycle              int
}

// Message is the message about a ticket's metric; nil if none was posted.
func (s *Store) Message(ctx context.Context, source, id, metric string) (*Message, error) {
	m := Message{Source: source, ID: id, Metric: metric}
	err := s.db.QueryRowContext(ctx, `
		SELECT channel, ts, shown, cycle FROM messages WHERE source = $1 AND id = $2 AND metric = $3`,
		source, id, metric).Scan(&m.Channel, &m.TS, &m.Shown, &m.Cycle)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &m, err
}

// Messages lists a ticket's messages.
func (s *Store) Messages(ctx context.Context, source, id string) ([]Message, error) {
	return query(ctx, s.db, func(rows *sql.Rows) (Message, error) {
		m := Message{Source: source, ID: id}
		err := rows.Scan(&m.Metric, &m.Channel, &m.TS, &m.Shown, &m.Cycle)
		return m, err
	}, `SELECT metric, channel, ts, shown, cycle FROM messages WHERE source = $1 AND id = $2 ORDER BY metric`, source, id)
}

// Told records a message as it now stands, and ends the action that made it so
// as End does.
func (s *Store) Told(ctx context.Context, a Action, m Message, at time.Time) error {
	err := s.within(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO messages (source, id, metric, channel, ts, shown, cycle) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (source, id, metric) DO UPDATE SET channel = excluded.channel, ts = excluded.ts,
				shown = excluded.shown, cycle = excluded.cycle`,
			m.Source, m.ID, m.Metric, m.Channel, m.TS, m.Shown, m.Cycle); err != nil {
			return err
		}
		return end(ctx, tx, a, Done, "", at)
	})
	if err != nil {
		return fmt.Errorf("record message of %s: %w", a.Key, err)
	}
	return nil
}

// Forget removes a message that is no longer there to be edited.
func (s *Store) Forget(ctx context.Context, m Message) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM messages WHERE source = $1 AND id = $2 AND metric = $3`, m.Source, m.ID, m.Metric)
	return err
}
