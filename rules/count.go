package rules

import (
	"slices"

	"vigie/rules/calendar"
)

// A stretch is a piece of a cycle in which one thing is true: it counts on one
// calendar, or it doesn't count for one reason.
type stretch struct {
	from, to int64
	counted  int64 // seconds: open ones on a business target, all on an elapsed one
	calendar *calendar.Calendar
	group    string
	why      Why
	status   Status
}

// Why says why a stretch of a cycle counts or doesn't.
type Why string

const (
	Counts     Why = "counts"    // on the team's calendar, or always
	IsPaused   Why = "paused"    // in a status of the row's pause list
	IsSolved   Why = "solved"    // solved, until it was reopened
	Fulfilled  Why = "fulfilled" // the row's `until` held: a workaround
	WasDeleted Why = "deleted"   // deleted, until it was restored
)

// A count is a cycle measured with one row: its stretches, what they add up to,
// and where it goes on from.
type count struct {
	row       *Target
	priority  string
	target    Duration
	stretches []stretch
	used      int64
	from, to  int64 // the cycle's start, and its stop or now
	calendar  *calendar.Calendar
	paused    bool // it stands still now
}

// count measures a cycle up to step stop, or up to now if stop is -1, by a row
// and priority. Its stretches hold until the next count.
func (e *evaluation) count(m Metric, c cycle, row *Target, priority string) count {
	n := count{row: row, priority: priority, target: row.Within[priority], from: e.h.steps[c.start].at, to: e.h.now}
	last := e.h.last()
	if c.stop >= 0 {
		n.to, last = e.h.steps[c.stop].at, c.stop-1
		n.calendar = e.calendarAt(c.stop)
	} else {
		n.calendar = e.calendarAt(last)
	}
	n.stretches = slices.Grow(e.stretches[:0], last-c.start+1)
	for k := c.start; k <= last; k++ {
		s := stretch{from: e.h.steps[k].at, to: e.h.end(k), calendar: e.calendarAt(k), group: e.h.at(k).group, why: Counts, status: e.h.at(k).status}
		switch {
		case e.h.steps[k].done:
			s.why = IsSolved
		case s.status == Deleted:
			s.why = WasDeleted
		case m == Resolution && e.fulfilled(m, k):
			s.why = Fulfilled
		case e.paused(row, k):
			s.why = IsPaused
		case !n.target.Business:
			s.counted = s.to - s.from
		default:
			open, err := s.calendar.Between(instant(s.from), instant(s.to))
			e.fail(err)
			s.counted = open
		}
		n.used += s.counted
		n.stretches = append(n.stretches, s)
		n.paused = c.stop < 0 && k == last && s.why == IsPaused
	}
	e.stretches = n.stretches
	return n
}

// reached is the first instant at which amount seconds are used: within the
// history, or projected from its end on the team's calendar as it stands. There
// is none while a paused clock hasn't got there.
func (e *evaluation) reached(n *count, amount int64) (int64, bool) {
	if amount <= 0 {
		return n.from, true
	}
	left := amount
	for i := range n.stretches {
		s := &n.stretches[i]
		if s.counted >= left {
			return e.after(s.calendar, s.from, left, n.target.Business), true
		}
		left -= s.counted
	}
	if n.paused {
		return 0, false
	}
	return e.after(n.calendar, n.to, left, n.target.Business), true
}

// after is the first instant by which the given seconds have passed since from.
func (e *evaluation) after(c *calendar.Calendar, from, seconds int64, business bool) int64 {
	if !business {
		return from + seconds
	}
	at, err := c.Add(instant(from), seconds)
	if err != nil {
		e.fail(err)
		return from
	}
	return at.Unix()
}
