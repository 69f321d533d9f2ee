package words

import (
	"fmt"
	"strings"
	"time"

	"vigie/rules"
	"vigie/rules/calendar"
)

// Explanation is the evidence for a verdict as text: for a support lead, and fit to
// be sent to the customer.
func (l *Language) Explanation(x *rules.Explanation) string {
	return (&writer{Language: l}).explanation(x)
}

// Drawing is the explanation with a bar before each stretch of time, as long as the
// stretch: full where it counts, grey where it will.
func (l *Language) Drawing(x *rules.Explanation) string {
	return (&writer{Language: l, drawn: true}).explanation(x)
}

func (w *writer) explanation(x *rules.Explanation) string {
	l := w.Language
	v := &x.Verdict
	w.line("%s:%s  %s", v.Source, v.ID, x.Ticket.Subject)
	switch {
	case v.Error != "":
		w.say("explain.no_verdict", "why", v.Error)
		return w.String()
	case v.Policy == nil:
		w.say("explain.not_covered")
		w.alone(x.Drift)
		return w.String()
	}
	w.line("%s%s", x.Policy.In(l.Tag), bracketed(" (", x.Text, ")"))
	w.about(x)
	for i := range x.Timelines {
		w.line("")
		w.timeline(&x.Timelines[i])
		w.beside(x.Drift, &x.Timelines[i].Clock)
	}
	if v.Triage != nil {
		w.line("")
		w.say("explain.triage", "at", l.Moment(v.Triage.At))
	}
	w.alone(x.Drift)
	return w.String()
}

// about is what there is to say of the ticket as a whole.
func (w *writer) about(x *rules.Explanation) {
	v := &x.Verdict
	w.line("%s%s", w.Say("explain.priority", "priority", w.priority(v)), w.rubric(x.Rubric))
	if x.Suggested != nil {
		w.line("%s", w.suggestion(x.Suggested))
	}
	if v.Excluded != nil {
		w.line("%s [%s]", w.Say("explain.outside", "reason", v.Excluded.Reason.In(w.Tag)), v.Excluded.Clause)
	}
	for _, m := range v.Marks {
		w.line("%s%s", w.colon(m.Tag, m.Note.In(w.Tag)), clause(m.Clause))
		if m.Proposed != "" {
			w.line("  %s", w.Say("explain.customer", "text", m.Proposed))
		}
	}
	if v.Escalation != nil {
		w.line("%s%s", w.Say("explain.technical", "escalation", w.escalation(v.Escalation)), clause(v.Escalation.Clause))
	}
	for i := range x.Kept {
		w.line("%s", w.Kept(&x.Kept[i]))
	}
	if v.FromFirst {
		w.say("explain.from_first")
	}
}

// A writer writes lines of one language.
type writer struct {
	strings.Builder
	*Language
	drawn bool // with bars
}

func (w *writer) line(format string, args ...any) {
	fmt.Fprintf(w, format, args...)
	w.WriteByte('\n')
}

// say is a line of one text.
func (w *writer) say(id string, values ...any) { w.line("%s", w.Say(id, values...)) }

// colon puts what is said of a thing after it.
func (l *Language) colon(what, text string) string {
	return l.Say("join.colon", "what", what, "text", text)
}

// semicolons puts clauses into one sentence.
func (l *Language) semicolons(list []string) string {
	text := list[0]
	for _, next := range list[1:] {
		text = l.Say("join.semicolon", "first", text, "second", next)
	}
	return text
}

func (l *Language) quote(text string) string { return l.Say("join.quote", "text", text) }

// escalation says which issue a ticket has, or that it should have one.
func (w *writer) escalation(x *rules.Escalation) string {
	since := w.Moment(x.Since)
	switch {
	case x.Issue != nil:
		return w.Say("explain.issue", "issue", x.Issue.Key, "status", x.Issue.Status, "at", since) + bracketed(", ", x.Issue.URL, "")
	case x.LinkBy != nil:
		return w.Say("explain.unlinked", "at", since, "by", w.Moment(*x.LinkBy))
	}
	return w.Say("explain.marked", "at", since, "project", x.Project)
}

// priority is the priority in force and where it comes from.
func (w *writer) priority(v *rules.Verdict) string {
	if v.Unknown != "" {
		return w.UnknownPriority(v.Unknown, v.Priority)
	}
	origin := w.Origin(v.PriorityFrom)
	if v.PriorityFrom == rules.FromDefault && v.Proposed != nil {
		origin = w.Say("explain.proposes", "origin", origin, "priority", *v.Proposed)
	}
	return w.Say("explain.chosen", "priority", v.Priority, "origin", origin)
}

// suggestion says what the text suggests, how surely and by which words.
func (w *writer) suggestion(s *rules.Suggested) string {
	text := w.Say("explain.suggestion", "priority", s.Priority, "percent", int(s.Probability*100))
	if len(s.Words) > 0 {
		quoted := make([]string, len(s.Words))
		for i, word := range s.Words {
			quoted[i] = w.quote(word)
		}
		text = w.colon(text, strings.Join(quoted, ", "))
	}
	if !s.Confident {
		text = w.Say("explain.unsure", "suggestion", text)
	}
	return text
}

// rubric is the policy's own words for a priority, after its name.
func (w *writer) rubric(of rules.Words) string {
	if text := of.In(w.Tag); text != "" {
		return " " + w.quote(text)
	}
	return ""
}

func (w *writer) timeline(t *rules.Timeline) {
	c := &t.Clock
	name := w.Metric(t.Metric)
	if t.Cycle > 1 || len(c.Past) > 0 {
		name = w.Say("explain.cycle", "metric", name, "cycle", t.Cycle)
	}
	w.line("%s%s", w.colon(name, w.State(c.Metric, c.State)), clause(t.Clause))
	w.line("  %s", w.Say("explain.target", "target", w.Target(t.TargetAs), "length", w.Length(c.Target), "calendar", c.Calendar))
	var sum int64
	marked := false
	stretches := t.Stretches()
	for _, l := range stretches {
		if l.Late && !marked {
			w.due(c, sum)
			marked = true
		}
		sum += l.Counted
		counted := "–"
		if l.Counted > 0 {
			counted = "+" + w.Length(l.Counted)
		}
		w.line("  %s%s – %s  %8s  %s", w.bar(&l, stretches), w.Moment(l.From), w.Moment(l.To), counted, w.why(&l))
	}
	if !marked {
		w.due(c, sum)
	}
	if c.ByChange != nil {
		w.line("  %s", w.Say("explain.at_once", "why", w.Change(c.ByChange.What), "at", w.Moment(c.ByChange.At)))
	}
}

// longestBar is how many signs the longest stretch of a timeline has.
const longestBar = 12

func (w *writer) bar(l *rules.Line, all []rules.Line) string {
	if !w.drawn {
		return ""
	}
	var longest time.Duration
	for i := range all {
		longest = max(longest, all[i].To.Sub(all[i].From))
	}
	sign := "░"
	switch {
	case l.Counted > 0 && l.Future:
		sign = "▒"
	case l.Counted > 0:
		sign = "█"
	}
	n := 1
	if longest > 0 {
		n = max(1, int(longestBar*l.To.Sub(l.From)/longest))
	}
	return strings.Repeat(sign, n) + " "
}

func (w *writer) due(c *rules.Clock, sum int64) {
	if c.Due == nil {
		w.line("  %s", w.Say("explain.no_due", "length", w.Length(sum)))
		return
	}
	w.line("  %s", w.Say("explain.due", "length", w.Length(sum), "at", w.Moment(*c.Due)))
}

// why says what made a stretch of time count or not.
func (w *writer) why(l *rules.Line) string {
	text := ""
	switch {
	case l.Why == rules.IsPaused:
		text = w.Say("explain.paused", "status", w.Status(l.Status))
	case l.Why != rules.Counts:
		text = w.name("explain."+string(l.Why), string(l.Why))
	case l.Closed == calendar.Holiday && l.Holiday != nil:
		text = w.Say("explain.holiday", "holiday", w.Holiday(*l.Holiday))
	case l.Closed == calendar.Weekend:
		text = w.Say("explain.weekend")
	case l.Closed != "":
		text = w.Say("explain.closed")
	default:
		text = w.Say("explain.counts")
	}
	if l.Team != "" {
		text += ", " + l.Team
	}
	if l.Future {
		text = w.Say("explain.to_come", "what", text)
	}
	return text
}

// clause cites one after what is said, where there is one.
func clause(number string) string { return bracketed(" [", number, "]") }

func bracketed(before, text, after string) string {
	if text == "" {
		return ""
	}
	return before + text + after
}
