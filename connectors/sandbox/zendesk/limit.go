package zendesk

import (
	"net/http"
	"strconv"
	"time"
)

// window counts the requests of a real minute.
type window struct {
	from time.Time
	n    int
}

// count takes one request from a limit: what is left, and the seconds until it
// is whole again. A limit of 0 refuses nothing.
func (d *Desk) count(name string, limit int) (left, reset int) {
	now := d.Real()
	w := d.windows[name]
	if w == nil || now.Sub(w.from) >= time.Minute {
		w = &window{from: now}
		d.windows[name] = w
	}
	w.n++
	return limit - w.n, max(1, int(w.from.Add(time.Minute).Sub(now).Seconds()))
}

// countRequest applies the account's limit and tells it in both sets of headers.
func (d *Desk) countRequest(h http.Header) *apiError {
	limit := d.options.RequestsPerMinute
	if limit == 0 {
		return nil
	}
	left, reset := d.count("zendesk", limit)
	shown := strconv.Itoa(max(0, left))
	h.Set("X-Rate-Limit", strconv.Itoa(limit))
	h.Set("X-Rate-Limit-Remaining", shown)
	h.Set("Ratelimit-Limit", strconv.Itoa(limit))
	h.Set("Ratelimit-Remaining", shown)
	h.Set("Ratelimit-Reset", strconv.Itoa(reset))
	if left < 0 {
		return &apiError{Status: http.StatusTooManyRequests, Code: "APIRateLimitExceeded",
			Description: "Number of allowed API requests per minute exceeded", RetryAfter: reset}
	}
	return nil
}

// limitExport counts one incremental export; all kinds share the limit.
func (d *Desk) limitExport() *apiError {
	limit := d.options.ExportLimit
	if limit == 0 {
		return nil
	}
	if left, reset := d.count("export", limit); left < 0 {
		return &apiError{Status: http.StatusTooManyRequests, Code: "APIRateLimitExceeded",
			Description: "Number of allowed incremental export API requests per minute exceeded", RetryAfter: reset}
	}
	return nil
}
