package zendesk

import (
	"slices"
	"strings"

	"cmp"
)

// open sets up an account that nobody has used yet: the standard
// statuses and the admin whose token opens the API. The lock is held.
func (d *Desk) open() {
	z := &d.state
	if len(z.Statuses) == 0 {
		for _, st := range [][2]string{{"new", "New"}, {"open", "Open"}, {"pending", "Pending"}, {"hold", "On-hold"}, {"solved", "Solved"}} {
			d.addStatus(st[0], st[1], true)
		}
	}
	if len(z.Users) == 0 || z.userByEmail(d.admin.Email) == nil {
		d.addUser(User{Email: d.admin.Email, Role: "admin"})
	}
}

// User is a person to add.
type User struct {
	Email        string
	Name         string // from the address if empty
	Role         string // end-user (if empty), agent, admin
	Locale       string // "en-US" if empty
	Organization string
	Groups       []string // of an agent, the default one first; none = every group
}

// AddUser adds a person, or gives the id of who already has that address.
func (d *Desk) AddUser(u User) (id int64) {
	d.act(func(st *State) error {
		id = d.addUser(u).ID
		return nil
	})
	return id
}

// AddAgent adds an agent who may use the API with that token.
func (d *Desk) AddAgent(email, token string) (id int64) {
	d.act(func(st *State) error {
		u := d.addUser(User{Email: email, Role: "agent"})
		if u.Role == "end-user" {
			u.Role = "agent"
		}
		if st.Tokens == nil {
			st.Tokens = map[string]string{}
		}
		st.Tokens[strings.ToLower(email)] = token
		id = u.ID
		return nil
	})
	return id
}

// AddGroup adds a team, or gives the id of the one with that name.
func (d *Desk) AddGroup(name string) (id int64) {
	d.act(func(st *State) error {
		id = d.addGroup(name).ID
		return nil
	})
	return id
}

// AddOrganization adds an organisation, or gives the id of the one with that name.
func (d *Desk) AddOrganization(name string) (id int64) {
	d.act(func(st *State) error {
		id = d.addOrganization(name).ID
		return nil
	})
	return id
}

// AddField adds a custom field of a vendor's type ("text", "date", "tagger", …);
// a drop-down that names no options takes any.
func (d *Desk) AddField(title, kind string, options ...string) (id int64) {
	d.act(func(*State) error {
		id = d.addField(title, kind, options...).ID
		return nil
	})
	return id
}

// AddStatus adds a custom status to a category (open, pending, hold, solved).
func (d *Desk) AddStatus(category, name string) (id int64) {
	d.act(func(*State) error {
		id = d.addStatus(category, name, false).ID
		return nil
	})
	return id
}

// AddForm adds a ticket form. An account without forms is one of a plan that has
// none: every ticket has the first one's id all the same.
func (d *Desk) AddForm(name string) (id int64) {
	d.act(func(st *State) error {
		now := d.now()
		id = firstForm + int64(len(st.Forms))
		st.Forms = append(st.Forms, &form{ID: id, URL: address("ticket_forms", id), Name: name, RawName: name, DisplayName: name, RawDisplayName: name,
			Active: true, Default: len(st.Forms) == 0, EndUserVisible: true, InAllBrands: true, Position: len(st.Forms) + 1, TicketFieldIDs: []int64{},
			CreatedAt: now, UpdatedAt: now})
		d.Changed()
		return nil
	})
	return id
}

// AddWebhook has an admin register a webhook, which is signed with the account's
// one secret here.
func (d *Desk) AddWebhook(name, endpoint, status string, subscriptions ...string) (id string) {
	d.act(func(st *State) error {
		w := &webhook{Name: name, Endpoint: endpoint, HTTPMethod: "POST", RequestFormat: "json", Status: status, Subscriptions: subscriptions}
		d.addWebhook(w, firstUser)
		id = w.ID
		return nil
	})
	return id
}

func (d *Desk) addUser(u User) *user {
	z := &d.state
	if have := z.userByEmail(u.Email); have != nil {
		return have
	}
	now := d.now()
	name, _, _ := strings.Cut(u.Email, "@")
	id := firstUser + int64(len(z.Users))
	user := &user{ID: id, URL: address("users", id), Name: cmp.Or(u.Name, name), Email: strings.ToLower(u.Email),
		Role: cmp.Or(u.Role, "end-user"), Locale: cmp.Or(u.Locale, "en-US"), TimeZone: "Berlin", IANATimeZone: "Europe/Berlin",
		Active: true, Verified: true, Tags: []string{}, CreatedAt: now, UpdatedAt: now}
	if u.Organization != "" {
		user.OrganizationID = &d.addOrganization(u.Organization).ID
	}
	for _, name := range u.Groups {
		user.Groups = append(user.Groups, d.addGroup(name).ID)
	}
	if len(user.Groups) > 0 {
		user.DefaultGroupID = &user.Groups[0]
	}
	z.Users = append(z.Users, user)
	d.Changed()
	return user
}

func (d *Desk) addGroup(name string) *group {
	z := &d.state
	if i := slices.IndexFunc(z.Groups, func(g *group) bool { return g.Name == name }); i >= 0 {
		return z.Groups[i]
	}
	now, id := d.now(), firstGroup+int64(len(z.Groups))
	g := &group{ID: id, URL: address("groups", id), Name: name, CreatedAt: now, UpdatedAt: now}
	z.Groups = append(z.Groups, g)
	d.Changed()
	return g
}

func (d *Desk) addOrganization(name string) *organization {
	z := &d.state
	if i := slices.IndexFunc(z.Organizations, func(o *organization) bool { return o.Name == name }); i >= 0 {
		return z.Organizations[i]
	}
	now, id := d.now(), firstOrganization+int64(len(z.Organizations))
	o := &organization{ID: id, URL: address("organizations", id), Name: name, Tags: []string{}, Fields: map[string]any{},
		CreatedAt: now, UpdatedAt: now}
	z.Organizations = append(z.Organizations, o)
	d.Changed()
	return o
}

func (d *Desk) addField(title, kind string, options ...string) *field {
	z := &d.state
	now, id := d.now(), firstField+int64(len(z.Fields))
	f := &field{ID: id, URL: address("ticket_fields", id), Type: kind, Title: title, RawTitle: title, Active: true, Removable: true,
		CreatedAt: now, UpdatedAt: now}
	for i, o := range options {
		f.Options = append(f.Options, option{id*100 + int64(i), o, o})
	}
	z.Fields = append(z.Fields, f)
	d.Changed()
	return f
}

func (d *Desk) addStatus(category, name string, standard bool) *customStatus {
	z := &d.state
	now, id := d.now(), firstStatus+int64(len(z.Statuses))
	st := &customStatus{ID: id, URL: address("custom_statuses", id), StatusCategory: category, AgentLabel: name, EndUserLabel: name,
		Active: true, Default: standard, CreatedAt: now, UpdatedAt: now}
	z.Statuses = append(z.Statuses, st)
	d.Changed()
	return st
}
