package print

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"vigie/bot/config"
	"vigie/connectors/desk"
	"vigie/connectors/findings"
	"vigie/rules"
	"vigie/rules/calendar"
)

// Configuration says what a configuration means, its policies last, each once. now is
// when to say who is on call; zero: as the date from begins.
func (s *Sheet) Configuration(c *config.Config, from calendar.Date, now time.Time) {
	for _, source := range c.Sources {
		s.source(source, &c.Web)
		s.escalateTo(source, c.Trackers)
	}
	s.slack(c.Slack, &c.Web)
	s.calls(c)
	s.places(c)
	s.onCalls(c, from, now)
	s.Heading(s.Say("check.board_and_state"))
	s.Item(s.Say("check.listens_on"), "%s%s", c.Web.Listen, s.given(c.Web.PublicURL, s.Say("check.from_outside")))
	s.Item(s.Say("check.access"), "%s", s.access(&c.Web))
	s.Item(s.Say("check.state"), "%s", database(c.Store.URL.Reveal()))
	s.Item(s.Say("check.history"), "%s", s.Say("check.history_days", "n", int(c.Store.Backfill.Hours()/24)))
	if c.Store.Keep > 0 {
		s.Item(s.Say("check.kept"), "%s", s.Say("check.kept_days", "n", int(c.Store.Keep.Hours()/24)))
	}
	zone := s.Say("check.zone_of_policy")
	if c.Schedule.Zone != nil {
		zone = c.Schedule.Zone.String()
	}
	s.Item(s.Say("check.digest"), "%s", s.either(c.Schedule.Digest.String() != "", c.Schedule.Digest.String()+" ("+zone+")", s.Say("check.never")))
	s.Item(s.Say("check.reconcile"), "%s (%s)", c.Schedule.Reconcile, zone)
	s.Policies(c.Policies(), from)
}

// database names where the state is without a password that its URL may hold.
func database(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return "PostgreSQL, " + u.Host + u.Path
}

// access says who may see the pages.
func (s *Sheet) access(w *config.Web) string {
	token, proxy := w.Token.Reveal() != "", w.ProxyHeader != ""
	with := s.Say("check.with_the_token")
	named := s.Say("check.named_by_a_proxy_in") + w.ProxyHeader
	switch {
	case token && proxy:
		return with + s.Say("check.or") + named
	case proxy:
		return named
	case token:
		return with
	}
	return s.Say("check.open_pages", "address", w.Listen)
}

func (s *Sheet) source(c *desk.Source, web *config.Web) {
	about := c.Settings.About(c)
	s.Heading("Source " + c.Name + s.colon() + c.Vendor.Title + ", " + c.URL)
	s.Item(s.Say("check.account"), "%s", s.words(about.Account))
	s.lines(about.Scope)
	var names []string
	for _, p := range c.Policies {
		if !slices.Contains(names, p.Name) { // versions stand together
			names = append(names, p.Name)
		}
	}
	s.Item(s.Say("check.policies"), "%s", strings.Join(names, s.Say("check.else")))
	s.Item(s.Say("check.polls"), "%s", c.Poll)
	s.Item("webhooks", "%s", s.either(len(c.WebhookSecrets) > 0,
		s.Say("check.signed_received_at")+s.address(web)+"/webhooks/"+c.Name,
		s.Say("check.webhooks_refused")))
	s.Item("quota", "%s", s.Say("check.quota", "share", s.share(c.QuotaShare)))
	fields := s.Say("check.tags_no_due_field")
	for i, f := range c.DueFields {
		fields = s.either(i == 0, s.Say("check.tags_due_dates"), fields+", ") + string(f.Metric) + " → " + f.ID
	}
	s.Item(s.Say("check.writes"), "%s", fields)
	s.Item(s.Say("check.priority"), "%s; %s", s.either(c.WritePriority,
		s.Say("check.field_written"),
		s.Say("check.field_left")),
		s.either(c.RequesterPriority, s.Say("check.requester_counts"), s.Say("check.requester_counts_not")))
	s.list(s.Say("check.undecided"), c.UnsetPriorities)
	s.list(s.Say("check.automations"), c.Automations)
	if c.Language != "" {
		s.Item(s.Say("check.language"), "%s", s.Say("check.language_default", "language", c.Language))
	}
	s.list(s.Say("check.statuses"), desk.Pairs(c.Status))
	var kinds []string
	for _, k := range c.Kinds {
		kinds = append(kinds, k.From+" → "+k.To)
	}
	s.list(s.Say("check.kinds"), kinds)
	s.lines(about.Words)
}

// lines are what a vendor says of its own keys.
func (s *Sheet) lines(list []desk.Line) {
	for _, l := range list {
		if text := s.words(l.Text); text != "" {
			s.Item(s.words(l.Label), "%s", text)
		}
	}
}

// address is where others reach the program, as far as it knows.
func (s *Sheet) address(web *config.Web) string {
	return s.either(web.PublicURL != "", web.PublicURL, "http://"+web.Listen)
}

// words are a text in the sheet's language.
func (s *Sheet) words(w rules.Words) string { return w.In(s.language) }

func (s *Sheet) slack(c *config.Slack, web *config.Web) {
	if c == nil {
		s.Heading(s.Say("check.slack_nobody_is_told"))
		return
	}
	s.Heading("Slack")
	s.Item(s.Say("check.channel"), "%s (%s)", c.Channel, c.Language)
	for _, r := range c.Routes {
		s.Item(s.Say("check.but"), "%s (%s)%s %s %s", r.Channel, r.Language,
			s.either(r.Gather, s.Say("check.gathered_until_opening"), ""), s.Say("check.if"), r.When)
	}
	buttons := s.Say("check.no_buttons")
	switch {
	case c.AppToken.Reveal() != "":
		buttons = s.Say("check.buttons_by_socket")
	case c.SigningSecret.Reveal() != "":
		buttons = s.Say("check.buttons_signed", "address", s.address(web)+"/slack/")
	}
	s.Item(s.Say("check.buttons"), "%s", buttons)
}

// Findings prints what a vendor has shown, and counts what is wrong.
func (s *Sheet) Findings(name string, found []findings.Finding) (wrong int) {
	for _, f := range found {
		word := map[findings.Weight]string{findings.Fact: "ok", findings.Doubt: s.Say("check.note"), findings.Wrong: s.Say("check.wrong")}[f.Weight]
		if f.Weight == findings.Wrong {
			wrong++
		}
		// An error that was joined further down has lines.
		said := f.In(s.language)
		text := strings.ReplaceAll(said.Text, "\n", "; ")
		if said.Remedy != "" {
			text += " → " + said.Remedy
		}
		s.Item(name, "%s", word+s.colon()+text)
		name = ""
	}
	return wrong
}
