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
	if v.Error == "" && v.Status != Deleted {
		v.Tags = tagChange(policies, &v, v.state, now)
	}
	return v, nil
}

// evaluations are used again for their lists. Nothing that a verdict holds lies
// in them.
var evaluations = sync.Pool{New: func() any { return newEvaluation() }}

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
		e.h.await(t)
		e.fail(err)
		if pending > 0 && (e.graceUntil == 0 || pending < e.graceUntil) {
			e.graceUntil = pending // also where this policy doesn't cover the ticket: by then it may
		}
		covered := e.covered(e.h.steps[e.judgedAt()].state)
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
	n := e.count(FirstReply, cycle{start: k, stop: -1}, &Target{Within: map[string]Duration{"": d}}, "")
	at, _ := e.reached(&n, d.Seconds)
	return at
}

// judgedAt is the step whose state the ticket as a whole is judged by: the last
// one, or, once it is solved, the one that solved it.
func (e *evaluation) judgedAt() int { return e.counted(e.h.last()) }

// judge fills the verdict of a covered ticket. Once it is solved, its priority is
// that of its clocks: the one at the solving.
func (e *evaluation) judge(v *Verdict) {
	last, judged := e.h.last(), e.h.steps[e.judgedAt()].state
	s := e.standing(judged)
	v.Priority, v.PriorityFrom, v.Unknown = s.priority, s.from, s.unknown
	if proposed, _ := e.proposed(judged, e.h.states[judged].priority); proposed != "" {
		v.Proposed = &proposed
	}
	if v.Status == Deleted {
		return
	}
	e.marks(v)
	if x := e.excluded(judged); x != nil {
		v.Excluded = &Exclusion{Clause: x.Clause, Tag: x.Tag, Reason: x.Reason}
		return
	}
	if v.Escalation = e.escalation(); v.Escalation != nil && v.Escalation.LinkBy != nil {
		e.wake(v, v.Escalation.LinkBy.Unix())
	}
	v.FromFirst = e.t.OpenedBy == ByAgent && e.row(FirstReply, judged) != nil
	promised := 0
	for _, is := range e.promised {
		if is {
			promised++
		}
	}
	v.Clocks, v.read = make([]Clock, 0, promised), make([]reading, 0, promised)
	for _, m := range Metrics {
		if c, ok := e.clock(m); ok {
			v.Clocks, v.read = append(v.Clocks, c), append(v.read, e.reading)
			e.wake(v, nextChange(&c, e.h.now))
		}
	}
	if !e.h.steps[last].done {
		e.triage(v, s)
	}
}

// marks adds the marks that hold, of excluded tickets too. They see a ticket that
// still counts as solved, within reopen_grace, as it was solved.
func (e *evaluation) marks(v *Verdict) {
	if len(e.p.Marks) == 0 {
		return
	}
	last := e.h.last()
	state := e.h.steps[last].state
	if solved := last; e.h.steps[last].done && !e.h.at(last).status.done() {
		for !e.h.at(solved).status.done() {
			solved--
		}
		as := *e.h.at(last)
		as.status, as.statusBy, as.asSolved = e.h.at(solved).status, e.h.at(solved).statusBy, true
		e.h.states = append(e.h.states, as)
		state = len(e.h.states) - 1
	}
	for i := range e.p.Marks {
		if m := &e.p.Marks[i]; e.holds(m.When, state, v.Priority) {
			v.Marks = append(v.Marks, e.marked(m))
		}
	}
}

// marked is a mark that holds. One that is told has held since the first of the last
// steps in which it did without a break; a reopening within reopen_grace is none.
func (e *evaluation) marked(m *Mark) MarkNote {
	note := MarkNote{Tag: m.Tag, Note: m.Note, Clause: m.Clause, Proposed: m.Propose.In(e.t.Language)}
	if !m.Tell {
		return note
	}
	first := e.h.last()
	for k := first; k >= 0; k-- {
		if e.h.steps[k].done && !e.h.at(k).status.done() {
			continue
		}
		if state := e.h.steps[k].state; !e.holds(m.When, state, e.standing(state).priority) {
			break
		}
		first = k
	}
	since := instant(e.h.steps[first].at).In(e.calendarAt(first).Zone())
	note.Since = &since
	return note
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
	if !e.promised[metricIndex(m)] {
		return Clock{}, false
	}
	cycles := e.cycles(m)
	e.moments = make([]time.Time, 0, 2*len(cycles))
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

// decided is the step at which a cycle's target is decided, its stop or now, and
// the state that decides it. A reply's own effect is none on what it stops: a
// target for answered tickets is no target of the time before the first answer.
func (e *evaluation) decided(m Metric, cy cycle) (k, state int) {
	if cy.stop < 0 {
		return e.h.last(), e.h.steps[e.h.last()].state
	}
	if s := &e.h.steps[cy.stop]; m != Resolution && s.answer {
		return cy.stop, s.before
	}
	return cy.stop, e.h.steps[cy.stop].state
}

// judgeCycle measures one cycle by the row in force at its stop, or now.
func (e *evaluation) judgeCycle(m Metric, cy cycle) (Clock, bool) {
	_, state := e.decided(m, cy)
	row := e.row(m, state)
	if row == nil || !e.inScope(state) {
		return Clock{}, false
	}
	priority := e.standing(state).priority
	n := e.count(m, cy, row, priority)
	target := n.target.Seconds
	zone := n.calendar.Zone()
	c := Clock{
		Metric: m, Paused: n.paused, Target: target, Elapsed: n.used, Remaining: target - n.used,
		StartedAt: instant(n.from).In(zone), Cycle: cy.n, Calendar: n.calendar.Name(), Clause: row.Clause,
		Business: n.target.Business, Priority: priority, Warnings: []WarningPoint{},
	}
	warn := row.Warn[priority]
	due, ok := e.reached(&n, target)
	e.reading = reading{metric: m, cycle: cy.n, used: n.used, target: n.target, warn: warn, late: ok && due < n.to}
	if ok {
		c.Due = e.moment(due, zone)
	}
	if cy.stop >= 0 {
		c.StoppedAt = e.moment(n.to, zone)
	}
	switch {
	case ok && due < n.to:
		c.State = StateBreached
		c.ByChange = e.byChange(m, cy, due)
		e.reading.byChange = c.ByChange != nil
	case cy.unanswered:
		c.State = StateVoid
	case cy.stop >= 0:
		c.State = StateMet
	case n.paused:
		c.State = StatePaused
	default:
		c.State = StateRunning
		c.Warnings = make([]WarningPoint, 0, len(warn))
		for _, w := range warn {
			at, _ := e.reached(&n, w.used(target))
			c.Warnings = append(c.Warnings, WarningPoint{Threshold: w.String(), At: instant(at).In(zone)})
		}
		slices.SortStableFunc(c.Warnings, func(a, b WarningPoint) int { return cmp.Compare(a.At.Unix(), b.At.Unix()) })
	}
	return c, true
}

// moment is where a clock finds an instant: one list holds those of all cycles of a metric.
func (e *evaluation) moment(at int64, zone *time.Location) *time.Time {
	e.moments = append(e.moments, instant(at).In(zone))
	return &e.moments[len(e.moments)-1]
}

// byChange finds the change that made a cycle late at once: it came after the due
// instant of the target in force, and what held before it wasn't missed yet, while
// all that has held since was. Nil for an ordinary breach, also where a mistake
// outlasted the due instant of the right target and was put right too late.
func (e *evaluation) byChange(m Metric, cy cycle, due int64) *BreachCause {
	k, state := e.decided(m, cy)
	for inForce := due; ; {
		since := k
		for since > cy.start && e.sameTarget(m, e.h.steps[e.counted(since-1)].state, state) {
			since = max(e.counted(since-1), cy.start)
		}
		at := e.h.steps[since].at
		if since == cy.start || due >= at {
			return nil
		}
		after, missed := state, false
		k = max(e.counted(since-1), cy.start)
		state = e.h.steps[e.counted(since-1)].state
		if row := e.row(m, state); row != nil && e.watched(state) {
			n := e.count(m, cycle{start: cy.start, stop: since}, row, e.standing(state).priority)
			before, ok := e.reached(&n, n.target.Seconds)
			due, missed = before, ok && before < at
		}
		switch {
		case missed:
		case inForce >= at:
			return nil
		default:
			return &BreachCause{What: e.difference(m, state, after), At: instant(at).In(e.calendarAt(since).Zone())}
		}
	}
}

// counted is the step whose state counted at step k: its own, or while the ticket was
// solved that of the solving.
func (e *evaluation) counted(k int) int {
	for k > 0 && e.h.steps[k].done && e.h.steps[k-1].done {
		k--
	}
	return k
}

// sameTarget says whether one state has the target of a metric that another has.
func (e *evaluation) sameTarget(m Metric, a, b int) bool {
	return e.watched(a) && e.row(m, a) == e.row(m, b) && e.standing(a).priority == e.standing(b).priority
}

// watched says whether the ticket has clocks in a state: it is in scope, and there.
func (e *evaluation) watched(state int) bool {
	return e.inScope(state) && e.h.states[state].status != Deleted
}

// difference names what changed between two states that a metric's target can depend
// on, the most telling first.
func (e *evaluation) difference(m Metric, before, after int) string {
	a, b := &e.h.states[before], &e.h.states[after]
	if e.standing(before).priority != e.standing(after).priority {
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
	if e.p.Triage == nil || s.from == FromPerson {
		return
	}
	at := e.passed(0, *e.p.Triage)
	v.Triage = &TriageDue{At: instant(at).In(e.calendarAt(e.h.last()).Zone()), Late: at <= e.h.now}
	e.wake(v, at)
}

// Later is a duration after an instant on the clock that the duration names: all
// hours, or the open hours of one of the policy's calendars. An error is a date
// beyond what is known.
func (v *Verdict) Later(calendar string, from time.Time, d Duration) (time.Time, error) {
	if !d.Business || v.policy == nil || v.policy.Calendars[calendar] == nil {
		return from.Add(seconds(d.Seconds)), nil
	}
	return v.policy.Calendars[calendar].Add(from, d.Seconds)
}
