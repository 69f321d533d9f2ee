package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vigie/rules"
)

// The board draws what falls due in the coming week, by team: few tickets each by
// itself, many as their number, and no more than the filter has.
func TestBoardDrawsTheWeek(t *testing.T) {
	list := tickets()
	for i := range 12 {
		list = append(list, &rules.Ticket{ID: fmt.Sprint(100 + i), Subject: "Many", Kind: "problem", Status: rules.Open, Priority: "urgent", CreatedAt: monday("14:30:00"), Group: "Support Pune",
			Events: []rules.Event{{At: monday("14:40:00"), Type: rules.ReplyEvent, By: rules.ByAgent, Public: true}}})
	}
	h := build(t, monday("15:00:00"), list...)
	h.settle(t)
	page := h.get(t, "/")
	expectWords(t, page, "Falling due in the coming seven days, by team", "Support Pune: Wed 2 Dec, 12 tickets;", "Support Berlin: Mon 30 Nov, 1 ticket; Tue 1 Dec, 4 tickets;", "zendesk:5, due Mon 30 Nov, 15:45")
	week := section(page, `<section id="week">`)
	for _, link := range []string{`href="/tickets/zendesk/5"`, `href="/?team=Support+Pune"`} {
		if !strings.Contains(week, link) {
			t.Errorf("%s is not in\n%s", link, week)
		}
	}
	if strings.Contains(week, `/tickets/zendesk/1"`) {
		t.Error("a ticket that is overdue is yet to fall due")
	}
	expectWords(t, h.get(t, "/?lang=fr"), "Échéances des sept prochains jours, par équipe", "mer. 2 déc., 12 tickets")
	if page := h.get(t, "/?team=Support+Pune"); strings.Contains(section(page, `<section id="week">`), "Berlin:") {
		t.Error("the filter doesn't hold for the week")
	}
	if page := h.get(t, "/?q=nothing+like+it"); strings.Contains(page, `<section id="week">`) {
		t.Error("an empty week is drawn")
	}
}

// Teams that there is no row for are counted together, and the drawing stays small.
func TestWeekOfManyTeams(t *testing.T) {
	var list []*rules.Ticket
	for i := range 300 {
		list = append(list, &rules.Ticket{ID: fmt.Sprint(i), Kind: "problem", Status: rules.Open, Priority: "normal", CreatedAt: monday("09:00:00").Add(time.Duration(i) * time.Minute), Group: fmt.Sprintf("Team <%d>", i%40)})
	}
	h := build(t, monday("15:00:00"), list...)
	h.settle(t)
	page := h.get(t, "/")
	week := section(page, `<section id="week">`)
	if n := strings.Count(week, `class="name"`); n != 7 || len(week) > 30_000 || strings.Contains(week, "<0>") {
		t.Errorf("%d rows, %d bytes:\n%s", n, len(week), week)
	}
	expectWords(t, page, "other teams: Tue 1 Dec,")
}

func section(page, begin string) string {
	_, rest, _ := strings.Cut(page, begin)
	section, _, _ := strings.Cut(rest, "</section>")
	return section
}
