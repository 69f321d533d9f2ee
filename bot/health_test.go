package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealth(t *testing.T) {
	vigie := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/readyz" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		io.WriteString(w, `{"status":"…"}`)
	}))
	defer vigie.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	for _, test := range []struct {
		name, url string
		code      int
		says      string
	}{
		{"well", vigie.URL + "/healthz", 0, ""},
		{"not ready", vigie.URL + "/readyz", 1, "vigie: not well: 503 Service Unavailable; vigie docs monitoring tells what that means\n"},
		{"not there", gone.URL + "/healthz", 1, "connection refused"},
		{"no address", "127.0.0.1:8080", 2, "vigie: --url: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out, errs strings.Builder
			code := run(t.Context(), []string{"health", "--url", test.url}, strings.NewReader(""), &out, &errs)
			if code != test.code || !strings.Contains(errs.String(), test.says) {
				t.Errorf("got exit code %d and %q, want %d and %q", code, errs.String(), test.code, test.says)
			}
			if answered := strings.HasPrefix(test.url, vigie.URL); answered != (out.Len() > 0) {
				t.Errorf("got %q on stdout", out.String())
			}
		})
	}
}
