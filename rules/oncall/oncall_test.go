package oncall

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/rules/calendar"
	"vigie/rules/words"
)

const (
	nadia = "nadia@acme.example"
	omar  = "omar@acme.example"
	lea   = "lea@acme.example"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := calendar.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func at(t testing.TB, text string, z *time.Location) time.Time {
	t.Helper()
	instant, err := words.ParseLocal(text, z)
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

func weekly(t testing.TB, zoneName string, hours map[time.Weekday][]string) *calendar.Calendar {
	t.Helper()
	c, err := calendar.New(calendar.Spec{Name: "hours", Zone: zoneName, Hours: hours})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// nights are the hours in which the team of 08:00-17:00 isn't there.
func nights(t testing.TB, zoneName string) *calendar.Calendar {
	hours := map[time.Weekday][]string{}
	for day := time.Monday; day <= time.Friday; day++ {
		hours[day] = []string{"00:00-08:00", "17:00-24:00"}
	}
	hours[time.Saturday], hours[time.Sunday] = []string{"00:00-24:00"}, []string{"00:00-24:00"}
	return weekly(t, zoneName, hours)
}

// lines are stretches as people read them.
func lines(list []Stretch) string {
	var b strings.Builder
	for _, s := range list {
		who, _, _ := strings.Cut(s.Who, "@")
		fmt.Fprintf(&b, "%s - %s %s %s\n", words.In("en").Moment(s.From), words.In("en").Moment(s.To), s.Why, who)
	}
	return b.String()
}

func same(t *testing.T, want, got string) {
	t.Helper()
	if diff := cmp.Diff(strings.ReplaceAll(strings.TrimLeft(want, "\n"), "\t", ""), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// support is the rota of the manual: two people, a week each, out of the team's hours.
func support(t testing.TB) *Rota {
	paris := zone(t, "Europe/Paris")
	return New(Spec{Name: "support", Zone: paris, People: []string{nadia, omar}, Turn: 7 * 24 * time.Hour,
		Since: at(t, "Mon 2026-11-30 08:00", paris), Hours: nights(t, "Europe/Paris"),
		Overrides: []Shift{{From: at(t, "Thu 2026-12-24 08:00", paris), To: at(t, "Sat 2026-12-26 08:00", paris), Who: lea}}})
}

func TestTheStretchesOfARota(t *testing.T) {
	r := support(t)
	same(t, `
		Sun 2026-11-29 12:00 CET - Mon 2026-11-30 08:00 CET gap 
		Mon 2026-11-30 08:00 CET - Mon 2026-11-30 17:00 CET outside_hours 
		Mon 2026-11-30 17:00 CET - Tue 2026-12-01 08:00 CET turn nadia
		Tue 2026-12-01 08:00 CET - Tue 2026-12-01 17:00 CET outside_hours 
		Tue 2026-12-01 17:00 CET - Tue 2026-12-01 20:00 CET turn nadia
		`, lines(slices.Collect(r.Stretches(at(t, "Sun 2026-11-29 12:00", r.Zone), at(t, "Tue 2026-12-01 20:00", r.Zone)))))
	// 25 December is a Friday: the stand-in is called within the hours, no more.
	same(t, `
		Wed 2026-12-23 20:00 CET - Thu 2026-12-24 08:00 CET turn omar
		Thu 2026-12-24 08:00 CET - Thu 2026-12-24 17:00 CET outside_hours 
		Thu 2026-12-24 17:00 CET - Fri 2026-12-25 08:00 CET override lea
		Fri 2026-12-25 08:00 CET - Fri 2026-12-25 17:00 CET outside_hours 
		Fri 2026-12-25 17:00 CET - Sat 2026-12-26 08:00 CET override lea
		Sat 2026-12-26 08:00 CET - Mon 2026-12-28 08:00 CET turn omar
		`, lines(slices.Collect(r.Stretches(at(t, "Wed 2026-12-23 20:00", r.Zone), at(t, "Mon 2026-12-28 08:00", r.Zone)))))
}

func TestHandoversLeaveClosedHoursOut(t *testing.T) {
	r := support(t)
	same(t, `
		Mon 2026-11-30 17:00 CET - Mon 2026-12-07 08:00 CET turn nadia
		Mon 2026-12-07 17:00 CET - Mon 2026-12-14 08:00 CET turn omar
		Mon 2026-12-14 17:00 CET - Mon 2026-12-21 08:00 CET turn nadia
		Mon 2026-12-21 17:00 CET - Thu 2026-12-24 08:00 CET turn omar
		Thu 2026-12-24 17:00 CET - Sat 2026-12-26 08:00 CET override lea
		Sat 2026-12-26 08:00 CET - Mon 2026-12-28 08:00 CET turn omar
		`, lines(r.Handovers(at(t, "Mon 2026-11-30 12:00", r.Zone), at(t, "Mon 2026-12-28 08:00", r.Zone))))
}

func TestAtAndNext(t *testing.T) {
	r := support(t)
	for _, c := range []struct{ at, who, why, until, next string }{
		{"Sun 2026-11-29 12:00", "", "gap", "Mon 2026-11-30 08:00 CET", "Mon 2026-11-30 17:00 CET " + nadia},
		{"Mon 2026-11-30 16:59:59", "", "outside_hours", "Mon 2026-11-30 17:00 CET", "Mon 2026-11-30 17:00 CET " + nadia},
		{"Mon 2026-11-30 17:00", nadia, "turn", "Tue 2026-12-01 08:00 CET", "Mon 2026-12-07 17:00 CET " + omar},
		{"Mon 2026-12-07 07:59:59", nadia, "turn", "Mon 2026-12-07 08:00 CET", "Mon 2026-12-07 17:00 CET " + omar},
		{"Wed 2026-12-23 23:00", omar, "turn", "Thu 2026-12-24 08:00 CET", "Thu 2026-12-24 17:00 CET " + lea},
		{"Fri 2026-12-25 20:00", lea, "override", "Sat 2026-12-26 08:00 CET", "Sat 2026-12-26 08:00 CET " + omar},
	} {
		now := at(t, c.at, r.Zone)
		s := r.At(now)
		if s.Who != c.who || string(s.Why) != c.why || words.In("en").Moment(s.To) != c.until || !s.From.Equal(now) {
			t.Errorf("%s: got %s", c.at, lines([]Stretch{s}))
		}
		next, ok := r.Next(now)
		if got := words.In("en").Moment(next.From) + " " + next.Who; !ok || got != c.next {
			t.Errorf("%s: got next %s, want %s", c.at, got, c.next)
		}
	}
}

func TestOneWhoIsAlwaysOnCall(t *testing.T) {
	utc := time.UTC
	r := New(Spec{Zone: utc, People: []string{nadia}, Turn: 24 * time.Hour, Since: at(t, "2026-01-01 00:00", utc)})
	if s := r.At(at(t, "2026-06-01 12:00", utc).Add(time.Second / 2)); s.Who != nadia || !s.To.IsZero() {
		t.Errorf("got %v", s)
	}
	if s, ok := r.Next(at(t, "2026-06-01 12:00", utc)); ok {
		t.Errorf("got a handover %v", s)
	}
}

// A rota that names nobody answers, and doesn't hang.
func TestNobodyAtAll(t *testing.T) {
	for _, r := range []*Rota{New(Spec{Zone: time.UTC}), New(Spec{Zone: time.UTC, People: []string{nadia}})} {
		if s := r.At(time.Unix(0, 0)); s.Who != "" || s.Why != Gap || !s.To.IsZero() {
			t.Errorf("got %v", s)
		}
	}
}

// Paris puts its clock forward on 2027-03-28 from 02:00 to 03:00, and back on
// 2026-10-25 from 03:00 to 02:00.
func TestHandoversAtAClockChange(t *testing.T) {
	paris := zone(t, "Europe/Paris")
	for _, c := range []struct {
		name, since, from, to string
		turn                  time.Duration
		want                  string
	}{
		{"a week has 167 hours, and ends at 08:00", "Mon 2027-03-15 08:00", "Mon 2027-03-22 08:00", "Mon 2027-04-05 08:00", 7 * 24 * time.Hour, `
			Mon 2027-03-22 08:00 CET - Mon 2027-03-29 08:00 CEST turn omar
			Mon 2027-03-29 08:00 CEST - Mon 2027-04-05 08:00 CEST turn nadia
			`},
		{"half a day has 11 hours, and ends at 08:00", "Sat 2027-03-27 08:00", "Sat 2027-03-27 08:00", "Sun 2027-03-28 20:00", 12 * time.Hour, `
			Sat 2027-03-27 08:00 CET - Sat 2027-03-27 20:00 CET turn nadia
			Sat 2027-03-27 20:00 CET - Sun 2027-03-28 08:00 CEST turn omar
			Sun 2027-03-28 08:00 CEST - Sun 2027-03-28 20:00 CEST turn nadia
			`},
		{"at a time that is skipped", "Fri 2027-03-26 02:30", "Sat 2027-03-27 02:30", "Mon 2027-03-29 02:30", 24 * time.Hour, `
			Sat 2027-03-27 02:30 CET - Sun 2027-03-28 03:00 CEST turn omar
			Sun 2027-03-28 03:00 CEST - Mon 2027-03-29 02:30 CEST turn nadia
			`},
		{"at a time that comes twice", "Fri 2026-10-23 02:30", "Sat 2026-10-24 02:30", "Mon 2026-10-26 02:30", 24 * time.Hour, `
			Sat 2026-10-24 02:30 CEST - Sun 2026-10-25 02:30 CEST turn omar
			Sun 2026-10-25 02:30 CEST - Mon 2026-10-26 02:30 CET turn nadia
			`},
		{"since the second of two such times", "Sun 2026-10-25 02:30 +01:00", "Sun 2026-10-25 02:00 +02:00", "Tue 2026-10-27 02:30", 24 * time.Hour, `
			Sun 2026-10-25 02:00 CEST - Sun 2026-10-25 02:30 CET gap 
			Sun 2026-10-25 02:30 CET - Mon 2026-10-26 02:30 CET turn nadia
			Mon 2026-10-26 02:30 CET - Tue 2026-10-27 02:30 CET turn omar
			`},
		{"a turn that is skipped", "Sun 2027-03-28 01:00", "Sun 2027-03-28 01:00", "Sun 2027-03-28 05:00", 30 * time.Minute, `
			Sun 2027-03-28 01:00 CET - Sun 2027-03-28 01:30 CET turn nadia
			Sun 2027-03-28 01:30 CET - Sun 2027-03-28 03:00 CEST turn omar
			Sun 2027-03-28 03:00 CEST - Sun 2027-03-28 03:30 CEST turn nadia
			Sun 2027-03-28 03:30 CEST - Sun 2027-03-28 04:00 CEST turn omar
			Sun 2027-03-28 04:00 CEST - Sun 2027-03-28 04:30 CEST turn nadia
			Sun 2027-03-28 04:30 CEST - Sun 2027-03-28 05:00 CEST turn omar
			`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := New(Spec{Zone: paris, People: []string{nadia, omar}, Turn: c.turn, Since: at(t, c.since, paris)})
			same(t, c.want, lines(r.Handovers(at(t, c.from, paris), at(t, c.to, paris))))
		})
	}
}

func TestGaps(t *testing.T) {
	r := support(t)
	from, to := at(t, "Mon 2026-12-21 00:00", r.Zone), at(t, "Mon 2026-12-28 08:00", r.Zone)
	if list := r.Gaps(from, to); len(list) > 0 {
		t.Errorf("got gaps\n%s", lines(list))
	}
	// The team's holiday is nobody's: it is away, and no one is on call.
	berlin, err := calendar.New(calendar.Spec{Name: "berlin", Zone: "Europe/Berlin", Holidays: []string{"DE"},
		Hours: map[time.Weekday][]string{1: {"09:00-17:00"}, 2: {"08:00-17:00"}, 3: {"08:00-17:00"}, 4: {"08:00-17:00"}, 5: {"08:00-17:00"}}})
	if err != nil {
		t.Fatal(err)
	}
	same(t, `
		Mon 2026-12-21 08:00 CET - Mon 2026-12-21 09:00 CET outside_hours 
		Fri 2026-12-25 08:00 CET - Fri 2026-12-25 17:00 CET outside_hours 
		`, lines(r.Gaps(from, to, berlin)))
	pune := weekly(t, "Asia/Kolkata", map[time.Weekday][]string{1: {"09:00-18:00"}, 5: {"09:00-18:00"}}) // until 13:30 in Paris
	same(t, `
		Fri 2026-12-25 13:30 CET - Fri 2026-12-25 17:00 CET outside_hours 
		`, lines(r.Gaps(from, to, berlin, pune)))
}

// With a turn of a day and hours at week-ends, five of seven are never called.
func TestIdle(t *testing.T) {
	utc := time.UTC
	people := []string{"mo@acme.example", "tu@acme.example", "we@acme.example", "th@acme.example", "fr@acme.example", "sa@acme.example", "su@acme.example"}
	r := New(Spec{Zone: utc, People: people, Turn: 24 * time.Hour, Since: at(t, "Mon 2026-11-30 00:00", utc),
		Hours: weekly(t, "UTC", map[time.Weekday][]string{6: {"00:00-24:00"}, 0: {"00:00-24:00"}})})
	if diff := cmp.Diff(people[:5], r.Idle(at(t, "2026-12-01 00:00", utc), at(t, "2027-12-01 00:00", utc))); diff != "" {
		t.Error(diff)
	}
}

// A week that three share by a file: one is away from the second on, and nobody else
// is entered for a day; a stand-in lies over the first.
func TestShiftsOfAFile(t *testing.T) {
	paris := zone(t, "Europe/Paris")
	shifts, err := calendar.ReadShifts([]byte(strings.Join([]string{"BEGIN:VCALENDAR",
		"BEGIN:VEVENT", "SUMMARY:On call: " + nadia, "DTSTART;TZID=Europe/Paris:20261130T080000", "DTEND;TZID=Europe/Paris:20261204T080000", "END:VEVENT",
		"BEGIN:VEVENT", "SUMMARY:Omar stands in", "ATTENDEE;CN=Omar:mailto:" + omar, "DTSTART:20261201T170000Z", "DTEND:20261202T050000Z", "END:VEVENT",
		"BEGIN:VEVENT", "SUMMARY:" + lea, "DTSTART;VALUE=DATE:20261205", "DTEND;VALUE=DATE:20261207", "END:VEVENT",
		"END:VCALENDAR"}, "\r\n")), paris)
	if err != nil {
		t.Fatal(err)
	}
	r := New(Spec{Zone: paris, Shifts: shifts})
	same(t, `
		Mon 2026-11-30 08:00 CET - Tue 2026-12-01 18:00 CET turn nadia
		Tue 2026-12-01 18:00 CET - Wed 2026-12-02 06:00 CET turn omar
		Wed 2026-12-02 06:00 CET - Fri 2026-12-04 08:00 CET turn nadia
		Fri 2026-12-04 08:00 CET - Sat 2026-12-05 00:00 CET gap 
		Sat 2026-12-05 00:00 CET - Mon 2026-12-07 00:00 CET turn lea
		Mon 2026-12-07 00:00 CET - Tue 2026-12-08 00:00 CET gap 
		`, lines(slices.Collect(r.Stretches(at(t, "Mon 2026-11-30 08:00", paris), at(t, "Tue 2026-12-08 00:00", paris)))))
}
