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
	seconds, minutes, hours  [2]string // elapsed, business; counted
	minutesSeconds           [2]string // the same
	hoursMinutes             [2]string // the same
	daysHours                string
	date                     func(time.Time) string
	reasons                  map[string]string // beside a change of the ticket
	moved, atOnce, withdrawn string            // {why}
	due, chooseBy, asOf      string
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
	erased                   map[rules.Erasure]string // in a subject's place
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
		"priority", cmp.Or(shorten(cmp.Or(a.Unknown, a.Priority), headlineName), w.noPriority),
		"issue", shorten(a.Issue, headlineName),
		"mark", shorten(a.Mark, headlineName))
}

// late says that the target was missed. One that is used up at closing time is
// missed from then on, though by nothing until the calendar opens again.
func late(a rules.Alert) bool {
	return a.Remaining < 0 || a.Kind == rules.Breached || a.Kind == rules.MetLate
}

// unit is what the times of an alert are told in: minutes; seconds where a minute is
// a tenth of the target or more, or where the target has seconds itself.
func unit(a rules.Alert) time.Duration {
	if a.Target > 0 && a.Target < 10*time.Minute || a.Target%time.Minute != 0 {
		return time.Second
	}
	return time.Minute
}

// stand is the time left, to the nearest minute so that a message that goes out
// a second late still says the round number, or by how much the target was
// missed. Of a short target it is told to the second.
func (w *words) stand(a rules.Alert) string {
	switch {
	case !late(a):
		return fill(w.left, "span", w.span(a.Remaining.Round(unit(a)), a.Business, unit(a)))
	case -a.Remaining < unit(a), a.Kind == rules.Breached && -a.Remaining < time.Minute: // what is told while it grows
		return w.missed
	}
	return fill(w.missedBy, "span", w.span(-a.Remaining, a.Business, unit(a)))
}

// span is a length of time in whole minutes, or in whole seconds where it is less
// than an hour and that is the unit; rounded down.
func (w *words) span(d time.Duration, business bool, unit time.Duration) string {
	kind := 0
	if business {
		kind = 1
	}
	h, m, s := int(d/time.Hour), int(d%time.Hour/time.Minute), 0
	if unit == time.Second && h == 0 {
		s = int(d % time.Minute / time.Second)
	}
	switch {
	case h == 0 && m == 0 && s == 0:
		return w.instant
	case m == 0 && s > 0:
		return rules.Counted(w.language, w.seconds[kind], s)
	case s > 0:
		return fmt.Sprintf(w.minutesSeconds[kind], m, s)
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
		why = (&rules.BreachCause{What: a.Reason}).In(w.language)
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
	if a.Unknown != "" {
		return rules.UnknownPriority(w.language, name(a.Unknown), name(a.Priority))
	}
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
	return fill(w.used, "target", w.span(a.Target, a.Business, unit(a)), "used", w.span(a.Used, false, unit(a)))
}

// dueAs is what the alert's due instant is.
func (w *words) dueAs(a rules.Alert) string {
	if a.Kind == rules.Triage {
		return w.chooseBy
	}
	return w.due
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

// local is an instant in the zone it comes in, with the zone's name.
func (w *words) local(t time.Time, unit time.Duration) string {
	zone := t.Location().String()
	if zone == "" || zone == "Local" {
		zone = t.Format("MST")
	}
	clock := "15:04"
	if unit == time.Second {
		clock = time.TimeOnly
	}
	return fmt.Sprintf("%s %s (%s)", w.date(t), t.Format(clock), zone)
}

// fill puts values in place of {names}, once: a value is never looked into.
func fill(template string, values ...string) string {
	for i := 0; i < len(values); i += 2 {
		values[i] = "{" + values[i] + "}"
	}
	return strings.NewReplacer(values...).Replace(template)
}
