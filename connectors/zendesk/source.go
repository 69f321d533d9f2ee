package zendesk

import (
	"fmt"
	"net/http"
	"strings"
	"unicode"

	"vigie/connectors/desk"
	"vigie/rules"
)

// Vendor is Zendesk among the ticketing tools: a [[zendesk]] of config.toml, and the
// desk that it leads to.
var Vendor = &desk.Vendor{
	Table: "zendesk", Title: "Zendesk", Address: "https://acme.zendesk.com",
	Escalates: true, DueForm: rules.TextForm, LongestWebhook: LongestWebhook,
	Quota: Quota, Calls: Calls, Keys: keys, Decode: decodeKeys, Compare: warnOfPolls,
}

// Settings are the keys of a [[zendesk]] that no other vendor has.
type Settings struct {
	ClientID     string // of an OAuth client, by which tokens are fetched; "" = the source's Token
	ClientSecret desk.Secret
}

// The days on which Zendesk ends its API tokens
// (https://developer.zendesk.com/documentation/authentication/oauth-migration).
const (
	tokensMadeUntil = "2026-10-27"
	tokensEnd       = "2027-04-30"
)

func decodeKeys(k *desk.SourceTable) desk.Settings {
	s := &Settings{ClientID: k.String("client_id")}
	secret := k.Has("client_secret")
	s.ClientSecret = k.Secret("client_secret", false)
	k.Token = k.Secret("token", false)
	client := fmt.Sprintf("client_id = \"vigie\" and client_secret = \"env:%s\", of an OAuth client of the kind confidential (%s)", k.Variable("client_secret"), clientsPlace)
	switch id := k.Has("client_id"); {
	case id && k.Has("token"):
		k.Add("token", "is one way to sign in, client_id and client_secret are another; keep those, and take token out")
	case (id || secret) && k.Has("email"):
		k.Add("email", "belongs to an API token, and client_id and client_secret sign in without it; take email out")
	case id && !secret:
		k.Add("client_secret", "is missing; write client_secret = \"env:%s\" and put the OAuth client's secret into that environment variable", k.Variable("client_secret"))
	case secret && !id:
		k.Add("client_id", `is missing; write the OAuth client's identifier, such as client_id = "vigie"`)
	case id && (s.ClientID == "" || strings.ContainsFunc(s.ClientID, unicode.IsSpace)):
		k.Add("client_id", `%q is no OAuth client's identifier; write it as it stands on the client's page, such as "vigie"`, s.ClientID)
	case id && !strings.ContainsFunc(s.ClientID, func(r rune) bool { return r < '0' || r > '9' }):
		k.Warn("client_id", `%q is a number, and Zendesk goes by the client's identifier; see whether that is what stands on the client's page`, s.ClientID)
	case id:
	case k.Has("email") && !k.Has("token"):
		k.Add("token", "is missing, and email is nothing without it; take email out and write %s", client)
	case !k.Has("token"):
		k.Add("client_id", "is missing; write %s", client)
	case k.Has("email") && k.Token.Reveal() != "":
		k.Warn("token", "is an API token: nobody can make a new one since %s, and all stop on %s; take email and token out and write %s", tokensMadeUntil, tokensEnd, client)
	}
	return s
}

// Connect returns the source's client.
func (s *Settings) Connect(c desk.Connection) desk.Desk {
	read, write := Vendor.PriorityNames(c.Policies)
	cfg := Config{
		Name: c.Name, URL: c.URL, Email: c.Email, WebhookSecrets: func() []string { return desk.Reveal(c.WebhookSecrets) },
		Priorities: read, VendorPriority: write, UnsetPriorities: c.UnsetPriorities, RequesterPriority: c.RequesterPriority,
		Automations: c.Automations, Status: c.Status, Kinds: c.Kinds, DueFields: c.DueFields, Language: c.Language,
		Staff: c.Staff, Now: c.Now, Sleep: c.Sleep, Log: c.Log,
	}
	if s.ClientID != "" {
		cfg.OAuth = NewOAuth(c.URL, s.ClientID, s.ClientSecret.Reveal, c.Transport)
		c.Transport.Authorize, c.Transport.Renew = cfg.OAuth.Authorize, cfg.OAuth.Renew
	} else {
		c.Transport.Authorize = func(r *http.Request) error {
			return Config{Email: c.Email, Token: c.Token.Reveal()}.Authorize(r)
		}
	}
	return New(cfg, c.Transport.Client())
}

// About says as whom Vigie signs in.
func (s *Settings) About(c *desk.Source) desk.About {
	switch {
	case s.ClientID != "":
		return desk.About{Account: rules.Words{FR: "celui qui a fait le client OAuth " + s.ClientID, EN: "the one that made the OAuth client " + s.ClientID}}
	case c.Email != "":
		return desk.About{Account: rules.Words{FR: c.Email, EN: c.Email}}
	}
	return desk.About{Account: rules.Words{FR: "celui du jeton d'accès OAuth", EN: "the one of the OAuth access token"}}
}
