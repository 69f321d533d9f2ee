package zendesk_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/contract"
	"vigie/connectors/sandbox"
	"vigie/connectors/sandbox/sandboxtest"
)

// desk is a sandbox behind HTTP whose ticket time moves only when told to.
type desk struct {
	*testing.T
	*sandbox.Sandbox
	url string
	now time.Time
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{T: t, Sandbox: sandbox.New(), now: instant("2026-11-27T09:00:00Z")} // a Friday
	d.Now = func() time.Time { return d.now }
	server := httptest.NewServer(d.Handler())
	t.Cleanup(server.Close)
	d.url = server.URL
	return d
}

func instant(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return at
}

// pass lets ticket time pass.
func (d *desk) pass(by time.Duration) { d.now = d.now.Add(by) }

// call makes a request as the bot and gives status and decoded body.
func (d *desk) call(method, path, body string) (int, object) {
	d.Helper()
	return d.callAs(d.Tokens.Zendesk, method, path, body)
}

func (d *desk) callAs(who sandbox.Account, method, path, body string) (int, object) {
	d.Helper()
	resp := d.send(who, method, path, body)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		d.Fatal(err)
	}
	out := object{}
	if len(bytes.TrimSpace(b)) > 0 {
		if err := json.Unmarshal(b, &out); err != nil {
			d.Fatalf("%s %s: %v in %s", method, path, err, b)
		}
	}
	return resp.StatusCode, out
}

func (d *desk) send(who sandbox.Account, method, path, body string) *http.Response {
	d.Helper()
	if !strings.HasPrefix(path, "http") {
		path = d.url + "/api/v2/" + path
	}
	req, err := http.NewRequest(method, path, strings.NewReader(body))
	if err != nil {
		d.Fatal(err)
	}
	if who != (sandbox.Account{}) {
		req.SetBasicAuth(who.Email+"/token", who.Token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := (&http.Client{Transport: contract.CheckAnswers(d.T)}).Do(req)
	if err != nil {
		d.Fatal(err)
	}
	return resp
}

// ok calls and wants 200 or 201.
func (d *desk) ok(method, path, body string) object {
	d.Helper()
	status, out := d.call(method, path, body)
	if status/100 != 2 {
		d.Fatalf("%s %s: status %d: %v", method, path, status, out)
	}
	return out
}

// object is decoded JSON; at follows a path of keys and places through it.
type object map[string]any

func (o object) at(path ...any) any { return sandboxtest.At(map[string]any(o), path...) }

func (o object) list(key string) []any {
	list, _ := o[key].([]any)
	return list
}

// opened is a desk with one open incident by Nadia of Acme, held by Amir.
func opened(t *testing.T) (*desk, sandbox.Zendesk, int64) {
	d := newDesk(t)
	z := d.Zendesk()
	z.AddUser(sandbox.ZendeskUser{Email: "amir@desk.example", Name: "Amir", Role: "agent"})
	id := z.Create(sandbox.NewTicket{Subject: "Login page is down", Body: "We can't log in.", Type: "incident", Priority: "high",
		RequesterEmail: "nadia@acme.example", RequesterLocale: "fr-FR", Organization: "Acme", Group: "Support Berlin", Tags: []string{"Login", "vip"}})
	return d, z, id
}

func TestRefuses(t *testing.T) {
	d, z, _ := opened(t)
	closed := z.Create(sandbox.NewTicket{Subject: "Old", Body: "Old.", Status: "closed"})
	z.Create(sandbox.NewTicket{Subject: "Open", Body: "Open.", Status: "open"})
	z.AddAgent("amir@desk.example", "amir-token")
	bot, agent := d.Tokens.Zendesk, sandbox.Account{Email: "amir@desk.example", Token: "amir-token"}
	tooMany := strings.TrimSuffix(strings.Repeat("1,", 101), ",")
	cases := []struct {
		name         string
		who          sandbox.Account
		method, path string
		body         string
		status       int
		error        string
	}{
		{"wrong token", sandbox.Account{Email: bot.Email, Token: "guess"}, "GET", "users/me.json", "", 401, "Couldn't authenticate you"},
		{"no credentials", sandbox.Account{}, "GET", "tickets/1.json", "", 401, "Couldn't authenticate you"},
		{"unknown ticket", bot, "GET", "tickets/99.json", "", 404, "RecordNotFound"},
		{"no number", bot, "GET", "tickets/abc.json", "", 404, "RecordNotFound"},
		{"unknown path", bot, "GET", "nothing/here.json", "", 404, "InvalidEndpoint"},
		{"unknown job", bot, "GET", "job_statuses/V3-0.json", "", 404, "RecordNotFound"},
		{"export by an agent", agent, "GET", "incremental/tickets/cursor.json?start_time=0", "", 403, "Forbidden"},
		{"start_time of this minute", bot, "GET", "incremental/tickets/cursor.json?start_time=1795769990", "", 400, "InvalidValue"},
		{"no start_time", bot, "GET", "incremental/tickets/cursor.json", "", 400, "StartTimeMissing"},
		{"made-up cursor", bot, "GET", "incremental/tickets/cursor.json?cursor=abc", "", 400, "InvalidValue"},
		{"101 ids", bot, "GET", "tickets/show_many.json?ids=" + tooMany, "", 400, "BadRequest"},
		{"101 updates", bot, "PUT", "tickets/update_many.json?ids=" + tooMany, `{"ticket":{"priority":"low"}}`, 400, "BadRequest"},
		{"update_many without tickets", bot, "PUT", "tickets/update_many.json", `{}`, 400, "ParameterMissing"},
		{"closed", bot, "PUT", "tickets/2.json", `{"ticket":{"priority":"low"}}`, 422, "RecordInvalid"},
		{"unknown priority", bot, "PUT", "tickets/1.json", `{"ticket":{"priority":"blazing"}}`, 422, "RecordInvalid"},
		{"unknown property", bot, "PUT", "tickets/1.json", `{"ticket":{"prioritty":"low"}}`, 422, "RecordInvalid"},
		{"unknown custom field", bot, "PUT", "tickets/1.json", `{"ticket":{"custom_fields":[{"id":7,"value":"x"}]}}`, 422, "RecordInvalid"},
		{"additional_tags on one ticket", bot, "PUT", "tickets/1.json", `{"ticket":{"additional_tags":["x"]}}`, 422, "RecordInvalid"},
		{"stale", bot, "PUT", "tickets/1.json", `{"ticket":{"priority":"low","safe_update":true,"updated_stamp":"2026-11-27T08:00:00Z"}}`, 409, "UpdateConflict"},
		{"stale tags", bot, "PUT", "tickets/1/tags.json", `{"tags":["x"],"safe_update":"true","updated_stamp":"2026-11-27T08:00:00Z"}`, 409, "UpdateConflict"},
		{"no ticket", bot, "PUT", "tickets/1.json", `{"tikcet":{}}`, 400, "ParameterMissing"},
		{"no JSON", bot, "PUT", "tickets/1.json", `{"ticket":`, 400, "InvalidJSON"},
		{"new again", bot, "PUT", "tickets/3.json", `{"ticket":{"status":"new"}}`, 422, "RecordInvalid"},
		{"requester_id null", bot, "PUT", "tickets/1.json", `{"ticket":{"requester_id":null}}`, 422, "RecordInvalid"},
		{"type in the query", bot, "GET", "search/export.json?query=type:ticket+status<solved&filter%5Btype%5D=ticket", "", 422, "invalid"},
		{"unknown search term", bot, "GET", "search/export.json?query=via:mail&filter%5Btype%5D=ticket", "", 422, "invalid"},
		{"trigger by an agent", agent, "POST", "triggers", `{"trigger":{}}`, 403, "Forbidden"},
		{"webhook mended by an agent", agent, "PATCH", "webhooks/1", `{"webhook":{}}`, 403, "Forbidden"},
		{"no such trigger", bot, "PUT", "triggers/1", `{"trigger":{}}`, 404, "RecordNotFound"},
		{"trigger without an action", bot, "POST", "triggers", `{"trigger":{"title":"T","actions":[],"conditions":{"all":[{"field":"update_type","operator":"is","value":"Create"}]}}}`, 422, "RecordInvalid"},
		{"trigger without a condition", bot, "POST", "triggers", `{"trigger":{"title":"T","actions":[{"field":"notification_webhook","value":["W","{}"]}],"conditions":{}}}`, 422, "RecordInvalid"},
		{"trigger on what isn't there", bot, "POST", "triggers", `{"trigger":{"title":"T","actions":[{"field":"notification_webhook","value":["W","{}"]}],"conditions":{"all":[{"field":"update_type","operator":"is","value":"Update"}]}}}`, 422, "RecordInvalid"},
		{"trigger that calls no webhook", bot, "POST", "triggers", `{"trigger":{"title":"T","actions":[{"field":"notification_webhook","value":["W","{}"]}],"conditions":{"all":[{"field":"update_type","operator":"is","value":"Create"}]}}}`, 422, "RecordInvalid"},
		{"page 101", bot, "GET", "tickets/1/audits.json?page=101", "", 400, "InvalidPaginationDepth"},
		{"page size 101", bot, "GET", "tickets/1/audits.json?page%5Bsize%5D=101", "", 400, "InvalidPaginationParameter"},
	}
	if closed != 2 {
		t.Fatalf("closed ticket is %d, want 2", closed)
	}
	before, _ := d.Snapshot()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			status, body := d.callAs(c.who, c.method, c.path, c.body)
			if status != c.status || body["error"] != c.error {
				t.Errorf("got %d %v, want %d %s", status, body, c.status, c.error)
			}
		})
	}
	after, _ := d.Snapshot()
	if !bytes.Equal(before, after) {
		t.Error("a refused request changed something")
	}
	status, body := d.call("PUT", "tickets/2.json", `{"ticket":{"priority":"low"}}`)
	sandboxtest.Want(t, "closed", object{"status": status, "body": map[string]any(body)}, object{"status": 422, "body": map[string]any{
		"error": "RecordInvalid", "description": "Record validation errors",
		"details": map[string]any{"status": []any{map[string]any{"description": "Status: closed prevents ticket update"}}}}})
}

func TestTicketAndAudits(t *testing.T) {
	d, z, id := opened(t)
	d.pass(time.Minute)
	if err := z.Reply(id, "amir@desk.example", true, "Which browser?"); err != nil {
		t.Fatal(err)
	}
	if err := z.Update(id, "amir@desk.example", sandbox.ZendeskUpdate{Status: "pending", Assignee: "amir@desk.example", AddTags: []string{"asked"}}); err != nil {
		t.Fatal(err)
	}
	d.pass(time.Minute)
	if err := z.Reply(id, "nadia@acme.example", true, "All of them."); err != nil {
		t.Fatal(err)
	}

	got := d.ok("GET", "tickets/1.json?include=users,organizations", "")
	sandboxtest.Want(t, "status", got.at("ticket", "status"), any("open"))
	sandboxtest.Want(t, "tags", got.at("ticket", "tags"), any([]any{"asked", "login", "vip"}))
	sandboxtest.Want(t, "updated_at", got.at("ticket", "updated_at"), any("2026-11-27T09:02:00Z"))
	sandboxtest.Want(t, "requester", got.at("users", 0, "locale"), any("fr-FR"))
	sandboxtest.Want(t, "organization", got.at("organizations", 0, "name"), any("Acme"))
	if got.at("ticket", "generated_timestamp") != nil {
		t.Error("generated_timestamp outside an export")
	}

	audits := d.ok("GET", "tickets/1/audits.json", "")
	type row struct{ at, kind, name, value, previous string }
	var rows []row
	text := func(v any) string {
		if v == nil {
			return "null"
		}
		b, _ := json.Marshal(v)
		return string(b)
	}
	for _, a := range audits.list("audits") {
		a := object(a.(map[string]any))
		at := a.at("created_at").(string)
		for _, e := range a.list("events") {
			e := object(e.(map[string]any))
			r := row{at[11:16], e["type"].(string), "", "", ""}
			switch r.kind {
			case "Comment":
				r.name, r.value = "public", text(e["public"])
			case "Create", "Change":
				r.name, r.value = e["field_name"].(string), text(e["value"])
				if r.kind == "Change" {
					r.previous = text(e["previous_value"])
				}
			}
			rows = append(rows, r)
		}
	}
	wantRows := []row{
		{"09:00", "Comment", "public", "true", ""},
		{"09:00", "Create", "requester_id", `"900003"`, ""},
		{"09:00", "Create", "subject", `"Login page is down"`, ""},
		{"09:00", "Create", "status", `"new"`, ""},
		{"09:00", "Create", "custom_status_id", `"7001"`, ""},
		{"09:00", "Create", "type", `"incident"`, ""},
		{"09:00", "Create", "priority", `"high"`, ""},
		{"09:00", "Create", "group_id", `"20001"`, ""},
		{"09:00", "Create", "organization_id", `"30001"`, ""},
		{"09:00", "Create", "tags", `["login","vip"]`, ""},
		{"09:00", "Notification", "", "", ""},
		{"09:01", "Comment", "public", "true", ""},
		{"09:01", "Notification", "", "", ""},
		{"09:01", "Change", "status", `"pending"`, `"new"`},
		{"09:01", "Change", "custom_status_id", `"7003"`, `"7001"`},
		{"09:01", "Change", "assignee_id", `"900002"`, "null"},
		{"09:01", "Change", "tags", `["asked","login","vip"]`, `["login","vip"]`},
		{"09:02", "Comment", "public", "true", ""},
		{"09:02", "Change", "status", `"open"`, `"pending"`},
		{"09:02", "Change", "custom_status_id", `"7002"`, `"7003"`},
	}
	if diff := cmp.Diff(wantRows, rows, cmp.AllowUnexported(row{})); diff != "" {
		t.Errorf("audit events (-want +got):\n%s", diff)
	}
	sandboxtest.Want(t, "author", audits.at("audits", 1, "author_id"), any(float64(900002)))
	sandboxtest.Want(t, "channel", audits.at("audits", 3, "via", "channel"), any("email"))

	first := d.ok("GET", "tickets/1/audits.json?page%5Bsize%5D=3", "")
	sandboxtest.Want(t, "more", first.at("meta", "has_more"), any(true))
	rest := d.ok("GET", first.at("links", "next").(string), "")
	sandboxtest.Want(t, "rest", len(rest.list("audits")), 1)
	sandboxtest.Want(t, "no more", rest.at("meta", "has_more"), any(false))
	second := d.ok("GET", "tickets/1/audits.json?per_page=3&page=2", "")
	sandboxtest.Want(t, "offset", second.at("audits", 0, "id"), rest.at("audits", 0, "id"))
	sandboxtest.Want(t, "count", second["count"], any(float64(4)))
	comments := d.ok("GET", "tickets/1/comments.json", "")
	sandboxtest.Want(t, "comments", len(comments.list("comments")), 3)
}

func TestAccount(t *testing.T) {
	d, z, _ := opened(t)
	z.AddField("Due", "text")
	sandboxtest.Want(t, "me", d.ok("GET", "users/me.json", "").at("user", "role"), any("admin"))
	sandboxtest.Want(t, "users", d.ok("GET", "users/show_many.json?ids=900001,900003,1", "").at("users", 1, "email"), any("nadia@acme.example"))
	sandboxtest.Want(t, "user", d.ok("GET", "users/900002.json", "").at("user", "role"), any("agent"))
	sandboxtest.Want(t, "organizations", d.ok("GET", "organizations/show_many.json?ids=30001", "").at("organizations", 0, "name"), any("Acme"))
	sandboxtest.Want(t, "groups", d.ok("GET", "groups.json", "").at("groups", 0, "name"), any("Support Berlin"))
	sandboxtest.Want(t, "fields", d.ok("GET", "ticket_fields.json", "").at("ticket_fields", 0, "type"), any("text"))
	made := d.ok("POST", "ticket_fields.json", `{"ticket_field":{"type":"date","title":"Due day"}}`)
	sandboxtest.Want(t, "made field", made.at("ticket_field", "id"), any(360002.0))
	hook := d.ok("POST", "webhooks", `{"webhook":{"name":"Vigie","endpoint":"http://127.0.0.1:1/x","http_method":"POST","request_format":"json","status":"active","subscriptions":["zen:event-type:ticket.created"]}}`)
	secret := d.ok("GET", "webhooks/"+hook.at("webhook", "id").(string)+"/signing_secret", "")
	sandboxtest.Want(t, "secret", secret.at("signing_secret", "secret"), any(d.Tokens.ZendeskWebhook))
	d.Tokens.Zendesk.Token = "" // no token, no entry
	status, _ := d.call("GET", "users/me.json", "")
	sandboxtest.Want(t, "empty token", status, 401)
}
