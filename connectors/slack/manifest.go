package slack

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	slackgo "github.com/slack-go/slack"
)

// An App is what a configuration asks of the app at Slack: what it may do (Scopes),
// and how it is set up (Manifest).
type App struct {
	Language string   // of what Slack shows of it: "fr" or "en"
	Acts     bool     // people press buttons, react with 👀, type commands and open its home
	CalledAt string   // the address under which Slack calls it; "" = Socket Mode
	Domains  []string // hosts of the links under which it shows due dates
	Direct   bool     // it is told to write to one person's conversation with it
	Calls    bool     // it mentions people whom it knows by their addresses
	Mentions bool     // it mentions user groups
	Keeps    bool     // it keeps user groups to who is on call
}

// MostDomains is how many domains an app can show links of, by Slack's page of the
// manifest (docs.slack.dev/reference/app-manifest).
const MostDomains = 5

// A Scope is a permission that the app asks for. Its name is Slack's.
type Scope struct {
	Name string
	// ofChannels says that it is asked for with each channel, where what is missing
	// depends on whether that is private.
	ofChannels bool
	needed     func(App) bool
}

func always(App) bool { return true }

// scopes are all that the app may need; what each is for stands in the catalogues.
// Posting goes by chat:write alone: chat:write.public would let it post where nobody
// has invited it.
var scopes = []Scope{
	{Name: "chat:write", needed: always},
	{Name: "channels:read", ofChannels: true, needed: always},
	{Name: "channels:history", ofChannels: true, needed: always},
	{Name: "groups:read", ofChannels: true, needed: always},
	{Name: "groups:history", ofChannels: true, needed: always},
	{Name: "im:read", ofChannels: true, needed: func(a App) bool { return a.Direct }},
	{Name: "im:history", ofChannels: true, needed: func(a App) bool { return a.Direct }},
	{Name: "users:read", needed: func(a App) bool { return a.Acts || a.Calls || a.Keeps }},
	{Name: "users:read.email", needed: func(a App) bool { return a.Acts || a.Calls || a.Keeps }},
	{Name: "commands", needed: func(a App) bool { return a.Acts }},
	{Name: "reactions:read", needed: func(a App) bool { return a.Acts }},
	{Name: "links:read", needed: func(a App) bool { return a.Acts && len(a.Domains) > 0 }},
	{Name: "links:write", needed: func(a App) bool { return a.Acts && len(a.Domains) > 0 }},
	{Name: "usergroups:read", needed: func(a App) bool { return a.Mentions || a.Keeps }},
	{Name: "usergroups:write", needed: func(a App) bool { return a.Keeps }},
}

// Scopes are those that the app needs.
func (a App) Scopes() []Scope {
	return slices.DeleteFunc(slices.Clone(scopes), func(s Scope) bool { return !s.needed(a) })
}

// For is what a scope is for, in a language.
func (s Scope) For(language string) string {
	return in(language).Say("slack.scope." + strings.NewReplacer(":", "_", ".", "_").Replace(s.Name))
}

// Manifest is the app as Slack makes it, as JSON in lines, with nothing that the
// configuration doesn't need.
func (a App) Manifest() []byte {
	text, err := json.MarshalIndent(a.manifest(), "", "  ")
	if err != nil {
		panic(err) // it has nothing that JSON lacks
	}
	return append(text, '\n')
}

// Link is the address at which Slack offers to make the app.
func (a App) Link() string {
	text, err := json.Marshal(a.manifest())
	if err != nil {
		panic(err)
	}
	// A plus is no blank to all who read such an address.
	return "https://api.slack.com/apps?new_app=1&manifest_json=" + strings.ReplaceAll(url.QueryEscape(string(text)), "+", "%20")
}

func (a App) manifest() slackgo.Manifest {
	w := in(a.Language)
	m := slackgo.Manifest{
		Metadata: slackgo.ManifestMetadata{MajorVersion: 1, MinorVersion: 1},
		Display:  slackgo.Display{Name: "Vigie", Description: w.Say("slack.app.about"), BackgroundColor: "#1d3557"},
		Features: slackgo.Features{BotUser: slackgo.BotUser{DisplayName: "vigie", AlwaysOnline: true}},
	}
	for _, s := range a.Scopes() {
		m.OAuthConfig.Scopes.Bot = append(m.OAuthConfig.Scopes.Bot, s.Name)
	}
	if !a.Acts {
		return m
	}
	m.Features.AppHome = slackgo.AppHome{HomeTabEnabled: true}
	m.Features.SlashCommands = []slackgo.ManifestSlashCommand{{
		Command: "/sla", Description: w.Say("slack.app.command"), UsageHint: w.Say("slack.app.usage"), Url: a.at("commands"),
	}}
	m.Settings.SocketModeEnabled = a.CalledAt == ""
	m.Settings.Interactivity = &slackgo.Interactivity{IsEnabled: true, RequestUrl: a.at("actions")}
	m.Settings.EventSubscriptions = &slackgo.EventSubscriptions{RequestUrl: a.at("events"), BotEvents: []string{"app_home_opened", "reaction_added", "reaction_removed"}}
	if len(a.Domains) > 0 {
		m.Features.UnfurlDomains = a.Domains[:min(len(a.Domains), MostDomains)]
		m.Settings.EventSubscriptions.BotEvents = append(m.Settings.EventSubscriptions.BotEvents, "link_shared")
	}
	return m
}

// at is the address for one kind of call; "" in Socket Mode.
func (a App) at(kind string) string {
	if a.CalledAt == "" {
		return ""
	}
	return a.CalledAt + "/slack/" + kind
}
