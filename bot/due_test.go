package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"vigie/rules"
	"vigie/rules/calendar"
)

// POLICIES.md, the golden examples that are plain creations: printed and as
// JSON.
func TestDueGoldenExamples(t *testing.T) {
	for _, c := range []struct{ name, policy, priority, created, metric, due string }{
		{"1 update", "moveon", "urgent", "2026-11-27 16:30", "update", "2026-11-30T09:30:00+01:00"},
		{"1 resolution", "moveon", "urgent", "2026-11-27 16:30", "resolution", "2026-12-01T16:30:00+01:00"},
		{"2 Friday at closing", "moveon", "urgent", "2026-11-27 17:00", "update", "2026-11-30T10:00:00+01:00"},
		{"2 Friday at closing", "moveon", "urgent", "2026-11-27 17:00", "resolution", "2026-12-01T17:00:00+01:00"},
		{"2 Saturday", "moveon", "urgent", "2026-11-28 11:00", "update", "2026-11-30T10:00:00+01:00"},
		{"2 Saturday", "moveon", "urgent", "2026-11-28 11:00", "resolution", "2026-12-01T17:00:00+01:00"},
		{"2 before opening", "moveon", "urgent", "2026-11-30 08:15", "update", "2026-11-30T10:00:00+01:00"},
		{"2 before opening", "moveon", "urgent", "2026-11-30 08:15", "resolution", "2026-12-01T17:00:00+01:00"},
		{"3 Christmas", "moveon", "high", "2026-12-24 10:00", "update", "2026-12-28T10:00:00+01:00"},
		{"3 Christmas", "moveon", "high", "2026-12-24 10:00", "resolution", "2027-01-11T10:00:00+01:00"},
		{"4 end of summer time", "moveon", "normal", "2026-10-23T12:00:00+02:00", "update", "2026-11-06T12:00:00+01:00"},
		{"4 end of summer time", "moveon", "normal", "2026-10-23T12:00:00+02:00", "resolution", "2026-12-04T12:00:00+01:00"},
		{"5 low", "moveon", "low", "2026-10-23T12:00:00+02:00", "update", "2026-11-13T12:00:00+01:00"},
		{"5 low", "moveon", "low", "2026-10-23T12:00:00+02:00", "resolution", "2026-12-04T12:00:00+01:00"},
		{"6 Easter", "moveon", "high", "2026-04-02 16:00", "update", "2026-04-07T16:00:00+02:00"},
		{"6 Easter", "moveon", "high", "2026-04-02 16:00", "resolution", "2026-04-20T16:00:00+02:00"},
		{"8 in hours", "meteorage", "haute", "2026-11-24 10:00", "first_reply", "2026-11-24T11:00:00+01:00"},
		{"8 Friday 16:30", "meteorage", "haute", "2026-11-27 16:30", "first_reply", "2026-11-27T17:30:00+01:00"},
		{"8 last second", "meteorage", "haute", "2026-11-27 16:59:59", "first_reply", "2026-11-27T17:59:59+01:00"},
		{"9 at closing", "meteorage", "haute", "2026-11-27 17:00:00", "first_reply", "2026-11-28T05:00:00+01:00"},
		{"9 before opening", "meteorage", "haute", "2026-11-30 07:59:59", "first_reply", "2026-11-30T19:59:59+01:00"},
		{"9 at opening", "meteorage", "haute", "2026-11-30 08:00:00", "first_reply", "2026-11-30T09:00:00+01:00"},
		{"9 Armistice Day", "meteorage", "haute", "2026-11-11 10:00", "first_reply", "2026-11-11T22:00:00+01:00"},
		{"11 summer time begins", "meteorage", "moyenne", "2026-03-28T12:00:00+01:00", "first_reply", "2026-03-29T13:00:00+02:00"},
		{"11 summer time ends", "meteorage", "moyenne", "2026-10-24T12:00:00+02:00", "first_reply", "2026-10-25T11:00:00+01:00"},
		{"12 Ascension", "meteorage", "faible", "2026-05-14 10:00", "first_reply", "2026-05-15T10:00:00+02:00"},
	} {
		t.Run(c.name+" "+c.metric, func(t *testing.T) {
			needs(t, c.policy)
			args := []string{"due", "--policy", c.policy, "--priority", c.priority, "--created", c.created}
			want, err := time.Parse(time.RFC3339, c.due)
			if err != nil {
				t.Fatal(err)
			}

			var v rules.Verdict
			if err := json.Unmarshal([]byte(done(t, bot(t, "", append(args, "--json")...))), &v); err != nil {
				t.Fatal(err)
			}
			got := v.Clock(rules.Metric(c.metric))
			if got == nil || got.Due == nil || !got.Due.Equal(want) {
				t.Errorf("JSON: got %+v, want %s due %s", got, c.metric, want)
			}

			zone, _ := calendar.LoadZone("Europe/Paris") // Berlin's clock shows the same
			layout := "→ due Mon 2006-01-02 15:04 MST"
			if want.Second() != 0 {
				layout = "→ due Mon 2006-01-02 15:04:05 MST"
			}
			text := done(t, bot(t, "", args...))
			if line := want.In(zone).Format(layout); !strings.Contains(text, line+"\n") {
				t.Errorf("got\n%swant a line ending in %q", text, line)
			}
		})
	}
}

func TestDueRefusesAmbiguousTimes(t *testing.T) {
	for _, c := range []struct{ name, created, want string }{
		{"twice", "2026-10-25 02:30", `"2026-10-25 02:30" comes twice in Europe/Berlin; write 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00`},
		{"skipped", "2026-03-29 02:30", `"2026-03-29 02:30" doesn't exist in Europe/Berlin: clocks skip it; write it with its offset`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := bot(t, "", "due", "--policy", "moveon", "--priority", "urgent", "--created", c.created)
			if want := "vigie: --created: " + c.want + "\n"; r.code != 2 || r.stdout != "" || r.stderr != want {
				t.Errorf("got exit %d, output %q and\n%swant exit 2 and\n%s", r.code, r.stdout, r.stderr, want)
			}
		})
	}
	for _, created := range []string{"2026-10-25T02:30:00+01:00", "2026-10-25 03:00", "2026-03-29 03:00"} {
		done(t, bot(t, "", "due", "--policy", "moveon", "--priority", "urgent", "--created", created))
	}
}

func TestDueByKindAndTeam(t *testing.T) {
	exempt := done(t, bot(t, "", "due", "--policy", "moveon", "--priority", "low", "--created", "2026-11-27 16:30", "--kind", "feature"))
	if !strings.Contains(exempt, "Outside the SLA") || !strings.Contains(exempt, "[QS-18]") || strings.Contains(exempt, "due") {
		t.Errorf("a feature request: got\n%s", exempt)
	}
	french := done(t, bot(t, "", "due", "--policy", "moveon", "--priority", "urgent", "--created", "2026-11-27 16:30", "--lang", "fr"))
	if !strings.Contains(french, "→ échéance lun 2026-11-30 09:30 CET") {
		t.Errorf("in French: got\n%s", french)
	}
}
