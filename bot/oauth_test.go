package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"vigie/connectors/sandbox"
)

// Programs serve on a Zendesk whose access tokens live for five minutes of a
// clock that jumps, and on which the client's secret is changed: each has tokens of
// its own, and nothing is missed, said twice or shown.
func TestServeByOAuth(t *testing.T) {
	for name, replicas := range map[string]int{"SQLite": 1, "PostgreSQL": 2} {
		t.Run(name, func(t *testing.T) { serveByOAuth(t, databases(t)[name](t), replicas) })
	}
}

func serveByOAuth(t *testing.T, state string, replicas int) {
	s := emptySite(t, state, replicas)
	s.Real = s.Now
	s.Options.Zendesk.TokenLife = 5 * time.Minute
	must(t, s.Faults.Misbehave("zendesk", "api-tokens-ended"))
	secret := filepath.Join(t.TempDir(), "client-secret")
	must(t, os.WriteFile(secret, []byte(s.Tokens.ZendeskClient.Secret), 0o600))
	s.signIn = fmt.Sprintf("client_id = \"vigie\"\nclient_secret = %q", "file:"+secret)
	for _, r := range s.replicas {
		r.configure(t)
	}
	s.start(t)

	wait := func(what string, holds func() bool) {
		t.Helper()
		for give := time.Now().Add(time.Minute); !holds(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(give) {
				t.Fatalf("%s:\n%s", what, s.logs(tail))
			}
		}
	}
	change := func(to string, times int) {
		t.Helper()
		must(t, os.WriteFile(secret, []byte(to), 0o600))
		for _, r := range s.replicas {
			must(t, r.cmd.Process.Signal(syscall.SIGHUP))
		}
		wait("the secrets weren't reloaded", func() bool { return strings.Count(s.logs(0), "secrets reloaded") >= times*replicas })
	}
	asked := func() (n int) {
		for _, c := range s.Calls("zendesk") {
			if c.Path == "/oauth/tokens" && c.Status == 200 {
				n++
			}
		}
		return n
	}
	s.open(t) // seen by polls alone: signatures go by the clock that has no part in this
	s.until(t, 9, 30, 0)
	first := asked()
	s.until(t, 10, 0, 0)
	s.open(t)
	s.until(t, 10, 10, 0)
	s.until(t, 11, 35, 0)
	s.until(t, 12, 15, 0)
	if n := asked(); first < 2 || n <= first {
		t.Errorf("got %d tokens, then %d: want one for each program, and others once they have ended", first, n)
	}

	s.Zendesk().RegenerateSecret("regenerated-client-secret")
	s.Zendesk().RevokeTokens()
	change("regenerated-client-secret", 1)
	s.open(t)
	s.until(t, 12, 30, 0)
	s.until(t, 14, 30, 0)
	s.warnedOnce(t, 3)
	for _, z := range s.z.Tickets() {
		if len(z.Tags) == 0 {
			t.Errorf("ticket %d was never written", z.ID)
		}
	}
	if strings.Contains(s.logs(0), "level=ERROR") {
		t.Errorf("something failed:\n%s", s.logs(tail))
	}

	// A secret that holds no more is told at once, and works again once it is changed.
	told := func(word string) func() bool {
		return func() bool {
			return slices.ContainsFunc(s.Slack().Messages("#sla"), func(m sandbox.SlackMessage) bool { return strings.Contains(m.Text+string(m.Blocks), word) })
		}
	}
	s.Zendesk().RegenerateSecret("third-client-secret")
	s.Zendesk().RevokeTokens()
	s.set(s.Now().Add(2 * time.Minute))
	wait("nobody is told that the secret holds no more", told("refuses Vigie's credentials"))
	change("third-client-secret", 2)
	s.errors = true
	s.open(t)
	s.until(t, 14, 45, 0)
	if last := s.z.Tickets(); len(last[len(last)-1].Tags) == 0 {
		t.Error("the last ticket was never written")
	}
	s.noSecrets(t)
}
