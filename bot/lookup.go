package main

import (
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"time"
	"vigie/bot/adapt"
	"vigie/bot/config"
	"vigie/bot/library"
	"vigie/bot/web"
	"vigie/rules"
	"vigie/rules/oncall"
)

// lookup follows what a configuration refers to: policies and conditions.
func lookup() config.Lookup {
	return config.Lookup{
		Vendors:   registry,
		Policy:    library.Policy,
		Condition: func(text string) (*rules.Condition, error) { return rules.CompileCondition(text, rules.AlertEnv{}) },
	}
}

// whoIsCalled is whom a configuration calls, for tests that expect calls. They need no
// secret.
func whoIsCalled(file string) (oncall.Plan, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return oncall.Plan{}, err
	}
	look := lookup()
	look.Env = func(string) string { return "a secret" }
	look.File = func(string) ([]byte, fs.FileMode, error) { return []byte("a secret"), 0o600, nil }
	cfg, problems := config.Load(file, text, look)
	if err := problems.Err(); err != nil {
		return oncall.Plan{}, err
	}
	return adapt.Plan(cfg, slog.New(slog.DiscardHandler)), nil
}

// issuerTime is how long the issuer has for an answer.
const issuerTime = 10 * time.Second

// issuer is who signs people in; nil where nobody does.
func issuer(o *config.OIDC) *web.OIDC {
	if o == nil {
		return nil
	}
	return &web.OIDC{Issuer: o.Issuer, ClientID: o.ClientID, Secret: o.Secret.Reveal, Allow: o.Allow, HTTP: &http.Client{Timeout: issuerTime}}
}
