package jira_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/connectors/desk"
	"vigie/connectors/jira"
	"vigie/connectors/sandbox"
	"vigie/rules/words"
)

// said are the notices in one language.
func said(list []desk.Notice) string {
	var all []string
	for _, n := range list {
		all = append(all, n.Key+" "+words.In("en").Tell(n.Says))
	}
	return strings.Join(all, "\n")
}

// A project's key is edited while Vigie runs: its issues are ours by the new key, and
// by the old one, and people are told.
func TestProjectsKeyIsEdited(t *testing.T) {
	both(t, func(t *testing.T, d *world) {
		j := d.Jira()
		key := j.Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
		d.after(t, time.Minute, d.Check(t.Context()))
		var told []string
		hooks := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			delivery, err := d.ParseWebhook(r.Header, body, time.Now())
			if err != nil {
				t.Error(err)
			}
			told = append(told, delivery.Tickets...)
		}))
		defer hooks.Close()
		d.SetWebhook("jira", hooks.URL)
		d.after(t, time.Minute, j.EditProjectKey("SUP", "HELP"))
		d.after(t, time.Minute, j.AddLabels("HELP-1", agent, "a"))
		if _, err := d.FlushWebhooks(t.Context(), sandbox.WebhookPlan{}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(told, []string{"HELP-1"}) {
			t.Errorf("webhooks told %v", told)
		}
		for _, id := range []string{key, "HELP-1"} {
			if got := d.read(t, id); got.Ticket == nil || got.Ticket.ID != "HELP-1" {
				t.Errorf("%s, before a list has named it: got %+v", id, got)
			}
		}
		page, err := d.Changes(t.Context(), "", d.now.Add(-time.Hour))
		if err != nil || len(page.Changes) != 1 || page.Changes[0].ID != "HELP-1" {
			t.Fatalf("got %+v, %v", page, err)
		}
		if got := said(page.Notices); !strings.Contains(got, "project/SUP jira: project SUP is called HELP now") {
			t.Errorf("told %q", got)
		}
		readings, err := d.Read(t.Context(), []string{key, "HELP-1"})
		if got := outcomes(readings); err != nil || got["HELP-1"] != "HELP-1" || got[key] != "same HELP-1" || !slices.Equal(readings[1].Names, []string{"SUP-1"}) {
			t.Errorf("got %v, %v", got, err)
		}
		// And so it is for one that starts with either key.
		for _, configured := range []string{"SUP", "HELP"} {
			cfg := d.cfg
			cfg.Projects = []string{configured}
			got := newDeskLike(d, cfg).read(t, key)
			if got.Ticket == nil || !slices.Equal(got.Names, []string{"SUP-1"}) {
				t.Errorf("configured as %s: got %+v", configured, got)
			}
		}
		var findings []string
		for _, f := range d.Inspect(t.Context(), "") {
			findings = append(findings, f.Text)
		}
		if !slices.Contains(findings, "project SUP is called HELP now") {
			t.Errorf("check --online says %q", findings)
		}
	})
}

// newDeskLike is a desk on the same site with a client that is configured otherwise.
func newDeskLike(d *world, cfg jira.Config) *world {
	return &world{Sandbox: d.Sandbox, Client: jira.New(cfg, d.transport().Client())}
}

// Where every project is missing nothing is read, and least of all what is in others.
func TestEveryProjectIsMissing(t *testing.T) {
	both(t, func(t *testing.T, d *world) {
		d.Jira().Create(sandbox.NewIssue{Project: "HR", Reporter: customer})
		d.now = d.now.Add(time.Minute)
		for range 3 {
			page, err := d.Changes(t.Context(), "", d.now.Add(-time.Hour))
			if err == nil || len(page.Changes) > 0 {
				t.Errorf("got %+v, %v", page, err)
			}
		}
	})
}

// One of several projects that is missing or hidden leaves the others as they are.
func TestProjectThatIsMissing(t *testing.T) {
	for name, hide := range map[string]func(d *world){
		"it isn't there": func(*world) {},
		"it is hidden": func(d *world) {
			d.Jira().Create(sandbox.NewIssue{Project: "GONE", Reporter: customer})
			d.Options.Jira.Hidden = []string{"GONE"}
		},
	} {
		for kind, o := range map[string]sandbox.JiraOptions{"Cloud": {}, "Data Center": {DataCenter: true}} {
			t.Run(name+", "+kind, func(t *testing.T) {
				d := newDeskOf(t, o, func(cfg *jira.Config) { cfg.Projects = []string{"SUP", "GONE"} })
				hide(d)
				key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
				d.after(t, time.Minute, d.Check(t.Context()))
				page, err := d.Changes(t.Context(), "", d.now.Add(-time.Hour))
				if err != nil || len(page.Changes) != 1 || page.Changes[0].ID != key {
					t.Fatalf("got %+v, %v", page, err)
				}
				if got := said(page.Notices); !strings.Contains(got, "project/GONE jira: project GONE isn't there, or hidden from Vigie") {
					t.Errorf("told %q", got)
				}
				if got := d.read(t, "GONE-1"); got.Gone {
					t.Errorf("an issue of it: got %+v", got)
				}
				if page, err := d.Unsolved(t.Context(), ""); err != nil || len(page.Changes) != 1 {
					t.Errorf("unsolved: got %+v, %v", page, err)
				}
				// It comes back, and is read again within a quarter of an hour.
				d.Options.Jira.Hidden = nil
				d.Jira().Create(sandbox.NewIssue{Project: "GONE", Reporter: customer})
				d.now = d.now.Add(15 * time.Minute)
				page, err = d.Changes(t.Context(), "", d.now.Add(-time.Hour))
				if err != nil || len(page.Changes) < 2 || len(page.Notices) != 0 {
					t.Errorf("afterwards: got %+v, %v", page, err)
				}
			})
		}
	}
}
