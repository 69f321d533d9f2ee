package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// learning is a policy of its own, with examples beside it.
func learning(t *testing.T, examples string) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "acme.toml")
	must(t, os.WriteFile(file, []byte(`name = "acme"
effective_from   = 2026-01-01
calendar         = "paris"
default_priority = "low"
examples         = ["acme.jsonl"]

[calendars.paris]
zone  = "Europe/Paris"
hours = { mon-fri = ["09:00-17:00"] }

[[priorities]]
name = "urgent"
when = 'has(text, "panne")'

[[priorities]]
name = "low"

[[targets]]
metric = "resolution"
within = { urgent = "1 business hour", low = "8 business hours" }
`), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "acme.jsonl"), []byte(examples), 0o600))
	return file
}

const fourExamples = `{"priority": "urgent", "text": "Le portail est en panne."}
{"priority": "urgent", "text": "Portail en panne pour tous."}
{"priority": "low", "text": "Une faute dans le menu."}
{"priority": "low", "text": "Une faute dans un titre."}
`

func TestTriageCommand(t *testing.T) {
	file := learning(t, fourExamples)
	others := filepath.Join(t.TempDir(), "others.jsonl")
	must(t, os.WriteFile(others, []byte(`{"priority": "urgent", "text": "Panne du portail."}
{"priority": "urgent", "text": "Encore une faute."}
{"priority": "low", "text": "Faute dans un titre."}
`), 0o600))
	for _, c := range []struct {
		args  []string
		input string
		want  []string
	}{
		{[]string{"--policy", "moveon"}, "", []string{"Cross-validation on its own examples: ", "has \\ suggested", "confident  decides on", "urgent       0.40"}},
		{[]string{"--policy", file, "--examples", others}, "", []string{"acme: 4 examples", "tried on " + others + ": 2 of 3 right (67 %)", "urgent  1    1", "alone: 1 of 1 right (100 %)"}},
		{[]string{"--policy", file, "--examples", "-"}, `{"priority": "low", "text": "faute"}`, []string{"tried on -: 1 of 1 right"}},
		{[]string{"--policy", "meteorage", "--text", "Plus aucune alerte sur le chantier, l'orage approche"}, "", []string{"haute, ", "moved by "}},
	} {
		r := bot(t, c.input, append([]string{"triage"}, c.args...)...)
		for _, want := range c.want {
			if r.code != 0 || !strings.Contains(strings.Join(strings.Fields(r.stdout), " "), strings.Join(strings.Fields(want), " ")) {
				t.Errorf("%v lacks %q: code %d\n%s%s", c.args, want, r.code, r.stdout, r.stderr)
			}
		}
	}
}

func TestTriageRefusals(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--policy", "testdata/acme.toml"}, `names no examples; write examples = ["acme.examples.jsonl"]`},
		{[]string{"--policy", learning(t, "{}")}, "acme.jsonl:1: priority is missing"},
		{[]string{"--policy", "moveon", "--examples", "-"}, "holds no example; vigie export --examples writes some"},
		{[]string{"--policy", "moveon", "--examples", "nowhere.jsonl"}, "nowhere.jsonl"},
	} {
		if r := bot(t, "", append([]string{"triage"}, c.args...)...); r.code == 0 || !strings.Contains(r.stderr, c.want) {
			t.Errorf("%v: code %d, %s", c.args, r.code, r.stderr)
		}
	}
}

// A copy of an embedded policy, edited, learns from the embedded examples.
func TestCopyFindsItsExamples(t *testing.T) {
	file := edited(t, "copy.toml")
	if r := bot(t, "", "triage", "--policy", file, "--text", "Le portail est inaccessible pour tous"); r.code != 0 || !strings.HasPrefix(r.stdout, "urgent") {
		t.Errorf("code %d: %s%s", r.code, r.stdout, r.stderr)
	}
}

// check says how many examples a policy has, what they are worth, and whether more
// are wanted.
func TestCheckSaysWhatExamplesAreWorth(t *testing.T) {
	for _, c := range []struct {
		policy, lang string
		want         []string
	}{
		{"moveon", "en", []string{"by cross-validation 8", "suggested by the text, with a probability of at least 40%", "else what the text suggests, else: normal"}},
		{"meteorage", "fr", []string{"en validation croisée", "suggérée par le texte, avec une probabilité d'au moins 50 %", "les règles et le texte ne font que proposer"}},
		{learning(t, fourExamples), "en", []string{"4; by cross-validation", "fewer than 500 don't teach enough: vigie export --examples"}},
		{"testdata/acme.toml", "en", []string{"proposed by no rule", "the rules only propose"}},
	} {
		r := bot(t, "", "check", "--policy", c.policy, "--lang", c.lang)
		for _, want := range c.want {
			if text := strings.Join(strings.Fields(r.stdout), " "); r.code != 0 || !strings.Contains(text, want) {
				t.Errorf("%s lacks %q: code %d\n%s%s", c.policy, want, r.code, r.stdout, r.stderr)
			}
		}
	}
}
