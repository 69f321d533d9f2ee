package pages

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"vigie/connectors/sandbox"
)

const mostListed = 60 // tickets of the front page, the last ones

// A frontPage leads to everything, and lets customers open tickets.
type frontPage struct {
	*view
	Tickets   []listed
	Customers []choice
	Text      string
}

type listed struct{ Ref, Link, Subject, Status, Priority string }

func front(v *view) error {
	v.As = ""
	return v.show("front.html", frontOf(v))
}

func frontOf(v *view) *frontPage {
	p := &frontPage{view: v}
	for _, t := range v.Sandbox.Zendesk().Tickets() {
		if t.Status != "deleted" {
			id := strconv.FormatInt(t.ID, 10)
			p.Tickets = append(p.Tickets, listed{"Zendesk #" + id, "/agent/tickets/" + id, t.Subject, t.Status, deref(t.Priority)})
		}
	}
	for _, i := range v.Sandbox.Jira().Issues() {
		p.Tickets = append(p.Tickets, listed{"Jira " + i.Key, "/browse/" + i.Key, i.Summary, i.Status, i.Priority})
	}
	p.Tickets = p.Tickets[max(0, len(p.Tickets)-mostListed):]
	for _, u := range v.Sandbox.Zendesk().People() {
		if u.Role == "end-user" {
			p.Customers = append(p.Customers, choice{"zendesk " + u.Email, "Zendesk – " + cmp.Or(u.Name, u.Email), false})
		}
	}
	for _, u := range v.Sandbox.Jira().People() {
		if u.Customer {
			p.Customers = append(p.Customers, choice{"jira " + u.Email, "Jira – " + cmp.Or(u.Name, u.Email), false})
		}
	}
	return p
}

// open has a customer open a ticket. It goes to the team and the project that the
// last one went to.
func open(v *view) error {
	v.As = ""
	p, form := frontOf(v), v.r.PostForm
	subject, text := strings.TrimSpace(form.Get("subject")), strings.TrimSpace(form.Get("text"))
	if !slices.ContainsFunc(p.Customers, func(c choice) bool { return c.Value == form.Get("customer") }) || subject == "" || text == "" {
		p.Wrong, p.Text = v.W.Say("sandbox.incomplete"), text
		return v.show("front.html", p)
	}
	vendor, who, _ := strings.Cut(form.Get("customer"), " ")
	if vendor == "jira" {
		key := v.Sandbox.Jira().Create(v.newIssue(sandbox.NewIssue{Summary: subject, Description: text, Reporter: who, Channel: "portal"}))
		if key == "" {
			return wrong{http.StatusUnprocessableEntity, "sandbox.refused"}
		}
		return v.to(v.Link("/browse/"+key, "as", who))
	}
	id, err := v.Sandbox.Zendesk().Open(v.newTicket(sandbox.NewTicket{Subject: subject, Body: text, Type: "incident", RequesterEmail: who}))
	if err != nil {
		p.Wrong, p.Text = err.Error(), text
		return v.show("front.html", p)
	}
	return v.to(v.Link("/agent/tickets/"+strconv.FormatInt(id, 10), "as", who))
}

func (v *view) newIssue(n sandbox.NewIssue) sandbox.NewIssue {
	n.Project = "SUP"
	for _, i := range slices.Backward(v.Sandbox.Jira().Issues()) {
		if i.RequestType != "" {
			n.Project, _, _ = strings.Cut(i.Key, "-")
			n.Type, n.RequestType = i.Type, i.RequestType
			break
		}
	}
	return n
}

func (v *view) newTicket(n sandbox.NewTicket) sandbox.NewTicket {
	z := v.Sandbox.Zendesk()
	for _, t := range slices.Backward(z.Tickets()) {
		if t.GroupID != nil {
			n.Group = z.Group(*t.GroupID)
			break
		}
	}
	return n
}
