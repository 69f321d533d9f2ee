// Package rest is the one way out to every vendor: an http.RoundTripper that
// the vendors' client libraries are built on, so that limits, repeats, time-outs
// and errors are the same whatever library speaks.
//
// One request is one or more tries. Before each try the quota is asked; each
// try has its own time-out, which covers reading the answer, so an answer is
// handed on whole or not at all. What becomes of a try:
//
//   - an answer below 400: handed on
//   - refused for now (429, or 503 with Retry-After where Doubt503 isn't set):
//     nothing was carried out, so a request of any method is repeated after the
//     vendor's wait
//   - never sent (no connection): the same, after a wait of our own
//   - ambiguous (another 5xx, a cut connection, a time-out): the vendor may have
//     carried it out, so it is repeated only if Retry allows that
//   - credentials refused (401), where others can be had: tried once more with those
//   - any other answer from 400 on: final
//
// What is left after the last try is an error: a *StatusError when there was an
// answer. What a request brought of secrets is taken from its answer (secret.go),
// so no error, log or page has them from there. No error shows a query, a header, or
// of a body more than the vendor's own message; a host only where it can't be reached. Errors that come through
// an http.Client are wrapped in a *url.Error, which shows the whole address:
// Cause takes that off.
//
// Credentials are set on a copy of each request and go to the host that the
// caller named, never along a redirect to another one. With an Origin nothing at
// all goes elsewhere, whatever address an answer gives.
package rest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Transport is the one http.RoundTripper under every vendor client. All fields
// are optional and must not change once it is used; it is safe for concurrent
// use if its functions are.
type Transport struct {
	Base      http.RoundTripper                                // http.DefaultTransport when nil, which knows the environment's proxies
	Quota     *Quota                                           // asked before each try; nil = no limit of our own
	Origin    string                                           // such as https://acme.zendesk.com: the only place that requests go to; "" = any
	Authorize func(*http.Request) error                        // sets the credentials on a copy of the request; nil = none. Its error means that there are none, and the request isn't sent
	Renew     func(refused *http.Request) bool                 // told of a request that was answered 401, with its credentials: may others be had? It is then tried once more. nil = there are no others
	Tries     int                                              // 4 by default
	Timeout   time.Duration                                    // of one try, reading the answer included; 30 s by default
	Retry     func(*http.Request) bool                         // may this request be carried out twice? nil = Idempotent
	Doubt503  bool                                             // this vendor's 503 with Retry-After doesn't say that nothing was carried out
	Sleep     func(ctx context.Context, d time.Duration) error // waits in real time when nil; ends early with the context's error
	Now       func() time.Time                                 // real time when nil; reads a Retry-After that is a date
	Observe   func(http.Header)                                // sees every answer's headers; nil = nobody looks
	Log       *slog.Logger                                     // tells of repeats; nil = silent
	MaxBody   int64                                            // larger answers are an error; 64 MiB by default
}

const (
	defaultTries   = 4
	defaultTimeout = 30 * time.Second
	defaultMaxBody = 64 << 20
)

// Client is an http.Client over the transport. It has no time-out of its own:
// the transport's is for one try, the caller's context is for all of them.
func (t *Transport) Client() *http.Client { return &http.Client{Transport: t} }

// Idempotent says that carrying out the request twice is the same as once, by
// its method (RFC 9110, 9.2.2).
func Idempotent(r *http.Request) bool {
	methods := []string{"", http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions}
	return slices.Contains(methods, r.Method)
}

type onceKey struct{}

// Once is a context whose requests aren't repeated where nobody knows what became of
// them: for a caller that asks for less then.
func Once(ctx context.Context) context.Context { return context.WithValue(ctx, onceKey{}, true) }

// RoundTrip sends the request, repeating it as the package comment says. The
// answer's body is in memory already. Its error is a *StatusError if the last
// try had an answer of 400 or above, or a redirect that would lose the request
// or carry the credentials elsewhere.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	method, path := cmp.Or(req.Method, http.MethodGet), req.URL.Path
	if req.Body != nil {
		defer req.Body.Close()
	}
	if to := req.URL.Scheme + "://" + req.URL.Host; t.Origin != "" && !strings.EqualFold(to, t.Origin) {
		return nil, &cutError{method: method, path: path, err: fmt.Errorf("%s isn't the configured address", req.URL.Host)}
	}
	mayRepeat := t.Retry
	if mayRepeat == nil {
		mayRepeat = Idempotent
	}
	again := mayRepeat(req) && ctx.Value(onceKey{}) == nil
	replays := req.Body == nil || req.Body == http.NoBody || req.GetBody != nil
	tries := max(1, cmp.Or(t.Tries, defaultTries))

	earlier := false // an earlier try may have been carried out
	renewed := false // a try was refused for its credentials
	for try := 1; ; try++ {
		if t.Quota != nil {
			if err := t.Quota.wait(req); err != nil {
				return nil, &cutError{method: method, path: path, sent: earlier, err: err}
			}
		}
		resp, err := t.try(req, method, path, try > 1)
		if err == nil {
			return resp, nil
		}
		repeat, wait := t.decideRetry(err, try, again)
		earlier = markEarlier(err, earlier)
		if stale(err) && !renewed && replays && ctx.Err() == nil {
			renewed = true
			continue
		}
		if !repeat || !replays || try >= tries || ctx.Err() != nil || wait > maxWait || t.pastDeadline(ctx, wait) {
			return nil, err
		}
		t.log().DebugContext(ctx, "repeat request", "method", method, "path", path, "attempt", try, "again_in", wait, "err", err)
		if cut := t.sleep(ctx, wait); cut != nil {
			return nil, &cutError{method: method, path: path, sent: earlier, err: cut}
		}
	}
}

// ended is why a try was cut off. For a request that was cancelled net/http names
// the cause, which may be the error of another request: what is so of that one
// isn't so of this.
func ended(req *http.Request, err error) error {
	return cmp.Or(req.Context().Err(), err)
}

// try sends the request once and reads the whole answer.
func (t *Transport) try(req *http.Request, method, path string, again bool) (*http.Response, error) {
	signed := req.Clone(req.Context())
	if t.Authorize != nil { // before the time-out begins: a token may have to be fetched
		if err := t.Authorize(signed); err != nil {
			return nil, &cutError{method: method, path: path, final: true, err: err}
		}
	}
	ctx, cancel := context.WithTimeout(req.Context(), cmp.Or(t.Timeout, defaultTimeout))
	defer cancel()

	// Between GetConn and GotConn nothing has been sent. A base that doesn't
	// trace leaves connecting false, which is the careful answer.
	var connecting atomic.Bool
	out := signed.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { connecting.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { connecting.Store(false) },
	}))
	if again && req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, &cutError{method: method, path: path, final: true, err: fmt.Errorf("replay body: %w", err)}
		}
		out.Body = body
	}

	base := t.Base
	if base == nil {
		base = http.DefaultTransport
	}
	resp, err := base.RoundTrip(out)
	if err != nil {
		return nil, &cutError{method: method, path: path, sent: !connecting.Load(), err: ended(req, err), secrets: secretsOf(out, 0)}
	}
	defer resp.Body.Close()
	secrets, bad := secretsOf(out, resp.StatusCode), resp.StatusCode >= 400 || lost(req, resp)
	if bad || resp.StatusCode < 300 { // a redirect that is followed leads where it says
		secrets.header(resp.Header)
	}
	if t.Quota != nil {
		t.Quota.answered(req, resp.StatusCode, resp.Header)
	}
	if t.Observe != nil {
		t.Observe(resp.Header)
	}

	limit := cmp.Or(t.MaxBody, defaultMaxBody)
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, &cutError{method: method, path: path, sent: true, err: fmt.Errorf("read answer: %w", ended(req, err))}
	}
	if int64(len(body)) > limit {
		err := fmt.Errorf("answer is larger than %d bytes", limit)
		return nil, &cutError{method: method, path: path, sent: true, final: true, err: err}
	}
	body = secrets.Bytes(body)
	if bad {
		e := statusError(method, path, resp, body, t.Doubt503, t.now())
		e.stale = e.Status == http.StatusUnauthorized && t.Renew != nil && t.Renew(out)
		return nil, e
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if req.Method != http.MethodHead {
		resp.ContentLength = int64(len(body))
	}
	resp.Request = req
	return resp, nil
}

// lost says that following the redirect would lose the request (http.Client
// turns most methods into GET) or carry its credentials to another place.
func lost(req *http.Request, resp *http.Response) bool {
	if resp.StatusCode < 300 || resp.StatusCode == http.StatusNotModified {
		return false
	}
	if req.Method != "" && req.Method != http.MethodGet && req.Method != http.MethodHead {
		return true
	}
	to, err := resp.Location()
	return err != nil || to.Scheme != req.URL.Scheme || to.Host != req.URL.Host
}

func (t *Transport) now() time.Time {
	if t.Now == nil {
		return time.Now()
	}
	return t.Now()
}

func (t *Transport) sleep(ctx context.Context, d time.Duration) error {
	if t.Sleep != nil {
		return t.Sleep(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func (t *Transport) log() *slog.Logger {
	if t.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return t.Log
}
