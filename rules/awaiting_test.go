package rules_test

import (
	"testing"

	"vigie/rules"
)

// The customer awaits an answer from his first message or a later one until a public
// answer; what he writes once the ticket is solved awaits one only if that reopens it.
func TestAwaitingReply(t *testing.T) {
	customer := func(at, text string) rules.Event {
		return rules.Event{At: when(t, at), Type: rules.ReplyEvent, By: rules.ByCustomer, Public: true, Text: text}
	}
	for _, c := range []struct {
		name, openedBy, grace string
		events                []rules.Event
		now, want             string // "" = awaits none; else what is unanswered
	}{
		{name: "the first message counts", now: "Mon 9:00", want: "down"},
		{name: "an answer", events: []rules.Event{event(t, "Mon 10:00 reply")}, now: "Mon 10:00"},
		{name: "a note and a robot answer nothing", events: []rules.Event{event(t, "Mon 10:00 note"), event(t, "Mon 10:10 robot")}, now: "Mon 11:00", want: "down"},
		{name: "a later message", events: []rules.Event{event(t, "Mon 10:00 reply"), customer("Mon 10:30", "and now?")}, now: "Mon 10:30", want: "and now?"},
		{name: "two of them", events: []rules.Event{event(t, "Mon 10:00 reply"), customer("Mon 10:30", "and now?"), customer("Mon 10:40", "hello?")}, now: "Mon 11:00", want: "and now?\nhello?"},
		{name: "in one instant his is the later one", events: []rules.Event{customer("Mon 10:00", "and now?"), event(t, "Mon 10:00 reply")}, now: "Mon 10:00", want: "and now?"},
		{name: "an answer after it", events: []rules.Event{event(t, "Mon 10:00 reply"), customer("Mon 10:30", "and now?"), event(t, "Mon 10:31 reply")}, now: "Mon 10:31"},
		{name: "an agent opened it", openedBy: rules.ByAgent, now: "Mon 9:00"},
		{name: "an automation opened it", openedBy: rules.ByAutomation, now: "Mon 9:00"},
		{name: "an agent opened it, and the customer answers", openedBy: rules.ByAgent, events: []rules.Event{customer("Mon 10:00", "yes")}, now: "Mon 10:00", want: "yes"},
		{name: "once solved, nothing new awaits", events: []rules.Event{event(t, "Mon 10:00 reply"), event(t, "Mon 10:10 status solved"), customer("Mon 10:30", "and now?")}, now: "Mon 11:00"},
		{name: "unless it reopens the ticket", events: []rules.Event{event(t, "Mon 10:00 reply"), event(t, "Mon 10:10 status solved"), customer("Mon 10:30", "and now?"), event(t, "Mon 10:30 status open")}, now: "Mon 10:30", want: "and now?"},
		{name: "or somebody reopens it for that", events: []rules.Event{event(t, "Mon 10:00 reply"), event(t, "Mon 10:10 status solved"), customer("Mon 10:30", "and now?"), event(t, "Mon 10:40 status open")}, now: "Mon 10:40", want: "and now?"},
		{name: "not within reopen_grace", grace: `reopen_grace = "30 business minutes"`, events: []rules.Event{event(t, "Mon 10:00 reply"), event(t, "Mon 10:10 status solved"), customer("Mon 10:30", "thanks"), event(t, "Mon 10:30 status open")}, now: "Mon 10:59"},
		{name: "nor after a reopening that was none", grace: `reopen_grace = "30 business minutes"`, events: []rules.Event{event(t, "Mon 10:00 reply"), event(t, "Mon 10:10 status solved"), customer("Mon 10:30", "thanks"), event(t, "Mon 10:30 status open"), event(t, "Mon 10:50 status solved by automation")}, now: "Mon 12:00"},
		{name: "but after it", grace: `reopen_grace = "30 business minutes"`, events: []rules.Event{event(t, "Mon 10:00 reply"), event(t, "Mon 10:10 status solved"), customer("Mon 10:30", "and now?"), event(t, "Mon 10:30 status open")}, now: "Mon 11:00", want: "and now?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := officeFrom(t, c.grace, row("resolution", "2 business hours")+"[[mark]]\nwhen = 'awaiting_reply'\ntag = \"awaits\"\n[[mark]]\nwhen = 'unanswered == fields[\"want\"]'\ntag = \"these\"\n")
			ticket := rules.Ticket{Source: "zendesk", ID: "42", Kind: "bug", Text: "down", OpenedBy: c.openedBy, CreatedAt: when(t, "Mon 9:00"), Events: c.events, Fields: rules.Fields{"want": c.want}}
			v, err := rules.Evaluate([]*rules.Policy{p}, &ticket, when(t, c.now))
			if err != nil || v.Error != "" {
				t.Fatal(err, v.Error)
			}
			holds := map[string]bool{}
			for _, m := range v.Marks {
				holds[m.Tag] = true
			}
			if holds["awaits"] != (c.want != "") || !holds["these"] {
				t.Errorf("marks %v, want awaiting %v with %q", v.Marks, c.want != "", c.want)
			}
		})
	}
}

// Closing what is solved is nobody's solving.
func TestWhoSolvedIt(t *testing.T) {
	p := officeFrom(t, "", row("resolution", "2 business hours")+"[[mark]]\nwhen = 'status_by == \"customer\"'\ntag = \"his\"\n")
	for _, c := range []struct {
		events []rules.Event
		want   int
	}{
		{[]rules.Event{event(t, "Mon 10:00 status solved by customer")}, 1},
		{[]rules.Event{event(t, "Mon 10:00 status solved by customer"), event(t, "Mon 11:00 status closed by automation")}, 1},
		{[]rules.Event{event(t, "Mon 10:00 status solved by agent"), event(t, "Mon 11:00 status closed by customer")}, 0},
		{[]rules.Event{event(t, "Mon 10:00 status solved by agent"), event(t, "Mon 11:00 status open by customer")}, 1},
	} {
		ticket := rules.Ticket{Source: "zendesk", ID: "42", CreatedAt: when(t, "Mon 9:00"), Events: c.events}
		v, err := rules.Evaluate([]*rules.Policy{p}, &ticket, when(t, "Mon 12:00"))
		if err != nil || len(v.Marks) != c.want {
			t.Errorf("%v: marks %v, %v", c.events, v.Marks, err)
		}
	}
}

// A mark that is told calls once, from when it began to hold, and its message says when
// it no longer does. Its word to the customer is in his language.
func TestToldMark(t *testing.T) {
	p := officeFrom(t, `reopen_grace = "30 business minutes"`, row("resolution", "8 business hours")+`
[[mark]]
when    = 'status == "solved"'
tag     = "over"
tell    = true
note    = { fr = "Fini.", en = "Over." }
propose = { fr = "Bonne journée.", en = "Have a good day." }
clause  = "T-1"
`)
	ticket := rules.Ticket{Source: "zendesk", ID: "42", Language: "fr", CreatedAt: when(t, "Mon 9:00"), Events: []rules.Event{
		event(t, "Mon 10:00 status solved by agent"), event(t, "Mon 10:10 tag +a by Nadia"), event(t, "Mon 10:20 status open by customer"),
	}}
	policies := []*rules.Policy{p}
	v, err := rules.Evaluate(policies, &ticket, when(t, "Mon 10:30")) // within the grace
	if err != nil || len(v.Marks) != 1 {
		t.Fatal(v.Marks, err)
	}
	m := v.Marks[0]
	if said(*m.Since) != "Mon 10:00" || m.Proposed != "Bonne journée." {
		t.Errorf("the mark holds since %s and proposes %q", said(*m.Since), m.Proposed)
	}
	alarms, err := rules.Alarms(policies, &ticket, when(t, "Mon 12:00"))
	if err != nil {
		t.Fatal(err)
	}
	if len(alarms) != 1 || alarms[0].Kind != rules.Flagged || alarms[0].Key != "flag/zendesk:42/over" || alarms[0].Mark != "over" || alarms[0].Clause != "T-1" || said(alarms[0].Since) != "Mon 10:00" {
		t.Fatalf("alarms %+v", alarms)
	}
	topic := alarms[0].Topic()
	if a := v.Latest(&ticket, topic, 0, when(t, "Mon 10:30")); a.Kind != rules.Flagged || a.Note.EN != "Over." {
		t.Errorf("within the grace its message says %+v", a)
	}
	if v, err = rules.Evaluate(policies, &ticket, when(t, "Mon 11:00")); err != nil {
		t.Fatal(err)
	}
	if a := v.Latest(&ticket, topic, 0, when(t, "Mon 11:00")); a.Kind != rules.Unflagged || a.Mark != "over" || a.Topic() != topic {
		t.Errorf("afterwards its message says %+v", a)
	}
}
