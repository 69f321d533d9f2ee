package web_test

import (
	"database/sql"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigie/bot/store"
	"vigie/connectors/desk"
)

func TestHealth(t *testing.T) {
	const never, quiet = `{"status":"ok","sources":[{"last_news_seconds":null,"stalled":false}],"deadlines":{"stalled":false},"chat":{"stalled":false},"hanging":0,`, `"webhooks":{"fresh":0,"repeated":0,"forged":0,"unreadable":0,"failed":0,"limited":0}}`
	cases := map[string]struct {
		so     func(h *house)
		health string
		ready  int
	}{
		"just started": {func(*house) {}, never + quiet, 200},
		"read a while ago": {func(h *house) { h.settle(t); h.now = monday("15:01:30") },
			`{"status":"ok","sources":[{"last_news_seconds":90,"stalled":false}],"deadlines":{"stalled":false},"chat":{"stalled":false},"hanging":0,` + quiet, 200},
		"a clock that was set back": {func(h *house) { h.settle(t); h.now = monday("14:00:00") },
			`{"status":"ok","sources":[{"last_news_seconds":0,"stalled":false}],"deadlines":{"stalled":false},"chat":{"stalled":false},"hanging":0,` + quiet, 200},
		"the vendor is down": {func(h *house) {
			h.Stalled = func() map[string]error {
				return map[string]error{"zendesk": errors.New("acme.zendesk.example: 503"), "chat": errors.New("invalid_auth")}
			}
		}, `{"status":"ok","sources":[{"last_news_seconds":null,"stalled":true}],"deadlines":{"stalled":false},"chat":{"stalled":true},"hanging":0,` + quiet, 200},
		"Slack refuses a message, or refused it to another program": {func(h *house) {
			h.Stalled = func() map[string]error { return nil }
			a := store.Action{Key: "breach/zendesk:1/first_reply/9", Kind: "breach", NotBefore: h.now}
			if err := errors.Join(h.Store.Insert(t.Context(), []store.Action{a}, h.now), h.Store.Refuse(t.Context(), a, "#sla", h.now, h.now, "not_in_channel", false)); err != nil {
				t.Error(err)
			}
		}, `{"status":"ok","sources":[{"last_news_seconds":null,"stalled":false}],"deadlines":{"stalled":false},"chat":{"stalled":true},"hanging":0,` + quiet, 200},
		"the deadlines can't be judged": {func(h *house) {
			h.Stalled = func() map[string]error { return map[string]error{"deadlines": errors.New("database is locked")} }
		}, `{"status":"ok","sources":[{"last_news_seconds":null,"stalled":false}],"deadlines":{"stalled":true},"chat":{"stalled":false},"hanging":0,` + quiet, 200},
		"the store is gone": {func(h *house) { h.Store.Close() },
			`{"status":"unavailable","sources":[{"last_news_seconds":null,"stalled":false}],"deadlines":{"stalled":false},"chat":{"stalled":false},"hanging":0,` + quiet, 503},
		"webhooks came": {func(h *house) {
			for _, hook := range [][3]string{{"42", "signed", "d1"}, {"42", "signed", "d1"}, {"43", "signed", "d2"}, {"44", "forged", "d3"}, {"", "signed", "d4"}} {
				h.ask(t, "POST", "/webhooks/zendesk", strings.NewReader(hook[0]), "X-Signature", hook[1], "X-Delivery", hook[2])
			}
			h.ask(t, "POST", "/webhooks/zendesk", strings.NewReader(sevens), "X-Signature", "signed")
			h.ask(t, "POST", "/webhooks/nobody", strings.NewReader("1"))
		}, never + `"webhooks":{"fresh":2,"repeated":1,"forged":1,"unreadable":2,"failed":0,"limited":0}}`, 200},
		"webhooks came when the store was gone": {func(h *house) {
			h.Store.Close()
			h.ask(t, "POST", "/webhooks/zendesk", strings.NewReader("42"), "X-Signature", "signed", "X-Delivery", "d1")
		}, `{"status":"unavailable","sources":[{"last_news_seconds":null,"stalled":false}],"deadlines":{"stalled":false},"chat":{"stalled":false},"hanging":0,"webhooks":{"fresh":0,"repeated":0,"forged":0,"unreadable":0,"failed":1,"limited":0}}`, 503},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			h := build(t, monday("15:00:00"), tickets()...)
			c.so(h)
			live, ready := h.ask(t, "GET", "/healthz", nil), h.ask(t, "GET", "/readyz", nil)
			if live.status != http.StatusOK || strings.TrimSpace(live.body) != c.health {
				t.Errorf("healthz: got %d\n%s\nwant 200\n%s", live.status, live.body, c.health)
			}
			if ready.status != c.ready || ready.body != live.body {
				t.Errorf("readyz: got %d %s, want %d", ready.status, ready.body, c.ready)
			}
			for _, a := range []answer{live, ready} {
				if a.header.Get("Content-Type") != "application/json" || a.header.Get("Cache-Control") != "no-store" {
					t.Errorf("headers: got %v", a.header)
				}
			}
		})
	}
}

// The pages are open to everybody: they name no source, no ticket, no customer,
// no vendor's address and no error.
func TestHealthNamesNobody(t *testing.T) {
	h := seeded(t)
	h.Token = token
	h.PublicURL = "https://vigie.example"
	h.Stalled = func() map[string]error {
		return map[string]error{"zendesk": errors.New("acme.zendesk.example: 503 for bot@acme.example")}
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		a := h.ask(t, "GET", path, nil)
		for _, name := range []string{"zendesk", "acme", "berlin", "Northwind", "Portal", token, "503"} {
			if strings.Contains(strings.ToLower(a.body), strings.ToLower(name)) {
				t.Errorf("%s says %q: %s", path, name, a.body)
			}
		}
	}
}

// Only a round that hangs is a reason to restart the program.
func TestHealthOfAHangingRound(t *testing.T) {
	h := build(t, monday("15:00:00"))
	var asked time.Time
	h.Hung = func(now time.Time) int { asked = now; return 2 }
	live, ready := h.ask(t, "GET", "/healthz", nil), h.ask(t, "GET", "/readyz", nil)
	if live.status != 503 || !strings.Contains(live.body, `"status":"hanging"`) || !strings.Contains(live.body, `"hanging":2`) {
		t.Errorf("healthz: got %d %s", live.status, live.body)
	}
	if ready.status != 200 {
		t.Errorf("readyz: got %d, want 200: webhooks are taken", ready.status)
	}
	if !asked.Equal(h.clock) {
		t.Errorf("asked about %s, want real time", asked)
	}
}

// A database that was emptied under the program takes no webhook.
func TestReadyNeedsItsTables(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.db")
	st := must(store.Open(t.Context(), file))
	defer st.Close()
	h := build(t, monday("15:00:00"))
	h.Store = st
	if got := h.ask(t, "GET", "/readyz", nil).status; got != 200 {
		t.Fatalf("got %d, want 200", got)
	}
	db := must(sql.Open("sqlite", file))
	defer db.Close()
	must(db.Exec(`DROP TABLE tickets`))
	if got := h.ask(t, "GET", "/readyz", nil).status; got != 503 {
		t.Errorf("without tickets: got %d, want 503", got)
	}
	if got := h.ask(t, "GET", "/healthz", nil).status; got != 200 {
		t.Errorf("healthz without tickets: got %d, want 200", got)
	}
}

// A state that can be read and takes no change, as on a full disk or a database that
// has become a standby, takes no webhook. It is ready as soon as it takes one again.
func TestReadyNeedsChangesToBeTaken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.db")
	st := must(store.Open(t.Context(), file))
	defer st.Close()
	h := build(t, monday("15:00:00"))
	h.Store = st
	db := must(sql.Open("sqlite", file))
	defer db.Close()
	refuse := func(table string) {
		must(db.Exec(`CREATE TRIGGER full_` + table + ` BEFORE INSERT ON ` + table + ` BEGIN SELECT RAISE(FAIL, 'disk full'); END`))
	}
	refuse("webhooks")
	refuse("cursors")
	ready := func(want int) {
		t.Helper()
		if got := h.ask(t, "GET", "/readyz", nil).status; got != want {
			t.Errorf("ready: got %d, want %d", got, want)
		}
	}
	if _, err := st.Receive(t.Context(), "zendesk", desk.Delivery{ID: "1", Tickets: []string{"3"}}, h.now); err == nil {
		t.Fatal("a webhook was taken")
	}
	ready(503)
	ready(503)
	if text := h.get(t, "/metrics"); !strings.Contains(text, "\nvigie_store_reachable 0\n") || !strings.Contains(text, "vigie_tickets_unread") {
		t.Error("the metrics say that changes are taken, or leave out what can be read")
	}
	if got := h.ask(t, "GET", "/healthz", nil).status; got != 200 {
		t.Errorf("healthz: got %d, want 200", got)
	}
	must(db.Exec(`DROP TRIGGER full_webhooks`))
	must(db.Exec(`DROP TRIGGER full_cursors`))
	ready(200)
}
