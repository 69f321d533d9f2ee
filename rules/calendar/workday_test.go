package calendar

import (
	"slices"
	"testing"
	"time"
)

// When a day's work begins and ends: breaks, holidays, half days, nights, clock changes.
func TestWorkdays(t *testing.T) {
	office := map[time.Weekday][]string{}
	for _, d := range []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday} {
		office[d] = []string{"09:00-12:30", "14:00-17:30"}
	}
	always := map[time.Weekday][]string{}
	nights := map[time.Weekday][]string{}
	late := map[time.Weekday][]string{}
	for d := time.Sunday; d <= time.Saturday; d++ {
		always[d] = []string{"00:00-24:00"}
		nights[d] = []string{"22:00-06:00"}
		late[d] = []string{"12:00-24:00"}
	}
	for _, c := range []struct {
		name              string
		spec              Spec
		from              string
		opens, closes     []string
		neverOpens, never bool
	}{
		{name: "a week-end", spec: Spec{Zone: "Europe/Paris", Hours: office}, from: "Fri 2026-11-27 09:00 +01:00",
			opens: []string{"Mon 2026-11-30 09:00 +01:00", "Tue 2026-12-01 09:00 +01:00"}, closes: []string{"Fri 2026-11-27 17:30 +01:00", "Mon 2026-11-30 17:30 +01:00"}},
		{name: "the lunch break is no closing", spec: Spec{Zone: "Europe/Paris", Hours: office}, from: "Fri 2026-11-27 12:30 +01:00",
			opens: []string{"Mon 2026-11-30 09:00 +01:00"}, closes: []string{"Fri 2026-11-27 17:30 +01:00"}},
		{name: "at the closing the next one is meant", spec: Spec{Zone: "Europe/Paris", Hours: office}, from: "Fri 2026-11-27 17:30 +01:00",
			closes: []string{"Mon 2026-11-30 17:30 +01:00"}},
		{name: "a holiday", spec: Spec{Zone: "Europe/Paris", Hours: office, Holidays: []string{"FR"}}, from: "Thu 2026-12-24 18:00 +01:00",
			opens: []string{"Mon 2026-12-28 09:00 +01:00"}, closes: []string{"Mon 2026-12-28 17:30 +01:00"}},
		{name: "a half day", spec: Spec{Zone: "Europe/Paris", Hours: office, Special: map[string][]string{"2026-12-24": {"09:00-12:00"}}}, from: "Thu 2026-12-24 08:00 +01:00",
			opens: []string{"Thu 2026-12-24 09:00 +01:00"}, closes: []string{"Thu 2026-12-24 12:00 +01:00", "Fri 2026-12-25 17:30 +01:00"}},
		{name: "nights", spec: Spec{Zone: "Europe/Paris", Hours: nights}, from: "Fri 2026-11-27 12:00 +01:00",
			opens: []string{"Fri 2026-11-27 22:00 +01:00", "Sat 2026-11-28 22:00 +01:00"}, closes: []string{"Sat 2026-11-28 06:00 +01:00", "Sun 2026-11-29 06:00 +01:00"}},
		{name: "until midnight", spec: Spec{Zone: "Europe/Paris", Hours: late}, from: "Fri 2026-11-27 13:00 +01:00",
			opens: []string{"Sat 2026-11-28 12:00 +01:00"}, closes: []string{"Sat 2026-11-28 00:00 +01:00", "Sun 2026-11-29 00:00 +01:00"}},
		{name: "over a clock change", spec: Spec{Zone: "Europe/Paris", Hours: office}, from: "Fri 2027-03-26 18:00 +01:00",
			opens: []string{"Mon 2027-03-29 09:00 +02:00"}, closes: []string{"Mon 2027-03-29 17:30 +02:00"}},
		{name: "always open", spec: Spec{Zone: "Europe/Paris", Hours: always}, from: "Fri 2026-11-27 12:00 +01:00", neverOpens: true, never: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			cal := must(t, c.spec)
			check := func(what string, next func(time.Time) time.Time, want []string, never bool) {
				t.Helper()
				from := at(t, c.from)
				if never {
					if got := next(from); !got.IsZero() {
						t.Errorf("%s at %v, want never", what, got)
					}
				}
				for _, w := range want {
					got := next(from)
					if !got.Equal(at(t, w)) {
						t.Errorf("after %v it %s at %v, want %s", from, what, got, w)
					}
					from = got
				}
			}
			check("opens", cal.NextOpening, c.opens, c.neverOpens)
			check("closes", cal.NextClosing, c.closes, c.never)
		})
	}
}

// Whatever the hours are, each opening is an instant at which the calendar is open and
// just before which it isn't, and each closing the other way round.
func TestWorkdaysAreChanges(t *testing.T) {
	cal := must(t, Spec{Zone: "America/New_York", Hours: map[time.Weekday][]string{time.Monday: {"08:00-12:00", "13:00-24:00"}, time.Tuesday: {"00:00-03:00", "20:00-02:00"}, time.Saturday: {"01:30-02:30"}}})
	for _, open := range []bool{true, false} {
		next := cal.NextClosing
		if open {
			next = cal.NextOpening
		}
		dates := []Date{}
		for from, n := at(t, "Thu 2026-10-01 00:00 -04:00"), 0; n < 200; n++ {
			from = next(from)
			before, err1 := cal.Open(from.Add(-time.Second))
			after, err2 := cal.Open(from)
			if err1 != nil || err2 != nil || before == open || after != open {
				t.Fatalf("%v: open before %v, after %v (%v, %v)", from, before, after, err1, err2)
			}
			d := DateOf(from)
			if !open {
				d = DateOf(from.Add(-time.Second))
			}
			if slices.Contains(dates, d) {
				t.Fatalf("%v: two of one date", from)
			}
			dates = append(dates, d)
		}
	}
}
