package jira

import (
	"net/http"
	"strings"
	"time"

	"vigie/connectors/rest"
)

// Quota holds us to a share, from 0 to 1 and a half if 0, of what the site says
// that the account may ask. A site that says nothing sets no limit: Data Center
// whose admin has set none, and Cloud, where the account's requests have no limit
// of their own, but share those of each endpoint with everybody's.
//
// Writes to one issue are held to a share of Cloud's limits, 20 in two seconds and
// 100 in thirty, which a site names only when it refuses one
// (https://developer.atlassian.com/cloud/jira/platform/rate-limiting/).
func Quota(share float64) *rest.Quota {
	q := &rest.Quota{Share: share, Vendor: allowance}
	if share <= 0 || share > 1 {
		share = 0.5
	}
	of := func(most float64) int { return max(1, int(most*share)) }
	q.Lanes = []rest.Lane{
		{Most: of(20), In: 2 * time.Second, Of: issueWritten, Refused: because(ofIssue)},
		{Most: of(100), In: 30 * time.Second, Of: issueWritten, Refused: because(ofIssue)},
		{Of: endpoint, Refused: because(ofEndpoint)},
	}
	return q
}

// Calls is about how many requests it takes to read so many issues, in bulk, and to
// write so many, each by itself.
func Calls(reads, writes int) int { return 2*((reads+bulk-1)/bulk) + writes }

// Why Jira refuses a request for now, where that is neither the account's limit
// nor the site's: header RateLimit-Reason.
const (
	ofIssue    = "jira-per-issue-on-write"
	ofEndpoint = "jira-burst-based"
)

func because(reason string) func(http.Header) bool {
	return func(h http.Header) bool { return h.Get("RateLimit-Reason") == reason }
}

// allowance reads what an answer says of the account.
//
// Data Center gives each account a bucket of tokens and so many more after each
// interval (https://confluence.atlassian.com/adminjiraserver/adjusting-your-code-for-rate-limiting-987143384.html).
// Cloud names no interval, only when the limit is whole again, or not even that;
// its buckets fill within seconds. They are an endpoint's, but to wait a second
// with all requests costs less than to know of each.
func allowance(h http.Header, now time.Time) (rest.Allowance, bool) {
	size, ok := rest.Number(h, "X-RateLimit-Limit")
	left, says := rest.Number(h, "X-RateLimit-Remaining")
	if !ok || !says || size < 1 || because(ofIssue)(h) || because(ofEndpoint)(h) {
		return rest.Allowance{}, false
	}
	has := rest.Allowance{Left: min(1, left/size)}
	fill, fills := rest.Number(h, "X-RateLimit-FillRate")
	interval, ok := rest.Number(h, "X-RateLimit-Interval-Seconds")
	if fills && ok && fill > 0 && interval > 0 {
		has.PerMinute, has.Reset = fill*60/interval, time.Duration(interval*float64(time.Second))
		return has, true
	}
	wait, _ := rest.Wait(h.Get("X-RateLimit-Reset"), now)
	has.Reset = max(wait, time.Second)
	return has, true
}

// issueWritten is the key or id of the issue that a request writes to, if any.
func issueWritten(r *http.Request) string {
	if r.Method == http.MethodGet {
		return ""
	}
	_, id := pathOf(r)
	return id
}

// endpoint is what Cloud limits: a method with a path, whatever the issue.
func endpoint(r *http.Request) string {
	path, _ := pathOf(r)
	return r.Method + " " + path
}

// pathOf is a request's path without its issue, and that issue's key or id.
func pathOf(r *http.Request) (path, id string) {
	parts := strings.Split(r.URL.Path, "/")
	for i, part := range parts[1:] {
		if before := parts[i]; (before == "issue" || before == "request") && issueID.MatchString(part) {
			id, parts[i+1] = part, "*"
		}
	}
	return strings.Join(parts, "/"), id
}
