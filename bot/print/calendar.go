package print

import (
	"maps"
	"slices"
	"strings"
	"time"

	"vigie/rules"
	"vigie/rules/calendar"
)

// calendars shows each calendar of the policy, the one that counts for most
// teams first.
func (s *Sheet) calendars(p *rules.Policy, from calendar.Date) {
	others := slices.DeleteFunc(slices.Sorted(maps.Keys(p.Calendars)), func(name string) bool { return name == p.Calendar.Name() })
	names := append([]string{p.Calendar.Name()}, others...)
	for _, name := range names {
		c := p.Calendars[name]
		var users []string
		for _, team := range slices.Sorted(maps.Keys(p.Teams)) {
			if p.Teams[team] == c {
				users = append(users, team)
			}
		}
		if c == p.Calendar {
			users = append(users, s.either(len(p.Teams) == 0, s.Say("check.every_team"), s.Say("check.every_other_team")))
		}
		if len(users) == 0 {
			users = []string{s.Say("check.nobody")}
		}
		s.Heading(s.Say("check.calendar", "name", name, "teams", strings.Join(users, ", ")))
		s.Item(s.Say("check.zone"), "%s", c.Zone())
		until := aYearLater(from) - 1
		s.week(s.Say("check.hours"), c, from)
		for _, change := range c.Changes(from, until) {
			s.week(s.Say("check.from")+change.String(), c, change)
		}
		if versions := s.versions(c, from); versions != "" {
			s.Item("versions", "%s", versions)
		}
		for _, d := range c.SpecialHours(from, until) {
			hours := strings.Join(d.Hours, ", ")
			s.Item(s.Say("check.exception"), "%s  %s", s.date(d.Date), s.either(hours != "", hours, s.Say("check.closed")))
		}
		label := s.Say("check.holidays")
		for _, h := range c.Holidays(from, until) {
			s.Item(label, "%s  %s", s.date(h.Date), s.holiday(h.Name))
			label = ""
		}
		if label != "" {
			s.Item(label, "%s", s.Say("check.no_holidays"))
		}
		label = s.Say("check.left_out")
		for _, o := range c.Omissions(from, until) {
			s.Item(label, "%s%s%s", o.Region, s.colon(), rules.Words{FR: o.FR, EN: o.EN}.In(s.language))
			label = ""
		}
		s.listings(p, c, from)
	}
}

// listings tells how far the calendar's iCal files go, and warns if a target
// that begins on a date may fall due after the end of one: nobody sees in a
// due date that next year's closing days were missing.
func (s *Sheet) listings(p *rules.Policy, c *calendar.Calendar, from calendar.Date) {
	due := lastDue(p, c, from)
	for _, l := range c.Listings(from, due) {
		switch {
		case l.Endless:
			s.Item(l.File, "%s", s.Say("check.days_for_ever"))
		case l.Last >= due:
			s.Item(l.File, "%s", s.Say("check.until", "date", s.date(l.Last)))
		default:
			ends := s.Say("check.no_day_at_all")
			if l.Last != 0 {
				ends = s.Say("check.nothing_after") + s.date(l.Last)
			}
			s.Item(l.File, "%s", s.Say("check.days_end", "ends", ends, "date", s.date(due)))
		}
	}
}

// versions says from when on each version of a calendar judges its dates, and
// that none moves what was before; empty where there is but one.
func (s *Sheet) versions(c *calendar.Calendar, from calendar.Date) string {
	first, last := c.Known()
	changes := c.Changes(first, last)
	if len(changes) == 0 {
		return ""
	}
	var list []string
	for i, change := range changes {
		text := s.date(change)
		if change <= from && (i+1 == len(changes) || changes[i+1] > from) {
			text += s.Say("check.marked_in_force")
		}
		list = append(list, text)
	}
	return s.Say("check.other_hours") + strings.Join(list, ", ") +
		s.Say("check.each_date")
}

func (s *Sheet) holiday(n calendar.Name) string {
	name := s.in().Holiday(n)
	if n.Local != "" && n.Local != name && n.Local != n.EN {
		name += " (" + n.Local + ")"
	}
	return name
}

// week shows the weekly plan from Monday to Sunday, like days together.
func (s *Sheet) week(label string, c *calendar.Calendar, on calendar.Date) {
	week := c.Week(on)
	names := s.in().Weekdays()
	for first := 1; first <= 7; {
		last := first
		for last < 7 && slices.Equal(week[(last+1)%7], week[first%7]) {
			last++
		}
		days := names[first%7]
		if last > first {
			days += s.Say("check.to") + names[last%7]
		}
		hours := strings.Join(week[first%7], ", ")
		s.Item(label, "%s%s%s", days, s.colon(), s.either(hours != "", hours, s.Say("check.closed")))
		label = ""
		first = last + 1
	}
}

func (s *Sheet) date(d calendar.Date) string {
	return s.in().Time("time.dated", d.At(0, time.UTC))
}

func aYearLater(d calendar.Date) calendar.Date {
	t, _ := time.Parse(time.DateOnly, d.String())
	return calendar.DateOf(t.AddDate(1, 0, 0))
}

// lastDue is the date on which the longest target that begins on a date falls
// due on a calendar; the date itself where the calendar doesn't reach so far.
func lastDue(p *rules.Policy, c *calendar.Calendar, from calendar.Date) calendar.Date {
	last := from
	begin, err := time.ParseInLocation(time.DateOnly, from.String(), c.Zone())
	if err != nil {
		return last
	}
	for _, row := range p.Targets {
		for _, d := range row.Within {
			due := begin.Add(time.Duration(d.Seconds) * time.Second)
			if d.Business {
				if due, err = c.Add(begin, d.Seconds); err != nil {
					continue
				}
			}
			last = max(last, calendar.DateOf(due.In(c.Zone())))
		}
	}
	return last
}
