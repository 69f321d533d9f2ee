package jira_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/contract"
	"vigie/connectors/desk"
	"vigie/connectors/jira"
	"vigie/connectors/rest"
	"vigie/connectors/sandbox"
	"vigie/rules"
)

const (
	agent    = "nadia@acme.example"
	customer = "omar@globex.example"
	due      = "customfield_10050"
)

// A desk is a sandbox with a clock of its own and a client of its Jira.
type world struct {
	*sandbox.Sandbox
	*jira.Client
	now       time.Time
	real      time.Time
	counted   int // requests seen so far
	mu        sync.Mutex
	waits     []time.Duration
	onPost    func() // at the next POST of an issue or a link; nil: nothing
	away      string // the end of the paths that are answered 503
	transport func() *rest.Transport
	connect   func() *jira.Client // a client that knows nothing yet
	cfg       jira.Config         // of these clients
}

// gateway is where the sandbox takes tokens with scopes.
const gateway = "/ex/jira/11223344-a1b2-3b33-c444-def123456789"

func newDesk(t *testing.T, o sandbox.JiraOptions) *world {
	t.Helper()
	return newDeskOf(t, o, func(*jira.Config) {})
}

// newDeskOf is newDesk with a client that is configured otherwise.
func newDeskOf(t *testing.T, o sandbox.JiraOptions, change func(*jira.Config)) *world {
	t.Helper()
	d := &world{Sandbox: sandbox.New(), now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)} // a Tuesday
	d.Sandbox.Now = func() time.Time { return d.now }
	d.Options.Jira = o
	// The site's limits are on as a rule. They go by a clock of their own, which moves
	// when the client waits.
	d.real = time.Now()
	d.Sandbox.Real = func() time.Time { d.mu.Lock(); defer d.mu.Unlock(); return d.real }
	d.Options.Jira.PerIssueLimit = true
	if o.Bucket.Size == 0 {
		d.Options.Jira.Bucket = sandbox.JiraBucket{Size: 100, Fill: 100, Every: time.Second}
	}
	path := ""
	if len(o.Scopes) > 0 {
		path = gateway
	}
	if o.DataCenter {
		path = "/jira" // a context path
	}
	site := d.Handler()
	below := path
	if path == gateway {
		below = "" // a part of Atlassian's addresses, not the site's own
	}
	srv := httptest.NewServer(http.StripPrefix(below, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && (strings.HasSuffix(r.URL.Path, "/issue") || strings.HasSuffix(r.URL.Path, "/remotelink")) {
			d.mu.Lock()
			f := d.onPost
			d.onPost = nil
			d.mu.Unlock()
			if f != nil {
				f()
			}
		}
		if d.away != "" && strings.HasSuffix(r.URL.Path, d.away) {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		site.ServeHTTP(w, r)
	})))
	t.Cleanup(srv.Close)
	cfg := jira.Config{
		Name: "jira", URL: srv.URL + path, Email: d.Tokens.Jira.Email, Token: d.Tokens.Jira.Token, WebhookSecrets: func() []string { return []string{d.Tokens.JiraWebhook} },
		Projects:        []string{"SUP"},
		Priorities:      map[string]string{"highest": "haute", "medium": "moyenne"},
		VendorPriority:  map[string]string{"haute": "Highest", "moyenne": "Medium"},
		UnsetPriorities: []string{"Medium"},
		Automations:     []string{"importer@acme.example"},
		Kinds:           []desk.Kind{{From: "Assistance technique", To: "assistance"}},
		Group:           "customfield_10060",
		DueFields:       []rules.DueField{{Metric: rules.FirstReply, ID: due}},
		Now:             func() time.Time { return d.now },
	}
	if o.DataCenter {
		cfg.Email = ""
	}
	change(&cfg)
	d.cfg = cfg
	wait := func(ctx context.Context, pause time.Duration) error {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.waits, d.real = append(d.waits, pause), d.real.Add(pause)
		return ctx.Err()
	}
	d.transport = func() *rest.Transport {
		return &rest.Transport{Base: contract.Check(t), Authorize: cfg.Authorize, Retry: jira.Repeatable, Sleep: wait}
	}
	d.connect = func() *jira.Client { return jira.New(cfg, d.transport().Client()) }
	d.Client = d.connect()
	d.Jira().AddUser(sandbox.JiraUser{Email: agent, Name: "Nadia"})
	d.Jira().AddUser(sandbox.JiraUser{Email: customer, Name: "Omar", Customer: true, Locale: "fr_FR"})
	return d
}

// after moves the clock on before something happens.
func (d *world) after(t *testing.T, pause time.Duration, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(pause)
}

func (d *world) read(t *testing.T, id string) desk.Reading {
	t.Helper()
	got, err := d.Read(t.Context(), []string{id})
	if err != nil {
		t.Fatal(err)
	}
	return got[0]
}

func TestSandboxLifeOfAnIssue(t *testing.T) {
	for name, o := range map[string]sandbox.JiraOptions{"Cloud": {}, "Data Center": {DataCenter: true}} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, o)
			j := d.Jira()
			key := j.Create(sandbox.NewIssue{Project: "SUP", Summary: "Portal down", Description: "*Everybody* is affected.", Reporter: customer,
				RequestType: "Assistance technique", Organization: "Globex", Team: "Paris", Channel: "portal", Labels: []string{"web"}})
			d.after(t, 10*time.Minute, d.Check(t.Context()))
			d.after(t, 10*time.Minute, j.SetPriority(key, agent, "Highest"))
			d.after(t, 10*time.Minute, j.Comment(key, agent, "to ourselves", false))
			d.after(t, 10*time.Minute, j.Comment(key, agent, "to you", true))
			d.after(t, 10*time.Minute, j.Transition(key, agent, "Waiting for customer"))
			d.after(t, 10*time.Minute, j.Comment(key, customer, "thanks", true))
			d.after(t, 10*time.Minute, j.SetTeam(key, agent, "Pune"))
			d.after(t, 10*time.Minute, j.Transition(key, agent, "Resolved"))

			edit := desk.Edit{ID: key, AddTags: []string{"priority_haute"}, RemoveTags: []string{"web"}, Fields: map[string]string{due: "2026-11-24T10:00:00Z"}}
			errs, err := d.Write(t.Context(), []desk.Edit{edit})
			d.after(t, time.Minute, errors.Join(append(errs, err)...))

			got := d.read(t, key)
			if got.Ticket == nil {
				t.Fatalf("got %+v", got)
			}
			at := func(minutes int) time.Time { return time.Date(2026, 11, 24, 9, minutes, 0, 0, time.UTC) }
			wantEvents := []rules.Event{
				{At: at(10), Type: rules.PriorityEvent, To: "haute", By: "agent"},
				{At: at(20), Type: rules.ReplyEvent, By: "agent"},
				{At: at(30), Type: rules.ReplyEvent, By: "agent", Public: true},
				{At: at(40), Type: rules.StatusEvent, To: "waiting_customer", By: "agent"},
				{At: at(50), Type: rules.ReplyEvent, By: "customer", Public: true, Text: "thanks"},
				{At: at(60), Type: rules.GroupEvent, To: "Pune", By: "agent"},
				{At: at(70), Type: rules.StatusEvent, To: "solved", By: "agent"},
				{At: at(80), Type: rules.FieldEvent, Name: due, To: "2026-11-24T10:00:00Z", By: "vigie"},
				{At: at(80), Type: rules.TagEvent, Add: []string{"priority_haute"}, Remove: []string{"web"}, By: "vigie"},
			}
			if diff := cmp.Diff(wantEvents, got.Ticket.Events); diff != "" {
				t.Error(diff)
			}
			got.Ticket.Events = nil
			want := &rules.Ticket{Source: "jira", ID: key, Kind: "assistance", Status: rules.New, Channel: "web", Organization: "Globex", Group: "Paris",
				Requester: customer, VendorPriority: "haute", Language: "en", Subject: "Portal down", Text: "Portal down\nEverybody is affected.", Tags: []string{"web"},
				Fields: rules.Fields{}, CreatedAt: at(0), URL: got.Ticket.URL}
			if o.DataCenter {
				want.Channel = "" // it doesn't tell
			}
			if diff := cmp.Diff(want, got.Ticket); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSandboxPolls(t *testing.T) {
	for name, o := range map[string]sandbox.JiraOptions{"Cloud": {}, "Data Center": {DataCenter: true}} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, o)
			for range 230 { // three pages of Cloud's
				d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
			}
			d.Jira().Create(sandbox.NewIssue{Project: "HR", Reporter: customer})
			d.after(t, 10*time.Minute, nil)
			poll := func(cursor string) (keys []string, next string) {
				t.Helper()
				for {
					page, err := d.Changes(t.Context(), cursor, d.now.Add(-time.Hour))
					if err != nil {
						t.Fatal(err)
					}
					for _, c := range page.Changes {
						keys = append(keys, c.ID)
						if c.Version == "" {
							t.Errorf("%s has no version", c.ID)
						}
					}
					if cursor = page.Cursor; !page.More {
						return keys, cursor
					}
				}
			}
			keys, cursor := poll("")
			if slices.Sort(keys); len(slices.Compact(keys)) != 230 {
				t.Errorf("the first poll told %d issues", len(keys))
			}
			d.after(t, 10*time.Minute, nil)
			d.after(t, time.Minute, d.Jira().AddLabels("SUP-7", agent, "x"))
			keys, cursor = poll(cursor)
			if !slices.Equal(keys, []string{"SUP-7"}) {
				t.Errorf("the second poll told %v", keys)
			}
			page, err := d.Changes(t.Context(), cursor, time.Time{})
			if err != nil || len(page.Changes) != 1 {
				t.Fatalf("the overlap told %v, %v", page.Changes, err)
			}
			if got := d.read(t, "SUP-7").Version; got != page.Changes[0].Version {
				t.Errorf("a search says version %s, a reading %s", page.Changes[0].Version, got)
			}
			d.after(t, time.Hour, d.Jira().Delete("SUP-8"))
			if got := d.read(t, "SUP-8"); !got.Gone {
				t.Errorf("a deleted issue: got %+v", got)
			}
		})
	}
}

// What a search's index doesn't know yet is there all the same.
func TestReadAheadOfTheIndex(t *testing.T) {
	for name, o := range map[string]sandbox.JiraOptions{"Cloud": {IndexLag: time.Hour}, "Data Center": {DataCenter: true, IndexLag: time.Hour}} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, o)
			key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
			d.after(t, time.Minute, d.Jira().AddLabels(key, agent, "a"))
			if got := d.read(t, key); got.Ticket == nil || len(got.Ticket.Events) != 1 {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestSandboxIgnoresQuietEdits(t *testing.T) {
	d := newDesk(t, sandbox.JiraOptions{NotAdmin: true})
	key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
	errs, err := d.Write(t.Context(), []desk.Edit{{ID: key, AddTags: []string{"a"}}})
	var q *jira.QuietError
	if err != nil || !errors.As(errs[0], &q) {
		t.Errorf("got %v, %v", errs, err)
	}
}

func TestSandboxWebhooks(t *testing.T) {
	for name, o := range map[string]sandbox.JiraOptions{"Cloud": {}, "Data Center": {DataCenter: true}} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, o)
			var got []string
			hooks := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				delivery, err := d.ParseWebhook(r.Header, body, time.Now())
				if err != nil {
					t.Error(err)
				}
				got = append(got, delivery.Tickets...)
			}))
			defer hooks.Close()
			d.SetWebhook("jira", hooks.URL)
			key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
			d.after(t, time.Minute, d.Jira().Comment(key, agent, "hello", true))
			if _, err := d.FlushWebhooks(t.Context(), sandbox.WebhookPlan{}); err != nil {
				t.Fatal(err)
			}
			if len(got) < 2 || got[0] != key {
				t.Fatalf("got %v", got)
			}
			for _, id := range got { // a key, or the id that Data Center's comments give
				if r := d.read(t, id); r.Ticket == nil || r.Ticket.ID != key {
					t.Errorf("%s: got %+v", id, r)
				}
			}
		})
	}
}
