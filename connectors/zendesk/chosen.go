package zendesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"vigie/connectors/desk"
	"vigie/connectors/rest"
)

// What people chose in the chat, an assignee and a priority, is written with more care
// than what Vigie works out: somebody else may have chosen at the same moment.
//
// A ticket is assigned only if it still is whose it was when it was read, and by an
// update that Zendesk refuses if the ticket has changed since we looked (safe_update).
// It stays with its group if its new assignee is a member of that. Otherwise it goes to
// his default group, as Zendesk gives nobody a ticket of a group that isn't his; one of
// no group goes there by itself.
//
// A priority is written by an update of its own, whose audit says whose choice it was:
// metadata are a property of single updates (Setting metadata, in Creating and updating
// tickets), and tags can be added one by one in bulk alone.

// chosen sees to what people chose in the edits: it finds whom tickets are to be
// assigned to, and writes priorities. It returns the edits that still have something to
// be written in bulk; the others have their results. After an error they have none.
func (c *Client) chosen(ctx context.Context, rows []placedEdit, results []error) ([]placedEdit, error) {
	of := func(r placedEdit) bool {
		return r.ticket.edit.Assign != nil || r.ticket.edit.By != "" && r.ticket.Priority != ""
	}
	if !slices.ContainsFunc(rows, of) {
		return rows, nil
	}
	var ids []string
	for _, r := range rows {
		if of(r) {
			ids = append(ids, r.ticket.edit.ID)
		}
	}
	seen := map[string]wireTicket{}
	unsure := map[string]error{}
	who := &asker{client: c}
	for part := range slices.Chunk(ids, perRequest) {
		found, err := c.findRows(ctx, who, part)
		if err != nil {
			return rows, err
		}
		for _, id := range part {
			var now wireTicket
			switch {
			case found.unsure[id] != nil:
				unsure[id] = found.unsure[id]
			case found.gone[id] || decode(found.rows[id], &now) != nil || now.Status == "closed" || now.Status == "deleted":
				unsure[id] = desk.ErrUntouchable
			default:
				seen[id] = now
			}
		}
	}
	var left []placedEdit
	for i, r := range rows {
		if !of(r) {
			left = append(left, r)
			continue
		}
		id := r.ticket.edit.ID
		err := unsure[id]
		if err == nil {
			err = c.choose(ctx, &r.ticket, seen[id])
		}
		switch {
		case err != nil && (unsure[id] != nil || ofOneEdit(err)):
			results[r.place] = fmt.Errorf("write ticket %s: %w", id, err)
		case err != nil:
			return append(left, rows[i:]...), fmt.Errorf("write ticket %s: %w", id, err)
		case !r.ticket.done():
			left = append(left, r)
		}
	}
	return left, nil
}

// ofOneEdit says whether an error may be about one edit, so that others can be written:
// all but bad credentials, a used-up quota, and a Zendesk that doesn't answer.
func ofOneEdit(err error) bool {
	var answer *rest.StatusError
	var foreign *rest.NotTheAPI
	return errors.Is(err, desk.ErrNobody) || errors.Is(err, desk.ErrChanged) || errors.As(err, &foreign) ||
		errors.As(err, &answer) && answer.Status != http.StatusUnauthorized && answer.Status != http.StatusTooManyRequests
}

// done says that nothing is left of an edit.
func (t *editedTicket) done() bool {
	return len(t.AdditionalTags)+len(t.RemoveTags)+len(t.CustomFields) == 0 && t.DueAt == nil && t.Priority == "" && t.AssigneeID == nil
}

// choose prepares one edit for the ticket as it is now, and writes its priority.
func (c *Client) choose(ctx context.Context, t *editedTicket, now wireTicket) error {
	if t.edit.Assign != nil {
		if err := c.nameAgent(ctx, t); err != nil {
			return err
		}
		if err := c.stillAssigned(ctx, t, now.AssigneeID.id()); err != nil {
			return err
		}
		if group := now.GroupID.id(); t.agent.id != "" && group != "" && len(t.agent.groups) > 0 && !slices.Contains(t.agent.groups, group) {
			t.GroupID = json.Number(t.agent.groups[0])
		}
	}
	stamp := now.UpdatedAt
	if t.Priority != "" && t.edit.By != "" && !strings.EqualFold(t.Priority, string(now.Priority)) {
		in := map[string]any{"priority": t.Priority, "metadata": map[string]string{"vigie_by": desk.Chooser(t.edit.By)}, "updated_stamp": stamp, "safe_update": true}
		var after struct {
			Ticket wireTicket `json:"ticket"`
		}
		if err := c.put(ctx, fmt.Sprintf("/tickets/%d.json", t.ID), map[string]any{"ticket": in}, &after, "ticket"); refused(err, http.StatusConflict) {
			return fmt.Errorf("%w: %w", desk.ErrChanged, err)
		} else if err != nil {
			return err
		}
		stamp = after.Ticket.UpdatedAt
	}
	if t.edit.By != "" {
		t.Priority = ""
	}
	if t.edit.Assign != nil {
		t.UpdatedStamp, t.SafeUpdate = string(stamp), stamp != ""
	}
	return nil
}

// stillAssigned is desk.ErrChanged if a ticket is neither whose it was when it was read
// nor already whose it is to be; id is whose it is.
func (c *Client) stillAssigned(ctx context.Context, t *editedTicket, id string) error {
	is := ""
	if id != "" {
		known, err := c.dir.names(ctx, map[string]bool{id: true}, nil)
		if err != nil {
			return err
		}
		is = known.email(id)
	}
	if id != t.agent.id && !strings.EqualFold(is, t.edit.Assigned) {
		return desk.ErrChanged
	}
	return nil
}

// notAssigned is what is said of an edit that Zendesk refused whole, with whom it was
// to be assigned to: that the ticket can't be given to him, or that it has changed.
func (t *editedTicket) notAssigned(no *refusal) error {
	text := strings.ToLower(no.Error())
	var answer *rest.StatusError
	if errors.As(no, &answer) {
		text += strings.ToLower(string(answer.Body))
	}
	switch {
	case t.agent.id != "" && strings.Contains(text, "assignee"):
		return fmt.Errorf("%w: %w", desk.ErrNobody, no)
	case strings.Contains(text, "safe update") || strings.Contains(text, "updateconflict") || refused(no, http.StatusConflict):
		return fmt.Errorf("%w: %w", desk.ErrChanged, no)
	}
	return no
}

// An agent is somebody whom tickets can be given to.
type agent struct {
	id     string
	groups []string // whose member he is, the default one first
}

// mostAgents bounds how many addresses are remembered.
const mostAgents = 1000

// nameAgent finds whom an edit assigns its ticket to. It is desk.ErrNobody if Zendesk has
// no agent of that address who may work.
func (c *Client) nameAgent(ctx context.Context, t *editedTicket) error {
	switch {
	case t.edit.Assign == nil:
		return nil
	case *t.edit.Assign == "":
		t.AssigneeID = json.RawMessage("null")
		return nil
	}
	who, err := c.dir.agent(ctx, *t.edit.Assign)
	if err != nil {
		return err
	}
	if who.id == "" {
		return desk.ErrNobody
	}
	t.agent, t.AssigneeID = who, json.RawMessage(who.id)
	return nil
}

// agent is the agent of an e-mail address, or of an account's id; without an id where
// there is none, or none whom tickets can be given to.
func (d *directory) agent(ctx context.Context, address string) (agent, error) {
	address = strings.ToLower(strings.TrimSpace(address))
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.client.cfg.Now()
	if known, ok := d.agents[address]; ok && now.Before(known.until) {
		return known.value, nil
	}
	who, err := d.client.findAgent(ctx, address)
	if err != nil {
		return agent{}, err
	}
	if d.agents.forget(now); d.agents == nil || len(d.agents) >= mostAgents {
		d.agents = remembers[agent]{}
	}
	d.agents.put(address, who, now)
	return who, nil
}

func (c *Client) findAgent(ctx context.Context, address string) (who agent, err error) {
	path := "/users/search.json?query=" + url.QueryEscape(`email:"`+address+`"`)
	switch {
	case text(address).id() == address:
		path = "/users/show_many.json?ids=" + address
	case !strings.Contains(address, "@"), strings.ContainsAny(address, "\"\\* "):
		return who, nil // no address
	}
	var found struct {
		Users []json.RawMessage `json:"users"`
	}
	if err := c.get(ctx, path, &found, "users"); err != nil {
		return who, fmt.Errorf("look for an agent: %w", err)
	}
	for _, raw := range found.Users {
		var u struct{ ID, Email, Role, Active, Suspended text }
		_ = decode(raw, &u) // what is odd is nobody
		staff := (&person{role: string(u.Role)}).staff() && u.Active != "false" && u.Suspended != "true"
		if staff && (strings.EqualFold(string(u.Email), address) || string(u.ID) == address) {
			who.id = u.ID.id()
		}
	}
	if who.id == "" {
		return who, nil
	}
	var list struct {
		Memberships []json.RawMessage `json:"group_memberships"`
	}
	if err := c.get(ctx, "/users/"+who.id+"/group_memberships.json", &list, "group_memberships"); err != nil {
		return who, fmt.Errorf("read an agent's groups: %w", err)
	}
	for _, m := range each[struct {
		Group   text `json:"group_id"`
		Default text `json:"default"`
	}](list.Memberships) {
		if who.groups = append(who.groups, m.Group.id()); m.Default == "true" {
			last := len(who.groups) - 1
			who.groups[0], who.groups[last] = who.groups[last], who.groups[0]
		}
	}
	return who, nil
}
