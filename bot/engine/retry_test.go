package engine_test

import (
	"net/http"
	"testing"
	"time"
)

// A ticket that couldn't be read is asked for again when the vendor answers nothing at
// all: then its source pauses, and doesn't ask over and over.
func TestRetryOfOneWhileNothingAnswers(t *testing.T) {
	w := newWorld(t)
	id := w.urgent(t)
	w.refuse(http.StatusInternalServerError, "show_many.json", "audits.json")
	w.seen(t, id, w.z.Reply(id, lena, true, "On it."))
	row, err := w.Store.Ticket(t.Context(), "zendesk", "1")
	must(t, err)
	if row.Misses == 0 || !row.Retry.After(w.Now()) {
		t.Fatalf("it isn't to be asked for again: %+v", row)
	}
	rounds := taken{}
	w.Engine.Runner = rounds
	must(t, w.Engine.Run(t.Context()))
	w.refuse(http.StatusInternalServerError, "cursor.json", "show_many.json", "audits.json", "1.json")
	w.set(row.Retry.Add(20 * time.Minute)) // a poll is due as well
	for range 3 {
		next := rounds["zendesk"](t.Context())
		if !next.After(w.Now()) {
			t.Fatalf("at %s it is to go on at %s", w.Now(), next)
		}
		w.set(next)
	}
}
