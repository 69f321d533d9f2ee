package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"time"
)

// What a ticket says can be taken away for good: its vendor deletes it or blacks
// words out, or a person asks for it. What was promised and what became of that
// stays, and so does every figure of a report. But conditions read texts, and a
// report judges a ticket anew. So what they answered while the texts were there is
// written down in their place: an answer is a yes or a no about an instant, and
// says nothing of anybody.

// Erased says that texts of a ticket are gone.
type Erased struct {
	At  time.Time `json:"at"`
	Why Erasure   `json:"why,omitempty"` // empty: some words alone were taken away
	// Answers are what conditions said of the ticket while its texts were there, by
	// their digest, in order of time; each holds until the next of the same As.
	Answers map[string][]Answer `json:"answers,omitempty"`
}

// An Erasure is the reason for which all texts of a ticket are gone.
type Erasure string

const (
	ErasedGone  Erasure = "gone"  // the vendor has the ticket no more
	ErasedAsked Erasure = "asked" // somebody asked for it; what is read of the ticket later is dropped, too
)

// An Answer is what a condition said of a ticket from an instant on.
type Answer struct {
	At    int64  `json:"at"`              // unix seconds
	Phase int    `json:"phase,omitempty"` // within that second: see attributes
	As    string `json:"as,omitempty"`    // how it looked at the ticket: see Condition.as
	Holds bool   `json:"holds,omitempty"`
}

// Erase is the ticket without its texts, names and addresses: subject, text,
// replies, requester, recipient, and all fields but those to keep. Ids, dates,
// statuses, priorities, tags, groups and organisations stay. So do assignees, who
// are the company's own, as long as somebody works on the ticket. The policies are
// those that have judged it. What somebody has asked for is so for good.
func (t *Ticket) Erase(policies []*Policy, why Erasure, at time.Time, keep ...string) *Ticket {
	bare := *t
	bare.Erased = &Erased{At: at.UTC().Truncate(time.Second), Why: why, Answers: map[string][]Answer{}}
	if t.Erased != nil {
		maps.Copy(bare.Erased.Answers, t.Erased.Answers)
		if t.Erased.Why == ErasedAsked {
			bare.Erased.Why = ErasedAsked
		}
	}
	maps.Copy(bare.Erased.Answers, answers(policies, t, at))
	bare.Subject, bare.Text, bare.Requester, bare.Recipient = "", "", "", ""
	bare.Fields = maps.Clone(t.Fields)
	maps.DeleteFunc(bare.Fields, func(name, _ string) bool { return !slices.Contains(keep, name) })
	if why == ErasedGone {
		bare.Assignee, bare.Handling = "", nil
	}
	bare.Events = slices.Clone(t.Events)
	for i := range bare.Events {
		e := &bare.Events[i]
		e.Text = ""
		if e.Type == FieldEvent && !slices.Contains(keep, e.Name) || e.Type == AssigneeEvent && why == ErasedGone {
			e.To = ""
		}
	}
	return &bare
}

// Bare says that all texts of the ticket are gone; not of one that there never was.
func (t *Ticket) Bare() bool { return t != nil && t.Erased != nil && t.Erased.Why != "" }

// Succeed has a ticket that was read anew remember what was answered about texts
// that it was read with before and that it has no more, if it is known to have been
// redacted. was is nil if it wasn't read before.
func (t *Ticket) Succeed(was *Ticket, redacted bool, policies []*Policy, at time.Time) {
	if was != nil {
		t.handled(was.Handling)
	}
	switch {
	case was == nil:
	case was.Bare(): // it has come back, or is to be erased again
		if was.Erased.Why == ErasedAsked {
			t.saidBefore(was)
		}
		t.Erased = &Erased{At: was.Erased.At, Answers: was.Erased.Answers}
	case redacted && t.lacks(was):
		t.Erased = &Erased{At: at.UTC().Truncate(time.Second), Answers: answers(policies, was, at)}
	default:
		t.Erased = was.Erased
	}
}

// saidBefore adds the replies that the ticket had when it was read before and has no
// more: of an erased ticket nothing else remembers that they were said.
func (t *Ticket) saidBefore(was *Ticket) {
	all := slices.Clone(t.Events)
	for _, e := range was.Events {
		same := func(o Event) bool {
			return o.Type == ReplyEvent && o.At.Unix() == e.At.Unix() && o.By == e.By && o.Public == e.Public
		}
		if e.Type == ReplyEvent && !slices.ContainsFunc(t.Events, same) {
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b Event) int { return a.At.Compare(b.At) })
	t.Events = all
}

// lacks says that the ticket has other words where it had some: in its text, or in
// a reply of the same instant.
func (t *Ticket) lacks(was *Ticket) bool {
	if was.Text != "" && was.Text != t.Text {
		return true
	}
	said := map[int64][]string{}
	for _, e := range t.Events {
		if e.Type == ReplyEvent {
			said[e.At.Unix()] = append(said[e.At.Unix()], e.Text)
		}
	}
	return slices.ContainsFunc(was.Events, func(e Event) bool {
		return e.Type == ReplyEvent && e.Text != "" && !slices.Contains(said[e.At.Unix()], e.Text)
	})
}

// answers are what the conditions of the policies that read texts say of a ticket,
// up to an instant; nil for one that can't be judged.
func answers(policies []*Policy, t *Ticket, at time.Time) map[string][]Answer {
	if t.check() != nil || at.Before(t.CreatedAt) {
		return nil
	}
	all := map[string][]Answer{}
	e := evaluations.Get().(*evaluation)
	defer evaluations.Put(e)
	for i, p := range policies {
		if slices.ContainsFunc(policies[:i], func(before *Policy) bool { return before.Name == p.Name }) {
			continue // another version has stood for all
		}
		if p = InForce(policies, p.Name, t.CreatedAt); p == nil {
			continue
		}
		e.h.read(t, at)
		e.begin(p, t)
		if _, err := e.h.forgive(e.graceEnd); err != nil {
			continue
		}
		e.h.await(t)
		if p.Lesson != nil {
			all[p.suggestionKey()] = e.suggestionAnswer()
		}
		looks := e.looks()
		for _, c := range e.conditions {
			if id := c.digest(); c.reads&readsTexts != 0 && all[id] == nil {
				all[id] = e.answered(c, looks)
			}
		}
	}
	return all
}

// looks are the states of a history, each with those that an evaluation at another
// instant may take it for: with the customer's last message awaiting an answer or
// not, which is decided late within reopen_grace, and as the solved ticket that a
// mark sees then.
func (e *evaluation) looks() [][]int {
	looks := make([][]int, len(e.h.states))
	solved := -1
	for state := range looks {
		a := e.h.states[state]
		looks[state] = []int{state}
		add := func(a attributes) {
			e.h.states = append(e.h.states, a)
			looks[state] = append(looks[state], len(e.h.states)-1)
		}
		a.awaits = !a.awaits
		add(a)
		if a.status.done() {
			solved = state
		} else if solved >= 0 {
			a.asSolved, a.status, a.statusBy = true, e.h.states[solved].status, e.h.states[solved].statusBy
			add(a)
			a.awaits = !a.awaits
			add(a)
		}
	}
	return looks
}

// answered is what a condition says of each state of a history.
func (e *evaluation) answered(c *Condition, looks [][]int) []Answer {
	list := []Answer{}
	last := map[string]bool{}
	for state := range looks {
		for _, look := range looks[state] {
			a := &e.h.states[look]
			for _, priority := range e.priorities(c, look) {
				as, holds := c.as(a, priority), e.holds(c, look, priority)
				if before, known := last[as]; known && before == holds {
					continue
				}
				last[as] = holds
				list = append(list, Answer{At: a.since, Phase: a.phase, As: as, Holds: holds})
			}
		}
	}
	return list
}

// as says how a condition looks at a state, in what one instant doesn't decide alone.
func (c *Condition) as(a *attributes, priority string) string {
	as := ""
	if c.reads&readsPriority != 0 {
		as = priority
	}
	if c.reads&readsAwaiting != 0 && a.awaits {
		as += "/awaiting"
	}
	if c.reads&(readsStatus|readsStatusBy) != 0 && a.asSolved {
		as += "/solved"
	}
	return as
}

// priorities are those with which a condition may be asked about a state.
func (e *evaluation) priorities(c *Condition, state int) []string {
	if c.reads&readsPriority == 0 {
		return []string{""}
	}
	list := []string{"", e.h.states[state].priority}
	for i := range e.p.Priorities {
		list = append(list, e.p.Priorities[i].Name)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// recorded is what a condition was recorded to say of a state whose texts are gone.
// What comes later is as it was last, as long as nothing else has changed that the
// condition reads.
func (e *evaluation) recorded(c *Condition, state int, priority string) (holds, known bool) {
	if e.t.Erased == nil || c.reads&readsTexts == 0 {
		return false, false
	}
	list := e.t.Erased.Answers[c.digest()]
	a := &e.h.states[state]
	as := c.as(a, priority)
	if until := e.t.Erased.At.Unix(); a.since > until {
		last := 0
		for i := range e.h.states {
			if since := e.h.states[i].since; since <= until && since >= e.h.states[last].since {
				last = i
			}
		}
		if !c.reads.same(&e.h.states[last], a) {
			return false, false
		}
	}
	for _, r := range list {
		if r.At > a.since || r.At == a.since && r.Phase > a.phase {
			break
		}
		if r.As == as {
			holds, known = r.Holds, true
		}
	}
	return holds, known
}

// conditions adds all of the policy's to a list.
func (p *Policy) conditions(list []*Condition) []*Condition {
	list = append(list, p.Covers)
	for i := range p.Priorities {
		list = append(list, p.Priorities[i].When)
	}
	for i := range p.Targets {
		list = append(list, p.Targets[i].When, p.Targets[i].Until)
	}
	for i := range p.Excludes {
		list = append(list, p.Excludes[i].When)
	}
	for i := range p.Marks {
		list = append(list, p.Marks[i].When)
	}
	for i := range p.Escalates {
		list = append(list, p.Escalates[i].When)
	}
	return slices.DeleteFunc(list, func(c *Condition) bool { return c == nil })
}

// digest names a condition by what is written of it: a policy may be edited
// elsewhere without an answer being lost.
func (c *Condition) digest() string {
	sum := sha256.Sum256([]byte(c.text))
	return hex.EncodeToString(sum[:8])
}
