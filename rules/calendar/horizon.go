package calendar

import (
	"fmt"
	"time"
)

// The outermost horizon: no calendar answers beyond it. It only has to be far
// enough that no ticket comes near it, and near enough that a search for open
// time ends.
const (
	firstYear = 1970
	lastYear  = 2199
)

// A HorizonError says that an answer depends on a year that the calendar knows
// nothing of.
type HorizonError struct {
	Calendar string
	Region   string // whose holidays aren't known in that year; empty: no calendar reaches that far
	Year     int    // the local year
}

func (e *HorizonError) Error() string {
	if e.Region == "" {
		return fmt.Sprintf("calendar %q can't say what is open in %d: calendars reach from %d to %d",
			e.Calendar, e.Year, firstYear, lastYear)
	}
	return fmt.Sprintf("calendar %q can't say what is open in %d: the holidays of %s aren't known for that year",
		e.Calendar, e.Year, e.Region)
}

// covering returns a table that covers [from, to], growing it where needed.
func (c *Calendar) covering(from, to int64) (*table, error) {
	if t := c.table.Load(); t != nil && from >= t.from && to <= t.to {
		return t, nil
	}
	if from < c.known.from {
		return nil, &HorizonError{c.name, c.first.region, min(c.local(from).Year(), c.first.date.Year()-1)}
	}
	if to > c.known.to {
		return nil, &HorizonError{c.name, c.last.region, max(c.local(to-1).Year(), c.last.date.Year()+1)}
	}
	return c.grow(from, to), nil
}

// later returns a table that reaches further than t, or an error if t already
// reaches to the end of what is known.
func (c *Calendar) later(t *table) (*table, error) {
	if t.to >= c.known.to {
		return nil, &HorizonError{c.name, c.last.region, c.last.date.Year() + 1}
	}
	return c.grow(t.from, t.to+1), nil
}

const year = 366 * daySeconds

// grow replaces the table by one that covers [from, to] and what the old one
// did. It builds more than was asked for, and at least doubles what there was,
// so that a table is seldom replaced.
func (c *Calendar) grow(from, to int64) *table {
	c.growing.Lock()
	defer c.growing.Unlock()
	want := span64{from - year, to + 2*year}
	if old := c.table.Load(); old != nil {
		if from >= old.from && to <= old.to {
			return old
		}
		reach := old.to - old.from
		if from < old.from {
			want.from = min(want.from, old.from-reach)
		}
		if to > old.to {
			want.to = max(want.to, old.to+reach)
		}
		want = span64{min(want.from, old.from), max(want.to, old.to)}
	}
	t := newTable(c, span64{max(want.from, c.known.from), min(want.to, c.known.to)})
	c.table.Store(t)
	return t
}

// instant returns the first instant at which a zone's wall clock shows date or
// later.
func instant(date Date, zone *time.Location) int64 { return date.At(0, zone).Unix() }

// At is the first instant at which a zone's wall clock shows so many seconds past
// the date's midnight, or a later time: a time that the clock skips is when it goes
// on, one that it shows twice is the first of the two. seconds may be any number:
// 86,400 is the midnight after, -3,600 is 23:00 of the day before. The result is in
// the zone.
func (d Date) At(seconds int64, zone *time.Location) time.Time {
	wall := d.midnight() + seconds
	// No zone is further than a day from UTC.
	for s := range stretches(span64{wall - 2*daySeconds, wall + 2*daySeconds}, zone) {
		if at := max(s.from, s.midnight+wall-s.date.midnight()); at < s.to {
			return time.Unix(at, 0).In(zone)
		}
	}
	return time.Unix(wall+2*daySeconds, 0).In(zone)
}
