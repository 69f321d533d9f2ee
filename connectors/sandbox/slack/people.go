package slack

import (
	"slices"
	"strings"
)

func lookupByEmail(c *call) (object, string) {
	u := c.st.userByEmail(c.args.Get("email"))
	if u == nil {
		return nil, "users_not_found"
	}
	return object{"user": u.shown()}, ""
}

func userInfo(c *call) (object, string) {
	u := c.st.user(c.args.Get("user"))
	if u == nil {
		return nil, "user_not_found"
	}
	return object{"user": u.shown()}, ""
}

func (u *user) shown() object {
	name, _, _ := strings.Cut(u.Email, "@")
	return object{"id": u.ID, "team_id": team, "name": name, "real_name": u.Name, "deleted": false, "is_bot": false, "tz": "Europe/Paris",
		"profile": object{"email": u.Email, "real_name": u.Name, "display_name": u.Name}}
}

type user struct {
	ID    string
	Email string
	Name  string
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
