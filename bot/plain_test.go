package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"vigie/bot/print"
)

// orders are what a terminal would obey, and what would make one line of a log two.
const orders = "a\x1b[2Jb\x1b]0;title\x07c\u009b31md\r\u202ee\u2066f\x00g\nlevel=ERROR msg=forged"

// expectTame reports what a terminal would obey in a text.
func expectTame(t *testing.T, what, text string) {
	t.Helper()
	for _, r := range text {
		if r != '\n' && r != '\t' && unicode.In(r, unicode.Cc, unicode.Bidi_Control) {
			t.Errorf("%s has %U in it: %q", what, r, text)
			return
		}
	}
}

// What people see of a ticket in a terminal doesn't command it.
func TestTicketsDontCommandTheTerminal(t *testing.T) {
	ticket := `{"source":"zendesk","id":"7","kind":"problem","status":"open","priority":"urgent","created_at":"2026-11-27T15:30:00Z","subject":%q,"text":%[1]q,"group":%[1]q,"organization":%[1]q,"requester":%[1]q,"tags":[%[1]q],"assignee":%[1]q}` + "\n"
	quoted := fmt.Sprintf(strings.ReplaceAll(ticket, "%q", "%[1]s"), jsonText(t, orders))
	for _, args := range [][]string{
		{"explain", "--file", "-", "--policy", "moveon", "--now", "2026-12-01T15:00:00+01:00", "--lang", "fr"},
		{"explain", "--file", "-", "--policy", "moveon", "--now", "2026-12-01T15:00:00+01:00", "--for", "customer"},
	} {
		r := bot(t, quoted, args...)
		if r.code != 0 || !strings.Contains(r.stdout, "2026") {
			t.Fatalf("%v: got %+v", args, r)
		}
		expectTame(t, strings.Join(args, " "), r.stdout+r.stderr)
	}
	odd := strings.Replace(quoted, `"id":"7"`, `"id":`+jsonText(t, orders), 1)
	file := filepath.Join(t.TempDir(), "other.toml")
	policy, err := os.ReadFile("../rules/policies/moveon.toml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, bytes.ReplaceAll(policy, []byte("2 business days"), []byte("3 business days")), 0o600); err != nil {
		t.Fatal(err)
	}
	r := bot(t, odd, "replay", "--now", "2026-12-01T15:00:00+01:00", "--policy", "moveon", "--against", file)
	if !strings.Contains(r.stdout, "1 differ") {
		t.Fatalf("replay: got %+v", r)
	}
	expectTame(t, "replay", r.stdout+r.stderr)
	expectTame(t, "an error", bot(t, odd, "explain", "--file", "-", "--policy", "moveon", "zendesk:"+orders).stderr)
}

func jsonText(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	if err := print.JSON(&b, s); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

// Nor does what a vendor answers, neither the terminal nor the log.
func TestVendorsDontCommandTheTerminal(t *testing.T) {
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `{"error":%s,"description":%[1]s,"ok":false}`, jsonText(t, orders))
	}))
	defer vendor.Close()
	for _, name := range []string{"ZENDESK_TOKEN", "SLACK_BOT_TOKEN"} {
		t.Setenv(name, "s3cret")
	}
	file := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(file, fmt.Appendf(nil, `
zendesk = [{ url = %q, email = "bot@acme.example", token = "env:ZENDESK_TOKEN", policies = ["moveon"] }]
slack = { token = "env:SLACK_BOT_TOKEN", channel = "#support-sla", api_url = %[1]q }
`, vendor.URL), 0o600); err != nil {
		t.Fatal(err)
	}
	check := bot(t, "", "check", "--config", file, "--online")
	if !strings.Contains(check.stdout, "403 Forbidden") {
		t.Fatalf("got %+v", check)
	}
	expectTame(t, "check", check.stdout+check.stderr)
	explain := bot(t, "", "explain", "--config", file, "zendesk:7")
	if !strings.Contains(explain.stderr, "403 Forbidden") {
		t.Fatalf("got %+v", explain)
	}
	expectTame(t, "explain", explain.stdout+explain.stderr)
}

// The log that main makes keeps what it is told on one line.
func TestLogLines(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	log.With("source", orders).Warn(orders, "err", fmt.Errorf("a vendor says: %s", orders), orders, "x")
	if n := strings.Count(out.String(), "\n"); n != 1 {
		t.Errorf("got %d lines: %s", n, out.String())
	}
	expectTame(t, "the log", out.String())
}
