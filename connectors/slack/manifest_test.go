package slack_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"vigie/connectors/slack"
)

// An app with all that a configuration can ask of it, by Socket Mode and called.
var apps = map[string]slack.App{
	"posts alone": {Language: "en"},
	"socket":      {Language: "fr", Acts: true, Domains: []string{"acme.zendesk.com", "acme.atlassian.net"}, Direct: true, Mentions: true, Keeps: true},
	"called":      {Language: "en", Acts: true, CalledAt: "https://vigie.acme.example", Domains: []string{"a.example", "b.example", "c.example", "d.example", "e.example", "f.example"}},
}

// Slack takes the manifest: it has no key that slack-go, which follows Slack's page,
// doesn't know, and holds the limits and the rules of that page
// (docs.slack.dev/reference/app-manifest, apps.manifest.create's errors).
func TestManifestIsSlacks(t *testing.T) {
	for name, app := range apps {
		t.Run(name, func(t *testing.T) {
			d := json.NewDecoder(bytes.NewReader(app.Manifest()))
			d.DisallowUnknownFields()
			var m slackgo.Manifest
			if err := d.Decode(&m); err != nil {
				t.Fatal(err)
			}
			for what, c := range map[string]struct {
				text string
				most int
			}{"name": {m.Display.Name, 35}, "description": {m.Display.Description, 140}, "bot": {m.Features.BotUser.DisplayName, 80}} {
				if n := utf8.RuneCountInString(c.text); n == 0 || n > c.most {
					t.Errorf("the %s has %d characters, of %d", what, n, c.most)
				}
			}
			if len(m.Features.UnfurlDomains) > slack.MostDomains {
				t.Errorf("%d domains", len(m.Features.UnfurlDomains))
			}
			for _, s := range m.OAuthConfig.Scopes.Bot {
				if s == "" || strings.ContainsAny(s, " ,") {
					t.Errorf("scope %q", s)
				}
			}
			events, actions := m.Settings.EventSubscriptions, m.Settings.Interactivity
			if !app.Acts {
				if events != nil || actions != nil || len(m.Features.SlashCommands) > 0 || m.Settings.SocketModeEnabled {
					t.Errorf("nobody can act, and it has %s", app.Manifest())
				}
				return
			}
			// "Event Subscription requires either Request URL or Socket Mode Enabled"
			called := app.CalledAt != ""
			if m.Settings.SocketModeEnabled == called || (events.RequestUrl != "") != called || (actions.RequestUrl != "") != called || (m.Features.SlashCommands[0].Url != "") != called {
				t.Errorf("called: %v; got %s", called, app.Manifest())
			}
			if !actions.IsEnabled || !m.Features.AppHome.HomeTabEnabled || m.Features.SlashCommands[0].Command != "/sla" {
				t.Errorf("got %s", app.Manifest())
			}
		})
	}
}

// Each event needs its scope (docs.slack.dev/reference/events), and each scope has its
// reason.
func TestScopesAreThoseThatAreNeeded(t *testing.T) {
	requires := map[string]string{"reaction_added": "reactions:read", "reaction_removed": "reactions:read", "link_shared": "links:read", "app_home_opened": ""}
	channels := []string{"chat:write", "channels:read", "channels:history", "groups:read", "groups:history"}
	people := []string{"users:read", "users:read.email"}
	acts := []string{"commands", "reactions:read", "links:read", "links:write"}
	want := map[string][]string{
		"posts alone": channels,
		"socket":      slices.Concat(channels, []string{"im:read", "im:history"}, people, acts, []string{"usergroups:read", "usergroups:write"}),
		"called":      slices.Concat(channels, people, acts),
	}
	for name, app := range apps {
		var m slackgo.Manifest
		if err := json.Unmarshal(app.Manifest(), &m); err != nil {
			t.Fatal(err)
		}
		if got := m.OAuthConfig.Scopes.Bot; !slices.Equal(got, want[name]) {
			t.Errorf("%s: got the scopes %q, want %q", name, got, want[name])
		}
		if m.Settings.EventSubscriptions != nil {
			for _, event := range m.Settings.EventSubscriptions.BotEvents {
				if scope, known := requires[event]; !known || scope != "" && !slices.Contains(m.OAuthConfig.Scopes.Bot, scope) {
					t.Errorf("%s: %s needs %s", name, event, scope)
				}
			}
		}
		for _, s := range app.Scopes() {
			for _, language := range []string{"en", "fr"} {
				if why := s.For(language); why == "" || strings.Contains(why, "slack.scope") {
					t.Errorf("%s is for %q", s.Name, why)
				}
			}
		}
	}
}

// The link carries the manifest whole, and is no longer than servers take.
func TestTheLinkCarriesTheManifest(t *testing.T) {
	for name, app := range apps {
		u, err := url.Parse(app.Link())
		if err != nil || u.Host != "api.slack.com" || u.Query().Get("new_app") != "1" {
			t.Fatalf("%s: %v, %v", name, u, err)
		}
		var carried bytes.Buffer
		if err := json.Indent(&carried, []byte(u.Query().Get("manifest_json")), "", "  "); err != nil {
			t.Fatal(err)
		}
		if carried.String()+"\n" != string(app.Manifest()) {
			t.Errorf("%s: carries %s", name, carried.String())
		}
		if n := len(app.Link()); n > 4000 || strings.Contains(app.Link(), "+") {
			t.Errorf("%s: the link has %d bytes: %s", name, n, app.Link())
		}
	}
}
