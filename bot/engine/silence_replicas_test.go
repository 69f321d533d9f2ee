package engine_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

// judgeReadings are the rounds of an engine, run by the test.
type taken map[string]func(context.Context) time.Time

func (r taken) Run(_ context.Context, rounds map[string]func(context.Context) time.Time) error {
	for name, round := range rounds {
		r[name] = round
	}
	return nil
}

func (taken) Poke(string) {}

// Of two programs that share a state one is refused by the vendor, and the other reads
// it again afterwards: then the source is silent for neither.
func TestRefusedBeforeAnotherProgramReadTheSource(t *testing.T) {
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
	one["deadlines"](t.Context())
	one["chat"](t.Context())
	w.expect(t, 1, 0, "refuses Vigie's credentials")

	w.refuse(http.StatusOK)
	w.set(w.Now().Add(time.Minute))
	two["zendesk"](t.Context())
	w.set(w.Now().Add(time.Minute))
	one["deadlines"](t.Context())
	two["chat"](t.Context())
	w.expect(t, 1, 0, "gives news again")
	if all := texts(w.cards()); strings.Contains(all, "🔇") {
		t.Errorf("said %s", all)
	}
}
