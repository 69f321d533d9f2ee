package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"vigie/bot/docs"
)

// The manual is in the board's frame, in the reader's language, and is English itself.
func TestManual(t *testing.T) {
	h := seeded(t)
	list := h.get(t, "/docs")
	expectWords(t, list, "Manual", "Troubleshooting nobody got a warning: why?")
	expectWords(t, h.get(t, "/docs?lang=fr"), "Rapport Manuel Journal d'audit English", "Le manuel est en anglais.", "Troubleshooting")
	for _, page := range docs.Pages {
		if !strings.Contains(list, `<a href="/docs/`+page.Name+`">`) {
			t.Errorf("the list doesn't lead to %s", page.Name)
		}
		text := h.get(t, "/docs/"+page.Name+"?lang=fr")
		if !strings.Contains(text, `<html lang="fr">`) || !strings.Contains(text, `<div lang="en">`+"\n"+`<h1 id=`) ||
			!strings.Contains(text, `<a href="/docs/`+page.Name+`?lang=fr" aria-current="page">`+page.Title) {
			t.Errorf("%s isn't in its frame", page.Name)
		}
	}
	if want := `<a href="/docs/security?lang=fr">Security</a>`; !strings.Contains(h.get(t, "/docs/troubleshooting?lang=fr"), want) {
		t.Errorf("a link within the text doesn't keep the language: no %s", want)
	}
	if want := `<a href="/docs/security">Security</a>`; !strings.Contains(h.get(t, "/docs/troubleshooting"), want) {
		t.Errorf("no %s", want)
	}
	if a := h.ask(t, "GET", "/docs/atlantis?lang=fr", nil, "Accept", "text/html"); a.status != http.StatusNotFound || !strings.Contains(a.body, "pas de telle page") {
		t.Errorf("a page that there isn't: got %d", a.status)
	}
}

// Whatever leads from a page of the manual to another leads to a page, and to a
// heading that it has.
func TestManualsLinksOnTheBoard(t *testing.T) {
	h := seeded(t)
	seen := 0
	for _, page := range docs.Pages {
		for _, m := range regexp.MustCompile(`href="(/docs/[^"#?]+)(?:\?[^"#]*)?(?:#([^"]+))?"`).FindAllStringSubmatch(h.get(t, "/docs/"+page.Name), -1) {
			if seen++; m[2] != "" && !strings.Contains(h.get(t, m[1]), ` id="`+m[2]+`"`) {
				t.Errorf("%s: %s has no heading %s", page.Name, m[1], m[2])
			}
		}
	}
	if seen < 100 {
		t.Errorf("saw %d links", seen)
	}
}

// Strangers may read it, since it says nothing of this installation: what one reads
// who is let in is the same.
func TestManualGivesNothingAway(t *testing.T) {
	h := seeded(t)
	h.Token, h.PublicURL = token, "https://vigie.example"
	for _, path := range []string{"/docs", "/docs/security", "/docs/troubleshooting"} {
		open, in := h.ask(t, "GET", path, nil), h.ask(t, "GET", path, nil, "Authorization", "Bearer "+token)
		if open.status != http.StatusOK || open.body != in.body {
			t.Errorf("%s: got %d, or something else than who is let in", path, open.status)
		}
		for _, own := range []string{"<bdi>", "<time", "Portal is down"} {
			if strings.Contains(open.body, own) {
				t.Errorf("%s: %q is on it", path, own)
			}
		}
	}
}

// Who is refused, and who sees that something is wrong, is led to what to do about it.
func TestTroubleLeadsToTheManual(t *testing.T) {
	h := seeded(t)
	a := h.ask(t, "GET", "/tickets/zendesk/4711?lang=fr", nil, "Accept", "text/html")
	if want := `<a href="/docs/troubleshooting?lang=fr">Que faire`; !strings.Contains(a.body, want) {
		t.Errorf("a ticket that isn't known: no %s", want)
	}
	h.Stalled = func() map[string]error { return map[string]error{"zendesk": http.ErrServerClosed} }
	if want := `<a href="/docs/troubleshooting#nothing-goes-out">What to do</a>`; !strings.Contains(h.get(t, "/"), want) {
		t.Errorf("a source that waits: no %s", want)
	}
	if !strings.Contains(h.get(t, "/docs/troubleshooting"), `id="nothing-goes-out"`) {
		t.Error("the manual doesn't say what to do when nothing goes out")
	}
}
