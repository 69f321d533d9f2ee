package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/bot/backtest"
	"vigie/bot/lines"
	"vigie/rules/policies"
)

// edited is a file with MoveON's policy after replacements, old and new in turn.
func edited(t testing.TB, name string, replacements ...string) string {
	t.Helper()
	text, _ := policies.Read("moveon")
	for i := 0; i < len(replacements); i += 2 {
		if !strings.Contains(string(text), replacements[i]) {
			t.Fatalf("moveon.toml has no %q to replace", replacements[i])
		}
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(strings.NewReplacer(replacements...).Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// A policy with twice the time for urgent updates, in force from next year.
func gentler(t testing.TB) string {
	return edited(t, "gentler.toml", `urgent = "1 business hour"`, `urgent = "2 business hours"`, "2025-06-19 ", "2027-01-01 ", `"QS-21"`, `"QS-21b"`)
}

func TestBacktestAsPeopleReadIt(t *testing.T) {
	lines := mustRead(t, "testdata/golden.jsonl") + `{"source":"zendesk","id":"99","created_at":"2026-11-30T09:00:00+01:00","status":"asleep"}` + "\n"
	r := bot(t, lines, "replay", "--policy", "moveon", "--against", gentler(t))
	if r.code != 1 || !strings.HasSuffix(r.stderr, "vigie: 1 line can't be judged\n") {
		t.Errorf("got exit %d and %q", r.code, r.stderr)
	}
	if want := "gentler.toml: in force from 2027-01-01; here it is taken to hold from 2025-06-19, as the other one does\n"; !strings.Contains(r.stderr, want) {
		t.Errorf("got %q, want %q in it", r.stderr, want)
	}
	golden(t, "backtest.txt", r.stdout)
}

// What is compared: due, state and warnings; nothing else of a policy is a
// difference, and no difference is exit code 0 as well.
func TestBacktestOfTheSame(t *testing.T) {
	lines := mustRead(t, "testdata/golden.jsonl")
	retold := edited(t, "retold.toml", `"QS-21"`, `"A-1"`, "MoveON support policy", "Another title")
	for _, against := range []string{"moveon", retold} {
		r := bot(t, lines, "replay", "--policy", "moveon", "--against", against)
		if want := "3 tickets, 0 differ\n"; !strings.HasPrefix(done(t, r), want) {
			t.Errorf("against %s: got\n%swant %s first", against, r.stdout, want)
		}
	}
	sooner := edited(t, "sooner.toml", `warn   = ["50%", "15 business minutes"]`, `warn   = ["40%"]`)
	if got := done(t, bot(t, lines, "replay", "--policy", "moveon", "--against", sooner)); !strings.Contains(got, " differ\n") || strings.Contains(got, ", 0 differ") || !strings.Contains(got, "warns 50%") {
		t.Errorf("other warnings: got\n%s", got)
	}
}

// The comparison says what two replays say apart, ticket for ticket and count
// for count, in the order of the input.
func TestBacktestIsTwoReplays(t *testing.T) {
	input := string(replayInput(3*lines.Batch + 11))
	for i, priority := range []string{"urgent", "normal", "low"} { // a quarter each; high is the rest
		input = strings.ReplaceAll(input, fmt.Sprintf(`%d","kind":"problem","status":"open","priority":"high"`, i), fmt.Sprintf(`%d","kind":"problem","status":"open","priority":%q`, i, priority))
	}
	// Only part of the tickets changes: urgent updates, and what Berlin's office closes on.
	against := edited(t, "other.toml", `urgent = "1 business hour"`, `urgent = "2 business hours"`, `urgent = "2 business days"`, `urgent = "1 business day"`)
	const now = "2026-11-20T12:00:00Z"
	type clock struct {
		Metric, State, Clause, Priority string
		Cycle                           int
		Due                             *time.Time
		Warnings                        []any
		Past                            []clock `json:"past_cycles"`
	}
	type verdict struct {
		ID     string
		Clocks []clock
	}
	missed := map[string][2]int{}
	said := [2][]string{}
	var ids []string
	for side, policy := range []string{"moveon", against} {
		for line := range strings.Lines(done(t, bot(t, input, "replay", "--policy", policy, "--now", now))) {
			var v verdict
			if err := json.Unmarshal([]byte(line), &v); err != nil {
				t.Fatal(err)
			}
			text := ""
			for _, c := range v.Clocks {
				for _, one := range append(c.Past, c) {
					due := "none"
					if one.Due != nil {
						due = one.Due.UTC().String()
					}
					text += fmt.Sprintln(one.Metric, one.Cycle, one.State, due, one.Warnings)
					if one.State == "breached" {
						for _, key := range []string{"priority " + one.Priority, "clause " + one.Clause} {
							n := missed[key]
							n[side]++
							missed[key] = n
						}
					}
				}
			}
			said[side] = append(said[side], text)
			if side == 0 {
				ids = append(ids, v.ID)
			}
		}
	}
	var want []string
	for i, id := range ids {
		if said[0][i] != said[1][i] {
			want = append(want, id)
		}
	}
	if len(want) == 0 || len(want) == len(ids) {
		t.Fatalf("%d of %d tickets differ: the comparison has nothing to tell apart", len(want), len(ids))
	}

	var got []string
	counted := map[string][2]int{}
	for line := range strings.Lines(done(t, bot(t, input, "replay", "--policy", "moveon", "--against", against, "--now", now, "--format", "json"))) {
		var l struct {
			ID      string
			Summary *backtest.Summary
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		if l.Summary == nil {
			got = append(got, l.ID)
			continue
		}
		if l.Summary.Tickets != len(ids) || l.Summary.Differ != len(want) {
			t.Errorf("got %d tickets, %d differ; want %d and %d", l.Summary.Tickets, l.Summary.Differ, len(ids), len(want))
		}
		for what, rows := range map[string][]backtest.Row{"priority ": l.Summary.ByPriority, "clause ": l.Summary.ByClause} {
			for _, r := range rows {
				if r.Old.Missed+r.New.Missed > 0 {
					counted[what+r.Name] = [2]int{r.Old.Missed, r.New.Missed}
				}
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differing tickets (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(missed, counted); diff != "" {
		t.Errorf("missed (-want +got):\n%s", diff)
	}
}

// A ticket that only one of the two promises anything.
func TestBacktestOfCoverage(t *testing.T) {
	narrow := edited(t, "narrow.toml", `'kind in ["problem", "incident",`, `'kind in ["incident",`)
	got := done(t, bot(t, mustRead(t, "testdata/golden.jsonl"), "replay", "--policy", "moveon", "--against", narrow))
	for _, want := range []string{"zendesk:7  urgent -> not covered\n", "[QS-21] -> none\n", "3 tickets, 3 differ\n", "0 of 0\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%swant %q in it", got, want)
		}
	}
}
