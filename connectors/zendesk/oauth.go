package zendesk

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"vigie/connectors/rest"
)

// The scopes that tokens are asked for. What is read has for the most part no scope
// of its own: groups, ticket fields, statuses, jobs and exports want the whole
// "read". What serve writes are tickets alone; setup makes ticket fields besides,
// for which nothing less than "write" is enough
// (https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_tokens/#scopes).
var (
	serveScopes = []string{"read", "tickets:write"}
	setupScopes = []string{"read", "write"}
)

// tokenLife is how long a token is asked to live: Zendesk gives from 5 minutes to 2
// days, half an hour unless asked. An outage of what makes tokens is noticed once the
// last tenth has gone by.
const tokenLife = 2 * time.Hour

// OAuth has tokens for an OAuth client of the kind "confidential", in whose name
// Vigie asks (the client credentials grant,
// https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/).
// Authorize and Renew go into the rest.Transport.
type OAuth struct{ serve, setup *rest.Grant }

// NewOAuth is that of an account: url is its address, and secret the client's that
// holds now. Tokens are asked for through a transport of the account.
func NewOAuth(url, client string, secret func() string, through *rest.Transport) *OAuth {
	grant := func(scopes []string) *rest.Grant {
		return &rest.Grant{URL: strings.TrimRight(url, "/") + "/oauth/tokens", ID: client, Secret: secret, Scopes: scopes, Life: tokenLife, Through: through}
	}
	return &OAuth{serve: grant(serveScopes), setup: grant(setupScopes)}
}

// Authorize sets a token on a request that is good for what it asks, and no more.
func (o *OAuth) Authorize(r *http.Request) error { return o.of(r).Authorize(r) }

// Renew forgets the token that a refused request bore.
func (o *OAuth) Renew(refused *http.Request) bool { return o.of(refused).Renew(refused) }

func (o *OAuth) of(r *http.Request) *rest.Grant {
	if r.Method == http.MethodGet || r.Method == "" || strings.Contains(r.URL.Path, "/api/v2/tickets/") {
		return o.serve
	}
	return o.setup
}

// covers says whether scopes that were granted are enough for one that is needed. A
// scope without a resource is for all of them, one without an access for both.
func covers(granted []string, needed string) bool {
	resource, access := split(needed)
	return slices.ContainsFunc(granted, func(scope string) bool {
		of, to := split(scope)
		return (of == "" || of == resource) && (to == "" || to == access)
	})
}

func split(scope string) (resource, access string) {
	if scope == "read" || scope == "write" {
		return "", scope
	}
	resource, access, _ = strings.Cut(scope, ":")
	return resource, access
}

// A tokenFacts is what is known of the token in use.
type tokenFacts struct {
	scopes []string  // none where Zendesk doesn't say
	end    time.Time // zero where it has none, or Zendesk doesn't say
}

// token is what is known of the token in use: by the answer that it came with, or,
// of one that was given to us, by asking Zendesk. An API token has neither scopes
// nor an end of its own.
func (c *Client) token(ctx context.Context) (tokenFacts, error) {
	if c.cfg.OAuth != nil {
		t, err := c.cfg.OAuth.serve.Token(ctx)
		return tokenFacts{t.Scopes, t.End}, err
	}
	if c.cfg.Email != "" {
		return tokenFacts{}, nil
	}
	var out struct {
		Token struct {
			Scopes    []string   `json:"scopes"`
			ExpiresAt *time.Time `json:"expires_at"`
		} `json:"token"`
	}
	err := c.get(ctx, "/oauth/tokens/current.json", &out)
	facts := tokenFacts{scopes: out.Token.Scopes}
	if out.Token.ExpiresAt != nil {
		facts.end = *out.Token.ExpiresAt
	}
	return facts, err
}

// missingScopes are those without which Zendesk has refused a request, by its own
// words; empty where that isn't why.
func missingScopes(err error) string {
	var status *rest.StatusError
	if !errors.As(err, &status) || status.Status != http.StatusForbidden {
		return ""
	}
	_, scopes, _ := strings.Cut(status.Message, "missing the following required scopes: ")
	return scopes
}
