package slack

import (
	"fmt"
	"maps"
	"net/http"
	"strings"

	"vigie/connectors/sandbox/stage"
)

// refusals are words with which Slack refuses a call, and which calls it then
// refuses. A word's manner has its name, with hyphens.
var refusals = map[string]func(method string) bool{
	// What keeps a token from all.
	"not_authed": anyMethod, "invalid_auth": anyMethod, "token_revoked": anyMethod, "token_expired": anyMethod,
	"account_inactive": anyMethod, "not_allowed_token_type": anyMethod, "team_access_not_granted": anyMethod,
	"accesslimited": anyMethod,
	// What keeps the bot from posting.
	"channel_not_found": posts, "not_in_channel": posts, "is_archived": posts, "missing_scope": posts, "no_permission": posts,
	"restricted_action": posts, "restricted_action_read_only_channel": posts, "restricted_action_thread_only_channel": posts,
	"ekm_access_denied": posts, "messages_tab_disabled": posts, "invalid_blocks": posts, "msg_blocks_too_long": posts,
	"a_word_of_tomorrow": posts,
	// What keeps the bot from a user group.
	"plan_upgrade_required": userGroups, "permission_denied": func(method string) bool { return method == "usergroups.users.update" },
	// What passes by itself.
	"ratelimited": posts, "fatal_error": posts, "internal_error": posts, "service_unavailable": posts, "request_timeout": posts,
}

func anyMethod(string) bool { return true }

func userGroups(method string) bool { return strings.HasPrefix(method, "usergroups.") }

func posts(method string) bool { return method == "chat.postMessage" }

// manners are the ways in which Slack behaves badly, or what stands before it.
// Those without a fault are looked at in the handlers.
func manners() map[string]stage.Manner {
	all := stage.NotTheAPIs()
	for code, of := range refusals {
		answer := object{"ok": false, "error": code}
		if code == "missing_scope" {
			answer["needed"], answer["provided"] = "chat:write", "channels:read"
		}
		all[strings.ReplaceAll(code, "_", "-")] = stage.Manner{
			About: "refuses with " + code,
			Fault: meets(of, stage.Fault{Status: http.StatusOK, Body: string(stage.JSON(answer))}),
		}
	}
	for _, scope := range allScopes {
		all[withoutScope(scope)] = stage.Manner{About: "the token has lost the scope " + scope}
	}
	maps.Copy(all, deliveryManners())
	for _, status := range []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusProxyAuthRequired} {
		all[fmt.Sprint("proxy-", status)] = stage.Manner{
			About: fmt.Sprintf("a proxy answers %d with a page of its own, which Slack never does", status),
			Fault: meets(anyMethod, stage.Fault{Status: status, Body: "<html><body>The proxy says no.</body></html>"}),
		}
	}
	maps.Copy(all, map[string]stage.Manner{
		"proxy-redirect": {About: "a proxy redirects to its login page",
			Fault: meets(anyMethod, stage.Fault{Status: http.StatusFound, Location: "https://login.acme.example/"})},
		"503-after-posting": {About: "posts the message, and answers 503 with Retry-After",
			Fault: meets(posts, stage.Fault{Status: http.StatusServiceUnavailable, RetryAfter: "1", AfterWork: true})},
		"503-after-posting-no-time": {About: "posts the message, and answers 503 without Retry-After",
			Fault: meets(posts, stage.Fault{Status: http.StatusServiceUnavailable, AfterWork: true})},
		"403-after-posting": {About: "posts the message, and a proxy puts a page in the place of the answer",
			Fault: meets(posts, stage.Fault{Status: http.StatusForbidden, Body: "<html>", AfterWork: true})},
		"html-after-posting": {About: "posts the message, and a proxy puts a page in the place of the answer, with 200",
			Fault: meets(posts, stage.Fault{Status: http.StatusOK, Body: "<html>", AfterWork: true})},
		"refuses-replies":       {About: "threads are locked: restricted_action_thread_locked"},
		"refuses-reply-message": {About: "no message takes a reply: cannot_reply_to_message"},
		"has-no-threads":        {About: "channels have no threads: restricted_action_non_threadable_channel"},
		"loses-threads":         {About: "threads are not found, though their first message is there: thread_not_found"},
		"pages-loop":            {About: "lists lead from page to page in a circle"},
		"pages-ever-fresh":      {About: "lists never end: each page names another one, which brings nothing new"},
	})
	return all
}

// deliveryManners are those of what the app is told.
func deliveryManners() map[string]stage.Manner {
	return map[string]stage.Manner{
		"doubles-envelopes":  {About: "tells the app everything twice at once"},
		"repeats-envelopes":  {About: "tells the app once more, a minute later, what it has acknowledged"},
		"late-envelopes":     {About: "tells the app everything a minute late"},
		"reorders-envelopes": {About: "tells the app what waits in the wrong order"},
		"silent-connection":  {About: "the oldest connection carries nothing any more, though it is open"},
		"no-connections": {About: "no connection is taken, and those there are end: what happens meanwhile the app isn't told",
			Fault: meets(func(method string) bool { return method == "apps.connections.open" },
				stage.Fault{Status: http.StatusOK, Body: `{"ok":false,"error":"internal_error"}`})},
		"slow-down": {About: "answers every method with 429, and Retry-After of half a minute",
			Fault: meets(anyMethod, stage.Fault{Status: http.StatusTooManyRequests, RetryAfter: "30", Body: `{"ok":false,"error":"ratelimited"}`})},
	}
}

// meets is what the calls of some methods meet.
func meets(of func(method string) bool, f stage.Fault) func(*http.Request) (stage.Fault, bool) {
	return func(r *http.Request) (stage.Fault, bool) { return f, of(strings.TrimPrefix(r.URL.Path, "/api/")) }
}

// closedThread is the word with which a thread refuses a reply while a manner has it so.
func (c *call) closedThread() string {
	for name, code := range map[string]string{
		"refuses-replies": "restricted_action_thread_locked", "refuses-reply-message": "cannot_reply_to_message",
		"has-no-threads": "restricted_action_non_threadable_channel", "loses-threads": "thread_not_found",
	} {
		if c.s.Faults.Has(vendor, name) {
			return code
		}
	}
	return ""
}

// cursor is where a call wants a list to go on; from the beginning while a stage.Manner
// has lists not end.
func (c *call) cursor() string {
	if c.s.Faults.Has(vendor, "pages-loop") || c.s.Faults.Has(vendor, "pages-ever-fresh") {
		return ""
	}
	return c.args.Get("cursor")
}

// endless has a page name another one while a manner has lists not end.
func (c *call) endless(page object) {
	next := ""
	switch {
	case c.s.Faults.Has(vendor, "pages-loop") && c.args.Get("cursor") == "YTox":
		next = "Yjox"
	case c.s.Faults.Has(vendor, "pages-loop"):
		next = "YTox"
	case c.s.Faults.Has(vendor, "pages-ever-fresh"):
		c.st.pages++
		next = fmt.Sprintf("ZnJlc2g6%d", c.st.pages)
	default:
		return
	}
	page["response_metadata"] = object{"next_cursor": next}
	if _, messages := page["messages"]; messages {
		page["has_more"] = true
	}
}
