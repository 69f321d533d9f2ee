// Package web is Vigie's HTTP side: webhooks come in, and the board, the ticket
// pages, the report and the health go out.
//
// A webhook is a hint. It is checked by its connector over the raw bytes, noted
// in the store in one transaction, and answered: 200 says that it is on disk,
// and any other status that nothing of it is kept. Reading and judging the
// tickets it names is the engine's affair.
//
// The pages are read only and work without JavaScript. They say what judging the
// stored tickets gives at one instant for the whole page, so that a page is never
// older than its refresh. What the board shows is judged then; what it only counts
// is as it was judged before wherever that still holds (store.Survey). What a handler
// can't do it returns as an error; one adapter (answer) turns it into a status
// and a sentence. Texts of tickets are untrusted: they pass through
// html/template, and only http and https addresses become links.
//
// # Who can reach what, and what stops them
//
// Strangers reach webhooks, the chat's calls, the login form, the health pages (which name nobody), the
// manual (manual.go) and the style sheet; whoever has the token, or is named by a configured proxy or signed in by a configured issuer,
// sees all tickets and changes nothing. There is one kind of reader, no more.
//
//   - A forged webhook: HMAC over the raw body, compared in constant time. Even a
//     genuine one only has a ticket read again; nothing of it is believed.
//   - A replayed one: Zendesk's is signed with its time, ten minutes are allowed;
//     Jira's has its time in the body, a day is; and a delivery counts once.
//   - A flood: a bucket for each source, and before it forgers by their address,
//     both before the body is read (limits.go, address.go). Refusals are logged up
//     to the limit, then counted.
//   - Large and slow bodies: as long as the vendor's longest, in memory bounded for
//     all of them together, with room kept for ordinary ones (room.go); headers,
//     bodies, answers and idle connections have their time; connections, and what
//     their headers hold, are bounded in number.
//   - Pages that use up a vendor's limit, since a ticket's page asks the vendor for its
//     own SLA: readers' pages only, one request each, within the source's share.
//   - Guessing the token: constant time, tries by address; the cookie is HttpOnly,
//     SameSite=Strict, Secure over https, a proof of the token and not the token.
//   - An answer of the issuer's that isn't one to this browser's question, or that was
//     used, or is about another program, or names somebody whose address isn't verified
//     or isn't allowed: oidc.go. Who signed in, and what was refused, is in the audit log.
//   - Another site in the reader's browser: forms from elsewhere are refused, pages
//     can't be framed, run no script, and lead only to our own paths.
//   - A name bound to 127.0.0.1, or a proxy on this machine, where there is no
//     token: home.go.
//   - Lies in headers: X-Forwarded-For and the header that names people are believed
//     from the configuration's proxies alone; the Host leads nowhere; a body in chunks ends its connection, so that a proxy that
//     counts differently smuggles nothing in.
//   - Ticket text with markup: html/template, and addresses that are http or https.
//     In Slack it is plain text and escaped; in a terminal and in the log its
//     control characters are taken off or quoted.
//   - A vendor that answers with other addresses: never followed
//     (rest.Transport.Origin). Answers are bounded in size and time.
//   - A condition that runs for ever: policies are their author's, but conditions
//     are no programs (rules/condition_bounds.go): no ranges, no growing texts, two
//     loops at most within one another.
//
// What is left: whoever reads the machine's memory or environment has the secrets.
// One who has a vendor's webhook secret can have tickets read again, within the
// source's rate. Thousands of addresses together can fill a source's bucket, the
// room or the connections; webhooks are late then and polls go on. Behind a proxy
// that doesn't say who asks, forgers and guessers are counted as one, or not at
// all. Without a token, a proxy that runs as the same user as Vigie, passes the Host
// on and says nothing of itself can't be told from a browser beside it until a signed
// webhook comes through it; nor can any where the system doesn't tell whose process
// asks (owner_other.go).
package web

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/rules"
)

// A Hook is how one source takes webhooks.
type Hook struct {
	// Parse checks and reads one: its headers, its raw body and the real time. Its
	// errors are rules.ErrForged and rules.ErrUnreadable.
	Parse   func(http.Header, []byte, time.Time) (desk.Delivery, error)
	Longest int64 // body that its vendor sends, in bytes; longer ones are refused unread
}

// An SLA is a source's vendor as one that has its own SLA on tickets.
type SLA struct {
	Vendor string // as people call it

	// Ask asks what it says of a ticket at present. It doesn't take long, whatever
	// becomes of the question.
	Ask func(ctx context.Context, id string) rules.VendorSLA
}

// An Intake takes in what a webhook says. It has returned only when that is on
// disk; fresh is false for a delivery that was taken before.
type Intake interface {
	Receive(ctx context.Context, source string, d desk.Delivery) (fresh bool, err error)
}

// A Server answers HTTP. Its exported fields are set before it is used; it is
// not copied afterwards.
type Server struct {
	Hooks    map[string]Hook // by source; a source without one takes no webhooks
	Intake   Intake
	Acts     Acts // nil: none come in by HTTP
	Store    *store.Store
	Policies map[string][]*rules.Policy // by source: all that are in the configuration
	Version  string                     // the engine's, see there: what an engine of it judged is believed

	// Stalled says which sources wait after an error, and why; a name that is
	// no source is the chat's. Nil: never.
	Stalled func() map[string]error

	// Hung counts the rounds of work that hang at an instant of real time. Nil: none.
	Hung func(now time.Time) int

	// QuotaUsed says by source how much of our share of the vendor's limit is taken,
	// from 0 to 1; a source without a quota is not in it.
	QuotaUsed map[string]func() float64

	// Takes says by source about how long it will take to read and to write so many
	// tickets, at the pace that the vendor's quota allows.
	Takes map[string]func(reads, writes int) time.Duration

	// SLAs are the vendors' own, by source: asked when a person opens a ticket's page.
	SLAs map[string]SLA

	// Due lists the due fields of a source. Nil: none are known.
	Due func(source string) []rules.DueField

	Meter *Meter // what the engine does; nil: not counted

	// Who may see people's pages and /metrics, see access.go. Token is asked for at
	// each request, since it may change; "" is none.
	Token func() string
	// Addresses are all by which somebody is known, given one of them. Nil: that one
	// alone.
	Addresses func(who string) []string

	ProxyHeader string         // in which one of the Proxies names whom it has signed in; "": none does
	Proxies     []netip.Prefix // whose word is believed: who is signed in, and in X-Forwarded-For who asks
	OIDC        *OIDC          // nil: no issuer signs people in
	PublicURL   string         // under which others reach this server; "": nobody does

	Build Build // which program this is; without a Version it isn't said

	Now   func() time.Time // ticket time; may be a fast clock in a demo
	Clock func() time.Time // real time, for signatures and sessions; nil: time.Now
	Log   *slog.Logger

	Limits Limits

	tally      tally
	reached    atomic.Bool // a signed webhook came from elsewhere: strangers reach us, too
	counting   sync.Mutex  // guards counted
	counted    census
	surveying  sync.Mutex         // one survey of all open tickets at a time bounds what the board costs
	reporting  sync.Mutex         // and one report
	explaining sync.Mutex         // and one ticket's page
	explained  singleflight.Group // by which it is: for all who ask while it is made
	notedGuard sync.Mutex         // guards noted
	noted      map[string]bool    // whom a proxy has named today
	pages      sync.Map           // the manual's, as HTML, by name and language
}

// Server timeouts. A slow client can't hold a connection for longer; a vendor's
// longest webhook fits into readTimeout on any line that a vendor has.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 60 * time.Second
	writeTimeout  = 60 * time.Second
	idleTimeout   = 2 * time.Minute
	stopTimeout   = 10 * time.Second // how long requests may go on once the server is to end
	maxHeaders    = 32 << 10         // vendors' are short; a browser brings the cookies of its proxy
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

var templates = template.Must(template.ParseFS(templateFiles, "templates/*.html"))

// Handler is all that Vigie answers.
func (s *Server) Handler() http.Handler {
	mux, metrics, gate := http.NewServeMux(), s.metrics(), newGate(s)
	bodies := newRoom(s.Limits.orDefaults().Memory)
	mux.Handle("POST /webhooks/{source}", s.answer(gate.webhooks(s.webhook(bodies))))
	for _, path := range []string{"events", "actions", "commands"} {
		mux.Handle("POST /slack/"+path, s.answer(gate.acts(s.act(bodies))))
	}
	mux.Handle("GET /{$}", s.answer(gate.people(s.board)))
	mux.Handle("GET /report", s.answer(gate.people(s.report)))
	mux.Handle("GET /report.csv", s.answer(gate.people(s.reportCSV)))
	mux.Handle("GET /tickets/{source}/{id...}", s.answer(gate.people(s.ticket)))
	mux.Handle("GET /docs", s.answer(s.manual))
	mux.Handle("GET /docs/{page}", s.answer(s.manualOf))
	mux.Handle("GET /audit", s.answer(gate.people(s.audited)))
	mux.Handle("GET /oidc/login", s.answer(gate.toIssuer))
	mux.Handle("GET "+callbackPath, s.answer(gate.fromIssuer))
	mux.Handle("POST /logout", s.answer(gate.signOut))
	mux.Handle("POST /me", s.answer(gate.people(gate.sayMe)))
	mux.Handle("GET /login", s.answer(gate.people(s.afterLogin)))
	mux.Handle("POST /login", s.answer(gate.login))
	mux.Handle("GET /healthz", s.answer(s.healthz))
	mux.Handle("GET /readyz", s.answer(s.readyz))
	mux.Handle("GET /metrics", s.answer(gate.machines(func(w http.ResponseWriter, r *http.Request) error {
		metrics.ServeHTTP(w, r)
		return nil
	})))
	mux.Handle("GET /static/", http.FileServerFS(staticFiles))
	return s.secured(mux)
}

// withScript is the policy of the one page that has a script, which is ours: the board,
// that keeps itself up to date.
var withScript = everywhere["Content-Security-Policy"] + "; script-src 'self'; connect-src 'self'"

// everywhere are the headers of every answer. No page but the board has a script, and
// none a style of its own, so the policy can be strict. The referrer stays within: without any, a
// browser wouldn't say either where the login form stands.
var everywhere = map[string]string{
	"Content-Security-Policy":      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "same-origin",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
}

// secured adds the headers that hold for every answer.
func (s *Server) secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for name, value := range everywhere {
			h.Set(name, value)
		}
		if strings.HasPrefix(s.PublicURL, "https://") { // browsers take it over https alone
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if len(r.TransferEncoding) > 0 {
			// A proxy that went by a Content-Length beside it would take the rest of
			// this body for the next request (RFC 9112, 6.1).
			h.Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// Run serves on l until the context ends, then lets requests finish, for at most
// stopTimeout. It closes l.
func (s *Server) Run(ctx context.Context, l net.Listener) error {
	connections := bound(l, s.Limits.orDefaults().Connections)
	server := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaders,
		ConnState:         connections.ended,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug), // what strangers do wrong
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(connections) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout) // the requests outlive ctx
	defer cancel()
	err := server.Shutdown(last)
	if err != nil {
		err = fmt.Errorf("end %s: %w", l.Addr(), errors.Join(err, server.Close()))
	}
	<-ended
	return err
}

// A handler answers, or returns why it can't, having written nothing.
type handler func(http.ResponseWriter, *http.Request) error

// A refusal is an answer that says no, with a sentence for whoever asked.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return r.text }

// answer turns a handler's error into a status: a refusal's own, or 500 for what
// should not have happened, whose details are for the log alone. It answers even
// where the request's context has ended: net/http would say 200 otherwise, and a
// caller that closed its half of the connection, or was too slow, reads it.
func (s *Server) answer(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer s.survive(w, r)
		err := h(w, r)
		if err == nil {
			return
		}
		var no *refusal
		if !errors.As(err, &no) {
			level := slog.LevelError
			if r.Context().Err() != nil { // the reader went on to another page
				level = slog.LevelDebug
			}
			s.Log.Log(r.Context(), level, "request failed", "pattern", r.Pattern, "err", err)
			no = &refusal{http.StatusInternalServerError, speak(r).Say("refusal.broken")}
		}
		if strings.Contains(r.Header.Get("Accept"), "text/html") {
			if s.render(w, no.status, "refusal.html", refusalPage{s.page(r), no.text}) == nil {
				return
			}
		}
		http.Error(w, no.text, no.status)
	})
}

// survive makes of a panic an error of that one request, told where it is seen;
// net/http would tell it among what strangers do wrong.
func (s *Server) survive(w http.ResponseWriter, r *http.Request) {
	switch v := recover(); v {
	case nil:
	case http.ErrAbortHandler: // asked for: net/http cuts the connection
		panic(v)
	default:
		s.Log.Error("request panicked", "pattern", r.Pattern, "panic", v, "stack", string(debug.Stack()))
		http.Error(w, speak(r).Say("refusal.broken"), http.StatusInternalServerError)
	}
}

type refusalPage struct {
	page
	Text string
}

// render writes a page, or nothing if its template fails.
func (s *Server) render(w http.ResponseWriter, status int, name string, content any) error {
	page, err := rendered(name, content)
	if err == nil {
		s.send(w, status, page)
	}
	return err
}

func rendered(name string, content any) ([]byte, error) {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, content); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	return b.Bytes(), nil
}

func (s *Server) send(w http.ResponseWriter, status int, page []byte) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if _, err := w.Write(page); err != nil {
		s.Log.Debug("page not sent", "err", err)
	}
}

// clock is the real time.
func (s *Server) clock() time.Time {
	if s.Clock != nil {
		return s.Clock()
	}
	return time.Now()
}

// stalled is what waits after an error, by name. A message that waits after one, or
// after a refusal, is the chat's, whichever program tried to send it.
func (s *Server) stalled(ctx context.Context) map[string]error {
	all := map[string]error{}
	if s.Stalled != nil {
		maps.Copy(all, s.Stalled())
	}
	if all[chat] == nil {
		if a, err := s.Store.Failing(ctx); err == nil && a != nil {
			all[chat] = errors.New(a.Note)
		}
	}
	return all
}
