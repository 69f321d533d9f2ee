package web_test

import (
	"html"
	"strings"
	"testing"
)

// A ticket's page has the letter that its customer can be sent, in the
// requester's language whatever the page's is.
func TestTicketPageHasTheLetter(t *testing.T) {
	all := tickets()
	all[3].Language = "fr"
	h := build(t, monday("15:00:00"), all...)
	h.settle(t)
	page := html.UnescapeString(h.get(t, "/tickets/zendesk/4"))
	for _, want := range []string{"For the customer, in their language", "Votre demande 4 : Invoice shows a wrong date", "nous attendons votre réponse"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if page := html.UnescapeString(h.get(t, "/tickets/zendesk/1", "Accept-Language", "fr")); !strings.Contains(page, "Your request 1: Portal is down") {
		t.Error("a requester without a language is written to in English")
	}
}
