package print

import (
	"fmt"
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
			users = append(users, s.either(len(p.Teams) == 0, s.Pick("toutes les équipes", "every team"), s.Pick("toute autre équipe", "every other team")))
		}
		if len(users) == 0 {
			users = []string{s.Pick("personne", "nobody")}
		}
		s.Heading(fmt.Sprintf(s.Pick("  Calendrier %s, pour %s", "  Calendar %s, for %s"), name, strings.Join(users, ", ")))
		s.Item(s.Pick("fuseau", "zone"), "%s", c.Zone())
		until := aYearLater(from) - 1
		s.week(s.Pick("horaires", "hours"), c, from)
		for _, change := range c.Changes(from, until) {
			s.week(s.Pick("dès ", "from ")+change.String(), c, change)
		}
		if versions := s.versions(c, from); versions != "" {
			s.Item("versions", "%s", versions)
		}
		for _, d := range c.SpecialHours(from, until) {
			hours := strings.Join(d.Hours, ", ")
			s.Item(s.Pick("exception", "exception"), "%s  %s", s.date(d.Date), s.either(hours != "", hours, s.Pick("fermé", "closed")))
		}
		label := s.Pick("jours fériés", "holidays")
		for _, h := range c.Holidays(from, until) {
			s.Item(label, "%s  %s", s.date(h.Date), s.holiday(h.Name))
			label = ""
		}
		if label != "" {
			s.Item(label, "%s", s.Pick("aucun pendant douze mois", "none within twelve months"))
		}
		label = s.Pick("laissé de côté", "left out")
		for _, o := range c.Omissions(from, until) {
			s.Item(label, "%s%s%s", o.Region, s.colon(), s.Pick(o.FR, o.EN))
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
			s.Item(l.File, "%s", s.Pick("des jours qui reviennent sans fin", "days that come again for ever"))
		case l.Last >= due:
			s.Item(l.File, s.Pick("jusqu'au %s", "until %s"), s.date(l.Last))
		default:
			ends := s.Pick("aucun jour", "no day at all")
			if l.Last != 0 {
				ends = s.Pick("rien après le ", "nothing after ") + s.date(l.Last)
			}
			s.Item(l.File, s.Pick("ATTENTION : %s, or une échéance peut tomber jusqu'au %s ; ajoutez les jours suivants au fichier",
				"WARNING: %s, but a target may fall due until %s; add the days to come to the file"), ends, s.date(due))
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
			text += s.Pick(" (en vigueur)", " (in force)")
		}
		list = append(list, text)
	}
	return s.Pick("une autre dès le ", "another from ") + strings.Join(list, ", ") +
		s.Pick(" ; chaque date compte selon celle de ce jour-là", "; each date counts by the one valid on it")
}

func (s *Sheet) holiday(n calendar.Name) string {
	name := s.Pick(n.FR, n.EN)
	if n.Local != "" && n.Local != name && n.Local != n.EN {
		name += " (" + n.Local + ")"
	}
	return name
}

// week shows the weekly plan from Monday to Sunday, like days together.
func (s *Sheet) week(label string, c *calendar.Calendar, on calendar.Date) {
	week := c.Week(on)
	names := dayNames[s.fr]
	for first := 1; first <= 7; {
		last := first
		for last < 7 && slices.Equal(week[(last+1)%7], week[first%7]) {
			last++
		}
		days := names[first%7]
		if last > first {
			days += s.Pick(" à ", " to ") + names[last%7]
		}
		hours := strings.Join(week[first%7], ", ")
		s.Item(label, "%s%s%s", days, s.colon(), s.either(hours != "", hours, s.Pick("fermé", "closed")))
		label = ""
		first = last + 1
	}
}

func (s *Sheet) date(d calendar.Date) string {
	return dayNames[s.fr][d.Weekday()][:3] + " " + d.String()
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
