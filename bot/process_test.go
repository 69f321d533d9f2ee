package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vigie/connectors/desk"
	"vigie/connectors/sandbox"
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
				fresh, err := st.Receive(context.Background(), "zendesk", desk.Delivery{ID: desk.DeliveryID(fmt.Sprint("delivery-", n), hookBody(fmt.Sprint("delivery-", n), fmt.Sprint(n)))}, time.Now())
				must(t, err)
				if row == nil || fresh {
					t.Fatalf("delivery %d was accepted and is lost: ticket %v", n, row)
				}
			}
		})
	}
}

// What the configuration says of connections and webhooks holds in the program.
func TestLimitsOfTheConfiguration(t *testing.T) {
	vendor := httptest.NewServer(sandbox.New().Handler())
	defer vendor.Close()
	file := configured(t, vendor.URL, filepath.Join(t.TempDir(), "vigie.db"), "moveon", "")
	text, err := os.ReadFile(file)
	must(t, err)
	text = []byte(strings.Replace(string(text), "[web]\n", "[web]\nconnections = 20\nwebhooks_per_second = 1\n", 1))
	must(t, os.WriteFile(file, text, 0o600))
	p := start(t, file)

	var open []net.Conn
	for range 21 {
		c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		must(t, err)
		defer c.Close()
		open = append(open, c)
	}
	answer := func(c net.Conn) (status int, err error) {
		a, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			return 0, err
		}
		return a.StatusCode, a.Body.Close()
	}
	for _, c := range open {
		fmt.Fprint(c, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
	}
	for _, c := range open[:20] {
		if status, err := answer(c); err != nil || status != http.StatusOK {
			t.Fatalf("got %d, %v", status, err)
		}
	}
	last := open[20]
	must(t, last.SetReadDeadline(time.Now().Add(50*time.Millisecond)))
	if status, err := answer(last); err == nil {
		t.Fatalf("one connection more than allowed got %d", status)
	}
	for _, c := range open[:20] {
		must(t, c.Close())
	}
	must(t, last.SetReadDeadline(time.Now().Add(30*time.Second)))
	if status, err := answer(last); err != nil || status != http.StatusOK {
		t.Errorf("once others had gone: got %d, %v", status, err)
	}

	c := newCaller(p.url)
	got := map[int]int{}
	for n := range 50 {
		status, err := c.send(fmt.Sprint("delivery-", n), "1")
		must(t, err)
		got[status]++
	}
	if got[http.StatusOK] < 5 || got[http.StatusTooManyRequests] == 0 || got[http.StatusOK]+got[http.StatusTooManyRequests] != 50 {
		t.Errorf("of 50 webhooks at once, where 1 a second may come: got %v", got)
	}
}
