package web

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"vigie/bot/store"
)

// People can be signed in by an OpenID Connect issuer (OpenID Connect Core 1.0, section
// 3.1, the code flow, with PKCE as RFC 7636 has it). What the answer must fit, its state,
// its nonce and the verifier, goes along in the browser's own cookie, signed, so that any
// replica can take the answer; and an answer is taken once. Whoever then has an e-mail
// address that the issuer has verified, and that is allowed, has a session of some hours.
// Both cookies are signed with the client's secret: a new one ends all sessions.

// OIDC is who signs people in. Its fields are set before it is used; it is not copied
// afterwards.
type OIDC struct {
	Issuer   string // its address, as its own documents name it
	ClientID string
	Secret   func() string
	Allow    []string     // e-mail addresses, and domains with @ before them
	HTTP     *http.Client // asks the issuer

	mu    sync.Mutex
	asked *oidc.Provider // once it has answered
}

const (
	asideCookie  = "vigie_signing_in" // what an answer must fit
	personCookie = "vigie_person"
	asideLength  = 10 * time.Minute
	personLength = 12 * time.Hour
	issuerTime   = 10 * time.Second // that the issuer has for each sign-in
	callbackPath = "/oidc/callback"
)

// An aside is what the answer to a sign-in must fit.
type aside struct {
	State, Nonce, Verifier string
	Next                   string // the page that was asked for
	Until                  int64  // unix seconds
}

// A person is whom the issuer has signed in.
type person struct {
	Email string
	Until int64 // unix seconds
}

// provider is the issuer by its own documents, which are asked for until it answers.
func (o *OIDC) provider(ctx context.Context) (*oidc.Provider, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.asked != nil {
		return o.asked, nil
	}
	p, err := oidc.NewProvider(oidc.ClientContext(ctx, o.HTTP), o.Issuer)
	if err == nil {
		o.asked = p
	}
	return p, err
}

func (s *Server) oauth(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: s.OIDC.ClientID, ClientSecret: s.OIDC.Secret(), Endpoint: p.Endpoint(), RedirectURL: s.PublicURL + callbackPath, Scopes: []string{oidc.ScopeOpenID, "email"}}
}

// allowed says whether somebody of an e-mail address may see the pages.
func (o *OIDC) allowed(email string) bool {
	at := strings.LastIndex(email, "@")
	if at < 1 {
		return false
	}
	for _, a := range o.Allow {
		if strings.EqualFold(a, email) || strings.HasPrefix(a, "@") && strings.EqualFold(a, email[at:]) {
			return true
		}
	}
	return false
}

// toIssuer sends the browser to the issuer.
func (g *gate) toIssuer(w http.ResponseWriter, r *http.Request) error {
	s := g.Server
	w.Header().Set("Cache-Control", "no-store")
	if s.OIDC == nil {
		return &refusal{http.StatusNotFound, speak(r).Say("refusal.no_oidc")}
	}
	ctx, cancel := context.WithTimeout(r.Context(), issuerTime)
	defer cancel()
	p, err := s.OIDC.provider(ctx)
	if err != nil {
		s.Log.Error("the issuer doesn't answer", "issuer", s.OIDC.Issuer, "err", err)
		return &refusal{http.StatusBadGateway, speak(r).Say("refusal.issuer")}
	}
	a := aside{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Next: ownPath(r.URL.Query().Get("next")).RequestURI(), Until: s.clock().Add(asideLength).Unix()}
	if len(a.Next) > 2000 { // a cookie has 4,096 bytes
		a.Next = "/"
	}
	if err := s.setSealed(w, r, asideCookie, a, asideLength); err != nil {
		return err
	}
	http.Redirect(w, r, s.oauth(p).AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), http.StatusSeeOther)
	return nil
}

// fromIssuer takes the issuer's answer, and goes on to the page that was asked for.
func (g *gate) fromIssuer(w http.ResponseWriter, r *http.Request) error {
	s := g.Server
	w.Header().Set("Cache-Control", "no-store")
	if s.OIDC == nil {
		return &refusal{http.StatusNotFound, speak(r).Say("refusal.no_oidc")}
	}
	from, _ := g.client(r)
	if g.guesses.out(from, g.clock()) {
		return &refusal{http.StatusTooManyRequests, speak(r).Say("refusal.too_many")}
	}
	email, next, err := s.answered(r)
	http.SetCookie(w, &http.Cookie{Name: asideCookie, Path: "/oidc/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.secure(r)})
	if err == nil && !s.OIDC.allowed(email) {
		s.Log.Warn("nobody of those allowed", "address", from, "user", email)
		s.audit(r, "", store.Entry{What: store.RefusedPerson, Who: email})
		return &refusal{http.StatusForbidden, speak(r).Say("refusal.not_allowed", "name", email)}
	}
	if err != nil {
		g.guesses.add(from, g.clock())
		s.Log.Warn("sign-in refused", "address", from, "err", err)
		return &refusal{http.StatusUnauthorized, speak(r).Say("refusal.sign_in")}
	}
	if err := s.setSealed(w, r, personCookie, person{email, s.clock().Add(personLength).Unix()}, personLength); err != nil {
		return err
	}
	s.audit(r, "", store.Entry{What: store.SignedInByOIDC, Who: email})
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// answered is whom the issuer's answer names, if it is one to a question of ours, and
// the first to it.
func (s *Server) answered(r *http.Request) (email, next string, err error) {
	var a aside
	q := r.URL.Query()
	switch {
	case !s.sealed(r, asideCookie, &a) || s.clock().Unix() >= a.Until:
		return "", "", errors.New("this browser isn't signing in, or took too long")
	case !hmac.Equal([]byte(q.Get("state")), []byte(a.State)):
		return "", "", errors.New("the answer is to another question")
	case q.Get("error") != "":
		return "", "", fmt.Errorf("the issuer says %.200q", q.Get("error"))
	}
	until := time.Unix(a.Until, 0)
	switch first, err := s.Store.UseState(r.Context(), a.State, s.clock(), until); {
	case err != nil:
		return "", "", err
	case !first:
		return "", "", errors.New("the answer was used before")
	}
	ctx, cancel := context.WithTimeout(r.Context(), issuerTime)
	defer cancel()
	p, err := s.OIDC.provider(ctx)
	if err != nil {
		return "", "", err
	}
	token, err := s.oauth(p).Exchange(oidc.ClientContext(ctx, s.OIDC.HTTP), q.Get("code"), oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return "", "", issuersError(err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := p.VerifierContext(oidc.ClientContext(ctx, s.OIDC.HTTP), &oidc.Config{ClientID: s.OIDC.ClientID, Now: s.clock}).Verify(ctx, raw)
	if err != nil {
		return "", "", err
	}
	var claims struct {
		Email    string `json:"email"`
		Verified bool   `json:"email_verified"`
	}
	switch err := id.Claims(&claims); {
	case err != nil:
		return "", "", err
	case !hmac.Equal([]byte(id.Nonce), []byte(a.Nonce)):
		return "", "", errors.New("the token has another nonce")
	case claims.Email == "" || !claims.Verified:
		return "", "", errors.New("the issuer hasn't verified the person's e-mail address")
	}
	return claims.Email, ownPath(a.Next).RequestURI(), nil
}

// issuersError is an error of the token endpoint without its body, which may hold
// anything.
func issuersError(err error) error {
	var e *oauth2.RetrieveError
	if errors.As(err, &e) {
		return fmt.Errorf("the issuer gives no token: %.100q", cmp.Or(e.ErrorCode, e.Response.Status))
	}
	return err
}

// person is whom the issuer has signed in; "" if nobody, or somebody who isn't allowed
// any more.
func (s *Server) person(r *http.Request) string {
	var p person
	if s.OIDC == nil || !s.sealed(r, personCookie, &p) || s.clock().Unix() >= p.Until || !s.OIDC.allowed(p.Email) {
		return ""
	}
	return p.Email
}

// signOut ends the reader's sessions in this browser.
func (g *gate) signOut(w http.ResponseWriter, r *http.Request) error {
	s := g.Server
	if err := g.ownForm(w, r); err != nil {
		return err
	}
	for _, name := range []string{personCookie, cookieName} {
		http.SetCookie(w, &http.Cookie{Name: name, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.secure(r)})
	}
	s.audit(r, "", store.Entry{What: store.SignedOut, Who: s.known(r)})
	http.Redirect(w, r, s.page(r).Link("/"), http.StatusSeeOther)
	return nil
}

// setSealed gives a cookie whose content only we can have written.
func (s *Server) setSealed(w http.ResponseWriter, r *http.Request, name string, content any, length time.Duration) error {
	text, err := json.Marshal(content)
	if err != nil {
		return err
	}
	path := "/"
	if name == asideCookie {
		path = "/oidc/"
	}
	value := base64.RawURLEncoding.EncodeToString(text)
	http.SetCookie(w, &http.Cookie{Name: name, Value: value + "." + s.seal(name, value), Path: path, MaxAge: int(length / time.Second), HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.secure(r)})
	return nil
}

// sealed reads such a cookie, if there is one of ours.
func (s *Server) sealed(r *http.Request, name string, into any) bool {
	c, err := r.Cookie(name)
	if err != nil {
		return false
	}
	value, seal, _ := strings.Cut(c.Value, ".")
	if s.OIDC.Secret() == "" || !hmac.Equal([]byte(seal), []byte(s.seal(name, value))) {
		return false
	}
	text, err := base64.RawURLEncoding.DecodeString(value)
	return err == nil && json.Unmarshal(text, into) == nil
}

func (s *Server) seal(name, value string) string {
	mac := hmac.New(sha256.New, []byte(s.OIDC.Secret()))
	mac.Write([]byte("vigie cookie " + name + " " + value))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// secure says that a cookie is for https alone.
func (s *Server) secure(r *http.Request) bool {
	return strings.HasPrefix(s.PublicURL, "https://") || s.encrypted(r)
}
