package rest

import (
	"errors"
	"net/http"
	"testing"
	"time"
)

func TestRetryAfterHeaders(t *testing.T) {
	now := time.Date(2026, 11, 27, 16, 30, 0, 0, time.UTC)
	tests := []struct {
		name, header, value string
		want                time.Duration
	}{
		{"seconds", "Retry-After", "93", 93 * time.Second},
		{"fraction", "Retry-After", "0.5", 500 * time.Millisecond},
		{"none", "Retry-After", "0", 0},
		{"date", "Retry-After", "Fri, 27 Nov 2026 16:31:30 GMT", 90 * time.Second},
		{"date gone by", "Retry-After", "Fri, 27 Nov 2026 16:00:00 GMT", 0},
		{"nonsense", "Retry-After", "soon", 0},
		{"negative", "Retry-After", "-5", 0},
		{"not a number", "Retry-After", "NaN", 0},
		{"window in seconds", "Ratelimit-Reset", "41", 41 * time.Second},
		{"window in seconds, 2023", "Rate-Limit-Reset", "41", 41 * time.Second},
		{"window since 1970", "X-RateLimit-Reset", "1795797060", time.Minute},
		{"window as a date", "X-RateLimit-Reset", "2026-11-27T16:31Z", time.Minute},
		{"window as a date with seconds", "X-RateLimit-Reset", "2026-11-27T17:31:10+01:00", 70 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := http.Header{}
			h.Set(tt.header, tt.value)
			if got := retryAfter(h, now); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	both := http.Header{}
	both.Set("Retry-After", "7")
	both.Set("Ratelimit-Reset", "41")
	if got := retryAfter(both, now); got != 7*time.Second {
		t.Errorf("Retry-After goes first: got %v", got)
	}
}

func TestWaits(t *testing.T) {
	now := time.Date(2026, 11, 27, 16, 30, 0, 0, time.UTC)
	ask := func(answers ...answer) (waits, error) {
		v := newVendor(t, answers...)
		var w waits
		tr := &Transport{Sleep: w.sleep, Now: func() time.Time { return now }}
		_, err := send(t, tr.Client(), "GET", v.URL, "")
		return w, err
	}

	w, err := ask(status(429, "", "Retry-After: 93"), status(503, "", "Retry-After: Fri, 27 Nov 2026 16:30:20 GMT"), status(200, ""))
	if err != nil || len(w) != 2 || w[0] != 93*time.Second || w[1] != 20*time.Second {
		t.Errorf("waits asked for: got %v, %v", w, err)
	}

	w, err = ask(status(500, ""))
	if err == nil || len(w) != 3 {
		t.Fatalf("waits of our own: got %v, %v", w, err)
	}
	for i, full := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
		if w[i] < full/2 || w[i] >= full {
			t.Errorf("wait %d is %v, want from half of %v to all of it", i+1, w[i], full)
		}
	}
	if d := backoff(50); d < maxBackoff/2 || d > maxBackoff {
		t.Errorf("a late wait is %v", d)
	}

	w, err = ask(status(429, "", "Retry-After: 121"), status(200, ""))
	var se *StatusError
	if len(w) != 0 || !errors.As(err, &se) || se.RetryAfter != 121*time.Second {
		t.Errorf("a long wait is the caller's: got %v, %v", w, err)
	}
}
