package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"vigie/connectors/sandbox/receiver"
)

// check --online signs in at the mail server and connects to each hook, sends nothing,
// and shows neither an address nor a secret.
func TestCheckOnlineLooksAtPlaces(t *testing.T) {
	hooks := &receiver.Hooks{}
	asked := 0
	hooks.Before(func(*http.Request) { asked++ })
	server := httptest.NewServer(hooks)
	t.Cleanup(server.Close)
	mails := &receiver.SMTP{User: "vigie", Password: "correct-horse-battery"}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	go mails.Serve(l)
	t.Setenv("PAGER_URL", server.URL+"/services/aVerySecretPath")
	t.Setenv("PAGER_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	for _, c := range []struct{ password, want string }{
		{"correct-horse-battery", "mail            ok: the mail server answers; nothing is sent"},
		{"another-password", "mail            wrong: SMTP AUTH failed: 535"},
	} {
		t.Setenv("SMTP_PASSWORD", c.password)
		text := `
[[zendesk]]
url      = "http://127.0.0.1:1"
token    = "env:PAGER_SECRET"
policies = ["moveon"]
[[calls]]
steps = [{ at = "breach", call = ["hook:pager", "mail:lead@acme.example"] }]
[[hooks]]
name   = "pager"
url    = "env:PAGER_URL"
secret = "env:PAGER_SECRET"
when   = 'alert == "breached"'
[mail]
smtp     = "` + l.Addr().String() + `"
user     = "vigie"
password = "env:SMTP_PASSWORD"
from     = "vigie@acme.example"
`
		file := t.TempDir() + "/config.toml"
		must(t, os.WriteFile(file, []byte(text), 0o600))
		r := bot(t, "", "check", "--config", file, "--online", "--lang", "en")
		out, stderr := r.stdout, r.stderr
		for _, want := range []string{c.want, "hook:pager      ok: 127.0.0.1 is reached; nothing is sent there", `signed JSON (Standard Webhooks), when a step calls it, and of each alarm for which alert == "breached"`, "from vigie@acme.example, by " + l.Addr().String()} {
			if !strings.Contains(strings.Join(strings.Fields(out), " "), strings.Join(strings.Fields(want), " ")) {
				t.Errorf("it doesn't say %q:\n%s%s", want, out, stderr)
			}
		}
		for _, hidden := range []string{"aVerySecretPath", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", c.password} {
			if strings.Contains(out+stderr, hidden) {
				t.Errorf("it shows %q", hidden)
			}
		}
	}
	if asked > 0 || len(mails.Mails()) > 0 {
		t.Errorf("%d posts, %d mails", asked, len(mails.Mails()))
	}
}
