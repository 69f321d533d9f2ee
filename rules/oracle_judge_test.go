package rules_test

import (
	"cmp"
	"slices"
	"time"

	"vigie/rules"
)

// The naive judge: it walks a ticket's life from minute to minute (and from
// event to event), asks at each instant what is true then, and adds up.

// An oracleState is what a ticket is like from one instant on.
type oracleState struct {
	oracleView
	chosen    string            // the priority that a person set
	tagBy     map[string]string // who added or removed a tag last
	there     []string          // all the ticket's tags, as the writer sees them
	inherited []string          // those of them that nobody has set: conditions don't see them
}

// An oracleMoment is an instant, and the time until the next one, in which
// nothing happens and no calendar opens or closes.
type oracleMoment struct {
	at, to             int64
	st                 *oracleState
	answer, ask, agent bool // at this very instant
	first              bool // the answer is the first one
	agentsTurn         bool // the last public message is an agent's
	done               bool // counts as solved
}

type oracleRowKey struct {
	metric string
	st     *oracleState
}

type oracleVerdict struct {
	Policy, Priority, From, Proposed, Unknown, Excluded string
	Clocks                                              []oracleClock
	Add, Remove, Marks                                  []string
	TriageAt                                            int64
	TriageLate                                          bool
}

type oracleClock struct {
	Metric, State, Calendar, Priority            string
	Paused                                       bool
	Due                                          int64 // 0 none
	Target, Elapsed, Remaining, Started, Stopped int64
	Cycle                                        int
	Warnings                                     []oracleWarning
	Past                                         []oracleClock
}

type oracleWarning struct {
	Threshold string
	At        int64
}

// oracleJudge is the verdict of the first spec that covers the ticket.
func oracleJudge(specs []*oracleSpec, t *rules.Ticket, now time.Time) oracleVerdict {
	if now.Unix() < t.CreatedAt.Unix() {
		return oracleVerdict{}
	}
	s, life := oracleCovering(specs, t, now.Unix())
	last := &life[len(life)-1]
	var v oracleVerdict
	if s != nil {
		v, _ = s.judge(life)
	}
	if last.st.status != "deleted" {
		v.tag(specs, s, last)
	}
	return v
}

// oracleCovering is the first spec that covers the ticket, or nil, and the life
// by which the last one that was asked sees it.
func oracleCovering(specs []*oracleSpec, t *rules.Ticket, now int64) (*oracleSpec, []oracleMoment) {
	var life []oracleMoment
	for _, s := range specs {
		s.rowOf = map[oracleRowKey]*oracleTarget{}
		life = s.live(t, now)
		if s.covers.is(&life[s.judged(life)].st.oracleView) {
			return s, life
		}
	}
	return nil, life
}

// live walks from creation to now.
func (s *oracleSpec) live(t *rules.Ticket, now int64) []oracleMoment {
	created := t.CreatedAt.Unix()
	at := created
	st := &oracleState{oracleView: oracleView{
		kind: t.Kind, status: cmp.Or(string(t.Status), "new"), channel: t.Channel, organization: t.Organization, group: t.Group, text: t.Text,
		openedBy: cmp.Or(t.OpenedBy, "customer"), fields: t.Fields,
	}, chosen: t.Priority, there: t.Tags, inherited: t.Inherited}
	st.answered = st.openedBy == "agent"
	agentsTurn := st.answered
	st.look()
	events := slices.Clone(t.Events)
	slices.SortStableFunc(events, func(a, b rules.Event) int { return cmp.Compare(a.At.Unix(), b.At.Unix()) })
	var life []oracleMoment
	for {
		m := oracleMoment{at: at}
		next := *st
		later := at - at%60 + 60
		for _, e := range events { // those of one instant in their order
			if when := max(e.At.Unix(), created); when > at {
				later = min(later, when)
			} else if when == at {
				next.apply(e)
				m.agent = m.agent || e.By == "agent"
				m.answer = m.answer || e.Type == "reply" && e.Public && e.By == "agent"
				m.ask = m.ask || e.Type == "reply" && e.Public && e.By == "customer"
				st = &next
			}
		}
		m.first = m.answer && !st.answered
		st.answered = st.answered || m.answer
		agentsTurn = (agentsTurn || m.answer) && !m.ask // in one instant the customer's word comes after the agent's
		m.st, m.agentsTurn, m.to = st, agentsTurn, min(later, now)
		life = append(life, m)
		if at == now {
			break
		}
		at = m.to
	}
	inHours := s.calendar(life[0].st).open(life[0].at)
	for i := range life {
		life[i].st.createdInHours = inHours
	}
	s.settle(life)
	return life
}

// look lets conditions see the tags that aren't merely inherited.
func (st *oracleState) look() {
	st.tags = slices.DeleteFunc(slices.Clone(st.there), func(tag string) bool { return slices.Contains(st.inherited, tag) })
}

func (st *oracleState) apply(e rules.Event) {
	switch e.Type {
	case "status":
		st.status = e.To
	case "priority":
		if e.By != "vigie" && e.By != "automation" {
			st.chosen = e.To
		}
	case "group":
		st.group = e.To
	case "kind":
		st.kind = e.To
	case "channel":
		st.channel = e.To
	case "organization":
		st.organization = e.To
	case "field":
		fields := map[string]string{e.Name: e.To}
		for k, v := range st.fields {
			if k != e.Name {
				fields[k] = v
			}
		}
		st.fields = fields
	case "tag":
		by := map[string]string{}
		for k, v := range st.tagBy {
			by[k] = v
		}
		there, inherited := slices.Clone(st.there), slices.Clone(st.inherited)
		forget := func(tag string) bool {
			n := len(inherited)
			inherited = slices.DeleteFunc(inherited, func(s string) bool { return s == tag })
			return len(inherited) < n
		}
		for _, tag := range e.Remove {
			forget(tag)
			if i := slices.Index(there, tag); i >= 0 {
				there = slices.Delete(there, i, i+1)
				by[tag] = e.By
			}
		}
		for _, tag := range e.Add {
			anew := forget(tag) // somebody sets it, even if it is there
			if !slices.Contains(there, tag) {
				there, anew = append(there, tag), true
			}
			if anew {
				by[tag] = e.By
			}
		}
		st.there, st.inherited, st.tagBy = there, inherited, by
		st.look()
	}
}

func (s *oracleSpec) calendar(st *oracleState) *oracleCalendar {
	return s.calendars[s.teams[st.group]] // 0, the policy's, for other groups
}

// counted is how much of a moment counts for a duration of that kind.
func (s *oracleSpec) counted(m *oracleMoment, business bool) int64 {
	if business && !s.calendar(m.st).open(m.at) {
		return 0
	}
	return m.to - m.at
}

// settle finds when the ticket counts as solved. A deleted ticket is as solved
// as it was. Within reopen_grace of a reopening it still counts as solved,
// unless an agent acts on it; not solved again by then, the reopening counts
// from its own instant.
func (s *oracleSpec) settle(life []oracleMoment) {
	solved := make([]bool, len(life))
	for i := range life {
		switch life[i].st.status {
		case "solved", "closed":
			solved[i] = true
		case "deleted":
			solved[i] = i > 0 && solved[i-1]
		}
		life[i].done = solved[i]
	}
	if s.grace == nil {
		return
	}
	grace := s.grace.seconds(s.day)
	for i := 1; i < len(life); i++ {
		if !solved[i-1] || solved[i] {
			continue
		}
		used, over, forgiven := int64(0), false, true
		j := i
		for ; j < len(life); j++ {
			if over || used > grace {
				forgiven = false
				break
			}
			if solved[j] {
				break
			}
			if life[j].agent || used == grace {
				forgiven = false
				break
			}
			if life[j].st.status != "deleted" {
				used += s.counted(&life[j], s.grace.business)
			}
		}
		if forgiven {
			for k := i; k < j; k++ {
				life[k].done = true
			}
		}
	}
}

// judged is the moment by which the ticket as a whole is judged: now, or when
// it was solved.
func (s *oracleSpec) judged(life []oracleMoment) int {
	i := len(life) - 1
	for i > 0 && life[i].done && life[i-1].done {
		i--
	}
	return i
}

// An oraclePriorityInForce is a priority, where it is from, what the rules say,
// and a person's choice that the policy doesn't know.
type oraclePriorityInForce struct{ name, from, proposed, unknown string }

func (s *oracleSpec) priority(st *oracleState) oraclePriorityInForce {
	var p oraclePriorityInForce
	view := st.oracleView
	view.priority = ""
	known := false
	for _, x := range s.priorities {
		if p.proposed == "" && x.when != nil && x.when.is(&view) {
			p.proposed = x.name
		}
		known = known || x.name == st.chosen
	}
	switch {
	case known:
		p.name, p.from = st.chosen, "person"
	case st.chosen != "":
		p.name, p.from, p.unknown = s.standard, "person", st.chosen
	case p.proposed != "" && !s.propose:
		p.name, p.from = p.proposed, "rule"
	default:
		p.name, p.from = s.standard, "default"
	}
	return p
}

func (s *oracleSpec) view(st *oracleState) *oracleView {
	view := st.oracleView
	view.priority = s.priority(st).name
	return &view
}

// row is the first that holds and names the priority.
func (s *oracleSpec) row(metric string, st *oracleState) *oracleTarget {
	key := oracleRowKey{metric, st}
	if row, ok := s.rowOf[key]; ok {
		return row
	}
	view := s.view(st)
	s.rowOf[key] = nil
	for _, t := range s.targets {
		if _, named := t.within[view.priority]; named && t.metric == metric && t.when.is(view) {
			s.rowOf[key] = t
			break
		}
	}
	return s.rowOf[key]
}

func (s *oracleSpec) excluded(st *oracleState) string {
	for _, x := range s.excludes {
		if x.when.is(s.view(st)) {
			return x.tag
		}
	}
	return ""
}

// fulfilled says that nothing is owed of a metric at a moment.
func (s *oracleSpec) fulfilled(metric string, m *oracleMoment) bool {
	if m.done {
		return true
	}
	row := s.row(metric, m.st)
	return row != nil && row.until != nil && row.until.is(s.view(m.st))
}

var oracleMetrics = []string{"first_reply", "next_reply", "update", "resolution"}

// judge is the verdict of the spec that covers the ticket, but for the tags, and
// the rows of its clocks.
func (s *oracleSpec) judge(life []oracleMoment) (oracleVerdict, []*oracleTarget) {
	last := &life[len(life)-1]
	judged := life[s.judged(life)].st
	p := s.priority(judged)
	v := oracleVerdict{Policy: s.name, Priority: p.name, From: p.from, Proposed: p.proposed, Unknown: p.unknown}
	if last.st.status == "deleted" {
		return v, nil
	}
	v.Excluded = s.excluded(judged)
	view := s.marked(life)
	view.priority = v.Priority
	for _, m := range s.marks {
		if m.when.is(view) {
			v.Marks = append(v.Marks, m.tag)
		}
	}
	if v.Excluded != "" {
		return v, nil
	}
	var rows []*oracleTarget
	for _, metric := range oracleMetrics {
		if clock, row := s.clock(metric, life); clock != nil {
			v.Clocks, rows = append(v.Clocks, *clock), append(rows, row)
		}
	}
	if s.triage != nil && v.From != "person" && !last.done {
		row := &oracleTarget{within: map[string]oracleDuration{v.Priority: *s.triage}}
		m := s.count("triage", row, v.Priority, oracleCycle{stop: -1}, life, nil)
		v.TriageAt, v.TriageLate = m.due, m.due <= last.at
	}
	return v, rows
}

// marked is what marks see: the ticket at now, but solved while it counts as
// solved.
func (s *oracleSpec) marked(life []oracleMoment) *oracleView {
	i := len(life) - 1
	view := life[i].st.oracleView
	if life[i].done {
		for i > 0 && life[i].st.status != "solved" && life[i].st.status != "closed" {
			i--
		}
		view.status = life[i].st.status
	}
	return &view
}

// clock is a metric's last cycle with the earlier ones, and its row; nil where
// nothing is promised now.
func (s *oracleSpec) clock(metric string, life []oracleMoment) (*oracleClock, *oracleTarget) {
	var past []oracleClock
	cycles := s.cycles(metric, life)
	for n, c := range cycles {
		clock, row := s.measure(metric, c, life)
		clock.Cycle = n + 1
		switch {
		case n < len(cycles)-1 && clock.State != "":
			past = append(past, clock)
		case n == len(cycles)-1 && clock.State != "":
			clock.Past = past
			return &clock, row
		}
	}
	return nil, nil
}

// tag works out the tags: the program's own ones that should be there and
// aren't, and those of any policy that are there and shouldn't. A person's word
// is final. The spec is nil where none covers the ticket.
func (v *oracleVerdict) tag(specs []*oracleSpec, s *oracleSpec, last *oracleMoment) {
	should := map[string]bool{}
	own := map[string]bool{}
	for _, metric := range oracleMetrics {
		own["sla_"+metric+"_at_risk"], own["sla_"+metric+"_breached"] = true, true
	}
	for _, s := range specs {
		for _, p := range s.priorities {
			own["priority_"+p.name] = true
		}
		for _, x := range slices.Concat(s.excludes, s.marks) {
			own[x.tag] = true
		}
	}
	for _, tag := range v.Marks {
		should[tag] = true
	}
	switch {
	case s == nil:
	case v.Excluded != "":
		should[v.Excluded] = true
	default:
		should["priority_"+v.Priority] = true
	}
	for _, c := range v.Clocks {
		if c.State == "breached" {
			should["sla_"+c.Metric+"_breached"] = true
		}
		if len(c.Warnings) > 0 && c.Warnings[0].At <= last.at {
			should["sla_"+c.Metric+"_at_risk"] = true
		}
	}
	persons := func(tag string) bool {
		by := last.st.tagBy[tag]
		return by != "" && by != "automation" && by != "vigie"
	}
	for tag := range should {
		if !slices.Contains(last.st.there, tag) && !persons(tag) {
			v.Add = append(v.Add, tag)
		}
	}
	for _, tag := range last.st.there {
		if own[tag] && !should[tag] && !persons(tag) {
			v.Remove = append(v.Remove, tag)
		}
	}
	slices.Sort(v.Add)
	slices.Sort(v.Remove)
}
