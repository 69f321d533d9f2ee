package calendar

import (
	"fmt"
	"slices"
)

// What people are shown of a calendar, so that they can check it: check --config
// prints it, the board may. Nothing is computed from it.

// Week is the weekly plan in force on a date: for each time.Weekday its open
// intervals in order, such as "09:00-17:00", none on a closed day. What an
// evening leaves after midnight stands under the day that it is on.
func (c *Calendar) Week(on Date) [7][]string {
	a := almanac{plans: c.plans}
	a.day(on)
	var week [7][]string
	for weekday, open := range a.plan.week.open {
		week[weekday] = written(open)
	}
	return week
}

// DatedHours is a date with hours of its own; none close it.
type DatedHours struct {
	Date  Date
	Hours []string
}

// SpecialHours lists the dates that have hours of their own, from one date to
// another, both included, as far as the calendar knows them.
func (c *Calendar) SpecialHours(from, to Date) []DatedHours {
	a := almanac{plans: c.plans}
	var list []DatedHours
	for d := max(from, c.first.date); d <= min(to, c.last.date); d++ {
		if is := a.day(d); is.opened == Special {
			list = append(list, DatedHours{d, written(is.open)})
		}
	}
	return list
}

// Changes lists the dates after from, up to and with to, on which another
// version of the calendar begins.
func (c *Calendar) Changes(from, to Date) []Date {
	var list []Date
	for _, p := range c.plans {
		if p.from > from && p.from <= to {
			list = append(list, p.from)
		}
	}
	return list
}

// A Listing is how far an iCal file of a calendar goes.
type Listing struct {
	File    string
	Last    Date // the last date that it closes by name or by number; 0: none
	Endless bool // some of its events come again for ever
}

// Listings tells how far the iCal files go that count from one date to another.
// After the last date of one that isn't endless the calendar has no holidays
// of that file, which it can't tell from a file that is out of date.
func (c *Calendar) Listings(from, to Date) []Listing {
	var list []Listing
	for i, p := range c.plans {
		if p.from > to || i+1 < len(c.plans) && c.plans[i+1].from <= from {
			continue
		}
		for _, s := range p.holidays {
			if f, ok := s.(feed); ok {
				if l := (Listing{f.file, f.last, f.endless}); !slices.Contains(list, l) {
					list = append(list, l)
				}
			}
		}
	}
	return list
}

func written(open []span) []string {
	clock := func(s int) string { return fmt.Sprintf("%02d:%02d", s/3600, s/60%60) }
	var list []string
	for _, s := range open {
		list = append(list, clock(s.from)+"-"+clock(s.to))
	}
	return list
}
