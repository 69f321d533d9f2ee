package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// issuer is a vendor that gives access tokens, and lets in whoever has the last one.
type issuer struct {
	*httptest.Server

	mu     sync.Mutex
	asked  []url.Values
	secret string
	valid  string       // the token that lets in
	life   int          // seconds
	answer http.Handler // to requests for tokens, in place of a token; nil = a token
	slow   chan bool    // requests for tokens wait for it
	let    int          // requests that were let in
}

func newIssuer(t *testing.T) *issuer {
	v := &issuer{secret: "s3cret", life: 1800}
	v.Server = httptest.NewServer(http.HandlerFunc(v.serve))
	t.Cleanup(v.Close)
	return v
}

func (v *issuer) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/oauth/tokens" {
		v.mu.Lock()
		defer v.mu.Unlock()
		if v.valid == "" || r.Header.Get("Authorization") != "Bearer "+v.valid {
			w.WriteHeader(401)
			return
		}
		v.let++
		return
	}
	if v.slow != nil {
		<-v.slow
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	r.ParseForm()
	v.asked = append(v.asked, r.PostForm)
	switch {
	case v.answer != nil:
		v.answer.ServeHTTP(w, r)
	case r.PostForm.Get("client_secret") != v.secret:
		w.WriteHeader(401)
		fmt.Fprintf(w, `{"error":"invalid_client","error_description":"%s is no secret of %s"}`, r.PostForm.Get("client_secret"), r.PostForm.Get("client_id"))
	default:
		v.valid = fmt.Sprintf("token-%d", len(v.asked))
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"access_token": v.valid, "token_type": "bearer", "scope": r.PostForm.Get("scope"), "expires_in": v.life})
	}
}

func (v *issuer) made() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.asked)
}

func (v *issuer) revoke() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.valid = ""
}

// granted is a transport that a grant lets in, on a clock of its own.
type granted struct {
	*Transport
	grant  *Grant
	now    time.Time
	secret string
	mu     sync.Mutex
}

func (g *granted) pass(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now = g.now.Add(d)
}

func newGranted(v *issuer) *granted {
	g := &granted{now: time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC), secret: "s3cret"}
	g.Transport = &Transport{Origin: v.URL, Sleep: func(context.Context, time.Duration) error { return nil }, Now: func() time.Time {
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.now
	}}
	g.grant = &Grant{URL: v.URL + "/oauth/tokens", ID: "vigie", Secret: func() string { return g.secret }, Scopes: []string{"read", "tickets:write"}, Life: time.Hour, Through: g.Transport}
	g.Authorize, g.Renew = g.grant.Authorize, g.grant.Renew
	return g
}

// flood sends fifty requests at once.
func flood(t *testing.T, tr *Transport, address string) (failed []error) {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, err := send(t, tr.Client(), "POST", address, "body"); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed = append(failed, err)
			}
		})
	}
	all.Wait()
	return failed
}

func TestGrantAsksOnceForMany(t *testing.T) {
	v := newIssuer(t)
	g := newGranted(v)
	expect := func(when string, made, let int) {
		t.Helper()
		if v.made() != made || v.let != let {
			t.Errorf("%s: got %d tokens and %d requests let in, want %d and %d", when, v.made(), v.let, made, let)
		}
	}
	if failed := flood(t, g.Transport, v.URL); failed != nil {
		t.Fatal(failed)
	}
	expect("at first", 1, 50)
	form := v.asked[0]
	for key, want := range map[string]string{"grant_type": "client_credentials", "client_id": "vigie", "client_secret": "s3cret", "scope": "read tickets:write", "expires_in": "3600"} {
		if form.Get(key) != want {
			t.Errorf("%s: got %q, want %q", key, form.Get(key), want)
		}
	}
	v.revoke()
	if failed := flood(t, g.Transport, v.URL); failed != nil {
		t.Fatal(failed)
	}
	expect("after it was revoked", 2, 100)
	g.pass(30*time.Minute + time.Second) // expires_in of the answer has the word, not what was asked for
	if failed := flood(t, g.Transport, v.URL); failed != nil {
		t.Fatal(failed)
	}
	expect("after its end", 3, 150)
	g.secret, v.secret = "s3cret-2", "s3cret-2"
	if failed := flood(t, g.Transport, v.URL); failed != nil {
		t.Fatal(failed)
	}
	expect("after another secret", 4, 200)
}

// In the last tenth of its life a token still lets in: nobody waits for the next, nor
// misses it while none can be had.
func TestGrantRenewsEarly(t *testing.T) {
	v := newIssuer(t)
	g := newGranted(v)
	ask := func() error {
		_, err := send(t, g.Client(), "GET", v.URL, "")
		return err
	}
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	g.pass(26 * time.Minute)
	if err := ask(); err != nil || v.made() != 1 {
		t.Errorf("after 26 minutes: got %v and %d tokens, want the first one's", err, v.made())
	}
	v.slow = make(chan bool)
	g.pass(2 * time.Minute)
	for range 3 {
		if err := ask(); err != nil {
			t.Errorf("after 28 minutes: got %v, want that the first token lets in meanwhile", err)
		}
	}
	close(v.slow)
	g.grant.flight.Do(g.secret, func() (any, error) { return nil, nil }) // the fetch under way has ended
	if err := ask(); err != nil || v.made() != 2 {
		t.Errorf("then: got %v and %d tokens, want the second one's", err, v.made())
	}
}

// What keeps a token from being had is told so that nothing secret shows, that
// nothing was sent, and whether a person must act.
func TestGrantErrors(t *testing.T) {
	say := func(status int, kind, body string, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			for _, h := range header {
				name, value, _ := strings.Cut(h, ": ")
				w.Header().Set(name, value)
			}
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	const echo = `{"error":"invalid_client","error_description":"client_secret=s3cret"}`
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
		denied bool
		after  time.Duration
		asked  int
	}{
		"wrong secret":           {say(401, "application/json", echo), "POST /x: no access token: POST /oauth/tokens: 401 invalid_client", true, 0, 1},
		"public client":          {say(400, "application/json", `{"error":"unauthorized_client"}`), "POST /x: no access token: POST /oauth/tokens: 400 unauthorized_client", true, 0, 1},
		"scopes not allowed":     {say(400, "application/json", `{"error":"invalid_scope"}`), "POST /x: no access token: POST /oauth/tokens: 400 invalid_scope", true, 0, 1},
		"refused with 200":       {say(200, "application/json", echo), "POST /x: no access token: POST /oauth/tokens: 200 invalid_client", true, 0, 1},
		"refused without a name": {say(403, "text/html", "<p>s3cret"), "POST /x: no access token: POST /oauth/tokens: 403 Forbidden", true, 0, 1},
		"a name that is none":    {say(400, "application/json", `{"error":"s3cret"}`), "POST /x: no access token: POST /oauth/tokens: 400 Bad Request", false, 0, 1},
		"a login page":           {say(200, "text/html", "<!doctype html>s3cret"), "POST /x: no access token: POST /oauth/tokens: the answer isn't the API's", false, 0, 1},
		"nothing":                {say(200, "application/json", "{}"), "POST /x: no access token: POST /oauth/tokens: the answer isn't the API's", false, 0, 1},
		"not there":              {say(404, "application/json", `{"error":"InvalidEndpoint"}`), "POST /x: no access token: POST /oauth/tokens: 404 Not Found", false, 0, 1},
		"elsewhere":              {say(302, "text/html", "", "Location: https://login.example/?s3cret"), "POST /x: no access token: POST /oauth/tokens: 302 Found", false, 0, 1},
		"down":                   {say(500, "application/json", echo), "POST /x: no access token: POST /oauth/tokens: 500 Internal Server Error", false, 0, 4},
		"too many requests":      {say(429, "application/json", "{}", "Retry-After: 300"), "POST /x: no access token: POST /oauth/tokens: 429 Too Many Requests", false, 5 * time.Minute, 1},
	} {
		t.Run(name, func(t *testing.T) {
			v := newIssuer(t)
			v.answer = c.answer
			g := newGranted(v)
			_, err := send(t, g.Client(), "POST", v.URL+"/x", "body")
			if err == nil || Cause(err).Error() != c.want {
				t.Fatalf("got  %v\nwant %s", Cause(err), c.want)
			}
			if strings.Contains(fmt.Sprintf("%+v %#v", err, Cause(err)), "s3cret") {
				t.Errorf("the secret shows in %#v", err)
			}
			var status *StatusError
			var denied interface{ Denied() bool }
			var retry interface{ RetryIn() time.Duration }
			if !errors.As(err, &denied) || denied.Denied() != c.denied || !errors.As(err, &retry) || retry.RetryIn() != c.after {
				t.Errorf("got denied %v, again in %v", denied.Denied(), retry.RetryIn())
			}
			if Ambiguous(err) || errors.As(err, &status) {
				t.Errorf("got %v for an answer to the request, which wasn't sent", err)
			}
			if v.made() != c.asked || v.let != 0 {
				t.Errorf("asked %d times for a token, want %d", v.made(), c.asked)
			}
			if failed := flood(t, g.Transport, v.URL+"/x"); len(failed) != 50 {
				t.Errorf("got %d errors of 50", len(failed))
			}
		})
	}
}

// Credentials that are refused for good are renewed once, not for ever.
func TestGrantThatIsRefusedForGood(t *testing.T) {
	v := newIssuer(t)
	v.answer = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token":"void","token_type":"bearer"}`)
	})
	_, err := send(t, newGranted(v).Client(), "GET", v.URL+"/x", "")
	var status *StatusError
	if !errors.As(err, &status) || status.Status != 401 || !status.Denied() || v.made() != 2 {
		t.Errorf("got %v after %d tokens, want the second refusal", err, v.made())
	}
}

// Whoever gives up waiting for a token takes it from nobody else.
func TestGrantOutlivesWhoAsked(t *testing.T) {
	v := newIssuer(t)
	v.slow = make(chan bool)
	g := newGranted(v)
	ctx, cancel := context.WithCancel(t.Context())
	first, second := make(chan error), make(chan error)
	go func() {
		_, err := g.grant.Token(ctx)
		first <- err
	}()
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	go func() {
		_, err := g.grant.Token(t.Context())
		second <- err
	}()
	close(v.slow)
	if err := <-second; err != nil || v.made() > 2 {
		t.Errorf("got %v after %d requests", err, v.made())
	}
}
