package jira_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vigie/connectors/sandbox"
	"vigie/connectors/sandbox/sandboxtest"
)

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
		if sandboxtest.At(tr, "to", "name") == "Done" && sandboxtest.At(tr, "to", "statusCategory", "key") == "done" {
			done = sandboxtest.At(tr, "id").(string)
		}
	}
	a.must(400, "POST", "/rest/api/2/issue/SUP-1/transitions", `{"transition":{"id":"1"}}`)
	a.must(400, "POST", "/rest/api/2/issue/SUP-1/transitions", `{"fields":{}}`)
	a.must(204, "POST", "/rest/api/2/issue/SUP-1/transitions", `{"transition":{"id":"`+done+`"},"fields":{},"update":{}}`)
	issue := a.must(200, "GET", "/rest/api/2/issue/SUP-1?fields=status,resolution,resolutiondate", "")
	if sandboxtest.At(issue, "fields", "resolution", "name") != "Done" || sandboxtest.At(issue, "fields", "resolutiondate") == nil {
		t.Errorf("done: got %v", issue)
	}
	if err := a.j.Transition("SUP-1", "nadia@acme.example", "Open"); err != nil {
		t.Fatal(err)
	}
	if issue := a.must(200, "GET", "/rest/api/2/issue/SUP-1?fields=resolution", ""); sandboxtest.At(issue, "fields", "resolution") != nil {
		t.Errorf("reopened: got %v", issue)
	}

	a.must(201, "POST", "/rest/api/2/issue/SUP-1/comment", `{"body":"For all"}`)
	a.must(201, "POST", "/rest/api/2/issue/SUP-1/comment", `{"body":"For us","properties":[{"key":"sd.public.comment","value":{"internal":true}}]}`)
	if c := a.must(201, "POST", "/rest/servicedeskapi/request/SUP-1/comment", `{"body":"Quiet","public":false}`); c["public"] != false || sandboxtest.At(c, "created", "epochMillis") == nil {
		t.Errorf("request comment: got %v", c)
	}
	a.must(400, "POST", "/rest/api/3/issue/SUP-1/comment", `{"body":"plain text in version 3"}`)
	a.must(400, "POST", "/rest/servicedeskapi/request/SUP-1/comment", `{"text":"Quiet"}`)
	comments := a.must(200, "GET", "/rest/api/2/issue/SUP-1/comment?startAt=1&maxResults=1&expand=properties", "")
	if sandboxtest.At(comments, "comments", 0, "jsdPublic") != false || comments["total"] != 3.0 || sandboxtest.At(comments, "comments", 0, "properties", 0, "value", "internal") != true {
		t.Errorf("comments: got %v", comments)
	}
	if got := sandboxtest.At(a.must(200, "GET", "/rest/api/3/issue/SUP-1/comment?orderBy=-created", ""), "comments", 0, "body", "content", 0, "content", 0, "text"); got != "Quiet" {
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
