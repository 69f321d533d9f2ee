package web_test

import (
	"errors"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/bot/store"
	"vigie/rules"
)

var refLinks = regexp.MustCompile(`<a class="ref" href="[^"]*">(?:<bdi>)?([^<]*)`)

// refs are the tickets of a board's tables in their order, by id.
func refs(page string) string {
	var list []string
	for _, m := range refLinks.FindAllStringSubmatch(page, -1) {
		list = append(list, strings.TrimPrefix(m[1], "zendesk:"))
	}
	return strings.Join(list, " ")
}

// What was missed comes first, then what falls due soonest, be it at risk yet or
// not; then what is paused, then what has no target.
func TestBoardOrder(t *testing.T) {
	h := seeded(t)
	if got, want := refs(h.get(t, "/")), "1 5 8 2 3 9 4 6 7"; got != want {
		t.Errorf("at 15:00: got %s, want %s", got, want)
	}
	ticket := func(id, priority string, at time.Time, paused string) *rules.Ticket {
		one := &rules.Ticket{ID: id, Subject: id, Kind: "problem", Status: rules.Open, Priority: priority, CreatedAt: at}
		if paused != "" {
			one.Events = []rules.Event{{At: at, Type: rules.ReplyEvent, By: rules.ByAgent, Public: true}, {At: monday(paused), Type: rules.StatusEvent, To: string(rules.WaitingCustomer)}}
		}
		return one
	}
	h = build(t, monday("15:00:00"),
		ticket("10", "normal", monday("14:00:00"), ""), ticket("9", "normal", monday("14:00:00"), ""), // due Tue 14:00 both
		ticket("1", "urgent", monday("12:00:00"), ""), ticket("2", "urgent", monday("11:00:00"), ""), // missed since 13:00 and 12:00
		ticket("3", "urgent", monday("14:30:00"), ""), ticket("4", "urgent", monday("14:40:00"), ""), // at risk and running, due 15:30 and 15:40
		ticket("5", "urgent", monday("09:00:00"), "10:00:00"), ticket("6", "urgent", monday("09:00:00"), "12:00:00")) // 15 h and 13 h left
	h.settle(t)
	if got, want := refs(h.get(t, "/")), "2 1 3 4 9 10 6 5"; got != want {
		t.Errorf("of one kind: got %s, want %s", got, want)
	}
}

// A ticket stands where its most pressing clock has it: the one at risk gives
// the colour, the one that is due first the place.
func TestBoardOrderWithinATicket(t *testing.T) {
	ticket := func(id, priority string, at time.Time) *rules.Ticket {
		return &rules.Ticket{ID: id, Subject: id, Kind: "problem", Status: rules.Open, Priority: priority, CreatedAt: at}
	}
	h := build(t, monday("15:00:00"),
		ticket("1", "normal", monday("10:00:00")), // first reply at risk, due Tue 10:00
		ticket("2", "urgent", monday("14:45:00")), // first reply running, due 15:45
		ticket("3", "normal", monday("14:59:00")), // first reply running, due Tue 14:59
	)
	h.settle(t)
	page := h.get(t, "/")
	if got, want := refs(page), "2 1 3"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	rows := regexp.MustCompile(`<tbody class="([a-z_]+)`).FindAllStringSubmatch(page, -1)
	for i, want := range []string{"running", "at_risk", "running"} {
		if rows[i][1] != want {
			t.Errorf("row %d: got %s, want %s", i+1, rows[i][1], want)
		}
	}
}

var tileLinks = regexp.MustCompile(`(?s)<a class="([a-z_]+)[^"]*" href="([^"]*)"([^>]*)><b>(\d+)</b> ([^<]*)</a>`)

type tile struct {
	class, link, label string
	count              int
	chosen             bool
}

func tiles(page string) (list []tile) {
	for _, m := range tileLinks.FindAllStringSubmatch(page, -1) {
		one := tile{class: m[1], link: html.UnescapeString(m[2]), label: html.UnescapeString(m[5]), chosen: strings.Contains(m[3], "aria-current")}
		fmt.Sscan(m[4], &one.count)
		list = append(list, one)
	}
	return list
}

// A tile says how many tickets its link leads to, whatever else is asked for.
func TestTilesLeadToWhatTheyCount(t *testing.T) {
	cases := []struct{ query, want string }{
		{"", "open 9, missed 1, at_risk 2, paused 1, untriaged 1"},
		{"?state=missed", "open 9, missed 1, at_risk 2, paused 1, untriaged 1"},
		{"?q=form", "open 2, missed 0, at_risk 0, paused 0, untriaged 1"},
		{"?q=portal", "open 1, missed 1, at_risk 0, paused 0, untriaged 0"},
		{"?source=jira", "open 0, missed 0, at_risk 0, paused 0, untriaged 0"},
		{"?lang=fr&refresh=0", "open 9, missed 1, at_risk 2, paused 1, untriaged 1"},
	}
	h := seeded(t)
	for _, c := range cases {
		var said []string
		for _, tile := range tiles(h.get(t, "/"+c.query)) {
			said = append(said, fmt.Sprintf("%s %d", tile.class, tile.count))
			shown := h.get(t, tile.link)
			if n := len(strings.Fields(refs(shown))); n != tile.count {
				t.Errorf("%s: the tile %q says %d, its link %s shows %d", c.query, tile.label, tile.count, tile.link, n)
			}
			for _, there := range tiles(shown) {
				if there.chosen != (there.class == tile.class) {
					t.Errorf("%s: on the page of %s, tile %s is chosen: %v", c.query, tile.class, there.class, there.chosen)
				}
			}
			if strings.Contains(c.query, "lang=fr") && (!strings.Contains(shown, `<html lang="fr">`) || strings.Contains(shown, "http-equiv")) {
				t.Errorf("%s: the tile %q forgets what the reader chose", c.query, tile.label)
			}
		}
		if got := strings.Join(said, ", "); got != c.want {
			t.Errorf("%s: got %s, want %s", c.query, got, c.want)
		}
	}
}

func TestFilters(t *testing.T) {
	cases := []struct{ query, want, says string }{
		{"?state=missed", "1", ""},
		{"?state=at_risk", "8 2", ""},
		{"?state=running", "5 3 9", ""},
		{"?state=paused", "4", ""},
		{"?state=quiet", "6 7", ""},
		{"?state=untriaged", "5", ""},
		{"?state=parked", "", "No open ticket fits."},
		{"?state=nonsense", "1 5 8 2 3 9 4 6 7", ""},
		{"?source=zendesk&state=missed", "1", ""},
		{"?source=jira", "", "No open ticket fits."},
		{"?source=jira&lang=fr", "", "Aucun ticket ouvert ne correspond."},
		{"?q=PORTAL", "1", "Show all"},
		{"?q=+zendesk:9+", "9", ""},
		{"?q=northwind", "1 5 8 2 3 9 4 6 7", ""},
		{"?q=berlin&state=paused", "4", ""},
		{"?q=%25", "", "No open ticket fits."},
		{"?q=%FF%00", "", "No open ticket fits."},
	}
	h := seeded(t)
	for _, c := range cases {
		page := h.get(t, "/"+c.query)
		if got := refs(page); got != c.want {
			t.Errorf("%s: got %q, want %q", c.query, got, c.want)
		}
		expectWords(t, page, c.says)
	}
	if page := build(t, monday("15:00:00")).get(t, "/"); !strings.Contains(words(page), "No ticket is open.") {
		t.Errorf("an empty board says %s", words(page))
	}
}

func TestLanguages(t *testing.T) {
	cases := []struct{ query, accept, want string }{
		{"", "", "en"}, {"", "fr", "fr"}, {"", "fr-CA,fr;q=0.9,en;q=0.8", "fr"}, {"", "de,fr;q=0.5", "fr"}, {"", "en-GB,fr;q=0.9", "en"},
		{"", "de", "en"}, {"", "*", "en"}, {"", ";;;", "en"}, {"?lang=fr", "en", "fr"}, {"?lang=en", "fr", "en"}, {"?lang=xx", "fr", "fr"}, {"?lang=", "fr", "fr"},
		{"?lang=%3Cscript%3E", "", "en"},
	}
	h := seeded(t)
	for _, c := range cases {
		page := h.get(t, "/"+c.query, "Accept-Language", c.accept)
		if !strings.Contains(page, `<html lang="`+c.want+`">`) {
			t.Errorf("%q, %q: want %s", c.query, c.accept, c.want)
		}
	}
	french := h.get(t, "/?lang=fr")
	expectWords(t, french, "Les engagements du support, les échéances les plus proches d'abord", "Situation au lun. 30 nov., 15:00 Europe/Berlin", "9 ouverts", "Première réponse ● dépassé",
		"dépassé de 5 h temps ouvré", "mar. 1er déc., 10:30 Europe/Berlin", "reste 3 h 30", "Hors SLA : Les idées sont classées à part.", "Aucune politique ne couvre ce ticket.", "Priorité à choisir")
	expectWords(t, h.get(t, "/"), "Support promises, soonest first", "9 open", "First reply ● missed", "missed by 5 h business time", "Outside the SLA: Ideas are ranked apart.", "No policy covers this ticket.")
	for _, english := range []string{"First", "missed", "business", "Outside", " left"} {
		if strings.Contains(words(french), english) {
			t.Errorf("%q is on the French board", english)
		}
	}
	for _, link := range regexp.MustCompile(`href="(/[^"]*)"`).FindAllStringSubmatch(french, -1) {
		if !strings.Contains(link[1], "lang=") && !strings.HasPrefix(link[1], "/static/") {
			t.Errorf("the link %s loses the language", link[1])
		}
	}
}

func TestRefresh(t *testing.T) {
	h := seeded(t)
	const every = `<meta http-equiv="refresh" content="30">`
	if page := h.get(t, "/?q=x"); !strings.Contains(page, every) || !strings.Contains(html.UnescapeString(page), `href="/?q=x&refresh=0"`) {
		t.Error("a board that doesn't refresh, or can't be stopped")
	}
	if page := h.get(t, "/?q=x&refresh=0"); strings.Contains(page, every) || !strings.Contains(page, `href="/?q=x"`) {
		t.Error("a stopped board that refreshes, or can't be started")
	}
}

func TestParkedTickets(t *testing.T) {
	h := build(t, monday("15:00:00"), tickets()...)
	h.desk.broken["3"] = errors.New("its event 2 is older than the ticket")
	h.settle(t)
	gone := store.Row{Source: "freshdesk", ID: "77", Open: true, Ticket: &rules.Ticket{Source: "freshdesk", ID: "77", CreatedAt: monday("09:00:00")}}
	if err := h.Store.Save(t.Context(), gone, nil, h.now); err != nil {
		t.Fatal(err)
	}
	page := h.get(t, "/")
	if got, want := refs(page), "freshdesk:77 3 1 5 8 2 9 4 6 7"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	expectWords(t, page, "2 not watched", "8 open", "its event 2 is older than the ticket", "The source freshdesk is not in the configuration.", "Nobody is warned about these tickets")
	expectWords(t, h.get(t, "/?lang=fr"), "2 non surveillé", "La source freshdesk n'est pas dans la configuration.")
	if got, want := refs(h.get(t, "/?state=parked")), "freshdesk:77 3"; got != want {
		t.Errorf("parked alone: got %s, want %s", got, want)
	}
	if got := refs(h.get(t, "/?state=missed")); got != "1" {
		t.Errorf("missed alone: got %s", got)
	}
}

func TestTroubles(t *testing.T) {
	h := seeded(t)
	stuck := store.Action{Key: "breach/zendesk:1/first_reply/9", Kind: "breach", Source: "zendesk", ID: "1", Topic: string(rules.FirstReply), NotBefore: h.now, State: store.Parked, Note: "channel_not_found: #support-sla"}
	again := store.Action{Key: "digest/2026-11-27T07:00:00Z", Kind: store.Digest, NotBefore: h.now}
	if err := h.Store.Insert(t.Context(), []store.Action{stuck, again}, h.now); err != nil {
		t.Fatal(err)
	}
	if err := h.Store.RetryAt(t.Context(), again, monday("15:01:30"), "503 Service Unavailable", false); err != nil {
		t.Fatal(err)
	}
	page := h.get(t, "/")
	expectWords(t, page, "Actions in trouble", "Say that the target was missed First reply", "channel_not_found: #support-sla", "stuck, somebody must look",
		"Post a notice", "503 Service Unavailable", "Attempts: 1, Next try: Mon 30 Nov, 15:01:30 Europe/Berlin")
	expectWords(t, h.get(t, "/?lang=fr"), "Actions en difficulté", "bloqué, quelqu'un doit regarder", "Publier une annonce")
}

// A source may be read well and yet not be written: that it waits after an error
// doesn't say that there is no news.
func TestStalls(t *testing.T) {
	h := build(t, monday("15:00:00"), tickets()...)
	expectWords(t, h.get(t, "/"), "zendesk has not been read yet")
	h.settle(t)
	if page := h.get(t, "/"); strings.Contains(page, `class="alarm"`) {
		t.Errorf("all is well, and the board says %s", words(page))
	}
	stalled := map[string]error{"zendesk": errors.New("GET /api/v2/incremental: 503 " + strings.Repeat("é", 400)), "chat": errors.New("auth.test: invalid_auth")}
	h.Stalled = func() map[string]error { return stalled }
	page := h.get(t, "/")
	expectWords(t, page, "Trouble with zendesk; last news Mon 30 Nov, 15:00 Europe/Berlin GET /api/v2/incremental: 503", "Messages are not going out auth.test: invalid_auth")
	if strings.Contains(page, strings.Repeat("é", 301)) {
		t.Error("an endless error is on the page")
	}
	expectWords(t, h.get(t, "/?lang=fr"), "Des difficultés avec zendesk ; dernières nouvelles : lun. 30 nov., 15:00", "Les messages ne partent pas")
}

// What keeps a source from being seen is on the board for as long as it lasts, with
// since when, whichever program found it.
func TestObstaclesAreOnTheBoard(t *testing.T) {
	h := seeded(t)
	blind := store.Obstacle{Source: "zendesk", What: "/poll", Since: h.now, Says: rules.Sentence{ID: "obstacle.refused_of.poll", Values: []string{"source", "zendesk"}}}
	if err := h.Store.AddObstacle(t.Context(), blind); err != nil {
		t.Fatal(err)
	}
	expectWords(t, h.get(t, "/"), "zendesk: Vigie is blind, its credentials or their rights are refused, since Mon 30 Nov")
	expectWords(t, h.get(t, "/?lang=fr"), "zendesk : Vigie ne voit plus rien, ses identifiants ou leurs droits sont refusés, depuis lun. 30 nov.")
	if err := h.Store.EndObstacle(t.Context(), "zendesk", "/poll"); err != nil {
		t.Fatal(err)
	}
	if page := h.get(t, "/"); strings.Contains(page, "is blind") {
		t.Error("it is over, and still on the board")
	}
}

// What Slack refused is shown as such, with the reason, until it is sent.
func TestRefused(t *testing.T) {
	h := seeded(t)
	a := store.Action{Key: "breach/zendesk:1/first_reply/9", Kind: "breach", Source: "zendesk", ID: "1", Topic: string(rules.FirstReply), NotBefore: h.now}
	why := "post to #sla: not_in_channel: invite the bot to the channel"
	if err := errors.Join(h.Store.Insert(t.Context(), []store.Action{a}, h.now), h.Store.Refuse(t.Context(), a, "#sla", h.now, monday("15:05:00"), why, false)); err != nil {
		t.Fatal(err)
	}
	page := h.get(t, "/")
	expectWords(t, page, "Messages are not going out "+why, "Say that the target was missed First reply", "refused, somebody must look; tried again", "Attempts: 1, Next try: Mon 30 Nov, 15:05")
	expectWords(t, h.get(t, "/metrics"), `vigie_actions_refused{kind="breach"} 1`, `vigie_stalled{loop="chat"} 1`)
	kept, err := h.Store.Action(t.Context(), a.Key)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Store.RecordSent(t.Context(), *kept, nil, h.now); err != nil {
		t.Fatal(err)
	}
	if page := h.get(t, "/"); strings.Contains(page, "refused") || strings.Contains(page, "not going out") {
		t.Errorf("it was sent, and the board says %s", words(page))
	}
}

// The engine's own word for a vendor that is down reaches the board.
func TestVendorThatIsDown(t *testing.T) {
	h := build(t, monday("15:00:00"), tickets()...)
	h.desk.down = errors.New("zendesk: 503 Service Unavailable")
	if _, err := h.engine.RunUntilIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	expectWords(t, h.get(t, "/"), "zendesk has not been read yet", "503 Service Unavailable")
}

// crowd saves n rows of tickets, made by row from 1 on.
func (h *house) crowd(t *testing.T, n int, row func(i int) store.Row) {
	t.Helper()
	for i := range n {
		if err := h.Store.Save(t.Context(), row(i+1), nil, h.now); err != nil {
			t.Fatal(err)
		}
	}
}

// waitingSince is the row of a ticket created so many minutes ago.
func (h *house) waitingSince(i int) store.Row {
	id := fmt.Sprint(1000 + i)
	return store.Row{Source: "zendesk", ID: id, Open: true, Ticket: &rules.Ticket{
		Source: "zendesk", ID: id, Kind: "problem", Subject: "Crowd", Priority: "normal", Status: rules.Open, CreatedAt: h.now.Add(-time.Duration(i) * time.Second)}}
}

func TestMoreTicketsThanShown(t *testing.T) {
	h := seeded(t)
	h.crowd(t, 501, h.waitingSince)
	page := h.get(t, "/")
	shown := strings.Fields(refs(page))
	if want := strings.Fields("1 5 8 2 3 1501 1500"); len(shown) != 40+2 || !slices.Equal(shown[:7], want) {
		t.Errorf("got %d tickets, first %v, want %v", len(shown), shown[:7], want)
	}
	expectWords(t, page, "510 open", "Not shown: 468.", "The next 40", "2 tickets with no open target")
	expectWords(t, h.get(t, "/?q=crowd"), "501 open", "Not shown: 461.")
	last := h.get(t, "/?q=crowd&from=480")
	if n := len(strings.Fields(refs(last))); n != 40 || strings.Contains(words(last), "The next") {
		t.Errorf("the last page has %d tickets", n)
	}
	expectWords(t, last, "The 40 before", "Not shown: 101.")
	if page := h.get(t, "/?q=portal"); strings.Contains(page, "Not shown") {
		t.Error("it says that something isn't shown")
	}
}

// However many tickets can't be read, those that can are what the board is for.
func TestManyParkedTicketsHideNobody(t *testing.T) {
	h := seeded(t)
	h.crowd(t, 505, func(i int) store.Row {
		return store.Row{Source: "zendesk", ID: fmt.Sprint(1000 + i), Problem: "403 Forbidden"}
	})
	page := h.get(t, "/")
	shown := strings.Fields(refs(page))
	if want := strings.Fields("1 5 8 2 3 9 4 6 7"); len(shown) < len(want) || !slices.Equal(shown[len(shown)-len(want):], want) {
		t.Errorf("got %v", shown[max(0, len(shown)-12):])
	}
	if len(shown) != 5+9 {
		t.Errorf("got %d rows", len(shown))
	}
	expectWords(t, page, "505 not watched", "Not shown: 500.")
	all := h.get(t, "/?state=parked")
	if n := len(strings.Fields(refs(all))); n != 40 {
		t.Errorf("parked alone: got %d", n)
	}
	expectWords(t, all, "Not shown: 465.", "The next 40")
}

// What customers and vendors write is text, wherever it stands.
func TestHostileText(t *testing.T) {
	const script, turned = `"'><script>alert(1)</script><img src=x onerror=alert(1)>`, "\u202e gnp.exe \u2066 {{.W}}"
	addresses := map[string]bool{ // whether it may become a link
		"https://acme.zendesk.example/agent/tickets/1": true,
		"http://localhost:8080/agent/tickets/1":        true,
		"javascript:alert(1)":                          false,
		"JaVaScRiPt:alert(1)":                          false,
		"java\nscript:alert(1)":                        false,
		"data:text/html,<script>alert(1)</script>":     false,
		"vbscript:x":         false,
		"//evil.example/x":   false,
		"/login":             false,
		"https:evil.example": false,
		"https://acme.zendesk.example@evil.example/":    false,
		`https://x.example/"><script>alert(1)</script>`: true, // escaped
	}
	h := build(t, monday("15:00:00"))
	for address := range addresses {
		h.desk.tickets = append(h.desk.tickets, &rules.Ticket{ID: fmt.Sprint(len(h.desk.tickets) + 1), URL: address, Subject: script + turned, Organization: script + turned,
			Group: script + turned, Assignee: script + turned, Kind: "problem", Status: rules.Open, Priority: "normal", CreatedAt: monday("14:00:00")})
	}
	h.desk.tickets = append(h.desk.tickets, &rules.Ticket{ID: "parked", CreatedAt: monday("14:00:00")})
	h.desk.broken["parked"] = errors.New(script + turned)
	h.settle(t)
	action := store.Action{Key: "x", Kind: script, Source: "zendesk", ID: "1", Topic: script + turned, Note: script + turned, State: store.Parked, NotBefore: h.now}
	if err := h.Store.Insert(t.Context(), []store.Action{action}, h.now); err != nil {
		t.Fatal(err)
	}
	h.Stalled = func() map[string]error { return map[string]error{"zendesk": errors.New(script + turned)} }
	paths := []string{"/", "/?q=%22%3E%3Cscript%3E", "/?lang=%22%3E%3Cscript%3E", "/?source=%3Cscript%3E&x=%22onload=", "/tickets/zendesk/parked"}
	for _, ticket := range h.desk.tickets {
		path := "/tickets/zendesk/" + ticket.ID
		paths = append(paths, path)
		if link, got := addresses[ticket.URL], strings.Contains(h.get(t, path), `rel="noreferrer"`); got != link {
			t.Errorf("the address %q is a link: %v", ticket.URL, got)
		}
	}
	if got := strings.Count(h.get(t, "/"), `rel="noreferrer"`); got != 3 {
		t.Errorf("%d links on the board, want 3", got)
	}
	for _, path := range paths {
		page := strings.Replace(h.get(t, path), ourScript, "", 1)
		for _, bad := range []string{"<script", "<img src=x", "javascript:", "vbscript:", "data:text"} {
			if strings.Contains(strings.ToLower(page), bad) {
				t.Errorf("%s: %s is in the page", path, bad)
			}
		}
		if loose := unconfined(page); loose != "" {
			t.Errorf("%s: text that turns its surroundings round: %q", path, loose)
		}
	}
}

// unconfined is a piece of a page's text with a control that changes the
// direction of what follows, outside an element that confines it; "" if none is.
func unconfined(page string) string {
	rest := regexp.MustCompile(`(?s)<(bdi|option)[ >][^<]*</(bdi|option)>`).ReplaceAllString(page, "")
	if i := strings.IndexAny(rest, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"); i >= 0 {
		return rest[max(0, i-80):min(len(rest), i+20)]
	}
	return ""
}
