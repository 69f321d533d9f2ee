package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// A vendor answers the nth request with the nth answer, and any further one
// with the last.
type vendor struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	auths  []string
}

type answer func(http.ResponseWriter, *http.Request)

func newVendor(t *testing.T, answers ...answer) *vendor {
	t.Helper()
	v := &vendor{}
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		v.mu.Lock()
		n := len(v.bodies)
		v.bodies = append(v.bodies, string(body))
		v.auths = append(v.auths, r.Header.Get("Authorization"))
		v.mu.Unlock()
		answers[min(n, len(answers)-1)](w, r)
	}))
	t.Cleanup(v.Close)
	return v
}

func (v *vendor) tries() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.bodies)
}

// status answers with a status, headers given as "Name: value", and a body.
func status(code int, body string, headers ...string) answer {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(code)
		io.WriteString(w, body)
	}
}

// cut closes the connection without an answer.
func cut(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// cutInBody closes it in the middle of one.
func cutInBody(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	io.WriteString(w, "half")
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

// hang answers only when the client has gone.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// waits is a Sleep that records and doesn't wait.
type waits []time.Duration

func (w *waits) sleep(ctx context.Context, d time.Duration) error {
	*w = append(*w, d)
	return ctx.Err()
}

func send(t *testing.T, c *http.Client, method, url, body string) (string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("read an answer that is in memory: %v", err)
	}
	return string(b), nil
}

func TestTries(t *testing.T) {
	ok := status(200, "fine")
	tests := []struct {
		name      string
		method    string
		answers   []answer
		tries     int
		status    int // of the error; 0 = no StatusError
		ok        bool
		ambiguous bool
	}{
		{"good answer", "GET", []answer{ok}, 1, 0, true, false},
		{"created", "POST", []answer{status(201, "{}")}, 1, 0, true, false},
		{"no content", "DELETE", []answer{status(204, "")}, 1, 0, true, false},
		{"bad request", "PUT", []answer{status(400, "")}, 1, 400, false, false},
		{"not allowed in", "GET", []answer{status(401, "")}, 1, 401, false, false},
		{"forbidden", "GET", []answer{status(403, "")}, 1, 403, false, false},
		{"not found", "GET", []answer{status(404, "")}, 1, 404, false, false},
		{"conflict", "PUT", []answer{status(409, "")}, 1, 409, false, false},
		{"invalid", "PUT", []answer{status(422, "")}, 1, 422, false, false},
		{"GET is repeated after 500", "GET", []answer{status(500, ""), ok}, 2, 0, true, false},
		{"GET is repeated after 502, 503, 504", "GET", []answer{status(502, ""), status(503, ""), status(504, ""), ok}, 4, 0, true, false},
		{"not without end", "GET", []answer{status(500, "")}, 4, 500, false, true},
		{"not implemented is final", "GET", []answer{status(501, "")}, 1, 501, false, true},
		{"PUT is repeated after 500", "PUT", []answer{status(500, ""), ok}, 2, 0, true, false},
		{"POST isn't repeated after 500", "POST", []answer{status(500, ""), ok}, 1, 500, false, true},
		{"POST isn't repeated after a bare 503", "POST", []answer{status(503, ""), ok}, 1, 503, false, true},
		{"POST is repeated after 503 with a time", "POST", []answer{status(503, "", "Retry-After: 1"), ok}, 2, 0, true, false},
		{"POST is repeated after 429", "POST", []answer{status(429, "", "Retry-After: 1"), ok}, 2, 0, true, false},
		{"POST is repeated after 429 without a time", "POST", []answer{status(429, ""), ok}, 2, 0, true, false},
		{"429 to the end", "GET", []answer{status(429, "", "Retry-After: 1")}, 4, 429, false, false},
		{"GET is repeated after a cut", "GET", []answer{cut, ok}, 2, 0, true, false},
		{"GET is repeated after a cut body", "GET", []answer{cutInBody, ok}, 2, 0, true, false},
		{"POST isn't repeated after a cut", "POST", []answer{cut, ok}, 1, 0, false, true},
		{"POST isn't repeated after a cut body", "POST", []answer{cutInBody, ok}, 1, 0, false, true},
		{"cut to the end", "GET", []answer{cut}, 4, 0, false, true},
		{"a refusal after a cut says nothing of the first try", "DELETE", []answer{cut, status(404, "")}, 2, 404, false, true},
		{"redirect of a GET on the same host", "GET", []answer{status(302, "", "Location: /elsewhere"), ok}, 2, 0, true, false},
		{"redirect of a PUT would lose it", "PUT", []answer{status(302, "", "Location: /elsewhere"), ok}, 1, 302, false, false},
		{"redirect to another host", "GET", []answer{status(302, "", "Location: https://evil.example/"), ok}, 1, 302, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := newVendor(t, tt.answers...)
			var w waits
			tr := &Transport{Base: &http.Transport{DisableKeepAlives: true}, Sleep: w.sleep}
			_, err := send(t, tr.Client(), tt.method, v.URL+"/api/thing.json?secret=s3cret", `{"a":1}`)
			if got := v.tries(); got != tt.tries {
				t.Errorf("tries: got %d, want %d (%v)", got, tt.tries, err)
			}
			if (err == nil) != tt.ok {
				t.Fatalf("error: got %v", err)
			}
			if got := Ambiguous(err); got != tt.ambiguous {
				t.Errorf("ambiguous: got %v, want %v (%v)", got, tt.ambiguous, err)
			}
			var se *StatusError
			if errors.As(err, &se); (se == nil) != (tt.status == 0) || se != nil && se.Status != tt.status {
				t.Errorf("status error: got %v, want %d", se, tt.status)
			}
			if se != nil && se.Refused() == tt.ambiguous {
				t.Errorf("refused and ambiguous are both %v", tt.ambiguous)
			}
			for i, body := range v.bodies {
				if body != `{"a":1}` && tt.status != 302 && !strings.HasPrefix(tt.name, "redirect") {
					t.Errorf("try %d sent the body %q", i+1, body)
				}
			}
		})
	}
}

func TestRetryIsTheCallers(t *testing.T) {
	v := newVendor(t, cut, status(200, "fine"))
	var w waits
	tr := &Transport{Sleep: w.sleep, Retry: func(*http.Request) bool { return true }}
	if got, err := send(t, tr.Client(), "POST", v.URL, "x"); err != nil || got != "fine" {
		t.Errorf("a POST that may be repeated: got %q, %v", got, err)
	}

	v = newVendor(t, cut, status(200, "fine"))
	tr = &Transport{Sleep: w.sleep, Retry: func(*http.Request) bool { return false }}
	if _, err := send(t, tr.Client(), "GET", v.URL, ""); !Ambiguous(err) || v.tries() != 1 {
		t.Errorf("a GET that may not: got %v after %d tries", err, v.tries())
	}
}

// A vendor whose 503 says nothing of what was done: what may not be done twice isn't
// repeated, whatever time is named, and the rest waits for that time.
func TestDoubt503(t *testing.T) {
	for method, tries := range map[string]int{"POST": 1, "PUT": 2} {
		v := newVendor(t, status(503, "", "Retry-After: 7"), status(200, "fine"))
		var w waits
		tr := &Transport{Sleep: w.sleep, Doubt503: true}
		_, err := send(t, tr.Client(), method, v.URL, "x")
		if v.tries() != tries || (err == nil) != (tries > 1) || err != nil && (!Ambiguous(err) || RetryAfter(err) != 7*time.Second) {
			t.Errorf("%s: got %v after %d tries", method, err, v.tries())
		}
		if tries > 1 && (len(w) != 1 || w[0] < 7*time.Second) {
			t.Errorf("%s: waited %v, want the vendor's 7 s", method, w)
		}
	}
}

func TestBodyWithoutReplay(t *testing.T) {
	v := newVendor(t, status(429, ""), status(200, ""))
	var w waits
	tr := &Transport{Sleep: w.sleep}
	req, _ := http.NewRequestWithContext(t.Context(), "PUT", v.URL, io.NopCloser(strings.NewReader("once")))
	_, err := tr.Client().Do(req)
	var se *StatusError
	if !errors.As(err, &se) || v.tries() != 1 {
		t.Errorf("got %v after %d tries, want a 429 after 1", err, v.tries())
	}
}

func TestNoConnection(t *testing.T) {
	v := newVendor(t, status(200, ""))
	v.Close()
	var w waits
	tr := &Transport{Sleep: w.sleep}
	_, err := send(t, tr.Client(), "POST", v.URL+"/x", "body")
	if err == nil || Ambiguous(err) {
		t.Errorf("nothing was sent, but got %v", err)
	}
	if len(w) != 3 {
		t.Errorf("waits: got %v, want three: what was never sent may be repeated", w)
	}
}

func TestTimeout(t *testing.T) {
	v := newVendor(t, hang, status(200, "late but fine"))
	var w waits
	tr := &Transport{Sleep: w.sleep, Timeout: 20 * time.Millisecond}
	got, err := send(t, tr.Client(), "GET", v.URL, "")
	if err != nil || got != "late but fine" {
		t.Errorf("got %q, %v", got, err)
	}

	v = newVendor(t, hang)
	tr = &Transport{Sleep: w.sleep, Timeout: 20 * time.Millisecond}
	_, err = send(t, tr.Client(), "POST", v.URL, "x")
	if !errors.Is(err, context.DeadlineExceeded) || !Ambiguous(err) || v.tries() != 1 {
		t.Errorf("got %v after %d tries, want an ambiguous time-out after 1", err, v.tries())
	}
}

func TestCancelledContext(t *testing.T) {
	t.Run("in the vendor's hands", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		v := newVendor(t, func(w http.ResponseWriter, r *http.Request) { cancel(); hang(w, r) })
		req, _ := http.NewRequestWithContext(ctx, "GET", v.URL, nil)
		_, err := (&Transport{}).Client().Do(req)
		if !errors.Is(err, context.Canceled) || !Ambiguous(err) || v.tries() != 1 {
			t.Errorf("got %v after %d tries", err, v.tries())
		}
	})
	t.Run("in a wait", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		v := newVendor(t, func(w http.ResponseWriter, r *http.Request) {
			status(429, "", "Retry-After: 90")(w, r)
		})
		tr := &Transport{Observe: func(http.Header) { time.AfterFunc(0, cancel) }}
		req, _ := http.NewRequestWithContext(ctx, "GET", v.URL, nil)
		_, err := tr.Client().Do(req)
		if err == nil || Ambiguous(err) || v.tries() != 1 {
			t.Errorf("got %v after %d tries", err, v.tries())
		}
	})
	t.Run("a deadline that the wait would pass", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		v := newVendor(t, status(429, "", "Retry-After: 90"))
		req, _ := http.NewRequestWithContext(ctx, "GET", v.URL, nil)
		_, err := (&Transport{}).Client().Do(req)
		if RetryAfter(err) != 90*time.Second {
			t.Errorf("got %v, want the 429 at once", err)
		}
	})
}

func TestObserveAndMaxBody(t *testing.T) {
	v := newVendor(t, status(200, strings.Repeat("x", 100), "X-Rate-Limit-Remaining: 41"))
	var seen string
	tr := &Transport{Observe: func(h http.Header) { seen = h.Get("X-Rate-Limit-Remaining") }, MaxBody: 100}
	if got, err := send(t, tr.Client(), "GET", v.URL, ""); err != nil || len(got) != 100 || seen != "41" {
		t.Errorf("got %d bytes, %v, remaining %q", len(got), err, seen)
	}
	tr.MaxBody = 99
	before := v.tries()
	_, err := send(t, tr.Client(), "GET", v.URL, "")
	if want := "answer is larger than 99 bytes"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
	if v.tries() != before+1 {
		t.Error("an answer that is too large was asked for again")
	}
}

func bearer(r *http.Request) error {
	r.Header.Set("Authorization", "Bearer s3cret")
	return nil
}

func TestAuthorize(t *testing.T) {
	v := newVendor(t, status(500, ""), status(302, "", "Location: /there"), status(200, ""))
	var w waits
	tr := &Transport{Sleep: w.sleep, Authorize: func(r *http.Request) error { r.SetBasicAuth("bot@acme.example/token", "s3cret"); return nil }}
	req, _ := http.NewRequestWithContext(t.Context(), "GET", v.URL, nil)
	if _, err := tr.Client().Do(req); err != nil {
		t.Fatal(err)
	}
	for i, auth := range v.auths {
		if auth == "" {
			t.Errorf("try %d had no credentials", i+1)
		}
	}
	if req.Header.Get("Authorization") != "" {
		t.Error("the caller's request was changed")
	}
}

func TestNoSecretsInErrors(t *testing.T) {
	secrets := []string{"s3cret", "Bearer", "customer's words"}
	for name, a := range map[string]answer{
		"status": status(500, "<html>customer's words</html>", "X-Echo: s3cret"),
		"cut":    cut,
	} {
		t.Run(name, func(t *testing.T) {
			v := newVendor(t, a)
			tr := &Transport{Tries: 1, Authorize: bearer}
			_, err := send(t, tr.Client(), "POST", v.URL+"/path?token=s3cret", "body s3cret")
			if name == "status" && Cause(err).Error() != "POST /path: 500 Internal Server Error" {
				t.Errorf("got %q", Cause(err))
			}
			for _, s := range secrets {
				if strings.Contains(Cause(err).Error(), s) || strings.Contains(fmt.Sprintf("%v", Cause(err)), s) {
					t.Errorf("%q shows %q", Cause(err), s)
				}
			}
		})
	}
}

func TestConcurrentUse(t *testing.T) {
	v := newVendor(t, status(429, "", "Retry-After: 1"), status(200, "fine"))
	tr := &Transport{Sleep: func(context.Context, time.Duration) error { return nil }}
	c := tr.Client()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := send(t, c, "POST", v.URL, "x"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// A request that is cancelled because another one failed, as in an errgroup, has
// that one's error for its cause. What is so of the other isn't so of this.
func TestCancelledForAnother(t *testing.T) {
	for name, hurt := range map[string]http.HandlerFunc{
		"before the answer": hang,
		"in the answer": func(w http.ResponseWriter, r *http.Request) {
			w.Write([]byte("{"))
			http.NewResponseController(w).Flush()
			hang(w, r)
		},
	} {
		t.Run(name, func(t *testing.T) {
			other := &StatusError{Method: "GET", Path: "/other", Status: 503, RetryAfter: time.Minute}
			ctx, cancel := context.WithCancelCause(t.Context())
			v := newVendor(t, func(w http.ResponseWriter, r *http.Request) {
				time.AfterFunc(0, func() { cancel(other) })
				hurt(w, r)
			})
			req, err := http.NewRequestWithContext(ctx, "GET", v.URL+"/this", nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = (&Transport{}).Client().Do(req)
			var status *StatusError
			if errors.As(err, &status) || RetryAfter(err) != 0 || !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want that it was cancelled and no more", err)
			}
			if other.earlier {
				t.Error("the other request's error was changed")
			}
		})
	}
}

// With an Origin nothing goes elsewhere: neither a request that names another
// place, nor one that an answer sends there.
func TestOrigin(t *testing.T) {
	v, other := newVendor(t, status(200, "")), newVendor(t, status(200, ""))
	port := strings.TrimPrefix(v.URL, "http://127.0.0.1")
	tr := &Transport{Origin: v.URL, Authorize: bearer}
	for url, ok := range map[string]bool{
		v.URL + "/x": true, "HTTP" + strings.TrimPrefix(v.URL, "http") + "/x": true,
		other.URL + "/x": false, "http://localhost" + port + "/x": false, "https://127.0.0.1" + port + "/x": false,
		"http://127.0.0.1" + port + "@" + strings.TrimPrefix(other.URL, "http://") + "/x": false,
	} {
		before := v.tries()
		_, err := send(t, tr.Client(), "GET", url, "")
		if (err == nil) != ok || (v.tries() > before) != ok {
			t.Errorf("%s: got %v after %d tries", url, err, v.tries()-before)
		}
		if err != nil && (Ambiguous(err) || !strings.Contains(err.Error(), "isn't the configured address")) {
			t.Errorf("%s: got %v", url, err)
		}
	}
	if other.tries() != 0 {
		t.Error("the other place was asked")
	}
}
