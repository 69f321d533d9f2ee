package zendesk

import (
	"bytes"
	"encoding/json"
	"html"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"vigie/connectors/sandbox/stage"
)

// actor is who makes a change, and on which way. A nil user is a trigger.
type actor struct {
	user *user
	via  Via
}

func (a actor) id() int64 {
	if a.user == nil {
		return nobody
	}
	return a.user.ID
}

func via(channel string) Via {
	return Via{Channel: channel, Source: viaSource{From: map[string]any{}, To: map[string]any{}}}
}

// viaTrigger is how Zendesk marks what a trigger did.
func viaTrigger(title string) Via {
	v, rel := via("rule"), "trigger"
	v.Source.From = map[string]any{"id": triggerID, "title": title, "deleted": false}
	v.Source.Rel = &rel
	return v
}

// create makes a ticket: an update of an empty one, whose events are
// called Create.
func (d *Desk) create(in input, by actor, at time.Time) (*record, *audit, *apiError) {
	z := &d.state
	in, by, before, refused := d.followUp(in, by)
	if refused != nil {
		return nil, nil, refused
	}
	at = at.UTC().Truncate(time.Second)
	rec := &record{Ticket: Ticket{
		ID: int64(len(z.Tickets)) + 1, Via: by.via, CreatedAt: at, UpdatedAt: at, RequesterID: by.id(), SubmitterID: by.id(),
		CollaboratorIDs: []int64{}, FollowerIDs: []int64{}, EmailCCIDs: []int64{}, SharingAgreementIDs: []int64{}, FollowupIDs: []int64{},
		Tags: []string{}, CustomFields: []Value{}, IsPublic: true, AllowAttachments: true, TicketFormID: 5001, BrandID: 6001,
	}}
	t := &rec.Ticket
	t.URL = address("tickets", t.ID)
	if in["status"] == nil && in["custom_status_id"] == nil {
		in = maps.Clone(in)
		in["status"] = json.RawMessage(`"new"`)
	}
	comment, refused := z.apply(t, in)
	if refused != nil {
		return nil, nil, refused
	}
	if comment == nil || comment.text() == "" {
		return nil, nil, invalid("comment", "Description: cannot be blank")
	}
	t.Description = comment.text()
	if u := z.user(t.RequesterID); t.OrganizationID == nil && u != nil {
		t.OrganizationID = u.OrganizationID
	}
	if comment.AuthorID == 0 { // "the submitter always becomes the author of the first comment"
		comment.AuthorID = t.SubmitterID
	}
	z.follow(t, &Ticket{}, nil, by)
	audit := z.audit(t.ID, by, at)
	said, refused := z.commentEvent(comment, audit)
	if refused != nil {
		return nil, nil, refused
	}
	audit.Events = append(audit.Events, said)
	z.differences(audit, &Ticket{}, t, "Create")
	audit.Events = append(audit.Events, z.notification("Notify requester of received request", []int64{t.RequesterID}))
	z.Tickets = append(z.Tickets, rec)
	if before != nil {
		before.Ticket.FollowupIDs = append(before.Ticket.FollowupIDs, t.ID)
	}
	d.commit(rec, audit, at)
	return rec, audit, nil
}

// update applies a write, all of it or nothing. A write that changes
// nothing leaves no trace: the audit is nil then.
func (d *Desk) update(rec *record, in input, by actor) (*audit, *apiError) {
	z := &d.state
	if rec.Ticket.Status == "closed" {
		return nil, invalid("status", "Status: closed prevents ticket update")
	}
	if stale, refused := in.stale(rec.Ticket.UpdatedAt); refused != nil {
		return nil, refused
	} else if stale {
		return nil, &apiError{Status: http.StatusConflict, Code: "UpdateConflict",
			Description: "Safe Update prevented the update due to outdated ticket data. Please fetch the latest ticket data and try again."}
	}
	old := rec.Ticket
	t := rec.Ticket
	t.CustomFields = slices.Clone(t.CustomFields)
	comment, refused := z.apply(&t, in)
	if refused == nil {
		refused = z.settleAssignee(&t, in)
	}
	if refused != nil {
		return nil, refused
	}
	at := d.now()
	audit := z.audit(t.ID, by, at)
	if audit.Metadata.Custom, refused = in.metadata(); refused != nil {
		return nil, refused
	}
	if comment != nil && comment.text() != "" {
		if comment.AuthorID == 0 {
			comment.AuthorID = by.id()
		}
		said, refused := z.commentEvent(comment, audit)
		if refused != nil {
			return nil, refused
		}
		audit.Events = append(audit.Events, said)
	} else {
		comment = nil
	}
	z.follow(&t, &old, comment, by)
	z.differences(audit, &old, &t, "Change")
	if len(audit.Events) == 0 {
		return nil, nil
	}
	if author := z.user(by.id()); comment != nil && comment.public() && author != nil && author.staff() {
		audit.Events = append(audit.Events, z.notification("Notify requester and CCs of comment update", []int64{t.RequesterID}))
	}
	rec.Ticket = t
	d.commit(rec, audit, at)
	return audit, nil
}

// follow makes the changes that Zendesk derives from a change: the requester's
// public reply opens a waiting or solved ticket, assigning opens a new one,
// solving assigns it, only a task is due, a drop-down without its tag is empty.
func (z *State) follow(t, old *Ticket, comment *comment, by actor) {
	set := func(status string) {
		_ = z.applyStatus(t, input{"status": stage.JSON(status)}) // a category is always known
	}
	if comment != nil && comment.public() && by.user != nil && !by.user.staff() && t.Status == old.Status &&
		slices.Contains([]string{"pending", "hold", "solved"}, t.Status) {
		set("open")
	}
	if t.Status == "new" && t.AssigneeID != nil && old.AssigneeID == nil {
		set("open")
	}
	if (t.Status == "solved" || t.Status == "closed") && t.AssigneeID == nil && by.user != nil && by.user.staff() {
		t.AssigneeID = &by.user.ID
	}
	if t.DueAt != nil && deref(t.Type) != "task" {
		t.DueAt = nil
	}
	for i, v := range t.CustomFields {
		f := z.field(v.ID)
		if f.Type == "tagger" && slices.ContainsFunc(asTags(v.Value), func(tag string) bool { return !slices.Contains(t.Tags, tag) }) {
			t.CustomFields[i].Value = json.RawMessage("null")
		}
	}
}

// commit records what has happened to a ticket, and what the triggers do to
// it then.
func (d *Desk) commit(rec *record, audit *audit, at time.Time) {
	d.actTriggers(rec, audit)
	rec.Audits = append(rec.Audits, *audit)
	if at.After(rec.Ticket.UpdatedAt) {
		rec.Ticket.UpdatedAt = at
	}
	d.stamp(rec)
	d.announce(rec, audit)
}

// stamp moves the ticket to the end of the exports: to now, even when
// its creation is dated back.
func (d *Desk) stamp(rec *record) {
	rec.Generated = d.now()
	d.Changed()
}

func (d *Desk) now() time.Time { return d.Now().UTC().Truncate(time.Second) }

func (z *State) audit(ticket int64, by actor, at time.Time) *audit {
	return &audit{ID: z.nextAudit(), TicketID: ticket, CreatedAt: at, AuthorID: by.id(), Via: by.via, Events: []event{},
		Metadata: metadata{System: map[string]any{}, Custom: map[string]any{}}}
}

func (z *State) commentEvent(c *comment, audit *audit) (event, *apiError) {
	public := c.public()
	files, refused := z.uploaded(c.Uploads)
	return event{ID: z.nextAudit(), Type: "Comment", AuthorID: c.AuthorID, Body: c.text(), PlainBody: c.text(),
		HTMLBody: "<div class=\"zd-comment\" dir=\"auto\">" + html.EscapeString(c.text()) + "</div>",
		Public:   &public, Attachments: &files, AuditID: audit.ID}, refused
}

// notification is the mail that a standard trigger sends.
func (z *State) notification(trigger string, to []int64) event {
	v := viaTrigger(trigger)
	return event{ID: z.nextAudit(), Type: "Notification", Subject: "[Request received]", Body: "{{ticket.comments_formatted}}",
		Recipients: to, Via: &v}
}

// differences adds an event for each property that isn't what it was. A new
// ticket shows its type and priority even when it has none.
func (z *State) differences(audit *audit, old, t *Ticket, kind string) {
	was := properties(old)
	for _, p := range properties(t) {
		previous := json.RawMessage("null")
		if i := slices.IndexFunc(was, func(w property) bool { return w.name == p.name }); i >= 0 {
			previous = was[i].value
		}
		shown := kind == "Create" && (p.name == "type" || p.name == "priority")
		if bytes.Equal(previous, p.value) && !shown {
			continue
		}
		e := event{ID: z.nextAudit(), Type: kind, FieldName: p.name, Value: p.value}
		if kind == "Change" {
			e.PreviousValue = previous
		}
		audit.Events = append(audit.Events, e)
	}
}

// A property of a ticket as audits show it: ids are text there.
type property struct {
	name  string
	value json.RawMessage
}

func properties(t *Ticket) []property {
	id := func(p *int64) json.RawMessage {
		if p == nil || *p == 0 {
			return json.RawMessage("null")
		}
		return stage.JSON(strconv.FormatInt(*p, 10))
	}
	text := func(v string) json.RawMessage {
		if v == "" {
			return json.RawMessage("null")
		}
		return stage.JSON(v)
	}
	list := []property{
		{"requester_id", id(&t.RequesterID)},
		{"subject", text(t.Subject)},
		{"status", text(t.Status)},
		{"custom_status_id", id(&t.CustomStatusID)},
		{"type", text(deref(t.Type))},
		{"priority", text(deref(t.Priority))},
		{"group_id", id(t.GroupID)},
		{"assignee_id", id(t.AssigneeID)},
		{"organization_id", id(t.OrganizationID)},
		{"problem_id", id(t.ProblemID)},
		{"external_id", text(deref(t.ExternalID))},
		{"due_at", stage.JSON(t.DueAt)},
		{"tags", stage.JSON(append([]string{}, t.Tags...))},
	}
	for _, v := range t.CustomFields {
		list = append(list, property{strconv.FormatInt(v.ID, 10), v.Value})
	}
	return list
}
