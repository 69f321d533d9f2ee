package jira_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vigie/connectors/desk"
	"vigie/connectors/sandbox"
)

// count is how many requests the sandbox's Jira saw since the last count: about
// the site itself, searches, other reads, writes.
type count struct{ site, searches, reads, writes int }

func (d *world) count() (n count) {
	calls := d.Calls("jira")
	for _, c := range calls[d.counted:] {
		switch name := c.Path[strings.LastIndexByte(c.Path, '/')+1:]; {
		case c.Status == http.StatusTooManyRequests: // is asked again
		case c.Write:
			n.writes++
		case name == "jql" || name == "search" && !strings.Contains(c.Path, "fetch"):
			n.searches++
		case name == "myself" || name == "field" || name == "status" || name == "serverInfo" || strings.Contains(c.Path, "/project/"):
			n.site++
		default:
			n.reads++
		}
	}
	d.counted = len(calls)
	return n
}

// poll lists changes to the end, and returns the ids of those whose version
// isn't the one that is known, each once.
func (d *world) poll(t *testing.T, list func(ctx context.Context, cursor string) (desk.Page, error), known map[string]string, cursor string) (ids []string, next string) {
	t.Helper()
	for told := map[string]bool{}; ; {
		page, err := list(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page.Changes {
			v, ok := known[c.ID]
			if fresh := !ok || v != c.Version && c.Version != desk.AnyVersion; fresh && !told[c.ID] {
				ids, told[c.ID] = append(ids, c.ID), true
			}
		}
		if cursor = page.Cursor; !page.More {
			return ids, cursor
		}
	}
}

// What it costs to keep up, in requests; go test -v prints the table.
func TestRequestsInBulk(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of issues")
	}
	for name, o := range map[string]sandbox.JiraOptions{"Cloud": {}, "Data Center": {DataCenter: true}} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, o)
			const open, changed = 10_000, 1_000
			for range open {
				d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
			}
			d.after(t, 30*24*time.Hour, d.Check(t.Context()))
			changes := func(ctx context.Context, cursor string) (desk.Page, error) {
				return d.Changes(ctx, cursor, d.now.Add(-time.Hour))
			}
			_, cursor := d.poll(t, changes, nil, "")
			known := map[string]string{}
			for n := range open {
				known[fmt.Sprintf("SUP-%d", n+1)] = "2026-11-24T09:00:00.000Z"
			}
			d.count()

			row := func(what string, got, most count) {
				t.Helper()
				t.Logf("%-28s %3d searches %4d reads %5d writes", what, got.searches, got.reads, got.writes)
				if got.searches > most.searches || got.reads > most.reads || got.writes > most.writes || got.site > 0 {
					t.Errorf("%s: got %+v, want %+v at most", what, got, most)
				}
			}
			ids, _ := d.poll(t, d.Unsolved, known, "")
			row("10,000 unchanged, compared", d.count(), count{searches: 15})
			if len(ids) > 0 {
				t.Errorf("%d of them are to be read", len(ids))
			}
			ids, cursor = d.poll(t, changes, known, cursor)
			row("10,000 unchanged, polled", d.count(), count{searches: 1})
			if len(ids) > 0 {
				t.Errorf("%d of them are to be read", len(ids))
			}

			d.after(t, 10*time.Minute, nil)
			for n := range changed {
				key := fmt.Sprintf("SUP-%d", 7*n+1)
				if err := d.Jira().SetPriority(key, agent, "Highest"); err != nil {
					t.Fatal(err)
				}
			}
			for range 45 { // one of them has had a long life
				d.after(t, time.Second, d.Jira().SetTeam("SUP-8", agent, d.now.String()))
			}
			ids, _ = d.poll(t, changes, known, cursor)
			row("1,000 changed, polled", d.count(), count{searches: 3, reads: 1})
			if len(ids) != changed {
				t.Errorf("%d are to be read", len(ids))
			}
			got, err := d.Read(t.Context(), ids)
			if err != nil {
				t.Fatal(err)
			}
			row("1,000 changed, read", d.count(), count{searches: changed / 100, reads: 11})
			var edits []desk.Edit
			for _, r := range got {
				if r.Ticket == nil || len(r.Ticket.Events) == 0 || r.ID == "SUP-8" && len(r.Ticket.Events) != 46 {
					t.Fatalf("got %+v", r)
				}
				edits = append(edits, desk.Edit{ID: r.ID, AddTags: []string{"priority_haute"}, Fields: map[string]string{due: "2026-12-24T10:00:00Z"}})
			}
			errs, err := d.Write(t.Context(), edits)
			for _, err := range append(errs, err) {
				if err != nil {
					t.Fatal(err)
				}
			}
			row("1,000 changed, written", d.count(), count{reads: 1, writes: changed})

			for n := range open { // each of them has changed of late
				if err := d.Jira().SetPriority(fmt.Sprintf("SUP-%d", n+1), agent, "Lowest"); err != nil {
					t.Fatal(err)
				}
			}
			d.after(t, 24*time.Hour, nil)
			ids, _ = d.poll(t, d.Unsolved, known, "")
			row("10,000 changed, compared", d.count(), count{searches: 10, reads: 10})
			if len(ids) != open {
				t.Errorf("%d of them are to be read", len(ids))
			}
		})
	}
}

// A storm of webhooks names each issue many times; it is read once.
func TestStormOfWebhooks(t *testing.T) {
	d := newDesk(t, sandbox.JiraOptions{})
	told := map[string]bool{}
	hooks := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		delivery, err := d.ParseWebhook(r.Header, body, time.Now())
		if err != nil {
			t.Error(err)
		}
		for _, id := range delivery.Tickets {
			told[id] = true
		}
	}))
	defer hooks.Close()
	var keys []string
	for range 50 {
		keys = append(keys, d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer}))
	}
	d.SetWebhook("jira", hooks.URL)
	for n := range 5_000 {
		d.after(t, time.Millisecond, d.Jira().SetTeam(keys[n%50], agent, fmt.Sprint("team ", n%7)))
	}
	d.after(t, 0, d.Check(t.Context()))
	d.count()
	posted, err := d.FlushWebhooks(t.Context(), sandbox.WebhookPlan{Duplicate: 3, Reverse: true})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for id := range told {
		ids = append(ids, id)
	}
	got, err := d.Read(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	events := 0
	for _, r := range got {
		events += len(r.Ticket.Events)
	}
	n := d.count()
	t.Logf("%d webhooks on %d issues: %d reads", posted, len(ids), n.reads)
	if posted < 5_000 || len(ids) != 50 || events < 4_900 || n.reads > 55 {
		t.Errorf("%d posted, %d issues, %d events, %+v", posted, len(ids), events, n)
	}
}
