package calendar

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A recurrence is an RRULE of whole days. It is worked out period by period
// (year, month, week, day): the days of a period that pass every BY… are its
// repetitions. Week numbers and times of day aren't understood.
type recurrence struct {
	period   string       // YEARLY, MONTHLY, WEEKLY, DAILY
	interval int          // each so many periods
	count    int          // 0: no limit
	until    Date         // 0: no limit
	last     moment       // until as it was written
	week     time.Weekday // the first day of a week

	months    []int
	monthDays []int // from the month's end if negative
	yearDays  []int // from the year's end if negative
	weekdays  []nthDay
	positions []int // which of a period's days, from its end if negative; none: all
}

// A nthDay is a weekday, the n-th of the month or of the year unless n is 0.
type nthDay struct {
	n   int
	day time.Weekday
}

func (r *recurrence) endless() bool { return r.count == 0 && r.until == 0 }

// readRecurrence reads the rule of an event that starts at from.
func readRecurrence(text string, from moment, zone *time.Location) (*recurrence, error) {
	r := &recurrence{interval: 1, week: time.Monday}
	for part := range strings.SplitSeq(strings.ToUpper(strings.Trim(text, "; ")), ";") {
		key, value, _ := strings.Cut(part, "=")
		ok := false
		switch key {
		case "FREQ":
			r.period, ok = value, slices.Contains([]string{"YEARLY", "MONTHLY", "WEEKLY", "DAILY"}, value)
		case "INTERVAL":
			r.interval, ok = number(value, 1, 1000)
		case "COUNT":
			r.count, ok = number(value, 1, 1_000_000)
		case "UNTIL":
			// Beside a date without a time, a time in UTC is only there for form's sake.
			if from.allDay && len(value) > len("20261231") {
				value = value[:len("20261231")]
			}
			m, err := icalMoment(value, zone)
			r.until, r.last, ok = max(m.date, 1), m, err == nil
		case "WKST":
			r.week, ok = weekday(value)
		case "BYMONTH":
			r.months, ok = numbers(value, 1, 12)
		case "BYMONTHDAY":
			r.monthDays, ok = numbers(value, -31, 31)
		case "BYYEARDAY":
			r.yearDays, ok = numbers(value, -366, 366)
		case "BYSETPOS":
			r.positions, ok = numbers(value, -366, 366)
		case "BYDAY":
			r.weekdays, ok = nthDays(value)
		}
		if !ok {
			return nil, fmt.Errorf("RRULE %q: %s isn't understood; write whole days such as FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", short(text), short(part))
		}
	}
	if r.period == "" {
		return nil, fmt.Errorf("RRULE %q: FREQ is missing; write one such as FREQ=YEARLY", short(text))
	}
	if r.period == "WEEKLY" || r.period == "DAILY" {
		for _, w := range r.weekdays {
			if w.n != 0 {
				return nil, fmt.Errorf("RRULE %q counts weekdays of a month without being MONTHLY or YEARLY", short(text))
			}
		}
	}
	r.inherit(from.date)
	if !r.gives(from.date) {
		return nil, fmt.Errorf("RRULE %q doesn't give %s, when the event starts: write a DTSTART that it gives", short(text), from.date)
	}
	return r, nil
}

// inherit takes from the event's start what the rule leaves open.
func (r *recurrence) inherit(from Date) {
	_, month, day := from.utc().Date()
	if r.monthDays != nil || r.yearDays != nil || r.weekdays != nil {
		return
	}
	switch r.period {
	case "YEARLY":
		r.monthDays = []int{day}
		if r.months == nil {
			r.months = []int{int(month)}
		}
	case "MONTHLY":
		r.monthDays = []int{day}
	case "WEEKLY":
		r.weekdays = []nthDay{{0, from.Weekday()}}
	}
}

// from lists the repetitions from the event's start on, as far as any calendar
// reaches. It takes what that costs from work.
func (r *recurrence) from(start Date, work *int) ([]Date, error) {
	var list []Date
	last := NewDate(lastYear, 12, 31)
	if r.until != 0 {
		last = min(last, r.until)
	}
	for n := 0; ; n += r.interval {
		begin, end := r.nth(start, n)
		if begin > last {
			return list, nil
		}
		days := r.within(begin, end, work)
		if *work < 0 {
			return nil, errTooMuch
		}
		for _, d := range days {
			if d < start {
				continue
			}
			if d > last || r.count > 0 && len(list) == r.count {
				return list, nil
			}
			list = append(list, d)
		}
		if r.count > 0 && len(list) == r.count {
			return list, nil
		}
	}
}

// nth is the n-th period after the one of start, [begin, end).
func (r *recurrence) nth(start Date, n int) (begin, end Date) {
	year, month, _ := start.utc().Date()
	switch r.period {
	case "YEARLY":
		return NewDate(year+n, 1, 1), NewDate(year+n+1, 1, 1)
	case "MONTHLY":
		return NewDate(year, month+time.Month(n), 1), NewDate(year, month+time.Month(n)+1, 1)
	case "WEEKLY":
		begin = onOrAfter(r.week, start-6) + Date(7*n)
		return begin, begin + 7
	}
	return start + Date(n), start + Date(n) + 1
}

// within lists the days of a period that are repetitions. A period costs as much
// work as eight days besides those that it looks at.
func (r *recurrence) within(begin, end Date, work *int) []Date {
	var days []Date
	*work -= 8
	for d := begin; d < end; *work-- {
		year, month, _ := d.utc().Date()
		if r.months != nil && !slices.Contains(r.months, int(month)) {
			d = NewDate(year, month+1, 1)
			continue
		}
		if r.passes(d) {
			days = append(days, d)
		}
		d++
	}
	if r.positions == nil {
		return days
	}
	var chosen []Date
	for i, d := range days {
		if slices.Contains(r.positions, i+1) || slices.Contains(r.positions, i-len(days)) {
			chosen = append(chosen, d)
		}
	}
	return chosen
}

// gives reports whether a day of the first period is a repetition.
func (r *recurrence) gives(d Date) bool {
	begin, end := r.nth(d, 0)
	return slices.Contains(r.within(begin, end, new(int)), d)
}

// passes reports whether a date of the rule's months is all that it asks for.
func (r *recurrence) passes(d Date) bool {
	year, month, day := d.utc().Date()
	if r.monthDays != nil && !either(r.monthDays, day, int(NewDate(year, month+1, 1)-d)) {
		return false
	}
	first, next := NewDate(year, 1, 1), NewDate(year+1, 1, 1)
	if r.yearDays != nil && !either(r.yearDays, int(d-first)+1, int(next-d)) {
		return false
	}
	if r.weekdays == nil {
		return true
	}
	if r.period == "MONTHLY" || r.months != nil {
		first, next = NewDate(year, month, 1), NewDate(year, month+1, 1)
	}
	return slices.ContainsFunc(r.weekdays, func(w nthDay) bool {
		return w.day == d.Weekday() && (w.n == 0 || w.n == int(d-first)/7+1 || w.n == -int(next-1-d)/7-1)
	})
}

// either reports whether a list has the number of a day counted from the
// beginning, or from the end.
func either(list []int, fromBegin, fromEnd int) bool {
	return slices.Contains(list, fromBegin) || slices.Contains(list, -fromEnd)
}

func number(text string, low, high int) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= low && n <= high
}

// numbers reads a list of numbers other than 0, of a length that a person writes.
func numbers(text string, low, high int) ([]int, bool) {
	var list []int
	for part := range strings.SplitSeq(text, ",") {
		n, ok := number(part, low, high)
		if !ok || n == 0 || len(list) >= 64 {
			return nil, false
		}
		list = append(list, n)
	}
	return list, true
}

func weekday(text string) (time.Weekday, bool) {
	i := slices.Index([]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}, text)
	return time.Weekday(i), i >= 0
}

// nthDays reads a list such as MO,-1FR.
func nthDays(text string) ([]nthDay, bool) {
	var list []nthDay
	for part := range strings.SplitSeq(text, ",") {
		if len(part) < 2 || len(list) >= 64 {
			return nil, false
		}
		w := nthDay{}
		ok := true
		if which := part[:len(part)-2]; which != "" {
			if w.n, ok = number(which, -53, 53); !ok || w.n == 0 {
				return nil, false
			}
		}
		if w.day, ok = weekday(part[len(part)-2:]); !ok {
			return nil, false
		}
		list = append(list, w)
	}
	return list, true
}
