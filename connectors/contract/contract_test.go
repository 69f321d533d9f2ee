package contract

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"
)

// A vendor answers every request with the same.
type vendor struct {
	status int
	body   string
}

func (v vendor) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: v.status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(v.body)), Request: r}, nil
}

// described skips the test where the vendors' descriptions aren't beside the
// checkout: then no other test checks anything against them either.
func described(t *testing.T) {
	t.Helper()
	for _, d := range []*document{zendesk, jira, service} {
		if !d.there() {
			t.Skipf("no %s in %s: nothing is checked against the vendors' descriptions", d.file, folder())
		}
	}
	if blockKit() == nil {
		t.Skipf("no %s in %s", slackBlocks.file, folder())
	}
}

func TestCheck(t *testing.T) {
	described(t)
	const (
		basic  = "Basic Ym90OnQ="
		bearer = "Bearer t"
	)
	form := func(blocks string) string { return url.Values{"channel": {"C1"}, "blocks": {blocks}}.Encode() }
	for name, tt := range map[string]struct {
		call, auth, body string // "METHOD path"
		status           int
		answer           string
		want             string // in the complaint; empty = none
	}{
		"a good edit": {"PUT /rest/api/2/issue/SUP-1?notifyUsers=false", basic,
			`{"fields":{"duedate":null},"update":{"labels":[{"add":"a"}]}}`, 204, "", ""},
		"a good search": {"POST /rest/api/3/search/jql", basic, `{"jql":"project = SUP","maxResults":10}`,
			200, `{"issues":[{"id":"1","key":"SUP-1","fields":{"duedate":null}}],"isLast":true}`, ""},
		"a path that isn't there":           {"GET /rest/api/2/isue/SUP-1", basic, "", 200, `{}`, "no such path"},
		"a method that isn't there":         {"PATCH /rest/api/2/issue/SUP-1", basic, "", 200, `{}`, "no such method"},
		"a parameter misspelt":              {"PUT /rest/api/2/issue/SUP-1?notifyusers=false", basic, `{}`, 204, "", `"notifyusers"`},
		"a parameter of another type":       {"PUT /rest/api/2/issue/SUP-1?notifyUsers=no", basic, `{}`, 204, "", "query notifyUsers"},
		"a key misspelt":                    {"POST /rest/api/2/search/jql", basic, `{"jql":"x","maxresults":10}`, 200, `{}`, `"maxresults"`},
		"a value of another type":           {"POST /rest/api/2/search/jql", basic, `{"jql":"x","maxResults":"10"}`, 200, `{}`, "/maxResults"},
		"a required key missing":            {"POST /rest/api/2/issue/bulkfetch", basic, `{"fields":["*all"]}`, 200, `{}`, "issueIdsOrKeys"},
		"an answer with an unheard-of key":  {"GET /rest/api/2/serverInfo", basic, "", 200, `{"deploymenttype":"Cloud"}`, "deploymenttype"},
		"an answer of another type":         {"GET /rest/api/2/serverInfo", basic, "", 200, `{"buildNumber":"1"}`, "/buildNumber"},
		"an answer with an unheard-of code": {"PUT /rest/api/2/issue/SUP-1", basic, `{}`, 202, `{}`, "status 202"},
		"a fault's answer":                  {"GET /rest/api/2/serverInfo", basic, "", 503, "Service Unavailable", ""},
		"Data Center's answers":             {"GET /rest/api/2/serverInfo", bearer, "", 200, `{"buildPartnerName":"x"}`, ""},
		"Data Center's requests":            {"GET /rest/api/2/issue/SUP-1?expnd=changelog", bearer, "", 200, `{}`, `"expnd"`},
		"a request's comment":               {"POST /rest/servicedeskapi/request/SUP-1/comment", basic, `{"body":"x","public":false}`, 201, `{"public":false}`, ""},
		"a request's comment, odd":          {"POST /rest/servicedeskapi/request/SUP-1/comment", basic, `{"body":"x","internal":true}`, 201, `{}`, "internal"},
		"Zendesk's tickets":                 {"GET /api/v2/tickets/show_many.json?ids=1,2", basic, "", 200, `{"tickets":[{"id":1,"requester_id":7,"type":null,"status":"deleted"}]}`, ""},
		"Zendesk's tickets, one odd":        {"GET /api/v2/tickets/show_many.json?ids=1,2", basic, "", 200, `{"tickets":[{"id":"1","requester_id":7}]}`, "/tickets/0/id"},
		"a card":                            {"POST /api/chat.postMessage", bearer, form(`[{"type":"divider"}]`), 200, `{"ok":true}`, ""},
		"a card with an empty text":         {"POST /api/chat.postMessage", bearer, form(`[{"type":"section","text":{"type":"mrkdwn","text":""}}]`), 200, `{"ok":true}`, "blocks"},
	} {
		t.Run(name, func(t *testing.T) {
			var said []string
			c := &checked{complain: func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }, base: vendor{tt.status, tt.answer}}
			method, path, _ := strings.Cut(tt.call, " ")
			r, err := http.NewRequest(method, "https://acme.example"+path, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", tt.auth)
			r.Header.Set("Content-Type", "application/json")
			resp, err := c.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(resp.Body); err != nil || string(got) != tt.answer {
				t.Errorf("the client gets %q, %v", got, err)
			}
			if tt.want == "" && len(said) > 0 || !strings.Contains(strings.Join(said, "\n"), tt.want) {
				t.Errorf("said %q, want %q", said, tt.want)
			}
		})
	}
}

// What Slack refuses of a message's blocks is complained of, and what it takes isn't.
func TestBlocks(t *testing.T) {
	described(t)
	plain := func(n int) string { return `{"type":"plain_text","text":"` + strings.Repeat("é", n) + `"}` }
	many := func(n int, block string) string { return strings.TrimSuffix(strings.Repeat(block+",", n), ",") }
	button := `{"type":"button","text":` + plain(75) + `,"action_id":"ack"}`
	for name, tt := range map[string]struct{ blocks, want string }{
		"a card": {`{"type":"header","text":` + plain(150) + `},{"type":"section","text":{"type":"mrkdwn","text":"*due*","verbatim":true}},
			{"type":"section","fields":[` + plain(5) + `]},{"type":"context","elements":[{"type":"mrkdwn","text":"QS-21"},{"type":"image","image_url":"https://acme.example/i.png","alt_text":"i"}]},
			{"type":"actions","block_id":"b","elements":[` + button + `]},{"type":"divider"}`, ""},
		"fifty blocks":              {many(50, `{"type":"divider"}`), ""},
		"a long section":            {`{"type":"section","text":` + plain(3000) + `}`, ""},
		"fifty-one blocks":          {many(51, `{"type":"divider"}`), "maxItems"},
		"too long a section":        {`{"type":"section","text":` + plain(3001) + `}`, "maxLength"},
		"an empty text":             {`{"type":"section","text":{"type":"mrkdwn","text":""}}`, "minLength"},
		"an empty section":          {`{"type":"section"}`, "missing property 'text'"},
		"too long a header":         {`{"type":"header","text":` + plain(151) + `}`, "maxLength"},
		"a header in markup":        {`{"type":"header","text":{"type":"mrkdwn","text":"x"}}`, "plain_text"},
		"actions without elements":  {`{"type":"actions","elements":null}`, "got null"},
		"too many actions":          {`{"type":"actions","elements":[` + many(26, button) + `]}`, "maxItems"},
		"too long a button":         {`{"type":"actions","elements":[{"type":"button","text":` + plain(76) + `}]}`, "maxLength"},
		"too long an action's id":   {`{"type":"actions","elements":[{"type":"button","text":` + plain(1) + `,"action_id":"` + strings.Repeat("a", 256) + `"}]}`, "maxLength"},
		"too many context elements": {`{"type":"context","elements":[` + many(11, plain(1)) + `]}`, "maxItems"},
		"a block of a modal":        {`{"type":"alert","text":` + plain(1) + `}`, "'oneOf' failed"},
		"an unknown property":       {`{"type":"divider","colour":"red"}`, "'colour'"},
		"a block's id twice":        {`{"type":"divider","block_id":"a"},{"type":"divider","block_id":"a"}`, `block_id "a"`},
		"an empty address":          {`{"type":"actions","elements":[{"type":"button","text":` + plain(1) + `,"url":""}]}`, "uri"},
		"no block":                  {`null`, "got null"},
		"no list":                   {`{"type":"divider"`, "blocks"},
	} {
		t.Run(name, func(t *testing.T) {
			var said []string
			c := &checked{complain: func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }, base: vendor{200, `{"ok":true}`}}
			form := url.Values{"channel": {"C1"}, "blocks": {"[" + tt.blocks + "]"}}.Encode()
			r, err := http.NewRequest("POST", "https://acme.example/api/chat.postMessage", strings.NewReader(form))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer t")
			if _, err := c.RoundTrip(r); err != nil {
				t.Fatal(err)
			}
			if tt.want == "" && len(said) > 0 || !strings.Contains(strings.Join(said, "\n"), tt.want) {
				t.Errorf("said %q, want %q", said, tt.want)
			}
		})
	}
}

// The descriptions are for tests: nothing that reads them is in the program, and nothing
// else of the tests either.
func TestProgramIsWithoutIt(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "vigie/bot").Output()
	if err != nil {
		t.Fatal(err)
	}
	for p := range strings.Lines(string(out)) {
		if strings.Contains(p, "openapi") || strings.Contains(p, "jsonschema") || strings.Contains(p, "vigie/connectors/contract") || strings.TrimSpace(p) == "testing" {
			t.Errorf("the program has %s in it", strings.TrimSpace(p))
		}
	}
}

// Packages that exist for tests are imported by tests alone, and by one another: no other
// package of the module imports them, whether or not it is in the program today. Those
// that import testing are all known by name, so that a new one is not overlooked.
func TestPackagesForTestsAreApart(t *testing.T) {
	forTests := map[string]bool{"vigie/bot/worldtest": true, "vigie/connectors/sandbox/sandboxtest": true, "vigie/connectors/contract": true}
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "vigie/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		of := strings.Fields(line)
		if forTests[of[0]] {
			seen[of[0]] = true
			continue
		}
		for _, path := range of[1:] {
			if forTests[path] || path == "testing" {
				t.Errorf("%s imports %s, which is for tests", of[0], path)
			}
		}
	}
	if len(seen) != len(forTests) {
		t.Errorf("of the packages for tests only %v are there", seen)
	}
}
