package jira

import (
	"context"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"vigie/connectors/sandbox/stage"
)

// slowAbove is how many issues a slow Jira answers for at once.
const slowAbove = 25

// stuckLabel is on the issues whose histories hang while that manner is on.
const stuckLabel = "stuck"

// Vendor is Jira as its stage knows it.
func (s *Site) Vendor() stage.Vendor {
	return stage.Vendor{
		Name:    vendor,
		Routes:  map[string]func(*http.ServeMux){"/rest/": s.routes, "/ex/jira/": s.gateway, "/_edge/": s.edge},
		Writes:  writes,
		Manners: manners(),
		Hooks:   stage.Hooks{Target: s.target, Sign: sign, Repeats: repeats},
	}
}

// writes says whether a request asks for a change: Jira also reads with POST.
func writes(r *http.Request) bool {
	path := strings.TrimSuffix(r.URL.Path, "/")
	return r.Method != http.MethodGet && !strings.Contains(path, "/search") && !strings.HasSuffix(path, "/bulkfetch")
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

// manners are Jira's own, besides the answers that aren't its API's.
func manners() map[string]stage.Manner {
	write := func(f stage.Fault) func(*http.Request) (stage.Fault, bool) {
		return func(r *http.Request) (stage.Fault, bool) { return f, writes(r) }
	}
	all := stage.NotTheAPIs()
	maps.Copy(all, map[string]stage.Manner{
		"stranger":         {About: "believes the credentials no more, and answers as to a stranger: 200 and empty lists, 404 for an issue, with a header that says so; /myself alone answers 401"},
		"stranger-unsaid":  {About: "the same without the header, as behind a proxy that takes it off"},
		"short-lists":      {About: "leaves every other issue out of what it lists and of what is read in bulk"},
		"pages-loop":       {About: "has pages go on from the last one to the first one, over and over"},
		"pages-ever-fresh": {About: "always names a next page, by a token that it never gave before"},
		"slow-bulk":        {About: "doesn't come to an end where more than " + strconv.Itoa(slowAbove) + " issues are asked for at once"},
		"history-hangs":    {About: "never answers where the history or the comments of an issue labelled " + stuckLabel + " are asked for"},
		"write-says-nothing": {About: "carries changes out, and answers 200 with an empty object",
			Fault: write(stage.Fault{Status: http.StatusOK, Body: `{}`, AfterWork: true})},
		"write-unheard": {About: "answers changes with 200 and an empty object, and carries none out",
			Fault: write(stage.Fault{Status: http.StatusOK, Body: `{}`})},
		"scope-lost": {About: "refuses changes, as to a token that has lost the scope for them",
			Fault: write(stage.Fault{Status: http.StatusUnauthorized, Body: `{"code":401,"message":"Unauthorized; scope does not match"}`})},
	})
	return all
}

// slow keeps the caller waiting for ever where he asks for too many issues.
func (c *call) slow(n int) {
	c.hung = c.hung || n > slowAbove && c.s.Faults.Has(vendor, "slow-bulk")
}

// stuck keeps the caller waiting for ever for the history of certain issues.
func (c *call) stuck(issues ...*issue) {
	for _, i := range issues {
		c.hung = c.hung || slices.Contains(i.Values["labels"], stuckLabel) && c.s.Faults.Has(vendor, "history-hangs")
	}
}

// shortened is a list as it is shown: all of it, as a rule.
func (c *call) shortened(list []*issue) []*issue {
	if c.s.Faults.Has(vendor, "short-lists") {
		return slices.DeleteFunc(list, func(i *issue) bool { return i.ID%2 == 0 })
	}
	return list
}

// endless says that pages don't end.
func (c *call) endless() bool {
	return c.s.Faults.Has(vendor, "pages-loop") || c.s.Faults.Has(vendor, "pages-ever-fresh")
}

// endOf is where the page after the last one begins, from which there is nothing:
// the same each time, or another.
func (c *call) endOf(rows []jqlRow) []string {
	end := slices.Clone(rows[len(rows)-1].key)
	if c.s.Faults.Has(vendor, "pages-ever-fresh") {
		end[len(end)-1] = "9" + strconv.Itoa(c.s.state.nextID())
	}
	return end
}

// wound is the place in a list of n where an offset leads: beyond the end to the
// beginning, where pages don't end.
func (c *call) wound(start, n int) int {
	if n > 0 && start >= n && c.endless() {
		return 0
	}
	return start
}

// cloudID names the site to Atlassian's gateway.
const cloudID = "11223344-a1b2-3b33-c444-def123456789"

// throughGateway marks the context of a request that came by the gateway.
type throughGateway struct{}

// gateway is https://api.atlassian.com/ex/jira/<cloudId>, which takes tokens that
// have scopes (https://support.atlassian.com/user-management/docs/manage-api-tokens-for-service-accounts/).
func (s *Site) gateway(mux *http.ServeMux) {
	site := http.NewServeMux()
	s.routes(site)
	inner := http.StripPrefix("/ex/jira/"+cloudID, site)
	mux.HandleFunc("/ex/jira/"+cloudID+"/rest/", func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), throughGateway{}, true)))
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write(stage.JSON(object{"code": 404, "message": "Not Found"})) // into a buffer
	})
}

// edge tells everybody which cloudId the site has.
func (s *Site) edge(mux *http.ServeMux) {
	mux.HandleFunc("/_edge/tenant_info", func(w http.ResponseWriter, r *http.Request) {
		if s.options.DataCenter {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(stage.JSON(object{"cloudId": cloudID})) // into a buffer
	})
}

// neededScope is the classic scope that a request wants of a token; "" for none
// (x-atlassian-oauth2-scopes in Atlassian's description of the API).
func neededScope(r *http.Request) string {
	_, path, _ := strings.Cut(r.URL.Path, "/rest/")
	of := func(part string) bool { return strings.Contains(path, part) }
	switch {
	case of("/serverInfo"):
		return ""
	case of("/myself"), of("/user"):
		return "read:jira-user"
	case of("/group/"), strings.HasPrefix(path, "webhooks/"), r.Method != http.MethodGet && of("/field"):
		return "manage:jira-configuration"
	case of("/screens/"):
		return "manage:jira-project"
	case strings.HasPrefix(path, "servicedeskapi/"):
		return "read:servicedesk-request"
	case writes(r):
		return "write:jira-work"
	}
	return "read:jira-work"
}
