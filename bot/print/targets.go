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
		s.Heading(s.Say("check.targets_of") + s.given(when, s.Say("check.targets_if")))
		table := [][]string{{s.Say("check.metric"), s.Say("check.priority"), s.Say("check.target"), s.Say("check.clause"), s.Say("check.warns_at")}}
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
			text = s.Say("check.left_before") + text + s.Say("check.left_after")
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
		return s.Say("check.never_paused")
	}
	var statuses []string
	for _, status := range rules.Statuses {
		if row.Pause[status] {
			statuses = append(statuses, string(status))
		}
	}
	return s.Say("check.paused_while") + strings.Join(statuses, s.Say("check.status_or")) +
		s.either(row.PauseAfterReply, s.Say("check.pause_once_replied"), "") +
		s.either(row.PauseEndsOnReply, s.Say("check.pause_until_answer"), "")
}

func (s *Sheet) until(row *rules.Target) string {
	if row.Until == nil {
		return ""
	}
	return s.Say("check.fulfilled_also_while") + condition(row.Until, "")
}
