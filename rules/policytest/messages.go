package policytest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/rules"
	"vigie/rules/tomlfile"
	"vigie/rules/words"
)

// A message is an alarm as a test file writes it: "warn update 50%", "breach
// resolution", "triage", "unlinked" and "repaired" of the ticket's issue, "flag" and the tag of a mark that is told, with the instant before it where that matters. A cycle
// after the first is update/2, a breach that a change made at once ends in what
// changed: "breach update by priority".
type message struct {
	at   time.Time // zero: whenever
	text string
}

func (m message) in(zone *time.Location) string {
	if m.at.IsZero() {
		return m.text
	}
	return words.In("en").Moment(m.at.In(zone)) + " " + m.text
}

// alarm is a message that the policy calls for.
func alarm(a rules.Alert) message {
	topic := string(a.Metric)
	if a.Cycle > 1 {
		topic = fmt.Sprintf("%s/%d", topic, a.Cycle)
	}
	text := ""
	switch a.Kind {
	case rules.Triage, rules.Unlinked, rules.Repaired:
		text = string(a.Kind)
	case rules.Flagged:
		text = "flag " + a.Mark
	case rules.Warning:
		text = "warn " + topic + " " + a.Threshold
	default:
		text = "breach " + topic
		if a.Reason != "" {
			text += " by " + a.Reason
		}
	}
	return message{a.At, text}
}

// messages reads the list of all alarms up to the instant, in their order.
func (r *reader) messages(t *tomlfile.Table, key string, s scope) (string, judge) {
	var wants []message
	var texts []string
	for i, text := range t.Strings(key) {
		m, err := parseMessage(text, s.zone)
		if err != nil {
			t.Add(fmt.Sprintf("%s[%d]", key, i), "%v", err)
			continue
		}
		wants = append(wants, m)
		texts = append(texts, m.in(s.zone))
	}
	return silence(texts), func(o *observation) (string, string, bool) {
		alarms, err := rules.Alarms([]*rules.Policy{o.policy}, o.ticket, o.at)
		if err != nil {
			return "an error: " + err.Error(), "", false
		}
		same := len(alarms) == len(wants)
		var got, missing, extra []string
		for i, a := range alarms {
			m := alarm(a)
			got = append(got, m.in(o.zone))
			if !slices.ContainsFunc(wants, m.is) {
				extra = append(extra, m.in(o.zone))
			}
			same = same && m.is(wants[i])
		}
		for _, w := range wants {
			if !slices.ContainsFunc(alarms, func(a rules.Alert) bool { return alarm(a).is(w) }) {
				missing = append(missing, w.in(o.zone))
			}
		}
		difference := differing(missing, extra)
		if difference == "" && !same {
			difference = "in another order, or more than once"
		}
		return silence(got), difference, same
	}
}

// is says whether a message is the one that is wanted.
func (m message) is(want message) bool {
	return m.text == want.text && (want.at.IsZero() || want.at.Equal(m.at))
}

func silence(texts []string) string {
	if len(texts) == 0 {
		return "silence"
	}
	return strings.Join(texts, "; ")
}

func parseMessage(text string, zone *time.Location) (message, error) {
	parts := strings.Fields(text)
	bare := []string{string(rules.Triage), string(rules.Unlinked), string(rules.Repaired)} // about no metric
	kind := slices.IndexFunc(parts, func(w string) bool { return w == "warn" || w == "breach" || w == "flag" || slices.Contains(bare, w) })
	wrong := fmt.Errorf(`%q is no message; write "warn update 50%%", "warn resolution 1 business day", "breach update", "breach update/2 by priority", "triage", "unlinked", "repaired" or "flag solved_unanswered", with the instant before it if it matters`, text)
	if kind < 0 {
		return message{}, wrong
	}
	m := message{text: strings.Join(parts[kind:], " ")}
	topic := ""
	if rest := parts[kind:]; len(rest) > 1 {
		topic, _, _ = strings.Cut(rest[1], "/")
	}
	switch n := len(parts) - kind; {
	case slices.Contains(bare, parts[kind]) && n != 1, parts[kind] == "flag" && n != 2, parts[kind] == "warn" && n < 3, parts[kind] == "breach" && n == 1,
		parts[kind] == "breach" && n > 2 && (n < 4 || parts[kind+2] != "by"):
		return message{}, wrong
	case parts[kind] != "flag" && !slices.Contains(bare, parts[kind]) && !slices.Contains(rules.Metrics, rules.Metric(topic)):
		var names []string
		for _, m := range rules.Metrics {
			names = append(names, string(m))
		}
		return message{}, fmt.Errorf("%q is no metric; %s", topic, tomlfile.OneOf(names, topic))
	}
	if kind > 0 {
		var err error
		if m.at, err = words.ParseLocal(strings.Join(parts[:kind], " "), zone); err != nil {
			return message{}, err
		}
	}
	return m, nil
}
