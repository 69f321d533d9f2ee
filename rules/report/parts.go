package report

import "time"

// A Part of a period is a week of it, or a month, or several months.
type Part struct {
	From, To time.Time // [From, To), within the period
}

// maxParts is how many parts a period of more than a month has at most.
const maxParts = 12

// Parts cuts a period: one of a month at most into weeks, a longer one into months, or
// into so many months each, from January on, that there are twelve parts at most. The
// first and the last part may be shorter than the others.
func Parts(from, to time.Time) (list []Part) {
	midnight := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 0, 0, 0, 0, from.Location())
	}
	if !to.After(from.AddDate(0, 1, 0)) {
		monday := midnight(from.Year(), from.Month(), from.Day()-(int(from.Weekday())+6)%7)
		return cut(from, to, func(n int) time.Time { return monday.AddDate(0, 0, 7*n) })
	}
	for _, months := range []int{1, 3, 6, 12, 60, 120, 600, 1200} {
		first := 12*from.Year() + int(from.Month()) - 1
		first -= first % months
		list = cut(from, to, func(n int) time.Time { return midnight(0, time.Month(first+n*months+1), 1) })
		if len(list) <= maxParts {
			break
		}
	}
	return list
}

// cut cuts a period where parts begin. start is the instant at which the nth part
// begins; the 0th doesn't begin after the period.
func cut(from, to time.Time, start func(n int) time.Time) (list []Part) {
	for n := 0; start(n).Before(to) && len(list) <= maxParts; n++ {
		p := Part{start(n), start(n + 1)}
		if p.From.Before(from) {
			p.From = from
		}
		if p.To.After(to) {
			p.To = to
		}
		list = append(list, p)
	}
	return list
}

// part is the one in which an instant of the report lies, -1 where it has none. What is
// decided at the very instant of the report is of the last.
func (r *Report) part(at time.Time) int {
	for i, p := range r.Parts {
		if at.Before(p.To) {
			return i
		}
	}
	return len(r.Parts) - 1
}
