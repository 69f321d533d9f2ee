package calendar

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

func inParis(t testing.TB) *time.Location {
	t.Helper()
	zone, err := LoadZone("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// event is a VEVENT of somebody's.
func event(lines ...string) string {
	return "BEGIN:VEVENT\r\nSUMMARY:On call: nadia@acme.example\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT"
}

func TestAtOfTheWallClock(t *testing.T) {
	for _, c := range []struct {
		zone, date string
		seconds    int64
		want       string
	}{
		{"Europe/Paris", "2026-11-30", 8 * 3600, "2026-11-30T08:00:00+01:00"},
		{"Europe/Paris", "2026-11-30", 24 * 3600, "2026-12-01T00:00:00+01:00"},
		{"Europe/Paris", "2026-11-30", -3600, "2026-11-29T23:00:00+01:00"},
		{"Europe/Paris", "2027-03-28", 9000, "2027-03-28T03:00:00+02:00"}, // 02:30 is skipped
		{"Europe/Paris", "2026-10-25", 9000, "2026-10-25T02:30:00+02:00"}, // 02:30 comes twice
		{"Europe/Paris", "2026-10-25", 10800, "2026-10-25T03:00:00+01:00"},
		{"America/Santiago", "2026-09-06", 0, "2026-09-06T01:00:00-03:00"},     // midnight is skipped
		{"America/Santiago", "2026-04-05", -1800, "2026-04-04T23:30:00-03:00"}, // half an hour before a midnight that comes twice
		{"Pacific/Apia", "2011-12-30", 3600, "2011-12-31T00:00:00+14:00"},      // a date that was left out
		{"Europe/Paris", "1970-01-01", 20_700 * 86400, "2026-09-04T00:00:00+02:00"},
	} {
		zone, err := LoadZone(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		d, err := ParseDate(c.date)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.At(c.seconds, zone).Format(time.RFC3339); got != c.want {
			t.Errorf("%s %+d s in %s: got %s, want %s", c.date, c.seconds, c.zone, got, c.want)
		}
	}
}

// shown is shifts as "Mon 11-30 08:00-Mon 12-07 08:00 nadia".
func shownShifts(list []Shift) string {
	var parts []string
	for _, s := range list {
		who, _, _ := strings.Cut(s.Who, "@")
		parts = append(parts, fmt.Sprintf("%s-%s %s", s.From.Format("Mon 01-02 15:04"), s.To.Format("Mon 01-02 15:04"), who))
	}
	return strings.Join(parts, "\n")
}

func TestShifts(t *testing.T) {
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"by a zone's clock", ics(event("DTSTART;TZID=America/New_York:20261130T080000", "DTEND;TZID=America/New_York:20261130T200000")), "Mon 11-30 14:00-Tue 12-01 02:00 nadia"},
		{"a zone in quotation marks", ics(event(`DTSTART;X-A="b;c:d";TZID="America/New_York":20261130T080000`, "DTEND;TZID=America/New_York:20261130T200000")), "Mon 11-30 14:00-Tue 12-01 02:00 nadia"},
		{"in UTC", ics(event("DTSTART:20261130T080000Z", "DTEND:20261130T200000Z")), "Mon 11-30 09:00-Mon 11-30 21:00 nadia"},
		{"by the rota's clock", ics(event("DTSTART:20261130T080000", "DTEND:20261130T200000")), "Mon 11-30 08:00-Mon 11-30 20:00 nadia"},
		{"whole days", ics(event("DTSTART;VALUE=DATE:20261130", "DTEND;VALUE=DATE:20261207", "TRANSP:TRANSPARENT")), "Mon 11-30 00:00-Mon 12-07 00:00 nadia"},
		{"a week", ics(event("DTSTART:20261130T080000", "DURATION:P1W")), "Mon 11-30 08:00-Mon 12-07 08:00 nadia"},
		{"cancelled", ics(event("DTSTART:20261130T080000", "DTEND:20261130T200000", "STATUS:CANCELLED")), ""},
		{"every other week, over a clock change", ics(event("DTSTART;TZID=Europe/Paris:20261012T200000", "DTEND;TZID=Europe/Paris:20261013T080000", "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=3")),
			"Mon 10-12 20:00-Tue 10-13 08:00 nadia\nMon 10-26 20:00-Tue 10-27 08:00 nadia\nMon 11-09 20:00-Tue 11-10 08:00 nadia"},
		{"the night of a clock change", ics(event("DTSTART;TZID=Europe/Paris:20261023T200000", "DTEND;TZID=Europe/Paris:20261024T080000", "RRULE:FREQ=DAILY;COUNT=2")),
			"Fri 10-23 20:00-Sat 10-24 08:00 nadia\nSat 10-24 20:00-Sun 10-25 08:00 nadia"},
		{"until an instant before the last", ics(event("DTSTART;TZID=Europe/Paris:20261130T080000", "DTEND;TZID=Europe/Paris:20261130T200000", "RRULE:FREQ=DAILY;UNTIL=20261202T065959Z")),
			"Mon 11-30 08:00-Mon 11-30 20:00 nadia\nTue 12-01 08:00-Tue 12-01 20:00 nadia"},
		{"until the last", ics(event("DTSTART;TZID=Europe/Paris:20261130T080000", "DTEND;TZID=Europe/Paris:20261130T200000", "RRULE:FREQ=DAILY;UNTIL=20261202T070000Z")),
			"Mon 11-30 08:00-Mon 11-30 20:00 nadia\nTue 12-01 08:00-Tue 12-01 20:00 nadia\nWed 12-02 08:00-Wed 12-02 20:00 nadia"},
		{"one taken out", ics(event("DTSTART;TZID=Europe/Paris:20261130T080000", "DTEND;TZID=Europe/Paris:20261130T200000", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20261201T070000Z")),
			"Mon 11-30 08:00-Mon 11-30 20:00 nadia\nWed 12-02 08:00-Wed 12-02 20:00 nadia"},
		{"one moved to somebody else", ics(event("UID:a", "DTSTART;TZID=Europe/Paris:20261130T080000", "DTEND;TZID=Europe/Paris:20261130T200000", "RRULE:FREQ=DAILY;COUNT=2"),
			"BEGIN:VEVENT\r\nUID:a\r\nSUMMARY:omar@acme.example\r\nRECURRENCE-ID;TZID=Europe/Paris:20261201T080000\r\nDTSTART:20261201T090000\r\nDTEND:20261201T200000\r\nEND:VEVENT"),
			"Mon 11-30 08:00-Mon 11-30 20:00 nadia\nTue 12-01 09:00-Tue 12-01 20:00 omar"},
		{"one cancelled of a series", ics(event("UID:a", "DTSTART;VALUE=DATE:20261130", "RRULE:FREQ=DAILY;COUNT=3"),
			event("UID:a", "RECURRENCE-ID;VALUE=DATE:20261201", "DTSTART;VALUE=DATE:20261201", "STATUS:CANCELLED")),
			"Mon 11-30 00:00-Tue 12-01 00:00 nadia\nWed 12-02 00:00-Thu 12-03 00:00 nadia"},
		{"the only one who hasn't declined", vevent("SUMMARY:Astreinte", "ATTENDEE;PARTSTAT=DECLINED:mailto:omar@acme.example", "ATTENDEE;CN=\"Léa; Paris\":MAILTO:lea@acme.example", "DTSTART:20261130", "DTEND:20261201"),
			"Mon 11-30 00:00-Tue 12-01 00:00 lea"},
		{"an address among words, twice", vevent("SUMMARY:Nadia <nadia@acme.example>\\, (nadia@acme.example).", "DTSTART:20261130"), "Mon 11-30 00:00-Tue 12-01 00:00 nadia"},
		{"the summary goes before those who are invited", vevent("SUMMARY:nadia@acme.example", "ATTENDEE:mailto:lead@acme.example", "ATTENDEE:mailto:omar@acme.example", "DTSTART:20261130"), "Mon 11-30 00:00-Tue 12-01 00:00 nadia"},
	} {
		t.Run(c.name, func(t *testing.T) {
			list, err := ReadShifts(c.file, inParis(t))
			if err != nil {
				t.Fatal(err)
			}
			if got := shownShifts(list); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestShiftsThatCantBeRead(t *testing.T) {
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"no calendar", []byte("nadia"), "it is no iCal file: BEGIN:VCALENDAR is missing"},
		{"nobody", vevent("SUMMARY:Team lunch", "DTSTART:20261130"),
			`line 3: event "Team lunch": on 2026-11-30 it doesn't say who is on call: write one e-mail address into its summary, or invite one person alone`},
		{"two", vevent("SUMMARY:nadia@acme.example / omar@acme.example", "DTSTART:20261130"),
			`line 3: event "nadia@acme.example / omar@acme.example": on 2026-11-30 it doesn't say who is on call: write one e-mail address into its summary, or invite one person alone`},
		{"a zone of Windows", ics(event("DTSTART;TZID=W. Europe Standard Time:20261130T080000", "DTEND:20261130T200000")),
			`line 3: event "On call: nadia@acme.example": TZID "W. Europe Standard Time" is no time zone that is known: export it in UTC, or with IANA names such as Europe/Paris`},
		{"two zones", ics(event("DTSTART;TZID=Europe/Paris:20261130T080000", "DTEND;TZID=Europe/London:20261130T200000")),
			`line 3: event "On call: nadia@acme.example": it begins by the clock of Europe/Paris and ends by that of Europe/London: write both in one zone`},
		{"no end", ics(event("DTSTART:20261130T080000")),
			`line 3: event "On call: nadia@acme.example": it ends at 2026-11-30 08:00, and begins at 2026-11-30 08:00: write an end after its beginning`},
		{"backwards", ics(event("DTSTART:20261130T080000", "DTEND:20261129T080000")),
			`line 3: event "On call: nadia@acme.example": it ends at 2026-11-29 08:00, and begins at 2026-11-30 08:00: write an end after its beginning`},
		{"a whole day taken out of hours", ics(event("DTSTART:20261130T080000", "DTEND:20261130T200000", "RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20261201")),
			`line 3: event "On call: nadia@acme.example": EXDATE "20261201" is a whole day, and the event isn't: write the time at which that repetition begins`},
		{"this and all that follow", ics(event("UID:a", "RECURRENCE-ID;RANGE=THISANDFUTURE:20261130T080000", "DTSTART:20261130T080000", "DTEND:20261130T200000")),
			`line 3: event "On call: nadia@acme.example": RECURRENCE-ID with a RANGE isn't understood: end the series, and begin another`},
		{"each hour", ics(event("DTSTART:20261130T080000", "DTEND:20261130T200000", "RRULE:FREQ=HOURLY")),
			`line 3: event "On call: nadia@acme.example": RRULE "FREQ=HOURLY": FREQ=HOURLY isn't understood; write whole days such as FREQ=YEARLY;BYMONTH=11;BYDAY=4TH`},
		{"two mistakes", ics(event("DTSTART:soon"), event("DTSTART:later")),
			"line 3: event \"On call: nadia@acme.example\": \"SOON\" is no date: write one such as 20260601\nline 7: event \"On call: nadia@acme.example\": \"LATER\" is no date: write one such as 20260601"},
		{"more than can be worked out", ics(strings.TrimSpace(strings.Repeat(event("DTSTART:19700101", "RRULE:FREQ=DAILY")+"\r\n", 60))),
			"up to here the file says more than can be worked out"},
		{"too large", bytes.Repeat([]byte("x"), ICalSize+1), "it has 10 MB: one of more than 10 MB isn't read; export the coming year alone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			list, err := ReadShifts(c.file, inParis(t))
			if err == nil || !strings.Contains(err.Error(), c.want) || list != nil {
				t.Errorf("got %d shifts and\n%v\nwant\n%s", len(list), err, c.want)
			}
		})
	}
}

func FuzzReadShifts(f *testing.F) {
	f.Add(ics(event("UID:a", "DTSTART;TZID=Europe/Paris:20261012T200000", "DTEND;TZID=Europe/Paris:20261013T080000", "RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20271013T080000Z", "EXDATE:20261026T190000Z"),
		event("UID:a", "RECURRENCE-ID:20261109T190000Z", "DTSTART:20261109", "DURATION:P2D")))
	f.Add(vevent("ATTENDEE;PARTSTAT=DECLINED;CN=\"a:b;c\":mailto:omar@acme.example", "ATTENDEE:@", "DTSTART:20261130T2359", "DTEND:20261201T240000"))
	f.Add([]byte("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;TZID=\":19700101T000000Z\nEND:VEVENT"))
	zone := inParis(f)
	f.Fuzz(func(t *testing.T, content []byte) {
		list, err := ReadShifts(content, zone)
		if err != nil && list != nil {
			t.Error("shifts in spite of an error")
		}
		for _, s := range list {
			if !s.From.Before(s.To) || s.To.Sub(s.From) > 367*24*time.Hour || s.From.Location() != zone || address.FindString(s.Who) != s.Who || s.Who == "" {
				t.Errorf("got the shift %v", s)
			}
		}
	})
}
