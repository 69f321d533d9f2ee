package web_test

import (
	"context"
	"errors"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"

	"vigie/bot/engine"
	"vigie/bot/store"
	"vigie/bot/web"
	"vigie/connectors/desk"
	"vigie/rules"
	"vigie/rules/calendar"
	"vigie/rules/policyfile"
)

const acmePolicy = `
name             = "acme"
title            = "Acme support policy"
titles           = { fr = "Politique d'assistance d'Acme", en = "Acme support policy" }
source           = "Acme, 1 June 2026"
effective_from   = 2026-06-01
covers           = 'kind != "spam"'
calendar         = "berlin"
default_priority = "normal"
triage           = "30 business minutes"

[calendars.berlin]
zone     = "Europe/Berlin"
hours    = { mon-fri = ["09:00-17:00"] }
holidays = ["DE"]

[[priorities]]
name   = "urgent"
rubric = { fr = "Tout le système est touché.", en = "The whole system is affected." }
clause = "A-1"
when   = 'has(text, "outage")'

[[priorities]]
name = "normal"

[[targets]]
metric = "first_reply"
within = { urgent = "1 business hour", normal = "1 business day" }
warn   = ["50%"]
clause = "A-2"

[[targets]]
metric = "resolution"
within = { urgent = "2 business days", normal = "30 business days" }
pause  = ["waiting_customer"]
warn   = ["75%"]
clause = "A-3"

[[exclude]]
when   = 'kind == "feature"'
tag    = "sla_exempt"
reason = { fr = "Les idées sont classées à part.", en = "Ideas are ranked apart." }
clause = "A-4"
`

var berlin = must(calendar.LoadZone("Europe/Berlin"))

// monday is a business day: 30 November 2026.
func monday(clock string) time.Time {
	return must(time.ParseInLocation("2006-01-02 15:04:05", "2026-11-30 "+clock, berlin))
}

func friday(clock string) time.Time { return monday(clock).AddDate(0, 0, -3) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// desk is a vendor with a few tickets.
type vendor struct {
	tickets []*rules.Ticket
	broken  map[string]error // by id: why it can't be read
	down    error
}

func (d *vendor) Unsolved(context.Context, string) (desk.Page, error) {
	var p desk.Page
	for _, t := range d.tickets {
		p.Changes = append(p.Changes, desk.Change{ID: t.ID})
	}
	return p, d.down
}

func (d *vendor) Changes(context.Context, string, time.Time) (desk.Page, error) {
	return desk.Page{Cursor: "end"}, d.down
}

func (d *vendor) Read(_ context.Context, ids []string) ([]desk.Reading, error) {
	var list []desk.Reading
	for _, id := range ids {
		r := desk.Reading{ID: id, Version: "1", Gone: true}
		for _, t := range d.tickets {
			if t.ID == id {
				r.Ticket, r.Gone = t, false
			}
		}
		if d.broken[id] != nil {
			r = desk.Reading{ID: id, Err: d.broken[id]}
		}
		list = append(list, r)
	}
	return list, d.down
}

func (d *vendor) Write(_ context.Context, edits []desk.Edit) ([]error, error) {
	return make([]error, len(edits)), d.down
}

func (d *vendor) DueFields() []rules.DueField { return nil }

// house is a server with everything behind it.
type house struct {
	*web.Server
	Token  string
	engine *engine.Engine
	desk   *vendor
	now    time.Time // ticket time
	clock  time.Time // real time
}

// build makes a house whose desk has the tickets, read and judged at now.
func build(t testing.TB, now time.Time, tickets ...*rules.Ticket) *house {
	t.Helper()
	ctx := context.Background()
	st, err := store.Open(ctx, filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	policy, problems := policyfile.Load("acme.toml", []byte(acmePolicy), nil)
	if policy == nil {
		t.Fatal(problems)
	}
	h := &house{now: now, clock: time.Date(2026, 11, 30, 15, 0, 0, 0, time.UTC)}
	h.desk = &vendor{tickets: tickets, broken: map[string]error{}}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	policies := []*rules.Policy{policy}
	h.engine = &engine.Engine{
		Store: st, Now: func() time.Time { return h.now }, Log: log,
		Sources: []*engine.Source{{Name: "zendesk", Desk: h.desk, Policies: policies, Poll: cron.Every(time.Minute)}},
		Route:   func(rules.Alert) engine.Routing { return engine.Routing{} },
	}
	h.Server = &web.Server{
		Store: st, Intake: h.engine, Policies: map[string][]*rules.Policy{"zendesk": policies}, Stalled: h.engine.Stalled,
		Token: func() string { return h.Token }, Now: h.engine.Now, Clock: func() time.Time { return h.clock }, Log: log,
		Hooks: map[string]web.Hook{"zendesk": {Parse: hook, Longest: 25 * mebi}},
	}
	return h
}

// settle has the engine read, judge and write all there is.
func (h *house) settle(t *testing.T) {
	t.Helper()
	if _, err := h.engine.RunUntilIdle(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// use has the house judge by another policy.
func (h *house) use(t *testing.T, policy string) {
	t.Helper()
	p, problems := policyfile.Load("acme.toml", []byte(policy), nil)
	if p == nil {
		t.Fatal(problems)
	}
	h.Policies["zendesk"] = []*rules.Policy{p}
	h.engine.Sources[0].Policies = h.Policies["zendesk"]
}

// hook is a connector that believes "signed", and reads the body as a ticket's id.
func hook(head http.Header, body []byte, now time.Time) (desk.Delivery, error) {
	switch {
	case head.Get("X-Signature") != "signed":
		return desk.Delivery{}, desk.ErrForged
	case head.Get("X-Signed-At") != "" && must(time.Parse(time.RFC3339, head.Get("X-Signed-At"))).Before(now.Add(-5*time.Minute)):
		return desk.Delivery{}, errors.Join(desk.ErrForged, errors.New("stale"))
	case len(body) == 0:
		return desk.Delivery{}, errors.Join(desk.ErrUnreadable, errors.New("there is no ticket in it"))
	}
	return desk.Delivery{ID: head.Get("X-Delivery"), Tickets: []string{string(body[:min(len(body), 20)])}}, nil
}

// serve is the server on loopback; its client follows no redirect.
func (h *house) serve(t *testing.T) (*httptest.Server, *http.Client) {
	t.Helper()
	server := httptest.NewServer(h.Handler())
	t.Cleanup(server.Close)
	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return server, client
}

// An answer is what came back, read to its end.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask makes a request as a browser does and reads the answer. Headers come in
// pairs; "Host" is the request's.
func (h *house) ask(t *testing.T, method, path string, body io.Reader, headers ...string) answer {
	t.Helper()
	server, client := h.serve(t)
	return h.send(t, client, must(http.NewRequest(method, server.URL+path, body)), headers...)
}

func (h *house) send(t *testing.T, client *http.Client, r *http.Request, headers ...string) answer {
	t.Helper()
	r.Header.Set("Accept", "text/html")
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(text)}
}

// get is the text of a page that must be there.
func (h *house) get(t *testing.T, path string, headers ...string) string {
	t.Helper()
	a := h.ask(t, "GET", path, nil, headers...)
	if a.status != http.StatusOK {
		t.Fatalf("GET %s: %d\n%s", path, a.status, a.body)
	}
	return a.body
}

// words is a page's text as a reader sees it, without markup.
func words(page string) string {
	return strings.Join(strings.Fields(html.UnescapeString(markup.ReplaceAllString(page, " "))), " ")
}

var markup = regexp.MustCompile(`(?s)<style.*?</style>|<[^>]*>`)

// expectWords reports which of the texts a reader doesn't see.
func expectWords(t *testing.T, page string, texts ...string) {
	t.Helper()
	seen := words(page)
	for _, text := range texts {
		if !strings.Contains(seen, text) {
			t.Errorf("%q is not on the page:\n%s", text, seen)
		}
	}
}

// tickets are one of each standing at Monday 15:00.
func tickets() []*rules.Ticket {
	ticket := func(id, subject, priority string, at time.Time, events ...rules.Event) *rules.Ticket {
		return &rules.Ticket{ID: id, Subject: subject, Text: subject, Kind: "problem", Status: rules.Open, Priority: priority, CreatedAt: at,
			Organization: "Northwind University", Group: "Support Berlin", URL: "https://acme.zendesk.example/agent/tickets/" + id, Events: events}
	}
	reply := func(at time.Time) rules.Event {
		return rules.Event{At: at, Type: rules.ReplyEvent, By: rules.ByAgent, Public: true}
	}
	feature := ticket("6", "Dark mode, please", "", friday("10:00:00"))
	feature.Kind = "feature"
	spam := ticket("7", "You have won", "", friday("10:00:00"))
	spam.Kind = "spam"
	return []*rules.Ticket{
		ticket("1", "Portal is down", "urgent", monday("09:00:00")),
		ticket("2", "Export stops half way", "normal", monday("10:30:00")),
		ticket("3", "Where is the manual?", "normal", monday("14:00:00")),
		ticket("4", "Invoice shows a wrong date", "normal", friday("10:00:00"), reply(friday("11:00:00")),
			rules.Event{At: friday("12:00:00"), Type: rules.StatusEvent, To: string(rules.WaitingCustomer)}),
		ticket("5", "outage in the form", "", monday("14:45:00")),
		feature, spam,
		ticket("8", "Comma", "normal", monday("09:30:00")),
		ticket("9", "All forms are slow", "urgent", friday("15:00:00"), reply(friday("15:30:00"))),
	}
}
