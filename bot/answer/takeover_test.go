package answer

import (
	"strings"
	"testing"
	"time"

	"vigie/bot/engine"
	"vigie/rules"
)

// TestTakingOver: what a team hands over at its closing is taken over by the button, once.
func TestTakingOver(t *testing.T) {
	r := newRoom(t)
	r.Slack().AddChannel("night")
	for _, who := range []string{lena, omar} {
		must(t, r.Slack().Come("#night", who))
	}
	r.answers.Engine.Digests = []engine.Digest{{Key: "d1", Channel: "#night", Language: "fr", Closing: true, When: func(a rules.Alert) bool { return a.Group == berlin }}}
	r.settle(t)
	r.now = at(t, "Fri 2026-11-27 13:00")
	r.open(t, "Export empty", "urgent", berlin, "")
	r.open(t, "Login slow", "urgent", pune, "")
	r.now = at(t, "Fri 2026-11-27 17:00")
	r.settle(t)
	list := r.Slack().Messages("#night")
	if len(list) != 1 {
		t.Fatalf("%d lists, want that of Berlin's closing", len(list))
	}
	lines(t, textsOf(list[0].Blocks), "Support Berlin, fin de journée : 1 ticket transmis.", "…Export empty – depuis <!date^", "Je prends la relève", "Situation au")

	must(t, r.Slack().Click(omar, "#night", list[0].TS, "take_over", ""))
	r.later(t, time.Second)
	got := r.Slack().Messages("#night")
	if text := textsOf(got[0].Blocks); len(got) != 1 || !strings.Contains(text, "Relève assurée par Omar") || strings.Contains(text, "Je prends") {
		t.Errorf("after the click it says\n%s", text)
	}
}
