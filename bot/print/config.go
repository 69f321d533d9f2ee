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
	s.slack(c.Slack)
	s.calls(c)
	s.onCalls(c, from, now)
	s.Heading(s.Pick("Tableau de bord et état", "Board and state"))
	s.Item(s.Pick("écoute", "listens on"), "%s%s", c.Web.Listen, s.given(c.Web.PublicURL, s.Pick(", vu de l'extérieur : ", ", from outside: ")))
	s.Item(s.Pick("accès", "access"), "%s", s.access(&c.Web))
	s.Item(s.Pick("état", "state"), "%s", database(c.Store.URL.Reveal()))
	s.Item(s.Pick("historique", "history"), "%s", s.counted("au premier démarrage, les tickets ouverts et %d jour{s} en arrière", "at the first start, open tickets and %d day{s} back", int(c.Store.Backfill.Hours()/24)))
	if c.Store.Keep > 0 {
		s.Item(s.Pick("conservation", "kept"), "%s", s.counted("%d jour{s} après la dernière nouvelle d'un ticket résolu", "%d day{s} after the last news of a solved ticket", int(c.Store.Keep.Hours()/24)))
	}
	zone := s.Pick("fuseau de la première politique", "the first policy's zone")
	if c.Schedule.Zone != nil {
		zone = c.Schedule.Zone.String()
	}
	s.Item(s.Pick("résumé", "digest"), "%s", s.either(c.Schedule.Digest.String() != "", c.Schedule.Digest.String()+" ("+zone+")", s.Pick("jamais", "never")))
	s.Item(s.Pick("vérification", "reconcile"), "%s (%s)", c.Schedule.Reconcile, zone)
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
	with := s.Pick("avec le jeton", "with the token")
	named := s.Pick("nommé par un mandataire dans ", "named by a proxy in ") + w.ProxyHeader
	switch {
	case token && proxy:
		return with + s.Pick(", ou ", ", or ") + named
	case proxy:
		return named
	case token:
		return with
	}
	return s.Pick("sans jeton, à l'utilisateur de Vigie sur cette machine seulement ; fermé à tout mandataire et aux autres utilisateurs, et dès qu'un webhook signé vient d'ailleurs ; poser un jeton si quelque chose relaie des connexions vers "+w.Listen,
		"without a token, for Vigie's own user at this machine only; closed to proxies and other users, and to all once a signed webhook comes from elsewhere; set a token if anything passes connections on to "+w.Listen)
}

func (s *Sheet) source(c *desk.Source, web *config.Web) {
	about := c.Settings.About(c)
	s.Heading("Source " + c.Name + s.colon() + c.Vendor.Title + ", " + c.URL)
	s.Item(s.Pick("compte", "account"), "%s", s.words(about.Account))
	s.lines(about.Scope)
	var names []string
	for _, p := range c.Policies {
		if !slices.Contains(names, p.Name) { // versions stand together
			names = append(names, p.Name)
		}
	}
	s.Item(s.Pick("politiques", "policies"), "%s", strings.Join(names, s.Pick(", sinon ", ", else ")))
	s.Item(s.Pick("interrogation", "polls"), "%s", c.Poll)
	s.Item("webhooks", "%s", s.either(len(c.WebhookSecrets) > 0,
		s.Pick("signés, reçus sur ", "signed, received at ")+s.either(web.PublicURL != "", web.PublicURL, "http://"+web.Listen)+"/webhooks/"+c.Name,
		s.Pick("refusés, car sans webhook_secret ; seules les interrogations trouvent les changements", "refused, without a webhook_secret; polls alone find changes")))
	s.Item("quota", s.Pick("jusqu'à %.0f %% de la limite du compte", "up to %.0f %% of the account's rate limit"), c.QuotaShare*100)
	fields := s.Pick("étiquettes, aucun champ d'échéance", "tags, no due field")
	for i, f := range c.DueFields {
		fields = s.either(i == 0, s.Pick("étiquettes ; échéances : ", "tags; due dates: "), fields+", ") + string(f.Metric) + " → " + f.ID
	}
	s.Item(s.Pick("écrit", "writes"), "%s", fields)
	s.Item(s.Pick("priorité", "priority"), "%s; %s", s.either(c.WritePriority,
		s.Pick("le champ du ticket est écrit, jamais contre le choix d'une personne ", "the ticket's field is written, never over a person's choice"),
		s.Pick("le champ du ticket n'est pas touché ", "the ticket's field is left alone")),
		s.either(c.RequesterPriority, s.Pick("le choix du demandeur compte", "the requester's own choice counts"), s.Pick("le choix du demandeur ne compte pas", "the requester's own choice doesn't count")))
	s.list(s.Pick("indécis", "undecided"), c.UnsetPriorities)
	s.list(s.Pick("automates", "automations"), c.Automations)
	if c.Language != "" {
		s.Item(s.Pick("langue", "language"), s.Pick("%s, à défaut de celle du demandeur ou du texte", "%s, where neither the requester nor the text tells it"), c.Language)
	}
	s.list(s.Pick("statuts", "statuses"), desk.Pairs(c.Status))
	var kinds []string
	for _, k := range c.Kinds {
		kinds = append(kinds, k.From+" → "+k.To)
	}
	s.list(s.Pick("types", "kinds"), kinds)
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

// words are a text in the sheet's language.
func (s *Sheet) words(w rules.Words) string { return w.In(s.Pick("fr", "en")) }

func (s *Sheet) slack(c *config.Slack) {
	if c == nil {
		s.Heading(s.Pick("Slack : personne n'est averti", "Slack: nobody is told"))
		return
	}
	s.Heading("Slack")
	s.Item(s.Pick("canal", "channel"), "%s (%s)", c.Channel, c.Language)
	for _, r := range c.Routes {
		s.Item(s.Pick("sauf", "but"), "%s (%s)%s %s %s", r.Channel, r.Language,
			s.either(r.Gather, s.Pick(", groupé à l'ouverture,", ", gathered until opening,"), ""), s.Pick("si", "if"), r.When)
	}
	s.Item(s.Pick("boutons", "buttons"), "%s", s.Pick("pas encore : app_token et signing_secret ne servent à rien", "none yet: app_token and signing_secret are not used"))
}

// Findings prints what a vendor has shown, and counts what is wrong.
func (s *Sheet) Findings(name string, found []findings.Finding) (wrong int) {
	for _, f := range found {
		word := map[findings.Weight]string{findings.Fact: "ok", findings.Doubt: s.Pick("à savoir", "note"), findings.Wrong: s.Pick("faux", "wrong")}[f.Weight]
		if f.Weight == findings.Wrong {
			wrong++
		}
		// An error that was joined further down has lines.
		said := f.In(s.Pick("fr", "en"))
		text := strings.ReplaceAll(said.Text, "\n", "; ")
		if said.Remedy != "" {
			text += " → " + said.Remedy
		}
		s.Item(name, "%s", word+s.colon()+text)
		name = ""
	}
	return wrong
}
