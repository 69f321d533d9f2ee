package print

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"vigie/connectors/desk"
	"vigie/rules"
	"vigie/rules/calendar"
	"vigie/rules/triage"
)

// Policies says what each policy means, and each version of it: the newest
// first, as policyfile.Versions has them; before that, whose word on the clocks counts.
func (s *Sheet) Policies(list []*rules.Policy, from calendar.Date) {
	s.Heading(s.Say("check.time_zones_of_iana") + s.colon() + Edition(calendar.ZonesInUse(), s.in()))
	for i, p := range list {
		var next, before *rules.Policy
		if i > 0 && list[i-1].Name == p.Name {
			next = list[i-1]
		}
		if i+1 < len(list) && list[i+1].Name == p.Name {
			before = list[i+1]
		}
		s.policy(p, before, next, from)
	}
}

// policy says what a policy means, so that whoever answers for it can compare
// it with its text clause by clause. before and next are its other versions.
func (s *Sheet) policy(p, before, next *rules.Policy, from calendar.Date) {
	s.Heading(s.Say("check.policy") + p.Name + s.colon() + p.Titles.In(s.language))
	s.Item(s.Say("check.text"), "%s", p.Source)
	s.Item(s.Say("check.in_force"), "%s", s.validity(p, before, next))
	s.Item(s.Say("check.covers"), "%s", condition(p.Covers, s.Say("check.every_ticket")))
	s.Item(s.Say("check.business_day"), "%s", s.Say("check.business_hours", "hours", hoursAndMinutes(p.BusinessDay)))
	s.calendars(p, from)
	s.priorities(p)
	s.targets(p)
	s.reopening(p)
	for _, x := range p.Excludes {
		s.tagged(s.Say("check.outside_the_sla"), x.When, x.Tag, x.Reason, x.Clause)
	}
	for _, m := range p.Marks {
		s.tagged(s.Say("check.mark"), m.When, m.Tag, m.Note, m.Clause)
	}
	for i := range p.Escalates {
		s.escalate(&p.Escalates[i])
	}
}

// escalateTo says what a source's policies have the technical team get, and where.
func (s *Sheet) escalateTo(c *desk.Source, trackers string) {
	if !c.Vendor.Escalates {
		return
	}
	for _, p := range c.Policies {
		for i := range p.Escalates {
			row := &p.Escalates[i]
			if c.EscalateTo == "" {
				s.Item(s.Say("check.technical_team"), "%s", s.Say("check.escalates_nothing", "policy", p.Name, "tracker", trackers))
				continue
			}
			s.Item(s.Say("check.technical_team"), "%s", s.Say("check.escalates", "tracker", c.EscalateTo, "project", row.Project, "type", row.Type, "condition", condition(row.When, "")))
		}
	}
}

// escalate says which tickets the technical team is to have an issue of, and what
// stands in it.
func (s *Sheet) escalate(row *rules.Escalate) {
	parts := []string{s.Say("check.project", "project", row.Project, "type", row.Type), s.Say("check.priority")}
	for _, f := range row.DueFields {
		parts = append(parts, fmt.Sprintf("%s = %s", f.ID, f.Metric))
	}
	if row.TicketsField != "" {
		parts = append(parts, row.TicketsField+" = "+s.Say("check.number_of_tickets"))
	}
	for _, id := range slices.Sorted(maps.Keys(row.Fields)) {
		parts = append(parts, fmt.Sprintf("%s = %q", id, row.Fields[id]))
	}
	if row.Tag != "" {
		parts = append(parts, row.Tag+"_"+string(rules.InProgress)+"…")
	}
	if row.UnlinkedAfter != nil {
		parts = append(parts, s.Say("check.unlinked", "time", row.UnlinkedAfter))
	}
	s.Item(s.Say("check.technical_team"), "%s%s: %s", strings.Join(parts, ", "), Square(row.Clause), condition(row.When, ""))
	if text := row.Note.In(s.language); text != "" {
		s.Item("", "%s", text)
	}
}

// validity says which tickets a version of a policy judges.
func (s *Sheet) validity(p, before, next *rules.Policy) string {
	first := s.date(calendar.DateOf(p.EffectiveFrom))
	text := s.Say("check.valid_from", "first", first)
	if next != nil {
		text = s.Say("check.valid_until", "first", first, "next", s.date(calendar.DateOf(next.EffectiveFrom)), "file", next.File)
	}
	older := s.Say("check.not_covered")
	if before != nil {
		older = s.Say("check.keeps_version") + " (" + before.File + ")"
	}
	return text + s.colon() + s.Say("check.created_before") + older
}

func (s *Sheet) tagged(label string, when *rules.Condition, tag string, words rules.Words, clause string) {
	s.Item(label, "%s%s: %s", tag, Square(clause), condition(when, ""))
	if text := words.In(s.language); text != "" {
		s.Item("", "%s", text)
	}
}

func (s *Sheet) priorities(p *rules.Policy) {
	s.Heading(s.Say("check.priorities"))
	for _, pr := range p.Priorities {
		s.Item(pr.Name, "%s%s", s.either(pr.Rubric != rules.Words{}, pr.Rubric.In(s.language), s.Say("check.not_described")), Square(pr.Clause))
		var names []string
		for _, vendor := range slices.Sorted(maps.Keys(pr.Vendors)) {
			names = append(names, vendor+": "+strings.Join(pr.Vendors[vendor], ", "))
		}
		s.list("", names)
		no := s.Say("check.proposed_by_none")
		if p.Lesson != nil {
			no = s.Say("check.suggested_with") + s.share(p.Confident(pr.Name))
		}
		s.Item("", "%s", s.either(pr.When != nil, s.Say("check.proposed_if")+condition(pr.When, ""), no))
	}
	rulings := s.either(p.Propose,
		s.Say("check.decides_rules_propose"),
		s.Say("check.decides_rules"))
	if p.Lesson != nil {
		rulings = s.either(p.Propose,
			s.Say("check.decides_text_proposes"),
			s.Say("check.decides_text"))
	}
	s.Item(s.Say("check.who_decides"), "%s", rulings+p.DefaultPriority)
	s.examples(p)
	if p.Triage != nil {
		s.Item(s.Say("check.triage"), "%s", s.Say("check.triage_after", "time", p.Triage))
	}
}

func (s *Sheet) reopening(p *rules.Policy) {
	s.Heading(s.Say("check.reopenings"))
	text := s.either(p.Restart, s.Say("check.resolution_begins_anew"), s.Say("check.resolution_goes_on"))
	if p.ReopenGrace != nil {
		text += s.Say("check.reopen_grace", "time", p.ReopenGrace)
	}
	s.Item(s.Say("check.reopening"), "%s", text)
}

// condition is a condition on one line; a long one stands in the file.
func condition(c *rules.Condition, always string) string {
	if c == nil {
		return always
	}
	text := strings.TrimSpace(c.String())
	if lines := strings.Count(text, "\n") + 1; lines > 2 || len(text) > 200 {
		return rules.Counted("en", "%s … (%d line{s} in the file)", Wrap(text, 60)[0], lines)
	}
	return strings.Join(strings.Fields(text), " ")
}

func hoursAndMinutes(seconds int64) string {
	if seconds%3600 == 0 {
		return fmt.Sprintf("%d h", seconds/3600)
	}
	return fmt.Sprintf("%d h %02d", seconds/3600, seconds/60%60)
}

func Square(clause string) string {
	if clause == "" {
		return ""
	}
	return " [" + clause + "]"
}

// share is a probability, as percent.
func (s *Sheet) share(p float64) string {
	return s.in().Say("share.whole", "whole", fmt.Sprintf("%.0f", 100*p))
}

// fewExamples is from how many on learning is worth it, measured on the examples that
// are shipped with moveon and meteorage: of their others right are, when 80 of them are
// learned, 54 and 66 in 100; of 240, 72 and 80; of 480, 81 and 90.
const fewExamples = 500

// examples says how many there are and what cross-validation says of them.
func (s *Sheet) examples(p *rules.Policy) {
	if p.Lesson == nil {
		return
	}
	trials := p.Lesson.Trials()
	said, right := triage.Covered(trials, 0)
	s.Item(s.Say("check.examples"), "%s", s.Say("check.examples_right", "n", len(p.Lesson.Examples), "right", s.share(float64(100*right/max(1, said))/100), "policy", p.Name))
	if len(p.Lesson.Examples) < fewExamples {
		s.Item("", "%s", s.Say("check.few_examples", "least", fewExamples))
	}
}
