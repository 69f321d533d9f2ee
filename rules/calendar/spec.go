package calendar

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A Spec is a calendar as it is written down.
//
// An entry of Holidays is a region ("FR", "DE-BW": the country's holidays and
// the state's; see [Regions]), a date to close ("2026-05-25"), a date that is
// no holiday whatever the other entries say ("-2026-05-25"), or the name of an
// iCal file, ending in ".ics".
type Spec struct {
	Name     string                    // in errors and explanations
	Zone     string                    // an IANA name: "Europe/Paris"
	Hours    map[time.Weekday][]string // "09:00-17:00", "22:00-06:00", "00:00-24:00"
	Holidays []string                  // see above
	Special  map[string][]string       // "2026-12-24": {"09:00-12:00"}: that date's hours, holiday or not; none closes it
	Versions []Version                 // in any order
	Files    map[string][]byte         // contents of the iCal files that Holidays names
}

// A Version changes a calendar from a local date on. Nil leaves a part as the
// version before has it; what is given replaces that part as a whole.
type Version struct {
	From     Date
	Hours    map[time.Weekday][]string
	Holidays []string
	Special  map[string][]string
}

// New makes a calendar. The error joins a [*Problem] for everything that is
// wrong with spec.
func New(spec Spec) (*Calendar, error) {
	found := &problems{all: new([]error)}
	c := &Calendar{name: spec.Name, zone: readZone(spec.Zone, found.in("zone"))}

	p := plan{from: NewDate(firstYear, 1, 1)}
	p.read(Version{p.from, orEmpty(spec.Hours), spec.Holidays, spec.Special}, spec.Files, c.zone, found)
	c.plans = append(c.plans, p)
	c.first = edge{date: p.from}
	c.last = edge{date: NewDate(lastYear+1, 1, 1) - 1}

	fields := []*problems{found}
	for _, i := range byDate(spec.Versions) {
		v, found := spec.Versions[i], found.in(fmt.Sprintf("versions[%d]", i))
		switch {
		case v.From == 0:
			found.add("from", "is missing: write the first date of this version, such as 2027-01-01")
		case v.From <= p.from || v.From > c.last.date:
			found.add("from", fmt.Sprintf("%s doesn't follow %s, when the version before begins", v.From, p.from))
		default:
			p.from = v.From
		}
		p.read(v, spec.Files, c.zone, found)
		c.plans = append(c.plans, p)
		fields = append(fields, found)
	}
	if len(*found.all) == 0 && !c.opens() {
		found.add("hours", `has no open hours at all: write some, such as mon-fri = ["09:00-17:00"]`)
	}
	if len(*found.all) == 0 {
		c.limit(fields)
	}
	if err := found.err(); err != nil {
		return nil, err
	}
	c.known = span64{instant(c.first.date, c.zone), instant(c.last.date+1, c.zone)}
	return c, nil
}

func orEmpty(hours map[time.Weekday][]string) map[time.Weekday][]string {
	if hours == nil {
		return map[time.Weekday][]string{}
	}
	return hours
}

// byDate gives the indexes of versions in the order of their dates.
func byDate(versions []Version) []int {
	order := make([]int, len(versions))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(versions[a].From - versions[b].From) })
	return order
}

// opens reports whether the calendar has any open hours.
func (c *Calendar) opens() bool {
	for _, p := range c.plans {
		for _, spans := range p.week.open {
			if len(spans) > 0 {
				return true
			}
		}
		for _, spans := range p.special {
			if len(spans) > 0 {
				return true
			}
		}
	}
	return false
}

// limit draws in what the calendar knows to the years that its regions know.
// What is known must be one stretch of time: a version whose region leaves a
// gap before or after another version is a problem.
func (c *Calendar) limit(fields []*problems) {
	for i, p := range c.plans {
		end := c.last.date + 1
		if i+1 < len(c.plans) {
			end = c.plans[i+1].from
		}
		for _, s := range p.holidays {
			r, ok := s.(region)
			if !ok {
				continue
			}
			from, until := NewDate(r.from, 1, 1), NewDate(r.until+1, 1, 1)-1
			if i == 0 && from > c.first.date {
				c.first = edge{from, r.code}
			}
			if i == len(c.plans)-1 && until < c.last.date {
				c.last = edge{until, r.code}
			}
			switch {
			case i > 0 && from > p.from, i+1 < len(c.plans) && until < end-1, from >= end, until < p.from:
				fields[i].add("holidays", fmt.Sprintf("%s is known from %d to %d, which doesn't cover the version from %s to %s",
					r.code, r.from, r.until, p.from, end-1))
			}
		}
	}
}

// read takes over what a version says.
func (p *plan) read(v Version, files map[string][]byte, zone *time.Location, found *problems) {
	if v.Hours != nil {
		p.week = readWeek(v.Hours, found)
	}
	if v.Special != nil {
		p.special = map[Date][]span{}
		for _, text := range slices.Sorted(maps.Keys(v.Special)) {
			found := found.in("special." + text)
			d, err := ParseDate(text)
			if err != nil {
				found.add("", err.Error())
			}
			p.special[d] = readDay(v.Special[text], found)
		}
	}
	if v.Holidays != nil {
		p.holidays, p.added, p.removed = nil, map[Date]bool{}, map[Date]bool{}
		for i, entry := range v.Holidays {
			p.readHoliday(entry, files, zone, found.in(fmt.Sprintf("holidays[%d]", i)))
		}
	}
}

func (p *plan) readHoliday(entry string, files map[string][]byte, zone *time.Location, found *problems) {
	if strings.HasSuffix(strings.ToLower(entry), ".ics") {
		content, ok := files[entry]
		if !ok {
			found.add("", fmt.Sprintf("file %q wasn't read: check its path", entry))
			return
		}
		dates, err := readICal(entry, content, zone)
		if err != nil {
			for line := range strings.SplitSeq(err.Error(), "\n") {
				found.add("", fmt.Sprintf("file %q: %s", entry, line))
			}
		}
		p.holidays = append(p.holidays, dates)
		return
	}
	if r, ok := tables[entry]; ok {
		p.holidays = append(p.holidays, r)
		return
	}
	bare, removed := strings.CutPrefix(entry, "-")
	d, err := ParseDate(bare)
	switch {
	case err != nil && strings.ContainsAny(bare, "0123456789") && strings.Count(bare, "-") == 2:
		found.add("", err.Error())
	case err != nil:
		found.add("", fmt.Sprintf("%q is no region that is known: write one of %s, a date such as 2026-05-25, or the name of an .ics file",
			entry, strings.Join(regionsNear(entry), ", ")))
	case removed:
		p.removed[d] = true
	default:
		p.added[d] = true
	}
}
