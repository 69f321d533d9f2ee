package answer

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	slackgo "github.com/slack-go/slack"

	"vigie/bot/adapt"
	"vigie/bot/engine"
	"vigie/bot/store"
	"vigie/connectors/contract"
	"vigie/connectors/desk"
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
	lena     = "lena@support.example"
	omar     = "omar@support.example"
	customer = "nadia@acme.example"
	lobby    = "#sla"
	berlin   = "Support Berlin"
	pune     = "Support Pune"
)

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
[calendars.pune]
zone  = "Asia/Kolkata"
hours = { mon-fri = ["09:00-17:00"] }
[teams]
"Support Berlin" = "berlin"
"Support Pune"   = "pune"
[[priorities]]
name    = "urgent"
zendesk = ["urgent"]
[[priorities]]
name    = "normal"
zendesk = ["normal"]
[[targets]]
metric = "update"
within = { urgent = "4 business hours", normal = "8 business hours" }
pause  = ["waiting_customer"]
warn   = ["50%", "75%"]
clause = "A-1"
`

// A room is a simulated Zendesk and Slack, with the engine that watches the one and the
// answerer whom the other asks. The time is a Friday's, as people in Berlin read it.
type room struct {
	*sandbox.Sandbox
	answers *Answerer
	inbox   *slack.Inbox
	now     time.Time
	ids     map[string]string // Slack's, by address
}

func at(t testing.TB, text string) time.Time {
	t.Helper()
	zone, err := calendar.LoadZone("Europe/Berlin")
	must(t, err)
	when, err := time.ParseInLocation("Mon 2006-01-02 15:04", text, zone)
	must(t, err)
	if !strings.HasPrefix(text, when.Format("Mon ")) {
		t.Fatalf("%s is a %s", text, when.Format("Mon"))
	}
	return when
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newRoom(t *testing.T) *room {
	t.Helper()
	r := &room{Sandbox: sandbox.New(), now: at(t, "Fri 2026-11-27 09:00"), ids: map[string]string{}}
	clock := func() time.Time { return r.now }
	r.Sandbox.Now = clock
	vendors := httptest.NewServer(r.Handler())
	t.Cleanup(vendors.Close)
	z := r.Zendesk()
	for _, who := range []string{lena, omar} {
		z.AddUser(sandbox.ZendeskUser{Email: who, Role: "agent"})
	}
	z.AddUser(sandbox.ZendeskUser{Email: customer, Organization: "Acme"})
	for _, team := range []string{berlin, pune} { // so that the groups are there
		_, err := z.Open(sandbox.NewTicket{Subject: "Old", Body: "x", Type: "task", RequesterEmail: customer, Group: team})
		must(t, err)
	}
	r.Slack().AddChannel("sla")
	for who, name := range map[string]string{lena: "Lena", omar: "Omar", "fits": "Nobody"} {
		r.ids[who] = r.Slack().AddUser(who, name)
		must(t, r.Slack().Come(lobby, who))
	}
	must(t, r.Slack().Read(omar, "fr-FR"))

	policy, problems := policyfile.Load("acme.toml", []byte(acme), policies.ReadFile)
	must(t, problems.Err())
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "vigie.db"))
	must(t, err)
	t.Cleanup(func() { st.Close() })
	noWait := func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	read, write := policy.VendorPriorities("zendesk")
	cfg := zendesk.Config{Name: "zendesk", URL: vendors.URL, Email: r.Tokens.Zendesk.Email, Token: r.Tokens.Zendesk.Token,
		WebhookSecrets: func() []string { return []string{r.Tokens.ZendeskWebhook} }, Priorities: read, VendorPriority: write,
		Kinds: []desk.Kind{{From: "incident", To: "incident"}, {From: "task", To: "task"}}, Now: clock, Sleep: noWait}
	tickets := zendesk.New(cfg, (&rest.Transport{Base: contract.Check(t), Authorize: cfg.Authorize, Sleep: noWait}).Client())
	client := slack.New(r.Tokens.Slack)
	client.APIURL, client.Language, client.Pace = vendors.URL+"/api/", "en", -1
	transport := slack.Transport()
	transport.Base, transport.Sleep = contract.Check(t), noWait
	client.HTTP = transport.Client()
	log := slog.New(slog.DiscardHandler)
	e := &engine.Engine{Store: st, Chat: adapt.Chat{Client: client}, Channel: lobby, Language: "en", Backfill: 30 * 24 * time.Hour, Now: clock, Log: log,
		Sources: []*engine.Source{{Name: "zendesk", Vendor: "Zendesk", Desk: tickets, Policies: []*rules.Policy{policy}, Poll: cron.Every(time.Minute), Ask: tickets.Check}},
		Route:   func(rules.Alert) engine.Routing { return engine.Routing{Channel: lobby} }}
	r.answers = &Answerer{Engine: e, Store: st, Slack: client, Language: "en", PublicURL: "https://vigie.example", Zone: policy.Calendar.Zone(), Now: clock, Log: log}
	r.inbox = &slack.Inbox{Client: client, Handle: r.answers.Handle, SigningSecret: func() string { return r.Tokens.SlackSigning }, AppToken: func() string { return "" }}
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		answer, after, err := r.inbox.HTTP(q.Context(), q.Header, body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			t.Error(err)
			return
		}
		if len(answer) > 0 {
			w.Header().Set("Content-Type", "application/json")
		}
		_, _ = w.Write(answer)
		if after != nil {
			after(q.Context())
		}
	}))
	t.Cleanup(app.Close)
	o := &r.Options.Slack
	o.EventsURL, o.InteractivityURL, o.CommandsURL = app.URL, app.URL, app.URL
	o.Domains = []string{"127.0.0.1", "vigie.example"}
	r.settle(t)
	return r
}

// settle lets the engine do what is to be done now.
func (r *room) settle(t testing.TB) {
	t.Helper()
	_, err := r.answers.Engine.RunUntilIdle(t.Context())
	must(t, err)
}

// later is settle after some time.
func (r *room) later(t testing.TB, d time.Duration) {
	t.Helper()
	r.now = r.now.Add(d)
	r.settle(t)
}

// open opens an incident of a customer's that an agent gives a priority, and has the
// engine find it.
func (r *room) open(t testing.TB, subject, priority, group, assignee string) int64 {
	t.Helper()
	id, err := r.Zendesk().Open(sandbox.NewTicket{Subject: subject, Body: "x", Type: "incident", Priority: priority, RequesterEmail: customer, SubmitterEmail: lena, Group: group, Assignee: assignee})
	must(t, err)
	r.later(t, time.Minute)
	return id
}

// types has somebody give the command, and is what he alone is answered.
func (r *room) types(t testing.TB, who, line string) string {
	t.Helper()
	before := len(r.Slack().Ephemeral(who))
	must(t, r.Slack().Command(who, lobby, line))
	got := r.Slack().Ephemeral(who)
	if len(got) != before+1 {
		t.Fatalf("%q: %d answers, want one", line, len(got)-before)
	}
	r.fits(t, got[before].Blocks)
	return textsOf(got[before].Blocks)
}

// fits holds blocks against the Block Kit schema, by posting them.
func (r *room) fits(t testing.TB, blocks json.RawMessage) {
	t.Helper()
	var list slackgo.Blocks
	must(t, json.Unmarshal(blocks, &list))
	must(t, r.answers.Slack.Whisper(t.Context(), lobby, r.ids["fits"], slack.Response{Text: "x", Blocks: list.BlockSet}))
}

// textsOf are the texts of blocks, one a line.
func textsOf(blocks json.RawMessage) string {
	var v any
	if err := json.Unmarshal(blocks, &v); err != nil {
		panic(errors.New("no blocks: " + string(blocks)))
	}
	var lines []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			if text, ok := v["text"].(string); ok {
				lines = append(lines, text)
			}
			for _, k := range slices.Sorted(maps.Keys(v)) {
				walk(v[k])
			}
		}
	}
	walk(v)
	return strings.Join(lines, "\n")
}
