package engine_test

import (
	"net/http"
	"testing"
	"time"
)

// Of two programs that share a state one is refused by the vendor, and from then on the
// other runs the source's rounds, which work: the first doesn't say for ever that the
// source waits.
func TestAnErrorOfRoundsThatAnotherProgramRunsIsDropped(t *testing.T) {
	w := newWorld(t)
	one, two := taken{}, taken{}
	w.Engine.Runner = one
	must(t, w.Engine.Run(t.Context()))
	other := w.build(t, w.Store)
	other.Runner = two
	must(t, other.Run(t.Context()))

	w.set(w.Now().Add(20 * time.Minute))
	w.refuse(http.StatusUnauthorized, "cursor.json")
	one["zendesk"](t.Context())
	w.refuse(http.StatusOK)
	began := w.Now()
	for _, after := range []struct {
		minutes time.Duration
		waits   bool
	}{{0, true}, {4, true}, {6, false}} {
		w.set(began.Add(after.minutes * time.Minute))
		two["zendesk"](t.Context())
		if err := w.Engine.Stalled()["zendesk"]; (err != nil) != after.waits {
			t.Errorf("after %d minutes the first program waits after %v", after.minutes, err)
		}
	}
}
