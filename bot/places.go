package main

import (
	"context"
	"log/slog"
	"time"

	"vigie/bot/adapt"
	"vigie/bot/config"
	"vigie/bot/engine"
	"vigie/connectors/findings"
	"vigie/connectors/hook"
	"vigie/connectors/mail"
	"vigie/rules"
)

// places are the hooks and the mail server of a configuration, by which people are told
// besides Slack.
func (w *wired) places(c *config.Config, sleep sleeper, log *slog.Logger) {
	places := map[string]engine.Place{}
	for _, h := range c.Hooks {
		transport := hook.Transport()
		transport.Sleep = sleep
		// Real time: receivers compare signatures with it, whatever time a demo has.
		client := &hook.Client{Kind: h.Kind, URL: h.URL.Reveal, Secret: h.Secret.Reveal, HTTP: transport.Client(), Now: time.Now}
		name := engine.HookPlace(h.Name)
		places[name] = engine.Place{Outlet: adapt.Hook{Client: client}, When: adapt.When(name, h.When, log)}
		w.asked = append(w.asked, reached(name, "its address", func(ctx context.Context) (rules.Words, error) {
			host, err := client.Reach(ctx)
			return rules.Words{FR: host + " est joignable ; rien n'y est envoyé", EN: host + " is reached; nothing is sent there"}, err
		}))
	}
	if m := c.Mail; m != nil {
		client := &mail.Client{Server: m.SMTP, User: m.User, Password: m.Password.Reveal, From: m.From, Now: time.Now}
		places[engine.MailPlace] = engine.Place{Outlet: adapt.Mail{Client: client}}
		w.asked = append(w.asked, reached("mail", m.SMTP, func(ctx context.Context) (rules.Words, error) {
			return rules.Words{FR: "le serveur de courriel répond ; rien n'est envoyé", EN: "the mail server answers; nothing is sent"}, client.Check(ctx)
		}))
	}
	w.engine.Places = places
	if c.Slack != nil {
		w.engine.Fallback = c.Slack.Fallback
	}
}

// reached is a place that check --online asks whether it is there.
func reached(name, address string, look func(context.Context) (rules.Words, error)) asked {
	return asked{name: name, url: address, ask: func(ctx context.Context) error { _, err := look(ctx); return err },
		inspect: func(ctx context.Context) []findings.Finding {
			text, err := look(ctx)
			if err != nil {
				return findings.Of(err)
			}
			return []findings.Finding{{Weight: findings.Fact, Text: text.EN, FR: findings.Advice{Text: text.FR}}}
		}}
}
