package zendesk_test

import (
	gocmp "cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/contract"
	"vigie/connectors/desk"
	"vigie/connectors/rest"
	"vigie/connectors/sandbox"
	"vigie/connectors/zendesk"
	"vigie/rules"
)

// A desk is a sandbox with people in it, on a clock that tests set, and a client
// on it over real HTTP.
type world struct {
	*sandbox.Sandbox
	now    time.Time
	z      sandbox.Zendesk
	client *zendesk.Client
	cfg    zendesk.Config
	url    string
	onPut  func() // at the next PUT of one ticket; nil: nothing
	ctx    context.Context
	rude   bool // its answers aren't held against Zendesk's description

	hang string            // the end of a path that is never answered
	odd  map[string]string // answers of 200 that aren't the API's, by the end of a path

	putting sync.Mutex   // guards onPut
	waited  atomic.Int64 // how long the client has waited, in its own view
}

const (
	nadia = "nadia@acme.example"   // customer
	lena  = "lena@support.example" // agent
)

func newDesk(t *testing.T, change func(*zendesk.Config, *world)) *world {
	t.Helper()
	d := &world{Sandbox: sandbox.New(), now: at("Fri 2026-11-27 16:30:00")}
	d.Now = func() time.Time { return d.now }
	d.Real = func() time.Time { return time.Now().Add(time.Duration(d.waited.Load())) }
	d.Options.Limit()
	vendor := d.Handler()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut && !strings.HasSuffix(r.URL.Path, "/update_many.json") {
			d.putting.Lock() // the client may ask again while an answer that it lost is still on its way
			f := d.onPut
			d.onPut = nil
			d.putting.Unlock()
			if f != nil {
				f()
			}
		}
		if d.hang != "" && strings.HasSuffix(r.URL.Path, d.hang) {
			<-r.Context().Done()
			return
		}
		for path, body := range d.odd {
			if strings.HasSuffix(r.URL.Path, path) {
				_, _ = io.WriteString(w, body)
				return
			}
		}
		vendor.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	d.url = srv.URL
	d.z = d.Zendesk()
	d.z.AddUser(sandbox.ZendeskUser{Email: lena, Role: "agent"})
	d.z.AddUser(sandbox.ZendeskUser{Email: nadia, Locale: "fr-FR", Organization: "Acme"})
	d.z.AddGroup("Support Berlin")
	d.z.AddGroup("Support Pune")
	d.cfg = zendesk.Config{
		Name: "zendesk", URL: srv.URL,
		Email: d.Tokens.Zendesk.Email, Token: d.Tokens.Zendesk.Token, WebhookSecrets: func() []string { return []string{d.Tokens.ZendeskWebhook} },
		Now:   d.Now,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
	if change != nil {
		change(&d.cfg, d)
	}
	base := contract.Check(t)
	if d.rude {
		base = http.DefaultTransport
	}
	d.client = zendesk.New(d.cfg, (&rest.Transport{Base: base, Authorize: d.cfg.Authorize, Sleep: d.wait}).Client())
	return d
}

// wait lets the vendor's limits believe that time has passed.
func (d *world) wait(ctx context.Context, long time.Duration) error {
	d.waited.Add(int64(long))
	return ctx.Err()
}

// rude is a change for an account that doesn't answer as it should.
func rude(_ *zendesk.Config, d *world) { d.rude = true }

// misbehave switches manners of Zendesk's on.
func (d *world) misbehave(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		must(t, d.Faults.Misbehave("zendesk", name))
	}
}

// behave switches manners off again.
func (d *world) behave(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		must(t, d.Faults.Behave("zendesk", name))
	}
}

// at reads an instant in UTC; the weekday is checked.
func at(s string) time.Time {
	t, err := time.Parse("Mon 2006-01-02 15:04:05", s)
	if err != nil || t.Format("Mon") != s[:3] {
		panic(fmt.Sprintf("bad instant %q: %v", s, err))
	}
	return t
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open opens a ticket of Nadia's, unless it says another's.
func (d *world) open(t *testing.T, n sandbox.NewTicket) int64 {
	t.Helper()
	n.Body = gocmp.Or(n.Body, "Hello")
	n.Subject = gocmp.Or(n.Subject, "x")
	n.RequesterEmail = gocmp.Or(n.RequesterEmail, nadia)
	id, err := d.z.Open(n)
	must(t, err)
	return id
}

func (d *world) read(t *testing.T, id int64) desk.Reading {
	t.Helper()
	list, err := d.client.Read(t.Context(), []string{fmt.Sprint(id)})
	must(t, err)
	return list[0]
}

func TestLifeOfATicket(t *testing.T) {
	d := newDesk(t, nil)
	id := d.open(t, sandbox.NewTicket{
		Subject: "Portail inaccessible", Body: "Plus personne n'entre.\n\nLe jeu. 26 nov. 2026 à 09:00, Lena a écrit :\n> Bonjour",
		Type: "incident", Priority: "low", RequesterEmail: nadia, Recipient: "support@moveon4.example",
		Group: "Support Berlin", Tags: []string{"vip"},
	})
	created := d.now
	step := func(f func() error) time.Time {
		d.now = d.now.Add(10 * time.Minute)
		must(t, f())
		return d.now
	}
	replied := step(func() error {
		return d.z.Update(id, lena, sandbox.ZendeskUpdate{Comment: "On regarde.", Status: "pending", Priority: "urgent", Assignee: lena})
	})
	noted := step(func() error { return d.z.Reply(id, lena, false, "base de données") })
	asked := step(func() error { return d.z.Reply(id, nadia, true, "Alors ?") })
	handed := step(func() error { return d.z.SetGroup(id, lena, "Support Pune") })
	tagged := step(func() error { return d.z.AddTags(id, lena, "workaround") })
	triggered := step(func() error { return d.z.SetPriority(id, sandbox.Trigger, "high") })
	solved := step(func() error { return d.z.SetStatus(id, lena, "solved") })
	d.now = d.now.Add(time.Minute)

	got := d.read(t, id)
	want := &rules.Ticket{
		Source: "zendesk", ID: fmt.Sprint(id), Kind: "incident", Status: "new", VendorPriority: "high", Channel: "email",
		Organization: "Acme", Group: "Support Berlin", Requester: nadia, Recipient: "support@moveon4.example",
		Language: "fr", Subject: "Portail inaccessible", Text: "Portail inaccessible\nPlus personne n'entre.",
		Tags: []string{"vip"}, Fields: rules.Fields{"type": "incident"}, CreatedAt: created, URL: d.url + "/agent/tickets/" + fmt.Sprint(id),
		Events: []rules.Event{
			{At: replied, Type: "reply", By: "agent", Public: true},
			{At: replied, Type: "priority", To: "urgent", By: "agent"},
			{At: replied, Type: "status", To: "waiting_customer", By: "agent"},
			{At: replied, Type: "assignee", To: lena, By: "agent"},
			{At: noted, Type: "reply", By: "agent"},
			{At: asked, Type: "reply", By: "customer", Public: true, Text: "Alors ?"},
			{At: asked, Type: "status", To: "open", By: "customer"},
			{At: handed, Type: "group", To: "Support Pune", By: "agent"},
			{At: tagged, Type: "tag", Add: []string{"workaround"}, By: "agent"},
			{At: triggered, Type: "priority", To: "high", By: "automation"},
			{At: solved, Type: "status", To: "solved", By: "agent"},
		},
	}
	order := func(a, b rules.Event) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(string(a.Type), string(b.Type))
	}
	slices.SortFunc(want.Events, order)
	slices.SortFunc(got.Ticket.Events, order)
	if diff := cmp.Diff(want, got.Ticket); diff != "" {
		t.Error(diff)
	}
	if got.Version == "" {
		t.Error("no version of a ticket that was left alone for a minute")
	}

	d.now = d.now.Add(time.Minute)
	page, err := d.client.Changes(t.Context(), "", created)
	must(t, err)
	if len(page.Changes) != 1 || page.Changes[0].Version != got.Version {
		t.Errorf("export: got %+v, want the reading's version %q", page.Changes, got.Version)
	}
}

func TestExportReachesTheEnd(t *testing.T) {
	d := newDesk(t, nil)
	start := d.now
	d.Options.Zendesk.ResendRows = 2
	var want []string
	for range 1200 {
		want = append(want, fmt.Sprint(d.open(t, sandbox.NewTicket{})))
		d.now = d.now.Add(time.Second)
	}
	last := d.open(t, sandbox.NewTicket{Subject: "in the last minute"})
	d.now = d.now.Add(30 * time.Second)
	must(t, d.z.Delete(1))

	seen := map[string]bool{}
	cursor := ""
	poll := func() {
		for more := true; more; {
			page, err := d.client.Changes(t.Context(), cursor, start)
			must(t, err)
			for _, c := range page.Changes {
				seen[c.ID] = true
			}
			cursor, more = page.Cursor, page.More
		}
	}
	poll()
	if seen[fmt.Sprint(last)] {
		t.Error("the last minute is withheld by Zendesk, but was seen")
	}
	d.now = d.now.Add(2 * time.Minute)
	poll()
	if !seen[fmt.Sprint(last)] || !seen["1"] {
		t.Error("a later poll has to bring what the first one couldn't")
	}
	for _, id := range want {
		if !seen[id] {
			t.Errorf("ticket %s was never seen", id)
		}
	}

	page, err := d.client.Changes(t.Context(), cursor, start)
	must(t, err)
	if page.More || page.Cursor == "" {
		t.Errorf("an empty poll: got %+v", page)
	}
}

func TestUnsolved(t *testing.T) {
	d := newDesk(t, nil)
	open := d.open(t, sandbox.NewTicket{Subject: "open"})
	solved := d.open(t, sandbox.NewTicket{Subject: "solved", RequesterEmail: nadia, Assignee: lena})
	must(t, d.z.SetStatus(solved, lena, "solved"))
	page, err := d.client.Unsolved(t.Context(), "")
	must(t, err)
	if len(page.Changes) != 1 || page.Changes[0].ID != fmt.Sprint(open) || page.More {
		t.Errorf("got %+v, want ticket %d alone", page, open)
	}
}

func TestGoneAndDeleted(t *testing.T) {
	d := newDesk(t, nil)
	id := d.open(t, sandbox.NewTicket{})
	must(t, d.z.Delete(id))
	list, err := d.client.Read(t.Context(), []string{"999", "x1", fmt.Sprint(id)})
	must(t, err)
	if !list[0].Gone || list[1].Err == nil || list[2].Err != nil {
		t.Errorf("got %+v", list)
	}
	if !list[2].Gone && list[2].Ticket.Events[len(list[2].Ticket.Events)-1].To != "deleted" {
		t.Errorf("a deleted ticket: got %+v", list[2])
	}
}

func TestWriteAndReadBack(t *testing.T) {
	var text, date int64
	d := newDesk(t, func(c *zendesk.Config, d *world) {
		text, date = d.z.AddField("Update due", "text"), d.z.AddField("Resolution due", "date")
		c.DueFields = []rules.DueField{{Metric: rules.Update, ID: fmt.Sprint(text)}, {Metric: rules.Resolution, ID: fmt.Sprint(date)}}
		c.Priorities = map[string]string{"high": "haute"}
		c.VendorPriority = map[string]string{"haute": "high"}
	})
	must(t, d.client.Check(t.Context()))
	want := []rules.DueField{{Metric: rules.Update, ID: fmt.Sprint(text), Form: rules.TextForm}, {Metric: rules.Resolution, ID: fmt.Sprint(date), Form: rules.DateForm}}
	if diff := cmp.Diff(want, d.client.DueFields()); diff != "" {
		t.Error(diff)
	}

	var edits []desk.Edit
	for range 250 {
		id := d.open(t, sandbox.NewTicket{Tags: []string{"theirs", "priority_low"}})
		edits = append(edits, desk.Edit{
			ID: fmt.Sprint(id), AddTags: []string{"priority_haute"}, RemoveTags: []string{"priority_low"},
			Fields:   map[string]string{fmt.Sprint(text): "2026-11-30T08:30:00Z", fmt.Sprint(date): "2026-12-01"},
			Priority: "haute",
		})
	}
	closed := d.open(t, sandbox.NewTicket{Subject: "closed", RequesterEmail: nadia, Status: "closed"})
	edits = append(edits,
		desk.Edit{ID: fmt.Sprint(closed), AddTags: []string{"late"}},
		desk.Edit{ID: "99999", AddTags: []string{"late"}},
		desk.Edit{ID: "nonsense", AddTags: []string{"late"}},
		desk.Edit{ID: edits[0].ID, AddTags: []string{"second"}, Fields: map[string]string{fmt.Sprint(date): ""}},
		desk.Edit{ID: edits[1].ID},
	)
	before := len(d.Calls("zendesk"))
	d.now = d.now.Add(time.Minute)
	results, err := d.client.Write(t.Context(), edits)
	must(t, err)
	if calls := len(d.Calls("zendesk")) - before; calls > 25 {
		t.Errorf("%d requests for 255 edits", calls)
	}
	for i, err := range results {
		switch id := edits[i].ID; {
		case id == fmt.Sprint(closed), id == "99999":
			if !errors.Is(err, desk.ErrUntouchable) {
				t.Errorf("edit of %s: got %v, want ErrUntouchable", id, err)
			}
		case id == "nonsense":
			if err == nil || errors.Is(err, desk.ErrUntouchable) {
				t.Errorf("edit of %s: got %v", id, err)
			}
		case err != nil:
			t.Errorf("edit of %s: %v", id, err)
		}
	}

	d.now = d.now.Add(time.Minute)
	first, _ := d.z.Ticket(1)
	if diff := cmp.Diff([]string{"priority_haute", "second", "theirs"}, slices.Sorted(slices.Values(first.Tags))); diff != "" {
		t.Error(diff)
	}
	if first.Field(date) != "null" || first.Field(text) != `"2026-11-30T08:30:00Z"` {
		t.Errorf("fields: got %s and %s", first.Field(date), first.Field(text))
	}
	for _, e := range d.read(t, 2).Ticket.Events {
		if e.By != rules.ByVigie {
			t.Errorf("our own write is said to be by %q: %+v", e.By, e)
		}
		if e.Type == rules.PriorityEvent && e.To != "haute" {
			t.Errorf("priority: got %q", e.To)
		}
	}
}

func TestWriteDuringAnOutage(t *testing.T) {
	d := newDesk(t, nil)
	id := d.open(t, sandbox.NewTicket{})
	edits := []desk.Edit{{ID: fmt.Sprint(id), AddTags: []string{"a"}}}

	d.Faults.Down("zendesk", true)
	results, err := d.client.Write(t.Context(), edits)
	if err == nil || results[0] == nil {
		t.Errorf("vendor down: got %v, %v", results, err)
	}
	d.Faults.Down("zendesk", false)
	d.Faults.FailNext("zendesk", 1, sandbox.Fault{Drop: true, AfterWork: true})
	results, err = d.client.Write(t.Context(), edits)
	if err != nil || results[0] != nil {
		t.Errorf("answer lost: got %v, %v", results, err)
	}
	if got, _ := d.z.Ticket(id); !slices.Equal(got.Tags, []string{"a"}) || d.z.Audits(id) != 2 {
		t.Errorf("tags %v after %d audits, want one change", got.Tags, d.z.Audits(id))
	}
}

func TestCustomStatusesFormsAndKinds(t *testing.T) {
	d := newDesk(t, func(c *zendesk.Config, d *world) {
		d.z.AddStatus("open", "Waiting on engineering")
		c.Status = map[string]rules.Status{"waiting on engineering": rules.WaitingThirdParty}
		c.Kinds = []desk.Kind{{From: "feature_request", To: "feature"}, {From: "task", To: "service"}}
	})
	must(t, d.client.Check(t.Context()))
	id := d.open(t, sandbox.NewTicket{Type: "task", Assignee: lena})
	d.now = d.now.Add(time.Minute)
	must(t, d.z.SetStatus(id, lena, "Waiting on engineering"))
	d.now = d.now.Add(time.Minute)
	must(t, d.z.AddTags(id, lena, "feature_request"))
	d.now = d.now.Add(time.Minute)
	got := d.read(t, id).Ticket
	if got.Kind != "service" {
		t.Errorf("kind at creation: got %q", got.Kind)
	}
	var told []string
	for _, e := range got.Events {
		told = append(told, string(e.Type)+" "+e.To)
	}
	if want := []string{"status waiting_third_party", "tag ", "kind feature"}; !slices.Equal(told, want) {
		t.Errorf("got %q, want %q", told, want)
	}
}

func TestCheckSaysWhatIsWrong(t *testing.T) {
	tests := []struct {
		name   string
		change func(*zendesk.Config, *world)
		want   []string
	}{
		{"wrong token", func(c *zendesk.Config, _ *world) { c.Token = "s3cret-but-wrong" }, []string{"401"}},
		{"no admin", func(c *zendesk.Config, d *world) {
			d.z.AddAgent("aide@support.example", "t")
			c.Email, c.Token = "aide@support.example", "t"
		}, []string{`"agent"`}},
		{"fields", func(c *zendesk.Config, d *world) {
			list := d.z.AddField("Severity", "tagger", "a", "b")
			c.DueFields = []rules.DueField{{Metric: rules.Update, ID: "1"}, {Metric: rules.Resolution, ID: fmt.Sprint(list)}}
		}, []string{"due field 1 for update: no such", `of type "tagger"`}},
		{"status", func(c *zendesk.Config, d *world) {
			d.z.AddStatus("open", "Waiting on engineering")
			c.Status = map[string]rules.Status{"Waiting for Godot": rules.Open}
		}, []string{`"Waiting for Godot"`}},
		{"address", func(c *zendesk.Config, _ *world) { c.URL = "acme" }, []string{"want the account's address"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, tt.change)
			err := d.client.Check(t.Context())
			for _, want := range tt.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q in it", err, want)
				}
			}
			if err != nil && (strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "127.0.0.1")) {
				t.Errorf("the error shows too much: %v", err)
			}
		})
	}
}

// What we did ourselves is no news; what others do is.
func TestWebhooksOfOurOwn(t *testing.T) {
	d := newDesk(t, nil)
	var told []string
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body := make([]byte, r.ContentLength)
		_, _ = r.Body.Read(body)
		got, err := d.client.ParseWebhook(r.Header, body, time.Now())
		if err != nil || got.ID == "" {
			t.Errorf("got %+v, %v", got, err)
		}
		told = append(told, got.Tickets...)
	}))
	defer srv.Close()
	d.SetWebhook("zendesk", srv.URL)
	id := d.open(t, sandbox.NewTicket{})
	d.read(t, id) // from which we know who we are
	flush := func() []string {
		told = nil
		_, err := d.FlushWebhooks(t.Context(), sandbox.WebhookPlan{})
		must(t, err)
		return told
	}
	flush()
	must(t, d.z.AddTags(id, d.Tokens.Zendesk.Email, "priority_high"))
	if got := flush(); len(got) > 0 {
		t.Errorf("our own write: got %v", got)
	}
	must(t, d.z.AddTags(id, lena, "vip"))
	if got := flush(); !slices.Equal(got, []string{fmt.Sprint(id)}) {
		t.Errorf("an agent's: got %v", got)
	}
}

func TestWebhooksOfTheSandbox(t *testing.T) {
	for _, model := range []sandbox.WebhookModel{sandbox.EventWebhooks, sandbox.TriggerWebhooks} {
		t.Run(string(model), func(t *testing.T) {
			d := newDesk(t, nil)
			d.Options.Zendesk.Webhooks = model
			ids, calls := map[string]int{}, 0
			srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				body := make([]byte, r.ContentLength)
				_, _ = r.Body.Read(body)
				got, err := d.client.ParseWebhook(r.Header, body, time.Now())
				if err != nil || len(got.Tickets) != 1 || got.Tickets[0] != "1" {
					t.Errorf("got %+v, %v of %s", got, err, body)
				}
				ids[got.ID]++
				calls++
				if _, err := d.client.ParseWebhook(r.Header, append(body, ' '), time.Now()); !errors.Is(err, desk.ErrForged) {
					t.Errorf("another body: got %v", err)
				}
			}))
			defer srv.Close()
			d.SetWebhook("zendesk", srv.URL)
			id := d.open(t, sandbox.NewTicket{})
			must(t, d.z.SetPriority(id, lena, "urgent"))
			_, err := d.FlushWebhooks(t.Context(), sandbox.WebhookPlan{Duplicate: 1})
			must(t, err)
			if calls == 0 || len(ids)*2 != calls {
				t.Errorf("%d calls, all doubled, have %d ids", calls, len(ids))
			}
		})
	}
}
