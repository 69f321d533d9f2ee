package engine_test

import (
	"strings"
	"testing"
)

// Of two programs that share a state and judge by different versions, the one that
// began last works; the other says why it doesn't.
func TestLatestVersionHasTheWord(t *testing.T) {
	w := newWorld(t)
	old := w.Engine
	w.Engine = w.build(t, old.Store)
	w.Engine.Version = "new"
	w.settle(t)
	id := w.urgent(t) // read by the new one

	if _, err := old.RunUntilIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, loop := range []string{"zendesk", "deadlines", "chat"} {
		if err := old.Stalled()[loop]; err == nil || !strings.Contains(err.Error(), "taken over") {
			t.Errorf("the old one's %s: %v", loop, err)
		}
	}
	if len(w.Engine.Stalled()) != 0 {
		t.Errorf("the new one waits: %v", w.Engine.Stalled())
	}
	if tags := w.ticket(t, id).Tags; len(tags) == 0 {
		t.Error("nobody wrote the tag")
	}
}
