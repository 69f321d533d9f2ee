package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	slackgo "github.com/slack-go/slack"
)

// The app comes before its tokens: nothing that a secret stands for is there, nobody is
// asked, and the manifest is all that a pipe gets.
func TestSetupPrintsTheManifest(t *testing.T) {
	const least = "[[zendesk]]\nurl = \"https://acme.zendesk.com\"\nemail = \"bot@acme.example\"\ntoken = \"env:NOWHERE_ZENDESK\"\npolicies = [\"moveon\"]\n"
	for name, c := range map[string]struct {
		config string
		called string
		has    []string
	}{
		"socket":               {"[slack]\ntoken = \"env:NOWHERE_BOT\"\napp_token = \"env:NOWHERE_APP\"\nchannel = \"#support-sla\"\n", "", []string{"links:write", "commands"}},
		"neither token is set": {"[slack]\ntoken = \"file:nowhere\"\nchannel = \"#support-sla\"\n", "", []string{"commands"}},
		"no Slack yet":         {"", "", []string{"chat:write"}},
		"called, a group is kept": {"[web]\npublic_url = \"https://vigie.acme.example\"\ntoken = \"env:NOWHERE_WEB\"\n[slack]\ntoken = \"env:NOWHERE_BOT\"\nsigning_secret = \"env:NOWHERE_SECRET\"\nchannel = \"#support-sla\"\n" +
			"[[oncall]]\nname = \"support\"\nzone = \"Europe/Paris\"\npeople = [\"nadia@acme.example\"]\nsince = \"2026-11-30 08:00\"\ngroup = \"@astreinte\"\n", "https://vigie.acme.example/slack/actions", []string{"usergroups:write"}},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "config.toml")
			must(t, os.WriteFile(file, []byte(least+c.config), 0o600))
			r := bot(t, "", "setup", "--config", file, "--manifest", "--lang", "fr")
			var m slackgo.Manifest
			if err := json.Unmarshal([]byte(r.stdout), &m); err != nil || r.code != 0 {
				t.Fatalf("exit %d, %v\n%s%s", r.code, err, r.stdout, r.stderr)
			}
			if got := m.Settings.Interactivity.RequestUrl; got != c.called || m.Settings.SocketModeEnabled != (c.called == "") {
				t.Errorf("called at %q; Socket Mode: %v", got, m.Settings.SocketModeEnabled)
			}
			for _, scope := range c.has {
				if !slices.Contains(m.OAuthConfig.Scopes.Bot, scope) {
					t.Errorf("%s isn't among %q", scope, m.OAuthConfig.Scopes.Bot)
				}
			}
			if !slices.Equal(m.Features.UnfurlDomains, []string{"acme.zendesk.com"}) {
				t.Errorf("links of %q", m.Features.UnfurlDomains)
			}
			for _, want := range []string{"https://api.slack.com/apps?new_app=1&manifest_json=%7B", "Pas à pas", "publier des messages"} {
				if !strings.Contains(r.stderr, want) {
					t.Errorf("%q isn't said in\n%s", want, r.stderr)
				}
			}
		})
	}
}
