package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/bot/runner"
	"vigie/connectors/sandbox"
)

// story plays an afternoon of two tickets, giving the engine a turn after each
// act.
func story(t *testing.T, w *world, turn func()) (first, second int64) {
	t.Helper()
	act := func(clock string, err error) {
		t.Helper()
		must(t, err)
		turn()
		w.until(t, at(clock))
	}
	first, err := w.z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "Nobody gets in.", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
	act("Fri 2026-11-27 09:30:00", err)
	second, err = w.z.Open(sandbox.NewTicket{Subject: "Slow", Body: "Slow.", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
	act("Fri 2026-11-27 10:30:00", err)
	act("Fri 2026-11-27 11:15:00", w.z.Reply(second, lena, true, "Looking."))
	act("Fri 2026-11-27 11:45:00", w.z.SetStatus(second, lena, "pending"))
	act("Fri 2026-11-27 13:20:00", w.z.Reply(second, nadia, true, "Still slow."))
	act("Fri 2026-11-27 14:00:00", w.z.Reply(first, lena, true, "Up again."))
	act("Fri 2026-11-27 16:30:00", w.z.SetStatus(first, lena, "solved"))
	act("Fri 2026-11-27 17:00:00", nil)
	return first, second
}

// An outcome is what a story leaves behind, for people.
type outcome struct {
	Tags, Due map[int64]string
	Cards     map[string]string // text by the key it was posted under, without what counts down
	Replies   map[string]int
}

func (w *world) outcome(t *testing.T, ids ...int64) outcome {
	t.Helper()
	o := outcome{map[int64]string{}, map[int64]string{}, map[string]string{}, map[string]int{}}
	for _, id := range ids {
		o.Tags[id], o.Due[id] = joined(w.ticket(t, id).Tags), w.due(t, id)
	}
	for _, m := range w.cards() {
		key := string(m.Metadata)
		if _, twice := o.Cards[key]; twice {
			t.Errorf("posted twice: %s", key)
		}
		o.Cards[key] = m.Text
	}
	for _, m := range w.replies() {
		o.Replies[string(m.Metadata)]++
	}
	for key, n := range o.Replies {
		if n > 1 {
			t.Errorf("replied %d times: %s", n, key)
		}
	}
	return o
}

func TestWebhooksAndPollsEndInTheSameState(t *testing.T) {
	polls := newWorld(t)
	a, b := story(t, polls, func() {})
	want := polls.outcome(t, a, b)
	if len(want.Cards) == 0 || len(want.Replies) == 0 {
		t.Fatalf("a story without a message: %+v", want)
	}
	plans := map[string]sandbox.WebhookPlan{
		"in order":         {},
		"each twice":       {Duplicate: 1},
		"last first":       {Reverse: true},
		"half lost":        {Drop: 2},
		"all that at once": {Duplicate: 2, Drop: 3, Reverse: true},
	}
	for name, plan := range plans {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.hooks(t)
			a, b := story(t, w, func() { w.flush(t, plan); w.settle(t); w.flush(t, plan) })
			if diff := cmp.Diff(want, w.outcome(t, a, b)); diff != "" {
				t.Error("polls alone against webhooks:", diff)
			}
		})
	}
}

func TestRepeatedDelivery(t *testing.T) {
	w := newWorld(t)
	for n, want := range []bool{true, false} {
		fresh, err := w.Receive(t.Context(), "zendesk", d("same", "42"))
		must(t, err)
		if fresh != want {
			t.Errorf("delivery %d: got fresh %v, want %v", n+1, fresh, want)
		}
	}
}

func TestRunEndsAndHears(t *testing.T) {
	w := newWorld(t)
	w.Engine.Runner = &runner.Solo{Now: w.Now}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- w.Engine.Run(ctx) }()
	wrote := make(chan struct{}, 100)
	w.OnChange = func() { wrote <- struct{}{} }
	id, err := w.z.Open(sandbox.NewTicket{Subject: "x", Body: "y", Type: "incident", RequesterEmail: nadia})
	must(t, err)
	<-wrote // its creation
	_, err = w.Receive(ctx, "zendesk", d("1", "1"))
	must(t, err)
	select {
	case <-wrote:
	case <-time.After(20 * time.Second):
		t.Error("no write after a webhook")
	}
	cancel()
	must(t, <-ended)
	if got := w.ticket(t, id).Tags; len(got) != 1 || got[0] != "priority_normal" {
		t.Errorf("tags: got %q", got)
	}
}
