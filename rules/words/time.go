package words

import (
	"strconv"
	"strings"
	"time"
)

// Time is an instant in its own zone, by one of the catalogue's patterns:
// Time("time.date", t). A pattern's places are {weekday}, {month} and their short
// forms {wd}, {mon}; {day} (French calls the first "1er"), {year}, {hh}, {mm}, {ss},
// {iso} (2026-11-27) and {zone} (CET).
func (l *Language) Time(id string, t time.Time) string {
	day := strconv.Itoa(t.Day())
	if t.Day() == 1 {
		day = l.Say("time.first")
	}
	two := func(n int) string { return string([]byte{'0' + byte(n/10), '0' + byte(n%10)}) }
	zone, _ := t.Zone()
	return l.Say(id,
		"weekday", l.nth("time.weekdays", int(t.Weekday())), "wd", l.nth("time.wds", int(t.Weekday())),
		"month", l.nth("time.months", int(t.Month())-1), "mon", l.nth("time.mons", int(t.Month())-1),
		"day", day, "year", t.Year(), "hh", two(t.Hour()), "mm", two(t.Minute()), "ss", two(t.Second()),
		"iso", t.Format(time.DateOnly), "zone", zone)
}

// Moment is an instant as people read it, in its own zone: "Fri 2026-11-27 16:30
// CET". Seconds are left out where there are none.
func (l *Language) Moment(t time.Time) string {
	if t.Second() != 0 {
		return l.Time("time.seconds", t)
	}
	return l.Time("time.moment", t)
}

// Place names an instant's zone by its city, "Berlin time"; one without a name by its
// distance from UTC.
func (l *Language) Place(t time.Time) string {
	zone := t.Location().String()
	if zone == "" || zone == "Local" {
		return t.Format("UTC-07:00")
	}
	city := strings.ReplaceAll(zone[strings.LastIndexByte(zone, '/')+1:], "_", " ")
	if city == "UTC" {
		return city
	}
	return l.Say("time.place", "city", city)
}

// Weekdays is the names of the days, Sunday first.
func (l *Language) Weekdays() []string { return strings.Fields(l.Say("time.weekdays")) }

// nth is a word of a text that lists words, such as the days from Sunday on; the
// number itself where a catalogue lists too few.
func (l *Language) nth(id string, n int) string {
	list := l.lists[id]
	if len(list) == 0 {
		list = In(Fallback).lists[id]
	}
	if n < len(list) {
		return list[n]
	}
	return strconv.Itoa(n + 1)
}
