package slack

import (
	"cmp"
	"fmt"
	"time"

	"vigie/rules"
	"vigie/rules/words"
)

// speech is what the messages say, in one language.
type speech struct{ *words.Language }

// in is the speech of a language's tag such as "fr" or "fr-CA".
func in(language string) speech { return speech{words.In(language)} }

// headline says in one line what is to be done and by when, or what became of the
// promise. It fits a header (150 characters) even when all of the priority's name has
// to be escaped.
func (w speech) headline(a rules.Alert) string {
	return w.Say("alert."+string(a.Kind),
		"metric", cmp.Or(w.Metric(a.Metric), w.Say("slack.promise")),
		"act", w.act(a.Metric),
		"by", w.by(a),
		"stand", w.stand(a),
		"priority", cmp.Or(shorten(cmp.Or(a.Unknown, a.Priority), headlineName), w.Say("slack.no_priority")),
		"issue", shorten(a.Issue, headlineName),
		"mark", shorten(a.Mark, headlineName))
}

// act is what keeps a promise.
func (w speech) act(m rules.Metric) string {
	if id := "slack.act." + string(m); w.Has(id) {
		return w.Say(id)
	}
	return cmp.Or(w.Metric(m), w.Say("slack.promise"))
}

// by is until when there is time, on the team's clock: a weekday says it within a week.
func (w speech) by(a rules.Alert) string {
	far := a.Due.Sub(a.At) >= 6*24*time.Hour
	switch {
	case unit(a) == time.Second:
		return w.Time("time.soon_to_s", a.Due)
	case far:
		return w.Time("time.later", a.Due)
	}
	return w.Time("time.soon", a.Due)
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
func (w speech) stand(a rules.Alert) string {
	switch {
	case !late(a):
		return w.Say("slack.left", "span", w.span(a.Remaining.Round(unit(a)), a.Business, unit(a)))
	case -a.Remaining < unit(a), a.Kind == rules.Breached && -a.Remaining < time.Minute: // what is told while it grows
		return w.Say("slack.missed")
	}
	return w.Say("slack.missed_by", "span", w.span(-a.Remaining, a.Business, unit(a)))
}

// span is a length of time in whole minutes, or in whole seconds where it is less
// than an hour and that is the unit; rounded down.
func (w speech) span(d time.Duration, business bool, unit time.Duration) string {
	kind := "slack.elapsed."
	if business {
		kind = "slack.business."
	}
	h, m, s := int(d/time.Hour), int(d%time.Hour/time.Minute), 0
	if unit == time.Second && h == 0 {
		s = int(d % time.Minute / time.Second)
	}
	switch {
	case h == 0 && m == 0 && s == 0:
		return w.Say("slack.instant")
	case m == 0 && s > 0:
		return w.Say(kind+"s", "n", s)
	case s > 0:
		return w.Say(kind+"min_s", "min", m, "s", s)
	case h == 0:
		return w.Say(kind+"min", "n", m)
	case h >= 48 && !business:
		return w.Say(kind+"d_h", "d", h/24, "h", h%24)
	case m == 0:
		return w.Say(kind+"h", "n", h)
	}
	return w.Say(kind+"h_min", "h", h, "mm", fmt.Sprintf("%02d", m))
}

// reason says why the promise is another one than before, empty without a reason.
func (w speech) reason(a rules.Alert) string {
	sentence := "slack.moved"
	switch {
	case a.Reason == "":
		return ""
	case a.Kind == rules.Withdrawn:
		sentence = "slack.withdrawn"
	case late(a):
		sentence = "slack.at_once"
	}
	return w.Say(sentence, "why", w.Change(a.Reason))
}

// origin is a priority with where it comes from.
func (w speech) origin(a rules.Alert) string {
	if a.Unknown != "" {
		return w.UnknownPriority(name(a.Unknown), name(a.Priority))
	}
	priority := cmp.Or(name(a.Priority), w.Say("slack.no_priority"))
	if a.PriorityFrom != "" {
		priority = w.Say("slack.priority_from", "priority", priority, "origin", w.Origin(rules.PriorityFrom(a.PriorityFrom)))
	}
	if proposed := name(a.Proposed); proposed != "" && a.Proposed != a.Priority {
		return w.Say("slack.proposed", "priority", priority, "proposed", proposed)
	}
	return priority
}

// due is the alert's due instant with what it is.
func (w speech) due(a rules.Alert, at string) string {
	if a.Kind == rules.Triage {
		return w.Say("slack.choose_by", "at", at)
	}
	return w.Say("slack.due", "at", at)
}

// crew is the team with its calendar and whether that is open, empty where
// neither is known.
func (w speech) crew(a rules.Alert) string {
	group, calendar := name(a.Group), name(a.Calendar)
	if calendar == "" {
		return group
	}
	state := "slack.team_closed"
	if a.OpenNow {
		state = "slack.team_open"
	}
	return w.Say(state, "team", cmp.Or(group, w.Say("slack.no_team")), "calendar", calendar)
}

// local is an instant in the zone it comes in, with the zone's name.
func (w speech) local(t time.Time, unit time.Duration) string {
	zone := t.Location().String()
	if zone == "" || zone == "Local" {
		zone = t.Format("MST")
	}
	clock := "15:04"
	if unit == time.Second {
		clock = time.TimeOnly
	}
	return w.Say("slack.local", "date", w.Time("time.short", t), "clock", t.Format(clock), "zone", zone)
}
