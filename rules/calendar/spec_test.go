package calendar

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// found lists the problems that an error joins, by field.
func found(t *testing.T, err error) map[string]string {
	t.Helper()
	list := map[string]string{}
	if err == nil {
		return list
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("%T isn't joined", err)
	}
	for _, err := range joined.Unwrap() {
		p, ok := err.(*Problem)
		if !ok {
			t.Fatalf("%T is no problem", err)
		}
		list[p.Field] = p.Text
	}
	return list
}

func TestProblems(t *testing.T) {
	good := func(change func(*Spec)) Spec {
		s := Spec{Name: "support", Zone: "Europe/Paris", Hours: hours("mon-fri", "09:00-17:00")}
		change(&s)
		return s
	}
	monday := func(intervals ...string) Spec {
		return good(func(s *Spec) { s.Hours = hours("mon", intervals...) })
	}
	zone := func(name string) Spec { return good(func(s *Spec) { s.Zone = name }) }
	closed := func(entries ...string) Spec { return good(func(s *Spec) { s.Holidays = entries }) }
	special := func(date string, intervals ...string) Spec {
		return good(func(s *Spec) { s.Special = map[string][]string{date: intervals} })
	}
	versions := func(list ...Version) Spec { return good(func(s *Spec) { s.Versions = list }) }
	for _, tc := range []struct {
		name  string
		spec  Spec
		field string // empty: no problem
		text  string // part of it
	}{
		{"no zone", zone(""), "zone", "Europe/Paris or Europe/Berlin"},
		{"bare CET", zone("CET"), "zone", "Europe/Paris or Europe/Berlin"},
		{"bare EST", zone("EST"), "zone", "America/New_York"},
		{"an offset", zone("GMT+1"), "zone", "Europe/Paris or Europe/Berlin"},
		{"an offset of Etc", zone("Etc/GMT-1"), "zone", "Europe/Paris or Europe/Berlin"},
		{"Local", zone("Local"), "zone", "write a city"},
		{"a zone with leap seconds", zone("right/Europe/Paris"), "zone", "write a city"},
		{"no such city", zone("Europe/Pariss"), "zone", `"Europe/Pariss" is no time zone`},
		{"a path", zone("../Paris"), "zone", "is no time zone"},
		{"UTC", zone("UTC"), "", ""},
		{"a city of three parts", zone("America/Argentina/Ushuaia"), "", ""},

		{"zero length", monday("17:00-17:00"), "hours.mon", "is empty"},
		{"a whole day", monday("00:00-24:00"), "", ""},
		{"a night", monday("22:00-06:00"), "", ""},
		{"no interval", monday("nine to five"), "hours.mon", `write one such as "09:00-17:00"`},
		{"one digit", monday("9:00-17:00"), "hours.mon", `write one such as "09:00-17:00"`},
		{"a dash", monday("09:00–17:00"), "hours.mon", `write one such as "09:00-17:00"`},
		{"hour 25", monday("09:00-25:00"), "hours.mon", "is no interval"},
		{"24:30", monday("09:00-24:30"), "hours.mon", "is no interval"},
		{"minute 60", monday("09:60-17:00"), "hours.mon", "is no interval"},
		{"start at 24:00", monday("24:00-06:00"), "hours.mon", "only an end"},
		{"overlap", monday("09:00-13:00", "12:00-17:00"), "hours.mon", `"12:00-17:00" overlaps "09:00-13:00"`},
		{"overlap by a night", monday("18:00-06:00", "23:00-24:00"), "hours.mon", `"23:00-24:00" overlaps "18:00-06:00"`},
		{"touching", monday("13:00-17:00", "09:00-13:00"), "", ""},
		{"tail overlaps the next day", good(func(s *Spec) {
			s.Hours = map[time.Weekday][]string{time.Monday: {"22:00-06:00"}, time.Tuesday: {"05:00-09:00"}}
		}), "hours.tue", `"05:00-09:00" overlaps "22:00-06:00" of mon`},
		{"Saturday's tail overlaps Sunday", good(func(s *Spec) {
			s.Hours = map[time.Weekday][]string{time.Saturday: {"22:00-06:00"}, time.Sunday: {"05:00-09:00"}}
		}), "hours.sun", "overlaps"},
		{"tail touches the next day", good(func(s *Spec) {
			s.Hours = map[time.Weekday][]string{time.Monday: {"22:00-06:00"}, time.Tuesday: {"06:00-09:00"}}
		}), "", ""},
		{"weekday 7", good(func(s *Spec) { s.Hours[7] = []string{"09:00-17:00"} }), "hours", "weekday 7"},
		{"no hours at all", good(func(s *Spec) { s.Hours = nil }), "hours", "no open hours at all"},
		{"empty lists only", monday(), "hours", "no open hours at all"},
		{"special hours only", good(func(s *Spec) { s.Hours, s.Special = nil, map[string][]string{"2026-12-24": {"09:00-12:00"}} }), "", ""},

		{"unknown region", closed("FR", "DE-XX"), "holidays[1]", "DE-BW, DE-BY"},
		{"lower case", closed("fr"), "holidays[0]", "is no region that is known: write one of FR, FR-57"},
		{"unknown country", closed("XX-1"), "holidays[0]", "write one of AT, BE, CA, CH, DE, ES, FR, GB, IE, IT, LU, NL, PL, PT, US, a date"},
		{"no such date", closed("2026-02-30"), "holidays[0]", "is no date"},
		{"no such date to take away", closed("-2026-02-30"), "holidays[0]", "is no date"},
		{"a region to take away", closed("-FR"), "holidays[0]", "is no region"},
		{"a file that wasn't read", closed("acme.ics"), "holidays[0]", `file "acme.ics" wasn't read`},
		{"special without a date", special("24 December", "09:00-12:00"), "special.24 December", "is no date"},
		{"special over midnight", special("2026-12-24", "22:00-06:00"), "special.2026-12-24", "end it at 24:00"},
		{"special of zero length", special("2026-12-24", "09:00-09:00"), "special.2026-12-24", "is empty"},
		{"special overlapping", special("2026-12-24", "09:00-12:00", "11:00-13:00"), "special.2026-12-24", "overlaps"},
		{"special closed", special("2026-12-24"), "", ""},

		{"version without a date", versions(Version{}), "versions[0].from", "is missing"},
		{"two versions of a date", versions(Version{From: date(t, "2027-01-01")}, Version{From: date(t, "2027-01-01")}),
			"versions[1].from", "2027-01-01"},
		{"version with a bad interval", versions(Version{From: date(t, "2027-01-01"), Hours: hours("fri", "17:00-17:00")}),
			"versions[0].hours.fri", "is empty"},
		{"a region's gap before a version", good(func(s *Spec) {
			s.Versions = []Version{{From: date(t, "1990-01-01"), Holidays: []string{"DE"}}}
		}), "versions[0].holidays", "DE is known from 1995 to 2099"},
		{"a region's gap after a version", good(func(s *Spec) {
			s.Holidays = []string{"FR"}
			s.Versions = []Version{{From: date(t, "2120-01-01"), Holidays: []string{}}}
		}), "holidays", "FR is known from 1982 to 2099"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := New(tc.spec)
			got := found(t, err)
			if tc.field == "" {
				if err != nil {
					t.Errorf("got %v, want no problem", err)
				}
				return
			}
			if len(got) != 1 || !strings.Contains(got[tc.field], tc.text) {
				t.Errorf("got %v, want %s: …%s…", got, tc.field, tc.text)
			}
		})
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	_, err := New(Spec{
		Zone: "CET", Hours: map[time.Weekday][]string{time.Monday: {"17:00-17:00"}, time.Friday: {"x"}},
		Holidays: []string{"FR", "XX"}, Special: map[string][]string{"2026-12-24": {"22:00-02:00"}},
		Versions: []Version{{From: date(t, "2027-01-01"), Holidays: []string{"YY"}}},
	})
	want := []string{"holidays[1]", "hours.fri", "hours.mon", "special.2026-12-24", "versions[0].holidays[0]", "zone"}
	if got := slices.Sorted(maps.Keys(found(t, err))); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
