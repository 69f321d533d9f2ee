package rules_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"vigie/rules"
	"vigie/rules/policyfile"
)

// An oracleCase is a ticket and the policies that judge it, as the naive judge
// and as the program read them.
type oracleCase struct {
	specs    []*oracleSpec
	policies []*rules.Policy
	ticket   rules.Ticket
}

func anyOracleCase(t *rapid.T) oracleCase {
	epoch, err := time.Parse(time.RFC3339, oracleOf(t, "epoch", oracleEpochs))
	if err != nil {
		t.Fatal(err)
	}
	var c oracleCase
	if oracleOneIn(t, 2, "two policies") && oracleDraws.leaving {
		c.specs = append(c.specs, anyOracleSpec(t, "first", epoch))
	}
	c.specs = append(c.specs, anyOracleSpec(t, "second", epoch))
	for _, s := range c.specs {
		if !oracleDraws.changesOnceSolved {
			s.grace = nil
		}
		p, problems := policyfile.Load(s.name, []byte(s.toml()), nil)
		if err := problems.Err(); err != nil {
			t.Fatalf("%v\n%s", err, s.toml())
		}
		c.policies = append(c.policies, p)
	}
	c.ticket = anyOracleTicket(t, epoch)
	for range rapid.IntRange(0, 3).Draw(t, "to the second") {
		at := oracleOf(t, "instant", c.falls(c.last()))
		if at.Sub(c.ticket.CreatedAt) < 20*24*time.Hour {
			c.ticket.Events = append(c.ticket.Events, anyOracleEvent(t, at))
			slices.SortStableFunc(c.ticket.Events, func(a, b rules.Event) int { return a.At.Compare(b.At) })
		}
	}
	if !oracleDraws.changesOnceSolved {
		oracleStillOnceSolved(&c.ticket)
	}
	return c
}

// last is the instant of the last event.
func (c *oracleCase) last() time.Time {
	if n := len(c.ticket.Events); n > 0 && c.ticket.Events[n-1].At.After(c.ticket.CreatedAt) {
		return c.ticket.Events[n-1].At
	}
	return c.ticket.CreatedAt
}

// falls are the instants at which something falls due by a verdict: the
// deadlines, the warnings, a missing priority, the end of a grace. The creation
// where there are none.
func (c *oracleCase) falls(now time.Time) []time.Time {
	var list []time.Time
	for _, at := range oracleFalls(c.specs, &c.ticket, now) {
		list = append(list, time.Unix(at, 0).UTC())
	}
	if len(list) == 0 {
		list = append(list, c.ticket.CreatedAt)
	}
	return list
}

func (c *oracleCase) evaluate(t *rapid.T, now time.Time) rules.Verdict {
	v, err := rules.Evaluate(c.policies, &c.ticket, now)
	if err != nil || v.Error != "" {
		t.Fatal(err, v.Error)
	}
	return v
}

// fatal shows everything that is needed to look into a difference by hand.
func (c *oracleCase) fatal(t *rapid.T, now time.Time, format string, args ...any) {
	for _, s := range c.specs {
		t.Log(s.toml())
	}
	ticket, _ := json.Marshal(c.ticket)
	t.Logf("%s\nnow %s", ticket, now.UTC().Format(time.RFC3339))
	t.Fatalf(format, args...)
}

// nows are instants at which to judge: any, that of an event and the second
// before, and those at which a deadline or a warning falls.
func (c *oracleCase) nows(t *rapid.T) []time.Time {
	span := int(c.last().Sub(c.ticket.CreatedAt)/time.Second) + 2*86400
	any := c.ticket.CreatedAt.Add(time.Duration(rapid.IntRange(-60, span).Draw(t, "now")) * time.Second)
	list := []time.Time{any, c.last()}
	if n := len(c.ticket.Events); n > 0 {
		at := c.ticket.Events[rapid.IntRange(0, n-1).Draw(t, "event")].At
		list = append(list, at, at.Add(-time.Second))
	}
	for _, now := range []time.Time{any, c.last()} {
		at := oracleOf(t, "fall", c.falls(now)).Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "beside")) * time.Second)
		if at.Sub(c.ticket.CreatedAt) < 20*24*time.Hour {
			list = append(list, at)
		}
	}
	return list
}

func TestAgainstTheNaiveJudge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyOracleCase(t)
		for _, now := range c.nows(t) {
			v := c.evaluate(t, now)
			want, got := oracleJudge(c.specs, &c.ticket, now), asOracle(&v)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				c.fatal(t, now, "(-naive +program):\n%s", diff)
			}
		}
	})
}

// asOracle is a verdict in the naive judge's words.
func asOracle(v *rules.Verdict) oracleVerdict {
	o := oracleVerdict{Priority: v.Priority, From: string(v.PriorityFrom), Unknown: v.Unknown, Add: slices.Sorted(slices.Values(v.Tags.Add)), Remove: slices.Sorted(slices.Values(v.Tags.Remove))}
	if v.Policy != nil {
		o.Policy = *v.Policy
	}
	if v.Proposed != nil {
		o.Proposed = *v.Proposed
	}
	if v.Excluded != nil {
		o.Excluded = v.Excluded.Tag
	}
	for _, m := range v.Marks {
		o.Marks = append(o.Marks, m.Tag)
	}
	if v.Triage != nil {
		o.TriageAt, o.TriageLate = v.Triage.At.Unix(), v.Triage.Late
	}
	for i := range v.Clocks {
		o.Clocks = append(o.Clocks, asOracleClock(&v.Clocks[i]))
	}
	return o
}

func asOracleClock(c *rules.Clock) oracleClock {
	k := oracleClock{
		Metric: string(c.Metric), State: string(c.State), Calendar: c.Calendar, Priority: c.Priority, Paused: c.Paused,
		Target: c.Target, Elapsed: c.Elapsed, Remaining: c.Remaining, Started: c.StartedAt.Unix(), Cycle: c.Cycle,
	}
	if c.Due != nil {
		k.Due = c.Due.Unix()
	}
	if c.StoppedAt != nil {
		k.Stopped = c.StoppedAt.Unix()
	}
	for _, w := range c.Warnings {
		k.Warnings = append(k.Warnings, oracleWarning{w.Threshold, w.At.Unix()})
	}
	for i := range c.Past {
		k.Past = append(k.Past, asOracleClock(&c.Past[i]))
	}
	return k
}

// Nothing that a verdict says, and nothing that people are told, changes by
// itself between now and its Wake; and at Wake something does.
func TestWake(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyOracleCase(t)
		for _, now := range c.nows(t) {
			c.ticket.Events = slices.DeleteFunc(c.ticket.Events, func(e rules.Event) bool { return e.At.After(now) })
			v := c.evaluate(t, now)
			before := c.still(&v, now)
			later := []time.Time{now.Add(time.Second), now.Add(time.Duration(rapid.IntRange(1, 20*86400).Draw(t, "later")) * time.Second)}
			if !v.Wake.IsZero() {
				if !v.Wake.After(now) {
					c.fatal(t, now, "wakes at %s, not after now", v.Wake)
				}
				inside := int(v.Wake.Sub(now)/time.Second) - 1
				later = []time.Time{v.Wake.Add(-time.Second), now.Add(time.Duration(rapid.IntRange(0, inside).Draw(t, "inside")) * time.Second)}
			}
			for _, at := range later {
				w := c.evaluate(t, at)
				if diff := cmp.Diff(before, c.still(&w, at)); diff != "" {
					c.fatal(t, now, "wakes at %v, but at %v (-now +then):\n%s", v.Wake, at, diff)
				}
			}
			if !v.Wake.IsZero() && v.Covered() && v.Status != rules.Deleted && !slices.ContainsFunc(c.specs, func(s *oracleSpec) bool { return s.grace != nil }) {
				if w := c.evaluate(t, v.Wake); cmp.Equal(before, c.still(&w, v.Wake)) {
					c.fatal(t, now, "wakes at %s for nothing", v.Wake)
				}
			}
		}
	})
}

// still is what doesn't change while nothing happens.
func (c *oracleCase) still(v *rules.Verdict, now time.Time) any {
	type told struct {
		Kind      rules.AlertKind
		Threshold string
		Key       string
	}
	o := asOracle(v)
	for i := range o.Clocks {
		o.Clocks[i].Elapsed, o.Clocks[i].Remaining = 0, 0
	}
	var alerts []told
	for _, a := range v.Alerts(&c.ticket, now) {
		alerts = append(alerts, told{a.Kind, a.Threshold, a.Key})
	}
	return struct {
		Verdict oracleVerdict
		Alerts  []told
	}{o, alerts}
}
