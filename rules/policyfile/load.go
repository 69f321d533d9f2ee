// Package policyfile makes a policy of a file that people write, or tells every mistake
// of it at once, each with its file, line and remedy.
//
// The text is read as a document (package tomlfile), laid over the policy that it
// extends (Read), and then key by key into the values that package rules judges by
// (Load). Files of one name are versions of one policy (Versions). The rows of Keys are
// what the loader goes by, and with Nouns, the names that conditions know, the reference
// that people read. Other files, such as examples and calendars' iCal files, come from
// whoever calls: nothing is opened here.
package policyfile

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"vigie/rules"
	"vigie/rules/calendar"
	"vigie/rules/tomlfile"
)

// Load reads a policy file. The problems hold every mistake at once; a
// policy with problems that are no mere warnings is nil. readFile gives the
// content of the files that it names, relative to it: iCal files of calendars, examples,
// and the policy that it extends, which may also be a built-in one by its name.
func Load(file string, text []byte, readFile func(name string) ([]byte, error)) (*rules.Policy, tomlfile.Problems) {
	digest := sha256.New()
	digest.Write(text)
	read := readFile
	if readFile != nil {
		read = func(name string) ([]byte, error) {
			content, err := readFile(name)
			digest.Write(content)
			return content, err
		}
	}
	d, root := Read(file, text, read)
	if problems := d.Problems(); len(problems) > 0 {
		return nil, problems
	}
	l := &loader{Document: d, readFile: read, p: &rules.Policy{File: file}}
	if d.FileOf("effective_from") == file {
		l.p.Line = root.Line("effective_from")
	}
	l.load(root)
	if problems := d.Problems(); problems.Err() != nil {
		return nil, problems
	}
	l.p.Digest = hex.EncodeToString(digest.Sum(nil))
	return l.p, d.Problems()
}

type loader struct {
	*tomlfile.Document
	readFile func(name string) ([]byte, error)
	p        *rules.Policy
}

func (l *loader) load(root *tomlfile.Table) {
	p := l.p
	p.Name = root.Require("name", `"acme"`)
	if p.Name != "" && !nameForm.MatchString(p.Name) {
		root.Add("name", "%q is no name; write small letters, digits, - and _", tomlfile.Short(p.Name))
	}
	title := cmp.Or(root.String("title"), p.Name)
	if p.Titles = l.words(root, "titles"); p.Titles == (rules.Words{}) {
		p.Titles = rules.Words{FR: title, EN: title}
	}
	p.Source = root.String("source")
	p.Covers = l.condition(root, "covers")

	p.BusinessDay = 8 * 3600
	if d, ok := l.duration(root, "business_day"); ok {
		if p.BusinessDay = d.Seconds; d.Business {
			root.Add("business_day", "%q is measured in itself; write plain time, such as \"8 hours\"", d)
		}
	}
	l.calendars(root)
	if y, m, day, ok := root.Date("effective_from"); ok && p.Calendar != nil {
		p.EffectiveFrom = time.Date(y, m, day, 0, 0, 0, 0, p.Calendar.Zone())
		l.reach(calendar.NewDate(y, m, day))
	} else if !root.Has("effective_from") {
		root.Add("effective_from", "is missing; write the first day on which the policy holds, such as effective_from = 2026-01-01")
	}

	l.priorities(root)
	l.examples(root)
	p.DefaultPriority = root.Require("default_priority", `"normal"`)
	if p.DefaultPriority != "" {
		l.knownPriority(root, "default_priority", p.DefaultPriority)
	}
	p.Propose = l.choice(root, "priority_rules", "apply", "propose") == "propose"
	p.Restart = l.choice(root, "reopen", "resume", "restart") == "restart"
	if d, ok := l.duration(root, "reopen_grace"); ok {
		p.ReopenGrace = &d
	}
	if d, ok := l.duration(root, "triage"); ok {
		p.Triage = &d
	}

	for _, t := range root.Tables("targets") {
		l.target(t)
	}
	if len(p.Targets) == 0 && !root.Has("targets") {
		root.Add("targets", "is missing; a policy without a [[targets]] row promises nothing")
	}
	for _, t := range root.Tables("exclude") {
		p.Excludes = append(p.Excludes, rules.Exclude{
			When: l.requiredCondition(t), Tag: l.tag(t), Reason: l.words(t, "reason"), Clause: t.String("clause"),
		})
		t.Close()
	}
	for _, t := range root.Tables("mark") {
		p.Marks = append(p.Marks, rules.Mark{
			When: l.requiredCondition(t), Tag: l.tag(t), Note: l.words(t, "note"), Propose: l.words(t, "propose"), Tell: t.Bool("tell"), Clause: t.String("clause"),
		})
		t.Close()
	}
	for _, t := range root.Tables("escalate") {
		l.escalate(t)
	}
	l.clauses(root)
	noPhrases(root)
	root.Close()
	for _, pr := range p.Priorities {
		if !slices.ContainsFunc(p.Targets, func(t rules.Target) bool { _, ok := t.Within[pr.Name]; return ok }) {
			l.Warn("priorities", "no [[targets]] row names %q; tickets of that priority have no clock", pr.Name)
		}
	}
}

var (
	nameForm = regexp.MustCompile(`^[a-z0-9_-]+$`)
	tagForm  = regexp.MustCompile(`^[a-z0-9_]+$`)
)

func (l *loader) calendars(root *tomlfile.Table) {
	p := l.p
	p.Calendars = map[string]*calendar.Calendar{}
	all := root.Table("calendars")
	if !root.Has("calendars") {
		root.Add("calendars", `is missing; write [calendars.paris] with zone = "Europe/Paris" and hours = { mon-fri = ["09:00-17:00"] }`)
	}
	for _, name := range all.Keys() {
		t := all.Table(name)
		if t == nil {
			continue
		}
		if c := l.calendar(name, t); c != nil {
			p.Calendars[name] = c
		}
	}
	known := func(t *tomlfile.Table, key, name string) *calendar.Calendar {
		c, ok := p.Calendars[name]
		if !ok && name != "" && !all.Has(name) {
			t.Add(key, "calendar %q is not in this file; %s", name, tomlfile.OneOf(all.Keys(), name))
		}
		return c
	}
	p.Calendar = known(root, "calendar", root.Require("calendar", `"paris"`))
	p.Teams = map[string]*calendar.Calendar{}
	teams := root.Table("teams")
	for _, group := range teams.Keys() {
		p.Teams[group] = known(teams, group, teams.String(group))
	}
}

// calendar reads one [calendars.NAME] table; nil when it has problems.
func (l *loader) calendar(name string, t *tomlfile.Table) *calendar.Calendar {
	spec := calendar.Spec{Name: name, Zone: t.Require("zone", `"Europe/Paris"`), Files: map[string][]byte{}}
	hours := t.Table("hours")
	if !t.Has("hours") {
		t.Add("hours", `is missing; write hours = { mon-fri = ["09:00-17:00"] }`)
	}
	var dayKey map[time.Weekday]string
	spec.Hours, dayKey = ReadHours(hours)
	spec.Holidays = l.holidays(t, spec.Files)
	spec.Special = l.special(t)
	for _, v := range t.Tables("versions") {
		y, m, d, ok := v.Date("from")
		if !ok && !v.Has("from") {
			v.Add("from", "is missing; write the first date of this version, such as from = 2027-01-01")
		}
		var version calendar.Version
		if ok {
			version.From = calendar.NewDate(y, m, d)
		}
		if v.Any("hours") != nil {
			version.Hours, _ = ReadHours(v.Table("hours"))
		}
		if v.Any("holidays") != nil {
			version.Holidays = l.holidays(v, spec.Files)
		}
		if v.Any("special") != nil {
			version.Special = l.special(v)
		}
		noBusinessDay(v)
		v.Close()
		spec.Versions = append(spec.Versions, version)
	}
	noBusinessDay(t)
	t.Close()
	noted := t.Problems()
	c, err := calendar.New(spec)
	for _, e := range unjoin(err) {
		var p *calendar.Problem
		if !errors.As(e, &p) {
			t.Add("", "%v", e)
			continue
		}
		key := p.Field
		if day, ok := strings.CutPrefix(key, "hours."); ok { // as the file names it: "mon-fri"
			for weekday, written := range dayKey {
				if weekdays[weekday] == day {
					key = "hours." + written
				}
			}
		}
		// What couldn't even be read has been noted, and needs no second word.
		if !slices.ContainsFunc(noted, func(p tomlfile.Problem) bool { return p.Under(t.At(key)) }) {
			t.Add(key, "%s", p.Text)
		}
	}
	if err != nil || len(noted) > 0 {
		return nil
	}
	for i, entry := range spec.Holidays {
		if strings.HasPrefix(entry, "-") && removesNothing(spec, i) {
			t.Warn(fmt.Sprintf("holidays[%d]", i), "%q removes nothing: that date is no holiday; correct the date or remove the entry", entry)
		}
	}
	return c
}

// noBusinessDay says where the length of a business day belongs to somebody who
// wrote it into a calendar: it measures the policy's promises, whichever team's
// calendar then counts them.
func noBusinessDay(calendar *tomlfile.Table) {
	if calendar.Has("business_day") {
		calendar.Add("business_day", "no calendar has one, as it is one for all of the policy; write business_day = \"8 hours\" at the top of the file, above its first [table]")
	}
}

// noPhrases tells whoever still has lists of phrases, once a part of this language, what
// has come in their place.
func noPhrases(root *tomlfile.Table) {
	if root.Has("phrases") {
		root.Any("phrases") // so that it isn't unknown besides
		root.Add("phrases", `there are no lists of phrases any more, nor together and apart; a priority is learned from tickets: write examples = ["acme.examples.jsonl"] (vigie export --examples writes that file), and where another condition asks for words, write them into has or affirms`)
	}
}

// reach warns of calendars that know nothing of the policy's first years.
func (l *loader) reach(from calendar.Date) {
	for _, name := range slices.Sorted(maps.Keys(l.p.Calendars)) {
		if first, _ := l.p.Calendars[name].Known(); from < first {
			l.Warn("calendars."+name+".holidays", "are known from %s on, but the policy holds from %s; a ticket of the time between can't be judged", first, from)
		}
	}
}

// removesNothing says that a sound calendar's holiday entry "-2026-05-27" takes
// away a date that without it would be no holiday either.
func removesNothing(spec calendar.Spec, entry int) bool {
	d, _ := calendar.ParseDate(spec.Holidays[entry][1:])
	spec.Holidays = slices.Delete(slices.Clone(spec.Holidays), entry, entry+1)
	c, err := calendar.New(spec)
	return err == nil && len(c.Holidays(d, d)) == 0
}

// ReadHours reads hours = { mon-fri = […], sat = […] }, as a calendar's Spec has
// them, and tells under which key each weekday stands.
func ReadHours(t *tomlfile.Table) (map[time.Weekday][]string, map[time.Weekday]string) {
	hours, key := map[time.Weekday][]string{}, map[time.Weekday]string{}
	for _, name := range t.Keys() {
		intervals := t.Strings(name)
		first, last, ranged := strings.Cut(name, "-")
		if !ranged {
			last = first
		}
		from, to := slices.Index(weekdays, first), slices.Index(weekdays, last)
		if from < 0 || to < 0 {
			t.Add(name, "%q is no weekday; write mon, tue, wed, thu, fri, sat, sun, or a range such as mon-fri", name)
			continue
		}
		for day := from; ; day = (day + 1) % 7 {
			if other, twice := key[time.Weekday(day)]; twice {
				t.Add(name, "%s is already named by %s; name each weekday once", weekdays[day], other)
			}
			hours[time.Weekday(day)], key[time.Weekday(day)] = intervals, name
			if day == to {
				break
			}
		}
	}
	return hours, key
}

// holidays reads the list and the iCal files that it names.
func (l *loader) holidays(t *tomlfile.Table, files map[string][]byte) []string {
	list := t.Strings("holidays")
	for i, name := range list {
		if !strings.HasSuffix(name, ".ics") || files[name] != nil {
			continue
		}
		if l.readFile == nil {
			t.Add(fmt.Sprintf("holidays[%d]", i), "files can't be read here; write regions and dates")
			continue
		}
		content, err := l.readFile(name)
		if err != nil {
			t.Add(fmt.Sprintf("holidays[%d]", i), "%v; write a path that can be read, relative to this file", err)
			continue
		}
		files[name] = content
	}
	return list
}

func (l *loader) special(t *tomlfile.Table) map[string][]string {
	special := t.Table("special")
	if special == nil {
		return nil
	}
	dates := map[string][]string{}
	for _, date := range special.Keys() {
		dates[date] = special.Strings(date)
	}
	return dates
}

// unjoin is the errors that errors.Join joined.
func unjoin(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// weekdays are as people write them, in the order of time.Weekday.
var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
