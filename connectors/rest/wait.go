package rest

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	maxWait      = 2 * time.Minute // a longer wait is the caller's: it has other work meanwhile
	firstBackoff = time.Second
	maxBackoff   = 30 * time.Second
)

// decideRetry says whether a request that failed is sent again, and after how long.
func (t *Transport) decideRetry(err error, try int, mayRepeat bool) (again bool, wait time.Duration) {
	var status *StatusError
	if errors.As(err, &status) {
		switch {
		case status.refusedForNow():
			return true, max(status.RetryAfter, backoff(try))
		case status.Status >= 500 && status.Status != http.StatusNotImplemented:
			return mayRepeat, max(status.RetryAfter, backoff(try))
		}
		return false, 0
	}
	var cut *cutError
	if errors.As(err, &cut) && !cut.final {
		return mayRepeat || !cut.sent, backoff(try)
	}
	return false, 0
}

// backoff doubles from one second up to thirty; half of it is chance, so that
// several clients that failed together don't come back together.
func backoff(try int) time.Duration {
	d := maxBackoff
	if try < 6 {
		d = min(firstBackoff<<(try-1), maxBackoff)
	}
	return d/2 + rand.N(d/2)
}

// pastDeadline says that the context would end before the wait does.
func (t *Transport) pastDeadline(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return ok && t.now().Add(wait).After(deadline)
}

// retryAfter is the wait that the headers of a refused request ask for, or 0.
// Retry-After is seconds or an HTTP date (RFC 9110, 10.2.3); where it is absent,
// the end of the quota's window serves: vendors give it as seconds from now, as
// seconds since 1970 or as a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	names := []string{"Retry-After", "X-RateLimit-Reset", "X-Rate-Limit-Reset", "RateLimit-Reset", "Rate-Limit-Reset"}
	for _, name := range names {
		if d, ok := Wait(h.Get(name), now); ok {
			return d
		}
	}
	return 0
}

// secondsSince1970 is the least number that is read as an instant: as a wait it
// would be thirty years.
const secondsSince1970 = 1_000_000_000

// Wait is how long a header's value has one wait, if it is seconds from now,
// seconds since 1970 or a date; never below 0.
func Wait(v string, now time.Time) (time.Duration, bool) {
	v = strings.TrimSpace(v)
	if n, err := strconv.ParseFloat(v, 64); err == nil && n >= 0 && n < 1e11 {
		if n < secondsSince1970 {
			return time.Duration(n * float64(time.Second)), true
		}
		return max(0, time.Unix(int64(n), 0).Sub(now)), true
	}
	at, err := http.ParseTime(v)
	if err != nil {
		at, err = time.Parse(time.RFC3339, v)
	}
	if err != nil {
		at, err = time.Parse("2006-01-02T15:04Z07:00", v) // Jira's X-RateLimit-Reset has no seconds
	}
	if err != nil {
		return 0, false
	}
	return max(0, at.Sub(now)), true
}
