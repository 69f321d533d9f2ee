package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/robfig/cron/v3"

	"vigie/bot/adapt"
	"vigie/bot/engine"
	"vigie/bot/store"
	"vigie/bot/worldtest"
	"vigie/connectors/contract"
	"vigie/connectors/desk"
	"vigie/connectors/jira"
	"vigie/connectors/rest"
	"vigie/connectors/sandbox"
	"vigie/connectors/slack"
	"vigie/connectors/zendesk"
	"vigie/rules"
	"vigie/rules/calendar"
	"vigie/rules/policies"
	"vigie/rules/policyfile"
)

const (
	nadia = "nadia@acme.example"   // customer
	lena  = "lena@support.example" // agent
	robot = "robot@acme.example"   // another program
	watch = "#sla"
)

// Update is promised within four business hours, with a warning at half and at
// three quarters of them; resolution within ten, with none.
const acme = `
name             = "acme"
title            = "Acme support"
effective_from   = 2026-01-01
covers           = 'kind != "task"'
calendar         = "berlin"
default_priority = "normal"
[calendars.berlin]
zone  = "Europe/Berlin"
hours = { mon-fri = ["09:00-17:00"] }
[[priorities]]
name    = "urgent"
zendesk = ["urgent"]
jira    = ["Highest"]
[[priorities]]
name    = "normal"
zendesk = ["normal"]
jira    = ["Medium"]
[[targets]]
metric = "update"
within = { urgent = "4 business hours", normal = "8 business hours" }
pause  = ["waiting_customer"]
warn   = ["50%", "75%"]
clause = "A-1"
[[targets]]
metric = "resolution"
within = { urgent = "20 business hours", normal = "40 business hours" }
pause  = ["waiting_customer"]
clause = "A-2"
[[exclude]]
when   = 'kind == "question"'
tag    = "sla_exempt"
reason = { fr = "hors engagement", en = "outside the SLA" }
clause = "A-3"
`

// A world is a sandbox with people in it, and an engine on a state that speaks to
// it over real HTTP, on a clock that the test moves. The state is in a file, or in
// PostgreSQL where there is one to test on: TestOnPostgres says which.
type world struct {
	*sandbox.Sandbox
	*engine.Engine
	z    sandbox.Zendesk
	url  string
	file string
	log  strings.Builder // what the engine has logged
	hook func(http.Header, []byte, time.Time) (desk.Delivery, error)

	policy     string                           // the policy file's text, at the next restart
	routing    func(rules.Alert) engine.Routing // from the next restart on; nil: everything goes to one channel
	slackToken string                           // as the engine has it
	prepare    func(*engine.Engine)             // does the rest to each engine that is built from the next restart on; nil: nothing
	escalate   bool                             // to the sandbox's Jira, from the next restart on

	mu    sync.Mutex
	now   time.Time
	late  time.Duration                   // how far the engine's clock is behind the vendors'
	deny  func(path string) int           // a status to answer a request with instead, or 0
	asked func(vendor string, write bool) // before each request; nil: nothing
	kill  context.CancelFunc              // ends the engine at work; settle starts a new one on the same file
}

// ask lets the test have a hand in a request.
func (w *world) ask(r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.asked == nil {
		return
	}
	switch {
	case strings.HasPrefix(r.URL.Path, "/api/v2/"):
		w.asked("zendesk", r.Method != http.MethodGet)
	case strings.HasPrefix(r.URL.Path, "/api/"):
		w.asked("slack", strings.HasPrefix(r.URL.Path, "/api/chat.") || r.URL.Path == "/api/usergroups.users.update")
	default:
		w.asked("jira", r.Method == http.MethodPut || r.Method == http.MethodPost && (strings.HasSuffix(r.URL.Path, "/issue") || strings.HasSuffix(r.URL.Path, "/remotelink")))
	}
}

func (w *world) denied(path string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.deny == nil {
		return 0
	}
	return w.deny(path)
}

// refuse has requests whose path ends in one of these ways answered with a status
// from now on, and no others.
func (w *world) refuse(status int, ends ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deny = func(path string) int {
		if slices.ContainsFunc(ends, func(end string) bool { return strings.HasSuffix(path, end) }) {
			return status
		}
		return 0
	}
}

// onRequest has f called before each request from now on.
func (w *world) onRequest(f func(vendor string, write bool)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = f
}

// failAt has the vendor's kth request from now on fail, counted from 0.
func (w *world) failAt(vendor string, k int, fault sandbox.Fault) {
	n := 0
	w.onRequest(func(v string, _ bool) {
		if v != vendor {
			return
		}
		if n == k {
			w.Faults.FailNext(vendor, 1, fault)
		}
		n++
	})
}

func at(s string) time.Time {
	berlin, err := calendar.LoadZone("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	t, err := time.ParseInLocation("Mon 2006-01-02 15:04:05", s, berlin)
	if err != nil || t.Format("Mon") != s[:3] {
		panic(fmt.Sprintf("bad instant %q: %v", s, err))
	}
	return t
}

func (w *world) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) set(t time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = t
}

// newWorld is a world on Friday 27 November 2026, 9:00 in Berlin, that has
// started with an empty Zendesk.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := freshWorld(t)
	w.settle(t)
	if got := w.cards(); len(got) != 1 || !strings.Contains(got[0].Text, "0 ") {
		t.Fatalf("an empty first start said %q", texts(got))
	}
	if err := w.Slack().Delete(watch, w.cards()[0].TS); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestOnPostgres is skipped where the tests of this package run on SQLite alone.
func TestOnPostgres(t *testing.T) { worldtest.Postgres(t) }

// freshWorld is a world before its first start.
func freshWorld(t testing.TB) *world {
	t.Helper()
	w := &world{Sandbox: sandbox.New(), policy: acme, now: at("Fri 2026-11-27 09:00:00"), file: filepath.Join(t.TempDir(), "vigie.db")}
	if worldtest.HasPostgres() {
		w.file = worldtest.Postgres(t)
	}
	w.Sandbox.Now, w.slackToken = w.Now, w.Tokens.Slack
	vendors := w.Handler()
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.ask(r)
		if status := w.denied(r.URL.Path); status != 0 {
			http.Error(rw, "no", status)
			return
		}
		vendors.ServeHTTP(rw, r)
	}))
	t.Cleanup(srv.Close)
	w.url = srv.URL
	w.z = w.Zendesk()
	w.z.AddUser(sandbox.ZendeskUser{Email: lena, Role: "agent"})
	w.z.AddUser(sandbox.ZendeskUser{Email: robot, Role: "agent"})
	w.z.AddUser(sandbox.ZendeskUser{Email: nadia, Locale: "fr-FR", Organization: "Acme"})
	w.z.AddField("Update due", dueType) // 360001
	w.Slack().AddChannel("sla")
	w.Slack().AddChannel("night")
	w.restart(t)
	return w
}

const dueField = 360001

// dueType is the type of the due field in worlds made from now on.
var dueType = "text"

// restart gives the world a new engine on the same store file.
func (w *world) restart(t testing.TB) {
	t.Helper()
	if w.Engine != nil {
		must(t, w.Store.Close())
	}
	st, err := store.Open(t.Context(), w.file)
	must(t, err)
	t.Cleanup(func() { st.Close() })
	w.Engine = w.build(t, st)
}

func (w *world) build(t testing.TB, st *store.Store) *engine.Engine {
	policy, problems := policyfile.Load("acme.toml", []byte(w.policy), policies.ReadFile)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	noWait := func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	clock := func() time.Time { return w.Now().Add(-w.late) }
	read, write := policy.VendorPriorities("zendesk")
	z := zendesk.Config{
		Name: "zendesk", URL: w.url, Email: w.Tokens.Zendesk.Email, Token: w.Tokens.Zendesk.Token, WebhookSecrets: func() []string { return []string{w.Tokens.ZendeskWebhook} },
		Priorities: read, VendorPriority: write, DueFields: []rules.DueField{{Metric: rules.Update, ID: strconv.Itoa(dueField)}},
		Kinds:       []desk.Kind{{From: "question", To: "question"}, {From: "incident", To: "incident"}, {From: "task", To: "task"}},
		Automations: []string{robot}, Now: clock, Sleep: noWait,
	}
	desk := zendesk.New(z, (&rest.Transport{Base: contract.Check(t), Authorize: z.Authorize, Sleep: noWait}).Client())
	w.hook = desk.ParseWebhook
	s := slack.New(w.Tokens.Slack)
	s.APIURL, s.Language, s.Pace = w.url+"/api/", "en", -1
	s.Token = func() string { return w.slackToken }
	toSlack := slack.Transport()
	toSlack.Base, toSlack.Sleep = contract.Check(t), noWait
	s.HTTP = toSlack.Client()
	e := &engine.Engine{
		Store: st, Chat: adapt.Chat{Client: s}, Channel: watch, Language: "en", Backfill: 30 * 24 * time.Hour, Now: clock,
		Sources: []*engine.Source{{Name: "zendesk", Vendor: "Zendesk", Desk: desk, Policies: []*rules.Policy{policy}, Poll: cron.Every(15 * time.Minute), Ask: desk.Check}},
		Route:   func(rules.Alert) engine.Routing { return engine.Routing{Channel: watch} },
		Log:     slog.New(slog.NewTextHandler(io.MultiWriter(tw{t}, &w.log), nil)),
	}
	if w.routing != nil {
		e.Route = w.routing
	}
	if w.escalate {
		w.track(t, e.Sources[0])
	}
	if w.prepare != nil {
		w.prepare(e)
	}
	return e
}

type tw struct{ t testing.TB }

func (w tw) Write(b []byte) (int, error) {
	if testing.Verbose() {
		w.t.Log(strings.TrimSpace(string(b)))
	}
	return len(b), nil
}

// addJira adds the sandbox's Jira as a second source.
func (w *world) addJira(t testing.TB) sandbox.Jira {
	j := w.Jira()
	j.AddUser(sandbox.JiraUser{Email: lena, Name: "Lena"})
	j.AddUser(sandbox.JiraUser{Email: nadia, Name: "Nadia", Customer: true})
	cfg := jira.Config{
		Name: "jira", URL: w.url, Email: w.Tokens.Jira.Email, Token: w.Tokens.Jira.Token, WebhookSecrets: func() []string { return []string{w.Tokens.JiraWebhook} },
		Projects: []string{"SUP"}, Priorities: map[string]string{"highest": "urgent", "medium": "normal"}, VendorPriority: map[string]string{"urgent": "Highest", "normal": "Medium"},
		UnsetPriorities: []string{"Medium"}, Automations: []string{robot}, Now: w.Now,
		Staff: w.Store.Accounts("jira"),
	}
	if w.Options.Jira.DataCenter {
		cfg.Email = "" // a personal access token
	}
	noWait := func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	client := jira.New(cfg, (&rest.Transport{Base: contract.Check(t), Authorize: cfg.Authorize, Retry: jira.Repeatable, Sleep: noWait}).Client())
	w.Sources = append(w.Sources, &engine.Source{Name: "jira", Desk: client, Policies: w.Sources[0].Policies, Poll: w.Sources[0].Poll})
	return j
}

// settle lets the engine do what is to be done now.
func (w *world) settle(t testing.TB) time.Time {
	t.Helper()
	for {
		ctx, kill := context.WithCancel(t.Context())
		w.kill = kill
		next, err := w.RunUntilIdle(ctx)
		if ctx.Err() == nil {
			kill()
			must(t, err)
			return next
		}
		w.restart(t)
	}
}

// until lets the time pass, stopping at every instant at which the engine has
// something to do.
func (w *world) until(t testing.TB, end time.Time) {
	t.Helper()
	for {
		next := w.settle(t)
		if next.IsZero() || next.After(end) {
			break
		}
		if !next.After(w.Now()) {
			t.Fatalf("at %s the engine asks to be called again at %s", w.Now(), next)
		}
		w.set(next)
	}
	w.set(end)
	w.settle(t)
}

// hooks has webhooks posted to the engine, as bot/web would take them.
func (w *world) hooks(t testing.TB) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		d, err := w.hook(r.Header, body, time.Now())
		if err == nil {
			_, err = w.Receive(r.Context(), "zendesk", d)
		}
		if err != nil {
			http.Error(rw, err.Error(), http.StatusInternalServerError)
		}
	}))
	t.Cleanup(srv.Close)
	w.SetWebhook("zendesk", srv.URL)
}

func (w *world) flush(t testing.TB, plan sandbox.WebhookPlan) {
	t.Helper()
	_, err := w.FlushWebhooks(t.Context(), plan)
	must(t, err)
}

// tell lets a person act, and the engine know by asking.
func (w *world) seen(t testing.TB, id int64, err error) {
	t.Helper()
	must(t, err)
	_, err = w.Receive(t.Context(), "zendesk", desk.Delivery{ID: fmt.Sprint(id, "/", w.Now().UnixNano(), "/", w.z.Audits(id)), Tickets: []string{fmt.Sprint(id)}})
	must(t, err)
	w.settle(t)
}

// urgent opens an urgent incident of Nadia's, chosen so by an agent.
func (w *world) urgent(t testing.TB) int64 {
	t.Helper()
	id, err := w.z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "Nobody gets in.", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
	w.seen(t, id, err)
	return id
}

func (w *world) ticket(t testing.TB, id int64) sandbox.ZendeskTicket {
	t.Helper()
	got, ok := w.z.Ticket(id)
	if !ok {
		t.Fatalf("no ticket %d", id)
	}
	return got
}

// due is what a ticket's due field holds.
func (w *world) due(t testing.TB, id int64) string {
	t.Helper()
	var text string
	if raw := w.ticket(t, id).Field(dueField); raw != "" && raw != "null" {
		must(t, json.Unmarshal([]byte(raw), &text))
	}
	return text
}

// cards are the messages of the channel outside threads, replies those within.
func (w *world) cards() []sandbox.SlackMessage   { return w.messages(false) }
func (w *world) replies() []sandbox.SlackMessage { return w.messages(true) }

func (w *world) messages(thread bool) []sandbox.SlackMessage {
	return slices.DeleteFunc(w.Slack().Messages(watch), func(m sandbox.SlackMessage) bool { return (m.ThreadTS != "") != thread })
}

func texts(list []sandbox.SlackMessage) string {
	var out []string
	for _, m := range list {
		out = append(out, m.Text)
	}
	return strings.Join(out, "\n")
}

// expect compares how many cards and replies there are, and what the last card
// says.
func (w *world) expect(t testing.TB, cards, replies int, says string) {
	t.Helper()
	c, r := w.cards(), w.replies()
	if len(c) != cards || len(r) != replies {
		t.Fatalf("at %s: got %d cards and %d replies, want %d and %d\ncards:\n%s\nreplies:\n%s", w.Now().Format(time.DateTime), len(c), len(r), cards, replies, texts(c), texts(r))
	}
	if cards > 0 && !strings.Contains(c[len(c)-1].Text, says) {
		t.Fatalf("at %s: the card says %q, want %q in it", w.Now().Format(time.DateTime), c[len(c)-1].Text, says)
	}
}

// writes are the requests for a change that a vendor saw.
func (w *world) writes(vendor string) (n int) {
	for _, c := range w.Calls(vendor) {
		if c.Write {
			n++
		}
	}
	return n
}

func (w *world) action(t testing.TB, key string) store.Action {
	t.Helper()
	a, err := w.Store.Action(t.Context(), key)
	must(t, err)
	if a == nil {
		t.Fatalf("no action %s", key)
		return store.Action{}
	}
	return *a
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func d(id string, tickets ...string) desk.Delivery { return desk.Delivery{ID: id, Tickets: tickets} }

// joined is tags in order.
func joined(tags []string) string { return strings.Join(slices.Sorted(slices.Values(tags)), " ") }

func contains(s, format string, args ...any) bool {
	return strings.Contains(s, fmt.Sprintf(format, args...))
}
