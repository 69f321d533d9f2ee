package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"vigie/connectors/sandbox"
	"vigie/connectors/sandbox/sandboxtest"
)

func TestFaults(t *testing.T) {
	cases := []struct {
		name   string
		fault  sandbox.Fault
		status int // 0 = no answer
		done   bool
	}{
		{"refused", sandbox.Fault{Status: 503, RetryAfter: "7", Body: `{"error":"x"}`}, 503, false},
		{"no status named", sandbox.Fault{}, 500, false},
		{"done, then failed", sandbox.Fault{Status: 502, AfterWork: true}, 502, true},
		{"cut", sandbox.Fault{Drop: true}, 0, false},
		{"done, then cut", sandbox.Fault{Drop: true, AfterWork: true}, 0, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, z, id := opened(t)
			d.Faults.FailNext("zendesk", 1, c.fault)
			// POST rather than PUT: Go's client repeats a cut idempotent request by itself
			req, _ := http.NewRequest("POST", d.url+"/api/v2/tickets.json", strings.NewReader(`{"ticket":{"subject":"Again","comment":{"body":"x"}}}`))
			req.SetBasicAuth(d.Tokens.Zendesk.Email+"/token", d.Tokens.Zendesk.Token)
			req.Header.Set("Content-Type", "application/json")
			resp, err := http.DefaultClient.Do(req)
			status := 0
			if err == nil {
				status = resp.StatusCode
				sandboxtest.Want(t, "Retry-After", resp.Header.Get("Retry-After"), c.fault.RetryAfter)
				resp.Body.Close()
			}
			sandboxtest.Want(t, "status", status, c.status)
			sandboxtest.Want(t, "done", len(z.Tickets()) == int(id)+1, c.done)
			calls := d.Calls("zendesk")
			sandboxtest.Want(t, "call", calls[len(calls)-1], sandbox.Call{Method: "POST", Path: "/api/v2/tickets.json", Status: c.status, Write: true})
			d.ok("GET", "tickets/1.json", "") // only the next one fails
		})
	}
}

func TestDown(t *testing.T) {
	d, _, _ := opened(t)
	d.Faults.Down("zendesk", true)
	for range 2 {
		resp := d.send("GET", "users/me.json", "")
		resp.Body.Close()
		sandboxtest.Want(t, "down", resp.StatusCode, 503)
	}
	d.Faults.Down("zendesk", false)
	d.ok("GET", "users/me.json", "")
}

func TestSnapshotSurvives(t *testing.T) {
	d, z, id := opened(t)
	field := z.AddField("Due", "text")
	var saved []byte
	d.OnChange = func() {
		b, err := d.Snapshot()
		if err != nil {
			t.Error(err)
		}
		saved = b
	}
	d.SetWebhook("zendesk", "http://127.0.0.1:1/")
	d.ok("PUT", "tickets/1.json", `{"ticket":{"custom_fields":[{"id":360001,"value":"x"}],"comment":{"body":"ok"}}}`)
	if saved == nil {
		t.Fatal("answered before OnChange")
	}
	count := len(saved)
	d.ok("GET", "tickets/1.json", "")
	sandboxtest.Want(t, "a read is no change", len(saved), count)

	next := newDesk(t)
	if err := next.Restore(saved); err != nil {
		t.Fatal(err)
	}
	got, _ := next.Zendesk().Ticket(id)
	sandboxtest.Want(t, "field", got.Field(field), `"x"`)
	for _, path := range []string{"tickets/1.json", "tickets/1/audits.json", "ticket_fields.json", "users.json"} {
		sandboxtest.Want(t, path, next.ok("GET", path, ""), d.ok("GET", path, ""))
	}
	again, err := next.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again, saved) {
		t.Error("a restored snapshot is another one")
	}
	if err := next.Restore([]byte("{")); err == nil {
		t.Error("half a snapshot was restored")
	}
	if _, ok := next.Zendesk().Ticket(id); !ok {
		t.Error("a bad snapshot emptied the sandbox")
	}
}

func TestWebhookPlan(t *testing.T) {
	d, z, id := opened(t)
	r := sandboxtest.Receive(t)
	d.SetWebhook("zendesk", r.URL)
	d.Options.Zendesk.Webhooks = sandbox.TriggerWebhooks
	for _, p := range []string{"low", "normal", "high", "urgent"} {
		if err := z.SetPriority(id, "amir@desk.example", p); err != nil {
			t.Fatal(err)
		}
	}
	n, err := d.FlushWebhooks(t.Context(), sandbox.WebhookPlan{Duplicate: 2, Drop: 3, Reverse: true})
	if n != 5 || err != nil {
		t.Errorf("delivered %d, %v, want 5", n, err)
	}
	var got []string
	for _, b := range r.Bodies {
		body := map[string]string{}
		_ = json.Unmarshal(b, &body)
		got = append(got, body["priority"])
	}
	sandboxtest.Want(t, "order", got, []string{"Urgent", "High", "High", "Low", "Low"})
}

func TestWebhookRetries(t *testing.T) {
	cases := []struct {
		status, attempts int
	}{{409, 6}, {503, 6}, {500, 1}, {401, 1}}
	for _, c := range cases {
		d, z, id := opened(t)
		r := sandboxtest.Receive(t)
		r.Status = c.status
		d.SetWebhook("zendesk", r.URL)
		if err := z.SetPriority(id, "amir@desk.example", "low"); err != nil {
			t.Fatal(err)
		}
		for range 10 {
			if n, _ := d.FlushWebhooks(t.Context(), sandbox.WebhookPlan{}); n != 0 {
				t.Errorf("status %d counts as delivered", c.status)
			}
		}
		if len(r.Got) != c.attempts {
			t.Errorf("status %d: %d attempts, want %d", c.status, len(r.Got), c.attempts)
		}
		for _, req := range r.Got {
			sandboxtest.Want(t, "same invocation", req.Header.Get("X-Zendesk-Webhook-Invocation-Id"), r.Got[0].Header.Get("X-Zendesk-Webhook-Invocation-Id"))
		}
	}
}

func TestRunDeliversUntilCancelled(t *testing.T) {
	d, z, id := opened(t)
	arrived := make(chan struct{}, 10)
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived <- struct{}{} }))
	t.Cleanup(server.Close)
	d.SetWebhook("zendesk", server.URL)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- d.Sandbox.Run(ctx) }()
	if err := z.SetPriority(id, "amir@desk.example", "low"); err != nil {
		t.Fatal(err)
	}
	<-arrived
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("got %v", err)
	}
}

// Everything at once: for the race detector.
func TestManyAtOnce(t *testing.T) {
	d, z, id := opened(t)
	r := sandboxtest.Receive(t)
	d.SetWebhook("zendesk", r.URL)
	d.OnChange = func() {
		if _, err := d.Snapshot(); err != nil {
			t.Error(err)
		}
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			tag := string(rune('a' + i))
			if err := z.AddTags(id, "amir@desk.example", tag); err != nil {
				t.Error(err)
			}
			d.ok("PUT", "tickets/1/tags.json", `{"tags":["api_`+tag+`"]}`)
			d.Faults.FailNext("jira", 1, sandbox.Fault{})
			if _, err := d.FlushWebhooks(t.Context(), sandbox.WebhookPlan{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got, _ := z.Ticket(id)
	sandboxtest.Want(t, "tags", len(got.Tags), 2+16)
	sandboxtest.Want(t, "audits", z.Audits(id), 1+16)
	sandboxtest.Want(t, "webhooks", len(r.Got), 16)
}
