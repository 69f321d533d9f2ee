package config

import (
	"cmp"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/connectors/desk"
	"vigie/rules"
	"vigie/rules/calendar"
	"vigie/rules/oncall"
	"vigie/rules/policyfile"
	"vigie/rules/tomlfile"
	"vigie/rules/words"
)

// An OnCall is a rota, and what follows it.
type OnCall struct {
	*oncall.Rota
	Files []string // those that its shifts come from, as the file names them
	Group string   // the Slack user group: "@astreinte", or its id; "" = none
}

// A Person is one whose addresses differ: by "slack", or a vendor's table.
type Person map[string]string

// Address is what somebody is known by in a place ("slack", or a vendor's table), given
// any of the person's addresses; that one itself where the file says nothing else.
func (c *Config) Address(who, place string) string {
	for _, p := range c.People {
		for _, address := range p {
			if strings.EqualFold(address, who) {
				return cmp.Or(p[place], who)
			}
		}
	}
	return who
}

// Addresses are all that somebody is known by, given any of them: that one itself, and
// what the file says besides.
func (c *Config) Addresses(who string) []string {
	list := []string{who}
	for _, p := range c.People {
		for _, address := range p {
			if strings.EqualFold(address, who) {
				return slices.AppendSeq(list, maps.Values(p))
			}
		}
	}
	return list
}

// people reads the persons. An address leads to one of them.
func (l *loader) people(root *tomlfile.Table) []Person {
	var list []Person
	owner := map[string]string{} // of each address, the row
	for _, t := range root.Tables("people") {
		p := Person{}
		for _, place := range l.places() {
			address, ok := text(t, place)
			switch other := owner[strings.ToLower(address)]; {
			case !ok:
				continue
			case !isEmail(address) && (place == "slack" || !accountForm.MatchString(address)):
				t.Add(place, `%q is no e-mail address; write one such as "nadia@acme.example"`, address)
			case other != "" && other != t.Path():
				t.Add(place, "%q is an address of %s, too; it leads to one person only, so write them as one, or correct it", address, other)
			}
			p[place] = address
			owner[strings.ToLower(address)] = t.Path()
		}
		switch {
		case len(p) == 0 && !slices.ContainsFunc(l.places(), t.Has):
			t.Add("", `names no address; write slack = "nadia@acme.example", and by which others %s know the person`, strings.Join(l.places()[1:], " and "))
		case len(p) == 1 && len(l.Vendors) > 0:
			t.Warn("", "has one address, and so says nothing; write the others, or take the table out")
		}
		t.Close()
		list = append(list, p)
	}
	return list
}

// places are where a person has an address.
func (l *loader) places() []string {
	list := []string{"slack"}
	for _, v := range l.Vendors {
		list = append(list, v.Table)
	}
	return list
}

// groupForm is a user group's handle or its id (docs.slack.dev: usergroups).
var groupForm = regexp.MustCompile(`^(@[^\s@#<>|]{1,80}|S[A-Z0-9]{2,})$`)

func (l *loader) onCalls(root *tomlfile.Table) []OnCall {
	var list []OnCall
	names := map[string]bool{}
	for _, t := range root.Tables("oncall") {
		name := t.Require("name", `"support"`)
		switch {
		case name == "":
		case !desk.NameForm.MatchString(name):
			t.Add("name", `%q is no name; write small letters, digits, - and _, such as "support"`, name)
		case names[name]:
			t.Add("name", "another rota is named %q; write a different name here", name)
		}
		names[name] = true
		list = append(list, l.onCall(t, name))
	}
	return list
}

func (l *loader) onCall(t *tomlfile.Table, name string) OnCall {
	defer t.Close()
	spec := oncall.Spec{Name: name, Zone: time.UTC}
	if city := t.Require("zone", `"Europe/Paris"`); city != "" {
		zone, err := calendar.LoadZone(city)
		if err != nil {
			t.Add("zone", "%s", err)
		}
		spec.Zone = cmp.Or(zone, time.UTC)
	}
	spec.People = t.Strings("people")
	for i, who := range spec.People {
		mailed(t, desk.Index("people", i), who)
	}
	o := OnCall{Files: t.Strings("ical"), Group: t.String("group")}
	spec.Turn, spec.Since = turn(t), localTime(t, "since", spec.Zone)
	for i, file := range o.Files {
		spec.Shifts = append(spec.Shifts, l.shifts(t, desk.Index("ical", i), file, spec.Zone)...)
	}
	byTurns := slices.ContainsFunc([]string{"people", "turn", "since"}, t.Has)
	switch {
	case len(o.Files) > 0 && byTurns:
		t.Add("ical", "names shifts, and people, turn and since share turns out; keep one of the two")
	case len(o.Files) == 0 && len(spec.People) == 0 && !t.Has("ical"):
		t.Add("people", `is missing; write people = ["nadia@acme.example"], or the files of their shifts, such as ical = ["oncall.ics"]`)
	case len(o.Files) == 0 && len(spec.People) == 0:
		t.Add("ical", `is empty; write the files of the shifts, such as ical = ["oncall.ics"], or people`)
	case len(spec.People) > 0 && !t.Has("since"):
		t.Add("since", `is missing; write when the first one's first turn begins, such as since = "2026-11-30 08:00"`)
	}
	spec.Hours = hours(t, spec.Zone)
	spec.Overrides = overrides(t, spec.Zone)
	if o.Group != "" && !groupForm.MatchString(o.Group) {
		t.Add("group", `%q is no user group; write its handle such as "@astreinte", or its id such as "S0614TZR7"`, o.Group)
	}
	o.Rota = oncall.New(spec)
	return o
}

// mailed checks an e-mail address at a key.
func mailed(t *tomlfile.Table, key, who string) {
	if !isEmail(who) {
		t.Add(key, `%q is no e-mail address; write one such as "nadia@acme.example"`, who)
	}
}

// turn is how long a turn lasts by the wall clock.
func turn(t *tomlfile.Table) time.Duration {
	const day = 24 * time.Hour
	length, ok := text(t, "turn")
	if !ok {
		return 7 * day
	}
	unit := length
	if words := strings.Fields(length); len(words) == 2 && strings.TrimSuffix(words[1], "s") == "week" {
		if n, err := strconv.Atoi(words[0]); err == nil && n < 1000 {
			unit = strconv.Itoa(7*n) + " days"
		}
	}
	d, err := rules.ParseDuration(unit, int64(day/time.Second))
	switch length := time.Duration(d.Seconds) * time.Second; {
	case err != nil:
		t.Add("turn", `%q is no length of a turn; write one such as "1 week", "2 days" or "12 hours"`, t.Any("turn"))
	case d.Business:
		t.Add("turn", `%q counts on a calendar, and turns follow the wall clock; write plain time, such as "1 week"`, t.Any("turn"))
	case length < time.Hour || length > 366*day:
		t.Add("turn", `%q is shorter than an hour or longer than a year; write one such as "1 week"`, t.Any("turn"))
	default:
		return length
	}
	return 7 * day
}

// localTime is an instant as people write it, by a zone's wall clock; zero where it is
// absent or wrong.
func localTime(t *tomlfile.Table, key string, zone *time.Location) time.Time {
	written, ok := text(t, key)
	if !ok {
		return time.Time{}
	}
	at, err := words.ParseLocal(written, zone)
	if err != nil {
		t.Add(key, "%s", err)
		return time.Time{}
	}
	return at
}

// shifts are those of an iCal file.
func (l *loader) shifts(t *tomlfile.Table, key, file string, zone *time.Location) []oncall.Shift {
	content, err := l.ICal(l.path(file))
	if err != nil {
		t.Add(key, "%v; write the path of a file that can be read, relative to this one", err)
		return nil
	}
	list, err := calendar.ReadShifts(content, zone)
	if err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			t.Add(key, "file %q: %s", file, line)
		}
	}
	return list
}

// hours is when somebody is on call at all; nil: always, or the hours are wrong.
func hours(t *tomlfile.Table, zone *time.Location) *calendar.Calendar {
	week := t.Table("hours")
	if week == nil {
		return nil
	}
	written, key := policyfile.ReadHours(week)
	if len(written) == 0 && len(week.Keys()) > 0 { // what stands there has been noted
		return nil
	}
	c, err := calendar.New(calendar.Spec{Name: t.Path(), Zone: zone.String(), Hours: written})
	var several interface{ Unwrap() []error }
	if !errors.As(err, &several) {
		return c
	}
	for _, e := range several.Unwrap() {
		var p *calendar.Problem
		if errors.As(e, &p) {
			field := p.Field
			for day, as := range key { // as the file names it: "mon-fri"
				if field == "hours."+strings.ToLower(day.String()[:3]) {
					field = "hours." + as
				}
			}
			t.Add(field, "%s", p.Text)
		}
	}
	return nil
}

// overrides are who stands in when. No two do at one time.
func overrides(t *tomlfile.Table, zone *time.Location) []oncall.Shift {
	var list []oncall.Shift
	for _, row := range t.Tables("overrides") {
		row.Require("from", `"2026-12-24 08:00"`)
		row.Require("to", `"2026-12-26 08:00"`)
		s := oncall.Shift{From: localTime(row, "from", zone), To: localTime(row, "to", zone), Who: row.Require("who", `"omar@acme.example"`)}
		if s.Who != "" {
			mailed(row, "who", s.Who)
		}
		known := !s.From.IsZero() && !s.To.IsZero()
		if known && !s.To.After(s.From) {
			row.Add("to", "%s isn't after %s, when it begins; write a later time", words.In("en").Moment(s.To), words.In("en").Moment(s.From))
			known = false
		}
		for _, other := range list {
			if known && s.From.Before(other.To) && other.From.Before(s.To) {
				row.Add("from", "%s stands in from %s to %s already; write times that don't overlap", other.Who, words.In("en").Moment(other.From), words.In("en").Moment(other.To))
			}
		}
		if known {
			list = append(list, s)
		}
		row.Close()
	}
	return list
}
