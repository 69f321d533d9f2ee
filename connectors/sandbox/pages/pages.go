// Package pages is the sandbox as people see it: a Zendesk or Jira ticket that is read,
// answered and changed, as customer or as agent; and Slack's channels, cards, threads
// and home, with what can be pressed there.
//
// The pages stand where the vendors' own would, so that a ticket's link leads to them:
// /agent/tickets/1, /browse/SUP-1, and beside them /slack/ and the front page /sandbox/.
// They are HTML with forms, and whole without JavaScript; with it, Slack's page
// follows what is said there. Everything that somebody does goes through what package
// sandbox lets people do, as he who is chosen on the page: ?as= names him, and links
// carry it along.
//
// Nobody signs in here. So only this machine is let in, by an address of the loopback
// that no other name leads to, and nothing that a page of another site sends
// is taken.
package pages

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/text/language"

	"vigie/connectors/sandbox"
	"vigie/rules/calendar"
	"vigie/rules/words"
)

//go:embed pages.css pages.js templates/*.html
var files embed.FS

var templates = template.Must(template.ParseFS(files, "templates/*.html"))

const longestForm = 64 << 10 // bytes

// Pages are the pages of one sandbox.
type Pages struct {
	Sandbox *sandbox.Sandbox
	Board   string // where Vigie's board is; no link if empty
}

// Beside serves the pages, and whatever else is asked for by the vendors' own handler.
func (p *Pages) Beside(vendors http.Handler) http.Handler {
	own := http.NewServeMux()
	handle := func(pattern string, h func(*view) error) { own.Handle(pattern, p.answer(h)) }
	handle("GET /sandbox/{$}", front)
	handle("POST /sandbox/open", open)
	handle("GET /agent/tickets/{ref}", zendeskPage)
	handle("POST /agent/tickets/{ref}", zendeskAct)
	handle("GET /browse/{ref}", jiraPage)
	handle("POST /browse/{ref}", jiraAct)
	handle("GET /slack/{$}", slackFront)
	handle("GET /slack/home", slackHome)
	handle("GET /slack/{channel}", slackChannel)
	handle("POST /slack/{channel}", slackAct)
	own.HandleFunc("GET /sandbox/pages.css", asset("pages.css", "text/css; charset=utf-8"))
	own.HandleFunc("GET /sandbox/pages.js", asset("pages.js", "text/javascript; charset=utf-8"))
	guarded := guard(own)
	mux := http.NewServeMux()
	mux.Handle("/", vendors)
	mux.Handle("/{$}", http.RedirectHandler("/sandbox/", http.StatusFound))
	for _, prefix := range []string{"/agent/", "/browse/", "/slack/", "/sandbox/{$}", "/sandbox/open", "/sandbox/pages.css", "/sandbox/pages.js"} {
		mux.Handle(prefix, guarded)
	}
	return mux
}

func asset(name, kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		content, err := files.ReadFile(name)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(content) // the reader may have gone
	}
}

// guard lets nobody in but this machine, and no form of another site. A name that a
// stranger has lead here is no address of ours: his pages would be of one site with it.
func guard(next http.Handler) http.Handler {
	origins := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		if !loopback(r.RemoteAddr) || !loopback(r.Host) {
			http.Error(w, speak(r).Say("sandbox.only_here"), http.StatusForbidden)
			return
		}
		if err := origins.Check(r); err != nil {
			http.Error(w, speak(r).Say("sandbox.elsewhere"), http.StatusForbidden)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, longestForm)
		if r.Method == http.MethodPost {
			if err := r.ParseForm(); err != nil {
				http.Error(w, speak(r).Say("sandbox.bad_form"), http.StatusBadRequest)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// loopback says whether an address, with its port or without, is of this machine.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// speak is the language of a request: that of ?lang=, else what the browser asks for.
func speak(r *http.Request) *words.Language {
	if lang := r.URL.Query().Get("lang"); words.Spoken(lang) {
		return words.In(lang)
	}
	all := []language.Tag{language.Make(words.Fallback)}
	for _, l := range words.All() {
		all = append(all, language.Make(l.Tag))
	}
	_, i := language.MatchStrings(language.NewMatcher(all), r.Header.Get("Accept-Language"))
	return words.In(all[i].String())
}

// A view is a request to one of the pages, and what every page shows.
type view struct {
	*Pages
	W     *words.Language
	As    string // who acts, as the page's vendor names him
	Wrong string // why the last act wasn't done; empty if it was

	w http.ResponseWriter
	r *http.Request
}

// wrong is a request that can't be answered with what it asks for.
type wrong struct {
	status int
	id     string // of the text
}

func (e wrong) Error() string { return e.id }

var notThere = wrong{http.StatusNotFound, "sandbox.not_there"}

func (p *Pages) answer(h func(*view) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &view{Pages: p, W: speak(r), As: r.URL.Query().Get("as"), w: w, r: r}
		err := h(v)
		if err == nil {
			return
		}
		no, known := err.(wrong)
		if !known {
			p.Sandbox.Log.Error("page failed", "pattern", r.Pattern, "err", err)
			no = wrong{http.StatusInternalServerError, "sandbox.broken"}
		}
		http.Error(w, v.W.Say(no.id), no.status)
	})
}

// show writes a page, or nothing if its template fails.
func (v *view) show(name string, content any) error {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, content); err != nil {
		return fmt.Errorf("show %s: %w", name, err)
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if v.Wrong != "" {
		v.w.WriteHeader(http.StatusUnprocessableEntity)
	}
	_, _ = v.w.Write(b.Bytes()) // the reader may have gone
	return nil
}

// to goes on to a page after an act.
func (v *view) to(address string) error {
	http.Redirect(v.w, v.r, address, http.StatusSeeOther)
	return nil
}

// Link is the address of a page, in the language and as the person that were chosen;
// further names and values are added to its query, and a value "" takes one off it.
func (v *view) Link(path string, set ...string) string {
	q := url.Values{}
	if lang := v.r.URL.Query().Get("lang"); lang != "" {
		q.Set("lang", lang)
	}
	if v.As != "" {
		q.Set("as", v.As)
	}
	for i := 0; i+1 < len(set); i += 2 {
		if q.Set(set[i], set[i+1]); set[i+1] == "" {
			q.Del(set[i])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// Elsewhere is Link without the person, for the page of another vendor.
func (v *view) Elsewhere(path string) string { return v.Link(path, "as", "") }

// Here is this page's own address with some of its query set.
func (v *view) Here(set ...string) string { return v.Link(v.r.URL.EscapedPath(), set...) }

// Lang is the language that was asked for, for forms; empty if none was.
func (v *view) Lang() string { return v.r.URL.Query().Get("lang") }

// Others are the other languages.
func (v *view) Others() (list []*words.Language) {
	for _, l := range words.All() {
		if l.Tag != v.W.Tag {
			list = append(list, l)
		}
	}
	return list
}

// zone is where the sandbox's people are.
func zone() *time.Location {
	at, err := calendar.LoadZone("Europe/Paris")
	if err != nil {
		return time.UTC
	}
	return at
}

// Moment is an instant as people read it.
func (v *view) Moment(t time.Time) string { return v.W.Time("time.moment", t.In(zone())) }

// Now is ticket time.
func (v *view) Now() string { return v.Moment(v.Sandbox.Now()) }

// A choice is one of several values that a form offers.
type choice struct {
	Value, Text string
	Chosen      bool
}

func choices(values []string, chosen string) (list []choice) {
	for _, value := range values {
		list = append(list, choice{value, value, value == chosen})
	}
	return list
}
