package policies

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/rules"
)

func TestRead(t *testing.T) {
	if got, want := Names(), []string{"meteorage", "moveon"}; !slices.Equal(got, want) {
		t.Errorf("Names() = %q, want %q", got, want)
	}
	if _, ok := Read("acme"); ok {
		t.Error("a policy named acme is embedded")
	}
}

// load reads an embedded policy, which must be without any problem or warning.
func load(t *testing.T, name string) *rules.Policy {
	t.Helper()
	text, ok := Read(name)
	if !ok {
		t.Fatalf("no policy %s", name)
	}
	p, problems := rules.LoadPolicy(name+".toml", text, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

func TestShippedPoliciesLoad(t *testing.T) {
	for _, name := range Names() {
		if p := load(t, name); p.Name != name {
			t.Errorf("%s.toml calls itself %q", name, p.Name)
		}
	}
}

// propose is the rules' word on a ticket with that text; empty if they have none.
func propose(t *testing.T, p *rules.Policy, ticket rules.Ticket) rules.Verdict {
	t.Helper()
	ticket.CreatedAt = time.Date(2026, time.November, 24, 10, 0, 0, 0, time.UTC)
	v, err := rules.Evaluate([]*rules.Policy{p}, &ticket, ticket.CreatedAt)
	if err != nil {
		t.Fatal(err)
	}
	if v.Error != "" {
		t.Fatal(v.Error)
	}
	return v
}

func proposed(v rules.Verdict) string {
	if v.Proposed == nil {
		return "none"
	}
	return *v.Proposed
}

var assistance = map[string]string{"moveon": "problem", "meteorage": "assistance"}

func TestPriorities(t *testing.T) {
	file, err := os.ReadFile("testdata/priorities.txt")
	if err != nil {
		t.Fatal(err)
	}
	policy := map[string]*rules.Policy{"moveon": load(t, "moveon"), "meteorage": load(t, "meteorage")}
	for line := range strings.Lines(string(file)) {
		head, text, ok := strings.Cut(strings.TrimSpace(line), " | ")
		if !ok {
			continue
		}
		name, want, _ := strings.Cut(head, " ")
		if got := proposed(propose(t, policy[name], rules.Ticket{Kind: assistance[name], Text: text})); got != want {
			t.Errorf("%s proposes %s, want %s, for: %s", name, got, want, text)
		}
	}
}
