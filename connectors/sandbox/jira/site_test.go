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

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/contract"
	"vigie/connectors/sandbox"
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

// at follows keys and indexes into a decoded answer.
func at(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

func (a *site) keys(jql string) string {
	a.t.Helper()
	answer := a.must(200, "POST", "/rest/api/2/search/jql", fmt.Sprintf(`{"jql":%q,"fields":["key"]}`, jql))
	var keys []string
	for _, i := range answer["issues"].([]any) {
		keys = append(keys, at(i, "key").(string))
	}
	return strings.Join(keys, " ")
}

func TestSignIn(t *testing.T) {
	cloud := newSite(t, sandbox.JiraOptions{})
	cloud.must(200, "GET", "/rest/api/3/myself", "")
	cloud.must(200, "GET", "/rest/api/2/serverInfo", "")
	cloud.token = "wrong"
	if got := at(cloud.must(401, "GET", "/rest/api/3/myself", ""), "message"); got != "Client must be authenticated to access this resource." {
		t.Errorf("got %v", got)
	}
	dc := newSite(t, sandbox.JiraOptions{DataCenter: true})
	if got := at(dc.must(200, "GET", "/rest/api/2/myself", ""), "name"); got != "bot@acme.example" {
		t.Errorf("name on Data Center: got %v", got)
	}
	dc.must(404, "GET", "/rest/api/3/myself", "")
	dc.must(404, "POST", "/rest/api/2/search/jql", `{"jql":"project = SUP"}`)
	dc.must(404, "POST", "/rest/api/2/issue/bulkfetch", `{"issueIdsOrKeys":["SUP-1"]}`)
}

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
		{"date with slashes", `created >= "2026/11/24" AND created < "2026/11/25" AND key = OPS-1`, "OPS-1"},
		{"not done", `project = SUP AND statusCategory != Done`, "SUP-1"},
		{"keys and ids", `key in (SUP-1, 10002)`, "SUP-2 SUP-1"},
		{"labels", `labels = outage`, "SUP-1"},
		{"status", `status not in (Done, "In Progress") AND project = SUP`, "SUP-1"},
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
			if got := fmt.Sprint(at(answer, "errorMessages", 0)); !strings.Contains(strings.ToLower(got), strings.ToLower(c.message)) {
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
	if got := fmt.Sprint(at(first, "issues", 0)); got != "map[id:10001]" {
		t.Errorf("without fields: got %v, want only an id", got)
	}
	if first["isLast"] != false || at(first, "total") != nil {
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
		keys = append(keys, at(i, "key").(string))
	}
	if got := strings.Join(keys, " "); got != "SUP-3 SUP-4 SUP-5 SUP-1" {
		t.Errorf("second page: got %s", got)
	}
	if at(second, "nextPageToken") != nil || second["isLast"] != true {
		t.Errorf("last page: got %v", second)
	}
	a.must(400, "POST", "/rest/api/3/search/jql", `{"jql":"project = SUP","nextPageToken":"`+token+`"}`)
	a.must(400, "POST", "/rest/api/3/search/jql", `{"jql":"project = SUP","nextPageToken":"AAAA"}`)
	a.must(400, "POST", "/rest/api/3/search/jql", `{"jql":"project = SUP","startAt":2}`)
	if got := at(a.must(410, "GET", "/rest/api/3/search?jql=project=SUP", ""), "errorMessages", 0); !strings.Contains(got.(string), "CHANGE-2046") {
		t.Errorf("old search: got %v", got)
	}
}

func TestRemoteLinkIsTakenOff(t *testing.T) {
	a := newSite(t, sandbox.JiraOptions{})
	a.j.Create(sandbox.NewIssue{Project: "SUP", Summary: "Slow"})
	const link = "/rest/api/2/issue/SUP-1/remotelink"
	a.must(201, "POST", link, `{"globalId":"vigie=zendesk&id=42","object":{"url":"https://acme.example/42","title":"42"}}`)
	a.must(400, "DELETE", link, "")
	a.must(404, "DELETE", link+"?globalId=other", "")
	a.must(204, "DELETE", link+"?globalId=vigie%3Dzendesk%26id%3D42", "")
	if i, _ := a.j.Issue("SUP-1"); len(i.Links) != 0 {
		t.Errorf("it still has %+v", i.Links)
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
	if got := at(answer, "issues", 0, "fields", "status", "statusCategory", "key"); got != "done" {
		t.Errorf("reconciled: got %v", got)
	}
	a.now = a.now.Add(30 * time.Second)
	if got := a.keys("project = SUP AND updated >= -2m"); got != "SUP-1" {
		t.Errorf("later: got %q", got)
	}
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
		if got := at(issue, c.path...); got != c.want {
			t.Errorf("%v: got %v, want %v", c.path, got, c.want)
		}
	}
	items := map[any]any{}
	for _, it := range at(issue, "changelog", "histories", 0, "items").([]any) {
		items[at(it, "fieldId")] = it
	}
	for _, c := range []struct{ field, name, from, fromText, to, toText any }{
		{"labels", "labels", nil, "b vpn", nil, "outage vpn"},
		{"priority", "priority", "3", "Medium", "1", "Highest"},
		{"status", "status", "10001", "Open", "10003", "In Progress"},
		{"customfield_10050", "First reply due", nil, nil, "2026-11-24T11:00:00+0000", "24/Nov/26 11:00 AM"},
		{"duedate", "duedate", nil, nil, "2026-11-25", "2026-11-25 00:00:00.0"},
	} {
		it := items[c.field]
		if at(it, "field") != c.name || at(it, "from") != c.from || at(it, "fromString") != c.fromText || at(it, "to") != c.to || at(it, "toString") != c.toText {
			t.Errorf("%v: got %v, want %v", c.field, it, c)
		}
	}
	if got := at(a.must(200, "GET", "/rest/api/3/issue/SUP-1?fields=description", ""), "fields", "description", "content", 1, "content", 0, "text"); got != "Rien ne va." {
		t.Errorf("version 3 description: got %v", got)
	}
	if got := at(a.must(200, "GET", "/rest/api/2/issue/SUP-1/properties/request.channel.type", ""), "value", "value"); got != "portal" {
		t.Errorf("property: got %v", got)
	}
	a.must(404, "GET", "/rest/api/2/issue/SUP-2", "")
	me, _ := a.j.Issue(key)
	id := at(issue, "fields", "reporter", "accountId").(string)
	if got := at(a.must(200, "GET", "/rest/api/2/user?accountId="+url.QueryEscape(id), ""), "locale"); got != "fr_FR" || me.Reporter != "paul@globex.example" {
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
	if at(page, "values", 0, "items", 0, "toString") != "Low" || page["isLast"] != false || page["total"] != 3.0 || page["nextPage"] == nil {
		t.Errorf("changelog page: got %v", page)
	}
	if got := at(a.must(200, "GET", "/rest/api/3/issue/SUP-1?expand=changelog", ""), "changelog", "histories", 0, "items", 0, "toString"); got != "Highest" {
		t.Errorf("expanded changelog begins with %v, want the newest", got)
	}

	// Pages of two split SUP-1 and SUP-2; created is a number.
	var seen []string
	token := ""
	for n := 0; ; n++ {
		answer := a.must(200, "POST", "/rest/api/2/changelog/bulkfetch", fmt.Sprintf(`{"issueIdsOrKeys":["SUP-2","SUP-1","SUP-9"],"maxResults":2%s}`, token))
		for _, log := range answer["issueChangeLogs"].([]any) {
			for _, h := range at(log, "changeHistories").([]any) {
				seen = append(seen, fmt.Sprintf("%v:%v", at(log, "issueId"), at(h, "items", 0, "toString")))
				if ms, ok := at(h, "created").(float64); !ok || time.UnixMilli(int64(ms)).Year() != 2026 {
					t.Errorf("created: got %v, want milliseconds", at(h, "created"))
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
	if len(bulk["issues"].([]any)) != 2 || at(bulk, "issues", 0, "key") != "SUP-1" || at(bulk, "issues", 1, "changelog", "total") != 3.0 {
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

func TestEditIssue(t *testing.T) {
	a := newSite(t, sandbox.JiraOptions{})
	a.j.Create(sandbox.NewIssue{Project: "SUP", Summary: "Edit", Labels: []string{"vip", "old"}})
	created := a.now
	a.now = a.now.Add(time.Hour)
	const edit = `{"update":{"labels":[{"add":"sla_urgent"},{"remove":"old"}]},"fields":{"customfield_10050":"2026-11-24T13:00:00.000+0100","duedate":"2026-11-25","priority":{"name":"High"}}}`
	for range 2 { // the second changes nothing and leaves no trace
		a.must(204, "PUT", "/rest/api/2/issue/SUP-1?notifyUsers=false", edit)
	}
	got, _ := a.j.Issue("SUP-1")
	if strings.Join(got.Labels, " ") != "sla_urgent vip" || got.Fields["customfield_10050"] != "2026-11-24T12:00:00Z" || got.Fields["duedate"] != "2026-11-25" || got.Priority != "High" || got.Changes != 1 {
		t.Errorf("got %+v", got)
	}
	a.must(204, "PUT", "/rest/api/2/issue/SUP-1", `{"fields":{"customfield_10050":null,"duedate":null}}`)
	if got, _ := a.j.Issue("SUP-1"); len(got.Fields) != 0 || !got.Updated.After(created) {
		t.Errorf("cleared: got %+v", got)
	}

	for _, c := range []struct{ name, body, want string }{
		{"twice", `{"fields":{"labels":["a"]},"update":{"labels":[{"add":"b"}]}}`, "Field 'labels' cannot appear in both 'fields' and 'update'"},
		{"unknown field", `{"fields":{"customfield_99999":"x"}}`, "Field 'customfield_99999' cannot be set. It is not on the appropriate screen, or unknown."},
		{"status", `{"fields":{"status":{"name":"Done"}}}`, "Field 'status' cannot be set."},
		{"label with a space", `{"update":{"labels":[{"add":"two words"}]}}`, "The label 'two words' contains spaces which is invalid."},
		{"instant in RFC 3339", `{"fields":{"customfield_10050":"2026-11-24T12:00:00Z"}}`, "Error parsing time: 2026-11-24T12:00:00Z"},
		{"date with a time", `{"fields":{"duedate":"2026-11-24T12:00:00.000+0000"}}`, "Error parsing date string"},
		{"unknown priority", `{"fields":{"priority":{"name":"Urgent"}}}`, "Specify a valid 'id' or 'name' for Priority"},
		{"request type by name", `{"fields":{"customfield_10010":"Question"}}`, "Request type with id 'Question' doesn't exist"},
		{"unknown verb", `{"update":{"priority":[{"add":{"name":"High"}}]}}`, "does not support operation 'add'"},
		{"unknown key", `{"field":{"summary":"x"}}`, "Invalid request payload."},
		{"no JSON", `labels=a`, "Invalid request payload."},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := fmt.Sprint(a.must(400, "PUT", "/rest/api/2/issue/SUP-1", c.body)); !strings.Contains(got, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	a.must(404, "PUT", "/rest/api/2/issue/SUP-9", edit)
	if got, _ := a.j.Issue("SUP-1"); got.Changes != 2 {
		t.Errorf("refused edits left %d changes, want 2", got.Changes)
	}

	a.s.Options.Jira.NotAdmin = true
	a.must(204, "PUT", "/rest/api/2/issue/SUP-1?notifyUsers=false", `{"update":{"labels":[{"add":"ignored"}]}}`)
	a.must(204, "PUT", "/rest/api/2/issue/SUP-1", `{"update":{"labels":[{"add":"taken"}]}}`)
	if got, _ := a.j.Issue("SUP-1"); strings.Join(got.Labels, " ") != "sla_urgent taken vip" {
		t.Errorf("without rights: got %v", got.Labels)
	}
}

func TestWritesPerIssue(t *testing.T) {
	a := newSite(t, sandbox.JiraOptions{PerIssueLimit: true})
	a.j.Create(sandbox.NewIssue{Project: "SUP", Summary: "Busy"})
	a.j.Create(sandbox.NewIssue{Project: "SUP", Summary: "Other"})
	real := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	a.s.Real = func() time.Time { return real }
	for range 20 {
		a.must(204, "PUT", "/rest/api/2/issue/SUP-1", `{}`)
	}
	a.must(429, "PUT", "/rest/api/2/issue/SUP-1", `{}`)
	a.must(204, "PUT", "/rest/api/2/issue/SUP-2", `{}`)
	a.must(200, "GET", "/rest/api/2/issue/SUP-1", "")
	real = real.Add(2 * time.Second)
	for range 79 {
		real = real.Add(200 * time.Millisecond)
		a.must(204, "PUT", "/rest/api/2/issue/SUP-1", `{}`)
	}
	real = real.Add(2 * time.Second)
	a.must(204, "PUT", "/rest/api/2/issue/SUP-1", `{}`)
	a.must(429, "PUT", "/rest/api/2/issue/SUP-1", `{}`) // a hundred in thirty seconds
	real = real.Add(12 * time.Second)
	a.must(204, "PUT", "/rest/api/2/issue/SUP-1", `{}`)
}

func TestCreateTransitionComment(t *testing.T) {
	a := newSite(t, sandbox.JiraOptions{})
	refused := fmt.Sprint(a.must(400, "POST", "/rest/api/2/issue", `{"fields":{"project":{"key":"NOPE"}}}`))
	for _, want := range []string{"Specify a valid project ID or key", "Specify an issue type", "You must specify a summary of the issue."} {
		if !strings.Contains(refused, want) {
			t.Errorf("got %s, want %s", refused, want)
		}
	}
	made := a.must(201, "POST", "/rest/api/3/issue", `{"fields":{"project":{"key":"SUP"},"issuetype":{"name":"Bug"},"summary":"Escalated","labels":["zendesk-42"],
		"description":{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":"From 42"}]}]}}}`)
	if made["key"] != "SUP-1" {
		t.Fatalf("got %v", made)
	}
	got, _ := a.j.Issue("SUP-1")
	if got.Description != "From 42" || got.Reporter != a.email || got.Priority != "Medium" {
		t.Errorf("created: got %+v", got)
	}

	list := a.must(200, "GET", "/rest/api/2/issue/SUP-1/transitions", "")
	done := ""
	for _, tr := range list["transitions"].([]any) {
		if at(tr, "to", "name") == "Done" && at(tr, "to", "statusCategory", "key") == "done" {
			done = at(tr, "id").(string)
		}
	}
	a.must(400, "POST", "/rest/api/2/issue/SUP-1/transitions", `{"transition":{"id":"1"}}`)
	a.must(400, "POST", "/rest/api/2/issue/SUP-1/transitions", `{"fields":{}}`)
	a.must(204, "POST", "/rest/api/2/issue/SUP-1/transitions", `{"transition":{"id":"`+done+`"},"fields":{},"update":{}}`)
	issue := a.must(200, "GET", "/rest/api/2/issue/SUP-1?fields=status,resolution,resolutiondate", "")
	if at(issue, "fields", "resolution", "name") != "Done" || at(issue, "fields", "resolutiondate") == nil {
		t.Errorf("done: got %v", issue)
	}
	if err := a.j.Transition("SUP-1", "nadia@acme.example", "Open"); err != nil {
		t.Fatal(err)
	}
	if issue := a.must(200, "GET", "/rest/api/2/issue/SUP-1?fields=resolution", ""); at(issue, "fields", "resolution") != nil {
		t.Errorf("reopened: got %v", issue)
	}

	a.must(201, "POST", "/rest/api/2/issue/SUP-1/comment", `{"body":"For all"}`)
	a.must(201, "POST", "/rest/api/2/issue/SUP-1/comment", `{"body":"For us","properties":[{"key":"sd.public.comment","value":{"internal":true}}]}`)
	if c := a.must(201, "POST", "/rest/servicedeskapi/request/SUP-1/comment", `{"body":"Quiet","public":false}`); c["public"] != false || at(c, "created", "epochMillis") == nil {
		t.Errorf("request comment: got %v", c)
	}
	a.must(400, "POST", "/rest/api/3/issue/SUP-1/comment", `{"body":"plain text in version 3"}`)
	a.must(400, "POST", "/rest/servicedeskapi/request/SUP-1/comment", `{"text":"Quiet"}`)
	comments := a.must(200, "GET", "/rest/api/2/issue/SUP-1/comment?startAt=1&maxResults=1&expand=properties", "")
	if at(comments, "comments", 0, "jsdPublic") != false || comments["total"] != 3.0 || at(comments, "comments", 0, "properties", 0, "value", "internal") != true {
		t.Errorf("comments: got %v", comments)
	}
	if got := at(a.must(200, "GET", "/rest/api/3/issue/SUP-1/comment?orderBy=-created", ""), "comments", 0, "body", "content", 0, "content", 0, "text"); got != "Quiet" {
		t.Errorf("newest comment: got %v", got)
	}
	if err := a.j.Delete("SUP-1"); err != nil {
		t.Fatal(err)
	}
	a.must(404, "GET", "/rest/api/2/issue/10001", "")
	if err := a.j.Comment("SUP-1", "nadia@acme.example", "Gone?", true); err == nil {
		t.Error("a comment on a deleted issue was taken")
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
	if answer["total"] != 3.0 || answer["startAt"] != 2.0 || len(answer["issues"].([]any)) != 1 || at(answer, "issues", 0, "fields", "summary") != "Old" {
		t.Errorf("got %v", answer)
	}
	item := at(answer, "issues", 0, "changelog", "histories", 0, "items", 0).(map[string]any)
	if _, ok := item["fieldId"]; ok || item["toString"] != "nadia" {
		t.Errorf("changelog item: got %v, want no fieldId", item)
	}
	comment := at(a.must(200, "GET", "/rest/api/2/issue/SUP-3/comment?expand=properties", ""), "comments", 0).(map[string]any)
	if _, ok := comment["jsdPublic"]; ok || at(comment, "properties", 0, "value", "internal") != true || at(comment, "author", "name") != "nadia@acme.example" {
		t.Errorf("comment: got %v", comment)
	}
}

func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}
