package zendesk

import (
	"cmp"
	"net/http"
	"strconv"

	"golang.org/x/time/rate"
)

// smallestPlan is the least that any plan allows, in requests a minute; it holds
// until Zendesk has named the account's.
const smallestPlan = 200

// Quota is a limit of our own on requests, so that agents and other programs,
// who draw on the same quota of the account, have the rest of it. share is from
// 0 to 1; 0 is a half. The limiter is rest.Transport's Limit; the function is
// its Observe and adjusts the limiter to what Zendesk says the account has.
func Quota(share float64) (*rate.Limiter, func(http.Header)) {
	share = min(max(cmp.Or(share, 0.5), 0.01), 1)
	limiter := rate.NewLimiter(perMinute(smallestPlan*share), burst(smallestPlan*share))
	return limiter, func(h http.Header) {
		quota, ok := quotaIn(h)
		if !ok {
			return
		}
		limit := perMinute(quota * share)
		if limit != limiter.Limit() {
			limiter.SetLimit(limit)
			limiter.SetBurst(burst(quota * share))
		}
	}
}

func perMinute(n float64) rate.Limit { return rate.Limit(n / 60) }

// burst is ten seconds' worth of requests.
func burst(perMinute float64) int { return max(1, int(perMinute/6)) }

// quotaIn is the account's requests a minute. The header has had three names.
func quotaIn(h http.Header) (float64, bool) {
	for _, name := range []string{"X-Rate-Limit", "Ratelimit-Limit", "Rate-Limit"} {
		if n, err := strconv.ParseFloat(h.Get(name), 64); err == nil && n >= 1 && n < 1e6 {
			return n, true
		}
	}
	return 0, false
}
