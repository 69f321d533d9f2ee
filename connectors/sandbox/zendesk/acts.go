package zendesk

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"vigie/connectors/sandbox/stage"
)

// Trigger stands for an e-mail address where Zendesk itself acts: a trigger or
// an automation, which audits show with the author -1.
const Trigger = "trigger"

// vendor is Zendesk's name on the stage.
const vendor = "zendesk"

// Desk is one Zendesk account, and what people do in it, at ticket time. People are
// named by their e-mail address; groups, organisations and custom statuses by name.
// What Zendesk would refuse is an error, and has changed nothing.
type Desk struct {
	*stage.Stage
	options *Options
	admin   *stage.Account
	client  *OAuthClient // the admin's
	secret  *string      // signs webhooks

	state   State
	windows map[string]*window      // requests of the last minute, by limit
	tokens  map[string]*accessToken // access tokens, by their text
	issued  int64                   // how many there have been
}

// New is an empty account. What it is given is looked at anew at each request.
func New(s *stage.Stage, o *Options, admin *stage.Account, client *OAuthClient, secret *string) *Desk {
	return &Desk{Stage: s, options: o, admin: admin, client: client, secret: secret, windows: map[string]*window{}}
}

// State is everything that a snapshot holds. The lock is held.
func (d *Desk) State() *State { return &d.state }

// NewTicket is a ticket as a customer, or an agent for one, opens it.
type NewTicket struct {
	Subject         string
	Body            string
	Type            string // problem, incident, question, task or none
	Priority        string
	Status          string // new if empty
	Channel         string // email if empty
	RequesterEmail  string // becomes an end user if unknown
	RequesterLocale string // of an unknown requester
	SubmitterEmail  string // who fills it in; the requester if empty
	AuthorEmail     string // who wrote the first message; the requester if empty, whoever filled it in
	Recipient       string // the address that the mail was sent to
	Group           string
	Organization    string // the requester's if empty
	Assignee        string
	Tags            []string
	CustomFields    map[int64]any
	Attachments     int       // files that come with the first message
	Internal        bool      // the first message is a note that the customer doesn't see
	CreatedAt       time.Time // now if zero
}

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

// Create opens a ticket and gives its id, 0 if Zendesk refuses it; Open says why.
func (d *Desk) Create(t NewTicket) int64 {
	id, err := d.Open(t)
	if err != nil {
		d.Log.Error("ticket refused", "err", err)
	}
	return id
}

// Open opens a ticket.
func (d *Desk) Open(t NewTicket) (id int64, err error) {
	err = d.act(func(st *State) error {
		requester := d.addUser(User{Email: cmp.Or(t.RequesterEmail, "customer@customer.example"),
			Locale: t.RequesterLocale, Organization: t.Organization})
		in, err := d.input(Update{Status: t.Status, Priority: t.Priority, Type: t.Type, Subject: t.Subject, Group: t.Group,
			Organization: t.Organization, Assignee: t.Assignee, AddTags: t.Tags, Fields: t.CustomFields})
		if err != nil {
			return err
		}
		by, err := d.actor(cmp.Or(t.SubmitterEmail, requester.Email))
		if err != nil {
			return err
		}
		by.via = via(cmp.Or(t.Channel, "email"))
		author, err := d.actor(cmp.Or(t.AuthorEmail, requester.Email))
		if err != nil {
			return err
		}
		in["requester_id"] = stage.JSON(requester.ID)
		in["comment"] = stage.JSON(comment{Body: t.Body, Public: ptr(!t.Internal), AuthorID: author.id(), Uploads: st.attach(t.Attachments)})
		if t.Recipient != "" {
			in["recipient"] = stage.JSON(t.Recipient)
		}
		at := t.CreatedAt
		if at.IsZero() {
			at = d.Now()
		}
		rec, _, refused := d.create(in, by, at)
		if refused != nil {
			return refused
		}
		id = rec.Ticket.ID
		return nil
	})
	return id, err
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

// Ticket is the ticket as it stands, deleted ones included.
func (d *Desk) Ticket(id int64) (t Ticket, ok bool) {
	d.act(func(st *State) error {
		if rec := st.record(id); rec != nil {
			t, ok = rec.Ticket.clone(), true
		}
		return nil
	})
	return t, ok
}

// Tickets are all tickets, deleted ones included, by id.
func (d *Desk) Tickets() (list []Ticket) {
	d.act(func(st *State) error {
		for _, rec := range st.Tickets {
			list = append(list, rec.Ticket.clone())
		}
		return nil
	})
	return list
}

// Notes are a ticket's internal notes, oldest first.
func (d *Desk) Notes(id int64) (notes []string) {
	d.act(func(st *State) error {
		rec := st.live(id)
		if rec == nil {
			return errNotFound
		}
		for _, a := range rec.Audits {
			for _, e := range a.Events {
				if e.Type == "Comment" && e.Public != nil && !*e.Public {
					notes = append(notes, e.Body)
				}
			}
		}
		return nil
	})
	return notes
}

// Audits is how many times the ticket was changed, its creation included.
func (d *Desk) Audits(id int64) (n int) {
	d.act(func(st *State) error {
		if rec := st.record(id); rec != nil {
			n = len(rec.Audits)
		}
		return nil
	})
	return n
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
