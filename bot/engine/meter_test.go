package engine_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/bot/engine"
	"vigie/connectors/sandbox"
	"vigie/rules"
)

// counts is a meter that keeps what it is told.
type counts struct {
	ended map[string]int
	late  map[string][]time.Duration

	rounds, failures map[string]int
}

func (c *counts) Ended(kind, outcome string) { c.ended[kind+" "+outcome]++ }
func (c *counts) Late(kind string, by time.Duration) {
	c.late[kind] = append(c.late[kind], by)
}

func (c *counts) Round(loop string, _ time.Duration, err error) {
	c.rounds[loop]++
	if err != nil {
		c.failures[loop]++
	}
}

func TestMeter(t *testing.T) {
	w := newWorld(t)
	m := &counts{map[string]int{}, map[string][]time.Duration{}, map[string]int{}, map[string]int{}}
	w.Meter = m
	id := w.urgent(t) // warnings at 11:00 and 12:00, late at 13:00:01
	w.until(t, at("Fri 2026-11-27 10:59:59"))
	w.Faults.FailNext("slack", 1, sandbox.Fault{Status: 503})
	w.until(t, at("Fri 2026-11-27 11:30:00"))
	w.Faults.Down("slack", true)
	w.until(t, at("Fri 2026-11-27 12:05:00"))
	w.Faults.Down("slack", false)
	w.until(t, at("Fri 2026-11-27 13:05:00"))
	w.seen(t, id, w.z.Reply(id, lena, true, "We are on it."))
	if got, want := m.late["breach"], []time.Duration{time.Second}; !cmp.Equal(got, want) {
		t.Errorf("breach: late by %v, want %v", got, want)
	}
	if got := m.late["warn"]; len(got) != 2 || got[0] < time.Second || got[0] > 10*time.Second || got[1] < 5*time.Minute || got[1] > 11*time.Minute {
		t.Errorf("warnings: late by %v, want a few seconds, then the outage", got)
	}
	for outcome, want := range map[string]int{"warn done": 2, "breach done": 1, "write done": 4} {
		if m.ended[outcome] != want {
			t.Errorf("%s: got %d, want %d; all: %v", outcome, m.ended[outcome], want, m.ended)
		}
	}
	if m.ended["warn failed"] < 2 {
		t.Errorf("failures: got %v", m.ended)
	}
	for _, loop := range []string{"zendesk", "zendesk/poll", "zendesk/reconcile", "deadlines", "chat"} {
		if m.rounds[loop] == 0 || (m.failures[loop] > 0) != (loop == "chat") {
			t.Errorf("%s: %d rounds, %d failures; only the chat failed", loop, m.rounds[loop], m.failures[loop])
		}
	}
}

// stuck is a chat that never answers, whatever its context says.
type stuck struct {
	engine.Chat
	asked, done chan struct{}
}

func (s stuck) List(context.Context, string, string, string, string, []rules.Alert) (string, string, error) {
	close(s.asked)
	<-s.done
	return "", "", errors.New("too late")
}

func TestHung(t *testing.T) {
	w := freshWorld(t)
	s := stuck{w.Chat, make(chan struct{}), make(chan struct{})}
	w.Chat = s
	settled := make(chan error)
	go func() {
		_, err := w.RunUntilIdle(t.Context())
		settled <- err
	}()
	<-s.asked
	if n := w.Hung(time.Now()); n != 0 {
		t.Errorf("a round that has just begun hangs: %d", n)
	}
	if n := w.Hung(time.Now().Add(4 * time.Minute)); n != 1 {
		t.Errorf("%d rounds hang after four minutes, want 1", n)
	}
	w.Chat = nil
	close(s.done)
	must(t, <-settled)
	if n := w.Hung(time.Now().Add(4 * time.Minute)); n != 0 {
		t.Errorf("%d rounds hang that have ended", n)
	}
}
