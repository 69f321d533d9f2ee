package jira

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"vigie/connectors/findings"
)

// Tokens with scopes, which are the only ones that service accounts have, are taken by
// Atlassian's gateway and not by the site:
// https://api.atlassian.com/ex/jira/<cloudId>, with the account's address and the token
// as a password, or with the token alone as a bearer
// (https://support.atlassian.com/atlassian-cloud/kb/401-unauthorized-error-when-service-account-accesses-jira-or-confluence-api).

// gateways is where tokens with scopes are taken.
const gateways = "https://api.atlassian.com/ex/jira/"

var cloudForm = regexp.MustCompile(`^[A-Za-z0-9-]{8,64}$`)

// gatewayOf is the address at which a token with scopes is taken for the site; "" where
// the site tells none, as Data Center, or it is that address already. A site tells
// everybody which cloudId it has
// (https://support.atlassian.com/jira/kb/retrieve-my-atlassian-sites-cloud-id/).
func (c *Client) gatewayOf(ctx context.Context) string {
	site, err := url.Parse(c.cfg.URL)
	if err != nil || c.cfg.gateway() {
		return ""
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, site.Scheme+"://"+site.Host+"/_edge/tenant_info", nil)
	if err != nil {
		return ""
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	var tenant struct {
		CloudID string `json:"cloudId"`
	}
	if json.NewDecoder(resp.Body).Decode(&tenant) != nil || !cloudForm.MatchString(tenant.CloudID) {
		return ""
	}
	return gateways + tenant.CloudID
}

// refused is what to do where the credentials aren't taken.
func (c *Client) refused(ctx context.Context) (en, fr string) {
	if c.cfg.gateway() {
		return "the token must be active, have scopes, and belong to email where one is written; a token without scopes is taken at the site's own address, https://<site>.atlassian.net",
			"le jeton doit être actif, avoir des portées, et appartenir à email s'il y en a un ; un jeton sans portées est pris à l'adresse du site, https://<site>.atlassian.net"
	}
	address := c.gatewayOf(ctx)
	switch {
	case address == "":
		return "the token must be active and belong to email; Data Center takes a personal access token, and then no email",
			"le jeton doit être actif et appartenir à email ; Data Center prend un jeton d'accès personnel, et alors pas d'email"
	case c.cfg.Email == "":
		en, fr = "write email, the address of the account that the token belongs to", "écrire email, l'adresse du compte auquel le jeton appartient"
	default:
		en, fr = "the token must be active and belong to email", "le jeton doit être actif et appartenir à email"
	}
	return en + fmt.Sprintf("; a token with scopes, as service accounts have, is taken at another address: write url = %q", address),
		fr + fmt.Sprintf(" ; un jeton à portées, comme en ont les comptes de service, est pris à une autre adresse : écrire url = %q", address)
}

// checkScopes finds that the token lacks the scope to write. The gateway looks at
// scopes before Jira looks for the issue: so an edit of nothing, of an issue that can't
// be there, tells, and can't change anything. That the gateway looks in this order
// isn't documented, but follows from its answer, which Jira doesn't give.
func (c *Client) checkScopes(ctx context.Context) error {
	if !c.cfg.gateway() {
		return nil
	}
	nowhere := "NONE-0" // issues count from 1
	if keys := c.projects.there(); len(keys) > 0 {
		nowhere = strings.ToUpper(keys[0]) + "-0"
	}
	err := c.call(ctx, "PUT", "issue/"+nowhere+"?notifyUsers=false", map[string]any{"fields": map[string]any{}}, nil)
	var lacks *ScopeError
	switch {
	case errors.As(err, &lacks):
		return lacks.finding()
	case status(err) == http.StatusNotFound || status(err) == http.StatusBadRequest || status(err) == http.StatusForbidden:
		return findings.Finding{Text: "the token has the scope to write", FR: findings.Advice{Text: "le jeton a la portée pour écrire"}}
	case err == nil:
		return nil
	}
	return fmt.Errorf("see whether the token may write: %w", err)
}

// finding is the missing scope as check --online says it. A scope can't be added to a
// token.
func (e *ScopeError) finding() findings.Finding {
	return findings.Finding{Weight: findings.Wrong, Text: "the token lacks the scope " + e.Scope,
		Remedy: "make a token with the scopes read:jira-work, write:jira-work and read:jira-user, and put it in the place of this one",
		FR: findings.Advice{Text: "il manque au jeton la portée " + e.Scope,
			Remedy: "créer un jeton avec les portées read:jira-work, write:jira-work et read:jira-user, et le mettre à la place de celui-ci"}}
}
