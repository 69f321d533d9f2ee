package rest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// StatusError is an answer of 400 or above after all tries, or a redirect that
// isn't followed. RoundTrip returns it as its error, so that errors.As finds it
// through every client library.
type StatusError struct {
	Method, Path string // without host and query
	Status       int
	RetryAfter   time.Duration // the wait that the vendor asked for with a 429 or 503; 0 = none
	Code         string        // the vendor's name for the error; empty where it gives none
	Message      string        // the vendor's words on one line, shortened; may be empty
	Body         []byte        // the first 4 KiB, for callers that need the vendor's details; Error doesn't show it
	Header       http.Header

	earlier  bool // an earlier try of the same request may have been carried out
	stale    bool // there may be better credentials than those that were refused
	doubt503 bool // a 503 may have been carried out, even one that names a time
}

// Error is such as "PUT /api/v2/tickets/update_many.json: 422 Unprocessable
// Entity: RecordInvalid: Status: closed prevents ticket update".
func (e *StatusError) Error() string {
	parts := []string{e.Method + " " + e.Path, strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)))}
	if e.Code != "" {
		parts = append(parts, e.Code)
	}
	if e.Message != "" && e.Message != e.Code {
		parts = append(parts, e.Message)
	}
	return strings.Join(parts, ": ")
}

// RetryIn is RetryAfter, for callers that know this package's errors by their
// methods only.
func (e *StatusError) RetryIn() time.Duration { return e.RetryAfter }

// Denied says that the vendor doesn't accept the credentials, or their rights:
// until a person acts, it won't.
func (e *StatusError) Denied() bool {
	return e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden
}

// Refused says that the request was certainly not carried out.
func (e *StatusError) Refused() bool { return !e.ambiguous() }

func (e *StatusError) ambiguous() bool {
	return e.earlier || e.Status >= 500 && !e.refusedForNow()
}

// refusedForNow says that the vendor didn't take the request on, but would
// later. A 503 says so only by naming a time, and not at every vendor.
func (e *StatusError) refusedForNow() bool {
	return e.Status == http.StatusTooManyRequests || !e.doubt503 && e.unavailableForNow()
}

// unavailableForNow is a 503 that names a time.
func (e *StatusError) unavailableForNow() bool {
	return e.Status == http.StatusServiceUnavailable && e.Header.Get("Retry-After") != ""
}

// cutError is a request without a whole answer.
type cutError struct {
	method, path string
	sent         bool // the vendor may have it
	final        bool // another try would end the same
	err          error
	secrets      Secrets // of the request: what came instead of an answer may repeat them
}

func (e *cutError) Error() string {
	return e.secrets.Clean(e.method + " " + e.path + ": " + Cause(e.err).Error())
}
func (e *cutError) Unwrap() error { return e.err }

// A failure is an error of this package.
type failure interface {
	error
	ambiguous() bool
	wait() time.Duration
}

func (e *StatusError) wait() time.Duration { return e.RetryAfter }
func (e *cutError) wait() time.Duration    { return 0 }
func (e *cutError) ambiguous() bool        { return e.sent }

// Ambiguous says that the request may have been carried out although there is
// no good answer: a time-out after sending, a cut connection, a 5xx.
func Ambiguous(err error) bool {
	var f failure
	return errors.As(err, &f) && f.ambiguous()
}

// RetryAfter is the wait that the vendor asked for, 0 when it named none.
func RetryAfter(err error) time.Duration {
	var f failure
	if errors.As(err, &f) {
		return f.wait()
	}
	return 0
}

// Cause takes off the *url.Error that http.Client wraps around a transport's
// error, and with it everything outside it: that text shows the whole address.
// Other errors are returned as they are.
func Cause(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// stale says that a try was refused for credentials in whose place others can be had.
func stale(err error) bool {
	e, ok := err.(*StatusError) // not what it wraps, which may be another request's
	return ok && e.stale
}

// markEarlier records in a try's error that an earlier try may have been carried
// out, and says whether that is so after this one.
func markEarlier(err error, earlier bool) bool {
	switch e := err.(type) { // not what it wraps, which may be another request's
	case *StatusError:
		e.earlier = earlier
	case *cutError:
		e.sent = e.sent || earlier
	}
	return Ambiguous(err)
}
