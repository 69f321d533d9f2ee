package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"vigie/bot/store"
	"vigie/bot/worldtest"
	"vigie/connectors/sandbox"
)

// asReplica names the clock's file: it has the test binary be a program that
// serves, by that clock and without waiting.
const asReplica = "VIGIE_TEST_CLOCK"

// byClock is the life of a process by the test's clock.
func byClock(clock string) life {
	return life{now: func() time.Time { return readClock(clock) }, sweep: 30 * time.Millisecond, hurry: true}
}

func readClock(file string) time.Time {
	text, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	nano, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		panic(err)
	}
	return time.Unix(0, nano)
}

// A site is a company: a sandbox with people in it, and as many programs as
// replicas that serve on one state. They are real processes and reach the vendors
// through a gate each, so that the test knows who asks, and can come between. Time
// is ticket time and stands still until the test moves it.
type site struct {
	*sandbox.Sandbox
	z        sandbox.Zendesk
	j        sandbox.Jira
	state    string // as the configuration names it
	policy   string // file
	clock    string // file
	replicas []*replica
	moves    lockedBuffer // what moved the clock, besides the test
	reader   *store.Store // nil until there is a state
	errors   bool         // something fails on purpose
	signIn   string       // Zendesk's credentials, as the configuration has them: an API token if empty

	mu   sync.Mutex
	now  time.Time
	seen func(r *replica, req *http.Request, answer func()) // nil: answer
	echo http.HandlerFunc                                   // answers in the vendors' place; nil: they do
}

// A replica is one program of a site, whichever process it is by now.
type replica struct {
	site   *site
	gate   *httptest.Server
	proxy  string // the gate's address, or where none is
	reach  string // the state, as this program reaches it
	listen string
	config string
	mu     sync.Mutex
	cmd    *exec.Cmd
	dead   chan struct{} // closed when cmd has ended
	down   bool          // not to be started again
	exits  []int         // of its processes
	log    lockedBuffer  // of its processes
}

const (
	siteNadia = "nadia@acme.example"
	siteLena  = "lena@support.example"
)

// databases are the states that a site may have, by name.
func databases(t *testing.T) map[string]func(*testing.T) string {
	return map[string]func(*testing.T) string{
		"SQLite":     func(t *testing.T) string { return filepath.Join(t.TempDir(), "vigie.db") },
		"PostgreSQL": func(t *testing.T) string { return worldtest.Postgres(t) },
	}
}

// newSite is a site on Friday 27 November 2026, 9:00 in Berlin, that runs and has
// come to rest.
func newSite(t *testing.T, state string, replicas int) *site {
	t.Helper()
	s := emptySite(t, state, replicas)
	s.start(t)
	return s
}

// start starts the programs and waits until they are at rest.
func (s *site) start(t *testing.T) {
	t.Helper()
	for _, r := range s.replicas {
		r.start(t)
	}
	s.rest(t)
}

// emptySite is a site whose programs don't run yet.
func emptySite(t *testing.T, state string, replicas int) *site {
	t.Helper()
	s := &site{Sandbox: sandbox.New(), state: state, now: time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)}
	s.Sandbox.Now = s.Now
	s.Options.Zendesk.RequestsPerMinute = 900_000 // the story is told faster than life
	s.z, s.j = s.Zendesk(), s.Jira()
	s.z.AddUser(sandbox.ZendeskUser{Email: siteLena, Role: "agent"})
	s.z.AddUser(sandbox.ZendeskUser{Email: siteNadia, Locale: "fr-FR", Organization: "Acme"})
	s.z.AddField("Update due", "text") // 360001
	s.j.AddProject("SUP", "Support")
	s.j.AddProject("DEV", "Development")
	s.j.AddUser(sandbox.JiraUser{Email: siteLena, Name: "Lena"})
	s.j.AddUser(sandbox.JiraUser{Email: siteNadia, Name: "Nadia", Customer: true})
	s.Slack().AddChannel("sla")
	dir := t.TempDir()
	s.clock = filepath.Join(dir, "clock")
	s.set(s.now)
	s.policy = filepath.Join(dir, "acme.toml")
	must(t, os.WriteFile(s.policy, []byte(sitePolicy), 0o600))
	for range replicas {
		s.replicas = append(s.replicas, s.replica(t))
	}
	t.Cleanup(func() {
		if s.reader != nil {
			s.reader.Close()
		}
		if t.Failed() && testing.Verbose() {
			t.Log(s.logs(0))
		}
	})
	return s
}

// configure writes the program's configuration.
func (r *replica) configure(t *testing.T) {
	t.Helper()
	tokens := r.site.Tokens
	text := fmt.Sprintf(`
[store]
url = "env:VIGIE_DATABASE"
[web]
listen = %q
[[zendesk]]
url = "http://zendesk.acme.example"
%s
webhook_secret = "env:ZENDESK_WEBHOOK_SECRET"
policies = [%q]
due_fields = { update = 360001 }
escalate_to = "jira"
[[jira]]
url = "http://jira.acme.example"
email = %q
token = "env:JIRA_TOKEN"
webhook_secret = "env:JIRA_WEBHOOK_SECRET"
projects = ["SUP"]
policies = [%[3]q]
unset_priorities = ["Medium"]
[slack]
token = "env:SLACK_BOT_TOKEN"
api_url = "http://slack.acme.example/api/"
channel = "#sla"
language = "en"
[schedule]
digest = ""
`, r.listen, cmp.Or(r.site.signIn, fmt.Sprintf("email = %q\ntoken = \"env:ZENDESK_TOKEN\"", tokens.Zendesk.Email)), r.site.policy, tokens.Jira.Email)
	r.config = filepath.Join(t.TempDir(), "config.toml")
	must(t, os.WriteFile(r.config, []byte(text), 0o600))
}

// sitePolicy promises an update within four business hours and warns at half of
// them.
const sitePolicy = `
name             = "acme"
title            = "Acme support"
effective_from   = 2026-01-01
covers           = 'true'
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
[[escalate]]
when       = '"dev" in tags'
project    = "DEV"
type       = "Bug"
due_fields = { update = "duedate" }
tag        = "dev"
unlinked_after = "2 business hours"
clause     = "A-2"
`

// Now is ticket time.
func (s *site) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// set moves the clock, for everybody at once.
func (s *site) set(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
	next := s.clock + ".next"
	if err := os.WriteFile(next, []byte(strconv.FormatInt(now.UnixNano(), 10)), 0o600); err != nil {
		panic(err)
	}
	if err := os.Rename(next, s.clock); err != nil {
		panic(err)
	}
}

// unattended lets time pass until a time of day while no program runs.
func (s *site) unattended(hour, minute int) {
	now := s.Now().UTC()
	s.set(time.Date(now.Year(), now.Month(), now.Day(), hour-1, minute, 0, 0, time.UTC))
}

// until lets time pass until a time of day, and waits until nothing is left to do.
func (s *site) until(t *testing.T, hour, minute, second int) {
	t.Helper()
	now := s.Now().UTC()
	s.set(time.Date(now.Year(), now.Month(), now.Day(), hour-1, minute, second, 0, time.UTC)) // Berlin's winter
	s.rest(t)
}

// watch has f come between the programs and the vendors, from now on.
func (s *site) watch(f func(r *replica, req *http.Request, answer func())) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = f
}

// replica makes a program's gate and address.
func (s *site) replica(t *testing.T) *replica {
	t.Helper()
	r := &replica{site: s, reach: s.state}
	vendors := s.Handler()
	r.gate = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return // it died while it asked
		}
		s.mu.Lock()
		seen, echo := s.seen, s.echo
		s.mu.Unlock()
		if echo != nil {
			req.Body = io.NopCloser(bytes.NewReader(body))
			echo(w, req)
			return
		}
		answer := func() {
			again := req.Clone(context.WithoutCancel(req.Context()))
			again.Body = io.NopCloser(bytes.NewReader(body))
			vendors.ServeHTTP(w, again)
		}
		if seen == nil {
			answer()
			return
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		seen(r, req, answer)
	}))
	t.Cleanup(r.gate.Close)
	r.proxy = r.gate.URL
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	r.listen = l.Addr().String()
	must(t, l.Close())
	r.configure(t)
	return r
}

// start starts the program; when it is killed it is started again, until stop.
func (r *replica) start(t *testing.T) {
	t.Helper()
	must(t, r.begin())
	t.Cleanup(func() { r.stop(syscall.SIGKILL) })
}

func (r *replica) begin() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return nil
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self, "serve", "--config", r.config)
	cmd.Env = r.env()
	cmd.Stdout, cmd.Stderr = &r.log, &r.log
	if err := cmd.Start(); err != nil {
		return err
	}
	dead := make(chan struct{})
	r.cmd, r.dead = cmd, dead
	go func() {
		cmd.Wait()
		r.mu.Lock()
		r.exits = append(r.exits, cmd.ProcessState.ExitCode())
		r.mu.Unlock()
		close(dead)
		r.begin()
	}()
	return nil
}

// env is what its processes find around them.
func (r *replica) env() []string {
	tokens := r.site.Tokens
	return append(os.Environ(), asProgram+"=1", asReplica+"="+r.site.clock, "HTTP_PROXY="+r.proxy, "NO_PROXY=",
		"VIGIE_DATABASE="+r.reach,
		"ZENDESK_TOKEN="+tokens.Zendesk.Token, "ZENDESK_WEBHOOK_SECRET="+tokens.ZendeskWebhook,
		"JIRA_TOKEN="+tokens.Jira.Token, "JIRA_WEBHOOK_SECRET="+tokens.JiraWebhook, "SLACK_BOT_TOKEN="+tokens.Slack)
}

// kill kills the program at this instant; it is started again.
func (r *replica) kill() {
	r.mu.Lock()
	cmd, dead := r.cmd, r.dead
	r.mu.Unlock()
	cmd.Process.Kill()
	<-dead
}

// stop ends the program for good, and returns how it ended.
func (r *replica) stop(how syscall.Signal) int {
	r.mu.Lock()
	r.down = true
	cmd, dead := r.cmd, r.dead
	r.mu.Unlock()
	if cmd == nil {
		return 0
	}
	cmd.Process.Signal(how)
	<-dead
	return cmd.ProcessState.ExitCode()
}

// rest waits until nothing is left to do at this instant. Where something fails on
// purpose the programs pause after it by the clock, so it moves on by a second now
// and then.
func (s *site) rest(t *testing.T) {
	t.Helper()
	give := time.Now().Add(2 * time.Minute)
	why, nudge := "it hasn't begun", time.Now().Add(time.Second)
	for quiet := 0; quiet < 2; time.Sleep(20 * time.Millisecond) {
		if why = cmp.Or(s.deliver(t.Context()), s.busy(t.Context())); why == "" {
			quiet++
			continue
		}
		quiet = 0
		switch now := time.Now(); {
		case now.After(give):
			t.Fatalf("it doesn't come to rest at %s: %s\n%s", s.Now(), why, s.logs(tail))
		case s.errors && now.After(nudge):
			nudge = now.Add(time.Second)
			s.set(s.Now().Add(time.Second))
			fmt.Fprintln(&s.moves, time.Now().UTC().Format(time.TimeOnly), "the clock moves on by a second, since", why)
		}
	}
}

// deliver posts the vendors' webhooks, to a program that is ready or else one that
// is there, and says what is wrong; what wasn't taken comes again.
func (s *site) deliver(ctx context.Context) string {
	var to *replica
	for _, r := range s.replicas {
		status := r.get("/readyz")
		if status == http.StatusOK || status != 0 && to == nil {
			to = r
		}
		if status == http.StatusOK {
			break
		}
	}
	if to == nil {
		return "nobody takes webhooks"
	}
	s.SetWebhook("zendesk", "http://"+to.listen+"/webhooks/zendesk")
	s.SetWebhook("jira", "http://"+to.listen+"/webhooks/jira")
	if _, err := s.FlushWebhooks(ctx, sandbox.WebhookPlan{}); err != nil {
		return err.Error()
	}
	return ""
}

// busy says what is left to do, in the order in which it flows; "" is nothing.
func (s *site) busy(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if s.reader == nil {
		st, err := store.OpenToRead(ctx, s.state)
		if err != nil {
			return err.Error()
		}
		s.reader = st
	}
	st := s.reader
	now := s.Now()
	for _, source := range []string{"zendesk", "jira"} {
		cursor, read, err := st.Cursor(ctx, source)
		if err != nil || cursor == "" || strings.HasPrefix(cursor, "first-") || now.Sub(read).Abs() >= time.Minute {
			return fmt.Sprint(source, " is to be polled; ", cursor, " ", read, " ", err)
		}
		changed, err := st.Changed(ctx, source, 1)
		if err != nil || len(changed) > 0 {
			return fmt.Sprint(source, " is to be read; ", err)
		}
		told, err := st.Action(ctx, "summary/"+source)
		if err != nil || told == nil {
			return fmt.Sprint(source, " hasn't got its summary; ", err)
		}
	}
	due, err := st.Due(ctx, now, 1)
	if err != nil || len(due) > 0 {
		return fmt.Sprint("tickets are to be judged; ", err)
	}
	for _, source := range []string{"zendesk", "jira"} {
		writes, err := st.PendingWrites(ctx, source, time.Time{}, now.Add(time.Hour), 1)
		if err != nil || len(writes) > 0 {
			return fmt.Sprint(source, " is to be written: ", writes, err)
		}
	}
	escalations, err := st.PendingEscalations(ctx, "zendesk", now, 1) // one that was cut off waits
	if err != nil || len(escalations) > 0 {
		return fmt.Sprint("an issue is to be brought into step: ", escalations, err)
	}
	messages, err := st.PendingMessages(ctx, now.Add(time.Hour), 1)
	if err != nil || len(messages) > 0 {
		return fmt.Sprint("somebody is to be told: ", messages, err)
	}
	return ""
}

// A lockedBuffer takes what several processes print.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// tail is how much of each log shows why something failed.
const tail = 4000

// logs are the last so many bytes of each program's log and of the clock's; all of
// them for 0.
func (s *site) logs(last int) string {
	texts := []string{"clock:\n" + lastOf(s.moves.String(), last)}
	for i, r := range s.replicas {
		texts = append(texts, fmt.Sprintf("program %d:\n%s", i, lastOf(r.log.String(), last)))
	}
	return strings.Join(texts, "\n")
}

func lastOf(text string, last int) string {
	if last == 0 {
		return text
	}
	return text[max(0, len(text)-last):]
}
