package slack_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/gorilla/websocket"
)

func TestAppLevelToken(t *testing.T) {
	k := newWorkspace(t)
	open := func(bearer string, args ...string) string {
		t.Helper()
		req, _ := http.NewRequest("POST", k.url+"/api/apps.connections.open", nil)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Authorization", "Bearer "+bearer)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var answer map[string]any
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(answer["ok"], " ", answer["error"])
	}
	if got := open("xapp-sandbox-slack-token"); got != "false access_denied" {
		t.Errorf("Socket Mode is off: got %s", got)
	}
	k.s.Options.Slack.SocketMode = true
	for token, want := range map[string]string{
		"xapp-sandbox-slack-token": "true <nil>",
		k.s.Tokens.Slack:           "false not_allowed_token_type",
		"xapp-wrong":               "false invalid_auth",
	} {
		if got := open(token); got != want {
			t.Errorf("%s: got %s, want %s", token, got, want)
		}
	}
	if _, answer := k.post("apps.connections.open", "token", k.s.Tokens.SlackApp); answer["error"] != "not_authed" {
		t.Errorf("as a parameter: got %v", answer)
	}
	if _, answer := k.post("auth.test", "token", k.s.Tokens.SlackApp); answer["error"] != "not_allowed_token_type" {
		t.Errorf("another method: got %v", answer)
	}
}

// An address opens one connection, and an app has ten.
func TestTenConnections(t *testing.T) {
	k := newWorkspace(t)
	for n := range 10 {
		if _, hello := k.dial(); hello.Type != "hello" || hello.NumConnections != n+1 {
			t.Fatalf("got %+v, want connection %d", hello, n+1)
		}
	}
	if _, refused := k.dial(); refused.Type != "disconnect" || refused.Reason != "too_many_websockets" {
		t.Errorf("got %+v", refused)
	}
	k.s.Slack().Cut()
	_, url, err := k.client().StartSocketModeContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{http.StatusSwitchingProtocols, http.StatusNotFound} {
		ws, resp, err := websocket.DefaultDialer.Dial(url, nil)
		if resp == nil || resp.StatusCode != want {
			t.Fatalf("got %v %v, want %d", resp, err, want)
		}
		if err == nil {
			ws.Close()
		}
	}
}
