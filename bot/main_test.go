package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vigie/rules/policies"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// A result is what a command line leaves behind.
type result struct {
	code           int
	stdout, stderr string
}

// bot runs a command line in this process.
func bot(t testing.TB, stdin string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), args, strings.NewReader(stdin), &stdout, &stderr)
	return result{code, stdout.String(), stderr.String()}
}

// done is the output of a command that must succeed.
func done(t testing.TB, r result) string {
	t.Helper()
	if r.code != 0 {
		t.Fatalf("exit %d: %s", r.code, r.stderr)
	}
	return r.stdout
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// golden compares a text with a file of testdata. The folder's own path is left
// out of it.
func golden(t testing.TB, name, got string) {
	t.Helper()
	if dir, err := os.Getwd(); err == nil {
		got = strings.ReplaceAll(got, dir+string(filepath.Separator), "")
	}
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// needs skips a test while a policy isn't shipped.
func needs(t testing.TB, policy string) {
	t.Helper()
	if _, ok := policies.Read(policy); !ok {
		t.Skip("policy ", policy, " is not embedded")
	}
}

var commandNames = []string{"demo", "serve", "check", "setup", "explain", "due", "replay", "test", "sandbox", "report", "export", "backup", "forget", "health", "docs"}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{}, {"--help"}} {
		text := done(t, bot(t, "", args...))
		for _, name := range commandNames {
			if !strings.Contains(text, "\n  "+name+" ") {
				t.Errorf("%q doesn't list %s", args, name)
			}
		}
		if !strings.Contains(text, "Exit codes: 0 done, 1 failed, 2 wrong usage") {
			t.Errorf("%q doesn't tell the exit codes", args)
		}
	}
	for _, name := range commandNames {
		text := done(t, bot(t, "", name, "--help"))
		if !strings.HasPrefix(text, "Usage: vigie "+name) {
			t.Errorf("%s --help begins with %.40q", name, text)
		}
		if !strings.Contains(text, "  vigie "+name) && !strings.Contains(text, "  curl ") {
			t.Errorf("%s --help shows no example", name)
		}
	}
}

func TestWrongUsage(t *testing.T) {
	for _, c := range []struct{ line, hint string }{
		{"replai", `vigie: unexpected argument replai, did you mean "replay"?`},
		{"replay", `vigie: missing flags: --policy=P`},
		{"replay --polcy moveon", `vigie: unknown flag --polcy, did you mean "--policy"?`},
		{"replay --policy atlantis", `vigie: there is no policy "atlantis"; write a file's path, or one of `},
		{"replay --policy nowhere/acme.toml", `vigie: there is no policy "nowhere/acme.toml"; write a file's path, or one of `},
		{"replay --policy moveon --now yesterday", `vigie: --now "yesterday" is no instant; write one such as 2026-11-30T09:00:00+01:00`},
		{"due --policy moveon --priority urgent", `vigie: missing flags: --created=T`},
		{"due --policy moveon --priority urgnt --created 2026-11-27", `vigie: --priority: moveon has no priority "urgnt"; write one of urgent, high, normal, low`},
		{"due --policy moveon --priority urgent --created tomorrow", `vigie: --created: "tomorrow" is no instant; write one such as 2026-11-27T16:30:00+01:00 or "2026-11-27 16:30"`},
		{"due --policy moveon --priority urgent --created 2026-11-27 --lang de", `vigie: --lang must be one of "en","fr" but got "de"`},
		{"explain zendesk", `vigie: "zendesk" names no ticket; write SOURCE:ID, such as zendesk:42 or jira:SUP-7`},
		{"explain --file testdata/golden.jsonl", `vigie: --file needs --policy, such as --policy moveon`},
		{"explain --file nowhere.jsonl --policy moveon", `nowhere.jsonl: no such file or directory`},
		{"explain zendesk:1 --config nowhere.toml", `nowhere.toml: no such file or directory; config.example.toml is a start`},
		{"serve", `vigie: missing flags: --config=F`},
		{"serve --config nowhere.toml", `nowhere.toml: no such file or directory; config.example.toml is a start`},
		{"check", `vigie: missing flags: --config=F or --policy=P`},
		{"check --config a.toml --policy moveon", `vigie: --config and --policy can't be used together`},
		{"check --policy moveon --online", `vigie: --online asks the vendors of a configuration; write --config F --online`},
		{"check --policy moveon --from soon", `vigie: --from: "soon" is no date: write one such as 2026-05-25`},
		{"test new zendesk", `vigie: "zendesk" names no ticket; write SOURCE:ID, such as zendesk:42 or jira:SUP-7`},
		{"test new --file testdata/golden.jsonl", `vigie: --file needs --policy, such as --policy moveon`},
		{"docs atlantis", `vigie: the manual has no page "atlantis"; write one of installing, deciding, `},
		{"check --policy atlantis", `vigie: there is no policy "atlantis"; write a file's path, or one of `},
	} {
		t.Run(c.line, func(t *testing.T) {
			r := bot(t, "", strings.Fields(c.line)...)
			if r.code != 2 || r.stdout != "" || !strings.Contains(r.stderr, c.hint) {
				t.Errorf("got exit %d, output %q and\n%swant exit 2 and\n%s", r.code, r.stdout, r.stderr, c.hint)
			}
		})
	}
}
