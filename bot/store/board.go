package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/rules"
)

// The board shows where every open ticket stands at this instant, and judging all
// of them takes seconds where there are many. But a verdict says until when it
// holds. So what it says of the board is stored beside it (standings), and is
// believed only where judging now would say the same: it was judged by the same
// version of program, configuration and policies, at an instant that has come and
// before the one at which it changes by itself; and whatever happens to the ticket
// saves it, and replaces it. All else is outdated, and Survey hands it out to be
// judged: what came up this second, before the engine gets to it; after a change of
// policy everything, until the engine has looked at it anew.

// A Stand is where a ticket stood when it was judged.
type Stand struct {
	rules.Stand
	Version string    // of what judged it: the program, its configuration and policies
	At      time.Time // the instant it was judged at
}

// A View is what a survey is of.
type View struct {
	Now     time.Time
	Version string // whose judging is believed
	Source  string // "": all
	Search  string // only tickets in whose Sought it is, folded; "": all
}

// A Count is how many tickets of a source stand alike.
type Count struct {
	Source    string
	Standing  rules.Standing
	Untriaged bool
	Clocks    []rules.ClockStand
	Tickets   int
}

// A List is the most urgent of the tickets that stand in one of some ways.
type List struct {
	Standings []rules.Standing
	Untriaged bool // only those
	Room      int  // how many are wanted
}

// Survey looks at every ticket that is open or parked, as they are at one
// instant. It counts those whose stored stand holds at the view's Now, and hands
// out to judge, one at a time and in no order, the rows of those whose doesn't,
// which may be of any source and text. Then it hands out to show the rows that
// belong to the lists, of those that were counted: all that may be among the most
// urgent once it is known how much time each has left, so there may be more than
// there is room. The rows come without the stored Verdict. It ends at the first
// error of judge or show, which must not use the store.
func (s *Store) Survey(ctx context.Context, v View, lists []List, judge, show func(*Row) error) (counts []Count, err error) {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return nil, s.failure(ctx, fmt.Errorf("survey open tickets: %w", err))
	}
	defer tx.Rollback()
	if counts, err = v.counts(ctx, tx); err != nil {
		return nil, fmt.Errorf("count open tickets: %w", err)
	}
	outdated, err := names(ctx, tx, `judged_by <> $1 OR since > $2 OR until <= $2`, v.Version, v.Now.UnixMilli())
	if err == nil {
		err = eachRow(ctx, tx, outdated, judge)
	}
	if err != nil {
		return nil, fmt.Errorf("open tickets to be judged: %w", err)
	}
	for _, l := range lists {
		urgent, err := v.list(ctx, tx, l)
		if err == nil {
			err = eachRow(ctx, tx, urgent, show)
		}
		if err != nil {
			return nil, fmt.Errorf("most urgent tickets: %w", err)
		}
	}
	return counts, nil
}

// holds is the condition on standings that are believed and in the view.
func (v View) holds() (condition string, args []any) {
	condition, args = `judged_by = $1 AND since <= $2 AND until > $2`, []any{v.Version, v.Now.UnixMilli()}
	if v.Source != "" {
		args = append(args, v.Source)
		condition += fmt.Sprintf(` AND source = $%d`, len(args))
	}
	if v.Search != "" {
		args = append(args, v.Search)
		condition += fmt.Sprintf(` AND replace(sought, $%d, '') <> sought`, len(args)) // the one way of both databases that needs no escaping
	}
	return condition, args
}

func (v View) counts(ctx context.Context, tx *sql.Tx) ([]Count, error) {
	condition, args := v.holds()
	return query(ctx, tx, func(rows *sql.Rows) (c Count, err error) {
		var clocks string
		err = rows.Scan(&c.Source, &c.Standing, &c.Untriaged, &clocks, &c.Tickets)
		c.Clocks = readClocks(clocks)
		return c, err
	}, `SELECT source, standing, untriaged, clocks, count(*) FROM standings WHERE `+condition+` GROUP BY source, standing, untriaged, clocks`, args...)
}

// list names the tickets of a list.
func (v View) list(ctx context.Context, tx *sql.Tx, l List) ([]name, error) {
	condition, args := v.holds()
	var places []string
	for _, s := range l.Standings {
		args = append(args, string(s))
		places = append(places, fmt.Sprintf("$%d", len(args)))
	}
	condition += ` AND standing IN (` + strings.Join(places, ", ") + `)`
	if l.Untriaged {
		condition += ` AND untriaged`
	}
	var last []byte
	err := tx.QueryRowContext(ctx, `SELECT turn FROM standings WHERE `+condition+fmt.Sprintf(` ORDER BY turn LIMIT 1 OFFSET %d`, l.Room-1), args...).Scan(&last)
	switch {
	case err == sql.ErrNoRows: // there is room for all
		return names(ctx, tx, condition, args...)
	case err != nil:
		return nil, err
	}
	args = append(args, alike(last))
	return names(ctx, tx, condition+fmt.Sprintf(` AND turn <= $%d`, len(args)), args...)
}

// A name is a ticket's.
type name struct{ source, id string }

// names are the tickets whose standings a condition holds of.
func names(ctx context.Context, tx *sql.Tx, condition string, args ...any) ([]name, error) {
	return query(ctx, tx, func(rows *sql.Rows) (n name, err error) {
		err = rows.Scan(&n.source, &n.id)
		return n, err
	}, `SELECT source, id FROM standings WHERE `+condition, args...)
}

// rowsAtOnce is how many rows one query asks for by their names.
const rowsAtOnce = 500

// eachRow hands out the rows of some tickets.
func eachRow(ctx context.Context, tx *sql.Tx, of []name, f func(*Row) error) error {
	ids := map[string][]string{}
	for _, n := range of {
		ids[n.source] = append(ids[n.source], n.id)
	}
	for source, ids := range ids {
		for some := range slices.Chunk(ids, rowsAtOnce) {
			args, places := []any{source}, make([]string, len(some))
			for i, id := range some {
				args = append(args, id)
				places[i] = fmt.Sprintf("$%d", len(args))
			}
			if err := each(ctx, tx, f, `source = $1 AND id IN (`+strings.Join(places, ", ")+`)`, args...); err != nil {
				return err
			}
		}
	}
	return nil
}

// EachOpen hands every ticket that is open or parked to f, one at a time and in
// no order, and ends at f's first error. The rows come without the stored
// Verdict: who looks at all of them judges them at one instant. f must not use
// the store.
func (s *Store) EachOpen(ctx context.Context, f func(*Row) error) error {
	if err := each(ctx, s.db, f, `open OR problem <> ''`); err != nil {
		return fmt.Errorf("list open tickets: %w", err)
	}
	return nil
}

// each hands out the rows that a condition holds of, without the verdict.
func each(ctx context.Context, db interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, f func(*Row) error, condition string, args ...any) error {
	rows, err := db.QueryContext(ctx, `
		SELECT source, id, version, body, '' AS verdict, written, marks, handled, first, open, problem, wake_at, saves, marked_at
		FROM tickets WHERE `+condition, args...)
	if err != nil {
		return err
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
