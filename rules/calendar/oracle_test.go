package calendar

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The properties hold for every calendar, so they are tried on calendars drawn
// at random, a hundred for each test. More, or the same again:
//
//	go test ./rules/calendar -run 'Clock|Sums|Far' -rapid.checks=10000
//	go test ./rules/calendar -run Sums -rapid.seed=SEED     as a failure prints it

// openByTheClock is the definition of open, taken literally: it reads the
// words of spec and the wall clock at t. It shares no code with the package.
func openByTheClock(spec Spec, zone *time.Location, t time.Time) bool {
	local := t.In(zone)
	// A version holds from its date on, and takes over what it doesn't say.
	versions := slices.SortedFunc(slices.Values(spec.Versions), func(a, b Version) int { return int(a.From - b.From) })
	for _, v := range versions {
		if local.Format("2006-01-02") < v.From.String() {
			break
		}
		if v.Hours != nil {
			spec.Hours = v.Hours
		}
		if v.Holidays != nil {
			spec.Holidays = v.Holidays
		}
		if v.Special != nil {
			spec.Special = v.Special
		}
	}
	seconds := func(clock string) int {
		h, _ := strconv.Atoi(clock[:2])
		m, _ := strconv.Atoi(clock[3:])
		return h*3600 + m*60
	}
	now := local.Hour()*3600 + local.Minute()*60 + local.Second()
	today := local.Format("2006-01-02")
	if special, ok := spec.Special[today]; ok {
		return slices.ContainsFunc(special, func(s string) bool { return seconds(s[:5]) <= now && now < seconds(s[6:]) })
	}
	if slices.Contains(spec.Holidays, today) && !slices.Contains(spec.Holidays, "-"+today) {
		return false
	}
	own := slices.ContainsFunc(spec.Hours[local.Weekday()], func(s string) bool {
		from, to := seconds(s[:5]), seconds(s[6:])
		return from <= now && (now < to || to < from)
	})
	return own || slices.ContainsFunc(spec.Hours[(local.Weekday()+6)%7], func(s string) bool {
		from, to := seconds(s[:5]), seconds(s[6:])
		return to < from && now < to
	})
}

// awkward are the zones and moments at which other engines went wrong.
var awkward = map[string][]string{
	"Europe/Berlin":       {"2026-03-29 01:00 Z", "2026-10-25 01:00 Z"},
	"Europe/Paris":        {"2026-03-29 01:00 Z", "2026-10-25 01:00 Z", "2044-12-31 12:00 Z"},
	"America/New_York":    {"2026-03-08 07:00 Z", "2026-11-01 06:00 Z"},
	"Australia/Lord_Howe": {"2026-04-04 15:00 Z", "2026-10-03 15:30 Z", "2060-12-31 12:00 Z"},
	"Europe/Dublin":       {"2026-03-29 01:00 Z", "2026-10-25 01:00 Z"},
	"Africa/Cairo":        {"2026-04-23 22:00 Z", "2026-10-29 21:00 Z"},
	"Pacific/Apia":        {"2011-12-30 10:00 Z"},
	"Europe/Moscow":       {"2014-10-25 22:00 Z"},
	"America/Sao_Paulo":   {"2018-11-04 03:00 Z", "2018-02-18 02:00 Z"},
	"America/St_Johns":    {"2010-11-07 02:31 Z", "2011-03-13 03:31 Z"}, // at one minute past midnight
	"Asia/Kolkata":        {"2026-11-29 12:00 Z"},
	"Africa/Casablanca":   {"2026-02-15 02:00 Z"},
}

// anySpec draws a calendar with clock changes near the instant that it also
// gives. All its times are whole quarters of an hour.
func anySpec(t *rapid.T) (Spec, time.Time) {
	zone := rapid.SampledFrom(slices.Sorted(maps.Keys(awkward))).Draw(t, "zone")
	change, err := time.Parse("2006-01-02 15:04 Z07:00", rapid.SampledFrom(awkward[zone]).Draw(t, "change"))
	if err != nil {
		t.Fatal(err)
	}
	clock := func(quarter int) string { return fmt.Sprintf("%02d:%02d", quarter/4, quarter%4*15) }
	day := func(label string, from, until int) []string {
		cuts := rapid.SliceOfNDistinct(rapid.IntRange(from, until), 0, 4, rapid.ID[int]).Draw(t, label)
		slices.Sort(cuts)
		var list []string
		for i := 0; i+1 < len(cuts); i += 2 {
			list = append(list, clock(cuts[i])+"-"+clock(cuts[i+1]))
		}
		return list
	}
	week := func() map[time.Weekday][]string {
		hours := map[time.Weekday][]string{}
		// Days of up to 24 hours, or days and nights: nights end by 06:00 and
		// days begin then, so that they don't overlap.
		nights := rapid.Bool().Draw(t, "nights")
		for weekday := time.Sunday; weekday <= time.Saturday; weekday++ {
			if !nights {
				hours[weekday] = day(weekday.String(), 0, 96)
				continue
			}
			hours[weekday] = day(weekday.String(), 24, 80)
			if rapid.Bool().Draw(t, "night") {
				hours[weekday] = append(hours[weekday], "22:00-"+clock(rapid.IntRange(1, 24).Draw(t, "until")))
			}
		}
		hours[time.Wednesday] = []string{"08:00-18:00"} // never empty
		return hours
	}
	near := func(label string) string {
		return change.AddDate(0, 0, rapid.IntRange(-4, 4).Draw(t, label)).Format("2006-01-02")
	}
	holidays := func() []string {
		list := []string{near("holiday"), near("holiday")}
		if rapid.Bool().Draw(t, "but") {
			list = append(list, "-"+near("no holiday"))
		}
		return list
	}
	special := func() map[string][]string {
		return map[string][]string{near("special"): day("special hours", 0, 96)}
	}
	spec := Spec{Name: "any", Zone: zone, Hours: week(), Holidays: holidays(), Special: special()}
	for _, d := range rapid.SliceOfNDistinct(rapid.IntRange(-3, 3), 0, 2, rapid.ID[int]).Draw(t, "versions") {
		v := Version{From: DateOf(change.UTC()) + Date(d)}
		if rapid.Bool().Draw(t, "hours") {
			v.Hours = week()
		}
		if rapid.Bool().Draw(t, "holidays") {
			v.Holidays = holidays()
		}
		if rapid.Bool().Draw(t, "special") {
			v.Special = special()
		}
		spec.Versions = append(spec.Versions, v)
	}
	return spec, change
}

func TestEveryMinuteAgainstTheClock(t *testing.T) {
	const minutes = 3 * 24 * 60
	rapid.Check(t, func(t *rapid.T) {
		spec, change := anySpec(t)
		c, err := New(spec)
		if err != nil {
			t.Fatal(err)
		}
		start := change.Add(-minutes / 2 * time.Minute)
		var sum int64
		var open []time.Time // the open minutes
		for m := range minutes {
			now := start.Add(time.Duration(m) * time.Minute)
			if between, err := c.Between(start, now); err != nil || between != sum {
				t.Fatalf("between %v and %v: got %d (%v), want %d", start, now, between, err, sum)
			}
			want := openByTheClock(spec, c.Zone(), now)
			if got, err := c.Open(now); err != nil || got != want {
				t.Fatalf("open at %v: got %v (%v), want %v", now.In(c.Zone()), got, err, want)
			}
			if want {
				sum += 60
				open = append(open, now)
			}
		}
		if len(open) == 0 {
			return
		}
		from := rapid.IntRange(0, len(open)-1).Draw(t, "from")
		if got, err := c.NextOpen(closedBefore(open, from, start)); err != nil || !got.Equal(open[from]) {
			t.Fatalf("next open: got %v (%v), want %v", got.In(c.Zone()), err, open[from].In(c.Zone()))
		}
		seconds := rapid.IntRange(1, 60*(len(open)-from)).Draw(t, "seconds")
		want := open[from+(seconds-1)/60].Add(time.Duration((seconds-1)%60+1) * time.Second)
		if got, err := c.Add(closedBefore(open, from, start), int64(seconds)); err != nil || !got.Equal(want) {
			t.Fatalf("%d seconds later: got %v (%v), want %v", seconds, got.In(c.Zone()), err, want.In(c.Zone()))
		}
	})
}

// closedBefore is the end of the open minute before the i-th, from which there
// is nothing but closed time until then; start if there is none.
func closedBefore(open []time.Time, i int, start time.Time) time.Time {
	if i == 0 {
		return start
	}
	return open[i-1].Add(time.Minute)
}

func TestEverySecondAgainstTheClock(t *testing.T) {
	for zone, changes := range awkward {
		spec := Spec{Zone: zone, Hours: hours("every", "00:00-00:45", "01:15-02:15", "02:45-03:30", "23:15-23:45")}
		c := must(t, spec)
		for _, text := range changes {
			change := at(t, text)
			for s := -2 * hour; s < 2*hour; s++ {
				now := change.Add(time.Duration(s) * time.Second)
				if got, err := c.Open(now); err != nil || got != openByTheClock(spec, c.Zone(), now) {
					t.Fatalf("open at %v: got %v (%v)", now.In(c.Zone()), got, err)
				}
			}
		}
	}
}

func TestSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec, change := anySpec(t)
		c, err := New(spec)
		if err != nil {
			t.Fatal(err)
		}
		between := func(a, b time.Time) int64 {
			n, err := c.Between(a, b)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		seconds := rapid.Int64Range(-10*daySeconds, 10*daySeconds)
		a := change.Add(time.Duration(seconds.Draw(t, "a")) * time.Second)
		b := change.Add(time.Duration(seconds.Draw(t, "b")) * time.Second)
		if b.Before(a) {
			a, b = b, a
		}
		m := a.Add(time.Duration(rapid.Int64Range(0, b.Unix()-a.Unix()).Draw(t, "m")) * time.Second)
		if got, want := between(a, m)+between(m, b), between(a, b); got != want {
			t.Errorf("cut at %v: got %d, want %d", m, got, want)
		}
		if got := between(a, b); got < 0 || got > b.Unix()-a.Unix() {
			t.Errorf("%d open seconds don't fit between %v and %v", got, a, b)
		}

		n := rapid.Int64Range(1, 2_000*hour).Draw(t, "n")
		u, err := c.Add(a, n)
		if err != nil {
			t.Fatal(err)
		}
		if got := between(a, u); got != n {
			t.Errorf("%v + %d = %v, but between them are %d", a, n, u, got)
		}
		if got := between(a, u.Add(-time.Second)); got != n-1 {
			t.Errorf("%v + %d = %v isn't the first such instant", a, n, u)
		}
		if later, err := c.Add(m, n); err != nil || later.Before(u) {
			t.Errorf("%v + %d = %v (%v), earlier than from %v: %v", m, n, later, err, a, u)
		}

		next, err := c.NextOpen(a)
		if open, _ := c.Open(next); err != nil || !open || next.Before(a) || between(a, next) != 0 {
			t.Errorf("next open after %v: got %v (%v)", a, next, err)
		}

		// Pieces cover the same time, in order, and agree with the sum.
		var sum int64
		end := a
		for p := range c.Pieces(a, b) {
			if !p.From.Equal(end) || !p.To.After(p.From) {
				t.Errorf("piece from %v to %v doesn't follow %v", p.From, p.To, end)
			}
			if p.Open {
				sum += p.To.Unix() - p.From.Unix()
			}
			end = p.To
		}
		if sum != between(a, b) || !end.Equal(b) {
			t.Errorf("pieces: %d open seconds until %v, want %d until %v", sum, end, between(a, b), b)
		}
	})
}

// No zone's clock stands still or jumps unseen in the years after the zone
// database's own transitions.
func TestStretchesOfFarYears(t *testing.T) {
	for zone := range awkward {
		c := must(t, Spec{Zone: zone, Hours: hours("every", "00:00-24:00")})
		r := span64{date(t, "2036-01-01").midnight(), date(t, "2049-01-01").midnight()}
		end := r.from
		for s := range stretches(r, c.zone) {
			if s.from != end || s.to <= s.from || s.to-s.from > 25*hour {
				t.Fatalf("%s: stretch from %d to %d doesn't follow %d", zone, s.from, s.to, end)
			}
			for _, moment := range []int64{s.from, s.to - 1} {
				local := c.local(moment)
				wall := int64(local.Hour()*3600 + local.Minute()*60 + local.Second())
				if moment-s.midnight != wall || DateOf(local) != s.date {
					t.Fatalf("%s: %v is taken for %s and %d seconds", zone, local, s.date, moment-s.midnight)
				}
			}
			end = s.to
		}
	}
}

func FuzzParseInterval(f *testing.F) {
	for _, seed := range []string{"09:00-17:00", "22:00-06:00", "00:00-24:00", "24:00-06:00", "9-17", "09:00–17:00", "-", "09:60-10:00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseInterval(text)
		if err != nil {
			return
		}
		if s.from < 0 || s.from >= daySeconds || s.to < 0 || s.to > daySeconds || s.from == s.to {
			t.Errorf("%q was read as %v", text, s)
		}
		clock := func(n int) string { return fmt.Sprintf("%02d:%02d", n/3600, n/60%60) }
		if back := clock(s.from) + "-" + clock(s.to); strings.TrimSpace(text) != back {
			t.Errorf("%q was read as %q", text, back)
		}
	})
}
