package policytest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pelletier/go-toml/v2"

	"vigie/rules"
	"vigie/rules/policyfile"
	"vigie/rules/tomlfile"
)

// Mutants lists the small changes to the policy that the suites share: each
// amount and threshold nudged, each unit, pause, condition, row, hour and
// holiday taken away or changed. They are the mistakes that somebody makes in
// editing a policy. Texts for people and vendors' names are left alone, and so is
// what stands in a policy that this one extends, which has tests of its own.
func Mutants(suites []*Suite) []Mutant {
	s := suites[0]
	d, _ := policyfile.Read(s.Policy.File, s.Policy.Text, s.Policy.ReadFile)
	m := &mutator{file: s.Policy.File, doc: d, policy: s.policies[""], tree: s.tree, spans: spans(suites)}
	m.root()
	for _, name := range m.names("calendars") {
		m.calendar(name)
	}
	for _, team := range m.names("teams") {
		m.remove("teams."+team, "not on a calendar of its own", "teams", team)
	}
	m.priorities()
	m.targets()
	m.tagged("exclude")
	m.tagged("mark")
	m.tagged("escalate")
	slices.SortStableFunc(m.list, func(a, b Mutant) int { return cmp.Compare(a.Line, b.Line) })
	return m.list
}

// A span is the time that a case speaks of: from the ticket's creation to the
// last instant or due date.
type span struct{ from, to time.Time }

// spans are those of all cases.
func spans(suites []*Suite) []span {
	var list []span
	for _, s := range suites {
		for _, c := range s.Cases {
			sp := span{c.ticket.CreatedAt, c.ticket.CreatedAt}
			for _, w := range c.wants {
				o, err := c.observe(s.policies[c.variant], w.at)
				if err != nil {
					continue
				}
				ends := []time.Time{w.at}
				for _, clock := range o.verdict.Clocks {
					if clock.Due != nil {
						ends = append(ends, *clock.Due)
					}
				}
				sp.to = slices.MaxFunc(append(ends, sp.to), time.Time.Compare)
			}
			list = append(list, sp)
		}
	}
	return list
}

type mutator struct {
	file   string
	doc    *tomlfile.Document
	policy *rules.Policy
	tree   map[string]any // not to be changed
	spans  []span
	list   []Mutant
}

// add notes a change of the table at a path; key is what it changes there, for
// its name and line.
func (m *mutator) add(path []any, key, change string, apply func(table map[string]any)) {
	if m.doc.FileOf(key) != m.file {
		return
	}
	m.list = append(m.list, Mutant{File: m.file, Line: m.doc.Line(key), Key: key, Change: change,
		apply: func(tree map[string]any) {
			if t, ok := at(tree, path).(map[string]any); ok {
				apply(t)
			}
		}})
}

// at is what stands at a path of names and indexes.
func at(v any, path []any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			table, _ := v.(map[string]any)
			v = table[p]
		case int:
			list, _ := v.([]any)
			if p >= len(list) {
				return nil
			}
			v = list[p]
		}
	}
	return v
}

// names are the keys of one of the policy's tables, in their order.
func (m *mutator) names(table string) []string {
	t, _ := m.tree[table].(map[string]any)
	return slices.Sorted(maps.Keys(t))
}

// remove takes the last name of a path away.
func (m *mutator) remove(key, change string, path ...any) {
	last := path[len(path)-1].(string)
	m.add(path[:len(path)-1], key, change, func(t map[string]any) { delete(t, last) })
}

// set changes one value.
func (m *mutator) set(path []any, name, key, change string, value any) {
	m.add(path, key, change, func(t map[string]any) { t[name] = value })
}

func (m *mutator) root() {
	for _, name := range []string{"reopen_grace", "triage", "business_day"} {
		text, ok := m.tree[name].(string)
		if !ok {
			continue
		}
		m.remove(name, "removed", name)
		m.nudge(nil, name, name, text)
		if name != "business_day" {
			m.set(nil, name, name, otherUnit(text).what, otherUnit(text).text)
		}
	}
	if date, ok := m.tree["effective_from"].(toml.LocalDate); ok {
		day := time.Date(date.Year, time.Month(date.Month), date.Day, 0, 0, 0, 0, time.UTC)
		for _, by := range []int{-1, 1} {
			d := day.AddDate(0, 0, by)
			m.set(nil, "effective_from", "effective_from", map[int]string{-1: "a day earlier", 1: "a day later"}[by],
				toml.LocalDate{Year: d.Year(), Month: int(d.Month()), Day: d.Day()})
		}
	}
	if covers, ok := m.tree["covers"].(string); ok {
		m.remove("covers", "everything", "covers")
		m.literals(nil, "covers", "covers", covers)
	}
	for _, choice := range []struct{ key, usual, other string }{{"priority_rules", "apply", "propose"}, {"reopen", "resume", "restart"}} {
		switch m.tree[choice.key] {
		case choice.usual:
			m.set(nil, choice.key, choice.key, choice.other, choice.other)
		case choice.other:
			m.set(nil, choice.key, choice.key, choice.usual, choice.usual)
		}
	}
	for _, p := range m.policy.Priorities {
		if p.Name != m.policy.DefaultPriority {
			m.set(nil, "default_priority", "default_priority", p.Name, p.Name)
		}
	}
	for _, name := range m.names("calendars") {
		if name != m.policy.Calendar.Name() {
			m.set(nil, "calendar", "calendar", name, name)
		}
	}
}

func (m *mutator) priorities() {
	for i, p := range m.policy.Priorities {
		path, key := []any{"priorities", i}, fmt.Sprintf("priorities[%d]", i)
		if p.When == nil {
			continue
		}
		m.remove(key+".when", p.Name+" proposed by no rule", append(path, "when")...)
		for j := i + 1; j < len(m.policy.Priorities); j++ {
			if other := m.policy.Priorities[j]; other.When != nil {
				m.swap("priorities", i, j, other.Name+" asked before "+p.Name)
				break
			}
		}
	}
}

// swap exchanges two rows.
func (m *mutator) swap(rows string, i, j int, change string) {
	m.add(nil, fmt.Sprintf("%s[%d]", rows, i), change, func(tree map[string]any) {
		list := tree[rows].([]any)
		list[i], list[j] = list[j], list[i]
	})
}

// drop takes a row away.
func (m *mutator) drop(rows string, i int) {
	m.add(nil, fmt.Sprintf("%s[%d]", rows, i), "row removed", func(tree map[string]any) {
		tree[rows] = slices.Delete(tree[rows].([]any), i, i+1)
	})
}

// tagged are the [[exclude]], [[mark]] and [[escalate]] rows.
func (m *mutator) tagged(rows string) {
	list, _ := m.tree[rows].([]any)
	for i := range list {
		row, _ := list[i].(map[string]any)
		path, key := []any{rows, i}, fmt.Sprintf("%s[%d]", rows, i)
		m.drop(rows, i)
		if rows == "exclude" && i+1 < len(list) { // the first that holds excludes; marks all hold
			m.swap(rows, i, i+1, fmt.Sprintf("asked after %s[%d]", rows, i+1))
		}
		if when, ok := row["when"].(string); ok {
			m.literals(path, "when", key+".when", when)
		}
		if tag, ok := row["tag"].(string); ok {
			m.set(path, "tag", key+".tag", "another tag", tag+"_mutant")
		}
		if rows == "mark" {
			tell, _ := row["tell"].(bool)
			m.set(path, "tell", key+".tell", fmt.Sprint(!tell), !tell)
		}
	}
}

// conditions are those of a target, without which it always or never holds.
func (m *mutator) conditions(path []any, key string, row map[string]any, names ...string) {
	for _, name := range names {
		if text, ok := row[name].(string); ok {
			m.remove(key+"."+name, "removed", append(slices.Clone(path), name)...)
			m.literals(path, name, key+"."+name, text)
		}
	}
}

// literals changes each text that a condition compares with.
func (m *mutator) literals(path []any, name, key, condition string) {
	seen := map[string]int{}
	for _, l := range literals(condition) {
		change := fmt.Sprintf("%q is another text", l.value)
		if seen[l.value]++; seen[l.value] > 1 {
			change += fmt.Sprintf(" (%d)", seen[l.value])
		}
		m.set(path, name, key, change, l.changed)
	}
}

// nudge changes a duration by a minute.
func (m *mutator) nudge(path []any, name, key, text string) {
	for _, n := range m.nudged(text) {
		m.set(path, name, key, n.what, n.text)
	}
}
