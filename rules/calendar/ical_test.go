package calendar

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func ics(lines ...string) []byte {
	return []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCALENDAR\r\n")
}

func vevent(lines ...string) []byte {
	return ics(slices.Concat([]string{"BEGIN:VEVENT"}, lines, []string{"END:VEVENT"})...)
}

func TestICal(t *testing.T) {
	for _, tc := range []struct {
		name string
		file []byte
		want string // closed from 2026 to 2028
	}{
		{"a day", vevent("DTSTART;VALUE=DATE:20260601", "DTEND;VALUE=DATE:20260602"), "2026-06-01"},
		{"a day without an end", vevent("DTSTART:20260601"), "2026-06-01"},
		{"a day that ends on itself", vevent("DTSTART;VALUE=DATE:20260601", "DTEND;VALUE=DATE:20260601"), "2026-06-01"},
		{"over New Year, the end left out", vevent("DTSTART;VALUE=DATE:20261230", "DTEND;VALUE=DATE:20270102"),
			"2026-12-30 2026-12-31 2027-01-01"},
		{"cancelled", vevent("DTSTART;VALUE=DATE:20260601", "STATUS:CANCELLED"), ""},
		{"each year", vevent("DTSTART;VALUE=DATE:20200601", "RRULE:FREQ=YEARLY"), "2026-06-01 2027-06-01 2028-06-01"},
		{"each year but one", vevent("DTSTART;VALUE=DATE:20200601", "RRULE:FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=1", "EXDATE;VALUE=DATE:20270601"),
			"2026-06-01 2028-06-01"},
		{"several exceptions", vevent("DTSTART;VALUE=DATE:20200601", "RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20260601,20270601", "EXDATE;VALUE=DATE:20200601"),
			"2028-06-01"},
		{"each year until", vevent("DTSTART;VALUE=DATE:20200601", "RRULE:FREQ=YEARLY;UNTIL=20270601"), "2026-06-01 2027-06-01"},
		{"seven times", vevent("DTSTART;VALUE=DATE:20200601", "RRULE:FREQ=YEARLY;COUNT=7"), "2026-06-01"},
		{"on leap days", vevent("DTSTART;VALUE=DATE:20240229", "RRULE:FREQ=YEARLY"), "2028-02-29"},
		{"over New Year each year", vevent("DTSTART;VALUE=DATE:20241231", "DTEND;VALUE=DATE:20250102", "RRULE:FREQ=YEARLY;COUNT=3"),
			"2026-01-01 2026-12-31 2027-01-01"},
		{"folded lines and an alarm", vevent("SUMMARY:Acme is", "  closed", "DTSTART;VALUE=", " DATE:20260601", "BEGIN:VALARM", "DTSTART:x", "END:VALARM"), "2026-06-01"},
		{"zones beside the events", ics("BEGIN:VTIMEZONE", "DTSTART:16010101T000000", "END:VTIMEZONE", "BEGIN:VEVENT", "DTSTART:20260601", "END:VEVENT"), "2026-06-01"},
		{"an empty calendar", ics(), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := must(t, Spec{
				Zone: "Europe/Paris", Hours: hours("mon-fri", "09:00-17:00"),
				Holidays: []string{"acme.ics"}, Files: map[string][]byte{"acme.ics": tc.file},
			})
			var got []string
			for _, h := range c.Holidays(NewDate(2026, time.January, 1), NewDate(2028, time.December, 31)) {
				got = append(got, h.Date.String())
			}
			if strings.Join(got, " ") != tc.want {
				t.Errorf("got %v, want %s", got, tc.want)
			}
		})
	}
}

func TestICalNames(t *testing.T) {
	f, err := readICal(vevent(`SUMMARY:Acme\, Lyon: closed`, "DTSTART;VALUE=DATE:20260601"))
	if got := f[date(t, "2026-06-01")].EN; err != nil || got != "Acme, Lyon: closed" {
		t.Errorf("got %q (%v)", got, err)
	}
}

func TestICalRefused(t *testing.T) {
	for _, tc := range []struct {
		name string
		file []byte
		want string
	}{
		{"another file", []byte("date,name\n2026-06-01,Acme"), "BEGIN:VCALENDAR is missing"},
		{"a time of day", vevent("SUMMARY:Stand-up", "DTSTART:20260601T090000Z"), `event "Stand-up" (20260601T090000Z)`},
		{"no date", vevent("SUMMARY:Acme"), "is no date"},
		{"no end of the event", ics("BEGIN:VEVENT", "SUMMARY:Acme", "DTSTART:20260601"), `event "Acme" doesn't end`},
		{"cut off", []byte("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Acme\n"), `event "Acme" doesn't end`},
		{"each week", vevent("DTSTART:20260601", "RRULE:FREQ=WEEKLY"), "FREQ=WEEKLY"},
		{"each second year", vevent("DTSTART:20260601", "RRULE:FREQ=YEARLY;INTERVAL=2"), "INTERVAL=2"},
		{"another date each year", vevent("DTSTART:20260601", "RRULE:FREQ=YEARLY;BYMONTH=6;BYDAY=1MO"), "BYDAY=1MO"},
		{"a rule without a frequency", vevent("DTSTART:20260601", "RRULE:COUNT=3"), "COUNT=3"},
		{"more dates", vevent("DTSTART:20260601", "RDATE:20260701"), "RDATE"},
		{"a changed repetition", vevent("DTSTART:20260601", "RECURRENCE-ID:20260602"), "RECURRENCE-ID"},
		{"decades", vevent("DTSTART:20260601", "DTEND:99991231"), "longer than a year"},
	} {
		_, err := New(Spec{
			Zone: "Europe/Paris", Hours: hours("mon-fri", "09:00-17:00"),
			Holidays: []string{"acme.ics"}, Files: map[string][]byte{"acme.ics": tc.file},
		})
		if got := found(t, err)["holidays[0]"]; !strings.Contains(got, tc.want) || !strings.Contains(got, "acme.ics") {
			t.Errorf("%s: got %q, want %q in it", tc.name, got, tc.want)
		}
	}
}

func FuzzICal(f *testing.F) {
	f.Add(vevent("SUMMARY:Acme", "DTSTART;VALUE=DATE:20260601", "DTEND;VALUE=DATE:20260603", "RRULE:FREQ=YEARLY;COUNT=3", "EXDATE:20270601"))
	f.Add(ics("BEGIN:VEVENT", "BEGIN:VALARM", "END:VALARM", "END:VEVENT"))
	f.Add([]byte("BEGIN:VCALENDAR\n \n\tEND:"))
	f.Fuzz(func(t *testing.T, content []byte) {
		closed, err := readICal(content)
		if err != nil {
			if closed != nil {
				t.Error("dates in spite of an error")
			}
			return
		}
		closed.inYear(2026, func(d Date, _ Name) {
			if d.Year() != 2026 {
				t.Errorf("%s isn't in 2026", d)
			}
		})
	})
}
