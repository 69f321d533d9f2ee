package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/sync/singleflight"
)

// A Grant lets requests in as an OAuth client that acts for itself (client
// credentials, RFC 6749, 4.4): it fetches an access token, sets it on each request,
// and fetches the next before that ends, or once it is refused. However many
// requests need a token at once, one is asked for. Tokens are kept in memory alone,
// so each process has its own.
//
// Authorize and Renew go into a Transport. The exported fields are set before the
// first request.
type Grant struct {
	URL     string        // where tokens are asked for, such as https://acme.zendesk.com/oauth/tokens
	ID      string        // the client's identifier
	Secret  func() string // the secret that holds now; a token of another one is dropped
	Scopes  []string      // what the tokens are asked to be good for
	Life    time.Duration // how long they are asked to be; 0 = as the vendor likes
	Through *Transport    // how tokens are asked for: under its limits and its time-outs, without its credentials

	flight singleflight.Group
	mu     sync.Mutex
	have   *AccessToken
}

// An AccessToken is what a Grant has from the vendor.
type AccessToken struct {
	Scopes []string  // what it is good for, by the vendor's words; none where the vendor doesn't say
	End    time.Time // zero where the vendor doesn't say

	text, secret string
	renew        time.Time // from when on the next one is asked for
}

const (
	shortestLife = 5 * time.Minute // of a token whose end the vendor doesn't name, and no life was asked for
	fetchWithin  = time.Minute     // for one token, repeats included
)

// Authorize puts a token on a request. Its error is a *GrantError, or the request's
// context's.
func (g *Grant) Authorize(r *http.Request) error {
	t, err := g.Token(r.Context())
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", t.header())
	return nil
}

// Renew forgets the token that a refused request bore, unless that is done already.
func (g *Grant) Renew(refused *http.Request) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.have != nil && refused.Header.Get("Authorization") == g.have.header() {
		g.have = nil
	}
	return true
}

// Token is a token that holds now. While the one before holds still, nobody waits
// for the next one.
func (g *Grant) Token(ctx context.Context) (AccessToken, error) {
	secret := g.Secret()
	have, holds, fresh := g.held(secret)
	if fresh {
		return have, nil
	}
	// The fetch is for all that wait: who began it may give up before the others.
	done := g.flight.DoChan(secret, func() (any, error) {
		if have, _, fresh := g.held(secret); fresh {
			return have, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchWithin)
		defer cancel()
		return g.fetch(ctx, secret)
	})
	if holds {
		return have, nil
	}
	select {
	case <-ctx.Done():
		return AccessToken{}, ctx.Err()
	case got := <-done:
		if got.Err != nil {
			return AccessToken{}, got.Err
		}
		return got.Val.(AccessToken), nil
	}
}

// held is the token that there is, whether it holds, and whether it is too early to
// ask for the next one.
func (g *Grant) held(secret string) (have AccessToken, holds, fresh bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.have == nil || g.have.secret != secret {
		return AccessToken{}, false, false
	}
	now := g.Through.now()
	return *g.have, now.Before(g.have.End), now.Before(g.have.renew)
}

func (t AccessToken) header() string { return "Bearer " + t.text }

// fetch asks for a token and keeps it. A repeated request makes another token, of
// which the first is never used: no harm.
func (g *Grant) fetch(ctx context.Context, secret string) (AccessToken, error) {
	bare := *g.Through
	bare.Authorize, bare.Renew = nil, nil
	bare.Retry = func(*http.Request) bool { return true }
	asked := clientcredentials.Config{ClientID: g.ID, ClientSecret: secret, TokenURL: g.URL, Scopes: g.Scopes, AuthStyle: oauth2.AuthStyleInParams}
	if g.Life > 0 {
		asked.EndpointParams = url.Values{"expires_in": {strconv.Itoa(int(g.Life.Seconds()))}}
	}
	begun := bare.now()
	answer, err := asked.Token(context.WithValue(ctx, oauth2.HTTPClient, bare.Client()))
	if err != nil {
		return AccessToken{}, grantError(err, g.URL)
	}
	life := cmp.Or(seconds(answer.Extra("expires_in")), g.Life, shortestLife)
	t := AccessToken{End: begun.Add(life), text: answer.AccessToken, secret: secret}
	t.renew = t.End.Add(-max(life/10, min(life/2, 30*time.Second)))
	if scope, ok := answer.Extra("scope").(string); ok {
		t.Scopes = strings.Fields(scope)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.have = &t
	return t, nil
}

// seconds is a number of seconds in an answer; 0 for anything else.
func seconds(v any) time.Duration {
	n, ok := v.(float64)
	if !ok || n < 1 || n > 1e9 {
		return 0
	}
	return time.Duration(n) * time.Second
}

// A GrantError says that there is no token, and so the request that needed one
// wasn't sent.
type GrantError struct {
	Path   string // of the request for the token
	Status int    // of the answer; 0 without one
	Code   string // why the client is refused, by RFC 6749, 5.2, such as invalid_client; empty where the vendor doesn't say

	after time.Duration
	cause error // nil where there was an answer: it may repeat what was sent, and its status isn't the request's
}

func (e *GrantError) Error() string {
	switch {
	case e.cause != nil:
		return "no access token: " + e.cause.Error()
	case e.Code != "":
		return fmt.Sprintf("no access token: POST %s: %d %s", e.Path, e.Status, e.Code)
	case e.Status/100 == 2:
		return fmt.Sprintf("no access token: POST %s: the answer isn't the API's", e.Path)
	}
	return strings.TrimSpace(fmt.Sprintf("no access token: POST %s: %d %s", e.Path, e.Status, http.StatusText(e.Status)))
}

// Unwrap is why there was no answer; nil if there was one.
func (e *GrantError) Unwrap() error { return e.cause }

// Denied says that the vendor doesn't accept the client: until a person acts, it
// won't.
func (e *GrantError) Denied() bool {
	return e.Code != "" || e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden
}

// RetryIn is the wait that the vendor or our share of its quota asks for, 0 when
// there is none.
func (e *GrantError) RetryIn() time.Duration { return e.after }

// refusals are the names that RFC 6749 has for a refused client. No other text of
// an answer is shown: it may repeat what was sent, such as the secret.
var refusals = regexp.MustCompile(`^(invalid_request|invalid_client|invalid_grant|unauthorized_client|unsupported_grant_type|invalid_scope|access_denied)$`)

func grantError(err error, address string) *GrantError {
	e := &GrantError{}
	if u, _ := url.Parse(address); u != nil {
		e.Path = u.Path
	}
	var status *StatusError
	var answer *oauth2.RetrieveError
	var cut *cutError
	switch {
	case errors.As(err, &status):
		e.Status, e.Code, e.after = status.Status, status.Code, status.RetryAfter
	case errors.As(err, &answer): // an error in an answer of 200
		e.Status, e.Code = http.StatusOK, answer.ErrorCode
	case errors.As(err, &cut):
		e.cause = cut
		var full *QuotaError
		if errors.As(cut, &full) {
			e.after = full.In
		}
	default: // the library's own, which may show what it couldn't read
		e.Status = http.StatusOK
	}
	if e.Code = strings.TrimSpace(e.Code); !refusals.MatchString(e.Code) || e.Status >= 500 {
		e.Code = ""
	}
	return e
}
