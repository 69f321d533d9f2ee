package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Tickets whose rows came with a page of changes are read without asking the vendor for the tickets
// themselves.
func TestPrefetchedTicketsAreNotFetchedAgain(t *testing.T) {
	w := newWorld(t)
	w.populate(t, 30)
	w.set(w.Now().Add(20 * time.Minute))
	s := w.Source("zendesk")
	more, err := w.Poll(t.Context(), s)
	must(t, err)
	if left, _, err := w.Store.Unread(t.Context(), "zendesk"); err != nil || left != 30 || more {
		t.Fatalf("%d are to be read, more pages: %v, %v", left, more, err)
	}
	before := len(w.Calls("zendesk"))
	w.settle(t)
	for _, c := range w.Calls("zendesk")[before:] {
		if strings.Contains(c.Path, "show_many") && strings.Contains(c.Path, "tickets") || strings.HasSuffix(c.Path, "/audits.json") {
			t.Errorf("asked for: %s", fmt.Sprint(c.Path))
		}
	}
	if left, _, err := w.Store.Unread(t.Context(), "zendesk"); err != nil || left > 0 {
		t.Errorf("%d are still to be read, %v", left, err)
	}
}
