package web_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"vigie/bot/web"
	"vigie/connectors/desk"
)

const mebi = 1 << 20

var sevens = strings.Repeat("7", 30*mebi)

// marked are the tickets that the vendor says have changed and that are still to
// be read, with how often that was said.
func (h *house) marked(t *testing.T) string {
	t.Helper()
	var list []string
	for _, r := range must(h.Store.Changed(t.Context(), "zendesk", 100)) {
		list = append(list, fmt.Sprintf("%s×%d", r.ID, r.Marks))
	}
	return strings.Join(list, " ")
}

func TestWebhook(t *testing.T) {
	signed := []string{"X-Signature", "signed", "X-Delivery", "d1"}
	long := func(size int) io.Reader { return io.LimitReader(strings.NewReader(sevens), int64(size)) }
	cases := map[string]struct {
		source  string
		body    io.Reader
		length  int64 // Content-Length, where the body doesn't say; 0: chunked
		headers []string
		status  int
		says    string
		marked  string
	}{
		"fresh":                     {source: "zendesk", body: strings.NewReader("42"), headers: signed, status: 200, marked: "42×1"},
		"forged":                    {source: "zendesk", body: strings.NewReader("42"), status: 401, says: desk.ErrForged.Error()},
		"stale":                     {source: "zendesk", body: strings.NewReader("42"), headers: append(signed, "X-Signed-At", "2026-11-30T14:54:59Z"), status: 401, says: desk.ErrForged.Error()},
		"signed a moment ago":       {source: "zendesk", body: strings.NewReader("42"), headers: append(signed, "X-Signed-At", "2026-11-30T14:55:00Z"), status: 200, marked: "42×1"},
		"unreadable":                {source: "zendesk", body: http.NoBody, headers: signed, status: 400, says: "there is no ticket in it"},
		"unknown source":            {source: "intercom", body: strings.NewReader("42"), headers: signed, status: 404, says: "no source of this name"},
		"30 MB, and says so":        {source: "zendesk", body: long(30 * mebi), length: 30 * mebi, headers: signed, status: 413, says: "longer than 25 MiB"},
		"30 MB in chunks":           {source: "zendesk", body: long(30 * mebi), headers: signed, status: 413, says: "longer than 25 MiB"},
		"a byte too long":           {source: "zendesk", body: long(25*mebi + 1), headers: signed, status: 413, says: "longer than 25 MiB"},
		"as long as Jira's longest": {source: "zendesk", body: long(25 * mebi), length: 25 * mebi, headers: signed, status: 200, marked: strings.Repeat("7", 20) + "×1"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			h := build(t, monday("15:00:00"))
			server, client := h.serve(t)
			r := must(http.NewRequest("POST", server.URL+"/webhooks/"+c.source, c.body))
			if c.length > 0 {
				r.ContentLength = c.length
			}
			a := h.send(t, client, r, c.headers...)
			if a.status != c.status || !strings.Contains(a.body, c.says) {
				t.Errorf("got %d %q, want %d and %q", a.status, a.body, c.status, c.says)
			}
			if got := h.marked(t); got != c.marked {
				t.Errorf("stored: got %q, want %q", got, c.marked)
			}
		})
	}
}

func TestRepeatedWebhook(t *testing.T) {
	h := build(t, monday("15:00:00"))
	for _, delivery := range []struct{ id, marked string }{{"d1", "42×1"}, {"d1", "42×1"}, {"d2", "42×2"}} {
		a := h.ask(t, "POST", "/webhooks/zendesk", strings.NewReader("42"), "X-Signature", "signed", "X-Delivery", delivery.id)
		if a.status != http.StatusOK {
			t.Fatalf("got %d", a.status)
		}
		if got := h.marked(t); got != delivery.marked {
			t.Errorf("after %s: stored %q, want %q", delivery.id, got, delivery.marked)
		}
	}
}

func TestWebhookWithoutStore(t *testing.T) {
	h := build(t, monday("15:00:00"))
	h.Store.Close()
	a := h.ask(t, "POST", "/webhooks/zendesk", strings.NewReader("42"), "X-Signature", "signed", "X-Delivery", "d1")
	if a.status != http.StatusServiceUnavailable {
		t.Errorf("got %d", a.status)
	}
	if after, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || after <= 0 || after >= 60 { // Zendesk's limit
		t.Errorf("Retry-After: got %q", a.header.Get("Retry-After"))
	}
	if strings.Contains(a.body, "sql") || strings.Contains(a.body, "database") {
		t.Errorf("it tells strangers %q", a.body)
	}
}

func TestWebhookOfAnUnknownTicket(t *testing.T) {
	h := seeded(t)
	before := h.get(t, "/")
	a := h.ask(t, "POST", "/webhooks/zendesk", strings.NewReader("4711"), "X-Signature", "signed", "X-Delivery", "d1")
	if a.status != http.StatusOK {
		t.Fatalf("got %d", a.status)
	}
	if got, want := h.marked(t), "4711×1"; got != want {
		t.Errorf("stored %q, want %q", got, want)
	}
	for _, settled := range []bool{false, true} {
		if settled {
			h.settle(t)
		}
		if after := h.get(t, "/"); after != before {
			t.Errorf("settled %v: the board now says %s", settled, words(after))
		}
	}
	if got := h.marked(t); got != "" {
		t.Errorf("still to be read: %s", got)
	}
}

// What comes by webhook is nobody's business: neither the log nor the answer
// repeats it.
func TestWebhookIsNotRepeatedInTheLog(t *testing.T) {
	for _, signature := range []string{"signed", "secret-signature"} {
		h := build(t, monday("15:00:00"))
		var log strings.Builder
		h.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		a := h.ask(t, "POST", "/webhooks/zendesk", strings.NewReader("My password is hunter2"), "X-Signature", signature, "X-Delivery", "d1")
		if said := log.String(); !strings.Contains(said, "webhook") || strings.Contains(said+a.body, "hunter2") || strings.Contains(said+a.body, "secret-signature") {
			t.Errorf("%s: log %q, answer %q", signature, said, a.body)
		}
	}
}

// receive is an intake of one function.
type receive func(context.Context) error

func (f receive) Receive(ctx context.Context, _ string, _ desk.Delivery) (bool, error) {
	return false, f(ctx)
}

// A caller that closes its half of the connection still reads the answer, and
// must not read 200 for what isn't on disk.
func TestHalfClosedCallerIsNotToldThatAllIsWell(t *testing.T) {
	cases := map[string]struct {
		body   string
		intake web.Intake // nil: the engine
		status int
	}{
		"the body broke off":           {"4", nil, http.StatusBadRequest},
		"before the store was through": {"42", receive(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }), http.StatusServiceUnavailable},
	}
	for name, c := range cases {
		h := build(t, monday("15:00:00"))
		if c.intake != nil {
			h.Intake = c.intake
		}
		server, _ := h.serve(t)
		conn := dial(t, server.Listener.Addr().String())
		fmt.Fprint(conn, "POST /webhooks/zendesk HTTP/1.1\r\nHost: localhost\r\nX-Signature: signed\r\nContent-Length: 2\r\n\r\n"+c.body)
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		a := must(http.ReadResponse(bufio.NewReader(conn), nil))
		a.Body.Close()
		if a.StatusCode != c.status || h.marked(t) != "" {
			t.Errorf("%s: got %s, stored %q", name, a.Status, h.marked(t))
		}
	}
}

// hasty is a listener whose connections take a minute for 50 ms wherever they
// are to wait for longer than patience.
type hasty struct {
	net.Listener
	patience time.Duration
}

func (l hasty) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return hastyConn{c, l.patience}, err
}

type hastyConn struct {
	net.Conn
	patience time.Duration
}

func (c hastyConn) SetReadDeadline(at time.Time) error {
	if left := time.Until(at); !at.IsZero() && left > c.patience {
		at = time.Now().Add(left / 1200)
	}
	return c.Conn.SetReadDeadline(at)
}

// run runs the server for the test on a listener of its own, and returns where,
// and what ends it.
func (h *house) run(t *testing.T, wrap func(net.Listener) net.Listener) (address string, end func() error) {
	t.Helper()
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	address = l.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx, wrap(l)) }()
	end = func() error { cancel(); return <-ended }
	t.Cleanup(cancel)
	return address, end
}

// dial is a connection that fails the test rather than wait for ever.
func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn := must(net.Dial("tcp", address))
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func plain(l net.Listener) net.Listener { return l }

const slowHead = "POST /webhooks/zendesk HTTP/1.1\r\nHost: localhost\r\nX-Signature: signed\r\nX-Delivery: slow\r\nContent-Length: 2\r\n\r\n4"

func TestSlowBodyKeepsNobodyWaiting(t *testing.T) {
	h := build(t, monday("15:00:00"))
	address, end := h.run(t, plain)
	slow := make([]net.Conn, 50)
	for i := range slow {
		slow[i] = dial(t, address)
		fmt.Fprint(slow[i], slowHead)
	}
	r := must(http.NewRequest("POST", "http://"+address+"/webhooks/zendesk", strings.NewReader("43")))
	if a := h.send(t, http.DefaultClient, r, "X-Signature", "signed", "X-Delivery", "quick", "Connection", "close"); a.status != http.StatusOK {
		t.Errorf("beside 50 slow ones: got %d", a.status)
	}
	fmt.Fprint(slow[0], "2") // and it comes to its end, after all
	a := must(http.ReadResponse(bufio.NewReader(slow[0]), nil))
	a.Body.Close()
	if a.StatusCode != http.StatusOK || h.marked(t) != "42×1 43×1" {
		t.Errorf("the slow one: got %d, stored %q", a.StatusCode, h.marked(t))
	}
	for _, c := range slow {
		c.Close()
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}

// Whoever was let in is answered before the server ends; nobody else is let in.
func TestWebhookUnderWayAtTheEnd(t *testing.T) {
	h := build(t, monday("15:00:00"))
	address, end := h.run(t, plain)
	conn := dial(t, address)
	fmt.Fprint(conn, strings.Replace(slowHead, "\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n", 1))
	answers := bufio.NewReader(conn)
	if a := must(http.ReadResponse(answers, nil)); a.StatusCode != http.StatusContinue { // the handler reads
		t.Fatalf("got %s", a.Status)
	}
	ended := make(chan error, 1)
	go func() { ended <- end() }()
	for {
		c, err := net.Dial("tcp", address)
		if err != nil {
			break
		}
		c.Close()
	}
	fmt.Fprint(conn, "2")
	a := must(http.ReadResponse(answers, nil))
	a.Body.Close()
	if a.StatusCode != http.StatusOK || h.marked(t) != "42×1" {
		t.Errorf("got %s, stored %q", a.Status, h.marked(t))
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A body that never ends is given up, in a way that vendors take for "again".
func TestSlowBodyIsGivenUp(t *testing.T) {
	h := build(t, monday("15:00:00"))
	address, end := h.run(t, func(l net.Listener) net.Listener { return hasty{l, 30 * time.Second} }) // headers have their time
	conn := dial(t, address)
	fmt.Fprint(conn, slowHead)
	a := must(http.ReadResponse(bufio.NewReader(conn), nil))
	a.Body.Close()
	if a.StatusCode != http.StatusRequestTimeout || h.marked(t) != "" {
		t.Errorf("got %s, stored %q", a.Status, h.marked(t))
	}
	if rest, err := io.ReadAll(conn); err != nil && !errors.Is(err, net.ErrClosed) || len(rest) > 0 {
		t.Errorf("the connection goes on: %q, %v", rest, err)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}

// Headers that never end are given up as well.
func TestSlowHeadersAreGivenUp(t *testing.T) {
	h := build(t, monday("15:00:00"))
	address, end := h.run(t, func(l net.Listener) net.Listener { return hasty{l, 0} })
	conn := dial(t, address)
	fmt.Fprint(conn, "POST /webhooks/zendesk HTTP/1.1\r\nHost: local")
	if _, err := io.ReadAll(conn); err != nil {
		t.Errorf("the connection was not closed: %v", err)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}

// A panic ends one request, is told in the log, and tells strangers nothing.
func TestPanicEndsOneRequest(t *testing.T) {
	h := build(t, monday("15:00:00"))
	var log strings.Builder
	h.Log = slog.New(slog.NewTextHandler(&log, nil))
	h.Intake = receive(func(context.Context) error { panic("s3cret detail") })
	handler := h.Handler()
	w := webhook(handler, "192.0.2.1:443", strings.NewReader("42"), "X-Signature", "signed")
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "s3cret") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if said := log.String(); !strings.Contains(said, "level=ERROR") || !strings.Contains(said, "s3cret detail") || !strings.Contains(said, "webhook_test.go") {
		t.Errorf("the log says %q", said)
	}
	h.Intake = taken
	if w := webhook(handler, "192.0.2.1:443", strings.NewReader("42"), "X-Signature", "signed"); w.Code != http.StatusOK {
		t.Errorf("the next one: got %d", w.Code)
	}
}

// A body that names more tickets than any vendor does is refused, and none is marked.
func TestWebhookThatNamesTooMany(t *testing.T) {
	h := build(t, monday("15:00:00"))
	names := 0
	h.Hooks["zendesk"] = web.Hook{Longest: mebi, Parse: func(http.Header, []byte, time.Time) (desk.Delivery, error) {
		d := desk.Delivery{ID: fmt.Sprint(names)}
		for i := range names {
			d.Tickets = append(d.Tickets, fmt.Sprint(i))
		}
		return d, nil
	}}
	for _, c := range []struct{ names, status int }{{desk.MaxNamed, 200}, {desk.MaxNamed + 1, 400}, {100_000, 400}} {
		names = c.names
		a := h.ask(t, "POST", "/webhooks/zendesk", strings.NewReader("x"))
		if a.status != c.status {
			t.Errorf("%d tickets: got %d, want %d", c.names, a.status, c.status)
		}
		if c.status == 400 && !strings.Contains(a.body, fmt.Sprintf("it names %d tickets", c.names)) {
			t.Errorf("%d tickets: %s", c.names, a.body)
		}
	}
	if changed := must(h.Store.Changed(t.Context(), "zendesk", 1000)); len(changed) != desk.MaxNamed {
		t.Errorf("%d tickets are marked", len(changed))
	}
}
