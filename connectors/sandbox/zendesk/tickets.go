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
func (z *ZendeskState) view(rec *zendeskRecord) ZendeskTicket {
	t := rec.Ticket
	t.CustomFields = make([]ZendeskValue, 0, len(z.Fields))
	for _, f := range z.Fields {
		v := ZendeskValue{f.ID, json.RawMessage("null")}
		if i := slices.IndexFunc(rec.Ticket.CustomFields, func(have ZendeskValue) bool { return have.ID == f.ID }); i >= 0 {
			v = rec.Ticket.CustomFields[i]
		}
		t.CustomFields = append(t.CustomFields, v)
	}
	t.Fields = t.CustomFields
	return t
}

// sideload adds the users, groups and organisations of the tickets to an
// answer, if the request asks for them.
func (z *ZendeskState) sideload(c *zendeskCall, answer map[string]any, tickets []ZendeskTicket) {
	users, groups, organizations := []*zendeskUser{}, []*zendeskGroup{}, []*zendeskOrganization{}
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
func (s *Desk) ticket(c *zendeskCall) (*zendeskRecord, *zendeskError) {
	if e := s.shows(); e != nil {
		return nil, e
	}
	rec := s.state.live(c.id())
	if rec == nil {
		return nil, errNotFound
	}
	return rec, nil
}

func (s *Desk) listTickets(c *zendeskCall) (any, *zendeskError) {
	list := []ZendeskTicket{}
	for _, rec := range s.state.Tickets {
		if rec.Ticket.Status != "deleted" {
			list = append(list, s.state.view(rec))
		}
	}
	return page(c, "tickets", list)
}

func (s *Desk) getTicket(c *zendeskCall) (any, *zendeskError) {
	rec, e := s.ticket(c)
	if e != nil {
		return nil, e
	}
	t := s.state.view(rec)
	answer := map[string]any{"ticket": s.clocked(c, rec, t)}
	s.state.sideload(c, answer, []ZendeskTicket{t})
	return answer, nil
}

// showManyTickets leaves out missing and deleted tickets.
func (s *Desk) showManyTickets(c *zendeskCall) (any, *zendeskError) {
	ids, e := c.ids("ids")
	if e != nil {
		return nil, e
	}
	list, seen := []ZendeskTicket{}, map[int64]bool{}
	for _, id := range ids {
		if rec := s.state.live(id); rec != nil && !seen[id] && s.lists(id) {
			seen[id] = true
			list = append(list, s.state.view(rec))
		}
	}
	answer := map[string]any{"tickets": list, "count": len(list), "next_page": nil, "previous_page": nil}
	s.state.sideload(c, answer, list)
	return answer, nil
}

// postTicket opens a ticket; requester may be named by address and is added if
// unknown.
func (s *Desk) postTicket(c *zendeskCall) (any, *zendeskError) {
	var body struct {
		Ticket zendeskInput `json:"ticket"`
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
		u := s.addZendeskUser(ZendeskUser{Email: who.Email, Name: who.Name, Locale: who.Locale})
		in["requester_id"] = stage.JSON(u.ID)
	}
	if text, _, e := read[string](in, "description"); e != nil {
		return nil, e
	} else if text != nil && in["comment"] == nil {
		in["comment"] = stage.JSON(zendeskComment{Body: *text})
	}
	delete(in, "description")
	rec, audit, e := s.createZendesk(in, c.by, s.Now())
	if e != nil {
		return nil, e
	}
	answer := map[string]any{"ticket": s.state.view(rec), "audit": audit}
	return zendeskAnswer{http.StatusCreated, answer, rec.Ticket.URL}, nil
}

// postRequest is a customer's way to open a ticket, or a follow-up of a closed one
// (developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests). Nobody has
// to sign in: the request says who asks.
func (s *Desk) postRequest(c *zendeskCall) (any, *zendeskError) {
	var body struct {
		Request zendeskInput `json:"request"`
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
	u := s.addZendeskUser(ZendeskUser{Email: who.Email, Name: who.Name, Locale: who.Locale})
	delete(in, "requester")
	in["requester_id"] = stage.JSON(u.ID)
	rec, _, e := s.createZendesk(in, zendeskActor{u, via("api")}, s.Now())
	if e != nil {
		return nil, e
	}
	t := &rec.Ticket
	answer := map[string]any{"id": t.ID, "url": zendeskURL("requests", t.ID), "status": t.Status, "subject": t.Subject, "description": t.Description,
		"requester_id": t.RequesterID, "created_at": t.CreatedAt, "updated_at": t.UpdatedAt, "via": t.Via}
	return zendeskAnswer{http.StatusCreated, map[string]any{"request": answer}, zendeskURL("requests", t.ID)}, nil
}

// putTicket knows no additional_tags and remove_tags: the documentation has
// them for update_many only.
func (s *Desk) putTicket(c *zendeskCall) (any, *zendeskError) {
	rec, e := s.ticket(c)
	if e != nil {
		return nil, e
	}
	var body struct {
		Ticket zendeskInput `json:"ticket"`
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
	audit, e := s.updateZendesk(rec, body.Ticket, c.by)
	if e != nil {
		return nil, e
	}
	answer := map[string]any{"ticket": s.state.view(rec)}
	if audit != nil {
		answer["audit"] = audit
	}
	return answer, nil
}

func (s *Desk) deleteTicket(c *zendeskCall) (any, *zendeskError) {
	rec, e := s.ticket(c)
	if e != nil {
		return nil, e
	}
	s.deleteZendesk(rec)
	return zendeskAnswer{status: http.StatusNoContent}, nil
}

// deleteZendesk leaves the ticket in the exports only.
func (s *Desk) deleteZendesk(rec *zendeskRecord) {
	rec.Before, rec.Ticket.Status = rec.Ticket.Status, "deleted"
	rec.Ticket.UpdatedAt = s.zendeskNow()
	s.stampZendesk(rec)
	s.announceZendesk(rec, nil)
}

// ticketTags reads the tags, adds to them or takes from them, and answers with
// what they are then.
func (s *Desk) ticketTags(c *zendeskCall) (any, *zendeskError) {
	rec, e := s.ticket(c)
	if e != nil {
		return nil, e
	}
	if c.Method != http.MethodGet {
		var in zendeskInput
		if e := c.decode(&in); e != nil {
			return nil, e
		}
		name := "additional_tags"
		if c.Method == http.MethodDelete {
			name = "remove_tags"
		}
		edit := zendeskInput{name: in["tags"], "safe_update": in["safe_update"], "updated_stamp": in["updated_stamp"]}
		if in["tags"] == nil {
			return nil, badRequest("ParameterMissing", "Parameter tags is required")
		}
		if _, e := s.updateZendesk(rec, edit, c.by); e != nil {
			return nil, e
		}
	}
	return map[string]any{"tags": rec.Ticket.Tags}, nil
}

// ticketAudits lists the history, oldest first unless asked otherwise.
func (s *Desk) ticketAudits(c *zendeskCall) (any, *zendeskError) {
	rec, e := s.ticket(c)
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

func (s *Desk) ticketComments(c *zendeskCall) (any, *zendeskError) {
	rec, e := s.ticket(c)
	if e != nil {
		return nil, e
	}
	type comment struct {
		zendeskEvent
		Via       ZendeskVia      `json:"via"`
		CreatedAt time.Time       `json:"created_at"`
		Metadata  zendeskMetadata `json:"metadata"`
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
