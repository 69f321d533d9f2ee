package engine_test

import (
	"strings"
	"testing"
	"time"

	"vigie/connectors/desk"
	"vigie/connectors/sandbox"
	"vigie/rules"
)

// What was read once holds, whatever becomes of it at the vendor: a comment that is
// deleted was said, an agent who has left answered (issue 9, items 5 and 8).
func TestJiraRemembersWhoSaidWhat(t *testing.T) {
	w := newWorld(t)
	j := w.addJira(t)
	const colleague = "omar@acme.example"
	j.AddUser(sandbox.JiraUser{Email: colleague, Name: "Omar", NoLicence: true})
	key := j.Create(sandbox.NewIssue{Project: "SUP", Reporter: nadia, RequestType: "Incident"})
	pass := func() { w.set(w.Now().Add(20 * time.Minute)); w.settle(t) }
	replies := func() string {
		t.Helper()
		row, err := w.Store.Ticket(t.Context(), "jira", key)
		must(t, err)
		var list []string
		for _, e := range row.Ticket.Events {
			if e.Type == rules.ReplyEvent {
				list = append(list, e.By)
			}
		}
		return strings.Join(list, " ")
	}
	is := func(want string) {
		t.Helper()
		pass()
		if got := replies(); got != want {
			t.Errorf("replies by %q, want %q", got, want)
		}
	}
	pass()
	must(t, j.Comment(key, colleague, "here, too", true))
	is("customer")
	must(t, j.Comment(key, lena, "we look into it", true))
	is("customer agent")
	must(t, j.DeleteComment(key, lena, 1))
	is("customer agent")
	// Data Center's webhooks of comments name the issue by its number.
	issue, _ := j.Issue(key)
	_, err := w.Receive(t.Context(), "jira", desk.Delivery{ID: "comment", Tickets: []string{issue.ID}})
	must(t, err)
	w.settle(t)
	if got := replies(); got != "customer agent" {
		t.Errorf("read by its number: replies by %q", got)
	}
	j.EditUser(lena, func(u *sandbox.JiraUser) { u.Inactive = true })
	w.set(w.Now().Add(48 * time.Hour))
	must(t, j.AddLabels(key, nadia, "x"))
	is("customer agent")
	// Omar turns out to be staff, on another issue.
	other := j.Create(sandbox.NewIssue{Project: "SUP", Reporter: nadia})
	must(t, j.Comment(other, colleague, "to ourselves", false))
	is("agent agent")
}
