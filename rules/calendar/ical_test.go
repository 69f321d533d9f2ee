package calendar

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

func ics(lines ...string) []byte {
	return []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCALENDAR\r\n")
}

func vevent(lines ...string) []byte {
	return ics(slices.Concat([]string{"BEGIN:VEVENT"}, lines, []string{"END:VEVENT"})...)
}

func TestICal(t *testing.T) {
	utf16le := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(string(vevent("SUMMARY:Fête", "DTSTART:20260601")))) {
		utf16le = append(utf16le, byte(u), byte(u>>8))
	}
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
		{"a number of days", vevent("DTSTART:20260601", "DURATION:P2D"), "2026-06-01 2026-06-02"},
		{"a week", vevent("DTSTART:20261228", "DURATION:P1W"),
			"2026-12-28 2026-12-29 2026-12-30 2026-12-31 2027-01-01 2027-01-02 2027-01-03"},
		{"cancelled", vevent("DTSTART;VALUE=DATE:20260601", "STATUS:CANCELLED"), ""},
		{"transparent, as public feeds are", vevent("DTSTART;VALUE=DATE:20260601", "TRANSP:TRANSPARENT"), "2026-06-01"},

		{"from midnight to midnight", vevent("DTSTART;TZID=Europe/Paris:20260601T000000", "DTEND;TZID=Europe/Paris:20260603T000000"),
			"2026-06-01 2026-06-02"},
		{"from midnight to a minute before", vevent("DTSTART:20260601T000000", "DTEND:20260601T235900"), "2026-06-01"},
		{"from midnight in a zone that Windows alone knows", vevent(`DTSTART;TZID="(UTC+01:00) Paris":20260601T000000`,
			`DTEND;TZID="(UTC+01:00) Paris":20260602T000000`), "2026-06-01"},
		{"from midnight in Paris, told in UTC", vevent("DTSTART:20260531T220000Z", "DTEND:20260601T220000Z"), "2026-06-01"},
		{"hours that stop nobody", vevent("DTSTART:20260601T090000Z", "DTEND:20260601T100000Z", "TRANSP:TRANSPARENT"), ""},
		{"cancelled hours", vevent("DTSTART:20260601T090000Z", "DTEND:20260601T100000Z", "STATUS:CANCELLED"), ""},

		{"each year", vevent("DTSTART;VALUE=DATE:20200601", "RRULE:FREQ=YEARLY"), "2026-06-01 2027-06-01 2028-06-01"},
		{"each year but one", vevent("DTSTART;VALUE=DATE:20200601", "RRULE:FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=1", "EXDATE;VALUE=DATE:20270601"),
			"2026-06-01 2028-06-01"},
		{"several exceptions", vevent("DTSTART;VALUE=DATE:20200601", "RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20260601,20270601", "EXDATE;VALUE=DATE:20200601"),
			"2028-06-01"},
		{"an exception with its midnight", vevent("DTSTART:20200601", "RRULE:FREQ=YEARLY", "EXDATE;TZID=Europe/Paris:20270601T000000"),
			"2026-06-01 2028-06-01"},
		{"each year until", vevent("DTSTART;VALUE=DATE:20200601", "RRULE:FREQ=YEARLY;UNTIL=20270601"), "2026-06-01 2027-06-01"},
		{"each year until an instant", vevent("DTSTART;VALUE=DATE:20200601", "RRULE:FREQ=YEARLY;UNTIL=20270601T000000Z"), "2026-06-01 2027-06-01"},
		{"seven times", vevent("DTSTART;VALUE=DATE:20200601", "RRULE:FREQ=YEARLY;COUNT=7"), "2026-06-01"},
		{"seven times, an exception among them", vevent("DTSTART:20200601", "RRULE:FREQ=YEARLY;COUNT=8", "EXDATE:20210601"), "2026-06-01 2027-06-01"},
		{"on leap days", vevent("DTSTART;VALUE=DATE:20240229", "RRULE:FREQ=YEARLY"), "2028-02-29"},
		{"over New Year each year", vevent("DTSTART;VALUE=DATE:20241231", "DTEND;VALUE=DATE:20250102", "RRULE:FREQ=YEARLY;COUNT=3"),
			"2026-01-01 2026-12-31 2027-01-01"},
		{"each second year", vevent("DTSTART:20260601", "RRULE:FREQ=YEARLY;INTERVAL=2"), "2026-06-01 2028-06-01"},
		{"the fourth Thursday in November", vevent("DTSTART:20201126", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH"), "2026-11-26 2027-11-25 2028-11-23"},
		{"the last Monday in August", vevent("DTSTART:20200831", "RRULE:FREQ=YEARLY;BYMONTH=8;BYDAY=-1MO"), "2026-08-31 2027-08-30 2028-08-28"},
		{"the Monday before 25 May", vevent("DTSTART:20200518", "RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=MO;BYMONTHDAY=18,19,20,21,22,23,24"),
			"2026-05-18 2027-05-24 2028-05-22"},
		{"the last day of February", vevent("DTSTART:20260228", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"), "2026-02-28 2027-02-28 2028-02-29"},
		{"the hundredth day", vevent("DTSTART:20260410", "RRULE:FREQ=YEARLY;BYYEARDAY=100"), "2026-04-10 2027-04-10 2028-04-09"},
		{"the last workday of a quarter", vevent("DTSTART:20270331", "RRULE:FREQ=MONTHLY;INTERVAL=3;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=4"),
			"2027-03-31 2027-06-30 2027-09-30 2027-12-31"},
		{"the 31st of each month that has one", vevent("DTSTART:20280131", "RRULE:FREQ=MONTHLY;COUNT=3"), "2028-01-31 2028-03-31 2028-05-31"},
		{"every second Friday", vevent("DTSTART:20281124", "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"), "2028-11-24 2028-12-08 2028-12-22"},
		{"each week on the day it began", vevent("DTSTART:20281215", "RRULE:FREQ=WEEKLY"), "2028-12-15 2028-12-22 2028-12-29"},
		{"weeks that begin on a Sunday", vevent("DTSTART:20281205", "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU"), "2028-12-05 2028-12-17 2028-12-19 2028-12-31"},
		{"weeks that begin on a Monday", vevent("DTSTART:20281205", "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO"), "2028-12-05 2028-12-10 2028-12-19 2028-12-24"},
		{"three days", vevent("DTSTART:20281229", "RRULE:FREQ=DAILY;COUNT=3"), "2028-12-29 2028-12-30 2028-12-31"},
		{"more dates", vevent("DTSTART:20260601", "RDATE;VALUE=DATE:20260701,20260703", "RDATE:20270801"), "2026-06-01 2026-07-01 2026-07-03 2027-08-01"},
		{"a repetition put off", ics("BEGIN:VEVENT", "UID:a", "DTSTART:20250601", "RRULE:FREQ=YEARLY", "END:VEVENT",
			"BEGIN:VEVENT", "UID:a", "RECURRENCE-ID:20270601", "DTSTART:20270602", "END:VEVENT"), "2026-06-01 2027-06-02 2028-06-01"},
		{"a repetition called off", ics("BEGIN:VEVENT", "UID:a", "RECURRENCE-ID:20270601", "DTSTART:20270601", "STATUS:CANCELLED", "END:VEVENT",
			"BEGIN:VEVENT", "UID:a", "DTSTART:20250601", "RRULE:FREQ=YEARLY", "END:VEVENT"), "2026-06-01 2028-06-01"},

		{"folded lines and an alarm", vevent("SUMMARY:Acme is", "  closed", "DTSTART;VALUE=", " DATE:20260601", "BEGIN:VALARM", "DTSTART:x", "END:VALARM"), "2026-06-01"},
		{"zones beside the events", ics("BEGIN:VTIMEZONE", "DTSTART:16010101T000000", "RRULE:FREQ=SECONDLY", "END:VTIMEZONE", "BEGIN:VEVENT", "DTSTART:20260601", "END:VEVENT"), "2026-06-01"},
		{"several calendars", append(vevent("DTSTART:20260601"), vevent("DTSTART:20260701")...), "2026-06-01 2026-07-01"},
		{"small letters", []byte("begin:vcalendar\nbegin:vevent\ndtstart;value=date:20260601\nstatus:confirmed\nend:vevent\nend:vcalendar"), "2026-06-01"},
		{"a Mac's old line ends", []byte("BEGIN:VCALENDAR\rBEGIN:VEVENT\rDTSTART:2026\r 0601\rEND:VEVENT\rEND:VCALENDAR\r"), "2026-06-01"},
		{"a byte order mark", append([]byte("\xef\xbb\xbf"), vevent("DTSTART:20260601")...), "2026-06-01"},
		{"UTF-16", utf16le, "2026-06-01"},
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
	for _, tc := range []struct{ line, want string }{
		{`SUMMARY:Acme\, Lyon: closed`, "Acme, Lyon: closed"},
		{`SUMMARY;LANGUAGE=fr;X="a:b":Fermé`, "Fermé"},
		{"SUMMARY:Ferm\xe9", "Fermé"},          // Latin 1
		{"SUMMARY:Ferm\xc3\r\n \xa9", "Fermé"}, // folded within a letter
		{`SUMMARY:two\nlines`, "two lines"},
	} {
		f, err := readICal("acme.ics", vevent(tc.line, "DTSTART;VALUE=DATE:20260601"), time.UTC)
		if got := f.dates[date(t, "2026-06-01")].EN; err != nil || got != tc.want {
			t.Errorf("%q: got %q (%v), want %q", tc.line, got, err, tc.want)
		}
	}
}

func TestICalRefused(t *testing.T) {
	for _, tc := range []struct {
		name string
		file []byte
		want string
	}{
		{"another file", []byte("date,name\n2026-06-01,Acme"), "BEGIN:VCALENDAR is missing"},
		{"nothing", nil, "BEGIN:VCALENDAR is missing"},
		{"a time of day", vevent("SUMMARY:Stand-up", "DTSTART:20260601T090000Z"),
			`line 3: event "Stand-up": it goes from 2026-06-01 11:00 to 2026-06-01 11:00: only whole days can be holidays; give 2026-06-01 hours of its own under special`},
		{"an afternoon", vevent("SUMMARY:Christmas Eve", "DTSTART;TZID=Europe/Paris:20261224T120000", "DTEND;TZID=Europe/Paris:20261224T170000"),
			"it goes from 2026-12-24 12:00 to 2026-12-24 17:00"},
		{"no date", vevent("SUMMARY:Acme"), `"" is no date`},
		{"no such date", vevent("SUMMARY:Acme", "DTSTART:20260230"), `"20260230" is no date`},
		{"before its beginning", vevent("DTSTART:20260605", "DTEND:20260601"), "ends on 2026-06-01, before it begins on 2026-06-05"},
		{"for years", vevent("DTSTART:20260605", "DTEND:20280601"), "longer than a year"},
		{"no end of the event", ics("BEGIN:VEVENT", "SUMMARY:Acme", "DTSTART:20260601"), `where event "Acme" of line 3 isn't ended`},
		{"cut off", []byte("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Acme\n"), `event "Acme" doesn't end`},
		{"cut off within a line", []byte("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Acme\nDTST"), `event "Acme" doesn't end`},
		{"each second", vevent("DTSTART:20260601", "RRULE:FREQ=SECONDLY"), "FREQ=SECONDLY isn't understood; write whole days"},
		{"at times of a day", vevent("DTSTART:20260601", "RRULE:FREQ=YEARLY;BYHOUR=9"), "BYHOUR=9"},
		{"by week numbers", vevent("DTSTART:20260601", "RRULE:FREQ=YEARLY;BYWEEKNO=23"), "BYWEEKNO=23"},
		{"every nought years", vevent("DTSTART:20260601", "RRULE:FREQ=YEARLY;INTERVAL=0"), "INTERVAL=0"},
		{"a month that doesn't exist", vevent("DTSTART:20260601", "RRULE:FREQ=YEARLY;BYMONTH=13"), "BYMONTH=13"},
		{"a weekday that doesn't exist", vevent("DTSTART:20260601", "RRULE:FREQ=WEEKLY;BYDAY=XX"), "BYDAY=XX"},
		{"the first Monday of a week", vevent("DTSTART:20260601", "RRULE:FREQ=WEEKLY;BYDAY=1MO"), "without being MONTHLY or YEARLY"},
		{"a start that its rule doesn't give", vevent("DTSTART:20260602", "RRULE:FREQ=YEARLY;BYMONTH=6;BYDAY=1MO"), "doesn't give 2026-06-02"},
		{"a rule without a frequency", vevent("DTSTART:20260601", "RRULE:COUNT=3"), "FREQ is missing"},
		{"hours as a duration", vevent("DTSTART:20260601", "DURATION:PT3H"), `DURATION "PT3H"`},
		{"an EXRULE", vevent("DTSTART:20260601", "RRULE:FREQ=YEARLY", "EXRULE:FREQ=YEARLY"), "EXRULE"},
		{"a period as a date", vevent("DTSTART:20260601", "RDATE;VALUE=PERIOD:20260701T000000Z/P1D"), "is no date"},
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

// A file of many mistakes tells the first ten at once.
func TestICalTellsSeveralMistakes(t *testing.T) {
	one := []string{"BEGIN:VEVENT", "SUMMARY:Stand-up", "DTSTART:20260601T090000", "END:VEVENT"}
	var lines []string
	for range 30 {
		lines = append(lines, one...)
	}
	_, err := readICal("acme.ics", ics(lines...), time.UTC)
	if err == nil || strings.Count(err.Error(), "only whole days") != 10 || !strings.Contains(err.Error(), "line 39: ") {
		t.Errorf("got %v, want ten mistakes, the last on line 39", err)
	}
}

// Nothing that a file says makes it cost more than a second or two: -v shows
// how long each takes.
func TestICalIsBounded(t *testing.T) {
	many := func(n int, lines ...string) []byte {
		event := strings.Join(slices.Concat([]string{"BEGIN:VEVENT"}, lines, []string{"END:VEVENT", ""}), "\n")
		return []byte("BEGIN:VCALENDAR\n" + strings.Repeat(event, n) + "END:VCALENDAR\n")
	}
	for _, tc := range []struct {
		name string
		file []byte
		want string // in the error; empty: it is read
	}{
		{"too large", bytes.Repeat([]byte("BEGIN:VCALENDAR\n"), 700_000), "of more than 10 MB isn't read"},
		{"one event each day for ever", many(1, "DTSTART:20200101", "RRULE:FREQ=DAILY"), ""},
		{"three hundred events each year for ever", many(300, "DTSTART:20200601", "RRULE:FREQ=YEARLY"), ""},
		{"twenty thousand events each day for ever", many(20_000, "DTSTART:20200101", "RRULE:FREQ=DAILY"), "more than can be worked out"},
		{"twenty thousand events of a year", many(20_000, "DTSTART:20200101", "DTEND:20210101"), "more than can be worked out"},
		{"a day that never comes", many(2_000, "DTSTART:20240229", "RRULE:FREQ=YEARLY;INTERVAL=1000;COUNT=2"), ""},
		{"a million folds", []byte("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:" + strings.Repeat("\n x", 1_000_000) + "\nDTSTART:20260601\nEND:VEVENT\n"), ""},
		{"a hundred thousand exceptions", []byte("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20200101\nRRULE:FREQ=DAILY\n" +
			strings.Repeat("EXDATE:20200102,20200103\n", 100_000) + "END:VEVENT\n"), ""},
		{"a long list in a rule", many(1, "DTSTART:20260601", "RRULE:FREQ=YEARLY;BYMONTHDAY="+strings.Repeat("1,", 1_000_000)+"1"), "isn't understood"},
	} {
		began := time.Now()
		_, err := readICal("acme.ics", tc.file, time.UTC)
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %q", tc.name, err, tc.want)
		}
		if err != nil && len(err.Error()) > 500 {
			t.Errorf("%s: the error has %d letters", tc.name, len(err.Error()))
		}
		t.Logf("%-45s %v", tc.name, time.Since(began))
	}
}

func FuzzICal(f *testing.F) {
	f.Add(vevent("SUMMARY:Acme", "DTSTART;VALUE=DATE:20260601", "DTEND;VALUE=DATE:20260603", "RRULE:FREQ=YEARLY;COUNT=3", "EXDATE:20270601"))
	f.Add(vevent("DTSTART:20201126", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;INTERVAL=2;WKST=SU", "RDATE:20260701,20260702"))
	f.Add(vevent("DTSTART;TZID=Europe/Paris:20260130T000000", "DURATION:P2W", "RRULE:FREQ=MONTHLY;BYDAY=MO,-1FR;BYSETPOS=-1;UNTIL=20301231T000000Z"))
	f.Add(ics("BEGIN:VEVENT", "UID:a", "RECURRENCE-ID:20270601", "DTSTART:20270602", "END:VEVENT", "BEGIN:VEVENT", "BEGIN:VALARM", "END:VALARM", "END:VEVENT"))
	f.Add([]byte("BEGIN:VCALENDAR\n \n\tEND:"))
	f.Add([]byte("\xff\xfeB\x00E\x00"))
	f.Fuzz(func(t *testing.T, content []byte) {
		closed, err := readICal("acme.ics", content, time.UTC)
		if err != nil {
			if closed.dates != nil {
				t.Error("dates in spite of an error")
			}
			return
		}
		for d := range closed.dates {
			if y := d.Year(); y < firstYear || y > lastYear+1 && d > closed.last {
				t.Errorf("%s is out of reach", d)
			}
		}
		closed.inYear(2026, func(d Date, _ Name) {
			if d.Year() != 2026 {
				t.Errorf("%s isn't in 2026", d)
			}
		})
	})
}
