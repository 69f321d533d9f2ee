package slack_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/connectors/sandbox/sandboxtest"
)

func (k *workspace) misbehave(manner string) {
	k.t.Helper()
	if err := k.s.Faults.Misbehave("slack", manner); err != nil {
		k.t.Fatal(err)
	}
}

func (k *workspace) behave(manner string) {
	k.t.Helper()
	if err := k.s.Faults.Behave("slack", manner); err != nil {
		k.t.Fatal(err)
	}
}

func decoded(body string) (v any) {
	_ = json.Unmarshal([]byte(body), &v) // nothing, if it is none
	return v
}

// reactions are the emojis of which the app was told, in the order in which it was.
func (a *anApp) reactions() (list []string) {
	for _, body := range a.bodies() {
		list = append(list, sandboxtest.At(decoded(body), "event", "reaction").(string))
	}
	return list
}

// How untidily the app is told, by the manner's name.
func TestUntidyEnvelopes(t *testing.T) {
	for _, c := range []struct {
		manner string
		now    []string // told by the acts themselves
		soon   []string // and by a delivery then
		later  []string // and by one a minute later
	}{
		{"doubles-envelopes", []string{"eyes", "eyes", "wave", "wave"}, nil, nil},
		{"repeats-envelopes", []string{"eyes", "wave"}, nil, []string{"eyes", "wave"}},
		{"late-envelopes", nil, nil, []string{"eyes", "wave"}},
		{"reorders-envelopes", nil, []string{"wave", "eyes"}, nil},
	} {
		t.Run(c.manner, func(t *testing.T) {
			k := newWorkspace(t)
			real := time.Now()
			k.s.Real = func() time.Time { return real }
			app := k.receive()
			ts := k.card()
			k.misbehave(c.manner)
			k.react(ts, "eyes")
			k.react(ts, "wave")
			want := slices.Clone(c.now)
			sandboxtest.Want(t, "by the acts", app.reactions(), want)
			k.deliver()
			want = append(want, c.soon...)
			sandboxtest.Want(t, "soon", app.reactions(), want)
			real = real.Add(time.Minute)
			k.deliver()
			want = append(want, c.later...)
			sandboxtest.Want(t, "later", app.reactions(), want)
			if n := k.s.Slack().Waiting(); n != 0 {
				t.Errorf("%d wait still", n)
			}
		})
	}
}

// Over a connection an envelope that comes twice has the same id.
func TestDoubledEnvelopeBySocket(t *testing.T) {
	k := newWorkspace(t)
	ts := k.card()
	l, _ := k.dial()
	k.misbehave("doubles-envelopes")
	all := l.acknowledges()
	k.react(ts, "eyes")
	if a, b := <-all, <-all; a.EnvelopeID == "" || a.EnvelopeID != b.EnvelopeID {
		t.Errorf("got %+v, then %+v", a, b)
	}
}

// A connection that went silent carries nothing, and the other one what it didn't.
func TestSilentConnection(t *testing.T) {
	k := newWorkspace(t)
	over := k.patience()
	ts := k.card()
	silent, _ := k.dial()
	lively, _ := k.dial()
	dead, got := silent.acknowledges(), lively.acknowledges()
	k.misbehave("silent-connection")
	done := make(chan error, 2)
	for _, name := range []string{"eyes", "wave"} { // one by each
		go func() { done <- k.s.Slack().React("nadia@acme.example", k.id, ts, name) }()
	}
	first := <-got
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	over <- time.Time{}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n := k.deliver(); n != 1 {
		t.Errorf("%d acknowledged at the second attempt, want 1", n)
	}
	again := <-got
	if again.EnvelopeID == first.EnvelopeID || again.RetryAttempt != 1 || len(dead) != 0 || k.s.Slack().Waiting() != 0 {
		t.Errorf("got %s, then %+v; %d over the silent one", first.EnvelopeID, again, len(dead))
	}
}

// A gap: connections end, none is taken, and what happens meanwhile is lost.
func TestGap(t *testing.T) {
	k := newWorkspace(t)
	ts := k.card()
	l, _ := k.dial()
	all := l.acknowledges()
	k.misbehave("no-connections")
	k.react(ts, "eyes")
	for range all { // it ends
	}
	if _, _, err := k.client().StartSocketModeContext(t.Context()); err == nil || err.Error() != "internal_error" {
		t.Errorf("got %v", err)
	}
	k.behave("no-connections")
	l, _ = k.dial()
	all = l.acknowledges()
	if n := k.deliver(); n != 0 || len(k.s.Slack().Lost()) != 1 {
		t.Errorf("%d came after the gap, %d are lost", n, len(k.s.Slack().Lost()))
	}
	k.react(ts, "wave")
	if m := <-all; sandboxtest.At(decoded(string(m.Payload)), "event", "reaction") != "wave" {
		t.Errorf("got %s", m.Payload)
	}
	if got := k.must("reactions.get", "channel", k.id, "timestamp", ts); sandboxtest.At(got, "message", "reactions", 0, "name") != "eyes" {
		t.Errorf("the reaction itself is there to be found: got %v", got)
	}
}

// A scope that the token loses is named by each method that needs it.
func TestLostScopes(t *testing.T) {
	k := newWorkspace(t)
	ts, nadia := k.cardWithButtons()
	for scope, call := range map[string][]string{
		"chat:write":       {"chat.postMessage", "channel", k.id, "text", "x"},
		"channels:history": {"conversations.history", "channel", k.id},
		"channels:read":    {"conversations.info", "channel", k.id},
		"im:write":         {"conversations.open", "users", nadia},
		"users:read":       {"users.list"},
		"users:read.email": {"users.lookupByEmail", "email", "nadia@acme.example"},
		"usergroups:read":  {"usergroups.list"},
		"usergroups:write": {"usergroups.users.update", "usergroup", "S9", "users", nadia},
		"reactions:read":   {"reactions.get", "channel", k.id, "timestamp", ts},
		"reactions:write":  {"reactions.add", "channel", k.id, "timestamp", ts, "name", "eyes"},
		"links:write":      {"chat.unfurl", "channel", k.id, "ts", ts, "unfurls", "{}"},
	} {
		manner := "without-" + strings.NewReplacer(":", "-", ".", "-").Replace(scope)
		k.misbehave(manner)
		if got := k.call(call[0], call[1:]...); got["error"] != "missing_scope" || got["needed"] != scope {
			t.Errorf("%s: got %v, want that it lacks %s", call[0], got, scope)
		}
		k.behave(manner)
		if got := k.call(call[0], call[1:]...); got["error"] == "missing_scope" {
			t.Errorf("%s after all: got %v", call[0], got)
		}
	}
}

// What is refused for a while, and how.
func TestSlowDown(t *testing.T) {
	k := newWorkspace(t)
	_, nadia := k.cardWithButtons()
	k.misbehave("slow-down")
	resp, answer := k.post("users.info", "token", k.s.Tokens.Slack, "user", nadia)
	if resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") != "30" || answer["error"] != "ratelimited" {
		t.Errorf("got %d %v %v", resp.StatusCode, resp.Header, answer)
	}
	k.behave("slow-down")
	// By its tier a method takes so many calls a minute and no more, whatever others take.
	real := time.Now()
	k.s.Real = func() time.Time { return real }
	k.s.Options.Slack.Tiers = true
	for range 20 {
		k.must("users.list")
	}
	resp, answer = k.post("users.list", "token", k.s.Tokens.Slack)
	if resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") != "60" || answer["error"] != "ratelimited" {
		t.Errorf("got %d %v %v", resp.StatusCode, resp.Header, answer)
	}
	k.must("users.info", "user", nadia)
	real = real.Add(time.Minute)
	k.must("users.list")
	for manner, call := range map[string][]string{
		"plan-upgrade-required": {"usergroups.list"},
		"permission-denied":     {"usergroups.users.update", "usergroup", "S9", "users", nadia},
	} {
		k.misbehave(manner)
		if got := k.call(call[0], call[1:]...); fmt.Sprint(got["error"]) != strings.ReplaceAll(manner, "-", "_") {
			t.Errorf("%s: got %v", manner, got)
		}
		k.behave(manner)
	}
}
