package report_test

import (
	"strings"
	"testing"
	"time"

	"vigie/rules/calendar"
	"vigie/rules/report"
)

func TestParts(t *testing.T) {
	zone, err := calendar.LoadZone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, first, last, parts string }{
		{"a month has weeks", "2026-10-01", "2026-10-31", "10-01 10-05 10-12 10-19 10-26"}, // the clocks change on the 25th
		{"which begin on Mondays", "2026-06-01", "2026-06-30", "06-01 06-08 06-15 06-22 06-29"},
		{"a day is a part", "2026-11-30", "2026-11-30", "11-30"},
		{"any thirty days have weeks", "2026-11-10", "2026-12-09", "11-10 11-16 11-23 11-30 12-07"},
		{"more than a month has months", "2026-01-15", "2026-03-10", "01-15 02-01 03-01"},
		{"a year has twelve", "2026-01-01", "2026-12-31", "01-01 02-01 03-01 04-01 05-01 06-01 07-01 08-01 09-01 10-01 11-01 12-01"},
		{"more than twelve months have quarters", "2025-12-01", "2026-12-31", "12-01 01-01 04-01 07-01 10-01"},
		{"ten years have years", "2017-02-01", "2026-12-31", "02-01 01-01 01-01 01-01 01-01 01-01 01-01 01-01 01-01 01-01"},
	} {
		from, to, err := report.Days(c.first, c.last, zone)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		last := from
		for _, p := range report.Parts(from, to) {
			if !p.From.Equal(last) || !p.To.After(p.From) {
				t.Errorf("%s: a part from %s to %s follows %s", c.name, p.From, p.To, last)
			}
			got, last = append(got, p.From.Format("01-02")), p.To
		}
		if strings.Join(got, " ") != c.parts || !last.Equal(to) {
			t.Errorf("%s: %v until %s, want %s", c.name, got, last.Format(time.DateOnly), c.parts)
		}
	}
}
