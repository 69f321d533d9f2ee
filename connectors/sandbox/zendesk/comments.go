package zendesk

import (
	"fmt"
	"net/http"
	"strconv"

	"cmp"
	"crypto/md5"

	"vigie/connectors/sandbox/stage"
)

// What is done to comments afterwards: a public one is made private, words are
// blacked out; and what a merge leaves behind. Comments themselves stay in the audit
// that they came in.

// comment finds a ticket's comment by its id; nil if it has none.
func (rec *record) comment(id int64) *event {
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
func (d *Desk) makePrivate(rec *record, comment int64, by actor) *apiError {
	if rec.comment(comment) == nil {
		return errNotFound
	}
	z, at := &d.state, d.now()
	audit, public := z.audit(rec.Ticket.ID, by, at), false
	audit.Events = append(audit.Events, event{ID: z.nextAudit(), Type: "CommentPrivacyChange", CommentID: comment, Public: &public})
	d.commit(rec, audit, at)
	return nil
}

func (c *call) commentID() int64 {
	id, _ := strconv.ParseInt(c.PathValue("comment"), 10, 64) // no comment has the id 0
	return id
}

func (d *Desk) putPrivate(c *call) (any, *apiError) {
	rec, e := d.ticket(c)
	if e == nil {
		e = d.makePrivate(rec, c.commentID(), c.by)
	}
	if e != nil {
		return nil, e
	}
	return answer{http.StatusOK, "", ""}, nil
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
func (d *Desk) merge(target *record, in mergeRequest, by actor) *apiError {
	z := &d.state
	var sources []*record
	for _, id := range in.IDs {
		rec := z.live(id)
		if rec == nil || rec == target || rec.Ticket.Status == "closed" {
			return invalid("ids", fmt.Sprintf("Ticket %d can't be merged", id))
		}
		sources = append(sources, rec)
	}
	notice := func(rec *record, text string, public bool, from map[string]any, change input) *apiError {
		rel, actor := "merge", by
		actor.via = via(by.via.Channel)
		actor.via.Source.Rel, actor.via.Source.From = &rel, from
		change["comment"] = stage.JSON(comment{Body: text, Public: &public})
		_, e := d.update(rec, change, actor)
		return e
	}
	for _, rec := range sources {
		text := cmp.Or(in.Source, fmt.Sprintf("This request was closed and merged into request #%d", target.Ticket.ID))
		if e := notice(rec, text, in.SourcePublic, map[string]any{"ticket_id": target.Ticket.ID, "subject": target.Ticket.Subject},
			input{"status": stage.JSON("closed"), "additional_tags": stage.JSON("closed_by_merge")}); e != nil {
			return e
		}
	}
	text := cmp.Or(in.Target, fmt.Sprintf("Requests %v were closed and merged into this request.", in.IDs))
	return notice(target, text, in.TargetPublic, map[string]any{"ticket_ids": in.IDs}, input{})
}

// postMerge answers with a job, whose work is done at once.
func (d *Desk) postMerge(c *call) (any, *apiError) {
	var in mergeRequest
	rec, e := d.ticket(c)
	if e == nil {
		e = c.decode(&in)
	}
	if e == nil && len(in.IDs) == 0 {
		e = badRequest("ParameterMissing", "Parameter ids is required")
	}
	if e == nil {
		e = d.merge(rec, in, c.by)
	}
	if e != nil {
		return nil, e
	}
	z := &d.state
	z.LastJob++
	job := &job{At: d.Real(), ID: fmt.Sprintf("V3-%x", md5.Sum([]byte(strconv.FormatInt(z.LastJob, 10)))), By: c.by.id()}
	for i, id := range in.IDs {
		job.Rows = append(job.Rows, input{"id": stage.JSON(id)})
		job.Results = append(job.Results, result{Index: i, ID: id, Action: "update", Status: "Updated", Success: true})
	}
	z.Jobs = append(z.Jobs, job)
	return map[string]any{"job_status": d.jobView(job)}, nil
}

// putSpam deletes the ticket and suspends its requester.
func (d *Desk) putSpam(c *call) (any, *apiError) {
	rec, e := d.ticket(c)
	if e != nil {
		return nil, e
	}
	d.spam(rec)
	return answer{http.StatusOK, "", ""}, nil
}

func (d *Desk) spam(rec *record) {
	if u := d.state.user(rec.Ticket.RequesterID); u != nil {
		u.Suspended = true
	}
	d.delete(rec)
}

// MakePrivate has a person make the ticket's last comment private.
func (d *Desk) MakePrivate(id int64, by string) error {
	return d.last(id, by, func(rec *record, comment int64, actor actor) *apiError {
		return d.makePrivate(rec, comment, actor)
	})
}

// Merge has an agent merge a ticket into another, with notices that customers see if
// public.
func (d *Desk) Merge(source, into int64, by string, public bool) error {
	return d.last(into, by, func(rec *record, _ int64, actor actor) *apiError {
		return d.merge(rec, mergeRequest{IDs: []int64{source}, SourcePublic: public, TargetPublic: public}, actor)
	})
}

// Spam has an agent mark the ticket as spam.
func (d *Desk) Spam(id int64) error {
	return d.act(func(st *State) error {
		rec := st.live(id)
		if rec == nil {
			return errNotFound
		}
		d.spam(rec)
		return nil
	})
}

// last has somebody do something about a ticket's last comment.
func (d *Desk) last(id int64, by string, do func(rec *record, comment int64, actor actor) *apiError) error {
	return d.act(func(st *State) error {
		rec := st.live(id)
		if rec == nil {
			return errNotFound
		}
		actor, err := d.actor(by)
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

// comment is the "comment" of a write; public unless it says otherwise.
type comment struct {
	Body     string   `json:"body"`
	HTMLBody string   `json:"html_body"`
	Public   *bool    `json:"public"`
	AuthorID int64    `json:"author_id"`
	Uploads  []string `json:"uploads,omitempty"` // tokens
}

func (c *comment) text() string {
	if c.Body != "" {
		return c.Body
	}
	return c.HTMLBody
}

func (c *comment) public() bool { return c.Public == nil || *c.Public }
