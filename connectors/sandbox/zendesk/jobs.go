package zendesk

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"crypto/md5"

	"vigie/connectors/sandbox/stage"
)

const (
	keptJobs    = 100              // Zendesk forgets older ones
	openJobs    = 30               // queued or working at once
	slowestJob  = 15 * time.Second // real time in which a job is done even if nobody asks
	maxBulkRows = 100
)

// zendeskJob is a bulk update. Its work is done when it is accepted, or with
// LateJobs when it ends; what it says of itself moves on with each time it is
// asked, so that callers must poll.
type zendeskJob struct {
	ID      string
	Polls   int
	At      time.Time // real
	Rows    []zendeskInput
	By      int64           // a user
	Results []zendeskResult // none until the work is done
}

// zendeskResult is one row of a completed job.
type zendeskResult struct {
	Index   int    `json:"index"`
	ID      int64  `json:"id"`
	Action  string `json:"action,omitempty"`
	Status  string `json:"status,omitempty"`
	Success bool   `json:"success"`
	Error   string `json:"error,omitempty"`
	Details string `json:"details,omitempty"`
}

func (s *Desk) jobDone(j *zendeskJob) bool {
	return j.Polls >= cmp.Or(s.options.JobLooks, 2) || s.Real().Sub(j.At) >= slowestJob && s.options.JobLooks == 0
}

func (s *Desk) jobView(j *zendeskJob) map[string]any {
	v := map[string]any{"id": j.ID, "job_type": "Bulk Update Ticket", "url": zendeskHome + "/api/v2/job_statuses/" + j.ID + ".json",
		"total": len(j.Rows), "progress": nil, "status": "queued", "message": nil, "results": nil}
	switch {
	case s.jobDone(j):
		s.carryOut(j)
		v["status"], v["progress"], v["results"] = "completed", len(j.Results), j.Results
		v["message"] = "Completed at " + j.At.UTC().Format("2006-01-02 15:04:05 -0700")
	case j.Polls >= 1:
		v["status"], v["progress"] = "working", len(j.Rows)/2
	}
	return v
}

// carryOut does a job's work, once.
func (s *Desk) carryOut(j *zendeskJob) {
	if j.Results != nil {
		return
	}
	user := s.state.user(j.By)
	for i, row := range j.Rows {
		j.Results = append(j.Results, s.updateRow(i, len(j.Rows), row, zendeskActor{user, via("api")}))
	}
	s.Changed()
}

// ForgetJobs has Zendesk forget its bulk jobs, as it does after an hour; those
// whose work isn't done do it before, or never.
func (z *Desk) ForgetJobs(done bool) {
	_ = z.act(func(st *ZendeskState) error {
		for _, j := range st.Jobs {
			if done {
				z.carryOut(j)
			}
		}
		st.Jobs = nil
		return nil
	})
}

// updateManyTickets takes both forms: the same change for the tickets in ids,
// or a list of tickets each with its own.
func (s *Desk) updateManyTickets(c *zendeskCall) (any, *zendeskError) {
	z := &s.state
	var body struct {
		Ticket  zendeskInput   `json:"ticket"`
		Tickets []zendeskInput `json:"tickets"`
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
			row := zendeskInput{}
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
	now := s.Real()
	waiting := 0
	for _, j := range z.Jobs {
		if !s.jobDone(j) {
			waiting++
		}
	}
	if waiting >= openJobs {
		return nil, &zendeskError{Status: http.StatusTooManyRequests, Code: "TooManyJobs",
			Description: "Too many jobs are currently queued or running. Try again later.", RetryAfter: 5}
	}
	z.LastJob++
	job := &zendeskJob{At: now, ID: fmt.Sprintf("V3-%x", md5.Sum([]byte(strconv.FormatInt(z.LastJob, 10)))), Rows: rows, By: c.by.id()}
	if !s.options.LateJobs {
		s.carryOut(job)
	}
	z.Jobs = append(z.Jobs, job)
	if len(z.Jobs) > keptJobs {
		z.Jobs = slices.Delete(z.Jobs, 0, len(z.Jobs)-keptJobs)
	}
	s.Changed()
	return map[string]any{"job_status": s.jobView(job)}, nil
}

// updateRow carries out one row; a refusal fails the row, not the job.
func (s *Desk) updateRow(i, rows int, row zendeskInput, by zendeskActor) zendeskResult {
	id, _, e := read[int64](row, "id")
	result := zendeskResult{Index: i, ID: deref(id)}
	rec := s.state.live(deref(id))
	switch {
	case e != nil:
	case rec == nil:
		e = errNotFound
	case s.options.RefuseRow != nil && s.options.RefuseRow(result.ID, rows):
		e = &zendeskError{Code: "DatabaseConflict", Description: "Database collision"}
	default:
		_, e = s.updateZendesk(rec, row, by)
	}
	if e != nil {
		result.Error, result.Details = e.Code, e.text()
		return result
	}
	result.Action, result.Status, result.Success = "update", "Updated", true
	return result
}

// poll finds a job and moves it on.
func (s *Desk) poll(id string) *zendeskJob {
	z := &s.state
	i := slices.IndexFunc(z.Jobs, func(j *zendeskJob) bool { return j.ID == id })
	if i < 0 {
		return nil
	}
	z.Jobs[i].Polls++
	return z.Jobs[i]
}

func (s *Desk) getJob(c *zendeskCall) (any, *zendeskError) {
	job := s.poll(c.PathValue("id"))
	if job == nil {
		return nil, errNotFound
	}
	return map[string]any{"job_status": s.jobView(job)}, nil
}

func (s *Desk) showManyJobs(c *zendeskCall) (any, *zendeskError) {
	list := []any{}
	for id := range strings.SplitSeq(c.URL.Query().Get("ids"), ",") {
		if job := s.poll(strings.TrimSpace(id)); job != nil {
			list = append(list, s.jobView(job))
		}
	}
	return map[string]any{"job_statuses": list, "count": len(list), "next_page": nil, "previous_page": nil}, nil
}
