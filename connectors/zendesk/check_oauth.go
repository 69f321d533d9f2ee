package zendesk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"vigie/connectors/findings"
	"vigie/connectors/rest"
	"vigie/rules"
)

// What a person does in Admin Center.
const (
	clientsPlace = "Admin Center > Apps and integrations > APIs > OAuth clients"
	tokensPlace  = "Admin Center > Apps and integrations > APIs > API tokens"
)

// checkToken says what the token in use is good for, and for how long.
func (c *Client) checkToken(ctx context.Context) error {
	if c.cfg.OAuth == nil && c.cfg.Email != "" {
		return nil // the configuration's own warning says what becomes of API tokens
	}
	facts, err := c.token(ctx)
	if missingScopes(err) == "" && refused(err, http.StatusForbidden, http.StatusNotFound) {
		return findings.Finding{Weight: findings.Doubt, Text: "Zendesk doesn't say what the token is good for, and until when",
			FR: findings.Advice{Text: "Zendesk ne dit pas à quoi sert le jeton, ni jusqu'à quand"}}
	}
	if err != nil {
		return err
	}
	good := rules.Words{FR: "de portées que Zendesk ne nomme pas", EN: "of scopes that Zendesk doesn't name"}
	if list := strings.Join(facts.scopes, " "); list != "" {
		good = rules.Words{FR: "de portées " + list, EN: "of the scopes " + list}
	}
	end := c.tokenEnd(facts.end)
	found := []error{findings.Finding{Text: "an access token " + good.EN + end.EN, FR: findings.Advice{Text: "un jeton d'accès " + good.FR + end.FR}}}
	if c.cfg.OAuth == nil {
		found = append(found, findings.Finding{Weight: findings.Doubt, Text: "nothing renews this token", Remedy: "make an OAuth client of the kind Confidential in " + clientsPlace + " and write client_id and client_secret",
			FR: findings.Advice{Text: "rien ne renouvelle ce jeton", Remedy: "créer un client OAuth du type Confidential dans " + clientsPlace + " et écrire client_id et client_secret"}})
	}
	for _, needed := range serveScopes {
		if len(facts.scopes) > 0 && !covers(facts.scopes, needed) {
			found = append(found, lacking(needed, ""))
		}
	}
	return errors.Join(found...)
}

// tokenEnd says when a token ends, and that this is seen to.
func (c *Client) tokenEnd(end time.Time) rules.Words {
	if end.IsZero() {
		return rules.Words{FR: ", dont Zendesk ne dit pas la fin", EN: ", whose end Zendesk doesn't say"}
	}
	until := end.UTC().Format("2006-01-02 15:04 MST")
	said := rules.Words{FR: ", jusqu'au " + until, EN: ", until " + until}
	if c.cfg.OAuth != nil {
		said.FR += " et renouvelé avant"
		said.EN += " and renewed before"
	}
	return said
}

// lacking is a scope that the token doesn't have.
func lacking(scopes, said string) findings.Finding {
	return findings.Finding{Weight: findings.Wrong, Text: strings.TrimPrefix(said+": the token lacks the scope "+scopes, ": "),
		Remedy: fmt.Sprintf("where the OAuth client names Allowed scopes (%s), they must include %s, and write while setup makes fields, webhooks or triggers; a token that somebody made is made anew with them", clientsPlace, strings.Join(serveScopes, " and ")),
		FR: findings.Advice{Text: strings.TrimPrefix(said+" : il manque au jeton la portée "+scopes, " : "),
			Remedy: fmt.Sprintf("si le client OAuth nomme des Allowed scopes (%s), elles doivent comprendre %s, et write tant que setup crée champs, webhooks ou déclencheurs ; un jeton fait par quelqu'un est à refaire avec elles", clientsPlace, strings.Join(serveScopes, " et "))}}
}

// advised says of an error what to do, where it is that the OAuth client or its
// token may not do this; other errors are returned as they are.
func advised(err error) error {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, one := range several.Unwrap() {
			all = append(all, advised(one))
		}
		return errors.Join(all...)
	}
	var none *rest.GrantError
	if errors.As(err, &none) && none.Denied() {
		remedy := refusedClient(none)
		return findings.Finding{Weight: findings.Wrong, Text: err.Error(), Remedy: remedy.EN, FR: findings.Advice{Remedy: remedy.FR}}
	}
	var status *rest.StatusError
	if scopes := missingScopes(err); scopes != "" && errors.As(err, &status) {
		return lacking(scopes, fmt.Sprintf("%s %s: %d", status.Method, status.Path, status.Status))
	}
	return err
}

// refusedClient is what to do where Zendesk gives the client no token. Whether the
// client is unknown or its secret is wrong it doesn't tell apart.
func refusedClient(e *rest.GrantError) rules.Words {
	switch e.Code {
	case "invalid_client":
		return rules.Words{
			FR: "client_id doit être l'Identifier du client, ni son nom ni son numéro, et client_secret son Secret, montré une seule fois : s'il est perdu, Regenerate en fait un autre ; " + clientsPlace,
			EN: "client_id must be the client's Identifier, not its name or number, and client_secret its Secret, which is shown once: where it is lost, Regenerate makes another; " + clientsPlace}
	case "unauthorized_client", "invalid_grant", "unsupported_grant_type":
		return rules.Words{
			FR: "le client OAuth doit être du type (client kind) Confidential, un client public ne pouvant se connecter seul ; " + clientsPlace,
			EN: "the OAuth client must be of the client kind Confidential, for a public one may not sign in by itself; " + clientsPlace}
	case "invalid_scope":
		f := lacking("", "")
		return rules.Words{FR: f.FR.Remedy, EN: f.Remedy}
	}
	return rules.Words{
		FR: "le client OAuth doit exister, être du type Confidential, et qui l'a fait être encore admin ; " + clientsPlace,
		EN: "the OAuth client must be there, of the kind Confidential, and who made it be an admin still; " + clientsPlace}
}

// refusedToken is what to do where Zendesk doesn't know the token.
func (c *Client) refusedToken() rules.Words {
	switch {
	case c.cfg.OAuth != nil:
		return rules.Words{
			FR: "le compte qui a fait le client OAuth doit être celui d'un admin actif ; sinon, faire créer un client par un autre dans " + clientsPlace,
			EN: "the account that made the OAuth client must be an active admin's; or let another admin make a client in " + clientsPlace}
	case c.cfg.Email == "":
		return rules.Words{
			FR: "le jeton d'accès est faux, fini ou révoqué ; mieux qu'un autre : un client OAuth (client_id, client_secret), dont les jetons sont renouvelés, fait dans " + clientsPlace,
			EN: "the access token is wrong, has ended or was revoked; better than another one is an OAuth client (client_id, client_secret), whose tokens are renewed, made in " + clientsPlace}
	}
	return rules.Words{
		FR: "le jeton doit être actif et appartenir à ce compte, et l'accès par jeton être permis : " + tokensPlace + " ; Zendesk n'en fait plus, et les arrête tous le 30/04/2027 : écrire à la place client_id et client_secret, d'un client OAuth fait dans " + clientsPlace,
		EN: "the token must be active, belong to this account, and token access be on: " + tokensPlace + "; Zendesk makes no new ones, and ends all on 2027-04-30: write client_id and client_secret instead, of an OAuth client made in " + clientsPlace}
}
