package jira_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"vigie/connectors/sandbox"
	"vigie/connectors/sandbox/sandboxtest"
)

func TestJQL(t *testing.T) {
	a := newSite(t, sandbox.JiraOptions{})
	a.now = a.now.Add(-time.Hour)
	a.j.Create(sandbox.NewIssue{Project: "SUP", Summary: "Portal down", Priority: "Highest", Labels: []string{"outage"}})
	a.j.Create(sandbox.NewIssue{Project: "SUP", Summary: "Typo"})
	a.j.Create(sandbox.NewIssue{Project: "OPS", Summary: "Disk"})
	a.now = a.now.Add(30 * time.Minute) // 09:30Z, 10:30 in Paris
	if err := a.j.Transition("SUP-2", "nadia@acme.example", "Done"); err != nil {
		t.Fatal(err)
	}
	a.now = a.now.Add(30*time.Minute + 20*time.Second)

	for _, c := range []struct{ name, jql, want string }{
		{"one project", `project = SUP ORDER BY key`, "SUP-1 SUP-2"},
		{"by name, in any case", `project in ("support", ops) order by key desc`, "OPS-1 SUP-2 SUP-1"},
		{"without order the newest first", `project in (SUP, OPS)`, "OPS-1 SUP-2 SUP-1"},
		{"period", `project = SUP AND updated >= -31m`, "SUP-2"},
		{"quoted period", `updated >= "-2h" AND project = SUP ORDER BY updated ASC, key ASC`, "SUP-1 SUP-2"},
		{"minute in the account's zone", `updated >= "2026-11-24 10:30" ORDER BY updated ASC`, "SUP-2"},
		{"a minute later", `updated >= "2026-11-24 10:31"`, ""},
		{"a day", `created >= "2026-11-24" AND created < "2026-11-25" AND key = OPS-1`, "OPS-1"},
		{"not done", `project = SUP AND statusCategory != Done`, "SUP-1"},
		{"keys and ids", `key in (SUP-1, 10002)`, "SUP-2 SUP-1"},
		{"labels", `labels = outage`, "SUP-1"},
		{"status", `status in (Open, "In Progress") AND project = SUP`, "SUP-1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := a.keys(c.jql); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	for _, c := range []struct{ name, jql, message string }{
		{"unbounded", `ORDER BY updated`, "Unbounded JQL"},
		{"empty", ``, "Expecting a field name before the end"},
		{"unknown project", `project = NOPE`, "The value 'nope' does not exist for the field 'project'."},
		{"unknown issue", `key in (SUP-1, SUP-99)`, "An issue with key 'sup-99' does not exist"},
		{"unknown field", `colour = red`, "Field 'colour' does not exist"},
		{"NOT IN", `status not in (Done)`, "Expecting operator but got 'not'"},
		{"RFC 3339", `updated >= "2026-11-24T10:30:00Z"`, "Date value '2026-11-24T10:30:00Z' for field 'updated' is invalid"},
		{"OR", `project = SUP OR project = OPS`, "Expecting 'AND' but got 'OR'"},
		{"open list", `project in (SUP`, "Expecting ')' or ','"},
		{"open quote", `project = "SUP`, "has not been completed"},
		{"wrong operator", `project ~ SUP`, "Expecting operator but got '~'"},
		{"no value", `project = `, "Expecting either a value"},
		{"bad order", `project = SUP ORDER BY colour`, "Not able to sort"},
		{"too much order", `project = SUP ORDER BY ` + strings.Repeat("key,", 7) + "key", "maximum of 7 fields"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, answer := a.call("GET", "/rest/api/3/search/jql?jql="+url.QueryEscape(c.jql), "")
			if got := fmt.Sprint(sandboxtest.At(answer, "errorMessages", 0)); !strings.Contains(strings.ToLower(got), strings.ToLower(c.message)) {
				t.Errorf("got %v, want %q", answer, c.message)
			}
		})
	}
}

func TestSearchPages(t *testing.T) {
	a := newSite(t, sandbox.JiraOptions{})
	for n := range 5 {
		a.j.Create(sandbox.NewIssue{Project: "SUP", Summary: fmt.Sprint("Issue ", n)})
		a.now = a.now.Add(time.Minute)
	}
	const jql = "project = SUP ORDER BY updated ASC"
	first := a.must(200, "POST", "/rest/api/3/search/jql", `{"jql":"`+jql+`","maxResults":2}`)
	if got := fmt.Sprint(sandboxtest.At(first, "issues", 0)); got != "map[id:10001]" {
		t.Errorf("without fields: got %v, want only an id", got)
	}
	if first["isLast"] != false || sandboxtest.At(first, "total") != nil {
		t.Errorf("got %v", first)
	}
	token := first["nextPageToken"].(string)
	// A change between two pages moves SUP-1 to the end; nothing is lost.
	if err := a.j.SetPriority("SUP-1", "nadia@acme.example", "High"); err != nil {
		t.Fatal(err)
	}
	second := a.must(200, "POST", "/rest/api/3/search/jql", `{"jql":"`+jql+`","maxResults":4,"nextPageToken":"`+token+`","fields":["key","summary"]}`)
	var keys []string
	for _, i := range second["issues"].([]any) {
		keys = append(keys, sandboxtest.At(i, "key").(string))
	}
	if got := strings.Join(keys, " "); got != "SUP-3 SUP-4 SUP-5 SUP-1" {
		t.Errorf("second page: got %s", got)
	}
	if sandboxtest.At(second, "nextPageToken") != nil || second["isLast"] != true {
		t.Errorf("last page: got %v", second)
	}
	a.must(400, "POST", "/rest/api/3/search/jql", `{"jql":"project = SUP","nextPageToken":"`+token+`"}`)
	a.must(400, "POST", "/rest/api/3/search/jql", `{"jql":"project = SUP","nextPageToken":"AAAA"}`)
	a.must(400, "POST", "/rest/api/3/search/jql", `{"jql":"project = SUP","startAt":2}`)
	if got := sandboxtest.At(a.must(410, "GET", "/rest/api/3/search?jql=project=SUP", ""), "errorMessages", 0); !strings.Contains(got.(string), "CHANGE-2046") {
		t.Errorf("old search: got %v", got)
	}
}

func TestSearchIndexLag(t *testing.T) {
	a := newSite(t, sandbox.JiraOptions{IndexLag: 30 * time.Second})
	a.j.Create(sandbox.NewIssue{Project: "SUP", Summary: "Slow"})
	if got := a.keys("project = SUP"); got != "" {
		t.Errorf("at once: got %q, want nothing", got)
	}
	a.now = a.now.Add(5 * time.Minute)
	if err := a.j.Transition("SUP-1", "nadia@acme.example", "Resolved"); err != nil {
		t.Fatal(err)
	}
	if got := a.keys("project = SUP AND statusCategory != Done"); got != "SUP-1" {
		t.Errorf("the index knows the old status: got %q", got)
	}
	if got := a.keys("project = SUP AND updated >= -2m"); got != "" {
		t.Errorf("the index knows the old instant: got %q", got)
	}
	answer := a.must(200, "POST", "/rest/api/2/search/jql", `{"jql":"project = SUP AND updated >= -2m","fields":["status"],"reconcileIssues":[10001]}`)
	if got := sandboxtest.At(answer, "issues", 0, "fields", "status", "statusCategory", "key"); got != "done" {
		t.Errorf("reconciled: got %v", got)
	}
	a.now = a.now.Add(30 * time.Second)
	if got := a.keys("project = SUP AND updated >= -2m"); got != "SUP-1" {
		t.Errorf("later: got %q", got)
	}
}

func TestDataCenterSearch(t *testing.T) {
	a := newSite(t, sandbox.JiraOptions{DataCenter: true})
	for range 3 {
		a.j.Create(sandbox.NewIssue{Project: "SUP", Summary: "Old"})
	}
	if err := a.j.Comment("SUP-3", "nadia@acme.example", "Internal", false); err != nil {
		t.Fatal(err)
	}
	if err := a.j.Assign("SUP-3", "nadia@acme.example", "nadia@acme.example"); err != nil {
		t.Fatal(err)
	}
	answer := a.must(200, "GET", "/rest/api/2/search?jql="+url.QueryEscape("project = SUP ORDER BY key")+"&startAt=2&maxResults=2&expand=changelog", "")
	if answer["total"] != 3.0 || answer["startAt"] != 2.0 || len(answer["issues"].([]any)) != 1 || sandboxtest.At(answer, "issues", 0, "fields", "summary") != "Old" {
		t.Errorf("got %v", answer)
	}
	item := sandboxtest.At(answer, "issues", 0, "changelog", "histories", 0, "items", 0).(map[string]any)
	if _, ok := item["fieldId"]; ok || item["toString"] != "nadia" {
		t.Errorf("changelog item: got %v, want no fieldId", item)
	}
	comment := sandboxtest.At(a.must(200, "GET", "/rest/api/2/issue/SUP-3/comment?expand=properties", ""), "comments", 0).(map[string]any)
	if _, ok := comment["jsdPublic"]; ok || sandboxtest.At(comment, "properties", 0, "value", "internal") != true || sandboxtest.At(comment, "author", "name") != "nadia@acme.example" {
		t.Errorf("comment: got %v", comment)
	}
}
