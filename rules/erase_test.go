package rules_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/rules"
	"vigie/rules/policyfile"
	"vigie/rules/report"
)

// erasable reads texts in every way in which a condition can.
const erasable = `
name             = "erasable"
effective_from   = 2026-01-01
calendar         = "office"
default_priority = "normal"
covers           = 'not (recipient == "jobs@acme.example")'
reopen_grace     = "1 business hour"
[calendars.office]
zone  = "Europe/Berlin"
hours = { mon-fri = ["09:00-17:00"] }
[[priorities]]
name = "urgent"
when = 'affirms(text, "down") or requester == "nadia@acme.example" or assignee == "lena@support.example"'
[[priorities]]
name = "normal"
[[targets]]
metric = "first_reply"
within = { urgent = "1 business hour", normal = "4 business hours" }
clause = "E-1"
[[targets]]
metric = "resolution"
when   = 'said contains "please"'
within = { urgent = "8 business hours", normal = "16 business hours" }
until  = 'has(said, "workaround") and status == "open"'
clause = "E-2"
[[targets]]
metric = "resolution"
within = { urgent = "4 business hours", normal = "8 business hours" }
clause = "E-3"
[[exclude]]
when   = 'fields["about"] == "Nadia Ben Ali" or subject startsWith "Invoice"'
tag    = "sla_exempt"
reason = { en = "outside", fr = "dehors" }
clause = "E-4"
[[mark]]
when   = 'priority == "urgent" and unanswered contains "?"'
tag    = "asks"
note   = { en = "He asks.", fr = "Il demande." }
clause = "E-5"
`

// secrets are what may be in nothing that is left of a ticket.
var secrets = []string{"down", "please", "workaround", "Nadia", "nadia@", "Invoice", "jobs@", "phone 0611", "lena@"}

// anyTicket is one of those that people might write, under a seed.
func anyTicket(seed uint64) *rules.Ticket {
	r := rand.New(rand.NewPCG(seed, 12))
	one := func(of ...string) string { return of[r.IntN(len(of))] }
	text := func() string {
		return one("The portal is down.", "Nothing is down.", "How are you?", "phone 0611") + " " + one("Could you please look?", "please", "We have a workaround.", "")
	}
	created := time.Date(2026, 11, 23+r.IntN(5), 8+r.IntN(8), r.IntN(60), 0, 0, time.UTC)
	t := &rules.Ticket{Source: "zendesk", ID: fmt.Sprint(seed), Kind: one("problem", "question"), Status: rules.New, Subject: one("Invoice 7", "Portal"),
		Text: text(), Requester: one("nadia@acme.example", "omar@acme.example"), Recipient: one("jobs@acme.example", "help@acme.example"),
		Organization: "Acme", Group: "Support", Fields: rules.Fields{"about": one("Nadia Ben Ali", "nobody")}, CreatedAt: created}
	for at := created; r.IntN(8) > 0; {
		at = at.Add(time.Duration(r.IntN(3)*r.IntN(400)) * time.Minute)
		e := rules.Event{At: at, By: one(rules.ByAgent, rules.ByCustomer, rules.ByAutomation)}
		switch r.IntN(6) {
		case 0, 1:
			e.Type, e.Public = rules.ReplyEvent, r.IntN(4) > 0
			if e.By == rules.ByCustomer && e.Public {
				e.Text = text()
			}
		case 2:
			e.Type, e.To = rules.StatusEvent, one("open", "solved", "waiting_customer")
		case 3:
			e.Type, e.Name, e.To = rules.FieldEvent, "about", one("Nadia Ben Ali", "nobody")
		case 4:
			e.Type, e.To = rules.PriorityEvent, one("urgent", "normal", "")
		case 5:
			e.Type, e.To = rules.AssigneeEvent, one("lena@support.example", "omar@support.example", "")
		}
		t.Events = append(t.Events, e)
	}
	return t
}

// verdicts are what is said of a ticket at every instant around what happened to it
// up to one, as JSON.
func verdictsUpTo(t *testing.T, policies []*rules.Policy, ticket *rules.Ticket, end time.Time) (list []string) {
	t.Helper()
	instants := []time.Time{ticket.CreatedAt, end}
	for _, e := range ticket.Events {
		instants = append(instants, e.At.Add(-time.Second), e.At, e.At.Add(time.Second), e.At.Add(59*time.Minute), e.At.Add(3*time.Hour))
	}
	for _, now := range instants {
		if now.After(end) {
			continue
		}
		v, err := rules.Evaluate(policies, ticket, now)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := json.Marshal(v)
		list = append(list, now.Format(time.RFC3339)+" "+string(text))
	}
	return list
}

// What was said of a ticket at any instant is said of it when its texts are gone,
// and nothing of them is left in it; so a report is the same, now and later.
func TestErasingChangesNoFigure(t *testing.T) {
	erasable, problems := policyfile.Load("erasable.toml", []byte(erasable), nil)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	for name, policies := range map[string][]*rules.Policy{"erasable": {erasable}, "moveon": {policy(t, "moveon")}, "both": {policy(t, "meteorage"), erasable}} {
		end := time.Date(2026, 12, 11, 12, 0, 0, 0, time.UTC)
		from, to := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
		before, after := report.New(from, to, end), report.New(from, to, end)
		differ := 0
		for seed := range uint64(200) {
			ticket := anyTicket(seed)
			bare := ticket.Erase(policies, rules.ErasedAsked, end)
			bare = bare.Erase(policies, rules.ErasedGone, end.Add(time.Hour)) // twice is once
			if d := cmp.Diff(verdictsUpTo(t, policies, ticket, end.Add(100*time.Hour)), verdictsUpTo(t, policies, bare, end.Add(100*time.Hour))); d != "" {
				t.Fatalf("%s, ticket %d (-before +after):\n%s", name, seed, d)
			}
			left, _ := json.Marshal(bare)
			for _, word := range secrets {
				if strings.Contains(string(left), word) {
					t.Fatalf("%q is left in %s", word, left)
				}
			}
			mute := *bare
			mute.Erased = nil
			if cmp.Diff(verdictsUpTo(t, policies, ticket, end), verdictsUpTo(t, policies, &mute, end)) != "" {
				differ++
			}
			before.Add(policies, ticket)
			after.Add(policies, bare)
		}
		if differ == 0 {
			t.Errorf("%s: the texts decided nothing, so this shows nothing", name)
		}
		before.Sum()
		after.Sum()
		for _, r := range []*report.Report{before, after} {
			for i := range r.Breaches {
				r.Breaches[i].Subject = ""
			}
			for i := range r.Flagged {
				r.Flagged[i].Subject = ""
			}
		}
		one, _ := json.Marshal(before)
		other, _ := json.Marshal(after)
		if d := cmp.Diff(string(one), string(other)); d != "" {
			t.Errorf("%s: the report (-before +after):\n%s", name, d)
		}
	}
}

// A ticket in which words were blacked out goes on as it was judged, whatever is
// written in it later; what is written later counts by its own words.
func TestRedactedTicketSucceeds(t *testing.T) {
	p, problems := policyfile.Load("erasable.toml", []byte(erasable), nil)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	policies := []*rules.Policy{p}
	monday := time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)
	was := &rules.Ticket{Source: "zendesk", ID: "1", Kind: "problem", Subject: "Portal", Text: "The portal is down.", CreatedAt: monday}
	says := func(ticket *rules.Ticket, now time.Time) string {
		return judge(t, p, *ticket, now).Priority
	}
	now := *was
	now.Text = "The portal is ▇▇▇▇."
	now.Succeed(was, true, policies, monday.Add(time.Hour))
	reply := rules.Event{At: monday.Add(2 * time.Hour), Type: rules.ReplyEvent, By: rules.ByCustomer, Public: true, Text: "Well?"}
	later := now
	later.Erased, later.Events = nil, []rules.Event{reply}
	later.Succeed(&now, true, policies, monday.Add(3*time.Hour))
	for name, c := range map[string]struct {
		ticket *rules.Ticket
		hours  int
		want   string
	}{
		"before":                            {was, 1, "urgent"},
		"after":                             {&now, 1, "urgent"},
		"after, looking back":               {&now, 0, "urgent"},
		"after somebody has written":        {&later, 4, "urgent"},
		"a new ticket with the same blanks": {&rules.Ticket{Source: "zendesk", ID: "2", Kind: "problem", Text: now.Text, CreatedAt: monday}, 1, "normal"},
	} {
		if got := says(c.ticket, monday.Add(time.Duration(c.hours)*time.Hour)); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
	if unsaid := *was; true {
		unsaid.Text = "Another release reads mails better."
		unsaid.Succeed(was, false, policies, monday.Add(time.Hour))
		if got := says(&unsaid, monday.Add(2*time.Hour)); got != "normal" {
			t.Errorf("a ticket that is only read otherwise: got %s, want it judged as it is read", got)
		}
	}
	added := *was
	added.Events = []rules.Event{reply}
	added.Succeed(was, true, policies, monday.Add(3*time.Hour))
	if added.Erased != nil {
		t.Error("a reply that was added counts as a redaction")
	}
}
