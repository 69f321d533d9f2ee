package calendar

import "time"

// workdayHorizon is how far ahead NextOpening and NextClosing look.
const workdayHorizon = 400 * 24 * time.Hour

// NextOpening is the next instant after t at which a day's work begins: when the
// calendar opens for the first time on a local date. Opening again after a break isn't
// one. It is zero if there is none for 400 days, as where it never closes, or as far as
// the calendar knows.
func (c *Calendar) NextOpening(t time.Time) time.Time {
	var last Date
	for at, open := range c.changes(t) {
		if !open {
			continue
		}
		if d := DateOf(at); d != last {
			if last = d; at.After(t) {
				return at
			}
		}
	}
	return time.Time{}
}

// NextClosing is the next instant after t at which a day's work ends: when the calendar
// closes for the last time on a local date; at midnight it ends the date before. It is
// zero as NextOpening is.
func (c *Calendar) NextClosing(t time.Time) time.Time {
	var last time.Time
	for at, open := range c.changes(t) {
		if open {
			continue
		}
		if !last.IsZero() && last.After(t) && DateOf(at.Add(-time.Second)) != DateOf(last.Add(-time.Second)) {
			return last
		}
		last = at
	}
	if last.After(t) {
		return last
	}
	return time.Time{}
}

// changes are the instants at which the calendar opens or closes, in order, from the
// beginning of a date before t on.
func (c *Calendar) changes(t time.Time) func(yield func(at time.Time, open bool) bool) {
	return func(yield func(time.Time, bool) bool) {
		var before *Piece
		for p := range c.Pieces(t.Add(-49*time.Hour), t.Add(workdayHorizon)) {
			if before != nil && before.Open != p.Open && !yield(p.From, p.Open) {
				return
			}
			before = &p
		}
	}
}
