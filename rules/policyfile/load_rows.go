package policyfile

import (
	"fmt"
	"slices"
	"strings"

	"vigie/rules"
	"vigie/rules/tomlfile"
)

// The parts of Load that read priorities, targets and conditions.

func (l *loader) priorities(root *tomlfile.Table) {
	for _, t := range root.Tables("priorities") {
		pr := rules.Priority{
			Name: t.Require("name", `"urgent"`), Vendors: map[string][]string{},
			When: l.condition(t, "when"), Rubric: l.words(t, "rubric"), Clause: t.String("clause"),
		}
		for _, vendor := range []string{"zendesk", "jira"} {
			if t.Has(vendor) {
				pr.Vendors[vendor] = t.Strings(vendor)
			}
			taken, _ := l.p.VendorPriorities(vendor)
			for i, name := range pr.Vendors[vendor] {
				if other := taken[strings.ToLower(strings.TrimSpace(name))]; other != "" {
					t.Warn(fmt.Sprintf("%s[%d]", vendor, i), "%q is %s's name too, and a ticket that has it counts as %s; give each priority names of its own", name, other, other)
				}
			}
		}
		switch {
		case pr.Name != "" && !tagForm.MatchString(pr.Name):
			t.Add("name", "%q is no priority's name; write small letters, digits and _, since it becomes the tag priority_<name>", tomlfile.Short(pr.Name))
		case l.p.Rank(pr.Name) >= 0:
			t.Add("name", "%q is named twice; name each priority once", pr.Name)
		}
		t.Close()
		l.p.Priorities = append(l.p.Priorities, pr)
	}
	if len(l.p.Priorities) == 0 && !root.Has("priorities") {
		root.Add("priorities", "is missing; write a [[priorities]] table for each, most urgent first")
	}
}

// clauses reads the titles that customers are shown instead of a clause's number.
// One that no row cites is most likely misspelt.
func (l *loader) clauses(root *tomlfile.Table) {
	t := root.Table("clauses")
	l.p.Clauses = map[string]rules.Words{}
	cited := map[string]bool{}
	for _, pr := range l.p.Priorities {
		cited[pr.Clause] = true
	}
	for _, row := range l.p.Targets {
		cited[row.Clause] = true
	}
	for _, x := range l.p.Excludes {
		cited[x.Clause] = true
	}
	for _, name := range t.Keys() {
		l.p.Clauses[name] = l.words(t, name)
		if !cited[name] {
			t.Warn(name, "no [[priorities]], [[targets]] or [[exclude]] row cites clause %q; correct it, or remove it", tomlfile.Short(name))
		}
	}
}

// knownPriority says whether the policy has a priority, and notes it if not.
func (l *loader) knownPriority(t *tomlfile.Table, key, name string) bool {
	if l.p.Rank(name) >= 0 {
		return true
	}
	var names []string
	for _, pr := range l.p.Priorities {
		names = append(names, pr.Name)
	}
	if len(names) > 0 {
		t.Add(key, "priority %q is not in this file; %s", name, tomlfile.OneOf(names, name))
	}
	return false
}

func (l *loader) target(t *tomlfile.Table) {
	row := rules.Target{
		Metric: rules.Metric(t.Require("metric", `"resolution"`)), When: l.condition(t, "when"),
		Within: map[string]rules.Duration{}, Warn: map[string][]rules.Threshold{}, Pause: map[rules.Status]bool{},
		PauseAfterReply: t.Bool("pause_after_reply"), PauseEndsOnReply: t.Bool("pause_ends_on_reply"), Until: l.condition(t, "until"), Clause: t.String("clause"),
	}
	if row.Metric != "" && !slices.Contains(rules.Metrics, row.Metric) {
		t.Add("metric", "%q is no metric; %s", row.Metric, tomlfile.OneOf(texts(rules.Metrics), string(row.Metric)))
	}
	within := t.Table("within")
	if !t.Has("within") {
		t.Add("within", `is missing; write within = { urgent = "2 business days" }`)
	}
	for _, priority := range within.Keys() {
		if d, ok := l.duration(within, priority); ok && l.knownPriority(within, priority, priority) {
			row.Within[priority] = d
		}
	}
	for i, s := range t.Strings("pause") {
		key := fmt.Sprintf("pause[%d]", i)
		switch {
		case !slices.Contains(rules.Statuses, rules.Status(s)):
			t.Add(key, "%q is no status; %s", s, tomlfile.OneOf(texts(rules.Statuses), s))
		case slices.Contains([]rules.Status{rules.Solved, rules.Closed, rules.Deleted}, rules.Status(s)):
			t.Add(key, "%q ends a clock by itself; remove it", s)
		}
		row.Pause[rules.Status(s)] = true
	}
	if row.PauseEndsOnReply && !row.Pause[rules.WaitingCustomer] {
		t.Warn("pause_ends_on_reply", "changes nothing, since this row doesn't pause while the ticket waits for the customer; add %q to pause, or remove it", rules.WaitingCustomer)
	}
	l.warn(t, &row)
	t.Close()
	l.p.Targets = append(l.p.Targets, row)
}

// warn reads warn = ["75%"], for every priority of the row, or
// warn = { urgent = ["75%"] }, for each its own.
func (l *loader) warn(t *tomlfile.Table, row *rules.Target) {
	list := func(t *tomlfile.Table, key, priority string) {
		for i, text := range t.Strings(key) {
			target, at := row.Within[priority], fmt.Sprintf("%s[%d]", key, i)
			w, err := rules.ParseThreshold(text, l.p.BusinessDay)
			if err == nil {
				err = w.Fits(target)
			}
			if err != nil {
				t.Add(at, "%s", err)
				continue
			}
			if w.AtOnce(target) {
				t.Warn(at, "%q left is all of the target %q for %s: it warns as soon as the clock starts; write less", text, target, priority)
			}
			row.Warn[priority] = append(row.Warn[priority], w)
		}
	}
	if _, each := t.Any("warn").(map[string]any); each {
		warn := t.Table("warn")
		for _, priority := range warn.Keys() {
			if _, ok := row.Within[priority]; ok {
				list(warn, priority, priority)
			} else if l.knownPriority(warn, priority, priority) && !t.Table("within").Has(priority) {
				warn.Add(priority, "this row has no target for %q; add it to within, or remove it here", priority)
			}
		}
		return
	}
	for _, pr := range l.p.Priorities {
		if _, ok := row.Within[pr.Name]; ok {
			list(t, "warn", pr.Name)
		}
	}
}

func (l *loader) duration(t *tomlfile.Table, key string) (rules.Duration, bool) {
	text := t.String(key)
	if text == "" {
		if v, ok := t.Any(key).(string); ok {
			t.Add(key, "%q is no duration; write one such as \"2 hours\"", v)
		}
		return rules.Duration{}, false
	}
	d, err := rules.ParseDuration(text, l.p.BusinessDay)
	if err != nil {
		t.Add(key, "%v", err)
		return rules.Duration{}, false
	}
	return d, true
}

// condition reads an optional condition; nil when absent.
func (l *loader) condition(t *tomlfile.Table, key string) *rules.Condition {
	text := t.String(key)
	if text == "" {
		return nil
	}
	c, err := rules.CompileCondition(text, rules.Env{})
	if err != nil {
		t.Add(key, "%v", err)
		return nil
	}
	return c
}

// requiredCondition is the `when` of a row that would otherwise hold always.
func (l *loader) requiredCondition(t *tomlfile.Table) *rules.Condition {
	t.Require("when", `'kind == "feature"'`)
	return l.condition(t, "when")
}

func (l *loader) tag(t *tomlfile.Table) string {
	tag := t.Require("tag", `"sla_exempt"`)
	switch {
	case tag != "" && !tagForm.MatchString(tag):
		t.Add("tag", "%q is no tag; write small letters, digits and _", tomlfile.Short(tag))
	case l.p.Reserves(tag):
		t.Add("tag", "%q is a tag that Vigie sets by itself; write another", tag)
	}
	return tag
}

func (l *loader) words(t *tomlfile.Table, key string) rules.Words {
	w := t.Table(key)
	words := rules.Words{FR: w.String("fr"), EN: w.String("en")}
	w.Close()
	return words
}

func (l *loader) choice(t *tomlfile.Table, key string, values ...string) string {
	v := t.String(key)
	if v != "" && !slices.Contains(values, v) {
		t.Add(key, "%q is unknown; write %q or %q", tomlfile.Short(v), values[0], values[1])
	}
	return v
}

// texts are names as texts.
func texts[S ~string](names []S) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = string(name)
	}
	return list
}
