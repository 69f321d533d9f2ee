package jira_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"vigie/connectors/contract"
	"vigie/connectors/sandbox"
	"vigie/connectors/sandbox/sandboxtest"
)

// site is a sandbox's Jira over HTTP, at a ticket time that the test moves.
type site struct {
	t     *testing.T
	s     *sandbox.Sandbox
	j     sandbox.Jira
	url   string
	now   time.Time
	email string
	token string
}

func newSite(t *testing.T, opts sandbox.JiraOptions) *site {
	t.Helper()
	s := sandbox.New()
	s.Options.Jira = opts
	at := &site{t: t, s: s, j: s.Jira(), now: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC), email: s.Tokens.Jira.Email, token: s.Tokens.Jira.Token}
	s.Now = func() time.Time { return at.now }
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	at.url = server.URL
	at.j.AddProject("SUP", "Support")
	at.j.AddUser(sandbox.JiraUser{Email: at.email, Name: "Vigie", TimeZone: "Europe/Paris"})
	return at
}

// call makes one request and decodes the answer.
func (a *site) call(method, path, body string) (status int, answer map[string]any) {
	a.t.Helper()
	status, raw := a.raw(method, path, body)
	if len(raw) > 0 && raw[0] == '{' {
		if err := json.Unmarshal(raw, &answer); err != nil {
			a.t.Fatalf("%s %s: %v in %s", method, path, err, raw)
		}
	}
	return status, answer
}

func (a *site) raw(method, path, body string) (status int, answer []byte) {
	a.t.Helper()
	req, err := http.NewRequest(method, a.url+path, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	if a.s.Options.Jira.DataCenter {
		req.Header.Set("Authorization", "Bearer "+a.token)
	} else {
		req.SetBasicAuth(a.email, a.token)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := (&http.Client{Transport: contract.CheckAnswers(a.t)}).Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return resp.StatusCode, answer
}

// must is call that has to be answered with this status.
func (a *site) must(status int, method, path, body string) map[string]any {
	a.t.Helper()
	got, answer := a.call(method, path, body)
	if got != status {
		a.t.Fatalf("%s %s %s: got %d %v, want %d", method, path, body, got, answer, status)
	}
	return answer
}

func (a *site) keys(jql string) string {
	a.t.Helper()
	answer := a.must(200, "POST", "/rest/api/2/search/jql", fmt.Sprintf(`{"jql":%q,"fields":["key"]}`, jql))
	var keys []string
	for _, i := range answer["issues"].([]any) {
		keys = append(keys, sandboxtest.At(i, "key").(string))
	}
	return strings.Join(keys, " ")
}

func TestSignIn(t *testing.T) {
	cloud := newSite(t, sandbox.JiraOptions{})
	cloud.must(200, "GET", "/rest/api/3/myself", "")
	cloud.must(200, "GET", "/rest/api/2/serverInfo", "")
	cloud.token = "wrong"
	if got := sandboxtest.At(cloud.must(401, "GET", "/rest/api/3/myself", ""), "message"); got != "Client must be authenticated to access this resource." {
		t.Errorf("got %v", got)
	}
	dc := newSite(t, sandbox.JiraOptions{DataCenter: true})
	if got := sandboxtest.At(dc.must(200, "GET", "/rest/api/2/myself", ""), "name"); got != "bot@acme.example" {
		t.Errorf("name on Data Center: got %v", got)
	}
	dc.must(404, "GET", "/rest/api/3/myself", "")
	dc.must(404, "POST", "/rest/api/2/search/jql", `{"jql":"project = SUP"}`)
	dc.must(404, "POST", "/rest/api/2/issue/bulkfetch", `{"issueIdsOrKeys":["SUP-1"]}`)
}

func TestIssueAndHistory(t *testing.T) {
	a := newSite(t, sandbox.JiraOptions{})
	a.j.AddUser(sandbox.JiraUser{Email: "paul@globex.example", Name: "Paul", Customer: true, Locale: "fr_FR"})
	key := a.j.Create(sandbox.NewIssue{Project: "SUP", Type: "Incident", RequestType: "Assistance technique", Summary: "Portail inaccessible",
		Description: "Depuis ce matin.\nRien ne va.", Reporter: "paul@globex.example", Organization: "Globex", Team: "Support Pau", Channel: "portal", Labels: []string{"vpn", "b"}})
	a.now = a.now.Add(10 * time.Minute)
	err := a.j.Update(key, "nadia@acme.example", sandbox.JiraUpdate{Status: "In Progress", Priority: "Highest", Assignee: "nadia@acme.example",
		AddLabels: []string{"outage"}, RemoveLabels: []string{"b"}, Fields: map[string]string{"customfield_10050": "2026-11-24T11:00:00Z", "duedate": "2026-11-25"}})
	if err != nil {
		t.Fatal(err)
	}
	a.now = a.now.Add(time.Minute)
	if err := a.j.Comment(key, "nadia@acme.example", "Nous regardons.", true); err != nil {
		t.Fatal(err)
	}

	issue := a.must(200, "GET", "/rest/api/2/issue/sup-1?expand=changelog&properties=request.channel.type", "")
	for _, c := range []struct {
		path []any
		want any
	}{
		{[]any{"id"}, "10001"},
		{[]any{"fields", "description"}, "Depuis ce matin.\nRien ne va."},
		{[]any{"fields", "created"}, "2026-11-24T11:00:00.000+0100"},
		{[]any{"fields", "updated"}, "2026-11-24T11:11:00.000+0100"},
		{[]any{"fields", "priority", "name"}, "Highest"},
		{[]any{"fields", "priority", "id"}, "1"},
		{[]any{"fields", "status", "statusCategory", "key"}, "indeterminate"},
		{[]any{"fields", "customfield_10010", "requestType", "name"}, "Assistance technique"},
		{[]any{"fields", "customfield_10002", 0, "name"}, "Globex"},
		{[]any{"fields", "customfield_10060", "value"}, "Support Pau"},
		{[]any{"fields", "customfield_10050"}, "2026-11-24T12:00:00.000+0100"},
		{[]any{"fields", "duedate"}, "2026-11-25"},
		{[]any{"fields", "labels", 1}, "vpn"},
		{[]any{"fields", "reporter", "accountType"}, "customer"},
		{[]any{"fields", "resolution"}, nil},
		{[]any{"fields", "comment", "comments", 0, "jsdPublic"}, true},
		{[]any{"properties", "request.channel.type", "value"}, "portal"},
		{[]any{"changelog", "total"}, 1.0},
		{[]any{"changelog", "histories", 0, "author", "displayName"}, "nadia"},
	} {
		if got := sandboxtest.At(issue, c.path...); got != c.want {
			t.Errorf("%v: got %v, want %v", c.path, got, c.want)
		}
	}
	items := map[any]any{}
	for _, it := range sandboxtest.At(issue, "changelog", "histories", 0, "items").([]any) {
		items[sandboxtest.At(it, "fieldId")] = it
	}
	for _, c := range []struct{ field, name, from, fromText, to, toText any }{
		{"labels", "labels", nil, "b vpn", nil, "outage vpn"},
		{"priority", "priority", "3", "Medium", "1", "Highest"},
		{"status", "status", "10001", "Open", "10003", "In Progress"},
		{"customfield_10050", "First reply due", nil, nil, "2026-11-24T11:00:00+0000", "24/Nov/26 11:00 AM"},
		{"duedate", "duedate", nil, nil, "2026-11-25", "2026-11-25 00:00:00.0"},
	} {
		it := items[c.field]
		if sandboxtest.At(it, "field") != c.name || sandboxtest.At(it, "from") != c.from || sandboxtest.At(it, "fromString") != c.fromText || sandboxtest.At(it, "to") != c.to || sandboxtest.At(it, "toString") != c.toText {
			t.Errorf("%v: got %v, want %v", c.field, it, c)
		}
	}
	if got := sandboxtest.At(a.must(200, "GET", "/rest/api/3/issue/SUP-1?fields=description", ""), "fields", "description", "content", 1, "content", 0, "text"); got != "Rien ne va." {
		t.Errorf("version 3 description: got %v", got)
	}
	if got := sandboxtest.At(a.must(200, "GET", "/rest/api/2/issue/SUP-1/properties/request.channel.type", ""), "value", "value"); got != "portal" {
		t.Errorf("property: got %v", got)
	}
	a.must(404, "GET", "/rest/api/2/issue/SUP-2", "")
	me, _ := a.j.Issue(key)
	id := sandboxtest.At(issue, "fields", "reporter", "accountId").(string)
	if got := sandboxtest.At(a.must(200, "GET", "/rest/api/2/user?accountId="+url.QueryEscape(id), ""), "locale"); got != "fr_FR" || me.Reporter != "paul@globex.example" {
		t.Errorf("locale: got %v of %s", got, me.Reporter)
	}
}

func TestChangelogs(t *testing.T) {
	a := newSite(t, sandbox.JiraOptions{})
	for range 2 {
		key := a.j.Create(sandbox.NewIssue{Project: "SUP", Summary: "Both"})
		for _, p := range []string{"High", "Low", "Highest"} {
			a.now = a.now.Add(time.Minute)
			if err := a.j.SetPriority(key, "nadia@acme.example", p); err != nil {
				t.Fatal(err)
			}
		}
	}
	page := a.must(200, "GET", "/rest/api/3/issue/SUP-1/changelog?startAt=1&maxResults=1", "")
	if sandboxtest.At(page, "values", 0, "items", 0, "toString") != "Low" || page["isLast"] != false || page["total"] != 3.0 || page["nextPage"] == nil {
		t.Errorf("changelog page: got %v", page)
	}
	if got := sandboxtest.At(a.must(200, "GET", "/rest/api/3/issue/SUP-1?expand=changelog", ""), "changelog", "histories", 0, "items", 0, "toString"); got != "Highest" {
		t.Errorf("expanded changelog begins with %v, want the newest", got)
	}

	// Pages of two split SUP-1 and SUP-2; created is a number.
	var seen []string
	token := ""
	for n := 0; ; n++ {
		answer := a.must(200, "POST", "/rest/api/2/changelog/bulkfetch", fmt.Sprintf(`{"issueIdsOrKeys":["SUP-2","SUP-1","SUP-9"],"maxResults":2%s}`, token))
		for _, log := range answer["issueChangeLogs"].([]any) {
			for _, h := range sandboxtest.At(log, "changeHistories").([]any) {
				seen = append(seen, fmt.Sprintf("%v:%v", sandboxtest.At(log, "issueId"), sandboxtest.At(h, "items", 0, "toString")))
				if ms, ok := sandboxtest.At(h, "created").(float64); !ok || time.UnixMilli(int64(ms)).Year() != 2026 {
					t.Errorf("created: got %v, want milliseconds", sandboxtest.At(h, "created"))
				}
			}
		}
		if answer["nextPageToken"] == nil {
			if n != 2 {
				t.Errorf("got %d pages, want 3", n+1)
			}
			break
		}
		token = fmt.Sprintf(`,"nextPageToken":%q`, answer["nextPageToken"])
	}
	if got, want := strings.Join(seen, " "), "10001:High 10001:Low 10001:Highest 10005:High 10005:Low 10005:Highest"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := a.must(200, "POST", "/rest/api/2/changelog/bulkfetch", `{"issueIdsOrKeys":["SUP-1"],"fieldIds":["status"]}`); fmt.Sprint(got) != "map[issueChangeLogs:[]]" {
		t.Errorf("other fields: got %v", got)
	}
	a.must(400, "POST", "/rest/api/2/changelog/bulkfetch", `{"issueIdsOrKeys":[]}`)
	a.must(400, "POST", "/rest/api/2/changelog/bulkfetch", `{"issueIdsOrKeys":["SUP-1"],"fields":["status"]}`)

	bulk := a.must(200, "POST", "/rest/api/3/issue/bulkfetch", `{"issueIdsOrKeys":["SUP-2","SUP-77","10001"],"fields":["priority"],"expand":["changelog"]}`)
	if len(bulk["issues"].([]any)) != 2 || sandboxtest.At(bulk, "issues", 0, "key") != "SUP-1" || sandboxtest.At(bulk, "issues", 1, "changelog", "total") != 3.0 {
		t.Errorf("bulk fetch: got %v", bulk)
	}
	for ask, most := range map[string]int{
		``:                                             100,
		`,"fields":["updated"]`:                        1000,
		`,"fields":["updated","-comment"]`:             1000,
		`,"fields":["-comment"]`:                       100,
		`,"fields":["*all"]`:                           100,
		`,"fields":["updated","*navigable"]`:           100,
		`,"fields":["updated","labels"]`:               100,
		`,"fields":["comment"]`:                        100,
		`,"fields":["updated"],"expand":["changelog"]`: 100,
	} {
		named := func(n int) string {
			return `{"issueIdsOrKeys":[` + strings.Repeat(`"SUP-1",`, n-1) + `"SUP-1"]` + ask + `}`
		}
		a.must(200, "POST", "/rest/api/3/issue/bulkfetch", named(most))
		a.must(400, "POST", "/rest/api/3/issue/bulkfetch", named(most+1))
	}
}
