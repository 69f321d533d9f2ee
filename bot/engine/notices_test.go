package engine

import (
	"strings"
	"testing"

	"vigie/rules"
)

// What is one is said as one, in every sentence with counts.
func TestCountsAreSaidInTheRightNumber(t *testing.T) {
	several := notice{alerts: []rules.Alert{
		{ID: "1", Kind: rules.Breached}, {ID: "1", Kind: rules.Breached, Metric: rules.Update}, {ID: "2", Kind: rules.Breached}, // a ticket may be late twice
		{ID: "3", Kind: rules.Warning}, {ID: "4", Kind: rules.Warning}, {ID: "5", Kind: rules.Triage}, {ID: "6", Kind: rules.Repaired}, {ID: "7", Kind: rules.Repaired}, {ID: "8", Kind: rules.Flagged}, {ID: "9", Kind: rules.Flagged}}}
	single := notice{alerts: []rules.Alert{{Kind: rules.Breached}, {Kind: rules.Warning}, {Kind: rules.Unlinked}, {Kind: rules.Repaired}, {Kind: rules.Flagged}}}
	in := func(n notice, language string) notice {
		n.language = language
		return n
	}
	none, one, two := census{}, census{open: 1, breached: 1, atRisk: 1, paused: 1, triage: 1, parked: 1}, census{open: 2, breached: 2, atRisk: 2, paused: 2, triage: 2, parked: 2}
	counts := func(n notice, language string) string {
		n.language = language
		return n.counts()
	}
	first := func(text string) string { return text[:strings.Index(text, ".")+1] }
	for _, c := range []struct{ got, want string }{
		{first(none.summary("fr", "zendesk")), "Vigie veille désormais sur zendesk : 0 ticket ouvert, dont 0 avec un objectif dépassé, 0 proche de l'échéance, 0 en attente de quelqu'un, 0 sans priorité choisie."},
		{first(one.summary("fr", "zendesk")), "Vigie veille désormais sur zendesk : 1 ticket ouvert, dont 1 avec un objectif dépassé, 1 proche de l'échéance, 1 en attente de quelqu'un, 1 sans priorité choisie ; 1 ticket est illisible, voir le tableau."},
		{first(two.summary("fr", "zendesk")), "Vigie veille désormais sur zendesk : 2 tickets ouverts, dont 2 avec un objectif dépassé, 2 proches de l'échéance, 2 en attente de quelqu'un, 2 sans priorité choisie ; 2 tickets sont illisibles, voir le tableau."},
		{first(none.summary("en", "zendesk")), "Vigie now watches zendesk: 0 open tickets, of which 0 have missed a target, 0 are at risk, 0 wait for somebody, 0 lack a priority."},
		{first(one.summary("en", "zendesk")), "Vigie now watches zendesk: 1 open ticket, of which 1 has missed a target, 1 is at risk, 1 waits for somebody, 1 lacks a priority; 1 ticket can't be read, see the board."},
		{first(two.summary("en", "zendesk")), "Vigie now watches zendesk: 2 open tickets, of which 2 have missed a target, 2 are at risk, 2 wait for somebody, 2 lack a priority; 2 tickets can't be read, see the board."},
		{one.digest("fr"), "Le point du jour : 1 ticket ouvert, 1 avec un objectif dépassé, 1 proche de l'échéance, 1 en attente, 1 sans priorité choisie ; 1 ticket est illisible, voir le tableau."},
		{two.digest("fr"), "Le point du jour : 2 tickets ouverts, 2 avec un objectif dépassé, 2 proches de l'échéance, 2 en attente, 2 sans priorité choisie ; 2 tickets sont illisibles, voir le tableau."},
		{one.digest("en"), "Today: 1 open ticket, 1 with a missed target, 1 at risk, 1 waiting, 1 without a chosen priority; 1 ticket can't be read, see the board."},
		{headMore("fr", 1), " Voici les plus urgents ; 1 autre est sur le tableau."},
		{headMore("fr", 2), " Voici les plus urgents ; 2 autres sont sur le tableau."},
		{headMore("en", 1), " The most urgent are shown; 1 more is on the board."},
		{headMore("en", 2), " The most urgent are shown; 2 more are on the board."},
		{headMore("fr", 0), ""},
		{headOpening(in(single, "fr")), "À voir dès l'ouverture : 1 ticket."},
		{headOpening(in(several, "fr")), "À voir dès l'ouverture : 9 tickets."},
		{headOpening(in(single, "en")), "To see to at opening: 1 ticket."},
		{headOpening(in(several, "en")), "To see to at opening: 9 tickets."},
		{headLeft("fr", 2), " Il en reste 2 à traiter dans cette liste."},
		{headLeft("fr", 0), " Il n'y a plus rien à traiter dans cette liste."},
		{headLeft("en", 1), " 1 of this list is still to be seen to."},
		{headLeft("en", 2), " 2 of this list are still to be seen to."},
		{headOutage(in(notice{alerts: single.alerts[:1]}, "fr")), "Ces alertes n'ont pas pu partir à temps : 1 ticket avec un objectif dépassé."},
		{headStorm(in(notice{alerts: several.alerts[:3]}, "fr")), "Beaucoup d'alertes d'un coup, réunies ici en une liste : 2 tickets avec un objectif dépassé."},
		{counts(single, "fr"), "1 ticket avec un objectif dépassé, 1 proche de l'échéance, 1 sans demande pour l'équipe technique, 1 résolu par l'équipe technique, 1 signalé"},
		{counts(several, "fr"), "2 tickets avec un objectif dépassé, 2 proches de l'échéance, 1 sans priorité choisie, 2 résolus par l'équipe technique, 2 signalés"},
		{counts(single, "en"), "1 ticket with a missed target, 1 at risk, 1 without an issue for the technical team, 1 solved by the technical team, 1 flagged"},
	} {
		if c.got != c.want {
			t.Errorf("got  %s\nwant %s", c.got, c.want)
		}
	}
}
