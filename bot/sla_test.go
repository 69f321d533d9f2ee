package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigie/bot/adapt"
	"vigie/bot/demo"
	"vigie/connectors/jira"
	"vigie/connectors/rest"
	"vigie/connectors/sandbox"
	"vigie/connectors/zendesk"
	"vigie/rules"
	"vigie/rules/calendar"
	"vigie/rules/words"
)

// explain with both vendors behind real HTTP: a policy that goes by all hours, so that
// the dates stand whatever the day is.
const plainPolicy = `
name             = "plain"
effective_from   = 2020-01-01
calendar         = "berlin"
default_priority = "normal"
[calendars.berlin]
zone  = "Europe/Berlin"
hours = { mon-fri = ["09:00-17:00"] }
[[priorities]]
name = "normal"
[[targets]]
metric = "first_reply"
within = { normal = "2 hours" }
[[targets]]
metric = "resolution"
within = { normal = "100 hours" }
`

// A slaHouse is both vendors, with one ticket each, and a configuration of them.
type slaHouse struct {
	*sandbox.Sandbox
	config  string
	ticket  int64
	issue   string
	created time.Time
}

func newSLAHouse(t *testing.T) *slaHouse {
	t.Helper()
	s := sandbox.New()
	h := &slaHouse{Sandbox: s, created: time.Now().Add(-time.Hour).UTC().Truncate(time.Second)}
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	h.ticket = s.Zendesk().Create(sandbox.NewTicket{Subject: "Portal", Body: "Hello", RequesterEmail: demo.Sam, CreatedAt: h.created})
	h.issue = s.Jira().Create(sandbox.NewIssue{Project: "SUP", RequestType: "Incident", Summary: "Alerts", Reporter: demo.Tom, CreatedAt: h.created})
	dir := t.TempDir()
	h.config = filepath.Join(dir, "config.toml")
	must(t, os.WriteFile(filepath.Join(dir, "plain.toml"), []byte(plainPolicy), 0o600))
	t.Setenv("ZENDESK_TOKEN", s.Tokens.Zendesk.Token)
	t.Setenv("JIRA_TOKEN", s.Tokens.Jira.Token)
	must(t, os.WriteFile(h.config, fmt.Appendf(nil, `
[store]
url = "vigie.db"
[[zendesk]]
url = %[1]q
email = "bot@acme.example"
token = "env:ZENDESK_TOKEN"
policies = ["plain.toml"]
[[jira]]
url = %[1]q
email = "bot@acme.example"
token = "env:JIRA_TOKEN"
projects = ["SUP"]
policies = ["plain.toml"]
`, server.URL), 0o600))
	return h
}

func (h *slaHouse) explain(t *testing.T, ref string, more ...string) string {
	t.Helper()
	return done(t, bot(t, "", append([]string{"explain", ref, "--config", h.config}, more...)...))
}

// asked counts the requests for an SLA.
func (h *slaHouse) asked() (n int) {
	for _, vendor := range []string{"zendesk", "jira"} {
		for _, c := range h.Calls(vendor) {
			if strings.Contains(c.Query, "include=slas") || strings.HasSuffix(c.Path, "/sla") {
				n++
			}
		}
	}
	return n
}

func TestExplainBesideTheVendorsSLA(t *testing.T) {
	h := newSLAHouse(t)
	zendeskRef, jiraRef := fmt.Sprintf("zendesk:%d", h.ticket), "jira:"+h.issue
	says := func(ref, want string, more ...string) {
		t.Helper()
		if text := h.explain(t, ref, more...); !strings.Contains(text, want) {
			t.Errorf("%s: want %q in\n%s", ref, want, text)
		}
	}
	says(zendeskRef, "\n\nZendesk has no SLA of its own on this ticket.\n")
	says(jiraRef, "\n\nJira n'a pas de SLA propre sur ce ticket.\n", "--lang", "fr")

	// One agrees, the other differs.
	began := []sandbox.ZendeskMetricEvent{{Type: "activate", At: h.created}}
	must(t, h.Zendesk().SetSLA(h.ticket,
		sandbox.ZendeskSLA{Metric: "first_reply_time", Stage: "active", BreachAt: h.created.Add(8 * time.Hour), Target: 480, Events: began},
		sandbox.ZendeskSLA{Metric: "requester_wait_time", Stage: "active", BreachAt: h.created.Add(100 * time.Hour), Target: 6000, Events: began}))
	must(t, h.Jira().SetSLA(h.issue,
		sandbox.JiraSLA{Name: "Time to first response", Ongoing: &sandbox.JiraCycle{Start: h.created, Breach: h.created.Add(2 * time.Hour), Goal: 2 * time.Hour}},
		sandbox.JiraSLA{Name: "Time to resolution", Ongoing: &sandbox.JiraCycle{Start: h.created, Goal: 50 * time.Hour, Elapsed: 30 * time.Minute, Paused: true}}))
	berlin, _ := calendar.LoadZone("Europe/Berlin")
	due := func(after time.Duration) string { return words.In("en").Moment(h.created.Add(after).In(berlin)) }
	says(zendeskRef, "\n  Zendesk (first reply time): running, due "+due(8*time.Hour)+", 6h00 later: its target is 8h00, ours 2h00\n")
	says(zendeskRef, "\n  Zendesk (requester wait time): running, due "+due(100*time.Hour)+", the same\n")
	says(jiraRef, "\n  Jira (Time to first response): running, due "+due(2*time.Hour)+", the same\n")
	says(jiraRef, "\n  Jira (Time to resolution): paused, no due date: it is paused, ours isn't\n")
	var machine struct {
		Drift rules.Drift `json:"drift"`
	}
	must(t, json.Unmarshal([]byte(h.explain(t, zendeskRef, "--json")), &machine))
	if d := machine.Drift; d.Vendor != "Zendesk" || len(d.Rows) != 2 || *d.Rows[0].By != 6*3600 || fmt.Sprint(d.Rows[0].Why) != "[target]" || !d.Rows[1].Agrees {
		t.Errorf("--json: got %+v", d)
	}

	// Nobody asks for what nobody reads, nor of another instant.
	before := h.asked()
	h.explain(t, zendeskRef, "--for", "customer")
	if text := h.explain(t, jiraRef, "--now", time.Now().Format(time.RFC3339)); strings.Contains(text, "Jira") {
		t.Errorf("--now: got\n%s", text)
	}
	if n := h.asked(); n != before || before != 7 {
		t.Errorf("asked %d times, then %d; want 7", before, n)
	}

	// Without the right to see it, explain has all the rest.
	h.Options.Jira.Lacks = []string{"SERVICEDESK_AGENT"}
	says(jiraRef, "\n\nJira doesn't show its own SLA to this account.\n")
	says(jiraRef, "First reply: running")
}

// A vendor that takes its time, refuses, or fails makes one line, and nothing fails.
func TestAskSLA(t *testing.T) {
	release := make(chan struct{})
	slow := func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}
	answers := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	cases := []struct {
		name     string
		vendor   http.HandlerFunc
		patience time.Duration
		want     rules.Unknown
	}{
		{"too slow", slow, 20 * time.Millisecond, rules.TooSlow},
		{"asked to come back later", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(http.StatusTooManyRequests)
		}, time.Minute, rules.NoAnswer},
		{"no right", answers(http.StatusForbidden, `{"error":"Forbidden"}`), time.Minute, rules.NoRight},
		{"wrong token", answers(http.StatusUnauthorized, `{}`), time.Minute, rules.NoRight},
		{"nonsense", answers(http.StatusOK, `<html>`), time.Minute, rules.NoAnswer},
		{"no such thing", answers(http.StatusNotFound, `{}`), time.Minute, ""},
	}
	for _, c := range cases {
		server := httptest.NewServer(c.vendor)
		hc := (&rest.Transport{Tries: 1}).Client()
		asks := map[string]func(context.Context, string) ([]rules.VendorClock, error){
			"42":    zendesk.New(zendesk.Config{URL: server.URL}, hc).SLA,
			"SUP-7": jira.New(jira.Config{URL: server.URL}, hc).SLA,
		}
		for id, ask := range asks {
			own := adapt.AskSLA("Acme", "acme", c.patience, ask, slog.New(slog.DiscardHandler)).Ask(t.Context(), id)
			if own.Vendor != "Acme" || own.Unknown != c.want || len(own.Clocks) != 0 {
				t.Errorf("%s, %s: got %+v, want %q", c.name, id, own, c.want)
			}
		}
		if c.name == "too slow" {
			close(release)
		}
		server.Close()
	}
}

// Where Service Management has seen a first response that is none here, one of the
// two is mistaken about who is staff, and explain says so.
func TestExplainDoubtsWhoAnswered(t *testing.T) {
	h := newSLAHouse(t)
	const partner = "ines@partner.example"
	h.Jira().AddUser(sandbox.JiraUser{Email: partner, Name: "Ines", NoLicence: true})
	must(t, h.Jira().Comment(h.issue, partner, "We are at it.", true))
	answered := h.created.Add(30 * time.Minute)
	must(t, h.Jira().SetSLA(h.issue, sandbox.JiraSLA{Name: "Time to first response",
		Completed: []sandbox.JiraCycle{{Start: h.created, Stop: answered, Breach: h.created.Add(2 * time.Hour), Goal: 2 * time.Hour}}}))
	for language, want := range map[string]string{
		"en": "the same: it has ended, ours hasn't. Doubt: is an answer taken for a customer's word here, or a customer's word for an answer?",
		"fr": "la même échéance : il est arrêté, pas le nôtre. Doute : une réponse est-elle prise ici pour un message du client, ou l'inverse ?",
	} {
		if text := h.explain(t, "jira:"+h.issue, "--lang", language); !strings.Contains(text, want) {
			t.Errorf("want %q in\n%s", want, text)
		}
	}
}
