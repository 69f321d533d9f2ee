package setup

import (
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"vigie/bot/config"
	"vigie/bot/print"
	"vigie/connectors/slack"
	"vigie/rules/oncall"
	"vigie/rules/words"
)

// App is what a configuration asks of the app at Slack as it stands: nobody can act
// there while Slack has no way to tell of it.
func App(c *config.Config) slack.App {
	a := slack.App{Language: words.Fallback}
	for _, s := range c.Sources {
		if host := shown(s.URL); host != "" && !slices.Contains(a.Domains, host) {
			a.Domains = append(a.Domains, host)
		}
	}
	for _, o := range c.OnCall {
		a.Keeps = a.Keeps || o.Group != ""
	}
	for _, callee := range callees(c) {
		switch callee.Kind {
		case oncall.Assignee, oncall.User, oncall.ByRota:
			a.Calls = true
		case oncall.Team, oncall.Group:
			a.Mentions = true
		}
	}
	if c.Slack == nil {
		return a
	}
	a.Language = c.Slack.Language
	socket, signed := c.Slack.AppToken.Reveal() != "", c.Slack.SigningSecret.Reveal() != ""
	a.Acts = socket || signed
	if signed && !socket {
		a.CalledAt = c.Web.PublicURL
	}
	a.Direct = slices.ContainsFunc(Channels(c), func(channel string) bool { return strings.HasPrefix(channel, "D") })
	return a
}

// callees are all that the steps of a configuration call.
func callees(c *config.Config) (list []oncall.Callee) {
	for _, row := range c.Calls {
		for _, step := range row.Steps {
			list = append(list, step.Call...)
		}
	}
	return list
}

// Channels are those in which people are told, or called, each once.
func Channels(c *config.Config) []string {
	if c.Slack == nil {
		return nil
	}
	list := []string{c.Slack.Channel}
	for _, r := range c.Slack.Routes {
		list = append(list, r.Channel)
	}
	for _, d := range c.Slack.Digests {
		list = append(list, d.Channel)
	}
	for _, callee := range callees(c) {
		if callee.Kind == oncall.Channel {
			list = append(list, callee.Name)
		}
	}
	return once(list)
}

// Needs is what a configuration needs of Slack, to be looked at. A shift that has ended
// by an instant is nobody's any more.
func Needs(c *config.Config, now time.Time) slack.Needs {
	n := slack.Needs{App: App(c), Channels: Channels(c), AppToken: c.Slack.AppToken.Reveal, Signed: c.Slack.SigningSecret.Reveal() != ""}
	for _, p := range c.People {
		n.People = append(n.People, p["slack"])
	}
	for _, o := range c.OnCall {
		people := slices.Clone(o.People)
		for _, shift := range slices.Concat(o.Shifts, o.Overrides) {
			if shift.To.After(now) {
				people = append(people, shift.Who)
			}
		}
		for _, who := range people {
			n.People = append(n.People, c.Address(who, "slack"))
		}
		n.Groups = append(n.Groups, o.Group)
	}
	for _, callee := range callees(c) {
		switch callee.Kind {
		case oncall.User:
			n.People = append(n.People, c.Address(callee.Name, "slack"))
		case oncall.Group:
			n.Groups = append(n.Groups, callee.Name)
		}
	}
	n.Groups = append(n.Groups, slices.Sorted(maps.Values(c.Slack.Teams))...)
	n.People, n.Groups = once(n.People), once(n.Groups)
	return n
}

// once is a list without what is empty, and each of the rest once.
func once(list []string) (each []string) {
	for _, text := range list {
		if text != "" && !slices.Contains(each, text) {
			each = append(each, text)
		}
	}
	return each
}

// shown is the host under whose links Slack can show something; "" for an address that
// is no domain.
func shown(address string) string {
	u, err := url.Parse(address)
	if err != nil || net.ParseIP(u.Hostname()) != nil || !strings.Contains(u.Hostname(), ".") {
		return ""
	}
	return u.Hostname()
}

// A Guide leads a person from a workspace to the app in it.
type Guide struct {
	App      slack.App
	Channels []string
	File     string // the configuration, as it was named
}

// NewGuide is how to make the app that a configuration needs. It is made so that
// people can act, by Socket Mode unless the configuration has it called.
func NewGuide(c *config.Config, file string) Guide {
	g := Guide{App: App(c), Channels: Channels(c), File: file}
	g.App.Acts = true
	return g
}

// Tell says what the app may do, and how to install it, in a language.
func (g Guide) Tell(s *print.Sheet, language string) {
	say := func(key string, values ...any) string { return words.In(language).Say("slack.app."+key, values...) }
	s.Heading(say("scopes"))
	for _, scope := range g.App.Scopes() {
		s.Item(scope.Name, "%s", scope.For(language))
	}
	s.Heading(say("link"))
	s.Verbatim(g.App.Link())
	s.Heading(say("steps"))
	steps := []string{say("open"), say("install"), say("socket")}
	if g.App.CalledAt != "" {
		steps[2] = say("signed", "url", g.App.CalledAt)
	}
	if len(g.Channels) > 0 {
		steps = append(steps, say("invite", "channels", strings.Join(g.Channels, ", ")))
	}
	for i, step := range append(steps, say("look", "file", g.File)) {
		s.Numbered(i+1, step)
	}
	if out := g.App.Domains; len(out) > slack.MostDomains {
		s.Item("", "%s", say("left_out", "n", slack.MostDomains, "domains", strings.Join(out[slack.MostDomains:], ", ")))
	}
}
