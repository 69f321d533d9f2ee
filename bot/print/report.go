package print

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"vigie/rules/report"
)

// Report is a report for the terminal.
func (s *Sheet) Report(r *report.Report) {
	last := r.To.AddDate(0, 0, -1)
	head := s.Say("check.promises", "from", r.From.Format(time.DateOnly), "to", last.Format(time.DateOnly))
	if r.At.Before(r.To) {
		head += s.Say("check.so_far", "at", s.moment(r.At))
	}
	s.Heading(head)
	s.Item(s.Say("check.targets"), "%s", s.Say("check.tally", "met", s.Say("check.met_of", "n", r.Met), "missed", s.Say("check.missed_of", "n", r.Missed), "void", s.Say("check.void_of", "n", r.Void),
		"tickets", s.Say("check.tickets_of", "n", r.Tickets), "open", s.Say("check.open_of", "n", r.Open)))
	if r.Workaround > 0 {
		s.Item("", "%s", s.Say("check.by_workaround", "n", r.Workaround))
	}
	if r.AtOnce > 0 {
		s.Item("", "%s", s.Say("check.by_change", "n", r.AtOnce))
	}
	if r.Tickets > 0 {
		s.tallies(r)
	}
	if len(r.Breaches) > 0 {
		s.Heading(s.Say("check.missed_targets"))
	}
	for i := range r.Breaches {
		s.breach(&r.Breaches[i])
	}
	s.apart(r)
	if len(r.Unjudged) > 0 {
		s.Heading(s.Say("check.not_judged"))
	}
	for _, u := range r.Unjudged {
		s.Item(u.Ticket, "%s", u.Why)
	}
}

func (s *Sheet) tallies(r *report.Report) {
	table := [][]string{{"", s.Say("check.met"), s.Say("check.missed"), s.Say("check.at_once"), s.Say("check.void"), s.Say("check.share_met")}}
	for _, by := range []struct {
		what string
		rows []report.TallyRow
	}{
		{"", r.ByPolicy}, {"clause", r.ByClause},
		{s.Say("check.priority"), r.ByPriority}, {s.Say("check.organisation"), r.ByOrganization},
	} {
		for _, row := range by.rows {
			name, policy := by.what+" "+cmp.Or(row.Name, "–"), row.Titles.In(s.language)
			switch {
			case by.what == "": // its title says what it is
				name = policy
			case row.Policy != "" && len(r.ByPolicy) > 1:
				name += s.given(policy, ", ")
			}
			table = append(table, []string{name, count(row.Met), count(row.Missed), count(row.AtOnce), count(row.Void), s.in().Share(row.Tally)})
		}
	}
	s.Table(table)
}

// count is a number, or nothing for none.
func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (s *Sheet) moment(t time.Time) string { return s.in().Moment(t) }

func (s *Sheet) breach(o *report.Outcome) {
	name := s.in().Metric(o.Metric)
	if o.Cycle > 1 {
		name += fmt.Sprintf(", cycle %d", o.Cycle)
	}
	stop := s.Say("check.still_open")
	if o.StoppedAt != nil {
		stop = s.Say("check.done") + s.moment(*o.StoppedAt)
	}
	s.Item(o.Ref(), "%s [%s], %s%s%s, %s", name, o.Clause, o.Priority, s.Say("check.due"), s.moment(*o.Due), stop)
	if o.Subject != "" || o.Organization != "" {
		s.Item("", "%s%s", o.Subject, s.given(o.Organization, " – "))
	}
	if o.ByChange != nil {
		s.Item("", "%s", s.Say("check.missed_at_once", "why", s.in().Change(o.ByChange.What), "at", s.moment(o.ByChange.At)))
	}
	s.list("", o.Marks)
	if o.ThirdParty > 0 {
		s.Item("", "%s", s.Say("check.third_party", "length", fmt.Sprintf("%dh%02d", o.ThirdParty/3600, o.ThirdParty/60%60)))
	}
	if o.Drift == nil {
		return
	}
	if silence := s.in().Silence(o.Drift); silence != "" {
		s.Item("", "%s", silence)
	}
	for i := range o.Drift.Rows {
		row := &o.Drift.Rows[i]
		s.Item("", "%s %s", o.Drift.Vendor, s.in().Difference(row))
	}
}

// apart is what is counted apart from the targets: tickets outside the SLA, marked
// ones, and those that a mark flags.
func (s *Sheet) apart(r *report.Report) {
	rows := func(head string, list []report.ApartRow) {
		if len(list) == 0 {
			return
		}
		s.Heading(head)
		for _, row := range list {
			s.Item(cmp.Or(row.Clause, "–"), "%d %s%s", row.Tickets, row.Tag, s.given(row.Why.In(s.language), s.colon()))
		}
	}
	rows(s.Say("check.outside", "tickets", s.Say("check.tickets_of", "n", r.LeftOut()), "came", s.Say("check.came_of", "n", r.Came)), r.Outside)
	rows(s.Say("check.marked_tickets"), r.Marked)
	if len(r.Flagged) > 0 {
		s.Heading(s.Say("check.to_be_seen_to"))
	}
	for i := range r.Flagged {
		f := &r.Flagged[i]
		s.Item(f.Ref(), "%s%s, %s", f.Tag, s.given(f.Clause, " – "), s.Say("check.since")+s.moment(f.Since))
		if f.Subject != "" || f.Organization != "" {
			s.Item("", "%s%s", f.Subject, s.given(f.Organization, " – "))
		}
	}
}
