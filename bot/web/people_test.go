package web_test

import (
	"regexp"
	"strings"
	"testing"

	"vigie/bot/store"
	"vigie/rules"
)

// The clocks that go on stand on top, the most pressing first; each finished cycle is a
// line, with its evidence behind it.
func TestCurrentClockIsOnTop(t *testing.T) {
	h := seeded(t)
	page := h.get(t, "/tickets/zendesk/9") // answered in time; to be resolved
	current, ended := strings.Index(page, `<section class="clock">`), strings.Index(page, `<details class="clock">`)
	if current < 0 || ended < current {
		t.Fatalf("the current clock is at %d, the finished one at %d", current, ended)
	}
	expectWords(t, page[current:ended], "Resolution ▸ running")
	line := regexp.MustCompile(`(?s)<summary>(.*?)</summary>`).FindStringSubmatch(page[ended:])
	if got, want := words(line[1]), "First reply ✓ met Due Fri 27 Nov, 16:00 Europe/Berlin"; got != want {
		t.Errorf("the line says %q, not %q", got, want)
	}
	page = h.get(t, "/tickets/zendesk/1") // the reply is missed, and presses more than the resolution
	if reply, resolution := strings.Index(page, "<h2>First reply"), strings.Index(page, "<h2>Resolution"); reply < 0 || resolution < reply {
		t.Errorf("the reply is at %d, the resolution at %d", reply, resolution)
	}
	expectWords(t, h.get(t, "/tickets/zendesk/9?lang=fr"), "Terminés Première réponse ✓ tenu Échéance ven. 27 nov., 16:00")
}

func TestTicketPageSaysWhoHoldsIt(t *testing.T) {
	h := housed(t)
	for id, want := range map[string]string{
		"1": "Held by omar@acme.example since Mon 30 Nov, 09:00 Europe/Berlin",
		"2": "Held by Nadia since Mon 30 Nov, 14:30 Europe/Berlin",
		"3": "Held by Nobody",
		"4": "Held by omar@acme.example since Mon 30 Nov, 14:50 Europe/Berlin",
	} {
		expectWords(t, h.get(t, "/tickets/zendesk/"+id), want)
	}
	expectWords(t, h.get(t, "/tickets/zendesk/2?lang=fr"), "Prise en charge Nadia depuis le lun. 30 nov., 14:30")
}

// Calls and requests of a ticket are told with who and when; the newest of many.
func TestTicketPageTellsCallsAndRequests(t *testing.T) {
	h := housed(t)
	by := rules.Person{ID: "U1"}
	actions := []store.Action{
		{Key: "call/1", Kind: store.Call, Source: "zendesk", ID: "2", Topic: string(rules.FirstReply), Cycle: 1, NotBefore: h.now, State: store.Done,
			Step: &store.Step{Number: 1, Whom: []string{"assignee", "oncall:support"}}},
		{Key: "call/2", Kind: store.Call, Source: "zendesk", ID: "2", Topic: string(rules.FirstReply), Cycle: 1, NotBefore: monday("16:30:00"), Step: &store.Step{Number: 2}},
		{Key: "request/1", Kind: store.Asked, Source: "zendesk", ID: "2", NotBefore: h.now, State: store.Done, Request: &store.Request{What: store.Take, By: by, At: monday("14:30:00")}},
		{Key: "request/2", Kind: store.Asked, Source: "zendesk", ID: "2", NotBefore: h.now, State: store.Done, Request: &store.Request{What: store.Snooze, By: rules.Person{ID: "U2", Name: "Omar"}, At: monday("14:40:00"), Until: monday("15:10:00")}},
		{Key: "request/3", Kind: store.Asked, Source: "zendesk", ID: "2", NotBefore: h.now, State: store.Dropped, Note: "the ticket isn't known", Request: &store.Request{What: store.Choose, Priority: "urgent", By: rules.Person{ID: "U9"}, At: monday("14:45:00")}},
	}
	if err := h.Store.Insert(t.Context(), actions, h.now); err != nil {
		t.Fatal(err)
	}
	page := h.get(t, "/tickets/zendesk/2")
	expectWords(t, page, "assignee, oncall:support called: First reply done", "Mon 30 Nov, 16:30 Europe/Berlin whoever has taken it called: First reply to be done",
		"Mon 30 Nov, 14:30 Europe/Berlin Nadia takes the ticket done", "14:40 Europe/Berlin Omar no calls until Mon 30 Nov, 15:10 Europe/Berlin done",
		"14:45 Europe/Berlin U9 chooses the priority urgent no longer called for the ticket isn't known")
	expectWords(t, h.get(t, "/tickets/zendesk/2?lang=fr"), "Nadia prend le ticket fait", "appel : Première réponse")
	expectWords(t, h.get(t, "/tickets/zendesk/1"), "Nobody has been called, and nobody has asked for anything.")
}
