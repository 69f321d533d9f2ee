package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"vigie/bot/web"
	"vigie/connectors/desk"
)

// glass is a house for a fuzz: its pages are there, its webhooks go nowhere.
func glass(f *testing.F) *house {
	h := build(f, monday("15:00:00"), tickets()...)
	if _, err := h.engine.RunUntilIdle(f.Context()); err != nil {
		f.Fatal(err)
	}
	h.Intake = taken
	return h
}

// expectSane reports what no answer may be, whatever was asked.
func expectSane(t *testing.T, w *httptest.ResponseRecorder, never ...string) {
	t.Helper()
	if w.Code >= 500 && w.Code != http.StatusServiceUnavailable {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if w.Header().Get("Content-Security-Policy") == "" {
		t.Error("there is no policy")
	}
	if to := w.Header().Get("Location"); to != "" {
		u, err := url.Parse(to)
		if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`) {
			t.Errorf("it leads to %q", to)
		}
	}
	body := strings.ToLower(strings.Replace(w.Body.String(), ourScript, "", 1))
	for _, s := range append(never, "<script", "javascript:", "onerror=") {
		if strings.Contains(w.Header().Get("Content-Type"), "html") && strings.Contains(body, s) {
			t.Errorf("%q is on the page", s)
		}
	}
}

// No path, query or header breaks a page, leads elsewhere, or shows a ticket to
// whoever hasn't the token.
func FuzzPages(f *testing.F) {
	h := glass(f)
	for _, path := range []string{"/?state=missed&q=a+b&source=zendesk&lang=fr", "/tickets/zendesk/1", "/tickets/zendesk/a%2Fb?refresh=0", "/login?lang=x", "/report?from=2026-11-01&to=2026-11-30&lang=fr", "/report.csv?to=2026-12-31", "/static/vigie.css", "/healthz", "/readyz",
		"//evil.example/..", "/?q=%22%3E%3Cscript%3E", "/%2e%2e/"} {
		f.Add(path, "", "en;q=0.5, fr")
	}
	f.Add("/", "Bearer "+token, "fr-CH")
	f.Add("/", "vigie_session=1796119200.x", "*")
	f.Fuzz(func(t *testing.T, path, credential, language string) {
		u, err := url.ParseRequestURI(path)
		if err != nil || u.Host != "" || u.Path == "/metrics" || strings.Contains(strings.ToLower(path), "javascript:") || strings.Contains(strings.ToLower(path), "onerror=") {
			return
		}
		for _, h.Token = range []string{"", token} {
			r := httptest.NewRequest("GET", "/", nil)
			r.URL, r.RequestURI = u, path
			r.RemoteAddr = "192.0.2.1:4711"
			r.Header["Authorization"], r.Header["Cookie"], r.Header["Accept-Language"] = []string{credential}, []string{credential}, []string{language}
			r.Header.Set("Accept", "text/html")
			w := httptest.NewRecorder()
			h.Handler().ServeHTTP(w, r)
			expectSane(t, w)
			if credential != "Bearer "+token && strings.Contains(w.Body.String(), "Portal is down") {
				t.Error("it shows a ticket")
			}
			r = r.Clone(t.Context()) // and as who may see all
			r.Header.Set("Authorization", "Bearer "+token)
			w = httptest.NewRecorder()
			h.Handler().ServeHTTP(w, r)
			expectSane(t, w)
		}
	})
}

// No form breaks the login, leads elsewhere, or gets in without the token.
func FuzzLogin(f *testing.F) {
	h := glass(f)
	h.Token = token
	for _, form := range []string{"token=x&next=%2F", "next=%2F%2Fevil.example", "next=/%5Cevil.example&token=", "a=%zz", "token=a&token=b", "next=https:evil.example", "next=%09//evil.example"} {
		f.Add(form, "application/x-www-form-urlencoded", "same-origin")
	}
	f.Add("--b\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nx\r\n--b--\r\n", "multipart/form-data; boundary=b", "none")
	f.Fuzz(func(t *testing.T, form, kind, site string) {
		r := httptest.NewRequest("POST", "/login", strings.NewReader(form))
		r.Header["Content-Type"], r.Header["Sec-Fetch-Site"] = []string{kind}, []string{site}
		w := httptest.NewRecorder()
		h.Handler().ServeHTTP(w, r)
		expectSane(t, w)
		if got, _ := url.ParseQuery(form); w.Header().Get("Set-Cookie") != "" && strings.TrimSpace(got.Get("token")) != token {
			t.Error("it got in")
		}
		r = httptest.NewRequest("POST", "/login", strings.NewReader("token="+token+"&next="+url.QueryEscape(form)))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w = httptest.NewRecorder()
		h.Handler().ServeHTTP(w, r)
		expectSane(t, w)
	})
}

// No webhook breaks the server, whatever stands in its path, headers and body, and
// nobody passes for another address by what the headers say.
func FuzzWebhookRequest(f *testing.F) {
	h := glass(f)
	h.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, forwarded := range []string{"", "192.0.2.1", "192.0.2.1, 10.0.0.1", "::ffff:10.0.0.1,,", "fe80::1%eth0", "\x00", ",,,,", "[2001:db8::1]:80"} {
		f.Add("zendesk", forwarded, "signed", []byte("42"), int64(2))
	}
	f.Add("..%2f", "unknown", "", []byte{}, int64(-1))
	h.Hooks["zendesk"] = web.Hook{Parse: hook, Longest: 1000}
	f.Fuzz(func(t *testing.T, source, forwarded, signature string, body []byte, announced int64) {
		r := httptest.NewRequest("POST", "/webhooks/zendesk", strings.NewReader(string(body)))
		r.SetPathValue("source", source)
		r.URL.Path = "/webhooks/" + source
		r.ContentLength = announced
		r.RemoteAddr = "10.1.1.1:80"
		r.Header["X-Forwarded-For"], r.Header["X-Signature"], r.Header["X-Delivery"] = []string{forwarded}, []string{signature}, []string{"d"}
		w := httptest.NewRecorder()
		h.Handler().ServeHTTP(w, r)
		expectSane(t, w)
		if w.Code == http.StatusOK && (signature != "signed" || source != "zendesk" || len(body) > 1000) {
			t.Errorf("%s %q %d bytes: taken", source, signature, len(body))
		}
		if strings.Contains(w.Body.String(), desk.ErrForged.Error()) && signature == "signed" {
			t.Error("a genuine one is called forged")
		}
	})
}
