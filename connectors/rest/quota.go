package rest

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// A Quota holds the requests into one vendor's account to our share of what the
// vendor allows, so that people and other programs, who draw on the same, have
// the rest. Of our share no more than a minute's is spent in any minute and no
// more than ten seconds' in any ten; and when what the vendor says remains is
// the others' share, whoever spent the rest, we stop until it begins anew. What
// is urgent (rules.Urgent) goes first, has a tenth of our share for itself, and
// may reach into the others' unless they need it.
//
// One quota is for one account, whatever transports lead to it. The exported
// fields are set before the first request.
type Quota struct {
	Share  float64 // of the vendor's limit, above 0 to 1; a half if 0
	Limit  float64 // requests a minute, until the vendor has named it; 0 = as many as there are
	Lanes  []Lane
	Vendor func(h http.Header, now time.Time) (Allowance, bool) // what an answer says of the account, if it does; nil = PerMinute
	Now    func() time.Time                                     // real time when nil
	Sleep  func(ctx context.Context, d time.Duration) error     // waits in real time when nil

	mu      sync.Mutex
	last    Allowance // as of the last answer that named one
	anew    time.Time // when that is whole again
	until   time.Time // what is left until then is the others'
	sent    log
	lanes   lanes
	waiting int
	urgent  int // of those that wait
}

// An Allowance is what a vendor says of an account.
type Allowance struct {
	PerMinute float64       // how many requests it may make; 0 = the vendor doesn't say
	Left      float64       // of what it may make at once, from 0 to 1
	Reset     time.Duration // until that is whole again, or more is there; 0 = the vendor doesn't say
}

// log has when requests were sent in the last minute, oldest first.
type log []time.Time

// next is how long until another may be sent, of so many in a span.
func (l log) next(now time.Time, most int, span time.Duration) time.Duration {
	most = max(most, 1)
	if len(l) < most {
		return 0
	}
	return max(0, l[len(l)-most].Add(span).Sub(now))
}

func (l *log) add(now time.Time) {
	old, _ := slices.BinarySearchFunc(*l, now.Add(-time.Minute), func(a, b time.Time) int { return cmp.Or(a.Compare(b), -1) })
	*l = append(slices.Delete(*l, 0, old), now)
}

const (
	reserved = 0.9                   // of our share, for what isn't urgent
	yielded  = 0.1                   // of the limit, that even what is urgent leaves to the others
	spread   = 1. / 6                // of a minute's requests in ten seconds
	behind   = 50 * time.Millisecond // how long what isn't urgent lets pass what is
)

// QuotaError says that a request has to wait longer than its context lasts. It
// was not sent.
type QuotaError struct{ In time.Duration }

func (e *QuotaError) Error() string {
	return fmt.Sprintf("our share of the vendor's quota is used up for another %s", e.In.Round(time.Second))
}

// RetryIn is how long to wait.
func (e *QuotaError) RetryIn() time.Duration { return e.In }

// wait returns when the request may be sent, and counts it.
func (q *Quota) wait(r *http.Request) error {
	ctx, urgent := r.Context(), IsUrgent(r.Context())
	q.queue(1, urgent)
	defer q.queue(-1, urgent)
	for {
		wait := q.take(r, urgent)
		if wait == 0 {
			return ctx.Err()
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
			return &QuotaError{In: wait}
		}
		if err := q.sleep(ctx, wait); err != nil {
			return err
		}
	}
}

func (q *Quota) queue(n int, urgent bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting += n
	if urgent {
		q.urgent += n
	}
}

// take counts the request if it may be sent now, and says how long to wait
// otherwise.
func (q *Quota) take(r *http.Request, urgent bool) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now()
	wait := max(q.next(now, urgent), q.lanes.next(q.Lanes, r, now))
	if !urgent && q.urgent > 0 {
		wait = max(wait, behind)
	}
	if wait > 0 {
		return wait
	}
	q.sent.add(now)
	q.lanes.add(q.Lanes, r, now)
	return 0
}

// next is how long the account's quota has a request wait.
func (q *Quota) next(now time.Time, urgent bool) time.Duration {
	wait := time.Duration(0)
	if most := q.perMinute(); most > 0 {
		if !urgent {
			most *= reserved
		}
		wait = max(0, q.sent.next(now, int(most), time.Minute), q.sent.next(now, int(most*spread), 10*time.Second))
	}
	if now.Before(q.until) && !(urgent && q.last.Left > yielded) {
		wait = max(wait, q.until.Sub(now))
	}
	return wait
}

// perMinute is our share in requests a minute, or 0 where nobody has named a limit.
func (q *Quota) perMinute() float64 { return cmp.Or(q.last.PerMinute, q.Limit) * q.share() }

func (q *Quota) share() float64 { return min(max(cmp.Or(q.Share, 0.5), 0.01), 1) }

// answered learns from an answer what the account has, and that a request was
// refused for now.
func (q *Quota) answered(r *http.Request, status int, h http.Header) {
	read := q.Vendor
	if read == nil {
		read = PerMinute
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now()
	if has, ok := read(h, now); ok {
		reset := cmp.Or(min(has.Reset, time.Minute), time.Minute)
		q.last, q.anew = has, now.Add(reset)
		if has.Left <= 1-q.share() {
			q.until = q.anew
		}
	}
	if status != http.StatusTooManyRequests {
		return
	}
	until := now.Add(retryAfter(h, now))
	if !q.lanes.refused(q.Lanes, r, h, until) && until.After(q.until) {
		q.until, q.anew, q.last.Left = until, until, 0
	}
}

// PerMinute reads what Zendesk says of an account with each answer: its limit a
// minute, what remains of it, and how long until it begins anew. The headers have
// had three names.
func PerMinute(h http.Header, _ time.Time) (Allowance, bool) {
	limit, ok := Number(h, "X-Rate-Limit", "Ratelimit-Limit", "Rate-Limit")
	if !ok || limit < 1 {
		return Allowance{}, false
	}
	has := Allowance{PerMinute: limit, Left: 1}
	if n, ok := Number(h, "X-Rate-Limit-Remaining", "Ratelimit-Remaining", "Rate-Limit-Remaining"); ok {
		has.Left = n / limit
	}
	if n, ok := Number(h, "Ratelimit-Reset", "Rate-Limit-Reset"); ok {
		has.Reset = time.Duration(n * float64(time.Second))
	}
	return has, true
}

// Number is the first of these headers that holds a number that a limit can have.
func Number(h http.Header, names ...string) (float64, bool) {
	for _, name := range names {
		if n, err := strconv.ParseFloat(h.Get(name), 64); err == nil && n >= 0 && n < 1e6 {
			return n, true
		}
	}
	return 0, false
}

// Used is how much of our share is taken, from 0 to 1: by the last minute's
// requests, or, where the vendor says only what is left, by anybody's. It is 0
// where the vendor says nothing.
func (q *Quota) Used() float64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now()
	most := q.perMinute()
	if most == 0 {
		if !now.Before(q.anew) {
			return 0
		}
		return min(1, (1-q.last.Left)/q.share())
	}
	n := 0
	for _, at := range slices.Backward(q.sent) {
		if now.Sub(at) >= time.Minute {
			break
		}
		n++
	}
	return min(1, float64(n)/most)
}

// Takes is how long n further requests and those that wait now would take.
func (q *Quota) Takes(n int) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	n += q.waiting
	if n == 0 {
		return 0
	}
	wait := q.next(q.now(), false)
	if most := q.perMinute(); most > 0 {
		wait += time.Duration(float64(n-1) / (most * reserved) * float64(time.Minute))
	}
	return wait
}

func (q *Quota) now() time.Time {
	if q.Now == nil {
		return time.Now()
	}
	return q.Now()
}

func (q *Quota) sleep(ctx context.Context, d time.Duration) error {
	if q.Sleep != nil {
		return q.Sleep(ctx, d)
	}
	return (&Transport{}).sleep(ctx, d)
}
