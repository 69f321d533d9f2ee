package zendesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"vigie/connectors/desk"
)

// A job is one update_many that Zendesk works on. A hundred tickets take it five
// to fifteen seconds.
type job struct {
	status jobStatus
	rows   []placedEdit
	since  time.Time // zero for one that was begun just now
}

type jobStatus struct {
	ID      text            `json:"id"`
	Status  text            `json:"status"` // queued, working, then completed, failed or killed
	Total   text            `json:"total"`  // of its rows
	Message text            `json:"message"`
	Results json.RawMessage `json:"results"`
}

func (s *jobStatus) ended() bool { return s.Status != "queued" && s.Status != "working" }

// What stands for the status of what is no job of Zendesk's, any more or at all.
const (
	forgotten  = "forgotten"  // it doesn't know the job any more
	turnedDown = "refused"    // it didn't take the request
	unanswered = "unanswered" // nobody knows: the answer wasn't the API's
)

// hasResults says whether the job's status is what Zendesk says of its rows.
func (j *job) hasResults() bool {
	return j.status.Status != turnedDown && j.status.Status != unanswered
}

// alone says that the job is about one ticket.
func (j *job) alone() bool { return j.status.Total == "1" || j.status.Total == "" && len(j.rows) == 1 }

// jobResult is the result of one row. A completed job may hold failed rows.
type jobResult struct {
	Index   *int  `json:"index"`
	ID      text  `json:"id"`
	Success *bool `json:"success"`
	Status  text  `json:"status"`
	Error   text  `json:"error"`
	Details text  `json:"details"`
	Errors  text  `json:"errors"`
}

func (r *jobResult) ok() bool {
	if r.Success != nil {
		return *r.Success
	}
	return r.Error == "" && r.Status == "Updated"
}

// errUnknown is the result of a row of which Zendesk doesn't say what became.
var errUnknown = errors.New("zendesk doesn't say what became of it")

// A refusal is the result of a row that was certainly not carried out.
type refusal struct {
	ticket int64
	reason error
	alone  bool // by itself, so that trying it by itself is no news
}

func (r *refusal) Error() string { return fmt.Sprintf("write ticket %d: %v", r.ticket, r.reason) }
func (r *refusal) Unwrap() error { return r.reason }

// jobWaits are the pauses before each question about jobs that were begun just now; one
// that takes longer is asked about in another round.
var jobWaits = []time.Duration{time.Second, 2 * time.Second}

// await waits a little for jobs to end. Its error is a failure to ask, which leaves them
// as they were.
func (c *Client) await(ctx context.Context, jobs []*job) error {
	for _, wait := range jobWaits {
		if !slices.ContainsFunc(jobs, func(j *job) bool { return !j.status.ended() }) {
			return nil
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
			return nil
		}
		if err := c.cfg.Sleep(ctx, wait); err != nil {
			return nil // the time is over: that is no news of the jobs
		}
		if err := c.updateJobs(ctx, jobs); err != nil {
			return err
		}
	}
	return nil
}

// updateJobs asks for the status of the jobs that haven't ended, a hundred in one request.
// Zendesk forgets a job after an hour, or once a hundred others have followed it.
func (c *Client) updateJobs(ctx context.Context, jobs []*job) error {
	running := slices.DeleteFunc(slices.Clone(jobs), func(j *job) bool { return j.status.ended() })
	for part := range slices.Chunk(running, perRequest) {
		ids := make([]string, len(part))
		for i, j := range part {
			ids[i] = url.QueryEscape(string(j.status.ID))
		}
		var answer struct {
			Jobs []json.RawMessage `json:"job_statuses"`
		}
		err := c.get(ctx, "/job_statuses/show_many.json?ids="+strings.Join(ids, ","), &answer, "job_statuses")
		if err != nil && !refused(err, http.StatusNotFound) {
			return fmt.Errorf("read jobs: %w", err)
		}
		found := each[jobStatus](answer.Jobs)
		for _, j := range part {
			i := slices.IndexFunc(found, func(s jobStatus) bool { return s.ID == j.status.ID })
			if i < 0 {
				j.status.Status = forgotten
				continue
			}
			j.status = found[i]
		}
	}
	return nil
}

// applyResults puts the result of each of a job's edits into its place: *rules.Underway
// while the job hasn't ended, a *refusal for an edit that failed, errUnknown for one of
// which the job says nothing.
func (c *Client) applyResults(j *job, results []error) {
	if !j.status.ended() && (j.since.IsZero() || c.cfg.Now().Sub(j.since) < keptByZendesk) {
		for _, r := range j.rows {
			results[r.place] = &desk.Underway{Job: string(j.status.ID)}
		}
		return
	}
	for _, r := range j.rows {
		results[r.place] = fmt.Errorf("write ticket %d: job %s: %w", r.ticket.ID, shorten(string(j.status.Status)), errUnknown)
		if j.status.Status == "failed" || j.status.Status == "killed" {
			results[r.place] = &refusal{r.ticket.ID, fmt.Errorf("job %s: %s", shorten(string(j.status.Status)), shorten(string(j.status.Message))), j.alone()}
		}
	}
	var list []json.RawMessage
	_ = decode(j.status.Results, &list) // a failed job has an object here, or nothing
	for _, raw := range list {
		var r jobResult
		if decode(raw, &r) != nil {
			continue
		}
		if at := j.find(&r); at >= 0 {
			row := j.rows[at]
			results[row.place] = nil
			if !r.ok() {
				results[row.place] = &refusal{row.ticket.ID, errors.New(r.reason()), j.alone()}
			}
		}
	}
}

// keptByZendesk is how long Zendesk keeps a job; one that hasn't ended by then never will.
const keptByZendesk = time.Hour

// find is the edit that a result is about: by the ticket's id, or by its position if the
// edits are all those of the job, in their order.
func (j *job) find(r *jobResult) int {
	for i, row := range j.rows {
		if fmt.Sprint(row.ticket.ID) == string(r.ID) {
			return i
		}
	}
	if j.since.IsZero() && r.ID.id() == "" && r.Index != nil && *r.Index >= 0 && *r.Index < len(j.rows) {
		return *r.Index
	}
	return -1
}

// reason is Zendesk's word on a failed row: its name for the error, and details
// such as "Status: closed prevents ticket update".
func (r *jobResult) reason() string {
	var parts []string
	for _, s := range []text{r.Error, r.Details, r.Errors} {
		if s != "" {
			parts = append(parts, shorten(string(s)))
		}
	}
	if len(parts) == 0 {
		return "refused without a reason"
	}
	return strings.Join(parts, ": ")
}

func shorten(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 200 {
		return string(r[:200]) + "…"
	}
	return s
}
