package policyfile

import (
	"strings"
	"testing"
	"time"

	"vigie/rules"
	"vigie/rules/policies"
)

func FuzzPolicyFile(f *testing.F) {
	for _, name := range policies.Names() {
		text, _ := policies.Read(name)
		f.Add(string(text))
	}
	f.Add("name = \"a\"\ncalendar = 1\n[calendars.a]\nzone = \"CET\"\nhours = { mon-fri = [\"9-17\"], fri = [] }\n[[targets]]\nwithin = { a = \"1\" }\nwarn = [\"\"]\n")
	ticket := rules.Ticket{Source: "zendesk", ID: "42", Kind: "problem", Text: "down", CreatedAt: time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)}
	f.Fuzz(func(t *testing.T, text string) {
		p, problems := Load("p.toml", []byte(text), policies.ReadFile)
		if (p == nil) == (problems.Err() == nil) {
			t.Fatalf("policy %v, problems %v", p, problems)
		}
		for _, problem := range problems {
			if problem.Text == "" || problem.Line < 0 || problem.Line > strings.Count(text, "\n")+1 {
				t.Errorf("no good problem: %+v", problem)
			}
		}
		if p != nil {
			if _, err := rules.Evaluate([]*rules.Policy{p}, &ticket, ticket.CreatedAt.Add(time.Hour)); err != nil {
				t.Error(err)
			}
		}
	})
}
