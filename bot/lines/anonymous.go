package lines

import (
	"slices"

	"vigie/rules"
)

// someone stands for a name: a rule may ask whether there is one.
const someone = "someone"

// Anonymous is a ticket without names and texts. Times, statuses, teams, kinds,
// priorities, tags and who acted (an agent, the customer, an automation) stay.
func Anonymous(t *rules.Ticket) *rules.Ticket {
	a := *t
	a.Subject, a.Text, a.Requester, a.Recipient, a.URL, a.Fields = "", "", "", "", "", nil
	a.Organization, a.Assignee = nameless(t.Organization), nameless(t.Assignee)
	a.Events = slices.Clone(t.Events)
	for i := range a.Events {
		e := &a.Events[i]
		switch e.Type {
		case rules.OrganizationEvent, rules.AssigneeEvent:
			e.To = nameless(e.To)
		case rules.FieldEvent:
			e.To = ""
		case rules.ReplyEvent:
			e.Text = ""
		}
		switch e.By {
		case rules.ByAgent, rules.ByCustomer, rules.ByAutomation, rules.ByVigie:
		default:
			e.By = nameless(e.By)
		}
	}
	return &a
}

func nameless(name string) string {
	if name == "" {
		return ""
	}
	return someone
}
