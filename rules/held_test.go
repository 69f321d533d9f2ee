package rules_test

import (
	"testing"
	"time"

	"vigie/rules"
)

// Who holds a ticket is who has taken it, else whom it is assigned to.
func TestHeldBy(t *testing.T) {
	at := func(clock string) time.Time {
		v, err := time.Parse("2006-01-02 15:04", "2026-11-30 "+clock)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	nadia := rules.Person{ID: "U1", Name: "Nadia", Email: "nadia@acme.example"}
	taken := func(clock string, released bool) *rules.Handling {
		return &rules.Handling{Taken: &rules.Taken{By: nadia, At: at(clock), Assignee: nadia.Email, Released: released}}
	}
	assigned := func(clock, to, by string) rules.Event {
		return rules.Event{At: at(clock), Type: rules.AssigneeEvent, To: to, By: by}
	}
	for name, c := range map[string]struct {
		ticket rules.Ticket
		who    string
		since  string
	}{
		"nobody":                     {rules.Ticket{}, "", ""},
		"assigned when created":      {rules.Ticket{Assignee: "omar"}, "omar", "09:00"},
		"assigned later":             {rules.Ticket{Events: []rules.Event{assigned("10:00", "omar", "lea")}}, "omar", "10:00"},
		"assigned to the same":       {rules.Ticket{Assignee: "omar", Events: []rules.Event{assigned("10:00", "omar", "lea")}}, "omar", "09:00"},
		"unassigned":                 {rules.Ticket{Assignee: "omar", Events: []rules.Event{assigned("10:00", "", "lea")}}, "", ""},
		"taken":                      {rules.Ticket{Assignee: "omar", Handling: taken("11:00", false)}, "nadia@acme.example", "11:00"},
		"taken, and assigned by us":  {rules.Ticket{Handling: taken("11:00", false), Events: []rules.Event{assigned("11:01", nadia.Email, rules.ByVigie)}}, "nadia@acme.example", "11:00"},
		"given back, still assigned": {rules.Ticket{Handling: taken("11:00", true), Events: []rules.Event{assigned("10:30", nadia.Email, rules.ByVigie)}}, "", ""},
		"given back by another way":  {rules.Ticket{Assignee: "omar", Handling: taken("11:00", true)}, "omar", "09:00"},
		"assigned on since":          {rules.Ticket{Handling: taken("11:00", false), Events: []rules.Event{assigned("12:00", "omar", "lea")}}, "omar", "12:00"},
	} {
		c.ticket.CreatedAt = at("09:00")
		who, since, held := c.ticket.HeldBy()
		got := ""
		if held {
			got = since.Format("15:04")
		}
		if who.Address() != c.who || got != c.since {
			t.Errorf("%s: got %q since %s", name, who.Address(), got)
		}
	}
}
