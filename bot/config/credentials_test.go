package config

import (
	"strings"
	"testing"

	vendor "vigie/connectors/zendesk"
)

// The three ways to sign in at Zendesk, and what is doubtful about one.
func TestZendeskCredentials(t *testing.T) {
	zendesk := oneSlack + "[[zendesk]]\nurl = \"https://acme.zendesk.com\"\npolicies = [\"moveon\"]\n"
	for _, c := range []struct{ name, text, want string }{
		{"an API token", "email = \"bot@acme.example\"\ntoken = \"env:ZENDESK_TOKEN\"", `:6: zendesk[0].token: warning: is an API token: nobody can make a new one since 2026-10-27, and all stop on 2027-04-30; take email and token out and write ` + anOAuthClient},
		{"an OAuth access token", "token = \"env:ZENDESK_TOKEN\"", ``},
		{"an OAuth client", "client_id = \"vigie\"\nclient_secret = \"env:ZENDESK_TOKEN\"", ``},
		{"an OAuth client by its number", "client_id = \"50789\"\nclient_secret = \"env:ZENDESK_TOKEN\"", `:5: zendesk[0].client_id: warning: "50789" is a number, and Zendesk goes by the client's identifier; see whether that is what stands on the client's page`},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg, problems := Load("config.toml", []byte(zendesk+c.text), outside())
			if cfg == nil {
				t.Fatal(problems)
			}
			said := ""
			for _, p := range problems {
				said += strings.TrimPrefix(p.Error(), "config.toml")
			}
			if said != c.want {
				t.Errorf("got\n%s\nwant\n%s", said, c.want)
			}
			z := cfg.Sources[0]
			own := z.Settings.(*vendor.Settings)
			if client := strings.Contains(c.text, "client_id"); client != (own.ClientID != "") || client != (own.ClientSecret.Reveal() != "") || client == (z.Token.Reveal() != "") {
				t.Errorf("got client %q with secret %v and token %v", own.ClientID, own.ClientSecret.Reveal() != "", z.Token.Reveal() != "")
			}
		})
	}
}
