package zendesk

import (
	"net/http"
	"slices"
	"strings"
)

// A ticket's assignee is an agent or an admin, and a member of the ticket's group
// (developer.zendesk.com/api-reference/ticketing/groups/group_memberships; what Zendesk
// answers otherwise: github.com/facetoe/zenpy/issues/628).

// assignable says that tickets can be given to the user. The nil user is nobody.
func (u *user) assignable() bool {
	return u != nil && u.staff() && u.Active && !u.Suspended
}

// memberships are the groups of an agent, the default one first.
func (z *State) memberships(u *user) (ids []int64) {
	if !u.staff() || len(u.Groups) > 0 {
		return u.Groups
	}
	for _, g := range z.Groups {
		ids = append(ids, g.ID)
	}
	return ids
}

// settleAssignee holds a new assignee against the ticket's group. An agent of some
// groups who is given a ticket of none brings his default one along.
func (z *State) settleAssignee(t *Ticket, in input) *apiError {
	u := z.user(deref(t.AssigneeID))
	if in["assignee_id"] == nil && in["assignee_email"] == nil || u == nil {
		return nil
	}
	if t.GroupID == nil && len(u.Groups) > 0 {
		t.GroupID = &u.Groups[0]
	}
	if t.GroupID == nil || slices.Contains(z.memberships(u), *t.GroupID) {
		return nil
	}
	return &apiError{Status: http.StatusUnprocessableEntity, Code: "RecordInvalid", Description: "Record validation errors",
		Details: map[string][]detail{"assignee": {{"Assignee: is not a member of the group"}}}}
}

// longestMetadata is how much of it an audit takes (developer.zendesk.com, Creating and
// updating tickets, Setting metadata).
const longestMetadata = 1 << 10

// metadata is what the writer says about the update itself: its audit shows it as
// metadata.custom.
func (in input) metadata() (map[string]any, *apiError) {
	if len(in["metadata"]) > longestMetadata {
		return nil, invalid("metadata", "Metadata: is too long (maximum is 1024 bytes)")
	}
	custom, _, refused := read[map[string]any](in, "metadata")
	if refused != nil || custom == nil {
		return map[string]any{}, refused
	}
	return *custom, nil
}

// searchUsers finds people by a part of their name or address, or by email: alone.
func (d *Desk) searchUsers(c *call) (any, *apiError) {
	query := strings.ToLower(strings.Trim(c.URL.Query().Get("query"), `"`))
	email, only := strings.CutPrefix(query, "email:")
	email = strings.Trim(email, `"`)
	found := []*user{}
	for _, u := range d.state.Users {
		fits := strings.Contains(strings.ToLower(u.Email), email)
		if !only {
			fits = strings.Contains(strings.ToLower(u.Name+" "+u.Email), query)
		}
		if fits && !u.Purged && email != "" {
			found = append(found, u)
		}
	}
	return page(c, "users", found)
}

// listMemberships are the groups of one user.
func (d *Desk) listMemberships(c *call) (any, *apiError) {
	u := d.state.user(c.id())
	if u == nil {
		return nil, errNotFound
	}
	list := []any{}
	for i, id := range d.state.memberships(u) {
		list = append(list, map[string]any{"id": u.ID*1000 + id, "user_id": u.ID, "group_id": id, "default": i == 0, "created_at": u.CreatedAt, "updated_at": u.UpdatedAt})
	}
	return page(c, "group_memberships", list)
}

// AuditMetadata are the metadata of a ticket's audits that have any, in their order.
func (d *Desk) AuditMetadata(id int64) (list []map[string]any) {
	_ = d.act(func(st *State) error {
		if rec := st.record(id); rec != nil {
			for _, a := range rec.Audits {
				if len(a.Metadata.Custom) > 0 {
					list = append(list, a.Metadata.Custom)
				}
			}
		}
		return nil
	})
	return list
}
