package jira_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/desk"
	"vigie/connectors/jira"
	"vigie/connectors/sandbox"
	"vigie/rules"
)

// Who is who on a request: its reporter and participants are customers, until
// one of them acts as staff; the changelog's ids are names again.
func TestPeopleOfARequest(t *testing.T) {
	both(t, func(t *testing.T, d *world) {
		const colleague = "ines@globex.example"
		d.Jira().AddUser(sandbox.JiraUser{Email: colleague, Name: "Ines"}) // an account like the agents'
		key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer, Participants: []string{colleague}, RequestType: "Assistance technique"})
		d.after(t, time.Minute, d.Jira().Comment(key, colleague, "me too", true))
		d.after(t, time.Minute, d.Jira().Comment(key, agent, "we look into it", true))
		d.after(t, time.Minute, d.Jira().Assign(key, agent, agent))
		d.after(t, time.Minute, d.Jira().Assign(key, agent, ""))
		got := d.read(t, key)
		if got.Ticket == nil {
			t.Fatalf("got %+v", got)
		}
		var events []string
		for _, e := range got.Ticket.Events {
			events = append(events, fmt.Sprint(e.Type, " by ", e.By, " to ", e.To))
		}
		if diff := cmp.Diff([]string{"reply by customer to ", "reply by agent to ", "assignee by agent to " + agent, "assignee by agent to "}, events); diff != "" {
			t.Error(diff)
		}
		d.after(t, time.Minute, d.Jira().Comment(key, colleague, "to ourselves", false))
		if got := d.read(t, key).Ticket.Events[0].By; got != "agent" {
			t.Errorf("one who writes to the team only is staff: got %s", got)
		}
	})
}

// A due date is written and cleared in the form that each field has, and what is
// read back is what was written.
func TestDueFieldsOfEachForm(t *testing.T) {
	for name, o := range map[string]sandbox.JiraOptions{"Cloud": {}, "Data Center": {DataCenter: true}} {
		t.Run(name, func(t *testing.T) {
			d := newDeskOf(t, o, func(c *jira.Config) {
				c.DueFields = []rules.DueField{{ID: due}, {ID: "customfield_10053"}, {ID: "customfield_10054"}, {ID: "duedate"}}
			})
			key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
			d.after(t, time.Minute, d.Check(t.Context()))
			at := time.Date(2026, 11, 27, 23, 30, 0, 0, time.FixedZone("", 3600)) // a Friday
			set, clear, seen := map[string]string{}, map[string]string{}, map[string]string{}
			for _, f := range d.DueFields() {
				set[f.ID], clear[f.ID] = f.Form.Text(at), ""
			}
			want := map[string]string{due: "2026-11-27T22:30:00Z", "customfield_10053": "2026-11-27", "customfield_10054": "2026-11-27T22:30:00Z", "duedate": "2026-11-27"}
			if diff := cmp.Diff(want, set); diff != "" {
				t.Fatal(diff)
			}
			for _, fields := range []map[string]string{set, clear} {
				errs, err := d.Write(t.Context(), []desk.Edit{{ID: key, Fields: fields}})
				d.after(t, time.Minute, errors.Join(append(errs, err)...))
				ticket := d.read(t, key).Ticket
				for id := range fields {
					seen[id] = ticket.Fields[id]
				}
				for _, e := range ticket.Events {
					seen[e.Name] = e.To
				}
				if diff := cmp.Diff(fields, seen); diff != "" {
					t.Errorf("read back: %s", diff)
				}
			}
		})
	}
}
