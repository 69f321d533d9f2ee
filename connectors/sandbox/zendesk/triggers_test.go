package zendesk_test

import (
	"encoding/json"
	"testing"

	"vigie/connectors/sandbox"
	"vigie/connectors/sandbox/sandboxtest"
)

// A webhook of the trigger's model is called by active triggers alone, where their
// conditions hold, with the body that each of them has for it.
func TestTriggersCallWebhooks(t *testing.T) {
	d, z, id := opened(t)
	r := sandboxtest.Receive(t)
	d.Options.Zendesk.NoTicketEvents = true
	status, _ := d.call("POST", "webhooks", `{"webhook":{"name":"V","endpoint":"`+r.URL+`","http_method":"POST","request_format":"json","status":"active",
		"subscriptions":["zen:event-type:ticket.created"]}}`)
	sandboxtest.Want(t, "on events", status, 400)
	status, made := d.call("POST", "webhooks", `{"webhook":{"name":"V","endpoint":"`+r.URL+`","http_method":"POST","request_format":"json","status":"active",
		"subscriptions":["conditional_ticket_events"]}}`)
	sandboxtest.Want(t, "by triggers", status, 201)
	hook, _ := made.at("webhook", "id").(string)
	told := func() []string {
		bodies := []string{}
		r.Bodies = nil
		if _, err := d.FlushWebhooks(t.Context(), sandbox.WebhookPlan{}); err != nil {
			t.Fatal(err)
		}
		for _, b := range r.Bodies {
			bodies = append(bodies, string(b))
		}
		return bodies
	}
	change := func(priority string) {
		t.Helper()
		if err := z.SetPriority(id, "amir@desk.example", priority); err != nil {
			t.Fatal(err)
		}
	}
	change("high")
	sandboxtest.Want(t, "without a trigger", told(), []string{})

	body, _ := json.Marshal(`{"ticket_id": "{{ticket.id}}", "is": "{{ ticket.status }}", "what": "{{ticket.unknown}}"}`)
	trigger := `{"trigger":{"title":"Tell","active":true,"actions":[{"field":"notification_webhook","value":["` + hook + `",` + string(body) + `]}],
		"conditions":{"all":[{"field":"status","operator":"is_not","value":"solved"}],"any":[{"field":"update_type","operator":"is","value":"Change"}]}}}`
	status, made = d.call("POST", "triggers", trigger)
	sandboxtest.Want(t, "trigger", status, 201)
	change("urgent")
	sandboxtest.Want(t, "a change", told(), []string{`{"ticket_id": "1", "is": "New", "what": ""}`})
	z.Create(sandbox.NewTicket{Subject: "Another", Body: "One", RequesterEmail: "eva@customer.example"})
	sandboxtest.Want(t, "another condition", told(), []string{})
	if err := z.SetStatus(id, "amir@desk.example", "solved"); err != nil {
		t.Fatal(err)
	}
	sandboxtest.Want(t, "solved", told(), []string{})

	number, _ := json.Marshal(made.at("trigger", "id"))
	off := `{"trigger":{"title":"Tell","active":false,` + trigger[len(`{"trigger":{"title":"Tell","active":true,`):]
	status, made = d.call("PUT", "triggers/"+string(number), off)
	sandboxtest.Want(t, "switched off", status, 200)
	sandboxtest.Want(t, "and shown so", made.at("trigger", "active"), any(false))
	if err := z.SetStatus(id, "amir@desk.example", "open"); err != nil {
		t.Fatal(err)
	}
	sandboxtest.Want(t, "off", told(), []string{})
}

// What is named of a webhook is changed, the rest stays, and its model can't be.
func TestWebhookIsMended(t *testing.T) {
	d, z, _ := opened(t)
	id := z.AddWebhook("V", "https://old.example", "inactive", "conditional_ticket_events")
	status, _ := d.call("PATCH", "webhooks/"+id, `{"webhook":{"status":"active","endpoint":"https://new.example"}}`)
	sandboxtest.Want(t, "mended", status, 204)
	status, _ = d.call("PATCH", "webhooks/"+id, `{"webhook":{"subscriptions":["zen:event-type:ticket.created"]}}`)
	sandboxtest.Want(t, "another model", status, 400)
	_, shown := d.call("GET", "webhooks/"+id, "")
	for name, value := range map[string]any{"name": "V", "status": "active", "endpoint": "https://new.example", "subscriptions": []any{"conditional_ticket_events"}} {
		sandboxtest.Want(t, name, shown.at("webhook", name), value)
	}
}
