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
	head := fmt.Sprintf(s.Pick("Engagements du support, du %s au %s", "Support promises, %s to %s"), r.From.Format(time.DateOnly), last.Format(time.DateOnly))
	if r.At.Before(r.To) {
		head += fmt.Sprintf(s.Pick(" (jusqu'ici, au %s)", " (so far, as of %s)"), s.moment(r.At))
	}
	s.Heading(head)
	s.Item(s.Pick("objectifs", "targets"), "%s", s.counted("%d tenu{s}, %d dépassé{s}, %d sans objet, sur %d ticket{s} ; %d encore ouvert{s}",
		"%d met, %d missed, %d void, of %d ticket{s}; %d still open", r.Met, r.Missed, r.Void, r.Tickets, r.Open))
	if r.Workaround > 0 {
		s.Item("", "%s", s.counted("%d tenu{s} par un contournement", "%d of the met by a workaround", r.Workaround))
	}
	if r.AtOnce > 0 {
		s.Item("", "%s", s.counted("%d dépassé{s} d'emblée, par un changement de priorité ou de type", "%d of the missed at once, by a change of priority or kind", r.AtOnce))
	}
	if r.Tickets > 0 {
		s.tallies(r)
	}
	if len(r.Breaches) > 0 {
		s.Heading(s.Pick("Objectifs dépassés", "Missed targets"))
	}
	for i := range r.Breaches {
		s.breach(&r.Breaches[i])
	}
	s.apart(r)
	if len(r.Unjudged) > 0 {
		s.Heading(s.Pick("Non comptés : tickets qui ne peuvent pas être évalués", "Not counted: tickets that can't be judged"))
	}
	for _, u := range r.Unjudged {
		s.Item(u.Ticket, "%s", u.Why)
	}
}

func (s *Sheet) tallies(r *report.Report) {
	table := [][]string{{"", s.Pick("tenus", "met"), s.Pick("dépassés", "missed"), s.Pick("d'emblée", "at once"), s.Pick("sans objet", "void"), s.Pick("taux de respect", "share met")}}
	for _, by := range []struct {
		what string
		rows []report.TallyRow
	}{
		{"", r.ByPolicy}, {"clause", r.ByClause},
		{s.Pick("priorité", "priority"), r.ByPriority}, {s.Pick("organisation", "organisation"), r.ByOrganization},
	} {
		for _, row := range by.rows {
			name, policy := by.what+" "+cmp.Or(row.Name, "–"), row.Titles.In(s.Pick("fr", "en"))
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
	stop := s.Pick("encore ouvert", "still open")
	if o.StoppedAt != nil {
		stop = s.Pick("fait ", "done ") + s.moment(*o.StoppedAt)
	}
	s.Item(o.Ref(), "%s [%s], %s%s%s, %s", name, o.Clause, o.Priority, s.Pick(" : échéance ", ": due "), s.moment(*o.Due), stop)
	if o.Subject != "" || o.Organization != "" {
		s.Item("", "%s%s", o.Subject, s.given(o.Organization, " – "))
	}
	if o.ByChange != nil {
		s.Item("", s.Pick("dépassé d'emblée parce que %s, le %s", "missed at once because %s, on %s"), s.in().Change(o.ByChange.What), s.moment(o.ByChange.At))
	}
	s.list("", o.Marks)
	if o.ThirdParty > 0 {
		s.Item("", s.Pick("dont %dh%02d d'attente d'un tiers", "of which %dh%02d waiting for a third party"), o.ThirdParty/3600, o.ThirdParty/60%60)
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
			s.Item(cmp.Or(row.Clause, "–"), "%d %s%s", row.Tickets, row.Tag, s.given(row.Why.In(s.Pick("fr", "en")), s.colon()))
		}
	}
	rows(s.counted("Hors SLA : %d ticket{s} sur %d arrivé{s} dans la période", "Outside the SLA: %d ticket{s} of %d that came in the period", r.LeftOut(), r.Came), r.Outside)
	rows(s.Pick("Tickets marqués, parmi ceux arrivés dans la période", "Marked tickets, of those that came in the period"), r.Marked)
	if len(r.Flagged) > 0 {
		s.Heading(s.Pick("À reprendre", "To be seen to"))
	}
	for i := range r.Flagged {
		f := &r.Flagged[i]
		s.Item(f.Ref(), "%s%s, %s", f.Tag, s.given(f.Clause, " – "), s.Pick("depuis ", "since ")+s.moment(f.Since))
		if f.Subject != "" || f.Organization != "" {
			s.Item("", "%s%s", f.Subject, s.given(f.Organization, " – "))
		}
	}
}
