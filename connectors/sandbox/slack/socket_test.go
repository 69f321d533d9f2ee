package slack_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"vigie/connectors/sandbox/sandboxtest"
)

// line is one connection, by hand.
type line struct {
	t  *testing.T
	ws *websocket.Conn
}

// message is what comes over a line.
type message struct {
	Type           string
	Reason         string
	EnvelopeID     string `json:"envelope_id"`
	Accepts        bool   `json:"accepts_response_payload"`
	RetryAttempt   int    `json:"retry_attempt"`
	RetryReason    string `json:"retry_reason"`
	NumConnections int    `json:"num_connections"`
	Payload        json.RawMessage
}

// dial opens a connection and hears its greeting.
func (k *workspace) dial() (*line, message) {
	k.t.Helper()
	k.s.Options.Slack.SocketMode = true
	_, url, err := k.client().StartSocketModeContext(k.t.Context())
	if err != nil {
		k.t.Fatal(err)
	}
	ws, _, err := websocket.DefaultDialer.DialContext(k.t.Context(), url, nil)
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { ws.Close() })
	l := &line{k.t, ws}
	return l, l.read()
}

func (l *line) read() (m message) {
	l.t.Helper()
	if err := l.ws.ReadJSON(&m); err != nil {
		l.t.Fatal(err)
	}
	return m
}

// heard waits until the workspace has read all that the line wrote.
func (l *line) heard() {
	ponged := make(chan bool)
	l.ws.SetPongHandler(func(string) error { close(ponged); return nil })
	_ = l.ws.WriteControl(websocket.PingMessage, nil, time.Time{})
	go func() { _, _, _ = l.ws.ReadMessage() }() // pongs are heard by reading
	<-ponged
}

// acknowledges has the line acknowledge all that comes, and gives it on.
func (l *line) acknowledges() <-chan message {
	all := make(chan message, 100)
	go func() {
		defer close(all)
		for {
			var m message
			if l.ws.ReadJSON(&m) != nil {
				return
			}
			if m.EnvelopeID != "" && l.ws.WriteJSON(map[string]string{"envelope_id": m.EnvelopeID}) != nil {
				return
			}
			all <- m
		}
	}()
	return all
}

// patience has nobody wait in real time: a wait of three seconds is over when the test
// says so.
func (k *workspace) patience() (over chan<- time.Time) {
	done := make(chan time.Time)
	k.s.Options.Slack.After = func(d time.Duration) <-chan time.Time {
		if d == 3*time.Second {
			return done
		}
		return nil
	}
	return done
}

// A stranger's Socket Mode client is told of a reaction, and its acknowledgement heard.
func TestSocketMode(t *testing.T) {
	k := newWorkspace(t)
	k.s.Options.Slack.SocketMode = true
	ts := k.card()
	client := socketmode.New(k.client())
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- client.RunContext(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the client ended with %v", err)
		}
	})
	next := func(kind socketmode.EventType) socketmode.Event {
		for e := range client.Events {
			if e.Type == kind {
				return e
			}
		}
		return socketmode.Event{}
	}
	if hello := next(socketmode.EventTypeHello); hello.Request.NumConnections != 1 || hello.Request.ConnectionInfo.AppID != "A0SANDBOX1" {
		t.Errorf("got %+v", hello.Request)
	}
	told := make(chan *slackevents.ReactionAddedEvent, 1)
	go func() {
		e := next(socketmode.EventTypeEventsAPI)
		inner, _ := e.Data.(slackevents.EventsAPIEvent).InnerEvent.Data.(*slackevents.ReactionAddedEvent)
		if err := client.Ack(*e.Request); err != nil {
			t.Error(err)
		}
		told <- inner
	}()
	k.react(ts, "eyes")
	if e := <-told; e == nil || e.Reaction != "eyes" || e.Item.Timestamp != ts || e.Item.Channel != k.id {
		t.Errorf("got %+v", e)
	}
	if n := k.s.Slack().Waiting(); n != 0 {
		t.Errorf("%d wait, though all was acknowledged", n)
	}
	// It goes when asked to, and comes back.
	k.s.Slack().Refresh("refresh_requested")
	next(socketmode.EventTypeHello)
}

// Each envelope goes to one connection; what isn't acknowledged within three seconds
// goes to another one.
func TestEnvelopesGoOn(t *testing.T) {
	k := newWorkspace(t)
	over := k.patience()
	ts := k.card()
	mute, _ := k.dial()
	waits := make(chan message, 1)
	go func() {
		m := mute.read()
		waits <- m
	}()
	done := make(chan error)
	go func() { done <- k.s.Slack().React("nadia@acme.example", k.id, ts, "eyes") }()
	first := <-waits
	good, _ := k.dial()
	got := good.acknowledges()
	over <- time.Time{}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n := k.deliver(); n != 1 {
		t.Fatalf("%d acknowledged", n)
	}
	again := <-got
	if again.EnvelopeID != first.EnvelopeID || string(again.Payload) != string(first.Payload) || first.RetryAttempt != 0 || again.RetryAttempt != 1 || again.RetryReason != "timeout" || again.Accepts {
		t.Errorf("got %+v, then %+v", first, again)
	}
	// An acknowledgement of 20 kB or more is as good as none.
	came := make(chan bool)
	go func() {
		m := mute.read()
		close(came)
		_ = mute.ws.WriteJSON(map[string]any{"envelope_id": m.EnvelopeID, "payload": make([]byte, 20_000)})
		mute.heard()
		select {
		case over <- time.Time{}:
		case <-t.Context().Done(): // nobody waits: it was taken
		}
	}()
	for n := 0; ; n++ { // whose turn it is isn't said
		k.react(ts, fmt.Sprint("e", n))
		select {
		case <-came:
		default:
			continue
		}
		break
	}
	if n := k.deliver(); n != 1 {
		t.Errorf("%d acknowledged", n)
	}
}

// Connections are replaced while others go on; without any, what happens is lost.
func TestConnectionsEnd(t *testing.T) {
	k := newWorkspace(t)
	ts := k.card()
	old, _ := k.dial()
	k.s.Slack().Refresh("warning")
	if m := old.read(); m.Type != "disconnect" || m.Reason != "warning" {
		t.Errorf("got %+v", m)
	}
	both := old.acknowledges() // it carries on
	k.react(ts, "eyes")
	fresh, _ := k.dial()
	next := fresh.acknowledges()
	old.ws.Close()
	for range both {
	}
	for k.s.Slack().Connections() > 1 { // the workspace learns of it at its own time
	}
	k.react(ts, "wave")
	if m := <-next; m.Type != "events_api" || k.s.Slack().Waiting() != 0 {
		t.Errorf("got %+v", m)
	}
	k.s.Slack().Cut()
	for range next {
	}
	k.react(ts, "fire")
	if n := k.deliver(); n != 0 || len(k.s.Slack().Lost()) != 1 {
		t.Errorf("%d acknowledged, lost %v: nothing is kept for an app that isn't there", n, k.s.Slack().Lost())
	}
	sandboxtest.Want(t, "connections", k.s.Slack().Connections(), 0)
}

func TestPings(t *testing.T) {
	k := newWorkspace(t)
	beat := make(chan time.Time)
	k.s.Options.Slack.After = func(d time.Duration) <-chan time.Time {
		if d == 10*time.Second {
			return beat
		}
		return nil
	}
	l, _ := k.dial()
	pinged := make(chan string, 1)
	l.ws.SetPingHandler(func(text string) error { pinged <- text; return nil })
	l.acknowledges()
	beat <- time.Time{}
	if got := <-pinged; got == "" {
		t.Error("no ping")
	}
}
