package stories

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/robfig/cron/v3"

	"vigie/bot/adapt"
	"vigie/bot/engine"
	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/connectors/jira"
	"vigie/connectors/rest"
	"vigie/connectors/sandbox"
	"vigie/connectors/slack"
	"vigie/connectors/zendesk"
	"vigie/rules"
	"vigie/rules/policyfile"
)

const (
	nadia   = "nadia@acme.example"   // customer
	lena    = "lena@support.example" // agent
	channel = "#sla"
	address = "http://vendors.example"
	dueText = 360001
	dueDate = "customfield_10051"
)

const policy = `
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
within = { urgent = "1 business hour", normal = "2 business hours" }
pause  = ["waiting_customer"]
warn   = ["50%", "75%"]
clause = "A-1"
[[targets]]
metric = "resolution"
within = { urgent = "2 business hours", normal = "4 business hours" }
pause  = ["waiting_customer"]
clause = "A-2"
[[exclude]]
when   = 'kind == "question"'
tag    = "sla_exempt"
reason = { fr = "hors engagement", en = "outside the SLA" }
clause = "A-3"
[[escalate]]
when           = '"dev" in tags'
project        = "DEV"
type           = "Bug"
due_fields     = { resolution = "duedate" }
tickets_field  = "customfield_10070"
tag            = "dev"
clause         = "A-9"
note           = { fr = "À la technique.", en = "With the technical team." }
`

var acme = func() *rules.Policy {
	p, problems := policyfile.Load("acme.toml", []byte(policy), nil)
	if err := problems.Err(); err != nil {
		panic(err)
	}
	return p
}()

// poll is how often the sources are asked while people work.
const poll = 30 * time.Minute

// hours polls often while people work, and now and then at night.
type hours struct{ every time.Duration }

func (h hours) Next(t time.Time) time.Time {
	local := t.In(berlin)
	if local.Hour() < 7 || local.Hour() >= 20 || local.Weekday() == time.Saturday || local.Weekday() == time.Sunday {
		return cron.Every(3 * time.Hour).Next(t)
	}
	return cron.Every(h.every).Next(t)
}

// nightly compares the open tickets once a day.
type nightly struct{}

func (nightly) Next(t time.Time) time.Time {
	y, m, d := t.In(berlin).Date()
	at := time.Date(y, m, d, 18, 7, 0, 0, berlin)
	if !at.After(t) {
		at = time.Date(y, m, d+1, 18, 7, 0, 0, berlin)
	}
	return at
}

// A world is the vendors with their people, and the state.
type world struct {
	*sandbox.Sandbox
	vendors http.Handler
	z       sandbox.Zendesk
	j       sandbox.Jira
	state   string         // where the program's state is
	lied    map[string]int // what a planted bug remembers
	oauth   bool           // Zendesk is spoken to as an OAuth client, not by a token
	plant   bug            // what is wrong with the program by intent
	log     *slog.Logger

	mu      sync.Mutex
	meets   func(p *program, vendor string, r *http.Request, write bool) (f *sandbox.Fault, late time.Duration) // what a request meets, and how late its answer is
	behind  time.Duration                                                                                       // how far the program's clock is behind the vendors'
	poked   func(name string)
	receive func(ctx context.Context, source string, header http.Header, body []byte) error
}

func newWorld(state string, plant bug, log *slog.Logger) *world {
	w := &world{Sandbox: sandbox.New(), state: state, lied: map[string]int{}, plant: plant, log: log}
	w.vendors = w.Handler()
	w.z, w.j = w.Zendesk(), w.Jira()
	w.z.AddUser(sandbox.ZendeskUser{Email: lena, Role: "agent"})
	w.z.AddUser(sandbox.ZendeskUser{Email: nadia, Locale: "en-US", Organization: "Acme"})
	w.z.AddField("Update due", "text") // 360001
	w.j.AddUser(sandbox.JiraUser{Email: lena, Name: "Lena"})
	w.j.AddUser(sandbox.JiraUser{Email: nadia, Name: "Nadia", Customer: true})
	w.j.AddProject("DEV", "Development")
	w.j.AddProject("SUP", "Support")
	w.Slack().AddChannel(channel[1:])
	w.SetWebhook("zendesk", address+"/webhooks/zendesk")
	w.SetWebhook("jira", address+"/webhooks/jira")
	w.Client = &http.Client{Transport: doorbell{w}}
	return w
}

// doorbell takes the vendors' webhooks to the program, as bot/web does.
type doorbell struct{ *world }

func (w doorbell) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	source := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	out := httptest.NewRecorder()
	if err := w.receive(r.Context(), source, r.Header, body); err != nil {
		w.log.Info("webhook refused", "err", err)
		out.Header().Set("Retry-After", "10")
		out.WriteHeader(http.StatusServiceUnavailable)
	}
	return out.Result(), nil
}

// A program is one process of Vigie's.
type program struct {
	w      *world
	engine *engine.Engine
	rounds map[string]func(context.Context) time.Time
	ctx    context.Context
	end    context.CancelFunc
	dead   atomic.Bool
	hooks  map[string]func(http.Header, []byte, time.Time) (desk.Delivery, error)
}

// start begins a program on the state.
func (w *world) start() (*program, error) {
	p := &program{w: w}
	p.ctx, p.end = context.WithCancel(context.Background())
	st, err := store.Open(p.ctx, w.state)
	if err != nil {
		return nil, err
	}
	now := func() time.Time {
		w.mu.Lock()
		defer w.mu.Unlock()
		return time.Now().Add(-w.behind)
	}
	way := func(retry func(*http.Request) bool) *rest.Transport {
		return &rest.Transport{Origin: address, Base: &line{p: p}, Retry: retry, Log: w.log}
	}
	read, write := acme.VendorPriorities("zendesk")
	z := zendesk.Config{
		Name: "zendesk", URL: address, Email: w.Tokens.Zendesk.Email, Token: w.Tokens.Zendesk.Token, WebhookSecrets: func() []string { return []string{w.Tokens.ZendeskWebhook} },
		Priorities: read, VendorPriority: write, DueFields: []rules.DueField{{Metric: rules.Update, ID: strconv.Itoa(dueText)}},
		Kinds: []desk.Kind{{From: "question", To: "question"}, {From: "incident", To: "incident"}}, Staff: st.Accounts("zendesk"), Now: now, Log: w.log,
	}
	out := way(nil)
	if out.Authorize = z.Authorize; w.oauth {
		z.OAuth = zendesk.NewOAuth(address, w.Tokens.ZendeskClient.ID, func() string { return w.Tokens.ZendeskClient.Secret }, out)
		out.Authorize, out.Renew = z.OAuth.Authorize, z.OAuth.Renew
	}
	client := zendesk.New(z, out.Client())
	read, write = acme.VendorPriorities("jira")
	j := jira.Config{
		Name: "jira", URL: address, Email: w.Tokens.Jira.Email, Token: w.Tokens.Jira.Token, WebhookSecrets: func() []string { return []string{w.Tokens.JiraWebhook} },
		Projects: []string{"SUP"}, Priorities: read, VendorPriority: write, UnsetPriorities: []string{"Medium"}, DueFields: []rules.DueField{{Metric: rules.Update, ID: dueDate}},
		Kinds: []desk.Kind{{From: "Question", To: "question"}, {From: "Incident", To: "incident"}}, Staff: st.Accounts("jira"), Now: now, Log: w.log,
	}
	there := jira.New(j, authorized(way(jira.Repeatable), j.Authorize))
	j.Projects, j.DueFields = []string{"DEV"}, acme.Escalates[0].DueFields
	repair := jira.New(j, authorized(way(jira.Repeatable), j.Authorize))
	s := slack.New(w.Tokens.Slack)
	s.APIURL, s.Language, s.Log = address+"/api/", "en", w.log
	toSlack := slack.Transport()
	toSlack.Origin, toSlack.Base, toSlack.Log = address, &line{p: p}, w.log
	s.HTTP = toSlack.Client()
	p.engine = &engine.Engine{
		Store: st, Runner: p, Chat: adapt.Chat{Client: s}, Channel: channel, Language: "en", Backfill: 30 * 24 * time.Hour, Version: "one", Now: now, Log: w.log,
		Route: func(rules.Alert) engine.Routing { return engine.Routing{Channel: channel} }, Reconcile: nightly{},
		Sources: []*engine.Source{
			{Name: "zendesk", Vendor: "Zendesk", Desk: client, Policies: []*rules.Policy{acme}, Poll: hours{poll}, Ask: client.Check,
				Tracker: adapt.Tracker{Tracker: repair}, TrackerName: "jira", Follow: hours{poll}, AskTracker: repair.Check},
			{Name: "jira", Desk: there, Policies: []*rules.Policy{acme}, Poll: hours{poll}, Ask: there.Check},
		},
	}
	if w.plant.name != "" {
		w.plant.in(p)
	}
	p.hooks = map[string]func(http.Header, []byte, time.Time) (desk.Delivery, error){"zendesk": client.ParseWebhook, "jira": there.ParseWebhook}
	return p, p.engine.Run(p.ctx)
}

func authorized(t *rest.Transport, by func(*http.Request) error) *http.Client {
	t.Authorize = by
	return t.Client()
}

// Run takes the rounds to be run by the story.
func (p *program) Run(_ context.Context, rounds map[string]func(context.Context) time.Time) error {
	p.rounds = rounds
	return nil
}

func (p *program) Poke(name string) { p.w.poked(name) }

// die ends the program at once: nothing more is stored, whatever was under way.
func (p *program) die() {
	p.dead.Store(true)
	p.end()
	_ = p.engine.Store.Close()
}

// line is the way from a program to the vendors.
type line struct{ p *program }

func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	p, w := l.p, l.p.w
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	vendor, write := whose(r)
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	w.mu.Lock()
	meets := w.meets
	w.mu.Unlock()
	if meets == nil {
		return w.answer(r)
	}
	f, late := meets(p, vendor, r, write)
	if f != nil {
		w.Faults.FailNext(vendor, 1, *f)
	}
	resp, err := w.answer(r)
	if ended := wait(r.Context(), late); ended != nil {
		return nil, ended
	}
	return resp, err
}

// wait waits for so long, or until the context ends.
func wait(ctx context.Context, much time.Duration) error {
	timer := time.NewTimer(much)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// answer has a vendor answer, or cut the connection.
func (w *world) answer(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		if cut := recover(); cut == http.ErrAbortHandler {
			resp, err = nil, io.ErrUnexpectedEOF
			if ended := r.Context().Err(); ended != nil {
				err = ended
			}
		} else if cut != nil {
			panic(cut)
		}
	}()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	out := httptest.NewRecorder()
	w.vendors.ServeHTTP(out, r)
	return out.Result(), nil
}

// whose is the vendor that a request goes to, and whether it asks for a change.
func whose(r *http.Request) (vendor string, write bool) {
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/api/v2/"), strings.HasPrefix(path, "/oauth/"):
		return "zendesk", r.Method != http.MethodGet
	case strings.HasPrefix(path, "/api/"):
		return "slack", strings.HasPrefix(path, "/api/chat.")
	default:
		return "jira", r.Method == http.MethodPut || r.Method == http.MethodPost && (strings.HasSuffix(path, "/issue") || strings.HasSuffix(path, "/remotelink"))
	}
}

// memory is a folder that needs no disk where there is one.
func memory() (string, error) {
	if dir, err := os.MkdirTemp("/dev/shm", "vigie-stories-"); err == nil {
		return dir, nil
	}
	return os.MkdirTemp("", "vigie-stories-")
}

// empty is the file of a state in which nothing has happened yet.
var empty = sync.OnceValues(func() ([]byte, error) {
	dir, err := memory()
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "empty.db")
	st, err := store.Open(context.Background(), file)
	if err != nil {
		return nil, err
	}
	if err := st.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})
