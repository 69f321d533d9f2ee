package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vigie/bot/engine"
	"vigie/rules"
	"vigie/rules/oncall"
)

// fallen is a world whose Slack's absence is told by mail and to the pager, and that
// calls nobody.
func fallen(t *testing.T) (*world, *station) {
	t.Helper()
	w := newWorld(t)
	s := stationed(t, w, nil)
	places := w.prepare
	w.prepare = func(e *engine.Engine) {
		places(e)
		e.Chain = nil
		e.Fallback = []oncall.Callee{{Kind: oncall.Mail, Name: lead}, {Kind: oncall.Hook, Name: "pager"}}
	}
	w.prepare(w.Engine)
	return w, s
}

func TestSlackAwayIsToldElsewhere(t *testing.T) {
	w, s := fallen(t)
	id := w.urgent(t)
	w.until(t, at("Fri 2026-11-27 10:59:00"))
	w.Faults.Down("slack", true)
	w.until(t, at("Fri 2026-11-27 11:09:00"))
	if len(s.subjects())+len(s.pages()) > 0 {
		t.Fatalf("told after nine minutes: %q, %q", s.subjects(), s.pages())
	}
	w.until(t, at("Fri 2026-11-27 11:11:00"))
	mails := s.mails.Mails()
	if len(mails) != 1 || mails[0].Subject != "Slack has been away since Fri 2026-11-27 11:00 CET; nobody is told there of what waits" ||
		!strings.Contains(mails[0].Body, fmt.Sprintf("- zendesk:%d: Status update due Fri 2026-11-27 13:00 CET", id)) {
		t.Fatalf("after eleven minutes: %+v", mails)
	}
	w.until(t, at("Fri 2026-11-27 12:30:00"))
	w.Faults.Down("slack", false)
	w.until(t, at("Fri 2026-11-27 12:45:00"))
	want := []string{"Slack has been away since Fri 2026-11-27 11:00 CET; nobody is told there of what waits", "Slack is back"}
	if diff := cmp.Diff(want, s.subjects()); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
	if got := s.pages(); len(got) != 2 || !strings.HasPrefix(got[0], "trigger fallback/2026-11-27T10:00:00Z") || !strings.HasPrefix(got[1], "resolve fallback/2026-11-27T10:00:00Z") {
		t.Errorf("pages: %q", got)
	}
	w.Faults.Down("slack", true)
	w.until(t, at("Fri 2026-11-27 13:30:00"))
	if got := s.subjects(); len(got) != 3 || !strings.HasPrefix(got[2], "Slack has been away since Fri 2026-11-27 13:00 CET") {
		t.Errorf("the next outage: %q", got)
	}
}

// Neither a short absence nor one that nobody heard of is told, and a restart doesn't
// begin to count anew.
func TestAbsencesThatAreNotTold(t *testing.T) {
	w, s := fallen(t)
	w.urgent(t)
	w.until(t, at("Fri 2026-11-27 10:59:00"))
	w.Faults.Down("slack", true)
	w.until(t, at("Fri 2026-11-27 11:08:00"))
	w.Faults.Down("slack", false)
	w.until(t, at("Fri 2026-11-27 11:30:00"))
	if len(s.subjects()) > 0 {
		t.Errorf("nine minutes: %q", s.subjects())
	}
	w.Faults.Down("slack", true)
	w.until(t, at("Fri 2026-11-27 12:06:00")) // away since the threshold at 12:00
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 12:11:00"))
	if got := s.subjects(); len(got) != 1 || !strings.Contains(got[0], "12:00 CET") {
		t.Errorf("over a restart: %q", got)
	}
	w.restart(t)
	w.Faults.Down("slack", false)
	w.until(t, at("Fri 2026-11-27 12:30:00"))
	if got := s.subjects(); len(got) != 2 || got[1] != "Slack is back" {
		t.Errorf("back after a restart: %q", got)
	}
}

// A mail server that is away together with Slack says nothing late: neither the absence
// nor the return once both are back.
func TestFallbackThatIsAwayToo(t *testing.T) {
	w, s := fallen(t)
	w.urgent(t)
	w.until(t, at("Fri 2026-11-27 10:59:00"))
	w.Faults.Down("slack", true)
	broken := w.prepare
	w.prepare = func(e *engine.Engine) {
		broken(e)
		e.Fallback = e.Fallback[1:]
		e.Places[engine.HookPlace("pager")] = engine.Place{Outlet: nobody{}}
	}
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 11:20:00"))
	w.Faults.Down("slack", false)
	w.until(t, at("Fri 2026-11-27 11:40:00"))
	w.prepare = broken
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 11:50:00"))
	if len(s.pages()) > 0 {
		t.Errorf("told late: %q", s.pages())
	}
}

// Credentials that Slack refuses keep people from hearing of anything, too.
func TestRefusedCredentialsAreAnAbsence(t *testing.T) {
	w, s := fallen(t)
	w.urgent(t)
	w.until(t, at("Fri 2026-11-27 10:59:00"))
	token := w.slackToken
	w.slackToken = "xoxb-revoked"
	w.until(t, at("Fri 2026-11-27 11:15:00"))
	if got := s.subjects(); len(got) != 1 || !strings.Contains(got[0], "11:00 CET") {
		t.Errorf("with a token that is refused: %q", got)
	}
	w.slackToken = token
	must(t, w.Retry(t.Context()))
	w.until(t, at("Fri 2026-11-27 11:30:00"))
	if got := s.subjects(); len(got) != 2 {
		t.Errorf("with a token that is taken: %q", got)
	}
}

// nobody is an outlet that can't be reached.
type nobody struct{}

func (nobody) Tell(context.Context, rules.News) error {
	return &engine.Failure{Outcome: engine.Wait, Err: errors.New("nobody is there")}
}
