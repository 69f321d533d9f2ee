package zendesk

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/rules"
)

// text is any JSON value as rules.FieldText has it; null is empty. An id may
// come as a number here and as a string there.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	s, _ := rules.FieldText(b)
	*t = text(s)
	return nil
}

// id is the text as an id, empty for none: Zendesk writes null, 0 or "0".
func (t text) id() string {
	if n, err := strconv.ParseInt(string(t), 10, 64); err != nil || n == 0 {
		return ""
	}
	return string(t)
}

type wireTicket struct {
	ID               text            `json:"id"`
	CreatedAt        text            `json:"created_at"`
	UpdatedAt        text            `json:"updated_at"`
	Type             text            `json:"type"`
	Subject          text            `json:"subject"`
	Description      text            `json:"description"`
	Priority         text            `json:"priority"`
	Status           text            `json:"status"`
	CustomStatusID   text            `json:"custom_status_id"`
	Recipient        text            `json:"recipient"`
	RequesterID      text            `json:"requester_id"`
	AssigneeID       text            `json:"assignee_id"`
	OrganizationID   text            `json:"organization_id"`
	GroupID          text            `json:"group_id"`
	TicketFormID     text            `json:"ticket_form_id"`
	DueAt            text            `json:"due_at"`
	ProblemID        text            `json:"problem_id"`
	FollowupSourceID text            `json:"via_followup_source_id"`
	Tags             json.RawMessage `json:"tags"`
	CustomFields     json.RawMessage `json:"custom_fields"`
	Via              wireVia         `json:"via"`
}

type wireVia struct {
	Channel text `json:"channel,omitempty"`
	Source  struct {
		Rel  text `json:"rel,omitempty"` // "follow_up", "merge", "trigger", …
		From struct {
			TicketID text `json:"ticket_id,omitempty"`
		} `json:"from,omitzero"`
		To struct {
			Address text `json:"address,omitempty"`
		} `json:"to,omitzero"`
	} `json:"source,omitzero"`
}

type wireAudit struct {
	ID        text        `json:"id,omitempty"`
	CreatedAt text        `json:"created_at,omitempty"`
	AuthorID  text        `json:"author_id,omitempty"`
	Via       wireVia     `json:"via,omitzero"`
	Events    []wireEvent `json:"events,omitempty"`
	Metadata  struct {
		Custom chosenBy `json:"custom,omitzero"`
	} `json:"metadata,omitzero"`
}

// chosenBy is what Vigie says of an update that writes what somebody chose.
type chosenBy struct {
	By text `json:"vigie_by,omitempty"`
}

// wireEvent is one event of an audit: Create, Change, Comment, what was done to a
// comment or said in a conversation, and others that don't matter here.
type wireEvent struct {
	ID          text            `json:"id,omitempty"`
	Type        text            `json:"type"`
	FieldName   text            `json:"field_name,omitempty"`
	Value       json.RawMessage `json:"value,omitempty"`
	Previous    json.RawMessage `json:"previous_value,omitempty"`
	AuthorID    text            `json:"author_id,omitempty"`
	Public      text            `json:"public,omitempty"`
	Body        text            `json:"body,omitempty"`
	PlainBody   text            `json:"plain_body,omitempty"`
	Via         *wireVia        `json:"via,omitempty"`
	Attachments files           `json:"attachments,omitempty"`
	CommentID   text            `json:"comment_id,omitempty"`

	// Heeded is ours: an act of redaction that was kept with the comments as it left
	// them.
	Heeded bool `json:"heeded,omitempty"`
}

// redaction says that words or files were taken out of a comment for good
// (Ticket Audit events reference).
func (e *wireEvent) redaction() bool {
	return e.Type == "CommentRedactionEvent" || e.Type == "AttachmentRedactionEvent"
}

// redacted says that somebody has taken something out of a history.
func redacted(audits []wireAudit) bool {
	return slices.ContainsFunc(audits, func(a wireAudit) bool {
		return slices.ContainsFunc(a.Events, func(e wireEvent) bool { return e.redaction() })
	})
}

func (e *wireEvent) comment() bool { return e.Type == "Comment" || e.Type == "VoiceComment" }

// readTicket decodes one ticket; its error is a reason why nothing can be said
// about it.
func readTicket(raw json.RawMessage) (wireTicket, error) {
	var w wireTicket
	if err := decode(raw, &w); err != nil {
		return w, fmt.Errorf("decode ticket: %w", err)
	}
	if _, err := ticketNumber(string(w.ID)); err != nil {
		return w, err
	}
	if _, err := instant(w.CreatedAt); err != nil {
		return w, fmt.Errorf("ticket %s: created_at: %w", w.ID, err)
	}
	return w, nil
}

// ticketNumber reads a ticket's id, which is a number from 1 on.
func ticketNumber(id string) (int64, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != id {
		return 0, fmt.Errorf("%.40q is no ticket number", id)
	}
	return n, nil
}

// instant reads a time, which Zendesk gives in RFC 3339, and cuts it to the
// second.
func instant(t text) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, string(t))
	if err != nil {
		return time.Time{}, fmt.Errorf("%.40q is no time", string(t))
	}
	return at.UTC().Truncate(time.Second), nil
}

// version names the state that a ticket's row shows. It doesn't rest on
// updated_at alone: exports also list tickets that the system has changed
// without touching that, deleted ones among them.
func (w *wireTicket) version() string {
	parts := []text{w.Status, w.CustomStatusID, w.Priority, w.Type, w.GroupID, w.AssigneeID, w.OrganizationID}
	tags := tagList(w.Tags)
	slices.Sort(tags)
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(string(p))
		b.WriteByte(0)
	}
	b.WriteString(strings.Join(tags, " "))
	return fmt.Sprintf("%s-%s", w.UpdatedAt, shortHash(b.String()))
}

// tagList reads tags: a list, or in some audits one string.
func tagList(raw json.RawMessage) []string {
	s, _ := rules.FieldText(raw)
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}

// values are a ticket's fields as text under Zendesk's names: "status",
// "group_id", "360001" for a custom field. Tags are joined by spaces. An absent
// or empty field has no entry.
type values map[string]string

func (v values) set(name, value string) {
	if value == "" {
		delete(v, name)
	} else {
		v[name] = value
	}
}

// current is what the ticket's row shows.
func (w *wireTicket) current() values {
	v := values{}
	v.set("subject", string(w.Subject))
	v.set("requester_id", w.RequesterID.id())
	v.set("status", string(w.Status))
	v.set("priority", string(w.Priority))
	v.set("type", string(w.Type))
	v.set("due_at", string(w.DueAt))
	v.set("custom_status_id", w.CustomStatusID.id())
	v.set("group_id", w.GroupID.id())
	v.set("organization_id", w.OrganizationID.id())
	v.set("assignee_id", w.AssigneeID.id())
	v.set("ticket_form_id", w.TicketFormID.id())
	v.set("tags", strings.Join(tagList(w.Tags), " "))

	var fields []json.RawMessage
	_ = decode(w.CustomFields, &fields) // absent or odd: no custom fields
	for _, raw := range fields {
		var f struct{ ID, Value text }
		if decode(raw, &f) == nil && f.ID.id() != "" {
			v.set(f.ID.id(), string(f.Value))
		}
	}
	return v
}

// fieldValue is a value in an audit as current would show it.
func fieldValue(name string, raw json.RawMessage) string {
	if name == "tags" {
		return strings.Join(tagList(raw), " ")
	}
	s, _ := rules.FieldText(raw)
	if strings.HasSuffix(name, "_id") {
		return text(s).id()
	}
	return s
}

// custom says that a field's name is a custom field's id.
func custom(name string) bool { return text(name).id() != "" }
