package rules_test

import (
	"slices"
	"strings"
	"testing"

	"vigie/rules"
)

// What happened, but not to a clock, doesn't cut what people are shown of it; the
// evidence keeps each line, and both add up to the same.
func TestExplainJoinsWhatIsShownAlike(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []string
		now    string
		shown  []string // what the explanation says of each stretch, from its first time on
	}{
		{"a status that doesn't pause", []string{"Mon 11:00 status open by agent"}, "Mon 12:00", []string{
			"09:00 CET – Mon 2026-11-30 12:00 CET     +3h00  counted", "12:00 CET – Mon 2026-11-30 13:00 CET     +1h00  counted (to come)"}},
		{"one pause after another is another", []string{"Mon 10:00 status waiting_customer by agent", "Mon 11:00 status waiting_third_party by agent"}, "Mon 12:00", []string{
			"09:00 CET – Mon 2026-11-30 10:00 CET     +1h00  counted", "10:00 CET – Mon 2026-11-30 11:00 CET         –  paused: waiting for the customer",
			"11:00 CET – Mon 2026-11-30 12:00 CET         –  paused: waiting for a third party"}},
		{"the due instant cuts", []string{"Mon 10:00 status open by agent"}, "Mon 15:00", []string{
			"09:00 CET – Mon 2026-11-30 13:00 CET     +4h00  counted", "13:00 CET – Mon 2026-11-30 15:00 CET     +2h00  counted"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := officeFrom(t, "", row("resolution", "4 business hours", `pause = ["waiting_customer", "waiting_third_party"]`))
			s := scene{events: c.events}
			ticket := s.actors(t)
			x, err := rules.Explain([]*rules.Policy{p}, &ticket, when(t, c.now))
			if err != nil {
				t.Fatal(err)
			}
			var shown []string
			for line := range strings.Lines(x.Print("en")) {
				if line = strings.TrimSpace(line); strings.HasPrefix(line, "Mon ") {
					shown = append(shown, strings.TrimPrefix(line, "Mon 2026-11-30 "))
				}
			}
			if !slices.Equal(shown, c.shown) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(shown, "\n"), strings.Join(c.shown, "\n"))
			}
			lines, stretches := int64(0), int64(0)
			for _, l := range x.Timelines[0].Lines {
				lines += l.Counted
			}
			for _, l := range x.Timelines[0].Stretches() {
				stretches += l.Counted
			}
			if lines != stretches {
				t.Errorf("lines add up to %d s, stretches to %d s", lines, stretches)
			}
		})
	}
}
