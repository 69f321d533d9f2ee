package web_test

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
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
		"CF-Ray":                     {header: "CF-Ray", status: 403},
		"X-Amzn-Trace-Id":            {header: "X-Amzn-Trace-Id", status: 403},
		"X-Envoy-External-Address":   {header: "X-Envoy-External-Address", status: 403},
		"X-Original-Host":            {header: "X-Original-Host", status: 403},
		"X-Requested-With":           {header: "X-Requested-With", status: 200}, // no proxy's
	}
	h := build(t, monday("15:00:00"))
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			h.PublicURL = ""
			if c.public {
				h.PublicURL = "https://vigie.example"
			}
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
		{"GET", "/report", token, 200}, {"GET", "/report", "", 401}, {"GET", "/report.csv", token, 200}, {"GET", "/report.csv", "", 401}, {"GET", "/report?from=soon", token, 400},
		{"GET", "/docs", "", 200}, {"GET", "/docs/security", "", 200}, {"GET", "/docs/atlantis", "", 404}, {"GET", "/nowhere", token, 404}, {"GET", "/healthz", "", 200}, {"GET", "/static/vigie.css", "", 200}, {"GET", "/webhooks/zendesk", "", 405},
		{"POST", "/webhooks/zendesk", "", 401}, {"POST", "/webhooks/nobody", "", 404}, {"POST", "/login", "", 401}, {"DELETE", "/", token, 405},
	}
	h := seeded(t)
	h.Token, h.PublicURL = token, "https://vigie.example"
	for _, c := range cases {
		a := h.ask(t, c.method, c.path, strings.NewReader(""), "Authorization", "Bearer "+c.bearer)
		if a.status != c.status {
			t.Errorf("%s %s: got %d, want %d", c.method, c.path, a.status, c.status)
		}
		for name, want := range map[string]string{
			"Content-Security-Policy":      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'" + map[bool]string{true: "; script-src 'self'; connect-src 'self'"}[c.method+c.path == "GET/" && c.status == 200],
			"X-Content-Type-Options":       "nosniff",
			"X-Frame-Options":              "DENY",
			"Referrer-Policy":              "same-origin",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Strict-Transport-Security":    "max-age=31536000",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s %s: %s: got %q, want %q", c.method, c.path, name, got, want)
			}
		}
		a.body = strings.Replace(a.body, ourScript, "", 1)
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
	for _, path := range []string{"/", "/?lang=fr&q=x", "/tickets/zendesk/1", "/tickets/zendesk/4711", "/report", "/report.csv", "/docs", "/docs/security", "/healthz", "/readyz"} {
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

// Whom a proxy of ours has signed in needs no token; nobody else can say so.
func TestSignedInByAProxy(t *testing.T) {
	user := func(names ...string) (headers []string) {
		for _, n := range names {
			headers = append(headers, "X-Forwarded-User", n)
		}
		return headers
	}
	const proxy, loopback = "10.1.1.1:4711", "127.0.0.1:4711"
	cases := map[string]struct {
		peer    string
		headers []string
		token   string // of the configuration
		status  int
	}{
		"named":                              {proxy, user("nadia@acme.example"), "", 200},
		"named, and there is a token":        {proxy, user("nadia@acme.example"), token, 200},
		"not named":                          {proxy, nil, "", 403},
		"not named, and there is a token":    {proxy, nil, token, 401},
		"an empty name":                      {proxy, user(""), "", 403},
		"a blank name":                       {proxy, user(" "), "", 403},
		"two names":                          {proxy, user("nadia@acme.example", "eve@evil.example"), "", 403},
		"another spelling":                   {proxy, []string{"x-forwarded-user", "nadia"}, "", 200},
		"underscores":                        {proxy, []string{"X_Forwarded_User", "nadia"}, "", 403},
		"another header":                     {proxy, []string{"X-Forwarded-Email", "nadia"}, "", 403},
		"by a stranger":                      {"192.0.2.1:4711", user("nadia@acme.example"), "", 403},
		"by a stranger who names a proxy":    {"192.0.2.1:4711", append(user("nadia"), "X-Forwarded-For", "10.1.1.1"), "", 403},
		"by a stranger, and there's a token": {"192.0.2.1:4711", user("nadia@acme.example"), token, 401},
		"on this machine":                    {loopback, user("nadia@acme.example"), "", 403},
		"on this machine, not named":         {loopback, nil, "", 403},
		"a token goes as well":               {loopback, []string{"Authorization", "Bearer " + token}, token, 200},
	}
	for name, c := range cases {
		h := seeded(t)
		h.Token, h.ProxyHeader, h.Proxies = c.token, "X-Forwarded-User", []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
		for _, path := range []string{"/", "/metrics", "/tickets/zendesk/1"} {
			r := httptest.NewRequest("GET", path, nil)
			r.RemoteAddr = c.peer
			for i := 0; i+1 < len(c.headers); i += 2 {
				r.Header.Add(c.headers[i], c.headers[i+1])
			}
			w := httptest.NewRecorder()
			if h.Handler().ServeHTTP(w, r); w.Code != c.status {
				t.Errorf("%s: %s: got %d, want %d", name, path, w.Code, c.status)
			}
			if seen := strings.Contains(w.Body.String(), "Portal is down"); seen && c.status != 200 {
				t.Errorf("%s: %s shows tickets", name, path)
			}
			if w.Code == 403 && !strings.Contains(w.Body.String(), "signed in") {
				t.Errorf("%s: got %q", name, w.Body)
			}
		}
	}
}

// What no mux, no proxy and no browser may be misled by.
func TestMisleadingRequests(t *testing.T) {
	cases := map[string]struct {
		request string
		status  int
		says    string // in the answer
	}{
		"a path that leads elsewhere":    {"GET //evil.example/.. HTTP/1.1\r\nHost: x\r\n", 307, "Location: /\r\n"},
		"out of the static files":        {"GET /static/../../etc/passwd HTTP/1.1\r\nHost: x\r\n", 307, "Location: /etc/passwd\r\n"},
		"the same, encoded":              {"GET /static/%2e%2e/%2e%2e/templates/board.html HTTP/1.1\r\nHost: x\r\n", 404, ""},
		"the same, slashes too":          {"GET /static/..%2f..%2ftemplates%2fboard.html HTTP/1.1\r\nHost: x\r\n", 404, ""},
		"the same, backslashes":          {"GET /static/..\\..\\web.go HTTP/1.1\r\nHost: x\r\n", 404, ""},
		"a zero byte":                    {"GET /static/vigie.css%00.html HTTP/1.1\r\nHost: x\r\n", 404, ""},
		"the templates":                  {"GET /templates/board.html HTTP/1.1\r\nHost: x\r\n", 404, ""},
		"a whole address":                {"GET http://evil.example/tickets/zendesk/1 HTTP/1.1\r\nHost: x\r\n", 401, `name="next" value="/tickets/zendesk/1"`},
		"another Host":                   {"GET / HTTP/1.1\r\nHost: evil.example\r\n", 401, `name="next" value="/"`},
		"another Host at the login":      {"GET /login HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer " + token + "\r\n", 303, "Location: /\r\n"},
		"a forwarded Host":               {"GET /login HTTP/1.1\r\nHost: x\r\nX-Forwarded-Host: evil.example\r\nAuthorization: Bearer " + token + "\r\n", 303, "Location: /\r\n"},
		"no Host":                        {"GET / HTTP/1.1\r\n", 400, ""},
		"two Hosts":                      {"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n", 400, ""},
		"HEAD needs the token, too":      {"HEAD / HTTP/1.1\r\nHost: x\r\n", 401, ""},
		"a method of no page":            {"PUT / HTTP/1.1\r\nHost: x\r\n", 405, "Allow: GET, HEAD\r\n"},
		"a method by its header":         {"GET /login HTTP/1.1\r\nHost: x\r\nX-HTTP-Method-Override: POST\r\n", 401, ""},
		"a webhook by GET":               {"GET /webhooks/zendesk HTTP/1.1\r\nHost: x\r\n", 405, ""},
		"TRACE":                          {"TRACE / HTTP/1.1\r\nHost: x\r\nX-Private: s3cret\r\n", 405, ""},
		"CONNECT":                        {"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n", 405, ""},
		"a source that leads elsewhere":  {"POST /webhooks/..%2fzendesk HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n", 404, ""},
		"two lengths":                    {"POST /webhooks/zendesk HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n", 400, ""},
		"a length with a sign":           {"POST /webhooks/zendesk HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n", 400, ""},
		"an unknown transfer coding":     {"POST /webhooks/zendesk HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n", 501, ""},
		"chunks, written oddly":          {"POST /webhooks/zendesk HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n", 501, ""},
		"a header that is folded":        {"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: b\r\n Transfer-Encoding: chunked\r\n", 200, ""},
		"a blank before the colon":       {"POST /webhooks/zendesk HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n", 400, ""},
		"a bare line break in a header":  {"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: b\rc\r\n", 400, ""},
		"an answer's header in the path": {"GET /%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\nHost: x\r\n", 404, ""},
	}
	h := seeded(t)
	h.Token = token
	address, end := h.run(t, plain)
	for name, c := range cases {
		conn := dial(t, address)
		fmt.Fprint(conn, c.request, "Connection: close\r\n\r\n")
		text := string(must(io.ReadAll(conn)))
		if !strings.HasPrefix(text, fmt.Sprintf("HTTP/1.1 %d ", c.status)) || !strings.Contains(text, c.says) {
			t.Errorf("%s: got\n%s\nwant %d and %q", name, text, c.status, c.says)
		}
		for _, never := range []string{"evil.example", "s3cret", "Set-Cookie", "{{"} {
			if strings.Contains(text, never) {
				t.Errorf("%s: %q is in the answer:\n%s", name, never, text)
			}
		}
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}

// Two requests in one, for a proxy and a server that see its end in different
// places: whatever comes after a body in chunks isn't answered.
func TestSmuggledRequest(t *testing.T) {
	h := seeded(t)
	address, end := h.run(t, plain)
	conn := dial(t, address)
	fmt.Fprint(conn, "POST /webhooks/zendesk HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
	text := string(must(io.ReadAll(conn)))
	if strings.Count(text, "HTTP/1.1 ") != 1 || !strings.HasPrefix(text, "HTTP/1.1 401 ") || !strings.Contains(text, "Connection: close\r\n") {
		t.Errorf("got\n%s", text)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}

// nginx passes requests on in HTTP/1.0 with our own address as Host, and names
// nobody: the pages stay closed.
func TestSilentProxyOnThisMachine(t *testing.T) {
	h := seeded(t)
	address, end := h.run(t, plain)
	for protocol, status := range map[string]int{"1.0": 403, "1.1": 200} {
		conn := dial(t, address)
		fmt.Fprintf(conn, "GET / HTTP/%s\r\nHost: %s\r\nConnection: close\r\n\r\n", protocol, address)
		a := must(http.ReadResponse(bufio.NewReader(conn), nil))
		a.Body.Close()
		if a.StatusCode != status {
			t.Errorf("HTTP/%s: got %d, want %d", protocol, a.StatusCode, status)
		}
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}
