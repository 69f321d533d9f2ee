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

// standings lists them in the board's order.
var standings = []standing{parked, missed, atRisk, running, paused, quiet}

// untriaged is a filter like the standings, though a ticket is it besides them.
const untriaged standing = "untriaged"

// maxShown bounds how many tickets the board shows.
const maxShown = 500

// An entry is one open ticket as it stands at the survey's instant.
type entry struct {
	source, id, url       string
	subject, organization string
	group                 string
	verdict               rules.Verdict
	problem               string // parked: why
	standing              standing
	due                   time.Time // of the clock that gives the standing; zero if it has none
	left                  int64     // seconds, of the same clock
}

// A filter is what the reader wants to see: everything where it is empty.
type filter struct {
	source string
	state  standing
	text   string
}

func (f filter) empty() bool { return f == filter{} }

// A survey judges all open tickets at one instant. Its counts are of all of
// them, its entries the first maxShown of those that fit the filter.
type survey struct {
	filter
	now       time.Time
	counts    map[standing]int // untriaged, too
	open      int              // those that could be judged
	fitting   int
	entries   []entry
	unsettled bool // entries are out of order
}

// survey looks at every open ticket, one survey at a time. What keeps a ticket
// from being judged is said in w.
func (s *Server) survey(ctx context.Context, f filter, w *words) (*survey, error) {
	s.surveying.Lock()
	defer s.surveying.Unlock()
	v := &survey{filter: f, now: s.Now().In(s.home()), counts: map[standing]int{}}
	if err := s.Store.EachOpen(ctx, func(row *store.Row) error {
		v.add(judge(row, s.Policies, v.now, w))
		return nil
	}); err != nil {
		return nil, fmt.Errorf("survey open tickets: %w", err)
	}
	v.settle()
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
		st := stands(c, now)
		order := cmp.Compare(rank(st), rank(e.standing))
		if c.Due != nil && order == 0 && c.Due.Before(e.due) || order < 0 {
			e.standing, e.left, e.due = st, c.Remaining, time.Time{}
			if c.Due != nil {
				e.due = *c.Due
			}
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
	v.counts[e.standing]++
	if e.standing != parked {
		v.open++
	}
	if e.untriaged() {
		v.counts[untriaged]++
	}
	if !v.fits(&e) {
		return
	}
	v.fitting++
	v.entries = append(v.entries, e)
	if v.unsettled = true; len(v.entries) >= 4*maxShown { // memory stays that of a few boards, however many are open
		v.settle()
	}
}

func (v *survey) settle() {
	if !v.unsettled {
		return
	}
	slices.SortFunc(v.entries, byUrgency)
	v.entries = slices.Clip(v.entries[:min(len(v.entries), maxShown)])
	v.unsettled = false
}

// byUrgency puts what was missed longest first; then what falls due first; then
// what is paused with the least time left.
func byUrgency(a, b entry) int {
	return cmp.Or(
		cmp.Compare(rank(a.standing), rank(b.standing)),
		a.due.Compare(b.due),
		cmp.Compare(a.left, b.left),
		cmp.Compare(a.source, b.source),
		cmp.Compare(len(a.id), len(b.id)), // 9 before 10
		cmp.Compare(a.id, b.id),
	)
}

func (f *filter) fits(e *entry) bool {
	if f.source != "" && f.source != e.source {
		return false
	}
	if f.state == untriaged && !e.untriaged() || f.state != "" && f.state != untriaged && f.state != e.standing {
		return false
	}
	if f.text == "" {
		return true
	}
	all := strings.Join([]string{e.source + ":" + e.id, e.subject, e.organization, e.group}, "\n")
	return strings.Contains(strings.ToLower(all), strings.ToLower(f.text))
}
