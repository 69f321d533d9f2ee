package report

import (
	"cmp"
	"slices"
	"time"

	"vigie/rules"
)

// An ApartRow counts the tickets of a period that the policy leaves out of the SLA by
// one of its rows, or marks by one.
type ApartRow struct {
	Policy  string      `json:"policy"`
	Clause  string      `json:"clause,omitempty"`
	Tag     string      `json:"tag"`
	Why     rules.Words `json:"why"` // the policy's own words
	Tickets int         `json:"tickets"`
}

// A Flag is a ticket with a mark that is told, such as one that was solved without an
// answer (QS-09).
type Flag struct {
	Source       string      `json:"source"`
	ID           string      `json:"id"`
	URL          string      `json:"url,omitempty"`
	Subject      string      `json:"subject,omitempty"`
	Organization string      `json:"organization,omitempty"`
	Policy       string      `json:"policy"`
	Clause       string      `json:"clause,omitempty"`
	Tag          string      `json:"tag"`
	Note         rules.Words `json:"note"`
	Since        time.Time   `json:"since"`
}

// Ref names the flag's ticket.
func (f *Flag) Ref() string { return f.Source + ":" + f.ID }

type apartKey struct{ policy, clause, tag string }

// apart counts what a ticket's verdict at At says besides targets: whether it is
// outside the SLA, and its marks, if it was created within the period; and the marks
// that are told, if they began to hold within it. It returns the ticket as an outcome
// if it is outside the SLA, else nil.
func (r *Report) apart(v *rules.Verdict, t *rules.Ticket) *Outcome {
	if !v.Covered() || v.Status == rules.Deleted {
		return nil
	}
	_, group, _, organization, _, _ := v.Now()
	for _, m := range v.Marks {
		if m.Since != nil && !m.Since.Before(r.From) && m.Since.Before(r.To) {
			r.Flagged = append(r.Flagged, Flag{t.Source, t.ID, t.URL, t.Subject, organization, *v.Policy, m.Clause, m.Tag, m.Note, *m.Since})
		}
	}
	if t.CreatedAt.Before(r.From) {
		return nil
	}
	r.Came++
	for _, m := range v.Marks {
		tally(r.marked, *v.Policy, m.Clause, m.Tag, m.Note)
	}
	if v.Excluded == nil {
		return nil
	}
	tally(r.outside, *v.Policy, v.Excluded.Clause, v.Excluded.Tag, v.Excluded.Reason)
	created := t.CreatedAt.In(v.JudgedBy().TeamCalendar(group).Zone())
	o := &Outcome{Source: t.Source, ID: t.ID, URL: t.URL, Subject: t.Subject, Organization: organization, Group: group,
		Policy: *v.Policy, DecidedAt: created, Clock: rules.Clock{StartedAt: created, Clause: v.Excluded.Clause}, Outside: v.Excluded, policy: v.JudgedBy()}
	for _, m := range v.Marks {
		o.Marks = append(o.Marks, m.Tag)
	}
	return o
}

func tally(rows map[apartKey]*ApartRow, policy, clause, tag string, why rules.Words) {
	key := apartKey{policy, clause, tag}
	if rows[key] == nil {
		rows[key] = &ApartRow{Policy: policy, Clause: clause, Tag: tag, Why: why}
	}
	rows[key].Tickets++
}

// sumApart puts what was counted apart in order: by policy, the most tickets first;
// flags by their time.
func (r *Report) sumApart() {
	list := func(rows map[apartKey]*ApartRow) []ApartRow {
		all := make([]ApartRow, 0, len(rows))
		for _, row := range rows {
			all = append(all, *row)
		}
		slices.SortFunc(all, func(a, b ApartRow) int {
			return cmp.Or(cmp.Compare(a.Policy, b.Policy), b.Tickets-a.Tickets, cmp.Compare(a.Clause, b.Clause), cmp.Compare(a.Tag, b.Tag))
		})
		return all
	}
	r.Outside, r.Marked = list(r.outside), list(r.marked)
	slices.SortStableFunc(r.Flagged, func(a, b Flag) int { return a.Since.Compare(b.Since) })
}

// LeftOut is how many of the tickets that came are outside the SLA.
func (r *Report) LeftOut() (n int) {
	for i := range r.Outside {
		n += r.Outside[i].Tickets
	}
	return n
}
