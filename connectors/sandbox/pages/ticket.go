package pages

import (
	"cmp"
	"errors"
	"strings"

	"vigie/connectors/sandbox"
)

// A ticketPage is a vendor's ticket as one person sees it, and what he may do to it.
type ticketPage struct {
	*view
	Vendor, Ref, Subject string
	People               []choice
	Staff                bool // he is an agent
	Facts                []fact
	Said                 []said
	Statuses, Priorities []choice
	Agents               []choice
	Text                 string // what he wrote, if it wasn't taken
}

type fact struct{ Label, Text string }

// said is something in a conversation.
type said struct {
	By, At, ISO, Text string
	Note              bool // the customer doesn't see it
}

// An act is what a person does to a ticket in one go; what is empty stays.
type act struct {
	by, text                   string
	note                       bool
	status, priority, assignee string
}

// act reads what the form says, but for what the ticket has already.
func (p *ticketPage) act() act {
	form := p.r.PostForm
	a := act{by: p.As, text: strings.TrimSpace(form.Get("text")), note: form.Get("note") != "" && p.Staff}
	if p.Staff {
		a.status, a.priority, a.assignee = changed(form.Get("status"), p.Statuses), changed(form.Get("priority"), p.Priorities), changed(form.Get("assignee"), p.Agents)
	}
	return a
}

// changed is a value that was offered and isn't the present one; otherwise empty.
func changed(value string, offered []choice) string {
	for _, c := range offered {
		if c.Value == value && !c.Chosen {
			return value
		}
	}
	return ""
}

func (a act) nothing() bool { return a.text+a.status+a.priority+a.assignee == "" }

// done goes back to the ticket, or shows it with what was wrong.
func (p *ticketPage) done(a act, do func(act) error) error {
	err := errors.New(p.W.Say("sandbox.nothing"))
	if !a.nothing() {
		err = do(a)
	}
	if err == nil {
		return p.to(p.Here())
	}
	p.Wrong, p.Text = err.Error(), a.text
	return p.show("ticket.html", p)
}

// add adds a fact, if there is one.
func (p *ticketPage) add(label, text string) {
	if text != "" {
		p.Facts = append(p.Facts, fact{label, text})
	}
}

func (p *ticketPage) say(by string, c sandbox.JiraComment) {
	if c.Public || p.Staff {
		at := c.At.In(zone())
		p.Said = append(p.Said, said{By: cmp.Or(by, c.By), At: p.Moment(at), ISO: at.Format("2006-01-02T15:04:05Z07:00"), Text: c.Body, Note: !c.Public})
	}
}
