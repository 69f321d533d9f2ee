package engine_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/sandbox"
)

// counts is a meter that keeps what it is told.
type counts struct {
	ended map[string]int
	late  map[string][]time.Duration
}

func (c *counts) Ended(kind, outcome string) { c.ended[kind+" "+outcome]++ }
func (c *counts) Late(kind string, by time.Duration) {
	c.late[kind] = append(c.late[kind], by)
}

func TestMeter(t *testing.T) {
	w := newWorld(t)
	m := &counts{map[string]int{}, map[string][]time.Duration{}}
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
}
