package slack

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vigie/connectors/sandbox/stage"
)

type user struct {
	ID      string
	Email   string
	Name    string
	Deleted bool   // deactivated
	Locale  string // in which he reads Slack; en-US if empty
}

// AddUser adds a person and returns the id. An address that exists gives the person
// there is.
func (s *Workspace) AddUser(email, name string) (id string) {
	s.Do(func() {
		st := &s.state
		u := st.userByEmail(email)
		if u == nil {
			st.Users = append(st.Users, user{ID: fmt.Sprintf("U0SANDBOX%02d", len(st.Users)+2), Email: email, Name: name})
			u = &st.Users[len(st.Users)-1]
			s.Changed()
		}
		id = u.ID
	})
	return id
}

// Read has a person, named by id or address, read Slack in a language, such as "fr-FR".
func (s *Workspace) Read(who, locale string) (err error) {
	s.Do(func() {
		var u *user
		if u, err = s.state.person(who); err == nil {
			u.Locale = locale
			s.Changed()
		}
	})
	return err
}

// Deactivate has a person, named by id or address, leave the company.
func (s *Workspace) Deactivate(who string) (err error) {
	s.Do(func() {
		var u *user
		if u, err = s.state.person(who); err == nil {
			u.Deleted = true
			s.Changed()
		}
	})
	return err
}

// lookupByEmail finds nobody who was deactivated.
func lookupByEmail(c *call) (object, string) {
	u := c.st.userByEmail(c.args.Get("email"))
	if u == nil || u.Deleted {
		return nil, "users_not_found"
	}
	return object{"user": c.person(u)}, ""
}

func userInfo(c *call) (object, string) {
	u := c.st.user(c.args.Get("user"))
	if u == nil {
		return nil, "user_not_found"
	}
	person := c.person(u)
	if c.is("include_locale") {
		person["locale"] = cmp.Or(u.Locale, "en-US")
	}
	return object{"user": person}, ""
}

// listUsers lists everybody, deactivated people and the bot among them.
func listUsers(c *call) (object, string) {
	all := []object{{"id": botUser, "team_id": team, "name": "vigie", "real_name": "Vigie", "deleted": false, "is_bot": true,
		"profile": object{"real_name": "Vigie", "bot_id": botID, "api_app_id": app}}}
	for i := range c.st.Users {
		all = append(all, c.person(&c.st.Users[i]))
	}
	list, next, code := section(c, all, 1000)
	if code != "" {
		return nil, code
	}
	return object{"members": list, "response_metadata": object{"next_cursor": next}}, ""
}

// person is somebody as the API shows him: an address takes a scope of its own.
func (c *call) person(u *user) object {
	profile := object{"real_name": u.Name, "display_name": u.Name}
	if slices.Contains(c.scopes, "users:read.email") {
		profile["email"] = u.Email
	}
	return object{"id": u.ID, "team_id": team, "name": u.login(), "real_name": u.Name, "deleted": u.Deleted, "is_bot": false, "tz": "Europe/Paris", "profile": profile}
}

// login is the name that a person has of old.
func (u *user) login() string {
	name, _, _ := strings.Cut(u.Email, "@")
	return name
}

// openConversation opens the conversation with one person; those with several
// aren't here.
func openConversation(c *call) (object, string) {
	who := c.args.Get("users")
	if id := c.args.Get("channel"); id != "" {
		ch := c.st.channel(id)
		if ch == nil || ch.Name != "" {
			return nil, "channel_not_found"
		}
		who = ch.with()
	}
	switch u := c.st.user(who); {
	case who == "":
		return nil, "users_list_not_supplied"
	case who == botUser:
		return nil, "cannot_dm_bot"
	case strings.Contains(who, ","):
		return nil, "invalid_arguments" // not here
	case u == nil:
		return nil, "user_not_found"
	case u.Deleted:
		return nil, "user_disabled"
	}
	known := c.st.channel("D"+who[1:]) != nil
	ch := c.st.addressed(who)
	answer := object{"channel": object{"id": ch.ID}}
	if c.is("return_im") {
		answer["channel"] = ch.shown()
	}
	if known {
		answer["no_op"], answer["already_open"] = true, true
	} else {
		c.s.Changed()
	}
	return answer, ""
}

// section is the part of a list that a call asks for, and the cursor to the next.
func section[T any](c *call, all []T, most int) (list []T, next, code string) {
	limit, code := c.limit(min(100, most), most)
	if code != "" {
		return nil, "", code
	}
	start := 0
	if cursor := c.cursor(); cursor != "" {
		var ok bool
		if start, ok = stage.ReadToken[int](cursor); !ok || start < 0 {
			return nil, "", "invalid_cursor"
		}
	}
	if start+limit < len(all) {
		next = stage.WriteToken(start + limit)
	}
	return append([]T{}, stage.Section(all, start, limit)...), next, ""
}

func (st *State) user(id string) *user {
	i := slices.IndexFunc(st.Users, func(u user) bool { return u.ID == id })
	if i < 0 {
		return nil
	}
	return &st.Users[i]
}

func (st *State) userByEmail(email string) *user {
	i := slices.IndexFunc(st.Users, func(u user) bool { return strings.EqualFold(u.Email, email) })
	if i < 0 {
		return nil
	}
	return &st.Users[i]
}

// person finds somebody who can act, by id or address.
func (st *State) person(who string) (*user, error) {
	u := st.user(who)
	if u == nil {
		u = st.userByEmail(who)
	}
	switch {
	case u == nil:
		return nil, fmt.Errorf("nobody here is %s", who)
	case u.Deleted:
		return nil, errors.New(u.Name + " was deactivated")
	}
	return u, nil
}

// with is the user id of the one person of a conversation with the bot.
func (ch *channel) with() string { return "U" + strings.TrimPrefix(ch.ID, "D") }

// has says that a user is in the channel: everybody is in every channel until he
// leaves it, and in his own conversation with the bot alone.
func (ch *channel) has(user string) bool {
	if ch.Name == "" {
		return ch.with() == user
	}
	return !slices.Contains(ch.Left, user)
}

// Leave takes a person out of a channel.
func (s *Workspace) Leave(ref, who string) error { return s.walk(ref, who, true) }

// Come brings a person back into a channel.
func (s *Workspace) Come(ref, who string) error { return s.walk(ref, who, false) }

func (s *Workspace) walk(ref, who string, out bool) error {
	return s.by(who, ref, func(u *user, c *channel) error {
		c.Left = slices.DeleteFunc(c.Left, func(id string) bool { return id == u.ID })
		if out {
			c.Left = append(c.Left, u.ID)
		}
		return nil
	})
}

// by has a person do something in a channel.
func (s *Workspace) by(who, ref string, f func(u *user, c *channel) error) (err error) {
	s.Do(func() {
		u, problem := s.state.person(who)
		if problem != nil {
			err = problem
			return
		}
		c := s.state.channel(ref)
		if c == nil {
			err = fmt.Errorf("no channel %s", ref)
			return
		}
		if err = f(u, c); err == nil {
			s.Changed()
		}
	})
	return err
}
