package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/bot/store"
	"vigie/bot/worldtest"
	"vigie/connectors/sandbox"
)

// outage is how long what fails in these tests fails, in real time.
func outage() time.Duration {
	if *everyFault {
		return time.Minute
	}
	return 3 * time.Second
}

// open opens a ticket that is to be warned of two hours later.
func (s *site) open(t *testing.T) int64 {
	t.Helper()
	id, err := s.z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "Nobody gets in.", Type: "incident", Priority: "urgent", RequesterEmail: siteNadia, SubmitterEmail: siteLena})
	must(t, err)
	return id
}

// warnedOnce checks that the first warning about each of so many tickets went out
// once, and that no secret was told to anybody.
func (s *site) warnedOnce(t *testing.T, tickets int) {
	t.Helper()
	n := 0
	for _, m := range s.Slack().Messages("#sla") {
		if strings.Contains(string(m.Metadata), `"warn/`) && strings.Contains(string(m.Metadata), "/50%") {
			n++
		}
	}
	if n != tickets {
		t.Errorf("%d first warnings about %d tickets\n%s", n, tickets, s.logs(tail))
	}
	s.noSecrets(t)
}

// noSecrets looks for secrets in what the programs wrote, showed and said: their logs
// and pages, the state with all that lies beside it, a backup of it, and Slack.
func (s *site) noSecrets(t *testing.T) {
	t.Helper()
	backup := filepath.Join(t.TempDir(), "backup.db")
	must(t, store.Copy(t.Context(), s.state, backup))
	written := map[string][]byte{"the log": []byte(s.logs(0))}
	files, err := filepath.Glob(s.state + "*") // none where it is in PostgreSQL
	must(t, err)
	for _, file := range append(files, backup) {
		written[filepath.Base(file)], err = os.ReadFile(file)
		must(t, err)
	}
	for _, r := range s.replicas {
		for _, page := range []string{"/", "/tickets/zendesk/1", "/metrics", "/readyz"} {
			_, text := r.ask(page)
			written[page] = append(written[page], text...)
		}
	}
	for _, m := range s.Slack().Messages("#sla") {
		written["Slack"] = append(written["Slack"], m.Text+string(m.Blocks)+string(m.Metadata)...)
	}
	k := s.Tokens
	for _, secret := range []string{k.Zendesk.Token, k.ZendeskClient.Secret, "sandbox-access-token", k.Jira.Token, k.Slack, k.ZendeskWebhook, k.JiraWebhook} {
		for where, text := range written {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s has the secret %s", where, secret)
			}
		}
	}
	for _, where := range []string{"the log", "backup.db", "Slack", "/", "/tickets/zendesk/1"} {
		if !bytes.Contains(written[where], []byte("zendesk")) {
			t.Errorf("%s was not looked at: it is %.200q", where, written[where])
		}
	}
}

// get is the status of a page, 0 if the program doesn't answer.
func (r *replica) get(path string) int {
	status, _ := r.ask(path)
	return status
}

func (r *replica) ask(path string) (status int, text string) {
	client := http.Client{Timeout: 5 * time.Second}
	resp, err := client.Get("http://" + r.listen + path)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, ""
	}
	return resp.StatusCode, string(body)
}

// eventually waits for something to be so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for give := time.Now().Add(time.Minute); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(give) {
			t.Fatal("never: ", what)
		}
	}
}

// The database goes away while a warning comes up and a webhook comes in: nothing
// that was acknowledged is lost, nothing is acknowledged that isn't kept, and the
// program is there when the database is back.
func TestDatabaseGone(t *testing.T) {
	s := emptySite(t, worldtest.Postgres(t), 1)
	way, address := worldtest.LinkTo(t, s.state)
	s.replicas[0].reach = address
	s.start(t)
	s.errors = true
	s.open(t)
	s.rest(t)

	way.Cut()
	s.open(t)
	if why := s.deliver(t.Context()); why == "" {
		t.Error("a webhook was taken without a state to keep it in")
	}
	eventually(t, "not ready without its state", func() bool { return s.replicas[0].get("/readyz") == http.StatusServiceUnavailable })
	if status := s.replicas[0].get("/healthz"); status != http.StatusOK {
		t.Errorf("healthz without a state: %d", status)
	}
	time.Sleep(outage())
	way.Pass()
	s.until(t, 11, 5, 0) // some minutes later, since the clock moved on meanwhile
	s.warnedOnce(t, 2)
	if exits := s.replicas[0].exits; len(exits) > 0 {
		t.Errorf("it ended: %v", exits)
	}
}

// A slow database makes everything later, and nothing different.
func TestDatabaseSlow(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	want, _ := undisturbed(t)
	s := emptySite(t, worldtest.Postgres(t), 1)
	way, address := worldtest.LinkTo(t, s.state)
	s.replicas[0].reach = address
	s.start(t)
	way.Slow(10 * time.Millisecond)
	story(t, s)
	if diff := cmp.Diff(want, s.outcome(t)); diff != "" {
		t.Errorf("fast against slow: %s", diff)
	}
}

// One of two programs is cut off from the database, without knowing, or is stopped,
// after it has posted a warning and before it could note that. The other goes on
// within a minute and posts nothing twice; nor does the first when it is back.
func TestNetworkSplit(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	for name, stopped := range map[string]bool{"cut off": false, "stopped": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := emptySite(t, worldtest.Postgres(t), 2)
			ways := map[*replica]*worldtest.Link{}
			for _, r := range s.replicas {
				ways[r], r.reach = worldtest.LinkTo(t, s.state)
			}
			s.start(t)
			s.errors = true
			s.open(t)
			s.rest(t)
			var once sync.Once
			var away *replica
			s.watch(func(r *replica, req *http.Request, answer func()) {
				if strings.HasSuffix(req.URL.Path, "chat.postMessage") {
					once.Do(func() {
						away = r
						if stopped {
							r.cmd.Process.Signal(syscall.SIGSTOP)
						} else {
							ways[r].Stop()
						}
					})
				}
				answer()
			})
			s.open(t)
			s.until(t, 11, 5, 0)
			if away == nil {
				t.Fatal("nobody posted")
			}
			s.warnedOnce(t, 2)
			away.cmd.Process.Signal(syscall.SIGCONT)
			ways[away].Pass()
			s.until(t, 12, 5, 0)
			s.warnedOnce(t, 2)
		})
	}
}

// The disk is full for a while.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := exec.Command("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", dir).Run(); err != nil {
		t.Skip("a small disk can't be mounted here: ", err)
	}
	t.Cleanup(func() {
		if err := exec.Command("umount", dir).Run(); err != nil {
			t.Error(err)
		}
	})
	s := newSite(t, filepath.Join(dir, "vigie.db"), 1)
	s.errors = true
	t.Cleanup(func() { // before the disk goes
		s.replicas[0].stop(syscall.SIGKILL)
		s.reader.Close()
	})
	s.open(t)
	s.rest(t)
	ballast := filepath.Join(dir, "ballast")
	_ = os.WriteFile(ballast, make([]byte, 20<<20), 0o600) // as much as there is room for
	for range 40 {
		s.open(t)
	}
	if why := s.deliver(t.Context()); why == "" {
		t.Error("every webhook was taken on a full disk")
	}
	if status := s.replicas[0].get("/healthz"); status != http.StatusOK {
		t.Errorf("healthz on a full disk: %d", status)
	}
	if status := s.replicas[0].get("/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("ready on a full disk: %d", status)
	}
	must(t, os.Remove(ballast))
	s.until(t, 9, 30, 0)
	s.until(t, 11, 5, 0)
	if got := len(s.z.Tickets()); got != 41 {
		t.Fatalf("%d tickets", got)
	}
	for _, z := range s.z.Tickets() {
		if len(z.Tags) == 0 {
			t.Errorf("ticket %d was never written", z.ID)
		}
	}
	s.noSecrets(t)
}

// The clock jumps an hour ahead and back, and is right in the end.
func TestClockJumps(t *testing.T) {
	for name, state := range databases(t) {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, state(t), 1)
			s.open(t)
			s.rest(t)
			for _, hour := range []int{11, 10, 11, 9, 10, 11} {
				s.until(t, hour, 0, 1)
			}
			s.warnedOnce(t, 1)
		})
	}
}

// Names of hosts can't be looked up, from the start: nothing goes out, nothing is
// taken for told, and all is made up for once they can.
func TestNamesCantBeResolved(t *testing.T) {
	s := emptySite(t, databases(t)["SQLite"](t), 1)
	s.errors = true
	r := s.replicas[0]
	r.proxy = "http://proxy.invalid:3128"
	r.start(t)
	s.open(t)
	eventually(t, "an error in the log", func() bool { return strings.Contains(s.logs(0), "round ended early") })
	s.set(s.Now().Add(time.Minute))
	time.Sleep(outage())
	if n := len(s.Slack().Messages("#sla")); n > 0 {
		t.Fatalf("%d messages", n)
	}
	if len(r.exits) > 0 {
		t.Fatalf("it ended: %v", r.exits)
	}
	r.proxy = r.gate.URL
	r.kill()
	s.rest(t)
	s.open(t)
	s.until(t, 11, 5, 0)
	s.warnedOnce(t, 2)
}

// Told to end in the middle of its work, a program ends what it has begun and
// leaves the rest; the next one goes on.
func TestToldToEndAtWork(t *testing.T) {
	want, _ := undisturbed(t)
	for _, on := range sites {
		t.Run(on.name, func(t *testing.T) {
			s := newSite(t, databases(t)[on.database](t), on.replicas)
			var mu sync.Mutex
			n := 0
			s.watch(func(r *replica, req *http.Request, answer func()) {
				mu.Lock()
				told := false
				if effect(req) {
					n++
					told = n%5 == 1
				}
				mu.Unlock()
				if told {
					r.mu.Lock()
					r.cmd.Process.Signal(syscall.SIGTERM)
					r.mu.Unlock()
					time.Sleep(100 * time.Millisecond)
				}
				answer()
			})
			story(t, s)
			if diff := cmp.Diff(want, s.outcome(t)); diff != "" {
				t.Errorf("undisturbed against ended: %s\n%s", diff, s.logs(tail))
			}
			s.noSecrets(t)
			ends := 0
			for _, r := range s.replicas {
				if told := strings.Count(r.log.String(), "vigie has ended"); told < len(r.exits) {
					t.Errorf("it ended %d times, and its log says so %d times", len(r.exits), told)
				}
				for _, code := range r.exits {
					ends++
					if code != 0 {
						t.Errorf("exit code %d", code)
					}
				}
			}
			if ends < 3 {
				t.Errorf("it ended %d times only", ends)
			}
		})
	}
}
