package sandbox

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// slowAbove is how many issues a slow Jira answers for at once.
const slowAbove = 25

// stuckLabel is on the issues whose histories hang while that manner is on.
const stuckLabel = "stuck"

// jiraManners are Jira's own, besides the answers that aren't its API's.
func jiraManners() map[string]manner {
	write := func(f Fault) func(*http.Request) (Fault, bool) {
		return func(r *http.Request) (Fault, bool) { return f, writes(jira, r) }
	}
	all := notTheAPIs()
	maps.Copy(all, map[string]manner{
		"stranger":         {about: "believes the credentials no more, and answers as to a stranger: 200 and empty lists, 404 for an issue, with a header that says so; /myself alone answers 401"},
		"stranger-unsaid":  {about: "the same without the header, as behind a proxy that takes it off"},
		"short-lists":      {about: "leaves every other issue out of what it lists and of what is read in bulk"},
		"pages-loop":       {about: "has pages go on from the last one to the first one, over and over"},
		"pages-ever-fresh": {about: "always names a next page, by a token that it never gave before"},
		"slow-bulk":        {about: "doesn't come to an end where more than " + strconv.Itoa(slowAbove) + " issues are asked for at once"},
		"history-hangs":    {about: "never answers where the history or the comments of an issue labelled " + stuckLabel + " are asked for"},
		"write-says-nothing": {about: "carries changes out, and answers 200 with an empty object",
			fault: write(Fault{Status: http.StatusOK, Body: `{}`, AfterWork: true})},
		"write-unheard": {about: "answers changes with 200 and an empty object, and carries none out",
			fault: write(Fault{Status: http.StatusOK, Body: `{}`})},
		"scope-lost": {about: "refuses changes, as to a token that has lost the scope for them",
			fault: write(Fault{Status: http.StatusUnauthorized, Body: `{"code":401,"message":"Unauthorized; scope does not match"}`})},
	})
	return all
}

// slow keeps the caller waiting for ever where he asks for too many issues.
func (c *jiraCall) slow(n int) {
	c.hung = c.hung || n > slowAbove && c.s.Faults.has(jira, "slow-bulk")
}

// stuck keeps the caller waiting for ever for the history of certain issues.
func (c *jiraCall) stuck(issues ...*jiraIssue) {
	for _, i := range issues {
		c.hung = c.hung || slices.Contains(i.Values["labels"], stuckLabel) && c.s.Faults.has(jira, "history-hangs")
	}
}

// shortened is a list as it is shown: all of it, as a rule.
func (c *jiraCall) shortened(list []*jiraIssue) []*jiraIssue {
	if c.s.Faults.has(jira, "short-lists") {
		return slices.DeleteFunc(list, func(i *jiraIssue) bool { return i.ID%2 == 0 })
	}
	return list
}

// endless says that pages don't end.
func (c *jiraCall) endless() bool {
	return c.s.Faults.has(jira, "pages-loop") || c.s.Faults.has(jira, "pages-ever-fresh")
}

// endOf is where the page after the last one begins, from which there is nothing:
// the same each time, or another.
func (c *jiraCall) endOf(rows []jqlRow) []string {
	end := slices.Clone(rows[len(rows)-1].key)
	if c.s.Faults.has(jira, "pages-ever-fresh") {
		end[len(end)-1] = "9" + strconv.Itoa(c.s.state.Jira.nextID())
	}
	return end
}

// wound is the place in a list of n where an offset leads: beyond the end to the
// beginning, where pages don't end.
func (c *jiraCall) wound(start, n int) int {
	if n > 0 && start >= n && c.endless() {
		return 0
	}
	return start
}

// cloudID names the site to Atlassian's gateway.
const cloudID = "11223344-a1b2-3b33-c444-def123456789"

// throughGateway marks the context of a request that came by the gateway.
type throughGateway struct{}

// jiraGateway is https://api.atlassian.com/ex/jira/<cloudId>, which takes tokens that
// have scopes (https://support.atlassian.com/user-management/docs/manage-api-tokens-for-service-accounts/).
func (s *Sandbox) jiraGateway(mux *http.ServeMux) {
	site := http.NewServeMux()
	s.jiraRoutes(site)
	inner := http.StripPrefix("/ex/jira/"+cloudID, site)
	mux.HandleFunc("/ex/jira/"+cloudID+"/rest/", func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), throughGateway{}, true)))
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write(mustJSON(object{"code": 404, "message": "Not Found"})) // into a buffer
	})
}

// jiraEdge tells everybody which cloudId the site has.
func (s *Sandbox) jiraEdge(mux *http.ServeMux) {
	mux.HandleFunc("/_edge/tenant_info", func(w http.ResponseWriter, r *http.Request) {
		if s.Options.Jira.DataCenter {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(mustJSON(object{"cloudId": cloudID})) // into a buffer
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
	case writes(jira, r):
		return "write:jira-work"
	}
	return "read:jira-work"
}
