package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vigie/bot/demo"
	"vigie/connectors/contract"
	"vigie/connectors/sandbox"
)

// An office is a configuration in a folder of its own, and the simulated vendors that
// it names. All that they are asked is held against their descriptions.
type office struct {
	t   *testing.T
	s   *sandbox.Sandbox
	url string
	dir string

	usual http.RoundTripper // for what is no vendor's answer

	publicURL, zendesk, jira, slack string // further lines of each table
	zendeskURL, jiraURL             string // the sandbox's if empty
	email, jiraEmail                string // the bots' if empty; "-" for none
	zendeskPolicy                   string // moveon if empty
	signIn                          string // Zendesk's credentials; empty = an API token
}

func newOffice(t *testing.T) *office {
	usual := http.DefaultTransport
	http.DefaultTransport = contract.Check(t)
	t.Cleanup(func() { http.DefaultTransport = usual })
	d := &office{usual: usual, t: t, s: sandbox.New(), dir: t.TempDir(), publicURL: "https://vigie.example", signIn: oauthClient}
	d.s.Options.Zendesk.RequestsPerMinute = 700
	demo.Furnish(d.s)
	server := httptest.NewServer(d.s.Handler())
	t.Cleanup(server.Close)
	d.url = server.URL
	t.Setenv("VIGIE_TOKEN", "s3cret-board")
	t.Setenv("ZENDESK_TOKEN", d.s.Tokens.Zendesk.Token)
	t.Setenv("ZENDESK_CLIENT_SECRET", d.s.Tokens.ZendeskClient.Secret)
	t.Setenv("JIRA_TOKEN", d.s.Tokens.Jira.Token)
	t.Setenv("SLACK_BOT_TOKEN", d.s.Tokens.Slack)
	t.Setenv("ZENDESK_WEBHOOK_SECRET", d.s.Tokens.ZendeskWebhook)
	t.Setenv("JIRA_WEBHOOK_SECRET", d.s.Tokens.JiraWebhook)
	return d
}

// write writes the configuration.
func (d *office) write() (file string) {
	d.t.Helper()
	or := func(text, otherwise string) string {
		if text == "" {
			return otherwise
		}
		return text
	}
	web := ""
	if d.publicURL != "" {
		web = fmt.Sprintf("[web]\npublic_url = %q\ntoken = \"env:VIGIE_TOKEN\"\n", d.publicURL)
	}
	email := fmt.Sprintf("email = %q\n", or(d.jiraEmail, d.s.Tokens.Jira.Email))
	if d.jiraEmail == "-" {
		email = ""
	}
	text := web + fmt.Sprintf(`[[zendesk]]
url = %q
%s
policies = [%q]
%s
[[jira]]
url = %q
%stoken = "env:JIRA_TOKEN"
policies = ["meteorage"]
projects = ["SUP"]
%s
[slack]
token = "env:SLACK_BOT_TOKEN"
api_url = %q
channel = "#support-sla"
%s`, or(d.zendeskURL, d.url), or(d.signIn, fmt.Sprintf("email = %q\ntoken = \"env:ZENDESK_TOKEN\"", or(d.email, d.s.Tokens.Zendesk.Email))), or(d.zendeskPolicy, "moveon"), d.zendesk, or(d.jiraURL, d.url), email, d.jira, d.url+"/api/", d.slack)
	file = filepath.Join(d.dir, "config.toml")
	must(d.t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// run runs a command with the configuration; ports and what is made up anew each
// time are left out of what it printed.
func (d *office) run(args ...string) result {
	d.t.Helper()
	r := bot(d.t, "", append(args, "--config", d.write())...)
	for _, out := range []*string{&r.stdout, &r.stderr} {
		*out = strings.NewReplacer(d.url, "http://sandbox", d.dir, "FOLDER").Replace(*out)
		*out = regexp.MustCompile(`\b[0-9A-F]{26}\b`).ReplaceAllString(*out, "WEBHOOK")
		*out = regexp.MustCompile(`20\d\d-\d\d-\d\d(\s+)\d\d:\d\d(\s+)UTC`).ReplaceAllString(*out, "YYYY-MM-DD${1}HH:MM${2}UTC") // a token's end
	}
	return r
}

// writes are the changes that the vendors were asked for since the last look.
func (d *office) writes() (n int) {
	for _, vendor := range []string{"zendesk", "jira", "slack"} {
		for _, c := range d.s.Calls(vendor) {
			if c.Write {
				n++
			}
		}
	}
	return n
}

// What is missing is said, made once, and then there.
func TestSetup(t *testing.T) {
	d := newOffice(t)
	secrets := filepath.Join(d.dir, "secrets")
	golden(t, "setup.dry.txt", done(t, d.run("setup", "--dry-run", "--secrets", secrets)))
	if _, err := os.Stat(secrets); err == nil || d.writes() > 0 {
		t.Fatal("a dry run changed something")
	}

	r := d.run("setup", "--secrets", secrets)
	golden(t, "setup.txt", done(t, r))
	var shown []string
	for _, source := range []string{"zendesk", "jira"} {
		file := filepath.Join(secrets, source+"-webhook-secret")
		info, err := os.Stat(file)
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %s", source, info.Mode())
		}
		secret, err := os.ReadFile(file)
		must(t, err)
		shown = append(shown, strings.TrimSpace(string(secret)))
	}
	for _, secret := range append(shown, d.s.Tokens.Zendesk.Token, d.s.Tokens.Jira.Token) {
		if strings.Contains(r.stdout+r.stderr, secret) {
			t.Error("a secret is printed")
		}
	}
	if shown[0] != d.s.Tokens.ZendeskWebhook || len(shown[1]) != 64 {
		t.Errorf("got the secrets %q", shown)
	}

	made := d.writes()
	golden(t, "setup.again.txt", done(t, d.run("setup", "--secrets", secrets)))
	if d.writes() != made {
		t.Error("a second run changed something")
	}

	// What it prints to be pasted is the rest of a configuration without a fault.
	d.zendesk, d.jira = pasted(t, r.stdout, "zendesk"), pasted(t, r.stdout, "jira")
	online := d.run("check", "--online")
	if _, answers, _ := strings.Cut(done(t, online), "\nAnswers\n"); true {
		golden(t, "setup.check.txt", answers)
	}
	if out := done(t, d.run("setup")); !strings.Contains(out, "Nothing to make") || strings.Contains(out, "To paste") || d.writes() != made {
		t.Errorf("with all of it in the configuration: got\n%s", out)
	}
}

// pasted are the lines that setup printed for a source.
func pasted(t *testing.T, out, source string) string {
	t.Helper()
	_, rest, ok := strings.Cut(out, fmt.Sprintf("for the source %q\n", source))
	if !ok {
		t.Fatalf("nothing to paste for %s in\n%s", source, out)
	}
	lines, _, _ := strings.Cut(rest, "\n\n")
	return lines + "\n"
}

// Jira signs with the secret that was put into the file, on Cloud and on Data
// Center, each of which is told it in its own way.
func TestSetupGivesJiraTheSecretOfTheFile(t *testing.T) {
	for _, dataCenter := range []bool{false, true} {
		t.Run(fmt.Sprintf("data center %t", dataCenter), func(t *testing.T) {
			d := newOffice(t)
			var body []byte
			var signature string
			receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/webhooks/jira" {
					body, _ = io.ReadAll(r.Body)
					signature = r.Header.Get("X-Hub-Signature")
				}
			}))
			defer receiver.Close()
			d.publicURL = receiver.URL
			if d.s.Options.Jira.DataCenter = dataCenter; dataCenter {
				d.jiraEmail = "-"
			}
			done(t, d.run("setup", "--secrets", d.dir))
			d.s.Jira().Create(sandbox.NewIssue{Project: "SUP", Type: "Task", Summary: "Radar", Reporter: "ines@ormes.example"})
			if _, err := d.s.FlushWebhooks(t.Context(), sandbox.WebhookPlan{}); err != nil {
				t.Fatal(err)
			}
			secret, err := os.ReadFile(filepath.Join(d.dir, "jira-webhook-secret"))
			must(t, err)
			mac := hmac.New(sha256.New, []byte(strings.TrimSpace(string(secret))))
			mac.Write(body)
			if want := "sha256=" + hex.EncodeToString(mac.Sum(nil)); len(body) == 0 || signature != want {
				t.Errorf("got %q over %d bytes, want %q", signature, len(body), want)
			}
		})
	}
}

// What the accounts may not do is told to a person, with every name.
func TestSetupByHand(t *testing.T) {
	d := newOffice(t)
	d.signIn, d.email = "", "agent@acme.example"
	t.Setenv("ZENDESK_TOKEN", "sandbox-agent-token")
	d.s.Options.Jira.NotAdmin = true
	must(t, d.s.Slack().Kick("#support-sla"))
	golden(t, "setup.hand.txt", done(t, d.run("setup", "--fields", "date")))
	if d.writes() > 0 {
		t.Error("something was written")
	}
}

func TestSetupFails(t *testing.T) {
	t.Run("another secret in the file", func(t *testing.T) {
		d := newOffice(t)
		file := filepath.Join(d.dir, "zendesk-webhook-secret")
		must(t, os.WriteFile(file, []byte("precious\n"), 0o600))
		r := d.run("setup", "--secrets", d.dir)
		if have, _ := os.ReadFile(file); r.code != 1 || string(have) != "precious\n" {
			t.Errorf("got exit %d, and in the file %q", r.code, have)
		}
	})
	t.Run("another secret is configured", func(t *testing.T) {
		d := newOffice(t)
		d.zendesk = `webhook_secret = "env:ZENDESK_WEBHOOK_SECRET"`
		t.Setenv("ZENDESK_WEBHOOK_SECRET", "the-one-before")
		out := done(t, d.run("setup"))
		if !strings.Contains(out, "zendesk: run setup with --secrets DIR") {
			t.Errorf("it isn't said in\n%s", out)
		}
		out = done(t, d.run("setup", "--secrets", d.dir))
		if !strings.Contains(out, `webhook_secret = "file:zendesk-webhook-secret"`) {
			t.Errorf("nothing to paste in\n%s", out)
		}
	})
	t.Run("a source is down", func(t *testing.T) {
		d := newOffice(t)
		t.Setenv("ZENDESK_CLIENT_SECRET", "wrong")
		r := d.run("setup", "--secrets", d.dir)
		if r.code != 1 || !strings.Contains(r.stdout, "failed") || !strings.Contains(r.stdout, `made            webhook "Vigie jira"`) {
			t.Errorf("got exit %d and\n%s", r.code, r.stdout)
		}
	})
	t.Run("a scope is missing for all that is made", func(t *testing.T) {
		d := newOffice(t)
		must(t, d.s.Faults.Misbehave("zendesk", "oauth-scope-dropped"))
		r := d.run("setup", "--secrets", d.dir)
		if n := strings.Count(r.stdout, "Allowed scopes"); r.code != 1 || n != 1 {
			t.Errorf("got exit %d, and the remedy is said %d times in\n%s", r.code, n, r.stdout)
		}
	})
	t.Run("usage", func(t *testing.T) {
		if r := bot(t, "", "setup"); r.code != 2 {
			t.Errorf("without a configuration: exit %d", r.code)
		}
		if r := bot(t, "", "setup", "--config", "nowhere.toml"); r.code != 2 {
			t.Errorf("without its file: exit %d", r.code)
		}
	})
}

// The webhook tells of conversations too, where the account has them to subscribe to.
func TestSetupSubscribesToConversations(t *testing.T) {
	for _, without := range []bool{false, true} {
		d := newOffice(t)
		d.s.Options.Zendesk.NoMessaging = without
		r := d.run("setup", "--secrets", filepath.Join(d.dir, "secrets"))
		if r.code != 0 {
			t.Fatalf("setup: got %d\n%s%s", r.code, r.stdout, r.stderr)
		}
		resp, err := http.DefaultClient.Do(d.asked(t, "/api/v2/webhooks"))
		must(t, err)
		defer resp.Body.Close()
		var got struct {
			Webhooks []struct{ Subscriptions []string }
		}
		must(t, json.NewDecoder(resp.Body).Decode(&got))
		if len(got.Webhooks) != 1 || !slices.Contains(got.Webhooks[0].Subscriptions, "zen:event-type:ticket.created") ||
			slices.Contains(got.Webhooks[0].Subscriptions, "zen:event-type:messaging_ticket.message_added") == without {
			t.Errorf("without Messaging %v: got %+v", without, got.Webhooks)
		}
	}
}

// asked is a request of Vigie's own account.
func (d *office) asked(t *testing.T, path string) *http.Request {
	req, err := http.NewRequestWithContext(t.Context(), "GET", d.url+path, nil)
	must(t, err)
	req.SetBasicAuth(d.s.Tokens.Zendesk.Email+"/token", d.s.Tokens.Zendesk.Token)
	return req
}
