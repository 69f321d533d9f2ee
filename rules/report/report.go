// Package report says of a period which targets were met, and why the others weren't.
//
// A Report takes tickets one by one (Add) and asks package rules for their verdicts as
// they stood at the period's end. Each cycle of a clock that was decided within the
// period is an Outcome; sums by policy, clause, priority and organization come of these
// (Sum). What is outside the SLA, marked or flagged is counted apart.
package report

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"vigie/rules"
	"vigie/rules/calendar"
)

// A Report says which promises were kept within a period, with the evidence for
// each that wasn't. Each cycle of a clock counts once, in the period in which it was
// decided: when it stopped in time, or else when its due instant passed. Tickets are
// judged as they stood at the period's end, so a report of the past stays what it
// was, whatever happens to its tickets later.
//
// A ticket that has left the SLA or its policy by then counts with what was decided
// before (DESIGN section 5); one that was deleted or merged doesn't count.
type Report struct {
	From time.Time `json:"from"` // the period is [From, To)
	To   time.Time `json:"to"`
	At   time.Time `json:"at"` // judged at: To, or now where that is yet to come

	Tickets int `json:"tickets"` // of which something was decided
	Tally
	Open           int        `json:"open"` // targets neither met nor missed at At
	ByPolicy       []TallyRow `json:"by_policy"`
	ByClause       []TallyRow `json:"by_clause"`
	ByPriority     []TallyRow `json:"by_priority"`
	ByOrganization []TallyRow `json:"by_organization"`
	Breaches       []Outcome  `json:"breaches"` // each missed target, in order of time
	Unjudged       []Unjudged `json:"unjudged"` // tickets that count nowhere, though they should

	Came    int        `json:"came"`    // covered tickets that were created within the period
	Outside []ApartRow `json:"outside"` // those of Came that are outside the SLA at At, and why (QS-18)
	Marked  []ApartRow `json:"marked"`  // those of Came that have a mark at At, such as services (QS-17)
	Flagged []Flag     `json:"flagged"` // tickets with a mark that is told at At and began within the period, in order of time

	Parts []Part `json:"-"` // of the period up to At

	rows            [4]map[rowKey]*TallyRow // by policy, clause, priority, organization
	outside, marked map[apartKey]*ApartRow
}

// A Tally counts targets.
type Tally struct {
	Met    int `json:"met"`
	Missed int `json:"missed"`
	AtOnce int `json:"missed_at_once"` // of Missed: by a change that set a target that was over already
	Void   int `json:"void"`           // solved without an answer: neither met nor missed

	Workaround int `json:"met_by_workaround"` // of Met: the ticket stayed open, what the policy takes for a solution held (QS-25)
}

func (t *Tally) add(o *Outcome) {
	switch o.State {
	case rules.StateMet:
		t.Met++
		if o.Workaround {
			t.Workaround++
		}
	case rules.StateVoid:
		t.Void++
	case rules.StateBreached:
		t.Missed++
		if o.ByChange != nil {
			t.AtOnce++
		}
	}
}

// A TallyRow counts the targets of one policy, or of one name within it: a clause, a
// priority. An organization has its row over all policies.
type TallyRow struct {
	Policy string `json:"policy,omitempty"`
	Name   string `json:"name"` // "" = none
	Tally
	Titles rules.Words `json:"-"` // the policy's
	Parts  []Tally     `json:"-"` // of each of the report's parts, for clauses and priorities
	place  int
}

// in is the tally of one of so many parts.
func (t *TallyRow) in(part, of int) *Tally {
	if t.Parts == nil {
		t.Parts = make([]Tally, of)
	}
	return &t.Parts[part]
}

// What rows are by.
const (
	byPolicy = iota
	byClause
	byPriority
	byOrganization
)

type rowKey struct{ policy, name string }

// Unjudged is a ticket that a report can't judge.
type Unjudged struct {
	Ticket string `json:"ticket"`
	Why    string `json:"why"`
}

// New is one of a period, as far as that has come at now.
func New(from, to, now time.Time) *Report {
	now = now.Truncate(time.Second) // as instants are cut
	r := &Report{From: from, To: to, At: to, Breaches: []Outcome{}, Unjudged: []Unjudged{}, Flagged: []Flag{},
		outside: map[apartKey]*ApartRow{}, marked: map[apartKey]*ApartRow{}}
	if now.Before(to) {
		r.At = now.In(from.Location())
	}
	r.Parts = Parts(from, r.At)
	for i := range r.rows {
		r.rows[i] = map[rowKey]*TallyRow{}
	}
	return r
}

// Add counts what was decided of a ticket within the period, and returns it in the
// order of the metrics and cycles; then the ticket itself, if it was created within
// the period and is outside the SLA.
func (r *Report) Add(policies []*rules.Policy, t *rules.Ticket) []Outcome {
	if !t.CreatedAt.Before(r.At) {
		return nil
	}
	atEnd, err := rules.Evaluate(policies, t, r.At)
	v := lastVerdict{}
	if err == nil {
		v, err = inSLA(policies, t, atEnd, r.At)
	}
	if err == nil {
		err = v.Err()
	}
	if err != nil {
		r.Unjudged = append(r.Unjudged, Unjudged{t.Ref(), err.Error()})
		return nil
	}
	var list []Outcome
	for i := range v.Clocks {
		last := v.Clocks[i]
		for _, c := range append(slices.Clone(last.Past), last) {
			at, decided := decided(&c)
			if !decided && !v.left {
				r.Open++
			}
			if decided && !at.Before(r.From) && at.Before(r.To) {
				list = append(list, v.outcome(t, c, at))
			}
		}
	}
	for i := range list {
		r.count(&list[i])
	}
	if len(list) > 0 {
		r.Tickets++
	}
	if o := r.apart(&atEnd, t); o != nil {
		list = append(list, *o)
	}
	return list
}

func (r *Report) count(o *Outcome) {
	r.Tally.add(o)
	clause := slices.IndexFunc(o.policy.Targets, func(t rules.Target) bool { return t.Clause == o.Clause })
	for i, row := range []TallyRow{
		{Policy: o.Policy, Titles: o.policy.Titles},
		{Policy: o.Policy, Titles: o.policy.Titles, Name: o.Clause, place: clause},
		{Policy: o.Policy, Titles: o.policy.Titles, Name: o.Priority, place: o.policy.Rank(o.Priority)},
		{Name: o.Organization},
	} {
		key := rowKey{row.Policy, row.Name}
		if r.rows[i][key] == nil {
			r.rows[i][key] = &row
		}
		r.rows[i][key].add(o)
		if k := r.part(o.DecidedAt); k >= 0 && (i == byClause || i == byPriority) {
			r.rows[i][key].in(k, len(r.Parts)).add(o)
		}
	}
	if o.State == rules.StateBreached {
		r.Breaches = append(r.Breaches, *o)
	}
}

// Sum puts what was counted in order: clauses and priorities as their policy has
// them, organizations by what they missed, breaches by their time.
func (r *Report) Sum() {
	byPlace := func(a, b TallyRow) int {
		return cmp.Or(cmp.Compare(a.Policy, b.Policy), cmp.Compare(a.place, b.place), cmp.Compare(a.Name, b.Name))
	}
	byMissed := func(a, b TallyRow) int { return cmp.Or(b.Missed-a.Missed, cmp.Compare(a.Name, b.Name)) }
	r.ByPolicy = inOrder(r.rows[byPolicy], byPlace)
	r.ByClause = inOrder(r.rows[byClause], byPlace)
	r.ByPriority = inOrder(r.rows[byPriority], byPlace)
	r.ByOrganization = inOrder(r.rows[byOrganization], byMissed)
	slices.SortStableFunc(r.Breaches, func(a, b Outcome) int { return a.DecidedAt.Compare(b.DecidedAt) })
	r.sumApart()
}

func inOrder(rows map[rowKey]*TallyRow, order func(a, b TallyRow) int) []TallyRow {
	list := make([]TallyRow, 0, len(rows))
	for _, row := range rows {
		list = append(list, *row)
	}
	slices.SortFunc(list, order)
	return list
}

// Days is the period from a first to a last day, both within it and of a zone; a day
// that is "" leaves its instant zero.
func Days(first, last string, zone *time.Location) (from, to time.Time, err error) {
	midnight := func(text string, days int) (at time.Time) {
		if text == "" {
			return at
		}
		d, bad := calendar.ParseDate(text)
		err = cmp.Or(err, bad)
		t, _ := time.Parse(time.DateOnly, d.String())
		return time.Date(t.Year(), t.Month(), t.Day()+days, 0, 0, 0, 0, zone)
	}
	from, to = midnight(first, 0), midnight(last, 1)
	if err == nil && !from.IsZero() && !to.IsZero() && !to.After(from) {
		err = fmt.Errorf("%s is before %s", last, first)
	}
	return from, to, err
}

// Period is the period of a report from a first to a last day in the zone of now;
// by default the month of now, or the one from the first day on. It is an error if it
// has no day, or none that has begun.
func Period(first, last string, now time.Time) (from, to time.Time, err error) {
	if from, to, err = Days(first, last, now.Location()); err != nil {
		return from, to, err
	}
	if from.IsZero() {
		from = time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, now.Location())
	}
	if to.IsZero() {
		to = from.AddDate(0, 1, 0)
	}
	switch day := from.Format(time.DateOnly); {
	case !from.Before(to):
		err = fmt.Errorf("%s is before %s", to.AddDate(0, 0, -1).Format(time.DateOnly), day)
	case from.After(now):
		err = fmt.Errorf("%s is yet to come", day)
	}
	return from, to, err
}
