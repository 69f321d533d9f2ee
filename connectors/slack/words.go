package slack

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"vigie/rules"
)

// words is one language. Headlines begin with a sign of their own, so that
// colour alone never tells; in them {metric}, {stand} and {priority} stand for
// the alert's, {stand} being the time left or the time since it was missed, and
// {issue} for the one that the technical team has of the ticket.
type words struct {
	language  string
	promise   string // a metric of another name
	headlines map[rules.AlertKind]string
	left      string // {span}
	missed    string
	missedBy  string // {span}

	// Spans of time.
	instant                  string
	minutes, hours           [2]string // elapsed, business; counted
	hoursMinutes             [2]string // the same
	daysHours                string
	date                     func(time.Time) string
	reasons                  map[string]string
	otherReason              string
	moved, atOnce, withdrawn string // {why}
	due, asOf                string
	priority, noPriority     string
	origins                  map[string]string
	also                     string // {proposed}
	target                   string
	used                     string // {target}, {used}
	clause, organization     string
	team, noTeam             string
	crewed                   string // {team}, {calendar}, {state}
	open, closed             string
	assignee, nobody         string
	noSubject                string
}

// in is the language named by a tag such as "fr" or "fr-CA"; English for any other.
func in(lang string) *words {
	if lang, _, _ = strings.Cut(strings.ToLower(lang), "-"); lang == "fr" {
		return &french
	}
	return &english
}

// headline says in one line what became of the promise. It fits a header (150
// characters) even when all of the priority's name has to be escaped.
func (w *words) headline(a rules.Alert) string {
	return fill(cmp.Or(w.headlines[a.Kind], "{metric}"),
		"metric", cmp.Or(a.Metric.In(w.language), w.promise),
		"stand", w.stand(a),
		"priority", cmp.Or(shorten(a.Priority, headlineName), w.noPriority),
		"issue", shorten(a.Issue, headlineName))
}

// late says that the target was missed. One that is used up at closing time is
// missed from then on, though by nothing until the calendar opens again.
func late(a rules.Alert) bool {
	return a.Remaining < 0 || a.Kind == rules.Breached || a.Kind == rules.MetLate
}

// stand is the time left, to the nearest minute so that a message that goes out
// a second late still says the round number, or by how much the target was
// missed.
func (w *words) stand(a rules.Alert) string {
	switch {
	case !late(a):
		return fill(w.left, "span", w.span(a.Remaining.Round(time.Minute), a.Business))
	case -a.Remaining < time.Minute:
		return w.missed
	}
	return fill(w.missedBy, "span", w.span(-a.Remaining, a.Business))
}

// span is a length of time in whole minutes, rounded down.
func (w *words) span(d time.Duration, business bool) string {
	kind := 0
	if business {
		kind = 1
	}
	h, m := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case h == 0 && m == 0:
		return w.instant
	case h == 0:
		return rules.Counted(w.language, w.minutes[kind], m)
	case h >= 48 && !business:
		return fmt.Sprintf(w.daysHours, h/24, h%24)
	case m == 0:
		return rules.Counted(w.language, w.hours[kind], h)
	}
	return fmt.Sprintf(w.hoursMinutes[kind], h, m)
}

// reason says why the promise is another one than before, empty without a reason.
func (w *words) reason(a rules.Alert) string {
	if a.Reason == "" {
		return ""
	}
	why, known := w.reasons[a.Reason]
	if !known {
		why = w.otherReason
	}
	sentence := w.moved
	switch {
	case a.Kind == rules.Withdrawn:
		sentence = w.withdrawn
	case late(a):
		sentence = w.atOnce
	}
	return fill(sentence, "why", why)
}

// origin is a priority with where it comes from.
func (w *words) origin(a rules.Alert) string {
	priority, also := cmp.Or(name(a.Priority), w.noPriority), ""
	if proposed := name(a.Proposed); proposed != "" && a.Proposed != a.Priority {
		also = fill(w.also, "proposed", proposed)
	}
	from, known := w.origins[a.PriorityFrom]
	if !known {
		return priority + also
	}
	return priority + " (" + from + ")" + also
}

// budget is the target with what is used of it, empty without one.
func (w *words) budget(a rules.Alert) string {
	if a.Target <= 0 {
		return ""
	}
	return fill(w.used, "target", w.span(a.Target, a.Business), "used", w.span(a.Used, false))
}

// crew is the team with its calendar and whether that is open, empty where
// neither is known.
func (w *words) crew(a rules.Alert) string {
	group, calendar := name(a.Group), name(a.Calendar)
	if calendar == "" {
		return group
	}
	state := w.closed
	if a.OpenNow {
		state = w.open
	}
	return fill(w.crewed, "team", cmp.Or(group, w.noTeam), "calendar", calendar, "state", state)
}

// local is a due instant in the zone it comes in, with the zone's name.
func (w *words) local(t time.Time) string {
	zone := t.Location().String()
	if zone == "" || zone == "Local" {
		zone = t.Format("MST")
	}
	return fmt.Sprintf("%s %s (%s)", w.date(t), t.Format("15:04"), zone)
}

// fill puts values in place of {names}, once: a value is never looked into.
func fill(template string, values ...string) string {
	for i := 0; i < len(values); i += 2 {
		values[i] = "{" + values[i] + "}"
	}
	return strings.NewReplacer(values...).Replace(template)
}
