package rules

import (
	"cmp"
	"fmt"
	"slices"
	"time"

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

	rows [4]map[rowKey]*TallyRow // by policy, clause, priority, organization
}

// A Tally counts targets.
type Tally struct {
	Met    int `json:"met"`
	Missed int `json:"missed"`
	AtOnce int `json:"missed_at_once"` // of Missed: by a change that set a target that was over already
	Void   int `json:"void"`           // solved without an answer: neither met nor missed
}

// Share is how much of what was to be met was met, from 0 to 1; ok is false where
// there was nothing.
func (t Tally) Share() (share float64, ok bool) {
	if t.Met+t.Missed == 0 {
		return 0, false
	}
	return float64(t.Met) / float64(t.Met+t.Missed), true
}

func (t *Tally) add(c *Clock) {
	switch c.State {
	case StateMet:
		t.Met++
	case StateVoid:
		t.Void++
	case StateBreached:
		t.Missed++
		if c.ByChange != nil {
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
	place int
}

type rowKey struct{ policy, name string }

// An Outcome is one decided cycle of a clock, with what its ticket was like then.
type Outcome struct {
	Source       string    `json:"source"`
	ID           string    `json:"id"`
	URL          string    `json:"url,omitempty"`
	Subject      string    `json:"subject,omitempty"`
	Organization string    `json:"organization,omitempty"`
	Group        string    `json:"group,omitempty"`
	Policy       string    `json:"policy"`
	DecidedAt    time.Time `json:"decided_at"`
	Clock                  // without warnings and past cycles

	Marks      []string `json:"marks,omitempty"`                      // the tags of its ticket's marks, such as an incomplete intake (QS-27)
	ThirdParty int64    `json:"waited_third_party_seconds,omitempty"` // how long it waited for one between start and stop or At, in plain time (MT-19)

	Drift *Drift `json:"drift,omitempty"` // the vendor's own SLA beside it, where the vendor was asked

	policy *Policy
}

// Ref names the outcome's ticket.
func (o *Outcome) Ref() string { return o.Source + ":" + o.ID }

// Late is by how many seconds a target was missed, of the target's own time, up to
// the stop or the report's At; 0 for one that was met.
func (o *Outcome) Late() int64 {
	if o.State != StateBreached {
		return 0
	}
	return -o.Remaining
}

// Compare puts what the vendor's own SLA says beside the outcome; x is its ticket's
// explanation, compared with the vendor's. The vendor tells of last cycles alone, so
// there is nothing to be said of earlier ones.
func (o *Outcome) Compare(x *Explanation) {
	last := x.Verdict.Clock(o.Metric)
	if x.Drift == nil || last == nil || last.Cycle != o.Cycle {
		return
	}
	d := *x.Drift
	d.Rows = x.Drift.Of(&o.Clock)
	o.Drift = &d
}

// Unjudged is a ticket that a report can't judge.
type Unjudged struct {
	Ticket string `json:"ticket"`
	Why    string `json:"why"`
}

// NewReport is one of a period, as far as that has come at now.
func NewReport(from, to, now time.Time) *Report {
	r := &Report{From: from, To: to, At: to, Breaches: []Outcome{}, Unjudged: []Unjudged{}}
	if now.Before(to) {
		r.At = now.In(from.Location())
	}
	for i := range r.rows {
		r.rows[i] = map[rowKey]*TallyRow{}
	}
	return r
}

// Add counts what was decided of a ticket within the period, and returns it in the
// order of the metrics and cycles.
func (r *Report) Add(policies []*Policy, t *Ticket) []Outcome {
	if !t.CreatedAt.Before(r.At) {
		return nil
	}
	v, err := inSLA(policies, t, r.At)
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
			at, decided := c.decided()
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
	return list
}

// A lastVerdict is a ticket's at some instant, or, where it had left the SLA by
// then, its last before that.
type lastVerdict struct {
	Verdict
	at   time.Time
	left bool
}

func inSLA(policies []*Policy, t *Ticket, at time.Time) (lastVerdict, error) {
	v, err := Evaluate(policies, t, at)
	if err != nil || v.Error != "" || v.Status == Deleted || v.Covered() && v.Excluded == nil {
		return lastVerdict{v, at, false}, err
	}
	for i := len(t.Events) - 1; i >= 0; i-- {
		before := t.Events[i].At.Add(-time.Second) // instants are cut to the second
		if !before.Before(at) || before.Before(t.CreatedAt) {
			continue
		}
		earlier, err := Evaluate(policies, t, before)
		if err != nil || earlier.Error == "" && earlier.Status != Deleted && earlier.Covered() && earlier.Excluded == nil {
			return lastVerdict{earlier, before, true}, err
		}
	}
	return lastVerdict{v, at, true}, nil
}

// decided is when it was decided whether the clock's target was met.
func (c *Clock) decided() (at time.Time, decided bool) {
	switch {
	case c.State == StateBreached && c.ByChange != nil:
		return c.ByChange.At, true // its due instant may lie long before
	case c.State == StateBreached && c.Due != nil:
		return *c.Due, true
	case c.Stopped():
		return *c.StoppedAt, true
	}
	return time.Time{}, false
}

func (v *lastVerdict) outcome(t *Ticket, c Clock, at time.Time) Outcome {
	_, group, _, organization, _, _ := v.Now()
	c.Warnings, c.Past = []WarningPoint{}, nil
	o := Outcome{Source: t.Source, ID: t.ID, URL: t.URL, Subject: t.Subject, Organization: organization, Group: group,
		Policy: *v.Policy, DecidedAt: at.In(c.StartedAt.Location()), Clock: c, policy: v.policy}
	for _, m := range v.Marks {
		o.Marks = append(o.Marks, m.Tag)
	}
	end := v.at
	if c.StoppedAt != nil {
		end = *c.StoppedAt
	}
	o.ThirdParty = t.waited(WaitingThirdParty, c.StartedAt, end)
	return o
}

// waited is how many seconds the ticket had a status between two instants.
func (t *Ticket) waited(s Status, from, to time.Time) (seconds int64) {
	status, since := t.Status, t.CreatedAt
	until := func(at time.Time) {
		begin, end := max(since.Unix(), from.Unix()), min(at.Unix(), to.Unix())
		if status == s && end > begin {
			seconds += end - begin
		}
	}
	for _, e := range t.Events {
		if e.Type == StatusEvent {
			until(e.At)
			status, since = Status(e.To), e.At
		}
	}
	until(to)
	return seconds
}

func (r *Report) count(o *Outcome) {
	r.Tally.add(&o.Clock)
	clause := slices.IndexFunc(o.policy.Targets, func(t Target) bool { return t.Clause == o.Clause })
	for i, row := range []TallyRow{
		{Policy: o.Policy},
		{Policy: o.Policy, Name: o.Clause, place: clause},
		{Policy: o.Policy, Name: o.Priority, place: o.policy.Rank(o.Priority)},
		{Name: o.Organization},
	} {
		key := rowKey{row.Policy, row.Name}
		if r.rows[i][key] == nil {
			r.rows[i][key] = &row
		}
		r.rows[i][key].add(&o.Clock)
	}
	if o.State == StateBreached {
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
	r.ByPolicy = inOrder(r.rows[0], byPlace)
	r.ByClause = inOrder(r.rows[1], byPlace)
	r.ByPriority = inOrder(r.rows[2], byPlace)
	r.ByOrganization = inOrder(r.rows[3], byMissed)
	slices.SortStableFunc(r.Breaches, func(a, b Outcome) int { return a.DecidedAt.Compare(b.DecidedAt) })
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

// ReportDays is the period of a report from a first to a last day in the zone of now;
// by default the month of now, or the one from the first day on. It is an error if it
// has no day, or none that has begun.
func ReportDays(first, last string, now time.Time) (from, to time.Time, err error) {
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
