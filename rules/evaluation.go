package rules

import (
	"cmp"
	"time"

	"github.com/expr-lang/expr/vm"

	"vigie/rules/calendar"
)

// An evaluation is one judging of one ticket by one policy at one now. It
// remembers the answers to conditions by state, since most steps of a history
// change nothing that conditions see.
type evaluation struct {
	p *Policy
	t *Ticket
	h history

	promised        [4]bool              // the metrics of which there are targets, in the order of Metrics
	untils          [4]bool              // those of which some target has an until
	conditions      []*Condition         // of the policy
	looksAt         reads                // what they all together read
	calendars       []*calendar.Calendar // of the team that holds the ticket, by state
	createdInHours  bool
	machine         vm.VM
	env             Env
	envState        int    // the state env shows, -1 none
	envPriority     string // and with which priority
	answers         map[*Condition]lastAnswer
	texts           []preparedText
	standings       []standing
	standingOf      []int   // by state, its place in standings
	cyclesFound     []cycle // of the metric that was asked for last
	pieces          []piece // of the last count
	pause           pauseAnswer
	moments         []time.Time // that the clocks of a metric point to
	reading         reading     // of the cycle that was judged last
	suggestion      string      // what the text suggests confidently, "" for nothing
	suggestionKnown bool
	graceUntil      int64 // when a reopening that may yet be forgiven counts, by the first policy that says so; 0 = none
	err             error // the first thing that went wrong: it makes the verdict an error
}

// A preparedText is one that a condition has searched.
type preparedText struct {
	text    string
	as      Text
	denials bool // have been found
}

// newEvaluation makes one that can be used again and again.
func newEvaluation() *evaluation {
	e := &evaluation{answers: map[*Condition]lastAnswer{}}
	e.env.Has, e.env.Affirms = e.has, e.affirms
	return e
}

// A standing is what the policy says of a ticket in one state, and in those after it
// that are like it in all that the policy looks at.
type standing struct {
	known    bool
	priority string
	from     PriorityFrom
	unknown  string     // the priority that a person set, where the policy doesn't know it
	rows     [4]*Target // by metric, in the order of Metrics; known where the bit of rowsKnown is set
	rowKnown [4]bool
	until    [4]answer // whether the row's until holds
	inScope  bool      // covered and not excluded
	scoped   bool      // inScope is known
}

// An answer is one that is remembered.
type answer uint8

const (
	notAsked answer = iota
	no
	yes
)

// PriorityFrom says where a ticket's priority comes from.
type PriorityFrom string

const (
	FromPerson   PriorityFrom = "person"
	FromRule     PriorityFrom = "rule"
	FromExamples PriorityFrom = "examples" // the text suggests it
	FromDefault  PriorityFrom = "default"
)

// metricIndex is a metric's place in Metrics.
func metricIndex(m Metric) int {
	switch m {
	case FirstReply:
		return 0
	case NextReply:
		return 1
	case Update:
		return 2
	}
	return 3
}

// begin prepares the evaluation of t by p. The history has been read.
func (e *evaluation) begin(p *Policy, t *Ticket) {
	e.p, e.t, e.err = p, t, nil
	e.envState = -1
	e.suggestionKnown = false
	clear(e.answers)
	e.emptyTexts()
	e.promised, e.untils = [4]bool{}, [4]bool{}
	for i := range p.Targets {
		m := metricIndex(p.Targets[i].Metric)
		e.promised[m] = true
		e.untils[m] = e.untils[m] || p.Targets[i].Until != nil
	}
	e.looksAt, e.conditions = 0, p.conditions(e.conditions[:0])
	for _, c := range e.conditions {
		e.looksAt |= c.reads
	}
	e.calendars = e.calendars[:0]
	for i := range e.h.states {
		if group := e.h.states[i].group; i > 0 && group == e.h.states[i-1].group {
			e.calendars = append(e.calendars, e.calendars[i-1])
		} else {
			e.calendars = append(e.calendars, p.TeamCalendar(group))
		}
	}
	e.standings, e.standingOf, e.pause = e.standings[:0], e.standingOf[:0], pauseAnswer{}
	var err error
	e.createdInHours, err = e.calendarAt(0).Open(t.CreatedAt)
	e.fail(err)
}

// The room of so many texts at most is kept for the next ticket's, none of them longer
// than that many bytes.
const (
	keptTexts = 8
	keptText  = 64 << 10
)

// emptyTexts forgets the texts, and keeps their room unless that is much.
func (e *evaluation) emptyTexts() {
	much := len(e.texts) > keptTexts
	for i := range e.texts {
		much = much || len(e.texts[i].text) > keptText
	}
	if much {
		e.texts = nil
	}
	e.texts = e.texts[:0]
}

// fail keeps the first error.
func (e *evaluation) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// calendarAt is the calendar of the team that holds the ticket from step k on.
func (e *evaluation) calendarAt(k int) *calendar.Calendar {
	return e.calendars[e.h.steps[k].state]
}

// holds answers a condition about the ticket in a state, with a priority.
func (e *evaluation) holds(c *Condition, state int, priority string) bool {
	if c == nil {
		return true
	}
	if holds, known := e.recorded(c, state, priority); known {
		return holds
	}
	if last, asked := e.answers[c]; asked && c.reads.same(&e.h.states[last.state], &e.h.states[state]) &&
		(c.reads&readsPriority == 0 || last.priority == priority) {
		return last.holds
	}
	if e.envState != state || e.envPriority != priority {
		e.show(state, priority)
	}
	ok, err := c.Holds(&e.machine, &e.env)
	e.fail(err)
	e.answers[c] = lastAnswer{state, priority, ok}
	return ok
}

// show fills env with a state.
func (e *evaluation) show(state int, priority string) {
	a, t := &e.h.states[state], e.t
	e.envState, e.envPriority = state, priority
	has, affirms := e.env.Has, e.env.Affirms
	e.env = Env{
		Source: t.Source, ID: t.ID, Kind: a.kind, Status: string(a.status), StatusBy: a.statusBy, Answered: a.answered, Awaiting: a.awaits, Unanswered: a.unanswered(), Priority: priority,
		Channel: a.channel, Organization: a.organization, Group: a.group, Assignee: a.assignee,
		Requester: t.Requester, Recipient: t.Recipient, Language: t.Language, Subject: t.Subject, Text: t.Text,
		OpenedBy: cmp.Or(t.OpenedBy, ByCustomer), Said: a.said, Attachments: a.attachments,
		Tags: a.seen(), Fields: a.fields, CreatedInHours: e.createdInHours, Has: has, Affirms: affirms,
	}
}

func (e *evaluation) has(text string, phrases Phrases) bool {
	return phrases.In(&e.prepared(text).as)
}

func (e *evaluation) affirms(text string, phrases Phrases) bool {
	t := e.prepared(text)
	if !t.denials {
		t.denials = true
		t.as.findDenials()
		t.as.findOvers()
	}
	return phrases.AffirmedIn(&t.as)
}

// prepared is a text made ready for searching, once. It holds until the next.
func (e *evaluation) prepared(text string) *preparedText {
	for i := range e.texts {
		if t := &e.texts[i]; t.text == text {
			return t
		}
	}
	n := len(e.texts)
	if n == cap(e.texts) {
		e.texts = append(e.texts, preparedText{})
	}
	e.texts = e.texts[:n+1] // with the room of the text that was there before
	t := &e.texts[n]
	t.text, t.denials = text, false
	t.as.read(text)
	return t
}

// standing is what the policy says of the ticket in a state: the last priority
// that a person set, known to the policy or not; else, under "apply", the first
// rule that holds, or what the text suggests; else the default (section 5, Priority).
func (e *evaluation) standing(state int) *standing {
	for i := len(e.standingOf); i < len(e.h.states); i++ {
		if i == 0 || !e.alike(i-1, i) {
			e.standings = append(e.standings, standing{})
		}
		e.standingOf = append(e.standingOf, len(e.standings)-1)
	}
	s := &e.standings[e.standingOf[state]]
	if s.known {
		return s
	}
	s.known = true
	chosen := e.h.states[state].priority
	switch {
	case e.p.Rank(chosen) >= 0:
		s.priority, s.from = chosen, FromPerson
	case chosen != "":
		s.priority, s.from, s.unknown = e.p.DefaultPriority, FromPerson, chosen
	default:
		s.priority, s.from = e.p.DefaultPriority, FromDefault
		if proposed, from := e.proposed(state, ""); proposed != "" && !e.p.Propose {
			s.priority, s.from = proposed, from
		}
	}
	return s
}

// alike says that the policy can tell two states from one another by nothing. Of an erased
// ticket it can by their instants, since that is how answers were written down.
func (e *evaluation) alike(a, b int) bool {
	x, y := &e.h.states[a], &e.h.states[b]
	return e.t.Erased == nil && x.priority == y.priority && e.looksAt.same(x, y)
}

// proposed is what the rules say of a state, else what the text suggests, "" for none. The
// conditions see the priority that a person chose.
func (e *evaluation) proposed(state int, chosen string) (string, PriorityFrom) {
	for i := range e.p.Priorities {
		if pr := &e.p.Priorities[i]; pr.When != nil && e.holds(pr.When, state, chosen) {
			return pr.Name, FromRule
		}
	}
	return e.suggested(), FromExamples
}

// row is the target row in force for a metric in a state, or nil: the first whose
// condition holds and that names the priority.
func (e *evaluation) row(m Metric, state int) *Target {
	s, i := e.standing(state), metricIndex(m)
	if s.rowKnown[i] {
		return s.rows[i]
	}
	s.rowKnown[i] = true
	for j := range e.p.Targets {
		row := &e.p.Targets[j]
		if row.Metric != m {
			continue
		}
		if _, named := row.Within[s.priority]; named && e.holds(row.When, state, s.priority) {
			s.rows[i] = row
			break
		}
	}
	return s.rows[i]
}

// covered says whether the policy covers the ticket in a state.
func (e *evaluation) covered(state int) bool {
	return e.holds(e.p.Covers, state, e.h.states[state].priority)
}

// excluded is what excludes the ticket in a state, or nil.
func (e *evaluation) excluded(state int) *Exclude {
	priority := e.standing(state).priority
	for i := range e.p.Excludes {
		if x := &e.p.Excludes[i]; e.holds(x.When, state, priority) {
			return x
		}
	}
	return nil
}

// inScope says whether the ticket is covered and not excluded in a state.
func (e *evaluation) inScope(state int) bool {
	s := e.standing(state)
	if !s.scoped {
		s.inScope, s.scoped = e.covered(state) && e.excluded(state) == nil, true
	}
	return s.inScope
}

// fulfilled says whether, from step k on, nothing is owed of a metric: the
// ticket is solved, or the `until` of the row in force holds.
func (e *evaluation) fulfilled(m Metric, k int) bool {
	if e.h.steps[k].done {
		return true
	}
	i := metricIndex(m)
	if !e.untils[i] {
		return false
	}
	state := e.h.steps[k].state
	s := e.standing(state)
	until := &s.until[i]
	if *until == notAsked {
		*until = no
		if row := e.row(m, state); row != nil && row.Until != nil && e.holds(row.Until, state, s.priority) {
			*until = yes
		}
	}
	return *until == yes
}

// instant is unix seconds as a time in UTC.
func instant(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }
