package jira

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"vigie/connectors/rest"
	"vigie/rules"
)

// A request is one call that a test's Jira was asked.
type request struct {
	Method, Path, Query string
	Body                string
}

// A jiraSite is a test's Jira: it answers what a site says of itself, and the
// rest with the test's own handler.
type jiraSite struct {
	dataCenter bool
	answer     func(r request, w http.ResponseWriter)

	mu    sync.Mutex
	calls []request // other than those about the site itself
}

func (s *jiraSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "application/json")
	switch strings.TrimPrefix(r.URL.Path, "/rest/api/2/") {
	case "myself":
		io.WriteString(w, `{"accountId":"acc-bot","emailAddress":"bot@acme.example","displayName":"Vigie","timeZone":"Europe/Paris"}`)
	case "field":
		io.WriteString(w, `[{"id":"customfield_10050","name":"First reply due","custom":true,"schema":{"type":"datetime","custom":"x:datetime"}},
			{"id":"customfield_10053","name":"Due day","custom":true,"schema":{"type":"date","custom":"x:datepicker"}},
			{"id":"customfield_10054","name":"Due text","custom":true,"schema":{"type":"string","custom":"x:textfield"}},
			{"id":"customfield_10010","name":"Request Type","custom":true,"schema":{"type":"sd-customerrequesttype","custom":"x:vp-origin"}},
			{"id":"customfield_10060","name":"Team","custom":true,"schema":{"type":"option","custom":"x:select"}}]`)
	case "status":
		io.WriteString(w, `[{"id":"1","name":"Open","statusCategory":{"key":"new"}},{"id":"3","name":"In Progress","statusCategory":{"key":"indeterminate"}}]`)
	case "serverInfo":
		kind := "Cloud"
		if s.dataCenter {
			kind = "Server"
		}
		io.WriteString(w, `{"deploymentType":"`+kind+`"}`)
	case "project/SUP":
		io.WriteString(w, `{"id":"10000","key":"SUP","projectKeys":["SUP"]}`)
	default:
		req := request{r.Method, strings.TrimPrefix(r.URL.Path, "/rest/"), r.URL.RawQuery, string(body)}
		s.mu.Lock()
		s.calls = append(s.calls, req)
		s.mu.Unlock()
		s.answer(req, w)
	}
}

// client starts the site and returns a client of it.
func (s *jiraSite) client(t *testing.T, change func(*Config)) *Client {
	t.Helper()
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	cfg := Config{
		Name: "jira", URL: srv.URL, Email: "bot@acme.example", Token: "s3cr3t-token", Projects: []string{"SUP"},
		VendorPriority: map[string]string{"haute": "Highest"},
		DueFields: []rules.DueField{{Metric: rules.FirstReply, ID: "customfield_10050"}, {Metric: rules.Update, ID: "customfield_10053"},
			{Metric: rules.Resolution, ID: "customfield_10054"}},
		Now: func() time.Time { return noon },
	}
	if change != nil {
		change(&cfg)
	}
	transport := &rest.Transport{Authorize: cfg.Authorize, Retry: Repeatable,
		Sleep: func(context.Context, time.Duration) error { return nil }}
	return New(cfg, transport.Client())
}

// sent decodes a request's body.
func (r request) sent(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(r.Body), &m); err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.Path, err)
	}
	return m
}
