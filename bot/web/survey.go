package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/bot/store"
	"vigie/rules"
)

// A standing is where a ticket stands as a whole: by the worst of its clocks.
type standing string

const (
	parked  standing = "parked" // can't be read or judged
	missed  standing = "missed"
	atRisk  standing = "at_risk" // past the first warning
	running standing = "running"
	paused  standing = "paused"
	quiet   standing = "quiet" // nothing promised is open: all met, outside the SLA, not covered
)

// standings lists them, the worst first.
var standings = []standing{parked, missed, atRisk, running, paused, quiet}

// untriaged is a filter like the standings, though a ticket is it besides them.
const untriaged standing = "untriaged"

// The board shows at most maxShown tickets. Those that are parked take only so
// much of it, unless they are asked for, that they don't hide the others.
const (
	maxShown  = 500
	maxParked = 5
)

// An entry is one open ticket as it stands at the survey's instant.
type entry struct {
	source, id, url       string
	subject, organization string
	group                 string
	verdict               rules.Verdict
	problem               string // parked: why
	standing              standing
	due                   time.Time // of its most pressing clock; zero if that has none
	left                  int64     // seconds, of the same clock
}

// A filter is what the reader wants to see: everything where it is empty.
type filter struct {
	source string
	state  standing
	text   string
}

func (f filter) empty() bool { return f == filter{} }

// A survey judges all open tickets at one instant. Its counts are of those of
// the source and text that are asked for, whatever their state: each says how
// many tickets its state would show.
type survey struct {
	filter
	now             time.Time
	counts          map[standing]int // untriaged, too
	clocks          map[clockCount]int
	open            int // those that could be judged
	tickets, parked shelf
}

// A shelf keeps the most urgent of the entries that are put on it.
type shelf struct {
	room    int // how many
	entries []entry
	put     int
}

// survey looks at every open ticket, one survey at a time. What keeps a ticket
// from being judged is said in w.
func (s *Server) survey(ctx context.Context, f filter, w *words) (*survey, error) {
	s.surveying.Lock()
	defer s.surveying.Unlock()
	v := &survey{filter: f, now: s.Now().In(s.home()), counts: map[standing]int{}, clocks: map[clockCount]int{}, tickets: shelf{room: maxShown}, parked: shelf{room: maxParked}}
	if f.state == parked {
		v.parked.room = maxShown
	}
	if err := s.Store.EachOpen(ctx, func(row *store.Row) error {
		v.add(judge(row, s.Policies, v.now, w))
		return nil
	}); err != nil {
		return nil, fmt.Errorf("survey open tickets: %w", err)
	}
	v.tickets.settle()
	v.parked.settle()
	return v, nil
}

// judge is a row as it stands at now.
func judge(row *store.Row, policies map[string][]*rules.Policy, now time.Time, w *words) entry {
	e := entry{source: row.Source, id: row.ID, problem: row.Problem, standing: parked}
	t := row.Ticket
	switch {
	case t == nil && row.Handled < row.Marks:
		e.problem = cmp.Or(e.problem, w.NotRead)
		return e
	case t == nil:
		e.problem = cmp.Or(e.problem, w.NotThere)
		return e
	}
	e.url, e.subject, e.organization, e.group = t.URL, t.Subject, t.Organization, t.Group
	known, ok := policies[row.Source]
	if !ok {
		e.problem = cmp.Or(e.problem, w.Fill(w.NoSource, "name", row.Source))
	}
	if e.problem != "" {
		return e
	}
	v, err := rules.Evaluate(known, t, now)
	if err != nil || v.Error != "" {
		if e.problem = v.Error; err != nil {
			e.problem = err.Error()
		}
		return e
	}
	e.verdict = v
	_, e.group, _, e.organization, _, _ = v.Now()
	e.standing = quiet
	for i := range v.Clocks {
		c := &v.Clocks[i]
		if c.Stopped() {
			continue
		}
		mine := entry{standing: stands(c, now), left: c.Remaining}
		if c.Due != nil {
			mine.due = *c.Due
		}
		if pressing(mine, e) < 0 {
			e.due, e.left = mine.due, mine.left
		}
		if rank(mine.standing) < rank(e.standing) {
			e.standing = mine.standing
		}
	}
	return e
}

// stands is where one clock stands. One that has come to its end is nobody's
// worry any more, missed or not.
func stands(c *rules.Clock, now time.Time) standing {
	switch {
	case c.Stopped():
		return quiet
	case c.State == rules.StateBreached:
		return missed
	case c.State == rules.StatePaused:
		return paused
	case c.AtRisk(now):
		return atRisk
	}
	return running
}

func rank(s standing) int { return slices.Index(standings, s) }

// untriaged says that a person still has to choose a priority.
func (e *entry) untriaged() bool { return e.verdict.Triage != nil }

func (v *survey) add(e entry) {
	if !v.concerns(&e) {
		return
	}
	v.counts[e.standing]++
	for i := range e.verdict.Clocks {
		c := &e.verdict.Clocks[i]
		v.clocks[clockCount{c.Metric, stands(c, v.now)}]++
	}
	if e.untriaged() {
		v.counts[untriaged]++
	}
	if e.standing == parked {
		if v.state == "" || v.state == parked {
			v.parked.add(e)
		}
		return
	}
	v.open++
	if v.state == "" || v.state == e.standing || v.state == untriaged && e.untriaged() {
		v.tickets.add(e)
	}
}

func (s *shelf) add(e entry) {
	s.put++
	s.entries = append(s.entries, e)
	if len(s.entries) >= 4*s.room { // memory stays that of a few boards, however many are open
		s.settle()
	}
}

func (s *shelf) settle() {
	slices.SortFunc(s.entries, byUrgency)
	s.entries = slices.Clip(s.entries[:min(len(s.entries), s.room)])
}

// more is how many entries didn't find room.
func (s *shelf) more() int { return s.put - len(s.entries) }

// pressing compares what presses most: what was missed longest; then what falls
// due first, at risk yet or not; then what is paused with the least time left.
func pressing(a, b entry) int {
	return cmp.Or(cmp.Compare(place(a.standing), place(b.standing)), a.due.Compare(b.due), cmp.Compare(a.left, b.left))
}

// place is a standing's place on the board.
func place(s standing) int {
	if s == running {
		s = atRisk
	}
	return rank(s)
}

// byUrgency is the board's order.
func byUrgency(a, b entry) int {
	return cmp.Or(
		pressing(a, b),
		cmp.Compare(a.source, b.source),
		cmp.Compare(len(a.id), len(b.id)), // 9 before 10
		cmp.Compare(a.id, b.id),
	)
}

// concerns says whether a ticket is of the source and text that are asked for.
func (f *filter) concerns(e *entry) bool {
	if f.source != "" && f.source != e.source {
		return false
	}
	if f.text == "" {
		return true
	}
	all := strings.Join([]string{e.source + ":" + e.id, e.subject, e.organization, e.group}, "\n")
	return strings.Contains(strings.ToLower(all), strings.ToLower(f.text))
}
