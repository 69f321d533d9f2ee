package zendesk

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/connectors/sandbox/stage"
)

// An OAuthClient is one of the kind "confidential": its identifier and its secret.
type OAuthClient struct{ ID, Secret string }

// accessToken is an access token. Zendesk makes it in the name of the admin who made
// the client, or of whom it was given to.
type accessToken struct {
	id      int64
	scopes  []string
	created time.Time
	end     time.Time
}

// How long a token lives, in seconds: unless asked, at least, at most
// (developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens).
const (
	tokenLife    = 1800
	tokenMinimum = 300
	tokenMaximum = 172_800
)

// oauthError is a refusal by RFC 6749, 5.2, in the words that Zendesk has for it.
type oauthError struct {
	status      int
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

var (
	errInvalidClient = &oauthError{http.StatusUnauthorized, "invalid_client", "The client identifier provided is invalid, the client failed to authenticate, the client did not include its credentials, " +
		"provided multiple client credentials, or used unsupported credentials type."}
	errUnauthorizedClient = &oauthError{http.StatusBadRequest, "unauthorized_client", "The authenticated client is not authorized to use the access grant type provided."}
	errUnsupportedGrant   = &oauthError{http.StatusBadRequest, "unsupported_grant_type", "The access grant included - its type or another attribute - is not supported by the authorization server."}
	errInvalidScope       = &oauthError{http.StatusBadRequest, "invalid_scope", "The requested scope is invalid, unknown, malformed, or exceeds the scope granted by the resource owner."}
	errInvalidExpiry      = &oauthError{http.StatusBadRequest, "invalid_request", fmt.Sprintf("expires_in must be between %d and %d", tokenMinimum, tokenMaximum)}
	errInvalidToken       = &oauthError{http.StatusUnauthorized, "invalid_token", "The access token provided is expired, revoked, malformed or invalid for other reasons."}
)

func (e *oauthError) send(w http.ResponseWriter) {
	if e == errInvalidToken {
		w.Header().Set("WWW-Authenticate", `Bearer realm="Web Password", error="invalid_token"`)
	}
	w.WriteHeader(e.status)
	_, _ = w.Write(stage.JSON(e)) // into a buffer
}

// postToken is POST /oauth/tokens, which takes JSON and forms.
func (d *Desk) postToken(w http.ResponseWriter, r *http.Request) {
	d.open()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if e := d.countRequest(w.Header()); e != nil {
		send(w, e)
		return
	}
	in := oauthForm(r)
	client := *d.client
	life, err := strconv.Atoi(in.Get("expires_in"))
	switch {
	case in.Get("grant_type") != "client_credentials":
		errUnsupportedGrant.send(w)
		return
	case client.ID == "" || in.Get("client_id") != client.ID || subtle.ConstantTimeCompare([]byte(in.Get("client_secret")), []byte(client.Secret)) != 1:
		errInvalidClient.send(w)
		return
	case d.Faults.Has(vendor, "oauth-client-public"):
		errUnauthorizedClient.send(w)
		return
	case d.Faults.Has(vendor, "oauth-scopes-restricted") && in.Get("scope") != "read":
		errInvalidScope.send(w)
		return
	case in.Get("expires_in") == "":
		life = tokenLife
	case err != nil || life < tokenMinimum || life > tokenMaximum:
		errInvalidExpiry.send(w)
		return
	}
	if most := int(d.options.TokenLife.Seconds()); most > 0 {
		life = min(life, most)
	}
	scopes := strings.Fields(in.Get("scope"))
	if len(scopes) == 0 {
		scopes = []string{"read", "write"}
	}
	if d.Faults.Has(vendor, "oauth-scope-dropped") {
		scopes = []string{"read"}
	}
	text := d.issueToken(scopes, time.Duration(life)*time.Second)
	_, _ = w.Write(stage.JSON(map[string]any{"access_token": text, "token_type": "bearer", "scope": strings.Join(scopes, " "), "expires_in": life}))
}

// oauthForm are the values of a request for a token.
func oauthForm(r *http.Request) url.Values {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/json" {
		form, _ := url.ParseQuery(string(body)) // what can't be read is missing
		return form
	}
	var in map[string]any
	_ = json.Unmarshal(body, &in) // the same
	form := url.Values{}
	for name, v := range in {
		form.Set(name, fmt.Sprint(v))
	}
	return form
}

func (d *Desk) issueToken(scopes []string, life time.Duration) (text string) {
	if d.tokens == nil {
		d.tokens = map[string]*accessToken{}
	}
	d.issued++
	text = fmt.Sprintf("sandbox-access-token-%d", d.issued)
	now := d.Real()
	d.tokens[text] = &accessToken{id: d.issued, scopes: scopes, created: now, end: now.Add(life)}
	return text
}

// currentToken is GET oauth/tokens/current: of the token itself it shows the beginning.
func (d *Desk) currentToken(c *call) (any, *apiError) {
	text := bearer(c.Request)
	t := d.tokens[text]
	if t == nil {
		return nil, errNotFound // an API token isn't one of OAuth's
	}
	return map[string]any{"token": map[string]any{"id": t.id, "url": address("oauth/tokens", t.id), "client_id": 1, "user_id": c.by.user.ID,
		"token": text[:min(len(text), 10)], "scopes": t.scopes, "created_at": t.created.UTC().Format(time.RFC3339), "expires_at": t.end.UTC().Format(time.RFC3339),
		"used_at": nil, "refresh_token": nil, "refresh_token_expires_at": nil}}, nil
}

func bearer(r *http.Request) string {
	text, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return text
}

// scopedResources are those that have scopes of their own; others want "read" or
// "write" for all (developer.zendesk.com/api-reference/ticketing/oauth/oauth_tokens).
var scopedResources = []string{"tickets", "users", "organizations", "hc", "apps", "triggers", "automations", "targets", "webhooks"}

// missingScope is the scope that a request's token lacks; empty if it has all.
func missingScope(r *http.Request, scopes []string) string {
	access := "write"
	if r.Method == http.MethodGet {
		access = "read"
	}
	resource, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/api/v2/"), "/")
	resource = strings.TrimSuffix(resource, ".json")
	if slices.Contains(scopes, access) {
		return ""
	}
	if slices.Contains(scopedResources, resource) && (slices.Contains(scopes, resource) || slices.Contains(scopes, resource+":"+access)) {
		return ""
	}
	return access
}

// IssueToken gives the account's admin an access token that lives that long, as a
// person would make it.
func (d *Desk) IssueToken(life time.Duration, scopes ...string) (text string) {
	d.act(func(*State) error {
		text = d.issueToken(scopes, life)
		return nil
	})
	return text
}

// RegenerateSecret has an admin give the OAuth client another secret.
func (d *Desk) RegenerateSecret(secret string) {
	d.act(func(*State) error {
		d.client.Secret = secret
		return nil
	})
}

// RevokeTokens has an admin revoke all access tokens.
func (d *Desk) RevokeTokens() {
	d.act(func(*State) error {
		clear(d.tokens)
		return nil
	})
}
