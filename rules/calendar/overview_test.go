package calendar

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOverview(t *testing.T) {
	spec := Spec{
		Zone: "Europe/Paris", Hours: hours("fri", "08:00-12:00", "22:00-06:00"), Holidays: []string{"FR"},
		Special:  map[string][]string{"2026-12-24": {"09:00-12:00"}, "2026-12-31": {}},
		Versions: []Version{{From: NewDate(2027, 1, 1), Hours: hours("mon", "00:00-24:00")}},
	}
	c := must(t, spec)
	from, to := NewDate(2026, 12, 1), NewDate(2027, 11, 30)

	for _, want := range []struct {
		on   Date
		week [7][]string
	}{
		{from, [7][]string{5: {"08:00-12:00", "22:00-24:00"}, 6: {"00:00-06:00"}}},
		{NewDate(2027, 1, 1), [7][]string{1: {"00:00-24:00"}}},
	} {
		if diff := cmp.Diff(want.week, c.Week(want.on)); diff != "" {
			t.Errorf("week of %s (-want +got):\n%s", want.on, diff)
		}
	}
	special := []DatedHours{{NewDate(2026, 12, 24), []string{"09:00-12:00"}}, {NewDate(2026, 12, 31), nil}}
	if diff := cmp.Diff(special, c.SpecialHours(from, to)); diff != "" {
		t.Errorf("special hours (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Date{NewDate(2027, 1, 1)}, c.Changes(from, to)); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

func TestListings(t *testing.T) {
	files := map[string][]byte{
		"listed.ics":  vevent("DTSTART:20261224", "DTEND:20270102"),
		"endless.ics": vevent("DTSTART:20260601", "RRULE:FREQ=YEARLY"),
		"none.ics":    ics(),
	}
	c := must(t, Spec{
		Zone: "Europe/Paris", Hours: hours("mon-fri", "09:00-17:00"), Files: files,
		Holidays: []string{"FR", "listed.ics", "endless.ics"},
		Versions: []Version{
			{From: NewDate(2027, 1, 1), Special: map[string][]string{}},
			{From: NewDate(2028, 1, 1), Holidays: []string{"none.ics"}},
		},
	})
	for _, tc := range []struct {
		from, to Date
		want     []Listing
	}{
		{NewDate(2026, 11, 1), NewDate(2027, 10, 31), []Listing{{"listed.ics", NewDate(2027, 1, 1), false}, {"endless.ics", 0, true}}},
		{NewDate(2028, 1, 1), NewDate(2028, 12, 31), []Listing{{"none.ics", 0, false}}},
	} {
		if diff := cmp.Diff(tc.want, c.Listings(tc.from, tc.to)); diff != "" {
			t.Errorf("%s to %s (-want +got):\n%s", tc.from, tc.to, diff)
		}
	}
}
