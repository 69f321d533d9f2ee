package oncall

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vigie/rules/calendar"
)

// A judge says who is on call by looking at a wall clock each minute, as a person
// would who sits under it: she has a list of handovers, and strikes one off as soon as
// the clock shows its time or a later one, whatever it shows afterwards. She knows no
// zone's rules and shares no code with the rota.
type judge struct {
	people  []string
	turn    time.Duration
	next    civil // when the next turn begins by the wall clock
	turns   int   // that have begun
	hours   map[time.Weekday][][2]string
	standIn []stand
}

// A civil time is what a wall clock shows, written as if it were in UTC.
type civil = time.Time

type stand struct {
	from, to civil
	who      string
	began    bool
	ended    bool
}

func shown(t time.Time) civil {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// look is what the judge says at a minute; minutes come in order.
func (j *judge) look(t time.Time) (who string, why Why) {
	clock := shown(t)
	for !clock.Before(j.next) {
		j.turns++
		j.next = j.next.Add(j.turn)
	}
	who, why = "", Gap
	if j.turns > 0 {
		who, why = j.people[(j.turns-1)%len(j.people)], Turn
	}
	for i := range j.standIn {
		s := &j.standIn[i]
		s.began = s.began || !clock.Before(s.from)
		s.ended = s.ended || !clock.Before(s.to)
		if s.began && !s.ended {
			who, why = s.who, Override
		}
	}
	text := clock.Format("15:04")
	if j.hours != nil && !slices.ContainsFunc(j.hours[t.Weekday()], func(h [2]string) bool {
		return h[0] <= text && text < h[1]
	}) {
		who, why = "", Outside
	}
	return who, why
}

var judged = []struct {
	zone    string
	people  []string
	turn    time.Duration
	since   string // by the wall clock
	hours   map[time.Weekday][][2]string
	standIn [][3]string
}{
	{"Europe/Paris", []string{nadia, omar}, 7 * 24 * time.Hour, "2025-01-06 08:00", office([2]string{"00:00", "08:00"}, [2]string{"17:00", "24:00"}),
		[][3]string{{"2026-12-24 08:00", "2026-12-26 08:00", lea}, {"2027-03-28 01:30", "2027-03-28 12:00", lea}, {"2026-10-25 02:30", "2026-10-25 05:00", nadia}}},
	{"Europe/Paris", []string{nadia, omar, lea}, 24 * time.Hour, "2025-01-06 02:30", nil, nil},
	{"America/New_York", []string{nadia, omar, lea}, 12 * time.Hour, "2025-01-06 07:00", nil, [][3]string{{"2026-03-07 00:00", "2026-03-09 02:30", omar}}},
	{"America/New_York", []string{nadia, omar}, 14 * 24 * time.Hour, "2025-06-02 01:30", office([2]string{"01:15", "02:45"}, [2]string{"20:00", "24:00"}), nil},
	{"Asia/Kolkata", []string{nadia, omar, lea, nadia}, 3 * 24 * time.Hour, "2025-02-01 09:30", office([2]string{"18:00", "24:00"}), [][3]string{{"2026-01-26 00:00", "2026-01-27 00:00", lea}}},
	{"Australia/Lord_Howe", []string{nadia, omar, lea}, 90 * time.Minute, "2025-01-01 01:45", nil, nil}, // its clock changes by half an hour
	{"America/Santiago", []string{nadia, omar}, 24 * time.Hour, "2025-01-01 00:00", nil, nil},           // its midnight is skipped, or comes twice
}

// office is the same intervals from Monday to Friday, and the whole week-end.
func office(intervals ...[2]string) map[time.Weekday][][2]string {
	hours := map[time.Weekday][][2]string{time.Saturday: {{"00:00", "24:00"}}, time.Sunday: {{"00:00", "24:00"}}}
	for day := time.Monday; day <= time.Friday; day++ {
		hours[day] = intervals
	}
	return hours
}

// Three years minute by minute, with at least six clock changes where a zone has them.
func TestTheJudgeAgrees(t *testing.T) {
	for _, c := range judged {
		t.Run(c.zone+" "+c.since, func(t *testing.T) {
			t.Parallel()
			z := zone(t, c.zone)
			clock := func(text string) civil {
				when, err := time.Parse("2006-01-02 15:04", text)
				if err != nil {
					t.Fatal(err)
				}
				return when
			}
			j := &judge{people: c.people, turn: c.turn, next: clock(c.since), hours: c.hours}
			spec := Spec{Zone: z, People: c.people, Turn: c.turn, Since: at(t, c.since, z)}
			for _, s := range c.standIn {
				j.standIn = append(j.standIn, stand{from: clock(s[0]), to: clock(s[1]), who: s[2]})
				spec.Overrides = append(spec.Overrides, Shift{From: instant(clock(s[0]), z), To: instant(clock(s[1]), z), Who: s[2]})
			}
			if c.hours != nil {
				written := map[time.Weekday][]string{}
				for day, list := range c.hours {
					for _, h := range list {
						written[day] = append(written[day], h[0]+"-"+h[1])
					}
				}
				spec.Hours = weekly(t, c.zone, written)
			}
			r := New(spec)

			from := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
			to := from.AddDate(3, 0, 0)
			list := slices.Collect(r.Stretches(from, to))
			for i, s := range list {
				if i > 0 && (!s.From.Equal(list[i-1].To) || s.Who == list[i-1].Who && s.Why == list[i-1].Why) || !s.From.Before(s.To) {
					t.Fatalf("stretch %d doesn't follow the one before it:\n%s", i, lines(list[max(0, i-1):i+1]))
				}
			}
			minute, changes, offset := 0, 0, 0
			i := 0
			for m := from; m.Before(to); m = m.Add(time.Minute) {
				local := m.In(z)
				if _, o := local.Zone(); o != offset {
					offset = o
					changes++
				}
				who, why := j.look(local)
				for !m.Before(list[i].To) {
					i++
				}
				if s := list[i]; s.Who != who || s.Why != why {
					t.Fatalf("%s: the judge says %q (%s), the stretches say\n%s", local, who, why, lines([]Stretch{s}))
				}
				if minute++; minute%1009 == 0 {
					if s := r.At(m); s.Who != who || s.Why != why || !s.To.IsZero() && list[i].To.Before(to) && !s.To.Equal(list[i].To) {
						t.Fatalf("%s: the judge says %q (%s), At says\n%s", local, who, why, lines([]Stretch{s}))
					}
				}
			}
			if minute != 3*365*24*60 || c.zone != "Asia/Kolkata" && changes < 6 {
				t.Errorf("saw %d minutes and %d clock changes", minute, changes)
			}
		})
	}
}

// instant is when a zone's wall clock first shows a time or a later one, found by
// looking at it each minute of the two days around.
func instant(wall civil, z *time.Location) time.Time {
	from := wall.Add(-24 * time.Hour)
	for i := range 48 * 60 {
		if t := from.Add(time.Duration(i) * time.Minute).In(z); !shown(t).Before(wall) {
			return t
		}
	}
	return time.Time{}
}

// Shifts as they come, one within another, side by side and apart: the one that began
// last has the minute, of two that began together the shorter.
func TestOverlappingShifts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		begin := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
		minute := func(n int) time.Time { return begin.Add(time.Duration(n) * time.Minute) }
		var list []Shift
		for range rapid.IntRange(0, 12).Draw(rt, "shifts") {
			from := rapid.IntRange(0, 40).Draw(rt, "from")
			list = append(list, Shift{From: minute(from), To: minute(from + rapid.IntRange(-2, 30).Draw(rt, "length")),
				Who: rapid.SampledFrom([]string{nadia, omar, lea}).Draw(rt, "who")})
		}
		r := New(Spec{Zone: time.UTC, Shifts: list})
		for n := range 80 {
			var best *Shift
			for i := range list {
				s := &list[i]
				if s.From.After(minute(n)) || !minute(n).Before(s.To) {
					continue
				}
				if best == nil || s.From.After(best.From) || s.From.Equal(best.From) && !s.To.After(best.To) {
					best = s
				}
			}
			want := ""
			if best != nil {
				want = best.Who
			}
			if got := r.At(minute(n)); got.Who != want || (got.Why == Gap) != (want == "") {
				rt.Fatalf("minute %d: got %q, want %q of %v", n, got.Who, want, list)
			}
		}
	})
}

// What holds for every rota: its stretches cover the span, At agrees with them and ends
// where they end, a gap is nobody's, and handovers name everybody who is on call.
func TestLaws(t *testing.T) {
	zones := []string{"Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Sydney"}
	hours := map[string]*calendar.Calendar{}
	for _, name := range zones {
		hours[name] = nights(t, name)
	}
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(zones).Draw(rt, "zone")
		z := zone(t, name)
		second := func(label string) time.Time {
			return time.Unix(1_760_000_000+int64(rapid.IntRange(0, 40_000_000).Draw(rt, label)), 0).In(z)
		}
		spec := Spec{Zone: z, People: rapid.SliceOfN(rapid.SampledFrom([]string{nadia, omar, lea}), 1, 4).Draw(rt, "people"),
			Turn: time.Duration(rapid.IntRange(60, 20_000).Draw(rt, "turn")) * time.Minute, Since: second("since")}
		if rapid.Bool().Draw(rt, "nights") {
			spec.Hours = hours[name]
		}
		if from := second("override"); rapid.Bool().Draw(rt, "overridden") {
			spec.Overrides = []Shift{{From: from, To: from.Add(time.Duration(rapid.IntRange(1, 500_000).Draw(rt, "for")) * time.Second), Who: "mo@acme.example"}}
		}
		r := New(spec)
		from := second("from")
		to := from.Add(time.Duration(rapid.IntRange(1, 30*24*3600).Draw(rt, "span")) * time.Second)
		end := from
		called := map[string]bool{}
		for s := range r.Stretches(from, to) {
			if !s.From.Equal(end) || !s.To.After(s.From) || s.From.Location() != z || s.To.Location() != z {
				rt.Fatalf("after %s came\n%s", end, lines([]Stretch{s}))
			}
			if end = s.To; (s.Who == "") != (s.Why == Outside || s.Why == Gap) {
				rt.Fatalf("got\n%s", lines([]Stretch{s}))
			}
			if s.Who != "" {
				called[s.Who] = true
			}
			for _, t := range []time.Time{s.From, s.To.Add(-time.Second)} {
				if a := r.At(t); a.Who != s.Who || a.Why != s.Why || s.To.Before(to) && !a.To.Equal(s.To) {
					rt.Fatalf("At %s: got\n%swant\n%s", t, lines([]Stretch{a}), lines([]Stretch{s}))
				}
			}
		}
		if !end.Equal(to) {
			rt.Fatalf("the stretches end at %s, not at %s", end, to)
		}
		for _, s := range r.Handovers(from, to) {
			delete(called, s.Who)
		}
		if len(called) > 0 {
			rt.Fatalf("%v have no line of the handovers", called)
		}
		for _, s := range r.Gaps(from, to) {
			if a := r.At(s.From); a.Why != Gap {
				rt.Fatalf("got the gap\n%swhere At says\n%s", lines([]Stretch{s}), lines([]Stretch{a}))
			}
		}
	})
}
