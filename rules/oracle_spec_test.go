package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A second, naive reading of the design's sections 3 to 5, to hold the program
// against: it shares no code with the program. This file is what it knows of a
// policy: its own words, which it can also write down as a policy file.

type oracleSpec struct {
	name       string
	covers     *oracleCondition
	calendars  []*oracleCalendar              // the first is the policy's
	teams      map[string]int                 // group -> calendar
	day        int64                          // business_day, in seconds
	priorities []oraclePriority               // most urgent first
	standard   string                         // default_priority
	propose    bool                           // priority_rules
	restart    bool                           // reopen
	grace      *oracleDuration                // reopen_grace
	triage     *oracleDuration                //
	targets    []*oracleTarget                //
	excludes   []oracleTagged                 //
	marks      []oracleTagged                 //
	rowOf      map[oracleRowKey]*oracleTarget // remembered answers
}

type oraclePriority struct {
	name string
	when *oracleCondition
}

type oracleTarget struct {
	metric          string
	when, until     *oracleCondition
	within          map[string]oracleDuration
	warn            map[string][]oracleThreshold
	pause           []string
	pauseAfterReply bool // only once an agent has answered
	endsOnReply     bool // waiting for the customer only until he answers
}

type oracleTagged struct {
	when *oracleCondition
	tag  string
}

// An oracleDuration is written as "90 business minutes".
type oracleDuration struct {
	n        int64
	business bool
	unit     string
}

func (d oracleDuration) String() string {
	if d.business {
		return fmt.Sprintf("%d business %s", d.n, d.unit)
	}
	return fmt.Sprintf("%d %s", d.n, d.unit)
}

func (d oracleDuration) seconds(businessDay int64) int64 {
	switch {
	case d.unit == "seconds":
		return d.n
	case d.unit == "minutes":
		return d.n * 60
	case d.unit == "hours":
		return d.n * 3600
	case d.business:
		return d.n * businessDay
	}
	return d.n * 86400
}

// An oracleThreshold is a share in thousandths, or a time left.
type oracleThreshold struct {
	permille int64
	left     oracleDuration
	text     string
}

// passed says whether so much of a target is used that the threshold is reached.
func (w oracleThreshold) passed(used, target, businessDay int64) bool {
	if w.permille > 0 {
		return used*1000 >= target*w.permille
	}
	return target-used <= w.left.seconds(businessDay)
}

// An oracleView is what a condition sees.
type oracleView struct {
	kind, status, priority, channel, organization, group, text string
	openedBy                                                   string // never empty
	tags                                                       []string
	fields                                                     map[string]string
	createdInHours, answered                                   bool
}

// An oracleCondition is a condition twice: as the policy file has it, and as Go.
type oracleCondition struct {
	text  string
	holds func(*oracleView) bool
}

func (c *oracleCondition) is(v *oracleView) bool { return c == nil || c.holds(v) }

// An oracleCalendar is a weekly plan by time.Weekday, in minutes after
// midnight; an interval that ends before it begins ends the next morning.
type oracleCalendar struct {
	name     string
	zone     *time.Location
	plans    []oraclePlan // in the order of from; the first holds always
	holidays []int        // 20261130
	special  map[int][][2]int
	known    map[int64]bool // minute -> open, remembered
}

type oraclePlan struct {
	from  int // date
	hours [7][][2]int
}

// open says whether an instant is open: whether its wall clock lies in an
// interval of its local date.
func (c *oracleCalendar) open(at int64) bool {
	minute := at / 60
	if open, ok := c.known[minute]; ok {
		return open
	}
	open := c.look(time.Unix(at, 0).In(c.zone))
	c.known[minute] = open
	return open
}

func (c *oracleCalendar) look(local time.Time) bool {
	y, m, d := local.Date()
	date := y*10000 + int(m)*100 + d
	clock := local.Hour()*60 + local.Minute()
	if special, ok := c.special[date]; ok {
		return slices.ContainsFunc(special, func(i [2]int) bool { return i[0] <= clock && clock < i[1] })
	}
	if slices.Contains(c.holidays, date) {
		return false
	}
	var plan oraclePlan
	for _, p := range c.plans {
		if p.from <= date {
			plan = p
		}
	}
	for _, i := range plan.hours[local.Weekday()] {
		if i[0] <= clock && (clock < i[1] || i[1] < i[0]) {
			return true
		}
	}
	for _, i := range plan.hours[(local.Weekday()+6)%7] {
		if i[1] < i[0] && clock < i[1] {
			return true
		}
	}
	return false
}

// toml writes the spec as a policy file.
func (s *oracleSpec) toml() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	quoted := func(list []string) string {
		for i := range list {
			list[i] = fmt.Sprintf("%q", list[i])
		}
		return "[" + strings.Join(list, ", ") + "]"
	}
	condition := func(key string, c *oracleCondition) {
		if c != nil {
			line("%s = '%s'", key, c.text)
		}
	}
	line("name = %q\neffective_from = 2000-01-01\ncalendar = %q\ndefault_priority = %q", s.name, s.calendars[0].name, s.standard)
	line("business_day = \"%d minutes\"", s.day/60)
	condition("covers", s.covers)
	if s.propose {
		line(`priority_rules = "propose"`)
	}
	if s.restart {
		line(`reopen = "restart"`)
	}
	if s.grace != nil {
		line("reopen_grace = %q", s.grace)
	}
	if s.triage != nil {
		line("triage = %q", s.triage)
	}
	clocks := func(list [][2]int) string {
		var texts []string
		for _, i := range list {
			texts = append(texts, fmt.Sprintf("%02d:%02d-%02d:%02d", i[0]/60, i[0]%60, i[1]/60, i[1]%60))
		}
		return quoted(texts)
	}
	hours := func(p oraclePlan) string {
		var days []string
		for day, list := range p.hours {
			days = append(days, fmt.Sprintf("%s = %s", []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}[day], clocks(list)))
		}
		return "{ " + strings.Join(days, ", ") + " }"
	}
	iso := func(date int) string { return fmt.Sprintf("%04d-%02d-%02d", date/10000, date/100%100, date%100) }
	for _, c := range s.calendars {
		line("[calendars.%s]\nzone = %q\nhours = %s", c.name, c.zone, hours(c.plans[0]))
		var holidays, special []string
		for _, date := range c.holidays {
			holidays = append(holidays, iso(date))
		}
		for date, list := range c.special {
			special = append(special, fmt.Sprintf("%q = %s", iso(date), clocks(list)))
		}
		line("holidays = %s\nspecial = { %s }", quoted(holidays), strings.Join(special, ", "))
		for _, p := range c.plans[1:] {
			line("[[calendars.%s.versions]]\nfrom = %s\nhours = %s", c.name, iso(p.from), hours(p))
		}
	}
	line("[teams]")
	for group, i := range s.teams {
		line("%q = %q", group, s.calendars[i].name)
	}
	for _, p := range s.priorities {
		line("[[priorities]]\nname = %q", p.name)
		condition("when", p.when)
	}
	for _, t := range s.targets {
		line("[[targets]]\nmetric = %q", t.metric)
		condition("when", t.when)
		condition("until", t.until)
		var within, warn []string
		for _, p := range s.priorities {
			if d, ok := t.within[p.name]; ok {
				within = append(within, fmt.Sprintf("%s = %q", p.name, d))
				var texts []string
				for _, w := range t.warn[p.name] {
					texts = append(texts, w.text)
				}
				warn = append(warn, p.name+" = "+quoted(texts))
			}
		}
		line("within = { %s }\nwarn = { %s }", strings.Join(within, ", "), strings.Join(warn, ", "))
		line("pause = %s\npause_after_reply = %v\npause_ends_on_reply = %v", quoted(slices.Clone(t.pause)), t.pauseAfterReply, t.endsOnReply)
	}
	for table, list := range map[string][]oracleTagged{"exclude": s.excludes, "mark": s.marks} {
		for _, x := range list {
			line("[[%s]]\ntag = %q", table, x.tag)
			condition("when", x.when)
		}
	}
	return b.String()
}
