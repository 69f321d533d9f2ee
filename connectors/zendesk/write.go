package zendesk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"vigie/connectors/desk"
	"vigie/connectors/rest"
)

// jobsAtOnce is how many jobs are given to Zendesk at once. It takes 30 of an
// account, ours and other programs' together.
const jobsAtOnce = 10

// An editedTicket is an Edit as update_many takes it: additional_tags and
// remove_tags, never tags, which would replace all.
type editedTicket struct {
	ID             int64           `json:"id"`
	AdditionalTags []string        `json:"additional_tags,omitempty"`
	RemoveTags     []string        `json:"remove_tags,omitempty"`
	CustomFields   []editedField   `json:"custom_fields,omitempty"`
	DueAt          json.RawMessage `json:"due_at,omitempty"`
	Priority       string          `json:"priority,omitempty"`
	AssigneeID     json.RawMessage `json:"assignee_id,omitempty"`
	GroupID        json.Number     `json:"group_id,omitempty"`
	UpdatedStamp   string          `json:"updated_stamp,omitempty"`
	SafeUpdate     bool            `json:"safe_update,omitempty"`

	edit  desk.Edit
	agent agent // whom it is assigned to; none where that is left alone, or nobody is
}

type editedField struct {
	ID    int64   `json:"id"`
	Value *string `json:"value"` // null clears
}

// Write hands edits over, a hundred tickets to a job, and looks at the jobs for
// a few seconds. Each edit has its result at its place: nil is done,
// *rules.Underway handed over and not yet known, for Follow, and
// rules.ErrUntouchable a ticket that is closed, deleted or gone. A row that
// failed for another reason is tried once more by itself, on the ticket as it is
// then, with collision protection. What people chose is looked at first, and some of
// it written (chosen.go). The error is for a vendor that can't be
// asked: then every edit that is neither done nor under way has it as its result.
func (c *Client) Write(ctx context.Context, edits []desk.Edit) ([]error, error) {
	results := make([]error, len(edits))
	var rows []placedEdit
	for i, e := range edits {
		if e.Empty() {
			continue
		}
		ticket, err := c.edited(e)
		if err != nil {
			results[i] = err
			continue
		}
		rows = append(rows, placedEdit{place: i, ticket: ticket})
	}
	rows, err := c.chosen(ctx, rows, results)
	if err != nil {
		return fill(results, rows, err), err
	}
	// Jobs run side by side, so two edits of one ticket are never in one round.
	last := map[int64]int{} // the place of the last edit of each ticket
	for len(rows) > 0 {
		var round, later []placedEdit
		in := map[int64]bool{}
		for _, r := range rows {
			before, twice := last[r.ticket.ID]
			switch {
			case in[r.ticket.ID] || len(round) == jobsAtOnce*perRequest:
				later = append(later, r)
				continue
			case twice && results[before] != nil:
				results[r.place] = fmt.Errorf("write ticket %d: an earlier edit comes first: %w", r.ticket.ID, results[before])
			default:
				round = append(round, r)
			}
			in[r.ticket.ID], last[r.ticket.ID] = true, r.place
		}
		if err := c.writeRound(ctx, round, results); err != nil {
			return fill(results, later, err), err
		}
		rows = later
	}
	return results, nil
}

// Follow asks what has become of edits that were under way, with results like
// Write's. An edit whose job Zendesk has forgotten is looked for in its ticket.
func (c *Client) Follow(ctx context.Context, handed []desk.Handed) ([]error, error) {
	results := make([]error, len(handed))
	jobs := map[string]*job{}
	var list []*job
	for i, h := range handed {
		results[i] = &desk.Underway{Job: h.Job}
		ticket, err := c.edited(h.Edit)
		if err != nil { // the configuration has changed since
			results[i] = err
			continue
		}
		if err := c.nameAgent(ctx, &ticket); errors.Is(err, desk.ErrNobody) {
			results[i] = err
			continue
		} else if err != nil {
			return results, err
		}
		j := jobs[h.Job]
		if j == nil {
			j = &job{status: jobStatus{ID: text(h.Job), Status: "queued"}, since: h.Since}
			jobs[h.Job], list = j, append(list, j)
		}
		j.rows = append(j.rows, placedEdit{place: i, ticket: ticket})
	}
	if err := c.updateJobs(ctx, list); err != nil {
		return results, err
	}
	return results, c.finish(ctx, list, results)
}

// fill gives rows that weren't begun their result.
func fill(results []error, rows []placedEdit, err error) []error {
	for _, r := range rows {
		results[r.place] = err
	}
	return results
}

// A placedEdit is one ticket of a request, and the place of its edit in the caller's list.
type placedEdit struct {
	place  int
	ticket editedTicket
}

// writeRound writes the rows side by side and puts their results into place.
func (c *Client) writeRound(ctx context.Context, round []placedEdit, results []error) error {
	jobs, failed := c.handOver(ctx, round, perRequest, results)
	if err := c.await(ctx, jobs); err != nil {
		failed = cmp.Or(failed, err)
	}
	return cmp.Or(failed, c.finish(ctx, jobs, results))
}

// handOver gives the rows to Zendesk, so many to a job. A request that it refuses
// as such is divided until the ticket that it is about stands alone. At another
// failure the rows not handed over have it as their result.
func (c *Client) handOver(ctx context.Context, rows []placedEdit, size int, results []error) (jobs []*job, failed error) {
	for part := range slices.Chunk(rows, size) {
		if failed != nil {
			fill(results, part, failed)
			continue
		}
		tickets := make([]editedTicket, len(part))
		for i, r := range part {
			tickets[i] = r.ticket
		}
		var answer struct {
			Job jobStatus `json:"job_status"`
		}
		err := c.put(ctx, "/tickets/update_many.json", map[string]any{"tickets": tickets}, &answer, "job_status")
		if err == nil && answer.Job.ID == "" {
			err = &rest.NotTheAPI{Method: "PUT", Path: "/tickets/update_many.json", Was: "a job without an id"}
		}
		var foreign *rest.NotTheAPI
		switch asSuch := refused(err, http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity); {
		case asSuch && len(part) > 1:
			var some []*job
			some, failed = c.handOver(ctx, part, (len(part)+1)/2, results)
			jobs = append(jobs, some...)
		case asSuch:
			results[part[0].place] = &refusal{part[0].ticket.ID, err, true}
			jobs = append(jobs, &job{status: jobStatus{Status: turnedDown}, rows: part})
		case err != nil:
			failed = fmt.Errorf("update tickets: %w", err)
			fill(results, part, failed)
			if errors.As(err, &foreign) {
				jobs = append(jobs, &job{status: jobStatus{Status: unanswered}, rows: part})
			}
		default:
			jobs = append(jobs, &job{status: answer.Job, rows: part})
		}
	}
	return jobs, failed
}

// finish puts the results of jobs into place, as far as they are known. What was
// refused, or of which nothing is known, is looked at in its ticket: it may be
// there already, and a ticket may be beyond change. What else a job of several
// refused is tried singly, a few at a time: the others stay under way with that
// job, for the next time.
func (c *Client) finish(ctx context.Context, jobs []*job, results []error) error {
	var open []placedEdit
	of := map[int]*job{}
	for _, j := range jobs {
		if j.hasResults() {
			c.applyResults(j, results)
		}
		for _, r := range j.rows {
			var way *desk.Underway
			if results[r.place] != nil && !errors.As(results[r.place], &way) {
				open, of[r.place] = append(open, r), j
			}
		}
	}
	var again []placedEdit
	who := &asker{client: c}
	for chunk := range slices.Chunk(open, perRequest) {
		ids := make([]string, len(chunk))
		for i, r := range chunk {
			ids[i] = fmt.Sprint(r.ticket.ID)
		}
		shown, err := c.findRows(ctx, who, ids)
		if err != nil {
			return err // each of them keeps its reason, or its doubt
		}
		for i, r := range chunk {
			var now wireTicket
			_ = decode(shown.rows[ids[i]], &now) // an odd row is tried without a stamp
			var no *refusal
			switch {
			case shown.unsure[ids[i]] != nil: // it keeps its reason, or its doubt
			case shown.gone[ids[i]] || now.Status == "closed" || now.Status == "deleted":
				results[r.place] = fmt.Errorf("write ticket %s: %w", ids[i], desk.ErrUntouchable)
			case r.ticket.holdsIn(now):
				results[r.place] = nil
			case errors.As(results[r.place], &no) && r.ticket.edit.Assign != nil:
				results[r.place] = r.ticket.notAssigned(no)
			case errors.As(results[r.place], &no) && !no.alone:
				if j := of[r.place]; len(again) == jobsAtOnce {
					results[r.place] = &desk.Underway{Job: string(j.status.ID)}
					continue
				}
				r.ticket.UpdatedStamp, r.ticket.SafeUpdate = string(now.UpdatedAt), now.UpdatedAt != ""
				again = append(again, r)
			}
		}
	}
	singles, failed := c.handOver(ctx, again, 1, results)
	for _, j := range singles {
		if j.hasResults() {
			c.applyResults(j, results)
		}
	}
	return failed
}

// holdsIn says that the ticket already is as the edit would have it.
func (t *editedTicket) holdsIn(now wireTicket) bool {
	is := now.current()
	tags := strings.Fields(is["tags"])
	has := func(tag string) bool {
		return slices.ContainsFunc(tags, func(s string) bool { return strings.EqualFold(s, tag) })
	}
	holds := !slices.ContainsFunc(t.RemoveTags, has)
	for _, tag := range t.AdditionalTags {
		holds = holds && has(tag)
	}
	for _, f := range t.CustomFields {
		want := ""
		if f.Value != nil {
			want = *f.Value
		}
		holds = holds && is[fmt.Sprint(f.ID)] == want
	}
	if t.DueAt != nil {
		holds = holds && is["due_at"] == fieldValue("due_at", t.DueAt)
	}
	if t.AssigneeID != nil {
		holds = holds && is["assignee_id"] == t.agent.id
	}
	return holds && (t.Priority == "" || strings.EqualFold(is["priority"], t.Priority))
}

// edited is an edit as Zendesk takes it; the error says why it can't be.
func (c *Client) edited(e desk.Edit) (editedTicket, error) {
	id, err := ticketNumber(e.ID)
	if err != nil {
		return editedTicket{}, fmt.Errorf("write ticket: %w", err)
	}
	t := editedTicket{ID: id, AdditionalTags: e.AddTags, RemoveTags: e.RemoveTags, edit: e}
	for name, value := range e.Fields {
		if name == "due_at" {
			t.DueAt = json.RawMessage("null")
			if value != "" {
				t.DueAt = quote(value)
			}
			continue
		}
		field, err := ticketNumber(name)
		if err != nil {
			return t, fmt.Errorf("write ticket %s: %.40q is no custom field's id and not due_at", e.ID, name)
		}
		f := editedField{ID: field}
		if value != "" {
			f.Value = &value
		}
		t.CustomFields = append(t.CustomFields, f)
	}
	slices.SortFunc(t.CustomFields, func(a, b editedField) int { return cmp.Compare(a.ID, b.ID) })
	if e.Priority != "" {
		vendor, ok := c.cfg.vendorPriority(e.Priority)
		if !ok {
			return t, fmt.Errorf("write ticket %s: Zendesk has no priority for %q", e.ID, e.Priority)
		}
		t.Priority = vendor
	}
	return t, nil
}
