package jira_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/connectors/desk"
	"vigie/connectors/rest"
	"vigie/connectors/sandbox"
)

// both runs a test on Cloud and on Data Center.
func both(t *testing.T, test func(t *testing.T, d *world)) {
	for name, o := range map[string]sandbox.JiraOptions{"Cloud": {}, "Data Center": {DataCenter: true}} {
		t.Run(name, func(t *testing.T) { test(t, newDesk(t, o)) })
	}
}

// What Jira refuses or fails to answer for a while is asked again.
func TestFaultsThatPass(t *testing.T) {
	for name, fault := range map[string]sandbox.Fault{
		"429 with Retry-After":     {Status: 429, RetryAfter: "7", Body: `{"errorMessages":["Rate limit exceeded."],"errors":{}}`},
		"429 without":              {Status: 429},
		"503 with Retry-After":     {Status: 503, RetryAfter: "7"},
		"500":                      {Status: 500, Body: "<html>Oops</html>"},
		"a dropped connection":     {Drop: true},
		"dropped after it is done": {AfterWork: true, Drop: true},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, d *world) {
				key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
				d.after(t, time.Minute, d.Check(t.Context()))
				for what, ask := range map[string]func() error{
					"list": func() error { _, err := d.Changes(t.Context(), "", d.now.Add(-time.Hour)); return err },
					"read": func() error { _, err := d.Read(t.Context(), []string{key}); return err },
					"edit": func() error {
						errs, err := d.Write(t.Context(), []desk.Edit{{ID: key, AddTags: []string{"a"}}})
						return errors.Join(append(errs, err)...)
					},
				} {
					d.waits = nil
					d.Faults.FailNext("jira", 1, fault)
					if err := ask(); err != nil {
						t.Errorf("%s: %v", what, err)
					}
					if fault.RetryAfter != "" && (len(d.waits) != 1 || d.waits[0] < 7*time.Second) {
						t.Errorf("%s: waited %v", what, d.waits)
					}
				}
				if i, _ := d.Jira().Issue(key); !slices.Equal(i.Labels, []string{"a"}) || i.Changes != 1 {
					t.Errorf("the issue is %+v", i)
				}
			})
		})
	}
}

// An edit whose answer is lost is looked for, not made again over what somebody
// has changed since.
func TestEditWithoutAnswerIsLookedFor(t *testing.T) {
	for name, fault := range map[string]sandbox.Fault{
		"a 504 after it was made":             {Status: 504, AfterWork: true},
		"a cut connection after it was made":  {Drop: true, AfterWork: true},
		"a 504 before it was made":            {Status: 504},
		"a cut connection before it was made": {Drop: true},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, d *world) {
				key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
				d.after(t, time.Minute, d.Check(t.Context()))
				d.count()
				edit := desk.Edit{ID: key, AddTags: []string{"a"}, Priority: "haute", Fields: map[string]string{due: "2026-11-24T10:00:00Z"}}
				d.Faults.FailNext("jira", 1, fault)
				errs, err := d.Write(t.Context(), []desk.Edit{edit})
				if err := errors.Join(append(errs, err)...); err != nil {
					t.Fatal(err)
				}
				want := count{reads: 1, writes: 1}
				if !fault.AfterWork {
					want = count{reads: 2, writes: 2} // the second is looked at as a project's first is
				}
				if got := d.count(); got != want {
					t.Errorf("asked %+v, want %+v", got, want)
				}
				if i, _ := d.Jira().Issue(key); i.Changes != 1 || i.Priority != "Highest" || i.Fields[due] != "2026-11-24T10:00:00Z" {
					t.Errorf("the issue is %+v", i)
				}
			})
		})
	}
}

// Jira allows 20 edits of one issue in two seconds: that issue's own limit, which
// holds up no other.
func TestLimitOfOneIssue(t *testing.T) {
	d := newDesk(t, sandbox.JiraOptions{PerIssueLimit: true})
	busy, other := d.Jira().Create(sandbox.NewIssue{Project: "SUP"}), d.Jira().Create(sandbox.NewIssue{Project: "SUP"})
	real := time.Now()
	d.Sandbox.Real = func() time.Time { return real } // waiting doesn't help
	d.after(t, time.Minute, d.Check(t.Context()))
	edit := func(key string) desk.Edit { return desk.Edit{ID: key, AddTags: []string{"a"}} }
	for range 20 {
		errs, err := d.Write(t.Context(), []desk.Edit{edit(busy)})
		d.after(t, time.Second, errors.Join(append(errs, err)...))
	}
	errs, err := d.Write(t.Context(), []desk.Edit{edit(busy), edit(other)})
	if err != nil || errs[1] != nil {
		t.Errorf("the other issue: %v, %v", errs[1], err)
	}
	if rest.RetryAfter(errs[0]) < 2*time.Second {
		t.Errorf("the busy issue: %v", errs[0])
	}
}

func TestMovedIssue(t *testing.T) {
	both(t, func(t *testing.T, d *world) {
		d.Jira().AddProject("SUP", "Support")
		var told []string
		hooks := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			delivery, err := d.ParseWebhook(r.Header, body, time.Now())
			if err != nil {
				t.Error(err)
			}
			told = append(told, delivery.Tickets...)
		}))
		defer hooks.Close()
		key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
		d.SetWebhook("jira", hooks.URL)
		d.after(t, time.Hour, d.Check(t.Context()))
		if got := d.read(t, key); got.Ticket == nil {
			t.Fatalf("got %+v", got)
		}
		away, err := d.Jira().Move(key, agent, "HR")
		d.after(t, time.Hour, err)
		back, err := d.Jira().Move(away, agent, "SUP")
		d.after(t, time.Minute, err)
		if _, err := d.FlushWebhooks(t.Context(), sandbox.WebhookPlan{}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(told, []string{key, back}) {
			t.Errorf("webhooks told %v, want the key that it lost and the one it has", told)
		}
		for _, id := range []string{key, away, back} { // whatever it is called by, it is one ticket
			got := d.read(t, id)
			if got.Ticket == nil || got.Ticket.ID != back || !slices.Equal(got.Names, []string{away, key}) {
				t.Errorf("%s: got %+v", id, got)
			}
		}
		page, err := d.Changes(t.Context(), "", d.now.Add(-30*time.Minute))
		if err != nil || len(page.Changes) != 1 || page.Changes[0].ID != back {
			t.Errorf("the list told %v, %v", page.Changes, err)
		}
		errs, err := d.Write(t.Context(), []desk.Edit{{ID: back, AddTags: []string{"a"}}})
		d.after(t, time.Minute, errors.Join(append(errs, err)...))
		d.after(t, time.Minute, d.Jira().Delete(back))
		if got := d.read(t, back); !got.Gone {
			t.Errorf("deleted: got %+v", got)
		}
		errs, err = d.Write(t.Context(), []desk.Edit{{ID: back, AddTags: []string{"b"}}})
		if err != nil || !errors.Is(errs[0], desk.ErrUntouchable) {
			t.Errorf("an edit of what is deleted: %v, %v", errs, err)
		}
	})
}

// Webhooks that come twice have one id; in whatever order they come, what is
// read is the same.
func TestUntidyWebhooks(t *testing.T) {
	both(t, func(t *testing.T, d *world) {
		times := map[string]int{}
		hooks := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			delivery, err := d.ParseWebhook(r.Header, body, time.Now())
			if err != nil {
				t.Error(err)
			}
			times[delivery.ID]++
		}))
		defer hooks.Close()
		d.SetWebhook("jira", hooks.URL)
		key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
		d.after(t, time.Minute, d.Jira().Transition(key, agent, "In Progress"))
		d.after(t, time.Minute, d.Jira().Transition(key, agent, "Resolved"))
		posted, err := d.FlushWebhooks(t.Context(), sandbox.WebhookPlan{Duplicate: 1, Reverse: true})
		if err != nil || posted != 6 || len(times) != 3 {
			t.Errorf("%d posts of %d deliveries, %v", posted, len(times), err)
		}
		for id, n := range times {
			if n != 2 {
				t.Errorf("%s came %d times", id, n)
			}
		}
		got := d.read(t, key)
		if e := got.Ticket.Events; len(e) != 2 || e[0].To != "open" || e[1].To != "solved" {
			t.Errorf("got %+v", e)
		}
	})
}

// Credentials that are revoked are an error of every call that names no secret,
// and nothing is taken to be gone or written.
func TestRevokedCredentials(t *testing.T) {
	both(t, func(t *testing.T, d *world) {
		key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
		d.after(t, time.Minute, d.Check(t.Context()))
		secret := d.Tokens.Jira.Token
		d.Tokens.Jira.Token = "another"
		d.count()
		_, listed := d.Changes(t.Context(), "", d.now.Add(-time.Hour))
		readings, read := d.Read(t.Context(), []string{key})
		errs, wrote := d.Write(t.Context(), []desk.Edit{{ID: key, AddTags: []string{"a"}}, {ID: key, AddTags: []string{"b"}}})
		for what, err := range map[string]error{"list": listed, "read": read, "write": wrote, "first edit": errs[0], "second edit": errs[1], "check": d.Check(t.Context())} {
			var s *rest.StatusError
			if !errors.As(err, &s) || s.Status != http.StatusUnauthorized || strings.Contains(err.Error(), secret) {
				t.Errorf("%s: got %v", what, err)
			}
		}
		if len(readings) > 0 {
			t.Errorf("got %+v", readings)
		}
		if n := d.count(); n.writes != 1 {
			t.Errorf("%d edits were tried, want one", n.writes)
		}
		d.Tokens.Jira.Token = secret
		if got := d.read(t, key); got.Ticket == nil {
			t.Errorf("the right token again: got %+v", got)
		}
	})
}
