// Package sandboxtest has what the tests of the simulated vendors share. It is for
// tests alone.
package sandboxtest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/sandbox"
)

// A Receiver takes webhooks and answers with a status.
type Receiver struct {
	URL    string
	Status int // 200 unless it is set

	mu     sync.Mutex
	Got    []*http.Request
	Bodies [][]byte
}

// Receive begins to take webhooks, until the test ends.
func Receive(t *testing.T) *Receiver {
	r := &Receiver{Status: http.StatusOK}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		b, _ := io.ReadAll(req.Body)
		r.Got, r.Bodies = append(r.Got, req), append(r.Bodies, b)
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(r.Status)
	}))
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}

// Told has the webhooks delivered, and gives the bodies that came with them.
func (r *Receiver) Told(t *testing.T, s *sandbox.Sandbox) []string {
	t.Helper()
	r.Bodies = nil
	if _, err := s.FlushWebhooks(t.Context(), sandbox.WebhookPlan{}); err != nil {
		t.Fatal(err)
	}
	bodies := []string{}
	for _, b := range r.Bodies {
		bodies = append(bodies, string(b))
	}
	return bodies
}

// At follows keys and indexes into a decoded answer; nil where they lead nowhere.
func At(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

// Want fails the test where something isn't what it should be.
func Want(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}
