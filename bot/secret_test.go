package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// oddToken is a secret with letters that somebody escapes, and a core of letters
// and digits that nobody does, by which it is found wherever it is shown.
func oddToken(r *rand.Rand) (token, core string) {
	const odd, even = "+/=%&\"'\\<>;:#-_.~!{}", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	some := func(letters string, n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = letters[r.IntN(len(letters))]
		}
		return string(b)
	}
	core = some(even, 12)
	return some(odd+even, r.IntN(8)) + core + some(odd+even, 4+r.IntN(12)), core
}

// An echo answers by repeating what it was sent, each time in another way and with
// another status.
type echo struct{ n atomic.Int64 }

func (e *echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := int(e.n.Add(1))
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	user, password, _ := r.BasicAuth()
	sent := fmt.Sprintf("%s (%s:%s) %s token=%s", r.Header.Get("Authorization"), user, password, body, form.Get("token"))
	spell := []func(string) string{
		func(s string) string { return s }, url.QueryEscape, url.PathEscape, html.EscapeString,
		func(s string) string { return fmt.Sprintf("%+q", s) },
		func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	}[n%6]
	said := spell(sent)
	status := []int{400, 401, 403, 422, 500, 200, 404, 409, 502}[n%9]
	answer, _ := json.Marshal(map[string]any{"ok": false, "error": said, "description": said, "message": said, "errorMessages": []string{said}, "job_status": map[string]any{"id": said}})
	if n%4 == 0 {
		answer = []byte("<html>" + said)
	}
	w.Header().Set("X-RateLimit-Limit", said)
	w.Header().Set("X-Seraph-LoginReason", said)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(answer)
}

// Vendors that repeat what they were sent, secrets too: check --online prints none of
// them, nor does the log in detail.
func TestCheckOnlineRepeatsNoSecret(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	rounds := 12
	if testing.Short() {
		rounds = 3
	}
	for round := range rounds {
		e := &echo{}
		e.n.Store(int64(round))
		vendor := httptest.NewServer(e)
		config := filepath.Join(t.TempDir(), "config.toml")
		cores := map[string]string{}
		for _, name := range []string{"ZENDESK_TOKEN", "JIRA_TOKEN", "SLACK_BOT_TOKEN"} {
			token, core := oddToken(random)
			t.Setenv(name, token)
			cores[name] = core
		}
		must(t, os.WriteFile(config, fmt.Appendf(nil, `
[[zendesk]]
url = %q
email = "bot@acme.example"
token = "env:ZENDESK_TOKEN"
policies = ["moveon"]
[[jira]]
url = %[1]q
%s
token = "env:JIRA_TOKEN"
projects = ["SUP"]
policies = ["meteorage"]
[slack]
token = "env:SLACK_BOT_TOKEN"
api_url = "%[1]s/api/"
channel = "#sla"
language = "en"
`, vendor.URL, []string{`email = "bot@acme.example"`, "# Data Center"}[round%2]), 0o600))
		r := bot(t, "", "--verbose", "check", "--config", config, "--online")
		vendor.Close()
		if r.code != 1 || !strings.Contains(r.stdout+r.stderr, "[secret]") {
			t.Errorf("round %d: exit %d, nothing was repeated:\n%s%s", round, r.code, r.stdout, r.stderr)
		}
		for name, core := range cores {
			if strings.Contains(r.stdout+r.stderr, core) {
				t.Errorf("round %d: %s is shown:\n%s%s", round, name, r.stdout, r.stderr)
			}
		}
	}
}

// The same while it serves: nothing of a secret is in the log, the state with the
// notes of what went wrong, or on a page.
func TestServeRepeatsNoSecret(t *testing.T) {
	s := emptySite(t, filepath.Join(t.TempDir(), "vigie.db"), 1)
	random := rand.New(rand.NewPCG(3, 4))
	var cores []string
	for _, token := range []*string{&s.Tokens.Zendesk.Token, &s.Tokens.Jira.Token, &s.Tokens.Slack} {
		var core string
		*token, core = oddToken(random)
		cores = append(cores, core)
	}
	s.start(t)
	s.errors = true
	s.open(t)
	s.until(t, 9, 1, 0)
	e := &echo{}
	s.mu.Lock()
	s.echo = e.ServeHTTP
	s.mu.Unlock()
	board := func() string { _, text := s.replicas[0].ask("/"); return text }
	shown := "" // the board with an echo on it: which ones it shows depends on what failed last
	for minute := 30; (e.n.Load() < 60 || shown == "") && minute < 1000; minute++ {
		if text := board(); strings.Contains(text, "[secret]") {
			shown = text
		}
		s.set(time.Date(2026, 11, 27, 8, minute, 0, 0, time.UTC))
		before := e.n.Load()
		for i := 0; i < 10 && e.n.Load() == before; i++ {
			time.Sleep(20 * time.Millisecond)
		}
	}
	if e.n.Load() < 60 {
		t.Fatalf("only %d answers", e.n.Load())
	}
	written := map[string]string{"the log": s.logs(0)}
	files, err := filepath.Glob(s.state + "*")
	must(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(t, err)
		written[filepath.Base(file)] = string(text)
	}
	for _, page := range []string{"/", "/tickets/zendesk/1", "/metrics"} {
		_, written[page] = s.replicas[0].ask(page)
	}
	marks := 0
	written["the board"] = shown
	for where, text := range written {
		marks += strings.Count(text, "[secret]")
		for _, core := range cores {
			if i := strings.Index(text, core); i >= 0 {
				t.Errorf("%s has a secret: …%s…", where, text[max(0, i-100):min(len(text), i+100)])
			}
		}
	}
	if marks == 0 || shown == "" {
		t.Errorf("nothing was repeated; the board:\n%s", written["/"])
	}
}
