package jira_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/desk"
	"vigie/connectors/sandbox"
	"vigie/rules"
)

var outage = desk.Escalation{
	Marks: []string{"vigie_zendesk_42"}, Project: "DEV", Type: "Bug", Summary: "Portal down", Description: "Nobody gets in. [~admin] !x.png!",
	Priority: "haute", Fields: map[string]string{"duedate": "2026-11-27", due: "2026-11-24T10:00:00Z"},
}

// newWorkshop is a desk with a project DEV in which others have made issues.
func newWorkshop(t *testing.T, o sandbox.JiraOptions, issues int) *world {
	d := newDesk(t, o)
	d.Jira().AddProject("DEV", "Development")
	for range issues {
		d.Jira().Create(sandbox.NewIssue{Project: "DEV", Reporter: agent})
	}
	d.now = d.now.Add(time.Hour)
	return d
}

func TestEscalate(t *testing.T) {
	for name, o := range map[string]sandbox.JiraOptions{"Cloud": {}, "Data Center": {DataCenter: true}} {
		t.Run(name, func(t *testing.T) {
			d := newWorkshop(t, o, 7)
			got, err := d.Escalate(t.Context(), outage)
			if err != nil {
				t.Fatal(err)
			}
			want := &desk.Escalated{Issue: rules.Issue{ID: got.ID, Key: "DEV-8", URL: got.URL, Status: "Open", Progress: rules.ProgressNew}, Priority: "haute",
				Fields: map[string]string{due: "2026-11-24T10:00:00Z", "duedate": "2026-11-27"}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			i, _ := d.Jira().Issue("DEV-8")
			if i.Summary != "Portal down" || i.Description != "Nobody gets in. [ ~admin] ! x.png!" || i.Type != "Bug" || !slices.Equal(i.Labels, outage.Marks) {
				t.Errorf("got %+v", i)
			}
			again, err := d.Escalate(t.Context(), outage)
			if err != nil || again.ID != got.ID {
				t.Errorf("again: got %+v, %v", again, err)
			}

			// What becomes of it, wherever it goes.
			d.after(t, time.Hour, d.Jira().Transition("DEV-8", agent, "Resolved"))
			moved, err := d.Jira().Move("DEV-8", agent, "OPS")
			d.after(t, time.Hour, err)
			list, err := d.Escalated(t.Context(), []string{"99999", got.ID})
			if err != nil || len(list) != 1 || list[0].Key != moved || list[0].Progress != rules.IssueSolved {
				t.Errorf("later: got %+v, %v", list, err)
			}
			if again, err = d.Escalate(t.Context(), outage); err != nil || again.Key != moved {
				t.Errorf("escalated again when it has moved: got %+v, %v", again, err)
			}
		})
	}
}

// Whatever is lost on the way, there is one issue: the creation's answer, the
// program with it, while the index hasn't heard of the issue.
func TestEscalateOnce(t *testing.T) {
	for name, tt := range map[string]struct {
		fault  sandbox.Fault
		others int // issues that others make at the same time
		dies   bool
	}{
		"its answer is lost":                    {fault: sandbox.Fault{AfterWork: true, Drop: true}},
		"it fails after it is done":             {fault: sandbox.Fault{AfterWork: true, Status: 502}},
		"the program dies":                      {fault: sandbox.Fault{AfterWork: true, Drop: true}, dies: true},
		"the program dies, others work":         {fault: sandbox.Fault{AfterWork: true, Drop: true}, dies: true, others: 130},
		"it fails before it is done, and again": {fault: sandbox.Fault{Status: 502}},
	} {
		for deployment, o := range map[string]sandbox.JiraOptions{"Cloud": {}, "Data Center": {DataCenter: true}} {
			t.Run(name+", "+deployment, func(t *testing.T) {
				o.IndexLag = 30 * time.Minute
				d := newWorkshop(t, o, 3)
				if _, err := d.FindEscalated(t.Context(), "DEV", outage.Marks); err != nil { // so that the next write is the creation
					t.Fatal(err)
				}
				for range tt.others / 2 {
					d.Jira().Create(sandbox.NewIssue{Project: "DEV", Reporter: agent})
				}
				ctx, kill := context.WithCancel(t.Context())
				defer kill()
				d.onPost = func() {
					d.Faults.FailNext("jira", 1, tt.fault)
					if tt.dies {
						kill()
					}
				}
				_, err := d.Escalate(ctx, outage)
				if made := tt.fault.AfterWork && !tt.dies; made != (err == nil) {
					t.Fatalf("got %v", err)
				}
				for range tt.others / 2 {
					d.Jira().Create(sandbox.NewIssue{Project: "DEV", Reporter: agent})
				}
				if tt.dies { // what it knew is gone
					d.Client = d.connect()
				}
				got, err := d.Escalate(t.Context(), outage)
				if err != nil {
					t.Fatal(err)
				}
				var marked []string
				for _, i := range d.Jira().Issues() {
					if slices.Contains(i.Labels, outage.Marks[0]) {
						marked = append(marked, i.Key)
					}
				}
				if !slices.Equal(marked, []string{got.Key}) {
					t.Errorf("got %v and the answer %s", marked, got.Key)
				}
			})
		}
	}
}

// A copy that somebody has made of the issue has its mark, too: the first is ours.
func TestEscalatedAndCopied(t *testing.T) {
	d := newWorkshop(t, sandbox.JiraOptions{}, 0)
	got, err := d.Escalate(t.Context(), outage)
	d.after(t, time.Hour, err)
	d.Jira().Create(sandbox.NewIssue{Project: "DEV", Reporter: agent, Labels: outage.Marks})
	again, err := d.FindEscalated(t.Context(), "DEV", outage.Marks)
	if err != nil || again.ID != got.ID {
		t.Errorf("got %+v, %v, want %s", again, err, got.Key)
	}
}

// The issue may have any of the marks: the first that one has counts. Where none has
// any, the one that is to be shared gets those that are missing.
func TestEscalateShares(t *testing.T) {
	for name, o := range map[string]sandbox.JiraOptions{"Cloud": {}, "Data Center": {DataCenter: true}} {
		t.Run(name, func(t *testing.T) {
			d := newWorkshop(t, o, 1)
			first, err := d.Escalate(t.Context(), outage)
			d.after(t, time.Hour, err)
			labels := func(want ...string) {
				t.Helper()
				if i, _ := d.Jira().Issue(first.Key); !slices.Equal(i.Labels, want) {
					t.Errorf("labels %q, want %q", i.Labels, want)
				}
			}
			second := outage
			second.Marks, second.Shares = []string{"vigie_zendesk_43", "vigie_zendesk_40"}, first.ID
			if got, err := d.Escalate(t.Context(), second); err != nil || got.ID != first.ID {
				t.Fatalf("got %+v, %v", got, err)
			}
			labels("vigie_zendesk_40", "vigie_zendesk_42")
			third := outage
			third.Marks = []string{"vigie_zendesk_44", "vigie_zendesk_40"}
			if got, err := d.Escalate(t.Context(), third); err != nil || got.ID != first.ID {
				t.Errorf("the third: got %+v, %v", got, err)
			}
			labels("vigie_zendesk_40", "vigie_zendesk_42")

			d.Jira().Create(sandbox.NewIssue{Project: "DEV", Reporter: agent, Labels: []string{"vigie_zendesk_50"}})
			own, err := d.FindEscalated(t.Context(), "DEV", []string{"vigie_zendesk_50", "vigie_zendesk_40"})
			if err != nil || own == nil || own.ID == first.ID {
				t.Errorf("its own mark and its problem's: got %+v, %v", own, err)
			}
			gone := outage
			gone.Marks, gone.Shares = []string{"vigie_zendesk_60", "vigie_zendesk_61"}, "99999"
			got, err := d.Escalate(t.Context(), gone)
			if err != nil || got.ID == first.ID {
				t.Fatalf("to share one that is gone: got %+v, %v", got, err)
			}
			if i, _ := d.Jira().Issue(got.Key); !slices.Equal(i.Labels, gone.Marks) {
				t.Errorf("labels %q", i.Labels)
			}
		})
	}
}

func TestEscalateRefuses(t *testing.T) {
	d := newWorkshop(t, sandbox.JiraOptions{}, 1)
	for want, change := range map[string]func(*desk.Escalation){
		"can't be a mark":            func(e *desk.Escalation) { e.Marks = []string{`x" OR project = HR`} },
		"\"A B\" can't be a project": func(e *desk.Escalation) { e.Project = "A B" },
		"for the field 'project'":    func(e *desk.Escalation) { e.Project = "NONE" },
		"issuetype":                  func(e *desk.Escalation) { e.Type = "Epidemic" },
		"has no name in Jira":        func(e *desk.Escalation) { e.Priority = "unheard-of" },
		"customfield_1: Field":       func(e *desk.Escalation) { e.Fields = map[string]string{"customfield_1": "x"} },
		"want 2006-01-02T15:04:05":   func(e *desk.Escalation) { e.Fields = map[string]string{due: "soon"} },
	} {
		e := outage
		change(&e)
		if _, err := d.Escalate(t.Context(), e); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if n := len(d.Jira().Issues()); n != 1 {
		t.Errorf("%d issues", n)
	}
}

func TestLink(t *testing.T) {
	both(t, func(t *testing.T, d *world) {
		key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
		l := desk.Link{GlobalID: "system=https://acme.zendesk.com&id=42", URL: "https://acme.zendesk.com/agent/tickets/42", Title: "zendesk:42",
			Summary: "Portal down", Application: "Zendesk", Relationship: "escalated from"}
		for n := range 3 {
			l.Title, l.Resolved = fmt.Sprint("zendesk:42, ", n), n == 1
			if n == 2 { // its answer is lost
				d.onPost = func() { d.Faults.FailNext("jira", 1, sandbox.Fault{AfterWork: true, Drop: true}) }
			}
			if err := d.Link(t.Context(), key, l); err != nil {
				t.Fatal(err)
			}
			i, _ := d.Jira().Issue(key)
			want := []sandbox.JiraLink{{GlobalID: l.GlobalID, Relationship: l.Relationship, URL: l.URL, Title: l.Title, Resolved: l.Resolved}}
			if diff := cmp.Diff(want, i.Links); diff != "" {
				t.Error(diff)
			}
			for id, there := range map[string]bool{l.GlobalID: true, l.GlobalID + "3": false} {
				if has, err := d.HasLink(t.Context(), key, id); has != there || err != nil {
					t.Errorf("the issue has %s: got %v, %v", id, has, err)
				}
			}
		}
		if has, err := d.HasLink(t.Context(), "SUP-99", l.GlobalID); has || err != nil {
			t.Errorf("an issue that isn't there has the link: %v, %v", has, err)
		}
		if err := d.Link(t.Context(), "SUP-99", l); err == nil {
			t.Error("a link of an issue that isn't there is taken")
		}
		if err := d.Link(t.Context(), "../myself", l); err == nil {
			t.Error("an id that is a path is taken")
		}
	})
}

// What would keep issues from being made is found before a ticket waits for one.
func TestInspectEscalation(t *testing.T) {
	for name, o := range map[string]sandbox.JiraOptions{"Cloud": {}, "Data Center": {DataCenter: true}} {
		t.Run(name, func(t *testing.T) {
			d := newWorkshop(t, o, 0)
			dev := desk.TeamProject{Project: "DEV", Type: "bug", Fields: []string{due}}
			for _, c := range []struct {
				lacks []string
				w     desk.TeamProject
				want  []string
			}{
				{nil, dev, []string{"issues can be made in DEV"}},
				{nil, desk.TeamProject{Project: "DEV", Type: "Epidemic", Fields: []string{"customfield_1"}}, []string{`[[escalate]]: jira has no field "customfield_1"`, `project DEV has no issue type "Epidemic"`}},
				{nil, desk.TeamProject{Project: "NONE", Type: "Bug"}, []string{"project NONE isn't there, or hidden from Vigie"}},
				{[]string{"BROWSE_PROJECTS"}, dev, []string{"project DEV isn't there, or hidden from Vigie"}},
				{[]string{"CREATE_ISSUES", "LINK_ISSUES"}, dev, []string{"project DEV: no Create issues, so no issue is made of a ticket", "project DEV: no Link issues, so an issue can't be linked to its ticket"}},
				{[]string{"EDIT_ISSUES", "ADMINISTER_PROJECTS", "ADMINISTER"}, dev, []string{"project DEV: no Edit issues, so an issue can't be kept in step with its ticket", "project DEV: no Administer projects, so an edit can't be kept from mailing watchers, and isn't made"}},
			} {
				d.Options.Jira.Lacks = c.lacks
				var got []string
				for _, f := range d.InspectEscalation(t.Context(), []desk.TeamProject{c.w}) {
					got = append(got, f.Text)
					if (f.Weight != 0) != (f.Remedy != "" && f.FR.Remedy != "" && f.FR.Text != "") {
						t.Errorf("%+v", f)
					}
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("lacking %v: got %q, want %q", c.lacks, got, c.want)
				}
			}
		})
	}
}
