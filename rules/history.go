package rules

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A history is a ticket's past as a list of steps: the creation, then one step
// for each later second in which something happened, up to now. A step's state
// holds from its instant until the next step's. Everything else is worked out
// from this list; nothing is counted along the way.
type history struct {
	steps  []step
	states []attributes // by step.state
	now    int64
	next   int64 // the first event after now, 0 if there is none
}

// A step is one instant of a ticket's life. Events of one instant are one step,
// the last value winning (section 5 of the design).
type step struct {
	at     int64 // unix seconds
	state  int   // index of the attributes that hold from here
	before int   // of those that hold before the replies of this instant: not yet answered by them
	answer bool  // an agent replied in public
	ask    bool  // the customer replied in public
	spoke  bool  // the last public message is an agent's; an automation's is none
	agent  bool  // an agent did something
	done   bool  // solved or closed, after reopen_grace
}

// attributes are what a ticket is like between two events.
type attributes struct {
	status                                       Status
	statusBy                                     string // who set it last, where that is known; empty at creation
	answered                                     bool   // an agent has replied in public, or opened the ticket
	priority                                     string // a person's, in the words of whoever wrote it
	kind, channel, organization, group, assignee string
	tags                                         []string
	inherited                                    []string          // those of the tags that nobody has set for this ticket
	tagBy                                        map[string]string // who added or removed a tag last, where that is known
	fields                                       Fields
	said                                         string // the first message and what the customer wrote in public since
	attachments                                  int    // that the customer sent with it
	awaits                                       bool   // the customer awaits an answer; see await
	heard                                        int    // how much of what he said has been answered, in bytes

	since int64 // unix seconds: from when on the ticket has been like this
	phase int   // within that second: 0 before replies count, 1 after that

	asSolved bool // a mark sees the ticket as solved, within reopen_grace
}

// seen is the tags that conditions see.
func (a *attributes) seen() []string {
	if len(a.inherited) == 0 {
		return a.tags
	}
	return slices.DeleteFunc(slices.Clone(a.tags), func(tag string) bool { return slices.Contains(a.inherited, tag) })
}

// read builds the history of what happened at or before now. What is older than
// the ticket is taken at its creation: importers keep the dates of comments. The
// ticket has been checked; now is not before its creation.
func (h *history) read(t *Ticket, now time.Time) {
	h.now, h.next = now.Unix(), 0
	h.steps, h.states = slices.Grow(h.steps[:0], len(t.Events)+1), slices.Grow(h.states[:0], len(t.Events)+1)

	events := t.Events
	for i := 1; i < len(events); i++ {
		if events[i].At.Unix() < events[i-1].At.Unix() {
			events = slices.Clone(events)
			slices.SortStableFunc(events, func(a, b Event) int { return cmp.Compare(a.At.Unix(), b.At.Unix()) })
			break
		}
	}
	a := attributes{
		status: cmp.Or(t.Status, New), priority: t.Priority, kind: t.Kind, channel: t.Channel,
		organization: t.Organization, group: t.Group, assignee: t.Assignee, tags: t.Tags, fields: t.Fields,
		inherited: t.Inherited, said: t.Text, attachments: t.Attachments,
		answered: t.OpenedBy == ByAgent,
	}
	at := t.CreatedAt.Unix()
	done, spoke := false, t.OpenedBy == ByAgent
	for i := 0; ; {
		s := step{at: at}
		changed := len(h.states) == 0 || t.Erased != nil // what texts changed doesn't show any more
		for ; i < len(events) && events[i].At.Unix() <= at; i++ {
			e := &events[i]
			s.agent = s.agent || e.By == ByAgent
			if e.Type == ReplyEvent {
				s.answer = s.answer || e.Public && e.By == ByAgent
				s.ask = s.ask || e.Public && e.By == ByCustomer
				changed = a.hear(e) || changed
				continue
			}
			changed = a.apply(e) || changed
		}
		if changed {
			a.since, a.phase = at, 0
			h.states = append(h.states, a)
		}
		s.before = len(h.states) - 1
		if s.answer || s.ask {
			a.answered = a.answered || s.answer
			spoke = !s.ask // of both in one instant the customer's is the later one
			a.since, a.phase = at, 1
			h.states = append(h.states, a)
		}
		if a.status != Deleted { // deleting and restoring neither solves a ticket nor reopens it
			done = a.status.done()
		}
		s.state, s.done, s.spoke = len(h.states)-1, done, spoke
		h.steps = append(h.steps, s)
		if i == len(events) {
			return
		}
		if at = events[i].At.Unix(); at > h.now {
			h.next = at
			return
		}
	}
}

// hear adds what a customer wrote in public, and says whether there was anything.
func (a *attributes) hear(e *Event) bool {
	if e.By != ByCustomer || !e.Public || e.Text == "" && e.Attachments == 0 {
		return false
	}
	if e.Text != "" {
		a.said += "\n" + e.Text
	}
	a.attachments += e.Attachments
	return true
}

// apply changes the attributes by one event that is no reply, and says whether
// they changed. Lists and maps that earlier states share are copied.
func (a *attributes) apply(e *Event) bool {
	set := func(v *string) bool {
		changed := *v != e.To
		*v = e.To
		return changed
	}
	switch e.Type {
	case StatusEvent:
		by := e.By
		if a.status.done() && Status(e.To).done() {
			by = a.statusBy // closing what is solved is nobody's solving
		}
		changed := a.status != Status(e.To) || a.statusBy != by
		a.status, a.statusBy = Status(e.To), by
		return changed
	case PriorityEvent:
		if e.By == ByVigie || e.By == ByAutomation {
			return false // no person's: the last one that a person set holds
		}
		return set(&a.priority)
	case GroupEvent:
		return set(&a.group)
	case KindEvent:
		return set(&a.kind)
	case ChannelEvent:
		return set(&a.channel)
	case OrganizationEvent:
		return set(&a.organization)
	case AssigneeEvent:
		return set(&a.assignee)
	case FieldEvent:
		if a.fields[e.Name] == e.To {
			return false
		}
		fields := make(Fields, len(a.fields)+1)
		for k, v := range a.fields {
			fields[k] = v
		}
		fields[e.Name] = e.To
		a.fields = fields
	case TagEvent:
		tags := make([]string, 0, len(a.tags)+len(e.Add))
		for _, tag := range a.tags {
			if !slices.Contains(e.Remove, tag) {
				tags = append(tags, tag)
			}
		}
		by := make(map[string]string, len(a.tagBy)+len(e.Add))
		for k, v := range a.tagBy {
			by[k] = v
		}
		for _, tag := range e.Remove {
			if slices.Contains(a.tags, tag) {
				by[tag] = e.By
			}
		}
		for _, tag := range e.Add {
			there := slices.Contains(tags, tag)
			if !there {
				tags = append(tags, tag)
			}
			if !there || slices.Contains(a.inherited, tag) {
				by[tag] = e.By
			}
		}
		if len(a.inherited) > 0 { // what is taken off or set anew is this ticket's own
			a.inherited = slices.DeleteFunc(slices.Clone(a.inherited), func(tag string) bool {
				return slices.Contains(e.Remove, tag) || slices.Contains(e.Add, tag)
			})
		}
		a.tags, a.tagBy = tags, by
	}
	return true
}

// last is the index of the last step.
func (h *history) last() int { return len(h.steps) - 1 }

// end is the instant up to which step k's state holds.
func (h *history) end(k int) int64 {
	if k < h.last() {
		return h.steps[k+1].at
	}
	return h.now
}

// at is the attributes that hold from step k on.
func (h *history) at(k int) *attributes { return &h.states[h.steps[k].state] }

// forgive applies reopen_grace: a reopening that is solved again within it,
// without an agent's act in between, never was; and while it is still open
// whether that will happen, the ticket still counts as solved. graceEnd gives
// the instant at which a reopening at step k counts; the result is the instant
// at which the question for the last reopening is decided, or 0.
func (h *history) forgive(graceEnd func(k int) (int64, error)) (pending int64, err error) {
	for k := 1; k < len(h.steps); k++ {
		if h.steps[k].done || !h.steps[k-1].done {
			continue
		}
		end, err := graceEnd(k)
		if err != nil {
			return 0, err
		}
		again := k
		for again < len(h.steps) && !h.steps[again].done && !h.steps[again].agent && h.steps[again].at <= end {
			again++
		}
		switch {
		case again < len(h.steps) && h.steps[again].done && h.steps[again].at <= end:
			// Solved again in time: "Merci !" was all.
		case again == len(h.steps) && h.now < end:
			pending = end
		default:
			continue
		}
		for ; k < again; k++ {
			h.steps[k].done = true
		}
		k = again - 1
	}
	return pending, nil
}

// await works out in which states the customer awaits an answer: since his first
// message or a later one, until a public answer. What he writes once the ticket is
// solved awaits one only if that reopens it, so reopen_grace comes before. Of a reply
// and a message in one instant the message is the later one.
func (h *history) await(t *Ticket) {
	waits, heard, later := cmp.Or(t.OpenedBy, ByCustomer) == ByCustomer, 0, false
	if !waits {
		heard = len(t.Text) // isn't his
	}
	before := len(t.Text)
	for k := range h.steps {
		s := &h.steps[k]
		if later && !s.done {
			waits, later = true, false
		}
		h.states[s.before].awaits, h.states[s.before].heard = waits, heard
		if s.answer {
			waits, later, heard = false, false, before
		}
		if s.ask {
			waits, later = waits || !s.done, later || s.done
		}
		h.states[s.state].awaits, h.states[s.state].heard = waits, heard
		before = len(h.states[s.state].said)
	}
}

// unanswered is what the customer wrote since the last public answer.
func (a *attributes) unanswered() string {
	if !a.awaits {
		return ""
	}
	return strings.TrimPrefix(a.said[a.heard:], "\n")
}
