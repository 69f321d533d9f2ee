package rest

import (
	"net/http"
	"time"
)

// A Lane is a limit of the vendor's on some kind of request, besides the
// account's: on all of the kind together, or on those of each thing, such as the
// writes to each issue.
type Lane struct {
	Of      func(*http.Request) string // what the limit is on, such as an issue's key; "" = not this request
	Most    int                        // requests within In; 0 = as many as there are, until the vendor refuses one
	In      time.Duration              // up to a minute
	Refused func(http.Header) bool     // says of a 429 that this is the limit it is for; nil = each that the lane has
}

// lanes is what was sent in each lane, in the order of Quota.Lanes.
type lanes struct {
	of    []map[string]*lane
	swept time.Time
}

type lane struct {
	sent  log
	until time.Time // the vendor has refused one until then
}

// each calls f with the lanes that a request is in.
func (l *lanes) each(limits []Lane, r *http.Request, f func(Lane, *lane)) {
	for len(l.of) < len(limits) {
		l.of = append(l.of, map[string]*lane{})
	}
	for i, limit := range limits {
		name := limit.Of(r)
		if name == "" {
			continue
		}
		if l.of[i][name] == nil {
			l.of[i][name] = &lane{}
		}
		f(limit, l.of[i][name])
	}
}

// next is how long a request has to wait for its lanes.
func (l *lanes) next(limits []Lane, r *http.Request, now time.Time) (wait time.Duration) {
	l.each(limits, r, func(limit Lane, of *lane) {
		wait = max(wait, of.until.Sub(now))
		if limit.Most > 0 {
			wait = max(wait, of.sent.next(now, limit.Most, limit.In))
		}
	})
	return wait
}

// add counts a request. What was sent before the last minute is of no more
// interest, and there may be as many lanes as issues: once a minute they go.
func (l *lanes) add(limits []Lane, r *http.Request, now time.Time) {
	l.each(limits, r, func(_ Lane, of *lane) { of.sent.add(now) })
	if now.Sub(l.swept) < time.Minute {
		return
	}
	l.swept = now
	for _, of := range l.of {
		for name, lane := range of {
			if len(lane.sent) > 0 && now.Sub(lane.sent[len(lane.sent)-1]) >= time.Minute && now.After(lane.until) {
				delete(of, name)
			}
		}
	}
}

// refused notes that the vendor takes no more of a request's kind for a while,
// and says whether that was a lane's limit.
func (l *lanes) refused(limits []Lane, r *http.Request, h http.Header, until time.Time) (own bool) {
	l.each(limits, r, func(limit Lane, of *lane) {
		if limit.Refused == nil || limit.Refused(h) {
			of.until, own = until, true
		}
	})
	return own
}
