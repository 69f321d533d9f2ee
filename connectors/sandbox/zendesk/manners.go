package zendesk

import (
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"vigie/connectors/sandbox/stage"
)

// manners are how Zendesk, and what stands before it, is known to behave
// badly, besides answers that aren't the API's.
func manners() map[string]stage.Manner {
	all := stage.NotTheAPIs()
	maps.Copy(all, map[string]stage.Manner{
		// "/users/me" is for anonymous people too and names nobody then
		// (https://developer.zendesk.com/api-reference/ticketing/users/users/#show-self).
		"stranger":     {About: "knows nobody: /users/me answers 200 and names no one, everything else 401", Fault: stranger},
		"stranger-404": {About: "knows nobody: /users/me answers 200 and names no one, lists are empty, a ticket is 404"},
		"hidden":       {About: "shows no tickets to the account, as to an agent of another group: lists are empty, a ticket is 404"},
		"forbidden":    {About: "shows no tickets to the account: lists are empty, a ticket is 403"},
		"short-lists":  {About: "leaves every other ticket out of show_many and of searches"},

		"pages-loop":       {About: "never says that a list is at its end, and leads from there to its beginning"},
		"pages-repeat":     {About: "never says that a list is at its end, and shows the last page again under tokens that are ever new"},
		"pages-ever-fresh": {About: "never says that a list is at its end, and goes on with empty pages under tokens that are ever new"},

		// https://github.com/airbytehq/airbyte/issues/52059 and pull request 63380
		"export-504":   {About: "answers 504 to an export or a search of more than 300 rows", Fault: onlySome(300, stage.Fault{Status: http.StatusGatewayTimeout, Body: gateway})},
		"export-hangs": {About: "never answers an export or a search of more than 300 rows", Fault: onlySome(300, stage.Fault{Hang: true})},
		"rows-504":     {About: "answers 504 to a show_many of more than 30 tickets", Fault: onlyFew(30, stage.Fault{Status: http.StatusGatewayTimeout, Body: gateway})},
		"row-hangs":    {About: "never answers a show_many that has ticket 1", Fault: withTicket("1", stage.Fault{Hang: true})},
		"audits-hang":  {About: "never answers for the audits of ticket 1", Fault: onPath(`^/api/v2/tickets/1/audits`, stage.Fault{Hang: true})},
		"audits-504":   {About: "answers 504 for the audits of ticket 1", Fault: onPath(`^/api/v2/tickets/1/audits`, stage.Fault{Status: http.StatusGatewayTimeout, Body: gateway})},
		"audits-404":   {About: "answers 404 for the audits of ticket 1, which is there", Fault: onPath(`^/api/v2/tickets/1/audits`, stage.Fault{Status: http.StatusNotFound, Body: `{"error":"RecordNotFound","description":"Not found"}`})},
		"audits-403":   {About: "answers 403 for all audits", Fault: onPath(`^/api/v2/tickets/[0-9]+/audits`, stage.Fault{Status: http.StatusForbidden, Body: `{"error":"Forbidden"}`})},

		"writes-unsaid": {About: "does what a write asks for, and answers 200 {}", Fault: writesOnly(stage.Fault{Status: http.StatusOK, Body: `{}`, AfterWork: true})},
		"writes-lost":   {About: "does nothing of what a write asks for, and answers 200 {}", Fault: writesOnly(stage.Fault{Status: http.StatusOK, Body: `{}`})},
	})
	return all
}

// gateway is what stands before Zendesk when Zendesk takes too long.
const gateway = `<html><head><title>504 Gateway Time-out</title></head><body>504 Gateway Time-out</body></html>`

func stranger(r *http.Request) (stage.Fault, bool) {
	if strings.HasPrefix(r.URL.Path, "/api/v2/users/me") {
		return stage.Fault{}, false
	}
	return stage.Fault{Status: http.StatusUnauthorized, Body: `{"error":"Couldn't authenticate you"}`}, true
}

func onPath(pattern string, f stage.Fault) func(*http.Request) (stage.Fault, bool) {
	path := regexp.MustCompile(pattern)
	return func(r *http.Request) (stage.Fault, bool) { return f, path.MatchString(r.URL.Path) }
}

func writesOnly(f stage.Fault) func(*http.Request) (stage.Fault, bool) {
	return func(r *http.Request) (stage.Fault, bool) { return f, writes(r) }
}

// onlySome fails exports and searches of more rows than that.
func onlySome(rows int, f stage.Fault) func(*http.Request) (stage.Fault, bool) {
	return func(r *http.Request) (stage.Fault, bool) {
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

func onlyFew(ids int, f stage.Fault) func(*http.Request) (stage.Fault, bool) {
	return func(r *http.Request) (stage.Fault, bool) {
		return f, strings.Contains(r.URL.Path, "/tickets/show_many") && strings.Count(r.URL.Query().Get("ids"), ",") >= ids
	}
}

func withTicket(id string, f stage.Fault) func(*http.Request) (stage.Fault, bool) {
	return func(r *http.Request) (stage.Fault, bool) {
		return f, strings.Contains(r.URL.Path, "/tickets/show_many") && strings.Contains(","+r.URL.Query().Get("ids")+",", ","+id+",")
	}
}

// anonymous says that Zendesk takes whoever asks for a stranger.
func (d *Desk) anonymous() bool {
	return d.Faults.Has(vendor, "stranger") || d.Faults.Has(vendor, "stranger-404")
}

// lists says that a ticket is in lists that show it.
func (d *Desk) lists(id int64) bool {
	f := &d.Faults
	return !f.Has(vendor, "stranger-404") && !f.Has(vendor, "hidden") && !f.Has(vendor, "forbidden") && (id%2 == 0 || !f.Has(vendor, "short-lists"))
}

// shows is why a ticket that is asked for itself isn't shown, if so.
func (d *Desk) shows() *apiError {
	switch {
	case d.Faults.Has(vendor, "stranger-404"), d.Faults.Has(vendor, "hidden"):
		return errNotFound
	case d.Faults.Has(vendor, "forbidden"):
		return errForbidden
	}
	return nil
}

// endless is where a list leads that never says that it is at its end: to a row,
// which is the next after the last, the first of the last page, or the first of
// all; and a mark that makes the token a new one. ok is false where it ends as it
// should.
func (d *Desk) endless(first, last, next int) (to int, mark string, ok bool) {
	d.state.LastToken++
	mark = strconv.FormatInt(d.state.LastToken, 10)
	switch f := &d.Faults; {
	case f.Has(vendor, "pages-loop"):
		return first, "", true
	case f.Has(vendor, "pages-repeat"):
		return last, mark, true
	case f.Has(vendor, "pages-ever-fresh"):
		return next, mark, true
	}
	return 0, "", false
}

// oauthManners are what an account does that lets OAuth clients in, or no longer
// anything else. The handlers ask for each by its name.
func oauthManners() map[string]stage.Manner {
	return map[string]stage.Manner{
		"api-tokens-ended":        {About: "refuses e-mail address and API token, as from 30 April 2027 on"},
		"oauth-client-public":     {About: "gives no token to the client, which is of the kind public"},
		"oauth-scopes-restricted": {About: "gives no token for more than the client's Allowed scopes, which are read"},
		"oauth-scope-dropped":     {About: "gives a token for read alone, whatever is asked"},
	}
}
