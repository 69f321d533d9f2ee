package web_test

import (
	"regexp"
	"testing"

	"vigie/bot/store"
	"vigie/rules"
	"vigie/rules/words/wordstest"
)

// What a page shows in a language that was added is that language's, or a ticket's, or
// the policy's: no text stands in the code. The letter is in the customer's language,
// and the notes of actions are in that of the log.
func TestAThirdLanguage(t *testing.T) {
	if err := wordstest.Invent(); err != nil {
		t.Fatal(err)
	}
	defer wordstest.Forget()
	h := seeded(t)
	for _, o := range []store.Obstacle{
		{What: "/read", Says: rules.Sentence{ID: "obstacle.refused_of.read", Values: []string{"source", "zendesk"}}},
		{What: "unread", Says: rules.Sentence{ID: "obstacle.unread_of", Values: []string{"source", "zendesk", "n", "2", "tickets", "zendesk:1"}}},
	} {
		o.Source, o.Since = "zendesk", h.now
		if err := h.Store.AddObstacle(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	known := []string{"Vigie", "English", "Français", "Europe/Berlin", "zendesk", "web.token", "config.toml", "VIGIE_TOKEN", "berlin", "urgent", "normal", "sla_exempt", "problem", "feature", "spam",
		"Acme support policy", "Acme, 1 June 2026", "The whole system is affected.", "Ideas are ranked apart.", "Northwind University", "Support Berlin",
		"Second Day of Christmas", "Christmas Day", "New Year’s Day"} // holidays are the calendar's
	paths := []string{"/", "/?state=missed", "/?q=nothing+like+it", "/report", "/report?from=2026-10-01&to=2026-10-31", "/report?from=soon", "/tickets/zendesk/none"}
	for _, ticket := range tickets() {
		known = append(known, ticket.Subject)
		paths = append(paths, "/tickets/zendesk/"+ticket.ID)
	}
	foreign := func(path, page string) {
		t.Helper()
		page = elsewhere.ReplaceAllString(page, " ")
		if list := wordstest.Foreign(words(page), known...); len(list) > 0 {
			t.Errorf("%s: no catalogue says %q:\n%s", path, list, words(page))
		}
	}
	spoken := []string{"Accept-Language", wordstest.Tag + ", fr;q=0.5"}
	for _, path := range paths {
		foreign(path, h.ask(t, "GET", path, nil, spoken...).body)
	}
	h.Token = "a token"
	foreign("login", h.ask(t, "GET", "/", nil, spoken...).body)
}

var elsewhere = regexp.MustCompile(`(?s)<pre class="letter">.*?</pre>|<td[^>]* class="note">.*?</td>`)
