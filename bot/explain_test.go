package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/rules/policies"
	"vigie/rules/words"
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
	verdict := done(t, bot(t, string(lines), "explain", "--file", "-", "--policy", "moveon", "--json", "zendesk:14", "--now", "2026-11-30T16:00:00+01:00"))
	for _, want := range []string{`"id":"14"`, `"metric":"resolution","state":"met"`, `"timelines":[{`, `"why":"counts"`} {
		if !strings.Contains(verdict, want) {
			t.Errorf("--json: got\n%swant %s in it", verdict, want)
		}
	}
	for _, c := range []struct{ name, stdin, want string }{
		{"no such ticket", string(lines), "vigie: the file holds no ticket zendesk:99\n"},
		{"no JSON", "nonsense", "vigie: ticket 1 of the file: no JSON at character 2: invalid character"},
		{"impossible", `{"source":"zendesk","id":"99"}`, "vigie: zendesk:99 can't be judged: created_at is missing\n"},
	} {
		r := bot(t, c.stdin, "explain", "--file", "-", "--policy", "moveon", "zendesk:99")
		if r.code != 1 || !strings.HasPrefix(r.stderr, c.want) {
			t.Errorf("%s: got exit %d, %q; want exit 1, %q", c.name, r.code, r.stderr, c.want)
		}
	}
}

// Letters to customers, of golden examples 3 (public holidays), 4 (long, summed
// by day), 7 (waiting for the customer), 10 (handover), 13 (several updates), 14
// (a workaround), 15 (missed by a change), 16 (reopened), of one that waits, one
// outside the SLA and one that is solved; and of two under METEORAGE's policy.
func TestLetters(t *testing.T) {
	pune := withPune(t)
	for _, language := range []string{"en", "fr"} {
		var all strings.Builder
		for _, of := range []struct{ file, policy, source string }{{"letters.jsonl", pune, "zendesk"}, {"letters-jira.jsonl", "meteorage", "jira"}} {
			for _, ticket := range jsonLines(t, mustRead(t, filepath.Join("testdata", of.file))) {
				ref := of.source + ":" + ticket.(map[string]any)["id"].(string)
				args := []string{"explain", "--file", filepath.Join("testdata", of.file), "--policy", of.policy, ref, "--for", "customer", "--lang", language}
				text := done(t, bot(t, "", args...))
				all.WriteString(text + "\n----\n\n")
				// Nothing of how the program, the vendor or the team calls things.
				for _, internal := range []string{"first_reply", "next_reply", "resolution ", "cycle", "clock", "waiting_", "berlin", "kolkata", "sla_", "QS-", "MT-", "Support ", "workaround\"", "running", "breached", "paused", "void"} {
					if strings.Contains(text, internal) {
						t.Errorf("%s in %s: the customer reads %q", ref, language, internal)
					}
				}
				var letter words.Letter
				if err := json.Unmarshal([]byte(done(t, bot(t, "", append(args, "--json")...))), &letter); err != nil {
					t.Fatal(err)
				}
				for _, p := range letter.Promises {
					sum, said := int64(0), []string{p.Promise, p.Target, p.Standing, p.Sum}
					for _, s := range p.Stretches {
						sum += s.Seconds
						said = append(said, s.When, s.Counted, s.Reason)
					}
					for _, want := range said {
						if !strings.Contains(text, want) {
							t.Errorf("%s in %s: the JSON says %q, the text doesn't", ref, language, want)
						}
					}
					if sum != p.Seconds {
						t.Errorf("%s in %s: %s: the rows add up to %d s, the sum is %d s", ref, language, p.Promise, sum, p.Seconds)
					}
				}
			}
		}
		golden(t, "letters."+language+".txt", all.String())
	}
	if got := done(t, bot(t, "", "explain", "--file", "testdata/letters.jsonl", "--policy", "moveon", "zendesk:4", "--for", "customer")); !strings.HasPrefix(got, "Votre demande 4") {
		t.Errorf("without --lang the requester's language counts; got %.30q", got)
	}
}
