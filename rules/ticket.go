package rules

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Metric is a promise that a policy can make about a ticket.
type Metric string

const (
	FirstReply Metric = "first_reply" // until somebody answers at all
	NextReply  Metric = "next_reply"  // until the customer's last word is answered
	Update     Metric = "update"      // until the customer hears from us again
	Resolution Metric = "resolution"  // until the ticket is solved
)

// Metrics lists all metrics in the order in which verdicts show them.
var Metrics = []Metric{FirstReply, NextReply, Update, Resolution}

// A Status says where a ticket stands. Connectors map their vendor's statuses
// to these by name or category.
type Status string

const (
	New               Status = "new"
	Open              Status = "open"
	WaitingCustomer   Status = "waiting_customer"
	WaitingThirdParty Status = "waiting_third_party"
	Solved            Status = "solved"
	Closed            Status = "closed"
	Deleted           Status = "deleted" // merged into another ticket, too
)

// Statuses lists all statuses.
var Statuses = []Status{New, Open, WaitingCustomer, WaitingThirdParty, Solved, Closed, Deleted}

// done says that nobody is expected to work on the ticket any more.
func (s Status) done() bool { return s == Solved || s == Closed }

// A Ticket is what a connector knows of a vendor's ticket, in our words: its
// attributes at creation, and everything that happened to it since.
type Ticket struct {
	Source         string    `json:"source"` // the connector's name in config.toml
	ID             string    `json:"id"`     // the vendor's id or key
	Kind           string    `json:"kind,omitempty"`
	Status         Status    `json:"status,omitempty"`
	Priority       string    `json:"priority,omitempty"`        // a policy's priority name that a person chose, or empty
	VendorPriority string    `json:"vendor_priority,omitempty"` // the policy's name for what the vendor's priority field holds now, whoever set it; empty for nothing
	Channel        string    `json:"channel,omitempty"`         // empty where the vendor doesn't tell
	Organization   string    `json:"organization,omitempty"`
	Group          string    `json:"group,omitempty"` // the team that holds the ticket
	Assignee       string    `json:"assignee,omitempty"`
	Requester      string    `json:"requester,omitempty"`
	Recipient      string    `json:"recipient,omitempty"` // the address a mail was sent to
	Language       string    `json:"language,omitempty"`  // "fr", "en": the requester's locale, else detected, else the source's
	Subject        string    `json:"subject,omitempty"`
	Text           string    `json:"text,omitempty"` // subject and first message, without quoted mail and signature
	Tags           []string  `json:"tags,omitempty"`
	Inherited      []string  `json:"inherited_tags,omitempty"` // a part of Tags: those that a follow-up took over from the ticket before it
	Attachments    int       `json:"attachments,omitempty"`    // how many files came with the first message
	Fields         Fields    `json:"fields,omitempty"`
	CreatedAt      time.Time `json:"created_at"`
	URL            string    `json:"url,omitempty"`
	OpenedBy       string    `json:"opened_by,omitempty"` // ByCustomer, ByAgent or ByAutomation: who wrote the first public message; empty = ByCustomer
	Problem        string    `json:"problem,omitempty"`   // the ticket, of the same source, of which this one is an incident
	Issue          *Issue    `json:"issue,omitempty"`     // that those who repair have; nil where nobody would know
	Events         []Event   `json:"events,omitempty"`
	Handling       *Handling `json:"handling,omitempty"` // what people did about it in Vigie itself; nil for nothing
	Erased         *Erased   `json:"erased,omitempty"`   // texts of it are gone; nil where it has all that was read
}

// Ref names a ticket the way people and commands do: "zendesk:42".
func (t *Ticket) Ref() string { return t.Source + ":" + t.ID }

// EventType says what an event changed.
type EventType string

const (
	StatusEvent       EventType = "status"
	PriorityEvent     EventType = "priority"
	GroupEvent        EventType = "group"
	KindEvent         EventType = "kind"
	ChannelEvent      EventType = "channel"
	OrganizationEvent EventType = "organization"
	AssigneeEvent     EventType = "assignee"
	TagEvent          EventType = "tag"
	FieldEvent        EventType = "field"
	ReplyEvent        EventType = "reply"
)

// Who did something, where it matters. Any other value of Event.By is the name
// of a person.
const (
	ByAgent      = "agent"
	ByCustomer   = "customer"
	ByAutomation = "automation" // a trigger, a rule, an account listed in the configuration: nobody's act, nobody's reply
	ByVigie      = "vigie"
)

// An Event is one thing that happened to a ticket after its creation. Events of
// one second are one atomic step.
type Event struct {
	At     time.Time `json:"at"`
	Type   EventType `json:"type"`
	To     string    `json:"to,omitempty"`   // status, priority, group, kind, channel, organization, assignee, field: the new value; empty clears
	Name   string    `json:"name,omitempty"` // field: which one
	Add    []string  `json:"add,omitempty"`  // tag
	Remove []string  `json:"remove,omitempty"`
	By     string    `json:"by,omitempty"`
	Public bool      `json:"public,omitempty"` // reply: the customer sees it

	Text        string `json:"text,omitempty"`        // reply: what a customer wrote in public, without quoted mail and signature; of nobody else's reply
	Attachments int    `json:"attachments,omitempty"` // reply: how many files a customer sent with it
}

// Fields holds a ticket's other fields, by the vendor's id or name, as text.
// JSON input may hold numbers, booleans and lists; they are kept as their text,
// a list as its values joined by commas, and null as an absent field.
type Fields map[string]string

// UnmarshalJSON accepts any JSON value for a field; see Fields.
func (f *Fields) UnmarshalJSON(b []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	*f = make(Fields, len(raw))
	for name, v := range raw {
		if text, ok := FieldText(v); ok {
			(*f)[name] = text
		}
	}
	return nil
}

// FieldText is a JSON value as the text that Fields keeps, and false for null
// and for what isn't JSON.
func FieldText(v json.RawMessage) (string, bool) {
	v = bytes.TrimSpace(v)
	if len(v) == 0 || string(v) == "null" {
		return "", false
	}
	switch v[0] {
	case '"':
		var s string
		if json.Unmarshal(v, &s) != nil {
			return "", false
		}
		return s, true
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(v, &list) != nil {
			return "", false
		}
		var parts []string
		for _, e := range list {
			if s, ok := FieldText(e); ok {
				parts = append(parts, s)
			}
		}
		return strings.Join(parts, ","), true
	}
	return string(v), true
}

// check refuses a ticket that no policy can be applied to, saying why.
func (t *Ticket) check() error {
	if t.CreatedAt.IsZero() {
		return fmt.Errorf("created_at is missing")
	}
	if t.Status != "" && !slices.Contains(Statuses, t.Status) {
		return fmt.Errorf("status %q is unknown: want one of %s", t.Status, join(Statuses))
	}
	for i := range t.Events {
		e := &t.Events[i]
		if e.At.IsZero() {
			return fmt.Errorf("event %d (%s) has no time", i+1, e.Type)
		}
		switch e.Type {
		case StatusEvent:
			if !slices.Contains(Statuses, Status(e.To)) {
				return fmt.Errorf("event %d: status %q is unknown: want one of %s", i+1, e.To, join(Statuses))
			}
		case FieldEvent:
			if e.Name == "" {
				return fmt.Errorf("event %d changes a field but doesn't name it", i+1)
			}
		case PriorityEvent, GroupEvent, KindEvent, ChannelEvent, OrganizationEvent, AssigneeEvent, TagEvent, ReplyEvent:
		default:
			return fmt.Errorf("event %d has the unknown type %q", i+1, e.Type)
		}
	}
	return nil
}

// join lists string-like values for a sentence.
func join[S ~string](list []S) string {
	parts := make([]string, len(list))
	for i, s := range list {
		parts[i] = string(s)
	}
	return strings.Join(parts, ", ")
}
