package zendesk

import (
	"net/http"
	"strings"
	"time"

	"vigie/connectors/rest"
)

// smallestPlan is the least that any plan allows, in requests a minute; it holds
// until Zendesk has named the account's.
const smallestPlan = 200

// Quota holds us to a share, from 0 to 1 and a half if 0, of what the account may
// ask, and to the limits that Zendesk has for some requests besides: exports, of
// which agents need none, and updates, which agents' own count against
// (https://developer.zendesk.com/api-reference/introduction/rate-limits/).
func Quota(share float64) *rest.Quota {
	q := &rest.Quota{Share: share, Limit: smallestPlan}
	if share <= 0 || share > 1 {
		share = 0.5
	}
	q.Lanes = []rest.Lane{
		{Most: 10, In: time.Minute, Of: func(r *http.Request) string {
			return only("exports", strings.Contains(r.URL.Path, "/api/v2/incremental/"))
		}},
		{Most: max(1, int(100*share)), In: time.Minute, Of: func(r *http.Request) string {
			return only("updates", strings.HasSuffix(r.URL.Path, "/update_many.json"))
		}},
	}
	return q
}

// Calls is about how many requests it takes to read and to write so many tickets,
// in bulk: rows and acts of a hundred, a job of a hundred and a look at it.
func Calls(reads, writes int) int {
	hundreds := func(n int) int { return (n + 99) / 100 }
	return 2*hundreds(reads) + 2*hundreds(writes)
}

// only is the name of a limit for the requests that it is on.
func only(kind string, is bool) string {
	if is {
		return kind
	}
	return ""
}
