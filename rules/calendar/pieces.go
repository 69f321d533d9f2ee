package calendar

import (
	"iter"
	"time"
)

// Why says what makes a piece of time open or closed.
type Why string

const (
	Hours        Why = "hours"         // open: an interval of the weekly plan
	OutsideHours Why = "outside_hours" // closed: between the intervals of the weekly plan
	Weekend      Why = "weekend"       // closed: the weekly plan has nothing for this weekday
	Holiday      Why = "holiday"       // closed
	Special      Why = "special"       // open or closed: the date has hours of its own
)

// A Piece is a part of time that is open, or closed, for one reason.
type Piece struct {
	From, To time.Time // [From, To), in the calendar's zone
	Open     bool
	Why      Why
	Holiday  *Name // set if Why is Holiday
}

// Pieces cuts [a, b) into consecutive pieces, for explanations. A night and
// the morning after it are one piece if nothing tells them apart. Where [a, b)
// reaches beyond what the calendar knows, it is cut off there.
func (c *Calendar) Pieces(a, b time.Time) iter.Seq[Piece] {
	return func(yield func(Piece) bool) {
		var last Piece
		for p := range c.cuts(span64{max(a.Unix(), c.known.from), min(b.Unix(), c.known.to)}) {
			if last.continues(p) {
				last.To = p.To
				continue
			}
			if last.Why != "" && !yield(last) {
				return
			}
			last = p
		}
		if last.Why != "" {
			yield(last)
		}
	}
}

// cuts cuts a range of instants into pieces none of which spans two dates.
func (c *Calendar) cuts(r span64) iter.Seq[Piece] {
	return func(yield func(Piece) bool) {
		a := almanac{plans: c.plans}
		for s := range stretches(r, c.zone) {
			is := a.day(s.date)
			at := s.from
			cut := func(to int64, open bool) bool {
				if to <= at {
					return true
				}
				p := Piece{From: c.local(at), To: c.local(to), Open: open, Why: is.closed}
				if open {
					p.Why = is.opened
				}
				if p.Why == Holiday {
					p.Holiday = is.holiday
				}
				at = to
				return yield(p)
			}
			for _, hours := range is.open {
				seg := s.open(hours)
				if seg.to > seg.from && !(cut(seg.from, false) && cut(seg.to, true)) {
					return
				}
			}
			if !cut(s.to, false) {
				return
			}
		}
	}
}

// continues reports whether next says the same as p.
func (p Piece) continues(next Piece) bool {
	return p.Open == next.Open && p.Why == next.Why &&
		(p.Holiday == nil || next.Holiday != nil && *p.Holiday == *next.Holiday)
}
