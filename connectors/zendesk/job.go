package zendesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// A job is one update_many that Zendesk works on. A hundred tickets take it five
// to fifteen seconds.
type job struct {
	status jobStatus
	rows   []row
}

type jobStatus struct {
	ID      text            `json:"id"`
	Status  text            `json:"status"` // queued, working, then completed, failed or killed
	Message text            `json:"message"`
	Results json.RawMessage `json:"results"`
}

func (s *jobStatus) ended() bool { return s.Status != "queued" && s.Status != "working" }

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

// errUnknown is the result of a row until Zendesk has said what became of it.
var errUnknown = errors.New("zendesk doesn't say what became of it")

const (
	firstLook = time.Second
	lastLook  = 5 * time.Second
	maxLooks  = 120 // about ten minutes
)

// follow waits for all jobs to end and puts their rows' results into place, and
// those of the jobs that have ended where it can't wait for all.
func (c *Client) follow(ctx context.Context, jobs []*job, results []error) error {
	err := c.await(ctx, jobs)
	for _, j := range jobs {
		if j.status.ended() {
			j.settle(results)
		}
	}
	return err
}

func (c *Client) await(ctx context.Context, jobs []*job) error {
	wait := firstLook
	for look := 0; ; look++ {
		running := map[string]*job{}
		var ids []string
		for _, j := range jobs {
			if !j.status.ended() {
				running[string(j.status.ID)] = j
				ids = append(ids, string(j.status.ID))
			}
		}
		if len(ids) == 0 {
			return nil
		}
		if look == maxLooks {
			return fmt.Errorf("update tickets: job hasn't ended after %d looks: %w", look, errUnknown)
		}
		if err := c.cfg.Sleep(ctx, wait); err != nil {
			return fmt.Errorf("wait for job: %w", err)
		}
		wait = min(wait*2, lastLook)
		if err := c.look(ctx, ids, running); err != nil {
			return err
		}
	}
}

// look asks how the jobs stand, all in one request. Zendesk forgets a job after
// an hour: one that it doesn't know has ended without a word on its rows.
func (c *Client) look(ctx context.Context, ids []string, running map[string]*job) error {
	var answer struct {
		Jobs []jobStatus `json:"job_statuses"`
	}
	err := c.get(ctx, "/job_statuses/show_many.json?ids="+strings.Join(ids, ","), &answer)
	if err != nil && !refused(err, http.StatusNotFound) {
		return fmt.Errorf("read jobs: %w", err)
	}
	known := map[string]bool{}
	for _, s := range answer.Jobs {
		if j := running[string(s.ID)]; j != nil {
			j.status = s
			known[string(s.ID)] = true
		}
	}
	for id, j := range running {
		if !known[id] {
			j.status.Status = "unknown"
		}
	}
	return nil
}

// settle puts the results of the job's rows into place; a row that the job
// doesn't mention keeps errUnknown.
func (j *job) settle(results []error) {
	var list []json.RawMessage
	_ = decode(j.status.Results, &list) // a failed job has an object here, or nothing
	for _, raw := range list {
		var r jobResult
		if decode(raw, &r) != nil {
			continue
		}
		at := j.find(&r)
		if at < 0 {
			continue
		}
		switch to := &results[j.rows[at].edit]; {
		case r.ok():
			*to = nil
		default:
			*to = fmt.Errorf("write ticket %d: %s", j.rows[at].ticket.ID, r.reason())
		}
	}
	if len(list) == 0 && j.status.Status != "completed" {
		for _, row := range j.rows {
			results[row.edit] = fmt.Errorf("write ticket %d: job %s: %w", row.ticket.ID, shorten(string(j.status.Status)), errUnknown)
		}
	}
}

// find is the row that a result speaks of, by the ticket's id, else by its place.
func (j *job) find(r *jobResult) int {
	for i, row := range j.rows {
		if fmt.Sprint(row.ticket.ID) == string(r.ID) {
			return i
		}
	}
	if r.ID.id() == "" && r.Index != nil && *r.Index >= 0 && *r.Index < len(j.rows) {
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
