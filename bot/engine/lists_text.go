package engine

import (
	"slices"
	"strings"

	"vigie/rules"
	"vigie/rules/words"
)

// How lists begin.

// headOpening heads what was held until opening.
func headOpening(n notice) string {
	return words.In(n.language).Say("notice.opening", "n", tickets(n.alerts))
}

// headOutage heads what could not be said in time.
func headOutage(n notice) string {
	return words.In(n.language).Say("notice.outage", "counts", n.counts())
}

// headStorm heads what came up at once.
func headStorm(n notice) string {
	return words.In(n.language).Say("notice.storm", "counts", n.counts())
}

func headMore(language string, more int) string {
	if more == 0 { // other alerts of the same tickets
		return ""
	}
	return " " + words.In(language).Say("notice.more", "n", more)
}

// counts says how many tickets a list says what of; the first count names them.
func (n notice) counts() string {
	w, count := words.In(n.language), "notice.tickets"
	var parts []string
	for _, kind := range []rules.AlertKind{rules.Breached, rules.Warning, rules.Triage, rules.Unlinked, rules.Repaired, rules.Flagged} {
		of := tickets(slices.DeleteFunc(slices.Clone(n.alerts), func(a rules.Alert) bool { return a.Kind != kind }))
		if of > 0 {
			parts = append(parts, w.Say(count, "n", of, "what", w.Say("notice.what."+string(kind), "n", of)))
			count = "notice.further"
		}
	}
	return strings.Join(parts, ", ")
}

// headLeft ends the head of a list with what is left of it.
func headLeft(language string, left int) string {
	if left > 0 {
		return " " + words.In(language).Say("notice.left", "n", left)
	}
	return " " + words.In(language).Say("notice.none_left")
}
