package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/connectors/desk"
)

// Keep adds to the histories of a source's tickets; an act that is kept already
// stays as it is. Of the tickets that were read whole nothing else is kept, and of
// erased ones nothing at all. An act that the database won't have isn't kept: its
// ticket's history is asked for by itself then.
func (s *Store) Keep(ctx context.Context, source string, acts []desk.Act, whole []string) error {
	if len(acts) == 0 && len(whole) == 0 {
		return nil
	}
	return s.keepStorable(ctx, source, acts, whole, nil)
}

// KeepListed adds the acts of a page of a source's list of them as Keep does, and
// notes how far that has been read, and when.
func (s *Store) KeepListed(ctx context.Context, source string, acts []desk.Act, cursor string, at time.Time) error {
	return s.keepStorable(ctx, source, acts, nil, func(tx *sql.Tx) error { return setCursor(ctx, tx, source, historyList, cursor, at) })
}

// keepStorable keeps acts, in the transaction of what is to be done with them; those
// apart that the database won't have together.
func (s *Store) keepStorable(ctx context.Context, source string, acts []desk.Act, whole []string, with func(*sql.Tx) error) error {
	err := s.keep(ctx, source, acts, whole, with)
	if !Unstorable(err) {
		return err
	}
	if err := s.keep(ctx, source, nil, whole, with); err != nil {
		return err
	}
	for _, a := range acts {
		if err := s.keep(ctx, source, []desk.Act{a}, nil, nil); err != nil && !Unstorable(err) {
			return err
		}
	}
	return nil
}

func (s *Store) keep(ctx context.Context, source string, acts []desk.Act, whole []string, with func(*sql.Tx) error) error {
	err := s.within(ctx, func(tx *sql.Tx) error {
		erased, err := erasedOf(ctx, tx, source, `1 = 1`)
		if err != nil {
			return err
		}
		for _, id := range whole {
			if _, err := tx.ExecContext(ctx, `DELETE FROM acts WHERE source = $1 AND id = $2`, source, id); err != nil {
				return err
			}
		}
		insert, err := tx.PrepareContext(ctx, `
			INSERT INTO acts (source, id, act, at, body) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (source, id, act) DO NOTHING`)
		if err != nil {
			return err
		}
		defer insert.Close()
		for _, a := range acts {
			if erased[a.Ticket] {
				continue
			}
			if _, err := insert.ExecContext(ctx, source, a.Ticket, a.ID, a.At.UnixMilli(), a.Body); err != nil {
				return err
			}
		}
		if with == nil {
			return nil
		}
		return with(tx)
	})
	if err != nil {
		return fmt.Errorf("keep histories of %s: %w", source, err)
	}
	return nil
}

// A Known ticket is what is kept for reading it again.
type Known struct {
	Version        string
	Marks, Handled int64
	Acts           []desk.Act // in no particular order
}

// Known is what is kept of some tickets of a source, by id; one that was never
// heard of has only the acts. One whose past was changed has none, until it was read
// since.
func (s *Store) Known(ctx context.Context, source string, ids []string) (map[string]Known, error) {
	known := make(map[string]Known, len(ids))
	for some := range slices.Chunk(ids, 500) {
		args := []any{source}
		var places []string
		for _, id := range some {
			args = append(args, id)
			places = append(places, fmt.Sprintf("$%d", len(args)))
		}
		these := `source = $1 AND id IN (` + strings.Join(places, ", ") + `)`
		changed := map[string]bool{} // in what had been
		if _, err := query(ctx, s.db, func(r *sql.Rows) (struct{}, error) {
			var id string
			var anew int64
			var k Known
			err := r.Scan(&id, &k.Version, &k.Marks, &k.Handled, &anew)
			known[id], changed[id] = k, anew > k.Handled
			return struct{}{}, err
		}, `SELECT id, version, marks, handled, anew FROM tickets WHERE `+these, args...); err != nil {
			return nil, fmt.Errorf("known tickets of %s: %w", source, err)
		}
		acts, err := query(ctx, s.db, func(r *sql.Rows) (a desk.Act, err error) {
			var at sql.NullInt64
			err = r.Scan(&a.Ticket, &a.ID, &at, &a.Body)
			a.At = instant(at)
			return a, err
		}, `SELECT id, act, at, body FROM acts WHERE `+these, args...)
		if err != nil {
			return nil, fmt.Errorf("histories of %s: %w", source, err)
		}
		for _, a := range acts {
			if changed[a.Ticket] {
				continue
			}
			k := known[a.Ticket]
			k.Acts = append(k.Acts, a)
			known[a.Ticket] = k
		}
	}
	return known, nil
}
