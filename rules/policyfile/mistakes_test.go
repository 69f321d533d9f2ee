package policyfile

import (
	"strings"
	"testing"
	"time"

	"vigie/rules"
)

// sound is a small policy without a mistake.
const sound = `name = "acme"
effective_from = 2026-01-01
covers = 'kind != "task"'
calendar = "c"
default_priority = "normal"
[calendars.c]
zone = "Europe/Berlin"
hours = { mon-fri = ["09:00-17:00"] }
holidays = ["DE"]
[[calendars.c.versions]]
from = 2027-01-01
[[priorities]]
name = "urgent"
zendesk = ["urgent"]
[[priorities]]
name = "normal"
zendesk = ["normal"]
[[targets]]
metric = "update"
within = { urgent = "1 hour", normal = "2 hours" }
warn = ["50%"]
`

// A message that asks for a priority says what became of that: it doesn't claim
// that somebody chose one when the ticket was solved or deleted instead.
func TestTriageMessage(t *testing.T) {
	p, problems := Load("p.toml", []byte(strings.Replace(sound, "[calendars.c]", "triage = \"30 minutes\"\n[calendars.c]", 1)), nil)
	if problems != nil {
		t.Fatal(problems)
	}
	created := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		event rules.Event
		want  rules.AlertKind
	}{
		{rules.Event{Type: rules.ReplyEvent, By: rules.ByAgent, Public: true}, rules.Triage},
		{rules.Event{Type: rules.PriorityEvent, To: "urgent", By: rules.ByAgent}, rules.Triaged},
		{rules.Event{Type: rules.StatusEvent, To: string(rules.Solved), By: rules.ByAgent}, rules.Unasked},
		{rules.Event{Type: rules.StatusEvent, To: string(rules.Deleted), By: rules.ByAgent}, rules.Unasked},
		{rules.Event{Type: rules.KindEvent, To: "task", By: rules.ByAgent}, rules.Unasked},
	} {
		c.event.At = created.Add(40 * time.Minute)
		ticket := &rules.Ticket{Source: "zendesk", ID: "1", CreatedAt: created, Events: []rules.Event{c.event}}
		now := created.Add(time.Hour)
		v, err := rules.Evaluate([]*rules.Policy{p}, ticket, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := v.Latest(ticket, rules.TriageTopic, 0, now).Kind; got != c.want {
			t.Errorf("after %s %s: got %s, want %s", c.event.Type, c.event.To, got, c.want)
		}
	}
}

// Whoever makes one mistake is told once where it is and what to write.
func TestPolicyMistakes(t *testing.T) {
	if p, problems := Load("p.toml", []byte(sound), nil); p == nil || len(problems) > 0 {
		t.Fatalf("the sound policy: %v", problems)
	}
	for _, c := range []struct{ name, was, is, want string }{
		{"no TOML", `name = "acme"`, `name = "acme`, `p.toml:1: this isn't TOML: basic strings cannot have new lines; a line reads like key = "text" (toml.io)`},
		{"a key twice", `calendar = "c"`, "calendar = \"c\"\ncalendar = \"c\"", `p.toml:5: calendar: this isn't TOML: key calendar is already defined; a line reads like key = "text" (toml.io)`},
		{"no zone", `zone = "Europe/Berlin"`, `zone = ""`, `p.toml:7: calendars.c.zone: is missing; write zone = "Europe/Paris"`},
		{"a date with a time", "2026-01-01\n", "2026-01-01T00:00:00Z\n", `p.toml:2: effective_from: want a date such as 2026-11-27, got the date and time 2026-01-01T00:00:00Z`},
		{"lists in a list", `["50%"]`, `[["50%"]]`, `p.toml:21: targets[0].warn[0]: want a text in quotes, got a list`},
		{"the other unit", `["50%"]`, `["10 business minutes"]`, `p.toml:21: targets[0].warn[0]: "10 business minutes" counts on another clock than the target "1 hour"; write the time left in plain time
p.toml:21: targets[0].warn[0]: "10 business minutes" counts on another clock than the target "2 hours"; write the time left in plain time`},
		{"longer than the target", `["50%"]`, `["1 hour"]`, `p.toml:21: targets[0].warn[0]: warning: "1 hour" left is all of the target "1 hour" for urgent: it warns as soon as the clock starts; write less`},
		{"a word for a condition", `'kind != "task"'`, `'kind'`, `p.toml:3: covers: expected bool, but got string; a condition reads like kind == "problem" and not ("vip" in tags)`},
		{"an unknown name in a search", `'kind != "task"'`, `'has(txt, "down")'`, `p.toml:3: covers: unknown name txt (column 5 of it); a condition reads like kind == "problem" and not ("vip" in tags)`},
		{"a vendor's name twice", `["normal"]`, `["normal", "Urgent"]`, `p.toml:17: priorities[1].zendesk[1]: warning: "Urgent" is urgent's name too, and a ticket that has it counts as urgent; give each priority names of its own`},
		{"a removal of nothing", `["DE"]`, `["DE", "-2026-05-27"]`, `p.toml:9: calendars.c.holidays[1]: warning: "-2026-05-27" removes nothing: that date is no holiday; correct the date or remove the entry`},
		{"a removal", `["DE"]`, `["DE", "-2026-05-25"]`, ``},
		{"an unknown key of a version", `from = 2027-01-01`, "from = 2027-01-01\nzone = \"Europe/Paris\"", `p.toml:12: calendars.c.versions[0].zone: unknown key; known here: from, holidays, hours, special`},
		{"a tag of Vigie's", "metric = \"update\"", "metric = \"update\"\n[[mark]]\nwhen = 'true'\ntag = \"sla_update_breached\"\n[[targets]]\nmetric = \"update\"", `p.toml:18: targets[0].within: is missing; write within = { urgent = "2 business days" }
p.toml:22: mark[0].tag: "sla_update_breached" is a tag that Vigie sets by itself; write another`},
		{"a byte order mark", `name = "acme"`, "\ufeffname = \"acme\"", ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(sound, c.was, c.is, 1)
			if text == sound {
				t.Fatalf("%q isn't in the policy", c.was)
			}
			p, problems := Load("p.toml", []byte(text), nil)
			if got := problems.Error(); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			if refused := problems.Err() != nil; refused == (p != nil) {
				t.Errorf("refused %v, with a policy %v", refused, p != nil)
			}
		})
	}
}

// Whoever gives a calendar a business day of its own hears where it belongs, and
// nothing else of that key.
func TestBusinessDayIsNoCalendars(t *testing.T) {
	for _, at := range []struct {
		key, before string
		line        int
	}{
		{"calendars.c.business_day", "holidays = ", 9},
		{"calendars.c.versions[0].business_day", "[[priorities]]\nname = \"urgent\"", 12},
	} {
		text := strings.Replace(sound, at.before, "business_day = \"7 hours\"\n"+at.before, 1)
		_, problems := Load("acme.toml", []byte(text), nil)
		if len(problems) != 1 || problems[0].Key != at.key || problems[0].Line != at.line ||
			!strings.Contains(problems[0].Text, `write business_day = "8 hours" at the top of the file`) {
			t.Errorf("%s: got %v", at.key, problems)
		}
	}
	_, problems := Load("acme.toml", []byte(strings.Replace(sound, "holidays =", "holydays =", 1)), nil)
	if len(problems) != 1 || strings.Contains(problems[0].Text, "business_day") {
		t.Errorf("got %v: a calendar's keys don't have it among them", problems)
	}
}

// Lists of phrases were part of the language once: whoever still has them is told what
// has come in their place, and not of functions that he would look for in vain.
func TestListsOfPhrasesHaveASuccessor(t *testing.T) {
	old := "[phrases]\ndoor = [\"portal\", \"website\"]\n[calendars.c]"
	_, problems := Load("acme.toml", []byte(strings.Replace(sound, "[calendars.c]", old, 1)), nil)
	if len(problems) != 1 || problems[0].Key != "phrases" || problems[0].Line != 6 || !strings.Contains(problems[0].Text, `examples = ["acme.examples.jsonl"]`) {
		t.Errorf("[phrases]: got %v", problems)
	}
	for _, c := range []struct{ condition, want string }{
		{`has(text, "{door} is down")`, `names a list in { }, and there are none any more`},
		{`toJSON(tags) == ""`, "there are has, affirms, all,"},
	} {
		_, problems := Load("acme.toml", []byte(strings.Replace(sound, `kind != "task"`, c.condition, 1)), nil)
		if len(problems) != 1 || problems[0].Line != 3 || !strings.Contains(problems[0].Text, c.want) {
			t.Errorf("%s: got %v", c.condition, problems)
		}
	}
}
