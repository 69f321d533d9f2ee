package zendesk

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"

	"crypto/md5"

	"vigie/connectors/sandbox/stage"
)

// What is done to comments afterwards: a public one is made private, words are
// blacked out; and what a merge leaves behind. Comments themselves stay in the audit
// that they came in.

// comment finds a ticket's comment by its id; nil if it has none.
func (rec *zendeskRecord) comment(id int64) *zendeskEvent {
	for i := range rec.Audits {
		for j := range rec.Audits[i].Events {
			if e := &rec.Audits[i].Events[j]; e.Type == "Comment" && e.ID == id {
				return e
			}
		}
	}
	return nil
}

// makePrivate has the customer see a comment no more. Its audit still says that it
// was public: an event of a further audit says that it isn't now
// (Ticket Audit events reference, Comment privacy change event).
func (s *Desk) makePrivate(rec *zendeskRecord, comment int64, by zendeskActor) *zendeskError {
	if rec.comment(comment) == nil {
		return errNotFound
	}
	z, at := &s.state, s.zendeskNow()
	audit, public := z.audit(rec.Ticket.ID, by, at), false
	audit.Events = append(audit.Events, zendeskEvent{ID: z.nextAudit(), Type: "CommentPrivacyChange", CommentID: comment, Public: &public})
	s.commitZendesk(rec, audit, at)
	return nil
}

func (c *zendeskCall) commentID() int64 {
	id, _ := strconv.ParseInt(c.PathValue("comment"), 10, 64) // no comment has the id 0
	return id
}

func (s *Desk) putPrivate(c *zendeskCall) (any, *zendeskError) {
	rec, e := s.ticket(c)
	if e == nil {
		e = s.makePrivate(rec, c.commentID(), c.by)
	}
	if e != nil {
		return nil, e
	}
	return zendeskAnswer{http.StatusOK, "", ""}, nil
}

// A mergeRequest is what the merge of tickets is asked with.
type mergeRequest struct {
	IDs          []int64 `json:"ids"`
	Source       string  `json:"source_comment"`
	Target       string  `json:"target_comment"`
	SourcePublic bool    `json:"source_comment_is_public"`
	TargetPublic bool    `json:"target_comment_is_public"`
}

// merge closes tickets, because what they are about goes on in another. Both sides
// have a notice, which comes over the relation "merge".
func (s *Desk) merge(target *zendeskRecord, in mergeRequest, by zendeskActor) *zendeskError {
	z := &s.state
	var sources []*zendeskRecord
	for _, id := range in.IDs {
		rec := z.live(id)
		if rec == nil || rec == target || rec.Ticket.Status == "closed" {
			return invalid("ids", fmt.Sprintf("Ticket %d can't be merged", id))
		}
		sources = append(sources, rec)
	}
	notice := func(rec *zendeskRecord, text string, public bool, from map[string]any, change zendeskInput) *zendeskError {
		rel, actor := "merge", by
		actor.via = via(by.via.Channel)
		actor.via.Source.Rel, actor.via.Source.From = &rel, from
		change["comment"] = stage.JSON(zendeskComment{Body: text, Public: &public})
		_, e := s.updateZendesk(rec, change, actor)
		return e
	}
	for _, rec := range sources {
		text := cmp.Or(in.Source, fmt.Sprintf("This request was closed and merged into request #%d", target.Ticket.ID))
		if e := notice(rec, text, in.SourcePublic, map[string]any{"ticket_id": target.Ticket.ID, "subject": target.Ticket.Subject},
			zendeskInput{"status": stage.JSON("closed"), "additional_tags": stage.JSON("closed_by_merge")}); e != nil {
			return e
		}
	}
	text := cmp.Or(in.Target, fmt.Sprintf("Requests %v were closed and merged into this request.", in.IDs))
	return notice(target, text, in.TargetPublic, map[string]any{"ticket_ids": in.IDs}, zendeskInput{})
}

// postMerge answers with a job, whose work is done at once.
func (s *Desk) postMerge(c *zendeskCall) (any, *zendeskError) {
	var in mergeRequest
	rec, e := s.ticket(c)
	if e == nil {
		e = c.decode(&in)
	}
	if e == nil && len(in.IDs) == 0 {
		e = badRequest("ParameterMissing", "Parameter ids is required")
	}
	if e == nil {
		e = s.merge(rec, in, c.by)
	}
	if e != nil {
		return nil, e
	}
	z := &s.state
	z.LastJob++
	job := &zendeskJob{At: s.Real(), ID: fmt.Sprintf("V3-%x", md5.Sum([]byte(strconv.FormatInt(z.LastJob, 10)))), By: c.by.id()}
	for i, id := range in.IDs {
		job.Rows = append(job.Rows, zendeskInput{"id": stage.JSON(id)})
		job.Results = append(job.Results, zendeskResult{Index: i, ID: id, Action: "update", Status: "Updated", Success: true})
	}
	z.Jobs = append(z.Jobs, job)
	return map[string]any{"job_status": s.jobView(job)}, nil
}

// putSpam deletes the ticket and suspends its requester.
func (s *Desk) putSpam(c *zendeskCall) (any, *zendeskError) {
	rec, e := s.ticket(c)
	if e != nil {
		return nil, e
	}
	s.spam(rec)
	return zendeskAnswer{http.StatusOK, "", ""}, nil
}

func (s *Desk) spam(rec *zendeskRecord) {
	if u := s.state.user(rec.Ticket.RequesterID); u != nil {
		u.Suspended = true
	}
	s.deleteZendesk(rec)
}

// MakePrivate has a person make the ticket's last comment private.
func (z *Desk) MakePrivate(id int64, by string) error {
	return z.last(id, by, func(rec *zendeskRecord, comment int64, actor zendeskActor) *zendeskError {
		return z.makePrivate(rec, comment, actor)
	})
}

// Merge has an agent merge a ticket into another, with notices that customers see if
// public.
func (z *Desk) Merge(source, into int64, by string, public bool) error {
	return z.last(into, by, func(rec *zendeskRecord, _ int64, actor zendeskActor) *zendeskError {
		return z.merge(rec, mergeRequest{IDs: []int64{source}, SourcePublic: public, TargetPublic: public}, actor)
	})
}

// Spam has an agent mark the ticket as spam.
func (z *Desk) Spam(id int64) error {
	return z.act(func(st *ZendeskState) error {
		rec := st.live(id)
		if rec == nil {
			return errNotFound
		}
		z.spam(rec)
		return nil
	})
}

// last has somebody do something about a ticket's last comment.
func (z *Desk) last(id int64, by string, do func(rec *zendeskRecord, comment int64, actor zendeskActor) *zendeskError) error {
	return z.act(func(st *ZendeskState) error {
		rec := st.live(id)
		if rec == nil {
			return errNotFound
		}
		actor, err := z.zendeskActor(by)
		if err != nil {
			return err
		}
		comment := int64(0)
		for _, a := range rec.Audits {
			for _, e := range a.Events {
				if e.Type == "Comment" {
					comment = e.ID
				}
			}
		}
		if e := do(rec, comment, actor); e != nil {
			return e
		}
		return nil
	})
}
