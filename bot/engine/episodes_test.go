package engine_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/bot/engine"
	"vigie/bot/store"
	"vigie/connectors/sandbox"
)

// calls lists the alarms of a ticket that went out, in the order of time.
func (w *world) calls(t testing.TB, id int64) (keys []string) {
	t.Helper()
	actions, err := w.Store.TicketActions(t.Context(), "zendesk", fmt.Sprint(id))
	must(t, err)
	for _, a := range actions {
		if key, ok := strings.CutPrefix(a.Key, "breach/zendesk:"+a.ID+"/"); ok && a.State == store.Done {
			keys = append(keys, "breach "+key)
		} else if key, ok := strings.CutPrefix(a.Key, "warn/zendesk:"+a.ID+"/"); ok && a.State == store.Done {
			keys = append(keys, "warn "+key)
		}
	}
	return keys
}

func (w *world) expectCalls(t testing.TB, id int64, want ...string) {
	t.Helper()
	if got := w.calls(t, id); !slices.Equal(got, want) {
		t.Errorf("called:\n got %q\nwant %q", got, want)
	}
}

// A priority that was set by mistake and put right five minutes later made the
// ticket late at once; the real breach three hours later calls people all the same.
func TestTheRealBreachCallsAfterAMistake(t *testing.T) {
	w := newWorld(t)
	id, err := w.z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "x", Type: "incident", Priority: "normal", RequesterEmail: nadia, SubmitterEmail: lena})
	w.seen(t, id, err)
	w.until(t, at("Fri 2026-11-27 14:00:00"))
	w.seen(t, id, w.z.SetPriority(id, lena, "urgent"))
	w.until(t, at("Fri 2026-11-27 14:05:00"))
	w.seen(t, id, w.z.SetPriority(id, lena, "normal"))
	w.until(t, at("Fri 2026-11-27 14:30:00"))
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 17:00:00"))
	w.expectCalls(t, id, "warn update/1/50%", "breach update/1", "warn update/1/75%#2")
	w.until(t, at("Fri 2026-11-27 17:00:01"))
	w.expectCalls(t, id, "warn update/1/50%", "breach update/1", "warn update/1/75%#2", "breach update/1#2")
	w.expect(t, 1, 3, "missed")
	w.until(t, at("Fri 2026-11-27 18:00:00"))
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 19:00:00"))
	w.expect(t, 1, 3, "missed")
}

// The change that put it right came in while the vendor couldn't be asked, and is
// older than the alarm that it would have made needless. That alarm isn't the call of
// the breach that comes later.
func TestABreachCallsWhoseChangeCameInLate(t *testing.T) {
	w := newWorld(t)
	id := w.urgent(t)
	w.until(t, at("Fri 2026-11-27 12:20:00"))
	w.refuse(http.StatusServiceUnavailable, "show_many.json", "audits.json", "cursor.json", "ticket_events.json")
	w.until(t, at("Fri 2026-11-27 12:30:00"))
	must(t, w.z.SetPriority(id, lena, "normal"))
	w.until(t, at("Fri 2026-11-27 13:10:00"))
	w.expectCalls(t, id, "warn update/1/50%", "warn update/1/75%", "breach update/1")
	w.refuse(http.StatusServiceUnavailable)
	w.until(t, at("Fri 2026-11-27 17:00:00"))
	w.expectCalls(t, id, "warn update/1/50%", "warn update/1/75%", "breach update/1", "warn update/1/50%#2", "warn update/1/75%#2")
	w.until(t, at("Fri 2026-11-27 17:00:01"))
	w.expectCalls(t, id, "warn update/1/50%", "warn update/1/75%", "breach update/1", "warn update/1/50%#2", "warn update/1/75%#2", "breach update/1#2")
}

// While Vigie was away the priority was lowered and raised again: it is late in
// another episode when Vigie comes back.
func TestAnEpisodeThatEndedWhileNobodyLooked(t *testing.T) {
	w := newWorld(t)
	id := w.urgent(t)
	w.until(t, at("Fri 2026-11-27 13:30:00"))
	w.set(at("Fri 2026-11-27 14:00:00"))
	must(t, w.z.SetPriority(id, lena, "normal"))
	w.set(at("Fri 2026-11-27 14:30:00"))
	must(t, w.z.SetPriority(id, lena, "urgent"))
	w.set(at("Fri 2026-11-27 14:40:00"))
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 15:00:00"))
	w.expectCalls(t, id, "warn update/1/50%", "warn update/1/75%", "breach update/1", "breach update/1#2")
}

// Two programs on one state, one after the other at each instant and in turns first,
// say each alarm once.
func TestTwoProgramsCallOnce(t *testing.T) {
	w := newWorld(t)
	other := w.build(t, w.Store)
	id, err := w.z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "x", Type: "incident", Priority: "normal", RequesterEmail: nadia, SubmitterEmail: lena})
	w.seen(t, id, err)
	first := true
	for now := at("Fri 2026-11-27 09:05:00"); !now.After(at("Fri 2026-11-27 17:05:00")); now = now.Add(5 * time.Minute) {
		w.set(now)
		switch {
		case now.Equal(at("Fri 2026-11-27 14:00:00")):
			must(t, w.z.SetPriority(id, lena, "urgent"))
		case now.Equal(at("Fri 2026-11-27 14:05:00")):
			must(t, w.z.SetPriority(id, lena, "normal"))
		}
		programs := []*engine.Engine{w.Engine, other}
		if first = !first; first {
			slices.Reverse(programs)
		}
		for _, p := range programs {
			_, err := p.RunUntilIdle(t.Context())
			must(t, err)
		}
	}
	w.expectCalls(t, id, "warn update/1/50%", "warn update/1/75%#2", "breach update/1#2") // the mistake was over before either read of it
	w.expect(t, 1, 2, "missed")
}
