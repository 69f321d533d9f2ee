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
		rules.Unasked:   "◽ Priorité : rien à choisir",

		rules.Unlinked:    "🛠️ Équipe technique : aucune demande liée",
		rules.Linked:      "🔗 Équipe technique : {issue}",
		rules.Repaired:    "✅ Équipe technique : {issue} est résolue, le ticket reste ouvert",
		rules.Unescalated: "◽ Équipe technique : plus rien à suivre",

		rules.Flagged:   "🚩 À reprendre : {mark}",
		rules.Unflagged: "✅ Plus rien à reprendre : {mark}",
	},
	left:     "reste {span}",
	missed:   "objectif dépassé",
	missedBy: "objectif dépassé de {span}",

	instant:        "moins d'une minute",
	seconds:        [2]string{"%d s", "%d s ouvrée{s}"},
	minutes:        [2]string{"%d min", "%d min ouvrée{s}"},
	hours:          [2]string{"%d h", "%d h ouvrée{s}"},
	minutesSeconds: [2]string{"%d min %d s", "%d min %d s ouvrées"},
	hoursMinutes:   [2]string{"%d h %02d", "%d h %02d ouvrées"},
	daysHours:      "%d j %d h",
	date: func(t time.Time) string {
		days := [...]string{"dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."}
		months := [...]string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."}
		day := fmt.Sprint(t.Day())
		if day == "1" {
			day = "1er"
		}
		return fmt.Sprintf("%s %s %s %d", days[t.Weekday()], day, months[t.Month()-1], t.Year())
	},

	reasons: map[string]string{
		"solved":      "le ticket a été résolu sans nouvelle réponse",
		"excluded":    "la politique exclut ce ticket",
		"not covered": "aucune politique ne couvre ce ticket",
		"deleted":     "le ticket a été supprimé",
	},
	moved:     "Échéance déplacée parce que {why}.",
	atOnce:    "Dépassé d'emblée parce que {why}.",
	withdrawn: "Retiré parce que {why}.",

	due:          "Échéance",
	chooseBy:     "À choisir avant le",
	asOf:         "Situation au",
	priority:     "Priorité : ",
	noPriority:   "aucune",
	also:         ", la politique propose {proposed}",
	origins:      map[string]string{"person": "choisie par une personne", "rule": "d'après les règles", "examples": "suggérée par le texte", "default": "par défaut"},
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
	erased: map[rules.Erasure]string{
		rules.ErasedGone:  "Ticket supprimé, contenu effacé",
		rules.ErasedAsked: "Contenu du ticket effacé à la demande du client",
	},
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
		rules.Eased:     "↩️ {metric}: on track again, {stand}",
		rules.Withdrawn: "➖ {metric}: target withdrawn",
		rules.Triage:    "❔ Priority to be chosen",
		rules.Triaged:   "🏷️ Priority chosen: {priority}",
		rules.Unasked:   "◽ Priority: nothing to choose",

		rules.Unlinked:    "🛠️ Technical team: no issue is linked",
		rules.Linked:      "🔗 Technical team: {issue}",
		rules.Repaired:    "✅ Technical team: {issue} is solved, the ticket stays open",
		rules.Unescalated: "◽ Technical team: nothing to follow any more",

		rules.Flagged:   "🚩 To be seen to: {mark}",
		rules.Unflagged: "✅ No longer to be seen to: {mark}",
	},
	left:     "{span} left",
	missed:   "target missed",
	missedBy: "target missed by {span}",

	instant:        "less than a minute",
	seconds:        [2]string{"%d s", "%d business second{s}"},
	minutes:        [2]string{"%d min", "%d business minute{s}"},
	hours:          [2]string{"%d h", "%d business hour{s}"},
	minutesSeconds: [2]string{"%d min %d s", "%d min %d s of business time"},
	hoursMinutes:   [2]string{"%d h %02d", "%d h %02d of business time"},
	daysHours:      "%d d %d h",
	date:           func(t time.Time) string { return t.Format("Mon 2 Jan 2006") },

	reasons: map[string]string{
		"solved":      "the ticket was solved without a further reply",
		"excluded":    "the policy leaves this ticket out",
		"not covered": "no policy covers this ticket",
		"deleted":     "the ticket was deleted",
	},
	moved:     "Due date moved because {why}.",
	atOnce:    "Missed at once because {why}.",
	withdrawn: "Withdrawn because {why}.",

	due:          "Due",
	chooseBy:     "To be chosen by",
	asOf:         "As of",
	priority:     "Priority: ",
	noPriority:   "none",
	also:         ", the policy proposes {proposed}",
	origins:      map[string]string{"person": "chosen by a person", "rule": "by the rules", "examples": "suggested by the text", "default": "by default"},
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
	erased: map[rules.Erasure]string{
		rules.ErasedGone:  "Ticket deleted, its texts are erased",
		rules.ErasedAsked: "Ticket erased at the customer's request",
	},
}
