package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/rules"
)

// alarmsOffice warns at three thresholds, asks for a priority, forgives
// reopenings.
func alarmsOffice(t *testing.T) *rules.Policy {
	return officeFrom(t, "triage = \"30 business minutes\"\nreopen_grace = \"30 business minutes\"", `
[[targets]]
metric = "update"
within = { urgent = "1 business hour", normal = "4 business hours" }
warn   = { urgent = ["50%", "15 business minutes"], normal = ["50%"] }
pause  = ["waiting_customer"]
[[targets]]
metric = "resolution"
within = { urgent = "1 business day", normal = "2 business days" }
warn   = ["75%"]
[[exclude]]
when = 'kind == "wish"'
tag  = "wish"
`)
}

func TestAlarms(t *testing.T) {
	p := alarmsOffice(t)
	for _, c := range []struct {
		name, priority string
		events         []string
		until          string
		want           []string
	}{
		{"nothing happens", "urgent", nil, "Tue 09:00:01", []string{
			"Mon 09:30 warning update/1 50%", "Mon 09:45 warning update/1 15 business minutes", "Mon 10:00:01 breached update/1",
			"Mon 15:00 warning resolution/1 75%", "Mon 17:00:01 breached resolution/1"}},
		{"up to the very instant", "urgent", nil, "Mon 09:30", []string{"Mon 09:30 warning update/1 50%"}},
		{"and not before it", "urgent", nil, "Mon 09:29:59", nil},
		{"before it is created", "urgent", nil, "Mon 08:00", nil},
		{"solved in time", "urgent", []string{"Mon 09:20 reply", "Mon 09:40 status solved by agent"}, "next Mon 09:00", nil},
		{"a pause moves the warning", "urgent", []string{"Mon 09:20 status waiting_customer", "Mon 11:00 status open"}, "Mon 11:10", []string{"Mon 11:10 warning update/1 50%"}},
		{"a threshold that passes again says nothing twice", "urgent", []string{"Mon 09:35 status waiting_customer", "Mon 11:00 status open"}, "Mon 11:05", []string{"Mon 09:30 warning update/1 50%"}},
		{"each cycle warns anew", "urgent", []string{"Mon 09:40 reply"}, "Mon 10:10", []string{"Mon 09:30 warning update/1 50%", "Mon 10:10 warning update/2 50%"}},
		{"of the thresholds that a change has passed at once the last one calls", "normal", []string{"Mon 09:50 priority urgent"}, "Mon 09:50", []string{"Mon 09:50 warning update/1 15 business minutes"}},
		{"late at once by a change, and it says so", "normal", []string{"Mon 10:30 priority urgent"}, "Mon 10:30", []string{"Mon 10:30 breached update/1 priority"}},
		{"a priority set by mistake and put right doesn't use up the call of the real breach", "normal", []string{"Mon 10:30 priority urgent", "Mon 10:35 priority normal"}, "Mon 13:00:01", []string{
			"Mon 10:30 breached update/1 priority", "Mon 11:00 warning update/1 50%", "Mon 13:00:01 breached update/1"}},
		{"a mistake that outlasts the right target: that one was really missed", "normal", []string{"Mon 10:30 priority urgent", "Mon 14:00 priority normal"}, "Mon 15:00", []string{
			"Mon 10:30 breached update/1 priority", "Mon 14:00 breached update/1"}},
		{"a second mistake on top of the first calls nobody", "normal", []string{"Mon 10:30 priority urgent", "Mon 10:40 group night", "Mon 10:50 kind bug"}, "Mon 11:00", []string{
			"Mon 10:30 breached update/1 priority"}},
		{"a later target's warnings come", "urgent", []string{"Mon 09:50 priority normal"}, "Mon 12:00", []string{
			"Mon 09:30 warning update/1 50%", "Mon 09:45 warning update/1 15 business minutes", "Mon 11:00 warning update/1 50%"}},
		{"outside the SLA for a while: late again is told again", "urgent", []string{"Mon 10:30 kind wish", "Mon 12:00 kind question"}, "Mon 12:30", []string{
			"Mon 09:30 warning update/1 50%", "Mon 09:45 warning update/1 15 business minutes", "Mon 10:00:01 breached update/1", "Mon 12:00 breached update/1 kind"}},
		{"a second change while late by the first is no new breach", "normal", []string{"Mon 10:30 priority urgent", "Mon 10:40 tag +x"}, "Mon 11:00", []string{"Mon 10:30 breached update/1 priority"}},
		{"a pause while late says nothing twice", "urgent", []string{"Mon 10:30 status waiting_customer", "Mon 12:00 status open"}, "Mon 12:30", []string{
			"Mon 09:30 warning update/1 50%", "Mon 09:45 warning update/1 15 business minutes", "Mon 10:00:01 breached update/1"}},
		{"no priority", "", nil, "Mon 10:00", []string{"Mon 09:30 triage"}},
		{"a wish calls nobody", "urgent", []string{"Mon 09:10 kind wish"}, "next Mon 09:00", nil},
		{"two things at one instant", "", []string{"Mon 09:30 kind bug"}, "Mon 09:30", []string{"Mon 09:30 triage"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ticket := rules.Ticket{Source: "x", ID: "1", Kind: "question", Priority: c.priority, CreatedAt: when(t, "Mon 09:00")}
			for _, e := range c.events {
				ticket.Events = append(ticket.Events, event(t, e))
			}
			alarms, err := rules.Alarms([]*rules.Policy{p}, &ticket, when(t, c.until))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range alarms {
				text := fmt.Sprintf("%s %s", said(a.At), a.Kind)
				if a.Metric != "" {
					text += fmt.Sprintf(" %s/%d %s%s", a.Metric, a.Cycle, a.Threshold, a.Reason)
				}
				got = append(got, strings.TrimSpace(text))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Alarms sees what a program sees that asks every twenty seconds, and that counts
// the episodes each time from the history alone.
func TestAlarmsMissNothing(t *testing.T) {
	p := []*rules.Policy{alarmsOffice(t)}
	for i, events := range [][]string{
		{"Mon 09:20 status waiting_customer", "Mon 11:00 status open", "Mon 11:40 reply", "Mon 12:00 status solved by agent", "Mon 16:50 status open", "Tue 09:10 status solved", "Tue 11:00 status open"},
		{"Mon 09:40 priority normal", "Mon 11:30 kind wish", "Mon 15:00 kind question", "Mon 15:30 priority urgent", "Tue 09:40 reply"},
		{"Mon 10:10 status deleted", "Mon 12:00 status open", "Mon 16:59:59 reply", "Tue 09:00 priority low"},
	} {
		ticket := rules.Ticket{Source: "x", ID: "1", Kind: "question", Priority: "urgent", CreatedAt: when(t, "Mon 09:00")}
		for _, e := range events {
			ticket.Events = append(ticket.Events, event(t, e))
		}
		until := when(t, "Tue 12:00")
		alarms, err := rules.Alarms(p, &ticket, until)
		if err != nil {
			t.Fatal(err)
		}
		var got, want []string
		for _, a := range alarms {
			got = append(got, a.Key)
		}
		for now := ticket.CreatedAt; !now.After(until); now = now.Add(20 * time.Second) {
			v, err := rules.Evaluate(p, &ticket, now)
			if err != nil {
				t.Fatal(err)
			}
			alerts := v.Alerts(&ticket, now)
			episodes, err := rules.History(p, &ticket, &v, alerts, now)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range alerts {
				if a = episodes.Name(a); a.Kind.Alarm() && !slices.Contains(want, a.Key) {
					want = append(want, a.Key)
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
			t.Errorf("%d (-want +got):\n%s", i, diff)
		}
	}
}

// A ticket that leaves the SLA and comes back a thousand times is looked back on as
// far as is worth the time; who has watched it all along goes on counting.
func TestHistoryIsBounded(t *testing.T) {
	p := []*rules.Policy{alarmsOffice(t)}
	ticket := rules.Ticket{Source: "x", ID: "1", Kind: "question", Priority: "urgent", CreatedAt: when(t, "Mon 09:00")}
	for at, n := when(t, "Mon 10:30"), 0; n < 1000; at, n = at.Add(10*time.Second), n+1 {
		ticket.Events = append(ticket.Events,
			rules.Event{At: at, Type: rules.KindEvent, To: "wish"}, rules.Event{At: at.Add(5 * time.Second), Type: rules.KindEvent, To: "question"})
	}
	now := when(t, "Mon 15:00")
	v, err := rules.Evaluate(p, &ticket, now)
	if err != nil {
		t.Fatal(err)
	}
	alerts := v.Alerts(&ticket, now)
	history, err := rules.History(p, &ticket, &v, alerts, now)
	if err != nil {
		t.Fatal(err)
	}
	const key = "breach/x:1/update/1"
	if n := history[key].N; n < 20 || n > 50 {
		t.Errorf("%d episodes were counted", n)
	}
	watched := rules.Episodes{key: {N: 1000, Metric: rules.Update, Cycle: 1}}
	watched.See(&v, &ticket, alerts)
	watched.Catch(history)
	if n := watched[key].N; n != 1000 {
		t.Errorf("who has watched counts %d", n)
	}
}
