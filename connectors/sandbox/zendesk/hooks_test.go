package zendesk_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"vigie/connectors/sandbox"
	"vigie/connectors/sandbox/sandboxtest"
)

// Zendesk calls every active webhook, each for the events that it subscribes to,
// until it is deleted.
func TestCallsEveryWebhook(t *testing.T) {
	d, z, id := opened(t)
	set, all, status := sandboxtest.Receive(t), sandboxtest.Receive(t), sandboxtest.Receive(t)
	d.SetWebhook("zendesk", set.URL)
	register := func(r *sandboxtest.Receiver, events string) string {
		t.Helper()
		made := d.ok("POST", "webhooks", `{"webhook":{"name":"V","endpoint":"`+r.URL+`","http_method":"POST","request_format":"json","status":"active","subscriptions":[`+events+`]}}`)
		return made.at("webhook", "id").(string)
	}
	register(all, `"zen:event-type:ticket.status_changed","zen:event-type:ticket.priority_changed","zen:event-type:messaging_ticket.message_added"`)
	hook := register(status, `"zen:event-type:ticket.status_changed"`)
	count := func(what string, change func() error, wants ...int) {
		t.Helper()
		if err := change(); err != nil {
			t.Fatal(err)
		}
		got := []int{len(set.Told(t, d.Sandbox)), len(all.Bodies), len(status.Bodies)}
		all.Bodies, status.Bodies = nil, nil
		sandboxtest.Want(t, what, got, wants)
	}
	count("a priority", func() error { return z.SetPriority(id, "amir@desk.example", "urgent") }, 1, 1, 0)
	count("a status", func() error { return z.SetStatus(id, "amir@desk.example", "pending") }, 2, 1, 1) // the custom status besides
	count("a message in a conversation", func() error {
		return z.Say(id, sandbox.ChatMessage{At: d.Now(), By: "amir@desk.example", Text: "Hello"})
	}, 1, 1, 0)
	code, _ := d.call("DELETE", "webhooks/"+hook, "")
	sandboxtest.Want(t, "delete", code, 204)
	count("after that", func() error { return z.SetStatus(id, "amir@desk.example", "open") }, 2, 1, 0)
	code, _ = d.call("DELETE", "webhooks/"+hook, "")
	sandboxtest.Want(t, "delete again", code, 404)
}

// A trigger's actions change the ticket in the update's own audit, with the
// trigger's name, and only once.
func TestTriggersChangeTickets(t *testing.T) {
	d, z, id := opened(t)
	code, made := d.call("POST", "triggers", `{"trigger":{"title":"Urgent is ours","actions":[{"field":"priority","value":"urgent"},{"field":"current_tags","value":"vip now"},
		{"field":"status","value":"open"}],"conditions":{"all":[{"field":"status","operator":"is","value":"pending"}]}}}`)
	sandboxtest.Want(t, "made", code, 201)
	sandboxtest.Want(t, "shown", made.at("trigger", "actions", 2, "value"), any("open"))
	if err := z.SetStatus(id, "amir@desk.example", "pending"); err != nil {
		t.Fatal(err)
	}
	got, _ := z.Ticket(id)
	sandboxtest.Want(t, "priority", *got.Priority, "urgent")
	sandboxtest.Want(t, "status", got.Status, "open")
	sandboxtest.Want(t, "tags", got.Tags, []string{"login", "now", "vip"})
	audits := d.ok("GET", "tickets/1/audits.json", "").list("audits")
	last := audits[len(audits)-1].(map[string]any)["events"].([]any)
	by := map[string]string{}
	for _, e := range last {
		event := e.(map[string]any)
		if field, ok := event["field_name"].(string); ok {
			way, _ := event["via"].(map[string]any)
			if way != nil {
				by[field], _ = object(way).at("source", "from", "title").(string)
			}
		}
	}
	sandboxtest.Want(t, "by the trigger", []string{by["priority"], by["tags"]}, []string{"Urgent is ours", "Urgent is ours"})

	code, _ = d.call("POST", "triggers", `{"trigger":{"title":"T","actions":[{"field":"sing","value":"loud"}],"conditions":{"all":[{"field":"status","operator":"is","value":"new"}]}}}`)
	sandboxtest.Want(t, "an unknown action", code, 422)
	code, _ = d.call("DELETE", "triggers/25001", "")
	sandboxtest.Want(t, "delete", code, 204)
	if err := z.SetStatus(id, "amir@desk.example", "pending"); err != nil {
		t.Fatal(err)
	}
	got, _ = z.Ticket(id)
	sandboxtest.Want(t, "status without the trigger", got.Status, "pending")
}

func TestEventWebhooks(t *testing.T) {
	d, z, id := opened(t)
	r := sandboxtest.Receive(t)
	d.SetWebhook("zendesk", r.URL)
	d.Real = func() time.Time { return instant("2026-11-27T12:34:56Z") }
	if err := z.Update(id, "amir@desk.example", sandbox.ZendeskUpdate{Priority: "urgent", Comment: "On it"}); err != nil {
		t.Fatal(err)
	}
	n, err := d.FlushWebhooks(t.Context(), sandbox.WebhookPlan{})
	if n != 2 || err != nil {
		t.Fatalf("delivered %d, %v, want 2", n, err)
	}
	h := r.Got[0].Header
	stamp := h.Get("X-Zendesk-Webhook-Signature-Timestamp")
	sandboxtest.Want(t, "stamp", stamp, "2026-11-27T12:34:56Z")
	m := hmac.New(sha256.New, []byte(d.Tokens.ZendeskWebhook))
	m.Write([]byte(stamp))
	m.Write(r.Bodies[0])
	sandboxtest.Want(t, "signature", h.Get("X-Zendesk-Webhook-Signature"), base64.StdEncoding.EncodeToString(m.Sum(nil)))
	if h.Get("X-Zendesk-Webhook-Invocation-Id") == r.Got[1].Header.Get("X-Zendesk-Webhook-Invocation-Id") {
		t.Error("two calls share an invocation")
	}
	var types []any
	for _, b := range r.Bodies {
		o := object{}
		if err := json.Unmarshal(b, &o); err != nil {
			t.Fatal(err)
		}
		types = append(types, o["type"])
		sandboxtest.Want(t, "subject", o["subject"], any("zen:ticket:1"))
		sandboxtest.Want(t, "id", o.at("detail", "id"), any("1"))
		sandboxtest.Want(t, "actor", o.at("detail", "actor_id"), any("900002"))
	}
	sandboxtest.Want(t, "types", types, []any{"zen:event-type:ticket.comment_added", "zen:event-type:ticket.priority_changed"})
	n, _ = d.FlushWebhooks(t.Context(), sandbox.WebhookPlan{})
	sandboxtest.Want(t, "once", n, 0)
}

func TestTriggerWebhooks(t *testing.T) {
	d, z, id := opened(t)
	r := sandboxtest.Receive(t)
	d.SetWebhook("zendesk", r.URL)
	d.Options.Zendesk.Webhooks = sandbox.TriggerWebhooks
	if err := z.Update(id, "amir@desk.example", sandbox.ZendeskUpdate{Priority: "urgent", Comment: "On it"}); err != nil {
		t.Fatal(err)
	}
	if n, err := d.FlushWebhooks(t.Context(), sandbox.WebhookPlan{}); n != 1 || err != nil {
		t.Fatalf("delivered %d, %v, want 1", n, err)
	}
	body := map[string]string{}
	if err := json.Unmarshal(r.Bodies[0], &body); err != nil {
		t.Fatal(err)
	}
	sandboxtest.Want(t, "body", body, map[string]string{"ticket_id": "1", "status": "New", "priority": "Urgent", "type": "Incident", "tags": "login vip",
		"group_id": "20001", "updated_at": "2026-11-27T09:00:00Z", "updated_by": "amir@desk.example"})
}
