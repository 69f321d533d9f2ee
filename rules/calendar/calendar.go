// Package calendar answers questions of business time: is it open, how much
// open time lies between two instants, when will so much of it have passed.
//
// # What is open
//
// An instant is open if and only if its local wall-clock time lies in an
// interval [start, end) of its local date. Everything else follows:
//
//   - Clock changes need no rule. A day of 00:00-24:00 has 23, 24 or 25 hours,
//     a local time that is skipped is never open, one that occurs twice is
//     open both times, and a date that a zone left out has no time at all.
//   - A date's hours are its weekday's intervals and the tail, after midnight,
//     of the evening before, both by the weekly plan: Friday 22:00-06:00 gives
//     Saturday 00:00-06:00.
//   - A holiday closes its own date, tail included. Special hours replace
//     those of their own date, tail included, holiday or not. Neither touches
//     the next date: Saturday keeps its tail when Friday is a holiday.
//   - Each local date is judged by the version of the calendar that is valid
//     on it, the tail that reaches into it included.
//
// # How it is answered
//
// Three steps, each a plain function of the one before:
//
//	Spec -> plan     what was written, checked; one plan a version (spec.go, hours.go)
//	plan -> day      the open spans of one local date and why (plan.go, holiday.go)
//	day  -> table    open segments as instants, with running sums (stretch.go, table.go)
//
// The table covers a few years around the instants asked about and is replaced
// by a wider one when a question reaches further, so an answer costs the same
// over a day as over five years. A Calendar is immutable to its callers and
// may be shared by goroutines.
//
// Instants are cut to whole seconds. The package reads no clock and no file:
// the time zones are built in, or come in as a value (zones.go).
package calendar

import (
	"sync"
	"sync/atomic"
	"time"
)

// A Calendar tells open time from closed time. [New] makes one.
type Calendar struct {
	name  string
	zone  *time.Location
	plans []plan // by date; each holds until the next begins
	known span64 // the instants that can be answered for
	// Which region sets the first and the last known date; empty where it is
	// the outermost horizon.
	first, last edge

	table   atomic.Pointer[table]
	growing sync.Mutex // held while a wider table is built
}

// An edge is one end of what a calendar knows: its last known date on that
// side, and the region whose table ends there.
type edge struct {
	date   Date
	region string
}

// Name is the name that the calendar was given.
func (c *Calendar) Name() string { return c.name }

// Zone is the zone of the calendar's wall clock. Instants that the calendar
// returns are in it.
func (c *Calendar) Zone() *time.Location { return c.zone }

// Known returns the first and the last date that the calendar can answer for.
func (c *Calendar) Known() (first, last Date) { return c.first.date, c.last.date }

// Open reports whether the calendar is open at t. The error is a
// [*HorizonError] if it can't know.
func (c *Calendar) Open(t time.Time) (bool, error) {
	at := t.Unix()
	tab, err := c.covering(at, at+1)
	if err != nil {
		return false, err
	}
	from, _, ok := tab.segment(at)
	return ok && from <= at, nil
}

// Between returns the open seconds in [a, b), 0 if b isn't after a. The error
// is a [*HorizonError] if part of that lies outside what the calendar knows.
func (c *Calendar) Between(a, b time.Time) (int64, error) {
	from, to := a.Unix(), b.Unix()
	if to <= from {
		return 0, nil
	}
	tab, err := c.covering(from, to)
	if err != nil {
		return 0, err
	}
	return tab.openBefore(to) - tab.openBefore(from), nil
}

// Add returns the first instant u at or after t with Between(t, u) equal to
// seconds: Monday 09:00 and 8 hours of 09:00-17:00 are Monday 17:00, not
// Tuesday 09:00. It returns t itself (cut to the second) for 0 and less. The
// error is a [*HorizonError] if t or u lies outside what the calendar knows.
func (c *Calendar) Add(t time.Time, seconds int64) (time.Time, error) {
	at := t.Unix()
	tab, err := c.covering(at, at)
	if err != nil {
		return time.Time{}, err
	}
	if seconds <= 0 {
		return c.local(at), nil
	}
	for {
		used := tab.openBefore(at)
		if seconds <= tab.total()-used {
			return c.local(tab.reaches(used + seconds)), nil
		}
		if tab, err = c.later(tab); err != nil {
			return time.Time{}, err
		}
	}
}

// NextOpen returns the first open instant at or after t: t itself (cut to the
// second) when the calendar is open. The error is a [*HorizonError] if t or
// that instant lies outside what the calendar knows.
func (c *Calendar) NextOpen(t time.Time) (time.Time, error) {
	at := t.Unix()
	tab, err := c.covering(at, at+1)
	for err == nil {
		if from, _, ok := tab.segment(at); ok {
			return c.local(max(at, from)), nil
		}
		tab, err = c.later(tab)
	}
	return time.Time{}, err
}

// HolidayOn returns the name of the holiday on date, and false if there is
// none or if date isn't known to the calendar. A date with special hours may
// be a holiday too.
func (c *Calendar) HolidayOn(date Date) (Name, bool) {
	if date < c.first.date || date > c.last.date {
		return Name{}, false
	}
	a := almanac{plans: c.plans}
	if h := a.day(date).holiday; h != nil {
		return *h, true
	}
	return Name{}, false
}

// A NamedDate is a holiday of one year.
type NamedDate struct {
	Date Date
	Name Name
}

// Holidays lists the holidays from one date to another, both included, as far
// as the calendar knows them.
func (c *Calendar) Holidays(from, to Date) []NamedDate {
	a := almanac{plans: c.plans}
	var list []NamedDate
	for d := max(from, c.first.date); d <= min(to, c.last.date); d++ {
		if h := a.day(d).holiday; h != nil {
			list = append(list, NamedDate{d, *h})
		}
	}
	return list
}

func (c *Calendar) local(at int64) time.Time { return time.Unix(at, 0).In(c.zone) }
