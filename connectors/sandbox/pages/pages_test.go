package pages_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"vigie/connectors/sandbox"
	"vigie/connectors/sandbox/pages"
)

const (
	nadia = "nadia@acme.example"
	omar  = "omar@acme.example"
	sam   = "sam@college.example"
	leo   = "leo@acme.example"
	ines  = "ines@ormes.example"
)

// world is a sandbox with a ticket at each vendor, on Friday 27 November 2026, 9:00 in
// Paris, and its pages.
type world struct {
	*sandbox.Sandbox
	*httptest.Server
	t *testing.T
}

func newWorld(t *testing.T) *world {
	s := sandbox.New()
	s.Now = func() time.Time { return time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC) }
	s.Zendesk().AddUser(sandbox.ZendeskUser{Email: nadia, Name: "Nadia", Role: "agent"})
	s.Zendesk().Create(sandbox.NewTicket{Subject: "Portal down", Body: "Nobody can log in.", RequesterEmail: sam})
	s.Jira().AddProject("SUP", "Support")
	s.Jira().AddUser(sandbox.JiraUser{Email: leo, Name: "Léo"})
	s.Jira().AddUser(sandbox.JiraUser{Email: ines, Name: "Inès", Customer: true})
	s.Jira().Create(sandbox.NewIssue{Project: "SUP", Summary: "Alertes perdues", Description: "Rien depuis 8 h.", Reporter: ines})
	s.Slack().AddChannel("sla")
	s.Slack().AddUser(nadia, "Nadia")
	s.Slack().AddUser(omar, "Omar")
	server := httptest.NewServer((&pages.Pages{Sandbox: s}).Beside(s.Handler()))
	t.Cleanup(server.Close)
	return &world{s, server, t}
}

func (w *world) ask(req *http.Request) (status int, body string) {
	w.t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func (w *world) get(path string) string {
	w.t.Helper()
	req, err := http.NewRequest("GET", w.URL+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	status, body := w.ask(req)
	if status != http.StatusOK {
		w.t.Fatalf("GET %s: %d %s", path, status, body)
	}
	return body
}

// post sends a form as a page here does, and gives the page that it leads to.
func (w *world) post(path string, form url.Values) (status int, body string) {
	w.t.Helper()
	req, err := http.NewRequest("POST", w.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return w.ask(req)
}

func (w *world) has(body string, texts ...string) {
	w.t.Helper()
	for _, text := range texts {
		if !strings.Contains(body, text) {
			w.t.Errorf("the page lacks %q:\n%s", text, body)
		}
	}
}

func TestZendeskTicket(t *testing.T) {
	w := newWorld(t)
	asNadia, asSam := "/agent/tickets/1?as="+url.QueryEscape(nadia), "/agent/tickets/1?as="+url.QueryEscape(sam)
	w.has(w.get("/agent/tickets/1"), "Portal down", "Nobody can log in.", `value="nadia@acme.example" selected`, `name="priority"`)
	w.post(asNadia, url.Values{"text": {"I ask the <b>provider</b>."}, "note": {"1"}, "priority": {"urgent"}, "status": {"new"}})
	status, body := w.post(asNadia, url.Values{"text": {"We are on it."}, "status": {"pending"}, "priority": {"urgent"}, "assignee": {nadia}})
	if status != http.StatusOK {
		t.Fatalf("got %d: %s", status, body)
	}
	w.has(body, "We are on it.", "I ask the &lt;b&gt;provider&lt;/b&gt;.", "internal note")
	ticket, _ := w.Zendesk().Ticket(1)
	if ticket.Status != "pending" || *ticket.Priority != "urgent" || ticket.AssigneeID == nil {
		t.Errorf("got %s, %v, assigned to %v", ticket.Status, *ticket.Priority, ticket.AssigneeID)
	}
	body = w.get(asSam)
	w.has(body, "We are on it.")
	if strings.Contains(body, "provider") || strings.Contains(body, `name="status"`) {
		t.Errorf("the customer sees what is the agents':\n%s", body)
	}
	w.post(asSam, url.Values{"text": {"Thanks."}, "note": {"1"}, "status": {"solved"}})
	if ticket, _ = w.Zendesk().Ticket(1); ticket.Status != "open" {
		t.Errorf("the customer's answer left it %s, want open", ticket.Status)
	}
	if status, body := w.post(asSam, url.Values{"text": {"  "}}); status != http.StatusUnprocessableEntity || !strings.Contains(body, `role="alert"`) {
		t.Errorf("nothing written: got %d, want 422 and an alert", status)
	}
	if status, _ := w.post("/agent/tickets/9", url.Values{"text": {"a"}}); status != http.StatusNotFound {
		t.Errorf("no ticket: got %d, want 404", status)
	}
}

func TestJiraIssue(t *testing.T) {
	w := newWorld(t)
	w.has(w.get("/browse/SUP-1?lang=fr"), "Alertes perdues", "Rien depuis 8 h.", "Priorité", `lang="fr"`)
	status, body := w.post("/browse/SUP-1?as="+url.QueryEscape(leo), url.Values{"text": {"On regarde."}, "priority": {"Highest"}, "status": {"In Progress"}, "assignee": {leo}})
	if status != http.StatusOK {
		t.Fatalf("got %d: %s", status, body)
	}
	issue, _ := w.Jira().Issue("SUP-1")
	if issue.Priority != "Highest" || issue.Status != "In Progress" || issue.Assignee != leo || len(issue.Comments) != 1 || !issue.Comments[0].Public {
		t.Errorf("got %+v", issue)
	}
	w.post("/browse/SUP-1?as="+url.QueryEscape(ines), url.Values{"text": {"Merci."}, "priority": {"Lowest"}})
	if issue, _ = w.Jira().Issue("SUP-1"); issue.Priority != "Highest" || len(issue.Comments) != 2 || issue.Comments[1].By != ines {
		t.Errorf("the customer changed %+v", issue)
	}
}

func TestCustomersOpenTickets(t *testing.T) {
	w := newWorld(t)
	w.has(w.get("/"), "Zendesk #1", "Jira SUP-1")
	for _, c := range []struct{ customer, page string }{{"zendesk " + sam, "#2"}, {"jira " + ines, "SUP-2"}} {
		status, body := w.post("/sandbox/open", url.Values{"customer": {c.customer}, "subject": {"Down again"}, "text": {"Since nine."}})
		if status != http.StatusOK {
			t.Fatalf("%s: %d %s", c.customer, status, body)
		}
		w.has(body, "Down again", c.page, "Since nine.")
	}
	if status, _ := w.post("/sandbox/open", url.Values{"customer": {"zendesk stranger@example.org"}, "subject": {"a"}, "text": {"b"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("nobody's ticket: got %d, want 422", status)
	}
}

// Only this machine is let in, under names of its own, and no form of another site.
func TestStrangersAreRefused(t *testing.T) {
	w := newWorld(t)
	handler := (&pages.Pages{Sandbox: w.Sandbox}).Beside(w.Handler())
	for _, c := range []struct {
		name, method, from, host, site, origin string
		want                                   int
	}{
		{"this machine", "GET", "127.0.0.1:5000", "127.0.0.1:8090", "", "", 200},
		{"this machine, by IPv6", "GET", "[::1]:5000", "localhost:8090", "", "", 200},
		{"another machine", "GET", "192.0.2.7:5000", "127.0.0.1:8090", "", "", 403},
		{"a name that leads here", "GET", "127.0.0.1:5000", "evil.example:8090", "", "", 403},
		{"our own form", "POST", "127.0.0.1:5000", "127.0.0.1:8090", "same-origin", "", 303},
		{"another site's form", "POST", "127.0.0.1:5000", "127.0.0.1:8090", "cross-site", "", 403},
		{"another port's form", "POST", "127.0.0.1:5000", "127.0.0.1:8090", "same-site", "", 403},
		{"an old browser's, from elsewhere", "POST", "127.0.0.1:5000", "127.0.0.1:8090", "", "https://evil.example", 403},
		{"an old browser's, ours", "POST", "127.0.0.1:5000", "127.0.0.1:8090", "", "http://127.0.0.1:8090", 303},
	} {
		req := httptest.NewRequest(c.method, "/agent/tickets/1?as="+url.QueryEscape(nadia), strings.NewReader("text=Hello"))
		req.RemoteAddr, req.Host = c.from, c.host
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for name, value := range map[string]string{"Sec-Fetch-Site": c.site, "Origin": c.origin} {
			if value != "" {
				req.Header.Set(name, value)
			}
		}
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, req)
		if answer.Code != c.want {
			t.Errorf("%s: got %d, want %d: %s", c.name, answer.Code, c.want, answer.Body)
		}
	}
	if n := len(w.Zendesk().Comments(1)); n != 3 { // what it was opened with, and our own two
		t.Errorf("%d comments, want 3", n)
	}
}
