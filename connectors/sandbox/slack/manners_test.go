package slack_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"vigie/connectors/sandbox/sandboxtest"
)

// names are the channels that conversations.list shows.
func (k *workspace) names(args ...string) string {
	k.t.Helper()
	answer := k.call("conversations.list", args...)
	if answer["ok"] != true {
		return fmt.Sprint(answer["error"], " ", answer["needed"])
	}
	var list []string
	for _, ch := range answer["channels"].([]any) {
		list = append(list, sandboxtest.At(ch, "name").(string))
	}
	return strings.Join(list, " ")
}

// A private channel is seen by its members alone, and takes scopes of its own.
func TestPrivateChannel(t *testing.T) {
	k := newWorkspace(t)
	id := k.s.Slack().AddPrivateChannel("#astreinte")
	if got := k.names() + "/" + k.names("types", "private_channel") + "/" + k.names("types", "public_channel,private_channel"); got != "support-sla/astreinte/support-sla astreinte" {
		t.Errorf("got %s", got)
	}
	if got := k.must("conversations.info", "channel", id); sandboxtest.At(got, "channel", "is_private") != true {
		t.Errorf("got %v", got)
	}
	k.s.Slack().Reinstall("xoxb-next", "chat:write", "groups:read")
	if _, answer := k.post("auth.test", "token", "xoxb-sandbox-slack-token"); answer["error"] != "invalid_auth" {
		t.Errorf("the token before: got %v", answer)
	}
	for what, want := range map[string]string{
		k.names("types", "private_channel"): "astreinte",
		k.names():                           "missing_scope channels:read",
		k.names("types", "public_channel,private_channel"):                                 "missing_scope channels:read",
		fmt.Sprint(k.call("conversations.history", "channel", id)["needed"]):               "groups:history",
		fmt.Sprint(k.call("conversations.info", "channel", k.id)["provided"]):              "chat:write,groups:read",
		fmt.Sprint(k.call("chat.postMessage", "channel", "#astreinte", "text", "x")["ok"]): "true",
	} {
		if what != want {
			t.Errorf("with groups:read alone: got %s, want %s", what, want)
		}
	}
	if err := k.s.Slack().Kick(id); err != nil {
		t.Fatal(err)
	}
	for method, args := range map[string][]string{"chat.postMessage": {"channel", id, "text", "x"}, "conversations.info": {"channel", id}} {
		if got := k.call(method, args...); got["error"] != "channel_not_found" {
			t.Errorf("%s once outside: got %v", method, got)
		}
	}
	if got := k.names("types", "private_channel"); got != "" {
		t.Errorf("once outside it sees %s", got)
	}
}

// An organisation's token lists a workspace's channels, and must say whose.
func TestOrgWide(t *testing.T) {
	k := newWorkspace(t)
	k.s.Options.Slack.OrgWide = true
	if got := k.must("auth.test"); got["is_enterprise_install"] != true || got["enterprise_id"] == "" {
		t.Errorf("got %v", got)
	}
	if got := k.names() + "/" + k.names("team_id", "T0ELSEWHERE") + "/" + k.names("team_id", "T0SANDBOX1"); got != "missing_argument <nil>/team_access_not_granted <nil>/support-sla" {
		t.Errorf("got %s", got)
	}
	if got := k.call("chat.postMessage", "channel", "#support-sla", "text", "x"); got["error"] != "channel_not_found" {
		t.Errorf("by name: got %v", got)
	}
	k.must("chat.postMessage", "channel", k.id, "text", "x")
}

// What its manners make of a Slack.
func TestManners(t *testing.T) {
	for _, c := range []struct {
		manner string
		status int
		says   string // of chat.postMessage to a thread
		posted int
	}{
		{"invalid-auth", 200, "invalid_auth", 0},
		{"missing-scope", 200, "missing_scope", 0},
		{"not-in-channel", 200, "not_in_channel", 0},
		{"proxy-401", 401, "", 0},
		{"proxy-407", 407, "", 0},
		{"proxy-redirect", 302, "", 0},
		{"503-after-posting", 503, "", 1},
		{"503-after-posting-no-time", 503, "", 1},
		{"html-after-posting", 200, "", 1},
		{"refuses-replies", 200, "restricted_action_thread_locked", 0},
		{"refuses-reply-message", 200, "cannot_reply_to_message", 0},
		{"has-no-threads", 200, "restricted_action_non_threadable_channel", 0},
		{"loses-threads", 200, "thread_not_found", 0},
	} {
		t.Run(c.manner, func(t *testing.T) {
			k := newWorkspace(t)
			parent := k.must("chat.postMessage", "channel", k.id, "text", "card")["ts"].(string)
			if err := k.s.Faults.Misbehave("slack", c.manner); err != nil {
				t.Fatal(err)
			}
			client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			resp, err := client.PostForm(k.url+"/api/chat.postMessage", url.Values{"token": {k.s.Tokens.Slack}, "channel": {k.id}, "thread_ts": {parent}, "text": {"reply"}})
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != c.status {
				t.Errorf("got %d, want %d", resp.StatusCode, c.status)
			}
			if n := len(k.s.Slack().Messages(k.id)) - 1; n != c.posted {
				t.Errorf("%d were posted, want %d", n, c.posted)
			}
			if c.says != "" {
				if got := k.call("chat.postMessage", "channel", k.id, "text", "reply", "thread_ts", parent); got["error"] != c.says {
					t.Errorf("got %v, want %s", got, c.says)
				}
			}
		})
	}
}

// A list that never ends goes on naming pages, and brings nothing new.
func TestEndlessLists(t *testing.T) {
	for manner, distinct := range map[string]int{"pages-loop": 2, "pages-ever-fresh": 6} {
		k := newWorkspace(t)
		ts := k.must("chat.postMessage", "channel", k.id, "text", "card")["ts"].(string)
		if err := k.s.Faults.Misbehave("slack", manner); err != nil {
			t.Fatal(err)
		}
		for method, args := range map[string][]string{"conversations.list": nil, "conversations.history": {"channel", k.id}, "conversations.replies": {"channel", k.id, "ts", ts}} {
			seen, cursor := map[string]bool{}, ""
			for range 6 {
				page := k.must(method, append([]string{"cursor", cursor}, args...)...)
				cursor = sandboxtest.At(page, "response_metadata", "next_cursor").(string)
				seen[cursor] = true
			}
			if len(seen) != distinct || seen[""] {
				t.Errorf("%s, %s: %d cursors in six pages, want %d", manner, method, len(seen), distinct)
			}
		}
	}
}
