package config

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"

	"vigie/connectors/desk"
	"vigie/rules"
	"vigie/rules/oncall"
	"vigie/rules/tomlfile"
	"vigie/rules/words"
)

// Slack is where people are told.
type Slack struct {
	Token         Secret // the bot's, xoxb-…
	AppToken      Secret // xapp-…, for Socket Mode; none = Slack calls over HTTP, signed
	SigningSecret Secret // checks those calls; none = they are refused
	APIURL        string // with a slash at its end
	Channel       string // where no route holds
	Language      string // a tag of rules/words
	Routes        []Route
	Digests       []Digest
	Fallback      []oncall.Callee   // who is told that Slack is away
	Teams         map[string]string // the user group of a team, by the name that the vendor has of the team
}

// A Digest is a list of tickets that is posted at fixed times, beside the day's overview.
type Digest struct {
	When     *rules.Condition // of each ticket's most pressing promise
	Channel  string
	Language string // a tag of rules/words
	Opening  bool   // when a team's day begins: what awaits it
	Closing  bool   // when it ends: what it hands to the next
	Times    []Cron // what awaits everybody then
}

// A Route sends what its condition holds for elsewhere. The first that holds counts.
type Route struct {
	When     *rules.Condition
	Channel  string
	Language string // a tag of rules/words
	Gather   bool   // out of hours: hold it until the team's calendar opens
}

// channelForm is a channel's name or its id (docs.slack.dev: conversations, C
// and G; D is a direct message).
var channelForm = regexp.MustCompile(`^(#[^\s#@,<>|]{1,80}|[CDG][A-Z0-9]{2,})$`)

func (l *loader) slack(t *tomlfile.Table, whom callable) *Slack {
	if t == nil {
		return nil
	}
	defer t.Close()
	s := &Slack{
		Token:         l.requireSecret(t, "token", "SLACK_BOT_TOKEN"),
		AppToken:      l.secret(t, "app_token", "SLACK_APP_TOKEN"),
		SigningSecret: l.secret(t, "signing_secret", "SLACK_SIGNING_SECRET"),
		APIURL:        cmp.Or(address(t, "api_url", "https://slack.com/api/"), "https://slack.com/api") + "/",
		Channel:       channel(t),
		Language:      language(t, words.Fallback),
	}
	s.Teams, s.Fallback = teams(t.Table("teams")), fallback(t, whom)
	for _, r := range t.Tables("routes") {
		s.Routes = append(s.Routes, l.route(r, s.Language))
	}
	for _, d := range t.Tables("digests") {
		s.Digests = append(s.Digests, l.digest(d, s.Language))
	}
	return s
}

func (l *loader) route(t *tomlfile.Table, otherwise string) Route {
	defer t.Close()
	r := Route{Channel: channel(t), Language: language(t, otherwise), Gather: t.Bool("gather")}
	condition := t.Require("when", `'priority == "urgent" and not open_now'`)
	if condition == "" {
		return r
	}
	var err error
	if r.When, err = l.Condition(condition); err != nil {
		t.Add("when", "%s", err)
	}
	return r
}

func (l *loader) digest(t *tomlfile.Table, otherwise string) Digest {
	defer t.Close()
	d := Digest{Channel: channel(t), Language: language(t, otherwise)}
	if condition := t.Require("when", `'policy == "meteorage"'`); condition != "" {
		var err error
		if d.When, err = l.Condition(condition); err != nil {
			t.Add("when", "%s", err)
		}
	}
	for i, at := range desk.RequireStrings(t, "at", `["opening", "closing"]`) {
		switch at {
		case "opening":
			d.Opening = true
		case "closing":
			d.Closing = true
		default:
			c, err := ParseCron(at)
			if err != nil {
				t.Add(desk.Index("at", i), `%q is no time of a digest; write "opening", "closing", or a cron spec such as "0 8 * * mon-fri"`, at)
				continue
			}
			d.Times = append(d.Times, c)
		}
	}
	return d
}

func channel(t *tomlfile.Table) string {
	name := t.Require("channel", `"#support-sla"`)
	if name != "" && !channelForm.MatchString(name) {
		t.Add("channel", `%q is no channel; write its name such as "#support-sla", or its id such as "C024BE91L"`, name)
	}
	return name
}

func language(t *tomlfile.Table, otherwise string) string {
	name, ok := text(t, "language")
	if !ok {
		return otherwise
	}
	if words.In(name).Tag != name {
		t.Add("language", `%q is not spoken here; write %s`, name, spokenLanguages())
	}
	return name
}

// spokenLanguages is those that there is a catalogue for, as a choice: "fr" or "en".
func spokenLanguages() string {
	var list []string
	for _, l := range words.All() {
		if l.Tag != words.Fallback {
			list = append(list, strconv.Quote(l.Tag))
		}
	}
	return strings.Join(append(list, strconv.Quote(words.Fallback)), " or ")
}
