package rules

import "vigie/rules/calendar"

// Why says why a stretch of a cycle counts or doesn't.
type Why string

const (
	Counts     Why = "counts"    // on the team's calendar, or always
	IsPaused   Why = "paused"    // in a status of the row's pause list
	IsSolved   Why = "solved"    // solved, until it was reopened
	Fulfilled  Why = "fulfilled" // the row's `until` held: a workaround
	WasDeleted Why = "deleted"   // deleted, until it was restored
)

// A count is a cycle measured with one row: the pieces of it that count, what they
// add up to, and where it goes on from.
type count struct {
	target   Duration
	pieces   []piece
	used     int64
	from, to int64 // the cycle's start, and its stop or now
	calendar *calendar.Calendar
	paused   bool // it stands still now
}

// A piece is a run of steps that count on one calendar.
type piece struct {
	from, to int64
	counted  int64 // seconds: open ones of a business target, all of an elapsed one
	calendar *calendar.Calendar
}

// count measures a cycle up to its stop, or up to now, by a row and priority. Its
// pieces hold until the next count.
func (e *evaluation) count(m Metric, c cycle, row *Target, priority string) count {
	n := count{target: row.Within[priority], from: e.h.steps[c.start].at, to: e.h.now, pieces: e.pieces[:0]}
	last := e.lastOf(c)
	if c.stop >= 0 {
		n.to, n.calendar = e.h.steps[c.stop].at, e.calendarAt(c.stop)
	} else {
		n.calendar, n.paused = e.calendarAt(last), e.why(m, row, last) == IsPaused
	}
	counts := false // the step before does
	for k := c.start; k <= last; k++ {
		before := counts
		if counts = e.why(m, row, k) == Counts; !counts {
			continue
		}
		if end := len(n.pieces) - 1; before && n.pieces[end].calendar == e.calendarAt(k) {
			n.pieces[end].to = e.h.end(k)
		} else {
			n.pieces = append(n.pieces, piece{from: e.h.steps[k].at, to: e.h.end(k), calendar: e.calendarAt(k)})
		}
	}
	for i := range n.pieces {
		p := &n.pieces[i]
		p.counted = p.to - p.from
		if n.target.Business {
			var err error
			p.counted, err = p.calendar.Between(instant(p.from), instant(p.to))
			e.fail(err)
		}
		n.used += p.counted
	}
	e.pieces = n.pieces
	return n
}

// lastOf is a cycle's last step: the one before its stop, or the one that holds now.
func (e *evaluation) lastOf(c cycle) int {
	if c.stop >= 0 {
		return c.stop - 1
	}
	return e.h.last()
}

// why says whether the time from step k to the next counts for a row's clock.
func (e *evaluation) why(m Metric, row *Target, k int) Why {
	switch a := e.h.at(k); {
	case e.h.steps[k].done:
		return IsSolved
	case a.status == Deleted:
		return WasDeleted
	case m == Resolution && e.fulfilled(m, k):
		return Fulfilled
	case e.pauses(row, a.status) && (!row.PauseAfterReply || a.answered) &&
		(!row.PauseEndsOnReply || a.status != WaitingCustomer || e.h.steps[k].spoke):
		return IsPaused
	}
	return Counts
}

// pauses says whether a row's clock pauses in a status. Neighbouring steps have mostly
// the same one.
func (e *evaluation) pauses(row *Target, s Status) bool {
	if e.pause.row != row || e.pause.status != s {
		e.pause = pauseAnswer{row, s, row.Pause[s]}
	}
	return e.pause.pauses
}

// A pauseAnswer is the last one of pauses.
type pauseAnswer struct {
	row    *Target
	status Status
	pauses bool
}

// reached is the first instant at which amount seconds are used: within the
// history, or projected from its end on the team's calendar as it stands. There
// is none while a paused clock hasn't got there.
func (e *evaluation) reached(n *count, amount int64) (int64, bool) {
	if amount <= 0 {
		return n.from, true
	}
	left := amount
	for i := range n.pieces {
		p := &n.pieces[i]
		if p.counted >= left {
			return e.after(p.calendar, p.from, left, n.target.Business), true
		}
		left -= p.counted
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
