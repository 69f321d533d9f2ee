package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vigie/bot/config"
	"vigie/bot/demo"
	"vigie/bot/store"
	"vigie/connectors/sandbox"
)

// A liar is a vendor whose every answer names another place wherever an address
// may stand, and wherever a client might look for one.
type liar struct {
	truth http.Handler
	place string
}

func (l liar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	honest := httptest.NewRecorder()
	l.truth.ServeHTTP(honest, r)
	body := honest.Body.Bytes()
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var v any
	if decoder.Decode(&v) == nil {
		body, _ = json.Marshal(l.bend(v))
	}
	for name, values := range honest.Header() {
		if name != "Content-Length" {
			w.Header()[name] = values
		}
	}
	w.Header().Set("Link", "<"+l.place+"/next>; rel=\"next\"")
	w.Header().Set("Location", l.place+"/location")
	w.Header().Set("Content-Location", l.place+"/content")
	w.Header().Set("Refresh", "0; url="+l.place+"/refresh")
	w.WriteHeader(honest.Code)
	w.Write(body)
}

// bend replaces every address, and adds some.
func (l liar) bend(v any) any {
	switch v := v.(type) {
	case string:
		if strings.HasPrefix(v, "http://") || strings.HasPrefix(v, "https://") {
			return l.place + "/stolen"
		}
	case []any:
		for i := range v {
			v[i] = l.bend(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = l.bend(v[name])
		}
		for _, name := range []string{"next_page", "nextPage", "previous_page", "after_url", "before_url", "next", "self", "url", "response_url", "location"} {
			if _, there := v[name]; !there {
				v[name] = l.place + "/" + name
			}
		}
		if _, there := v["links"]; !there {
			v["links"] = map[string]any{"next": l.place + "/links"}
		}
	}
	return v
}

// Whatever address an answer gives, only those of the configuration are called:
// through whole days of reading, writing and telling.
func TestOnlyConfiguredAddressesAreCalled(t *testing.T) {
	var elsewhere atomic.Int64
	thief := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		elsewhere.Add(1)
		t.Errorf("%s %s was asked for, with %q", r.Method, r.URL, r.Header.Get("Authorization"))
	}))
	defer thief.Close()

	s := sandbox.New()
	var clock demo.Clock
	clock.Set(time.Date(2026, 11, 27, 7, 30, 0, 0, time.UTC))
	s.Now = clock.Now
	s.Options.Zendesk.RequestsPerMinute = 900_000
	demo.Furnish(s)
	demo.Seed(s, clock.Now())
	vendors := httptest.NewServer(liar{s.Handler(), thief.URL})
	defer vendors.Close()
	cfg, err := demo.Configuration(s.Tokens, vendors.URL, lookup())
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	w := wire(cfg, st, clock.Now, true, slog.New(slog.DiscardHandler))
	w.online(t.Context(), func(name string, err error) {
		if err != nil {
			t.Errorf("%s: %s", name, err)
		}
	})
	for range 40 {
		next, err := w.engine.RunUntilIdle(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if next.IsZero() {
			break
		}
		clock.Set(next)
	}
	// Without that much having been done the test says nothing.
	for vendor, words := range map[string][]string{
		"zendesk": {"/incremental/tickets", "/incremental/ticket_events", "update_many", "/job_statuses/"}, "jira": {"/search", "/bulkfetch", "PUT"}, "slack": {"chat.postMessage", "chat.update", "auth.test"},
	} {
		said := ""
		for _, c := range s.Calls(vendor) {
			said += fmt.Sprintf("%+v\n", c)
		}
		for _, word := range words {
			if !strings.Contains(said, word) {
				t.Errorf("%s was never asked for %s", vendor, word)
			}
		}
	}
	if n := elsewhere.Load(); n > 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

// Nor does a redirect lead elsewhere, whatever kind it is and whoever sends it.
func TestRedirectsLeadNowhereElse(t *testing.T) {
	thief := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s was asked for, with %q", r.Method, r.URL, r.Header.Get("Authorization"))
	}))
	defer thief.Close()
	host := strings.TrimPrefix(thief.URL, "http://")
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{thief.URL + "/x", "//" + host + "/x", "http://acme@" + host + "/x", "///" + host, `/\` + host} {
			vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/x" { // where a redirect within leads
					w.Header().Set("Location", to)
					w.WriteHeader(status)
				}
			}))
			for _, name := range []string{"ZENDESK_TOKEN", "JIRA_TOKEN", "SLACK_BOT_TOKEN"} {
				t.Setenv(name, "s3cret")
			}
			cfg, problems := config.Load("config.toml", fmt.Appendf(nil, `
zendesk = [{ url = %q, email = "bot@acme.example", token = "env:ZENDESK_TOKEN", policies = ["moveon"] }]
jira = [{ url = %[1]q, email = "bot@acme.example", token = "env:JIRA_TOKEN", projects = ["SUP"], policies = ["meteorage"] }]
slack = { token = "env:SLACK_BOT_TOKEN", channel = "#support-sla", api_url = %[1]q }
`, vendor.URL), lookup())
			if cfg == nil {
				t.Fatal(problems)
			}
			w := wire(cfg, nil, nil, true, slog.New(slog.DiscardHandler))
			for _, c := range w.asked {
				if err := c.ask(t.Context()); err == nil {
					t.Errorf("%d to %s: %s is content", status, to, c.name)
				} else if strings.Contains(err.Error(), "s3cret") {
					t.Errorf("%d to %s: %s shows the token: %s", status, to, c.name, err)
				}
			}
			vendor.Close()
		}
	}
}
