package zendesk

import (
	"time"

	"cmp"

	"vigie/connectors/sandbox/stage"
)

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
