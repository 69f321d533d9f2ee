package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/rules/calendar"
)

// secrets sets the environment that the configurations of testdata refer to.
func secrets(t *testing.T) {
	for _, name := range []string{"ZENDESK_TOKEN", "ZENDESK_WEBHOOK_SECRET", "JIRA_TOKEN", "SLACK_BOT_TOKEN", "VIGIE_TOKEN"} {
		t.Setenv(name, "s3cret-"+name)
	}
	t.Setenv("VIGIE_DATABASE", "postgres://vigie:s3cret-password@db.acme.example/vigie")
}

func TestCheckSaysWhatIsMeant(t *testing.T) {
	secrets(t)
	for _, language := range []string{"en", "fr"} {
		r := bot(t, "", "check", "--config", "testdata/config.toml", "--from", "2026-11-22", "--lang", language)
		golden(t, "check."+language+".txt", strings.Replace(done(t, r), calendar.BuiltInZones().Version(), "EDITION", 1))
		if strings.Contains(r.stdout+r.stderr, "s3cret") {
			t.Error("a secret is shown")
		}
	}
}

// The policy that people try first, as they see it.
func TestCheckPolicyAlone(t *testing.T) {
	text := done(t, bot(t, "", "check", "--policy", "moveon", "--from", "2026-11-22"))
	for _, want := range []string{
		"Policy moveon: MoveON support policy", "Thu 2025-06-19", "Monday to Friday: 09:00-17:00", "Saturday to Sunday: closed",
		"Fri 2026-12-25 Christmas Day", "Mon 2027-05-17 Whit Monday", "update      urgent    1 business hour   QS-21", "sla_exempt [QS-18]",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("got\n%swant %q in it", text, want)
		}
	}
	if strings.Contains(text, "2027-12-25") || strings.Contains(text, "\x1b") {
		t.Error("more than twelve months of holidays, or colours without a terminal")
	}
}

// Every mistake of a file at once, with its line and what to write instead.
func TestCheckTellsEveryMistake(t *testing.T) {
	secrets(t)
	for _, c := range []struct {
		name string
		args []string
	}{
		{"mistakes.txt", []string{"check", "--policy", "testdata/mistakes.toml"}},
		{"mistakes-config.txt", []string{"check", "--config", "testdata/mistakes-config.toml"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := bot(t, "", c.args...)
			if r.code != 2 || r.stdout != "" {
				t.Errorf("got exit %d and output %q, want exit 2 and none", r.code, r.stdout)
			}
			if n := strings.Count(r.stderr, "\n"); n < 10 {
				t.Errorf("got %d lines, want ten or more", n)
			}
			golden(t, c.name, r.stderr)
		})
	}
}

// A warning is shown and forbids nothing.
func TestCheckWarns(t *testing.T) {
	text, err := os.ReadFile("testdata/acme.toml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "acme.toml")
	lonely := strings.Replace(string(text), "[[targets]]", "[[priorities]]\nname = \"someday\"\n\n[[targets]]", 1)
	if err := os.WriteFile(file, []byte(lonely), 0o600); err != nil {
		t.Fatal(err)
	}
	r := bot(t, "", "check", "--policy", file)
	done(t, r)
	if !strings.Contains(r.stderr, `warning: no [[targets]] row names "someday"; tickets of that priority have no clock`) {
		t.Errorf("got %q", r.stderr)
	}
}
