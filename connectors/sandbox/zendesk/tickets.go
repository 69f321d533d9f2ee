package zendesk

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"vigie/connectors/sandbox/stage"
)

// view is a ticket as answers show it: with every custom field of the account,
// set or not.
func (z *State) view(rec *record) Ticket {
	t := rec.Ticket
	t.CustomFields = make([]Value, 0, len(z.Fields))
	for _, f := range z.Fields {
		v := Value{f.ID, json.RawMessage("null")}
		if i := slices.IndexFunc(rec.Ticket.CustomFields, func(have Value) bool { return have.ID == f.ID }); i >= 0 {
			v = rec.Ticket.CustomFields[i]
		}
		t.CustomFields = append(t.CustomFields, v)
	}
	t.Fields = t.CustomFields
	return t
}

// sideload adds the users, groups and organisations of the tickets to an
// answer, if the request asks for them.
func (z *State) sideload(c *call, answer map[string]any, tickets []Ticket) {
	users, groups, organizations := []*user{}, []*group{}, []*organization{}
	seen := map[int64]bool{}
	for _, t := range tickets {
		for _, id := range []int64{t.RequesterID, t.SubmitterID, deref(t.AssigneeID), deref(t.GroupID), deref(t.OrganizationID)} {
			if seen[id] {
				continue
			}
			seen[id] = true
			if u := z.user(id); u != nil {
				users = append(users, u)
			} else if g := z.group(id); g != nil {
				groups = append(groups, g)
			} else if o := z.organization(id); o != nil {
				organizations = append(organizations, o)
			}
		}
	}
	for name := range strings.SplitSeq(c.URL.Query().Get("include"), ",") {
		switch strings.TrimSpace(name) {
		case "users":
			answer["users"] = users
		case "groups":
			answer["groups"] = groups
		case "organizations":
			answer["organizations"] = organizations
		}
	}
}

// ticket is the ticket that the path names.
func (d *Desk) ticket(c *call) (*record, *apiError) {
	if e := d.shows(); e != nil {
		return nil, e
	}
	rec := d.state.live(c.id())
	if rec == nil {
		return nil, errNotFound
	}
	return rec, nil
}

func (d *Desk) listTickets(c *call) (any, *apiError) {
	list := []Ticket{}
	for _, rec := range d.state.Tickets {
		if rec.Ticket.Status != "deleted" {
			list = append(list, d.state.view(rec))
		}
	}
	return page(c, "tickets", list)
}

func (d *Desk) getTicket(c *call) (any, *apiError) {
	rec, e := d.ticket(c)
	if e != nil {
		return nil, e
	}
	t := d.state.view(rec)
	answer := map[string]any{"ticket": d.clocked(c, rec, t)}
	d.state.sideload(c, answer, []Ticket{t})
	return answer, nil
}

// showManyTickets leaves out missing and deleted tickets.
func (d *Desk) showManyTickets(c *call) (any, *apiError) {
	ids, e := c.ids("ids")
	if e != nil {
		return nil, e
	}
	list, seen := []Ticket{}, map[int64]bool{}
	for _, id := range ids {
		if rec := d.state.live(id); rec != nil && !seen[id] && d.lists(id) {
			seen[id] = true
			list = append(list, d.state.view(rec))
		}
	}
	answer := map[string]any{"tickets": list, "count": len(list), "next_page": nil, "previous_page": nil}
	d.state.sideload(c, answer, list)
	return answer, nil
}

// postTicket opens a ticket; requester may be named by address and is added if
// unknown.
func (d *Desk) postTicket(c *call) (any, *apiError) {
	var body struct {
		Ticket input `json:"ticket"`
	}
	if e := c.decode(&body); e != nil {
		return nil, e
	}
	in := body.Ticket
	if in == nil {
		return nil, badRequest("ParameterMissing", "Parameter ticket is required")
	}
	who, _, e := read[struct{ Email, Name, Locale string }](in, "requester")
	if e != nil {
		return nil, e
	}
	delete(in, "requester")
	if who != nil {
		if !strings.Contains(who.Email, "@") {
			return nil, invalid("requester", "Requester: Email: is invalid")
		}
		u := d.addUser(User{Email: who.Email, Name: who.Name, Locale: who.Locale})
		in["requester_id"] = stage.JSON(u.ID)
	}
	if text, _, e := read[string](in, "description"); e != nil {
		return nil, e
	} else if text != nil && in["comment"] == nil {
		in["comment"] = stage.JSON(comment{Body: *text})
	}
	delete(in, "description")
	rec, audit, e := d.create(in, c.by, d.Now())
	if e != nil {
		return nil, e
	}
	return answer{http.StatusCreated, map[string]any{"ticket": d.state.view(rec), "audit": audit}, rec.Ticket.URL}, nil
}

// postRequest is a customer's way to open a ticket, or a follow-up of a closed one
// (developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests). Nobody has
// to sign in: the request says who asks.
func (d *Desk) postRequest(c *call) (any, *apiError) {
	var body struct {
		Request input `json:"request"`
	}
	if e := c.decode(&body); e != nil {
		return nil, e
	}
	in := body.Request
	who, _, e := read[struct{ Email, Name, Locale string }](in, "requester")
	switch {
	case e != nil:
		return nil, e
	case in == nil:
		return nil, badRequest("ParameterMissing", "Parameter request is required")
	case who == nil || !strings.Contains(who.Email, "@"):
		return nil, invalid("requester", "Requester: Email: is invalid")
	}
	u := d.addUser(User{Email: who.Email, Name: who.Name, Locale: who.Locale})
	delete(in, "requester")
	in["requester_id"] = stage.JSON(u.ID)
	rec, _, e := d.create(in, actor{u, via("api")}, d.Now())
	if e != nil {
		return nil, e
	}
	t := &rec.Ticket
	shown := map[string]any{"id": t.ID, "url": address("requests", t.ID), "status": t.Status, "subject": t.Subject, "description": t.Description,
		"requester_id": t.RequesterID, "created_at": t.CreatedAt, "updated_at": t.UpdatedAt, "via": t.Via}
	return answer{http.StatusCreated, map[string]any{"request": shown}, address("requests", t.ID)}, nil
}

// putTicket knows no additional_tags and remove_tags: the documentation has
// them for update_many only.
func (d *Desk) putTicket(c *call) (any, *apiError) {
	rec, e := d.ticket(c)
	if e != nil {
		return nil, e
	}
	var body struct {
		Ticket input `json:"ticket"`
	}
	if e := c.decode(&body); e != nil {
		return nil, e
	}
	if body.Ticket == nil {
		return nil, badRequest("ParameterMissing", "Parameter ticket is required")
	}
	for _, name := range []string{"additional_tags", "remove_tags"} {
		if body.Ticket[name] != nil {
			return nil, invalid(name, name+": is for update_many only")
		}
	}
	audit, e := d.update(rec, body.Ticket, c.by)
	if e != nil {
		return nil, e
	}
	answer := map[string]any{"ticket": d.state.view(rec)}
	if audit != nil {
		answer["audit"] = audit
	}
	return answer, nil
}

func (d *Desk) deleteTicket(c *call) (any, *apiError) {
	rec, e := d.ticket(c)
	if e != nil {
		return nil, e
	}
	d.delete(rec)
	return answer{status: http.StatusNoContent}, nil
}

// delete leaves the ticket in the exports only.
func (d *Desk) delete(rec *record) {
	rec.Before, rec.Ticket.Status = rec.Ticket.Status, "deleted"
	rec.Ticket.UpdatedAt = d.now()
	d.stamp(rec)
	d.announce(rec, nil)
}

// ticketTags reads the tags, adds to them or takes from them, and answers with
// what they are then.
func (d *Desk) ticketTags(c *call) (any, *apiError) {
	rec, e := d.ticket(c)
	if e != nil {
		return nil, e
	}
	if c.Method != http.MethodGet {
		var in input
		if e := c.decode(&in); e != nil {
			return nil, e
		}
		name := "additional_tags"
		if c.Method == http.MethodDelete {
			name = "remove_tags"
		}
		edit := input{name: in["tags"], "safe_update": in["safe_update"], "updated_stamp": in["updated_stamp"]}
		if in["tags"] == nil {
			return nil, badRequest("ParameterMissing", "Parameter tags is required")
		}
		if _, e := d.update(rec, edit, c.by); e != nil {
			return nil, e
		}
	}
	return map[string]any{"tags": rec.Ticket.Tags}, nil
}

// ticketAudits lists the history, oldest first unless asked otherwise.
func (d *Desk) ticketAudits(c *call) (any, *apiError) {
	rec, e := d.ticket(c)
	if e != nil {
		return nil, e
	}
	audits := slices.Clone(rec.Audits)
	q := c.URL.Query()
	if q.Get("sort_order") == "desc" || strings.HasPrefix(q.Get("sort"), "-") {
		slices.Reverse(audits)
	}
	return page(c, "audits", audits)
}

func (d *Desk) ticketComments(c *call) (any, *apiError) {
	rec, e := d.ticket(c)
	if e != nil {
		return nil, e
	}
	type comment struct {
		event
		Via       Via       `json:"via"`
		CreatedAt time.Time `json:"created_at"`
		Metadata  metadata  `json:"metadata"`
	}
	list := []comment{}
	for _, a := range rec.Audits {
		for _, ev := range a.Events {
			if ev.Type == "Comment" {
				list = append(list, comment{ev, a.Via, a.CreatedAt, a.Metadata})
			}
		}
	}
	return page(c, "comments", list)
}
