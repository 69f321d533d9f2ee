package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/rules"
)

func TestSecretsAreNeverPrinted(t *testing.T) {
	c := load(t, `store = { url = "env:DATABASE" }
[web]
token = "file:token"
[[zendesk]]
url = "https://acme.zendesk.com"
email = "bot@acme.example"
token = "env:ZENDESK_TOKEN"
webhook_secret = "file:token"
policies = ["moveon"]
[slack]
token = "env:SLACK_BOT_TOKEN"
channel = "#support-sla"
`)
	c.Zendesk[0].Policies = nil
	inside := struct{ config Config }{*c}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+"\n", c)
		fmt.Fprintf(&out, verb+"\n", *c)
		fmt.Fprintf(&out, verb+"\n", inside)
		fmt.Fprintf(&out, verb+"\n", c.Web.Token)
		fmt.Fprintf(&out, verb+"\n", &c.Web.Token)
	}
	fmt.Fprintln(&out, c.Web.Token, []any{c.Web.Token}, c.Web.Token.String(), c.Web.Token.GoString())
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("start", "token", c.Web.Token, "config", c, "web", c.Web, "inside", inside)
	}
	for _, v := range []any{c, c.Web, c.Web.Token, map[string]any{"token": c.Web.Token}} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(text)
	}
	printed := out.String()
	hex := fmt.Sprintf("%x", "s3cret")
	if strings.Contains(printed, "s3cret") || strings.Contains(printed, hex) {
		t.Errorf("a secret is in\n%s", printed)
	}
	if !strings.Contains(printed, "<secret>") {
		t.Errorf("no <secret> in\n%s", printed)
	}
	if got := c.Web.Token.Reveal(); got != "s3cret-file" {
		t.Errorf("revealed %q", got)
	}
}

func TestSecretMistakes(t *testing.T) {
	literal := `a secret is never written here; write token = "env:SLACK_BOT_TOKEN" and put it into that environment variable, or "file:PATH"`
	for _, c := range []struct{ name, token, want string }{
		{"a literal", `"s3cret-literal"`, literal},
		{"a number", `5318008`, literal},
		{"a list", `["s3cret-literal"]`, literal},
		{"empty", `""`, literal},
		{"no variable's name", `"env:s3cret-literal"`, literal},
		{"no file", `"file:"`, literal},
		{"an unset variable", `"env:NOWHERE"`, `the environment variable NOWHERE is not set, or empty; put the secret into it`},
		{"two lines", `"env:TWO_LINES"`, `what env:TWO_LINES holds has a blank or a line break in it; write the secret alone`},
		{"a missing file", `"file:nowhere"`, `can't be read: open /etc/vigie/nowhere: file does not exist; put the secret into that file`},
		{"an empty file", `"file:empty"`, `/etc/vigie/empty is empty; put the secret into that file`},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := oneZendesk + "[slack]\nchannel = \"#a\"\ntoken = " + c.token
			_, problems := Load("/etc/vigie/config.toml", []byte(text), outside())
			if got, want := problems.Error(), "/etc/vigie/config.toml:4: slack.token: "+c.want; got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if strings.Contains(problems.Error(), "s3cret") || strings.Contains(problems.Error(), "5318008") {
				t.Error("the problem prints the secret")
			}
		})
	}
}

// A mistake beside a secret must not print it either.
func TestProblemsPrintNoPassword(t *testing.T) {
	for _, text := range []string{
		"[store]\nurl = \"postgres://u:s3cret@db/x\"",
		"[store]\nurl = \"mysql://u:s3cret@db/x\"",
		"[store]\nurl = \"postgres://u:s3cret%zz@db/x\"",
		"[web]\npublic_url = \"https://u:s3cret@vigie.example\"",
		"[slack]\napi_url = \"https://u:s3cret%zz@slack.example\"",
	} {
		_, problems := Load("config.toml", []byte(text), outside())
		if problems.Err() == nil || strings.Contains(problems.Error(), "s3cret") {
			t.Errorf("%s: got %v", text, problems)
		}
	}
}

func TestSecretsFromTheRealDisk(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "huge"), make([]byte, maxSecret+1), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("VIGIE_CONFIG_TEST", "s3cret-env")
	lookup := Lookup{Policy: outside().Policy}
	text := `zendesk = [{ url = "https://acme.zendesk.com", email = "bot@acme.example", token = "file:token", webhook_secret = "env:VIGIE_CONFIG_TEST", policies = ["moveon"] }]`
	c, problems := Load(filepath.Join(dir, "config.toml"), []byte(text), lookup)
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	if z := c.Zendesk[0]; z.Token.Reveal() != "s3cret" || z.WebhookSecret.Reveal() != "s3cret-env" {
		t.Errorf("got %q and %q", z.Token.Reveal(), z.WebhookSecret.Reveal())
	}
	_, problems = Load(filepath.Join(dir, "config.toml"), []byte(strings.Replace(text, "file:token", "file:huge", 1)), lookup)
	var want rules.Problems
	for _, p := range problems {
		if p.Key == "zendesk[0].token" && strings.Contains(p.Text, "larger than 64 KiB") {
			want = append(want, p)
		}
	}
	if len(want) != 1 {
		t.Errorf("got %v, want the size refused", problems)
	}
}
