package hook_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/hook"
	"vigie/connectors/sandbox/receiver"
	"vigie/rules"
)

const (
	secret  = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" // of the specification's examples
	routing = "R0123456789ABCDEF0123456789ABCDE"
	path    = "/services/T024BE91L/aVerySecretPath"
)

func alarm() rules.Alert {
	return rules.Alert{
		Kind: rules.Breached, Source: "zendesk", ID: "42", URL: "https://acme.zendesk.com/agent/tickets/42", Subject: "Portal down", Priority: "urgent",
		Metric: rules.Update, Cycle: 3, Due: time.Date(2026, 11, 27, 13, 0, 0, 0, time.UTC), Group: "Support Berlin", PolicyName: "acme",
	}
}

func news(kind rules.NewsKind) rules.News {
	return rules.News{Key: "call/breach/zendesk:42/update/3/1/hook:pager", Kind: kind, Incident: "zendesk:42/update/3", Language: "en", At: time.Date(2026, 11, 27, 13, 15, 0, 0, time.UTC), Alert: alarm()}
}

// station is a receiver, and a client of a kind that tells it at a path.
func station(t *testing.T, kind hook.Kind, at string) (*receiver.Hooks, *hook.Client) {
	t.Helper()
	r := &receiver.Hooks{Secret: secret, RoutingKey: routing}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	transport := hook.Transport()
	transport.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	transport.Timeout = 200 * time.Millisecond
	key := secret
	if kind == hook.PagerDuty {
		key = routing
	}
	return r, &hook.Client{Kind: kind, URL: func() string { return server.URL + at }, Secret: func() string { return key }, HTTP: transport.Client(), Now: time.Now}
}

// What is told twice has one id and a signature of its own time.
func TestStandardWebhooks(t *testing.T) {
	r, c := station(t, hook.Standard, path)
	for range 2 {
		if err := c.Tell(t.Context(), news(rules.Triggered)); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Tell(t.Context(), rules.News{Key: "fallback/x", Kind: rules.ChatAway, Incident: "chat/x", Language: "fr", Since: time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC), Waiting: []rules.Alert{alarm()}, More: 3}); err != nil {
		t.Fatal(err)
	}
	got := r.Messages()
	if len(got) != 3 || got[0].ID != got[1].ID || !got[1].Again || got[2].Again {
		t.Fatalf("got %+v", got)
	}
	first := got[0]
	if first.Type != "sla.triggered" || first.Data.Incident != "zendesk:42/update/3" || first.Data.Ticket.Ref != "zendesk:42" ||
		first.Data.Ticket.State != "breached" || first.Data.Summary != "zendesk:42: Status update missed, was due Fri 2026-11-27 13:00 UTC" {
		t.Errorf("the first says %s", first.Raw)
	}
	if away := got[2]; away.Type != "slack.away" || len(away.Data.Waiting) != 1 || away.Data.Waiting[0].Ref != "zendesk:42" || !strings.Contains(away.Data.Summary, "Slack ne répond plus") {
		t.Errorf("the third says %s", away.Raw)
	}
}

func TestPagerDutyFollows(t *testing.T) {
	r, c := station(t, hook.PagerDuty, "/v2/enqueue")
	for _, kind := range []rules.NewsKind{rules.Triggered, rules.Triggered, rules.Acknowledged, rules.Resolved, rules.Triggered} {
		if err := c.Tell(t.Context(), news(kind)); err != nil {
			t.Fatal(err)
		}
	}
	want := []receiver.Incident{{DedupKey: "vigie/zendesk:42/update/3", State: "resolved"}, {DedupKey: "vigie/zendesk:42/update/3", State: "triggered"}}
	if diff := cmp.Diff(want, r.Incidents()); diff != "" {
		t.Errorf("incidents (-want +got):\n%s", diff)
	}
	if e := r.Events()[0]; e.Severity != "critical" || !strings.Contains(e.Summary, "Status update missed") {
		t.Errorf("the first event is %+v", e)
	}
	long := news(rules.Triggered)
	long.Incident, long.Alert.Mark, long.Alert.Kind = strings.Repeat("é", 400), strings.Repeat("x", 5000), rules.Flagged
	if err := c.Tell(t.Context(), long); err != nil {
		t.Errorf("one with long texts: %v", err)
	}
}

// What becomes of a failure: final ones are for a person, all others are tried again.
func TestFailures(t *testing.T) {
	cut := receiver.Fault{Work: true}
	for name, c := range map[string]struct {
		kind   hook.Kind
		faults []receiver.Fault
		want   hook.Error // what it says beside its text; After only if it is set
		took   int
	}{
		"unknown address":     {hook.Standard, []receiver.Fault{{Status: 404}}, hook.Error{Final: true}, 0},
		"wrong signature":     {hook.Standard, []receiver.Fault{{Status: 401}}, hook.Error{Final: true}, 0},
		"gone":                {hook.Standard, []receiver.Fault{{Status: 410}}, hook.Error{Final: true}, 0},
		"a redirect":          {hook.Standard, []receiver.Fault{{Status: 307, Header: http.Header{"Location": {"/elsewhere"}}}}, hook.Error{Final: true}, 0},
		"to another host":     {hook.Standard, []receiver.Fault{{Status: 302, Header: http.Header{"Location": {"http://127.0.0.1:1/"}}}}, hook.Error{Final: true}, 0},
		"slower":              {hook.PagerDuty, []receiver.Fault{{Status: 429}, {Status: 429, Header: http.Header{"Retry-After": {"30"}}}}, hook.Error{After: 30 * time.Second}, 0},
		"broken":              {hook.PagerDuty, []receiver.Fault{{Status: 500, Work: true}, {Status: 500, Work: true}}, hook.Error{Unknown: true}, 2},
		"cut off twice":       {hook.PagerDuty, []receiver.Fault{cut, cut}, hook.Error{Unknown: true}, 2},
		"a proxy's page":      {hook.PagerDuty, []receiver.Fault{{Status: 200, Body: "<html>"}}, hook.Error{Unknown: true}, 0},
		"an endless answer":   {hook.Standard, []receiver.Fault{{Status: 200, Work: true, Body: strings.Repeat("x", 70<<10)}}, hook.Error{Unknown: true}, 1},
		"an echo of the path": {hook.Standard, []receiver.Fault{{Status: 400, Body: `{"error":"no such hook: ` + path + ` ` + secret + `"}`}}, hook.Error{Final: true}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			at := path
			if c.kind == hook.PagerDuty {
				at = "/v2/enqueue"
			}
			r, client := station(t, c.kind, at)
			r.Fail(c.faults...)
			err := client.Tell(t.Context(), news(rules.Triggered))
			var got *hook.Error
			if !errors.As(err, &got) || got.Final != c.want.Final || got.Unknown != c.want.Unknown || c.want.After > 0 && got.After != c.want.After {
				t.Errorf("got %+v: %v", got, err)
			}
			for _, hidden := range []string{"aVerySecretPath", "T024BE91L", secret, secret[6:], routing} {
				if strings.Contains(err.Error(), hidden) {
					t.Errorf("the error shows %q: %v", hidden, err)
				}
			}
			if n := len(r.Messages()) + len(r.Events()); n != c.took {
				t.Errorf("it took %d", n)
			}
		})
	}
}

// A time-out after the receiver took it is repeated under the same id.
func TestATimeOutIsRepeated(t *testing.T) {
	r, c := station(t, hook.Standard, path)
	var n atomic.Int64
	release := make(chan struct{})
	r.Before(func(req *http.Request) {
		if n.Add(1) == 1 {
			<-release
		}
	})
	t.Cleanup(func() { close(release) })
	if err := c.Tell(t.Context(), news(rules.Triggered)); err != nil {
		t.Fatal(err)
	}
	if got := r.Messages(); len(got) != 1 {
		t.Errorf("got %+v", got)
	}
}

// Nothing is sent over a connection that others can read, wherever the address comes from.
func TestUnsafeAddresses(t *testing.T) {
	for address, safe := range map[string]bool{
		"https://hooks.acme.example/x?key=abc": true, "http://127.0.0.1:8080/x": true, "http://localhost/x": true, "http://[::1]:80/": true,
		"http://hooks.acme.example/x": false, "https://u:p@acme.example/": false, "ftp://acme.example": false, "acme.example": false, "": false, "https://": false, "http://127.0.0.1.evil.example/": false,
	} {
		if err := hook.Safe(address); (err == nil) != safe {
			t.Errorf("%q: %v", address, err)
		}
	}
	c := &hook.Client{URL: func() string { return "http://hooks.acme.example/aVerySecretPath" }, Secret: func() string { return secret }, HTTP: hook.Transport().Client(), Now: time.Now}
	var got *hook.Error
	if err := c.Tell(t.Context(), news(rules.Triggered)); !errors.As(err, &got) || !got.Final || strings.Contains(err.Error(), "aVerySecretPath") {
		t.Errorf("got %v", err)
	}
}

func TestSecretsOfStandardWebhooks(t *testing.T) {
	for text, valid := range map[string]bool{secret: true, secret[6:]: true, "hunter2": false, "whsec_": false, "whsec_c2hvcnQ=": false} {
		if err := hook.ValidSecret(hook.Standard, text); (err == nil) != valid || err != nil && len(text) > 6 && strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// check --online connects, and posts nothing.
func TestReachPostsNothing(t *testing.T) {
	r, c := station(t, hook.Standard, path)
	asked := 0
	r.Before(func(*http.Request) { asked++ })
	if host, err := c.Reach(t.Context()); err != nil || host != "127.0.0.1" || asked > 0 {
		t.Errorf("host %q, %v, asked %d times", host, err, asked)
	}
	c.URL = func() string { return "http://127.0.0.1:1" + path }
	if _, err := c.Reach(t.Context()); err == nil || strings.Contains(err.Error(), "aVerySecretPath") {
		t.Errorf("nobody there: %v", err)
	}
}
