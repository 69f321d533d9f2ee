package rules_test

import (
	"io/fs"
	"strings"
	"testing"
	"time"

	"vigie/rules"
	"vigie/rules/policyfile"
	"vigie/rules/tomlfile"
	"vigie/rules/triage"
	"vigie/rules/words"
)

// suggesting is a policy that learns from examples; TOP stands for more of it.
const suggesting = `
name             = "acme"
effective_from   = 2026-01-01
calendar         = "paris"
default_priority = "normal"
priority_rules   = "apply"
examples         = ["acme.jsonl"]
TOP

[calendars.paris]
zone  = "Europe/Paris"
hours = { mon-fri = ["09:00-17:00"] }

[[priorities]]
name = "urgent"
when = '"vip" in tags'

[[priorities]]
name = "normal"

[[priorities]]
name = "low"

[[targets]]
metric = "resolution"
within = { urgent = "1 business hour", normal = "8 business hours", low = "16 business hours" }
`

const acmeExamples = `{"priority": "urgent", "subject": "Portail en panne", "text": "Plus personne ne peut se connecter."}
{"priority": "urgent", "subject": "Panne", "text": "Tout est en panne."}
{"priority": "low", "subject": "Coquille", "text": "Une faute d'orthographe."}
{"priority": "low", "text": "Coquille dans le menu."}
`

func suggestingPolicy(t testing.TB, top, lines string) (*rules.Policy, tomlfile.Problems) {
	t.Helper()
	return policyfile.Load("acme.toml", []byte(strings.Replace(suggesting, "TOP", top, 1)), func(name string) ([]byte, error) {
		if name != "acme.jsonl" {
			return nil, fs.ErrNotExist
		}
		return []byte(lines), nil
	})
}

func acmePolicy(t testing.TB, top, lines string) *rules.Policy {
	t.Helper()
	p, problems := suggestingPolicy(t, top, lines)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

func saying(subject, text string, more ...func(*rules.Ticket)) rules.Ticket {
	ticket := rules.Ticket{Source: "zendesk", ID: "42", Kind: "incident", Subject: subject, Text: strings.TrimSpace(subject + "\n" + text),
		CreatedAt: time.Date(2026, time.November, 24, 9, 0, 0, 0, time.UTC)}
	for _, m := range more {
		m(&ticket)
	}
	return ticket
}

// The text suggests a priority to a ticket that neither a person nor a rule gives one.
func TestSuggestedPriority(t *testing.T) {
	vip := func(t *rules.Ticket) { t.Tags = []string{"vip"} }
	chosen := func(t *rules.Ticket) { t.Priority = "normal" }
	for _, c := range []struct {
		name, top string
		ticket    rules.Ticket
		priority  string
		from      rules.PriorityFrom
		proposed  string
	}{
		{"it suggests", `confident = 0.6`, saying("En panne", "Personne ne se connecte."), "urgent", rules.FromExamples, "urgent"},
		{"another", `confident = 0.6`, saying("Coquille", "Une faute dans le menu."), "low", rules.FromExamples, "low"},
		{"a rule goes before it", `confident = 0.6`, saying("Coquille", "Une faute", vip), "urgent", rules.FromRule, "urgent"},
		{"a person does", `confident = 0.6`, saying("Panne", "en panne", chosen), "normal", rules.FromPerson, "urgent"},
		{"not sure enough", `confident = 1`, saying("Panne", "en panne"), "normal", rules.FromDefault, ""},
		{"not sure enough for one", `confident = { urgent = 1, low = 0.2 }`, saying("Panne", "en panne"), "normal", rules.FromDefault, ""},
		{"sure enough for the other", `confident = { urgent = 1, low = 0.2 }`, saying("Coquille", "faute"), "low", rules.FromExamples, "low"},
		{"without a text", ``, saying("", ""), "normal", rules.FromDefault, ""},
	} {
		p := acmePolicy(t, c.top, acmeExamples)
		v := judge(t, p, c.ticket, c.ticket.CreatedAt.Add(time.Minute))
		proposed := ""
		if v.Proposed != nil {
			proposed = *v.Proposed
		}
		if v.Priority != c.priority || v.PriorityFrom != c.from || proposed != c.proposed {
			t.Errorf("%s: %s from %s, proposed %q; want %s from %s, proposed %q", c.name, v.Priority, v.PriorityFrom, proposed, c.priority, c.from, c.proposed)
		}
	}
}

// An explanation says what the text suggests, by which words, and whether it decides.
func TestExplainedSuggestion(t *testing.T) {
	ticket := saying("En panne", "Personne ne se connecte.")
	for _, c := range []struct{ top, language, want string }{
		{"", "en", "Priority: urgent (suggested by the text)\nThe text suggests urgent, "},
		{"", "fr", "Priorité : urgent (suggérée par le texte)\nLe texte suggère urgent à "},
		{"confident = 1", "en", "; too little to decide\n"},
		{"confident = 1", "fr", " ; trop peu pour décider\n"},
	} {
		x, err := rules.Explain([]*rules.Policy{acmePolicy(t, c.top, acmeExamples)}, &ticket, ticket.CreatedAt)
		if err != nil {
			t.Fatal(err)
		}
		if got := words.In(c.language).Explanation(&x); !strings.Contains(got, c.want) || !strings.Contains(got, "panne") {
			t.Errorf("%s lacks %q:\n%s", c.language, c.want, got)
		}
	}
}

// What a text suggested while it was there holds after it has been erased.
func TestErasedSuggestion(t *testing.T) {
	ticket := saying("En panne", "Personne ne se connecte.")
	p := []*rules.Policy{acmePolicy(t, "", acmeExamples)}
	bare := ticket.Erase(p, rules.ErasedAsked, ticket.CreatedAt.Add(time.Hour))
	if bare.Text != "" {
		t.Fatal("the text is still there")
	}
	for _, at := range []time.Duration{time.Minute, 24 * time.Hour} {
		v := judge(t, p[0], *bare, ticket.CreatedAt.Add(at))
		if v.Priority != "urgent" || v.PriorityFrom != rules.FromExamples {
			t.Errorf("after %v: %s from %s", at, v.Priority, v.PriorityFrom)
		}
	}
	never := saying("", "")
	if v := judge(t, p[0], *never.Erase(p, rules.ErasedAsked, ticket.CreatedAt), ticket.CreatedAt); v.PriorityFrom != rules.FromDefault {
		t.Errorf("a ticket that never had a text: %s from %s", v.Priority, v.PriorityFrom)
	}
}

func TestExampleMistakes(t *testing.T) {
	for _, c := range []struct{ top, lines, want string }{
		{"", "{", "acme.toml:7: examples[0]: acme.jsonl:1: unexpected"},
		{"", acmeExamples + `{"text": "x"}`, "acme.jsonl:5: priority is missing"},
		{"", `{"priority": "urgnet", "text": "x"}`, `acme.toml:7: examples[0]: priority "urgnet" is not in this file; did you mean "urgent"?`},
		{"confident = 60", acmeExamples, "acme.toml:8: confident: 60 is no probability; write one from 0 to 1, such as 0.6"},
		{"confident = { urgnet = 0.6 }", acmeExamples, `acme.toml:8: confident.urgnet: priority "urgnet" is not in this file`},
		{`confident = "sure"`, acmeExamples, "acme.toml:8: confident: want a number"},
	} {
		_, problems := suggestingPolicy(t, c.top, c.lines)
		if !strings.Contains(problems.Error(), c.want) {
			t.Errorf("%s: %q lacks %q", c.top, problems.Error(), c.want)
		}
	}
	_, problems := policyfile.Load("acme.toml", []byte(strings.NewReplacer("acme.jsonl", "other.jsonl", "TOP", "").Replace(suggesting)), func(string) ([]byte, error) { return nil, fs.ErrNotExist })
	if !strings.Contains(problems.Error(), "examples[0]: file does not exist; write a path that can be read, relative to this file") {
		t.Error(problems)
	}
}

// Other examples are another policy: it must be judged anew.
func TestDigestOfExamples(t *testing.T) {
	a, b := acmePolicy(t, "", acmeExamples), acmePolicy(t, "", acmeExamples+`{"priority": "low", "text": "Où ?"}`)
	if a.Digest == b.Digest || a.Digest != acmePolicy(t, "", acmeExamples).Digest {
		t.Error("the digest doesn't tell other examples from the same ones")
	}
}

// A company's own examples are the tickets whose priority a person chose.
func TestTicketExample(t *testing.T) {
	at := time.Date(2026, time.November, 25, 9, 0, 0, 0, time.UTC)
	by := func(priorities ...string) func(*rules.Ticket) {
		return func(t *rules.Ticket) {
			for i, p := range priorities {
				t.Events = append(t.Events, rules.Event{At: t.CreatedAt.Add(time.Duration(i+1) * time.Minute), Type: rules.PriorityEvent, To: p, By: "Nadia"})
			}
		}
	}
	for _, c := range []struct {
		name   string
		ticket rules.Ticket
		want   string
	}{
		{"nobody chose", saying("Panne", "Rien ne va."), ""},
		{"somebody did", saying("Panne", "Rien ne va.", by("urgent")), "urgent"},
		{"the last word counts", saying("Panne", "Rien ne va.", by("low", "urgent")), "urgent"},
		{"taken back", saying("Panne", "Rien ne va.", by("urgent", "")), ""},
		{"says what its problem says", saying("Panne", "Rien ne va.", by("urgent"), func(t *rules.Ticket) { t.Problem = "7" }), ""},
		{"without a text", saying("", "", by("urgent")), ""},
	} {
		e, ok := c.ticket.Example(at)
		if ok != (c.want != "") || e.Priority != c.want {
			t.Errorf("%s: %+v, %v", c.name, e, ok)
		}
	}
	ticket := saying("Panne", "Rien ne va.", by("urgent"))
	ticket.Language = "fr"
	if e, _ := ticket.Example(at); e != (triage.Example{Priority: "urgent", Subject: "Panne", Text: "Rien ne va.", Language: "fr", Kind: "incident"}) {
		t.Errorf("%+v", e)
	}
}
