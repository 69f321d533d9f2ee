package web_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"vigie/bot/store"
	"vigie/rules"
)

// held are tickets that somebody holds, or nobody: assigned at the vendor, taken in
// Slack, taken and given back.
func held() []*rules.Ticket {
	list := tickets()
	taken := func(name, email string, released bool) *rules.Handling {
		return &rules.Handling{Taken: &rules.Taken{By: rules.Person{ID: "U1", Name: name, Email: email}, At: monday("14:30:00"), Assignee: email, Released: released}}
	}
	for _, t := range list {
		switch t.ID {
		case "1":
			t.Assignee = "omar@acme.example"
		case "2": // assigned to one, and taken by another since
			t.Assignee, t.Handling = "omar@acme.example", taken("Nadia", "Nadia@acme.example", false)
		case "3":
			t.Assignee, t.Handling = "", taken("Nadia", "nadia@acme.example", true)
		case "4": // assigned to somebody else at the vendor since it was taken
			t.Handling = taken("Nadia", "nadia@acme.example", false)
			t.Events = append(t.Events, rules.Event{At: monday("14:50:00"), Type: rules.AssigneeEvent, To: "omar@acme.example", By: "lea@acme.example"})
		case "5":
			t.Assignee, t.Group = "nadia.k@acme.example", "Support Pune"
		case "6":
			t.Assignee = "omar@acme.example"
		}
	}
	return list
}

func housed(t *testing.T) *house {
	h := build(t, monday("15:00:00"), held()...)
	for _, one := range h.desk.tickets { // what people did in Slack is kept with the ticket, not read
		if err := h.Store.Save(t.Context(), store.Row{Source: "zendesk", ID: one.ID, Version: "1", Open: true, Ticket: &rules.Ticket{Source: "zendesk", ID: one.ID, Handling: one.Handling, CreatedAt: one.CreatedAt}}, nil, h.now); err != nil {
			t.Fatal(err)
		}
	}
	h.settle(t)
	return h
}

func TestBoardSaysWhoHoldsATicket(t *testing.T) {
	h := housed(t)
	page := h.get(t, "/")
	rows := regexpRows.FindAllString(page, -1)
	for id, want := range map[string]string{"1": "omar@acme.example", "2": "Nadia", "3": "–", "4": "omar@acme.example", "5": "nadia.k@acme.example", "8": "–"} {
		for _, row := range rows {
			if strings.Contains(row, "/tickets/zendesk/"+id+`"`) && !strings.Contains(words(row), " "+want+" ") {
				t.Errorf("ticket %s is not held by %s: %s", id, want, words(row))
			}
		}
	}
	expectWords(t, page, "Ticket Held by Priority")
	expectWords(t, h.get(t, "/?lang=fr"), "Ticket Prise en charge Priorité")
}

func TestBoardFilters(t *testing.T) {
	h := housed(t)
	for query, want := range map[string]string{
		"":                                       "1 5 8 2 3 9 4 6 7",
		"holder=omar%40acme.example":             "1 4 6",
		"holder=OMAR%40acme.example":             "1 4 6",
		"holder=nadia%40acme.example":            "2",
		"holder=nobody":                          "8 3 9 7",
		"holder=me":                              "1 5 8 2 3 9 4 6 7", // nobody has said who that is
		"team=Support+Pune":                      "5",
		"team=support+pune":                      "",
		"team=Support+Berlin&holder=nobody":      "8 3 9 7",
		"policy=acme":                            "1 5 8 2 3 9 4 6",
		"policy=other":                           "",
		"priority=urgent":                        "1 5 9",
		"priority=urgent&state=missed":           "1",
		"clause=A-2":                             "1 5 8 2 3 9 4",
		"clause=A":                               "",
		"clause=A-%25":                           "",
		"source=zendesk":                         "1 5 8 2 3 9 4 6 7",
		"source=jira":                            "",
		"q=omar":                                 "1 4 6",
		"q=omar&priority=normal":                 "4 6",
		"holder=omar%40acme.example&state=quiet": "6",
		"holder=" + strings.Repeat("x", 3000):    "",
	} {
		if got := refs(h.get(t, "/?"+query)); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	page := h.get(t, "/?holder=omar%40acme.example&team=Support+Berlin&lang=fr")
	for _, want := range []string{
		`<option value="omar@acme.example" selected>`, `<option value="Support Berlin" selected>`, `<details open><summary>Autres filtres`,
		`href="/?holder=omar%40acme.example&amp;lang=fr&amp;state=missed&amp;team=Support`, // a tile keeps the filter
		`<a href="/?lang=fr">Tout afficher</a>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%s isn't on the page", want)
		}
	}
	expectWords(t, page, "3 ouverts")
}

// Mine are the tickets of whom the proxy has signed in, by whichever address; else of
// whom the reader says he is, which opens nothing.
func TestMyTickets(t *testing.T) {
	h := housed(t)
	h.Addresses = func(who string) []string {
		if strings.EqualFold(who, "nadia@acme.example") {
			return []string{"nadia@acme.example", "nadia.k@acme.example"}
		}
		return []string{who}
	}
	if got := refs(h.get(t, "/?holder=me", "Cookie", "vigie_me=nadia%40acme.example")); got != "5 2" {
		t.Errorf("by a cookie: got %q", got)
	}
	send := func(me string, headers ...string) answer {
		return h.ask(t, "POST", "/me?lang=fr", strings.NewReader(url.Values{"me": {me}}.Encode()), append(headers, "Content-Type", "application/x-www-form-urlencoded")...)
	}
	a := send(" nadia@acme.example ")
	c := cookieOf(a)
	if a.status != http.StatusSeeOther || a.header.Get("Location") != "/?holder=me&lang=fr" || c == nil || c.Value != "nadia%40acme.example" || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
		t.Errorf("got %d to %s with %v", a.status, a.header.Get("Location"), c)
	}
	if c := cookieOf(send("")); c == nil || c.MaxAge >= 0 {
		t.Errorf("it isn't forgotten: %v", c)
	}
	if a := send("x@acme.example", "Sec-Fetch-Site", "cross-site"); a.status != http.StatusForbidden || cookieOf(a) != nil {
		t.Errorf("from elsewhere: got %d, %v", a.status, cookieOf(a))
	}
	if a := send(strings.Repeat("x", 300)); a.status != http.StatusBadRequest {
		t.Errorf("a long one: got %d", a.status)
	}
	if page := h.get(t, "/"); !strings.Contains(page, `action="/me"`) || strings.Contains(page, `value="me"`) {
		t.Error("who hasn't said who he is isn't asked, or is offered tickets of his own")
	}
	h.Token, h.ProxyHeader, h.Proxies = token, "X-Forwarded-User", []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	signed := []string{"X-Forwarded-User", "Omar@acme.example", "Cookie", "vigie_me=nadia%40acme.example"}
	page := h.get(t, "/?holder=me", signed...)
	if got := refs(page); got != "1 4 6" {
		t.Errorf("by the proxy: got %q", got)
	}
	if strings.Contains(page, `action="/me"`) {
		t.Error("who is signed in is asked who he is")
	}
	h.ProxyHeader = ""
	if a := h.ask(t, "GET", "/?holder=me", nil, "Cookie", "vigie_me=nadia%40acme.example"); a.status != http.StatusUnauthorized {
		t.Errorf("without a token: got %d", a.status)
	}
}

// What is finished or outside the SLA is behind one line, and unfolded where it is
// asked for.
func TestFinishedTicketsAreFolded(t *testing.T) {
	h := housed(t)
	page := h.get(t, "/")
	before, folded, found := strings.Cut(page, `<details id="quiet">`)
	if !found || refs(before) != "1 5 8 2 3 9 4" || refs(folded) != "6 7" {
		t.Errorf("before the line %q, behind it %q", refs(before), refs(folded))
	}
	expectWords(t, page, "2 tickets with no open target")
	if page := h.get(t, "/?state=quiet"); strings.Contains(page, `id="quiet"`) || refs(page) != "6 7" {
		t.Errorf("asked for, got %q", refs(page))
	}
	if page := h.get(t, "/?state=missed"); strings.Contains(page, `id="quiet"`) {
		t.Error("tickets of another state than is asked for")
	}
}

// The board comes in pages of less than 100 kB, by urgency, whatever stands in the
// tickets' names.
func TestBoardPages(t *testing.T) {
	h := seeded(t)
	h.crowd(t, 90, func(i int) store.Row {
		r := h.waitingSince(i)
		r.Ticket.Subject, r.Ticket.Organization, r.Ticket.Group, r.Ticket.Assignee = strings.Repeat("Long ", 20), "Acme University of Applied Sciences", "Support Berlin, second line", "nadia.kowalska@acme.example"
		return r
	})
	var all []string
	for path := "/?q=zendesk"; path != ""; {
		page := h.get(t, path, "Accept-Language", "fr")
		if len(page) >= 100_000 {
			t.Errorf("%s has %d bytes", path, len(page))
		}
		open, _, _ := strings.Cut(page, `<details id="quiet">`)
		all = append(all, strings.Fields(refs(open))...)
		next := regexpNext.FindStringSubmatch(page)
		if path = ""; next != nil {
			path = strings.ReplaceAll(next[1], "&amp;", "&")
		}
	}
	seen := map[string]bool{}
	for _, id := range all {
		seen[id] = true
	}
	if len(all) != 97 || len(seen) != 97 || all[0] != "1" {
		t.Errorf("the pages have %d tickets, %d of them once, the first %s", len(all), len(seen), all[0])
	}
	for _, from := range []string{"-5", "x", "999999999999"} {
		h.get(t, "/?from="+from)
	}
}

// The board keeps itself up to date where there is JavaScript, and reloads where there
// is none; where the reader has stopped it, neither.
func TestBoardIsLive(t *testing.T) {
	h := seeded(t)
	a := h.ask(t, "GET", "/", nil)
	if !strings.Contains(a.body, `<noscript><meta http-equiv="refresh" content="30"></noscript>`) || !strings.Contains(a.body, `<script src="/static/live.js" data-every="30" defer></script>`) {
		t.Error("it isn't live")
	}
	if got := a.header.Get("Content-Security-Policy"); !strings.HasSuffix(got, "; script-src 'self'; connect-src 'self'") || !strings.HasPrefix(got, "default-src 'none';") {
		t.Errorf("its policy is %s", got)
	}
	if got := h.ask(t, "GET", "/tickets/zendesk/1", nil).header.Get("Content-Security-Policy"); strings.Contains(got, "script-src") {
		t.Errorf("another page's policy is %s", got)
	}
	if page := h.get(t, "/?refresh=0"); strings.Contains(page, "<script") || strings.Contains(page, "http-equiv") {
		t.Error("it is live though it was stopped")
	}
	script := h.ask(t, "GET", "/static/live.js", nil)
	if script.status != 200 || !strings.HasPrefix(script.header.Get("Content-Type"), "text/javascript") {
		t.Errorf("the script: %d, %s", script.status, script.header.Get("Content-Type"))
	}
	for _, id := range []string{`id="as-of" class="live"`, `id="state" class="live"`, `id="tickets" class="live"`} {
		if !strings.Contains(a.body, id) {
			t.Errorf("%s isn't on the page", id)
		}
	}
}

// ourScript is the one script that a page has.
const ourScript = `<script src="/static/live.js" data-every="30" defer></script>`

var (
	regexpRows = regexp.MustCompile(`(?s)<tbody.*?</tbody>`)
	regexpNext = regexp.MustCompile(`<a href="([^"]*)">(?:La? |Les? )\d+ suivants?</a>`)
)
