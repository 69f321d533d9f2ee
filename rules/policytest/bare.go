package policytest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vigie/rules"
)

// bare is the ticket without what the policy doesn't ask about.
func (w *writer) bare(t *rules.Ticket) *rules.Ticket {
	b := &rules.Ticket{
		Source: "test", ID: "1", Kind: t.Kind, Status: t.Status, Priority: w.known(t.Priority), Channel: t.Channel, Language: t.Language,
		Organization: w.asked(t.Organization), Group: w.asked(t.Group), Assignee: w.asked(t.Assignee), Requester: w.asked(t.Requester),
		Recipient: w.asked(t.Recipient), Tags: w.askedTags(t.Tags), Inherited: w.askedTags(t.Inherited), Attachments: t.Attachments, OpenedBy: t.OpenedBy, CreatedAt: t.CreatedAt,
	}
	held := map[rules.EventType]string{rules.OrganizationEvent: b.Organization, rules.GroupEvent: b.Group, rules.AssigneeEvent: b.Assignee}
	for name, value := range t.Fields {
		if w.asked(name) != "" {
			if b.Fields == nil {
				b.Fields = rules.Fields{}
			}
			b.Fields[name] = w.value(value)
		}
	}
	for _, e := range t.Events {
		e.By = w.person(e.By)
		switch e.Type {
		case rules.PriorityEvent:
			e.To = w.known(e.To)
		case rules.OrganizationEvent, rules.GroupEvent, rules.AssigneeEvent:
			before := held[e.Type]
			e.To = w.asked(e.To)
			if held[e.Type] = e.To; e.To == before {
				continue
			}
		case rules.TagEvent:
			e.Add, e.Remove = w.askedTags(e.Add), w.askedTags(e.Remove)
			if len(e.Add)+len(e.Remove) == 0 {
				continue
			}
		case rules.FieldEvent:
			if w.asked(e.Name) == "" {
				continue
			}
			e.To = w.value(e.To)
		case rules.ReplyEvent:
			if !slices.Contains(replies, e.By) {
				continue // neither an answer nor a question
			}
			e.Text = ""
		}
		b.Events = append(b.Events, e)
	}
	slices.SortStableFunc(b.Events, func(a, b rules.Event) int { return a.At.Compare(b.At) })
	return b
}

// person stands for somebody's name; who is no person stays.
func (w *writer) person(by string) string {
	switch by {
	case "", rules.ByAgent, rules.ByCustomer, rules.ByAutomation, rules.ByVigie:
		return by
	}
	if w.people[by] == "" {
		w.people[by] = fmt.Sprintf("person %d", len(w.people)+1)
	}
	return w.people[by]
}

// known is the priority if the policy has it; any other counts as none.
func (w *writer) known(priority string) string {
	if w.policy.Rank(priority) < 0 {
		return ""
	}
	return priority
}

// asked is the name if the policy asks about it, as a team or in a condition,
// or writes it, as a tag.
func (w *writer) asked(name string) string {
	p := w.policy
	if _, team := p.Teams[name]; team || name == "" || p.Owns(name) {
		return name
	}
	mentions := func(c *rules.Condition) bool {
		if c == nil {
			return false
		}
		condition, name := strings.ToLower(c.String()), strings.ToLower(name)
		return strings.Contains(condition, `"`+name+`"`) || strings.Contains(condition, "'"+name+"'")
	}
	if mentions(p.Covers) ||
		slices.ContainsFunc(p.Priorities, func(x rules.Priority) bool { return mentions(x.When) }) ||
		slices.ContainsFunc(p.Targets, func(x rules.Target) bool { return mentions(x.When) || mentions(x.Until) }) ||
		slices.ContainsFunc(p.Excludes, func(x rules.Exclude) bool { return mentions(x.When) }) ||
		slices.ContainsFunc(p.Marks, func(x rules.Mark) bool { return mentions(x.When) }) ||
		slices.ContainsFunc(p.Escalates, func(x rules.Escalate) bool { return mentions(x.When) }) {
		return name
	}
	return ""
}

// value stands for a field's value, unless the policy asks about that or it is a
// number.
func (w *writer) value(text string) string {
	if _, err := strconv.ParseFloat(text, 64); err == nil || w.asked(text) == text {
		return text
	}
	return "value"
}

func (w *writer) askedTags(tags []string) []string {
	return slices.DeleteFunc(slices.Clone(tags), func(tag string) bool { return w.asked(tag) == "" })
}
