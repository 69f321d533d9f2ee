package web_test

import (
	"cmp"
	"html"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

const token = "correct-horse-battery-staple"

// A far listener's connections say that they come from, or came in at, another
// address.
type far struct {
	net.Listener
	local, remote net.Addr // nil: as they are
}

func (l far) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return farConn{c, cmp.Or(l.local, c.LocalAddr()), cmp.Or(l.remote, c.RemoteAddr())}, nil
}

type farConn struct {
	net.Conn
	local, remote net.Addr
}

func (c farConn) LocalAddr() net.Addr  { return c.local }
func (c farConn) RemoteAddr() net.Addr { return c.remote }

func tcp(address string) net.Addr { return must(net.ResolveTCPAddr("tcp", address)) }

// Without a token in the configuration only somebody at the machine sees pages.
func TestWithoutAToken(t *testing.T) {
	cases := map[string]struct {
		host          string // "": the listener's
		header        string
		public        bool
		local, remote net.Addr
		status        int
	}{
		"at the machine":             {status: 200},
		"localhost":                  {host: "localhost:8080", status: 200},
		"localhost without a port":   {host: "localhost", status: 200},
		"another loopback address":   {host: "127.9.9.9", status: 200},
		"IPv6":                       {host: "[::1]:8080", status: 200},
		"IPv4 within IPv6":           {host: "[::ffff:127.0.0.1]:8080", status: 200},
		"IPv6 both ends":             {local: tcp("[::1]:8080"), remote: tcp("[::1]:4711"), status: 200},
		"a name that is bound to us": {host: "evil.example", status: 403},
		"with our port":              {host: "evil.example:8080", status: 403},
		"a name that begins so":      {host: "localhost.evil.example", status: 403},
		"an address that begins so":  {host: "127.0.0.1.evil.example", status: 403},
		"the unspecified address":    {host: "0.0.0.0:8080", status: 403},
		"an address of the house":    {host: "192.168.1.10:8080", status: 403},
		"from another machine":       {remote: tcp("192.168.1.20:4711"), status: 403},
		"at an open address":         {local: tcp("192.168.1.10:8080"), status: 403},
		"from another, host forged":  {host: "localhost", remote: tcp("192.168.1.20:4711"), local: tcp("192.168.1.10:8080"), status: 403},
		"with a public address":      {public: true, status: 403},
		"Forwarded":                  {header: "Forwarded", status: 403},
		"Via":                        {header: "Via", status: 403},
		"X-Forwarded-For":            {header: "X-Forwarded-For", status: 403},
		"X-Forwarded-Host":           {header: "X-Forwarded-Host", status: 403},
		"X-Forwarded-Proto":          {header: "X-Forwarded-Proto", status: 403},
		"X-Forwarded-Port":           {header: "X-Forwarded-Port", status: 403},
		"X-Forwarded-Server":         {header: "X-Forwarded-Server", status: 403},
		"X-Forwarded":                {header: "X-Forwarded", status: 403},
		"x-forwarded-for":            {header: "x-forwarded-for", status: 403},
		"X-Original-Forwarded-For":   {header: "X-Original-Forwarded-For", status: 403},
		"X-Real-IP":                  {header: "X-Real-IP", status: 403},
		"X-Client-IP":                {header: "X-Client-IP", status: 403},
		"True-Client-IP":             {header: "True-Client-IP", status: 403},
		"CF-Connecting-IP":           {header: "CF-Connecting-IP", status: 403},
		"X-Requested-With":           {header: "X-Requested-With", status: 200}, // no proxy's
	}
	h := build(t, monday("15:00:00"))
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			h.Public = c.public
			address, end := h.run(t, func(l net.Listener) net.Listener { return far{l, c.local, c.remote} })
			for _, path := range []string{"/", "/tickets/zendesk/1"} {
				headers := []string{"Connection", "close"}
				if c.host != "" {
					headers = append(headers, "Host", c.host)
				}
				if c.header != "" {
					headers = append(headers, c.header, "192.0.2.1")
				}
				a := h.send(t, http.DefaultClient, must(http.NewRequest("GET", "http://"+address+path, nil)), headers...)
				want := c.status
				if path != "/" && want == 200 {
					want = 404 // the ticket that nobody knows, but he may ask
				}
				if a.status != want {
					t.Errorf("%s: got %d, want %d", path, a.status, want)
				}
				if want == 403 {
					expectWords(t, a.body, "no token is set", `token = "env:VIGIE_TOKEN"`)
				}
			}
			if err := end(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestToken(t *testing.T) {
	cases := map[string]struct {
		header string
		status int
	}{
		"none":         {"", 401},
		"right":        {"Bearer " + token, 200},
		"small letter": {"bearer " + token, 200},
		"wrong":        {"Bearer correct-horse", 401},
		"longer":       {"Bearer " + token + "s", 401},
		"empty":        {"Bearer ", 401},
		"bare":         {token, 401},
		"basic":        {"Basic " + token, 401},
	}
	h := seeded(t)
	h.Token = token
	for name, c := range cases {
		a := h.ask(t, "GET", "/", nil, "Authorization", c.header)
		if a.status != c.status {
			t.Errorf("%s: got %d, want %d", name, a.status, c.status)
		}
		if seen := strings.Contains(a.body, "Portal is down"); seen != (c.status == 200) {
			t.Errorf("%s: tickets seen: %v", name, seen)
		}
		if c.status == 401 {
			expectWords(t, a.body, "Access token", "Sign in")
			if got := a.header.Get("WWW-Authenticate"); !strings.HasPrefix(got, "Bearer") {
				t.Errorf("%s: WWW-Authenticate: %q", name, got)
			}
		}
		if got := a.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control: %q", name, got)
		}
	}
	for path, status := range map[string]int{"/healthz": 200, "/readyz": 200, "/static/vigie.css": 200, "/tickets/zendesk/1": 401, "/tickets/zendesk/4711": 401} {
		if a := h.ask(t, "GET", path, nil); a.status != status {
			t.Errorf("%s without a token: got %d, want %d", path, a.status, status)
		}
	}
	if a := h.ask(t, "POST", "/webhooks/zendesk", strings.NewReader("1"), "X-Signature", "signed", "X-Delivery", "d"); a.status != 200 {
		t.Errorf("webhook without a token: got %d", a.status)
	}
}

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
	expectWords(t, wrong.body, "Ce n'est pas le jeton.")
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

// A strict cookie stays at home when a link elsewhere leads here: our page asks
// again by itself, and shows nothing before.
func TestLinkFromElsewhere(t *testing.T) {
	h := seeded(t)
	h.Token = token
	cookie := "vigie_session=" + cookieOf(h.login(t, token, "/")).Value
	cross := []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}
	a := h.ask(t, "GET", "/tickets/zendesk/1?lang=fr", nil, cross...)
	if a.status != 401 || !strings.Contains(a.body, `<meta http-equiv="refresh" content="0">`) || !strings.Contains(a.body, `href="/tickets/zendesk/1?lang=fr"`) {
		t.Errorf("got %d %s", a.status, a.body)
	}
	if strings.Contains(a.body, "Portal is down") {
		t.Error("it shows the ticket")
	}
	if a := h.ask(t, "GET", "/tickets/zendesk/1", nil, append(cross, "Cookie", cookie)...); a.status != 200 {
		t.Errorf("with the cookie: got %d", a.status)
	}
	a = h.ask(t, "GET", "/tickets/zendesk/1", nil, "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate")
	if a.status != 401 || strings.Contains(a.body, "http-equiv") || !strings.Contains(a.body, `name="token"`) {
		t.Errorf("asked again without a cookie: got %d", a.status)
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	cases := []struct {
		method, path, bearer string
		status               int
	}{
		{"GET", "/", token, 200}, {"GET", "/", "", 401}, {"GET", "/tickets/zendesk/1", token, 200}, {"GET", "/tickets/zendesk/4711", token, 404},
		{"GET", "/nowhere", token, 404}, {"GET", "/healthz", "", 200}, {"GET", "/static/vigie.css", "", 200}, {"GET", "/webhooks/zendesk", "", 405},
		{"POST", "/webhooks/zendesk", "", 401}, {"POST", "/webhooks/nobody", "", 404}, {"POST", "/login", "", 401}, {"DELETE", "/", token, 405},
	}
	h := seeded(t)
	h.Token = token
	for _, c := range cases {
		a := h.ask(t, c.method, c.path, strings.NewReader(""), "Authorization", "Bearer "+c.bearer)
		if a.status != c.status {
			t.Errorf("%s %s: got %d, want %d", c.method, c.path, a.status, c.status)
		}
		policy := strings.Split(a.header.Get("Content-Security-Policy"), "; ")
		for _, want := range []string{"default-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "object-src 'none'"} {
			if !slices.Contains(policy, want) {
				t.Errorf("%s %s: no %s in the policy %q", c.method, c.path, want, policy)
			}
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s %s: %s: got %q, want %q", c.method, c.path, name, got, want)
			}
		}
		if strings.Contains(a.body, "<script") || strings.Contains(a.body, "<style") || strings.Contains(a.body, " style=") || regexp.MustCompile(`\son\w+=`).MatchString(a.body) {
			t.Errorf("%s %s: the policy forbids what is on the page", c.method, c.path)
		}
	}
}

func TestNoSecretOnAnyPage(t *testing.T) {
	h := seeded(t)
	h.Token = token
	cookie := cookieOf(h.login(t, token, "/")).Value
	var all strings.Builder
	for _, path := range []string{"/", "/?lang=fr&q=x", "/tickets/zendesk/1", "/tickets/zendesk/4711", "/healthz", "/readyz"} {
		for _, headers := range [][]string{{"Authorization", "Bearer " + token}, {"Cookie", "vigie_session=" + cookie}, nil} {
			all.WriteString(h.ask(t, "GET", path, nil, headers...).body)
		}
	}
	all.WriteString(h.login(t, token, "/").body)
	h.Store.Close()
	all.WriteString(h.ask(t, "GET", "/", nil, "Authorization", "Bearer "+token).body)
	for _, secret := range []string{token, cookie} {
		if strings.Contains(all.String(), secret) {
			t.Errorf("%q is on a page", secret)
		}
	}
}
