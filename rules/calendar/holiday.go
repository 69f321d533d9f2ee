package calendar

import "time"

// A Name is what a holiday is called.
type Name struct {
	FR, EN string
	Local  string // in the language of its region, or as it was given
}

// In is what it is called in a language ("fr", "en"); in a further one, as those call
// it who keep it.
func (n Name) In(language string) string {
	switch language {
	case "fr":
		return n.FR
	case "en":
		return n.EN
	}
	return n.Local
}

// A holiday is a rule that gives one date in each year for which it is in
// force, and another in some years if the law moves or repeats it.
type holiday struct {
	name        Name
	on          func(year int) Date
	from, until int // first and last year; 0 = since and for ever
	// only keeps the holiday to the years in which its date is such a one; nil:
	// all of them.
	only func(Date) bool
	// substitute gives the date taken off instead, or besides, for one that
	// falls badly; the date itself if it doesn't. Nil: never. It mustn't be
	// one that taken reports to be a holiday already.
	substitute func(d Date, taken func(Date) bool) Date
}

func (h holiday) in(year int) bool {
	return year >= h.from && (h.until == 0 || year <= h.until) && (h.only == nil || h.only(h.on(year)))
}

// named is a holiday of every year.
func named(fr, en, local string, on func(int) Date) holiday {
	return holiday{name: Name{fr, en, local}, on: on}
}

// since begins a holiday in a year.
func (h holiday) since(year int) holiday {
	h.from = year
	return h
}

func fixed(month time.Month, day int) func(int) Date {
	return func(year int) Date { return NewDate(year, month, day) }
}

// once is for a holiday of a single year, which says it all.
func once(name Name, year int, month time.Month, day int) holiday {
	return holiday{name: name, on: fixed(month, day), from: year, until: year}
}

// easter is a number of days after Easter Sunday.
func easter(days int) func(int) Date {
	return func(year int) Date { return easterSunday(year) + Date(days) }
}

// nth is the n-th such weekday of a month; -1 is the last.
func nth(n int, weekday time.Weekday, month time.Month) func(int) Date {
	return func(year int) Date {
		if n < 0 {
			return onOrAfter(weekday, NewDate(year, month+1, 1)) + Date(7*n)
		}
		return onOrAfter(weekday, NewDate(year, month, 1)) + Date(7*(n-1))
	}
}

// before is the last such weekday before a date.
func before(weekday time.Weekday, month time.Month, day int) func(int) Date {
	return func(year int) Date { return onOrAfter(weekday, NewDate(year, month, day)-7) }
}

func onOrAfter(weekday time.Weekday, d Date) Date {
	return d + Date((int(weekday)-int(d.Weekday())+7)%7)
}

// easterSunday is Easter in the Gregorian calendar, by the method of
// Meeus, Jones and Butcher, which has no exceptions.
func easterSunday(year int) Date {
	a, b, c := year%19, year/100, year%100
	d, e, f := b/4, b%4, (b+8)/25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return NewDate(year, time.Month(n/31), n%31+1)
}

// nextWorkday takes the next weekday that isn't a holiday for one that falls
// on a weekend.
func nextWorkday(d Date, taken func(Date) bool) Date {
	if !weekend(d) {
		return d
	}
	for weekend(d) || taken(d) {
		d++
	}
	return d
}

// nearestWorkday takes the Friday before a Saturday, the Monday after a Sunday.
func nearestWorkday(d Date, _ func(Date) bool) Date {
	switch d.Weekday() {
	case time.Saturday:
		return d - 1
	case time.Sunday:
		return d + 1
	}
	return d
}

func weekend(d Date) bool {
	weekday := d.Weekday()
	return weekday == time.Saturday || weekday == time.Sunday
}
