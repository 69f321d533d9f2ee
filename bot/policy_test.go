package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Two files of one name are two versions: a ticket is judged by the one in force
// when it was created, whichever command asks and however they are named.
func TestVersionsOfAPolicy(t *testing.T) {
	next := edited(t, "moveon-2027.toml", "2025-06-19 ", "2027-01-01 ", `urgent = "1 business hour"`, `urgent = "2 business hours"`)
	line := `{"source":"zendesk","id":"1","kind":"problem","priority":"urgent","created_at":"%s"}` + "\n"
	input := fmt.Sprintf(line+line+line, "2025-06-18T21:59:59Z", "2026-12-31T09:00:00+01:00", "2027-01-04T09:00:00+01:00")
	for _, order := range [][]string{{"--policy", "moveon", "--policy", next}, {"--policy", next, "--policy", "moveon"}} {
		out := done(t, bot(t, input, append([]string{"replay", "--now", "2027-01-04T09:30:00+01:00"}, order...)...))
		var targets []int64
		for text := range strings.Lines(out) {
			var v struct {
				Policy *string
				Clocks []struct {
					Target int64 `json:"target_seconds"`
				}
			}
			if err := json.Unmarshal([]byte(text), &v); err != nil {
				t.Fatal(err)
			}
			if v.Policy == nil {
				targets = append(targets, 0) // older than every version
				continue
			}
			targets = append(targets, v.Clocks[0].Target)
		}
		if want := []int64{0, 3600, 7200}; fmt.Sprint(targets) != fmt.Sprint(want) {
			t.Errorf("%v: got targets of %v s, want %v", order, targets, want)
		}
		due := done(t, bot(t, "", append([]string{"due", "--priority", "urgent", "--created", "2027-01-04 09:00"}, order...)...))
		if !strings.Contains(due, "due Mon 2027-01-04 11:00 CET") {
			t.Errorf("due: got\n%s", due)
		}
		check := strings.Join(strings.Fields(done(t, bot(t, "", append([]string{"check", "--from", "2026-11-30"}, order...)...))), " ")
		for _, want := range []string{
			"in force from Fri 2027-01-01: a ticket created before keeps the version before (moveon.toml)",
			"in force from Thu 2025-06-19 until Fri 2027-01-01, when the next version begins (" + next + "): a ticket created before isn't covered",
		} {
			if !strings.Contains(check, want) {
				t.Errorf("check: got\n%s\nwant %s in it", check, want)
			}
		}
	}
	r := bot(t, input, "replay", "--policy", next, "--policy", next)
	if r.code != 2 || !strings.Contains(r.stderr, ": effective_from: moveon begins on the same day as moveon in ") {
		t.Errorf("the same twice: got exit %d and %s", r.code, r.stderr)
	}
}

// A configuration's list holds versions, too; two of one day, and a policy that
// is yet to begin, are told with file and line.
func TestVersionsInAConfiguration(t *testing.T) {
	secrets(t)
	dir := t.TempDir()
	policy := mustRead(t, "testdata/acme.toml")
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("acme.toml", policy)
	write("next.toml", strings.Replace(policy, "2026-01-02\n", "2099-01-05\n", 1))
	write("twin.toml", strings.Replace(policy, "Acme support", "Acme kind support", 1))
	for _, c := range []struct {
		policies string
		code     int
		want     string
	}{
		{`["acme.toml", "next.toml"]`, 0, ""},
		{`["next.toml"]`, 0, "next.toml: effective_from: warning: acme is in force from 2099-01-05 only, and no version of it before; tickets created until then aren't covered\n"},
		{`["acme.toml", "twin.toml"]`, 2, "twin.toml:4: effective_from: acme begins on the same day as acme in "},
	} {
		write("config.toml", "[slack]\ntoken = \"env:SLACK_BOT_TOKEN\"\nchannel = \"#sla\"\n[[zendesk]]\nurl = \"https://acme.zendesk.com\"\ntoken = \"env:ZENDESK_TOKEN\"\npolicies = "+c.policies+"\n")
		r := bot(t, "", "check", "--config", filepath.Join(dir, "config.toml"))
		if r.code != c.code || !strings.Contains(r.stderr, c.want) || c.want == "" && r.stderr != "" {
			t.Errorf("%s: got exit %d and %q, want exit %d and %q", c.policies, r.code, r.stderr, c.code, c.want)
		}
		if c.code == 0 && strings.Count(r.stdout, "policies        acme\n") != 1 {
			t.Errorf("%s: got\n%.900s", c.policies, r.stdout)
		}
	}
}
