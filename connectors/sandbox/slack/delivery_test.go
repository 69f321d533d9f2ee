package slack_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"vigie/connectors/sandbox/sandboxtest"
)

// anApp is the app at its Request URLs. It takes only what is signed.
type anApp struct {
	mu      sync.Mutex
	got     []*http.Request
	body    []string
	answers func(w http.ResponseWriter, r *http.Request, body string) // 200 and nothing, if nil
}

// receive has everything told to an app over HTTP.
func (k *workspace) receive() *anApp {
	a := &anApp{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		verifier, err := slack.NewSecretsVerifier(r.Header, k.s.Tokens.SlackSigning)
		if err != nil {
			k.t.Errorf("signature: %v", err)
			return
		}
		body, err := io.ReadAll(io.TeeReader(r.Body, &verifier))
		if err != nil || verifier.Ensure() != nil {
			k.t.Errorf("signature: %v %v", err, verifier.Ensure())
			return
		}
		a.mu.Lock()
		a.got, a.body = append(a.got, r), append(a.body, string(body))
		answers := a.answers
		a.mu.Unlock()
		if answers != nil {
			answers(w, r, string(body))
		}
	}))
	k.t.Cleanup(server.Close)
	o := &k.s.Options.Slack
	o.EventsURL, o.InteractivityURL, o.CommandsURL = server.URL+"/events", server.URL+"/interactivity", server.URL+"/commands"
	return a
}

func (a *anApp) bodies() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string{}, a.body...)
}

// retries are the headers of what came, as "number reason".
func (a *anApp) retries() (list []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.got {
		list = append(list, strings.TrimSpace(r.Header.Get("X-Slack-Retry-Num")+" "+r.Header.Get("X-Slack-Retry-Reason")))
	}
	return list
}

func (k *workspace) deliver() (acknowledged int) {
	acknowledged, _ = k.s.Slack().Deliver(k.t.Context())
	return acknowledged
}

// card posts a message and has Nadia there.
func (k *workspace) card() (ts string) {
	k.s.Slack().AddUser("nadia@acme.example", "Nadia")
	return k.must("chat.postMessage", "channel", k.id, "text", "card")["ts"].(string)
}

func (k *workspace) react(ts, name string) {
	k.t.Helper()
	if err := k.s.Slack().React("nadia@acme.example", k.id, ts, name); err != nil {
		k.t.Fatal(err)
	}
}

// An event that isn't acknowledged comes three times more.
func TestEventsAreRetried(t *testing.T) {
	k := newWorkspace(t)
	real := time.Now().Add(-4 * time.Minute) // the stranger's verifier takes five minutes to either side
	k.s.Real = func() time.Time { return real }
	app := k.receive()
	app.answers = func(w http.ResponseWriter, _ *http.Request, _ string) { w.WriteHeader(http.StatusServiceUnavailable) }
	ts := k.card()
	k.react(ts, "eyes")
	// At once, after a minute, after five; then it is lost.
	for _, at := range []struct {
		wait time.Duration
		told int // by then
	}{{0, 2}, {time.Minute - time.Second, 2}, {time.Second, 3}, {5*time.Minute - time.Second, 3}, {time.Second, 4}, {2 * time.Minute, 4}} {
		real = real.Add(at.wait)
		k.deliver()
		if n := len(app.bodies()); n != at.told {
			t.Errorf("%s later: told %d times, want %d", at.wait, n, at.told)
		}
	}
	sandboxtest.Want(t, "retries", app.retries(), []string{"", "1 http_error", "2 http_error", "3 http_error"})
	if bodies := app.bodies(); bodies[0] != bodies[3] || len(k.s.Slack().Lost()) != 1 || k.s.Slack().Waiting() != 0 {
		t.Errorf("got %v, lost %v", bodies, k.s.Slack().Lost())
	}
	app.answers = func(w http.ResponseWriter, _ *http.Request, _ string) {
		w.Header().Set("X-Slack-No-Retry", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	k.react(ts, "wave")
	if len(k.s.Slack().Lost()) != 2 {
		t.Error("X-Slack-No-Retry wasn't heard")
	}
}

// An app that thinks for more than three seconds hasn't acknowledged.
func TestEventsTimeOut(t *testing.T) {
	k := newWorkspace(t)
	var waits []time.Duration
	k.s.Options.Slack.After = func(d time.Duration) <-chan time.Time {
		waits = append(waits, d)
		over := make(chan time.Time)
		close(over)
		return over
	}
	app := k.receive()
	app.answers = func(_ http.ResponseWriter, r *http.Request, _ string) { <-r.Context().Done() }
	k.react(k.card(), "eyes")
	k.s.Options.Slack.After, app.answers = nil, nil
	if n := k.deliver(); n != 1 || waits[0] != 3*time.Second {
		t.Errorf("%d acknowledged after %v", n, waits)
	}
	if got := app.retries(); got[len(got)-1] != "1 http_timeout" {
		t.Errorf("got %v", got)
	}
}

// An Events API address is asked for a challenge before it is taken.
func TestURLVerification(t *testing.T) {
	k := newWorkspace(t)
	app := k.receive()
	app.answers = func(w http.ResponseWriter, _ *http.Request, body string) { fmt.Fprint(w, body) }
	if err := k.s.Slack().VerifyURL(t.Context()); err != nil {
		t.Error(err)
	}
	app.answers = nil
	if err := k.s.Slack().VerifyURL(t.Context()); err == nil {
		t.Error("an app that doesn't answer the challenge was taken")
	}
}

// What the app has still to be told is part of a snapshot, as are homes and addresses
// for answers.
func TestSnapshotKeepsWhatWaits(t *testing.T) {
	k := newWorkspace(t)
	app := k.receive()
	ts, nadia := k.cardWithButtons()
	if err := k.s.Slack().Click(nadia, k.id, ts, "take", ""); err != nil {
		t.Fatal(err)
	}
	answer := app.clicked(t).ResponseURL
	k.must("views.publish", "user_id", nadia, "view", `{"type":"home","blocks":[]}`)
	k.must("reactions.add", "channel", k.id, "timestamp", ts, "name", "eyes")
	snapshot := ok[[]byte](t)(k.s.Snapshot())
	k.deliver()
	if err := k.s.Restore(snapshot); err != nil {
		t.Fatal(err)
	}
	if n := k.deliver(); n != 1 || len(app.bodies()) != 3 || app.bodies()[1] != app.bodies()[2] {
		t.Errorf("%d delivered, told %d times", n, len(app.bodies()))
	}
	if err := slack.PostWebhook(answer, &slack.WebhookMessage{Text: "because"}); err != nil || k.s.Slack().Home(nadia) == nil {
		t.Errorf("got %v, home %s", err, k.s.Slack().Home(nadia))
	}
}

// A sandbox that runs tells the app by itself, and ends when it is told to.
func TestRunDelivers(t *testing.T) {
	k := newWorkspace(t)
	app := k.receive()
	told := make(chan string, 1)
	app.answers = func(_ http.ResponseWriter, _ *http.Request, body string) { told <- body }
	ts := k.card()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- k.s.Run(ctx) }()
	k.must("reactions.add", "channel", k.id, "timestamp", ts, "name", "eyes")
	if body := <-told; !strings.Contains(body, `"reaction":"eyes"`) {
		t.Errorf("got %s", body)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
