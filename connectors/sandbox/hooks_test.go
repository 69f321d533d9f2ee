package sandbox_test

import (
	"fmt"
	"strings"
	"testing"

	"vigie/connectors/sandbox"
)

// told flushes the webhooks and gives the bodies that a receiver has got since.
func told(t *testing.T, s *sandbox.Sandbox, r *receiver) []string {
	t.Helper()
	r.bodies = nil
	if _, err := s.FlushWebhooks(t.Context(), sandbox.WebhookPlan{}); err != nil {
		t.Fatal(err)
	}
	bodies := []string{}
	for _, b := range r.bodies {
		bodies = append(bodies, string(b))
	}
	return bodies
}

// Zendesk calls every active webhook, each for the events that it subscribes to,
// until it is deleted.
func TestZendeskCallsEveryWebhook(t *testing.T) {
	d, z, id := opened(t)
	set, all, status := newReceiver(t), newReceiver(t), newReceiver(t)
	d.SetWebhook("zendesk", set.url)
	register := func(r *receiver, events string) string {
		t.Helper()
		made := d.ok("POST", "webhooks", `{"webhook":{"name":"V","endpoint":"`+r.url+`","http_method":"POST","request_format":"json","status":"active","subscriptions":[`+events+`]}}`)
		return made.at("webhook", "id").(string)
	}
	register(all, `"zen:event-type:ticket.status_changed","zen:event-type:ticket.priority_changed","zen:event-type:messaging_ticket.message_added"`)
	hook := register(status, `"zen:event-type:ticket.status_changed"`)
	count := func(what string, change func() error, wants ...int) {
		t.Helper()
		if err := change(); err != nil {
			t.Fatal(err)
		}
		got := []int{len(told(t, d.Sandbox, set)), len(all.bodies), len(status.bodies)}
		all.bodies, status.bodies = nil, nil
		want(t, what, got, wants)
	}
	count("a priority", func() error { return z.SetPriority(id, "amir@desk.example", "urgent") }, 1, 1, 0)
	count("a status", func() error { return z.SetStatus(id, "amir@desk.example", "pending") }, 2, 1, 1) // the custom status besides
	count("a message in a conversation", func() error {
		return z.Say(id, sandbox.ChatMessage{At: d.Now(), By: "amir@desk.example", Text: "Hello"})
	}, 1, 1, 0)
	code, _ := d.call("DELETE", "webhooks/"+hook, "")
	want(t, "delete", code, 204)
	count("after that", func() error { return z.SetStatus(id, "amir@desk.example", "open") }, 2, 1, 0)
	code, _ = d.call("DELETE", "webhooks/"+hook, "")
	want(t, "delete again", code, 404)
}

// A trigger's actions change the ticket in the update's own audit, with the
// trigger's name, and only once.
func TestZendeskTriggersChangeTickets(t *testing.T) {
	d, z, id := opened(t)
	code, made := d.call("POST", "triggers", `{"trigger":{"title":"Urgent is ours","actions":[{"field":"priority","value":"urgent"},{"field":"current_tags","value":"vip now"},
		{"field":"status","value":"open"}],"conditions":{"all":[{"field":"status","operator":"is","value":"pending"}]}}}`)
	want(t, "made", code, 201)
	want(t, "shown", made.at("trigger", "actions", 2, "value"), any("open"))
	if err := z.SetStatus(id, "amir@desk.example", "pending"); err != nil {
		t.Fatal(err)
	}
	got, _ := z.Ticket(id)
	want(t, "priority", *got.Priority, "urgent")
	want(t, "status", got.Status, "open")
	want(t, "tags", got.Tags, []string{"login", "now", "vip"})
	audits := d.ok("GET", "tickets/1/audits.json", "").list("audits")
	last := audits[len(audits)-1].(map[string]any)["events"].([]any)
	by := map[string]string{}
	for _, e := range last {
		event := e.(map[string]any)
		if field, ok := event["field_name"].(string); ok {
			way, _ := event["via"].(map[string]any)
			if way != nil {
				by[field], _ = at(way, "source", "from", "title").(string)
			}
		}
	}
	want(t, "by the trigger", []string{by["priority"], by["tags"]}, []string{"Urgent is ours", "Urgent is ours"})

	code, _ = d.call("POST", "triggers", `{"trigger":{"title":"T","actions":[{"field":"sing","value":"loud"}],"conditions":{"all":[{"field":"status","operator":"is","value":"new"}]}}}`)
	want(t, "an unknown action", code, 422)
	code, _ = d.call("DELETE", "triggers/25001", "")
	want(t, "delete", code, 204)
	if err := z.SetStatus(id, "amir@desk.example", "pending"); err != nil {
		t.Fatal(err)
	}
	got, _ = z.Ticket(id)
	want(t, "status without the trigger", got.Status, "pending")
}

// Jira calls every webhook that is on, for its events and the issues of its JQL,
// signed with its own secret, and not at all without one.
func TestJiraCallsEveryWebhook(t *testing.T) {
	for name, options := range map[string]sandbox.JiraOptions{"Cloud": {}, "Data Center": {DataCenter: true}} {
		t.Run(name, func(t *testing.T) {
			a := newSite(t, options)
			a.j.AddProject("OPS", "Operations")
			path := "/rest/webhooks/1.0/webhook"
			if options.DataCenter {
				path = "/rest/jira-webhook/1.0/webhooks"
			}
			all, sup := newReceiver(t), newReceiver(t)
			a.must(201, "POST", path, `{"name":"All","url":"`+all.url+`","events":["jira:issue_created","jira:issue_updated"],"secret":"s1","configuration":{"SECRET":"s1"}}`)
			made := a.must(201, "POST", path, `{"name":"Sup","url":"`+sup.url+`","events":["jira:issue_created"],"filters":{"issue-related-events-section":"project = SUP"}}`)
			a.j.Create(sandbox.NewIssue{Project: "SUP", Summary: "One", Reporter: "paul@globex.example"})
			a.j.Create(sandbox.NewIssue{Project: "OPS", Summary: "Two", Reporter: "paul@globex.example"})
			want(t, "all", len(told(t, a.s, all)), 2)
			want(t, "those of the JQL", len(sup.bodies), 1)
			if all.got[0].Header.Get("X-Hub-Signature") == "" || sup.got[0].Header.Get("X-Hub-Signature") != "" {
				t.Error("signed is what has a secret, and nothing else")
			}
			sup.bodies = nil
			ref, _ := at(made, "self").(string)
			if options.DataCenter {
				ref = fmt.Sprintf("/%v", at(made, "id"))
			}
			a.must(204, "DELETE", path+ref[strings.LastIndex(ref, "/"):], "")
			a.j.Create(sandbox.NewIssue{Project: "SUP", Summary: "Three", Reporter: "paul@globex.example"})
			want(t, "all after that", len(told(t, a.s, all)), 1)
			want(t, "the deleted one", len(sup.bodies), 0)
		})
	}
}
