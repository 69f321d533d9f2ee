package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/rest"
	"vigie/rules"
)

func TestPost(t *testing.T) {
	f := newFakeSlack(t)
	id, ts, err := f.client().Post(t.Context(), "#support-sla", acme(t))
	if err != nil || id != "C0SUPPORT" || ts != "1795838400.000001" {
		t.Fatalf("got %q, %q, %v", id, ts, err)
	}
	form := f.last().form
	want := map[string]string{
		"channel": "#support-sla", "parse": "none", "link_names": "false", "unfurl_links": "false", "unfurl_media": "false",
		"metadata":  `{"event_type":"vigie_alert","event_payload":{"key":"warn/zendesk:42/resolution/1/50%"}}`,
		"thread_ts": "", "reply_broadcast": "",
	}
	for name, value := range want {
		if got := form.Get(name); got != value {
			t.Errorf("%s: got %q, want %q", name, got, value)
		}
	}
	if form.Get("text") == "" || !strings.HasPrefix(form.Get("blocks"), "[{") {
		t.Errorf("text %q, blocks %q: want both", form.Get("text"), form.Get("blocks"))
	}
}

func TestEditReplacesTextAndBlocks(t *testing.T) {
	f := newFakeSlack(t)
	c := f.client()
	id, ts, err := c.Post(t.Context(), "C0SUPPORT", acme(t))
	if err != nil {
		t.Fatal(err)
	}
	met := acme(t)
	met.Kind = rules.Met
	if err := c.Edit(t.Context(), id, ts, met); err != nil {
		t.Fatal(err)
	}
	call := f.last()
	if call.method != "chat.update" || call.form.Get("parse") != "none" || call.form.Get("blocks") == "" || call.form.Has("metadata") {
		t.Errorf("got %s %v", call.method, call.form)
	}
	if got := f.messages[0].Text; !strings.HasPrefix(got, "✅ Resolution: target met") {
		t.Errorf("got text %q", got)
	}
}

func TestReplyAndFindReply(t *testing.T) {
	f := newFakeSlack(t)
	c := f.client()
	a := acme(t)
	id, ts, err := c.Post(t.Context(), "C0SUPPORT", a)
	if err != nil {
		t.Fatal(err)
	}
	if _, found, err := c.FindReply(t.Context(), id, ts, "breach"); err != nil || found {
		t.Errorf("before the reply: found %v, %v", found, err)
	}
	if got, found, err := c.FindReply(t.Context(), id, ts, a.Key); err != nil || !found || got != ts {
		t.Errorf("what the card itself says: got %q, %v, %v", got, found, err)
	}
	for range 3 {
		if _, err := c.Reply(t.Context(), id, ts, acme(t), false); err != nil {
			t.Fatal(err)
		}
	}
	a.Key = "breach"
	reply, err := c.Reply(t.Context(), id, ts, a, true)
	if err != nil {
		t.Fatal(err)
	}
	if form := f.last().form; form.Get("thread_ts") != ts || form.Get("reply_broadcast") != "true" {
		t.Errorf("got thread %q, broadcast %q", form.Get("thread_ts"), form.Get("reply_broadcast"))
	}
	got, found, err := c.FindReply(t.Context(), id, ts, "breach")
	if err != nil || !found || got != reply {
		t.Errorf("got %q, %v, %v, want %q", got, found, err, reply)
	}
	_, _, found, err = c.Find(t.Context(), id, "breach", time.Unix(1795838400, 0))
	if err != nil || found {
		t.Errorf("a broadcast reply is taken for a card: %v, %v", found, err)
	}
}

// TestReplyWithoutCard: Slack posts a reply to a deleted card beside the thread.
func TestReplyWithoutCard(t *testing.T) {
	f := newFakeSlack(t)
	c := f.client()
	var logged bytes.Buffer
	c.Log = slog.New(slog.NewTextHandler(&logged, nil))
	f.next(body(200, `{"ok":true,"channel":"C0SUPPORT","ts":"1795838400.000009","message":{"ts":"1795838400.000009"}}`))
	ts, err := c.Reply(t.Context(), "C0SUPPORT", "1795838400.000001", acme(t), false)
	if err != nil || ts != "1795838400.000009" {
		t.Errorf("got %q, %v", ts, err)
	}
	if !strings.Contains(logged.String(), "reply stands outside its thread") {
		t.Errorf("log: %q", logged.String())
	}
}

// TestNoKey: a message without a key carries none, and is never found by it.
func TestNoKey(t *testing.T) {
	f := newFakeSlack(t)
	c := f.client()
	a := acme(t)
	a.Key = ""
	if _, _, err := c.Post(t.Context(), "C0SUPPORT", a); err != nil {
		t.Fatal(err)
	}
	if f.last().form.Has("metadata") {
		t.Errorf("got metadata %s", f.last().form.Get("metadata"))
	}
	f.messages[0].Metadata = json.RawMessage(`{"event_type":"vigie_alert","event_payload":{"key":""}}`)
	if _, _, found, err := c.Find(t.Context(), "C0SUPPORT", "", time.Unix(1795838400, 0)); found || err != nil {
		t.Errorf("got %v, %v", found, err)
	}
}

func TestList(t *testing.T) {
	f := newFakeSlack(t)
	c := f.client()
	a := acme(t)
	a.Subject = "<!here> *now*"
	id, ts, err := c.List(t.Context(), "C0SUPPORT", "digest/2026-12-01", "", "*1 due today*", []rules.Alert{a})
	if err != nil {
		t.Fatal(err)
	}
	want := "*1 due today*\n• ⏳ Solve the ticket by Tue 16:30: 7 h 15 of business time left – <https://acme.zendesk.com/agent/tickets/42|zendesk:42> &lt;!here&gt; ∗now∗" +
		" – Due <!date^1796139000^{date_short_pretty} {time}|Tue 1 Dec 2026 16:30 (Europe/Berlin)>"
	if got := f.messages[0].Text; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	a.Kind, a.At = rules.Met, time.Date(2026, 12, 1, 15, 0, 0, 0, time.UTC)
	if err := c.Amend(t.Context(), id, ts, "", "Nothing is left.", []rules.Alert{a}); err != nil {
		t.Fatal(err)
	}
	want = "Nothing is left.\n• ✅ Resolution: target met – <https://acme.zendesk.com/agent/tickets/42|zendesk:42> &lt;!here&gt; ∗now∗"
	if got := f.messages[0].Text; got != want {
		t.Errorf("amended: got %q, want %q", got, want)
	}
	_, blocks := renderList("Nothing is left.", []rules.Alert{a}, "en")
	if text, err := json.Marshal(blocks); err != nil || !strings.Contains(string(text), "As of") {
		t.Errorf("it doesn't say when that was: %s, %v", text, err)
	}
	gotID, gotTS, found, err := c.Find(t.Context(), "C0SUPPORT", "digest/2026-12-01", time.Unix(1795838400, 0))
	if err != nil || !found || gotID != id || gotTS != ts {
		t.Errorf("got %q, %q, %v, %v", gotID, gotTS, found, err)
	}
}

// TestLostAnswer is the whole road of a post whose answer is lost: it isn't
// repeated, is found by its key, and would be known to be absent if it were.
func TestLostAnswer(t *testing.T) {
	since := time.Unix(1795838400, 0)
	tests := []struct {
		name   string
		answer func(*fakeSlack) http.HandlerFunc
		posted bool
	}{
		{"carried out", func(f *fakeSlack) http.HandlerFunc { return f.lost }, true},
		{"not carried out", func(*fakeSlack) http.HandlerFunc { return hangUp }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFakeSlack(t)
			c := f.client()
			for i := range 5 {
				a := acme(t)
				a.Key = fmt.Sprint("other/", i)
				if _, _, err := f.client().Post(t.Context(), "#support-sla", a); err != nil {
					t.Fatal(err)
				}
			}
			f.next(tt.answer(f))
			if _, _, err := c.Post(t.Context(), "#support-sla", acme(t)); OutcomeOf(err) != Unknown {
				t.Fatalf("got %v (%v), want unknown", OutcomeOf(err), err)
			}
			id, ts, found, err := c.Find(t.Context(), "#support-sla", acme(t).Key, since)
			if err != nil || found != tt.posted || id != "C0SUPPORT" {
				t.Fatalf("got %q, %q, %v, %v, want found %v", id, ts, found, err, tt.posted)
			}
			if found && ts != "1795838400.000006" {
				t.Errorf("found %q", ts)
			}
			want := strings.Fields(strings.Repeat("chat.postMessage ", 6) + "conversations.list conversations.list" + strings.Repeat(" conversations.history", 3))
			if diff := cmp.Diff(want, f.methods()); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			if got, want := f.last().form.Get("oldest"), "1795838100.000000"; got != want {
				t.Errorf("looked since %s, want %s, five minutes earlier", got, want)
			}
		})
	}
}

// TestFindNeverGuesses: an answer that doesn't show everything isn't "absent".
func TestFindNeverGuesses(t *testing.T) {
	tests := []struct {
		name   string
		answer http.HandlerFunc
		want   Outcome
	}{
		{"no answer", body(200, ""), Wait},
		{"no reason", body(200, `{"ok":false}`), Wait},
		{"cut off", body(200, `{"ok":true,"messages":[{"ts":"1"}],"has_more":true}`), Wait},
		{"something before it", body(400, `x`), Wait},
		{"a proxy's login page", body(302, "", "Location", "https://login.acme.example/"), Wait},
		{"another's error", body(200, `{"error":"upstream unavailable"}`), Wait},
		{"no list", body(200, `{"ok":true}`), Wait},
		{"scope", body(200, `{"ok":false,"error":"missing_scope","needed":"channels:history"}`), Refused},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFakeSlack(t)
			f.next(tt.answer)
			if _, _, found, err := f.client().Find(t.Context(), "C0SUPPORT", "k", time.Unix(1795838400, 0)); found || OutcomeOf(err) != tt.want {
				t.Errorf("Find: got %v, %v", found, err)
			}
			f.next(tt.answer)
			if _, found, err := f.client().FindReply(t.Context(), "C0SUPPORT", "1795838400.000001", "k"); found || OutcomeOf(err) != tt.want {
				t.Errorf("FindReply: got %v, %v", found, err)
			}
		})
	}
}

// TestPace: posts to one channel are a second apart, however the channel is
// named; edits and other channels don't wait.
func TestPace(t *testing.T) {
	f := newFakeSlack(t)
	c := f.client()
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	var slept []time.Duration
	c.Pace = 0
	c.Now = func() time.Time { return now }
	c.Sleep = func(_ context.Context, d time.Duration) error {
		slept = append(slept, d)
		return nil
	}
	id, ts, err := c.Post(t.Context(), "C0SUPPORT", acme(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Edit(t.Context(), id, ts, acme(t)); err != nil {
		t.Fatal(err)
	}
	now = now.Add(400 * time.Millisecond)
	if _, err := c.Reply(t.Context(), id, ts, acme(t), false); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.List(t.Context(), "C0SUPPORT", "k", "", "text", nil); err != nil {
		t.Fatal(err)
	}
	now = now.Add(10 * time.Second)
	if _, _, err := c.List(t.Context(), "C0SUPPORT", "k", "", "text", nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]time.Duration{600 * time.Millisecond, 1600 * time.Millisecond}, slept); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}

	c.Sleep = func(ctx context.Context, d time.Duration) error { return context.Canceled }
	calls := len(f.methods())
	_, _, err = c.List(t.Context(), "C0SUPPORT", "k", "", "text", nil)
	if OutcomeOf(err) != Wait || !errors.Is(err, context.Canceled) || len(f.methods()) != calls {
		t.Errorf("ended while waiting: got %v (%v), want wait and no call", OutcomeOf(err), err)
	}
}

func TestCheck(t *testing.T) {
	tests := []struct {
		name, scopes string
		want         string // in the error
	}{
		{"all there", "chat:write, channels:history,users:read", ""},
		{"can't tell", "", ""},
		{"posting alone, as no channel is named", "chat:write", ""},
		{"not to post", "chat:write.public", "lacks the scope chat:write:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFakeSlack(t)
			f.scopes = tt.scopes
			err := f.client().Check(t.Context())
			if tt.want == "" && err != nil {
				t.Fatal(err)
			}
			if tt.want != "" && (OutcomeOf(err) != Refused || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want refused with %q", err, tt.want)
			}
		})
	}
	t.Run("channels", func(t *testing.T) {
		f := newFakeSlack(t)
		f.scopes = "chat:write,channels:history,channels:read"
		if err := f.client().Check(t.Context(), "#support-sla", "C0SUPPORT"); err != nil {
			t.Errorf("both are there: %v", err)
		}
		err := f.client().Check(t.Context(), "#suport-sla", "#support-sla", "#other", "C0NOWHERE")
		want := "#suport-sla: channel_not_found: no such channel for the bot: check its name in the configuration, and invite the bot if it is private\n" +
			"#other: not_in_channel: invite the bot to the channel\n" +
			"C0NOWHERE: channel_not_found: no such channel for the bot: check its name in the configuration, and invite the bot if it is private"
		if OutcomeOf(err) != Refused || err.Error() != want {
			t.Errorf("got\n%v\nwant\n%s", err, want)
		}
	})
	t.Run("unknown token", func(t *testing.T) {
		f := newFakeSlack(t)
		c := New("xoxb-other")
		c.APIURL, c.HTTP = f.url+"/api/", f.client().HTTP
		if err := c.Check(t.Context()); OutcomeOf(err) != Refused || !strings.Contains(err.Error(), "set slack.token") {
			t.Errorf("got %v", err)
		}
	})
}

// TestNoSecret: whatever goes wrong, the token is in no error, no log line, and
// nothing that prints a client.
func TestNoSecret(t *testing.T) {
	f := newFakeSlack(t)
	var logged bytes.Buffer
	c := f.client()
	log := slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c.HTTP = (&rest.Transport{Retry: Repeatable, Log: log, Sleep: func(context.Context, time.Duration) error { return nil }}).Client()
	var said []string
	for _, answer := range []http.HandlerFunc{hangUp, body(200, "<html>"+secret), body(500, secret), body(404, secret), body(200, `{"ok":false,"error":"invalid_auth"}`), body(200, "{}")} {
		f.next(answer)
		_, _, err := c.Post(t.Context(), "C0SUPPORT", acme(t))
		if err == nil {
			t.Fatal("no error")
		}
		said = append(said, err.Error(), fmt.Sprintf("%+v", err))
	}
	c.APIURL = "http://127.0.0.1:1/"
	said = append(said, fmt.Sprint(c.Check(t.Context())))
	log.Info("client", "client", c)
	said = append(said, fmt.Sprintf("%v %+v %s", c, c, c), logged.String())
	for _, s := range said {
		if strings.Contains(s, secret) || strings.Contains(s, "token=") || strings.Contains(s, "Portal unavailable") {
			t.Errorf("secret in %q", s)
		}
	}
}
