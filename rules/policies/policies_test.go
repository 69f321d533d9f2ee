package policies

import (
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/rules"
	"vigie/rules/policyfile"
	"vigie/rules/policytest"
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
	p, problems := policyfile.Load(name+".toml", text, ReadFile)
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

// judge is the verdict on a ticket just created, on a Tuesday at 10:00 UTC; its
// events, too, are of that instant.
func judge(t *testing.T, p *rules.Policy, ticket rules.Ticket) rules.Verdict {
	t.Helper()
	ticket.CreatedAt = time.Date(2026, time.November, 24, 10, 0, 0, 0, time.UTC)
	for i := range ticket.Events {
		ticket.Events[i].At = ticket.CreatedAt
	}
	v, err := rules.Evaluate([]*rules.Policy{p}, &ticket, ticket.CreatedAt)
	if err != nil {
		t.Fatal(err)
	}
	if v.Error != "" {
		t.Fatal(v.Error)
	}
	return v
}

// rulesSay is the priority that a ticket gets while no person gives one: the
// default one too, except where the rules only propose.
func rulesSay(p *rules.Policy, v rules.Verdict) string {
	switch {
	case v.Proposed != nil:
		return *v.Proposed
	case p.Propose:
		return "none"
	}
	return v.Priority
}

func tags(t *testing.T, name string, ticket rules.Ticket) []string {
	t.Helper()
	v := judge(t, load(t, name), ticket)
	return slices.DeleteFunc(v.Tags.Add, func(tag string) bool { return strings.HasPrefix(tag, "priority_") })
}

func TestMarksAndExclusions(t *testing.T) {
	solved := func(by string, and ...rules.Event) []rules.Event {
		return append(and, rules.Event{Type: rules.StatusEvent, To: "solved", By: by})
	}
	const complete = "J'ai cliqué sur Valider et j'ai obtenu l'erreur 12. Firefox 128."
	for _, c := range []struct {
		name, policy string
		ticket       rules.Ticket
		want         []string
	}{
		{"a complete report", "moveon", rules.Ticket{Kind: "problem", Text: complete}, nil},
		{"a complete report in English", "moveon", rules.Ticket{Kind: "incident", Text: "When I click Save, the form stays empty (Chrome, version 126)."}, nil},
		{"no browser", "moveon", rules.Ticket{Kind: "problem", Text: "En cliquant sur Valider, j'obtiens une erreur."}, []string{"intake_missing_browser"}},
		{"a browser without its version", "moveon", rules.Ticket{Kind: "problem", Text: "When I click Save in Firefox I get an error."}, []string{"intake_missing_browser"}},
		{"no steps", "moveon", rules.Ticket{Kind: "problem", Text: "Erreur 1042, Chrome 126"}, []string{"intake_missing_steps"}},
		{"nothing at all", "moveon", rules.Ticket{Kind: "problem", Text: "Bonjour, merci de regarder MoveON."}, []string{"intake_missing_steps", "intake_missing_result", "intake_missing_browser"}},
		{"no text is known", "moveon", rules.Ticket{Kind: "problem"}, nil},
		{"a question needs no report", "moveon", rules.Ticket{Kind: "question", Text: "Bonjour"}, nil},
		{"a service", "moveon", rules.Ticket{Kind: "task", Text: "Import"}, []string{"service_request"}},
		{"a feature request", "moveon", rules.Ticket{Kind: "feature", Text: "Un bouton bleu"}, []string{"sla_exempt"}},
		{"by telephone", "moveon", rules.Ticket{Kind: "question", Channel: "phone"}, []string{"channel_unlisted"}},
		{"data changed without authorisation", "moveon", rules.Ticket{Kind: "task", Status: rules.Open, Tags: []string{"data_change"}}, []string{"service_request", "authorisation_missing"}},
		{"data changed with authorisation", "moveon", rules.Ticket{Kind: "task", Status: rules.Open, Tags: []string{"data_change", "data_change_authorised"}}, []string{"service_request"}},
		{"solved without a word", "moveon", rules.Ticket{Kind: "question", Events: solved("agent")}, []string{"solved_unanswered"}},
		{"solved with an internal note", "moveon", rules.Ticket{Kind: "question", Events: solved("agent", rules.Event{Type: rules.ReplyEvent, By: "agent"})}, []string{"solved_unanswered"}},
		{"solved and answered", "moveon", rules.Ticket{Kind: "question", Events: solved("agent", rules.Event{Type: rules.ReplyEvent, By: "agent", Public: true})}, nil},
		{"closed by the customer", "moveon", rules.Ticket{Kind: "question", Events: solved("customer")}, nil},

		{"assistance", "meteorage", rules.Ticket{Kind: "assistance"}, nil},
		{"no category", "meteorage", rules.Ticket{}, []string{"category_missing"}},
		{"a question", "meteorage", rules.Ticket{Kind: "question"}, []string{"sla_exempt"}},
		{"a suggestion", "meteorage", rules.Ticket{Kind: "suggestion"}, []string{"sla_exempt"}},
		{"by telephone", "meteorage", rules.Ticket{Kind: "assistance", Channel: "phone"}, []string{"sla_best_effort"}},
		{"to a colleague", "meteorage", rules.Ticket{Kind: "assistance", Channel: "direct_mail", Recipient: "nadia@meteorage.example"}, []string{"sla_best_effort"}},
		{"to the helpdesk", "meteorage", rules.Ticket{Kind: "assistance", Channel: "direct_mail", Recipient: "Helpdesk@meteorage.com"}, nil},
		{"by mail", "meteorage", rules.Ticket{Kind: "assistance", Channel: "email"}, nil},
		{"in Spanish", "meteorage", rules.Ticket{Kind: "assistance", Language: "es"}, []string{"language_other"}},
		{"in British English", "meteorage", rules.Ticket{Kind: "assistance", Language: "en-GB"}, nil},

		{"an offer", "meteorage", rules.Ticket{Kind: "assistance", Text: "Bonjour, pourriez-vous nous envoyer un devis pour deux sites ?"}, []string{"commercial_suspected"}},
		{"a price", "meteorage", rules.Ticket{Kind: "assistance", Text: "How much would a second subscription cost?"}, []string{"commercial_suspected"}},
		{"sales people locked out", "meteorage", rules.Ticket{Kind: "assistance", Text: "Notre service commercial ne peut plus se connecter à l'Espace Client."}, nil},
		{"an outage at a subscriber's", "meteorage", rules.Ticket{Kind: "assistance", Text: "Depuis le renouvellement de notre abonnement, le flux ne fonctionne plus."}, nil},
		{"a denied offer", "meteorage", rules.Ticket{Kind: "assistance", Text: "Je ne demande pas de devis, seulement une explication."}, nil},
		{"an agent says it isn't", "meteorage", rules.Ticket{Kind: "assistance", Text: "Un devis, svp", Tags: []string{"not_commercial"}}, nil},
		{"an agent says it is", "meteorage", rules.Ticket{Kind: "assistance", Text: "Bonjour", Tags: []string{"commercial"}}, []string{"commercial_redirect"}},
	} {
		if got := tags(t, c.policy, c.ticket); !slices.Equal(got, c.want) {
			t.Errorf("%s, %s: tags %q, want %q", c.policy, c.name, got, c.want)
		}
	}
}

// The tests that are shipped with the policies hold, and cite every clause.
func TestShippedTests(t *testing.T) {
	for _, name := range Names() {
		text, ok := ReadTest(name)
		if !ok {
			t.Errorf("%s has no tests", name)
			continue
		}
		suite, problems := policytest.Read(name+".test.toml", text, func(file string) (policytest.Source, error) {
			policy, _ := Read(strings.TrimSuffix(file, ".toml"))
			return policytest.Source{File: file, Text: policy, ReadFile: ReadFile}, nil
		})
		if len(problems) > 0 {
			t.Error(problems)
			continue
		}
		for _, r := range suite.Run(nil) {
			for _, f := range r.Failures {
				t.Errorf("%s.test.toml:%d: %s: %s: want %s, got %s %s\n%s", name, f.Line, r.Name, f.Expect, f.Want, f.Got, f.Difference, f.Explanation)
			}
		}
		for _, c := range policytest.Uncited([]*policytest.Suite{suite}) {
			t.Errorf("%s.toml:%d: no test cites %s", name, c.Line, c.ID)
		}
	}
}
