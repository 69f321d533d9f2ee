package slack_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	slackgo "github.com/slack-go/slack"

	"vigie/connectors/desk"
	"vigie/connectors/sandbox"
	"vigie/connectors/slack"
)

// app is an inbox that hears a simulated Slack, by Socket Mode or over HTTP.
type app struct {
	*sandbox.Sandbox
	inbox *slack.Inbox
	nadia string // her id

	mu    sync.Mutex
	heard []slack.Event
	fail  int // how many of the next are refused
	say   slack.Response
}

func (a *app) handle(_ context.Context, e slack.Event) (slack.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fail > 0 {
		a.fail--
		return slack.Response{}, errors.New("the disk is full")
	}
	a.heard = append(a.heard, e)
	return a.say, nil
}

func (a *app) events() []slack.Event {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]slack.Event(nil), a.heard...)
}

// newApp has the app reached by Socket Mode, or else over HTTP.
func newApp(t *testing.T, socket bool) *app {
	t.Helper()
	s := sandbox.New()
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	c := slack.New(s.Tokens.Slack)
	c.APIURL, c.Pace = server.URL+"/api/", -1
	a := &app{Sandbox: s}
	a.inbox = &slack.Inbox{Client: c, Handle: a.handle, SigningSecret: func() string { return s.Tokens.SlackSigning }, AppToken: func() string { return s.Tokens.SlackApp }}
	a.inbox.Pause = func(ctx context.Context, _ time.Duration) error { runtime.Gosched(); return ctx.Err() }
	s.Slack().AddChannel("support-sla")
	a.nadia = s.Slack().AddUser("nadia@support.example", "Nadia")
	if err := s.Slack().Come("#support-sla", a.nadia); err != nil {
		t.Fatal(err)
	}
	o := &s.Options.Slack
	if !socket {
		web := httptest.NewServer(http.HandlerFunc(a.serve))
		t.Cleanup(web.Close)
		o.EventsURL, o.InteractivityURL, o.CommandsURL = web.URL, web.URL, web.URL
		return a
	}
	o.SocketMode = true
	a.run(t)
	a.connected(t, 2)
	return a
}

func (a *app) run(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.inbox.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
}

// connected waits until the inbox has n connections.
func (a *app) connected(t *testing.T, n int) {
	t.Helper()
	for a.Slack().Connections() < n {
		if t.Context().Err() != nil {
			t.Fatal("no connection")
		}
		runtime.Gosched()
	}
}

func (a *app) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	answer, after, err := a.inbox.HTTP(r.Context(), r.Header, body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write(answer)
	if after != nil {
		after(r.Context())
	}
}

// card posts a message with the elements that cards have, and gives its ts.
func (a *app) card(t *testing.T) string {
	t.Helper()
	api := slackgo.New(a.Tokens.Slack, slackgo.OptionAPIURL(a.inbox.Client.APIURL))
	option := func(value string) *slackgo.OptionBlockObject {
		return slackgo.NewOptionBlockObject(value, slackgo.NewTextBlockObject("plain_text", value, false, false), nil)
	}
	_, ts, err := api.PostMessageContext(t.Context(), "#support-sla", slackgo.MsgOptionText("card", false), slackgo.MsgOptionBlocks(slackgo.NewActionBlock("",
		slackgo.NewButtonBlockElement(slack.TakeAction, "zendesk:42", slackgo.NewTextBlockObject("plain_text", "Take", false, false)),
		slackgo.NewOverflowBlockElement(slack.MenuAction, option("zendesk:42 why"), option("zendesk:42 mine")))))
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

// People's acts come in by either way as the same events.
func TestInbox(t *testing.T) {
	for name, socket := range map[string]bool{"HTTP": false, "Socket Mode": true} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, socket)
			a.Options.Slack.Domains = []string{"acme.zendesk.com"}
			s, ts := a.Slack(), a.card(t)
			for _, err := range []error{
				s.Click(a.nadia, "#support-sla", ts, slack.TakeAction, "zendesk:42"),
				s.Choose(a.nadia, "#support-sla", ts, slack.MenuAction, "zendesk:42 why"),
				s.React(a.nadia, "#support-sla", ts, "eyes"),
				s.Unreact(a.nadia, "#support-sla", ts, "eyes"),
				s.Command(a.nadia, "#support-sla", "/sla  mine "),
				s.OpenHome(a.nadia),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			if _, err := s.Paste(a.nadia, "#support-sla", "look at https://acme.zendesk.com/agent/tickets/42"); err != nil {
				t.Fatal(err)
			}
			channel := s.Messages("#support-sla")[0].Channel
			want := []slack.Event{
				{Kind: slack.Click, Channel: channel, TS: ts, Action: "take", Value: "zendesk:42"},
				{Kind: slack.Click, Channel: channel, TS: ts, Action: "menu", Value: "zendesk:42 why"},
				{Kind: slack.Reacted, Channel: channel, TS: ts, Emoji: "eyes"},
				{Kind: slack.Unreacted, Channel: channel, TS: ts, Emoji: "eyes"},
				{Kind: slack.Command, Channel: channel, Command: "/sla", Text: "mine"},
				{Kind: slack.HomeOpened},
				{Kind: slack.LinksShared, Channel: channel, Links: []string{"https://acme.zendesk.com/agent/tickets/42"}},
			}
			got, keys := a.events(), map[string]bool{}
			for i := range got {
				e := &got[i]
				if e.User != a.nadia || keys[e.Key] || e.At.IsZero() != (e.Kind == slack.Command) {
					t.Errorf("%s by %q at %v has the key %q, which is empty or another's", e.Kind, e.User, e.At, e.Key)
				}
				keys[e.Key] = true
				if (e.ResponseURL == "" || e.Trigger == "") != (e.Kind != slack.Click && e.Kind != slack.Command) {
					t.Errorf("%s: trigger %q, response_url %q", e.Kind, e.Trigger, e.ResponseURL)
				}
				e.User, e.Key, e.At, e.Trigger, e.ResponseURL = "", "", time.Time{}, "", ""
				if e.Kind == slack.LinksShared {
					e.TS = ""
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

// Whoever acts is answered, alone: a command by its acknowledgement, a click by a
// message that only he sees.
func TestInboxAnswers(t *testing.T) {
	for name, socket := range map[string]bool{"HTTP": false, "Socket Mode": true} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, socket)
			a.say = slack.Response{Text: "so it is"}
			ts := a.card(t)
			if err := errors.Join(a.Slack().Click(a.nadia, "#support-sla", ts, slack.TakeAction, ""), a.Slack().Command(a.nadia, "#support-sla", "/sla help")); err != nil {
				t.Fatal(err)
			}
			for len(a.Slack().Ephemeral(a.nadia)) < 2 && t.Context().Err() == nil {
				runtime.Gosched()
			}
			for _, m := range a.Slack().Ephemeral(a.nadia) {
				if m.Text != "so it is" {
					t.Errorf("she is told %q", m.Text)
				}
			}
		})
	}
}

// An act that couldn't be kept isn't acknowledged: Slack says so to whoever clicked,
// and tells an event again.
func TestInboxAcknowledgesWhatIsKept(t *testing.T) {
	a := newApp(t, false)
	ts := a.card(t)
	a.fail = 2
	if err := a.Slack().Click(a.nadia, "#support-sla", ts, slack.TakeAction, ""); err == nil {
		t.Error("a click that couldn't be kept was acknowledged")
	}
	if err := a.Slack().React(a.nadia, "#support-sla", ts, "eyes"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Slack().Deliver(t.Context()); err != nil || len(a.events()) != 1 || a.Slack().Waiting() != 0 {
		t.Errorf("told again: %v; heard %+v, %d wait", err, a.events(), a.Slack().Waiting())
	}
}

// A refresh of one connection, and the end of both, lose nothing: what isn't
// acknowledged comes again by the next connection.
func TestSocketModeKeepsTwoConnections(t *testing.T) {
	a := newApp(t, true)
	var later atomic.Int64 // what isn't acknowledged comes again after a minute
	a.Real = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	ts := a.card(t)
	for i := range 40 {
		if i%4 == 0 {
			a.Slack().Refresh("refresh_requested")
		}
		if err := a.Slack().Click(a.nadia, "#support-sla", ts, slack.TakeAction, ""); err != nil {
			for a.Slack().Waiting() > 0 && t.Context().Err() == nil { // by the other connection
				later.Add(int64(time.Minute))
				_, _ = a.Slack().Deliver(t.Context()) // what fails comes again
				a.connected(t, 2)
			}
		}
		a.connected(t, 2)
	}
	keys := map[string]bool{}
	for _, e := range a.events() {
		keys[e.Key] = true
	}
	if len(keys) != 40 || len(a.Slack().Lost()) > 0 {
		t.Errorf("heard %d of 40 clicks, lost %d", len(keys), len(a.Slack().Lost()))
	}
	a.Slack().Cut()
	a.connected(t, 2)
}

// sign signs a body as Slack does.
func sign(secret string, at time.Time, body []byte) http.Header {
	stamp := fmt.Sprint(at.Unix())
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	return http.Header{"X-Slack-Request-Timestamp": {stamp}, "X-Slack-Signature": {"v0=" + hex.EncodeToString(mac.Sum(nil))}}
}

func TestInboxRefuses(t *testing.T) {
	const secret = "a-secret-of-acme"
	in := &slack.Inbox{Client: slack.New(""), SigningSecret: func() string { return secret }, Handle: func(context.Context, slack.Event) (slack.Response, error) {
		t.Error("it was handled")
		return slack.Response{}, nil
	}}
	command := []byte(url.Values{"command": {"/sla"}, "user_id": {"U1"}, "trigger_id": {"1.2.3"}}.Encode())
	now := time.Now()
	for name, c := range map[string]struct {
		header http.Header
		body   []byte
		want   error
	}{
		"no signature":      {http.Header{}, command, desk.ErrForged},
		"another secret":    {sign("other", now, command), command, desk.ErrForged},
		"another body":      {sign(secret, now, command), append([]byte("a=b&"), command...), desk.ErrForged},
		"a stale one":       {sign(secret, now.Add(-6*time.Minute), command), command, desk.ErrForged},
		"one of the future": {sign(secret, now.Add(6*time.Minute), command), command, desk.ErrForged},
		"no command":        {sign(secret, now, []byte("a=b")), []byte("a=b"), desk.ErrUnreadable},
		"no JSON":           {sign(secret, now, []byte("{")), []byte("{"), desk.ErrUnreadable},
		"no interaction":    {sign(secret, now, []byte("payload=x")), []byte("payload=x"), desk.ErrUnreadable},
		"no form":           {sign(secret, now, []byte("%zz")), []byte("%zz"), desk.ErrUnreadable},
		"nobody's command":  {sign(secret, now, []byte("command=/sla")), []byte("command=/sla"), nil},
		"an unknown event":  {sign(secret, now, []byte(`{"type":"event_callback","event":{"type":"pigeon"}}`)), []byte(`{"type":"event_callback","event":{"type":"pigeon"}}`), nil},
		"a view":            {sign(secret, now, []byte(`payload={"type":"view_closed"}`)), []byte(`payload={"type":"view_closed"}`), nil},
	} {
		if _, _, err := in.HTTP(t.Context(), c.header, c.body); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	in.SigningSecret = func() string { return "" }
	if _, _, err := in.HTTP(t.Context(), sign("", now, command), command); !errors.Is(err, desk.ErrForged) {
		t.Errorf("without a secret: %v", err)
	}
}

func TestInboxGivesTheChallengeBack(t *testing.T) {
	a := newApp(t, false)
	if err := a.Slack().VerifyURL(t.Context()); err != nil {
		t.Error(err)
	}
}

// FuzzInbox: whatever is signed, it is refused or handled, and nothing panics.
func FuzzInbox(f *testing.F) {
	for _, body := range []string{`payload={"type":"block_actions","actions":[{"action_id":"take"}]}`, `{"type":"event_callback","event":{"type":"reaction_added"}}`, "command=/sla&text=a"} {
		f.Add([]byte(body))
	}
	in := &slack.Inbox{Client: slack.New(""), SigningSecret: func() string { return "s" }, Handle: func(_ context.Context, e slack.Event) (slack.Response, error) {
		return slack.Response{Text: strings.Repeat("a", len(e.Text))}, nil
	}}
	f.Fuzz(func(t *testing.T, body []byte) {
		answer, _, err := in.HTTP(t.Context(), sign("s", time.Now(), body), body)
		if err == nil && len(bytes.TrimSpace(answer)) > 0 && !json.Valid(answer) {
			t.Errorf("the answer is no JSON: %q", answer)
		}
	})
}
