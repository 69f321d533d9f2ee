package engine_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/connectors/sandbox"
)

// Storms of refusals slow down and lose nothing, in whatever call they begin.
func TestRefusalStorms(t *testing.T) {
	storms := map[string]sandbox.Fault{
		"429":                  {Status: http.StatusTooManyRequests},
		"429, asked to wait":   {Status: http.StatusTooManyRequests, RetryAfter: "30"},
		"503":                  {Status: http.StatusServiceUnavailable},
		"503, asked to wait":   {Status: http.StatusServiceUnavailable, RetryAfter: "30"},
		"502 after the work":   {Status: http.StatusBadGateway, AfterWork: true},
		"cut after the work":   {Drop: true, AfterWork: true},
		"cut before the work":  {Drop: true},
		"429 without an end":   {Status: http.StatusTooManyRequests, RetryAfter: "100000"},
		"a page instead of an": {Status: http.StatusInternalServerError, Body: "<html>Oops</html>"},
	}
	for name, fault := range storms {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			ids := w.flood(t, 20)
			n := 0
			w.onRequest(func(vendor string, _ bool) {
				if n++; vendor == "zendesk" && n > 3 && n < 40 && n%5 > 0 && fault.RetryAfter != "100000" || n == 8 {
					w.Faults.FailNext(vendor, 1, fault)
				}
			})
			end := w.Now().Add(30 * time.Minute)
			if fault.RetryAfter == "100000" {
				end = w.Now().Add(29 * time.Hour)
			}
			w.until(t, end)
			w.onRequest(nil)
			w.until(t, end.Add(10*time.Minute))
			for _, id := range ids {
				a := w.action(t, writeKey(id))
				if a.State != store.Done || len(w.ticket(t, id).Tags) == 0 {
					t.Errorf("the write of ticket %d is %s: %s", id, a.State, a.Note)
				}
			}
			if s := w.Stalled(); len(s) > 0 {
				t.Errorf("it is still stalled: %v", s)
			}
		})
	}
}

// Our token is taken away: people are told once, nothing known is forgotten, and
// with a new one everything is caught up on.
func TestCredentialsRevoked(t *testing.T) {
	w := newWorld(t)
	known := w.urgent(t)
	w.until(t, at("Fri 2026-11-27 09:30:00"))
	token := w.Tokens.Zendesk.Token
	w.Tokens.Zendesk.Token = "another"
	w.set(at("Fri 2026-11-27 09:40:00"))
	missed, err := w.z.Open(sandbox.NewTicket{Subject: "x", Body: "y", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
	must(t, err)
	_, err = w.Receive(t.Context(), "zendesk", desk.Delivery{ID: "x", Tickets: []string{fmt.Sprint(missed)}})
	must(t, err)
	asked := 0
	w.onRequest(func(vendor string, _ bool) {
		if vendor == "zendesk" {
			asked++
		}
	})
	w.until(t, at("Fri 2026-11-27 10:55:00"))
	w.expect(t, 1, 0, "zendesk has given no news since")
	w.Tokens.Zendesk.Token = token
	w.restart(t) // with the token that it had, which changes nothing about it
	w.Tokens.Zendesk.Token = "another"
	w.until(t, at("Fri 2026-11-27 11:05:00"))
	w.expect(t, 2, 0, "2 business hours left") // of the ticket that was known
	if asked > 150 {
		t.Errorf("%d requests in an hour and a half with credentials that are refused", asked)
	}
	w.Tokens.Zendesk.Token = token
	w.until(t, at("Fri 2026-11-27 11:20:00"))
	w.expect(t, 2, 0, "")
	w.tagged(t, "priority_urgent sla_update_at_risk", known)
	w.tagged(t, "priority_urgent", missed)
	if text := texts(w.cards()); strings.Contains(text, "has given no news") {
		t.Errorf("once it is over, it still says %q", text)
	}
}

// A cursor that Zendesk no longer takes is begun anew, and nothing is missed.
func TestCursorExpired(t *testing.T) {
	w := newWorld(t)
	w.flood(t, 3)
	w.until(t, at("Fri 2026-11-27 09:20:00"))
	must(t, w.Store.Polled(t.Context(), "zendesk", desk.Page{Cursor: "bm9uc2Vuc2U="}, false, w.Now()))
	id, err := w.z.Open(sandbox.NewTicket{Subject: "x", Body: "y", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
	must(t, err)
	w.until(t, at("Fri 2026-11-27 09:40:00"))
	w.tagged(t, "priority_urgent", id)
	if s := w.Stalled(); len(s) > 0 {
		t.Errorf("stalled: %v", s)
	}
}

// Tickets are merged, deleted and closed while writes into them wait; the others
// of the batch are written.
func TestTicketsEndInABatch(t *testing.T) {
	w := slowWorld(t)
	w.refuse(http.StatusServiceUnavailable, "/update_many.json")
	ids := w.flood(t, 9)
	w.settle(t)
	must(t, w.z.Update(ids[0], lena, sandbox.ZendeskUpdate{Status: "closed", AddTags: []string{"closed_by_merge"}}))
	must(t, w.z.Delete(ids[1]))
	must(t, w.z.SetStatus(ids[2], lena, "closed"))
	w.refuse(0)
	w.until(t, at("Fri 2026-11-27 12:00:00"))
	w.tagged(t, "closed_by_merge", ids[0])
	w.tagged(t, "", ids[1], ids[2])
	w.tagged(t, "priority_urgent sla_update_at_risk", ids[3:]...)
	for _, id := range ids[:3] {
		if a := w.action(t, writeKey(id)); a.State != store.Dropped {
			t.Errorf("the write of ticket %d is %s: %s", id, a.State, a.Note)
		}
	}
	if s := w.Stalled(); len(s) > 0 {
		t.Errorf("stalled: %v", s)
	}
}
