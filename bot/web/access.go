package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"vigie/bot/store"
)

// Who may see people's pages: whoever has the token, as a bearer or by a cookie
// that the login form gave for it; and whom a proxy of the configuration has signed
// in, as its header says; and whom an issuer has signed in (oidc.go). Where none is configured, only somebody at the very
// machine (home.go), as long as there is no public address and no webhook has come
// from elsewhere: where a vendor's call comes in, a stranger's does.

// people lets a page be seen by those who may.
func (g *gate) people(h handler) handler { return g.admit(h, g.atHome) }

// machines lets the metrics be seen by those who may. They name no ticket, and
// whoever collects them on this machine is a user of its own.
func (g *gate) machines(h handler) handler { return g.admit(h, local) }

// admit lets an answer be seen by those who may; unasked says who may where nobody
// can be asked for a token.
func (g *gate) admit(h handler, unasked func(*http.Request) bool) handler {
	s := g.Server
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Vary", "Accept-Language, Cookie")
		token := s.Token()
		switch {
		case s.signedIn(r):
			s.noteProxied(r)
			return h(w, r)
		case s.person(r) != "":
			return h(w, r)
		case token == "" && s.OIDC != nil:
			return s.askToken(w, r, r.URL, false)
		case token == "" && s.ProxyHeader != "":
			return &refusal{http.StatusForbidden, speak(r).Say("refusal.no_proxy")}
		case token == "" && (s.PublicURL != "" || !unasked(r)):
			return &refusal{http.StatusForbidden, speak(r).Say("refusal.no_token")}
		case token == "" || s.session(r):
			return h(w, r)
		}
		if given := bearer(r); given != "" {
			switch right, err := g.guess(r, given); {
			case err != nil:
				return err
			case right:
				return h(w, r)
			}
		}
		switch {
		case r.Header.Get("Sec-Fetch-Site") == "cross-site" && r.Header.Get("Sec-Fetch-Mode") == "navigate":
			// A link in Slack: a strict cookie stays at home then, but comes
			// along when our own page asks again.
			return s.render(w, http.StatusUnauthorized, "again.html", loginPage{page: s.page(r), Next: r.URL.RequestURI()})
		}
		return s.askToken(w, r, r.URL, false)
	}
}

// signedIn says that a proxy of ours names a person. Two names are none: one may
// be the caller's own, which the proxy has let through.
func (s *Server) signedIn(r *http.Request) bool {
	names := r.Header.Values(s.ProxyHeader)
	return s.ProxyHeader != "" && s.trusted(peer(r)) && len(names) == 1 && strings.TrimSpace(names[0]) != ""
}

// reader is whom somebody else vouches for: the proxy, or the issuer. "" if nobody does.
func (s *Server) reader(r *http.Request) string {
	if s.signedIn(r) {
		return strings.TrimSpace(r.Header.Get(s.ProxyHeader))
	}
	return s.person(r)
}

// right compares a token in a time that doesn't tell where it differs, nor how
// long the right one is.
func (s *Server) right(token string) bool {
	given, want := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(s.Token()))
	return hmac.Equal(given[:], want[:])
}

// guess says whether a token is right. An address that was wrong too often isn't
// told any more, right or wrong: who is signed in already stays so.
func (g *gate) guess(r *http.Request, token string) (bool, error) {
	who, _ := g.client(r)
	if g.guesses.out(who, g.clock()) {
		return false, &refusal{http.StatusTooManyRequests, speak(r).Say("refusal.too_many")}
	}
	right := g.right(token)
	if !right {
		g.guesses.add(who, g.clock())
		g.Log.Warn("wrong token", "address", who)
		g.audit(r, "refused/"+g.Now().UTC().Format("2006-01-02T15"), store.Entry{What: store.RefusedToken})
	}
	return right, nil
}

// bearer is the token that a request brings, "" if none.
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return token
}

const (
	cookieName    = "vigie_session"
	sessionLength = 30 * 24 * time.Hour
)

// session says whether a request has a cookie of ours that still holds.
func (s *Server) session(r *http.Request) bool {
	c, err := r.Cookie(cookieName)
	if err != nil {
		return false
	}
	until, _, _ := strings.Cut(c.Value, ".")
	end, err := strconv.ParseInt(until, 10, 64)
	return err == nil && s.clock().Unix() < end && hmac.Equal([]byte(c.Value), []byte(s.sessionUntil(end)))
}

// sessionUntil is a cookie's value: when it ends, and a proof that we said so.
// The token can't be had from it, and a new token ends all sessions.
func (s *Server) sessionUntil(end int64) string {
	until := strconv.FormatInt(end, 10)
	mac := hmac.New(sha256.New, []byte(s.Token()))
	mac.Write([]byte("session until " + until))
	return until + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// login gives a cookie for the token, and goes on to the page that was asked for.
// A form on another site can't send it: the browser says where it stands
// (Sec-Fetch-Site, Origin), and the cookie it could bring is strict.
func (g *gate) login(w http.ResponseWriter, r *http.Request) error {
	s := g.Server
	if err := g.ownForm(w, r); err != nil {
		return err
	}
	next := ownPath(r.PostForm.Get("next"))
	if s.Token() != "" {
		right, err := g.guess(r, strings.TrimSpace(r.PostForm.Get("token")))
		if err != nil {
			return err
		}
		if !right {
			return s.askToken(w, r, next, true)
		}
		s.audit(r, "", store.Entry{What: store.SignedInByToken, Who: "token"})
		end := s.clock().Add(sessionLength)
		http.SetCookie(w, &http.Cookie{
			Name: cookieName, Value: s.sessionUntil(end.Unix()), Path: "/", MaxAge: int(sessionLength / time.Second),
			HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.encrypted(r),
		})
	}
	http.Redirect(w, r, next.RequestURI(), http.StatusSeeOther)
	return nil
}

// ownForm reads a form, which must stand on a page of ours.
func (g *gate) ownForm(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	if err := g.origins.Check(r); err != nil {
		return &refusal{http.StatusForbidden, speak(r).Say("refusal.elsewhere")}
	}
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	if err := r.ParseForm(); err != nil {
		return &refusal{http.StatusBadRequest, speak(r).Say("refusal.bad_form")}
	}
	return nil
}

// afterLogin is where who reloads or bookmarks the form ends up: at the form, or
// at the board once they are in.
func (s *Server) afterLogin(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, s.page(r).Link("/"), http.StatusSeeOther)
	return nil
}

// ownPath is a page of this server, the board unless the text names another,
// and never another server's.
func ownPath(text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") ||
		strings.HasPrefix(u.Path, "//") || strings.Contains(u.Path, "\\") {
		return &url.URL{Path: "/"}
	}
	return u
}

// encrypted says that the browser spoke https: to us, to the proxy before us, or
// to the public address, whose proxy needn't say so.
func (s *Server) encrypted(r *http.Request) bool {
	first, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Proto"), ",")
	public, ok := strings.CutPrefix(s.PublicURL, "https://")
	host, _, _ := strings.Cut(public, "/")
	return r.TLS != nil || strings.EqualFold(strings.TrimSpace(first), "https") || ok && strings.EqualFold(r.Host, host)
}

type loginPage struct {
	page
	Next  string
	Wrong bool
	Token bool // it can be given
	OIDC  bool // an issuer can be asked
}

func (s *Server) askToken(w http.ResponseWriter, r *http.Request, next *url.URL, wrong bool) error {
	p := s.page(r)
	p.path, p.query = next.EscapedPath(), next.Query() // the page that was asked for, in the other language
	w.Header().Set("WWW-Authenticate", `Bearer realm="vigie"`)
	return s.render(w, http.StatusUnauthorized, "login.html", loginPage{page: p, Next: next.RequestURI(), Wrong: wrong, Token: s.Token() != "", OIDC: s.OIDC != nil})
}
