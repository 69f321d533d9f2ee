package print

import (
	"slices"
	"strings"

	"vigie/rules"
)

// targets shows what is promised, one table for each condition, and what stops
// its clocks.
func (s *Sheet) targets(p *rules.Policy) {
	var conditions []string
	rows := map[string][]*rules.Target{}
	for i := range p.Targets {
		when := condition(p.Targets[i].When, "")
		if !slices.Contains(conditions, when) {
			conditions = append(conditions, when)
		}
		rows[when] = append(rows[when], &p.Targets[i])
	}
	for _, when := range conditions {
		s.Heading(s.Pick("  Objectifs", "  Targets") + s.given(when, s.Pick(" si ", " if ")))
		table := [][]string{{s.Pick("mesure", "metric"), s.Pick("priorité", "priority"), s.Pick("objectif", "target"), s.Pick("clause", "clause"), s.Pick("avertit à", "warns at")}}
		for _, m := range rules.Metrics {
			for _, pr := range p.Priorities {
				for _, row := range rows[when] {
					if d, ok := row.Within[pr.Name]; ok && row.Metric == m {
						table = append(table, []string{string(m), pr.Name, d.String(), row.Clause, s.thresholds(row.Warn[pr.Name])})
					}
				}
			}
		}
		s.Table(table)
		s.stops(rows[when])
	}
}

func (s *Sheet) thresholds(list []rules.Threshold) string {
	var texts []string
	for _, w := range list {
		text := w.String()
		if !strings.HasSuffix(text, "%") {
			text = s.Pick("reste ", "") + text + s.Pick("", " left")
		}
		texts = append(texts, text)
	}
	return s.either(len(texts) > 0, strings.Join(texts, ", "), "–")
}

// stops says what pauses and what fulfils clocks, alike rows together.
func (s *Sheet) stops(rows []*rules.Target) {
	var said []string
	whose := map[string][]string{}
	for _, row := range rows {
		for _, text := range []string{s.pause(row), s.until(row)} {
			if !slices.Contains(said, text) {
				said = append(said, text)
			}
			if !slices.Contains(whose[text], string(row.Metric)) {
				whose[text] = append(whose[text], string(row.Metric))
			}
		}
	}
	for _, text := range said {
		if text != "" {
			s.note(strings.Join(whose[text], ", ") + s.colon() + text)
		}
	}
}

func (s *Sheet) pause(row *rules.Target) string {
	if len(row.Pause) == 0 {
		return s.Pick("jamais en pause", "never paused")
	}
	var statuses []string
	for _, status := range rules.Statuses {
		if row.Pause[status] {
			statuses = append(statuses, string(status))
		}
	}
	return s.Pick("en pause en ", "paused while ") + strings.Join(statuses, s.Pick(" ou ", " or ")) +
		s.either(row.PauseAfterReply, s.Pick(", une fois qu'un agent a répondu en public", ", once an agent has replied in public"), "") +
		s.either(row.PauseEndsOnReply, s.Pick(", jusqu'à ce que le client réponde", ", until the customer answers"), "")
}

func (s *Sheet) until(row *rules.Target) string {
	if row.Until == nil {
		return ""
	}
	return s.Pick("tenu aussi tant que ", "fulfilled also while ") + condition(row.Until, "")
}
