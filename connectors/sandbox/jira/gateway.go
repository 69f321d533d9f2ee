package jira

import (
	"context"
	"net/http"
	"strings"

	"vigie/connectors/sandbox/stage"
)

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
