package zendesk

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"cmp"
	"crypto/md5"

	"vigie/connectors/sandbox/stage"
)

const (
	keptJobs    = 100              // Zendesk forgets older ones
	openJobs    = 30               // queued or working at once
	slowestJob  = 15 * time.Second // real time in which a job is done even if nobody asks
	maxBulkRows = 100
)

// job is a bulk update. Its work is done when it is accepted, or with
// LateJobs when it ends; what it says of itself moves on with each time it is
// asked, so that callers must poll.
type job struct {
	ID      string
	Polls   int
	At      time.Time // real
	Rows    []input
	By      int64    // a user
	Results []result // none until the work is done
}

// result is one row of a completed job.
type result struct {
	Index   int    `json:"index"`
	ID      int64  `json:"id"`
	Action  string `json:"action,omitempty"`
	Status  string `json:"status,omitempty"`
	Success bool   `json:"success"`
	Error   string `json:"error,omitempty"`
	Details string `json:"details,omitempty"`
}

func (d *Desk) jobDone(j *job) bool {
	return j.Polls >= cmp.Or(d.options.JobLooks, 2) || d.Real().Sub(j.At) >= slowestJob && d.options.JobLooks == 0
}

func (d *Desk) jobView(j *job) map[string]any {
	v := map[string]any{"id": j.ID, "job_type": "Bulk Update Ticket", "url": home + "/api/v2/job_statuses/" + j.ID + ".json",
		"total": len(j.Rows), "progress": nil, "status": "queued", "message": nil, "results": nil}
	switch {
	case d.jobDone(j):
		d.carryOut(j)
		v["status"], v["progress"], v["results"] = "completed", len(j.Results), j.Results
		v["message"] = "Completed at " + j.At.UTC().Format("2006-01-02 15:04:05 -0700")
	case j.Polls >= 1:
		v["status"], v["progress"] = "working", len(j.Rows)/2
	}
	return v
}

// carryOut does a job's work, once.
func (d *Desk) carryOut(j *job) {
	if j.Results != nil {
		return
	}
	user := d.state.user(j.By)
	for i, row := range j.Rows {
		j.Results = append(j.Results, d.updateRow(i, len(j.Rows), row, actor{user, via("api")}))
	}
	d.Changed()
}

// ForgetJobs has Zendesk forget its bulk jobs, as it does after an hour; those
// whose work isn't done do it before, or never.
func (d *Desk) ForgetJobs(done bool) {
	_ = d.act(func(st *State) error {
		for _, j := range st.Jobs {
			if done {
				d.carryOut(j)
			}
		}
		st.Jobs = nil
		return nil
	})
}

// updateManyTickets takes both forms: the same change for the tickets in ids,
// or a list of tickets each with its own.
func (d *Desk) updateManyTickets(c *call) (any, *apiError) {
	z := &d.state
	var body struct {
		Ticket  input   `json:"ticket"`
		Tickets []input `json:"tickets"`
	}
	if e := c.decode(&body); e != nil {
		return nil, e
	}
	rows := body.Tickets
	switch {
	case (body.Ticket == nil) == (body.Tickets == nil):
		return nil, badRequest("ParameterMissing", "Parameter ticket or tickets is required")
	case body.Ticket != nil:
		ids, e := c.ids("ids")
		if e != nil {
			return nil, e
		}
		for _, id := range ids {
			row := input{}
			for name, v := range body.Ticket {
				row[name] = v
			}
			row["id"] = stage.JSON(id)
			rows = append(rows, row)
		}
	case c.URL.Query().Has("ids"):
		return nil, badRequest("BadRequest", "ids and tickets exclude each other")
	}
	if len(rows) == 0 || len(rows) > maxBulkRows {
		return nil, badRequest("BadRequest", fmt.Sprintf("update_many takes 1 to %d tickets", maxBulkRows))
	}
	now := d.Real()
	waiting := 0
	for _, j := range z.Jobs {
		if !d.jobDone(j) {
			waiting++
		}
	}
	if waiting >= openJobs {
		return nil, &apiError{Status: http.StatusTooManyRequests, Code: "TooManyJobs",
			Description: "Too many jobs are currently queued or running. Try again later.", RetryAfter: 5}
	}
	z.LastJob++
	job := &job{At: now, ID: fmt.Sprintf("V3-%x", md5.Sum([]byte(strconv.FormatInt(z.LastJob, 10)))), Rows: rows, By: c.by.id()}
	if !d.options.LateJobs {
		d.carryOut(job)
	}
	z.Jobs = append(z.Jobs, job)
	if len(z.Jobs) > keptJobs {
		z.Jobs = slices.Delete(z.Jobs, 0, len(z.Jobs)-keptJobs)
	}
	d.Changed()
	return map[string]any{"job_status": d.jobView(job)}, nil
}

// updateRow carries out one row; a refusal fails the row, not the job.
func (d *Desk) updateRow(i, rows int, row input, by actor) result {
	id, _, e := read[int64](row, "id")
	result := result{Index: i, ID: deref(id)}
	rec := d.state.live(deref(id))
	switch {
	case e != nil:
	case rec == nil:
		e = errNotFound
	case d.options.RefuseRow != nil && d.options.RefuseRow(result.ID, rows):
		e = &apiError{Code: "DatabaseConflict", Description: "Database collision"}
	default:
		_, e = d.update(rec, row, by)
	}
	if e != nil {
		result.Error, result.Details = e.Code, e.text()
		return result
	}
	result.Action, result.Status, result.Success = "update", "Updated", true
	return result
}

// poll finds a job and moves it on.
func (d *Desk) poll(id string) *job {
	z := &d.state
	i := slices.IndexFunc(z.Jobs, func(j *job) bool { return j.ID == id })
	if i < 0 {
		return nil
	}
	z.Jobs[i].Polls++
	return z.Jobs[i]
}

func (d *Desk) getJob(c *call) (any, *apiError) {
	job := d.poll(c.PathValue("id"))
	if job == nil {
		return nil, errNotFound
	}
	return map[string]any{"job_status": d.jobView(job)}, nil
}

func (d *Desk) showManyJobs(c *call) (any, *apiError) {
	list := []any{}
	for id := range strings.SplitSeq(c.URL.Query().Get("ids"), ",") {
		if job := d.poll(strings.TrimSpace(id)); job != nil {
			list = append(list, d.jobView(job))
		}
	}
	return map[string]any{"job_statuses": list, "count": len(list), "next_page": nil, "previous_page": nil}, nil
}
