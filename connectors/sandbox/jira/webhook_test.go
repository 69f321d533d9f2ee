package jira_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vigie/connectors/sandbox"
	"vigie/connectors/sandbox/sandboxtest"
)

// jiraHooks registers a receiver and returns what it got, checked for its
// signature.
func jiraHooks(a *site) *[]map[string]any {
	a.t.Helper()
	got := &[]map[string]any{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mac := hmac.New(sha256.New, []byte(a.s.Tokens.JiraWebhook))
		mac.Write(body)
		if want := "sha256=" + hex.EncodeToString(mac.Sum(nil)); r.Header.Get("X-Hub-Signature") != want {
			a.t.Errorf("signature: got %s, want %s", r.Header.Get("X-Hub-Signature"), want)
		}
		if r.Header.Get("X-Atlassian-Webhook-Identifier") == "" {
			a.t.Error("no identifier")
		}
		var v map[string]any
		if err := json.Unmarshal(body, &v); err != nil {
			a.t.Error(err)
		}
		*got = append(*got, v)
	}))
	a.t.Cleanup(server.Close)
	a.s.SetWebhook("jira", server.URL+"/webhooks/jira")
	return got
}

func TestWebhooks(t *testing.T) {
	a := newSite(t, sandbox.JiraOptions{})
	real := time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)
	a.s.Real = func() time.Time { return real }
	got := jiraHooks(a)
	a.j.Create(sandbox.NewIssue{Project: "SUP", Summary: "Hook", Reporter: "paul@globex.example"})
	a.must(204, "PUT", "/rest/api/2/issue/SUP-1?notifyUsers=false", `{"update":{"labels":[{"add":"sla_high"}]}}`)
	a.must(204, "PUT", "/rest/api/2/issue/SUP-1?notifyUsers=false", `{"update":{"labels":[{"add":"sla_high"}]}}`) // no change, no call
	for _, err := range []error{
		a.j.Assign("SUP-1", "nadia@acme.example", "nadia@acme.example"),
		a.j.Transition("SUP-1", "nadia@acme.example", "Done"),
		a.j.Comment("SUP-1", "paul@globex.example", "Merci !", false),
		a.j.Delete("SUP-1"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if n, err := a.s.FlushWebhooks(context.Background(), sandbox.WebhookPlan{}); n != 6 || err != nil {
		t.Fatalf("got %d %v, want 6 deliveries", n, err)
	}
	for n, c := range []struct {
		event, name string
		path        []any
		want        any
	}{
		{"jira:issue_created", "issue_created", []any{"issue", "fields", "reporter", "emailAddress"}, "paul@globex.example"},
		{"jira:issue_updated", "issue_updated", []any{"changelog", "items", 0, "toString"}, "sla_high"},
		{"jira:issue_updated", "issue_assigned", []any{"user", "emailAddress"}, "nadia@acme.example"},
		{"jira:issue_updated", "issue_generic", []any{"changelog", "items", 0, "field"}, "resolution"},
		{"comment_created", "", []any{"comment", "jsdPublic"}, true}, // a customer's can't be internal
		{"jira:issue_deleted", "issue_deleted", []any{"issue", "key"}, "SUP-1"},
	} {
		hook := (*got)[n]
		name, _ := hook["issue_event_type_name"].(string)
		if hook["webhookEvent"] != c.event || name != c.name || sandboxtest.At(hook, c.path...) != c.want {
			t.Errorf("call %d: got %v %q %v, want %+v", n, hook["webhookEvent"], name, sandboxtest.At(hook, c.path...), c)
		}
		if hook["timestamp"] != float64(real.UnixMilli()) {
			t.Errorf("call %d: timestamp %v, want real time", n, hook["timestamp"])
		}
	}
	thin := (*got)[4]
	if sandboxtest.At(thin, "issue", "key") != "SUP-1" || sandboxtest.At(thin, "issue", "fields", "status", "name") != "Done" || sandboxtest.At(thin, "issue", "fields", "created") != nil || thin["user"] != nil {
		t.Errorf("comment: got %v, want a thin issue and no user", thin)
	}
}

func TestDataCenterWebhooks(t *testing.T) {
	a := newSite(t, sandbox.JiraOptions{DataCenter: true})
	a.j.Create(sandbox.NewIssue{Project: "SUP", Summary: "Hook"})
	got := jiraHooks(a)
	if err := a.j.Comment("SUP-1", "nadia@acme.example", "Hello", true); err != nil {
		t.Fatal(err)
	}
	if _, err := a.s.FlushWebhooks(context.Background(), sandbox.WebhookPlan{}); err != nil {
		t.Fatal(err)
	}
	if len(*got) != 2 || (*got)[0]["issue_event_type_name"] != "issue_commented" || (*got)[1]["issue"] != nil {
		t.Errorf("got %v", *got)
	}
}

func TestSnapshot(t *testing.T) {
	a := newSite(t, sandbox.JiraOptions{})
	saved := 0
	a.s.OnChange = func() { saved++ }
	a.j.Create(sandbox.NewIssue{Project: "SUP", Summary: "Kept", Priority: "High"})
	a.must(204, "PUT", "/rest/api/2/issue/SUP-1", `{"update":{"labels":[{"add":"x"}]}}`)
	a.must(204, "PUT", "/rest/api/2/issue/SUP-1", `{"update":{"labels":[{"add":"x"}]}}`)
	a.must(200, "GET", "/rest/api/2/issue/SUP-1", "")
	if saved != 2 {
		t.Errorf("OnChange ran %d times, want 2", saved)
	}
	snapshot, err := a.s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	b := newSite(t, sandbox.JiraOptions{})
	if err := b.s.Restore(snapshot); err != nil {
		t.Fatal(err)
	}
	if got, ok := b.j.Issue("10001"); !ok || got.Labels[0] != "x" || got.Priority != "High" {
		t.Errorf("got %+v %v", got, ok)
	}
	if key := b.j.Create(sandbox.NewIssue{Project: "SUP"}); key != "SUP-2" {
		t.Errorf("next key: got %s", key)
	}
	var writes int
	for _, c := range a.s.Calls("jira") {
		if c.Write {
			writes++
		}
	}
	if writes != 2 {
		t.Errorf("calls: got %d writes, want 2", writes)
	}
}

func TestFields(t *testing.T) {
	a := newSite(t, sandbox.JiraOptions{})
	_, raw := a.raw("GET", "/rest/api/3/field", "")
	var fields []struct {
		ID     string
		Schema struct{ Type, Custom string }
	}
	if err := json.Unmarshal(raw, &fields); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range fields {
		got[f.ID] = f.Schema.Type + " " + f.Schema.Custom
	}
	for id, want := range map[string]string{
		"duedate":           "date ",
		"customfield_10050": "datetime com.atlassian.jira.plugin.system.customfieldtypes:datetime",
		"customfield_10010": "sd-customerrequesttype com.atlassian.servicedesk:vp-origin",
		"customfield_10002": "array com.atlassian.servicedesk:sd-customer-organizations",
		"customfield_10060": "option com.atlassian.jira.plugin.system.customfieldtypes:select",
	} {
		if got[id] != want {
			t.Errorf("%s: got %s, want %s", id, got[id], want)
		}
	}
}

// A field that is made is none that there is, and can be written once it is on a screen.
func TestMakesFields(t *testing.T) {
	a := newSite(t, sandbox.JiraOptions{})
	key := a.j.Create(sandbox.NewIssue{Project: "SUP"})
	editable := func(id string) bool {
		_, meta := a.call("GET", "/rest/api/3/issue/"+key+"/editmeta", "")
		fields, _ := meta["fields"].(map[string]any)
		_, ok := fields[id]
		return ok
	}
	if !editable("labels") || editable("created") {
		t.Error("labels can't be edited, or when it was created can")
	}
	seen := map[string]bool{}
	_, raw := a.raw("GET", "/rest/api/3/field", "")
	var fields []struct{ ID string }
	if err := json.Unmarshal(raw, &fields); err != nil {
		t.Fatal(err)
	}
	for _, f := range fields {
		seen[f.ID] = true
	}
	for _, name := range []string{"A", "B", "C", "D"} {
		status, made := a.call("POST", "/rest/api/3/field", `{"name":"`+name+`","type":"com.atlassian.jira.plugin.system.customfieldtypes:datetime","searcherKey":"com.atlassian.jira.plugin.system.customfieldtypes:datetimerange"}`)
		id, _ := made["id"].(string)
		if status != 201 || seen[id] {
			t.Fatalf("got %d and the id %s, which another field has", status, id)
		}
		seen[id] = true
		if editable(id) {
			t.Errorf("%s is on no screen, and can be edited", id)
		}
		a.call("POST", "/rest/api/3/screens/addToDefault/"+id, "")
		if status, answer := a.call("PUT", "/rest/api/3/issue/"+key, `{"fields":{"`+id+`":"2026-11-30T10:00:00.000+0100"}}`); status != 204 || !editable(id) {
			t.Errorf("%s can't be written: %d %v", id, status, answer)
		}
	}
}

// Jira calls every webhook that is on, for its events and the issues of its JQL,
// signed with its own secret, and not at all without one.
func TestCallsEveryWebhook(t *testing.T) {
	for name, options := range map[string]sandbox.JiraOptions{"Cloud": {}, "Data Center": {DataCenter: true}} {
		t.Run(name, func(t *testing.T) {
			a := newSite(t, options)
			a.j.AddProject("OPS", "Operations")
			path := "/rest/webhooks/1.0/webhook"
			if options.DataCenter {
				path = "/rest/jira-webhook/1.0/webhooks"
			}
			all, sup := sandboxtest.Receive(t), sandboxtest.Receive(t)
			a.must(201, "POST", path, `{"name":"All","url":"`+all.URL+`","events":["jira:issue_created","jira:issue_updated"],"secret":"s1","configuration":{"SECRET":"s1"}}`)
			made := a.must(201, "POST", path, `{"name":"Sup","url":"`+sup.URL+`","events":["jira:issue_created"],"filters":{"issue-related-events-section":"project = SUP"}}`)
			a.j.Create(sandbox.NewIssue{Project: "SUP", Summary: "One", Reporter: "paul@globex.example"})
			a.j.Create(sandbox.NewIssue{Project: "OPS", Summary: "Two", Reporter: "paul@globex.example"})
			sandboxtest.Want(t, "all", len(all.Told(t, a.s)), 2)
			sandboxtest.Want(t, "those of the JQL", len(sup.Bodies), 1)
			if all.Got[0].Header.Get("X-Hub-Signature") == "" || sup.Got[0].Header.Get("X-Hub-Signature") != "" {
				t.Error("signed is what has a secret, and nothing else")
			}
			sup.Bodies = nil
			ref, _ := sandboxtest.At(made, "self").(string)
			if options.DataCenter {
				ref = fmt.Sprintf("/%v", sandboxtest.At(made, "id"))
			}
			a.must(204, "DELETE", path+ref[strings.LastIndex(ref, "/"):], "")
			a.j.Create(sandbox.NewIssue{Project: "SUP", Summary: "Three", Reporter: "paul@globex.example"})
			sandboxtest.Want(t, "all after that", len(all.Told(t, a.s)), 1)
			sandboxtest.Want(t, "the deleted one", len(sup.Bodies), 0)
		})
	}
}
