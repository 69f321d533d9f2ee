package backtest

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"vigie/bot/print"
	"vigie/rules"
)

// A Tally is what is kept of the tickets while they go by: counts, as many as
// the policies have priorities and clauses.
type Tally struct {
	Tickets, Differ, Unjudged int
	all, byPriority, byClause versus
}

// versus counts under the old policies and under the new ones, by name.
type versus map[string]*[2]missed

// missed is how many targets were missed, of how many. Void ones are neither
// kept nor missed, and not counted.
type missed struct {
	Missed int `json:"missed"`
	Of     int `json:"of"`
}

func (t *Tally) Add(old, new *rules.Verdict) {
	t.Tickets++
	for side, v := range []*rules.Verdict{old, new} {
		for i := range v.Clocks {
			for _, c := range cycles(&v.Clocks[i]) {
				if c.State != rules.StateVoid {
					n := missed{Of: 1}
					if c.State == rules.StateBreached {
						n.Missed = 1
					}
					t.all.count("", side, n)
					t.byPriority.count(c.Priority, side, n)
					t.byClause.count(c.Clause, side, n)
				}
			}
		}
	}
}

func (v *versus) count(name string, side int, n missed) {
	if *v == nil {
		*v = versus{}
	}
	sides := (*v)[name]
	if sides == nil {
		sides = &[2]missed{}
		(*v)[name] = sides
	}
	sides[side].Missed += n.Missed
	sides[side].Of += n.Of
}

func (t *Tally) Merge(other *Tally) {
	t.Tickets += other.Tickets
	t.Differ += other.Differ
	for into, from := range map[*versus]versus{&t.all: other.all, &t.byPriority: other.byPriority, &t.byClause: other.byClause} {
		for name, sides := range from {
			for side, n := range sides {
				into.count(name, side, n)
			}
		}
	}
}

// A Summary is the end of a backtest.
type Summary struct {
	Tickets    int    `json:"tickets"`
	Differ     int    `json:"differ"`
	Unjudged   int    `json:"unjudged"` // lines
	Old        missed `json:"old"`
	New        missed `json:"new"`
	ByPriority []Row  `json:"by_priority"`
	ByClause   []Row  `json:"by_clause"`
}

type Row struct {
	Name string `json:"name"`
	Old  missed `json:"old"`
	New  missed `json:"new"`
}

// Summary lists priorities from the most urgent on, clauses as the policies'
// targets do, the old policies' first.
func (t *Tally) Summary(old, new []*rules.Policy) Summary {
	priority, clause := map[string]int{}, map[string]int{}
	place := func(of map[string]int, name string) {
		if _, ok := of[name]; !ok {
			of[name] = len(of)
		}
	}
	for _, p := range slices.Concat(old, new) {
		for _, pr := range p.Priorities {
			place(priority, pr.Name)
		}
		for _, row := range p.Targets {
			place(clause, row.Clause)
		}
	}
	s := Summary{Tickets: t.Tickets, Differ: t.Differ, Unjudged: t.Unjudged, ByPriority: t.byPriority.rows(priority), ByClause: t.byClause.rows(clause)}
	if all := t.all[""]; all != nil {
		s.Old, s.New = all[0], all[1]
	}
	return s
}

func (v versus) rows(place map[string]int) []Row {
	rows := []Row{}
	for _, name := range slices.SortedFunc(maps.Keys(v), func(a, b string) int { return cmp.Compare(place[a], place[b]) }) {
		rows = append(rows, Row{name, v[name][0], v[name][1]})
	}
	return rows
}

func (s *Summary) Print(out io.Writer) error {
	sheet := print.NewSheet(out, "en")
	head := rules.Counted("en", "%s ticket{s}, %s differ{s|}", print.Thousands(s.Tickets), print.Thousands(s.Differ))
	if s.Unjudged > 0 {
		head += rules.Counted("en", ", %s line{s} can't be judged", print.Thousands(s.Unjudged))
	}
	sheet.Begun = s.Differ+s.Unjudged > 0
	sheet.Heading(head)
	table := [][]string{{"targets missed", "old", "new"}, {"all", s.Old.String(), s.New.String()}}
	for _, by := range []struct {
		what string
		rows []Row
	}{{"priority ", s.ByPriority}, {"clause ", s.ByClause}} {
		for _, r := range by.rows {
			table = append(table, []string{by.what + cmp.Or(r.Name, "–"), r.Old.String(), r.New.String()})
		}
	}
	sheet.Table(table)
	return sheet.Flush()
}

func (m missed) String() string {
	return fmt.Sprintf("%s of %s", print.Thousands(m.Missed), print.Thousands(m.Of))
}

// Write tells of a ticket in a few lines.
func Write(out *bytes.Buffer, d *Difference) {
	fmt.Fprintf(out, "%s  %s\n", print.Tame(d.Source+":"+d.ID), change(d.Old.String(), d.New.String()))
	for _, c := range d.Clocks {
		name := string(c.Metric)
		if c.Cycle > 1 {
			name += fmt.Sprintf(" %d", c.Cycle)
		}
		fmt.Fprintf(out, "  %-13s %s\n", name, change(c.Old.String(), c.New.String()))
		if c.Old != nil && c.New != nil {
			if a, b := thresholds(c.Old.Warnings), thresholds(c.New.Warnings); a != b {
				fmt.Fprintf(out, "  %-13s warns %s\n", "", change(a, b))
			}
		}
	}
}

// change is a text and what becomes of it; the text alone if it stays.
func change(old, new string) string {
	if old == new {
		return old
	}
	return old + " -> " + new
}

func (s ruling) String() string {
	switch {
	case s.Error != "":
		return "no verdict: " + s.Error
	case s.Policy == nil:
		return "not covered"
	case s.Excluded != "":
		return "outside the SLA [" + s.Excluded + "]"
	}
	return s.Priority
}

func (p *promise) String() string {
	if p == nil {
		return "none"
	}
	text := map[rules.State]string{rules.StateBreached: "missed"}[p.State]
	text = cmp.Or(text, string(p.State))
	if p.Due != nil {
		text += ", due " + p.Due.Format("Mon 2006-01-02 15:04:05 MST")
	}
	return text + print.Square(p.Clause)
}

func thresholds(list []rules.WarningPoint) string {
	if len(list) == 0 {
		return "never"
	}
	var texts []string
	for _, w := range list {
		texts = append(texts, w.Threshold+" "+w.At.Format(time.DateTime))
	}
	return strings.Join(texts, ", ")
}
