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

// zendeskErasures are the ways in which an erasure isn't told.
func zendeskErasures() map[string]stage.Manner {
	return map[string]stage.Manner{
		"purged-unlisted": {About: "leaves tickets that were deleted permanently out of the export, whose rows for them aren't documented"},
	}
}

// comments are the ticket's, in order.
func (rec *zendeskRecord) comments() (list []*zendeskEvent) {
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
func (s *Desk) redact(rec *zendeskRecord, comment int64, words string, by zendeskActor) *zendeskError {
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
	s.redacted(rec, zendeskEvent{Type: "CommentRedactionEvent", CommentID: comment}, by)
	return nil
}

// file is one that came with a comment, or nil.
func (e *zendeskEvent) file(id int64) *zendeskFile {
	if e.Attachments == nil {
		return nil
	}
	i := slices.IndexFunc(*e.Attachments, func(f zendeskFile) bool { return f.ID == id })
	if i < 0 {
		return nil
	}
	return &(*e.Attachments)[i]
}

// redactFile takes a file out of a comment, and leaves an empty one in its place.
func (s *Desk) redactFile(rec *zendeskRecord, comment, file int64, by zendeskActor) *zendeskError {
	e := rec.comment(comment)
	if e == nil {
		return errNotFound
	}
	f := e.file(file)
	if f == nil {
		return errNotFound
	}
	f.FileName, f.ContentURL, f.Size = "redacted.txt", "", 0
	s.redacted(rec, zendeskEvent{Type: "AttachmentRedactionEvent", CommentID: comment, AttachmentID: file}, by)
	return nil
}

// redacted notes a redaction in an audit of its own.
func (s *Desk) redacted(rec *zendeskRecord, e zendeskEvent, by zendeskActor) {
	z, at := &s.state, s.zendeskNow()
	audit := z.audit(rec.Ticket.ID, by, at)
	e.ID = z.nextAudit()
	audit.Events = append(audit.Events, e)
	s.commitZendesk(rec, audit, at)
}

func (s *Desk) putRedaction(c *zendeskCall) (any, *zendeskError) {
	var in struct{ Text string }
	rec, e := s.ticket(c)
	if e == nil {
		e = c.decode(&in)
	}
	if e == nil && in.Text == "" {
		e = badRequest("ParameterMissing", "Parameter text is required")
	}
	if e == nil {
		e = s.redact(rec, c.commentID(), in.Text, c.by)
	}
	if e != nil {
		return nil, e
	}
	return map[string]any{"comment": rec.comment(c.commentID())}, nil
}

func (s *Desk) putFileRedaction(c *zendeskCall) (any, *zendeskError) {
	file, _ := strconv.ParseInt(c.PathValue("file"), 10, 64) // no file has the id 0
	rec, e := s.ticket(c)
	if e == nil {
		e = s.redactFile(rec, c.commentID(), file, c.by)
	}
	if e != nil {
		return nil, e
	}
	return map[string]any{"attachment": rec.comment(c.commentID()).file(file)}, nil
}

// softDeleted is the deleted ticket with that id that can still be restored, or nil.
func (z *ZendeskState) softDeleted(id int64) *zendeskRecord {
	if rec := z.record(id); rec != nil && rec.Ticket.Status == "deleted" && !rec.Purged {
		return rec
	}
	return nil
}

// listDeleted shows what can still be restored.
func (s *Desk) listDeleted(c *zendeskCall) (any, *zendeskError) {
	list := []any{}
	for _, rec := range s.state.Tickets {
		if s.state.softDeleted(rec.Ticket.ID) != nil {
			list = append(list, map[string]any{"id": rec.Ticket.ID, "subject": rec.Ticket.Subject, "deleted_at": rec.Ticket.UpdatedAt, "previous_state": rec.Before})
		}
	}
	return page(c, "deleted_tickets", list)
}

// purgeTicket deletes a ticket for good that is deleted already, by a job.
func (s *Desk) purgeTicket(c *zendeskCall) (any, *zendeskError) {
	rec := s.state.softDeleted(c.id())
	if rec == nil {
		return nil, errNotFound
	}
	s.purge(rec)
	job := &zendeskJob{At: s.Real(), ID: "V3-purge-" + strconv.FormatInt(rec.Ticket.ID, 10), By: c.by.id()}
	s.state.Jobs = append(s.state.Jobs, job)
	return map[string]any{"job_status": s.jobView(job)}, nil
}

// purge leaves of a ticket a row in the export whose texts are scrubbed. What such a
// row holds isn't documented; its status is.
func (s *Desk) purge(rec *zendeskRecord) {
	rec.Purged, rec.Audits = true, nil
	t := &rec.Ticket
	t.Subject, t.Description, t.Tags, t.CustomFields, t.Recipient = "SCRUBBED", "SCRUBBED", []string{}, []ZendeskValue{}, nil
	t.UpdatedAt = s.zendeskNow()
	s.stampZendesk(rec)
	s.announceZendesk(rec, nil)
}

func (s *Desk) restoreTicket(c *zendeskCall) (any, *zendeskError) {
	rec := s.state.softDeleted(c.id())
	if rec == nil {
		return nil, errNotFound
	}
	s.restore(rec)
	return zendeskAnswer{http.StatusOK, map[string]any{}, ""}, nil
}

func (s *Desk) restore(rec *zendeskRecord) {
	rec.Ticket.Status, rec.Ticket.UpdatedAt = rec.Before, s.zendeskNow()
	s.stampZendesk(rec)
	s.announceZendesk(rec, nil)
}

// announceUser queues the webhooks that hear of what happens to people
// (developer.zendesk.com/api-reference/webhooks/event-types/user-events).
func (s *Desk) announceUser(what string, u *zendeskUser) {
	id := strconv.FormatInt(u.ID, 10)
	kind := "zen:event-type:user." + what
	for _, w := range s.calledNow() {
		if w.byTriggers || !w.hears(kind) {
			continue
		}
		s.Enqueue(vendor, w.hook, map[string]any{
			"type": kind, "account_id": zendeskAccount, "id": stage.UUID(), "time": u.UpdatedAt.Format("2006-01-02T15:04:05.000000000Z"),
			"zendesk_event_version": "2022-11-06", "subject": "zen:user:" + id,
			"detail": map[string]any{"id": id, "email": u.Email, "role": u.Role, "created_at": u.CreatedAt, "updated_at": u.UpdatedAt},
			"event":  map[string]any{},
		}, map[string]string{"X-Zendesk-Webhook-Id": w.id})
	}
}

// Redact has a person black words out in the ticket's last comment.
func (z *Desk) Redact(id int64, by, words string) error {
	return z.last(id, by, func(rec *zendeskRecord, comment int64, actor zendeskActor) *zendeskError {
		return z.redact(rec, comment, words, actor)
	})
}

// RedactFirst has a person black words out in what the ticket was opened with.
func (z *Desk) RedactFirst(id int64, by, words string) error {
	return z.last(id, by, func(rec *zendeskRecord, _ int64, actor zendeskActor) *zendeskError {
		return z.redact(rec, rec.comments()[0].ID, words, actor)
	})
}

// Purge has an admin delete a ticket for good; if it isn't deleted yet, it is first.
func (z *Desk) Purge(id int64) error {
	return z.act(func(st *ZendeskState) error {
		if rec := st.live(id); rec != nil {
			z.deleteZendesk(rec)
		}
		rec := st.softDeleted(id)
		if rec == nil {
			return errNotFound
		}
		z.purge(rec)
		return nil
	})
}

// Restore has an admin take back a ticket's deletion.
func (z *Desk) Restore(id int64) error {
	return z.act(func(st *ZendeskState) error {
		rec := st.softDeleted(id)
		if rec == nil {
			return errNotFound
		}
		z.restore(rec)
		return nil
	})
}
