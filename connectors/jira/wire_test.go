package jira

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"
	"time"

	"vigie/connectors/rest"
)

func TestParseTime(t *testing.T) {
	want := time.Date(2019, 2, 16, 3, 1, 52, 971e6, time.UTC)
	for _, s := range []string{"2019-02-15T19:01:52.971-0800", "2019-02-16T03:01:52.971Z", "2019-02-16T04:01:52.971+01:00", "1550286112971"} {
		if got, err := parseTime(s); err != nil || !got.Equal(want) {
			t.Errorf("%s: got %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "yesterday", "-1", "99999999999999999", "2019-02-30T00:00:00Z"} {
		if got, err := parseTime(s); err == nil {
			t.Errorf("%q: got %v, want an error", s, got)
		}
	}
}

// Every recorded issue, served by a site with recorded fields and statuses, is
// told the whole way: from the answer to the ticket.
func TestRecordedIssuesOverHTTP(t *testing.T) {
	site, mocks := bodies(t, "spec-examples"), bodies(t, "go-jira-mocks")
	for name, body := range bodies(t, "webhooks", "spec-examples") {
		var hook struct{ Issue json.RawMessage }
		if name == "issue-200.json" {
			hook.Issue = body
		} else if json.Unmarshal(body, &hook) != nil || hook.Issue == nil {
			continue
		}
		var i issue
		if err := json.Unmarshal(hook.Issue, &i); err != nil {
			t.Fatal(err)
		}
		for _, cloud := range []bool{true, false} {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				switch path.Base(r.URL.Path) {
				case "myself":
					w.Write(site["myself-200.json"])
				case "serverInfo":
					if cloud {
						w.Write(site["serverInfo-200.json"])
						return
					}
					io.WriteString(w, `{"deploymentType":"Server"}`)
				case "field":
					w.Write(mocks["all_fields.json"])
				case "status":
					w.Write(mocks["all_statuses.json"])
				case "bulkfetch":
					if strings.Contains(r.URL.Path, "changelog") {
						w.Write(site["changelog-bulkfetch-200.json"])
						return
					}
					fmt.Fprintf(w, `{"issues":[%s]}`, hook.Issue)
				case "search":
					fmt.Fprintf(w, `{"issues":[%s],"total":1}`, hook.Issue)
				case "comment":
					io.WriteString(w, `{"comments":[],"total":0}`)
				default:
					t.Errorf("asked %s", r.URL.Path)
				}
			}))
			got, err := New(Config{Name: "jira", URL: srv.URL, Priorities: map[string]string{"high": "haute"}}, (&rest.Transport{}).Client()).Read(t.Context(), []string{i.Key})
			srv.Close()
			thin := i.Fields["created"] == nil || i.Fields["status"] == nil
			if err != nil || len(got) != 1 || got[0].Gone || (got[0].Ticket == nil) != thin {
				t.Errorf("%s, Cloud %v: got %+v, %v", name, cloud, got, err)
			}
		}
	}
}

// Every recorded issue is told, or refused with a reason.
func TestRecordedIssues(t *testing.T) {
	for name, body := range bodies(t, "webhooks", "spec-examples", "go-jira-mocks") {
		var sheet struct {
			Issue  json.RawMessage
			Issues []json.RawMessage
			Values []history
			Logs   []struct{ ChangeHistories []history } `json:"issueChangeLogs"`
		}
		if json.Unmarshal(body, &sheet) != nil && name != "issue-200.json" {
			continue // a list of something else
		}
		issues := sheet.Issues
		if sheet.Issue != nil {
			issues = append(issues, sheet.Issue)
		}
		if name == "issue-200.json" {
			issues = append(issues, body)
		}
		histories := sheet.Values
		for _, l := range sheet.Logs {
			histories = append(histories, l.ChangeHistories...)
		}
		for _, h := range histories {
			if h.Created.IsZero() && strings.Contains(name, "changelog") {
				t.Errorf("%s: an entry of the changelog has no time", name)
			}
		}
		for _, r := range decode(issues) {
			if r.err != nil {
				t.Errorf("%s: %v", name, r.err)
				continue
			}
			r.histories = histories
			r.people = site().people(r)
			ticket, err := site().ticket(r)
			// Thin issues, as comments' webhooks and the specification's examples have, lack what a ticket needs.
			thin := r.Fields["created"] == nil || r.Fields["status"] == nil
			if (err != nil) != thin || err == nil && (ticket.ID == "" || ticket.CreatedAt.IsZero()) {
				t.Errorf("%s: got %+v, %v", name, ticket, err)
			}
		}
	}
}
