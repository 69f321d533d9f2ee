package jira

import (
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/connectors/sandbox/stage"
)

// A webhook is an admin webhook. Every one that is on is called.
type webhook struct {
	ID        int
	Name, URL string
	Events    []string
	Filters   map[string]string
	Secret    string
	Off       bool
}

// webhook is one by its id, or nil.
func (st *State) webhook(id string) *webhook {
	for i := range st.Webhooks {
		if strconv.Itoa(st.Webhooks[i].ID) == id {
			return &st.Webhooks[i]
		}
	}
	return nil
}

// hears says whether a webhook's JQL has the issue; one without hears of all.
func (s *Site) hears(w webhook, i *issue) bool {
	text := w.Filters["issue-related-events-section"]
	if text == "" {
		return true
	}
	q, refusal := parseJQL(text)
	if refusal != "" {
		return false
	}
	match, refusal := q.bind(&s.state, func(*project) bool { return false }, s.now(), time.UTC)
	return refusal == "" && match(i)
}

// AddWebhook has an administrator register a webhook; an inactive one is never
// called.
func (s *Site) AddWebhook(name, url, secret string, active bool, events ...string) {
	s.Do(func() {
		s.state.setUp()
		s.addWebhook(webhook{Name: name, URL: url, Events: events, Secret: secret, Off: !active})
	})
}

func (s *Site) addWebhook(w webhook) webhook {
	st := &s.state
	w.ID = st.nextID()
	st.Webhooks = append(st.Webhooks, w)
	s.Changed()
	return w
}

// listWebhooks shows them to administrators; never their secrets.
func listWebhooks(c *call) (int, any) {
	if !c.may("ADMINISTER") {
		return refuse(http.StatusForbidden, "You are not authorized to perform this operation. Administrator privileges are required.")
	}
	list := []object{}
	for _, w := range c.s.state.Webhooks {
		list = append(list, c.webhook(w))
	}
	return http.StatusOK, list
}

// createWebhook takes Cloud's body or Data Center's, which has the secret in
// another place and says nothing of one in Cloud's.
func createWebhook(c *call) (int, any) {
	if !c.may("ADMINISTER") {
		return refuse(http.StatusForbidden, "You are not authorized to perform this operation. Administrator privileges are required.")
	}
	var in struct {
		Name, URL     string
		Events        []string
		Filters       map[string]string
		ExcludeBody   bool
		Secret        string
		Active        *bool
		Configuration map[string]string
	}
	if !c.decode(&in) {
		return badPayload()
	}
	if in.Name == "" || !strings.HasPrefix(in.URL, "http") || len(in.Events) == 0 {
		return refuse(http.StatusBadRequest, "name, url and events are required")
	}
	w := webhook{Name: in.Name, URL: in.URL, Events: in.Events, Filters: in.Filters, Secret: in.Secret}
	if c.s.options.DataCenter {
		w.Secret, w.Off = in.Configuration["SECRET"], in.Active != nil && !*in.Active
	}
	return http.StatusCreated, c.webhook(c.s.addWebhook(w))
}

func deleteWebhook(c *call) (int, any) {
	if !c.may("ADMINISTER") {
		return refuse(http.StatusForbidden, "You are not authorized to perform this operation. Administrator privileges are required.")
	}
	st := &c.s.state
	i := slices.IndexFunc(st.Webhooks, func(w webhook) bool { return strconv.Itoa(w.ID) == c.PathValue("id") })
	if i < 0 {
		return refuse(http.StatusNotFound, "The webhook does not exist.")
	}
	st.Webhooks = slices.Delete(st.Webhooks, i, i+1)
	c.s.Changed()
	return http.StatusNoContent, nil
}

func (c *call) webhook(w webhook) object {
	o := object{"name": w.Name, "url": w.URL, "events": w.Events, "filters": w.Filters}
	if c.s.options.DataCenter {
		o["id"], o["active"], o["scopeType"], o["sslVerificationRequired"] = w.ID, !w.Off, "global", true
		return o
	}
	o["self"] = c.view.site("/rest/webhooks/1.0/webhook/%d", w.ID)
	o["enabled"], o["excludeBody"] = !w.Off, false
	return o
}

// target is where a webhook's calls go, and what they are signed with.
func (s *Site) target(id string) (url, secret string) {
	if id == "" {
		return s.Address(vendor), *s.secret
	}
	if w := s.state.webhook(id); w != nil && !w.Off {
		return w.URL, w.Secret
	}
	return "", ""
}

// sign signs with the X-Hub-Signature of WebSub, which is absent where the
// webhook has no secret.
func sign(r *http.Request, hook stage.Webhook, secret string) {
	r.Header.Set("User-Agent", "Atlassian Webhook HTTP Client")
	r.Header.Set("X-Atlassian-Webhook-Identifier", hook.ID)
	r.Header.Set("X-Atlassian-Webhook-Flow", "Primary")
	if hook.Attempts > 0 {
		r.Header.Set("X-Atlassian-Webhook-Retry", strconv.Itoa(hook.Attempts))
	}
	if secret != "" {
		r.Header.Set("X-Hub-Signature", "sha256="+hex.EncodeToString(stage.MAC(secret, string(hook.Body))))
	}
}

// repeats is Jira's retry rule: 408, 409, 425, 429 and all 5xx.
func repeats(resp *http.Response) bool {
	switch resp.StatusCode {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return resp.StatusCode >= 500
}

// announce notes a change and queues its webhook. The timestamp is real time,
// since receivers judge a delivery's freshness by it; the issue's own times
// are ticket time.
func (s *Site) announce(i *issue, event, name, by string, body object) {
	s.Changed()
	body["timestamp"], body["webhookEvent"] = s.Real().UnixMilli(), event
	if name != "" {
		body["issue_event_type_name"] = name
	}
	if event != "comment_created" && event != "comment_deleted" { // comments name their author only
		body["user"] = s.view().account(by)
	}
	if s.Address(vendor) != "" {
		s.Enqueue(vendor, "", body, nil)
	}
	for _, w := range s.state.Webhooks {
		if !w.Off && slices.Contains(w.Events, event) && s.hears(w, i) {
			s.Enqueue(vendor, strconv.Itoa(w.ID), body, nil)
		}
	}
}
