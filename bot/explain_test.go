package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/rules/policies"
)

// POLICIES.md, golden examples 7 (waiting for the customer), 10 (handover to
// another time zone) and 14 (a workaround that is withdrawn), as people read
// them.
func TestExplainGoldenExamples(t *testing.T) {
	pune := withPune(t)
	for _, c := range []struct{ id, policy string }{{"7", "moveon"}, {"10", pune}, {"14", "moveon"}} {
		for _, language := range []string{"en", "fr"} {
			text := done(t, bot(t, "", "explain", "--file", "testdata/golden.jsonl", "--policy", c.policy, "zendesk:"+c.id, "--lang", language))
			golden(t, "explain-"+c.id+"."+language+".txt", text)
		}
	}
}

// withPune is a file with MoveON's policy and a team in India.
func withPune(t testing.TB) string {
	t.Helper()
	text, _ := policies.Read("moveon")
	policy := strings.Replace(string(text), "[teams]\n", "[teams]\n\"Support Pune\" = \"kolkata\"\n", 1) +
		"\n[calendars.kolkata]\nzone = \"Asia/Kolkata\"\nhours = { mon-fri = [\"09:00-17:00\"] }\n"
	file := filepath.Join(t.TempDir(), "pune.toml")
	if err := os.WriteFile(file, []byte(policy), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestExplainFile(t *testing.T) {
	lines, err := os.ReadFile("testdata/golden.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	first := done(t, bot(t, string(lines), "explain", "--file", "-", "--policy", "moveon"))
	if !strings.HasPrefix(first, "zendesk:7 ") {
		t.Errorf("without SOURCE:ID: got %.30q, want the file's first ticket", first)
	}
	json := done(t, bot(t, string(lines), "explain", "--file", "-", "--policy", "moveon", "--json", "zendesk:14", "--now", "2026-11-30T16:00:00+01:00"))
	for _, want := range []string{`"id":"14"`, `"metric":"resolution","state":"met"`, `"timelines":[{`, `"why":"counts"`} {
		if !strings.Contains(json, want) {
			t.Errorf("--json: got\n%swant %s in it", json, want)
		}
	}
	for _, c := range []struct{ name, stdin, want string }{
		{"no such ticket", string(lines), "bot: the file holds no ticket zendesk:99\n"},
		{"no JSON", "nonsense", "bot: ticket 1 of the file: no JSON at character 2: invalid character"},
		{"impossible", `{"source":"zendesk","id":"99"}`, "bot: zendesk:99 can't be judged: created_at is missing\n"},
	} {
		r := bot(t, c.stdin, "explain", "--file", "-", "--policy", "moveon", "zendesk:99")
		if r.code != 1 || !strings.HasPrefix(r.stderr, c.want) {
			t.Errorf("%s: got exit %d, %q; want exit 1, %q", c.name, r.code, r.stderr, c.want)
		}
	}
}
