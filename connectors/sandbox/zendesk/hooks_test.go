package zendesk_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

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
func TestCallsEveryWebhook(t *testing.T) {
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
func TestTriggersChangeTickets(t *testing.T) {
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
				by[field], _ = object(way).at("source", "from", "title").(string)
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

func TestEventWebhooks(t *testing.T) {
	d, z, id := opened(t)
	r := newReceiver(t)
	d.SetWebhook("zendesk", r.url)
	d.Real = func() time.Time { return instant("2026-11-27T12:34:56Z") }
	if err := z.Update(id, "amir@desk.example", sandbox.ZendeskUpdate{Priority: "urgent", Comment: "On it"}); err != nil {
		t.Fatal(err)
	}
	n, err := d.FlushWebhooks(t.Context(), sandbox.WebhookPlan{})
	if n != 2 || err != nil {
		t.Fatalf("delivered %d, %v, want 2", n, err)
	}
	h := r.got[0].Header
	stamp := h.Get("X-Zendesk-Webhook-Signature-Timestamp")
	want(t, "stamp", stamp, "2026-11-27T12:34:56Z")
	m := hmac.New(sha256.New, []byte(d.Tokens.ZendeskWebhook))
	m.Write([]byte(stamp))
	m.Write(r.bodies[0])
	want(t, "signature", h.Get("X-Zendesk-Webhook-Signature"), base64.StdEncoding.EncodeToString(m.Sum(nil)))
	if h.Get("X-Zendesk-Webhook-Invocation-Id") == r.got[1].Header.Get("X-Zendesk-Webhook-Invocation-Id") {
		t.Error("two calls share an invocation")
	}
	var types []any
	for _, b := range r.bodies {
		o := object{}
		if err := json.Unmarshal(b, &o); err != nil {
			t.Fatal(err)
		}
		types = append(types, o["type"])
		want(t, "subject", o["subject"], any("zen:ticket:1"))
		want(t, "id", o.at("detail", "id"), any("1"))
		want(t, "actor", o.at("detail", "actor_id"), any("900002"))
	}
	want(t, "types", types, []any{"zen:event-type:ticket.comment_added", "zen:event-type:ticket.priority_changed"})
	n, _ = d.FlushWebhooks(t.Context(), sandbox.WebhookPlan{})
	want(t, "once", n, 0)
}

func TestTriggerWebhooks(t *testing.T) {
	d, z, id := opened(t)
	r := newReceiver(t)
	d.SetWebhook("zendesk", r.url)
	d.Options.Zendesk.Webhooks = sandbox.TriggerWebhooks
	if err := z.Update(id, "amir@desk.example", sandbox.ZendeskUpdate{Priority: "urgent", Comment: "On it"}); err != nil {
		t.Fatal(err)
	}
	if n, err := d.FlushWebhooks(t.Context(), sandbox.WebhookPlan{}); n != 1 || err != nil {
		t.Fatalf("delivered %d, %v, want 1", n, err)
	}
	body := map[string]string{}
	if err := json.Unmarshal(r.bodies[0], &body); err != nil {
		t.Fatal(err)
	}
	want(t, "body", body, map[string]string{"ticket_id": "1", "status": "New", "priority": "Urgent", "type": "Incident", "tags": "login vip",
		"group_id": "20001", "updated_at": "2026-11-27T09:00:00Z", "updated_by": "amir@desk.example"})
}

// receiver takes webhooks and answers with a status.
type receiver struct {
	mu     sync.Mutex
	status int
	got    []*http.Request
	bodies [][]byte
	url    string
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{status: 200}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		b, _ := io.ReadAll(req.Body)
		r.got, r.bodies = append(r.got, req), append(r.bodies, b)
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(r.status)
	}))
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}
