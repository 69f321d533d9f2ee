package zendesk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"vigie/rules"
)

// jobsAtOnce is how many jobs are given to Zendesk before their end is waited
// for. It takes 30 of an account, ours and other programs' together.
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
	UpdatedStamp   string          `json:"updated_stamp,omitempty"`
	SafeUpdate     bool            `json:"safe_update,omitempty"`
}

type editedField struct {
	ID    int64   `json:"id"`
	Value *string `json:"value"` // null clears
}

// Write carries edits out, a hundred tickets to a request, and waits for
// Zendesk's jobs to end. Each edit has its result at its place: nil is done, and
// rules.ErrUntouchable a ticket that is closed, deleted or gone. A row that
// failed for another reason is tried once more by itself, on the ticket as it is
// then, with collision protection. The error is for a vendor that can't be
// asked: then every edit that isn't known to be done has it as its result.
func (c *Client) Write(ctx context.Context, edits []rules.Edit) ([]error, error) {
	results := make([]error, len(edits))
	// Jobs run side by side, so two edits of one ticket are never in one round.
	var round []row
	in := map[int64]bool{}
	for i, e := range edits {
		if e.Empty() {
			continue
		}
		ticket, err := c.edited(e)
		if err != nil {
			results[i] = err
			continue
		}
		if in[ticket.ID] || len(round) == jobsAtOnce*perRequest {
			if err := c.writeRound(ctx, round, results); err != nil {
				return fill(results, edits[i:], i, err), err
			}
			round, in = nil, map[int64]bool{}
		}
		round = append(round, row{edit: i, ticket: ticket})
		in[ticket.ID] = true
	}
	return results, c.writeRound(ctx, round, results)
}

// fill gives the edits from place i on, which weren't begun, their result.
func fill(results []error, rest []rules.Edit, i int, err error) []error {
	for j, e := range rest {
		if results[i+j] == nil && !e.Empty() {
			results[i+j] = err
		}
	}
	return results
}

// A row is one ticket of a request, and the place of its edit.
type row struct {
	edit   int
	ticket editedTicket
}

// writeRound writes the rows side by side and puts their results into place.
func (c *Client) writeRound(ctx context.Context, round []row, results []error) error {
	if len(round) == 0 {
		return nil
	}
	for _, r := range round {
		results[r.edit] = errUnknown
	}
	err := c.runJobs(ctx, round, perRequest, results)
	if err == nil {
		err = c.retryFailed(ctx, round, results)
	}
	if err != nil {
		for _, r := range round {
			if errors.Is(results[r.edit], errUnknown) {
				results[r.edit] = err
			}
		}
	}
	return err
}

// retryFailed looks at the tickets of failed rows and tries those again that can
// be changed.
func (c *Client) retryFailed(ctx context.Context, round []row, results []error) error {
	var failed []row
	for _, r := range round {
		if results[r.edit] != nil {
			failed = append(failed, r)
		}
	}
	var again []row
	for chunk := range slices.Chunk(failed, perRequest) {
		ids := make([]string, len(chunk))
		for i, r := range chunk {
			ids[i] = fmt.Sprint(r.ticket.ID)
		}
		rows, err := c.rows(ctx, ids)
		if err != nil {
			return err
		}
		for i, r := range chunk {
			var now wireTicket
			raw, ok := rows[ids[i]]
			if ok {
				_ = decode(raw, &now) // an odd row is tried without a stamp
			}
			if !ok || now.Status == "closed" || now.Status == "deleted" {
				results[r.edit] = fmt.Errorf("write ticket %s: %w", ids[i], rules.ErrUntouchable)
				continue
			}
			r.ticket.UpdatedStamp, r.ticket.SafeUpdate = string(now.UpdatedAt), now.UpdatedAt != ""
			again = append(again, r)
		}
	}
	for part := range slices.Chunk(again, jobsAtOnce) {
		if err := c.runJobs(ctx, part, 1, results); err != nil {
			return err
		}
	}
	return nil
}

// runJobs gives the rows to Zendesk, so many to a job, and waits for the jobs.
// A request that Zendesk refuses as such fails its rows and no others.
func (c *Client) runJobs(ctx context.Context, rows []row, size int, results []error) error {
	var jobs []*job
	for part := range slices.Chunk(rows, size) {
		tickets := make([]editedTicket, len(part))
		for i, r := range part {
			tickets[i] = r.ticket
		}
		var answer struct {
			Job jobStatus `json:"job_status"`
		}
		err := c.put(ctx, "/tickets/update_many.json", map[string]any{"tickets": tickets}, &answer)
		if refused(err, http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity) {
			for _, r := range part {
				results[r.edit] = fmt.Errorf("write ticket %d: %w", r.ticket.ID, err)
			}
			continue
		}
		if err != nil {
			err = fmt.Errorf("update tickets: %w", err)
			// The jobs before this one have begun: their results are worth having.
			return cmp.Or(c.follow(ctx, jobs, results), err)
		}
		jobs = append(jobs, &job{status: answer.Job, rows: part})
	}
	return c.follow(ctx, jobs, results)
}

// edited is an edit as Zendesk takes it; the error says why it can't be.
func (c *Client) edited(e rules.Edit) (editedTicket, error) {
	id, err := ticketNumber(e.ID)
	if err != nil {
		return editedTicket{}, fmt.Errorf("write ticket: %w", err)
	}
	t := editedTicket{ID: id, AdditionalTags: e.AddTags, RemoveTags: e.RemoveTags}
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
