package calendar

import (
	"iter"
	"time"
)

// A span64 is a range of seconds [from, to).
type span64 struct{ from, to int64 }

// A stretch is a run of instants, in Unix seconds, that share one local date
// and one offset from UTC. Only within it is the wall clock a straight line,
// so it is the piece from which everything else is put together.
type stretch struct {
	span64
	date     Date
	midnight int64 // where 00:00 of date lies, or would lie, on that line
}

// stretches cuts a range of instants into stretches. A date has more than one
// where the clock changes, and none where the zone left it out.
func stretches(r span64, zone *time.Location) iter.Seq[stretch] {
	return func(yield func(stretch) bool) {
		for at := r.from; at < r.to; {
			t := time.Unix(at, 0).In(zone)
			_, offset := t.Zone()
			until := r.to
			if _, end := t.ZoneBounds(); end.After(t) {
				until = min(until, end.Unix())
			} else if !end.IsZero() {
				// Go 1.26 takes every year for one of 365 days in the years that
				// a zone's last rule governs (after 2037), so on a 31 December
				// of a leap year the end lies in the past. No clock changes there.
				until = min(until, DateOf(t.UTC()).midnight()+daySeconds)
			}
			date := DateOf(t)
			for at < until {
				midnight := date.midnight() - int64(offset)
				next := min(until, midnight+daySeconds)
				if !yield(stretch{span64{at, next}, date, midnight}) {
					return
				}
				at = next
				date++
			}
		}
	}
}

// open returns the part of the stretch that lies in a span of its date's wall
// clock, empty (to <= from) if none does.
func (s stretch) open(hours span) span64 {
	return span64{
		max(s.from, s.midnight+int64(hours.from)),
		min(s.to, s.midnight+int64(hours.to)),
	}
}
