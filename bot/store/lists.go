package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"vigie/rules"
)

// A PostedList is a message that names several tickets, or is about to. What it
// says of each is kept, so that it can be brought up to date.
type PostedList struct {
	Key         string // of the action that says it
	Head        string
	Language    string
	Channel, TS string        // "" until the message is known to be there
	Lines       []rules.Alert // from the top, each as it was said last
}

// A Line is what a list says of a ticket.
type Line struct {
	List string // its key
	Said rules.Alert
}

// StartList notes that a list is about to be posted, as Start does, and what it
// will say: if the answer is lost, that is what it said. One without lines isn't
// kept.
func (s *Store) StartList(ctx context.Context, channel string, a Action, l PostedList) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		if err := forgetList(ctx, tx, a.Key); err != nil {
			return err
		}
		if len(l.Lines) > 0 {
			if _, err := tx.ExecContext(ctx, `
				INSERT INTO lists (key, head, language, channel, ts) VALUES ($1, $2, $3, '', '')`, a.Key, l.Head, l.Language); err != nil {
				return err
			}
		}
		if err := keepLines(ctx, tx, a.Key, l.Lines); err != nil {
			return err
		}
		return start(ctx, tx, channel, a)
	})
}

// Posted notes where a notice was posted, and ends the action that said it; then is
// what is to be done next if it names tickets. What was refused in its channel, as
// the configuration names it or by its id, is tried again.
func (s *Store) Posted(ctx context.Context, a Action, channel, channelID, ts string, then []Action, at time.Time) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		for _, name := range []string{channel, channelID} {
			if err := accepted(ctx, tx, name, at); err != nil {
				return err
			}
		}
		kept, err := tx.ExecContext(ctx, `UPDATE lists SET channel = $2, ts = $3 WHERE key = $1`, a.Key, channelID, ts)
		if err != nil {
			return err
		}
		if n, err := kept.RowsAffected(); err != nil {
			return err
		} else if n > 0 {
			if err := insertActions(ctx, tx, then, at); err != nil {
				return err
			}
		}
		return end(ctx, tx, a, Done, "", at)
	})
}

// Amended notes what a list says now, and ends the action that made it so as End
// does. What was refused in its channel is tried again.
func (s *Store) Amended(ctx context.Context, a Action, l PostedList, at time.Time) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		if err := accepted(ctx, tx, l.Channel, at); err != nil {
			return err
		}
		if err := keepLines(ctx, tx, l.Key, l.Lines); err != nil {
			return err
		}
		return end(ctx, tx, a, Done, "", at)
	})
}

func keepLines(ctx context.Context, tx *sql.Tx, list string, lines []rules.Alert) error {
	for place, said := range lines {
		text, err := marshal(&said)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO lines (list, place, source, id, said) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (list, place) DO UPDATE SET said = excluded.said`, list, place, said.Source, said.ID, text); err != nil {
			return fmt.Errorf("line %d of %s: %w", place, list, err)
		}
	}
	return nil
}

// PostedList is a list that was posted or is about to be; nil if there is none of
// that key.
func (s *Store) PostedList(ctx context.Context, key string) (*PostedList, error) {
	l := PostedList{Key: key}
	err := s.db.QueryRowContext(ctx, `SELECT head, language, channel, ts FROM lists WHERE key = $1`, key).Scan(&l.Head, &l.Language, &l.Channel, &l.TS)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	lines, err := s.lines(ctx, `WHERE list = $1 ORDER BY place`, key)
	for _, line := range lines {
		l.Lines = append(l.Lines, line.Said)
	}
	return &l, err
}

// Lines lists what lists say of a ticket.
func (s *Store) Lines(ctx context.Context, source, id string) ([]Line, error) {
	return s.lines(ctx, `WHERE source = $1 AND id = $2 ORDER BY list, place`, source, id)
}

func (s *Store) lines(ctx context.Context, where string, args ...any) ([]Line, error) {
	return query(ctx, s.db, func(r *sql.Rows) (l Line, err error) {
		var said string
		if err = r.Scan(&l.List, &said); err == nil {
			err = json.Unmarshal([]byte(said), &l.Said)
		}
		return l, err
	}, `SELECT list, said FROM lines `+where, args...)
}

// ForgetList removes a list that is no longer there to be edited.
func (s *Store) ForgetList(ctx context.Context, key string) error {
	return s.within(ctx, func(tx *sql.Tx) error { return forgetList(ctx, tx, key) })
}

func forgetList(ctx context.Context, tx *sql.Tx, key string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM lines WHERE list = $1`, key); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM lists WHERE key = $1`, key)
	return err
}
