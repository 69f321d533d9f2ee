package calendar

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A feed holds the closed dates of an iCal file (RFC 5545): its events of whole
// days that aren't cancelled, each day they last and each time they come again.
//
//   - DTEND isn't part of an event: 24 to 27 December are three days.
//   - An event from midnight to midnight is one of whole days. A time with a
//     TZID, or without a zone, counts as it is written, because a holiday is a
//     local date; one in UTC is read in the calendar's zone.
//   - TRANSP says whether an event fills somebody's time, not whether the
//     office closes: public feeds mark every holiday TRANSPARENT. So it counts.
//   - An event of hours closes nothing and is refused, for the office may well
//     close early; unless it is TRANSPARENT, a note to oneself.
//   - A changed repetition (RECURRENCE-ID) takes its place in its series (UID).
//
// What can't be read exactly is refused, not guessed.
type feed struct {
	file    string
	dates   map[Date]Name
	last    Date // of those listed or counted; 0: none
	endless bool // some event comes again for ever
}

const (
	// ICalSize is the largest file that is read, in bytes.
	ICalSize = 10 << 20
	// How many days may be looked at to work out a file, within a second or
	// so. An event that comes again each year for ever takes some 9,000.
	icalWork = 5_000_000
	// So many mistakes are told at once.
	icalMistakes = 10
)

// inYear is the source interface.
func (f feed) inYear(year int, add func(Date, Name)) {
	for d := NewDate(year, 1, 1); d < NewDate(year+1, 1, 1); d++ {
		if name, ok := f.dates[d]; ok {
			add(d, name)
		}
	}
}

// readICal reads all events of a file for a calendar in a zone. The error says
// everything that is wrong, a line each.
func readICal(file string, content []byte, zone *time.Location) (feed, error) {
	if len(content) > ICalSize {
		return feed{}, fmt.Errorf("it has %d MB: one of more than %d MB isn't read; export the closing days alone", len(content)>>20, ICalSize>>20)
	}
	events, err := icalEvents(content)
	if err != nil {
		return feed{}, err
	}
	var wrong []error
	var series []occasion
	replaced := map[string]map[Date]bool{} // by UID, the dates that other events stand for
	for _, e := range events {
		o, err := e.occasion(zone)
		if err != nil {
			if wrong = append(wrong, fmt.Errorf("line %d: event %q: %w", e.line, short(e.first("SUMMARY")), err)); len(wrong) == icalMistakes {
				break
			}
			continue
		}
		if o.replaces != nil {
			if replaced[o.uid] == nil {
				replaced[o.uid] = map[Date]bool{}
			}
			replaced[o.uid][*o.replaces] = true
		}
		if o.closes {
			series = append(series, o)
		}
	}
	if len(wrong) > 0 {
		return feed{}, errors.Join(wrong...)
	}
	f := feed{file: file, dates: map[Date]Name{}}
	work := icalWork
	for _, o := range series {
		if o.replaces == nil {
			o.except = append(o.except, replaced[o.uid])
		}
		if err := f.add(o, &work); err != nil {
			return feed{}, fmt.Errorf("line %d: event %q: %w", o.line, short(o.name.EN), err)
		}
	}
	return f, nil
}

// add closes the dates of an event. It takes what that costs from work.
func (f *feed) add(o occasion, work *int) error {
	starts := o.also
	if o.rule == nil {
		starts = append(starts, o.from)
	} else {
		repeated, err := o.rule.from(o.from, work)
		if err != nil {
			return err
		}
		starts = append(starts, repeated...)
		f.endless = f.endless || o.rule.endless()
	}
	for _, start := range starts {
		if slices.ContainsFunc(o.except, func(m map[Date]bool) bool { return m[start] }) {
			continue
		}
		if *work -= int(o.days); *work < 0 {
			return errTooMuch
		}
		for d := max(start, NewDate(firstYear, 1, 1)); d < start+o.days; d++ {
			if _, ok := f.dates[d]; !ok {
				f.dates[d] = o.name
			}
		}
		if o.rule == nil || !o.rule.endless() {
			f.last = max(f.last, start+o.days-1)
		}
	}
	return nil
}

var errTooMuch = errors.New("up to here the file says more than can be worked out: export the closing days alone, without events that come again each day")

// An occasion is what an event says.
type occasion struct {
	line     int
	uid      string
	name     Name
	closes   bool // false: cancelled, or of hours and transparent
	from     Date
	days     Date // how many it lasts
	rule     *recurrence
	also     []Date          // RDATE
	except   []map[Date]bool // EXDATE, and what replaces a repetition
	replaces *Date           // RECURRENCE-ID
}

func (e icalEvent) occasion(zone *time.Location) (occasion, error) {
	o := occasion{line: e.line, uid: e.first("UID"), closes: !strings.EqualFold(e.first("STATUS"), "CANCELLED")}
	summary := e.summary()
	o.name = Name{FR: summary, EN: summary, Local: summary}
	if e.first("RECURRENCE-ID") != "" {
		replaces, err := icalMoment(e.first("RECURRENCE-ID"), zone)
		if err != nil {
			return o, err
		}
		o.replaces = &replaces.date
	}
	if !o.closes {
		return o, nil
	}
	if e.first("EXRULE") != "" {
		return o, errors.New("EXRULE isn't understood: write EXDATE")
	}
	from, to, err := e.span(zone)
	if err != nil {
		return o, err
	}
	switch {
	case !from.whole() || !to.whole():
		if strings.EqualFold(e.first("TRANSP"), "TRANSPARENT") {
			o.closes = false
			return o, nil
		}
		return o, fmt.Errorf("it goes from %s to %s: only whole days can be holidays; give %s hours of its own under special", from.clock(), to.clock(), from.date)
	case to.date <= from.date:
		return o, fmt.Errorf("it ends on %s, before it begins on %s", to.date, from.date)
	case to.date > from.date+366:
		return o, fmt.Errorf("it lasts longer than a year, from %s until %s", from.date, to.date)
	}
	o.from, o.days = from.date, to.date-from.date
	if o.also, err = icalDates(e.all("RDATE"), zone); err != nil {
		return o, err
	}
	except, err := icalDates(e.all("EXDATE"), zone)
	if err != nil {
		return o, err
	}
	o.except = []map[Date]bool{{}}
	for _, d := range except {
		o.except[0][d] = true
	}
	if text := e.first("RRULE"); text != "" {
		o.rule, err = readRecurrence(text, from, zone)
	}
	return o, err
}

// span reads when an event begins and ends.
func (e icalEvent) span(zone *time.Location) (from, to moment, err error) {
	if from, err = icalMoment(e.first("DTSTART"), zone); err != nil {
		return from, to, err
	}
	nextDay := moment{date: from.date + 1, allDay: true}
	switch end, duration := e.first("DTEND"), e.first("DURATION"); {
	case end != "":
		if to, err = icalMoment(end, zone); err != nil {
			return from, to, err
		}
		if to.second >= daySeconds-60 { // some programs end a day at 23:59
			to.date, to.second = to.date+1, 0
		}
		// Many end an event of one day on that day.
		if from.allDay && to.date == from.date {
			to = nextDay
		}
		return from, to, nil
	case duration != "":
		days, ok := wholeDays(duration)
		if !ok {
			return from, to, fmt.Errorf("DURATION %q isn't understood: write DTEND, or a number of days such as P2D", short(duration))
		}
		return from, moment{date: from.date + days, second: from.second, allDay: from.allDay}, nil
	case from.allDay:
		return from, nextDay, nil
	}
	return from, from, nil
}

func icalDates(lists []string, zone *time.Location) ([]Date, error) {
	var dates []Date
	for _, list := range lists {
		for text := range strings.SplitSeq(list, ",") {
			m, err := icalMoment(text, zone)
			if err != nil {
				return nil, err
			}
			dates = append(dates, m.date)
		}
	}
	return dates, nil
}

// A moment is a date, with a time of day if it was written with one.
type moment struct {
	date   Date
	second int // since midnight
	allDay bool
}

func (m moment) whole() bool { return m.second == 0 }
func (m moment) clock() string {
	return fmt.Sprintf("%s %02d:%02d", m.date, m.second/3600, m.second/60%60)
}

// icalMoment reads 20260601, 20260601T090000 or 20260601T070000Z.
func icalMoment(text string, zone *time.Location) (moment, error) {
	text = strings.ToUpper(strings.TrimSpace(text))
	if t, err := time.Parse("20060102", text); err == nil {
		return moment{date: DateOf(t), allDay: true}, nil
	}
	t, err := time.Parse("20060102T150405", text)
	if err != nil {
		if t, err = time.Parse("20060102T150405Z", text); err != nil {
			return moment{}, fmt.Errorf("%q is no date: write one such as 20260601", short(text))
		}
		t = t.In(cmp.Or(zone, time.UTC))
	}
	return moment{date: DateOf(t), second: t.Hour()*3600 + t.Minute()*60 + t.Second()}, nil
}

// short keeps what a message shows of a file to a line.
func short(text string) string {
	if r := []rune(text); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return text
}
