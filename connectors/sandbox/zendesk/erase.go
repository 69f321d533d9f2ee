package zendesk

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"vigie/connectors/sandbox/stage"
)

// What takes things away for good: words and files are redacted, deleted tickets are
// deleted permanently, people are deleted
// (developer.zendesk.com/api-reference/ticketing/tickets/ticket-comments,
// …/tickets/tickets#delete-ticket-permanently, …/users/users#delete-user).

// erasures are the ways in which an erasure isn't told.
func erasures() map[string]stage.Manner {
	return map[string]stage.Manner{
		"purged-unlisted": {About: "leaves tickets that were deleted permanently out of the export, whose rows for them aren't documented"},
	}
}

// comments are the ticket's, in order.
func (rec *record) comments() (list []*event) {
	for i := range rec.Audits {
		for j := range rec.Audits[i].Events {
			if e := &rec.Audits[i].Events[j]; e.Type == "Comment" {
				list = append(list, e)
			}
		}
	}
	return list
}

// redact blacks words out, for good.
func (d *Desk) redact(rec *record, comment int64, words string, by actor) *apiError {
	e := rec.comment(comment)
	if e == nil {
		return errNotFound
	}
	black := func(text string) string {
		return strings.ReplaceAll(text, words, strings.Repeat("▇", len([]rune(words))))
	}
	e.Body, e.PlainBody, e.HTMLBody = black(e.Body), black(e.PlainBody), black(e.HTMLBody)
	if rec.comments()[0] == e {
		rec.Ticket.Description = black(rec.Ticket.Description)
	}
	d.redacted(rec, event{Type: "CommentRedactionEvent", CommentID: comment}, by)
	return nil
}

// file is one that came with a comment, or nil.
func (e *event) file(id int64) *file {
	if e.Attachments == nil {
		return nil
	}
	i := slices.IndexFunc(*e.Attachments, func(f file) bool { return f.ID == id })
	if i < 0 {
		return nil
	}
	return &(*e.Attachments)[i]
}

// redactFile takes a file out of a comment, and leaves an empty one in its place.
func (d *Desk) redactFile(rec *record, comment, file int64, by actor) *apiError {
	e := rec.comment(comment)
	if e == nil {
		return errNotFound
	}
	f := e.file(file)
	if f == nil {
		return errNotFound
	}
	f.FileName, f.ContentURL, f.Size = "redacted.txt", "", 0
	d.redacted(rec, event{Type: "AttachmentRedactionEvent", CommentID: comment, AttachmentID: file}, by)
	return nil
}

// redacted notes a redaction in an audit of its own.
func (d *Desk) redacted(rec *record, e event, by actor) {
	z, at := &d.state, d.now()
	audit := z.audit(rec.Ticket.ID, by, at)
	e.ID = z.nextAudit()
	audit.Events = append(audit.Events, e)
	d.commit(rec, audit, at)
}

func (d *Desk) putRedaction(c *call) (any, *apiError) {
	var in struct{ Text string }
	rec, e := d.ticket(c)
	if e == nil {
		e = c.decode(&in)
	}
	if e == nil && in.Text == "" {
		e = badRequest("ParameterMissing", "Parameter text is required")
	}
	if e == nil {
		e = d.redact(rec, c.commentID(), in.Text, c.by)
	}
	if e != nil {
		return nil, e
	}
	return map[string]any{"comment": rec.comment(c.commentID())}, nil
}

func (d *Desk) putFileRedaction(c *call) (any, *apiError) {
	file, _ := strconv.ParseInt(c.PathValue("file"), 10, 64) // no file has the id 0
	rec, e := d.ticket(c)
	if e == nil {
		e = d.redactFile(rec, c.commentID(), file, c.by)
	}
	if e != nil {
		return nil, e
	}
	return map[string]any{"attachment": rec.comment(c.commentID()).file(file)}, nil
}

// softDeleted is the deleted ticket with that id that can still be restored, or nil.
func (z *State) softDeleted(id int64) *record {
	if rec := z.record(id); rec != nil && rec.Ticket.Status == "deleted" && !rec.Purged {
		return rec
	}
	return nil
}

// listDeleted shows what can still be restored.
func (d *Desk) listDeleted(c *call) (any, *apiError) {
	list := []any{}
	for _, rec := range d.state.Tickets {
		if d.state.softDeleted(rec.Ticket.ID) != nil {
			list = append(list, map[string]any{"id": rec.Ticket.ID, "subject": rec.Ticket.Subject, "deleted_at": rec.Ticket.UpdatedAt, "previous_state": rec.Before})
		}
	}
	return page(c, "deleted_tickets", list)
}

// purgeTicket deletes a ticket for good that is deleted already, by a job.
func (d *Desk) purgeTicket(c *call) (any, *apiError) {
	rec := d.state.softDeleted(c.id())
	if rec == nil {
		return nil, errNotFound
	}
	d.purge(rec)
	job := &job{At: d.Real(), ID: "V3-purge-" + strconv.FormatInt(rec.Ticket.ID, 10), By: c.by.id()}
	d.state.Jobs = append(d.state.Jobs, job)
	return map[string]any{"job_status": d.jobView(job)}, nil
}

// purge leaves of a ticket a row in the export whose texts are scrubbed. What such a
// row holds isn't documented; its status is.
func (d *Desk) purge(rec *record) {
	rec.Purged, rec.Audits = true, nil
	t := &rec.Ticket
	t.Subject, t.Description, t.Tags, t.CustomFields, t.Recipient = "SCRUBBED", "SCRUBBED", []string{}, []Value{}, nil
	t.UpdatedAt = d.now()
	d.stamp(rec)
	d.announce(rec, nil)
}

func (d *Desk) restoreTicket(c *call) (any, *apiError) {
	rec := d.state.softDeleted(c.id())
	if rec == nil {
		return nil, errNotFound
	}
	d.restore(rec)
	return answer{http.StatusOK, map[string]any{}, ""}, nil
}

func (d *Desk) restore(rec *record) {
	rec.Ticket.Status, rec.Ticket.UpdatedAt = rec.Before, d.now()
	d.stamp(rec)
	d.announce(rec, nil)
}

// announceUser queues the webhooks that hear of what happens to people
// (developer.zendesk.com/api-reference/webhooks/event-types/user-events).
func (d *Desk) announceUser(what string, u *user) {
	id := strconv.FormatInt(u.ID, 10)
	kind := "zen:event-type:user." + what
	for _, w := range d.calledNow() {
		if w.byTriggers || !w.hears(kind) {
			continue
		}
		d.Enqueue(vendor, w.hook, map[string]any{
			"type": kind, "account_id": accountID, "id": stage.UUID(), "time": u.UpdatedAt.Format("2006-01-02T15:04:05.000000000Z"),
			"zendesk_event_version": "2022-11-06", "subject": "zen:user:" + id,
			"detail": map[string]any{"id": id, "email": u.Email, "role": u.Role, "created_at": u.CreatedAt, "updated_at": u.UpdatedAt},
			"event":  map[string]any{},
		}, map[string]string{"X-Zendesk-Webhook-Id": w.id})
	}
}

// Redact has a person black words out in the ticket's last comment.
func (d *Desk) Redact(id int64, by, words string) error {
	return d.last(id, by, func(rec *record, comment int64, actor actor) *apiError {
		return d.redact(rec, comment, words, actor)
	})
}

// RedactFirst has a person black words out in what the ticket was opened with.
func (d *Desk) RedactFirst(id int64, by, words string) error {
	return d.last(id, by, func(rec *record, _ int64, actor actor) *apiError {
		return d.redact(rec, rec.comments()[0].ID, words, actor)
	})
}

// Purge has an admin delete a ticket for good; if it isn't deleted yet, it is first.
func (d *Desk) Purge(id int64) error {
	return d.act(func(st *State) error {
		if rec := st.live(id); rec != nil {
			d.delete(rec)
		}
		rec := st.softDeleted(id)
		if rec == nil {
			return errNotFound
		}
		d.purge(rec)
		return nil
	})
}

// Restore has an admin take back a ticket's deletion.
func (d *Desk) Restore(id int64) error {
	return d.act(func(st *State) error {
		rec := st.softDeleted(id)
		if rec == nil {
			return errNotFound
		}
		d.restore(rec)
		return nil
	})
}
