package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vigie/bot/config"
	"vigie/bot/store"
	"vigie/connectors/sandbox"
	"vigie/rules"
	"vigie/rules/calendar"
)

const (
	actLena = "lena@support.example" // agent
	actOmar = "omar@support.example"
)

// An acting is a simulated Zendesk and Slack with people in it, and the program's parts
// on a state in a file, wired as serve wires them, on a clock that the test moves.
type acting struct {
	*sandbox.Sandbox
	w      *wired
	url    string // of the vendors
	file   string
	socket bool
	site   atomic.Pointer[http.Handler] // the program's
	lena   string
	omar   string
	now    atomic.Int64
}

func (a *acting) clock() time.Time { return time.Unix(a.now.Load(), 0).UTC() }

func newActing(t testing.TB, socket bool) *acting {
	t.Helper()
	a := &acting{Sandbox: sandbox.New(), file: filepath.Join(t.TempDir(), "vigie.db"), socket: socket}
	a.set(t, "Fri 2026-11-27 09:00")
	a.Now = a.clock
	vendors := httptest.NewServer(a.Handler())
	t.Cleanup(vendors.Close)
	a.url = vendors.URL
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*a.site.Load()).ServeHTTP(w, r) }))
	t.Cleanup(site.Close)
	z, s := a.Zendesk(), a.Slack()
	z.AddUser(sandbox.ZendeskUser{Email: actLena, Role: "agent"})
	z.AddUser(sandbox.ZendeskUser{Email: siteNadia, Organization: "Acme"})
	s.AddChannel("sla")
	a.lena, a.omar = s.AddUser(actLena, "Lena"), s.AddUser(actOmar, "Omar")
	must(t, s.Come("#sla", a.lena))
	must(t, s.Come("#sla", a.omar))
	o := &a.Options.Slack
	o.SocketMode = socket
	o.EventsURL, o.InteractivityURL, o.CommandsURL = site.URL+"/slack/events", site.URL+"/slack/actions", site.URL+"/slack/commands"
	a.restart(t)
	a.settle(t)
	return a
}

func (a *acting) set(t testing.TB, instant string) {
	t.Helper()
	berlin, err := calendar.LoadZone("Europe/Berlin")
	must(t, err)
	at, err := time.ParseInLocation("Mon 2006-01-02 15:04", instant, berlin)
	must(t, err)
	a.now.Store(at.Unix())
}

// restart has a new program take the state over.
func (a *acting) restart(t testing.TB) {
	t.Helper()
	if a.w != nil {
		must(t, a.w.engine.Store.Close())
	}
	a.w = a.another(t)
}

// another is another program on the same state.
func (a *acting) another(t testing.TB) *wired {
	t.Helper()
	st, err := store.Open(t.Context(), a.file)
	must(t, err)
	t.Cleanup(func() { st.Close() })
	look := lookup()
	secrets := map[string]string{"ZENDESK_TOKEN": a.Tokens.Zendesk.Token, "SLACK_BOT_TOKEN": a.Tokens.Slack, "SLACK_SIGNING_SECRET": a.Tokens.SlackSigning, "SLACK_APP_TOKEN": a.Tokens.SlackApp}
	look.Env = func(name string) string { return secrets[name] }
	more := ""
	if a.socket {
		more = `app_token = "env:SLACK_APP_TOKEN"`
	}
	cfg, problems := config.Load("acme.toml", []byte(fmt.Sprintf(`
[store]
url = %q
[web]
public_url = "https://vigie.acme.example"
token = "env:SLACK_BOT_TOKEN"
[[zendesk]]
name = "zendesk"
url = %q
email = %q
token = "env:ZENDESK_TOKEN"
policies = ["moveon"]
[slack]
token = "env:SLACK_BOT_TOKEN"
signing_secret = "env:SLACK_SIGNING_SECRET"
api_url = "%s/api/"
channel = "#sla"
language = "en"
%s
`, a.file, a.url, a.Tokens.Zendesk.Email, a.url, more)), look)
	must(t, problems.Err())
	log := slog.New(slog.DiscardHandler)
	if testing.Verbose() {
		log = slog.New(slog.NewTextHandler(testLog{t}, nil))
	}
	w := wire(cfg, st, a.clock, true, log)
	handler := w.server(cfg, log).Handler()
	a.site.Store(&handler)
	return w
}

type testLog struct{ t testing.TB }

func (w testLog) Write(b []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

func (a *acting) settle(t testing.TB) {
	t.Helper()
	_, err := a.w.engine.RunUntilIdle(t.Context())
	must(t, err)
}

// warned opens an urgent ticket and has it come near its first due instant.
func (a *acting) warned(t testing.TB) (id string, card sandbox.SlackMessage) {
	t.Helper()
	n, err := a.Zendesk().Open(sandbox.NewTicket{Subject: "Portal down", Body: "Nobody gets in.", Type: "incident", Priority: "urgent", RequesterEmail: siteNadia, SubmitterEmail: actLena})
	must(t, err)
	for range 40 {
		a.now.Add(5 * 60)
		a.settle(t)
		if card, ok := a.card(fmt.Sprint("zendesk:", n)); ok {
			return fmt.Sprint(n), card
		}
	}
	t.Fatal("nobody was warned")
	return "", card
}

// card is the message about a ticket.
func (a *acting) card(ref string) (card sandbox.SlackMessage, ok bool) {
	for _, m := range a.Slack().Messages("#sla") {
		if m.ThreadTS == "" && strings.Contains(m.Text, ref+" ") && strings.Contains(string(m.Blocks), `"actions"`) {
			return m, true
		}
	}
	return card, false
}

// handling is what people have done about a ticket.
func (a *acting) handling(t testing.TB, id string) rules.Handling {
	t.Helper()
	row, err := a.w.engine.Store.Ticket(t.Context(), "zendesk", id)
	must(t, err)
	if row.Ticket.Handling == nil {
		return rules.Handling{}
	}
	return *row.Ticket.Handling
}

func (a *acting) shows(t testing.TB, ts string, text string) {
	t.Helper()
	for _, m := range a.Slack().Messages("#sla") {
		if m.TS == ts {
			if !strings.Contains(string(m.Blocks), text) {
				t.Errorf("the card doesn't show %q: %s", text, m.Blocks)
			}
			return
		}
	}
	t.Errorf("there is no message %s", ts)
}

// listen runs Socket Mode as serve does, until the test or stop ends it.
func (a *acting) listen(t testing.TB, w *wired, connections int) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	w.inbox.Pause = func(ctx context.Context, _ time.Duration) error { runtime.Gosched(); return ctx.Err() }
	ended := make(chan error, 1)
	go func() { ended <- w.inbox.Run(ctx) }()
	for a.Slack().Connections() < connections && t.Context().Err() == nil {
		runtime.Gosched()
	}
	var once atomic.Bool
	stop = func() {
		if !once.Swap(true) {
			cancel()
			must(t, <-ended)
		}
	}
	t.Cleanup(stop)
	return stop
}

// A card's acts: clicked, stored, acknowledged, done, and seen on the card.
func TestActs(t *testing.T) {
	for name, socket := range map[string]bool{"HTTP": false, "Socket Mode": true} {
		t.Run(name, func(t *testing.T) {
			a := newActing(t, socket)
			if socket {
				a.listen(t, a.w, 2)
			}
			id, card := a.warned(t)
			s, ts, ref := a.Slack(), card.TS, "zendesk:"+id

			must(t, s.Click(a.lena, "#sla", ts, "take", ref))
			a.settle(t)
			if h := a.handling(t, id); h.Taken == nil || h.Taken.By.Email != actLena || h.Taken.Released {
				t.Fatalf("after a click: %+v", h.Taken)
			}
			a.shows(t, ts, "Lena has it, since Fri 27 Nov 2026")
			a.shows(t, ts, "Give back")

			a.now.Add(60)
			must(t, s.Click(a.omar, "#sla", ts, "release", ref))
			a.settle(t)
			if h := a.handling(t, id); h.Taken.Released {
				t.Error("somebody else gave it back")
			}
			a.told(t, a.omar, "Lena has this ticket")

			a.now.Add(60)
			must(t, s.Choose(a.lena, "#sla", ts, "menu", ref+" 1h"))
			a.settle(t)
			if h := a.handling(t, id); h.Snooze == nil || h.Snooze.By.Name != "Lena" {
				t.Errorf("after a snooze: %+v", h.Snooze)
			}
			a.shows(t, ts, "Nobody is called until")

			must(t, s.Choose(a.omar, "#sla", ts, "menu", ref+" why"))
			a.told(t, a.omar, "Portal down")
			must(t, s.Choose(a.lena, "#sla", ts, "menu", ref+" mine"))
			a.told(t, a.lena, "Portal down")

			a.now.Add(60)
			must(t, s.Click(a.lena, "#sla", ts, "release", ref))
			a.settle(t)
			if h := a.handling(t, id); !h.Taken.Released {
				t.Error("it wasn't given back")
			}
			a.shows(t, ts, `"Take"`)
		})
	}
}

// told waits for an answer that somebody alone sees.
func (a *acting) told(t testing.TB, who, text string) {
	t.Helper()
	for give := time.Now().Add(10 * time.Second); time.Now().Before(give); runtime.Gosched() {
		for _, m := range a.Slack().Ephemeral(who) {
			if strings.Contains(m.Text, text) || strings.Contains(string(m.Blocks), text) {
				return
			}
		}
	}
	t.Errorf("%s wasn't told %q: %v", who, text, a.Slack().Ephemeral(who))
}

// 👀 under a card takes its ticket for whoever put it there, and gives it back when he
// takes it off; another's doesn't.
func TestEyes(t *testing.T) {
	a := newActing(t, false)
	id, card := a.warned(t)
	s, ts := a.Slack(), card.TS
	for _, step := range []struct {
		who, emoji string
		off        bool
		want       string // who has it
	}{
		{a.omar, "tada", false, ""},
		{a.omar, "eyes", false, "Omar"},
		{a.lena, "eyes", false, "Lena"}, // takes it over
		{a.omar, "eyes", true, "Lena"},
		{a.lena, "eyes", true, ""},
	} {
		a.now.Add(60)
		if step.off {
			must(t, s.Unreact(step.who, "#sla", ts, step.emoji))
		} else {
			must(t, s.React(step.who, "#sla", ts, step.emoji))
		}
		a.settle(t)
		got := ""
		if h := a.handling(t, id); h.Taken != nil && !h.Taken.Released {
			got = h.Taken.By.Name
		}
		if got != step.want {
			t.Errorf("after %s by %s (off: %v): %q has it, want %q", step.emoji, step.who, step.off, got, step.want)
		}
	}
}

// Somebody whom Zendesk doesn't know takes a ticket in Vigie alone, and the card says so.
func TestAStrangerTakes(t *testing.T) {
	a := newActing(t, false)
	a.w.engine.VendorAddress = func(string, string) string { return "" }
	id, card := a.warned(t)
	must(t, a.Slack().Click(a.omar, "#sla", card.TS, "take", "zendesk:"+id))
	a.settle(t)
	a.shows(t, card.TS, "zendesk has no account of that person")
}

// What the chat tells twice, late, in another order, or again after the program has died
// before or after it acknowledged, is done once, and what was asked for last holds.
func TestActsThatComeTwiceLateAndReordered(t *testing.T) {
	for _, manner := range []string{"doubles-envelopes", "late-envelopes", "reorders-envelopes", "repeats-envelopes"} {
		t.Run(manner, func(t *testing.T) {
			a := newActing(t, false)
			id, card := a.warned(t)
			s, ts := a.Slack(), card.TS
			real := time.Now()
			a.Real = func() time.Time { return real }
			must(t, a.Faults.Misbehave("slack", manner))
			must(t, s.React(a.lena, "#sla", ts, "eyes"))
			a.now.Add(60)
			must(t, s.Unreact(a.lena, "#sla", ts, "eyes"))
			a.now.Add(60)
			must(t, s.React(a.omar, "#sla", ts, "eyes"))
			a.now.Add(60)
			must(t, a.Faults.Behave("slack", manner))
			for range 5 {
				a.settle(t)
				_, err := s.Deliver(t.Context())
				must(t, err)
				real = real.Add(time.Minute)
			}
			a.settle(t)
			if h := a.handling(t, id); h.Taken == nil || h.Taken.By.Email != actOmar || h.Taken.Released || s.Waiting() != 0 {
				t.Errorf("%+v has it; %d wait", h.Taken, s.Waiting())
			}
		})
	}
}

// A click is kept before it is acknowledged: a program that dies after it has, or before
// it could, neither loses nor repeats it.
func TestActsUnderKills(t *testing.T) {
	for _, stored := range []bool{true, false} {
		t.Run(fmt.Sprint("stored ", stored), func(t *testing.T) {
			a := newActing(t, false)
			id, card := a.warned(t)
			honest := *a.site.Load()
			var dying http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if stored {
					honest.ServeHTTP(httptest.NewRecorder(), r)
				}
				panic(http.ErrAbortHandler) // no acknowledgement
			})
			a.site.Store(&dying)
			must(t, a.Slack().React(a.lena, "#sla", card.TS, "eyes"))
			a.restart(t)
			_, err := a.Slack().Deliver(t.Context())
			must(t, err)
			a.settle(t)
			a.restart(t)
			a.settle(t)
			if h := a.handling(t, id); h.Taken == nil || h.Taken.By.Email != actLena || a.Slack().Waiting() != 0 {
				t.Errorf("%+v has it; %d wait", h.Taken, a.Slack().Waiting())
			}
			if n := a.requests(t, id); n != 1 {
				t.Errorf("%d requests are kept", n)
			}
		})
	}
}

func (a *acting) requests(t testing.TB, id string) (n int) {
	t.Helper()
	actions, err := a.w.engine.Store.TicketActions(t.Context(), "zendesk", id)
	must(t, err)
	for _, x := range actions {
		if x.Kind == store.Asked {
			n++
		}
	}
	return n
}

// A signed call that somebody has recorded changes nothing when it comes again; one that
// isn't signed leaves nothing.
func TestReplayedAndForgedActs(t *testing.T) {
	a := newActing(t, false)
	id, card := a.warned(t)
	program := *a.site.Load()
	var path, body string
	var header http.Header
	var recording http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		path, header, body = r.URL.Path, r.Header.Clone(), string(b)
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(strings.NewReader(body))
		program.ServeHTTP(w, again)
	})
	a.site.Store(&recording)
	must(t, a.Slack().Click(a.lena, "#sla", card.TS, "take", "zendesk:"+id))
	a.settle(t)
	send := func(header http.Header, body string) int {
		r := httptest.NewRequest("POST", path, strings.NewReader(body))
		r.Header = header
		w := httptest.NewRecorder()
		program.ServeHTTP(w, r)
		return w.Code
	}
	a.now.Add(60)
	must(t, a.Slack().Click(a.lena, "#sla", card.TS, "release", "zendesk:"+id))
	a.settle(t)
	released := a.handling(t, id).Taken
	if code := send(header, body); code != 200 || a.requests(t, id) != 2 {
		t.Errorf("replayed: %d, %d requests are kept", code, a.requests(t, id))
	}
	forged := header.Clone()
	forged.Set("X-Slack-Signature", "v0="+strings.Repeat("0", 64))
	if code := send(forged, strings.Replace(body, "release", "take", 1)); code != 401 {
		t.Errorf("forged: %d", code)
	}
	if code := send(header, body+url.QueryEscape(" ")); code != 401 {
		t.Errorf("changed: %d", code)
	}
	a.settle(t)
	if h := a.handling(t, id); a.requests(t, id) != 2 || *h.Taken != *released {
		t.Errorf("%d requests are kept; %+v has it, %+v had", a.requests(t, id), h.Taken, released)
	}
}

// 👀 that was put under a card while the program was away is found when the card is next
// edited, and is asked for once after each gap.
func TestEyesInAGap(t *testing.T) {
	a := newActing(t, true)
	id, card := a.warned(t) // no connection is open
	must(t, a.Slack().React(a.omar, "#sla", card.TS, "eyes"))
	a.listen(t, a.w, 2)
	for range 30 {
		if h := a.handling(t, id); h.Taken != nil {
			break
		}
		a.now.Add(5 * 60)
		a.settle(t)
	}
	if h := a.handling(t, id); h.Taken == nil || h.Taken.By.Name != "Omar" {
		t.Fatalf("%+v has it", h.Taken)
	}
	a.shows(t, card.TS, "Omar has it")
	if len(a.Slack().Lost()) != 1 {
		t.Errorf("%d events were lost, want the one of the gap", len(a.Slack().Lost()))
	}
}

// Two programs on one state, each with its connections: every act is done once,
// whichever hears of it.
func TestActsOfTwoPrograms(t *testing.T) {
	a := newActing(t, true)
	id, card := a.warned(t)
	other := a.another(t)
	a.listen(t, a.w, 2)
	stop := a.listen(t, other, 4)
	must(t, a.Faults.Misbehave("slack", "doubles-envelopes"))
	for i := range 10 {
		a.now.Add(60)
		must(t, a.Slack().React(a.lena, "#sla", card.TS, "eyes"))
		a.settle(t)
		a.now.Add(60)
		if i == 5 {
			stop()
		}
		if i < 9 {
			must(t, a.Slack().Unreact(a.lena, "#sla", card.TS, "eyes"))
		}
		a.settle(t)
	}
	if h := a.handling(t, id); a.requests(t, id) != 19 || h.Taken.Released || len(a.Slack().Lost()) != 0 {
		t.Errorf("%d requests are kept, %d lost, %+v has it", a.requests(t, id), len(a.Slack().Lost()), h.Taken)
	}
}

// How long a click takes until it is acknowledged, stored on disk.
func BenchmarkClick(b *testing.B) {
	for name, socket := range map[string]bool{"HTTP": false, "Socket": true} {
		b.Run(name, func(b *testing.B) {
			a := newActing(b, socket)
			if socket {
				a.listen(b, a.w, 2)
			}
			id, card := a.warned(b)
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				must(b, a.Slack().Click(a.lena, "#sla", card.TS, "take", "zendesk:"+id))
				took = append(took, time.Since(began))
			}
			latency(b, took)
		})
	}
}
