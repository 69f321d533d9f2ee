package slack

import (
	"fmt"
	"time"

	"vigie/rules"
)

// What the messages say, in both languages. A missed target is stated, never
// blamed on anybody.

var french = words{
	language: "fr",
	promise:  "Objectif",
	headlines: map[rules.AlertKind]string{
		rules.Warning:   "⏳ {metric} : {stand}",
		rules.Breached:  "🔴 {metric} : {stand}",
		rules.Met:       "✅ {metric} : objectif tenu",
		rules.MetLate:   "☑️ {metric} : c'est fait, {stand}",
		rules.Paused:    "⏸️ {metric} : en pause, {stand}",
		rules.Eased:     "↩️ {metric} : de nouveau dans les temps, {stand}",
		rules.Withdrawn: "➖ {metric} : objectif retiré",
		rules.Triage:    "❔ Priorité à choisir",
		rules.Triaged:   "🏷️ Priorité choisie : {priority}",
		rules.Unasked:   "◽ Priorité : plus à choisir",

		rules.Unlinked:    "🛠️ Équipe technique : aucune demande liée",
		rules.Linked:      "🔗 Équipe technique : {issue}",
		rules.Repaired:    "✅ Équipe technique : {issue} est résolue, le ticket reste ouvert",
		rules.Unescalated: "◽ Équipe technique : plus rien à suivre",
	},
	left:     "reste {span}",
	missed:   "objectif dépassé",
	missedBy: "objectif dépassé de {span}",

	instant:      "moins d'une minute",
	minutes:      [2]string{"%d min", "%d min ouvrée{s}"},
	hours:        [2]string{"%d h", "%d h ouvrée{s}"},
	hoursMinutes: [2]string{"%d h %02d", "%d h %02d ouvrées"},
	daysHours:    "%d j %d h",
	date: func(t time.Time) string {
		days := [...]string{"dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."}
		months := [...]string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."}
		return fmt.Sprintf("%s %d %s %d", days[t.Weekday()], t.Day(), months[t.Month()-1], t.Year())
	},

	reasons: map[string]string{
		"priority":       "la priorité a changé",
		"kind":           "le type du ticket a changé",
		"group":          "une autre équipe a pris le ticket",
		"status":         "le statut du ticket a changé",
		"organization":   "l'organisation a changé",
		"channel":        "le canal a changé",
		"tags or fields": "les étiquettes ou les champs ont changé",
		"solved":         "le ticket a été résolu sans réponse",
		"excluded":       "la politique exclut ce ticket",
		"not covered":    "aucune politique ne couvre ce ticket",
		"deleted":        "le ticket a été supprimé",
	},
	otherReason: "le ticket a changé",
	moved:       "Échéance déplacée parce que {why}.",
	atOnce:      "Dépassé d'emblée parce que {why}.",
	withdrawn:   "Retiré parce que {why}.",

	due:          "Échéance",
	asOf:         "État au",
	priority:     "Priorité : ",
	noPriority:   "aucune",
	also:         ", les règles proposent {proposed}",
	origins:      map[string]string{"person": "choisie par une personne", "rule": "d'après les règles", "default": "par défaut"},
	target:       "Objectif : ",
	used:         "{target} (utilisé : {used})",
	clause:       "Clause : ",
	organization: "Organisation : ",
	team:         "Équipe : ",
	noTeam:       "aucune",
	crewed:       "{team} (calendrier {calendar}, {state})",
	open:         "ouvert",
	closed:       "fermé",
	assignee:     "Responsable : ",
	nobody:       "personne",
	noSubject:    "(sans objet)",
}

var english = words{
	language: "en",
	promise:  "Target",
	headlines: map[rules.AlertKind]string{
		rules.Warning:   "⏳ {metric}: {stand}",
		rules.Breached:  "🔴 {metric}: {stand}",
		rules.Met:       "✅ {metric}: target met",
		rules.MetLate:   "☑️ {metric}: done, {stand}",
		rules.Paused:    "⏸️ {metric}: paused, {stand}",
		rules.Eased:     "↩️ {metric}: on course again, {stand}",
		rules.Withdrawn: "➖ {metric}: target withdrawn",
		rules.Triage:    "❔ Priority to be chosen",
		rules.Triaged:   "🏷️ Priority chosen: {priority}",
		rules.Unasked:   "◽ Priority: no longer to be chosen",

		rules.Unlinked:    "🛠️ Technical team: no issue is linked",
		rules.Linked:      "🔗 Technical team: {issue}",
		rules.Repaired:    "✅ Technical team: {issue} is solved, the ticket stays open",
		rules.Unescalated: "◽ Technical team: nothing to follow any more",
	},
	left:     "{span} left",
	missed:   "target missed",
	missedBy: "target missed by {span}",

	instant:      "less than a minute",
	minutes:      [2]string{"%d min", "%d business minute{s}"},
	hours:        [2]string{"%d h", "%d business hour{s}"},
	hoursMinutes: [2]string{"%d h %02d", "%d h %02d of business time"},
	daysHours:    "%d d %d h",
	date:         func(t time.Time) string { return t.Format("Mon 2 Jan 2006") },

	reasons: map[string]string{
		"priority":       "the priority changed",
		"kind":           "the kind of ticket changed",
		"group":          "another team took the ticket",
		"status":         "the ticket's status changed",
		"organization":   "the organisation changed",
		"channel":        "the channel changed",
		"tags or fields": "the tags or fields changed",
		"solved":         "the ticket was solved without a reply",
		"excluded":       "the policy leaves this ticket out",
		"not covered":    "no policy covers this ticket",
		"deleted":        "the ticket was deleted",
	},
	otherReason: "the ticket changed",
	moved:       "Due date moved because {why}.",
	atOnce:      "Missed at once because {why}.",
	withdrawn:   "Withdrawn because {why}.",

	due:          "Due",
	asOf:         "As of",
	priority:     "Priority: ",
	noPriority:   "none",
	also:         ", the rules propose {proposed}",
	origins:      map[string]string{"person": "chosen by a person", "rule": "by the rules", "default": "by default"},
	target:       "Target: ",
	used:         "{target} ({used} used)",
	clause:       "Clause: ",
	organization: "Organisation: ",
	team:         "Team: ",
	noTeam:       "none",
	crewed:       "{team} (calendar {calendar}, {state})",
	open:         "open",
	closed:       "closed",
	assignee:     "Assignee: ",
	nobody:       "nobody",
	noSubject:    "(no subject)",
}
