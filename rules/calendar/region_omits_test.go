package calendar

import (
	"slices"
	"strings"
	"testing"
)

func TestOmissions(t *testing.T) {
	for _, tc := range []struct {
		holidays []string
		want     []string // parts of what is said in English, in order; none: nothing is
	}{
		{[]string{"GB"}, []string{"GB: the days of its parts alone (Easter Monday, Summer bank holiday, St Patrick’s Day, Battle of the Boyne, St Andrew’s Day, 2nd January); write the one where the team works: GB-ENG, GB-NIR, GB-SCT, GB-WLS"}},
		{[]string{"GB-SCT"}, nil},
		{[]string{"GB", "GB-ENG"}, nil},
		{[]string{"CH"}, []string{"CH: the days of its parts alone (Good Friday, "}},
		{[]string{"CH-ZH"}, nil},
		{[]string{"CH-JU"}, []string{"CH-JU: 23 June"}},
		{[]string{"DE"}, []string{"DE: the days of its parts alone ("}},
		{[]string{"DE-BY"}, []string{"DE-BY: the Augsburg peace festival (8 August); the Assumption (15 August) is counted"}},
		{[]string{"DE-BW"}, nil},
		{[]string{"FR"}, []string{"FR: the days of its parts alone ("}},
		{[]string{"CA"}, []string{"CA: the days of its parts alone (", "CA: the days of the provinces"}},
		{[]string{"US", "IT"}, []string{"US: the states’ own", "IT: the commune’s patron saint"}},
		{[]string{"2027-05-14"}, nil},
	} {
		c := must(t, Spec{Zone: "Europe/Paris", Hours: hours("mon-fri", "09:00-17:00"), Holidays: tc.holidays})
		got := c.Omissions(date(t, "2026-11-30"), date(t, "2027-11-29"))
		same := slices.EqualFunc(got, tc.want, func(o Omission, want string) bool { return strings.HasPrefix(o.Region+": "+o.EN, want) && o.FR != "" })
		if !same {
			t.Errorf("%q: got %q, want %q", tc.holidays, got, tc.want)
		}
	}
}

// What is left out is said of regions that there are, of each in one place.
func TestOmissionsAreOfRegions(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range omissions {
		for _, code := range strings.Fields(o.Region) {
			if _, ok := tables[code]; !ok || seen[code] {
				t.Errorf("%q is no region, or stands twice", code)
			}
			seen[code] = true
		}
		if o.FR == "" || o.EN == "" {
			t.Errorf("%s: a language is missing", o.Region)
		}
	}
}
