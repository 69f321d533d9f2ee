package web_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"vigie/bot/web"
	"vigie/rules"
)

// The policy is called by its title in the reader's language; so is the vendor, by its
// name.
func TestPagesSpeakTheReadersLanguage(t *testing.T) {
	h := seeded(t)
	h.SLAs = map[string]web.SLA{"zendesk": {Vendor: "Zendesk", Ask: func(context.Context, string) rules.VendorSLA { return rules.VendorSLA{Vendor: "Zendesk"} }}}
	expectWords(t, h.get(t, "/tickets/zendesk/1?lang=fr"), "Situation au lun. 30 nov.", "Politique Politique d'assistance d'Acme", "Ouvrir zendesk:1 dans Zendesk", "Première réponse")
	expectWords(t, h.get(t, "/tickets/zendesk/1"), "Policy Acme support policy", "Open zendesk:1 in Zendesk")
	h.SLAs = nil
	expectWords(t, h.get(t, "/tickets/zendesk/1?lang=fr"), "Ouvrir zendesk:1 ↗")
}

// One is told as one.
func TestTilesOfOne(t *testing.T) {
	for _, c := range []struct {
		at     time.Time
		number int
		fr, en []string
	}{
		{monday("15:00:00"), 1, []string{"1 ouvert", "1 dépassé", "0 à risque", "0 en pause", "1 priorité à choisir"}, []string{"1 open", "1 missed", "0 at risk", "0 paused", "1 priority to choose"}},
		{monday("15:00:00"), 2, []string{"2 ouverts", "2 dépassés", "2 priorités à choisir"}, []string{"2 open", "2 missed", "2 priorities to choose"}},
	} {
		var list []*rules.Ticket
		for i := range c.number {
			list = append(list, &rules.Ticket{ID: string(rune('1' + i)), Kind: "problem", Status: rules.Open, Text: "outage", CreatedAt: monday("09:00:00"), URL: "https://acme.zendesk.com/agent/tickets/1"})
		}
		h := build(t, c.at, list...)
		h.settle(t)
		expectWords(t, h.get(t, "/?lang=fr"), c.fr...)
		expectWords(t, h.get(t, "/"), c.en...)
	}
	h := build(t, monday("15:00:00"), &rules.Ticket{ID: "1", Kind: "problem", Status: rules.Open, Text: "outage", CreatedAt: monday("09:00:00")})
	h.settle(t)
	expectWords(t, h.get(t, "/report?lang=fr"), "0 tenu", "1 dépassé", "1 encore ouvert", "1 ticket", "Taux de respect")
	expectWords(t, h.get(t, "/report"), "0 met", "1 missed", "1 still open", "1 ticket", "Share met")
}

// Nothing of a short target's time is lost to rounding.
func TestShortTargets(t *testing.T) {
	h := build(t, monday("09:00:45"), &rules.Ticket{ID: "1", Kind: "problem", Status: rules.Open, CreatedAt: monday("09:00:00")})
	h.use(t, strings.Replace(acmePolicy, `normal = "1 business day"`, `normal = "90 business seconds"`, 1))
	h.settle(t)
	expectWords(t, h.get(t, "/?lang=fr"), "reste 45 s")
	expectWords(t, h.get(t, "/"), "45 s left business time")
	h.now = monday("09:01:33")
	expectWords(t, h.get(t, "/"), "missed by 3 s business time")
	h.now = monday("09:05:40")
	expectWords(t, h.get(t, "/report"), "4 min 10 s business time")
}

// A person's choice that the policy doesn't know is said with what counts instead, on
// the board in short.
func TestUnknownPriority(t *testing.T) {
	h := build(t, monday("10:00:00"), &rules.Ticket{ID: "1", Kind: "problem", Status: rules.Open, Priority: "Blocker", CreatedAt: monday("09:00:00")})
	h.settle(t)
	expectWords(t, h.get(t, "/tickets/zendesk/1?lang=fr"), "Priorité normal « Blocker », choisie par une personne, inconnue de la politique ; les objectifs de « normal » s'appliquent")
	expectWords(t, h.get(t, "/tickets/zendesk/1"), "Priority normal “Blocker”, chosen by a person, unknown to the policy; the targets of “normal” apply", "Verdicts", "normal “Blocker”, unknown to the policy First reply")
	expectWords(t, h.get(t, "/?lang=fr"), "normal « Blocker », inconnue de la politique")
}
