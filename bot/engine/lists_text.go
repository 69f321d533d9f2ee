package engine

import (
	"fmt"
	"slices"
	"strings"

	"vigie/rules"
)

// How lists begin.

// headOpening heads what was held until opening.
func headOpening(n notice) string {
	if n.language == "en" {
		return rules.Counted(n.language, "To see to at opening: %d ticket{s}.", tickets(n.alerts))
	}
	return rules.Counted(n.language, "À voir dès l'ouverture : %d ticket{s}.", tickets(n.alerts))
}

// headOutage heads what could not be said in time.
func headOutage(n notice) string {
	if n.language == "en" {
		return fmt.Sprintf("These alerts could not be sent in time: %s.", n.counts())
	}
	return fmt.Sprintf("Ces alertes n'ont pas pu partir à temps : %s.", n.counts())
}

// headStorm heads what came up at once.
func headStorm(n notice) string {
	if n.language == "en" {
		return fmt.Sprintf("Many alerts at once, gathered here in one list: %s.", n.counts())
	}
	return fmt.Sprintf("Beaucoup d'alertes d'un coup, réunies ici en une liste : %s.", n.counts())
}

func headMore(language string, more int) string {
	switch {
	case more == 0: // other alerts of the same tickets
		return ""
	case language == "en":
		return rules.Counted(language, " The most urgent are shown; %d more {is|are} on the board.", more)
	}
	return rules.Counted(language, " Voici les plus urgents ; %d autre{s} {est|sont} sur le tableau.", more)
}

// counts says how many tickets a list says what of; the first count names them.
func (n notice) counts() string {
	words := [...]string{"%d avec un objectif dépassé", "%d proche{s} de l'échéance", "%d sans priorité choisie", "%d sans demande pour l'équipe technique", "%d résolu{s} par l'équipe technique", "%d signalé{s}"}
	if n.language == "en" {
		words = [...]string{"%d with a missed target", "%d at risk", "%d without a chosen priority", "%d without an issue for the technical team", "%d solved by the technical team", "%d flagged"}
	}
	var parts []string
	for i, kind := range []rules.AlertKind{rules.Breached, rules.Warning, rules.Triage, rules.Unlinked, rules.Repaired, rules.Flagged} {
		of := tickets(slices.DeleteFunc(slices.Clone(n.alerts), func(a rules.Alert) bool { return a.Kind != kind }))
		if of > 0 {
			if len(parts) == 0 {
				words[i] = strings.Replace(words[i], "%d", "%d ticket{s}", 1)
			}
			parts = append(parts, rules.Counted(n.language, words[i], of))
		}
	}
	return strings.Join(parts, ", ")
}

// headLeft ends the head of a list with what is left of it.
func headLeft(language string, left int) string {
	switch {
	case left > 0 && language == "en":
		return rules.Counted(language, " %d of this list {is|are} still to be seen to.", left)
	case left > 0:
		return rules.Counted(language, " Il en reste %d à traiter dans cette liste.", left)
	case language == "en":
		return " Nothing of this list is left to do."
	}
	return " Il n'y a plus rien à traiter dans cette liste."
}
