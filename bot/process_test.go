package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vigie/connectors/sandbox"
	"vigie/rules"
)

// A process is a program that serves, and what it was told of.
type process struct {
	*exec.Cmd
	url string
	log *strings.Builder // until it was ready
}

// start starts the program on a configuration, and returns when it takes webhooks.
func start(t testing.TB, config string) *process {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	p := &process{Cmd: exec.Command(self, "serve", "--config", config), log: &strings.Builder{}}
	p.Env = append(os.Environ(), asProgram+"=1")
	stderr, err := p.StderrPipe()
	must(t, err)
	must(t, p.Start())
	t.Cleanup(func() { p.Process.Kill(); p.Wait() })
	lines := bufio.NewScanner(stderr)
	for p.url == "" && lines.Scan() {
		p.log.WriteString(lines.Text() + "\n")
		if m := regexp.MustCompile(`board=(http://\S+)/`).FindStringSubmatch(lines.Text()); m != nil {
			p.url = m[1]
		}
	}
	if p.url == "" {
		t.Fatalf("the program ended: %s", p.log)
	}
	go func() { // so that the pipe doesn't fill up
		for lines.Scan() {
			if strings.Contains(lines.Text(), "level=ERROR") {
				t.Log(lines.Text())
			}
		}
	}()
	return p
}

// configured is a configuration for one simulated Zendesk, with a state.
func configured(t testing.TB, vendor, where, policy, more string) string {
	t.Helper()
	t.Setenv("VIGIE_DATABASE", where)
	t.Setenv("ZENDESK_TOKEN", sandbox.DefaultTokens().Zendesk.Token)
	t.Setenv("ZENDESK_WEBHOOK_SECRET", hookSecret)
	file := filepath.Join(t.TempDir(), "config.toml")
	text := fmt.Sprintf(`
[store]
url = "env:VIGIE_DATABASE"
[web]
listen = "127.0.0.1:0"
[[zendesk]]
url = %q
email = %q
token = "env:ZENDESK_TOKEN"
webhook_secret = "env:ZENDESK_WEBHOOK_SECRET"
policies = [%q]
%s`, vendor, sandbox.DefaultTokens().Zendesk.Email, policy, more)
	must(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// A webhook that was answered 200 is on disk, whatever becomes of the program:
// it is killed in the midst of many, twice, and the state knows all of them.
func TestKilledAmongWebhooks(t *testing.T) {
	for name, where := range states(t) {
		t.Run(name, func(t *testing.T) {
			vendor := httptest.NewServer(sandbox.New().Handler())
			defer vendor.Close()
			file := configured(t, vendor.URL, where, "moveon", "")
			var accepted [2000]atomic.Bool // by number
			var count, next atomic.Int64
			for round := range 2 {
				p := start(t, file)
				c := newCaller(p.url)
				enough := int64(400 * (round + 1))
				_, _ = crowd(1000, func(int) error {
					n := int(next.Add(1))
					if n >= len(accepted) {
						return errors.New("the program outlived all of them")
					}
					status, err := c.send(fmt.Sprint("delivery-", n), fmt.Sprint(n))
					if err != nil {
						return err // it is dead
					}
					if status != 200 {
						t.Errorf("status %d", status)
					}
					accepted[n].Store(true)
					if count.Add(1) == enough {
						return p.Process.Kill()
					}
					return nil
				})
				if err := p.Wait(); err == nil || count.Load() < enough {
					t.Fatalf("%d accepted, and the program ended with %v", count.Load(), err)
				}
			}

			st := openState(t, where)
			for n := range accepted {
				if !accepted[n].Load() {
					continue
				}
				row, err := st.Ticket(t.Context(), "zendesk", fmt.Sprint(n))
				must(t, err)
				fresh, err := st.Receive(context.Background(), "zendesk", rules.Delivery{ID: fmt.Sprint("delivery-", n)}, time.Now())
				must(t, err)
				if row == nil || fresh {
					t.Fatalf("delivery %d was accepted and is lost: ticket %v", n, row)
				}
			}
		})
	}
}
