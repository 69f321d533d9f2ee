package slack

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// group is a user group: people who are mentioned together.
type group struct {
	ID      string
	Handle  string // without @
	Name    string
	Users   []string // ids; replaced, never changed, so that it may be given away
	Updated time.Time
	Deleted time.Time // when people disabled it; zero: it is in use
}

// AddGroup adds a user group with its members, named by id or address, and returns
// the group's id. The handle may begin with @.
func (s *Workspace) AddGroup(handle, name string, members ...string) (id string, err error) {
	s.Do(func() {
		st := &s.state
		g := &group{ID: fmt.Sprintf("S0SANDBOX%02d", len(st.Groups)+1), Handle: strings.TrimPrefix(handle, "@"), Name: name, Updated: s.Now()}
		for _, who := range members {
			u, problem := st.person(who)
			if problem != nil {
				err = problem
				return
			}
			g.Users = append(g.Users, u.ID)
		}
		st.Groups = append(st.Groups, g)
		s.Changed()
		id = g.ID
	})
	return id, err
}

// DisableGroup has people disable a user group, named by its id or @handle.
func (s *Workspace) DisableGroup(ref string) error {
	return s.onGroup(ref, func(g *group) error { g.Deleted = s.Now(); return nil })
}

// EnableGroup has people bring a disabled user group back.
func (s *Workspace) EnableGroup(ref string) error {
	return s.onGroup(ref, func(g *group) error { g.Deleted = time.Time{}; return nil })
}

// SetMembers has people change who is in a user group; members are named by id or
// address.
func (s *Workspace) SetMembers(ref string, members ...string) error {
	return s.onGroup(ref, func(g *group) error {
		var users []string
		for _, who := range members {
			u, err := s.state.person(who)
			if err != nil {
				return err
			}
			users = append(users, u.ID)
		}
		g.Users = users
		return nil
	})
}

func (s *Workspace) onGroup(ref string, f func(*group) error) (err error) {
	s.Do(func() {
		g := s.state.group(ref)
		if g == nil {
			err = fmt.Errorf("no user group %s", ref)
			return
		}
		if err = f(g); err == nil {
			g.Updated = s.Now()
			s.Changed()
		}
	})
	return err
}

// Members are the ids of a user group's members, in the order in which they were
// written; nil if there is no such group. It is named by its id or @handle.
func (s *Workspace) Members(ref string) []string {
	s.Lock()
	defer s.Unlock()
	if g := s.state.group(ref); g != nil {
		return g.Users
	}
	return nil
}

func (st *State) group(ref string) *group {
	i := slices.IndexFunc(st.Groups, func(g *group) bool { return g.ID == ref || "@"+g.Handle == ref })
	if i < 0 {
		return nil
	}
	return st.Groups[i]
}

// group is the group that a call names by its id.
func (c *call) group() (*group, string) {
	g := c.st.group(c.args.Get("usergroup"))
	if g == nil || strings.HasPrefix(c.args.Get("usergroup"), "@") {
		return nil, "no_such_subteam"
	}
	return g, ""
}

func listGroups(c *call) (object, string) {
	list := []object{}
	for _, g := range c.st.Groups {
		if !g.Deleted.IsZero() && !c.is("include_disabled") {
			continue
		}
		list = append(list, c.shownGroup(g, c.is("include_users"), c.is("include_count")))
	}
	return object{"usergroups": list}, ""
}

func groupMembers(c *call) (object, string) {
	g, code := c.group()
	if code != "" {
		return nil, code
	}
	return object{"users": append([]string{}, g.Users...)}, ""
}

// updateGroupMembers replaces a group's members. A group can't be emptied.
func updateGroupMembers(c *call) (object, string) {
	g, code := c.group()
	if code != "" {
		return nil, code
	}
	if c.args.Get("users") == "" {
		return nil, "no_users_provided"
	}
	var users []string
	for id := range strings.SplitSeq(c.args.Get("users"), ",") {
		u := c.st.user(strings.TrimSpace(id))
		if u == nil || u.Deleted {
			return nil, "invalid_users"
		}
		if !slices.Contains(users, u.ID) {
			users = append(users, u.ID)
		}
	}
	g.Users, g.Updated = users, c.s.Now()
	c.s.Changed()
	return object{"usergroup": c.shownGroup(g, true, true)}, ""
}

func (c *call) shownGroup(g *group, users, count bool) object {
	deleted := int64(0)
	if !g.Deleted.IsZero() {
		deleted = g.Deleted.Unix()
	}
	o := object{"id": g.ID, "team_id": team, "is_usergroup": true, "is_subteam": true, "name": g.Name, "description": "", "handle": g.Handle,
		"is_external": false, "date_create": g.Updated.Unix(), "date_update": g.Updated.Unix(), "date_delete": deleted, "auto_type": nil,
		"created_by": botUser, "updated_by": botUser, "deleted_by": nil, "prefs": object{"channels": []string{}, "groups": []string{}}}
	if users {
		o["users"] = append([]string{}, g.Users...)
	}
	if count {
		o["user_count"] = len(g.Users)
	}
	return o
}
