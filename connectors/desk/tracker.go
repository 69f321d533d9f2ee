package desk

import (
	"context"

	"vigie/connectors/findings"
	"vigie/rules"
)

// A Tracker is a source in which tickets of another source have their issues, with
// the technical team.
type Tracker interface {
	// Check and CheckShown ask whether all is there that the policies name; the latter
	// also fails where a project is missing or hidden, since an issue of it that isn't
	// there may be hidden, too.
	Check(context.Context) error
	CheckShown(context.Context) error
	// InspectEscalation says of each project whether issues can be made and kept in
	// step there.
	InspectEscalation(context.Context, []TeamProject) []findings.Finding

	// Escalate returns the ticket's issue, made if there is none. It may be called
	// again whatever became of the last call.
	Escalate(context.Context, Escalation) (*Escalated, error)
	// FindEscalated returns the issue with the earliest of these marks that any has,
	// nil if none has one. The project is where it would be if it was just made.
	FindEscalated(ctx context.Context, project string, marks []string) (*Escalated, error)
	// Escalated reads issues by their ids. One is left out only if the tracker has said
	// by itself that it isn't there.
	Escalated(ctx context.Context, ids []string) ([]Escalated, error)
	// Write and DueFields are a Desk's, of issues.
	Write(context.Context, []Edit) ([]error, error)
	DueFields() []rules.DueField
	// Link links an issue to something elsewhere, in place of a link with the same
	// GlobalID. HasLink is false for an issue that isn't there, too.
	Link(ctx context.Context, id string, l Link) error
	HasLink(ctx context.Context, id, globalID string) (bool, error)
}

// An Escalation is the issue that a ticket is to have in a project of those who
// repair.
type Escalation struct {
	// Marks are labels of its own, such as "vigie_zendesk_42": what the issue is
	// known by. It may have any of them, and of two issues that of the earlier mark
	// is it. The last is that of all tickets that share an issue.
	Marks  []string
	Shares string // the id of the issue that it shares, where none has a mark of its; empty for none

	Project     string // its key
	Type        string // the issue type's name
	Summary     string // cut at what the tracker takes
	Description string // plain text: nothing in it mentions anybody or loads a picture
	Priority    string // a policy's priority name; empty leaves the project's default

	// Fields by id, the due date ("duedate") among them, in the forms of a
	// rules.Edit; an option by its value.
	Fields map[string]string
}

// An Escalated is an issue of an Escalation, as it is; its Source is left empty.
type Escalated struct {
	rules.Issue
	Priority string            // a policy's name; empty where it knows none by the tracker's
	Fields   map[string]string // those of its own that have a value, as a rules.Ticket has them, and "duedate"
}

// A Link is a remote link: from an issue to something elsewhere.
type Link struct {
	GlobalID     string // names what is linked to, at most 255 characters, such as "system=https://acme.zendesk.com&id=42"
	URL, Title   string
	Summary      string
	Application  string // "Zendesk"
	Relationship string // how the issue stands to it: "escalated from"
	Resolved     bool   // struck out where it is shown
}

// A TeamProject is where issues of tickets are made: one of the technical team's, with
// what is written into them there.
type TeamProject struct {
	Project string
	Type    string   // the issue type's name
	Fields  []string // by id; "duedate" is in every tracker
}
