package jira_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vigie/connectors/sandbox"
	"vigie/connectors/sandbox/sandboxtest"
)

// Who is who on the site: licences, groups, and those who have left.
func TestPeople(t *testing.T) {
	const path = "/rest/api/2/user?expand=groups,applicationRoles&"
	a := newSite(t, sandbox.JiraOptions{})
	nadia := a.j.AddUser(sandbox.JiraUser{Email: "nadia@acme.example", Name: "Nadia", Groups: []string{"helpdesk"}})
	ines := a.j.AddUser(sandbox.JiraUser{Email: "ines@globex.example", Name: "Ines", NoLicence: true})
	got := a.must(200, "GET", path+"accountId="+nadia, "")
	if sandboxtest.At(got, "groups", "items", 0, "name") != "helpdesk" || sandboxtest.At(got, "applicationRoles", "items", 0, "key") != "jira-servicedesk" {
		t.Errorf("an agent: got %v", got)
	}
	got = a.must(200, "GET", path+"accountId="+ines, "")
	if sandboxtest.At(got, "accountType") != "atlassian" || sandboxtest.At(got, "applicationRoles", "size") != 0.0 {
		t.Errorf("a customer with an account like the agents': got %v", got)
	}
	a.j.EditUser("nadia@acme.example", func(u *sandbox.JiraUser) { u.Inactive = true })
	got = a.must(200, "GET", path+"accountId="+nadia, "")
	if sandboxtest.At(got, "active") != false || sandboxtest.At(got, "applicationRoles", "size") != 0.0 || sandboxtest.At(got, "groups", "items", 0, "name") != "helpdesk" {
		t.Errorf("one who has left: got %v", got)
	}
	key := a.j.Create(sandbox.NewIssue{Project: "SUP", Reporter: "ines@globex.example", Creator: "nadia@acme.example"})
	a.j.EditUser("nadia@acme.example", func(u *sandbox.JiraUser) { u.Forgotten = true })
	got = a.must(200, "GET", "/rest/api/2/issue/"+key, "")
	if sandboxtest.At(got, "fields", "creator", "accountId") != "unknown" || sandboxtest.At(got, "fields", "reporter", "displayName") != "Ines" {
		t.Errorf("one who is forgotten: got %v", got)
	}
	a.s.Options.Jira.Lacks = []string{"USER_PICKER"}
	a.must(403, "GET", path+"accountId="+ines, "")

	dc := newSite(t, sandbox.JiraOptions{DataCenter: true})
	dc.j.AddUser(sandbox.JiraUser{Email: "nadia@acme.example"})
	if got := dc.must(200, "GET", path+"username=nadia@acme.example", ""); sandboxtest.At(got, "applicationRoles", "items", 0, "key") != "jira-servicedesk" {
		t.Errorf("got %v", got)
	}
}

// What becomes of a request: another reporter, participants, files, comments that
// came from elsewhere or are gone.
func TestRequestChanges(t *testing.T) {
	for name, o := range map[string]sandbox.JiraOptions{"Cloud": {}, "Data Center": {DataCenter: true}} {
		t.Run(name, func(t *testing.T) {
			a := newSite(t, o)
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
				a.now = a.now.Add(time.Minute)
			}
			const omar, ines = "omar@globex.example", "ines@globex.example"
			key := a.j.Create(sandbox.NewIssue{Project: "SUP", Reporter: omar, Attachments: []string{"a.png"}})
			must(a.j.ImportComment(key, omar, "from the old desk", true, a.now.Add(-48*time.Hour)))
			must(a.j.Comment(key, omar, "the password is …", true))
			must(a.j.DeleteComment(key, "nadia@acme.example", 1))
			must(a.j.Attach(key, omar, "b.png"))
			must(a.j.Detach(key, omar, "b.png"))
			must(a.j.Update(key, "nadia@acme.example", sandbox.JiraUpdate{Reporter: ines, Participants: []string{omar}}))
			got := a.must(200, "GET", "/rest/api/2/issue/"+key+"?expand=changelog&fields=*all", "")
			if n := len(sandboxtest.At(got, "fields", "attachment").([]any)); n != 1 || sandboxtest.At(got, "fields", "attachment", 0, "author", "displayName") != "omar" {
				t.Errorf("got attachments %v", sandboxtest.At(got, "fields", "attachment"))
			}
			talk := a.must(200, "GET", "/rest/api/2/issue/"+key+"/comment", "")
			if sandboxtest.At(talk, "total") != 1.0 || sandboxtest.At(talk, "comments", 0, "created") != "2026-11-22T11:00:00.000+0100" {
				t.Errorf("got comments %v", talk)
			}
			var items []string
			for _, h := range sandboxtest.At(got, "changelog", "histories").([]any) {
				for _, it := range sandboxtest.At(h, "items").([]any) {
					items = append(items, fmt.Sprintf("%v %v→%v", sandboxtest.At(it, "field"), sandboxtest.At(it, "fromString"), sandboxtest.At(it, "toString")))
				}
			}
			want := "[Request participants <nil>→[omar] reporter omar→ines Attachment b.png→<nil> Attachment <nil>→b.png Comment the password is …→]"
			if fmt.Sprint(items) != want {
				t.Errorf("got %v", items)
			}
		})
	}
}

func TestLists(t *testing.T) {
	a := newSite(t, sandbox.JiraOptions{})
	a.j.AddChoice("priority", "Blocker")
	a.j.AddChoice("customfield_10010", "Report an outage")
	_, list := a.raw("GET", "/rest/api/2/priority", "")
	if want := `"name":"Blocker"`; !strings.Contains(string(list), want) {
		t.Errorf("got %s", list)
	}
	desks := a.must(200, "GET", "/rest/servicedeskapi/servicedesk", "")
	if sandboxtest.At(desks, "values", 0, "projectKey") != "SUP" {
		t.Errorf("got %v", desks)
	}
	types := a.must(200, "GET", "/rest/servicedeskapi/servicedesk/1/requesttype?limit=1", "")
	if sandboxtest.At(types, "values", 0, "name") != "Report an outage" || sandboxtest.At(types, "isLastPage") != true {
		t.Errorf("got %v", types)
	}
	a.must(404, "GET", "/rest/servicedeskapi/servicedesk/7/requesttype", "")
}
