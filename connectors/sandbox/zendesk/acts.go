package zendesk

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"cmp"

	"vigie/connectors/sandbox/stage"
)

// Trigger stands for an e-mail address where Zendesk itself acts: a trigger or
// an automation, which audits show with the author -1.
const Trigger = "trigger"

// Update is what one person changes in one go: one audit. What is empty
// is left alone.
type Update struct {
	Status       string // a category or the name of a custom status
	Priority     string
	Type         string
	Subject      string
	Group        string
	Organization string
	Assignee     string
	AddTags      []string
	RemoveTags   []string
	Fields       map[int64]any
	Problem      int64    // the ticket of which this one is an incident
	Clear        []string // properties to empty: "priority", "type", "group_id", "assignee_id", …
	Comment      string
	Attachments  int     // files that come with the comment
	Internal     bool    // the comment is a note that the customer doesn't see
	Trigger      *Update // what a trigger does because of it, in the same audit
}

// Update changes several things at once, as one audit.
func (d *Desk) Update(id int64, by string, u Update) error {
	err := d.act(func(st *State) error {
		rec := st.live(id)
		if rec == nil {
			return errNotFound
		}
		in, err := d.input(u)
		if err != nil {
			return err
		}
		actor, err := d.actor(by)
		if err != nil {
			return err
		}
		if rec.Ticket.Status == "closed" && in.isWord() && actor.user != nil && !actor.user.staff() {
			_, refused := d.answerClosed(rec, in.words(), actor)
			return orNil(refused)
		}
		audit, refused := d.update(rec, in, actor)
		if refused != nil {
			return refused
		}
		if audit == nil || u.Trigger == nil {
			return nil
		}
		return d.follows(rec, *u.Trigger)
	})
	if err != nil {
		return fmt.Errorf("update ticket %d: %w", id, err)
	}
	return nil
}

// follows carries out what a trigger does because of the ticket's last change: it
// is part of that one's audit, and only its events tell whose it is.
func (d *Desk) follows(rec *record, u Update) error {
	in, err := d.input(u)
	if err != nil {
		return err
	}
	way := viaTrigger("Sandbox trigger")
	audit, refused := d.update(rec, in, actor{via: way})
	if refused != nil {
		return refused
	}
	if audit == nil {
		return nil
	}
	last := len(rec.Audits) - 1
	for _, e := range audit.Events {
		e.Via = &way
		rec.Audits[last-1].Events = append(rec.Audits[last-1].Events, e)
	}
	rec.Audits = rec.Audits[:last]
	return nil
}

// Reply comments on the ticket; a customer's public reply opens it again if it
// was solved or waiting, and makes a follow-up of it if it is closed.
func (d *Desk) Reply(id int64, by string, public bool, body string) error {
	return d.Update(id, by, Update{Comment: body, Internal: !public})
}

// SetStatus sets a status by its category or by the name of a custom status.
func (d *Desk) SetStatus(id int64, by, status string) error {
	return d.Update(id, by, Update{Status: status})
}

// SetPriority sets the priority; empty clears it.
func (d *Desk) SetPriority(id int64, by, priority string) error {
	return d.Update(id, by, orClear(priority, "priority", Update{Priority: priority}))
}

// SetType sets the type; empty clears it.
func (d *Desk) SetType(id int64, by, kind string) error {
	return d.Update(id, by, orClear(kind, "type", Update{Type: kind}))
}

// SetGroup hands the ticket to a team; empty takes it from all.
func (d *Desk) SetGroup(id int64, by, group string) error {
	return d.Update(id, by, orClear(group, "group_id", Update{Group: group}))
}

// Assign gives the ticket to an agent; empty takes it from all.
func (d *Desk) Assign(id int64, by, agent string) error {
	return d.Update(id, by, orClear(agent, "assignee_id", Update{Assignee: agent}))
}

// AddTags adds tags.
func (d *Desk) AddTags(id int64, by string, tags ...string) error {
	return d.Update(id, by, Update{AddTags: tags})
}

// RemoveTags removes tags.
func (d *Desk) RemoveTags(id int64, by string, tags ...string) error {
	return d.Update(id, by, Update{RemoveTags: tags})
}

// SetField sets a custom field; nil clears it.
func (d *Desk) SetField(id int64, by string, field int64, value any) error {
	return d.Update(id, by, Update{Fields: map[int64]any{field: value}})
}

// Touch is a change by the system that people don't see: only exports repeat
// the ticket.
func (d *Desk) Touch(id int64) error {
	return d.act(func(st *State) error {
		rec := st.live(id)
		if rec == nil {
			return errNotFound
		}
		d.stamp(rec)
		return nil
	})
}

// Delete deletes the ticket: only exports still show it.
func (d *Desk) Delete(id int64) error {
	return d.act(func(st *State) error {
		rec := st.live(id)
		if rec == nil {
			return errNotFound
		}
		d.delete(rec)
		return nil
	})
}

// act runs f on the account with the lock held.
func (d *Desk) act(f func(*State) error) (err error) {
	d.Do(func() {
		d.open()
		err = f(&d.state)
	})
	return err
}

func ptr[T any](v T) *T { return &v }

// orNil is a refusal as an error.
func orNil(e *apiError) error {
	if e == nil {
		return nil
	}
	return e
}

func orClear(v, property string, u Update) Update {
	if v == "" {
		return Update{Clear: []string{property}}
	}
	return u
}

func (t Ticket) clone() Ticket {
	t.Tags = slices.Clone(t.Tags)
	t.CustomFields = slices.Clone(t.CustomFields)
	return t
}

// actor is the person with that address, on the way such people use.
func (d *Desk) actor(email string) (actor, error) {
	if email == Trigger {
		return actor{via: viaTrigger("Sandbox trigger")}, nil
	}
	u := d.state.userByEmail(email)
	if u == nil {
		return actor{}, fmt.Errorf("nobody has the address %q", email)
	}
	if u.staff() {
		return actor{u, via("web")}, nil
	}
	return actor{u, via("email")}, nil
}

// input is an update as the API would receive it.
func (d *Desk) input(u Update) (input, error) {
	z := &d.state
	in := input{}
	text := func(name, v string) {
		if v != "" {
			in[name] = stage.JSON(v)
		}
	}
	text("priority", u.Priority)
	text("type", u.Type)
	text("subject", u.Subject)
	text("assignee_email", u.Assignee)
	text("status", u.Status)
	if st := z.status(func(st *customStatus) bool { return st.AgentLabel == u.Status }); st != nil {
		delete(in, "status")
		in["custom_status_id"] = stage.JSON(st.ID)
	}
	if u.Group != "" {
		in["group_id"] = stage.JSON(d.addGroup(u.Group).ID)
	}
	if u.Organization != "" {
		in["organization_id"] = stage.JSON(d.addOrganization(u.Organization).ID)
	}
	if u.Problem != 0 {
		in["problem_id"] = stage.JSON(u.Problem)
	}
	if len(u.AddTags) > 0 {
		in["additional_tags"] = stage.JSON(u.AddTags)
	}
	if len(u.RemoveTags) > 0 {
		in["remove_tags"] = stage.JSON(u.RemoveTags)
	}
	if len(u.Fields) > 0 {
		var values []Value
		for id, v := range u.Fields {
			b, err := json.Marshal(v)
			if err != nil {
				return nil, fmt.Errorf("field %d: %w", id, err)
			}
			values = append(values, Value{id, b})
		}
		slices.SortFunc(values, func(a, b Value) int { return cmp.Compare(a.ID, b.ID) })
		in["custom_fields"] = stage.JSON(values)
	}
	for _, name := range u.Clear {
		if in[name] != nil {
			return nil, errors.New(name + " is both set and cleared")
		}
		in[name] = json.RawMessage("null")
	}
	if u.Comment != "" {
		public := !u.Internal
		in["comment"] = stage.JSON(comment{Body: u.Comment, Public: &public, Uploads: z.attach(u.Attachments)})
	}
	return in, nil
}
