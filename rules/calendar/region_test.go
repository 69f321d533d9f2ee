package calendar

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// easters are the Easter Sundays that the churches publish.
var easters = []string{
	"2020-04-12", "2021-04-04", "2022-04-17", "2023-04-09", "2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28",
	"2028-04-16", "2029-04-01", "2030-04-21", "2031-04-13", "2032-03-28", "2033-04-17", "2034-04-09", "2035-03-25",
	"1981-04-19", "1954-04-18", "2038-04-25", "2049-04-18", "2076-04-19", "2285-03-22", // the corners of the rule
}

func TestEaster(t *testing.T) {
	for _, text := range easters {
		want := date(t, text)
		if got := easterSunday(want.Year()); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// closedDates lists the holidays of a region in a year, as "01-01".
func closedDates(t *testing.T, code string, year int) []string {
	t.Helper()
	c := must(t, Spec{Zone: "Europe/Berlin", Hours: hours("mon-fri", "09:00-17:00"), Holidays: []string{code}})
	var list []string
	for _, h := range c.Holidays(NewDate(year, 1, 1), NewDate(year, 12, 31)) {
		list = append(list, h.Date.String()[len("2026-"):])
	}
	return list
}

// expected puts fixed dates and days after Easter together.
func expected(easter Date, after []int, fixed ...string) []string {
	for _, days := range after {
		fixed = append(fixed, (easter + Date(days)).String()[len("2026-"):])
	}
	slices.Sort(fixed)
	return slices.Compact(fixed)
}

func TestFranceAndGermany2020To2035(t *testing.T) {
	for _, text := range easters[:16] {
		easter := date(t, text)
		year := easter.Year()
		for code, want := range map[string][]string{
			"FR": expected(easter, []int{1, 39, 50}, "01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25"),
			"DE": expected(easter, []int{-2, 1, 39, 50}, "01-01", "05-01", "10-03", "12-25", "12-26"),
		} {
			if diff := cmp.Diff(want, closedDates(t, code, year)); diff != "" {
				t.Errorf("%s %d: -want +got\n%s", code, year, diff)
			}
		}
	}
}

// What each part of a country has besides the whole.
func TestParts(t *testing.T) {
	for _, tc := range []struct {
		code string
		year int
		want string
	}{
		{"FR-57", 2026, "04-03 12-26"},
		{"FR-67", 2026, "04-03 12-26"},
		{"FR-68", 2026, "04-03 12-26"},
		{"DE-BB", 2026, "04-05 05-24 10-31"},
		{"DE-BE", 2018, ""},
		{"DE-BE", 2019, "03-08"},
		{"DE-BE", 2020, "03-08 05-08"},
		{"DE-BE", 2025, "03-08 05-08"},
		{"DE-BE", 2026, "03-08"},
		{"DE-BE", 2028, "03-08 06-17"},
		{"DE-BW", 2026, "01-06 06-04 11-01"},
		{"DE-BY", 2026, "01-06 06-04 08-15 11-01"}, // without Augsburg's 08-08
		{"DE-HB", 2017, ""},
		{"DE-HB", 2018, "10-31"},
		{"DE-HE", 2026, "06-04"},
		{"DE-HH", 2017, ""},
		{"DE-HH", 2018, "10-31"},
		{"DE-MV", 2022, "10-31"},
		{"DE-MV", 2023, "03-08 10-31"},
		{"DE-NI", 2018, "10-31"},
		{"DE-NW", 2026, "06-04 11-01"},
		{"DE-RP", 2026, "06-04 11-01"},
		{"DE-SH", 2018, "10-31"},
		{"DE-SL", 2026, "06-04 08-15 11-01"},
		{"DE-SN", 2022, "10-31 11-16"}, // the earliest Buß- und Bettag
		{"DE-SN", 2023, "10-31 11-22"}, // the latest
		{"DE-SN", 2026, "10-31 11-18"},
		{"DE-ST", 2026, "01-06 10-31"},
		{"DE-TH", 2018, "10-31"},
		{"DE-TH", 2019, "09-20 10-31"},
		{"FR-971", 2026, "05-27"},
		{"FR-972", 2026, "05-22"},
		{"FR-973", 2026, "06-10"},
		{"FR-974", 2026, "12-20"},
		{"FR-976", 2026, "04-27"},
		{"FR-BL", 2026, "10-09"},
		{"FR-MF", 2026, "05-28"},
		{"GB-SCT", 2025, "01-02 08-04 11-30 12-01"},
		{"GB-SCT", 2026, "01-02 06-15 08-03 11-30"},
	} {
		whole := closedDates(t, tc.code[:2], tc.year)
		var got []string
		for _, d := range closedDates(t, tc.code, tc.year) {
			if !slices.Contains(whole, d) {
				got = append(got, d)
			}
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s %d: got %v, want %s", tc.code, tc.year, got, tc.want)
		}
	}
}

func TestRegionTables(t *testing.T) {
	states, cantons := 0, 0
	for _, code := range Regions() {
		r := tables[code]
		if strings.HasPrefix(code, "DE-") {
			states++
		}
		// Besides the 1 August a canton may make eight days equal to Sundays
		// (Arbeitsgesetz, art. 20a).
		if strings.HasPrefix(code, "CH-") {
			cantons++
			if n := len(closedDates(t, code, 2028)) - 1; n > 8 && code != "CH-GL" {
				t.Errorf("%s has %d holidays, the law allows 8", code, n)
			}
		}
		if parent, ok := tables[r.within]; r.within != "" && (!ok || r.from < parent.from || r.until > parent.until) {
			t.Errorf("%s answers for years that %s doesn't", code, r.within)
		}
		for _, h := range r.holidays {
			if h.name.FR == "" || h.name.EN == "" || h.name.Local == "" {
				t.Errorf("%s: a name is missing in %+v", code, h.name)
			}
		}
	}
	if states != 16 || cantons != 26 {
		t.Errorf("Germany has %d states and Switzerland %d cantons, want 16 and 26", states, cantons)
	}
}

func TestHolidayNames(t *testing.T) {
	c := must(t, Spec{
		Zone: "Europe/Berlin", Hours: hours("mon-fri", "09:00-17:00"),
		Holidays: []string{"DE-BW", "GB", "2026-12-24", "-2026-05-25", "2026-05-01"},
	})
	for _, tc := range []struct{ date, want string }{
		{"2026-10-03", "Tag der Deutschen Einheit"},
		{"2026-11-01", "Allerheiligen"},
		{"2026-12-24", "closing day"},
		{"2026-05-25", ""},               // taken away from both regions
		{"2026-05-01", "Tag der Arbeit"}, // a region's name rather than none
		{"2026-12-25", "1. Weihnachtstag"},
		{"2026-12-28", "Boxing Day (substitute day)"},
		{"2026-11-27", ""},
		{"2150-12-25", ""}, // beyond what is known
	} {
		if got, ok := c.HolidayOn(date(t, tc.date)); got.Local != tc.want || ok != (tc.want != "") {
			t.Errorf("%s: got %q, %v, want %q", tc.date, got.Local, ok, tc.want)
		}
	}
	fr := must(t, paris)
	if got, _ := fr.HolidayOn(date(t, "2026-11-11")); got != (Name{"11 Novembre / Armistice", "Armistice Day", "11 Novembre / Armistice"}) {
		t.Errorf("got %+v", got)
	}
}

func TestDate(t *testing.T) {
	for text, weekday := range map[string]time.Weekday{
		"1970-01-01": time.Thursday, "1969-12-31": time.Wednesday, "2026-11-29": time.Sunday, "2024-02-29": time.Thursday,
	} {
		d := date(t, text)
		if d.String() != text || d.Weekday() != weekday {
			t.Errorf("got %s, a %s, want %s, a %s", d, d.Weekday(), text, weekday)
		}
	}
	if got := DateOf(at(t, "2026-11-29 23:30 -05:00")); got != date(t, "2026-11-29") {
		t.Errorf("got %s, want the local date", got)
	}
}
