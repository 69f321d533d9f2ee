package engine_test

import (
	"strings"
	"testing"

	"vigie/bot/engine"
	"vigie/connectors/sandbox"
	"vigie/rules"
	"vigie/rules/policyfile"
)

// An alarm calls whom its route names at that hour, though the ticket has a
// message elsewhere; and both messages stay true.
func TestAlarmGoesWhereItsRouteSays(t *testing.T) {
	w := newWorld(t)
	policy, problems := policyfile.Load("night.toml", []byte(strings.ReplaceAll(acme, "4 business hours", "9 hours")), nil)
	must(t, problems.Err())
	w.Sources[0].Policies = []*rules.Policy{policy}
	w.Route = func(a rules.Alert) engine.Routing {
		if a.OpenNow {
			return engine.Routing{Channel: watch}
		}
		return engine.Routing{Channel: "#night"}
	}
	id := w.urgent(t) // warnings at 13:30 and 15:45, late at 18:00
	w.until(t, at("Fri 2026-11-27 16:00:00"))
	w.expect(t, 1, 1, "2 h 15 left")
	w.until(t, at("Fri 2026-11-27 18:30:00"))
	w.expect(t, 1, 1, "target missed") // edited, and nobody called here
	if night := w.Slack().Messages("#night"); len(night) != 1 || night[0].ThreadTS != "" || !strings.Contains(night[0].Text, "target missed") {
		t.Fatalf("the night's channel has %+v", night)
	}
	w.seen(t, id, w.z.Reply(id, lena, true, "Done."))
	w.expect(t, 1, 1, "done, target missed by 30 min")
	night := w.Slack().Messages("#night")
	if len(night) != 1 || !strings.Contains(night[0].Text, "done, target missed by 30 min") {
		t.Errorf("the night's channel has %+v", night)
	}
}

// One of two messages is deleted by somebody: the other is edited all the same.
func TestOneOfTwoMessagesIsDeleted(t *testing.T) {
	w := newWorld(t)
	night := false
	w.Route = func(a rules.Alert) engine.Routing {
		if night {
			return engine.Routing{Channel: "#night"}
		}
		return engine.Routing{Channel: watch}
	}
	id := w.urgent(t)
	w.until(t, at("Fri 2026-11-27 11:30:00"))
	night = true
	w.until(t, at("Fri 2026-11-27 12:30:00"))
	w.expect(t, 1, 0, "1 business hour left")
	must(t, w.Slack().Delete(watch, w.cards()[0].TS))
	w.seen(t, id, w.z.Reply(id, lena, true, "Done."))
	w.expect(t, 0, 0, "")
	if m := w.Slack().Messages("#night"); len(m) != 1 || !strings.Contains(m[0].Text, "target met") {
		t.Errorf("the other channel has %+v", m)
	}
}

// The answer of a post is lost just as the route changes: it is found where it
// was posted.
func TestLostPostIsFoundInItsOwnChannel(t *testing.T) {
	w := newWorld(t)
	channel := watch
	w.Route = func(rules.Alert) engine.Routing { return engine.Routing{Channel: channel} }
	w.urgent(t)
	w.until(t, at("Fri 2026-11-27 10:59:59"))
	w.Faults.FailNext("slack", 1, sandbox.Fault{Status: 500, AfterWork: true})
	w.set(at("Fri 2026-11-27 11:00:00"))
	w.settle(t)
	channel = "#night"
	w.until(t, at("Fri 2026-11-27 11:05:00"))
	w.expect(t, 1, 0, "2 business hours left")
	if m := w.Slack().Messages("#night"); len(m) != 0 {
		t.Errorf("posted twice: %+v", m)
	}
}
