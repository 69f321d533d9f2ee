package web_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"vigie/bot/web"
	"vigie/connectors/desk"
)

// taken is an intake that takes everything.
var taken = receive(func(context.Context) error { return nil })

// unread is a body that must not be read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) { u.t.Error("the body was read"); return 0, io.EOF }
func (unread) Close() error               { return nil }

// webhook is what a handler answers to one that comes from an address.
func webhook(h http.Handler, from string, body io.Reader, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/webhooks/zendesk", body)
	r.RemoteAddr = from
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// expectLater checks that an answer is one that every vendor repeats.
func expectLater(t *testing.T, w *httptest.ResponseRecorder, status int) {
	t.Helper()
	after, err := strconv.Atoi(w.Header().Get("Retry-After"))
	if w.Code != status || err != nil || after <= 0 || after >= 60 {
		t.Errorf("got %d, Retry-After %q; want %d, and less than Zendesk's minute", w.Code, w.Header().Get("Retry-After"), status)
	}
}

// Ten thousand at once, and two thousand each second after that, are taken from
// each source; no more.
func TestWebhooksOfOneSource(t *testing.T) {
	h := build(t, monday("15:00:00"))
	h.Intake = taken
	h.Hooks["jira"] = h.Hooks["zendesk"]
	handler := h.Handler()
	send := func() int {
		return webhook(handler, "192.0.2.1:443", strings.NewReader("42"), "X-Signature", "signed").Code
	}
	for i := range 10_000 {
		if got := send(); got != http.StatusOK {
			t.Fatalf("the %d. of 10,000: got %d", i+1, got)
		}
	}
	expectLater(t, webhook(handler, "192.0.2.1:443", unread{t}, "X-Signature", "signed"), http.StatusTooManyRequests)
	if text := h.get(t, "/metrics"); !strings.Contains(text, `vigie_webhooks_total{outcome="limited"} 1`) {
		t.Errorf("the metrics don't count it:\n%s", text)
	}
	if text := h.ask(t, "GET", "/healthz", nil).body; !strings.Contains(text, `"limited":1`) {
		t.Errorf("the health doesn't count it: %s", text)
	}

	other := httptest.NewRequest("POST", "/webhooks/jira", strings.NewReader("42"))
	other.Header.Set("X-Signature", "signed")
	w := httptest.NewRecorder()
	if handler.ServeHTTP(w, other); w.Code != http.StatusOK {
		t.Errorf("another source: got %d", w.Code)
	}
	h.clock = h.clock.Add(time.Second)
	passed := 0
	for send() == http.StatusOK {
		passed++
	}
	if passed != 2000 {
		t.Errorf("a second later %d were taken, want 2000", passed)
	}
}

// Forgers are refused unread after a while, and only they.
func TestForgersAreRefusedUnread(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	cases := map[string]struct {
		proxies      []netip.Prefix
		forger       string
		forwarded    []string
		other        string
		otherForward string
		out          bool // the forger is refused unread
		otherOut     bool
	}{
		"another address":                      {nil, "192.0.2.1:1", nil, "192.0.2.2:1", "", true, false},
		"the same, another port":               {nil, "192.0.2.1:1", nil, "192.0.2.1:2", "", true, true},
		"IPv4 within IPv6":                     {nil, "192.0.2.1:1", nil, "[::ffff:192.0.2.1]:1", "", true, true},
		"one household's IPv6":                 {nil, "[2001:db8::1]:1", nil, "[2001:db8::2:1]:1", "", true, true},
		"another household's IPv6":             {nil, "[2001:db8::1]:1", nil, "[2001:db8:0:1::1]:1", "", true, false},
		"through one here, not named":          {nil, "127.0.0.1:1", []string{"192.0.2.1"}, "127.0.0.1:1", "192.0.2.2", false, false},
		"through a silent one":                 {nil, "127.0.0.1:1", nil, "127.0.0.1:1", "", false, false},
		"through one elsewhere, not named":     {nil, "10.1.1.1:1", []string{"192.0.2.1"}, "10.1.1.1:1", "192.0.2.2", true, true},
		"whoever says to be a proxy":           {proxies, "192.0.2.1:1", []string{"198.51.100.7"}, "192.0.2.1:1", "198.51.100.8", true, true},
		"through a proxy":                      {proxies, "10.1.1.1:1", []string{"192.0.2.1"}, "10.1.1.1:1", "192.0.2.2", true, false},
		"through two":                          {proxies, "10.1.1.1:1", []string{"192.0.2.1, 10.2.2.2"}, "10.9.9.9:1", "192.0.2.1", true, true},
		"writing a proxy's part itself":        {proxies, "10.1.1.1:1", []string{"198.51.100.9, 192.0.2.1"}, "10.1.1.1:1", "198.51.100.9", true, false},
		"through a proxy, the header twice":    {proxies, "10.1.1.1:1", []string{"198.51.100.9", "192.0.2.1"}, "10.1.1.1:1", "192.0.2.1", true, true},
		"through a named one on this machine":  {proxies, "[::1]:1", []string{"192.0.2.1"}, "[::1]:1", "192.0.2.2", true, false},
		"through a proxy that doesn't say who": {proxies, "10.1.1.1:1", nil, "10.1.1.1:1", "", false, false},
		"through a proxy that says nonsense":   {proxies, "10.1.1.1:1", []string{"192.0.2.1, unknown"}, "10.1.1.1:1", "", false, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			h := build(t, monday("15:00:00"))
			h.Intake, h.Proxies = taken, c.proxies
			handler := h.Handler()
			var forwarded []string
			for _, f := range c.forwarded {
				forwarded = append(forwarded, "X-Forwarded-For", f)
			}
			for i := range 60 {
				if got := webhook(handler, c.forger, strings.NewReader("42"), forwarded...).Code; got != http.StatusUnauthorized {
					t.Fatalf("forged %d times: got %d", i+1, got)
				}
			}
			genuine := func(from string, headers ...string) int {
				return webhook(handler, from, strings.NewReader("42"), append(headers, "X-Signature", "signed")...).Code
			}
			want := map[bool]int{true: http.StatusTooManyRequests, false: http.StatusOK}
			if got := genuine(c.forger, forwarded...); got != want[c.out] {
				t.Errorf("the forger: got %d, want %d", got, want[c.out])
			}
			var other []string
			if c.otherForward != "" {
				other = []string{"X-Forwarded-For", c.otherForward}
			}
			if got := genuine(c.other, other...); got != want[c.otherOut] {
				t.Errorf("the other: got %d, want %d", got, want[c.otherOut])
			}
			if c.out {
				expectLater(t, webhook(handler, c.forger, unread{t}, forwarded...), http.StatusTooManyRequests)
			}
			h.clock = h.clock.Add(2 * time.Minute)
			if got := genuine(c.forger, forwarded...); got != http.StatusOK {
				t.Errorf("two minutes later: got %d", got)
			}
		})
	}
}

// However many large bodies come, no more bytes are held than there is room for,
// the ordinary ones pass beside them, and in the end all room is free again.
func TestBodiesHaveTheirRoom(t *testing.T) {
	h := build(t, monday("15:00:00"))
	h.Intake = taken
	h.Limits.Memory = 8 * mebi
	var mu sync.Mutex
	held, most := 0, 0
	come, go_ := make(chan bool, 1000), make(chan bool)
	h.Hooks["zendesk"] = web.Hook{Longest: 3 * mebi, Parse: func(_ http.Header, body []byte, _ time.Time) (desk.Delivery, error) {
		mu.Lock()
		held += len(body)
		most = max(most, held)
		mu.Unlock()
		come <- true
		if len(body) > mebi {
			<-go_
		}
		mu.Lock()
		held -= len(body)
		mu.Unlock()
		return desk.Delivery{}, nil
	}}
	server, client := h.serve(t)
	answers := make(chan answer, 100)
	large := func(announced int64) {
		r := must(http.NewRequest("POST", server.URL+"/webhooks/zendesk", io.LimitReader(strings.NewReader(sevens), 3*mebi)))
		r.ContentLength = announced
		answers <- h.send(t, client, r)
	}
	// One that says how long it is needs 1 + 3 MiB for a moment, and half of the
	// room has to stay free.
	go large(3 * mebi)
	<-come
	for range 20 {
		large(3 * mebi)
		if a := <-answers; a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
			t.Errorf("beside a large one: got %d", a.status)
		}
	}
	for range 50 {
		r := must(http.NewRequest("POST", server.URL+"/webhooks/zendesk", strings.NewReader(sevens[:mebi])))
		if a := h.send(t, client, r); a.status != http.StatusOK {
			t.Errorf("an ordinary one beside a large one: got %d", a.status)
		}
		<-come
	}
	if text := h.get(t, "/metrics"); !strings.Contains(text, `vigie_webhooks_total{outcome="limited"} 20`) {
		t.Errorf("the metrics don't count those refused:\n%s", text)
	}
	close(go_)
	if a := <-answers; a.status != http.StatusOK {
		t.Errorf("the large one: got %d", a.status)
	}
	for range 5 { // all the room it took is free again
		large(3 * mebi)
		if a := <-answers; a.status != http.StatusOK {
			t.Errorf("alone: got %d", a.status)
		}
	}
	if most > 8*mebi {
		t.Errorf("%d bytes were held at once", most)
	}
}

// Who announces much and sends nothing takes no room.
func TestAnnouncedBodiesTakeNoRoom(t *testing.T) {
	h := build(t, monday("15:00:00"))
	h.Intake = taken
	h.Limits.Memory = 4 * mebi
	address, end := h.run(t, plain)
	for range 30 {
		fmt.Fprintf(dial(t, address), "POST /webhooks/zendesk HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n4", 25*mebi)
	}
	r := must(http.NewRequest("POST", "http://"+address+"/webhooks/zendesk", strings.NewReader("43")))
	if a := h.send(t, http.DefaultClient, r, "X-Signature", "signed", "Connection", "close"); a.status != http.StatusOK {
		t.Errorf("got %d", a.status)
	}
	go end() // doesn't wait for the slow ones
}

// A body arrives as it was sent, whatever its length, announced or not.
func TestBodiesOfEveryLength(t *testing.T) {
	h := build(t, monday("15:00:00"))
	h.Intake = taken
	var got int
	h.Hooks["zendesk"] = web.Hook{Longest: 2*mebi + 5, Parse: func(_ http.Header, body []byte, _ time.Time) (desk.Delivery, error) {
		if got = len(body); string(body) != sevens[:got] {
			t.Error("it was changed")
		}
		return desk.Delivery{}, nil
	}}
	handler := h.Handler()
	for _, length := range []int{0, 1, 100, 64<<10 - 1, 64 << 10, 64<<10 + 1, 256 << 10, 256<<10 + 1, mebi - 1, mebi, mebi + 1, 2 * mebi, 2*mebi + 5, 2*mebi + 6} {
		for _, announced := range []bool{true, false} {
			var body io.Reader = strings.NewReader(sevens[:length])
			if !announced {
				body = io.MultiReader(body)
			}
			got = -1
			w := webhook(handler, "192.0.2.1:443", body)
			if length > 2*mebi+5 {
				if w.Code != http.StatusRequestEntityTooLarge || got != -1 {
					t.Errorf("%d bytes, announced %v: got %d", length, announced, w.Code)
				}
			} else if w.Code != http.StatusOK || got != length {
				t.Errorf("%d bytes, announced %v: got %d, and %d bytes arrived", length, announced, w.Code, got)
			}
		}
	}
}

func TestHeadersAreBounded(t *testing.T) {
	h := build(t, monday("15:00:00"))
	address, end := h.run(t, plain)
	for length, want := range map[int]int{8 << 10: http.StatusOK, 64 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		conn := dial(t, address)
		fmt.Fprint(conn, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Long: "+strings.Repeat("x", length)+"\r\n\r\n")
		a := must(http.ReadResponse(bufio.NewReader(conn), nil))
		a.Body.Close()
		if a.StatusCode != want {
			t.Errorf("%d bytes: got %s, want %d", length, a.Status, want)
		}
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}

// Whoever comes when all connections are taken waits for one.
func TestConnectionsAreBounded(t *testing.T) {
	h := build(t, monday("15:00:00"))
	h.Limits.Connections = 2
	address, end := h.run(t, plain)
	ask := func(c io.ReadWriter) { fmt.Fprint(c, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n") }
	one, two, three := dial(t, address), dial(t, address), dial(t, address)
	ask(one)
	must(http.ReadResponse(bufio.NewReader(one), nil)).Body.Close()
	ask(two)
	must(http.ReadResponse(bufio.NewReader(two), nil)).Body.Close()
	ask(three)
	if err := three.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := three.Read(make([]byte, 1)); err == nil {
		t.Fatalf("the third got %d bytes of an answer", n)
	}
	one.Close()
	if err := three.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if a := must(http.ReadResponse(bufio.NewReader(three), nil)); a.StatusCode != http.StatusOK {
		t.Errorf("when one has gone: got %s", a.Status)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}
