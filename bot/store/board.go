package store

import (
	"bytes"
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

// A View is what a survey is of. What is empty narrows nothing.
type View struct {
	Now      time.Time
	Version  string // whose judging is believed
	Source   string
	Search   string   // only tickets in whose names and subject it is, whatever its case
	Holders  []string // only tickets that one of them holds, by their address, whatever its case; "" = those that nobody does
	Team     string
	Policy   string
	Priority string
	Clause   string // that one of the ticket's clocks is under
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
// which may be of any source and text. Then it hands out to show, in no order
// either, the rows of the lists, of those that were counted. The rows come without
// the stored Verdict. It ends at the first error of judge or show, which must not
// use the store.
func (s *Store) Survey(ctx context.Context, v View, lists []List, judge, show func(*Row) error) ([]Count, error) {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return nil, s.failure(ctx, fmt.Errorf("survey open tickets: %w", err))
	}
	defer tx.Rollback()
	counts, err := v.counts(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("count open tickets: %w", err)
	}
	outdated, err := v.outdated(ctx, tx, counts)
	if err == nil {
		err = eachRow(ctx, tx, outdated, judge)
	}
	if err != nil {
		return nil, fmt.Errorf("open tickets to be judged: %w", err)
	}
	for _, l := range lists {
		urgent, err := v.list(ctx, tx, l, counts.standing())
		if err == nil {
			err = eachRow(ctx, tx, urgent, show)
		}
		if err != nil {
			return nil, fmt.Errorf("most urgent tickets: %w", err)
		}
	}
	return counts.list(), nil
}

// alike is what tickets have in common that are counted together.
type alike struct {
	source    string
	standing  rules.Standing
	untriaged bool
	clocks    string
}

// tally is how many are alike.
type tally map[alike]int

func (t tally) list() (counts []Count) {
	for a, n := range t {
		if n > 0 {
			counts = append(counts, Count{a.source, a.standing, a.untriaged, readClocks(a.clocks), n})
		}
	}
	return counts
}

// standing is how many there are of each standing.
func (t tally) standing() map[rules.Standing]int {
	sums := map[rules.Standing]int{}
	for a, n := range t {
		sums[a.standing] += n
	}
	return sums
}

// fewFound is how many tickets a search may find for it to be quicker to read all than to
// look at one after the other in their order until enough are found.
const fewFound = 2000

// counts counts all that are in the view, be they outdated or not.
func (v View) counts(ctx context.Context, tx *sql.Tx) (tally, error) {
	counts := tally{}
	condition, args := v.concerns()
	of := `source, standing, untriaged, clocks`
	if v.Search != "" { // which no index has: the table is read in the order in which it lies
		of = `source || '', standing || '', untriaged, clocks`
	}
	_, err := query(ctx, tx, func(rows *sql.Rows) (none struct{}, err error) {
		var a alike
		var n int
		err = rows.Scan(&a.source, &a.standing, &a.untriaged, &a.clocks, &n)
		counts[a] = n
		return none, err
	}, `SELECT `+of+`, count(*) FROM standings WHERE `+condition+` GROUP BY `+of, args...)
	return counts, err
}

// outdated names the tickets whose stored stand doesn't hold, and takes them out of
// the counts. There are four ways not to hold, each found by an index; asked for
// together they would have the table read.
func (v View) outdated(ctx context.Context, tx *sql.Tx, counts tally) (list []name, err error) {
	seen := map[name]bool{}
	for _, way := range []struct {
		condition string
		args      []any
	}{
		{`until <= $1`, []any{v.Now.UnixMilli()}},
		{`judged_by = $1 AND since > $2`, []any{v.Version, v.Now.UnixMilli()}},
		{`judged_by < $1`, []any{v.Version}},
		{`judged_by > $1`, []any{v.Version}},
	} {
		_, err := query(ctx, tx, func(rows *sql.Rows) (none struct{}, err error) {
			var a alike
			var id string
			var f facets
			err = rows.Scan(&a.source, &id, &a.standing, &a.untriaged, &a.clocks, &f.holder, &f.team, &f.policy, &f.priority, &f.clauses, &f.sought)
			f.source = a.source
			if n := (name{a.source, id}); !seen[n] {
				seen[n] = true
				list = append(list, n)
				if v.holds(f) {
					counts[a]--
				}
			}
			return none, err
		}, `SELECT source, id, standing, untriaged, clocks, holder, team, policy, priority, clauses, sought FROM standings WHERE `+way.condition, way.args...)
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Holds says that a ticket that stands so is in the view.
func (v View) Holds(source, id string, s rules.Stand) bool { return v.holds(facetsOf(source, id, s)) }

func (v View) holds(f facets) bool {
	return (v.Source == "" || v.Source == f.source) &&
		(v.Holders == nil || slices.Contains(v.holders(), f.holder)) &&
		(v.Team == "" || facet(v.Team) == f.team) &&
		(v.Policy == "" || facet(v.Policy) == f.policy) &&
		(v.Priority == "" || facet(v.Priority) == f.priority) &&
		(v.Clause == "" || strings.Contains(f.clauses, around(v.Clause))) &&
		strings.Contains(f.sought, Fold(v.Search))
}

func (v View) holders() []string {
	list := make([]string, len(v.Holders))
	for i, who := range v.Holders {
		list[i] = facet(Fold(who))
	}
	return list
}

// concerns is the condition on standings that are in the view: holds, for the
// database. It is answered out of an index that has all columns that it asks about, in
// the order of the counts or of the list: to have SQLite find the tickets of a team by
// the team's index, and fetch each of their rows, takes ten times as long where a team
// has half of them. So the team is written in a way that no index is of.
func (v View) concerns(args ...any) (string, []any) {
	var parts []string
	add := func(form string, value any) {
		args = append(args, value)
		parts = append(parts, fmt.Sprintf(form, len(args)))
	}
	for _, f := range []struct{ form, value string }{
		{`source = $%d`, v.Source}, {`team || '' = $%d`, facet(v.Team)}, {`policy = $%d`, facet(v.Policy)}, {`priority = $%d`, facet(v.Priority)},
	} {
		if f.value != "" {
			add(f.form, f.value)
		}
	}
	if v.Holders != nil {
		var each []string
		for _, who := range v.holders() {
			args = append(args, who)
			each = append(each, fmt.Sprintf(`$%d`, len(args)))
		}
		parts = append(parts, `holder || '' IN (`+strings.Join(each, ", ")+`)`)
	}
	for _, f := range []struct{ column, text string }{{`clauses`, around(v.Clause)}, {`sought`, Fold(v.Search)}} {
		switch pattern := "%" + wild.Replace(f.text) + "%"; {
		case f.text == "":
		case len(pattern) > maxPattern:
			parts = append(parts, `1 = 0`) // no ticket's names are so long
		default:
			add(f.column+` LIKE $%d ESCAPE '!'`, pattern)
		}
	}
	return strings.Join(append(parts, `1 = 1`), " AND "), args
}

// around is a clause as it stands among others; "" for none.
func around(clause string) string {
	if clause == "" {
		return ""
	}
	return "\n" + facet(clause) + "\n"
}

// maxPattern is the longest that SQLite takes, in bytes.
const maxPattern = 50_000

// wild has LIKE take a text as it is.
var wild = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// list names the tickets of a list, of so many in the view.
func (v View) list(ctx context.Context, tx *sql.Tx, l List, of map[rules.Standing]int) ([]name, error) {
	type place struct {
		name
		turn []byte
	}
	var all []place
	for _, standing := range l.Standings {
		if of[standing] == 0 {
			continue
		}
		column := `standing`
		if v.Search != "" && of[standing] < fewFound {
			column = `standing || ''`
		}
		condition, args := v.concerns(v.Version, v.Now.UnixMilli(), string(standing))
		if l.Untriaged {
			condition += ` AND untriaged`
		}
		// Not to be read as three conditions, of which one might be thought to find
		// fewer rows than the standing, which finds them in their order.
		const believed = `NOT (judged_by <> $1 OR since > $2 OR until <= $2)`
		some, err := query(ctx, tx, func(rows *sql.Rows) (p place, err error) {
			err = rows.Scan(&p.source, &p.id, &p.turn)
			return p, err
		}, `SELECT source, id, turn FROM standings WHERE `+column+` = $3 AND `+believed+` AND `+condition+
			fmt.Sprintf(` ORDER BY turn LIMIT %d`, l.Room), args...)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b place) int { return bytes.Compare(a.turn, b.turn) })
	names := make([]name, min(len(all), l.Room))
	for i := range names {
		names[i] = all[i].name
	}
	return names, nil
}

// maxValues bounds how many holders and teams are listed.
const maxValues = 100

// Holders lists who holds tickets that are open or parked, by their folded addresses,
// up to a hundred in the order of the alphabet. Each costs one look into an index,
// however many tickets there are.
func (s *Store) Holders(ctx context.Context) ([]string, error) { return s.values(ctx, `holder`) }

// Teams lists those who have tickets that are open or parked, as
// Holders does.
func (s *Store) Teams(ctx context.Context) ([]string, error) { return s.values(ctx, `team`) }

func (s *Store) values(ctx context.Context, column string) (list []string, err error) {
	for after := ""; len(list) < maxValues; {
		var next sql.NullString
		if err := s.db.QueryRowContext(ctx, `SELECT min(`+column+`) FROM standings WHERE `+column+` > $1`, after).Scan(&next); err != nil {
			return nil, s.failure(ctx, fmt.Errorf("list by %s: %w", column, err))
		}
		if !next.Valid {
			break
		}
		after = next.String
		list = append(list, after)
	}
	return list, nil
}

// A name is a ticket's.
type name struct{ source, id string }

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
		SELECT source, id, version, body, '' AS verdict, written, episodes, marks, handled, first, open, problem, wake_at, saves, marked_at, read_at, unread_at, misses, retry_at
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
