package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// A Message is the one message about a ticket's metric in a channel: where it is
// and what it says. There are several where alarms went to several channels.
type Message struct {
	Source, ID, Metric string
	Route              string // the channel as the configuration names it
	Language           string
	Channel, TS        string
	Thread             string // the TS of the message in whose thread it is a line that the channel shows; "" = it is one of its own
	Shown              string // digest of what it says
	Cycle              int
}

// Messages lists a ticket's messages.
func (s *Store) Messages(ctx context.Context, source, id string) ([]Message, error) {
	return query(ctx, s.db, func(rows *sql.Rows) (Message, error) {
		m := Message{Source: source, ID: id}
		err := rows.Scan(&m.Metric, &m.Route, &m.Language, &m.Channel, &m.TS, &m.Thread, &m.Shown, &m.Cycle)
		return m, err
	}, `SELECT metric, route, language, channel, ts, thread, shown, cycle FROM messages WHERE source = $1 AND id = $2 ORDER BY metric, route`, source, id)
}

// MessageAt is the message that stands in a channel, given by its id, under a ts; nil
// if none of a ticket does.
func (s *Store) MessageAt(ctx context.Context, channel, ts string) (*Message, error) {
	list, err := query(ctx, s.db, func(rows *sql.Rows) (Message, error) {
		m := Message{Channel: channel, TS: ts}
		err := rows.Scan(&m.Source, &m.ID, &m.Metric, &m.Route, &m.Language, &m.Thread, &m.Shown, &m.Cycle)
		return m, err
	}, `SELECT source, id, metric, route, language, thread, shown, cycle FROM messages WHERE channel = $1 AND ts = $2 ORDER BY source, id, metric, route LIMIT 1`, channel, ts)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// RecordSent records messages as they now stand, and ends the action that made them so
// as End does. What was refused in their channels is tried again.
func (s *Store) RecordSent(ctx context.Context, a Action, messages []Message, at time.Time) error {
	err := s.within(ctx, func(tx *sql.Tx) error {
		for _, m := range messages {
			if _, err := tx.ExecContext(ctx, `
				INSERT INTO messages (source, id, metric, route, language, channel, ts, thread, shown, cycle) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
				ON CONFLICT (source, id, metric, route) DO UPDATE SET language = excluded.language, channel = excluded.channel,
					ts = excluded.ts, shown = excluded.shown, cycle = excluded.cycle`,
				m.Source, m.ID, m.Metric, m.Route, m.Language, m.Channel, m.TS, m.Thread, m.Shown, m.Cycle); err != nil {
				return err
			}
			for _, channel := range []string{m.Route, m.Channel} {
				if err := accepted(ctx, tx, channel, at); err != nil {
					return err
				}
			}
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
	return s.write(ctx, `DELETE FROM messages WHERE source = $1 AND id = $2 AND metric = $3 AND route = $4`, m.Source, m.ID, m.Metric, m.Route)
}

// SetAside keeps a message that takes no replies: it is edited as before, and
// another takes its place.
func (s *Store) SetAside(ctx context.Context, m Message) error {
	return s.write(ctx, `UPDATE messages SET route = route || '/' || ts WHERE source = $1 AND id = $2 AND metric = $3 AND route = $4`, m.Source, m.ID, m.Metric, m.Route)
}
