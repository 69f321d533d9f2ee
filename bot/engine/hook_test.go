package engine_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/bot/adapt"
	"vigie/bot/engine"
	"vigie/bot/store"
	"vigie/connectors/hook"
	"vigie/connectors/mail"
	"vigie/connectors/sandbox"
	"vigie/connectors/sandbox/receiver"
	"vigie/rules"
	"vigie/rules/oncall"
)

const (
	hookSecret   = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	routingKey   = "R0123456789ABCDEF0123456789ABCDE"
	mailPassword = "correct-horse-battery"
	secretPath   = "/services/T024/aVerySecretPath"
	lead         = "lead@acme.example"
)

// A station is those who are told besides the chat: a pager, a receiver of Standard
// Webhooks ("feed") and a mailbox.
type station struct {
	*receiver.Hooks
	mails *receiver.SMTP
}

// stationed gives a world a station: at the breach its pager is called, and a quarter of
// an hour later the lead by mail. The feed hears of what `when` holds for.
func stationed(t *testing.T, w *world, when func(rules.Alert) bool) *station {
	t.Helper()
	s := &station{Hooks: &receiver.Hooks{Secret: hookSecret, RoutingKey: routingKey}, mails: &receiver.SMTP{User: "vigie", Password: mailPassword}}
	server := httptest.NewServer(s.Hooks)
	t.Cleanup(server.Close)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	go s.mails.Serve(l)
	quarter, err := rules.ParseDuration("15 minutes", 8*3600)
	must(t, err)
	client := func(kind hook.Kind, path, secret string) *hook.Client {
		transport := hook.Transport()
		transport.Tries, transport.Timeout = 1, 500*time.Millisecond
		transport.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
		return &hook.Client{Kind: kind, URL: func() string { return server.URL + path }, Secret: func() string { return secret }, HTTP: transport.Client(), Now: time.Now}
	}
	w.prepare = func(e *engine.Engine) {
		e.Chain = func(rules.Alert) []oncall.Step {
			return []oncall.Step{
				{At: oncall.AtBreach, Call: []oncall.Callee{{Kind: oncall.Hook, Name: "pager"}}},
				{After: quarter, Call: []oncall.Callee{{Kind: oncall.Mail, Name: lead}, {Kind: oncall.Hook, Name: "feed"}}},
			}
		}
		e.Places = map[string]engine.Place{
			engine.HookPlace("pager"): {Outlet: adapt.Hook{Client: client(hook.PagerDuty, "/v2/enqueue", routingKey)}},
			engine.HookPlace("feed"):  {Outlet: adapt.Hook{Client: client(hook.Standard, secretPath, hookSecret)}, When: when},
			engine.MailPlace:          {Outlet: adapt.Mail{Client: &mail.Client{Server: l.Addr().String(), User: "vigie", Password: func() string { return mailPassword }, From: "vigie@acme.example", Now: time.Now}}},
		}
	}
	w.prepare(w.Engine)
	return s
}

// pages are PagerDuty's events, as "trigger zendesk:42/update/1 critical".
func (s *station) pages() (list []string) {
	for _, e := range s.Events() {
		list = append(list, strings.TrimSpace(e.Action+" "+strings.TrimPrefix(e.DedupKey, "vigie/")+" "+e.Severity))
	}
	return list
}

// heard are the messages that the feed got, less those that it had, as "sla.triggered".
func (s *station) heard() (list []string) {
	for _, m := range s.Messages() {
		if !m.Again {
			list = append(list, m.Type+" "+m.Data.Incident)
		}
	}
	return list
}

// subjects are the mails' subjects, each Message-ID once.
func (s *station) subjects() (list []string) {
	seen := map[string]bool{}
	for _, m := range s.mails.Mails() {
		if !seen[m.MessageID] {
			list = append(list, m.Subject)
		}
		seen[m.MessageID] = true
	}
	return list
}

func TestHooksAndMailsAreCalledByStep(t *testing.T) {
	w := newWorld(t)
	s := stationed(t, w, nil)
	id := w.urgent(t)
	w.until(t, at("Fri 2026-11-27 12:59:00"))
	if len(s.pages())+len(s.subjects()) > 0 {
		t.Fatalf("before the breach: %q %q", s.pages(), s.subjects())
	}
	w.until(t, at("Fri 2026-11-27 13:14:00"))
	about := fmt.Sprintf("zendesk:%d/update/1", id)
	if diff := cmp.Diff([]string{"trigger " + about + " critical"}, s.pages()); diff != "" {
		t.Errorf("at the breach (-want +got):\n%s", diff)
	}
	w.until(t, at("Fri 2026-11-27 13:20:00"))
	if diff := cmp.Diff([]string{"sla.triggered " + about}, s.heard()); diff != "" {
		t.Errorf("a quarter of an hour later the feed got (-want +got):\n%s", diff)
	}
	if got := s.subjects(); len(got) != 1 || got[0] != fmt.Sprintf("zendesk:%d: Status update missed, was due Fri 2026-11-27 13:00 CET", id) {
		t.Errorf("mails: %q", got)
	}
	w.seen(t, id, w.z.Update(id, lena, sandbox.ZendeskUpdate{Assignee: lena}))
	w.seen(t, id, w.z.Update(id, lena, sandbox.ZendeskUpdate{Comment: "We are on it."}))
	w.until(t, at("Fri 2026-11-27 13:30:00"))
	if diff := cmp.Diff([]string{"trigger " + about + " critical", "acknowledge " + about, "resolve " + about}, s.pages()); diff != "" {
		t.Errorf("in the end (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"sla.triggered " + about, "sla.acknowledged " + about, "sla.resolved " + about}, s.heard()); diff != "" {
		t.Errorf("in the end the feed got (-want +got):\n%s", diff)
	}
	if got := s.Incidents(); len(got) != 1 || got[0].State != "resolved" {
		t.Errorf("incidents: %+v", got)
	}
}

func TestPlacesAreCheckedBeforeTheyAreTold(t *testing.T) {
	by := rules.Person{ID: "U1"}
	for name, c := range map[string]struct {
		at    string
		do    func(t *testing.T, w *world, id int64)
		pages int
		mails int
	}{
		"taken before the breach": {"Fri 2026-11-27 12:00:00", func(t *testing.T, w *world, id int64) {
			w.seen(t, id, w.z.Update(id, lena, sandbox.ZendeskUpdate{Assignee: lena}))
		}, 0, 0},
		"taken after it": {"Fri 2026-11-27 13:05:00", func(t *testing.T, w *world, id int64) {
			w.seen(t, id, w.z.Update(id, lena, sandbox.ZendeskUpdate{Assignee: lena}))
		}, 2, 0}, // and acknowledged
		"answered after it": {"Fri 2026-11-27 13:05:00", func(t *testing.T, w *world, id int64) {
			w.seen(t, id, w.z.Update(id, lena, sandbox.ZendeskUpdate{Comment: "On it."}))
		}, 2, 0}, // and resolved
		"snoozed for an hour": {"Fri 2026-11-27 13:05:00", func(t *testing.T, w *world, id int64) {
			must(t, w.Ask(t.Context(), "E1", "zendesk", fmt.Sprint(id), store.Request{What: store.Snooze, By: by, At: w.Now(), Until: at("Fri 2026-11-27 14:05:00")}))
		}, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := stationed(t, w, nil)
			by.ID = w.Slack().AddUser(omar, "Omar")
			id := w.urgent(t)
			w.until(t, at(c.at))
			c.do(t, w, id)
			w.until(t, at("Fri 2026-11-27 14:00:00"))
			if c.mails > 0 && len(s.subjects()) > 0 {
				t.Errorf("told while it was snoozed: %q", s.subjects())
			}
			w.until(t, at("Fri 2026-11-27 16:00:00"))
			if len(s.pages()) != c.pages || len(s.subjects()) != c.mails {
				t.Errorf("pages %q, mails %q", s.pages(), s.subjects())
			}
		})
	}
}

// A hook hears of the alarms that it wants to hear of: of one that was taken, that it
// was; of one that is over, that it is; of one that begins anew, that it does.
func TestHooksHearOfWhatTheyWant(t *testing.T) {
	w := newWorld(t)
	s := stationed(t, w, func(a rules.Alert) bool { return a.Kind == rules.Warning && a.Threshold == "50%" })
	e := w.prepare
	w.prepare = func(x *engine.Engine) { e(x); x.Chain = nil }
	w.prepare(w.Engine)
	id := w.urgent(t)
	about := fmt.Sprintf("zendesk:%d/update/1", id)
	w.until(t, at("Fri 2026-11-27 11:10:00"))
	w.seen(t, id, w.z.Update(id, lena, sandbox.ZendeskUpdate{Assignee: lena}))
	w.until(t, at("Fri 2026-11-27 11:20:00"))
	w.seen(t, id, w.z.Update(id, lena, sandbox.ZendeskUpdate{Clear: []string{"assignee_id"}}))
	w.until(t, at("Fri 2026-11-27 11:30:00"))
	w.seen(t, id, w.z.Update(id, lena, sandbox.ZendeskUpdate{Status: "pending"}))
	w.until(t, at("Fri 2026-11-27 11:40:00"))
	want := []string{"sla.triggered " + about, "sla.acknowledged " + about, "sla.triggered " + about, "sla.resolved " + about}
	if diff := cmp.Diff(want, s.heard()); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
	w.seen(t, id, w.z.Update(id, lena, sandbox.ZendeskUpdate{Comment: "On it.", Status: "open"}))
	w.until(t, at("Fri 2026-11-27 15:39:00"))
	if diff := cmp.Diff(append(want, fmt.Sprintf("sla.triggered zendesk:%d/update/2", id)), s.heard()); diff != "" {
		t.Errorf("in the next cycle heard (-want +got):\n%s", diff)
	}
}

// What fails is tried again under the same key until it has gone; what is refused for
// good is parked with the reason; and none holds up another.
func TestPlacesFail(t *testing.T) {
	w := newWorld(t)
	s := stationed(t, w, nil)
	s.Fail(receiver.Fault{Status: 500, Work: true}, receiver.Fault{Work: true}, receiver.Fault{Status: 429, Header: http.Header{"Retry-After": {"40"}}})
	s.mails.Fail(receiver.MailFault{At: "RCPT", Answer: "450 4.2.1 Greylisted"}, receiver.MailFault{At: "DATA", Work: true}, receiver.MailFault{At: "EHLO", Answer: "421 Busy"})
	id := w.urgent(t)
	w.until(t, at("Fri 2026-11-27 13:14:00"))
	if got := s.Incidents(); len(got) != 1 || got[0].State != "triggered" {
		t.Errorf("incidents: %+v, %q", got, s.pages())
	}
	w.until(t, at("Fri 2026-11-27 13:30:00"))
	if got := s.mails.Mails(); len(got) != 2 || got[0].MessageID != got[1].MessageID {
		t.Errorf("mails: %+v", got)
	}
	pager := w.action(t, fmt.Sprintf("call/breach/zendesk:%d/update/1/1/hook:pager", id))
	if pager.State != store.Done {
		t.Errorf("the pager's call is %+v", pager)
	}

	w = newWorld(t)
	s = stationed(t, w, nil)
	s.Fail(receiver.Fault{Status: 404, Body: `{"error":"no such key: ` + routingKey + `"}`})
	s.mails.Fail(receiver.MailFault{At: "RCPT", Answer: "550 5.1.1 No such user"})
	id = w.urgent(t)
	w.until(t, at("Fri 2026-11-27 13:14:00"))
	pager = w.action(t, fmt.Sprintf("call/breach/zendesk:%d/update/1/1/hook:pager", id))
	if pager.State != store.Parked || !strings.HasPrefix(pager.Note, "404 Not Found") || !strings.HasSuffix(pager.Note, "no such key: [secret]") {
		t.Errorf("the pager's call is %+v", pager)
	}
	w.until(t, at("Fri 2026-11-27 13:20:00"))
	if m := w.action(t, fmt.Sprintf("call/breach/zendesk:%d/update/1/2/mail:%s", id, lead)); m.State != store.Parked || !strings.Contains(m.Note, "550") {
		t.Errorf("the mail is %+v", m)
	}
	if len(s.heard()) != 1 {
		t.Errorf("the feed heard %q", s.heard())
	}
	must(t, w.Retry(t.Context())) // a person has put it right, and had the secrets read anew
	w.until(t, at("Fri 2026-11-27 13:25:00"))
	if len(s.pages()) != 1 || len(s.subjects()) != 1 {
		t.Errorf("after that: %q, %q", s.pages(), s.subjects())
	}
}

// A pager that never answers holds up neither the mails nor the chat, and the other way
// round.
func TestNoPlaceWaitsForAnother(t *testing.T) {
	w := newWorld(t)
	s := stationed(t, w, nil)
	for range 200 {
		s.Fail(receiver.Fault{Status: 503})
	}
	w.urgent(t)
	w.until(t, at("Fri 2026-11-27 13:20:00"))
	if len(s.subjects()) != 1 || !strings.Contains(texts(w.cards()), "missed") {
		t.Errorf("mails %q, cards %q", s.subjects(), texts(w.cards()))
	}
	w = newWorld(t)
	s = stationed(t, w, nil)
	id := w.urgent(t)
	w.until(t, at("Fri 2026-11-27 10:00:00"))
	w.Faults.Down("slack", true)
	w.until(t, at("Fri 2026-11-27 13:20:00"))
	if about := fmt.Sprintf("zendesk:%d/update/1", id); !slices.Equal(s.pages(), []string{"trigger " + about + " critical"}) || len(s.subjects()) != 1 {
		t.Errorf("while Slack is away: pages %q, mails %q", s.pages(), s.subjects())
	}
}

// killPlace kills the engine at the kth thing that a hook or the mailbox is told.
func (w *world) killPlace(s *station, k int, done bool) (killed func() bool) {
	var mu sync.Mutex
	n := 0
	kill := func(fault func()) {
		mu.Lock()
		defer mu.Unlock()
		if n++; n == k+1 {
			fault()
			w.kill()
		}
	}
	s.Before(func(*http.Request) { kill(func() { s.Fail(receiver.Fault{Work: done}) }) })
	s.mails.Before(func(command string) {
		if command == "DATA" {
			kill(func() { s.mails.Fail(receiver.MailFault{At: "DATA", Work: done}) })
		}
	})
	return func() bool { mu.Lock(); defer mu.Unlock(); return n > k }
}

// Whatever dies, before or after each thing that is told, each is told at least once,
// what is told again has the same key, and nothing is forgotten.
func TestPlacesUnderKills(t *testing.T) {
	type story struct{ Pages, Heard, Mails []string }
	life := func(t *testing.T, w *world, s *station) story {
		id := w.urgent(t)
		w.until(t, at("Fri 2026-11-27 13:30:00"))
		w.seen(t, id, w.z.Update(id, lena, sandbox.ZendeskUpdate{Assignee: lena}))
		w.until(t, at("Fri 2026-11-27 13:40:00"))
		w.seen(t, id, w.z.Update(id, lena, sandbox.ZendeskUpdate{Comment: "On it."}))
		w.until(t, at("Fri 2026-11-27 14:30:00"))
		return story{slices.Compact(s.pages()), s.heard(), s.subjects()}
	}
	quiet := newWorld(t)
	s := stationed(t, quiet, nil)
	effects := 0
	s.Before(func(*http.Request) { effects++ })
	want := life(t, quiet, s)
	if effects++; effects != 7 || len(want.Mails) != 1 || len(want.Pages) != 3 || len(want.Heard) != 3 {
		t.Fatalf("undisturbed: %+v, %d effects", want, effects)
	}
	for _, done := range []bool{true, false} {
		for k := range effects {
			t.Run(fmt.Sprintf("effect %d done %v", k, done), func(t *testing.T) {
				w := newWorld(t)
				s := stationed(t, w, nil)
				killed := w.killPlace(s, k, done)
				if diff := cmp.Diff(want, life(t, w, s)); diff != "" {
					t.Errorf("undisturbed against killed (-want +got):\n%s", diff)
				}
				if !killed() {
					t.Error("it was never killed")
				}
				for _, hidden := range []string{hookSecret, hookSecret[6:], routingKey, mailPassword, "aVerySecretPath"} {
					if strings.Contains(w.log.String(), hidden) {
						t.Errorf("the log shows %s", hidden)
					}
				}
			})
		}
	}
}

// A hook that may have heard of an alarm hears its end, though nobody knows whether it
// did and it isn't told again.
func TestAHookHearsTheEndOfWhatItMayHaveHeard(t *testing.T) {
	w := newWorld(t)
	s := stationed(t, w, nil)
	s.Fail(receiver.Fault{Work: true}, receiver.Fault{Work: false})
	id := w.urgent(t)
	w.until(t, at("Fri 2026-11-27 13:00:01"))
	w.seen(t, id, w.z.Update(id, lena, sandbox.ZendeskUpdate{Comment: "On it."}))
	w.until(t, at("Fri 2026-11-27 13:10:00"))
	about := fmt.Sprintf("zendesk:%d/update/1", id)
	if diff := cmp.Diff([]string{"trigger " + about + " critical", "resolve " + about}, s.pages()); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	if a := w.action(t, "call/breach/zendesk:"+fmt.Sprint(id)+"/update/1/1/hook:pager"); a.State != store.Dropped {
		t.Errorf("the call is %s", a.State)
	}
}
