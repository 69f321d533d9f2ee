package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// What a page of changes brings is read before another page is asked for, and without
// asking the vendor for the tickets themselves.
func TestBroughtTicketsAreReadFirst(t *testing.T) {
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
	if more, err := w.Poll(t.Context(), s); err != nil || !more || len(w.Calls("zendesk")) != before {
		t.Errorf("another page, before the first is read: more %v, %d calls, %v", more, len(w.Calls("zendesk"))-before, err)
	}
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
