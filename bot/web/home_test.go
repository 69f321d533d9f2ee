package web_test

import (
	"net/http"
	"strings"
	"testing"
)

// What a browser says of the page that has it ask.
func TestAnotherSiteSeesNothingWithoutAToken(t *testing.T) {
	h := build(t, monday("15:00:00"))
	server, client := h.serve(t)
	for name, c := range map[string]struct {
		headers []string
		status  int
	}{
		"typed":                    {[]string{"Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate"}, 200},
		"a link in Slack":          {[]string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Referer", "https://app.slack.com/"}, 200},
		"our own link":             {[]string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate", "Referer", server.URL + "/report"}, 200},
		"a script elsewhere":       {[]string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}, 403},
		"a script at another port": {[]string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "cors", "Origin", "http://127.0.0.1:3000"}, 403},
		"an origin elsewhere":      {[]string{"Origin", "https://evil.example"}, 403},
		"an origin that is hidden": {[]string{"Origin", "null"}, 403},
		"under another name":       {[]string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate", "Referer", "https://vigie.example/"}, 403},
	} {
		a := h.send(t, client, must(http.NewRequest("GET", server.URL+"/", nil)), c.headers...)
		if a.status != c.status {
			t.Errorf("%s: got %d, want %d", name, a.status, c.status)
		}
		if c.status == 403 {
			expectWords(t, a.body, "no token is set", `token = "env:VIGIE_TOKEN"`)
		}
	}
}

// Where a vendor's webhook comes in, strangers do: a signed one that was called under
// another name closes the pages, and a forged one closes nothing.
func TestWebhookFromElsewhereClosesThePages(t *testing.T) {
	h := build(t, monday("15:00:00"))
	server, client := h.serve(t)
	deliver := func(host, signature string, want int) {
		t.Helper()
		r := must(http.NewRequest("POST", server.URL+"/webhooks/zendesk", strings.NewReader("1")))
		if got := h.send(t, client, r, "Host", host, "X-Signature", signature, "X-Delivery", host+signature).status; got != want {
			t.Fatalf("webhook to %s: got %d, want %d", host, got, want)
		}
	}
	pages := func(when string, want int) {
		t.Helper()
		if got := h.send(t, client, must(http.NewRequest("GET", server.URL+"/", nil))).status; got != want {
			t.Errorf("%s: got %d, want %d", when, got, want)
		}
	}
	deliver("localhost", "signed", 200)
	deliver("vigie.example", "forged", 401)
	pages("reached from this machine alone", 200)
	deliver("vigie.example", "signed", 200)
	pages("reached from elsewhere", 403)
}
