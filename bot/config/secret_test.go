package config

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"vigie/connectors/desk"
	"vigie/rules/tomlfile"
)

func TestSecretsAreNeverPrinted(t *testing.T) {
	c := load(t, `store = { url = "env:DATABASE" }
[web]
token = "file:token"
[[zendesk]]
url = "https://acme.zendesk.com"
token = "env:ZENDESK_TOKEN"
webhook_secret = "file:token"
policies = ["moveon"]
[slack]
token = "env:SLACK_BOT_TOKEN"
channel = "#support-sla"
`)
	c.Sources[0].Policies = nil
	inside := struct{ config Config }{*c}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%t", "%b", "%o", "%O", "%c", "%U", "%e", "%E", "%f", "%F", "%g", "%G", "%p", "%T", "%w", "%10.3s"} {
		fmt.Fprintf(&out, verb+"\n", c)
		fmt.Fprintf(&out, verb+"\n", *c)
		fmt.Fprintf(&out, verb+"\n", inside)
		fmt.Fprintf(&out, verb+"\n", c.Web.Token)
		fmt.Fprintf(&out, verb+"\n", &c.Web.Token)
		fmt.Fprintf(&out, verb+"\n", c.Web.Token.kept)
		fmt.Fprintf(&out, verb+"\n", c.Sources[0].WebhookSecrets)
	}
	fmt.Fprintln(&out, c.Web.Token, []any{c.Web.Token}, c.Web.Token.String(), c.Web.Token.GoString())
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("start", "token", c.Web.Token, "config", c, "web", c.Web, "inside", inside)
	}
	for _, v := range []any{c, c.Web, c.Web.Token, map[string]any{"token": c.Web.Token}} {
		out.Write(encoded(t, json.Marshal, v))
	}
	out.Write(encoded(t, xml.Marshal, any(c.Web)))
	out.Write(encoded(t, toml.Marshal, any(c.Web)))
	var gobbed bytes.Buffer
	if err := gob.NewEncoder(&gobbed).Encode(c.Web); err != nil {
		fmt.Fprintln(&out, err)
	}
	out.Write(gobbed.Bytes())
	func() {
		defer func() { fmt.Fprintln(&out, recover()) }()
		panic(c)
	}()
	printed := out.String()
	hex := fmt.Sprintf("%x", "s3cret")
	if strings.Contains(printed, "s3cret") || strings.Contains(printed, hex) {
		t.Errorf("a secret is in\n%s", printed)
	}
	if !strings.Contains(printed, "<secret>") {
		t.Errorf("no <secret> in\n%s", printed)
	}
	if got := c.Web.Token.Reveal(); got != "s3cret-of-the-file" {
		t.Errorf("revealed %q", got)
	}
}

func encoded(t *testing.T, encode func(any) ([]byte, error), v any) []byte {
	t.Helper()
	text, err := encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
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
		{"a file that all may change", `"file:token.writable"`, `everybody on this machine can change /etc/vigie/token.writable; chmod 600 it, and renew the secret`},
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

// While a webhook's secret is being changed, two of them hold.
func TestTwoWebhookSecrets(t *testing.T) {
	const literal = `a secret is never written here; write "env:ZENDESK_WEBHOOK_SECRET" and put it into that environment variable, or "file:PATH"`
	for _, c := range []struct{ name, secret, want string }{
		{"one", `"env:SLACK_BOT_TOKEN"`, "[s3cret-slack]"},
		{"two", `["env:SLACK_BOT_TOKEN", "file:token"]`, "[s3cret-slack s3cret-of-the-file]"},
		{"the same twice", `["file:token", "file:token"]`, "[s3cret-of-the-file s3cret-of-the-file]"},
		{"none in the list", `[]`, `zendesk[0].webhook_secret: has 0 secrets; write one, or the present one and the one before: ["file:secret", "file:secret.before"]`},
		{"three", `["file:token", "file:token", "file:token"]`, `zendesk[0].webhook_secret: has 3 secrets; write one, or the present one and the one before: ["file:secret", "file:secret.before"]`},
		{"a literal", `["file:token", "s3cret-literal"]`, `zendesk[0].webhook_secret[1]: ` + literal},
		{"no text", `[5318008, "file:token"]`, `zendesk[0].webhook_secret[0]: ` + literal},
		{"one that isn't there", `["file:token", "file:nowhere"]`, `zendesk[0].webhook_secret[1]: can't be read: open /etc/vigie/nowhere: file does not exist; put the secret into that file`},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(oneZendesk, `token =`, `webhook_secret = `+c.secret+`, token =`, 1) + oneSlack + `web = { token = "env:VIGIE_TOKEN" }`
			cfg, problems := Load("/etc/vigie/config.toml", []byte(text), outside())
			got := strings.TrimPrefix(problems.Error(), "/etc/vigie/config.toml:1: ")
			if cfg != nil {
				got = fmt.Sprint(desk.Reveal(cfg.Sources[0].WebhookSecrets))
			}
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// Reload takes over what is there, and keeps what it had of the rest.
func TestReload(t *testing.T) {
	look := outside()
	files := map[string]string{"token": "s3cret-1\n", "hook": "s3cret-2", "before": "s3cret-3", "slack": "s3cret-4", "database": "postgres://vigie:s3cret@db/vigie"}
	mode := fs.FileMode(0o600)
	look.File = func(path string) ([]byte, fs.FileMode, error) {
		text, ok := files[filepath.Base(path)]
		if !ok {
			return nil, 0, fmt.Errorf("open %s: %w", path, fs.ErrNotExist)
		}
		return []byte(text), mode, nil
	}
	c, problems := Load("/etc/vigie/config.toml", []byte(`store = { url = "file:database" }
web = { token = "env:VIGIE_TOKEN" }
zendesk = [{ url = "https://acme.zendesk.com", email = "bot@acme.example", token = "file:token", webhook_secret = ["file:hook", "file:before"], policies = ["moveon"] }]
slack = { token = "file:slack", channel = "#support-sla" }
`), look)
	if c == nil {
		t.Fatal(problems)
	}
	now := func() string {
		return strings.Join(append(desk.Reveal(c.Sources[0].WebhookSecrets), c.Sources[0].Token.Reveal(), c.Slack.Token.Reveal(), c.Web.Token.Reveal()), " ")
	}
	const start = "s3cret-2 s3cret-3 s3cret-1 s3cret-4 s3cret-of-the-web"
	for _, step := range []struct {
		name    string
		change  func()
		changed string
		failed  string
		want    string
		warned  string
	}{
		{"nothing", func() {}, "[]", "[]", start, ""},
		{"a new token", func() { files["token"] = "s3cret-5\r\n" }, "[file:token]", "[]", "s3cret-2 s3cret-3 s3cret-5 s3cret-4 s3cret-of-the-web", ""},
		{"the webhook's next", func() { files["before"], files["hook"] = files["hook"], "s3cret-6" }, "[file:hook file:before]", "[]",
			"s3cret-6 s3cret-2 s3cret-5 s3cret-4 s3cret-of-the-web", ""},
		{"one gone, one new", func() { delete(files, "token"); files["slack"] = "s3cret-7" }, "[file:slack]",
			"[file:token: can't be read: open /etc/vigie/token: file does not exist; put the secret into that file]", "s3cret-6 s3cret-2 s3cret-5 s3cret-7 s3cret-of-the-web", ""},
		{"empty", func() { files["token"] = "\n" }, "[]", "[file:token: /etc/vigie/token is empty; put the secret into that file]", "s3cret-6 s3cret-2 s3cret-5 s3cret-7 s3cret-of-the-web", ""},
		{"two lines", func() { files["token"] = "s3cret-8\ns3cret-9\n" }, "[]",
			"[file:token: what file:token holds has a blank or a line break in it; write the secret alone]", "s3cret-6 s3cret-2 s3cret-5 s3cret-7 s3cret-of-the-web", ""},
		{"there again", func() { files["token"] = "s3cret-8" }, "[file:token]", "[]", "s3cret-6 s3cret-2 s3cret-8 s3cret-7 s3cret-of-the-web", ""},
		{"another database", func() { files["database"] = "postgres://vigie:other@db/vigie" }, "[]", "[]", "s3cret-6 s3cret-2 s3cret-8 s3cret-7 s3cret-of-the-web", ""},
		{"all may change them", func() { mode = 0o666; files["token"] = "s3cret-9" }, "[]", "4 failed", "s3cret-6 s3cret-2 s3cret-8 s3cret-7 s3cret-of-the-web", ""},
		{"one that all may read", func() {
			mode, files["token"] = 0o644, "s3cret-8"
			delete(files, "hook")
			delete(files, "before")
			delete(files, "slack")
		}, "[]", "3 failed",
			"s3cret-6 s3cret-2 s3cret-8 s3cret-7 s3cret-of-the-web", "everybody on this machine can read /etc/vigie/token; chmod 600 it"},
	} {
		step.change()
		var warned []string
		changed, failed := c.Reload(func(warning string) { warned = append(warned, warning) })
		if got := strings.Join(warned, "; "); got != step.warned {
			t.Errorf("%s: warned %q, want %q", step.name, got, step.warned)
		}
		said := fmt.Sprint(failed)
		if len(failed) > 1 {
			said = fmt.Sprintf("%d failed", len(failed))
		}
		if fmt.Sprint(changed) != step.changed || said != step.failed || now() != step.want {
			t.Errorf("%s: changed %v, failed %v, now %s", step.name, changed, failed, now())
		}
		if strings.Contains(fmt.Sprint(changed, failed), "s3cret") {
			t.Errorf("%s: it shows a secret: %v %v", step.name, changed, failed)
		}
	}
	if got := c.Store.URL.Reveal(); got != "postgres://vigie:s3cret@db/vigie" {
		t.Errorf("the store is now %s", got)
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
	lookup := Lookup{Vendors: outside().Vendors, Policy: outside().Policy}
	text := `zendesk = [{ url = "https://acme.zendesk.com", email = "bot@acme.example", token = "file:token", webhook_secret = "env:VIGIE_CONFIG_TEST", policies = ["moveon"] }]`
	c, problems := Load(filepath.Join(dir, "config.toml"), []byte(text), lookup)
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	if z := c.Sources[0]; z.Token.Reveal() != "s3cret" || !slices.Equal(desk.Reveal(z.WebhookSecrets), []string{"s3cret-env"}) {
		t.Errorf("got %q and %q", z.Token.Reveal(), desk.Reveal(z.WebhookSecrets))
	}
	_, problems = Load(filepath.Join(dir, "config.toml"), []byte(strings.Replace(text, "file:token", "file:huge", 1)), lookup)
	var want tomlfile.Problems
	for _, p := range problems {
		if p.Key == "zendesk[0].token" && strings.Contains(p.Text, "larger than 64 KiB") {
			want = append(want, p)
		}
	}
	if len(want) != 1 {
		t.Errorf("got %v, want the size refused", problems)
	}
}
