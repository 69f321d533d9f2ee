package jira_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/connectors/desk"
	"vigie/connectors/jira"
	"vigie/connectors/rest"
	"vigie/connectors/sandbox"
)

// newStrangeDesk is a desk whose Jira may answer what no description has, and whose
// client waits so long for one answer; 0 as it does by itself.
func newStrangeDesk(t *testing.T, o sandbox.JiraOptions, patience time.Duration) *world {
	t.Helper()
	d := newDeskOf(t, o, func(cfg *jira.Config) { cfg.Patience = patience })
	cfg := d.cfg
	wait := func(ctx context.Context, pause time.Duration) error {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.real = d.real.Add(pause)
		return ctx.Err()
	}
	d.connect = func() *jira.Client {
		return jira.New(cfg, (&rest.Transport{Authorize: cfg.Authorize, Retry: jira.Repeatable, Sleep: wait}).Client())
	}
	d.Client = d.connect()
	d.Jira().AddProject("DEV", "Development")
	return d
}

func strangely(t *testing.T, test func(t *testing.T, d *world)) {
	for name, o := range map[string]sandbox.JiraOptions{"Cloud": {}, "Data Center": {DataCenter: true}} {
		t.Run(name, func(t *testing.T) { test(t, newStrangeDesk(t, o, 0)) })
	}
}

// slowly is strangely for a Jira some of whose answers never come. Each costs the
// client's patience, so these tests wait side by side.
func slowly(t *testing.T, test func(t *testing.T, d *world)) {
	for name, o := range map[string]sandbox.JiraOptions{"Cloud": {}, "Data Center": {DataCenter: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newStrangeDesk(t, o, 2*time.Second))
		})
	}
}

func (d *world) misbehave(t *testing.T, manner string) {
	t.Helper()
	if err := d.Faults.Misbehave("jira", manner); err != nil {
		t.Fatal(err)
	}
}

// away is a link to where an escalated issue came from.
var away = desk.Link{GlobalID: "vigie=zendesk&id=42", URL: "https://acme.zendesk.com/agent/tickets/42", Title: "zendesk:42", Application: "Zendesk", Relationship: "escalated from"}

func denied(err error) bool {
	var d interface{ Denied() bool }
	return errors.As(err, &d) && d.Denied()
}

// outcomes are what readings say, by id.
func outcomes(readings []desk.Reading) map[string]string {
	got := map[string]string{}
	for _, r := range readings {
		switch {
		case r.Err != nil:
			got[r.ID] = "error"
		case r.Gone:
			got[r.ID] = "gone"
		case r.Same != "":
			got[r.ID] = "same " + r.Same
		default:
			got[r.ID] = r.Ticket.ID
		}
	}
	return got
}

// Each row of the field's table, "Gone, or not seen?": what Jira answers, and what is
// made of it.
func TestGoneOrNotSeen(t *testing.T) {
	strangely(t, func(t *testing.T, d *world) {
		j := d.Jira()
		var keys []string
		for range 4 {
			keys = append(keys, j.Create(sandbox.NewIssue{Project: "SUP", Reporter: customer}))
		}
		d.after(t, time.Minute, d.Check(t.Context()))
		made, err := d.Escalate(t.Context(), outage)
		d.after(t, time.Minute, err)
		d.after(t, time.Minute, d.Link(t.Context(), made.ID, away))

		t.Run("a short list", func(t *testing.T) {
			d.misbehave(t, "short-lists")
			defer d.Faults.Behave("jira", "short-lists")
			readings, err := d.Read(t.Context(), keys)
			if err != nil || len(readings) != len(keys) {
				t.Fatalf("got %v, %v", outcomes(readings), err)
			}
			for id, got := range outcomes(readings) {
				if got != id {
					t.Errorf("%s: %s", id, got)
				}
			}
			if list, err := d.Escalated(t.Context(), []string{made.ID}); err != nil || len(list) != 1 {
				t.Errorf("the escalated issue: got %v, %v", list, err)
			}
		})
		for _, manner := range []string{"stranger", "stranger-unsaid"} {
			t.Run("a stranger's view, "+manner, func(t *testing.T) {
				d.misbehave(t, manner)
				defer d.Faults.Behave("jira", manner)
				readings, read := d.Read(t.Context(), keys)
				if len(readings) > 0 {
					t.Errorf("got %v", outcomes(readings))
				}
				_, changes := d.Changes(t.Context(), "", d.now.Add(-time.Hour))
				_, unsolved := d.Unsolved(t.Context(), "")
				_, escalated := d.Escalated(t.Context(), []string{made.ID})
				_, linked := d.HasLink(t.Context(), made.ID, away.GlobalID)
				errs, wrote := d.Write(t.Context(), []desk.Edit{{ID: keys[0], AddTags: []string{"a"}}})
				posted := 0
				d.onPost = func() { posted++ }
				_, escalate := d.Escalate(t.Context(), outage)
				if d.onPost = nil; posted > 0 {
					t.Errorf("an issue was made %d times by a look that could not see whether there is one", posted)
				}
				for what, err := range map[string]error{"read": read, "changes": changes, "unsolved": unsolved, "escalated": escalated, "link": linked, "escalate": escalate,
					"write": errors.Join(append(errs, wrote)...)} {
					if !denied(err) || errors.Is(err, desk.ErrUntouchable) {
						t.Errorf("%s: got %v", what, err)
					}
				}
			})
		}
		t.Run("404 of the ticket itself, to somebody known", func(t *testing.T) {
			d.after(t, time.Minute, j.Delete(keys[3]))
			if got := d.read(t, keys[3]); !got.Gone || got.Deleted {
				t.Errorf("got %+v", got)
			}
		})
		t.Run("a project that is hidden", func(t *testing.T) {
			d.Options.Jira.Hidden = []string{"SUP"}
			defer func() { d.Options.Jira.Hidden = nil }()
			_, _ = d.Unsolved(t.Context(), "") // which says that it is
			if got := d.read(t, keys[0]); got.Gone {
				t.Errorf("got %+v", got)
			}
		})
	})
}

// Only the vendor's word about one issue says that it is gone: not one that nobody
// answers for.
func TestSingleThatCannotBeAskedFor(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch name := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]; name {
		case "myself":
			fmt.Fprint(w, `{"accountId":"acc-bot"}`)
		case "field":
			fmt.Fprint(w, `[{"id":"labels","name":"Labels","schema":{"type":"array"}}]`)
		case "status":
			fmt.Fprint(w, `[]`)
		case "serverInfo":
			fmt.Fprint(w, `{"deploymentType":"Cloud"}`)
		case "bulkfetch":
			fmt.Fprint(w, `{"issues":[],"issueErrors":[{"id":"1","errorMessage":"too large"}]}`)
		case "SUP-1":
			fmt.Fprint(w, `<html>Log in</html>`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer s.Close()
	cfg := jira.Config{Name: "jira", URL: s.URL, Email: "bot@acme.example", Token: "t", Projects: []string{"SUP"}}
	readings, err := jira.New(cfg, (&rest.Transport{}).Client()).Read(t.Context(), []string{"SUP-1", "SUP-2"})
	if got := outcomes(readings); err != nil || got["SUP-1"] != "error" || got["SUP-2"] != "gone" {
		t.Errorf("got %v, %v", got, err)
	}
}

// Answers of 200 that aren't Jira's are errors of every call, and nothing is concluded
// from them.
func TestAnswersThatAreNotJiras(t *testing.T) {
	for _, manner := range []string{"empty-object", "empty-list", "null", "error-object", "html", "bom", "nothing"} {
		t.Run(manner, func(t *testing.T) {
			strangely(t, func(t *testing.T, d *world) {
				key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
				d.after(t, time.Minute, d.Check(t.Context()))
				made, err := d.Escalate(t.Context(), outage)
				d.after(t, time.Minute, err)
				d.misbehave(t, manner)
				readings, read := d.Read(t.Context(), []string{key})
				if len(readings) > 0 {
					t.Errorf("got %v", outcomes(readings))
				}
				_, changes := d.Changes(t.Context(), "", d.now.Add(-time.Hour))
				_, unsolved := d.Unsolved(t.Context(), "")
				_, escalated := d.Escalated(t.Context(), []string{made.ID})
				_, linked := d.HasLink(t.Context(), made.ID, away.GlobalID)
				_, sla := d.SLA(t.Context(), key)
				errs, _ := d.Write(t.Context(), []desk.Edit{{ID: key, AddTags: []string{"a"}}})
				_, escalate := d.Escalate(t.Context(), outage)
				for what, err := range map[string]error{"read": read, "changes": changes, "unsolved": unsolved, "escalated": escalated, "link": linked, "sla": sla,
					"write": errs[0], "escalate": escalate, "made link": d.Link(t.Context(), made.ID, away), "check": d.Check(t.Context())} {
					if !errors.As(err, new(*rest.NotTheAPI)) {
						t.Errorf("%s: got %v", what, err)
					}
				}
				if err := d.Faults.Behave("jira", manner); err != nil {
					t.Fatal(err)
				}
				if got := d.read(t, key); got.Ticket == nil {
					t.Errorf("afterwards: got %+v", got)
				}
			})
		})
	}
}

// What became of a change whose answer isn't Jira's is looked for before it is made
// again.
func TestChangeWhoseAnswerIsNotJiras(t *testing.T) {
	for manner, made := range map[string]bool{"write-says-nothing": true, "write-unheard": false} {
		t.Run(manner, func(t *testing.T) {
			strangely(t, func(t *testing.T, d *world) {
				key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
				d.after(t, time.Minute, d.Check(t.Context()))
				d.misbehave(t, manner)
				d.count()
				errs, err := d.Write(t.Context(), []desk.Edit{{ID: key, AddTags: []string{"a"}}})
				if err != nil || (errs[0] == nil) != made {
					t.Errorf("the edit: got %v, %v", errs, err)
				}
				if n := d.count(); made && n.writes != 1 || n.writes > 2 {
					t.Errorf("%d edits", n.writes)
				}
				if i, _ := d.Jira().Issue(key); slices.Contains(i.Labels, "a") != made {
					t.Errorf("labels %v", i.Labels)
				}
				issue, err := d.Escalate(t.Context(), outage)
				if (err == nil) != made {
					t.Errorf("the issue: got %v, %v", issue, err)
				}
				if err := d.Faults.Behave("jira", manner); err != nil {
					t.Fatal(err)
				}
				if _, err := d.Escalate(t.Context(), outage); err != nil {
					t.Fatal(err)
				}
				if n := len(d.Jira().Issues()); n != 2 {
					t.Errorf("there are %d issues, want the ticket and one that was made", n)
				}
			})
		})
	}
}
