package calendar

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A feed holds the closed dates of an iCal file (RFC 5545): its all-day events
// that aren't cancelled, each day they last and each year they come again.
// What can't be read exactly is refused, not guessed: a time of day, and a
// repetition other than on the same date each year.
type feed map[Date]Name

// inYear is the source interface.
func (f feed) inYear(year int, add func(Date, Name)) {
	for d := NewDate(year, 1, 1); d < NewDate(year+1, 1, 1); d++ {
		if name, ok := f[d]; ok {
			add(d, name)
		}
	}
}

// readICal reads all events of a file.
func readICal(content []byte) (feed, error) {
	// A line that begins with white space continues the line before.
	text := strings.NewReplacer("\r\n ", "", "\r\n\t", "", "\n ", "", "\n\t", "", "\r\n", "\n").Replace(string(content))
	if !strings.Contains(text, "BEGIN:VCALENDAR") {
		return nil, errors.New("it is no iCal file: BEGIN:VCALENDAR is missing")
	}
	f := feed{}
	var event map[string]string // the properties of the event that is being read
	alarms := 0                 // parts of the event that are open, with properties of their own
	for line := range strings.SplitSeq(text, "\n") {
		head, value, _ := strings.Cut(line, ":")
		name, _, _ := strings.Cut(strings.ToUpper(head), ";")
		switch {
		case event == nil && line == "BEGIN:VEVENT":
			event = map[string]string{}
		case event == nil:
		case name == "BEGIN":
			alarms++
		case name == "END" && alarms > 0:
			alarms--
		case name == "END" && value == "VEVENT":
			if err := f.add(event); err != nil {
				return nil, fmt.Errorf("event %q (%s): %w", event["SUMMARY"], event["DTSTART"], err)
			}
			event = nil
		case alarms == 0 && name == "EXDATE" && event[name] != "":
			event[name] += "," + value
		case alarms == 0:
			event[name] = value
		}
	}
	if event != nil {
		return nil, fmt.Errorf("event %q doesn't end", event["SUMMARY"])
	}
	return f, nil
}

func (f feed) add(event map[string]string) error {
	if strings.EqualFold(event["STATUS"], "CANCELLED") {
		return nil
	}
	for _, name := range []string{"DURATION", "RDATE", "EXRULE", "RECURRENCE-ID"} {
		if event[name] != "" {
			return fmt.Errorf("%s isn't understood: write DTSTART and DTEND, an event for each date", name)
		}
	}
	from, err := icalDate(event["DTSTART"])
	if err != nil {
		return err
	}
	to := from + 1
	if event["DTEND"] != "" {
		if to, err = icalDate(event["DTEND"]); err != nil || to > from+366 {
			return cmp.Or(err, fmt.Errorf("it lasts longer than a year, until %s", to))
		}
	}
	starts, err := yearly(from, event["RRULE"])
	if err != nil {
		return err
	}
	for text := range strings.FieldsFuncSeq(event["EXDATE"], func(r rune) bool { return r == ',' }) {
		except, err := icalDate(text)
		if err != nil {
			return err
		}
		starts = slices.DeleteFunc(starts, func(d Date) bool { return d == except })
	}
	summary := strings.NewReplacer(`\n`, " ", `\N`, " ", `\`, "").Replace(event["SUMMARY"])
	for _, start := range starts {
		// Many programs end an event of one day on that day.
		for d := max(start, NewDate(firstYear, 1, 1)); d < start+max(1, to-from); d++ {
			f[d] = Name{FR: summary, EN: summary, Local: summary}
		}
	}
	return nil
}

// yearly gives the first days of an event that repeats by an RRULE, or doesn't.
func yearly(from Date, rule string) (starts []Date, err error) {
	if rule == "" {
		return []Date{from}, nil
	}
	unknown := fmt.Errorf("RRULE %q isn't understood: write FREQ=YEARLY, with COUNT or UNTIL or neither", rule)
	if !strings.Contains(strings.ToUpper(rule), "FREQ=YEARLY") {
		return nil, unknown
	}
	first, until, count := from.utc(), NewDate(lastYear, 12, 31), lastYear
	for part := range strings.SplitSeq(strings.ToUpper(rule), ";") {
		key, value, _ := strings.Cut(part, "=")
		n, _ := strconv.Atoi(value)
		switch {
		case part == "FREQ=YEARLY", part == "INTERVAL=1", key == "WKST":
		case key == "BYMONTH" && n == int(first.Month()), key == "BYMONTHDAY" && n == first.Day():
		case key == "COUNT" && n > 0:
			count = n
		case key == "UNTIL" && len(value) >= len("20261231"):
			if until, err = icalDate(value[:len("20261231")]); err != nil {
				return nil, err
			}
		default:
			return nil, unknown
		}
	}
	for year := first.Year(); year <= lastYear && len(starts) < count; year++ {
		// A 29 February comes again in leap years only.
		if d := NewDate(year, first.Month(), first.Day()); d <= until && d.utc().Day() == first.Day() {
			starts = append(starts, d)
		}
	}
	return starts, nil
}

func icalDate(text string) (Date, error) {
	t, err := time.Parse("20060102", text)
	if err != nil {
		return 0, fmt.Errorf("%q is no date: only all-day events can be holidays", text)
	}
	return DateOf(t), nil
}
