package main

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"vigie/bot/config"
	"vigie/bot/demo"
	"vigie/bot/engine"
	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/connectors/sandbox"
	"vigie/rules"
)

// A mimic is all vendors in memory, whose nth answer is another; -1 is none.
type mimic struct {
	truth  http.Handler
	nth    int
	status int
	body   []byte

	mu      sync.Mutex // a client may ask several things at once
	asked   int
	answers [][]byte // the true ones, in order
}

var errMute = errors.New("the vendor says no more")

// RoundTrip ends a client that would ask for ever.
func (m *mimic) RoundTrip(r *http.Request) (*http.Response, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.asked++; m.asked > 200 {
		return nil, errMute
	}
	if m.asked-1 == m.nth {
		return &http.Response{StatusCode: m.status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(m.body)), Request: r}, nil
	}
	served := r.Clone(r.Context())
	if r.Body == nil {
		served.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	m.truth.ServeHTTP(w, served)
	m.answers = append(m.answers, w.Body.Bytes())
	a := w.Result()
	a.Request = r
	return a, nil
}

// talk has a vendor say all that the program asks of it.
func (m *mimic) talk(t testing.TB, cfg *config.Config, vendor string) {
	vendors := sandbox.New()
	now := func() time.Time { return time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC) }
	vendors.Now = now
	vendors.Options.Zendesk.RequestsPerMinute = 900_000
	demo.Furnish(vendors)
	demo.Seed(vendors, now())
	m.truth = vendors.Handler()
	// http.DefaultTransport is what the program's transports send through.
	restore := http.DefaultTransport
	http.DefaultTransport = m
	defer func() { http.DefaultTransport = restore }()
	st, err := store.Open(t.Context(), ":memory:")
	must(t, err)
	defer st.Close()
	w := wire(cfg, st, now, true, slog.New(slog.DiscardHandler))
	ctx := t.Context()
	for _, c := range w.asked {
		if c.name == vendor {
			c.ask(ctx)
		}
	}
	if vendor == "slack" {
		tellAll(t, w.engine.Chat)
		return
	}
	var read []rules.Ticket
	for _, s := range w.engine.Sources {
		if s.Name != vendor {
			continue
		}
		var ids []string
		for _, list := range []func() (desk.Page, error){
			func() (desk.Page, error) { return s.Desk.Unsolved(ctx, "") },
			func() (desk.Page, error) { return s.Desk.Changes(ctx, "", now().Add(-48*time.Hour)) },
		} {
			page, err := list()
			if err == nil && page.More && page.Cursor == "" {
				t.Errorf("%s: there is more, after nothing", s.Name)
			}
			for _, c := range page.Changes {
				if c.ID == "" {
					t.Errorf("%s: a change of no ticket", s.Name)
				}
				ids = append(ids, c.ID)
			}
		}
		ids = append(ids, "1", "SUP-1", "4711")
		readings, err := s.Desk.Read(ctx, ids[max(0, len(ids)-20):])
		if err != nil {
			continue
		}
		edits := []desk.Edit{}
		for _, r := range readings {
			if n := one(r.Ticket != nil) + one(r.Same != "") + one(r.Gone) + one(r.Err != nil); n != 1 {
				t.Errorf("%s: %+v is %d things", s.Name, r, n)
			}
			if r.Ticket != nil {
				r.Ticket.Source = s.Name
				read = append(read, *r.Ticket)
				edits = append(edits, desk.Edit{ID: r.ID, AddTags: []string{"priority_high"}})
			}
		}
		if said, err := s.Desk.Write(ctx, edits); err == nil && len(said) != len(edits) {
			t.Errorf("%s: %d words on %d edits", s.Name, len(said), len(edits))
		}
	}
	for i := range read { // what was read can be judged, or is refused with a reason
		if _, err := rules.Explain(cfg.Policies(), &read[i], now()); err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
	}
}

// unreachable is the demo's configuration, for vendors that nobody reaches.
func unreachable(t testing.TB) *config.Config {
	cfg, err := demo.Configuration(sandbox.New().Tokens, "http://vendors.example", lookup())
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func tellAll(t testing.TB, chat engine.Chat) {
	ctx := t.Context()
	a := rules.Alert{Key: "warn/zendesk:1/update/1/50%", Kind: rules.Warning, Source: "zendesk", ID: "1", Speak: "en"}
	channel, ts, err := chat.Post(ctx, "#support-sla", a)
	if err == nil && (channel == "" || ts == "") {
		t.Error("posted nowhere")
	}
	chat.Edit(ctx, "C0SANDBOX01", "1.1", a)
	chat.Reply(ctx, "C0SANDBOX01", "1.1", a, true)
	chat.List(ctx, "#support-sla", "digest", "en", "today", []rules.Alert{a})
	chat.Find(ctx, "#support-sla", a.Key, time.Unix(0, 0))
	chat.FindReply(ctx, "C0SANDBOX01", "1.1", a.Key)
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Whatever one answer of a vendor is, nothing panics, nothing asks for ever, and
// each ticket is read, gone, or refused with its reason.
func FuzzVendorAnswer(f *testing.F) {
	cfg := unreachable(f)
	vendors := []string{"zendesk", "jira", "slack"}
	calls := map[string]int{}
	for v, vendor := range vendors {
		honest := &mimic{nth: -1}
		honest.talk(f, cfg, vendor)
		if calls[vendor] = len(honest.answers); calls[vendor] < 7 {
			f.Fatalf("%s was asked %d times", vendor, calls[vendor])
		}
		for n, body := range honest.answers {
			f.Add(uint8(v), uint8(n), uint16(200), body)
		}
		f.Add(uint8(v), uint8(3), uint16(422), []byte(`{"error":"RecordInvalid","details":{"status":[{"description":"x"}]}}`))
	}
	f.Fuzz(func(t *testing.T, v, n uint8, status uint16, body []byte) {
		vendor := vendors[int(v)%len(vendors)]
		m := &mimic{nth: int(n) % calls[vendor], status: 200 + int(status)%400, body: body}
		m.talk(t, cfg, vendor)
		if m.asked > 200 {
			t.Errorf("%s was asked for ever", vendor)
		}
	})
}

// Without the secret nobody signs a webhook.
func FuzzSignature(f *testing.F) {
	hooks := wire(unreachable(f), nil, time.Now, true, slog.New(slog.DiscardHandler)).hooks
	now := time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)
	f.Add("S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM=", "2026-12-01T10:00:00Z", []byte(`{"ticket_id":"42"}`))
	f.Add("sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9", "", []byte(`{"timestamp":1796119200000,"issue":{"key":"SUP-1"}}`))
	f.Add("sha1=", "9999", []byte{})
	f.Add(strings.Repeat("A", 44), "0000-00-00T00:00:00Z", []byte("\x00"))
	f.Fuzz(func(t *testing.T, signature, stamp string, body []byte) {
		h := http.Header{}
		h.Set("X-Zendesk-Webhook-Signature", signature)
		h.Set("X-Zendesk-Webhook-Signature-Timestamp", stamp)
		h.Set("X-Hub-Signature", signature)
		for name, hook := range hooks {
			if d, err := hook.Parse(h, body, now); !errors.Is(err, desk.ErrForged) || len(d.Tickets) > 0 {
				t.Errorf("%s: got %v, %v", name, d, err)
			}
		}
	})
}
