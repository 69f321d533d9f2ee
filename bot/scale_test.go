package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"vigie/bot/engine"
	"vigie/bot/library"
	"vigie/bot/store"
	"vigie/connectors/sandbox"
	"vigie/rules"
)

// A policy in plain time, so that a run at any hour of any day has warnings: half
// of it is used 50 hours after a ticket was opened.
const steadyPolicy = `
name             = "steady"
title            = "Steady"
effective_from   = 2026-01-01
covers           = 'true'
calendar         = "always"
default_priority = "normal"
[calendars.always]
zone  = "Europe/Berlin"
hours = { mon-sun = ["00:00-24:00"] }
[[priorities]]
name    = "normal"
zendesk = ["normal"]
[[targets]]
metric = "resolution"
within = { normal = "100 hours" }
warn   = ["50%"]
clause = "S-1"
`

// Of the open tickets so many are the vendor's too, and webhooks speak of them; and
// so many more are opened, whose warnings come up while the load is on.
const (
	vendorTickets = 1000
	warned        = 30
)

// TestScale is a real program on a real clock with 100,000 open tickets: how long
// it takes to start, how much memory it needs, and how late its warnings are while
// 50 webhooks a second come in. It says so in a table; the numbers hold for the
// machine it runs on, so it fails only where something is lost.
//
//	VIGIE_SCALE=100000 go test ./bot -run TestScale -v -timeout 20m
func TestScale(t *testing.T) {
	open, err := strconv.Atoi(os.Getenv("VIGIE_SCALE"))
	if err != nil {
		t.Skip("takes minutes, and its numbers are only for reading: VIGIE_SCALE=100000 runs it")
	}
	for name, where := range states(t) {
		t.Run(name, func(t *testing.T) { scale(t, where, open) })
	}
}

func scale(t *testing.T, where string, open int) {
	s := sandbox.New()
	s.Options.Zendesk.RequestsPerMinute = 100_000 // of which half are the program's: its quota is not what is measured
	z := s.Zendesk()
	vendor := httptest.NewServer(s.Handler())
	defer vendor.Close()
	s.Slack().AddChannel("sla")
	policy := filepath.Join(t.TempDir(), "steady.toml")
	must(t, os.WriteFile(policy, []byte(steadyPolicy), 0o600))
	t.Setenv("SLACK_BOT_TOKEN", s.Tokens.Slack)
	file := configured(t, vendor.URL, where, policy, fmt.Sprintf("[slack]\ntoken = \"env:SLACK_BOT_TOKEN\"\napi_url = %q\nchannel = \"#sla\"\n", vendor.URL+"/api/"))

	opens := func(warning time.Time) string {
		id, err := z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "Nobody gets in.", Type: "incident", Priority: "normal",
			RequesterEmail: "nadia@acme.example", Tags: []string{"priority_normal"}, CreatedAt: warning.Add(-50 * time.Hour)})
		must(t, err)
		return fmt.Sprint(id)
	}
	for range vendorTickets {
		opens(time.Now().Add(10 * time.Hour))
	}
	p := start(t, file)
	wait(t, "the first start", func() bool { return strings.Contains(channelText(s), "Vigie now watches zendesk: 1000 open tickets") })
	end(t, p)

	fill(t, where, policy, open)
	st := openState(t, where)
	soonest, err := st.NextWake(t.Context()) // what is looked at anew is due before that
	must(t, err)
	began := time.Now()
	p = start(t, file)
	wait(t, "readiness", func() bool { return get(p.url+"/readyz") == http.StatusOK })
	ready := time.Since(began)
	atStart, _ := memory(t, p)
	begun := false
	wait(t, "everything to be looked at anew", func() bool {
		next, err := st.NextWake(t.Context())
		must(t, err)
		begun = begun || next.Before(soonest)
		return begun && next.After(time.Now().Add(-time.Second))
	})
	anew := time.Since(began)
	settled, _ := memory(t, p)

	// Tickets whose warnings come up while the load is on.
	c := newCaller(p.url)
	firstWarning := time.Now().Add(15 * time.Second).Truncate(time.Second)
	threshold := map[string]time.Time{}
	for n := range warned {
		at := firstWarning.Add(time.Duration(2*n) * time.Second)
		id := opens(at)
		threshold["zendesk:"+id] = at
		_, err := c.send("opened-"+id, id)
		must(t, err)
	}
	took, err := steadily(50*(15+2*warned+5), time.Second/50, func(n int) error {
		id := int64(1 + n%vendorTickets)
		if err := z.Touch(id); err != nil {
			return err
		}
		status, err := c.send(fmt.Sprint("scale-", n), fmt.Sprint(id))
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("status %d", status)
		}
		return err
	})
	must(t, err)
	began = time.Now()
	get(p.url + "/")
	board := time.Since(began)
	rss, peak := memory(t, p)

	var late []time.Duration
	for _, m := range s.Slack().Messages("#sla") {
		var meta struct {
			Payload struct{ Key string } `json:"event_payload"`
		}
		if json.Unmarshal(m.Metadata, &meta) == nil && strings.HasPrefix(meta.Payload.Key, "warn/") {
			late = append(late, m.At.Sub(threshold[strings.Split(meta.Payload.Key, "/")[1]]))
		}
	}
	if len(late) != warned {
		t.Errorf("%d warnings, want %d; said:\n%s", len(late), warned, channelText(s))
	}
	t.Logf("\n| %d open tickets | |\n|---|---|\n| start to ready | %s |\n| all looked at anew | %s |\n| RSS at ready, settled, after the load and a board; peak | %d, %d, %d; %d MB |\n"+
		"| warnings late, p50, p99 | %s, %s |\n| webhooks at 50/s, p50, p99 | %s, %s |\n| the board | %s |",
		open, ready.Round(time.Millisecond), anew.Round(time.Second), atStart, settled, rss, peak,
		share(late, .5).Round(time.Millisecond), share(late, .99).Round(time.Millisecond), share(took, .5).Round(10*time.Microsecond), share(took, .99).Round(10*time.Microsecond), board.Round(time.Millisecond))
}

// fill adds open tickets to a state until there are so many.
func fill(t testing.TB, where, policy string, open int) {
	t.Helper()
	st := openState(t, where)
	defer st.Close()
	p, problems := library.Policy(policy)
	must(t, problems.Err())
	now := time.Now()
	e := engine.Engine{Store: st, Sources: []*engine.Source{{Name: "zendesk", Policies: []*rules.Policy{p}}}, Now: func() time.Time { return now }}
	fillWith(t, &e, open-vendorTickets)
}

// openTicket is a ticket with some history, judged.
func openTicket(t testing.TB, e *engine.Engine, n int, now time.Time) store.Row {
	created := now.Add(-time.Duration(n%2400) * time.Minute) // the last 40 hours
	reply := func(after time.Duration, by string) rules.Event {
		return rules.Event{At: created.Add(after).Truncate(time.Second), Type: rules.ReplyEvent, By: by, Public: true}
	}
	r := store.Row{Source: "zendesk", ID: fmt.Sprint(1_000_000 + n), Version: "1", Open: true, Ticket: &rules.Ticket{
		Source: "zendesk", ID: fmt.Sprint(1_000_000 + n), Kind: "incident", Status: rules.New, Channel: "email", Organization: "Acme", Group: "Support",
		Requester: "nadia@acme.example", Language: "en", Subject: "The portal shows an error on the second page", URL: "https://acme.zendesk.com/agent/tickets/" + fmt.Sprint(n),
		Text: strings.Repeat("Since this morning nobody gets past the second page of the portal. ", 8), Tags: []string{"priority_normal", "portal"},
		CreatedAt: created.Truncate(time.Second), Events: []rules.Event{reply(0, "customer"), reply(0, "agent"), reply(0, "customer")},
	}}
	v, err := e.Judge(&r)
	must(t, err)
	r.Verdict, r.Wake, r.Stand = &v, v.Wake, &store.Stand{Stand: v.Stand(r.Ticket, now), Version: e.Version, At: now}
	return r
}

// end tells a program to end, and waits until it has.
func end(t testing.TB, p *process) {
	t.Helper()
	must(t, p.Process.Signal(os.Interrupt))
	if _, err := p.Process.Wait(); err != nil {
		t.Log(err)
	}
}

// wait waits until something is so, fifteen minutes at most.
func wait(t testing.TB, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(15 * time.Minute); !so(); {
		if time.Now().After(end) {
			t.Fatalf("waited fifteen minutes for %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// get is the status of a page, read to its end; 0 if nobody answers.
func get(url string) int {
	answer, err := http.Get(url)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	for buffer := make([]byte, 1<<16); err == nil; {
		_, err = answer.Body.Read(buffer)
	}
	return answer.StatusCode
}

func channelText(s *sandbox.Sandbox) string {
	var b strings.Builder
	for _, m := range s.Slack().Messages("#sla") {
		b.WriteString(m.Text + "\n")
	}
	return b.String()
}

// memory is a program's resident memory, and the most that it ever was, in MB.
func memory(t testing.TB, p *process) (now, peak int) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Process.Pid))
	if err != nil {
		t.Skip("no /proc on this system: ", err)
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		kb, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
		switch name {
		case "VmRSS":
			now = kb / 1024
		case "VmHWM":
			peak = kb / 1024
		}
	}
	return now, peak
}
