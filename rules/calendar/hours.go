package calendar

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A span is a part of a day on the wall clock, [from, to) in seconds since
// midnight.
type span struct{ from, to int }

// A week holds the open spans of each weekday, by time.Weekday, with the tails
// of the evenings before.
type week struct {
	open [7][]span // sorted and apart
	own  [7]bool   // the weekday has intervals of its own, not just a tail
}

// weekdays are the names of the days in the fields of a Problem.
var weekdays = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// A writtenSpan remembers the words that a span was written in.
type writtenSpan struct {
	span
	text string
}

// readWeek reads the weekly plan. An interval over midnight is cut there and
// its tail given to the next weekday.
func readWeek(hours map[time.Weekday][]string, found *problems) week {
	var w week
	var days [7][]writtenSpan
	for weekday, name := range weekdays {
		found := found.in("hours." + name)
		for _, text := range hours[time.Weekday(weekday)] {
			s, err := parseInterval(text)
			if err != nil {
				found.add("", err.Error())
				continue
			}
			w.own[weekday] = true
			written := fmt.Sprintf("%q", text)
			if s.to > s.from {
				days[weekday] = append(days[weekday], writtenSpan{s, written})
				continue
			}
			next := (weekday + 1) % 7
			days[weekday] = append(days[weekday], writtenSpan{span{s.from, daySeconds}, written})
			if s.to > 0 {
				days[next] = append(days[next], writtenSpan{span{0, s.to}, written + " of " + name})
			}
		}
	}
	for weekday := range hours {
		if weekday < time.Sunday || weekday > time.Saturday {
			found.add("hours", fmt.Sprintf("weekday %d doesn't exist: they go from 0 (Sunday) to 6", int(weekday)))
		}
	}
	for weekday, name := range weekdays {
		w.open[weekday] = join(days[weekday], found.in("hours."+name))
	}
	return w
}

// readDay reads the hours of a single date. None closes it.
func readDay(hours []string, found *problems) []span {
	var day []writtenSpan
	for _, text := range hours {
		s, err := parseInterval(text)
		switch {
		case err != nil:
			found.add("", err.Error())
		case s.to < s.from:
			found.add("", fmt.Sprintf("%q runs over midnight: end it at 24:00 and write the rest under the next date", text))
		default:
			day = append(day, writtenSpan{s, fmt.Sprintf("%q", text)})
		}
	}
	return join(day, found)
}

// join sorts the spans of one day, makes one of those that touch, and objects
// to those that overlap.
func join(day []writtenSpan, found *problems) []span {
	slices.SortStableFunc(day, func(a, b writtenSpan) int { return a.from - b.from })
	var joined []span
	for i, s := range day {
		switch {
		case i > 0 && s.from < day[i-1].to:
			found.add("", fmt.Sprintf("%s overlaps %s: write intervals that don't", s.text, day[i-1].text))
			return joined
		case i > 0 && s.from == day[i-1].to:
			joined[len(joined)-1].to = s.to
		default:
			joined = append(joined, s.span)
		}
	}
	return joined
}

// parseInterval reads "09:00-17:00". An end before the start lies on the next
// day: "22:00-06:00".
func parseInterval(text string) (span, error) {
	from, to, ok := strings.Cut(text, "-")
	start, okStart := parseClock(from)
	end, okEnd := parseClock(to)
	switch {
	case !ok || !okStart || !okEnd:
		return span{}, fmt.Errorf(`%q is no interval: write one such as "09:00-17:00"`, text)
	case start == daySeconds:
		return span{}, fmt.Errorf("%q starts at 24:00, which is only an end: write 00:00 under the next day", text)
	case start == end:
		return span{}, fmt.Errorf(`%q is empty: write an end after its start, or "00:00-24:00" for the whole day`, text)
	}
	return span{start, end}, nil
}

// parseClock reads a time of day from 00:00 to 24:00, in seconds.
func parseClock(text string) (int, bool) {
	if len(text) != len("09:00") || text[2] != ':' {
		return 0, false
	}
	digit := func(i int) int {
		if text[i] < '0' || text[i] > '9' {
			return -daySeconds // out of range whatever the others are
		}
		return int(text[i] - '0')
	}
	hours, minutes := digit(0)*10+digit(1), digit(3)*10+digit(4)
	ok := hours >= 0 && minutes >= 0 && minutes < 60 && (hours < 24 || hours == 24 && minutes == 0)
	return hours*60*60 + minutes*60, ok
}
