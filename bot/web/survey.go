package web

import (
	"cmp"
	"context"
	"slices"
	"time"

	"vigie/bot/store"
	"vigie/rules"
)

// A standing is where a ticket stands as a whole: by the worst of its clocks.
type standing = rules.Standing

const (
	parked  = rules.StandsParked
	missed  = rules.StandsMissed
	atRisk  = rules.StandsAtRisk
	running = rules.StandsRunning
	paused  = rules.StandsPaused
	quiet   = rules.StandsQuiet
)

// untriaged is a filter like the standings, though a ticket is it besides them.
const untriaged standing = "untriaged"

// The board shows maxShown tickets at a time, which makes a page of less than 100 kB,
// and the most urgent maxPaged at all. Those that are parked, or that have no open
// target, take only so much of it, unless they are asked for, that they don't hide the
// others.
const (
	maxShown  = 40
	maxPaged  = 10 * maxShown
	maxParked = 5
	maxQuiet  = 20
)

// An entry is one open ticket as it stands at the survey's instant.
type entry struct {
	source, id, url string
	rules.Stand
	verdict rules.Verdict
	problem string // parked: why
}

// A survey is of all open tickets at one instant, as judging them then gives it.
// Its counts are of those that the filter has, whatever their
// state: each says how many tickets its state would show.
type survey struct {
	filter
	now             time.Time
	counts          map[standing]int // untriaged, too
	clocks          map[clockCount]int
	open            int // those that could be judged
	tickets, parked shelf
	quiet           shelf // where no state was asked for: tickets without an open target
}

// A shelf keeps the most urgent of the entries that are put on it.
type shelf struct {
	room    int // how many
	skip    int // of those, how many come before the page
	entries []entry
	fits    int // how many there are for it
}

func newSurvey(f filter) *survey {
	v := &survey{filter: f, counts: map[standing]int{}, clocks: map[clockCount]int{}, tickets: shelf{room: maxShown}, parked: shelf{room: maxParked}, quiet: shelf{room: maxQuiet}}
	if f.state == parked {
		v.parked.room = maxShown
	}
	return v
}

// page has the survey show the tickets from a place on.
func (v *survey) page(from int) {
	from = max(0, min(from, maxPaged-maxShown))
	on := &v.tickets
	if v.state == parked {
		on = &v.parked
	}
	on.skip, on.room = from, from+maxShown
}

// look has a survey look at every open ticket, one survey at a time, and show those
// of some lists. The store tells where those stand that were judged before; judged
// now are only those of which it doesn't know that any more, and those that are
// shown. What keeps a ticket from being judged is said in w.
func (s *Server) look(ctx context.Context, v *survey, lists []store.List, w speech) error {
	s.surveying.Lock()
	defer s.surveying.Unlock()
	v.now = s.Now().In(s.home())
	view := v.filter.view(s.Addresses)
	view.Now, view.Version = v.now, s.Version
	counts, err := s.Store.Survey(ctx, view, lists,
		func(row *store.Row) error { v.add(view, judge(row, s.Policies, v.now, w)); return nil },
		func(row *store.Row) error { v.show(judge(row, s.Policies, v.now, w)); return nil })
	for _, c := range counts {
		v.count(c)
	}
	v.settle()
	return err
}

// judge is a row as it stands at now.
func judge(row *store.Row, policies map[string][]*rules.Policy, now time.Time, w speech) entry {
	e := entry{source: row.Source, id: row.ID, problem: row.Problem, Stand: rules.Parked(row.Ticket)}
	t := row.Ticket
	switch {
	case t == nil && row.Handled < row.Marks:
		e.problem = cmp.Or(e.problem, w.Say("ticket.not_read"))
		return e
	case t == nil:
		e.problem = cmp.Or(e.problem, w.Say("ticket.not_there", "name", row.Source))
		return e
	}
	e.url = t.URL
	known, ok := policies[row.Source]
	if !ok {
		e.problem = cmp.Or(e.problem, w.Say("ticket.no_source", "name", row.Source))
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
	e.verdict, e.Stand = v, v.Stand(t, now)
	return e
}

// lists are the tickets that the survey shows.
func (v *survey) lists() (lists []store.List) {
	for _, shelf := range []*shelf{&v.tickets, &v.parked, &v.quiet} {
		l := store.List{Room: shelf.room, Untriaged: v.state == untriaged}
		for _, st := range rules.Standings {
			if v.shelf(st, l.Untriaged) == shelf {
				l.Standings = append(l.Standings, st)
			}
		}
		if len(l.Standings) > 0 {
			lists = append(lists, l)
		}
	}
	return lists
}

// shelf is where tickets of a standing are shown; nil if they aren't.
func (v *survey) shelf(st standing, isUntriaged bool) *shelf {
	switch {
	case v.state != "" && v.state != st && !(v.state == untriaged && isUntriaged):
		return nil
	case st == parked && v.state != untriaged:
		return &v.parked
	case st == parked:
		return nil
	case st == quiet && v.state == "":
		return &v.quiet
	}
	return &v.tickets
}

// count adds tickets that stand alike.
func (v *survey) count(c store.Count) {
	v.counts[c.Standing] += c.Tickets
	for _, clock := range c.Clocks {
		v.clocks[clockCount{clock.Metric, clock.Standing}] += c.Tickets
	}
	if c.Untriaged {
		v.counts[untriaged] += c.Tickets
	}
	if c.Standing != parked {
		v.open += c.Tickets
	}
	if shelf := v.shelf(c.Standing, c.Untriaged); shelf != nil {
		shelf.fits += c.Tickets
	}
}

// add counts and shows a ticket, if it is one of those that are asked for.
func (v *survey) add(view store.View, e entry) {
	if !view.Holds(e.source, e.id, e.Stand) {
		return
	}
	v.count(store.Count{Source: e.source, Standing: e.Standing, Untriaged: e.Untriaged, Clocks: e.Clocks, Tickets: 1})
	v.show(e)
}

// show puts a ticket on its shelf.
func (v *survey) show(e entry) {
	if shelf := v.shelf(e.Standing, e.Untriaged); shelf != nil {
		shelf.put(e)
	}
}

func (s *shelf) put(e entry) {
	s.entries = append(s.entries, e)
	if len(s.entries) >= 4*s.room { // memory stays that of a few boards, however many are open
		s.settle()
	}
}

func (s *shelf) settle() {
	slices.SortFunc(s.entries, byUrgency)
	s.entries = slices.Clip(s.entries[:min(len(s.entries), s.room)])
}

func (v *survey) settle() {
	v.tickets.settle()
	v.parked.settle()
	v.quiet.settle()
}

// more is how many entries didn't find room.
func (s *shelf) more() int { return s.fits - len(s.entries) }

// shown are the entries of the page.
func (s *shelf) shown() []entry { return s.entries[min(s.skip, len(s.entries)):] }

// byUrgency is the board's order.
func byUrgency(a, b entry) int {
	return cmp.Or(
		a.Pressing(b.Stand),
		cmp.Compare(a.source, b.source),
		cmp.Compare(len(a.id), len(b.id)), // 9 before 10
		cmp.Compare(a.id, b.id),
	)
}
