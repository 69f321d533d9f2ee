package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/rules"
)

// An Ahead is how many tickets of a team fall due on a day, each by its most pressing
// clock, and which, if they are few.
type Ahead struct {
	Team    string // shortened as a View's; "" = none
	Day     int
	Tickets int
	Due     []Due // all of them in order of time, or none
}

// A Due is a ticket that falls due.
type Due struct {
	Source, ID string
	At         time.Time
	AtRisk     bool
}

// Ahead counts the tickets of a view that fall due from its Now on, by team and day;
// days are the instants at which days begin, and last the one at which they end. Of the
// teams that have the most, so many as asked for, it lists the tickets of days on which
// there are no more than few. A ticket that is being judged anew this second is not in
// it.
func (s *Store) Ahead(ctx context.Context, v View, days []time.Time, teams, few int) ([]Ahead, error) {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return nil, s.failure(ctx, fmt.Errorf("count what falls due: %w", err))
	}
	defer tx.Rollback()
	list, err := v.ahead(ctx, tx, days)
	if err == nil {
		err = v.dueOf(ctx, tx, list, days, teams, few)
	}
	if err != nil {
		return nil, fmt.Errorf("count what falls due: %w", err)
	}
	return list, nil
}

// ahead counts by team and day, the team with the most tickets first. Tickets are found
// by their turns, in an index that has all that is asked for here.
func (v View) ahead(ctx context.Context, tx *sql.Tx, days []time.Time) (list []Ahead, err error) {
	total := map[string]int{}
	for day := range max(0, len(days)-1) {
		teams := map[string]int{}
		for _, standing := range pressing {
			condition, args := v.falling(standing, days[day], days[day+1])
			_, err := query(ctx, tx, func(rows *sql.Rows) (none struct{}, err error) {
				var team string
				var n int
				err = rows.Scan(&team, &n)
				teams[team] += n
				total[team] += n
				return none, err
			}, `SELECT team, count(*) FROM standings WHERE `+condition+` GROUP BY team`, args...)
			if err != nil {
				return nil, err
			}
		}
		for team, n := range teams {
			list = append(list, Ahead{Team: team, Day: day, Tickets: n})
		}
	}
	slices.SortFunc(list, func(a, b Ahead) int {
		return cmp.Or(total[b.Team]-total[a.Team], cmp.Compare(a.Team, b.Team), a.Day-b.Day)
	})
	return list, nil
}

// dueOf lists the tickets of the first teams of a list where they are few.
func (v View) dueOf(ctx context.Context, tx *sql.Tx, list []Ahead, days []time.Time, teams, few int) error {
	of := make([]map[string]*Ahead, len(days))
	for i := range list {
		a := &list[i]
		if i > 0 && a.Team != list[i-1].Team {
			teams--
		}
		if teams > 0 && a.Tickets <= few {
			if of[a.Day] == nil {
				of[a.Day] = map[string]*Ahead{}
			}
			of[a.Day][a.Team] = a
		}
	}
	for day, some := range of {
		if len(some) == 0 {
			continue
		}
		if err := v.due(ctx, tx, some, days[day], days[day+1]); err != nil {
			return err
		}
	}
	return nil
}

// pressing are the standings of tickets that are to fall due.
var pressing = []rules.Standing{rules.StandsAtRisk, rules.StandsRunning}

// due lists the tickets of some teams that fall due in [from, to).
func (v View) due(ctx context.Context, tx *sql.Tx, teams map[string]*Ahead, from, to time.Time) error {
	for _, standing := range pressing {
		condition, args := v.falling(standing, from, to)
		var places []string
		for team := range teams {
			args = append(args, team)
			places = append(places, fmt.Sprintf("$%d", len(args)))
		}
		_, err := query(ctx, tx, func(rows *sql.Rows) (none struct{}, err error) {
			var team string
			var turn []byte
			d := Due{AtRisk: standing == rules.StandsAtRisk}
			if err = rows.Scan(&d.Source, &d.ID, &team, &turn); err == nil {
				d.At = time.Unix(int64(binary.BigEndian.Uint64(turn[1:9])^1<<63), 0)
				teams[team].Due = append(teams[team].Due, d)
			}
			return none, err
		}, `SELECT source, id, team, turn FROM standings WHERE `+condition+` AND team IN (`+strings.Join(places, ", ")+`)`, args...)
		if err != nil {
			return err
		}
	}
	for _, a := range teams {
		slices.SortFunc(a.Due, func(a, b Due) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	}
	return nil
}

// falling is the condition on standings that are in the view, are believed, stand so,
// and fall due in [from, to): their turns lie between two.
func (v View) falling(standing rules.Standing, from, to time.Time) (string, []any) {
	at := func(t time.Time) []byte { return turn("", "", rules.Stand{Standing: standing, Due: t})[:9] }
	if from.Before(v.Now) {
		from = v.Now
	}
	condition, args := v.concerns(v.Version, v.Now.UnixMilli(), string(standing), at(from), at(to))
	return `standing = $3 AND turn >= $4 AND turn < $5 AND NOT (judged_by <> $1 OR since > $2 OR until <= $2) AND ` + condition, args
}
