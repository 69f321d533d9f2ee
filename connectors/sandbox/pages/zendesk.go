package pages

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"vigie/connectors/sandbox"
)

func zendeskPage(v *view) error {
	p, _, err := zendeskTicket(v)
	if err != nil {
		return err
	}
	return p.show("ticket.html", p)
}

func zendeskAct(v *view) error {
	p, id, err := zendeskTicket(v)
	if err != nil {
		return err
	}
	return p.done(p.act(), func(a act) error {
		return v.Sandbox.Zendesk().Update(id, a.by, sandbox.ZendeskUpdate{
			Status: a.status, Priority: a.priority, Assignee: a.assignee, Comment: a.text, Internal: a.note})
	})
}

// zendeskTicket is the ticket that the path names, as the one who was chosen sees it:
// an agent, or its requester.
func zendeskTicket(v *view) (*ticketPage, int64, error) {
	z := v.Sandbox.Zendesk()
	id, _ := strconv.ParseInt(v.r.PathValue("ref"), 10, 64) // no ticket is 0
	t, ok := z.Ticket(id)
	if !ok || t.Status == "deleted" {
		return nil, 0, notThere
	}
	requester, _ := z.Person(t.RequesterID)
	agents := v.agentsOf(z.People())
	p := &ticketPage{view: v, Vendor: "Zendesk", Ref: "#" + strconv.FormatInt(id, 10), Subject: t.Subject}
	p.seenBy(agents, person{requester.Email, requester.Name})
	assignee := ""
	if t.AssigneeID != nil {
		who, _ := z.Person(*t.AssigneeID)
		assignee = who.Email
	}
	p.offer(assignee, agents)
	p.Statuses = choices([]string{"new", "open", "pending", "hold", "solved"}, t.Status)
	if t.Status == "closed" {
		p.Statuses = choices([]string{"closed"}, t.Status)
	}
	if t.Status != "new" {
		p.Statuses = slices.DeleteFunc(p.Statuses, func(c choice) bool { return c.Value == "new" })
	}
	p.Priorities = offered([]string{"low", "normal", "high", "urgent"}, deref(t.Priority))
	p.add(v.W.Say("sandbox.status"), t.Status)
	p.add(v.W.Say("sandbox.priority"), cmp.Or(deref(t.Priority), "–"))
	p.add(v.W.Say("sandbox.type"), deref(t.Type))
	if t.GroupID != nil {
		p.add(v.W.Say("sandbox.team"), z.Group(*t.GroupID))
	}
	p.add(v.W.Say("sandbox.assignee"), cmp.Or(nameOf(assignee, agents), "–"))
	p.add(v.W.Say("sandbox.requester"), cmp.Or(requester.Name, requester.Email))
	p.add(v.W.Say("sandbox.organization"), requester.Organization)
	if p.Staff {
		p.add(v.W.Say("sandbox.tags"), strings.Join(t.Tags, ", "))
		for _, f := range t.CustomFields {
			p.add(z.FieldTitle(f.ID), plainJSON(f.Value))
		}
	}
	for _, c := range z.Comments(id) {
		p.say(c.By, sandbox.JiraComment{At: c.At, Body: c.Body, Public: c.Public})
	}
	return p, id, nil
}

// person is somebody who may act on a ticket.
type person struct{ email, name string }

// agentsOf are those who answer customers; Vigie's own account isn't among them.
func (v *view) agentsOf(people []sandbox.ZendeskUser) (list []person) {
	for _, u := range people {
		if u.Role != "end-user" && u.Email != v.Sandbox.Tokens.Zendesk.Email {
			list = append(list, person{u.Email, u.Name})
		}
	}
	return list
}

// seenBy settles who looks at the ticket: whom the page was asked for, if he may, else
// the first agent.
func (p *ticketPage) seenBy(agents []person, requester person) {
	may := func(who person) bool { return who.email == p.As }
	if p.As != requester.email && !slices.ContainsFunc(agents, may) && len(agents) > 0 {
		p.As = agents[0].email
	}
	p.Staff = slices.ContainsFunc(agents, may)
	for _, a := range agents {
		p.People = append(p.People, choice{a.email, p.W.Say("sandbox.agent", "name", a.name), a.email == p.As})
	}
	if requester.email != "" {
		p.People = append(p.People, choice{requester.email, p.W.Say("sandbox.customer", "name", cmp.Or(requester.name, requester.email)), requester.email == p.As})
	}
}

// offer has the ticket given to an agent.
func (p *ticketPage) offer(assignee string, agents []person) {
	if assignee == "" {
		p.Agents = append(p.Agents, choice{"", "–", true})
	}
	for _, a := range agents {
		p.Agents = append(p.Agents, choice{a.email, a.name, a.email == assignee})
	}
}

// offered are the values of a field that may have none.
func offered(values []string, chosen string) []choice {
	list := choices(values, chosen)
	if chosen == "" {
		list = append([]choice{{"", "–", true}}, list...)
	}
	return list
}

func nameOf(email string, people []person) string {
	for _, who := range people {
		if who.email == email {
			return who.name
		}
	}
	return email
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// plainJSON is a field's value as people read it; empty if there is none.
func plainJSON(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil || string(raw) == "null" {
		return text
	}
	return string(raw)
}
