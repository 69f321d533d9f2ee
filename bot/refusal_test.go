package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The app is taken out of Slack, and installed anew: the running program gets the new
// token by SIGHUP, and says at that instant what was refused. Its clock stands still,
// so nothing else has it try again.
func TestNewTokenBySignal(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a real process")
	}
	s := emptySite(t, databases(t)["SQLite"](t), 1)
	token := filepath.Join(t.TempDir(), "token")
	must(t, os.WriteFile(token, []byte(s.Tokens.Slack), 0o600))
	r := s.replicas[0]
	text, err := os.ReadFile(r.config)
	must(t, err)
	must(t, os.WriteFile(r.config, []byte(strings.Replace(string(text), "env:SLACK_BOT_TOKEN", "file:"+token, 1)), 0o600))
	s.start(t)
	s.open(t)
	s.rest(t)
	s.Slack().Reinstall("xoxb-the-next-token")
	s.until(t, 10, 59, 0)
	now := s.Now().UTC()
	s.set(now.Add(2 * time.Minute)) // 11:01: half of the update is used
	refused := func() bool {
		a, err := s.reader.Action(t.Context(), "warn/zendesk:1/update/1/50%")
		return err == nil && a != nil && a.Refused == "#sla"
	}
	eventually(t, "the warning is refused", refused)
	eventually(t, "its health says that the chat stalls", func() bool {
		_, text := r.ask("/healthz")
		return strings.Contains(text, `"chat":{"stalled":true}`)
	})
	if _, text := r.ask("/metrics"); !strings.Contains(text, `vigie_stalled{loop="chat"} 1`) || !strings.Contains(text, `vigie_actions_refused{kind="warn"} 1`) {
		t.Error("the metrics don't say that it is refused")
	}
	if log := r.log.String(); strings.Count(log, "invalid_auth") == 0 || !strings.Contains(log, `level=ERROR msg="message refused"`) {
		t.Errorf("the log doesn't say that it is refused: %s", log)
	}

	must(t, os.WriteFile(token, []byte("xoxb-the-next-token\n"), 0o600))
	must(t, r.cmd.Process.Signal(syscall.SIGHUP))
	s.rest(t)
	s.warnedOnce(t, 1)
	_, health := r.ask("/healthz")
	if !strings.Contains(health, `"chat":{"stalled":false}`) {
		t.Errorf("afterwards its health is %s", health)
	}
	if said := fmt.Sprint(r.log.String(), health); strings.Contains(said, "xoxb-the-next-token") {
		t.Error("the new token is said")
	}
}
