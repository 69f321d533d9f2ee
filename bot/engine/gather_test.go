package engine_test

import (
	"strings"
	"testing"
	"time"

	"vigie/bot/engine"
	"vigie/connectors/sandbox"
	"vigie/rules"
	"vigie/rules/policyfile"
)

// nightly is a world in which what isn't urgent waits for the office to open,
// with tickets whose elapsed targets run out in the night of Friday to Saturday.
func nightly(t *testing.T, tickets int) *world {
	t.Helper()
	w := newWorld(t)
	w.gathers(t)
	for range tickets {
		id, err := w.z.Open(sandbox.NewTicket{Subject: "Slow <!here>", Body: "Slow.", Type: "incident", Priority: "normal", RequesterEmail: nadia, SubmitterEmail: lena})
		w.seen(t, id, err)
		w.set(w.Now().Add(time.Minute))
	}
	w.until(t, at("Fri 2026-11-27 16:59:00"))
	return w
}

// gathers has the engine gather; to be said again after a restart.
func (w *world) gathers(t *testing.T) {
	t.Helper()
	policy, problems := policyfile.Load("night.toml", []byte(strings.ReplaceAll(acme, "8 business hours", "10 hours")), nil)
	must(t, problems.Err())
	w.Sources[0].Policies = []*rules.Policy{policy}
	w.Route = func(a rules.Alert) engine.Routing {
		return engine.Routing{Channel: watch, Gather: a.Priority == "normal"}
	}
}

// METEORAGE's policy has staff on call for haute alone: the rest is gathered,
// with a list at opening (MT-04).
func TestGatheredUntilOpening(t *testing.T) {
	w := nightly(t, 3) // half used at 14:00, three quarters at 16:30, late at 19:00
	w.expect(t, 3, 3, "2 h 30 left")
	w.until(t, at("Mon 2026-11-30 08:59:59"))
	w.expect(t, 3, 3, "target missed") // nobody is called in the night, but whoever looks sees it
	w.until(t, at("Mon 2026-11-30 09:00:00"))
	w.expect(t, 4, 3, "To see to at opening: 3 tickets.")
	list := w.cards()[3].Text
	for _, want := range []string{"zendesk:1>", "zendesk:2>", "zendesk:3>", "target missed by 2 d 14 h", "Slow &lt;!here&gt;"} {
		if !strings.Contains(list, want) {
			t.Errorf("%q is not in the list:\n%s", want, list)
		}
	}
	if got := w.action(t, "breach/zendesk:2/update/1"); got.State != "done" || !strings.Contains(got.Note, "opening/breach/zendesk:1/update/1") {
		t.Errorf("a gathered breach is %s: %s", got.State, got.Note)
	}
	w.restart(t)
	w.gathers(t)
	w.until(t, at("Mon 2026-11-30 12:00:00"))
	w.expect(t, 4, 3, "To see to at opening")
}

func TestGatheredAloneIsACard(t *testing.T) {
	w := nightly(t, 1)
	w.until(t, at("Mon 2026-11-30 09:00:00"))
	w.expect(t, 1, 2, "target missed")
}

// What was answered in the night is not in the list.
func TestGatheredThenAnswered(t *testing.T) {
	w := nightly(t, 3)
	w.until(t, at("Sat 2026-11-28 10:00:00"))
	w.seen(t, 2, w.z.SetStatus(2, lena, "solved"))
	w.until(t, at("Mon 2026-11-30 09:00:00"))
	w.expect(t, 4, 3, "To see to at opening: 2 tickets.")
	if list := w.cards()[3].Text; strings.Contains(list, "zendesk:2>") {
		t.Errorf("the list says %s", list)
	}
}

// The list's answer is lost: it is found, and not posted again.
func TestListIsPostedOnce(t *testing.T) {
	for name, fault := range map[string]sandbox.Fault{
		"carried out": {Status: 500, AfterWork: true}, "not carried out": {Drop: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := nightly(t, 3)
			w.until(t, at("Mon 2026-11-30 08:59:59"))
			w.Faults.FailNext("slack", 1, fault)
			w.set(at("Mon 2026-11-30 09:00:00"))
			w.settle(t)
			w.restart(t)
			w.gathers(t)
			w.until(t, at("Mon 2026-11-30 09:30:00"))
			w.expect(t, 4, 3, "To see to at opening: 3 tickets.")
		})
	}
}
