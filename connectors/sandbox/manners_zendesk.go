package sandbox

import (
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// zendeskManners are how Zendesk, and what stands before it, is known to behave
// badly, besides answers that aren't the API's.
func zendeskManners() map[string]manner {
	all := notTheAPIs()
	maps.Copy(all, map[string]manner{
		// "/users/me" is for anonymous people too and names nobody then
		// (https://developer.zendesk.com/api-reference/ticketing/users/users/#show-self).
		"stranger":     {about: "knows nobody: /users/me answers 200 and names no one, everything else 401", fault: stranger},
		"stranger-404": {about: "knows nobody: /users/me answers 200 and names no one, lists are empty, a ticket is 404"},
		"hidden":       {about: "shows no tickets to the account, as to an agent of another group: lists are empty, a ticket is 404"},
		"forbidden":    {about: "shows no tickets to the account: lists are empty, a ticket is 403"},
		"short-lists":  {about: "leaves every other ticket out of show_many and of searches"},

		"pages-loop":       {about: "never says that a list is at its end, and leads from there to its beginning"},
		"pages-repeat":     {about: "never says that a list is at its end, and shows the last page again under tokens that are ever new"},
		"pages-ever-fresh": {about: "never says that a list is at its end, and goes on with empty pages under tokens that are ever new"},

		// https://github.com/airbytehq/airbyte/issues/52059 and pull request 63380
		"export-504":   {about: "answers 504 to an export or a search of more than 300 rows", fault: onlySome(300, Fault{Status: http.StatusGatewayTimeout, Body: gateway})},
		"export-hangs": {about: "never answers an export or a search of more than 300 rows", fault: onlySome(300, Fault{Hang: true})},
		"rows-504":     {about: "answers 504 to a show_many of more than 30 tickets", fault: onlyFew(30, Fault{Status: http.StatusGatewayTimeout, Body: gateway})},
		"row-hangs":    {about: "never answers a show_many that has ticket 1", fault: withTicket("1", Fault{Hang: true})},
		"audits-hang":  {about: "never answers for the audits of ticket 1", fault: onPath(`^/api/v2/tickets/1/audits`, Fault{Hang: true})},
		"audits-504":   {about: "answers 504 for the audits of ticket 1", fault: onPath(`^/api/v2/tickets/1/audits`, Fault{Status: http.StatusGatewayTimeout, Body: gateway})},
		"audits-404":   {about: "answers 404 for the audits of ticket 1, which is there", fault: onPath(`^/api/v2/tickets/1/audits`, Fault{Status: http.StatusNotFound, Body: `{"error":"RecordNotFound","description":"Not found"}`})},
		"audits-403":   {about: "answers 403 for all audits", fault: onPath(`^/api/v2/tickets/[0-9]+/audits`, Fault{Status: http.StatusForbidden, Body: `{"error":"Forbidden"}`})},

		"writes-unsaid": {about: "does what a write asks for, and answers 200 {}", fault: writesOnly(Fault{Status: http.StatusOK, Body: `{}`, AfterWork: true})},
		"writes-lost":   {about: "does nothing of what a write asks for, and answers 200 {}", fault: writesOnly(Fault{Status: http.StatusOK, Body: `{}`})},
	})
	return all
}

// gateway is what stands before Zendesk when Zendesk takes too long.
const gateway = `<html><head><title>504 Gateway Time-out</title></head><body>504 Gateway Time-out</body></html>`

func stranger(r *http.Request) (Fault, bool) {
	if strings.HasPrefix(r.URL.Path, "/api/v2/users/me") {
		return Fault{}, false
	}
	return Fault{Status: http.StatusUnauthorized, Body: `{"error":"Couldn't authenticate you"}`}, true
}

func onPath(pattern string, f Fault) func(*http.Request) (Fault, bool) {
	path := regexp.MustCompile(pattern)
	return func(r *http.Request) (Fault, bool) { return f, path.MatchString(r.URL.Path) }
}

func writesOnly(f Fault) func(*http.Request) (Fault, bool) {
	return func(r *http.Request) (Fault, bool) { return f, writes(zendesk, r) }
}

// onlySome fails exports and searches of more rows than that.
func onlySome(rows int, f Fault) func(*http.Request) (Fault, bool) {
	return func(r *http.Request) (Fault, bool) {
		size := r.URL.Query().Get("per_page")
		if strings.Contains(r.URL.Path, "/search/export") {
			size = r.URL.Query().Get("page[size]")
		} else if !strings.Contains(r.URL.Path, "/incremental/") {
			return f, false
		}
		n, err := strconv.Atoi(size)
		return f, err != nil || n > rows // a thousand where nothing is said
	}
}

func onlyFew(ids int, f Fault) func(*http.Request) (Fault, bool) {
	return func(r *http.Request) (Fault, bool) {
		return f, strings.Contains(r.URL.Path, "/tickets/show_many") && strings.Count(r.URL.Query().Get("ids"), ",") >= ids
	}
}

func withTicket(id string, f Fault) func(*http.Request) (Fault, bool) {
	return func(r *http.Request) (Fault, bool) {
		return f, strings.Contains(r.URL.Path, "/tickets/show_many") && strings.Contains(","+r.URL.Query().Get("ids")+",", ","+id+",")
	}
}

// anonymous says that Zendesk takes whoever asks for a stranger.
func (s *Sandbox) anonymous() bool {
	return s.Faults.has(zendesk, "stranger") || s.Faults.has(zendesk, "stranger-404")
}

// lists says that a ticket is in lists that show it.
func (s *Sandbox) lists(id int64) bool {
	f := &s.Faults
	return !f.has(zendesk, "stranger-404") && !f.has(zendesk, "hidden") && !f.has(zendesk, "forbidden") && (id%2 == 0 || !f.has(zendesk, "short-lists"))
}

// shows is why a ticket that is asked for itself isn't shown, if so.
func (s *Sandbox) shows() *zendeskError {
	switch {
	case s.Faults.has(zendesk, "stranger-404"), s.Faults.has(zendesk, "hidden"):
		return errNotFound
	case s.Faults.has(zendesk, "forbidden"):
		return errForbidden
	}
	return nil
}

// endless is where a list leads that never says that it is at its end: to a row,
// which is the next after the last, the first of the last page, or the first of
// all; and a mark that makes the token a new one. ok is false where it ends as it
// should.
func (s *Sandbox) endless(first, last, next int) (to int, mark string, ok bool) {
	s.state.Zendesk.LastToken++
	mark = strconv.FormatInt(s.state.Zendesk.LastToken, 10)
	switch f := &s.Faults; {
	case f.has(zendesk, "pages-loop"):
		return first, "", true
	case f.has(zendesk, "pages-repeat"):
		return last, mark, true
	case f.has(zendesk, "pages-ever-fresh"):
		return next, mark, true
	}
	return 0, "", false
}
