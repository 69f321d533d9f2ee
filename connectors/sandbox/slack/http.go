package slack

import (
	"encoding/json"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/connectors/sandbox/stage"
)

// method is one method of the Web API: the scope it needs, empty where that
// depends on the channel, and what it answers besides ok, or the code of an error.
type method struct {
	scope string
	tier  int // calls a minute, with Options.Tiers; 0 where only posting's own pace counts
	run   func(c *call) (answer object, code string)
}

// call is one call of the bot.
type call struct {
	s      *Workspace
	st     *State
	args   url.Values
	header http.Header // of the answer
	status int
	scopes []string // of the token
	detail object   // goes with an error
}

var methods = map[string]method{
	"auth.test":             {"", 100, authTest},
	"apps.connections.open": {"", 50, openConnection},
	"chat.postMessage":      {"chat:write", 0, postMessage},
	"chat.postEphemeral":    {"chat:write", 100, postEphemeral},
	"chat.update":           {"chat:write", 50, updateMessage},
	"chat.delete":           {"chat:write", 50, deleteMessage},
	"chat.unfurl":           {"links:write", 50, unfurlLinks},
	"chat.getPermalink":     {"", 100, getPermalink},
	"conversations.history": {"", 50, channelHistory},
	"conversations.replies": {"", 50, threadReplies},
	"conversations.info":    {"", 50, channelInfo},
	"conversations.list":    {"", 20, listChannels},
	"conversations.open":    {"im:write", 50, openConversation},
	"users.lookupByEmail":   {"users:read.email", 50, lookupByEmail},
	"users.info":            {"users:read", 100, userInfo},
	"users.list":            {"users:read", 20, listUsers},

	"reactions.add":    {"reactions:write", 50, addReaction},
	"reactions.remove": {"reactions:write", 20, removeReaction},
	"reactions.get":    {"reactions:read", 50, getReactions},
	"reactions.list":   {"reactions:read", 20, listReactions},

	"views.open":    {"", 100, openView},
	"views.push":    {"", 100, pushView},
	"views.publish": {"", 100, publishView},
	"views.update":  {"", 100, updateView},

	"usergroups.list":         {"usergroups:read", 20, listGroups},
	"usergroups.users.list":   {"usergroups:read", 20, groupMembers},
	"usergroups.users.update": {"usergroups:write", 20, updateGroupMembers},
}

var allScopes = []string{
	"chat:write", "channels:history", "channels:read", "groups:history", "groups:read", "im:write", "commands",
	"users:read", "users:read.email", "usergroups:read", "usergroups:write",
	"reactions:read", "reactions:write", "links:read", "links:write",
}

// routes is the Web API: every method takes a form or JSON, and answers
// 200 whatever it thinks of the call; only 429 is said by status.
func (s *Workspace) routes(mux *http.ServeMux) {
	mux.HandleFunc("/api/{method...}", s.serve)
}

func (s *Workspace) serve(w http.ResponseWriter, r *http.Request) {
	s.state.host = r.Host
	scopes := s.scopes()
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("X-OAuth-Scopes", strings.Join(scopes, ","))
	send := func(status int, answer object) {
		w.WriteHeader(status)
		_, _ = w.Write(stage.JSON(answer)) // into a buffer
	}
	fail := func(status int, code string, detail object) {
		answer := object{"ok": false, "error": code}
		for k, v := range detail {
			answer[k] = v
		}
		send(status, answer)
	}
	name := r.PathValue("method")
	method, ok := methods[name]
	if !ok {
		fail(http.StatusOK, "unknown_method", object{"req_method": name})
		return
	}
	args, code := readArgs(r)
	if code != "" {
		fail(http.StatusOK, code, nil)
		return
	}
	if code := s.signedIn(name, args.Get("token"), r); code != "" {
		h.Del("X-OAuth-Scopes")
		fail(http.StatusOK, code, nil)
		return
	}
	h.Set("X-Accepted-OAuth-Scopes", method.scope)
	c := &call{s: s, st: &s.state, args: args, header: h, status: http.StatusOK, scopes: scopes}
	answer, code := object(nil), c.may(method.scope)
	if code == "" && !c.inTier(name, method.tier) {
		code = "ratelimited"
	}
	if code == "" {
		answer, code = method.run(c)
	}
	if code != "" {
		fail(c.status, code, c.detail)
		return
	}
	answer["ok"] = true
	send(c.status, answer)
}

// signedIn says with which word a token is refused. An app-level token opens
// connections, if it stands in the header, and does nothing else; only it does that.
func (s *Workspace) signedIn(method, token string, r *http.Request) (code string) {
	ofApp, opens := token == *s.app, method == "apps.connections.open"
	switch {
	case token == "", ofApp && opens && r.Header.Get("Authorization") == "":
		return "not_authed"
	case !ofApp && token != *s.token:
		return "invalid_auth"
	case ofApp != opens:
		return "not_allowed_token_type"
	}
	return ""
}

// readArgs reads a call's arguments from its query and body. The token may be
// one of them, or a bearer token.
func readArgs(r *http.Request) (args url.Values, code string) {
	args = r.URL.Query()
	args.Del("token") // Slack no longer takes it from the query
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case r.Method == http.MethodGet:
	case kind == "application/json":
		var body map[string]json.RawMessage
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil && err != io.EOF { // no body: no arguments
			return nil, "invalid_json"
		}
		maps.Copy(args, arguments(body))
		args.Del("token") // only a form may carry it
	case kind == "application/x-www-form-urlencoded":
		if r.ParseForm() != nil {
			return nil, "invalid_form_data"
		}
		for name, values := range r.PostForm {
			args[name] = values
		}
	case kind == "multipart/form-data":
		if r.ParseMultipartForm(stage.MaxBody) != nil {
			return nil, "invalid_form_data"
		}
		for name, values := range r.MultipartForm.Value {
			args[name] = values
		}
	case kind == "":
		return nil, "missing_post_type"
	default:
		return nil, "invalid_post_type"
	}
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		args.Set("token", bearer)
	}
	return args, ""
}

// arguments are those of a JSON body: texts as they are, and all else as JSON.
func arguments(body map[string]json.RawMessage) url.Values {
	args := url.Values{}
	for name, raw := range body {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw) // numbers, booleans, blocks
		}
		args.Set(name, text)
	}
	return args
}

// may says that the token has a scope, or with which word the call is refused.
func (c *call) may(scope string) (code string) {
	if scope == "" || slices.Contains(c.scopes, scope) {
		return ""
	}
	c.header.Set("X-Accepted-OAuth-Scopes", scope)
	c.detail = object{"needed": scope, "provided": strings.Join(c.scopes, ",")}
	return "missing_scope"
}

// inTier says whether a method takes another call in this minute of real time. Slack
// counts by method, and says for how long to wait.
func (c *call) inTier(name string, calls int) bool {
	now := c.s.Real()
	if !c.s.options.Tiers || calls == 0 {
		return true
	}
	if c.st.minutes == nil {
		c.st.minutes = map[string]*minute{}
	}
	m := c.st.minutes[name]
	if m == nil || now.Sub(m.began) >= time.Minute {
		m = &minute{began: now}
		c.st.minutes[name] = m
	}
	if m.calls++; m.calls <= calls {
		return true
	}
	c.status = http.StatusTooManyRequests
	c.header.Set("Retry-After", strconv.Itoa(int((time.Minute-now.Sub(m.began)+time.Second-1)/time.Second)))
	return false
}

// minute counts the calls of a method from an instant on.
type minute struct {
	began time.Time
	calls int
}

// named is the channel of a method that takes its id alone, if the bot knows of it.
func (c *call) named() (ch *channel, code string) {
	id := c.args.Get("channel")
	if ch = c.st.channel(id); ch == nil || strings.HasPrefix(id, "#") || ch.hidden() {
		return nil, "channel_not_found"
	}
	return ch, ""
}

// hidden says that the bot isn't to know of the channel.
func (ch *channel) hidden() bool { return ch.Private && ch.Outside }

// kind is what the scopes for the channel begin with.
func (ch *channel) kind() string {
	switch {
	case ch.Name == "":
		return "im"
	case ch.Private:
		return "groups"
	}
	return "channels"
}

func (c *call) is(name string) bool {
	v := c.args.Get(name)
	return v == "true" || v == "1"
}

// limit is the page size asked for, or the standard one.
func (c *call) limit(standard, most int) (n int, code string) {
	text := c.args.Get("limit")
	if text == "" {
		return standard, ""
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > most {
		return 0, "invalid_limit"
	}
	if n == 0 {
		n = standard
	}
	return n, ""
}
