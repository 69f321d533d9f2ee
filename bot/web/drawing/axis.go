package drawing

import (
	"time"

	"vigie/rules/words"
)

// An axis is what is written below a stretch of time: its days, and its hours where it
// has few days.
type axis struct {
	days, hours []tick
}

type tick struct {
	at   time.Time
	text string
}

// What an axis has at most; and the length up to which it has hours, and from which on
// nights aren't drawn.
const (
	maxDays   = 16
	maxHours  = 12
	hoursUpTo = 60 * time.Hour
	daysFrom  = 14 * 24 * time.Hour
)

// axisOf is that of a stretch of time in a zone. Its ticks are times of that zone's
// clocks, so that a day of a clock change is longer or shorter than others.
func axisOf(w *words.Language, from, to time.Time) (a axis) {
	for _, step := range []struct{ days, months int }{{1, 0}, {7, 0}, {0, 1}, {0, 3}, {0, 12}, {0, 120}, {0, 1200}} {
		if a.days = daysOf(w, from, to, step.days, step.months); len(a.days) <= maxDays {
			break
		}
	}
	if to.Sub(from) > hoursUpTo {
		return a
	}
	for _, step := range []time.Duration{time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute,
		time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour} {
		if a.hours = hoursOf(w, from, to, step); len(a.hours) <= maxHours {
			break
		}
	}
	return a
}

// daysOf are midnights in [from, to]: each one, Mondays, or the first of months.
func daysOf(w *words.Language, from, to time.Time, days, months int) (list []tick) {
	at := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, from.Location())
	switch {
	case days == 7:
		at = at.AddDate(0, 0, -(int(at.Weekday())+6)%7)
	case months > 0:
		month := (int(at.Month()) - 1 + 12*(at.Year()%100)) / months * months
		at = time.Date(at.Year()-at.Year()%100, time.Month(1+month), 1, 0, 0, 0, 0, from.Location())
	}
	pattern := map[int]string{1: "time.day", 7: "time.date"}[days]
	if months > 0 {
		pattern = "time.month"
	}
	for ; !at.After(to) && len(list) <= maxDays; at = at.AddDate(0, months, days) {
		if !at.Before(from) {
			list = append(list, tick{at, w.Time(pattern, at)})
		}
	}
	return list
}

// hoursOf are the times of day in (from, to) that a step from midnight on reaches,
// without midnight.
func hoursOf(w *words.Language, from, to time.Time, step time.Duration) (list []tick) {
	if to.Sub(from)/step > 2*maxHours {
		return make([]tick, maxHours+1) // too many to be looked at
	}
	midnight := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, from.Location())
	wall := time.Duration(from.Hour()*3600+from.Minute()*60+from.Second()) * time.Second
	first, last := max(step, wall/step*step), from
	for d := 0; ; d++ {
		day := midnight.AddDate(0, 0, d)
		if day.After(to) {
			return list
		}
		for at := first; at < 24*time.Hour && last.Before(to); at += step {
			t := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, int(at/time.Second), 0, day.Location())
			if t.After(last) && t.Before(to) { // a clock that is put back shows an hour twice
				list = append(list, tick{t, hour(w, t)})
			}
			if t.After(last) {
				last = t
			}
		}
		first = step
	}
}

// write draws the axis below y: lines through what is above, down from top, and texts
// in one row or two. It returns where it ends.
func (a *axis) write(c *canvas, w *words.Language, s scale, start time.Time, top, y int) int {
	for _, t := range a.days {
		c.empty("line", "class", "day", "x1", s.x(t.at.Unix()), "x2", s.x(t.at.Unix()), "y1", top, "y2", y+4)
	}
	if len(a.hours) > 0 {
		for _, t := range a.hours {
			c.empty("line", "class", "hour", "x1", s.x(t.at.Unix()), "x2", s.x(t.at.Unix()), "y1", y, "y2", y+4)
		}
		y = texts(c, s, a.hours, false, y)
	}
	days, inside := a.days, len(a.days) == 0 || a.days[0].at.After(start)
	if inside {
		days = append([]tick{{start, w.Time("time.day", start)}}, days...)
	}
	return texts(c, s, days, inside, y)
}

func texts(c *canvas, s scale, ticks []tick, spare bool, y int) int {
	var labels []*label
	for _, t := range ticks {
		labels = append(labels, &label{text: t.text, at: s.x(t.at.Unix()), class: "axis"})
	}
	row(labels, spare)
	for _, l := range labels {
		if l.shown != nowhere {
			l.write(c, y+15)
		}
	}
	return y + 18
}
