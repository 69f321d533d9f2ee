package policytest

import (
	"fmt"
	"maps"
	"slices"

	"vigie/rules"
)

// waits are the statuses in which it is a question whether a clock pauses.
var waits = []rules.Status{rules.WaitingCustomer, rules.WaitingThirdParty}

func (m *mutator) targets() {
	rows, _ := m.tree["targets"].([]any)
	for i := range rows {
		row, _ := rows[i].(map[string]any)
		path, key := []any{"targets", i}, fmt.Sprintf("targets[%d]", i)
		m.drop("targets", i)
		for j := i + 1; j < len(m.policy.Targets); j++ {
			if a, b := m.policy.Targets[i], m.policy.Targets[j]; a.Metric == b.Metric && share(a.Within, b.Within) {
				m.swap("targets", i, j, fmt.Sprintf("asked after targets[%d]", j))
				break
			}
		}
		m.conditions(path, key, row, "when", "until")
		m.within(path, key, row)
		m.warn(path, key, row)
		paused := m.policy.Targets[i].Pause
		for _, status := range waits {
			list, change := []any{}, "pauses while "+string(status)
			for _, s := range rules.Statuses {
				if paused[s] != (s == status) {
					list = append(list, string(s))
				}
			}
			if paused[status] {
				change = "doesn't pause while " + string(status)
			}
			m.set(path, "pause", key+".pause", change, list)
		}
		if paused[rules.WaitingCustomer] {
			ends := !m.policy.Targets[i].PauseEndsOnReply
			m.set(path, "pause_ends_on_reply", key+".pause_ends_on_reply", fmt.Sprint(ends), ends)
		}
		if len(paused) > 0 {
			after := !m.policy.Targets[i].PauseAfterReply
			m.set(path, "pause_after_reply", key+".pause_after_reply", fmt.Sprint(after), after)
		}
	}
}

func share(a, b map[string]rules.Duration) bool {
	for priority := range a {
		if _, ok := b[priority]; ok {
			return true
		}
	}
	return false
}

// within nudges a row's amounts, and changes their unit, with that of the
// warnings, which must be the same.
func (m *mutator) within(path []any, key string, row map[string]any) {
	within, _ := row["within"].(map[string]any)
	unit := ""
	for _, priority := range slices.Sorted(maps.Keys(within)) {
		if text, ok := within[priority].(string); ok {
			m.nudge(append(slices.Clone(path), "within"), priority, key+".within."+priority, text)
			if what := otherUnit(text).what; unit == "" || unit == what {
				unit = what
			} else {
				unit = "the other clock"
			}
		}
		if len(within) > 1 {
			m.remove(key+".within."+priority, "removed", append(slices.Clone(path), "within", priority)...)
		}
	}
	m.add(path, key+".within", unit, func(row map[string]any) {
		row["within"] = otherUnits(row["within"])
		if warn, ok := row["warn"]; ok {
			row["warn"] = otherUnits(warn)
		}
	})
}

// warn takes each warning away and nudges it.
func (m *mutator) warn(path []any, key string, row map[string]any) {
	lists := map[string]any{"warn": row["warn"]}
	if each, ok := row["warn"].(map[string]any); ok {
		path, key, lists = append(slices.Clone(path), "warn"), key+".warn", each
	}
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		list, _ := lists[name].([]any)
		for i, w := range list {
			text, ok := w.(string)
			if !ok {
				continue
			}
			key := fmt.Sprintf("%s.%s[%d]", key, name, i)
			m.add(path, key, "no warning at "+text, func(t map[string]any) {
				t[name] = slices.Delete(t[name].([]any), i, i+1)
			})
			for _, n := range m.nudged(text) {
				m.add(path, key, n.what, func(t map[string]any) { t[name].([]any)[i] = n.text })
			}
		}
	}
}
