package main

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"vigie/bot/config"
	"vigie/connectors/desk"
	"vigie/rules"
	"vigie/rules/calendar"
)

type checkCommand struct {
	Config string   `required:"" xor:"what" type:"path" placeholder:"F" help:"The configuration; config.example.toml shows every key."`
	Policy []string `required:"" xor:"what" sep:"none" placeholder:"P" help:"A policy alone: an embedded one (${policies}) or a policy file; repeated for its versions."`
	Online bool     `help:"Ask the vendors too: addresses, credentials, rights, limits, clocks, fields, statuses, webhooks, channels."`
	From   string   `placeholder:"DATE" help:"Show the holidays of the twelve months from this date; from today by default."`
	Lang   string   `default:"en" enum:"en,fr" help:"The language (en, fr)."`
}

func (checkCommand) Help() string {
	return `Prints in plain words what is promised, when, to whom, and where it is written and said; or everything that is wrong
at once, with file, line and what to write instead. Read the holidays: they are computed, and a company has days of its own.

With --online every vendor is asked at the same time, and each answer comes with what to do about it. "note" is what works,
but perhaps not as you mean it; "wrong" is what won't work, and makes the exit code 1. A vendor's own words stay as
they are.

Examples:
  vigie check --config config.toml
  vigie check --config config.toml --online
  vigie check --policy policies/acme.toml --from 2027-01-01 --lang fr`
}

func (c *checkCommand) Run(p *program) error {
	from := calendar.DateOf(time.Now())
	if c.From != "" {
		var err error
		if from, err = calendar.ParseDate(c.From); err != nil {
			return usageError{fmt.Errorf("--from: %w", err)}
		}
	}
	s := newSheet(p.stdout, c.Lang)
	if len(c.Policy) > 0 {
		if c.Online {
			return usageError{errors.New("--online asks the vendors of a configuration; write --config F --online")}
		}
		policies, err := loadPolicies(p, c.Policy)
		if err != nil {
			return err
		}
		s.policies(policies, from)
		return s.flush()
	}
	cfg, err := loadConfig(p, c.Config)
	if err != nil {
		return err
	}
	now := p.life.now().Truncate(time.Minute)
	if c.From != "" {
		now = time.Time{}
	}
	s.config(cfg, from, now)
	if err := s.flush(); err != nil || !c.Online {
		return err
	}
	return s.online(p, cfg)
}

// config says what a configuration means, its policies last, each once. now is when
// to say who is on call; zero: as the date from begins.
func (s *sheet) config(c *config.Config, from calendar.Date, now time.Time) {
	for _, source := range c.Sources {
		s.source(source, &c.Web)
		s.escalateTo(source, c.Trackers)
	}
	s.slack(c.Slack)
	s.onCalls(c, from, now)
	s.heading(s.pick("Tableau de bord et état", "Board and state"))
	s.item(s.pick("écoute", "listens on"), "%s%s", c.Web.Listen, s.given(c.Web.PublicURL, s.pick(", vu de l'extérieur : ", ", from outside: ")))
	s.item(s.pick("accès", "access"), "%s", s.access(&c.Web))
	s.item(s.pick("état", "state"), "%s", database(c.Store.URL.Reveal()))
	s.item(s.pick("historique", "history"), "%s", s.counted("au premier démarrage, les tickets ouverts et %d jour{s} en arrière", "at the first start, open tickets and %d day{s} back", int(c.Store.Backfill.Hours()/24)))
	if c.Store.Keep > 0 {
		s.item(s.pick("conservation", "kept"), "%s", s.counted("%d jour{s} après la dernière nouvelle d'un ticket résolu", "%d day{s} after the last news of a solved ticket", int(c.Store.Keep.Hours()/24)))
	}
	zone := s.pick("fuseau de la première politique", "the first policy's zone")
	if c.Schedule.Zone != nil {
		zone = c.Schedule.Zone.String()
	}
	s.item(s.pick("résumé", "digest"), "%s", s.either(c.Schedule.Digest.String() != "", c.Schedule.Digest.String()+" ("+zone+")", s.pick("jamais", "never")))
	s.item(s.pick("vérification", "reconcile"), "%s (%s)", c.Schedule.Reconcile, zone)
	s.policies(c.Policies(), from)
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
func (s *sheet) access(w *config.Web) string {
	token, proxy := w.Token.Reveal() != "", w.ProxyHeader != ""
	with := s.pick("avec le jeton", "with the token")
	named := s.pick("nommé par un mandataire dans ", "named by a proxy in ") + w.ProxyHeader
	switch {
	case token && proxy:
		return with + s.pick(", ou ", ", or ") + named
	case proxy:
		return named
	case token:
		return with
	}
	return s.pick("sans jeton, à l'utilisateur de Vigie sur cette machine seulement ; fermé à tout mandataire et aux autres utilisateurs, et dès qu'un webhook signé vient d'ailleurs ; poser un jeton si quelque chose relaie des connexions vers "+w.Listen,
		"without a token, for Vigie's own user at this machine only; closed to proxies and other users, and to all once a signed webhook comes from elsewhere; set a token if anything passes connections on to "+w.Listen)
}

func (s *sheet) source(c *desk.Source, web *config.Web) {
	about := c.Settings.About(c)
	s.heading("Source " + c.Name + s.colon() + c.Vendor.Title + ", " + c.URL)
	s.item(s.pick("compte", "account"), "%s", s.words(about.Account))
	s.lines(about.Scope)
	var names []string
	for _, p := range c.Policies {
		if !slices.Contains(names, p.Name) { // versions stand together
			names = append(names, p.Name)
		}
	}
	s.item(s.pick("politiques", "policies"), "%s", strings.Join(names, s.pick(", sinon ", ", else ")))
	s.item(s.pick("interrogation", "polls"), "%s", c.Poll)
	s.item("webhooks", "%s", s.either(len(c.WebhookSecrets) > 0,
		s.pick("signés, reçus sur ", "signed, received at ")+s.either(web.PublicURL != "", web.PublicURL, "http://"+web.Listen)+"/webhooks/"+c.Name,
		s.pick("refusés, car sans webhook_secret ; seules les interrogations trouvent les changements", "refused, without a webhook_secret; polls alone find changes")))
	s.item("quota", s.pick("jusqu'à %.0f %% de la limite du compte", "up to %.0f %% of the account's rate limit"), c.QuotaShare*100)
	fields := s.pick("étiquettes, aucun champ d'échéance", "tags, no due field")
	for i, f := range c.DueFields {
		fields = s.either(i == 0, s.pick("étiquettes ; échéances : ", "tags; due dates: "), fields+", ") + string(f.Metric) + " → " + f.ID
	}
	s.item(s.pick("écrit", "writes"), "%s", fields)
	s.item(s.pick("priorité", "priority"), "%s; %s", s.either(c.WritePriority,
		s.pick("le champ du ticket est écrit, jamais contre le choix d'une personne ", "the ticket's field is written, never over a person's choice"),
		s.pick("le champ du ticket n'est pas touché ", "the ticket's field is left alone")),
		s.either(c.RequesterPriority, s.pick("le choix du demandeur compte", "the requester's own choice counts"), s.pick("le choix du demandeur ne compte pas", "the requester's own choice doesn't count")))
	s.list(s.pick("indécis", "undecided"), c.UnsetPriorities)
	s.list(s.pick("automates", "automations"), c.Automations)
	if c.Language != "" {
		s.item(s.pick("langue", "language"), s.pick("%s, à défaut de celle du demandeur ou du texte", "%s, where neither the requester nor the text tells it"), c.Language)
	}
	s.list(s.pick("statuts", "statuses"), desk.Pairs(c.Status))
	var kinds []string
	for _, k := range c.Kinds {
		kinds = append(kinds, k.From+" → "+k.To)
	}
	s.list(s.pick("types", "kinds"), kinds)
	s.lines(about.Words)
}

// lines are what a vendor says of its own keys.
func (s *sheet) lines(list []desk.Line) {
	for _, l := range list {
		if text := s.words(l.Text); text != "" {
			s.item(s.words(l.Label), "%s", text)
		}
	}
}

// words are a text in the sheet's language.
func (s *sheet) words(w rules.Words) string { return w.In(s.pick("fr", "en")) }

func (s *sheet) slack(c *config.Slack) {
	if c == nil {
		s.heading(s.pick("Slack : personne n'est averti", "Slack: nobody is told"))
		return
	}
	s.heading("Slack")
	s.item(s.pick("canal", "channel"), "%s (%s)", c.Channel, c.Language)
	for _, r := range c.Routes {
		s.item(s.pick("sauf", "but"), "%s (%s)%s %s %s", r.Channel, r.Language,
			s.either(r.Gather, s.pick(", groupé à l'ouverture,", ", gathered until opening,"), ""), s.pick("si", "if"), r.When)
	}
	s.item(s.pick("boutons", "buttons"), "%s", s.pick("pas encore : app_token et signing_secret ne servent à rien", "none yet: app_token and signing_secret are not used"))
}
