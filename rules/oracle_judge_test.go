package rules_test

import (
	"slices"
	"time"

	"vigie/rules"
)

// The naive judge: it walks a ticket's life from minute to minute (and from
// event to event), asks at each instant what is true then, and adds up.

// An oracleState is what a ticket is like from one instant on.
type oracleState struct {
	oracleView
	chosen string            // the priority that a person set
	tagBy  map[string]string // who added or removed a tag last
}

// An oracleMoment is an instant, and the time until the next one, in which
// nothing happens and no calendar opens or closes.
type oracleMoment struct {
	at, to             int64
	st                 *oracleState
	answer, ask, agent bool // at this very instant
	answered           bool // an agent has replied in public
	done               bool // counts as solved
}

type oracleRowKey struct {
	metric string
	st     *oracleState
}

type oracleVerdict struct {
	Policy, Priority, From, Proposed, Excluded string
	Clocks                                     []oracleClock
	Add, Remove, Marks                         []string
	TriageAt                                   int64
	TriageLate                                 bool
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
	for _, s := range specs {
		s.rowOf = map[oracleRowKey]*oracleTarget{}
		life := s.live(t, now.Unix())
		if s.covers.is(&life[s.judged(life)].st.oracleView) {
			return s.judge(life)
		}
	}
	return oracleVerdict{}
}

// live walks from creation to now.
func (s *oracleSpec) live(t *rules.Ticket, now int64) []oracleMoment {
	at := t.CreatedAt.Unix()
	status := string(t.Status)
	if status == "" {
		status = "new"
	}
	st := &oracleState{oracleView: oracleView{
		kind: t.Kind, status: status, channel: t.Channel, organization: t.Organization, group: t.Group, text: t.Text,
		tags: t.Tags, fields: t.Fields,
	}, chosen: t.Priority}
	var life []oracleMoment
	answered := false
	for {
		m := oracleMoment{at: at}
		next := *st
		later := at - at%60 + 60
		for _, e := range t.Events { // those of one instant in their order
			if when := e.At.Unix(); when > at {
				later = min(later, when)
			} else if when == at {
				next.apply(e)
				m.agent = m.agent || e.By == "agent"
				m.answer = m.answer || e.Type == "reply" && e.Public && e.By == "agent"
				m.ask = m.ask || e.Type == "reply" && e.Public && e.By == "customer"
				st = &next
			}
		}
		answered = answered || m.answer
		m.st, m.answered, m.to = st, answered, min(later, now)
		life = append(life, m)
		if at == now {
			break
		}
		at = m.to
	}
	created := s.calendar(life[0].st).open(life[0].at)
	for i := range life {
		life[i].st.createdInHours = created
	}
	s.settle(life)
	return life
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
		tags := slices.Clone(st.tags)
		for _, tag := range e.Remove {
			if i := slices.Index(tags, tag); i >= 0 {
				tags = slices.Delete(tags, i, i+1)
				by[tag] = e.By
			}
		}
		for _, tag := range e.Add {
			if !slices.Contains(tags, tag) {
				tags = append(tags, tag)
				by[tag] = e.By
			}
		}
		st.tags, st.tagBy = tags, by
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

// priority is the one in force in a state, where it is from, and what the rules
// say.
func (s *oracleSpec) priority(st *oracleState) (name, from, proposed string) {
	view := st.oracleView
	view.priority = ""
	for _, p := range s.priorities {
		if proposed == "" && p.when != nil && p.when.is(&view) {
			proposed = p.name
		}
	}
	for _, p := range s.priorities {
		if p.name == st.chosen {
			return st.chosen, "person", proposed
		}
	}
	if proposed != "" && !s.propose {
		return proposed, "rule", proposed
	}
	return s.standard, "default", proposed
}

func (s *oracleSpec) view(st *oracleState) *oracleView {
	view := st.oracleView
	view.priority, _, _ = s.priority(st)
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

func (s *oracleSpec) judge(life []oracleMoment) oracleVerdict {
	last := &life[len(life)-1]
	v := oracleVerdict{Policy: s.name}
	v.Priority, v.From, v.Proposed = s.priority(last.st)
	if last.st.status == "deleted" {
		return v
	}
	v.Excluded = s.excluded(life[s.judged(life)].st)
	if v.Excluded == "" {
		for _, m := range s.marks {
			if m.when.is(s.view(last.st)) {
				v.Marks = append(v.Marks, m.tag)
			}
		}
		for _, metric := range []string{"first_reply", "next_reply", "update", "resolution"} {
			var list []oracleClock
			cycles := s.cycles(metric, life)
			for n, c := range cycles {
				clock := s.measure(metric, c, life)
				clock.Cycle = n + 1
				if clock.State != "" {
					list = append(list, clock)
				} else if n == len(cycles)-1 {
					list = nil // nothing is promised now
				}
			}
			if len(list) > 0 {
				clock := list[len(list)-1]
				clock.Past = list[:len(list)-1]
				v.Clocks = append(v.Clocks, clock)
			}
		}
		if s.triage != nil && v.From != "person" && !last.done {
			row := &oracleTarget{within: map[string]oracleDuration{v.Priority: *s.triage}}
			m := s.count("triage", row, v.Priority, oracleCycle{stop: -1}, life, nil)
			v.TriageAt, v.TriageLate = m.due, m.due <= last.at
		}
	}
	s.tag(&v, last)
	return v
}

// tag works out the tags: the program's own ones that should be there and
// aren't, and those that are there and shouldn't. A person's word is final.
func (s *oracleSpec) tag(v *oracleVerdict, last *oracleMoment) {
	should := map[string]bool{v.Excluded: v.Excluded != ""}
	own := map[string]bool{}
	for _, p := range s.priorities {
		own["priority_"+p.name] = true
	}
	for _, metric := range []string{"first_reply", "next_reply", "update", "resolution"} {
		own["sla_"+metric+"_at_risk"], own["sla_"+metric+"_breached"] = true, true
	}
	for _, x := range slices.Concat(s.excludes, s.marks) {
		own[x.tag] = true
	}
	if v.Excluded == "" {
		should["priority_"+v.Priority] = true
		for _, tag := range v.Marks {
			should[tag] = true
		}
		for _, c := range v.Clocks {
			if c.State == "breached" {
				should["sla_"+c.Metric+"_breached"] = true
			}
			if len(c.Warnings) > 0 && c.Warnings[0].At <= last.at {
				should["sla_"+c.Metric+"_at_risk"] = true
			}
		}
	}
	persons := func(tag string) bool {
		by := last.st.tagBy[tag]
		return by != "" && by != "automation" && by != "vigie"
	}
	for tag, wanted := range should {
		if wanted && !slices.Contains(last.st.tags, tag) && !persons(tag) {
			v.Add = append(v.Add, tag)
		}
	}
	for _, tag := range last.st.tags {
		if own[tag] && !should[tag] && !persons(tag) {
			v.Remove = append(v.Remove, tag)
		}
	}
	slices.Sort(v.Add)
	slices.Sort(v.Remove)
}
