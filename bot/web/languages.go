package web

import (
	"fmt"
	"time"

	"vigie/bot/store"
	"vigie/rules"
	"vigie/rules/calendar"
)

// What the pages say. A missed target is stated, never blamed on anybody.

var english = words{
	Lang: "en", Other: "fr", OtherName: "Français", Colon: ": ",

	Title: "Support promises", Tagline: "Support promises, soonest first", ToBoard: "Board", AsOf: "As of",
	RefreshOn: "Refresh every 30 s", RefreshOff: "Stop refreshing", RefreshNote: "Refreshes every 30 s",
	LoginTitle: "Sign in", LoginLabel: "Access token", LoginHint: "The value of web.token in Vigie's configuration. Whoever runs Vigie has it.", LoginButton: "Sign in",
	LoginWrong: "That is not the token.", LoginAgain: "Go on to the page",
	NoToken: `These pages are closed: no token is set, and the request is not certain to come from this machine and from the user that runs Vigie. Set web.token in config.toml (token = "env:VIGIE_TOKEN"), put a long random text into that environment variable, and start Vigie again.`,
	NoProxy: "These pages are for those whom the proxy in front of Vigie has signed in. Come through its address.",
	TooMany: "Too many wrong tokens came from your address. Wait two minutes.", Elsewhere: "This form was sent from another site.",
	BadForm: "The form can't be read.", Broken: "Something went wrong here. The log says what.",
	NoTicket: "Vigie doesn't know this ticket.", NoWay: "This can't be shown",

	Manual: "Manual", NoManualPage: "The manual has no such page.", WhatToDo: "What to do",

	BoardCaption: "Open tickets by the time to their targets", Ticket: "Ticket", Priority: "Priority", Promise: "Target",
	State: "State", Due: "Due", Left: "Time", Clause: "Clause",
	Search: "Search", AnySource: "All sources", AnyState: "All states", Source: "Source", Show: "Show", ShowAll: "Show all",
	Untriaged: "Priority to choose", ParkedTitle: "Not watched", Why: "Why",
	ParkedNote: "Nobody is warned about these tickets until they can be read and judged.",
	Nothing:    "No ticket is open.", NothingFits: "No open ticket fits.", More: "Not shown: {n}. Narrow the search to see them.",
	Earlier: "Earlier: {n} more", LaterOnes: "Later: {n} more", MoreLines: "{n} more, which vigie explain {name} shows",
	NoNews: "Trouble with {name}; last news", NeverRead: "{name} has not been read yet", ChatStalled: "Messages are not going out",
	SoSince:      "{what}, since",
	TroubleTitle: "Actions in trouble", TroubleCaption: "What could not be written or sent", Action: "Action", Attempts: "Attempts", Next: "Next try", Note: "Note",
	Unknown: "none",

	Report: "Report", ReportTitle: "Support promises kept", Period: "{from} to {to}", SoFar: "So far, as of",
	Counted:  "Each target counts once: on the day it was met, or on the day its due date passed. Tickets are judged as they stood at the end of the period, so a report of the past stays as it is.",
	FirstDay: "First day", LastDay: "Last day", Before: "Month before", After: "Month after", CSV: "All targets as CSV",
	Met: "Met", OfThese: "At once", Void: "Void", Share: "Share met", ShareOf: "of the targets were met",
	ByPolicy: "By policy", ByClause: "By clause", ByPriority: "By priority", ByOrganization: "By organisation",
	Breaches: "Missed targets", BreachesCaption: "In the order in which they were missed", Late: "Late by", Stopped: "Done", NotStopped: "still open", MoreBreaches: "Not shown: {n}. The CSV has them all.",
	NoneDecided: "No target was met or missed in this period.", AllMet: "No target was missed.", NoPeriod: "The period must begin before it ends, and not in the future. Write days such as 2026-11-30.", Unjudged: "Not counted: tickets that can't be judged",
	Waited:          "waited {span} for a third party",
	OfThoseThatCame: "Of the tickets that came in this period: {n}", MarkedTickets: "Marked tickets", Tickets: "Tickets", Flagged: "To be seen to", Tag: "Tag", Since: "Since",

	AtVendor: "Open {name} in {vendor}", ToTicket: "Open {name}", Policy: "Policy", Outside: "Outside the SLA", Proposed: "the policy proposes {name}",
	TechnicalTeam: "Technical team", NoIssue: "no issue yet; it is expected by", NoIssueLate: "no issue is linked; it was expected by", Marked: "marked for the technical team", ToCustomer: "To write to the customer",
	Triage: "Priority to be chosen by", TriageLate: "Nobody has chosen a priority; it was to be chosen by",
	UnknownChoice: "“{name}”, unknown to the policy",
	Kind:          "Kind", Status: "Status", Organization: "Organisation", Team: "Team", Assignee: "Assignee", Created: "Created",
	Target: "Target", Calendar: "Calendar", Cycle: "cycle {n}", NoDue: "No due date while the clock is paused; counted so far: {span}",
	DueAfter: "Due, after {span}", ByChange: "Missed at once because {why}: nobody let it slip. Changed on",
	TimelineCaption: "What counted and why", To: "to", ToCome: "to come", AfterEnd: "after its end", Stretches: "%d stretch{es} of time",
	NoClocks: "No target applies to this ticket.", FromFirst: "An agent opened this ticket: the first reply is owed from the customer's first message on.", NotCovered: "No policy covers this ticket.", NotJudged: "This ticket can't be judged",
	ForCustomer: "For the customer, in their language",
	NotRead:     "It has not been read yet.", NotThere: "{name} has no ticket under this id.", NoSource: "The source {name} is not in the configuration.",
	MessagesTitle: "Messages", MessageAbout: "{topic}, cycle {n}, in channel {name}", MessageTriage: "{topic}, in channel {name}", NoMessages: "Nobody has been told anything about this ticket.",
	ActionsTitle: "What Vigie did", ActionsCaption: "Actions for this ticket, oldest first", When: "When", NoActions: "Nothing yet.",
	LogTitle: "Verdicts", LogCaption: "Each verdict that differed from the one before", Verdict: "Verdict", NoLog: "None yet.",

	standings: map[standing]string{parked: "Not watched", missed: "Missed", atRisk: "At risk", running: "Running", paused: "Paused", quiet: "No open target"},
	tiles: map[standing]string{
		missed: "missed", atRisk: "at risk", paused: "paused", untriaged: "priorit{y|ies} to choose", parked: "not watched",
	},
	open: "open", met: "met", byWorkaround: "met by a workaround", atOnce: "missed at once, by a change", void: "void", stillOpen: "still open", tickets: "ticket{s}", outside: "outside the SLA",
	states: map[rules.State]string{
		rules.StateRunning: "running", rules.StatePaused: "paused", rules.StateMet: "met", rules.StateBreached: "missed",
		rules.StateVoid: "void, solved without a further reply",
	},
	statuses: map[rules.Status]string{
		rules.New: "new", rules.Open: "open", rules.WaitingCustomer: "waiting for the customer", rules.WaitingThirdParty: "waiting for a third party",
		rules.Solved: "solved", rules.Closed: "closed", rules.Deleted: "deleted",
	},
	origins: map[rules.PriorityFrom]string{rules.FromPerson: "chosen by a person", rules.FromRule: "by the rules", rules.FromExamples: "suggested by the text", rules.FromDefault: "by default"},
	actionKinds: map[store.Kind]string{
		"breach": "Say that the target was missed", "warn": "Warn", "triage": "Ask for a priority", "edit": "Bring the message up to date",
		"write": "Write tags and fields", "amend": "Bring the message up to date", "escalate": "Keep the technical team's issue up to date",
		"unlinked": "Say that the technical team has no issue", "repaired": "Say that the technical team has solved its issue", "flag": "Flag the ticket",
		"opening": "Post a notice", "outage": "Post a notice", "storm": "Post a notice", "summary": "Post a notice", "digest": "Post a notice", "silence": "Post a notice",
	},
	actionStates: map[store.ActionState]string{
		store.Pending: "to be done", store.Started: "under way", store.Done: "done", store.Dropped: "no longer called for", store.Skipped: "skipped", store.Parked: "stuck, somebody must look", store.Refused: "refused, somebody must look; tried again",
	},
	whys: map[rules.Why]string{
		rules.Counts: "counts", rules.IsPaused: "paused,", rules.IsSolved: "solved", rules.Fulfilled: "a workaround is in place", rules.WasDeleted: "deleted",
	},
	closed: map[calendar.Why]string{
		calendar.Holiday: "holiday:", calendar.Weekend: "not a business day", calendar.OutsideHours: "outside business hours", calendar.Special: "closed on this date",
	},
	units: map[string][2]string{
		"second": {"second", "seconds"}, "minute": {"minute", "minutes"}, "hour": {"hour", "hours"}, "day": {"day", "days"},
		"business second": {"business second", "business seconds"}, "business minute": {"business minute", "business minutes"},
		"business hour": {"business hour", "business hours"}, "business day": {"business day", "business days"},
	},
	left: "{span} left", missedBy: "missed by {span}", missed: "missed", now: "under a minute left", businessTime: "business time",
	minutes: "%d\u00a0min", hours: "%d\u00a0h", dayHours: "%d\u00a0d %d\u00a0h",
	date: func(t time.Time, year bool) string {
		if year {
			return t.Format("Mon 2 Jan 2006")
		}
		return t.Format("Mon 2 Jan")
	},
	holiday: func(n calendar.Name) string { return n.EN },
}

var french = words{
	Lang: "fr", Other: "en", OtherName: "English", Colon: "\u00a0: ",

	Title: "Engagements du support", Tagline: "Les engagements du support, les échéances les plus proches d'abord", ToBoard: "Tableau", AsOf: "Situation au",
	RefreshOn: "Actualiser toutes les 30 s", RefreshOff: "Ne plus actualiser", RefreshNote: "Actualisé toutes les 30 s",
	LoginTitle: "Connexion", LoginLabel: "Jeton d'accès", LoginHint: "La valeur de web.token dans la configuration de Vigie. La personne qui administre Vigie la connaît.", LoginButton: "Se connecter",
	LoginWrong: "Ce jeton n'est pas le bon.", LoginAgain: "Continuer vers la page",
	NoToken: `Ces pages sont fermées : aucun jeton n'est défini, et rien n'assure que la demande vienne de cette machine et de l'utilisateur sous lequel tourne Vigie. Définissez web.token dans config.toml (token = "env:VIGIE_TOKEN"), mettez un long texte aléatoire dans cette variable d'environnement et redémarrez Vigie.`,
	NoProxy: "Ces pages sont réservées à ceux que le serveur mandataire placé devant Vigie a identifiés. Passez par son adresse.",
	TooMany: "Trop de jetons incorrects sont venus de votre adresse. Attendez deux minutes.", Elsewhere: "Ce formulaire a été envoyé depuis un autre site.",
	BadForm: "Le formulaire est illisible.", Broken: "Une erreur s'est produite ici. Le journal dit laquelle.",
	NoTicket: "Vigie ne connaît pas ce ticket.", NoWay: "Impossible d'afficher ceci",

	Manual: "Manuel", ManualNote: "Le manuel est en anglais.", NoManualPage: "Le manuel n'a pas de telle page.", WhatToDo: "Que faire ?",

	BoardCaption: "Tickets ouverts selon le temps qui reste", Ticket: "Ticket", Priority: "Priorité", Promise: "Objectif",
	State: "État", Due: "Échéance", Left: "Temps", Clause: "Clause",
	Search: "Rechercher", AnySource: "Toutes les sources", AnyState: "Tous les états", Source: "Source", Show: "Afficher", ShowAll: "Tout afficher",
	Untriaged: "Priorité à choisir", ParkedTitle: "Non surveillés", Why: "Pourquoi",
	ParkedNote: "Personne n'est prévenu pour ces tickets tant qu'ils ne peuvent pas être lus et évalués.",
	Nothing:    "Aucun ticket n'est ouvert.", NothingFits: "Aucun ticket ouvert ne correspond.", More: "Non affichés\u00a0: {n}. Précisez la recherche pour les voir.",
	Earlier: "Plus anciens\u00a0: {n}", LaterOnes: "Plus récents\u00a0: {n}", MoreLines: "{n} de plus, que montre vigie explain {name}",
	NoNews: "Des difficultés avec {name} ; dernières nouvelles :", NeverRead: "{name} n'a pas encore été lu", ChatStalled: "Les messages ne partent pas",
	SoSince:      "{what}, depuis",
	TroubleTitle: "Actions en difficulté", TroubleCaption: "Ce qui n'a pas pu être écrit ou envoyé", Action: "Action", Attempts: "Essais", Next: "Prochain essai", Note: "Remarque",
	Unknown: "aucune",

	Report: "Rapport", ReportTitle: "Respect des engagements du support", Period: "Du {from} au {to}", SoFar: "Jusqu'ici, au",
	Counted:  "Chaque objectif compte une fois\u00a0: le jour où il a été tenu, ou le jour où son échéance est passée. Les tickets sont évalués tels qu'ils étaient à la fin de la période\u00a0: un rapport du passé reste ce qu'il est.",
	FirstDay: "Premier jour", LastDay: "Dernier jour", Before: "Mois précédent", After: "Mois suivant", CSV: "Tous les objectifs en CSV",
	Met: "Tenus", OfThese: "D'emblée", Void: "Sans objet", Share: "Taux de respect", ShareOf: "des objectifs ont été tenus",
	ByPolicy: "Par politique", ByClause: "Par clause", ByPriority: "Par priorité", ByOrganization: "Par organisation",
	Breaches: "Objectifs dépassés", BreachesCaption: "Dans l'ordre où ils ont été dépassés", Late: "Dépassé de", Stopped: "Fait", NotStopped: "encore ouvert", MoreBreaches: "Non affichés\u00a0: {n}. Le CSV les contient tous.",
	NoneDecided: "Aucun objectif n'a été tenu ni dépassé dans cette période.", AllMet: "Aucun objectif n'a été dépassé.", NoPeriod: "La période doit commencer avant de finir, et pas dans le futur. Écrivez des jours comme 2026-11-30.", Unjudged: "Non comptés\u00a0: tickets qui ne peuvent pas être évalués",
	Waited:          "{span} d'attente d'un tiers",
	OfThoseThatCame: "Parmi les tickets arrivés dans cette période\u00a0: {n}", MarkedTickets: "Tickets marqués", Tickets: "Tickets", Flagged: "À reprendre", Tag: "Étiquette", Since: "Depuis",

	AtVendor: "Ouvrir {name} dans {vendor}", ToTicket: "Ouvrir {name}", Policy: "Politique", Outside: "Hors SLA", Proposed: "la politique propose {name}",
	TechnicalTeam: "Équipe technique", NoIssue: "pas encore de demande\u00a0; elle est attendue avant le", NoIssueLate: "aucune demande n'est liée\u00a0; elle était attendue avant le", Marked: "marqué pour l'équipe technique", ToCustomer: "À écrire au client",
	Triage: "Priorité à choisir avant le", TriageLate: "Personne n'a choisi de priorité\u00a0; elle était à choisir avant le",
	UnknownChoice: "« {name} », inconnue de la politique",
	Kind:          "Type", Status: "Statut", Organization: "Organisation", Team: "Équipe", Assignee: "Responsable", Created: "Créé",
	Target: "Objectif", Calendar: "Calendrier", Cycle: "cycle {n}", NoDue: "Pas d'échéance tant que le délai est suspendu\u00a0; compté jusqu'ici\u00a0: {span}",
	DueAfter: "Échéance, après {span}", ByChange: "Dépassé d'emblée parce que {why}\u00a0: personne n'a laissé passer l'échéance. Changé le",
	TimelineCaption: "Ce qui a compté et pourquoi", To: "à", ToCome: "à venir", AfterEnd: "après sa fin", Stretches: "%d période{s}",
	NoClocks: "Aucun objectif ne s'applique à ce ticket.", FromFirst: "Un agent a ouvert ce ticket\u00a0: la première réponse est due à compter du premier message du client.", NotCovered: "Aucune politique ne couvre ce ticket.", NotJudged: "Ce ticket ne peut pas être évalué",
	ForCustomer: "Pour le client, dans sa langue",
	NotRead:     "Il n'a pas encore été lu.", NotThere: "{name} n'a pas de ticket sous cet identifiant.", NoSource: "La source {name} n'est pas dans la configuration.",
	MessagesTitle: "Messages", MessageAbout: "{topic}, cycle {n}, dans le canal {name}", MessageTriage: "{topic}, dans le canal {name}", NoMessages: "Personne n'a été prévenu au sujet de ce ticket.",
	ActionsTitle: "Ce que Vigie a fait", ActionsCaption: "Actions pour ce ticket, les plus anciennes d'abord", When: "Quand", NoActions: "Rien pour l'instant.",
	LogTitle: "Verdicts", LogCaption: "Chaque verdict qui différait du précédent", Verdict: "Verdict", NoLog: "Aucun pour l'instant.",

	standings: map[standing]string{parked: "Non surveillés", missed: "Dépassés", atRisk: "À risque", running: "En cours", paused: "En pause", quiet: "Sans objectif ouvert"},
	tiles: map[standing]string{
		missed: "dépassé{s}", atRisk: "à risque", paused: "en pause", untriaged: "priorité{s} à choisir", parked: "non surveillé{s}",
	},
	open: "ouvert{s}", met: "tenu{s}", byWorkaround: "tenu{s} par un contournement", atOnce: "dépassé{s} d'emblée, par un changement", void: "sans objet", stillOpen: "encore ouvert{s}", tickets: "ticket{s}", outside: "hors SLA",
	states: map[rules.State]string{
		rules.StateRunning: "en cours", rules.StatePaused: "en pause", rules.StateMet: "tenu", rules.StateBreached: "dépassé",
		rules.StateVoid: "sans objet, résolu sans nouvelle réponse",
	},
	statuses: map[rules.Status]string{
		rules.New: "nouveau", rules.Open: "ouvert", rules.WaitingCustomer: "en attente du client", rules.WaitingThirdParty: "en attente d'un tiers",
		rules.Solved: "résolu", rules.Closed: "clos", rules.Deleted: "supprimé",
	},
	origins: map[rules.PriorityFrom]string{rules.FromPerson: "choisie par une personne", rules.FromRule: "d'après les règles", rules.FromExamples: "suggérée par le texte", rules.FromDefault: "par défaut"},
	actionKinds: map[store.Kind]string{
		"breach": "Dire que l'objectif est dépassé", "warn": "Prévenir", "triage": "Demander une priorité", "edit": "Mettre le message à jour",
		"write": "Écrire étiquettes et champs", "amend": "Mettre le message à jour", "escalate": "Tenir à jour la demande de l'équipe technique",
		"unlinked": "Dire que l'équipe technique n'a pas de demande", "repaired": "Dire que l'équipe technique a résolu sa demande", "flag": "Signaler le ticket",
		"opening": "Publier une annonce", "outage": "Publier une annonce", "storm": "Publier une annonce", "summary": "Publier une annonce", "digest": "Publier une annonce", "silence": "Publier une annonce",
	},
	actionStates: map[store.ActionState]string{
		store.Pending: "à faire", store.Started: "en cours", store.Done: "fait", store.Dropped: "n'est plus nécessaire", store.Skipped: "laissé de côté", store.Parked: "bloqué, quelqu'un doit regarder", store.Refused: "refusé, quelqu'un doit regarder ; réessayé",
	},
	whys: map[rules.Why]string{
		rules.Counts: "compté", rules.IsPaused: "en pause,", rules.IsSolved: "résolu", rules.Fulfilled: "solution de contournement en place", rules.WasDeleted: "supprimé",
	},
	closed: map[calendar.Why]string{
		calendar.Holiday: "jour férié\u00a0:", calendar.Weekend: "jour non ouvré", calendar.OutsideHours: "hors heures ouvrées", calendar.Special: "fermé à cette date",
	},
	units: map[string][2]string{
		"second": {"seconde", "secondes"}, "minute": {"minute", "minutes"}, "hour": {"heure", "heures"}, "day": {"jour", "jours"},
		"business second": {"seconde ouvrée", "secondes ouvrées"}, "business minute": {"minute ouvrée", "minutes ouvrées"},
		"business hour": {"heure ouvrée", "heures ouvrées"}, "business day": {"jour ouvré", "jours ouvrés"},
	},
	left: "reste {span}", missedBy: "dépassé de {span}", missed: "dépassé", now: "reste moins d'une minute", businessTime: "temps ouvré",
	minutes: "%d\u00a0min", hours: "%d\u00a0h", dayHours: "%d\u00a0j %d\u00a0h",
	date: func(t time.Time, year bool) string {
		days := [...]string{"dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."}
		months := [...]string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."}
		day := fmt.Sprint(t.Day())
		if t.Day() == 1 {
			day = "1er"
		}
		text := days[t.Weekday()] + " " + day + " " + months[t.Month()-1]
		if year {
			text += fmt.Sprint(" ", t.Year())
		}
		return text
	},
	holiday: func(n calendar.Name) string { return n.FR },
}
