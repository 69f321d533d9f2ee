package report

import (
	"slices"
	"time"

	"vigie/rules"
)

// An Outcome is one decided cycle of a clock, with what its ticket was like then; or a
// ticket that is outside the SLA, which has none.
type Outcome struct {
	Source       string    `json:"source"`
	ID           string    `json:"id"`
	URL          string    `json:"url,omitempty"`
	Subject      string    `json:"subject,omitempty"`
	Organization string    `json:"organization,omitempty"`
	Group        string    `json:"group,omitempty"`
	Policy       string    `json:"policy"`
	DecidedAt    time.Time `json:"decided_at"`
	rules.Clock            // without warnings and past cycles

	Workaround bool     `json:"workaround,omitempty"`                 // it stopped with its ticket open: the policy's until held (QS-25)
	Marks      []string `json:"marks,omitempty"`                      // the tags of its ticket's marks, such as an incomplete intake (QS-27)
	ThirdParty int64    `json:"waited_third_party_seconds,omitempty"` // how long it waited for one between start and stop or At, in plain time (MT-19)

	Outside *rules.Exclusion `json:"outside,omitempty"` // why the ticket is outside the SLA; of Clock only the start, its creation, and the clause count

	Drift *rules.Drift `json:"drift,omitempty"` // the vendor's own SLA beside it, where the vendor was asked

	policy *rules.Policy
}

// Ref names the outcome's ticket.
func (o *Outcome) Ref() string { return o.Source + ":" + o.ID }

// Titles are what people call the outcome's policy.
func (o *Outcome) Titles() rules.Words { return o.policy.Titles }

// Late is by how many seconds a target was missed, of the target's own time, up to
// the stop or the report's At; 0 for one that was met.
func (o *Outcome) Late() int64 {
	if o.State != rules.StateBreached {
		return 0
	}
	return -o.Remaining
}

// Compare puts what the vendor's own SLA says beside the outcome; x is its ticket's
// explanation, compared with the vendor's. The vendor tells of last cycles alone, so
// there is nothing to be said of earlier ones.
func (o *Outcome) Compare(x *rules.Explanation) {
	last := x.Verdict.Clock(o.Metric)
	if x.Drift == nil || last == nil || last.Cycle != o.Cycle {
		return
	}
	d := *x.Drift
	d.Rows = x.Drift.Of(&o.Clock)
	o.Drift = &d
}

// A lastVerdict is a ticket's at some instant, or, where it had left the SLA by
// then, its last before that.
type lastVerdict struct {
	rules.Verdict
	at   time.Time
	left bool
}

// inSLA is the last verdict of a ticket by which it was in the SLA; v is its verdict
// at an instant.
func inSLA(policies []*rules.Policy, t *rules.Ticket, v rules.Verdict, at time.Time) (lastVerdict, error) {
	if v.Error != "" || v.Status == rules.Deleted || v.Covered() && v.Excluded == nil {
		return lastVerdict{v, at, false}, nil
	}
	for i := len(t.Events) - 1; i >= 0; i-- {
		before := t.Events[i].At.Add(-time.Second) // instants are cut to the second
		if !before.Before(at) || before.Before(t.CreatedAt) {
			continue
		}
		earlier, err := rules.Evaluate(policies, t, before)
		if err != nil || earlier.Error == "" && earlier.Status != rules.Deleted && earlier.Covered() && earlier.Excluded == nil {
			return lastVerdict{earlier, before, true}, err
		}
	}
	return lastVerdict{v, at, true}, nil
}

// decided is when it was decided whether a clock's target was met.
func decided(c *rules.Clock) (at time.Time, decided bool) {
	switch {
	case c.State == rules.StateBreached && c.ByChange != nil:
		return c.ByChange.At, true // its due instant may lie long before
	case c.State == rules.StateBreached && c.Due != nil:
		return *c.Due, true
	case c.Stopped():
		return *c.StoppedAt, true
	}
	return time.Time{}, false
}

func (v *lastVerdict) outcome(t *rules.Ticket, c rules.Clock, at time.Time) Outcome {
	_, group, _, organization, _, _ := v.Now()
	c.Warnings, c.Past = []rules.WarningPoint{}, nil
	o := Outcome{Source: t.Source, ID: t.ID, URL: t.URL, Subject: t.Subject, Organization: organization, Group: group,
		Policy: *v.Policy, DecidedAt: at.In(c.StartedAt.Location()), Clock: c, policy: v.JudgedBy()}
	for _, m := range v.Marks {
		o.Marks = append(o.Marks, m.Tag)
	}
	end := v.at
	if c.StoppedAt != nil {
		end = *c.StoppedAt
		o.Workaround = c.Metric == rules.Resolution && !slices.Contains([]rules.Status{rules.Solved, rules.Closed}, statusAt(t, end))
	}
	o.ThirdParty = waited(t, rules.WaitingThirdParty, c.StartedAt, end)
	return o
}

func statusAt(t *rules.Ticket, at time.Time) rules.Status {
	status := t.Status
	for _, e := range t.Events {
		if e.Type == rules.StatusEvent && e.At.Unix() <= at.Unix() {
			status = rules.Status(e.To)
		}
	}
	return status
}

// waited is how many seconds a ticket had a status between two instants.
func waited(t *rules.Ticket, s rules.Status, from, to time.Time) (seconds int64) {
	status, since := t.Status, t.CreatedAt
	until := func(at time.Time) {
		begin, end := max(since.Unix(), from.Unix()), min(at.Unix(), to.Unix())
		if status == s && end > begin {
			seconds += end - begin
		}
	}
	for _, e := range t.Events {
		if e.Type == rules.StatusEvent {
			until(e.At)
			status, since = rules.Status(e.To), e.At
		}
	}
	until(to)
	return seconds
}
