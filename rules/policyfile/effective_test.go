package policyfile_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vigie/rules/policies"
	"vigie/rules/policyfile"
	"vigie/rules/tomlfile"
)

// builtIn reads the policies that are shipped.
func builtIn(name string) ([]byte, error) {
	text, _ := policies.Read(name)
	return text, nil
}

// What is printed as what holds is a policy that says the same, and extends nothing.
func TestEffectiveSaysTheSame(t *testing.T) {
	moveon, _ := policies.Read("moveon")
	meteorage, _ := policies.Read("meteorage")
	for name, text := range map[string]string{
		"moveon.toml": string(moveon), "meteorage.toml": string(meteorage),
		"acme.toml": `extends = "moveon"
name = "acme"
source = "\"Acme\" 'and' \\ co \u0007 \u007f"
without = ["QS-17"]
[teams]
"Support \"Pune\"" = "pune"
[calendars.pune]
zone = "Asia/Kolkata"
hours = { mon-fri = ["09:00-17:00"] }
[[calendars.pune.versions]]
from = 2027-01-01
hours = { mon-fri = ["10:00-18:00"] }
[[priorities]]
name = "low"
when = """
kind == 'question' and
text == ''
"""
`,
	} {
		d, root := policyfile.Read(name, []byte(text), builtIn)
		if problems := d.Problems(); len(problems) > 0 {
			t.Fatal(problems)
		}
		written := root.Text()
		again, whole := tomlfile.Read(name, []byte(written), policyfile.Keys())
		if problems := again.Problems(); len(problems) > 0 {
			t.Fatalf("%s\n%s", problems, written)
		}
		if diff := cmp.Diff(root.Tree(), whole.Tree()); diff != "" {
			t.Errorf("%s (-read +written):\n%s", name, diff)
		}
		if p, problems := policyfile.Load(name, []byte(written), policies.ReadFile); p == nil {
			t.Errorf("%s: %v", name, problems)
		}
		if name == "acme.toml" {
			for _, want := range []string{"name = \"acme\" # acme.toml:2\n", "calendar = \"berlin\" # moveon.toml:", "\n[calendars.pune] # acme.toml:7\n", "name = \"low\"\n"} {
				if !strings.Contains(written, want) {
					t.Errorf("got no %q in\n%.1500s", want, written)
				}
			}
		}
	}
}
