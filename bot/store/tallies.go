package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Tallies are how much there is to do, counted by the database.
type Tallies struct {
	Unread  map[string]int // by source: tickets that changed and haven't been read since
	Parked  map[string]int // by source: tickets that can't be read or judged
	Waiting map[string]int // by kind: actions to be carried out
	Stuck   map[string]int // by kind: actions that are parked
	Refused map[string]int // by kind: actions to be carried out that were refused
	Writes  map[string]int // by source: tickets to be written
}

// Tallies counts what there is to do.
func (s *Store) Tallies(ctx context.Context) (t Tallies, err error) {
	t.Unread, err = s.tally(ctx, `SELECT source, count(*) FROM tickets WHERE marks > handled GROUP BY source`)
	if err == nil {
		t.Parked, err = s.tally(ctx, `SELECT source, count(*) FROM tickets WHERE problem <> '' GROUP BY source`)
	}
	if err == nil {
		t.Waiting, err = s.tally(ctx, `SELECT kind, count(*) FROM actions WHERE state IN ('pending', 'started') GROUP BY kind`)
	}
	if err == nil {
		t.Stuck, err = s.tally(ctx, `SELECT kind, count(*) FROM actions WHERE state = 'parked' GROUP BY kind`)
	}
	if err == nil {
		t.Refused, err = s.tally(ctx, `SELECT kind, count(*) FROM actions WHERE `+wasRefused+` GROUP BY kind`)
	}
	if err == nil {
		t.Writes, err = s.tally(ctx, `SELECT source, count(*) FROM actions WHERE `+isWrite+` AND state IN ('pending', 'started') GROUP BY source`)
	}
	if err != nil {
		err = fmt.Errorf("count what is to do: %w", err)
	}
	return t, err
}

func (s *Store) tally(ctx context.Context, text string) (map[string]int, error) {
	type row struct {
		name string
		n    int
	}
	rows, err := query(ctx, s.db, func(rows *sql.Rows) (r row, err error) {
		err = rows.Scan(&r.name, &r.n)
		return r, err
	}, text)
	counts := map[string]int{}
	for _, r := range rows {
		counts[r.name] = r.n
	}
	return counts, err
}
