package web_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// login sends the form.
func (h *house) login(t *testing.T, with, next string, headers ...string) answer {
	t.Helper()
	form := url.Values{"token": {with}, "next": {next}}
	return h.ask(t, "POST", "/login", strings.NewReader(form.Encode()), append(headers, "Content-Type", "application/x-www-form-urlencoded")...)
}

func cookieOf(a answer) *http.Cookie {
	list := (&http.Response{Header: a.header}).Cookies()
	if len(list) != 1 {
		return nil
	}
	return list[0]
}

func TestLogin(t *testing.T) {
	h := seeded(t)
	h.Token = token
	cases := map[string]struct {
		token   string
		headers []string
		in      bool
		secure  bool
	}{
		"right":              {token: token, in: true},
		"pasted with spaces": {token: " " + token + "\n", in: true},
		"over https":         {token: token, headers: []string{"X-Forwarded-Proto", "https"}, in: true, secure: true},
		"two proxies":        {token: token, headers: []string{"X-Forwarded-Proto", "HTTPS, http"}, in: true, secure: true},
		"over http":          {token: token, headers: []string{"X-Forwarded-Proto", "http"}, in: true},
		"wrong":              {token: "my-other-password"},
		"empty":              {token: ""},
	}
	for name, c := range cases {
		a := h.login(t, c.token, "/tickets/zendesk/1?lang=fr", c.headers...)
		cookie := cookieOf(a)
		if !c.in {
			if a.status != 401 || cookie != nil || c.token != "" && strings.Contains(a.body, c.token) {
				t.Errorf("%s: got %d, cookie %v, page %s", name, a.status, cookie, words(a.body))
			}
			expectWords(t, a.body, "That is not the token.")
			if !strings.Contains(a.body, `name="next" value="/tickets/zendesk/1?lang=fr"`) {
				t.Errorf("%s: the page that was asked for is lost", name)
			}
			continue
		}
		if a.status != http.StatusSeeOther || a.header.Get("Location") != "/tickets/zendesk/1?lang=fr" || cookie == nil {
			t.Errorf("%s: got %d to %q, cookie %v", name, a.status, a.header.Get("Location"), cookie)
			continue
		}
		if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Secure != c.secure || cookie.Path != "/" || cookie.Domain != "" || cookie.MaxAge != 30*24*3600 {
			t.Errorf("%s: cookie %s", name, cookie)
		}
		if strings.Contains(cookie.Value, token) {
			t.Errorf("%s: the token is in the cookie", name)
		}
		expectWords(t, h.get(t, "/tickets/zendesk/1", "Cookie", cookie.Name+"="+cookie.Value), "Portal is down")
	}
}

func TestSession(t *testing.T) {
	h := seeded(t)
	h.Token = token
	start := h.clock
	value := cookieOf(h.login(t, token, "/")).Value
	end, proof, _ := strings.Cut(value, ".")
	h.Token = "another-token"
	foreign := cookieOf(h.login(t, "another-token", "/")).Value
	flipped := map[byte]string{'A': "B"}[proof[0]]
	if flipped == "" {
		flipped = "A"
	}
	const length = 30 * 24 * time.Hour
	cases := map[string]struct {
		cookie string
		after  time.Duration
		token  string
		status int
	}{
		"fresh":                       {value, 0, token, 200},
		"at its last second":          {value, length - time.Second, token, 200},
		"expired":                     {value, length, token, 401},
		"after the token was changed": {value, 0, "another-token", 401},
		"of another token":            {foreign, 0, token, 401},
		"prolonged":                   {"9" + end + "." + proof, 0, token, 401},
		"prolonged, and expired":      {"9" + end + "." + proof, length, token, 401},
		"another way to write it":     {"+" + value, 0, token, 401},
		"another proof":               {end + "." + flipped + proof[1:], 0, token, 401},
		"half a proof":                {end + "." + proof[:20], 0, token, 401},
		"no proof":                    {end + ".", 0, token, 401},
		"only the end":                {end, 0, token, 401},
		"the token itself":            {token, 0, token, 401},
		"empty":                       {"", 0, token, 401},
		"no number":                   {"never." + proof, 0, token, 401},
	}
	for name, c := range cases {
		h.clock, h.Token = start.Add(c.after), c.token
		if a := h.ask(t, "GET", "/", nil, "Cookie", "vigie_session="+c.cookie); a.status != c.status {
			t.Errorf("%s: got %d, want %d", name, a.status, c.status)
		}
	}
}

func TestLoginLeadsNowhereElse(t *testing.T) {
	h := build(t, monday("15:00:00"))
	h.Token = token
	cases := map[string]string{ // next -> where it leads
		"/":                           "/",
		"/?state=missed&q=a+b":        "/?state=missed&q=a+b",
		"/tickets/zendesk/a%2Fb?x=1":  "/tickets/zendesk/a%2Fb?x=1",
		"":                            "/",
		"tickets/zendesk/1":           "/",
		"//evil.example":              "/",
		"///evil.example":             "/",
		`/\evil.example`:              "/",
		`\\evil.example`:              "/",
		`/\/evil.example`:             "/",
		"/%2Fevil.example":            "/",
		"/%2f%2fevil.example":         "/",
		"/%5Cevil.example":            "/",
		"%2F%2Fevil.example":          "/",
		"https://evil.example":        "/",
		"https:evil.example":          "/",
		"HTTPS://evil.example/x":      "/",
		"https%3A%2F%2Fevil.example":  "/",
		"javascript:alert(1)":         "/",
		"data:text/html,x":            "/",
		"//user@evil.example/":        "/",
		"/\t/evil.example":            "/",
		"/\n/evil.example":            "/",
		"\t//evil.example":            "/",
		" //evil.example":             "/",
		"/x\r\nSet-Cookie: a=b":       "/",
		"/..//evil.example":           "/evil.example",
		"/./\\evil.example":           "/",
		"/tickets/..//..//evil.ex/%2": "/",
	}
	host := regexp.MustCompile(`^/([^/\\]|$)`)
	for next, want := range cases {
		a := h.login(t, token, next)
		got := a.header.Get("Location")
		if a.status != http.StatusSeeOther || got != want || !host.MatchString(got) {
			t.Errorf("%q: got %d to %q, want %q", next, a.status, got, want)
		}
		refused := h.login(t, "wrong", next) // the form must not take it along, either
		field := regexp.MustCompile(`name="next" value="([^"]*)"`).FindStringSubmatch(refused.body)
		if field == nil || !host.MatchString(html.UnescapeString(field[1])) {
			t.Errorf("%q: the form leads to %q", next, field)
		}
		if refused.header.Get("Set-Cookie") != "" || cookieOf(a) == nil {
			t.Errorf("%q: cookies", next)
		}
	}
}

func TestLoginForm(t *testing.T) {
	h := seeded(t)
	if a := h.login(t, "", "/?lang=fr"); a.status != http.StatusSeeOther || cookieOf(a) != nil { // no token to ask for
		t.Errorf("without a token: got %d, cookie %v", a.status, cookieOf(a))
	}
	h.Token = token
	a := h.ask(t, "GET", "/tickets/zendesk/a%2Fb?lang=fr", nil)
	expectWords(t, a.body, "Jeton d'accès", "web.token", "Se connecter")
	for _, want := range []string{`<html lang="fr">`, `name="next" value="/tickets/zendesk/a%2Fb?lang=fr"`, `action="/login?lang=fr"`, `<label for="token">`, `type="password"`, `autocomplete="current-password"`,
		`href="/tickets/zendesk/a%2Fb?lang=en"`} {
		if !strings.Contains(html.UnescapeString(a.body), want) {
			t.Errorf("the form has no %s", want)
		}
	}
	wrong := h.ask(t, "POST", "/login?lang=fr", strings.NewReader("token=x&next=%2F"), "Content-Type", "application/x-www-form-urlencoded")
	expectWords(t, wrong.body, "Ce jeton n'est pas le bon.")
	if a := h.ask(t, "GET", "/login", nil); a.status != http.StatusUnauthorized || !strings.Contains(a.body, `name="token"`) {
		t.Errorf("who reloads /login: got %d", a.status)
	}
	if a := h.ask(t, "GET", "/login", nil, "Authorization", "Bearer "+token); a.status != http.StatusSeeOther || a.header.Get("Location") != "/" {
		t.Errorf("who is in: got %d to %q", a.status, a.header.Get("Location"))
	}
	if a := h.ask(t, "POST", "/login", strings.NewReader(strings.Repeat("x", 17<<10)), "Content-Type", "application/x-www-form-urlencoded"); a.status != http.StatusBadRequest {
		t.Errorf("an endless form: got %d", a.status)
	} else {
		expectWords(t, a.body, "The form can't be read.")
		if !strings.Contains(a.body, `href="/login?lang=fr"`) {
			t.Error("its other language is nowhere")
		}
	}
}

// Only our own form is taken, however the browser says where a form stands; what
// is no browser says nothing.
func TestLoginFromElsewhere(t *testing.T) {
	cases := map[string]struct {
		headers []string
		in      bool
	}{
		"no browser":                      {nil, true},
		"our form":                        {[]string{"Sec-Fetch-Site", "same-origin", "Origin", "https://vigie.example"}, true},
		"typed":                           {[]string{"Sec-Fetch-Site", "none"}, true},
		"another site's":                  {[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, false},
		"a neighbour's":                   {[]string{"Sec-Fetch-Site", "same-site", "Origin", "https://wiki.example"}, false},
		"an old browser":                  {[]string{"Host", "vigie.example", "Origin", "https://vigie.example"}, true},
		"an old browser, unencrypted":     {[]string{"Host", "vigie.example:8080", "Origin", "http://vigie.example:8080"}, true},
		"an old browser, elsewhere":       {[]string{"Host", "vigie.example", "Origin", "https://evil.example"}, false},
		"an old browser, nowhere":         {[]string{"Host", "vigie.example", "Origin", "null"}, false},
		"through a proxy that renames us": {[]string{"Host", "127.0.0.1:8080", "Origin", "https://vigie.example"}, true},
		"the same, elsewhere":             {[]string{"Host", "127.0.0.1:8080", "Origin", "https://evil.example"}, false},
	}
	h := seeded(t)
	h.Token, h.PublicURL = token, "https://vigie.example"
	for name, c := range cases {
		a := h.login(t, token, "/", c.headers...)
		want := map[bool]int{true: http.StatusSeeOther, false: http.StatusForbidden}[c.in]
		if a.status != want || (cookieOf(a) != nil) != c.in {
			t.Errorf("%s: got %d, cookie %v", name, a.status, cookieOf(a))
		}
		if !c.in {
			expectWords(t, a.body, "This form was sent from another site.")
		}
	}
}

// A public https address makes a secure cookie, whether the proxy says so or not.
func TestCookieOfAPublicAddress(t *testing.T) {
	cases := map[string]struct {
		public, host string
		secure       bool
	}{
		"https":                     {"https://vigie.example", "vigie.example", true},
		"https, another port":       {"https://vigie.example:8443/x", "vigie.example:8443", true},
		"http":                      {"http://vigie.example", "vigie.example", false},
		"https, but at the machine": {"https://vigie.example", "127.0.0.1:8080", false},
	}
	for name, c := range cases {
		h := seeded(t)
		h.Token, h.PublicURL = token, c.public
		if cookie := cookieOf(h.login(t, token, "/", "Host", c.host)); cookie == nil || cookie.Secure != c.secure {
			t.Errorf("%s: got %v", name, cookie)
		}
	}
}

// After too many wrong tokens an address isn't told any more which is right, by the
// form or as a bearer; who is in stays in, and others get in.
func TestTriesAreLimited(t *testing.T) {
	h := seeded(t)
	h.Token = token
	cookie := cookieOf(h.login(t, token, "/")).Value
	handler := h.Handler()
	ask := func(method, path, from, given string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(url.Values{"token": {given}}.Encode()))
		r.RemoteAddr = from
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	const guesser, nadia = "192.0.2.1:4711", "192.0.2.2:4711"
	for i := range 60 {
		method, headers := "POST", []string(nil)
		if i%2 == 1 {
			method, headers = "GET", []string{"Authorization", "Bearer wrong"}
		}
		w := ask(method, "/login", guesser, "wrong", headers...)
		if w.Code != http.StatusUnauthorized {
			t.Fatalf("try %d: got %d", i+1, w.Code)
		}
	}
	if w := ask("GET", "/", guesser, ""); w.Code != http.StatusUnauthorized {
		t.Errorf("who doesn't guess: got %d", w.Code)
	}
	for _, given := range []string{"wrong", token} {
		if w := ask("POST", "/login", guesser, given); w.Code != http.StatusTooManyRequests || w.Header().Get("Set-Cookie") != "" || !strings.Contains(w.Body.String(), "Too many wrong tokens") {
			t.Errorf("form: got %d %s", w.Code, w.Body)
		}
		if w := ask("GET", "/metrics", guesser, "", "Authorization", "Bearer "+given); w.Code != http.StatusTooManyRequests {
			t.Errorf("bearer: got %d", w.Code)
		}
	}
	if w := ask("GET", "/", guesser, "", "Cookie", "vigie_session="+cookie); w.Code != http.StatusOK {
		t.Errorf("who is in: got %d", w.Code)
	}
	if w := ask("POST", "/login", nadia, token); w.Code != http.StatusSeeOther {
		t.Errorf("another address: got %d", w.Code)
	}
	h.clock = h.clock.Add(2 * time.Minute)
	if w := ask("POST", "/login", guesser, token); w.Code != http.StatusSeeOther {
		t.Errorf("two minutes later: got %d", w.Code)
	}
}
