package jira

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"cmp"

	"vigie/connectors/sandbox/stage"
)

// A User is an account of the site. Customers of the service desk have
// accounts of their own kind.
type User struct {
	Email     string
	Name      string // display name; the e-mail address's local part if empty
	AccountID string // made up if empty
	Customer  bool
	Groups    []string // beside those of the site's licences
	NoLicence bool     // an Atlassian account like the agents', with no licence of this site: a customer's, often
	Inactive  bool     // has left: no licence any more, the groups stay
	Forgotten bool     // shown as accountId "unknown" from now on, as all deleted users that Cloud can't tell any more
	App       bool     // an app's or a rule's account
	TimeZone  string   // Europe/Paris if empty
	Locale    string   // en_US if empty
	Token     string   // lets this user call the API as well; the bot's is in Tokens
}

// AddUser adds an account, or replaces the one with that e-mail address, and
// returns its account id.
func (s *Site) AddUser(u User) (accountID string) {
	s.Do(func() {
		accountID = s.state.addUser(u).AccountID
		s.Changed()
	})
	return accountID
}

// EditUser changes an account, as an administrator does: groups, a licence taken away.
func (s *Site) EditUser(email string, change func(*User)) {
	s.Do(func() {
		st := &s.state
		u := st.person(email, false)
		change(&u)
		st.addUser(u)
		s.Changed()
	})
}

func (st *State) addUser(u User) User {
	st.setUp()
	local, _, _ := strings.Cut(u.Email, "@")
	u.Name = cmp.Or(u.Name, local)
	u.TimeZone = cmp.Or(u.TimeZone, "Europe/Paris")
	u.Locale = cmp.Or(u.Locale, "en_US")
	i := slices.IndexFunc(st.Users, func(v User) bool { return strings.EqualFold(v.Email, u.Email) })
	if i >= 0 {
		u.AccountID = cmp.Or(u.AccountID, st.Users[i].AccountID)
		st.Users[i] = u
		return u
	}
	if u.AccountID == "" {
		form := "5c5f8806:%06d"
		if u.Customer {
			form = "qm:5c5f8806:%06d"
		}
		u.AccountID = fmt.Sprintf(form, len(st.Users)+1)
	}
	st.Users = append(st.Users, u)
	return u
}

// key is what Data Center calls the account in changelogs: not its name.
func (u User) key() string {
	return "JIRAUSER" + u.AccountID[strings.LastIndexByte(u.AccountID, ':')+1:]
}

// user finds an account by its account id; false if there is none.
func (st *State) user(accountID string) (User, bool) {
	for _, u := range st.Users {
		if u.AccountID == accountID {
			return u, true
		}
	}
	return User{}, false
}

// person is the account of an e-mail address; a stranger gets one.
func (st *State) person(email string, customer bool) User {
	for _, u := range st.Users {
		if strings.EqualFold(u.Email, email) {
			return u
		}
	}
	return st.addUser(User{Email: email, Customer: customer})
}

// readMyself is the caller's own account; its zone is the one in which JQL
// reads dates.
func readMyself(c *call) (int, any) {
	o := c.view.account(c.me.AccountID).(object)
	o["emailAddress"], o["locale"] = c.me.Email, c.me.Locale
	return http.StatusOK, o
}

// readUser is any account, with its locale, and on demand with its groups and the
// products that it has a licence of. Cloud shows it only to accounts that may
// browse users.
func readUser(c *call) (int, any) {
	v := c.URL.Query()
	if !c.s.options.DataCenter && !c.may("USER_PICKER") {
		return refuse(http.StatusForbidden, "You do not have permission to browse users.")
	}
	for _, u := range c.s.state.Users {
		byID := !c.s.options.DataCenter && u.AccountID == v.Get("accountId")
		byName := c.s.options.DataCenter && (u.Email == v.Get("username") || u.key() == v.Get("key"))
		if byID || byName {
			o := c.view.account(u.AccountID).(object)
			o["locale"] = u.Locale
			expand := c.list("expand")
			if slices.Contains(expand, "groups") {
				o["groups"] = c.groups(u)
			}
			if slices.Contains(expand, "applicationRoles") {
				o["applicationRoles"] = u.roles()
			}
			return http.StatusOK, o
		}
	}
	return refuse(http.StatusNotFound, "Specified user does not exist or you do not have required permissions")
}

// assignable says that issues can be given to the account: an agent's.
func (u User) assignable() bool { return u.licensed() }

// findAssignable lists the people to whom an issue can be given, by how their names or
// e-mail addresses begin; by a whole address where those aren't shown. Cloud's parameter
// is query, or accountId; Data Center's username.
func findAssignable(c *call) (int, any) {
	q := c.URL.Query()
	if c.issue(q.Get("issueKey")) == nil {
		return noIssue()
	}
	if !c.may("USER_PICKER") && !c.may("ASSIGN_ISSUES") {
		return refuse(http.StatusForbidden, "You do not have permission to browse users.")
	}
	text := q.Get("query")
	if c.s.options.DataCenter {
		text = q.Get("username")
	}
	if text == "" && q.Get("accountId") == "" {
		return refuse(http.StatusBadRequest, "The query parameter or accountId is required.")
	}
	begins := func(s string) bool { return strings.HasPrefix(strings.ToLower(s), strings.ToLower(text)) }
	found := []any{}
	for _, u := range c.s.state.Users {
		fits := u.AccountID == q.Get("accountId")
		if text != "" {
			fits = begins(u.Name) || strings.EqualFold(u.Email, text) || begins(u.Email) && !c.view.opts.HideEmails
		}
		if fits && u.assignable() && len(found) < c.number("maxResults", 50) {
			found = append(found, c.view.account(u.AccountID))
		}
	}
	return http.StatusOK, found
}

// readGroup lists a group's members.
func readGroup(c *call) (int, any) {
	name := c.URL.Query().Get("groupname")
	if !c.may("USER_PICKER") {
		return refuse(http.StatusForbidden, "You do not have permission to browse users.")
	}
	members := []any{}
	for _, u := range c.s.state.Users {
		if slices.Contains(u.groups(), name) {
			members = append(members, c.view.account(u.AccountID))
		}
	}
	if len(members) == 0 { // here there is no group without members
		return refuse(http.StatusNotFound, "The group named '"+name+"' does not exist.")
	}
	start, size := c.number("startAt", 0), min(c.number("maxResults", 50), 50)
	page := stage.Section(members, start, size)
	return http.StatusOK, object{"self": c.view.self("/group/member?groupname=%s", name), "startAt": start, "maxResults": size, "total": len(members),
		"isLast": start+len(page) == len(members), "values": page}
}

// groups are an account's: a licence is given by one.
func (u User) groups() []string {
	if u.licensed() {
		return append(slices.Clone(u.Groups), "jira-servicemanagement-users-acme")
	}
	return u.Groups
}

func (c *call) groups(u User) object {
	items := []object{}
	for _, name := range u.groups() {
		items = append(items, object{"name": name, "self": c.view.self("/group?groupname=%s", name)})
	}
	return object{"size": len(items), "items": items}
}

// licensed says that the account is an agent's: it has a licence of Service
// Management.
func (u User) licensed() bool {
	return !u.Customer && !u.NoLicence && !u.Inactive && !u.Forgotten && !u.App
}

func (u User) roles() object {
	items := []object{}
	if u.licensed() {
		items = append(items, object{"key": "jira-servicedesk", "name": "Jira Service Desk"})
	}
	return object{"size": len(items), "items": items}
}

// account is a user as issues, comments and changes show it.
func (v view) account(accountID string) any {
	u, ok := v.user(accountID)
	if !ok {
		return nil
	}
	if u.Forgotten && !v.opts.DataCenter {
		return object{"self": v.self("/user?accountId=unknown"), "accountId": "unknown", "accountType": "unknown", "displayName": "Former user", "active": false, "timeZone": "UTC"}
	}
	o := object{"displayName": u.Name, "active": !u.Inactive, "timeZone": u.TimeZone}
	if !v.opts.HideEmails {
		o["emailAddress"] = u.Email
	}
	if v.opts.DataCenter {
		o["self"] = v.self("/user?username=%s", u.Email)
		o["name"], o["key"] = u.Email, u.key()
		return o
	}
	o["self"] = v.self("/user?accountId=%s", u.AccountID)
	o["accountId"], o["accountType"] = u.AccountID, "atlassian"
	switch {
	case u.Customer:
		o["accountType"] = "customer"
	case u.App:
		o["accountType"] = "app"
	}
	return o
}

// userKey is an account's key, or null for nobody.
func (v view) userKey(value []string) any {
	u, ok := v.user(first(value))
	if !ok {
		return nil
	}
	return u.key()
}

// userKeys are several accounts', in brackets.
func (v view) userKeys(value []string) any {
	if len(value) == 0 {
		return nil
	}
	var keys []string
	for _, id := range value {
		if u, ok := v.user(id); ok {
			keys = append(keys, u.key())
		}
	}
	return "[" + strings.Join(keys, ", ") + "]"
}
