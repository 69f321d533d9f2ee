package engine_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/sandbox"
)

// TestRestartAtEveryEffect kills the engine at each of its writes in turn, once
// after the vendor has done it and once before, and compares with a life without
// trouble.
func TestRestartAtEveryEffect(t *testing.T) {
	quiet := newWorld(t)
	effects := 0
	quiet.onRequest(func(_ string, write bool) {
		if write {
			effects++
		}
	})
	a, b := story(t, quiet, func() {})
	want := quiet.outcome(t, a, b)
	if effects < 15 {
		t.Fatalf("the story has %d effects only", effects)
	}
	for _, done := range []bool{true, false} {
		for k := range effects {
			if testing.Short() && k%4 != 0 {
				continue
			}
			t.Run(fmt.Sprintf("effect %d done %v", k, done), func(t *testing.T) {
				w := newWorld(t)
				killed := w.killAt(k, done)
				a, b := story(t, w, func() {})
				if diff := cmp.Diff(want, w.outcome(t, a, b)); diff != "" {
					t.Error("undisturbed against killed:", diff)
				}
				if !killed() {
					t.Error("it was never killed")
				}
			})
		}
	}
}

// killAt kills the engine at its kth write, after the vendor has done it or before,
// and says whether it came to that.
func (w *world) killAt(k int, done bool) (killed func() bool) {
	n := 0
	w.onRequest(func(vendor string, write bool) {
		if !write {
			return
		}
		if n == k {
			w.Faults.FailNext(vendor, 1, sandbox.Fault{Drop: true, AfterWork: done})
			w.kill()
		}
		n++
	})
	return func() bool { return n > k }
}

// What was done just before a start, while no webhook met anybody, is not yet in the
// list that the start asks for, as Zendesk's is a minute behind: it is found soon
// after, and not when the schedule's next poll is due.
func TestWhatTheFirstPollCannotShow(t *testing.T) {
	w := newWorld(t)
	w.until(t, at("Fri 2026-11-27 10:00:00"))
	must(t, w.Store.Close())
	w.set(at("Fri 2026-11-27 10:00:20"))
	id, err := w.z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "Nobody gets in.", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
	must(t, err)
	w.flush(t, sandbox.WebhookPlan{Drop: 1})
	w.set(at("Fri 2026-11-27 10:00:40"))
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 10:02:00"))
	w.tagged(t, "priority_urgent", id)
}
