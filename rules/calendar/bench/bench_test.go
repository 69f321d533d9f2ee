package bench

import (
	"testing"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/fr"

	"vigie/rules/calendar"
)

var (
	start = time.Date(2026, 3, 2, 9, 17, 0, 0, time.UTC)
	spans = []struct {
		name     string
		end      time.Time
		business time.Duration // added to start
	}{
		{"1d", start.AddDate(0, 0, 1), 480 * time.Minute},
		{"30d", start.AddDate(0, 0, 30), 10_080 * time.Minute},
		{"5y", start.AddDate(0, 0, 1826), 604_800 * time.Minute},
	}
)

// A clock is what is asked of both.
type clock struct {
	open    func(time.Time) bool
	between func(a, b time.Time) time.Duration
	add     func(time.Time, time.Duration) time.Time
}

func vigie(tb testing.TB) clock {
	hours := map[time.Weekday][]string{}
	for day := time.Monday; day <= time.Friday; day++ {
		hours[day] = []string{"09:00-17:00"}
	}
	c, err := calendar.New(calendar.Spec{Name: "paris", Zone: "Europe/Paris", Hours: hours, Holidays: []string{"FR"}})
	if err != nil {
		tb.Fatal(err)
	}
	return clock{
		open: func(t time.Time) bool {
			open, err := c.Open(t)
			if err != nil {
				tb.Fatal(err)
			}
			return open
		},
		between: func(a, b time.Time) time.Duration {
			seconds, err := c.Between(a, b)
			if err != nil {
				tb.Fatal(err)
			}
			return time.Duration(seconds) * time.Second
		},
		add: func(t time.Time, d time.Duration) time.Time {
			due, err := c.Add(t, int64(d/time.Second))
			if err != nil {
				tb.Fatal(err)
			}
			return due
		},
	}
}

// rickar's calendar reads the wall clock of the time that it is given.
func rickar(tb testing.TB, cacheable bool) clock {
	zone, err := calendar.LoadZone("Europe/Paris")
	if err != nil {
		tb.Fatal(err)
	}
	c := cal.NewBusinessCalendar()
	c.Cacheable = cacheable
	c.AddHoliday(fr.Holidays...)
	return clock{
		open:    func(t time.Time) bool { return c.IsWorkTime(t.In(zone)) },
		between: func(a, b time.Time) time.Duration { return c.WorkHoursInRange(a.In(zone), b.In(zone)) },
		add:     func(t time.Time, d time.Duration) time.Time { return c.AddWorkHours(t.In(zone), d) },
	}
}

func TestSameAnswers(t *testing.T) {
	ours, theirs := vigie(t), rickar(t, true)
	for _, s := range spans {
		if a, b := ours.add(start, s.business), theirs.add(start, s.business); !a.Equal(b) {
			t.Errorf("%s later: %v and %v", s.business, a, b)
		}
		if a, b := ours.between(start, s.end), theirs.between(start, s.end); a != b {
			t.Errorf("within %s: %v and %v", s.name, a, b)
		}
		if a, b := ours.open(s.end), theirs.open(s.end); a != b {
			t.Errorf("open after %s: %v and %v", s.name, a, b)
		}
	}
}

func Benchmark(b *testing.B) {
	for _, peer := range []struct {
		name string
		clock
	}{{"vigie", vigie(b)}, {"rickar", rickar(b, false)}, {"rickar-cacheable", rickar(b, true)}} {
		for _, s := range spans {
			run := func(name string, ask func()) {
				b.Run(name+"/"+s.name+"/"+peer.name, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						ask()
					}
				})
			}
			run("add", func() { peer.add(start, s.business) })
			run("between", func() { peer.between(start, s.end) })
			run("open", func() { peer.open(s.end) })
		}
	}
}
