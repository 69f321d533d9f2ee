package web_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"vigie/bot/web"
	"vigie/rules"
)

// A ticket's page asks the vendor for its own SLA, once, and no other page does.
func TestTicketPageBesideTheVendorsSLA(t *testing.T) {
	h := seeded(t)
	started, late, same, wild := monday("09:00:00"), monday("17:00:00").UTC(), monday("09:00:00").AddDate(0, 0, 1).Add(8*time.Hour).UTC(), monday("12:00:00").UTC()
	yes := true
	own := rules.VendorSLA{Vendor: "Zendesk", Clocks: []rules.VendorClock{
		{Name: "first reply time", Metric: rules.FirstReply, State: rules.StateRunning, Due: &late, Target: 8 * 3600, Business: &yes, StartedAt: &started, AllPauses: true},
		{Name: "requester wait time", Metric: rules.Resolution, State: rules.StateRunning, Due: &same},
		{Name: "group <ownership> time", State: rules.StateBreached, Due: &wild},
	}}
	var asked []string
	h.SLAs = map[string]web.SLA{"zendesk": {Vendor: "Zendesk", Ask: func(_ context.Context, id string) rules.VendorSLA {
		asked = append(asked, id)
		return own
	}}}
	h.get(t, "/")
	page := h.get(t, "/tickets/zendesk/1")
	expectWords(t, page, "Zendesk (first reply time) running, Mon 30 Nov, 17:00 Europe/Berlin 7h00 later: its target is 8h00, ours 1h00",
		"Zendesk (requester wait time) running, Tue 1 Dec, 17:00 Europe/Berlin the same",
		"Zendesk (group <ownership> time) missed, Mon 30 Nov, 12:00 Europe/Berlin the policy has no clock to match")
	if strings.Contains(page, "<ownership>") {
		t.Error("the vendor's words are markup")
	}
	expectWords(t, h.get(t, "/tickets/zendesk/1?lang=fr"), "Zendesk (first reply time) en cours, lun. 30 nov., 17:00 Europe/Berlin 7h00 plus tard : son objectif est de 8h00, le nôtre de 1h00")
	if strings.Join(asked, " ") != "1 1" {
		t.Errorf("asked about %v", asked)
	}

	own = rules.VendorSLA{Vendor: "Zendesk"}
	expectWords(t, h.get(t, "/tickets/zendesk/1"), "Zendesk has no SLA of its own on this ticket.", "First reply ● missed")
	own.Unknown = rules.TooSlow
	expectWords(t, h.get(t, "/tickets/zendesk/1?lang=fr"), "Zendesk n'a pas donné son propre SLA à temps.")

	// A vendor that is down isn't waited for, and one without an SLA isn't spoken of.
	asked = nil
	h.Stalled = func() map[string]error { return map[string]error{"zendesk": errors.New("down")} }
	expectWords(t, h.get(t, "/tickets/zendesk/1"), "Zendesk couldn't tell its own SLA.")
	h.SLAs = nil
	if page := words(h.get(t, "/tickets/zendesk/1")); strings.Contains(page, "Zendesk ") || asked != nil {
		t.Errorf("asked about %v; the page:\n%s", asked, page)
	}
}
