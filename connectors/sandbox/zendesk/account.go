package zendesk

import (
	"cmp"
	"slices"
	"strings"
)

// openZendesk sets up an account that nobody has used yet: the standard
// statuses and the admin whose token opens the API. The lock is held.
func (s *Desk) openZendesk() {
	z := &s.state
	if len(z.Statuses) == 0 {
		for _, st := range [][2]string{{"new", "New"}, {"open", "Open"}, {"pending", "Pending"}, {"hold", "On-hold"}, {"solved", "Solved"}} {
			s.addZendeskStatus(st[0], st[1], true)
		}
	}
	if len(z.Users) == 0 || z.userByEmail(s.admin.Email) == nil {
		s.addZendeskUser(ZendeskUser{Email: s.admin.Email, Role: "admin"})
	}
}

// ZendeskUser is a person to add.
type ZendeskUser struct {
	Email        string
	Name         string // from the address if empty
	Role         string // end-user (if empty), agent, admin
	Locale       string // "en-US" if empty
	Organization string
}

// AddUser adds a person, or gives the id of who already has that address.
func (z *Desk) AddUser(u ZendeskUser) (id int64) {
	z.act(func(st *ZendeskState) error {
		id = z.addZendeskUser(u).ID
		return nil
	})
	return id
}

// AddAgent adds an agent who may use the API with that token.
func (z *Desk) AddAgent(email, token string) (id int64) {
	z.act(func(st *ZendeskState) error {
		u := z.addZendeskUser(ZendeskUser{Email: email, Role: "agent"})
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
func (z *Desk) AddGroup(name string) (id int64) {
	z.act(func(st *ZendeskState) error {
		id = z.addZendeskGroup(name).ID
		return nil
	})
	return id
}

// AddOrganization adds an organisation, or gives the id of the one with that name.
func (z *Desk) AddOrganization(name string) (id int64) {
	z.act(func(st *ZendeskState) error {
		id = z.addZendeskOrganization(name).ID
		return nil
	})
	return id
}

// AddField adds a custom field of a vendor's type ("text", "date", "tagger", …);
// a drop-down that names no options takes any.
func (z *Desk) AddField(title, kind string, options ...string) (id int64) {
	z.act(func(*ZendeskState) error {
		id = z.addZendeskField(title, kind, options...).ID
		return nil
	})
	return id
}

// AddStatus adds a custom status to a category (open, pending, hold, solved).
func (z *Desk) AddStatus(category, name string) (id int64) {
	z.act(func(*ZendeskState) error {
		id = z.addZendeskStatus(category, name, false).ID
		return nil
	})
	return id
}

// AddForm adds a ticket form. An account without forms is one of a plan that has
// none: every ticket has the first one's id all the same.
func (z *Desk) AddForm(name string) (id int64) {
	z.act(func(st *ZendeskState) error {
		now := z.zendeskNow()
		id = firstForm + int64(len(st.Forms))
		st.Forms = append(st.Forms, &zendeskForm{ID: id, URL: zendeskURL("ticket_forms", id), Name: name, RawName: name, DisplayName: name, RawDisplayName: name,
			Active: true, Default: len(st.Forms) == 0, EndUserVisible: true, InAllBrands: true, Position: len(st.Forms) + 1, TicketFieldIDs: []int64{},
			CreatedAt: now, UpdatedAt: now})
		z.Changed()
		return nil
	})
	return id
}

// AddWebhook has an admin register a webhook, which is signed with the account's
// one secret here.
func (z *Desk) AddWebhook(name, endpoint, status string, subscriptions ...string) (id string) {
	z.act(func(st *ZendeskState) error {
		w := &zendeskWebhook{Name: name, Endpoint: endpoint, HTTPMethod: "POST", RequestFormat: "json", Status: status, Subscriptions: subscriptions}
		z.addZendeskWebhook(w, firstUser)
		id = w.ID
		return nil
	})
	return id
}

func (s *Desk) addZendeskUser(u ZendeskUser) *zendeskUser {
	z := &s.state
	if have := z.userByEmail(u.Email); have != nil {
		return have
	}
	now := s.zendeskNow()
	name, _, _ := strings.Cut(u.Email, "@")
	id := firstUser + int64(len(z.Users))
	user := &zendeskUser{ID: id, URL: zendeskURL("users", id), Name: cmp.Or(u.Name, name), Email: strings.ToLower(u.Email),
		Role: cmp.Or(u.Role, "end-user"), Locale: cmp.Or(u.Locale, "en-US"), TimeZone: "Berlin", IANATimeZone: "Europe/Berlin",
		Active: true, Verified: true, Tags: []string{}, CreatedAt: now, UpdatedAt: now}
	if u.Organization != "" {
		user.OrganizationID = &s.addZendeskOrganization(u.Organization).ID
	}
	z.Users = append(z.Users, user)
	s.Changed()
	return user
}

func (s *Desk) addZendeskGroup(name string) *zendeskGroup {
	z := &s.state
	if i := slices.IndexFunc(z.Groups, func(g *zendeskGroup) bool { return g.Name == name }); i >= 0 {
		return z.Groups[i]
	}
	now, id := s.zendeskNow(), firstGroup+int64(len(z.Groups))
	g := &zendeskGroup{ID: id, URL: zendeskURL("groups", id), Name: name, CreatedAt: now, UpdatedAt: now}
	z.Groups = append(z.Groups, g)
	s.Changed()
	return g
}

func (s *Desk) addZendeskOrganization(name string) *zendeskOrganization {
	z := &s.state
	if i := slices.IndexFunc(z.Organizations, func(o *zendeskOrganization) bool { return o.Name == name }); i >= 0 {
		return z.Organizations[i]
	}
	now, id := s.zendeskNow(), firstOrganization+int64(len(z.Organizations))
	o := &zendeskOrganization{ID: id, URL: zendeskURL("organizations", id), Name: name, Tags: []string{}, Fields: map[string]any{},
		CreatedAt: now, UpdatedAt: now}
	z.Organizations = append(z.Organizations, o)
	s.Changed()
	return o
}

func (s *Desk) addZendeskField(title, kind string, options ...string) *zendeskField {
	z := &s.state
	now, id := s.zendeskNow(), firstField+int64(len(z.Fields))
	f := &zendeskField{ID: id, URL: zendeskURL("ticket_fields", id), Type: kind, Title: title, RawTitle: title, Active: true, Removable: true,
		CreatedAt: now, UpdatedAt: now}
	for i, o := range options {
		f.Options = append(f.Options, zendeskOption{id*100 + int64(i), o, o})
	}
	z.Fields = append(z.Fields, f)
	s.Changed()
	return f
}

func (s *Desk) addZendeskStatus(category, name string, standard bool) *zendeskStatus {
	z := &s.state
	now, id := s.zendeskNow(), firstStatus+int64(len(z.Statuses))
	st := &zendeskStatus{ID: id, URL: zendeskURL("custom_statuses", id), StatusCategory: category, AgentLabel: name, EndUserLabel: name,
		Active: true, Default: standard, CreatedAt: now, UpdatedAt: now}
	z.Statuses = append(z.Statuses, st)
	s.Changed()
	return st
}
