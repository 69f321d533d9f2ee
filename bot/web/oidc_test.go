package web_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"vigie/bot/store"
	"vigie/bot/web"
	"vigie/rules"
)

// An issuer signs one person in, by OpenID Connect's own documents: discovery, keys and
// tokens over HTTP, each code once, with the verifier that its question's challenge asks
// for. claim changes what its token says.
type issuer struct {
	*httptest.Server
	key   *rsa.PrivateKey
	now   func() time.Time
	codes map[string]url.Values // by code: the question
	claim map[string]any
	sign  *rsa.PrivateKey // nil: its own key
}

func newIssuer(t *testing.T, now func() time.Time) *issuer {
	i := &issuer{key: must(rsa.GenerateKey(rand.Reader, 2048)), now: now, codes: map[string]url.Values{}, claim: map[string]any{}}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"}, "subject_types_supported": []string{"public"}, "response_types_supported": []string{"code"}})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &i.key.PublicKey, KeyID: "1", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		code := rand.Text()
		i.codes[code] = q
		http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		q, known := i.codes[r.FormValue("code")]
		delete(i.codes, r.FormValue("code"))
		id, secret, _ := r.BasicAuth()
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if !known || id != "vigie" || secret != "s3cret" || q.Get("code_challenge_method") != "S256" || base64.RawURLEncoding.EncodeToString(sum[:]) != q.Get("code_challenge") || r.FormValue("redirect_uri") != q.Get("redirect_uri") {
			w.WriteHeader(http.StatusBadRequest)
			answer(w, map[string]string{"error": "invalid_grant", "error_description": "no s3cret"})
			return
		}
		claims := map[string]any{"iss": i.URL, "aud": "vigie", "sub": "7", "iat": i.now().Unix(), "exp": i.now().Add(5 * time.Minute).Unix(), "nonce": q.Get("nonce"), "email": "nadia@acme.example", "email_verified": true}
		maps.Copy(claims, i.claim)
		key := i.key
		if i.sign != nil {
			key = i.sign
		}
		signer := must(jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", "1")))
		token := must(must(signer.Sign(must(json.Marshal(claims)))).CompactSerialize())
		answer(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": token})
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

// withIssuer is a house whose people an issuer signs in, and a browser's way to it.
func withIssuer(t *testing.T) (*house, *issuer) {
	h := housed(t)
	i := newIssuer(t, func() time.Time { return h.clock })
	h.PublicURL = "https://vigie.example"
	h.OIDC = &web.OIDC{Issuer: i.URL, ClientID: "vigie", Secret: func() string { return "s3cret" }, Allow: []string{"@acme.example", "lea@partner.example"}, HTTP: i.Client()}
	return h, i
}

func named(a answer, name string) *http.Cookie {
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if c.Name == name {
			return c
		}
	}
	return &http.Cookie{}
}

// begin asks to be signed in, and gives the way back that the issuer sends the browser
// to, and the cookie that it brings along.
func (h *house) begin(t *testing.T, i *issuer, next string) (back, cookie string) {
	t.Helper()
	a := h.ask(t, "GET", "/oidc/login?next="+url.QueryEscape(next), nil)
	c := named(a, "vigie_signing_in")
	if a.status != http.StatusSeeOther || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/oidc/" {
		t.Fatalf("got %d, cookie %v", a.status, c)
	}
	client := *i.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp := must(client.Get(a.header.Get("Location")))
	resp.Body.Close()
	to := resp.Header.Get("Location")
	back, found := strings.CutPrefix(to, "https://vigie.example")
	if !found {
		t.Fatalf("the issuer sends back to %q", to)
	}
	return back, c.Name + "=" + c.Value
}

func TestSignInWithOpenIDConnect(t *testing.T) {
	h, i := withIssuer(t)
	if a := h.ask(t, "GET", "/?state=missed", nil); a.status != 401 || !strings.Contains(a.body, `action="/oidc/login"`) || !strings.Contains(a.body, `value="/?state=missed"`) || strings.Contains(a.body, `name="token"`) {
		t.Errorf("who isn't signed in is told %d %s", a.status, words(a.body))
	}
	back, aside := h.begin(t, i, "/?holder=me")
	a := h.ask(t, "GET", back, nil, "Cookie", aside)
	c := named(a, "vigie_person")
	if a.status != http.StatusSeeOther || a.header.Get("Location") != "/?holder=me" || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge != 12*3600 {
		t.Fatalf("got %d to %q, cookie %v", a.status, a.header.Get("Location"), c)
	}
	if gone := named(a, "vigie_signing_in"); gone.MaxAge >= 0 {
		t.Errorf("the question's cookie stays: %v", gone)
	}
	in := []string{"Cookie", c.Name + "=" + c.Value}
	page := h.get(t, "/?holder=me", in...)
	if got := refs(page); got != "2" || strings.Contains(page, `action="/me"`) {
		t.Errorf("mine are %q", got)
	}
	expectWords(t, h.get(t, "/audit", in...), "nadia@acme.example signed in with OpenID Connect")
	flipped := "A"
	if strings.HasPrefix(c.Value, "A") {
		flipped = "B"
	}
	for name, value := range map[string]string{"changed": flipped + c.Value[1:], "unsigned": strings.Split(c.Value, ".")[0], "another's": strings.TrimPrefix(aside, "vigie_signing_in="), "empty": ""} {
		if a := h.ask(t, "GET", "/", nil, "Cookie", "vigie_person="+value); a.status != 401 {
			t.Errorf("%s: got %d", name, a.status)
		}
	}
	h.OIDC.Allow = []string{"@other.example"}
	if a := h.ask(t, "GET", "/", nil, in...); a.status != 401 {
		t.Errorf("who isn't allowed any more sees %d", a.status)
	}
	h.OIDC.Allow = []string{"nadia@ACME.example"}
	h.clock = h.clock.Add(12*time.Hour - time.Second)
	h.get(t, "/", in...)
	h.clock = h.clock.Add(time.Second)
	if a := h.ask(t, "GET", "/", nil, in...); a.status != 401 {
		t.Errorf("after twelve hours: got %d", a.status)
	}
	h.OIDC = nil
	if a := h.ask(t, "GET", "/oidc/login", nil); a.status != 404 {
		t.Errorf("without an issuer: got %d", a.status)
	}
	if a := h.ask(t, "GET", back, nil); a.status != 404 {
		t.Errorf("without an issuer, an answer: got %d", a.status)
	}
}

// What doesn't fit is refused, and nothing of it is believed.
func TestOpenIDConnectRefusals(t *testing.T) {
	stranger := must(rsa.GenerateKey(rand.Reader, 2048))
	type act struct {
		claim  map[string]any
		sign   *rsa.PrivateKey
		change func(h *house, back, aside string) (string, string)
		status int
	}
	same := func(_ *house, back, aside string) (string, string) { return back, aside }
	for name, c := range map[string]act{
		"as it should be":       {status: 303},
		"allowed by address":    {claim: map[string]any{"email": "Lea@partner.example"}, status: 303},
		"bad nonce":             {claim: map[string]any{"nonce": "another"}, status: 401},
		"no nonce":              {claim: map[string]any{"nonce": ""}, status: 401},
		"wrong audience":        {claim: map[string]any{"aud": "another program"}, status: 401},
		"another issuer":        {claim: map[string]any{"iss": "https://evil.example"}, status: 401},
		"expired":               {claim: map[string]any{"exp": 1}, status: 401},
		"unverified address":    {claim: map[string]any{"email_verified": false}, status: 401},
		"verified as a text":    {claim: map[string]any{"email_verified": "true"}, status: 401},
		"no address":            {claim: map[string]any{"email": ""}, status: 401},
		"another domain":        {claim: map[string]any{"email": "nadia@evil.example"}, status: 403},
		"a domain like ours":    {claim: map[string]any{"email": "nadia@notacme.example"}, status: 403},
		"a domain after it":     {claim: map[string]any{"email": "nadia@acme.example.evil.example"}, status: 403},
		"no name":               {claim: map[string]any{"email": "@acme.example"}, status: 403},
		"another at":            {claim: map[string]any{"email": "lea@partner.example@evil.example"}, status: 403},
		"signed by another key": {sign: stranger, status: 401},
		"another state": {change: func(_ *house, back, aside string) (string, string) {
			return back + "x", aside
		}, status: 401},
		"no cookie": {change: func(_ *house, back, _ string) (string, string) { return back, "x=y" }, status: 401},
		"another code": {change: func(_ *house, back, aside string) (string, string) {
			return strings.Replace(back, "code=", "code=x", 1), aside
		}, status: 401},
		"too late": {change: func(h *house, back, aside string) (string, string) {
			h.clock = h.clock.Add(10 * time.Minute)
			return back, aside
		}, status: 401},
		"declined": {change: func(_ *house, back, aside string) (string, string) {
			return back + "&error=access_denied", aside
		}, status: 401},
	} {
		t.Run(name, func(t *testing.T) {
			h, i := withIssuer(t)
			back, aside := h.begin(t, i, "/")
			i.claim, i.sign = c.claim, c.sign
			if c.change == nil {
				c.change = same
			}
			back, aside = c.change(h, back, aside)
			a := h.ask(t, "GET", back, nil, "Cookie", aside)
			if a.status != c.status || (named(a, "vigie_person").Value != "") != (c.status == 303) {
				t.Errorf("got %d, cookie %v: %s", a.status, named(a, "vigie_person"), words(a.body))
			}
			if strings.Contains(a.body, "s3cret") {
				t.Error("the issuer's words are on the page")
			}
		})
	}
}

// An answer is taken once, also by another replica, and also where the issuer would
// give a token for it again.
func TestOpenIDConnectReplay(t *testing.T) {
	h, i := withIssuer(t)
	back, aside := h.begin(t, i, "/")
	question := url.Values{}
	for code, q := range i.codes {
		question = q
		_ = code
	}
	if a := h.ask(t, "GET", back, nil, "Cookie", aside); a.status != 303 {
		t.Fatalf("got %d", a.status)
	}
	code := must(url.Parse(back)).Query().Get("code")
	i.codes[code] = question // an issuer that isn't careful
	if a := h.ask(t, "GET", back, nil, "Cookie", aside); a.status != 401 || named(a, "vigie_person").Value != "" {
		t.Errorf("again: got %d", a.status)
	}
	h.OIDC = &web.OIDC{Issuer: i.URL, ClientID: "vigie", Secret: func() string { return "s3cret" }, Allow: h.OIDC.Allow, HTTP: i.Client()}
	if a := h.ask(t, "GET", back, nil, "Cookie", aside); a.status != 401 {
		t.Errorf("at another replica: got %d", a.status)
	}
	i.Close()
	h.OIDC = &web.OIDC{Issuer: i.URL, ClientID: "vigie", Secret: func() string { return "s3cret" }, Allow: h.OIDC.Allow, HTTP: i.Client()}
	if a := h.ask(t, "GET", "/oidc/login", nil); a.status != http.StatusBadGateway {
		t.Errorf("while the issuer is away: got %d", a.status)
	}
}

// The audit log has sign-ins, wrong tokens by number, and what people asked for in
// Slack, the newest first.
func TestAuditLog(t *testing.T) {
	h := housed(t)
	h.Token, h.ProxyHeader, h.Proxies = token, "X-Forwarded-User", []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	h.now = monday("15:01:00")
	for range 3 {
		h.login(t, "wrong", "/")
	}
	h.now = monday("15:02:00")
	h.login(t, token, "/")
	h.now = monday("15:03:00")
	proxied := []string{"X-Forwarded-User", "omar@acme.example", "X-Forwarded-For", "192.0.2.7"}
	h.get(t, "/", proxied...)
	h.get(t, "/report", proxied...)
	h.now = monday("15:04:00")
	ask := store.Action{Key: "request/1", Kind: store.Asked, Source: "zendesk", ID: "2", NotBefore: h.now, State: store.Done, Request: &store.Request{What: store.Take, By: rules.Person{ID: "U1", Name: "Nadia"}, At: h.now}}
	if err := h.Store.Insert(t.Context(), []store.Action{ask}, h.now); err != nil {
		t.Fatal(err)
	}
	page := h.get(t, "/audit", proxied...)
	var last int
	for _, want := range []string{"15:04 Europe/Berlin Nadia takes the ticket zendesk:2 Slack", "15:03 Europe/Berlin omar@acme.example signed in by the proxy – 192.0.2.7",
		"15:02 Europe/Berlin token signed in with the token", "15:01 Europe/Berlin – wrong token 3 times"} {
		at := strings.Index(words(page), want)
		if at < last {
			t.Errorf("%q is at %d, after %d: %s", want, at, last, words(page))
		}
		last = at
	}
	if n := strings.Count(page, "signed in by the proxy"); n != 1 {
		t.Errorf("%d lines of one person on one day", n)
	}
	expectWords(t, h.get(t, "/audit?lang=fr", proxied...), "Journal d'audit", "jeton incorrect 3 fois", "Nadia prend le ticket")
	if a := h.ask(t, "GET", "/audit", nil); a.status != 401 {
		t.Errorf("a stranger sees %d", a.status)
	}
	out := h.ask(t, "POST", "/logout", strings.NewReader(""), "Content-Type", "application/x-www-form-urlencoded")
	if out.status != 303 || named(out, "vigie_session").MaxAge >= 0 || named(out, "vigie_person").MaxAge >= 0 {
		t.Errorf("signed out: got %d", out.status)
	}
	for i := range 150 {
		if err := h.Store.Audit(t.Context(), "", store.Entry{At: monday("10:00:00").Add(time.Duration(i) * time.Second), What: store.SignedInByToken, Who: "token"}); err != nil {
			t.Fatal(err)
		}
	}
	page = h.get(t, "/audit", proxied...)
	older := page[strings.Index(page, `href="/audit?before=`)+6:]
	older, _, _ = strings.Cut(older, `"`)
	if n := strings.Count(page, "<tr>"); n != 101 || len(page) >= 100_000 {
		t.Errorf("%d rows, %d bytes", n, len(page))
	}
	if n := strings.Count(h.get(t, older, proxied...), "<tr>"); n < 50 {
		t.Errorf("%d older rows", n)
	}
	if _, _, err := h.Store.Compact(t.Context(), monday("12:00:00")); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(h.get(t, "/audit", proxied...), "<tr>"); n != 6 {
		t.Errorf("%d rows are kept", n)
	}
}
