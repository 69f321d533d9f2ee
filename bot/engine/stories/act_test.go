package stories

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/connectors/sandbox"
)

// act has a person act, if it makes sense now, and notes how the ticket is then.
func (st *stage) act(a act) {
	vendor := st.story.tickets[a.ticket]
	k := st.tickets[a.ticket]
	if opening := strings.HasPrefix(a.do, "open"); opening != (k == nil) {
		return
	}
	before := fact{}
	if k != nil {
		before = k.facts[len(k.facts)-1]
	}
	var done, answer bool
	var err error
	if vendor == "zendesk" {
		done, answer, err = st.inZendesk(a, k, before)
	} else {
		done, answer, err = st.inJira(a, k, before)
	}
	if err != nil {
		st.failed("the act %q: %v", a.do, err)
	}
	if !done {
		return
	}
	k = st.tickets[a.ticket]
	f := st.look(k)
	f.at, f.answer = time.Now().Unix(), answer
	k.facts = append(k.facts, f)
}

// look is a ticket as its vendor has it.
func (st *stage) look(k *known) (f fact) {
	if k.source == "zendesk" {
		id, _ := strconv.ParseInt(k.id, 10, 64)
		t, ok := st.z.Ticket(id)
		if !ok {
			return fact{status: "deleted"}
		}
		f = fact{status: t.Status, urgent: deref(t.Priority) == "urgent", question: deref(t.Type) == "question", marked: slices.Contains(t.Tags, "dev")}
	} else {
		i, ok := st.j.Issue(k.id)
		if !ok {
			return fact{status: "deleted"}
		}
		f = fact{status: i.Status, urgent: i.Priority == "Highest", question: i.RequestType == "Question"}
	}
	f.status = map[string]string{"new": "open", "pending": "waiting", "Open": "open", "Waiting for customer": "waiting", "Resolved": "solved"}[f.status]
	if f.status == "" {
		f.status = "open"
	}
	if k.source == "zendesk" {
		id, _ := strconv.ParseInt(k.id, 10, 64)
		t, _ := st.z.Ticket(id)
		if t.Status == "solved" || t.Status == "deleted" {
			f.status = t.Status
		}
	}
	return f
}

func (st *stage) inZendesk(a act, k *known, is fact) (done, answer bool, err error) {
	if k == nil {
		n := sandbox.NewTicket{Subject: fmt.Sprint("Ticket ", a.ticket), Body: "It doesn't work.", Type: "incident", RequesterEmail: nadia, SubmitterEmail: lena, Tags: []string{"vip"}}
		switch a.do {
		case "open urgent":
			n.Priority = "urgent"
		case "open question":
			n.Type = "question"
		}
		id, err := st.z.Open(n)
		st.tickets[a.ticket] = &known{source: "zendesk", id: fmt.Sprint(id)}
		return err == nil, false, err
	}
	id, _ := strconv.ParseInt(k.id, 10, 64)
	open := is.status == "open" || is.status == "waiting"
	if is.status == "deleted" {
		return false, false, nil
	}
	switch a.do {
	case "reply":
		if open {
			return true, true, st.z.Reply(id, lena, true, "We are on it.")
		}
	case "note":
		return true, false, st.z.Reply(id, lena, false, "Seen before.")
	case "customer":
		return true, false, st.z.Reply(id, nadia, true, "Any news?")
	case "wait":
		if is.status == "open" {
			return true, false, st.z.SetStatus(id, lena, "pending")
		}
	case "go on":
		if is.status == "waiting" {
			return true, false, st.z.SetStatus(id, lena, "open")
		}
	case "solve":
		if open {
			return true, false, st.z.SetStatus(id, lena, "solved")
		}
	case "solve with a word":
		if open {
			return true, true, st.z.Update(id, lena, sandbox.ZendeskUpdate{Comment: "Done.", Status: "solved"})
		}
	case "reopen":
		if is.status == "solved" {
			return true, false, st.z.SetStatus(id, lena, "open")
		}
	case "urgent", "normal":
		if open {
			return true, false, st.z.SetPriority(id, lena, a.do)
		}
	case "question", "incident":
		if open {
			return true, false, st.z.SetType(id, lena, a.do)
		}
	case "mark":
		if open && !is.marked {
			return true, false, st.z.AddTags(id, lena, "dev")
		}
	case "tag":
		return true, false, st.z.AddTags(id, lena, fmt.Sprint("seen_", a.at))
	case "delete":
		return true, false, st.z.Delete(id)
	case "progress":
		for _, i := range st.j.Issues() {
			if of(i, k) && i.Status == "Open" {
				return false, false, st.j.Transition(i.Key, lena, "In Progress")
			}
		}
	}
	return false, false, nil
}

// of says that an issue is linked to a ticket.
func of(i sandbox.JiraIssue, k *known) bool {
	return slices.ContainsFunc(i.Links, func(l sandbox.JiraLink) bool { return l.Title == k.ref() })
}

func (st *stage) inJira(a act, k *known, is fact) (done, answer bool, err error) {
	if k == nil {
		kind := "Incident"
		if a.do == "open question" {
			kind = "Question"
		}
		key := st.j.Create(sandbox.NewIssue{Project: "SUP", Reporter: nadia, RequestType: kind, Summary: fmt.Sprint("Ticket ", a.ticket), Description: "It doesn't work.", Labels: []string{"vip"}})
		st.tickets[a.ticket] = &known{source: "jira", id: key}
		if a.do == "open urgent" {
			err = st.j.SetPriority(key, lena, "Highest")
		}
		return true, false, err
	}
	open := is.status == "open" || is.status == "waiting"
	if is.status == "deleted" {
		return false, false, nil
	}
	switch a.do {
	case "reply":
		if open {
			return true, true, st.j.Comment(k.id, lena, "We are on it.", true)
		}
	case "note":
		return true, false, st.j.Comment(k.id, lena, "Seen before.", false)
	case "customer":
		return true, false, st.j.Comment(k.id, nadia, "Any news?", true)
	case "wait":
		if is.status == "open" {
			return true, false, st.j.Transition(k.id, lena, "Waiting for customer")
		}
	case "go on":
		if is.status == "waiting" {
			return true, false, st.j.Transition(k.id, lena, "Open")
		}
	case "solve":
		if open {
			return true, false, st.j.Transition(k.id, lena, "Resolved")
		}
	case "solve with a word":
		if open {
			if err := st.j.Comment(k.id, lena, "Done.", true); err != nil {
				return false, false, err
			}
			return true, true, st.j.Transition(k.id, lena, "Resolved")
		}
	case "reopen":
		if is.status == "solved" {
			return true, false, st.j.Transition(k.id, lena, "Open")
		}
	case "urgent", "normal":
		if open {
			return true, false, st.j.SetPriority(k.id, lena, map[string]string{"urgent": "Highest", "normal": "Medium"}[a.do])
		}
	case "question", "incident":
		if open {
			return true, false, st.j.SetRequestType(k.id, lena, map[string]string{"question": "Question", "incident": "Incident"}[a.do])
		}
	case "tag":
		return true, false, st.j.AddLabels(k.id, lena, fmt.Sprint("seen_", a.at), "stuck") // which a manner is about
	case "delete":
		return true, false, st.j.Delete(k.id)
	}
	return false, false, nil
}

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
