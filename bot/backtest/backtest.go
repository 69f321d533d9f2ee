// Package backtest compares what two sets of policies say of the same tickets at the
// same instants. Tickets of which they say different things go to the output at once;
// only counts are kept, as many as the policies have priorities and clauses.
package backtest

import (
	"time"

	"vigie/rules"
)

// A Difference is a ticket of which the two say different things.
type Difference struct {
	Source string            `json:"source"`
	ID     string            `json:"id"`
	Old    ruling            `json:"old"`
	New    ruling            `json:"new"`
	Clocks []clockDifference `json:"clocks"`
}

// A ruling is what a policy says of a ticket as a whole.
type ruling struct {
	Policy   *string `json:"policy"` // nil: not covered
	Priority string  `json:"priority,omitempty"`
	Excluded string  `json:"excluded,omitempty"` // by which clause
	Error    string  `json:"error,omitempty"`
}

// A clockDifference is one cycle of a clock under the two. Nil: it isn't
// promised there.
type clockDifference struct {
	Metric rules.Metric `json:"metric"`
	Cycle  int          `json:"cycle"`
	Old    *promise     `json:"old"`
	New    *promise     `json:"new"`
}

// A promise is what of a clock is compared, and where it comes from.
type promise struct {
	State    rules.State          `json:"state"`
	Due      *time.Time           `json:"due"`
	Target   int64                `json:"target_seconds"`
	Priority string               `json:"priority"`
	Clause   string               `json:"clause"`
	Warnings []rules.WarningPoint `json:"warnings"`
}

// Compare is what the two verdicts differ in; nil if no clock of theirs does.
func Compare(old, new *rules.Verdict) *Difference {
	d := &Difference{Source: old.Source, ID: old.ID, Old: rulingOf(old), New: rulingOf(new)}
	for _, m := range rules.Metrics {
		a, b := cycles(old.Clock(m)), cycles(new.Clock(m))
		for len(a) > 0 || len(b) > 0 { // cycles come in order; either list may lack some
			one := clockDifference{Metric: m}
			if len(b) == 0 || len(a) > 0 && a[0].Cycle <= b[0].Cycle {
				one.Cycle, one.Old = a[0].Cycle, promiseOf(&a[0])
				a = a[1:]
			}
			if len(b) > 0 && (one.Old == nil || b[0].Cycle == one.Cycle) {
				one.Cycle, one.New = b[0].Cycle, promiseOf(&b[0])
				b = b[1:]
			}
			if !one.Old.same(one.New) {
				d.Clocks = append(d.Clocks, one)
			}
		}
	}
	if len(d.Clocks) == 0 && d.Old.Error == d.New.Error {
		return nil
	}
	return d
}

func rulingOf(v *rules.Verdict) ruling {
	s := ruling{Policy: v.Policy, Priority: v.Priority, Error: v.Error}
	if v.Excluded != nil {
		s.Excluded = v.Excluded.Clause
		if s.Excluded == "" {
			s.Excluded = v.Excluded.Tag
		}
	}
	return s
}

// cycles are all cycles of a clock, the earliest first.
func cycles(c *rules.Clock) []rules.Clock {
	if c == nil {
		return nil
	}
	return append(c.Past[:len(c.Past):len(c.Past)], *c)
}

func promiseOf(c *rules.Clock) *promise {
	return &promise{State: c.State, Due: c.Due, Target: c.Target, Priority: c.Priority, Clause: c.Clause, Warnings: c.Warnings}
}

// same says that due, state and warnings are the same; instants are compared as
// instants, whatever zone they are told in.
func (p *promise) same(q *promise) bool {
	if p == nil || q == nil {
		return p == q
	}
	if p.State != q.State || (p.Due == nil) != (q.Due == nil) || p.Due != nil && !p.Due.Equal(*q.Due) || len(p.Warnings) != len(q.Warnings) {
		return false
	}
	for i, w := range p.Warnings {
		if w.Threshold != q.Warnings[i].Threshold || !w.At.Equal(q.Warnings[i].At) {
			return false
		}
	}
	return true
}
