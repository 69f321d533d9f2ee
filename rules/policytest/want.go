package policytest

import (
	"fmt"
	"slices"
	"time"

	"vigie/rules"
	"vigie/rules/tomlfile"
	"vigie/rules/words"
)

// A want is one expectation: what is asked for, and how it compares.
type want struct {
	name   string // "resolution_due"
	line   int
	at     time.Time
	text   string // as people read it
	metric rules.Metric
	judge  judge
}

// A judge compares what is observed: what there is, how it differs, whether it
// holds.
type judge func(o *observation) (got, difference string, ok bool)

// An observation is what a policy says of a ticket at one instant.
type observation struct {
	policy  *rules.Policy
	ticket  *rules.Ticket
	at      time.Time
	zone    *time.Location
	verdict rules.Verdict
}

// none is how a test says that there is no date, no clock, no exclusion.
const none = "none"

// aspects are what can be expected of a clock, after the metric's name.
var aspects = []string{"due", "state", "elapsed", "remaining", "cycle"}

// wholes are what can be expected of a ticket.
var wholes = []string{"covered", "excluded", "priority", "priority_from", "proposed", "tags", "messages", "calls"}

// columnNames are all names that a column may have.
var columnNames = func() []string {
	names := append([]string{"at"}, attributeNames...)
	for _, m := range rules.Metrics {
		for _, aspect := range aspects {
			names = append(names, string(m)+"_"+aspect)
		}
	}
	for _, name := range wholes {
		names = append(names, columnName(name))
	}
	return names
}()

// columnName is an expectation's name where plain names are the ticket's
// attributes.
func columnName(name string) string {
	if slices.Contains(attributeNames, name) {
		return "expect." + name
	}
	return name
}

func plainName(name string) string { return name }

// wants reads the expectations of a table, under the names that they have there.
func (r *reader) wants(t *tomlfile.Table, named func(string) string, at time.Time, s scope) []want {
	var list []want
	add := func(name string, m rules.Metric, read func(key string) (string, judge)) {
		key := named(name)
		if t.Any(key) == nil {
			return
		}
		if text, judge := read(key); judge != nil {
			list = append(list, want{name: key, line: t.Line(key), at: at, text: text, metric: m, judge: judge})
		}
	}
	for _, m := range rules.Metrics {
		for _, aspect := range aspects {
			add(string(m)+"_"+aspect, m, func(key string) (string, judge) { return r.aspect(t, key, m, aspect, s) })
		}
	}
	for _, name := range wholes {
		add(name, "", func(key string) (string, judge) { return r.whole(t, key, name, s) })
	}
	return list
}

// aspect reads what is expected of a clock.
func (r *reader) aspect(t *tomlfile.Table, key string, m rules.Metric, aspect string, s scope) (string, judge) {
	const noClock = "no such clock"
	of := func(say func(c *rules.Clock) (got, difference string, ok bool)) judge {
		return func(o *observation) (string, string, bool) {
			if c := o.verdict.Clock(m); c != nil {
				return say(c)
			}
			return noClock, "", false
		}
	}
	switch aspect {
	case "due":
		if t.String(key) == none {
			return "no due date", func(o *observation) (string, string, bool) {
				c := o.verdict.Clock(m)
				if c == nil || c.Due == nil {
					return none, "", true
				}
				return words.In("en").Moment(c.Due.In(o.zone)), "", false
			}
		}
		due, ok := r.instant(t, key, s)
		if !ok {
			return "", nil
		}
		return words.In("en").Moment(due), func(o *observation) (string, string, bool) {
			c := o.verdict.Clock(m)
			switch {
			case c == nil:
				return noClock, "", false
			case c.Due == nil:
				return "no due date: the clock stands still", "", false
			}
			return words.In("en").Moment(c.Due.In(o.zone)), later(c.Due.Unix() - due.Unix()), c.Due.Equal(due)
		}
	case "state":
		state := t.String(key)
		if !slices.Contains(states, state) {
			t.Add(key, "%q is no state; %s", state, tomlfile.OneOf(states, state))
		}
		if state == none {
			return noClock, func(o *observation) (string, string, bool) {
				c := o.verdict.Clock(m)
				if c == nil {
					return noClock, "", true
				}
				return string(c.State), "", false
			}
		}
		return state, of(func(c *rules.Clock) (string, string, bool) { return string(c.State), "", string(c.State) == state })
	case "cycle":
		n, ok := t.Number(key)
		if !ok {
			return "", nil
		}
		return fmt.Sprint(n), of(func(c *rules.Clock) (string, string, bool) { return fmt.Sprint(c.Cycle), "", float64(c.Cycle) == n })
	}
	seconds, err := parseLength(t.String(key))
	if err != nil {
		t.Add(key, "%v", err)
		return "", nil
	}
	return length(seconds), of(func(c *rules.Clock) (string, string, bool) {
		got := c.Elapsed
		if aspect == "remaining" {
			got = c.Remaining
		}
		return length(got), more(got - seconds), got == seconds
	})
}

var states = []string{string(rules.StateRunning), string(rules.StatePaused), string(rules.StateMet), string(rules.StateBreached), string(rules.StateVoid), none}

// whole reads what is expected of the ticket.
func (r *reader) whole(t *tomlfile.Table, key, name string, s scope) (string, judge) {
	text := func(say func(*observation) string) (string, judge) {
		want := t.String(key)
		return want, func(o *observation) (string, string, bool) {
			got := say(o)
			return got, "", got == want
		}
	}
	switch name {
	case "covered":
		want := t.Bool(key)
		return fmt.Sprint(want), func(o *observation) (string, string, bool) {
			got := o.verdict.Covered()
			return fmt.Sprint(got), "", got == want
		}
	case "excluded":
		want := t.String(key)
		return want, func(o *observation) (string, string, bool) {
			x := o.verdict.Excluded
			if x == nil {
				return none, "", want == none
			}
			got := x.Clause
			if got == "" {
				got = x.Tag
			}
			return got, "", want == got || want == x.Tag
		}
	case "priority":
		r.knownPriority(t, key, t.String(key), s)
		return text(func(o *observation) string { return o.verdict.Priority })
	case "priority_from":
		if from := t.String(key); !slices.Contains(origins, from) {
			t.Add(key, "%q is nowhere a priority comes from; %s", from, tomlfile.OneOf(origins, from))
		}
		return text(func(o *observation) string { return string(o.verdict.PriorityFrom) })
	case "proposed":
		if name := t.String(key); name != none {
			r.knownPriority(t, key, name, s)
		}
		return text(func(o *observation) string {
			if o.verdict.Proposed == nil {
				return none
			}
			return *o.verdict.Proposed
		})
	case "tags":
		want := slices.Sorted(slices.Values(t.Strings(key)))
		return listed(want), func(o *observation) (string, string, bool) {
			got := tags(o)
			return listed(got), differing(want, got), slices.Equal(want, got)
		}
	}
	if name == "calls" {
		return r.calls(t, key, s)
	}
	return r.messages(t, key, s)
}

var origins = []string{string(rules.FromPerson), string(rules.FromRule), string(rules.FromExamples), string(rules.FromDefault)}

// tags are the ticket's tags once Vigie has written what it wants, sorted.
func tags(o *observation) []string {
	_, _, _, _, has, _ := o.verdict.Now()
	change := o.verdict.Tags
	list := slices.DeleteFunc(slices.Clone(has), func(tag string) bool { return slices.Contains(change.Remove, tag) })
	list = append(list, change.Add...)
	slices.Sort(list)
	return slices.Compact(list)
}
