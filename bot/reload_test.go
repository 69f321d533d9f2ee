package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"vigie/bot/config"
	"vigie/bot/store"
)

// A lobby is every vendor at once: it refuses all, and remembers with what
// credentials it was asked.
type lobby struct {
	mu   sync.Mutex
	seen []string
}

func (l *lobby) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	user, password, _ := r.BasicAuth()
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	for _, s := range []string{user, password, bearer, r.FormValue("token")} {
		if strings.HasPrefix(s, "s3cret") {
			l.seen = append(l.seen, s)
		}
	}
	http.Error(w, "{}", http.StatusForbidden)
}

// asked is the credentials seen since the last time.
func (l *lobby) asked() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	seen := l.seen
	l.seen = nil
	return seen
}

// keys are the files of a configuration's secrets.
type keys struct {
	t   *testing.T
	dir string
}

func (k keys) put(name, text string) {
	k.t.Helper()
	if err := os.WriteFile(filepath.Join(k.dir, name), []byte(text+"\n"), 0o600); err != nil {
		k.t.Fatal(err)
	}
}

// New secrets hold from the reload on, for every vendor, every webhook and the
// pages, in a server that isn't started again.
func TestReload(t *testing.T) {
	vendors := &lobby{}
	vendor := httptest.NewServer(vendors)
	defer vendor.Close()
	k := keys{t, t.TempDir()}
	for _, name := range []string{"zendesk", "jira", "slack", "hook", "before", "board"} {
		k.put(name, "s3cret-"+name)
	}
	cfg, problems := config.Load(filepath.Join(k.dir, "config.toml"), fmt.Appendf(nil, `
web = { token = "file:board" }
zendesk = [{ url = %q, email = "bot@acme.example", token = "file:zendesk", webhook_secret = ["file:hook", "file:before"], policies = ["moveon"] }]
jira = [{ url = %[1]q, email = "bot@acme.example", token = "file:jira", webhook_secret = "file:hook", projects = ["SUP"], policies = ["meteorage"] }]
slack = { token = "file:slack", channel = "#support-sla", api_url = %[1]q }
`, vendor.URL), lookup())
	if cfg == nil {
		t.Fatal(problems)
	}
	st, err := store.Open(t.Context(), filepath.Join(k.dir, "vigie.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	var log strings.Builder
	w := wire(cfg, st, time.Now, true, slog.New(slog.DiscardHandler))
	site := httptest.NewServer(w.server(cfg, slog.New(slog.DiscardHandler)).Handler())
	defer site.Close()

	// state is what everybody says to each secret.
	state := func(secrets ...string) string {
		t.Helper()
		var all []string
		for _, c := range w.asked {
			vendors.asked()
			if err := c.ask(t.Context()); err == nil {
				t.Fatalf("%s believes the lobby", c.name)
			}
			seen := vendors.asked()
			if len(seen) == 0 {
				t.Fatalf("%s showed no credentials", c.name)
			}
			all = append(all, c.name+":"+seen[len(seen)-1])
		}
		for _, secret := range secrets {
			all = append(all, fmt.Sprintf("%s %d %d %d", secret, hookCall(t, site.URL, "zendesk", secret), hookCall(t, site.URL, "jira", secret), pageCall(t, site.URL, secret)))
		}
		return strings.Join(all, "\n")
	}
	expect := func(when, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", when, got, want)
		}
	}
	expect("at first", state("s3cret-hook", "s3cret-before", "s3cret-board", "s3cret-hook-2"), `zendesk:s3cret-zendesk
jira:s3cret-jira
slack:s3cret-slack
s3cret-hook 200 200 401
s3cret-before 200 401 401
s3cret-board 401 401 200
s3cret-hook-2 401 401 401`)

	for name, text := range map[string]string{"zendesk": "s3cret-zendesk-2", "slack": "s3cret-slack-2", "hook": "s3cret-hook-2", "before": "s3cret-hook", "board": "s3cret-board-2"} {
		k.put(name, text)
	}
	if err := os.Remove(filepath.Join(k.dir, "jira")); err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	signals, ended := make(chan os.Signal), make(chan error)
	go func() { ended <- reload(ctx, signals, cfg, w.engine.Retry, slog.New(slog.NewTextHandler(&log, nil))) }()
	signals <- syscall.SIGHUP
	end() // it ends after that one
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	expect("after the reload", state("s3cret-hook", "s3cret-before", "s3cret-board", "s3cret-hook-2", "s3cret-board-2"), `zendesk:s3cret-zendesk-2
jira:s3cret-jira
slack:s3cret-slack-2
s3cret-hook 200 401 401
s3cret-before 401 401 401
s3cret-board 401 401 401
s3cret-hook-2 200 200 401
s3cret-board-2 401 401 200`)
	said := log.String()
	for _, want := range []string{"level=ERROR", "a secret stays as it was", "file:jira: can't be read", "changed=\"[file:board file:hook file:before file:zendesk file:hook file:slack]\""} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in the log:\n%s", want, said)
		}
	}
	if strings.Contains(said, "s3cret") {
		t.Errorf("the log shows a secret:\n%s", said)
	}
}

// hookCall is what a webhook gets that is signed with a secret.
func hookCall(t *testing.T, site, source, secret string) int {
	t.Helper()
	now := time.Now().UTC()
	return deliver(t, site, source, secret, now, fmt.Sprintf(`{"timestamp":%d,"webhookEvent":"jira:issue_updated","issue":{"id":"10001","key":"SUP-1"},"ticket_id":"42"}`, now.UnixMilli()))
}

// deliver sends a webhook as its vendor would, signed at an instant.
func deliver(t *testing.T, site, source, secret string, at time.Time, body string) int {
	t.Helper()
	stamp := at.UTC().Format(time.RFC3339)
	mac := hmac.New(sha256.New, []byte(secret))
	if source == "zendesk" {
		io.WriteString(mac, stamp)
	}
	io.WriteString(mac, body)
	r, err := http.NewRequest("POST", site+"/webhooks/"+source, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	sum := mac.Sum(nil)
	r.Header.Set("X-Zendesk-Webhook-Signature-Timestamp", stamp)
	r.Header.Set("X-Zendesk-Webhook-Signature", base64.StdEncoding.EncodeToString(sum))
	r.Header.Set("X-Hub-Signature", "sha256="+hex.EncodeToString(sum))
	return statusOf(t, r)
}

func pageCall(t *testing.T, site, token string) int {
	t.Helper()
	r, err := http.NewRequest("GET", site+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	return statusOf(t, r)
}

func statusOf(t *testing.T, r *http.Request) int {
	t.Helper()
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	return a.StatusCode
}

func TestHangup(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no signals")
	}
	ctx, end := context.WithCancel(t.Context())
	defer end()
	signals := hangups(ctx)
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if got := <-signals; got != syscall.SIGHUP {
		t.Errorf("got %v", got)
	}
}
