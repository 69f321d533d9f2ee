package calendar

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

// at reads "Mon 2026-11-30 09:00 +01:00", seconds and weekday optional, and
// refuses a wrong weekday.
func at(t testing.TB, text string) time.Time {
	t.Helper()
	for _, layout := range []string{
		"Mon 2006-01-02 15:04 Z07:00", "Mon 2006-01-02 15:04:05 Z07:00",
		"2006-01-02 15:04 Z07:00", "2006-01-02 15:04:05 Z07:00",
	} {
		if got, err := time.Parse(layout, text); err == nil {
			if day := got.Format("Mon "); text[0] > '9' && !strings.HasPrefix(text, day) {
				t.Fatalf("%s is a %s", text, day)
			}
			return got
		}
	}
	t.Fatalf("%q is no instant", text)
	return time.Time{}
}

func date(t testing.TB, text string) Date {
	t.Helper()
	d, err := ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func must(t testing.TB, spec Spec) *Calendar {
	t.Helper()
	c, err := New(spec)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// week gives the same intervals to several weekdays: "mon-fri", "every", "sun".
func hours(days string, intervals ...string) map[time.Weekday][]string {
	list := map[string][]time.Weekday{
		"mon-fri": {1, 2, 3, 4, 5},
		"every":   {0, 1, 2, 3, 4, 5, 6},
		"sun":     {0}, "mon": {1}, "fri": {5},
	}[days]
	m := map[time.Weekday][]string{}
	for _, d := range list {
		m[d] = intervals
	}
	return m
}

const hour = 3600

// berlin and paris are the calendars of the two policies.
var (
	berlin = Spec{Name: "berlin", Zone: "Europe/Berlin", Hours: hours("mon-fri", "09:00-17:00"), Holidays: []string{"DE"}}
	paris  = Spec{Name: "paris", Zone: "Europe/Paris", Hours: hours("mon-fri", "08:00-17:00"), Holidays: []string{"FR"}}
)

func TestAdd(t *testing.T) {
	night := Spec{Zone: "Europe/Paris", Hours: hours("mon-fri", "22:00-06:00")}
	for _, tc := range []struct {
		name  string
		spec  Spec
		start string
		add   int64
		want  string
	}{
		{"nothing to add stays, open or not", berlin, "Sat 2026-11-28 11:00 +01:00", 0, "Sat 2026-11-28 11:00 +01:00"},
		{"start a second before opening", berlin, "Mon 2026-11-30 08:59:59 +01:00", hour, "Mon 2026-11-30 10:00 +01:00"},
		{"over a weekend", berlin, "Fri 2026-11-27 16:30 +01:00", 16 * hour, "Tue 2026-12-01 16:30 +01:00"},
		{"over Christmas and New Year", berlin, "Thu 2026-12-24 10:00 +01:00", 80 * hour, "Mon 2027-01-11 10:00 +01:00"},
		{"over the autumn change, 10 days", berlin, "Fri 2026-10-23 12:00 +02:00", 80 * hour, "Fri 2026-11-06 12:00 +01:00"},
		{"over the autumn change, 30 days", berlin, "Fri 2026-10-23 12:00 +02:00", 240 * hour, "Fri 2026-12-04 12:00 +01:00"},
		{"over Easter", berlin, "Thu 2026-04-02 16:00 +02:00", 80 * hour, "Mon 2026-04-20 16:00 +02:00"},
		{"over Armistice Day in France", paris, "Tue 2026-11-10 16:00 +01:00", 2 * hour, "Thu 2026-11-12 09:00 +01:00"},
		{"a night is used up in the morning", night, "Fri 2026-11-27 21:00 +01:00", 8 * hour, "Sat 2026-11-28 06:00 +01:00"},
		{"after Friday's night comes Monday's", night, "Sat 2026-11-28 05:00 +01:00", 2 * hour, "Mon 2026-11-30 23:00 +01:00"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := must(t, tc.spec).Add(at(t, tc.start), tc.add)
			if want := at(t, tc.want); err != nil || !got.Equal(want) {
				t.Errorf("got %v (%v), want %v", got, err, want)
			}
		})
	}
}

// The three answers that the peers of the reference agree on.
func TestAnswersOfPeers(t *testing.T) {
	c := must(t, Spec{Zone: "Europe/Paris", Hours: hours("mon-fri", "09:00-17:00"), Holidays: []string{"FR"}})
	start := at(t, "2026-03-02 09:17 Z")
	for minutes, want := range map[int64]string{
		480: "2026-03-03 09:17 Z", 10_080: "2026-03-31 08:17 Z", 604_800: "2031-02-28 09:17 Z",
	} {
		if got, err := c.Add(start, minutes*60); err != nil || !got.Equal(at(t, want)) {
			t.Errorf("%d minutes later: got %v (%v), want %s", minutes, got, err, want)
		}
	}
	for days, want := range map[int]int64{1: 480, 30: 10_620, 1826: 605_203} {
		if got, err := c.Between(start, start.Add(time.Duration(days)*24*time.Hour)); err != nil || got != want*60 {
			t.Errorf("within %d days: got %d s (%v), want %d min", days, got, err, want)
		}
	}
}

func TestOpenAndNextOpen(t *testing.T) {
	special := berlin
	special.Special = map[string][]string{
		"2026-12-24": {"09:00-12:00"}, "2026-12-25": {"10:00-11:00"}, "2026-11-30": {},
	}
	for _, tc := range []struct {
		name string
		spec Spec
		at   string
		open bool
		next string
	}{
		{"opening time is inside", berlin, "Mon 2026-11-30 09:00 +01:00", true, "Mon 2026-11-30 09:00 +01:00"},
		{"closing time is outside", berlin, "Mon 2026-11-30 17:00 +01:00", false, "Tue 2026-12-01 09:00 +01:00"},
		{"before a holiday's weekend", berlin, "Thu 2026-12-24 17:00 +01:00", false, "Mon 2026-12-28 09:00 +01:00"},
		{"special hours cut a day short", special, "Thu 2026-12-24 12:00 +01:00", false, "Fri 2026-12-25 10:00 +01:00"},
		{"special hours open a holiday", special, "Fri 2026-12-25 10:30 +01:00", true, "Fri 2026-12-25 10:30 +01:00"},
		{"no special hours close a day", special, "Mon 2026-11-30 10:00 +01:00", false, "Tue 2026-12-01 09:00 +01:00"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := must(t, tc.spec)
			if got, err := c.Open(at(t, tc.at)); err != nil || got != tc.open {
				t.Errorf("open: got %v (%v), want %v", got, err, tc.open)
			}
			if got, err := c.NextOpen(at(t, tc.at)); err != nil || !got.Equal(at(t, tc.next)) {
				t.Errorf("next open: got %v (%v), want %v", got, err, tc.next)
			}
		})
	}
}

func TestVersions(t *testing.T) {
	c := must(t, Spec{
		Name: "support", Zone: "Europe/Berlin", Hours: hours("every", "22:00-06:00"), Holidays: []string{"2026-12-31", "2027-01-04"},
		Versions: []Version{
			{From: date(t, "2028-01-01"), Hours: map[time.Weekday][]string{}},
			{From: date(t, "2027-01-01"), Hours: hours("mon-fri", "09:00-17:00"), Holidays: []string{"2027-01-05"}},
		},
	})
	for _, tc := range []struct {
		at   string
		open bool
		why  string
	}{
		{"Wed 2026-12-30 23:00 +01:00", true, "the first version"},
		{"Thu 2026-12-31 23:00 +01:00", false, "its holiday"},
		{"Fri 2027-01-01 05:00 +01:00", false, "the second version, which has no tail"},
		{"Fri 2027-01-01 10:00 +01:00", true, "the second version"},
		{"Mon 2027-01-04 10:00 +01:00", true, "no holiday any more"},
		{"Tue 2027-01-05 10:00 +01:00", false, "a holiday of the second version"},
		{"Mon 2028-01-03 10:00 +01:00", false, "closed down"},
	} {
		if got, err := c.Open(at(t, tc.at)); err != nil || got != tc.open {
			t.Errorf("%s: got %v (%v), want %v: %s", tc.at, got, err, tc.open, tc.why)
		}
	}
	var horizon *HorizonError
	if _, err := c.NextOpen(at(t, "Mon 2028-01-03 10:00 +01:00")); !errors.As(err, &horizon) || horizon.Year != 2200 {
		t.Errorf("a calendar that has closed down: got %v, want a horizon error for 2200", err)
	}
}

func TestHorizon(t *testing.T) {
	state := berlin
	state.Holidays = []string{"DE-BW", "FR"}
	endless := Spec{Name: "endless", Zone: "UTC", Hours: hours("every", "00:00-24:00")}
	inside, outside := at(t, "2026-11-27 10:00 Z"), at(t, "2100-06-01 10:00 Z")
	for _, tc := range []struct {
		name string
		ask  func() error
		want HorizonError
	}{
		{"open", func() error { _, err := must(t, state).Open(outside); return err }, HorizonError{"berlin", "DE-BW", 2100}},
		{"between", func() error { _, err := must(t, state).Between(inside, outside); return err }, HorizonError{"berlin", "DE-BW", 2100}},
		{"add from outside", func() error { _, err := must(t, state).Add(outside, 1); return err }, HorizonError{"berlin", "DE-BW", 2100}},
		{"add reaching outside", func() error { _, err := must(t, state).Add(inside, 1<<62); return err }, HorizonError{"berlin", "DE-BW", 2100}},
		{"before the table", func() error { _, err := must(t, state).Open(at(t, "1994-11-16 10:00 Z")); return err }, HorizonError{"berlin", "DE-BW", 1994}},
		{"before all tables", func() error { _, err := must(t, endless).Open(at(t, "1969-11-16 10:00 Z")); return err }, HorizonError{"endless", "", 1969}},
		{"after all tables", func() error { _, err := must(t, endless).Open(at(t, "2250-11-16 10:00 Z")); return err }, HorizonError{"endless", "", 2250}},
		{"the largest sum", func() error { _, err := must(t, endless).Add(inside, 1<<63-1); return err }, HorizonError{"endless", "", 2200}},
		{"the zero time", func() error { _, err := must(t, endless).NextOpen(time.Time{}); return err }, HorizonError{"endless", "", 1}},
	} {
		var got *HorizonError
		if err := tc.ask(); !errors.As(err, &got) || *got != tc.want {
			t.Errorf("%s: got %v, want %v", tc.name, err, &tc.want)
		}
	}

	c := must(t, endless)
	first, last := c.Known()
	if first != date(t, "1970-01-01") || last != date(t, "2199-12-31") {
		t.Errorf("known from %s to %s", first, last)
	}
	begin, end := at(t, "1970-01-01 00:00 Z"), at(t, "2200-01-01 00:00 Z")
	all := int64(last-first+1) * daySeconds
	if got, err := c.Between(begin, end); err != nil || got != all {
		t.Errorf("all that is known: got %d (%v), want %d", got, err, all)
	}
	if got, err := c.Add(begin, all); err != nil || !got.Equal(end) {
		t.Errorf("up to the horizon: got %v (%v), want %v", got, err, end)
	}
}

// The answers are the same whatever was asked before, by however many.
func TestSharedByGoroutines(t *testing.T) {
	shared := must(t, berlin)
	var done sync.WaitGroup
	for n := range 8 {
		done.Go(func() {
			for i := range 40 {
				start := time.Unix(int64((i*7+n*11)%60)*year+900_000_000, 0)
				want, err1 := must(t, berlin).Add(start, 100*hour)
				got, err2 := shared.Add(start, 100*hour)
				if err1 != nil || err2 != nil || !got.Equal(want) {
					t.Errorf("from %v: got %v (%v), want %v (%v)", start, got, err2, want, err1)
				}
			}
		})
	}
	done.Wait()
}

func TestWholeSeconds(t *testing.T) {
	c := must(t, berlin)
	start := at(t, "Mon 2026-11-30 09:00 +01:00")
	if got, err := c.Add(start.Add(999*time.Millisecond), 60); err != nil || !got.Equal(start.Add(time.Minute)) {
		t.Errorf("got %v (%v), want the fraction cut", got, err)
	}
	if got, err := c.NextOpen(start.Add(time.Millisecond)); err != nil || !got.Equal(start) {
		t.Errorf("got %v (%v), want the fraction cut", got, err)
	}
	if got, _ := c.NextOpen(start.UTC()); got.Location() != c.Zone() {
		t.Errorf("got an instant in %v, want it in the calendar's zone", got.Location())
	}
}
