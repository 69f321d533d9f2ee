package jira

import (
	"cmp"
	"strings"

	"vigie/rules"
)

// A cast says who is who on one issue.
//
// Jira's accounts don't tell staff from customers reliably: only Cloud marks
// portal customers (accountType "customer"), and a colleague can be the
// requester of a ticket. So, on each issue:
//
//   - our own account is Vigie; an app's account, or one listed in the
//     configuration, is an automation; a change without an author is nobody's;
//   - a portal customer is a customer;
//   - the reporter and the request's participants are customers, unless they
//     have shown on this issue to be staff: by having been its assignee or by
//     an internal comment;
//   - everybody else is an agent.
type cast struct {
	v        *vocabulary
	reporter *user
	assignee *user
	asking   map[string]bool  // reporter and participants
	staff    map[string]bool  // who acted as staff
	people   map[string]*user // everybody seen, by each of their ids
}

func (v *vocabulary) cast(i *issue, histories []history, talk []comment) *cast {
	c := &cast{v: v, asking: map[string]bool{}, staff: map[string]bool{}, people: map[string]*user{}}
	c.reporter, c.assignee = read[*user](i, "reporter"), read[*user](i, "assignee")
	c.meet(c.reporter)
	c.meet(c.assignee)
	c.meet(read[*user](i, "creator"))
	c.asking[c.reporter.id()] = true
	for id, f := range v.fields {
		if f.Custom == "sd-request-participants" {
			for _, u := range read[[]*user](i, id) {
				c.meet(u)
				c.asking[u.id()] = true
			}
		}
	}
	c.staff[c.assignee.id()] = true
	for _, h := range histories {
		c.meet(h.Author)
		for _, it := range h.Items {
			if v.part(v.fieldID(it)) == assigneePart {
				c.staff[string(it.From)], c.staff[string(it.To)] = true, true
			}
		}
	}
	for _, m := range talk {
		c.meet(m.Author)
		if !m.public() {
			c.staff[m.Author.id()] = true
		}
	}
	return c
}

// meet remembers a user under each id that a changelog may use. Jira shows the
// same account here with its type and address, there without.
func (c *cast) meet(u *user) {
	if u == nil {
		return
	}
	known := *u
	if old := c.people[u.id()]; old != nil {
		known = user{
			AccountID: cmp.Or(u.AccountID, old.AccountID), AccountType: cmp.Or(u.AccountType, old.AccountType),
			Name: cmp.Or(u.Name, old.Name), Key: cmp.Or(u.Key, old.Key), Email: cmp.Or(u.Email, old.Email),
			DisplayName: cmp.Or(u.DisplayName, old.DisplayName), Locale: cmp.Or(u.Locale, old.Locale),
		}
	}
	for _, id := range []string{known.AccountID, known.Key, known.Name} {
		if id != "" {
			c.people[id] = &known
		}
	}
}

// name is how people know the user that a changelog calls by id, and text where
// nobody here is called so.
func (c *cast) name(id, text string) string {
	if u := c.people[id]; u != nil {
		return u.who()
	}
	return text
}

// role is one of the By… of the rules.
func (c *cast) role(u *user) string {
	if u == nil {
		return rules.ByAutomation
	}
	if known := c.people[u.id()]; known != nil {
		u = known
	}
	if u.is(&c.v.self) || u.Email != "" && strings.EqualFold(u.Email, c.v.Email) {
		return rules.ByVigie
	}
	if u.AccountType == "app" {
		return rules.ByAutomation
	}
	for _, id := range []string{u.Email, u.AccountID, u.Name, u.Key, u.DisplayName} {
		if id != "" && containsFold(c.v.Automations, id) {
			return rules.ByAutomation
		}
	}
	id := u.id()
	if u.AccountType == "customer" || c.asking[id] && !c.staff[id] {
		return rules.ByCustomer
	}
	return rules.ByAgent
}
