package rules_test

import (
	"fmt"
	"testing"
	"time"

	"vigie/rules"
	"vigie/rules/policyfile"
)

// benchPolicy makes two promises, as MoveON does: an update and a resolution,
// both paused while waiting for the customer.
const benchPolicy = `
name = "bench"
effective_from = 2026-01-01
calendar = "paris"
default_priority = "normal"
[calendars.paris]
zone = "Europe/Paris"
hours = { mon-fri = ["09:00-17:00"] }
holidays = ["FR"]
[[priorities]]
name = "urgent"
when = 'has(text, "down")'
[[priorities]]
name = "normal"
[[targets]]
metric = "update"
within = { urgent = "1 business hour", normal = "10 business days" }
pause = ["waiting_customer"]
pause_after_reply = true
warn = ["50%", "80%"]
[[targets]]
metric = "resolution"
within = { urgent = "2 business days", normal = "30 business days" }
pause = ["waiting_customer"]
pause_after_reply = true
until = '"workaround" in tags'
warn = ["50%", "80%"]
`

// benchTicket has a life of n events: replies, waits, tags, a handover.
func benchTicket(n int) (*rules.Ticket, time.Time) {
	created := time.Date(2026, 11, 2, 8, 17, 0, 0, time.UTC)
	t := &rules.Ticket{Source: "zendesk", ID: "42", Kind: "problem", Status: rules.New, Text: "Our portal shows an empty page since this morning.", CreatedAt: created}
	at := created
	for i := range n {
		at = at.Add(83 * time.Minute)
		e := rules.Event{At: at, By: rules.ByAgent}
		switch i % 5 {
		case 0:
			e.Type, e.To = rules.StatusEvent, string(rules.Open)
		case 1:
			e.Type, e.Public = rules.ReplyEvent, true
		case 2:
			e.Type, e.To = rules.StatusEvent, string(rules.WaitingCustomer)
		case 3:
			e.Type, e.Public, e.By = rules.ReplyEvent, true, rules.ByCustomer
		case 4:
			e.Type, e.To = rules.PriorityEvent, []string{"urgent", "normal"}[i/5%2]
		}
		t.Events = append(t.Events, e)
	}
	return t, at.Add(time.Hour)
}

func BenchmarkEvaluate(b *testing.B) {
	p, problems := policyfile.Load("bench.toml", []byte(benchPolicy), nil)
	if err := problems.Err(); err != nil {
		b.Fatal(err)
	}
	policies := []*rules.Policy{p}
	for _, n := range []int{0, 20, 200} {
		t, now := benchTicket(n)
		b.Run(fmt.Sprintf("events=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if v, err := rules.Evaluate(policies, t, now); err != nil || len(v.Clocks) != 2 {
					b.Fatal(err, v)
				}
			}
		})
	}
}
