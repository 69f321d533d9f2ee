package calendar

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// The cases of business time that other engines get wrong, by the numbers and
// names under which they were collected. Those that aren't here (11 to 16, 19)
// are about tickets, and stand in the tests of package rules.

// A count is so many open seconds from one instant to another.
type count struct {
	name     string
	zone     string
	hours    map[time.Weekday][]string
	from, to string
	want     int64
}

func counts(t *testing.T, list []count) {
	t.Helper()
	for _, tc := range list {
		t.Run(tc.name, func(t *testing.T) {
			c := must(t, Spec{Zone: tc.zone, Hours: tc.hours})
			got, err := c.Between(at(t, tc.from), at(t, tc.to))
			if err != nil || got != tc.want {
				t.Errorf("got %v (%v), want %v", got, err, tc.want)
			}
		})
	}
}

// An addition is the instant after so much open time, or the next open one if
// that is none.
type addition struct {
	name  string
	spec  Spec
	start string
	add   int64
	want  string
}

func additions(t *testing.T, list []addition) {
	t.Helper()
	for _, tc := range list {
		t.Run(tc.name, func(t *testing.T) {
			c := must(t, tc.spec)
			got, err := c.Add(at(t, tc.start), tc.add)
			if tc.add == 0 {
				got, err = c.NextOpen(at(t, tc.start))
			}
			if want := at(t, tc.want); err != nil || !got.Equal(want) {
				t.Errorf("got %v (%v), want %v", got, err, want)
			}
		})
	}
}

var always = Spec{Name: "always", Zone: "Europe/Paris", Hours: hours("every", "00:00-24:00")}

func TestCase01ClockChangeInsideAnInterval(t *testing.T) {
	counts(t, []count{
		{"Paris, spring: a whole day has 23 hours", "Europe/Paris", hours("every", "00:00-24:00"),
			"Sun 2026-03-29 00:00 +01:00", "Mon 2026-03-30 00:00 +02:00", 23 * hour},
		{"Paris, autumn: a whole day has 25 hours", "Europe/Paris", hours("every", "00:00-24:00"),
			"Sun 2026-10-25 00:00 +02:00", "Mon 2026-10-26 00:00 +01:00", 25 * hour},
		{"Paris, spring: 09-17 stays 8 hours", "Europe/Paris", hours("every", "09:00-17:00"),
			"Sun 2026-03-29 00:00 +01:00", "Mon 2026-03-30 00:00 +02:00", 8 * hour},
		{"Paris, spring: 01-05 on Sunday is 3 hours", "Europe/Paris", hours("sun", "01:00-05:00"),
			"Sun 2026-03-29 00:00 +01:00", "Mon 2026-03-30 00:00 +02:00", 3 * hour},
		{"Paris, autumn: 01-05 on Sunday is 5 hours", "Europe/Paris", hours("sun", "01:00-05:00"),
			"Sun 2026-10-25 00:00 +02:00", "Mon 2026-10-26 00:00 +01:00", 5 * hour},
	})
	additions(t, []addition{
		{"an hour goes on over the hour that is skipped", always, "Sun 2026-03-29 01:30 +01:00", hour, "Sun 2026-03-29 03:30 +02:00"},
		{"an hour ends in the hour that comes twice", always, "Sun 2026-10-25 02:30 +02:00", hour, "Sun 2026-10-25 02:30 +01:00"},
	})
}

func TestCase02IntervalEndInsideAGapOrOverlap(t *testing.T) {
	counts(t, []count{
		{"Paris, spring: an end inside the gap ends where the gap begins", "Europe/Paris", hours("sun", "01:00-02:15"),
			"Sun 2026-03-29 00:00 +01:00", "Mon 2026-03-30 00:00 +02:00", hour},
		{"Paris, spring: a start inside the gap starts where it ends", "Europe/Paris", hours("sun", "02:15-04:00"),
			"Sun 2026-03-29 00:00 +01:00", "Mon 2026-03-30 00:00 +02:00", hour},
		{"Paris, spring: nothing is left of an interval inside the gap", "Europe/Paris", hours("sun", "02:15-02:45"),
			"Sun 2026-03-29 00:00 +01:00", "Mon 2026-03-30 00:00 +02:00", 0},
		{"New York, autumn: a quarter of an hour that comes twice", "America/New_York", hours("sun", "01:45-02:00"),
			"Sun 2026-11-01 00:00 -04:00", "Mon 2026-11-02 00:00 -05:00", 30 * 60},
		{"New York, autumn: an end at 01:30 comes twice", "America/New_York", hours("sun", "00:00-01:30"),
			"Sun 2026-11-01 00:00 -04:00", "Mon 2026-11-02 00:00 -05:00", 2 * hour},
		{"Lord Howe, autumn: half an hour comes twice", "Australia/Lord_Howe", hours("sun", "01:00-02:00"),
			"Sun 2026-04-05 00:00 +11:00", "Mon 2026-04-06 00:00 +10:30", 90 * 60},
		{"Lord Howe, spring: half an hour is skipped", "Australia/Lord_Howe", hours("sun", "01:00-03:00"),
			"Sun 2026-10-04 00:00 +10:30", "Mon 2026-10-05 00:00 +11:00", 90 * 60},
		{"Cairo: the hour after midnight is skipped", "Africa/Cairo", hours("fri", "00:00-08:00"),
			"Thu 2026-04-23 00:00 +02:00", "Sat 2026-04-25 00:00 +03:00", 7 * hour},
		{"São Paulo 2018: the day begins at 01:00", "America/Sao_Paulo", hours("sun", "00:00-24:00"),
			"Sat 2018-11-03 12:00 -03:00", "Mon 2018-11-05 12:00 -02:00", 23 * hour},
	})
}

func TestCase03OverlapWithoutSummerTimeNegativeSummerTimeMissingDate(t *testing.T) {
	counts(t, []count{
		{"Moscow 2014: an overlap without summer time", "Europe/Moscow", hours("sun", "01:00-03:00"),
			"Sun 2014-10-26 00:00 +04:00", "Mon 2014-10-27 00:00 +03:00", 3 * hour},
		{"Dublin has negative summer time in spring", "Europe/Dublin", hours("sun", "00:00-03:00"),
			"Sun 2026-03-29 00:00 +00:00", "Mon 2026-03-30 00:00 +01:00", 2 * hour},
		{"London like Dublin", "Europe/London", hours("sun", "00:00-03:00"),
			"Sun 2026-03-29 00:00 +00:00", "Mon 2026-03-30 00:00 +01:00", 2 * hour},
		{"Dublin in autumn", "Europe/Dublin", hours("sun", "01:30-03:00"),
			"Sun 2026-10-25 00:00 +01:00", "Mon 2026-10-26 00:00 +00:00", 2 * hour},
		{"Apia: Friday 30 December 2011 never was", "Pacific/Apia", hours("fri", "00:00-24:00"),
			"Thu 2011-12-29 00:00 -10:00", "Sun 2012-01-01 00:00 +14:00", 0},
		{"Apia: Thursday and Saturday touch", "Pacific/Apia", hours("every", "00:00-24:00"),
			"Thu 2011-12-29 00:00 -10:00", "Sun 2012-01-01 00:00 +14:00", 48 * hour},
	})
	t.Run("Dublin and London agree all year", func(t *testing.T) {
		dublin := must(t, Spec{Zone: "Europe/Dublin", Hours: hours("every", "00:15-01:45", "08:00-18:00")})
		london := must(t, Spec{Zone: "Europe/London", Hours: hours("every", "00:15-01:45", "08:00-18:00")})
		start := at(t, "2026-01-01 00:00 Z")
		for quarter := range 365 * 96 {
			now := start.Add(time.Duration(quarter) * 15 * time.Minute)
			a, err1 := dublin.Between(start, now)
			b, err2 := london.Between(start, now)
			if err1 != nil || err2 != nil || a != b {
				t.Fatalf("until %v: %d (%v) and %d (%v)", now, a, err1, b, err2)
			}
		}
	})
	t.Run("Apia's missing Friday is no holiday's either", func(t *testing.T) {
		c := must(t, Spec{Zone: "Pacific/Apia", Hours: hours("every", "00:00-24:00"), Holidays: []string{"2011-12-30"}})
		if got, err := c.Between(at(t, "Thu 2011-12-29 00:00 -10:00"), at(t, "Sun 2012-01-01 00:00 +14:00")); err != nil || got != 48*hour {
			t.Errorf("got %d (%v), want two whole days", got, err)
		}
	})
}

func TestCase04SteppingADayByAdding24Hours(t *testing.T) {
	counts(t, []count{
		{"Paris: two working days around the autumn change", "Europe/Paris", hours("mon-fri", "09:00-17:00"),
			"Fri 2026-10-23 12:00 +02:00", "Mon 2026-10-26 12:00 +01:00", 8 * hour},
	})
	for _, tc := range []struct{ name, from, to, want string }{
		{"spring, from half an hour before midnight", "Sat 2026-03-28 23:30 +01:00", "Tue 2026-03-31 00:00 +02:00", "28 29 30"},
		{"autumn, from a quarter past midnight", "Sun 2026-10-25 00:15 +02:00", "Tue 2026-10-27 13:00 +01:00", "25 26 27"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := must(t, Spec{Zone: "Europe/Paris", Hours: hours("every", "12:00-12:01")})
			var visited []string
			for p := range c.Pieces(at(t, tc.from), at(t, tc.to)) {
				if day := p.From.Format("02"); len(visited) == 0 || visited[len(visited)-1] != day {
					visited = append(visited, day)
				}
			}
			if got := strings.Join(visited, " "); got != tc.want {
				t.Errorf("got the dates %s, want %s", got, tc.want)
			}
		})
	}
}

func TestCase05AroundTheClockAnd2400(t *testing.T) {
	counts(t, []count{
		{"around the clock has no closed second at midnight", "UTC", hours("every", "00:00-24:00"),
			"2026-11-27 23:59:59 Z", "2026-11-28 00:00:01 Z", 2},
		{"a year around the clock in Paris", "Europe/Paris", hours("every", "00:00-24:00"),
			"2026-01-01 00:00 +01:00", "2027-01-01 00:00 +01:00", 365 * 24 * hour},
		{"24:00 and the next 00:00 touch", "Europe/Paris", hours("every", "00:00-01:00", "23:00-24:00"),
			"Fri 2026-11-27 22:00 +01:00", "Sat 2026-11-28 02:00 +01:00", 2 * hour},
	})
	additions(t, []addition{
		{"an end at 24:00 is the next midnight", Spec{Zone: "Europe/Paris", Hours: hours("mon-fri", "20:00-24:00")},
			"Fri 2026-11-27 19:00 +01:00", 4 * hour, "Sat 2026-11-28 00:00 +01:00"},
		{"and closed from then on", Spec{Zone: "Europe/Paris", Hours: hours("mon-fri", "20:00-24:00")},
			"Sat 2026-11-28 00:00 +01:00", 0, "Mon 2026-11-30 20:00 +01:00"},
		{"a year around the clock", always, "Fri 2027-01-01 00:00 +01:00", 365 * 24 * hour, "Sat 2028-01-01 00:00 +01:00"},
	})
}

// A night belongs to the date that it begins on, and what comes after midnight
// to the next: which date's holiday closes which part.
func TestCase06OvernightShiftAndWhoseHolidayClosesIt(t *testing.T) {
	const fridayNoon, sundayNoon = "Fri 2026-11-27 12:00 +01:00", "Sun 2026-11-29 12:00 +01:00"
	for _, tc := range []struct {
		name     string
		holidays []string
		special  map[string][]string
		want     []string // open, in local time from Friday to Sunday noon
	}{
		{"no holiday", nil, nil, []string{"Fri 22:00-Sat 06:00"}},
		{"Friday is a holiday: Saturday keeps the tail", []string{"2026-11-27"}, nil, []string{"Sat 00:00-Sat 06:00"}},
		{"Saturday is a holiday: it loses the tail", []string{"2026-11-28"}, nil, []string{"Fri 22:00-Sat 00:00"}},
		{"special hours on Friday leave Saturday's tail", nil, map[string][]string{"2026-11-27": {"13:00-14:00"}},
			[]string{"Fri 13:00-Fri 14:00", "Sat 00:00-Sat 06:00"}},
		{"special hours on Saturday replace the tail", nil, map[string][]string{"2026-11-28": {"10:00-11:00"}},
			[]string{"Fri 22:00-Sat 00:00", "Sat 10:00-Sat 11:00"}},
		{"special hours on a holiday", []string{"2026-11-28"}, map[string][]string{"2026-11-28": {"00:00-01:00"}},
			[]string{"Fri 22:00-Sat 01:00"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := must(t, Spec{Zone: "Europe/Paris", Hours: hours("mon-fri", "22:00-06:00"), Holidays: tc.holidays, Special: tc.special})
			var got []string
			var end time.Time
			for p := range c.Pieces(at(t, fridayNoon), at(t, sundayNoon)) {
				if !p.Open {
					continue
				}
				if n := len(got); n > 0 && end.Equal(p.From) {
					got[n-1] = got[n-1][:len("Fri 22:00-")] + p.To.Format("Mon 15:04")
				} else {
					got = append(got, p.From.Format("Mon 15:04-")+p.To.Format("Mon 15:04"))
				}
				end = p.To
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestCase06FridayNightIsNotMondays(t *testing.T) {
	additions(t, []addition{
		{"Friday's night goes on into Saturday", Spec{Zone: "Europe/Paris", Hours: hours("mon-fri", "22:00-06:00")},
			"Fri 2026-11-27 23:00 +01:00", 2 * hour, "Sat 2026-11-28 01:00 +01:00"},
		{"31 December's night ends with the year, and 1 January has none of its own",
			Spec{Zone: "Europe/Paris", Hours: hours("every", "22:00-06:00"), Holidays: []string{"FR"}},
			"Thu 2026-12-31 22:00 +01:00", 3 * hour, "Sat 2027-01-02 01:00 +01:00"},
		{"25 December is closed, but 26 December has its night's tail",
			Spec{Zone: "Europe/Paris", Hours: hours("every", "22:00-06:00"), Holidays: []string{"FR"}},
			"Fri 2026-12-25 01:00 +01:00", 0, "Sat 2026-12-26 00:00 +01:00"},
	})
	counts(t, []count{
		{"a night over the spring change is an hour short", "Europe/Paris", hours("every", "22:00-06:00"),
			"Sat 2026-03-28 12:00 +01:00", "Sun 2026-03-29 12:00 +02:00", 7 * hour},
	})
}

func TestCase07ZeroLengthReversedOverlappingTouchingNone(t *testing.T) {
	counts(t, []count{
		{"touching intervals are one", "Europe/Paris", hours("mon-fri", "13:00-17:00", "09:00-13:00"),
			"Fri 2026-11-27 00:00 +01:00", "Sat 2026-11-28 00:00 +01:00", 8 * hour},
		{"an end before its start is a night", "Europe/Paris", hours("fri", "17:00-09:00"),
			"Fri 2026-11-27 00:00 +01:00", "Sun 2026-11-29 00:00 +01:00", 16 * hour},
	})
	for _, tc := range []struct {
		name  string
		hours map[time.Weekday][]string
		want  string
	}{
		{"zero length", hours("mon", "09:00-09:00"), "is empty"},
		{"overlapping", hours("mon", "09:00-13:00", "12:00-17:00"), `"12:00-17:00" overlaps "09:00-13:00"`},
		{"overlapping the night before", hours("every", "22:00-09:00", "08:00-12:00"), "overlaps"},
		{"no hours at all", map[time.Weekday][]string{}, "no open hours at all"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := New(Spec{Zone: "Europe/Paris", Hours: tc.hours}); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q in it", err, tc.want)
			}
		})
	}
	t.Run("a calendar that will never open again doesn't hang", func(t *testing.T) {
		c := must(t, Spec{Zone: "UTC", Special: map[string][]string{"2026-12-24": {"09:00-12:00"}}})
		var horizon *HorizonError
		if got, err := c.Add(at(t, "2026-12-24 11:00 Z"), 2*hour); !errors.As(err, &horizon) {
			t.Errorf("got %v (%v), want a horizon error", got, err)
		}
	})
}

func TestCase08LongClosureLongTarget(t *testing.T) {
	for _, closed := range []int{4, 8, 31, 41, 400, 4000} {
		t.Run(fmt.Sprintf("%d closed days", closed), func(t *testing.T) {
			spec := Spec{Zone: "Europe/Paris", Hours: hours("every", "09:00-17:00")}
			first := NewDate(2026, 11, 27)
			for d := range Date(closed) {
				spec.Holidays = append(spec.Holidays, (first + d).String())
			}
			c := must(t, spec)
			want := time.Unix(instant(first+Date(closed), c.Zone()), 0).Add(9 * time.Hour)
			if got, err := c.NextOpen(at(t, "Thu 2026-11-26 17:00 +01:00")); err != nil || !got.Equal(want) {
				t.Errorf("next open: got %v (%v), want %v", got, err, want)
			}
			if got, err := c.Add(at(t, "Thu 2026-11-26 16:00 +01:00"), 2*hour); err != nil || !got.Equal(want.Add(time.Hour)) {
				t.Errorf("two hours later: got %v (%v), want %v", got, err, want.Add(time.Hour))
			}
		})
	}
	additions(t, []addition{
		{"five years", berlin, "Mon 2026-03-02 09:17 +01:00", 10080 * hour, "Thu 2031-02-20 09:17 +01:00"},
	})
	t.Run("beyond all that is known", func(t *testing.T) {
		var horizon *HorizonError
		if got, err := must(t, berlin).Add(at(t, "Mon 2026-11-30 09:00 +01:00"), 1<<62); !errors.As(err, &horizon) || !got.IsZero() {
			t.Errorf("got %v (%v), want a horizon error and no instant", got, err)
		}
	})
}

func TestCase09HolidayIsALocalDate(t *testing.T) {
	for _, tc := range []struct {
		name     string
		zone     string
		holiday  []string
		special  map[string][]string
		from, to string
		closed   int64 // seconds, of a calendar that is open around the clock
	}{
		{"of 24 hours", "Europe/Paris", []string{"2026-11-11"}, nil, "Tue 2026-11-10 00:00 +01:00", "Fri 2026-11-13 00:00 +01:00", 24 * hour},
		{"of 23 hours", "Europe/Paris", []string{"2026-03-29"}, nil, "Sat 2026-03-28 00:00 +01:00", "Tue 2026-03-31 00:00 +02:00", 23 * hour},
		{"of 25 hours", "Europe/Paris", []string{"2026-10-25"}, nil, "Sat 2026-10-24 00:00 +02:00", "Tue 2026-10-27 00:00 +01:00", 25 * hour},
		{"of half a day", "Europe/Paris", nil, map[string][]string{"2026-12-24": {"00:00-12:00"}}, "Wed 2026-12-23 00:00 +01:00", "Sat 2026-12-26 00:00 +01:00", 12 * hour},
		{"behind UTC", "America/Los_Angeles", []string{"2026-07-03"}, nil, "Thu 2026-07-02 17:00 -07:00", "Fri 2026-07-03 00:00 -07:00", 0},
		{"behind UTC, its evening", "America/Los_Angeles", []string{"2026-07-03"}, nil, "Fri 2026-07-03 00:00 -07:00", "Sat 2026-07-04 00:00 -07:00", 24 * hour},
		{"before UTC", "Pacific/Auckland", []string{"2026-02-06"}, nil, "Fri 2026-02-06 00:00 +13:00", "Sat 2026-02-07 00:00 +13:00", 24 * hour},
		{"on a weekend, with its substitutes", "Europe/London", []string{"GB-ENG"}, nil, "Fri 2021-12-24 00:00 Z", "Wed 2021-12-29 00:00 Z", 4 * 24 * hour},
		{"over New Year", "Europe/Paris", []string{"closing.ics"}, nil, "Wed 2026-12-23 00:00 +01:00", "Tue 2027-01-05 00:00 +01:00", 10 * 24 * hour},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := must(t, Spec{
				Zone: tc.zone, Hours: hours("every", "00:00-24:00"), Holidays: tc.holiday, Special: tc.special,
				Files: map[string][]byte{"closing.ics": vevent("DTSTART:20261224", "DTEND:20270103")},
			})
			open, err := c.Between(at(t, tc.from), at(t, tc.to))
			if closed := at(t, tc.to).Unix() - at(t, tc.from).Unix() - open; err != nil || closed != tc.closed {
				t.Errorf("closed for %d s (%v), want %d", closed, err, tc.closed)
			}
		})
	}
}

func TestCase10ExhaustionAtClosingStartAtOpeningOrClosing(t *testing.T) {
	counts(t, []count{
		{"closing time is outside", "Europe/Paris", hours("mon-fri", "09:00-17:00"),
			"Fri 2026-11-27 16:59:59 +01:00", "Fri 2026-11-27 17:00:01 +01:00", 1},
		{"nothing in an empty or reversed range", "Europe/Paris", hours("mon-fri", "09:00-17:00"),
			"Fri 2026-11-27 16:00 +01:00", "Fri 2026-11-27 15:00 +01:00", 0},
	})
	additions(t, []addition{
		{"used up at closing time is due at closing time", berlin, "Mon 2026-11-30 09:00 +01:00", 8 * hour, "Mon 2026-11-30 17:00 +01:00"},
		{"a second more is due the next morning", berlin, "Mon 2026-11-30 09:00 +01:00", 8*hour + 1, "Tue 2026-12-01 09:00:01 +01:00"},
		{"from closing time", berlin, "Fri 2026-11-27 17:00 +01:00", hour, "Mon 2026-11-30 10:00 +01:00"},
		{"from opening time", berlin, "Mon 2026-11-30 09:00 +01:00", hour, "Mon 2026-11-30 10:00 +01:00"},
		{"a target of nothing out of hours is the next opening", berlin, "Fri 2026-11-27 17:00 +01:00", 0, "Mon 2026-11-30 09:00 +01:00"},
		{"and in hours is now", berlin, "Fri 2026-11-27 16:59:59 +01:00", 0, "Fri 2026-11-27 16:59:59 +01:00"},
	})
}

// What a calendar has of it: an edit counts from its date on, the time before
// stays as it was.
func TestCase17CalendarEditedMidway(t *testing.T) {
	spec := berlin
	spec.Versions = []Version{{From: date(t, "2027-01-01"), Hours: hours("mon-fri", "08:00-20:00"), Holidays: []string{"DE", "2027-01-04"}}}
	additions(t, []addition{
		{"the rest by the new hours", spec, "Thu 2026-12-31 15:00 +01:00", 6 * hour, "Tue 2027-01-05 12:00 +01:00"},
		{"all by the old ones", spec, "Thu 2026-12-31 15:00 +01:00", 2 * hour, "Thu 2026-12-31 17:00 +01:00"},
		{"without the edit", berlin, "Thu 2026-12-31 15:00 +01:00", 6 * hour, "Mon 2027-01-04 13:00 +01:00"},
	})
}

// What a calendar has of it: whether an instant is in hours.
func TestCase18CreatedInOrOutOfHours(t *testing.T) {
	c := must(t, berlin)
	for text, want := range map[string]bool{
		"Fri 2026-11-27 08:59:59 +01:00": false, "Fri 2026-11-27 09:00:00 +01:00": true,
		"Fri 2026-11-27 16:59:59 +01:00": true, "Fri 2026-11-27 17:00:00 +01:00": false,
		"Fri 2026-12-25 10:00 +01:00": false, "Sat 2026-11-28 10:00 +01:00": false,
	} {
		if got, err := c.Open(at(t, text)); err != nil || got != want {
			t.Errorf("%s: got %v (%v), want %v", text, got, err, want)
		}
	}
}

// What a calendar has of it: seconds count, nothing is rounded to minutes.
func TestCase20Precision(t *testing.T) {
	counts(t, []count{
		{"seconds at both ends", "Europe/Berlin", hours("mon-fri", "09:00-17:00"),
			"Fri 2026-11-27 16:59:13 +01:00", "Mon 2026-11-30 09:00:04 +01:00", 51},
		{"less than a minute", "Europe/Berlin", hours("mon-fri", "09:00-17:00"),
			"Fri 2026-11-27 12:00:59 +01:00", "Fri 2026-11-27 12:01:00 +01:00", 1},
	})
	additions(t, []addition{
		{"to the second", berlin, "Fri 2026-11-27 16:59:13 +01:00", 48, "Mon 2026-11-30 09:00:01 +01:00"},
	})
}
