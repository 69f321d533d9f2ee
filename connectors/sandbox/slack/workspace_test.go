package slack_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"vigie/connectors/sandbox"
	"vigie/connectors/sandbox/sandboxtest"
)

// workspace is a sandbox's Slack over HTTP, at a ticket time that the test moves.
type workspace struct {
	t   *testing.T
	s   *sandbox.Sandbox
	url string
	now time.Time
	id  string // of #support-sla
}

func newWorkspace(t *testing.T) *workspace {
	t.Helper()
	k := &workspace{t: t, s: sandbox.New(), now: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)}
	k.s.Now = func() time.Time { return k.now }
	server := httptest.NewServer(k.s.Handler())
	t.Cleanup(server.Close)
	k.url = server.URL
	k.id = k.s.Slack().AddChannel("#support-sla")
	return k
}

// call calls a method with arguments "name", "value", … and the bot's token.
func (k *workspace) call(method string, args ...string) map[string]any {
	k.t.Helper()
	_, answer := k.post(method, append([]string{"token", k.s.Tokens.Slack}, args...)...)
	return answer
}

func (k *workspace) post(method string, args ...string) (*http.Response, map[string]any) {
	k.t.Helper()
	form := url.Values{}
	for n := 0; n < len(args); n += 2 {
		form.Set(args[n], args[n+1])
	}
	resp, err := http.PostForm(k.url+"/api/"+method, form)
	if err != nil {
		k.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		k.t.Fatalf("%s: %v", method, err)
	}
	return resp, answer
}

// must is call that has to be ok.
func (k *workspace) must(method string, args ...string) map[string]any {
	k.t.Helper()
	answer := k.call(method, args...)
	if answer["ok"] != true {
		k.t.Fatalf("%s: got %v", method, answer)
	}
	return answer
}

func TestSignIn(t *testing.T) {
	k := newWorkspace(t)
	resp, answer := k.post("auth.test", "token", k.s.Tokens.Slack)
	if answer["ok"] != true || !strings.Contains(resp.Header.Get("X-OAuth-Scopes"), "chat:write") {
		t.Errorf("got %v %v", answer, resp.Header)
	}
	if resp, answer := k.post("auth.test", "token", "xoxb-wrong"); resp.StatusCode != 200 || answer["error"] != "invalid_auth" {
		t.Errorf("wrong token: got %d %v", resp.StatusCode, answer)
	}
	if _, answer := k.post("auth.test"); answer["error"] != "not_authed" {
		t.Errorf("no token: got %v", answer)
	}
	req, _ := http.NewRequest("POST", k.url+"/api/chat.postMessage", strings.NewReader(`{"channel":"#support-sla","text":"hi","unfurl_links":false,"blocks":[{"type":"divider"}]}`))
	req.Header.Set("Authorization", "Bearer "+k.s.Tokens.Slack)
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	if resp, err := http.DefaultClient.Do(req); err != nil || resp.Body.Close() != nil || len(k.s.Slack().Messages("#support-sla")) != 1 {
		t.Errorf("bearer token and JSON: got %v", err)
	}
	k.s.Options.Slack.Scopes = []string{"chat:write"}
	if got := k.call("conversations.history", "channel", k.id); got["error"] != "missing_scope" || got["needed"] != "channels:history" {
		t.Errorf("scopes: got %v", got)
	}
	for method, want := range map[string]string{"chat.scream": "unknown_method", "apps.connections.open": "not_allowed_token_type"} {
		if got := k.call(method); got["error"] != want {
			t.Errorf("%s: got %v, want %s", method, got, want)
		}
	}
}

func TestPostAndEdit(t *testing.T) {
	k := newWorkspace(t)
	const metadata = `{"event_type":"vigie_alert","event_payload":{"key":"warn/jira:SUP-1/first_reply/1"}}`
	const blocks = `[{"type":"section","text":{"type":"mrkdwn","text":"*30 min* left"}}]`
	first := k.must("chat.postMessage", "channel", "#support-sla", "text", "30 min left", "blocks", blocks, "metadata", metadata)
	second := k.must("chat.postMessage", "channel", k.id, "text", "other")
	ts := first["ts"].(string)
	if !regexp.MustCompile(`^\d{10}\.\d{6}$`).MatchString(ts) || second["ts"].(string) <= ts || first["channel"] != k.id {
		t.Errorf("got %v then %v", first, second)
	}
	if !strings.HasPrefix(ts, fmt.Sprint(k.now.Unix())) {
		t.Errorf("ts %s isn't of ticket time", ts)
	}

	k.must("chat.update", "channel", k.id, "ts", ts, "text", "met", "blocks", blocks)
	k.must("chat.update", "channel", k.id, "ts", ts, "blocks", `[{"type":"divider"}]`)
	got := k.s.Slack().Messages(k.id)[0]
	if edit := sandboxtest.At(k.must("conversations.history", "channel", k.id), "messages", 1, "edited", "ts"); edit == ts || edit != got.EditedTS {
		t.Errorf("edited.ts is %v, want the edit's", edit)
	}
	if got.Text != "met" || string(got.Blocks) != `[{"type":"divider"}]` || got.Edits != 2 || string(got.Metadata) != metadata || !got.At.Equal(k.now) {
		t.Errorf("without text the text stays: got %+v", got)
	}
	k.must("chat.update", "channel", k.id, "ts", ts, "text", "met at last")
	if got := k.s.Slack().Messages(k.id)[0]; got.Blocks != nil || got.Text != "met at last" {
		t.Errorf("text without blocks takes them away: got %+v", got)
	}

	reply := k.must("chat.postMessage", "channel", k.id, "text", "escalated", "thread_ts", ts)["ts"].(string)
	k.must("chat.postMessage", "channel", k.id, "text", "to all", "thread_ts", ts, "reply_broadcast", "true")
	if link := k.must("chat.getPermalink", "channel", k.id, "message_ts", ts)["permalink"].(string); !strings.HasSuffix(link, strings.ReplaceAll(ts, ".", "")) {
		t.Errorf("permalink: got %s", link)
	}
	nadia := k.s.Slack().AddUser("nadia@acme.example", "Nadia")
	if got := k.must("users.lookupByEmail", "email", "nadia@acme.example"); sandboxtest.At(got, "user", "id") != nadia {
		t.Errorf("got %v", got)
	}
	direct := k.must("chat.postMessage", "channel", nadia, "text", "for you")["channel"].(string)
	if !strings.HasPrefix(direct, "D") || len(k.s.Slack().Messages(direct)) != 1 {
		t.Errorf("direct message: got channel %s", direct)
	}
	k.must("chat.postEphemeral", "channel", k.id, "user", nadia, "text", "only you")

	human, err := k.s.Slack().Say("#support-sla", "nadia@acme.example", "on it", ts)
	if err != nil {
		t.Fatal(err)
	}
	old := k.s.Slack().AddChannel("old")
	if err := k.s.Slack().Archive("#old"); err != nil {
		t.Fatal(err)
	}
	secret := k.s.Slack().AddChannel("secret")
	if err := k.s.Slack().Kick(secret); err != nil {
		t.Fatal(err)
	}
	if err := k.s.Slack().Delete(k.id, second["ts"].(string)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, method string
		args         []string
		want         string
	}{
		{"unknown channel", "chat.postMessage", []string{"channel", "#nowhere", "text", "x"}, "channel_not_found"},
		{"not a member", "chat.postMessage", []string{"channel", secret, "text", "x"}, "not_in_channel"},
		{"archived", "chat.postMessage", []string{"channel", old, "text", "x"}, "is_archived"},
		{"nothing to say", "chat.postMessage", []string{"channel", k.id, "text", ""}, "no_text"},
		{"no such thread", "chat.postMessage", []string{"channel", k.id, "text", "x", "thread_ts", "1700000000.000001"}, "thread_not_found"},
		{"reply to a reply", "chat.postMessage", []string{"channel", k.id, "text", "x", "thread_ts", reply}, "cannot_reply_to_message"},
		{"blocks that are no JSON", "chat.postMessage", []string{"channel", k.id, "blocks", "{"}, "invalid_blocks_format"},
		{"metadata without a type", "chat.postMessage", []string{"channel", k.id, "text", "x", "metadata", `{"event_payload":{}}`}, "invalid_metadata_schema"},
		{"metadata that is no JSON", "chat.postMessage", []string{"channel", k.id, "text", "x", "metadata", `x`}, "invalid_metadata_format"},
		{"edit by a channel's name", "chat.update", []string{"channel", "#support-sla", "ts", ts, "text", "x"}, "channel_not_found"},
		{"link by a channel's name", "chat.getPermalink", []string{"channel", "#support-sla", "message_ts", ts}, "channel_not_found"},
		{"what isn't there", "chat.sing/loudly", nil, "unknown_method"},
		{"deleted message", "chat.update", []string{"channel", k.id, "ts", second["ts"].(string), "text", "x"}, "message_not_found"},
		{"a person's message", "chat.update", []string{"channel", k.id, "ts", human, "text", "x"}, "cant_update_message"},
		{"long edit", "chat.update", []string{"channel", k.id, "ts", ts, "text", strings.Repeat("é", 4001)}, "msg_too_long"},
		{"stranger", "users.lookupByEmail", []string{"email", "x@acme.example"}, "users_not_found"},
		{"stranger's id", "users.info", []string{"user", "U9"}, "user_not_found"},
		{"ephemeral for a stranger", "chat.postEphemeral", []string{"channel", k.id, "user", "U9", "text", "x"}, "user_not_in_channel"},
		{"history by name", "conversations.history", []string{"channel", "#support-sla"}, "channel_not_found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := k.call(c.method, c.args...); got["ok"] != false || got["error"] != c.want {
				t.Errorf("got %v, want %s", got, c.want)
			}
		})
	}
	if n := len(k.s.Slack().Messages(k.id)); n != 5 {
		t.Errorf("got %d messages, want 5: refused calls leave none", n)
	}
}

func TestHistory(t *testing.T) {
	k := newWorkspace(t)
	var all []string
	for n := range 5 {
		k.now = k.now.Add(time.Minute)
		all = append(all, k.must("chat.postMessage", "channel", k.id, "text", fmt.Sprint(n), "metadata", fmt.Sprintf(`{"event_type":"vigie_alert","event_payload":{"key":"%d"}}`, n))["ts"].(string))
	}
	k.must("chat.postMessage", "channel", k.id, "text", "reply", "thread_ts", all[0])
	k.must("chat.postMessage", "channel", k.id, "text", "loud", "thread_ts", all[0], "reply_broadcast", "true")
	texts := func(answer map[string]any) string {
		var list []string
		for _, m := range answer["messages"].([]any) {
			list = append(list, sandboxtest.At(m, "text").(string))
		}
		return strings.Join(list, " ")
	}

	first := k.must("conversations.history", "channel", k.id, "limit", "4", "include_all_metadata", "true")
	if texts(first) != "loud 4 3 2" || first["has_more"] != true || sandboxtest.At(first, "messages", 1, "metadata", "event_payload", "key") != "4" {
		t.Errorf("got %v", first)
	}
	rest := k.must("conversations.history", "channel", k.id, "limit", "4", "cursor", sandboxtest.At(first, "response_metadata", "next_cursor").(string))
	if texts(rest) != "1 0" || rest["has_more"] != false || sandboxtest.At(rest, "messages", 0, "metadata") != nil {
		t.Errorf("got %v", rest)
	}
	if sandboxtest.At(rest, "messages", 1, "reply_count") != 2.0 || sandboxtest.At(rest, "messages", 1, "thread_ts") != all[0] {
		t.Errorf("parent: got %v", sandboxtest.At(rest, "messages", 1))
	}
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"oldest", []string{"oldest", all[3]}, "loud 4"},
		{"oldest in seconds", []string{"oldest", fmt.Sprint(k.now.Unix())}, "loud"},
		{"oldest inclusive", []string{"oldest", all[3], "inclusive", "true"}, "loud 4 3"},
		{"latest", []string{"latest", all[1]}, "0"},
		{"between", []string{"oldest", all[0], "latest", all[3]}, "2 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := texts(k.must("conversations.history", append([]string{"channel", k.id}, c.args...)...)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	if got := texts(k.must("conversations.replies", "channel", k.id, "ts", all[0])); got != "0 reply loud" {
		t.Errorf("thread: got %s", got)
	}
	if got := k.call("conversations.replies", "channel", k.id, "ts", "1700000000.000001"); got["error"] != "thread_not_found" {
		t.Errorf("got %v", got)
	}
	if got := k.call("conversations.history", "channel", k.id, "oldest", "yesterday"); got["error"] != "invalid_ts_oldest" {
		t.Errorf("got %v", got)
	}
	k.s.Slack().AddChannel("astreinte")
	list := k.must("conversations.list", "limit", "1")
	list = k.must("conversations.list", "limit", "1", "cursor", sandboxtest.At(list, "response_metadata", "next_cursor").(string))
	if sandboxtest.At(list, "channels", 0, "name") != "astreinte" || sandboxtest.At(list, "response_metadata", "next_cursor") != "" {
		t.Errorf("channels: got %v", list)
	}
}

func TestPace(t *testing.T) {
	k := newWorkspace(t)
	real := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	k.s.Real = func() time.Time { return real }
	k.s.Options.Slack.OnePerSecond = true
	other := k.s.Slack().AddChannel("other")
	k.must("chat.postMessage", "channel", k.id, "text", "1")
	k.must("chat.postMessage", "channel", other, "text", "1")
	resp, answer := k.post("chat.postMessage", "token", k.s.Tokens.Slack, "channel", "#support-sla", "text", "2")
	if resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "1" || answer["error"] != "ratelimited" {
		t.Errorf("got %d %v", resp.StatusCode, answer)
	}
	real = real.Add(time.Second)
	k.must("chat.postMessage", "channel", k.id, "text", "2")
}

// Blocks are taken as they come, but for their number and size; what Block Kit
// allows in them is package contract's to say, under the clients of the tests.
func TestBlocks(t *testing.T) {
	k := newWorkspace(t)
	many := func(n int) string {
		return "[" + strings.TrimSuffix(strings.Repeat(`{"type":"divider"},`, n), ",") + "]"
	}
	for _, c := range []struct{ name, blocks, code string }{
		{"fifty", many(50), ""},
		{"fifty-one", many(51), "invalid_blocks"},
		{"one that is no object", `["divider"]`, "invalid_blocks"},
		{"one without a type", `[{}]`, "invalid_blocks"},
		{"no list", `{"type":"divider"}`, "invalid_blocks_format"},
		{"too much of it", `[{"type":"section","text":{"type":"mrkdwn","text":"` + strings.Repeat("x", 14_000) + `"}}]`, "msg_blocks_too_long"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := k.call("chat.postMessage", "channel", k.id, "text", "x", "blocks", c.blocks)
			if code, _ := got["error"].(string); code != c.code {
				t.Errorf("got %v, want %q", got, c.code)
			}
		})
	}
}
