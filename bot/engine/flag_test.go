package engine_test

import (
	"slices"
	"strings"
	"testing"

	"vigie/connectors/sandbox"
	"vigie/rules/policies"
)

// flagging is a mark that is told.
const flagging = `
[[mark]]
when   = 'status in ["solved", "closed"] and awaiting_reply and status_by != "customer"'
tag    = "solved_unanswered"
tell   = true
note   = { fr = "Le client attend une réponse.", en = "The customer waits for an answer." }
clause = "A-9"
`

// A ticket that is solved without an answer is said once in Slack, over a restart and
// whoever closes it later; the answer brings the message up to date.
func TestAFlagIsSaidOnce(t *testing.T) {
	w := newWorld(t)
	w.policy = acme + flagging
	w.restart(t)
	id, err := w.z.Open(sandbox.NewTicket{Subject: "Export", Body: "Where is it?", Type: "question", RequesterEmail: nadia}) // outside the SLA
	w.seen(t, id, err)
	w.expect(t, 0, 0, "")
	w.set(at("Fri 2026-11-27 09:30:00"))
	w.seen(t, id, w.z.SetStatus(id, lena, "solved"))
	w.expect(t, 1, 0, "solved_unanswered")
	if got, want := w.ticket(t, id).Tags, []string{"sla_exempt", "solved_unanswered"}; !slices.Equal(got, want) {
		t.Errorf("tags %q, want %q", got, want)
	}
	if card := w.cards()[0]; !strings.Contains(string(card.Blocks), "The customer waits for an answer.") || !strings.Contains(string(card.Blocks), "A-9") {
		t.Errorf("the card says %s", card.Blocks)
	}
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 11:00:00"))
	w.expect(t, 1, 0, "solved_unanswered")
	w.seen(t, id, w.z.Reply(id, lena, true, "Under Reports."))
	w.expect(t, 1, 0, "No longer")
	if got, want := w.ticket(t, id).Tags, []string{"sla_exempt"}; !slices.Equal(got, want) {
		t.Errorf("tags after the answer %q, want %q", got, want)
	}
	w.set(at("Fri 2026-11-27 12:00:00"))
	must(t, w.z.Reply(id, nadia, true, "And for nominations?"))
	must(t, w.z.SetStatus(id, lena, "open"))
	w.set(at("Fri 2026-11-27 12:10:00"))
	w.seen(t, id, w.z.SetStatus(id, lena, "solved"))
	w.expect(t, 1, 0, "solved_unanswered") // edited, and nobody is called again
	if a := w.action(t, "flag/zendesk:1/solved_unanswered"); a.Kind != "flag" {
		t.Errorf("the action is %+v", a)
	}
}

// A mail that nobody has given a type is checked like a problem (QS-10), until an agent
// says that it is a question.
func TestAnUntypedMailIsChecked(t *testing.T) {
	w := newWorld(t)
	text, _ := policies.Read("moveon")
	w.policy = string(text)
	w.restart(t)
	open := func(typ, channel string) int64 {
		id, err := w.z.Open(sandbox.NewTicket{Subject: "Bonjour", Body: "Merci de regarder.", Type: typ, Channel: channel, RequesterEmail: nadia})
		w.seen(t, id, err)
		return id
	}
	tagged := func(id int64, want bool) {
		t.Helper()
		if got := slices.Contains(w.ticket(t, id).Tags, "intake_missing_browser"); got != want {
			t.Errorf("ticket %d has %q", id, w.ticket(t, id).Tags)
		}
	}
	mail, question, form := open("", "email"), open("question", "email"), open("", "web")
	tagged(mail, true)
	tagged(question, false)
	tagged(form, false)
	w.seen(t, mail, w.z.SetType(mail, lena, "question"))
	tagged(mail, false)
}
