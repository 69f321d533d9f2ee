package zendesk

import (
	"slices"

	"vigie/connectors/sandbox/stage"
)

// People come, change their role and go
// (developer.zendesk.com/api-reference/ticketing/users/users).

// putUser changes a person's role, name or locale; admins alone may.
func (d *Desk) putUser(c *call) (any, *apiError) {
	u := d.state.user(c.id())
	if u == nil {
		return nil, errNotFound
	}
	var in struct {
		User struct{ Role, Name, Locale *string }
	}
	if e := c.decode(&in); e != nil {
		return nil, e
	}
	if r := in.User.Role; r != nil && !slices.Contains([]string{"end-user", "agent", "admin"}, *r) {
		return nil, invalid("role", "Role: is invalid")
	}
	for to, v := range map[*string]*string{&u.Role: in.User.Role, &u.Name: in.User.Name, &u.Locale: in.User.Locale} {
		if v != nil {
			*to = *v
		}
	}
	u.UpdatedAt = d.now()
	d.Changed()
	return map[string]any{"user": u}, nil
}

// deleteUser is the soft deletion: the person is a customer who isn't active, and
// what he wrote stays.
func (d *Desk) deleteUser(c *call) (any, *apiError) {
	u := d.state.user(c.id())
	if u == nil {
		return nil, errNotFound
	}
	d.retire(u)
	return map[string]any{"user": u}, nil
}

// purgeUser deletes a person for good who is deleted already: nothing shows him any
// more, but tickets name his id.
func (d *Desk) purgeUser(c *call) (any, *apiError) {
	u := d.state.user(c.id())
	if u == nil || u.Active {
		return nil, errNotFound
	}
	u.Purged = true
	d.Changed()
	return map[string]any{"deleted_user": map[string]any{"id": u.ID, "url": address("deleted_users", u.ID), "name": "Permanently Deleted User", "email": "",
		"active": false, "role": u.Role, "locale": u.Locale, "locale_id": 1, "organization_id": deref(u.OrganizationID), "time_zone": u.TimeZone,
		"phone": "", "photo": map[string]any{}, "shared_phone_number": "", "created_at": u.CreatedAt, "updated_at": u.UpdatedAt}}, nil
}

func (d *Desk) retire(u *user) {
	u.Role, u.Active, u.UpdatedAt = "end-user", false, d.now()
	d.announceUser("deleted", u)
	d.Changed()
}

// Suspend has an admin suspend a person, or let him in again.
func (d *Desk) Suspend(email string, suspended bool) error {
	return d.person(email, func(u *user) { u.Suspended, u.UpdatedAt = suspended, d.now() })
}

// SetRole has an admin make somebody an agent, an admin or a customer ("end-user").
func (d *Desk) SetRole(email, role string) error {
	return d.person(email, func(u *user) { u.Role, u.UpdatedAt = role, d.now() })
}

// DeleteUser has an admin delete a person, for good if purged.
func (d *Desk) DeleteUser(email string, purged bool) error {
	return d.person(email, func(u *user) {
		d.retire(u)
		u.Purged = purged
	})
}

func (d *Desk) person(email string, change func(*user)) error {
	return d.act(func(st *State) error {
		u := st.userByEmail(email)
		if u == nil {
			return errNotFound
		}
		change(u)
		d.Changed()
		return nil
	})
}

// SetRequester makes the ticket another person's.
func (d *Desk) SetRequester(id int64, by, requester string) error {
	return d.act(func(st *State) error {
		rec, u := st.live(id), st.userByEmail(requester)
		if rec == nil || u == nil {
			return errNotFound
		}
		actor, err := d.actor(by)
		if err != nil {
			return err
		}
		_, refused := d.update(rec, input{"requester_id": stage.JSON(u.ID)}, actor)
		return orNil(refused)
	})
}
