package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"vigie/bot/library"
	"vigie/rules/policies"
	"vigie/rules/policyfile"
)

// Every small policy that one may start from passes its tests under the name that it
// gets, and nothing is ever written over.
func TestPolicyNew(t *testing.T) {
	for _, like := range []string{"small", "teams", "ical", "always", "contract"} {
		dir := t.TempDir()
		file := filepath.Join(dir, "acme.toml")
		wrote := done(t, bot(t, "", "policy", "new", file, "--like", like))
		for _, want := range []string{file, filepath.Join(dir, "acme.test.toml")} {
			if !strings.Contains(wrote, want+"\n") {
				t.Errorf("%s: wrote %s, want %s", like, wrote, want)
			}
		}
		if tested := done(t, bot(t, "", "test", file)); !strings.Contains(tested, "ok ") {
			t.Errorf("%s: got %s", like, tested)
		}
		text := mustRead(t, file)
		p, problems := library.Policy(file)
		if p == nil || len(problems) > 0 || p.Name != "acme" {
			t.Errorf("%s: got %v and %v", like, p, problems)
		}
		if again := bot(t, "", "policy", "new", file); again.code != 1 || !strings.Contains(again.stderr, "is already there") || mustRead(t, file) != text {
			t.Errorf("%s, once more: exit %d and %s", like, again.code, again.stderr)
		}
	}
	if r := bot(t, "", "policy", "new", "Acme Corp.toml"); r.code != 2 || !strings.Contains(r.stderr, `"Acme Corp" is no policy's name`) {
		t.Errorf("got exit %d and %s", r.code, r.stderr)
	}
}

// The first policy that somebody writes is one that is read at a glance.
func TestTheSmallPolicyIsSmall(t *testing.T) {
	lines := 0
	for line := range strings.Lines(mustRead(t, "examples/small.toml")) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines++
		}
	}
	if lines > 20 {
		t.Errorf("got %d lines, want twenty at most", lines)
	}
}

func TestPolicyShow(t *testing.T) {
	moveon, _ := policies.Read("moveon")
	if got := done(t, bot(t, "", "policy", "show", "moveon")); got != string(moveon) {
		t.Errorf("got\n%.300s", got)
	}
	tests, _ := policies.ReadTest("moveon")
	if got := done(t, bot(t, "", "policy", "show", "moveon", "--tests")); got != string(tests) {
		t.Errorf("got\n%.300s", got)
	}
	whole := done(t, bot(t, "", "policy", "show", "examples/contract.toml", "--effective"))
	if strings.Contains(whole, "extends") || !strings.Contains(whole, "] # meteorage.toml:") || !strings.Contains(whole, "[[targets]] # contract.toml:") {
		t.Errorf("got\n%.600s", whole)
	}
	file := filepath.Join(t.TempDir(), "whole.toml")
	if err := os.WriteFile(file, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	line := `{"source":"jira","id":"SUP-7","kind":"assistance","organization":"Acme","priority":"haute","created_at":"2026-11-27T22:00:00+01:00","now":"2026-11-28T01:00:00+01:00"}` + "\n"
	short := done(t, bot(t, line, "replay", "--policy", "examples/contract.toml"))
	if full := done(t, bot(t, line, "replay", "--policy", file)); full != short || !strings.Contains(full, "2026-11-27T22:30:00+01:00") {
		t.Errorf("the whole file says\n%s\nand the one that extends\n%s", full, short)
	}
	for args, want := range map[string]string{
		"nothing":                            `there is no policy "nothing"; write a file's path, or one of meteorage, moveon`,
		"nothing.toml":                       `there is no policy "nothing.toml"`,
		"examples/small.toml --tests":        "--tests is for built-in policies",
		"testdata/mistakes.toml --effective": "testdata/mistakes.toml:",
	} {
		if r := bot(t, "", append([]string{"policy", "show"}, strings.Fields(args)...)...); r.code != 2 || !strings.Contains(r.stderr, want) {
			t.Errorf("%s: exit %d and %s", args, r.code, r.stderr)
		}
	}
}

// The reference shows every row, and the policy that it shows is one.
func TestPolicyKeys(t *testing.T) {
	all := done(t, bot(t, "", "policy", "keys"))
	for _, ch := range reference() {
		for _, k := range ch.keys {
			if k.Example != "" && !strings.Contains(all, "\n"+k.Name+" = "+k.Example+"\n") {
				t.Errorf("%s isn't shown", k.Path())
			}
		}
		for _, n := range ch.nouns {
			if !strings.Contains(all, "\n# "+n.Name+", "+n.Type+".") || !strings.Contains(all, "\n"+n.Example+"\n") {
				t.Errorf("%s isn't shown", n.Name)
			}
		}
	}
	shown := done(t, bot(t, "", "policy", "keys", "policy"))
	whole := regexp.MustCompile(`(?m)^(extends|without) = .*$`).ReplaceAllString(shown, "")
	taught := func(string) ([]byte, error) {
		return []byte(`{"priority": "normal", "text": "How do I add a coordinator?"}`), nil
	}
	if _, problems := policyfile.Load("keys.toml", []byte(whole), taught); len(problems) > 0 {
		t.Errorf("%s\nof\n%s", problems, whole)
	}
	warn := done(t, bot(t, "", "policy", "keys", "targets.warn"))
	if strings.Count(warn, " = ") != 1 || !strings.Contains(warn, "\n[[targets]]\n") {
		t.Errorf("targets.warn: got\n%s", warn)
	}
	if r := bot(t, "", "policy", "keys", "wran"); r.code != 2 || !strings.Contains(r.stderr, "there is no key or name wran") {
		t.Errorf("got exit %d and %s", r.code, r.stderr)
	}
}
