package calendar

import "sort"

// A plan is one version of a calendar: the weekly plan and what departs from
// it.
type plan struct {
	from     Date
	week     week
	holidays []source
	added    map[Date]bool // closed, besides what the sources say
	removed  map[Date]bool // no holidays, whatever the sources say
	special  map[Date][]span
}

// A source knows holidays: a region's table, a file of events.
type source interface {
	// inYear calls add for every holiday of a year. It may also call it for
	// dates of the years beside it. Of two names for a date the first counts.
	inYear(year int, add func(Date, Name))
}

// ClosingDay is what a day is called that a calendar lists by its date alone.
var ClosingDay = Name{FR: "jour de fermeture", EN: "closing day", Local: "closing day"}

func (p *plan) inYear(year int) map[Date]Name {
	found := map[Date]Name{}
	add := func(d Date, n Name) {
		if _, ok := found[d]; !ok && !p.removed[d] {
			found[d] = n
		}
	}
	for _, s := range p.holidays {
		s.inYear(year, add)
	}
	for d := range p.added {
		add(d, ClosingDay)
	}
	return found
}

// A day is what a calendar says of one local date.
type day struct {
	open    []span // sorted and apart
	opened  Why    // why it is open then
	closed  Why    // why it is closed otherwise
	holiday *Name  // nil if it is none
}

// An almanac looks dates up in plans. It keeps the holidays of the year that
// it was last asked about, so it is fast for dates in order and belongs to one
// goroutine.
type almanac struct {
	plans    []plan
	plan     *plan
	from, to Date // plan and holidays hold for [from, to)
	holidays map[Date]Name
}

func (a *almanac) day(d Date) day {
	if d < a.from || d >= a.to {
		a.turn(d)
	}
	weekday := d.Weekday()
	is := day{open: a.plan.week.open[weekday], opened: Hours, closed: OutsideHours}
	if !a.plan.week.own[weekday] {
		is.closed = Weekend
	}
	if name, ok := a.holidays[d]; ok {
		is.open, is.closed, is.holiday = nil, Holiday, &name
	}
	if hours, ok := a.plan.special[d]; ok {
		is.open, is.opened, is.closed = hours, Special, Special
	}
	return is
}

// turn opens the almanac at the year of d.
func (a *almanac) turn(d Date) {
	next := sort.Search(len(a.plans), func(i int) bool { return a.plans[i].from > d })
	a.plan = &a.plans[max(next-1, 0)]
	year := d.Year()
	a.from, a.to = max(a.plan.from, NewDate(year, 1, 1)), NewDate(year+1, 1, 1)
	if next < len(a.plans) {
		a.to = min(a.to, a.plans[next].from)
	}
	a.holidays = a.plan.inYear(year)
}
