package web_test

import (
	"errors"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"vigie/bot/store"
	"vigie/bot/web"
	"vigie/connectors/desk"
)

func TestMetrics(t *testing.T) {
	h := build(t, monday("15:00:00"), tickets()...)
	h.desk.broken["8"] = errors.New("audits: page 3 holds no JSON")
	h.Meter = web.NewMeter()
	h.settle(t)
	if _, err := h.engine.Receive(t.Context(), "zendesk", desk.Delivery{ID: "1", Tickets: []string{"3"}}); err != nil {
		t.Fatal(err)
	}
	h.Meter.Ended("warn", "done")
	h.Meter.Late("breach", 3*time.Second)
	h.Meter.Round("chat", 300*time.Millisecond, nil)
	h.Meter.Round("chat", 2*time.Second, errors.New("503"))
	h.Hung = func(time.Time) int { return 1 }
	h.QuotaUsed = map[string]func() float64{"zendesk": func() float64 { return .25 }}
	h.Takes = map[string]func(int, int) time.Duration{"zendesk": func(reads, writes int) time.Duration { return time.Duration(100*reads+writes) * time.Second }}
	must(0, h.Store.Insert(t.Context(), []store.Action{{Key: "w4", Kind: "write", Source: "zendesk", ID: "4"}, {Key: "w5", Kind: "write", Source: "zendesk", ID: "5"}}, h.now))
	h.now = h.now.Add(90 * time.Second)

	text := h.get(t, "/metrics")
	for _, want := range []string{
		`vigie_source_news_age_seconds{source="zendesk"} 90`,
		`vigie_stalled{loop="zendesk"} 0`,
		`vigie_tickets_unread{source="zendesk"} 2`,
		`vigie_tickets_parked{source="zendesk"} 1`,
		`vigie_actions_total{kind="warn",outcome="done"} 1`,
		`vigie_alarm_lateness_seconds_bucket{kind="breach",le="5"} 1`,
		`vigie_webhooks_total{outcome="forged"} 0`,
		`vigie_round_duration_seconds_bucket{loop="chat",le="1"} 1`,
		`vigie_round_failures_total{loop="chat"} 1`,
		`vigie_rounds_hanging 1`,
		`vigie_source_quota_used_ratio{source="zendesk"} 0.25`,
		`vigie_source_queue_seconds{source="zendesk"} 202`,
		`vigie_store_errors_total 0`,
		`vigie_clocks{metric="first_reply",standing="missed"}`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in the metrics", want)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("promlint: %v, %v", problems, err)
	}
}

// The manual's table has every metric that there is, and its alerts no other.
func TestTheManualsMetrics(t *testing.T) {
	h := build(t, monday("15:00:00"), tickets()...)
	h.desk.broken["8"] = errors.New("audits: page 3 holds no JSON")
	h.Meter = web.NewMeter()
	h.Build = web.Build{Version: "v1.4.0"}
	h.Hung = func(time.Time) int { return 0 }
	h.QuotaUsed = map[string]func() float64{"zendesk": func() float64 { return 0 }}
	h.Takes = map[string]func(int, int) time.Duration{"zendesk": func(int, int) time.Duration { return 0 }}
	h.engine.Meter = h.Meter
	h.settle(t)
	h.Meter.Ended("warn", "done")
	h.Meter.Late("warn", time.Second)
	must(0, h.Store.Insert(t.Context(), []store.Action{{Key: "a", Kind: "warn"}, {Key: "b", Kind: "warn", State: store.Parked}, {Key: "c", Kind: "warn"}}, h.now))
	must(0, h.Store.Refuse(t.Context(), store.Action{Key: "c"}, "#sla", h.now, h.now, "not_in_channel", false))
	there := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (vigie_\w+) `).FindAllStringSubmatch(h.get(t, "/metrics"), -1) {
		there[m[1]] = true
	}
	text := string(must(os.ReadFile("../docs/monitoring.md")))
	named := map[string]bool{}
	for _, name := range regexp.MustCompile(`vigie_\w+`).FindAllString(text, -1) {
		name = strings.TrimSuffix(name, "_bucket")
		if named[name] = true; !there[name] {
			t.Errorf("the manual speaks of %s, which is not there", name)
		}
	}
	for name := range there {
		if !named[name] {
			t.Errorf("the manual doesn't speak of %s", name)
		}
	}
}

// Nobody may read from a metric what customers are called, or what they wrote.
func TestMetricsNameNoCustomer(t *testing.T) {
	h := build(t, monday("15:00:00"), tickets()...)
	h.settle(t)
	text := h.get(t, "/metrics")
	for _, ticket := range tickets() {
		for _, secret := range []string{ticket.Subject, ticket.Organization, ticket.URL} {
			if strings.Contains(text, secret) {
				t.Errorf("%q is in the metrics", secret)
			}
		}
	}
}

// The count of clocks takes judging every ticket: many scrapes cost it once.
func TestMetricsCountClocksOnceAMinute(t *testing.T) {
	h := build(t, monday("09:30:00"), tickets()[:1]...)
	h.settle(t)
	clocks := func() []string {
		lines := strings.Split(h.get(t, "/metrics"), "\n")
		return slices.DeleteFunc(lines, func(l string) bool { return !strings.HasPrefix(l, "vigie_clocks{") })
	}
	before := clocks()
	h.now = monday("16:00:00")
	if got := clocks(); !slices.Equal(got, before) {
		t.Errorf("asked again at once: got %q, want %q", got, before)
	}
	h.clock = h.clock.Add(time.Minute)
	if got := clocks(); slices.Equal(got, before) {
		t.Errorf("a minute later still %q", got)
	}
}

// While the state is away, what is known without it is what people are woken by.
func TestMetricsWithoutAStore(t *testing.T) {
	h := build(t, monday("15:00:00"))
	h.Meter = web.NewMeter()
	h.Stalled = func() map[string]error { return map[string]error{"zendesk": errors.New("503")} }
	if text := h.get(t, "/metrics"); !strings.Contains(text, "\nvigie_store_reachable 1\n") {
		t.Error("the state can be reached, and the metrics don't say so")
	}
	h.Store.Close()
	if resp := h.ask(t, "POST", "/webhooks/zendesk", strings.NewReader("{}")); resp.status == http.StatusOK {
		t.Fatal("a webhook is taken")
	}
	text := h.get(t, "/metrics")
	for _, want := range []string{`vigie_store_reachable 0`, `vigie_stalled{loop="zendesk"} 1`, `vigie_webhooks_total{outcome="fresh"} 0`, `vigie_store_errors_total `} {
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("%s is not in the metrics", want)
		}
	}
	for _, unknown := range []string{"vigie_source_news_age_seconds", "vigie_tickets_unread", "vigie_clocks"} {
		if strings.Contains(text, unknown) {
			t.Errorf("%s is in the metrics, and can't be known", unknown)
		}
	}
}

// An alarm that was late is an increase, though it is the first since the start.
func TestMetricsHaveTheAlarmsFromTheStart(t *testing.T) {
	h := build(t, monday("15:00:00"))
	h.Meter = web.NewMeter()
	text := h.get(t, "/metrics")
	for _, kind := range []string{"breach", "warn", "triage", "unlinked", "repaired"} {
		if want := `vigie_alarm_lateness_seconds_count{kind="` + kind + `"} 0`; !strings.Contains(text, want) {
			t.Errorf("%s is not in the metrics", want)
		}
	}
}

func TestMetricsNeedTheToken(t *testing.T) {
	h := build(t, monday("15:00:00"))
	h.Token = "sesame-sesame-sesame"
	server, client := h.serve(t)
	for token, want := range map[string]int{"": 401, "wrong": 401, h.Token: 200} {
		r := must(http.NewRequest("GET", server.URL+"/metrics", nil))
		r.Header.Set("Authorization", "Bearer "+token)
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("token %q: got %d, want %d", token, resp.StatusCode, want)
		}
	}
}
