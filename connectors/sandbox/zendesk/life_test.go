package zendesk_test

import (
	"fmt"
	"testing"
	"time"

	"vigie/connectors/sandbox"
	"vigie/connectors/sandbox/sandboxtest"
)

// number is a JSON number as a path has it.
func number(v any) string {
	n, _ := v.(float64)
	return fmt.Sprintf("%.0f", n)
}

// People change their role, are deleted, and deleted for good: then nothing shows
// them.
func TestPeopleGo(t *testing.T) {
	d, _, _ := opened(t)
	id := number(d.ok("GET", "users.json", "").at("users", 1, "id"))
	shown := func() any { return d.ok("GET", "users/show_many.json?ids="+id, "").at("users", 0, "role") }
	sandboxtest.Want(t, "first", shown(), any("agent"))
	sandboxtest.Want(t, "a role that isn't", d.ok("PUT", "users/"+id+".json", `{"user":{"role":"end-user"}}`).at("user", "role"), any("end-user"))
	sandboxtest.Want(t, "downgraded", shown(), any("end-user"))
	status, _ := d.call("PUT", "users/"+id+".json", `{"user":{"role":"king"}}`)
	sandboxtest.Want(t, "no such role", status, 422)
	status, _ = d.call("DELETE", "deleted_users/"+id+".json", "")
	sandboxtest.Want(t, "for good before it is deleted", status, 404)
	sandboxtest.Want(t, "deleted", d.ok("DELETE", "users/"+id+".json", "").at("user", "active"), any(false))
	d.ok("DELETE", "deleted_users/"+id+".json", "")
	sandboxtest.Want(t, "gone", shown(), any(nil))
}

// Whoever answers a closed ticket makes a follow-up with its tags; a request without
// signing in does it too, and brings tags of its own or those of the closed one.
func TestFollowUps(t *testing.T) {
	d, z, id := opened(t)
	body := fmt.Sprintf(`{"request":{"requester":{"email":"nadia@acme.example"},"via_followup_source_id":%d,"subject":"Again","comment":{"body":"It is back."}}}`, id)
	status, made := d.callAs(sandbox.Account{}, "POST", "requests.json", body)
	sandboxtest.Want(t, "of a ticket that isn't closed", status, 201)
	sandboxtest.Want(t, "it is no follow-up", made.at("request", "via", "channel"), any("api"))
	status, _ = d.callAs(sandbox.Account{Email: "nadia@acme.example", Token: "guess"}, "POST", "requests.json", body)
	sandboxtest.Want(t, "a wrong token", status, 401)
	d.pass(time.Minute)
	if err := z.SetStatus(id, "amir@desk.example", "closed"); err != nil {
		t.Fatal(err)
	}
	if err := z.Reply(id, "nadia@acme.example", true, "It is back."); err != nil {
		t.Fatal(err)
	}
	old, _ := z.Ticket(id)
	if len(old.FollowupIDs) != 1 {
		t.Fatalf("follow-ups %v of the closed ticket", old.FollowupIDs)
	}
	got := d.ok("GET", fmt.Sprintf("tickets/%d.json", old.FollowupIDs[0]), "")
	sandboxtest.Want(t, "tags", got.at("ticket", "tags"), any([]any{"login", "vip"}))
	sandboxtest.Want(t, "priority", got.at("ticket", "priority"), any(nil))
	sandboxtest.Want(t, "via", got.at("ticket", "via", "channel"), any("closed_ticket"))
	sandboxtest.Want(t, "rel", got.at("ticket", "via", "source", "rel"), any("follow_up"))
	sandboxtest.Want(t, "from", number(got.at("ticket", "via", "source", "from", "ticket_id")), fmt.Sprint(id))
	own := d.ok("POST", "tickets.json", fmt.Sprintf(`{"ticket":{"via_followup_source_id":%d,"tags":["mine"],"comment":{"body":"Again."}}}`, id))
	sandboxtest.Want(t, "own tags", own.at("ticket", "tags"), any([]any{"mine"}))
}

// The author of the first comment is who submits the ticket, unless it names another.
func TestFirstAuthor(t *testing.T) {
	d, z, _ := opened(t)
	z.AddAgent("amir@desk.example", "amir-token")
	_, made := d.callAs(sandbox.Account{Email: "amir@desk.example", Token: "amir-token"}, "POST", "tickets.json",
		`{"ticket":{"subject":"Call","comment":{"body":"As we said on the phone"},"requester":{"email":"nadia@acme.example"}}}`)
	comments := d.ok("GET", "tickets/"+number(made.at("ticket", "id"))+"/comments.json", "")
	amir := d.ok("GET", "users.json", "").at("users", 1, "id")
	sandboxtest.Want(t, "author", comments.at("comments", 0, "author_id"), amir)
}

// Comments are made private and blacked out by events of their own; merges leave
// notices; files are counted; spam is deleted and its requester suspended.
func TestComments(t *testing.T) {
	d, z, id := opened(t)
	token, _ := d.ok("POST", "uploads.json?filename=a.png", "png").at("upload", "token").(string)
	d.pass(time.Minute)
	d.ok("PUT", "tickets/1.json", `{"ticket":{"comment":{"body":"Our secret: 4711","uploads":["`+token+`"]}}}`)
	status, _ := d.call("PUT", "tickets/1.json", `{"ticket":{"comment":{"body":"x","uploads":["`+token+`"]}}}`)
	sandboxtest.Want(t, "a token twice", status, 422)
	comments := d.ok("GET", "tickets/1/comments.json", "")
	comment := number(comments.at("comments", 1, "id"))
	sandboxtest.Want(t, "file", comments.at("comments", 1, "attachments", 0, "file_name"), any("a.png"))
	d.send(d.Tokens.Zendesk, "PUT", "tickets/1/comments/"+comment+"/make_private.json", "").Body.Close()
	d.ok("PUT", "tickets/1/comments/"+comment+"/redact.json", `{"text":"4711"}`)
	audits := d.ok("GET", "tickets/1/audits.json", "")
	sandboxtest.Want(t, "the comment stays public in its audit", audits.at("audits", 1, "events", 0, "public"), any(true))
	sandboxtest.Want(t, "blacked out", audits.at("audits", 1, "events", 0, "body"), any("Our secret: ▇▇▇▇"))
	sandboxtest.Want(t, "made private", audits.at("audits", 2, "events", 0, "type"), any("CommentPrivacyChange"))
	sandboxtest.Want(t, "which", number(audits.at("audits", 2, "events", 0, "comment_id")), comment)

	other := z.Create(sandbox.NewTicket{Subject: "The same", Body: "Down.", RequesterEmail: "nadia@acme.example"})
	d.ok("POST", "tickets/1/merge.json", fmt.Sprintf(`{"ids":[%d],"target_comment_is_public":true}`, other))
	merged, _ := z.Ticket(other)
	sandboxtest.Want(t, "merged", merged.Status+" "+merged.Tags[0], "closed closed_by_merge")
	audits = d.ok("GET", "tickets/1/audits.json", "")
	sandboxtest.Want(t, "notice", audits.at("audits", 4, "via", "source", "rel"), any("merge"))
	sandboxtest.Want(t, "public", audits.at("audits", 4, "events", 0, "public"), any(true))

	d.send(d.Tokens.Zendesk, "PUT", "tickets/1/mark_as_spam.json", "").Body.Close()
	spam, _ := z.Ticket(id)
	sandboxtest.Want(t, "spam", spam.Status, "deleted")
	sandboxtest.Want(t, "its requester", d.ok("GET", "users/show_many.json?ids="+fmt.Sprint(spam.RequesterID), "").at("users", 0, "suspended"), any(true))
}

// A conversation stands in two events, with who said what when.
func TestChats(t *testing.T) {
	d, z, id := opened(t)
	said := sandbox.ChatMessage{At: d.now.Add(-time.Minute), By: "nadia@acme.example", Text: "Hello?"}
	if err := z.StartChat(id, said, sandbox.ChatMessage{At: d.now, By: "Answer bot", Text: "Wait."}); err != nil {
		t.Fatal(err)
	}
	d.pass(time.Minute)
	if err := z.EndChat(id, sandbox.ChatMessage{At: d.now, By: "amir@desk.example", Text: "Here."}); err != nil {
		t.Fatal(err)
	}
	audits := d.ok("GET", "tickets/1/audits.json", "")
	for i, actor := range []string{"end-user", "system"} {
		sandboxtest.Want(t, "actor", audits.at("audits", 1, "events", 0, "value", "history", i, "actor_type"), any(actor))
	}
	sandboxtest.Want(t, "agent", audits.at("audits", 2, "events", 0, "value", "history", 0, "actor_type"), any("agent"))
	sandboxtest.Want(t, "number", audits.at("audits", 2, "events", 0, "value", "history", 0, "chat_index"), any(2.0))
	sandboxtest.Want(t, "when", audits.at("audits", 2, "events", 0, "value", "history", 0, "timestamp"), any(float64(d.now.UnixMilli())))
}
