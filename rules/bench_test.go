package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"
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
func benchTicket(n int) (*Ticket, time.Time) {
	created := time.Date(2026, 11, 2, 8, 17, 0, 0, time.UTC)
	t := &Ticket{Source: "zendesk", ID: "42", Kind: "problem", Status: New, Text: "Our portal shows an empty page since this morning.", CreatedAt: created}
	at := created
	for i := range n {
		at = at.Add(83 * time.Minute)
		e := Event{At: at, By: ByAgent}
		switch i % 5 {
		case 0:
			e.Type, e.To = StatusEvent, string(Open)
		case 1:
			e.Type, e.Public = ReplyEvent, true
		case 2:
			e.Type, e.To = StatusEvent, string(WaitingCustomer)
		case 3:
			e.Type, e.Public, e.By = ReplyEvent, true, ByCustomer
		case 4:
			e.Type, e.To = PriorityEvent, []string{"urgent", "normal"}[i/5%2]
		}
		t.Events = append(t.Events, e)
	}
	return t, at.Add(time.Hour)
}

func BenchmarkEvaluate(b *testing.B) {
	p, problems := LoadPolicy("bench.toml", []byte(benchPolicy), nil)
	if err := problems.Err(); err != nil {
		b.Fatal(err)
	}
	policies := []*Policy{p}
	for _, n := range []int{0, 20, 200} {
		t, now := benchTicket(n)
		b.Run(fmt.Sprintf("events=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if v, err := Evaluate(policies, t, now); err != nil || len(v.Clocks) != 2 {
					b.Fatal(err, v)
				}
			}
		})
	}
}

// BenchmarkLoadPolicy reads a large company's file: 300 rows of targets, 50
// calendars.
func BenchmarkLoadPolicy(b *testing.B) {
	text := []byte(largePolicy(300, 50))
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := LoadPolicy("large.toml", text, nil); problems.Err() != nil {
			b.Fatal(problems)
		}
	}
}

func largePolicy(rows, calendars int) string {
	var b strings.Builder
	before, after, _ := strings.Cut(benchPolicy, "[[priorities]]")
	b.WriteString(before)
	for i := range calendars {
		fmt.Fprintf(&b, "[calendars.team%d]\nzone = \"Europe/Paris\"\nhours = { mon-fri = [\"09:00-12:00\", \"13:00-17:00\"], sat = [\"22:00-06:00\"] }\nholidays = [\"DE\", \"2026-11-30\"]\n", i)
	}
	b.WriteString("[teams]\n")
	for i := range calendars {
		fmt.Fprintf(&b, "\"Team %d\" = \"team%d\"\n", i, i)
	}
	b.WriteString("[[priorities]]" + after)
	for i := range rows {
		fmt.Fprintf(&b, "[[targets]]\nmetric = \"resolution\"\nwhen = 'organization == \"Customer %d\" and not (\"vip\" in tags)'\nwithin = { urgent = \"%d business hours\", normal = \"%d business days\" }\nwarn = [\"50%%\"]\nclause = \"C-%d\"\n", i, i+1, i+1, i)
	}
	return b.String()
}
