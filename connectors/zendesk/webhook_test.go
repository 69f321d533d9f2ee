package zendesk

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/connectors/desk"
)

const secret = "shared-with-zendesk"

var callAt = clock("16:30:00")

// signed are the headers of a call with that body.
func signed(body, secret string, at time.Time) http.Header {
	stamp := at.Format(time.RFC3339)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stamp + body))
	h := http.Header{}
	h.Set("X-Zendesk-Webhook-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	h.Set("X-Zendesk-Webhook-Signature-Timestamp", stamp)
	return h
}

func TestSignature(t *testing.T) {
	const body = `{"ticket_id":42}`
	good := func() http.Header { return signed(body, secret, callAt) }
	without := func(name string) http.Header { h := good(); h.Del(name); return h }
	with := func(name, v string) http.Header { h := good(); h.Set(name, v); return h }
	tests := []struct {
		name   string
		h      http.Header
		body   string
		secret string
		now    time.Time
		ok     bool
	}{
		{"right", good(), body, secret, callAt, true},
		{"nine minutes late", good(), body, secret, callAt.Add(9 * time.Minute), true},
		{"eleven minutes late", good(), body, secret, callAt.Add(11 * time.Minute), false},
		{"eleven minutes early", good(), body, secret, callAt.Add(-11 * time.Minute), false},
		{"another body", good(), body + " ", secret, callAt, false},
		{"another secret", good(), body, "other", callAt, false},
		{"no secret configured", signed(body, "", callAt), body, "", callAt, false},
		{"no signature", without("X-Zendesk-Webhook-Signature"), body, secret, callAt, false},
		{"no timestamp", without("X-Zendesk-Webhook-Signature-Timestamp"), body, secret, callAt, false},
		{"no base64", with("X-Zendesk-Webhook-Signature", "%"), body, secret, callAt, false},
		{"no headers", http.Header{}, body, secret, callAt, false},
		{"another timestamp", with("X-Zendesk-Webhook-Signature-Timestamp", callAt.Add(time.Second).Format(time.RFC3339)), body, secret, callAt, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := New(Config{URL: "https://acme.zendesk.com", WebhookSecrets: func() []string { return []string{tt.secret} }}, nil)
			_, err := c.ParseWebhook(tt.h, []byte(tt.body), tt.now)
			if tt.ok != (err == nil) || err != nil && !errors.Is(err, desk.ErrForged) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Who has written no secret is told that, and not that the signature is wrong.
func TestNoSecretIsConfigured(t *testing.T) {
	for name, secrets := range map[string]func() []string{"nil": nil, "none": func() []string { return nil }} {
		c := New(Config{URL: "https://acme.zendesk.com", WebhookSecrets: secrets}, nil)
		if _, err := c.ParseWebhook(http.Header{}, nil, time.Now()); !errors.Is(err, desk.ErrForged) || !strings.Contains(err.Error(), "no webhook_secret is configured") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestBodies(t *testing.T) {
	tests := []struct {
		name, body string
		id         string // of the delivery; "" = any
		tickets    []string
		ok         bool
	}{
		{"event", `{"type":"zen:event-type:ticket.priority_changed","id":"e-1","subject":"zen:ticket:42","detail":{"id":"42"},"event":{"current":"urgent"}}`, "e-1", []string{"42"}, true},
		{"event, subject only", `{"type":"zen:event-type:ticket.created","id":"e-2","subject":"zen:ticket:42"}`, "e-2", []string{"42"}, true},
		{"event, detail only", `{"type":"zen:event-type:ticket.created","id":"e-3","detail":{"id":42}}`, "e-3", []string{"42"}, true},
		{"event about a user", `{"type":"zen:event-type:user.created","id":"e-4","subject":"zen:user:7","detail":{"id":"7"}}`, "e-4", nil, true},
		{"message in a conversation", `{"type":"zen:event-type:messaging_ticket.message_added","id":"e-6","subject":"zen:ticket:141","detail":{"id":"141"},"event":{"actor":{"id":"zd:answerBot","type":"system"},"message":{"body":"Hi"}}}`, "e-6", []string{"141"}, true},
		{"event about no ticket", `{"type":"zen:event-type:ticket.created","id":"e-5","detail":{"id":"0"}}`, "", nil, false},
		{"trigger, ticket_id", `{"ticket_id":"42","id":"7"}`, "", []string{"42"}, true},
		{"trigger, number", `{"ticket_id":42}`, "", []string{"42"}, true},
		{"trigger, ticketID", `{"type":"Comment","ticketID":"42","groupID":"9000"}`, "", []string{"42"}, true},
		{"trigger, ticket.id", `{"ticket.id":"#42"}`, "", []string{"42"}, true},
		{"trigger, ticket object", `{"ticket":{"id":42,"title":"x"}}`, "", []string{"42"}, true},
		{"trigger, ticket", `{"ticket":"42"}`, "", []string{"42"}, true},
		{"trigger, id", `{"event":"ticket.updated","id":123}`, "", []string{"123"}, true},
		{"broken by a quote in the title", `{"title":"the "best" one","ticket_id": "42","id":7}`, "", []string{"42"}, true},
		{"a form", `title=x&ticket_id=42`, "", []string{"42"}, true},
		{"XML", `<call><ticket-id>42</ticket-id></call>`, "", []string{"42"}, true},
		{"no ticket", `{"hello":"world"}`, "", nil, false},
		{"zero", `{"ticket_id":"0"}`, "", nil, false},
		{"negative", `{"ticket_id":-4}`, "", nil, false},
		{"too large", `{"ticket_id":99999999999999999999}`, "", nil, false},
		{"a placeholder left empty", `{"ticket_id":""}`, "", nil, false},
		{"a list", `[{"ticket_id":42}]`, "", nil, false},
		{"empty", ``, "", nil, false},
		{"null", `null`, "", nil, false},
	}
	c := New(Config{URL: "https://acme.zendesk.com", WebhookSecrets: func() []string { return []string{secret} }}, nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := c.ParseWebhook(signed(tt.body, secret, callAt), []byte(tt.body), callAt)
			if !tt.ok {
				if !errors.Is(err, desk.ErrUnreadable) {
					t.Errorf("got %+v, %v; want ErrUnreadable", got, err)
				}
				return
			}
			if err != nil || !slices.Equal(got.Tickets, tt.tickets) || tt.id != "" && !strings.HasPrefix(got.ID, tt.id+":") || got.ID == "" {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	h := signed(`{"id":1}`, secret, callAt)
	h.Set("X-Zendesk-Webhook-Invocation-Id", "01HXYZ")
	if got, err := c.ParseWebhook(h, []byte(`{"id":1}`), callAt); err != nil || !strings.HasPrefix(got.ID, "01HXYZ:") {
		t.Errorf("invocation id: got %+v, %v", got, err)
	}
}

const fixtures = "../../../shared/fixtures/zendesk"

// TestKnownSignatures checks the vectors that the vendor and others have
// published, one of which is in an order that the vendor gave up.
func TestKnownSignatures(t *testing.T) {
	raw, err := os.ReadFile(fixtures + "/webhook/signature_vectors.json")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the vectors of ../shared/fixtures/zendesk aren't here")
	}
	var vectors []struct {
		Secret, Timestamp, Body, Signature string
		Valid                              bool
	}
	if err := errors.Join(err, json.Unmarshal(raw, &vectors)); err != nil || len(vectors) == 0 {
		t.Fatalf("got %d vectors: %v", len(vectors), err)
	}
	for _, v := range vectors {
		h := http.Header{}
		h.Set("X-Zendesk-Webhook-Signature", v.Signature)
		h.Set("X-Zendesk-Webhook-Signature-Timestamp", v.Timestamp)
		now, _ := time.Parse(time.RFC3339, v.Timestamp)
		c := New(Config{URL: "https://acme.zendesk.com", WebhookSecrets: func() []string { return []string{v.Secret} }}, nil)
		_, err := c.ParseWebhook(h, []byte(v.Body), now)
		if errors.Is(err, desk.ErrForged) == v.Valid {
			t.Errorf("%s at %s: got %v, want valid %v", v.Body, v.Timestamp, err, v.Valid)
		}
	}
}

// TestKnownBodies reads every recorded body as whatever it could be taken for.
func TestKnownBodies(t *testing.T) {
	if _, err := os.Stat(fixtures); err != nil {
		t.Skip("the bodies of ../shared/fixtures/zendesk aren't here")
	}
	files, told := 0, 0
	err := filepath.WalkDir(fixtures, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		c := New(Config{URL: "https://acme.zendesk.com", WebhookSecrets: func() []string { return []string{secret} }}, nil)
		got, err := c.ParseWebhook(signed(string(body), secret, callAt), body, callAt)
		switch {
		case err == nil && len(got.Tickets) == 0, err != nil && !errors.Is(err, desk.ErrUnreadable):
			t.Errorf("%s as a webhook: got %+v, %v", path, got, err)
		case strings.HasSuffix(path, "trigger_custom_body.json") && (err != nil || got.Tickets[0] != "12345"):
			t.Errorf("%s: got %+v, %v", path, got, err)
		}

		var lists struct {
			Ticket  json.RawMessage
			Tickets []json.RawMessage
			Audits  []wireAudit
		}
		_ = decode(body, &lists)
		for _, raw := range append(lists.Tickets, lists.Ticket) {
			if w, err := readTicket(raw); err == nil {
				if got := c.cfg.ticket(w, lists.Audits, testNames()); got.CreatedAt.IsZero() || got.ID == "" {
					t.Errorf("%s: got %+v", path, got)
				}
				told++
			} else if len(raw) > 0 && strings.Contains(path, "show_many") {
				t.Errorf("%s: %v", path, err)
			}
		}
		w, err := readTicket(json.RawMessage(testRow + "}"))
		if err != nil {
			return err
		}
		c.cfg.ticket(w, lists.Audits, testNames())
		return nil
	})
	if err != nil || files == 0 || told == 0 {
		t.Errorf("%d files and %d tickets read: %v", files, told, err)
	}
}

func FuzzWebhook(f *testing.F) {
	f.Add([]byte(`{"type":"zen:event-type:ticket.created","id":"e","subject":"zen:ticket:42","detail":{"id":"42"}}`))
	f.Add([]byte(`{"title":"a "b" c","ticket_id": "42"}`))
	f.Add([]byte(`{"ticket":{"id":[]}}`))
	c := New(Config{URL: "https://acme.zendesk.com", WebhookSecrets: func() []string { return []string{secret} }}, nil)
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := c.ParseWebhook(signed(string(body), secret, callAt), body, callAt)
		if err != nil {
			if !errors.Is(err, desk.ErrUnreadable) {
				t.Errorf("got %v", err)
			}
			return
		}
		for _, id := range got.Tickets {
			if _, err := ticketNumber(id); err != nil {
				t.Error(err)
			}
		}
	})
}
