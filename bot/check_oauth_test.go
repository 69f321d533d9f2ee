package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const oauthClient = "client_id = \"vigie\"\nclient_secret = \"env:ZENDESK_CLIENT_SECRET\""

// Each way to sign in at Zendesk, what is known of the token, and what may be wrong
// with it: told with what to do about it, and never with the secret.
func TestCheckZendeskCredentials(t *testing.T) {
	misbehave := func(name string) func(*testing.T, *office) {
		return func(t *testing.T, d *office) { must(t, d.s.Faults.Misbehave("zendesk", name)) }
	}
	token := func(d *office, text string) {
		d.signIn = `token = "env:ZENDESK_TOKEN"`
		d.t.Setenv("ZENDESK_TOKEN", text)
	}
	all := map[string]*strings.Builder{"en": {}, "fr": {}}
	for _, c := range []struct {
		name  string
		code  int
		given func(t *testing.T, d *office)
	}{
		{"an OAuth client", 0, func(*testing.T, *office) {}},
		{"an OAuth client where API tokens have ended", 0, misbehave("api-tokens-ended")},
		{"an API token", 0, func(_ *testing.T, d *office) { d.signIn = "" }},
		{"an API token that has ended", 1, func(t *testing.T, d *office) {
			d.signIn = ""
			misbehave("api-tokens-ended")(t, d)
		}},
		{"a wrong secret", 1, func(t *testing.T, _ *office) { t.Setenv("ZENDESK_CLIENT_SECRET", "another-s3cret") }},
		{"an unknown client", 1, func(_ *testing.T, d *office) {
			d.signIn = "client_id = \"vigie-2\"\nclient_secret = \"env:ZENDESK_CLIENT_SECRET\""
		}},
		{"a public client", 1, misbehave("oauth-client-public")},
		{"a client whose scopes are restricted", 1, misbehave("oauth-scopes-restricted")},
		{"a token of fewer scopes than were asked for", 1, misbehave("oauth-scope-dropped")},
		{"a client whose admin isn't one any more", 1, func(t *testing.T, d *office) {
			must(t, d.s.Zendesk().SetRole(d.s.Tokens.Zendesk.Email, "agent"))
		}},
		{"an access token", 0, func(_ *testing.T, d *office) {
			token(d, d.s.Zendesk().IssueToken(48*time.Hour, "read", "write"))
		}},
		{"an access token that may only read tickets", 1, func(_ *testing.T, d *office) {
			token(d, d.s.Zendesk().IssueToken(48*time.Hour, "tickets:read", "users:read"))
			d.zendesk = "due_fields = { update = 360001 }"
		}},
		{"an access token that has ended", 1, func(_ *testing.T, d *office) { token(d, d.s.Zendesk().IssueToken(-time.Second, "read", "write")) }},
		{"an address with a page's path", 1, func(_ *testing.T, d *office) { d.zendeskURL = d.url + "/agent/dashboard" }},
		{"a login page before it", 1, func(t *testing.T, d *office) {
			http.DefaultTransport = d.usual
			page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				io.WriteString(w, "<!doctype html><title>Sign in</title>")
			}))
			t.Cleanup(page.Close)
			d.zendeskURL = page.URL
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newOffice(t)
			d.publicURL = ""
			c.given(t, d)
			for language, heading := range map[string]string{"en": "Answers", "fr": "Réponses"} {
				r := d.run("check", "--online", "--lang", language)
				if r.code != c.code {
					t.Errorf("exit %d: %s", r.code, r.stderr)
				}
				if strings.Contains(r.stdout+r.stderr, d.s.Tokens.ZendeskClient.Secret) || strings.Contains(r.stdout+r.stderr, "another-s3cret") || strings.Contains(r.stdout+r.stderr, "sandbox-access-token") {
					t.Errorf("a secret shows:\n%s%s", r.stdout, r.stderr)
				}
				warned, _, _ := strings.Cut(r.stderr, "asking ")
				_, answers, _ := strings.Cut(r.stdout, "\n"+heading+"\n")
				answers, _, _ = strings.Cut(answers, "\n  jira ")
				if d.zendeskURL != "" {
					answers = strings.ReplaceAll(answers, d.zendeskURL, "http://zendesk")
				}
				fmt.Fprintf(all[language], "== %s\n%s%s\n", c.name, warned, answers)
			}
		})
	}
	golden(t, "check.oauth.txt", all["en"].String())
	golden(t, "check.oauth.fr.txt", all["fr"].String())
}

// setup asks for more than serve does, but only for what it makes, and says what is
// missing for that.
func TestSetupByOAuth(t *testing.T) {
	d := newOffice(t)
	done(t, d.run("setup", "--secrets", filepath.Join(d.dir, "secrets")))
	d = newOffice(t)
	d.signIn = "token = \"env:ZENDESK_TOKEN\""
	t.Setenv("ZENDESK_TOKEN", d.s.Zendesk().IssueToken(time.Hour, "read", "tickets:write"))
	r := d.run("setup")
	if r.code != 1 || !strings.Contains(r.stdout, "the token lacks the scope write") || !strings.Contains(r.stdout, "Allowed scopes") {
		t.Errorf("exit %d:\n%s%s", r.code, r.stdout, r.stderr)
	}
	if _, err := os.Stat(filepath.Join(d.dir, "zendesk-webhook-secret")); err == nil {
		t.Error("a secret was kept of a webhook that there isn't")
	}
}
