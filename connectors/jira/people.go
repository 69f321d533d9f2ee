package jira

import (
	"cmp"
	"slices"
	"strings"

	"vigie/rules"
)

// people says who is who on one issue.
//
// Jira doesn't say who speaks for the desk. Only Cloud marks portal customers
// (accountType "customer"); a customer may have an account like the agents', a
// colleague can be the requester of a ticket, and on Data Center anybody who sees
// a request in the portal comments on it, being neither its reporter nor a
// participant. An answer that was none keeps an alarm silent, so the desk's words
// are those of people of whom something shows that they are of it:
//
//   - our own account is Vigie; an app's account, or one listed in the
//     configuration, is an automation; a change without an author is nobody's;
//   - a portal customer is a customer;
//   - staff is who has shown it on this issue: by having been its assignee, by
//     assigning it or giving it another reporter, by reporting it for somebody else,
//     by a comment that customers don't see;
//   - the reporter and the request's participants, those of the past too, are
//     customers;
//   - staff is whom the site calls so (see standing), or was once seen as such;
//   - a reporter of the past is a customer;
//   - everybody else has shown nothing: no staff in Service Management's projects,
//     where customers write, and staff in all others, where only colleagues do.
type people struct {
	v        *vocabulary
	reporter *user
	first    string // the reporter at creation, by id
	creator  *user
	assignee *user
	desk     bool             // customers write here
	asking   map[string]bool  // reporter and participants
	former   map[string]bool  // reporters of the past
	staff    map[string]bool  // who acted as staff here
	roll     map[string]bool  // whom the site calls staff, or who was once seen as such
	people   map[string]*user // everybody seen, by each of their ids
}

// nobodysID is the accountId of all users whom Cloud can't tell any more: no two
// acts under it need be of the same person
// (https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-users/, User).
const nobodysID = "unknown"

func (v *vocabulary) people(r *record) *people {
	i := &r.issue
	c := &people{v: v, asking: map[string]bool{}, former: map[string]bool{}, staff: map[string]bool{}, people: map[string]*user{}}
	c.reporter, c.assignee, c.creator = read[*user](i, "reporter"), read[*user](i, "assignee"), read[*user](i, "creator")
	c.desk = v.serviceDesk(i) || len(v.StaffGroups) > 0
	c.addUser(c.reporter)
	c.addUser(c.assignee)
	c.addUser(c.creator)
	c.first = c.reporter.id()
	c.asking[c.reporter.id()] = true
	for _, id := range v.participants() {
		for _, u := range read[[]*user](i, id) {
			c.addUser(u)
			c.asking[u.id()] = true
		}
	}
	c.staff[c.assignee.id()] = true
	sortHistories(r.histories)
	for _, h := range slices.Backward(r.histories) {
		c.addUser(h.Author)
		for _, it := range h.Items {
			c.learnRoles(h.Author, it)
		}
	}
	for _, m := range r.comments {
		c.addUser(m.Author)
		if !m.public() {
			c.staff[m.Author.id()] = true
		}
	}
	if c.reportedForAnother() {
		c.staff[c.creator.id()] = true
	}
	for _, none := range []string{"", c.v.self.id()} {
		delete(c.staff, none)
		delete(c.asking, none)
		delete(c.former, none)
	}
	return c
}

// learnRoles takes from an entry of the changelog what it shows of people's roles; entries
// come newest first.
func (c *people) learnRoles(author *user, it item) {
	switch id := c.v.fieldID(it); {
	case c.v.part(id) == assigneePart:
		c.staff[string(it.From)], c.staff[string(it.To)] = true, true
		if !author.is(c.reporter) {
			c.staff[author.id()] = true
		}
	case id == "reporter": // which the portal doesn't let anybody change
		c.staff[author.id()] = true
		c.first = string(it.From)
		for _, was := range []word{it.From, it.To} {
			if string(was) != c.reporter.id() {
				c.former[string(was)] = true
			}
		}
	case slices.Contains(c.v.participants(), id):
		for _, list := range []word{it.From, it.To} {
			for _, who := range strings.Split(strings.Trim(string(list), "[]"), ",") {
				c.asking[strings.TrimSpace(who)] = true
			}
		}
	}
}

// reportedForAnother says that a person created the issue whose request it isn't:
// the portal lets agents alone do so. The reporter at creation, who may have been
// changed since, asked for himself unless he has acted as staff.
func (c *people) reportedForAnother() bool {
	if c.creator == nil || c.creator.is(c.reporter) || c.machine(c.creator) != "" || c.known(c.creator).AccountType == "customer" {
		return false
	}
	return c.creator.id() != c.first || c.staff[c.creator.id()]
}

// addUser remembers a user under each id that a changelog may use. Jira shows the same
// account here with its type and address, there without.
func (c *people) addUser(u *user) {
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

// known is all that was seen of a user.
func (c *people) known(u *user) *user {
	if known := c.people[u.id()]; known != nil {
		return known
	}
	return u
}

// name is how people know the user that a changelog calls by id, and text where
// nobody here is called so.
func (c *people) name(id, text string) string {
	if u := c.people[id]; u != nil {
		return u.who()
	}
	return text
}

// machine is the role of an account behind which there is no person; "" for a
// person.
func (c *people) machine(u *user) string {
	if u == nil {
		return rules.ByAutomation
	}
	u = c.known(u)
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
	return ""
}

// roleShown is the role of an account as far as it and this issue show it; "" if they
// don't.
func (c *people) roleShown(u *user) string {
	if role := c.machine(u); role != "" {
		return role
	}
	id := u.id()
	asks := c.asking[id] || id == nobodysID && c.former[id]
	switch {
	case c.known(u).AccountType == "customer":
		return rules.ByCustomer
	case c.staff[id] && !(id == nobodysID && asks):
		return rules.ByAgent
	case asks:
		return rules.ByCustomer
	}
	return ""
}

// speaker is the role, one of rules' By…, of whoever does what customers do too.
func (c *people) speaker(u *user) string {
	switch role := c.roleShown(u); {
	case role != "":
		return role
	case c.roll[u.id()]:
		return rules.ByAgent
	case c.former[u.id()] || c.desk:
		return rules.ByCustomer
	}
	return rules.ByAgent
}

// editor is the role of whoever changes what the portal lets no customer change.
func (c *people) editor(u *user) string {
	if role := c.roleShown(u); role != "" {
		return role
	}
	if c.former[u.id()] && !c.roll[u.id()] {
		return rules.ByCustomer
	}
	return rules.ByAgent
}

// openedBy is who wrote the description; "" for the customer.
func (c *people) openedBy() string {
	switch {
	case c.creator == nil:
		return ""
	case c.machine(c.creator) != "":
		return rules.ByAutomation
	case c.reportedForAnother():
		return rules.ByAgent
	}
	return ""
}

// doubtful lists the people whose role the issue doesn't show, and the site may know.
func (c *people) doubtful(r *record) map[string]*user {
	doubtful := map[string]*user{}
	ask := func(u *user) {
		if c.roleShown(u) == "" && u.id() != nobodysID && (c.desk || c.former[u.id()]) {
			doubtful[u.id()] = c.known(u)
		}
	}
	for _, m := range r.comments {
		ask(m.Author)
	}
	for _, h := range r.histories {
		if slices.ContainsFunc(h.Items, func(it item) bool { return c.v.ofCustomers(it) || c.former[h.Author.id()] }) {
			ask(h.Author)
		}
	}
	return doubtful
}

// proven lists those who have shown on this issue that they are staff, by ids that
// mean one person.
func (c *people) proven() (ids []string) {
	for id := range c.staff {
		if u := c.people[id]; u != nil && id == u.id() && id != nobodysID && c.roleShown(u) == rules.ByAgent {
			ids = append(ids, id)
		}
	}
	return ids
}
