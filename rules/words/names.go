package words

import (
	"strings"

	"vigie/rules"
	"vigie/rules/calendar"
)

// Metric is a promise's name: "First reply".
func (l *Language) Metric(m rules.Metric) string { return l.name("metric."+string(m), string(m)) }

// Status is where a ticket stands at its vendor: "waiting for the customer".
func (l *Language) Status(s rules.Status) string { return l.name("status."+string(s), string(s)) }

// State is where a clock stands: "missed".
func (l *Language) State(m rules.Metric, s rules.State) string {
	if s == rules.StateVoid && m != rules.FirstReply { // there may have been answers before
		return l.Say("state.void_later")
	}
	return l.name("state."+string(s), string(s))
}

// Origin is where a priority comes from: "chosen by a person".
func (l *Language) Origin(from rules.PriorityFrom) string {
	return l.name("origin."+string(from), string(from))
}

// UnknownPriority says that a person chose a priority that the policy doesn't know,
// and which one's targets apply instead.
func (l *Language) UnknownPriority(chosen, applied string) string {
	return l.Say("origin.unknown", "chosen", chosen, "applied", applied)
}

// Change is what of a ticket changed, as a sentence that follows "because": "the
// priority changed". It takes the words of rules.BreachCause and of an alert's
// reason.
func (l *Language) Change(what string) string {
	return l.name("change."+strings.ReplaceAll(what, " ", "_"), l.Say("change.ticket"))
}

// Holiday is what a closed day is called. Most names stand in the calendars, beside
// the days.
func (l *Language) Holiday(n calendar.Name) string {
	if n == calendar.ClosingDay {
		return l.Say("holiday.closing_day")
	}
	return n.In(l.Tag)
}

// Tell is a text that was kept to be told in whichever language.
func (l *Language) Tell(t rules.Sentence) string {
	values := make([]any, len(t.Values))
	for i, v := range t.Values {
		values[i] = v
	}
	return l.Say(t.ID, values...)
}

// name is the text of an id that data makes up, or another where none is called so.
func (l *Language) name(id, otherwise string, values ...any) string {
	if l.Has(id) || In(Fallback).Has(id) {
		return l.Say(id, values...)
	}
	return otherwise
}
