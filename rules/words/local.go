package words

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// ParseLocal reads an instant as people write it: RFC 3339, or a local time of
// the zone ("2026-11-27 16:30", with seconds if need be, or a date alone for
// its midnight), with an offset after it if its clock shows that time twice
// ("2026-10-25 02:30 +01:00"). A weekday may stand before it in short, in
// any of the languages ("Fri 2026-11-27 16:30"), and must be right. A local time that
// the zone skips or has twice is refused. The result is in the zone.
func ParseLocal(text string, zone *time.Location) (time.Time, error) {
	words := strings.Fields(text)
	var days []time.Weekday
	if len(words) > 1 {
		if days = weekdays(words[0]); len(days) > 0 {
			words = words[1:]
		}
	}
	at, err := parseInstant(strings.Join(words, " "), zone)
	switch {
	case err != nil:
		return time.Time{}, fmt.Errorf("%q %w", cut(text), err)
	case len(days) > 0 && !slices.Contains(days, at.Weekday()):
		return time.Time{}, fmt.Errorf("%q is a %s; write %s, or another date", cut(text), at.Weekday(), at.Format("Mon 2006-01-02"))
	}
	return at, nil
}

// weekdays lists what a short name means, in whatever language it means a day.
func weekdays(name string) (days []time.Weekday) {
	name = strings.TrimRight(strings.ToLower(name), ".,")
	for _, l := range All() {
		if day := slices.Index(strings.Fields(strings.ToLower(l.Say("time.wds"))), name); day >= 0 {
			days = append(days, time.Weekday(day))
		}
	}
	return days
}

func parseInstant(text string, zone *time.Location) (time.Time, error) {
	for _, layout := range []string{
		time.RFC3339, "2006-01-02 15:04Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04 Z07:00", "2006-01-02 15:04:05 Z07:00",
		"2006-01-02 15:04Z07", "2006-01-02 15:04 Z07", "2006-01-02 15:04:05Z07", "2006-01-02 15:04:05 Z07",
	} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.In(zone), nil
		}
	}
	for _, layout := range []string{time.DateTime, "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		wall, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		var found []time.Time
		for _, offset := range offsetsNear(wall, zone) {
			if at := wall.Add(-offset).In(zone); at.Format(time.DateTime) == wall.Format(time.DateTime) {
				found = append(found, at)
			}
		}
		switch len(found) {
		case 1:
			return found[0], nil
		case 0:
			return time.Time{}, fmt.Errorf("doesn't exist in %s: clocks skip it; write it with its offset", zone)
		}
		return time.Time{}, fmt.Errorf("comes twice in %s; write %s or %s", zone, found[0].Format(time.RFC3339), found[1].Format(time.RFC3339))
	}
	return time.Time{}, fmt.Errorf(`is no instant; write one such as 2026-11-27T16:30:00+01:00 or "2026-11-27 16:30"`)
}

// offsetsNear is the different offsets of a zone within a day of a wall time.
func offsetsNear(wall time.Time, zone *time.Location) []time.Duration {
	var list []time.Duration
	for _, near := range []time.Duration{-26 * time.Hour, 26 * time.Hour} {
		_, seconds := wall.Add(near).In(zone).Zone()
		offset := time.Duration(seconds) * time.Second
		if len(list) == 0 || list[0] != offset {
			list = append(list, offset)
		}
	}
	return list
}

// cut bounds what an error quotes of a text.
func cut(text string) string {
	if r := []rune(text); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return text
}
