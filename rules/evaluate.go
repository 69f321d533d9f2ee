package rules

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Evaluate judges a ticket by the policies at now: the first that covers it has
// it, in the version in force at the ticket's creation. The verdict depends on
// nothing else, so the same history always gives the same verdict. The error
// says why the ticket can't be judged at all; a date that lies beyond what a
// calendar knows makes the verdict's Error instead.
func Evaluate(policies []*Policy, t *Ticket, now time.Time) (Verdict, error) {
	v := Verdict{Source: t.Source, ID: t.ID, Clocks: []Clock{}, Tags: TagChange{Add: []string{}, Remove: []string{}}, Status: t.Status}
	if err := t.check(); err != nil {
		return v, err
	}
	if now.Unix() < t.CreatedAt.Unix() {
		v.Wake = t.CreatedAt
		return v, nil
	}
	e := evaluations.Get().(*evaluation)
	defer evaluations.Put(e)
	e.h.read(t, now)
	e.wake(&v, e.h.next)
	state := *e.h.at(e.h.last())
	v.state, v.Status = &state, state.status
	p, err := e.choose(policies, t)
	e.wake(&v, e.graceUntil)
	switch {
	case err != nil:
		v.Error = err.Error()
	case p != nil:
		v.Policy, v.policy = &p.Name, p
		e.judge(&v)
		if e.err != nil {
			v.Error = e.err.Error()
			v.Clocks, v.Triage, v.Escalation = []Clock{}, nil, nil
		}
	}
	return v, nil
}

// evaluations are used again for their lists. Nothing that a verdict holds lies
// in them.
var evaluations = sync.Pool{New: func() any { return &evaluation{} }}

// choose begins the evaluation by the first policy that covers the ticket, as
// it is now or, once solved, as it was then. It is nil if none does.
func (e *evaluation) choose(policies []*Policy, t *Ticket) (*Policy, error) {
	e.graceUntil = 0
	for i, p := range policies {
		if slices.ContainsFunc(policies[:i], func(before *Policy) bool { return before.Name == p.Name }) {
			continue // another version has stood for all
		}
		if p = InForce(policies, p.Name, t.CreatedAt); p == nil {
			continue
		}
		e.begin(p, t)
		pending, err := e.h.forgive(e.graceEnd)
		e.fail(err)
		if pending > 0 && (e.graceUntil == 0 || pending < e.graceUntil) {
			e.graceUntil = pending // also where this policy doesn't cover the ticket: by then it may
		}
		covered := e.covered(e.judgedAt())
		if e.err != nil {
			return nil, fmt.Errorf("policy %s: %w", p.Name, e.err)
		}
		if covered {
			return p, nil
		}
		e.h.read(t, instant(e.h.now)) // without this policy's grace
	}
	return nil, nil
}

// graceEnd is the instant at which a reopening at step k counts.
func (e *evaluation) graceEnd(k int) (int64, error) {
	if e.p.ReopenGrace == nil {
		return e.h.steps[k].at, nil
	}
	return e.passed(k, *e.p.ReopenGrace), e.err
}

// passed is the first instant by which a time has passed since step k, counted
// on the calendars of the teams that held the ticket.
func (e *evaluation) passed(k int, d Duration) int64 {
	n := e.count(FirstReply, cycle{start: k, stop: -1}, &Target{Within: map[string]Duration{"": d}}, "", nil)
	at, _ := e.reached(&n, d.Seconds)
	return at
}

// judgedAt is the step whose state the ticket as a whole is judged by: the last
// one, or, once it is solved, the one that solved it.
func (e *evaluation) judgedAt() int {
	k := e.h.last()
	for k > 0 && e.h.steps[k].done && e.h.steps[k-1].done {
		k--
	}
	return k
}

// judge fills the verdict of a covered ticket.
func (e *evaluation) judge(v *Verdict) {
	last := e.h.last()
	s := e.standing(e.h.steps[last].state)
	v.Priority, v.PriorityFrom = s.priority, s.from
	if s.proposed != "" {
		proposed := s.proposed
		v.Proposed = &proposed
	}
	if v.Status == Deleted {
		return
	}
	if x := e.excluded(e.judgedAt()); x != nil {
		v.Excluded = &Exclusion{Clause: x.Clause, Tag: x.Tag, Reason: x.Reason}
	} else {
		for i := range e.p.Marks {
			if m := &e.p.Marks[i]; e.holds(m.When, e.h.steps[last].state, s.priority) {
				v.Marks = append(v.Marks, MarkNote{Tag: m.Tag, Note: m.Note, Clause: m.Clause})
			}
		}
		if v.Escalation = e.escalation(); v.Escalation != nil && v.Escalation.LinkBy != nil {
			e.wake(v, v.Escalation.LinkBy.Unix())
		}
		for _, m := range Metrics {
			if c, ok := e.clock(m); ok {
				v.Clocks = append(v.Clocks, c)
				e.wake(v, nextChange(&c, e.h.now))
			}
		}
		e.triage(v, s)
	}
	v.Tags = e.p.tagChange(v, e.h.at(last), instant(e.h.now))
}

// wake moves the verdict's wake-up forward to an instant after now; 0 is none.
func (e *evaluation) wake(v *Verdict, at int64) {
	if at > e.h.now && (v.Wake.IsZero() || instant(at).Before(v.Wake)) {
		v.Wake = instant(at)
	}
}

// nextChange is when a clock's verdict changes by itself: at its next threshold,
// and in the first second after its due instant, also if a pause began at that
// very instant. 0 is never.
func nextChange(c *Clock, now int64) int64 {
	if c.State != StateRunning && (c.State != StatePaused || c.Due == nil) {
		return 0
	}
	for _, w := range c.Warnings {
		if w.At.Unix() > now {
			return w.At.Unix()
		}
	}
	return c.Due.Unix() + 1
}

// clock is the last cycle of a metric, with the earlier ones; false where
// nothing is promised.
func (e *evaluation) clock(m Metric) (Clock, bool) {
	if !slices.ContainsFunc(e.p.Targets, func(t Target) bool { return t.Metric == m }) {
		return Clock{}, false
	}
	cycles := e.cycles(m)
	var past []Clock
	if len(cycles) > 1 {
		past = make([]Clock, 0, len(cycles)-1)
	}
	for i, cy := range cycles {
		c, ok := e.judgeCycle(m, cy)
		if i == len(cycles)-1 {
			c.Past = past
			return c, ok
		}
		if ok {
			past = append(past, c)
		}
	}
	return Clock{}, false
}

// decided is the step whose state decides a cycle's target: its stop, or now.
func (e *evaluation) decided(cy cycle) int {
	if cy.stop >= 0 {
		return cy.stop
	}
	return e.h.last()
}

// judgeCycle measures one cycle by the row in force at its stop, or now.
func (e *evaluation) judgeCycle(m Metric, cy cycle) (Clock, bool) {
	k := e.decided(cy)
	row := e.row(m, k)
	if row == nil || !e.inScope(k) {
		return Clock{}, false
	}
	priority := e.standing(e.h.steps[k].state).priority
	n := e.count(m, cy, row, priority, e.buf)
	e.buf = n.stretches
	target := n.target.Seconds
	zone := n.calendar.Zone()
	c := Clock{
		Metric: m, Paused: n.paused, Target: target, Elapsed: n.used, Remaining: target - n.used,
		StartedAt: instant(n.from).In(zone), Cycle: cy.n, Calendar: n.calendar.Name(), Clause: row.Clause,
		Business: n.target.Business, Priority: priority, Warnings: []WarningPoint{},
	}
	due, ok := e.reached(&n, target)
	if ok {
		at := instant(due).In(zone)
		c.Due = &at
	}
	if cy.stop >= 0 {
		at := instant(n.to).In(zone)
		c.StoppedAt = &at
	}
	switch {
	case ok && due < n.to:
		c.State = StateBreached
		c.ByChange = e.byChange(m, cy, due)
	case cy.unanswered:
		c.State = StateVoid
	case cy.stop >= 0:
		c.State = StateMet
	case n.paused:
		c.State = StatePaused
	default:
		c.State = StateRunning
		for _, w := range row.Warn[priority] {
			at, _ := e.reached(&n, w.used(target))
			c.Warnings = append(c.Warnings, WarningPoint{Threshold: w.String(), At: instant(at).In(zone)})
		}
		slices.SortStableFunc(c.Warnings, func(a, b WarningPoint) int { return cmp.Compare(a.At.Unix(), b.At.Unix()) })
	}
	return c, true
}

// byChange finds the change that made a cycle late at once: the target in force
// began to hold after its own due instant, and what held before wasn't missed
// yet. Nil for an ordinary breach.
func (e *evaluation) byChange(m Metric, cy cycle, due int64) *BreachCause {
	k := e.decided(cy)
	row, priority := e.row(m, k), e.standing(e.h.steps[k].state).priority
	since := k
	for since > cy.start && e.inScope(since-1) && e.row(m, since-1) == row && e.standing(e.h.steps[since-1].state).priority == priority {
		since--
	}
	at := e.h.steps[since].at
	if since == cy.start || due >= at {
		return nil
	}
	if before := e.row(m, since-1); before != nil && e.inScope(since-1) {
		n := e.count(m, cycle{start: cy.start, stop: since}, before, e.standing(e.h.steps[since-1].state).priority, nil)
		if dueBefore, ok := e.reached(&n, n.target.Seconds); ok && dueBefore < at {
			return nil
		}
	}
	return &BreachCause{What: e.difference(m, since), At: instant(at).In(e.calendarAt(since).Zone())}
}

// difference names what changed at step k that a metric's target can depend on,
// the most telling first.
func (e *evaluation) difference(m Metric, k int) string {
	a, b := e.h.at(k-1), e.h.at(k)
	if e.standing(e.h.steps[k-1].state).priority != e.standing(e.h.steps[k].state).priority {
		return "priority"
	}
	depends := e.p.dependsOn(m)
	for _, c := range []struct {
		reads reads
		name  string
	}{
		{readsKind, "kind"}, {readsOrganization, "organization"}, {readsChannel, "channel"}, {readsGroup, "group"},
		{readsStatus | readsStatusBy | readsAnswered, "status"},
	} {
		if !(depends & c.reads).same(a, b) {
			return c.name
		}
	}
	return "tags or fields"
}

// dependsOn is what decides which target a metric has, if any.
func (p *Policy) dependsOn(m Metric) reads {
	all := p.Covers.read()
	for i := range p.Excludes {
		all |= p.Excludes[i].When.read()
	}
	for i := range p.Targets {
		if p.Targets[i].Metric == m {
			all |= p.Targets[i].When.read()
		}
	}
	return all
}

// triage says when a person should have set a priority, while none has: counted
// from creation on the calendars of the teams that held the ticket.
func (e *evaluation) triage(v *Verdict, s *standing) {
	if e.p.Triage == nil || s.from == FromPerson || e.h.steps[e.h.last()].done {
		return
	}
	at := e.passed(0, *e.p.Triage)
	v.Triage = &TriageDue{At: instant(at).In(e.calendarAt(e.h.last()).Zone()), Late: at <= e.h.now}
	e.wake(v, at)
}
