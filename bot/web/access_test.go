package web_test

import (
	"cmp"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
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
