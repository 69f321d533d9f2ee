package jira_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"vigie/connectors/desk"
	"vigie/connectors/jira"
	"vigie/connectors/rest"
	"vigie/connectors/sandbox"
)

// A paced desk is one whose client keeps a quota, on a real time that only its
// waiting moves.
type paced struct {
	*world
	quota   *rest.Quota
	start   time.Time
	repeats int                 // of requests that Jira refused
	beside  func(time.Duration) // what others do meanwhile

	mu   sync.Mutex
	real time.Time
}

func newPaced(t *testing.T, o sandbox.JiraOptions) *paced {
	t.Helper()
	p := &paced{real: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)} // a Tuesday
	p.start = p.real
	now := func() time.Time { p.mu.Lock(); defer p.mu.Unlock(); return p.real }
	var turn sync.Mutex // one sleeper at a time moves the clock
	sleep := func(ctx context.Context, wait time.Duration) error {
		turn.Lock()
		defer turn.Unlock()
		for ; wait > 0; wait -= time.Second {
			step := min(wait, time.Second)
			p.mu.Lock()
			p.real = p.real.Add(step)
			p.mu.Unlock()
			if p.beside != nil {
				p.beside(step)
			}
		}
		return ctx.Err()
	}
	p.quota = jira.Quota(0.5)
	p.quota.Now, p.quota.Sleep = now, sleep
	p.world = newDesk(t, o)
	p.Client = jira.New(p.cfg, (&rest.Transport{Authorize: p.cfg.Authorize, Retry: jira.Repeatable, Quota: p.quota, Now: now,
		Sleep: func(ctx context.Context, wait time.Duration) error { p.repeats++; return sleep(ctx, wait) }}).Client())
	p.Sandbox.Real = now
	return p
}

// issues makes so many and an edit of each.
func (p *paced) issues(n int) (edits []desk.Edit) {
	for range n {
		key := p.Jira().Create(sandbox.NewIssue{Project: "SUP"})
		edits = append(edits, desk.Edit{ID: key, AddTags: []string{"a"}})
	}
	return edits
}

func (p *paced) write(t *testing.T, edits ...desk.Edit) {
	t.Helper()
	errs, err := p.Write(t.Context(), edits)
	if err := errors.Join(append(errs, err)...); err != nil {
		t.Fatal(err)
	}
}

// took is how long it has taken.
func (p *paced) took() time.Duration { return p.real.Sub(p.start) }

// other is what another program with our account does: it reads an issue. It
// returns false where Jira refuses that.
func (p *paced) other(t *testing.T) bool {
	r, err := http.NewRequestWithContext(t.Context(), "GET", p.cfg.URL+"/rest/api/2/issue/SUP-1", nil)
	if err != nil {
		t.Fatal(err)
	}
	p.cfg.Authorize(r)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode != http.StatusTooManyRequests
}

// A thousand edits beside another program with our account, on a Data Center that
// gives it 300 requests a minute: neither is ever refused.
func TestQuotaOfDataCenter(t *testing.T) {
	p := newPaced(t, sandbox.JiraOptions{DataCenter: true, Bucket: sandbox.JiraBucket{Size: 100, Fill: 50, Every: 10 * time.Second}})
	edits := p.issues(1000)
	refused, owed := 0, 0.0
	p.beside = func(d time.Duration) {
		for owed += d.Minutes() * 140; owed >= 1; owed-- {
			if !p.other(t) {
				refused++
			}
		}
	}
	p.write(t, edits...)
	t.Logf("1,000 edits at 150 a minute took %s", p.took())
	if refused > 0 || p.repeats > 0 {
		t.Errorf("the other was refused %d times, we %d times", refused, p.repeats)
	}
	if p.took() < 6*time.Minute || p.took() > 15*time.Minute {
		t.Errorf("it took %s", p.took())
	}
	if used := p.quota.Used(); used < 0.2 || used > 1 {
		t.Errorf("%v of our share is used", used)
	}
}

// Cloud's buckets are an endpoint's and fill within a second: half is left to
// others.
func TestQuotaOfCloud(t *testing.T) {
	p := newPaced(t, sandbox.JiraOptions{Bucket: sandbox.JiraBucket{Size: 50, Fill: 50, Every: time.Second}})
	edits := p.issues(500)
	p.write(t, edits...)
	t.Logf("500 edits at 25 a second took %s", p.took())
	if p.repeats > 0 || p.took() < 15*time.Second || p.took() > 45*time.Second {
		t.Errorf("it took %s, and we were refused %d times", p.took(), p.repeats)
	}
	if used := p.quota.Used(); used <= 0 || used > 1 {
		t.Errorf("%v of our share is used", used)
	}
}

// A site that names no limit has none of ours.
func TestQuotaOfASiteWithoutLimits(t *testing.T) {
	both(t, func(t *testing.T, d *world) {
		p := newPaced(t, d.Options.Jira)
		p.Options.Jira.Bucket, p.Options.Jira.PerIssueLimit = sandbox.JiraBucket{}, false
		p.write(t, p.issues(300)...)
		if p.took() > 0 || p.quota.Used() > 0 {
			t.Errorf("it took %s, and %v is used", p.took(), p.quota.Used())
		}
	})
}

// Edits of one issue are held back before Jira refuses them, and hold back no
// other's.
func TestWritesToOneIssueArePaced(t *testing.T) {
	p := newPaced(t, sandbox.JiraOptions{PerIssueLimit: true})
	edits := p.issues(2)
	for n := range 120 {
		edits[0].AddTags = []string{fmt.Sprint("n", n)}
		p.write(t, edits[0])
	}
	before := p.took()
	p.write(t, edits[1])
	if p.repeats > 0 || before < time.Minute || before > 90*time.Second {
		t.Errorf("120 edits, of which 50 may be made in half a minute, took %s; %d were refused", before, p.repeats)
	}
	if p.took() > before {
		t.Errorf("the other issue's edit waited %s", p.took()-before)
	}
}

// An endpoint that Jira refuses is waited for; others aren't.
func TestRefusedEndpoint(t *testing.T) {
	p := newPaced(t, sandbox.JiraOptions{Bucket: sandbox.JiraBucket{Size: 5, Fill: 5, Every: 20 * time.Second}})
	edits := p.issues(1)
	p.write(t, edits...)
	for p.other(t) { // until nothing is left of this endpoint's
	}
	once := &rest.Transport{Authorize: p.cfg.Authorize, Quota: p.quota, Tries: 1}
	ask := func() error {
		resp, err := once.Client().Get(p.cfg.URL + "/rest/api/2/issue/SUP-1")
		if err == nil {
			resp.Body.Close()
		}
		return err
	}
	if err := ask(); rest.RetryAfter(err) == 0 {
		t.Fatalf("got %v, want a refusal", err)
	}
	edits[0].AddTags = []string{"b"}
	p.write(t, edits...)
	if p.took() > 0 {
		t.Errorf("an edit waited %s", p.took())
	}
	if err := ask(); err != nil || p.took() < 20*time.Second {
		t.Errorf("asked again after %s: %v", p.took(), err)
	}
}

func TestAllowance(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	tests := []struct{ name, header, want string }{
		{"Data Center", "X-RateLimit-Limit: 100, X-RateLimit-Remaining: 75, X-RateLimit-FillRate: 50, X-RateLimit-Interval-Seconds: 10, Retry-After: 0", "{300 0.75 10s} true"},
		{"Cloud", "X-RateLimit-Limit: 350, X-RateLimit-Remaining: 35, X-RateLimit-Reset: 2026-11-24T09:00:05Z", "{0 0.10 5s} true"},
		{"Cloud, to the minute", "X-RateLimit-Limit: 350, X-RateLimit-Remaining: 0, X-RateLimit-Reset: 2026-11-24T09:00Z", "{0 0.00 1s} true"},
		{"Cloud, without an end", "X-RateLimit-Limit: 350, X-RateLimit-Remaining: 350", "{0 1.00 1s} true"},
		{"more than there can be", "X-RateLimit-Limit: 5, X-RateLimit-Remaining: 9", "{0 1.00 1s} true"},
		{"an issue's", "X-RateLimit-Limit: 20, X-RateLimit-Remaining: 0, RateLimit-Reason: jira-per-issue-on-write", "{0 0.00 0s} false"},
		{"an endpoint's", "X-RateLimit-Limit: 350, X-RateLimit-Remaining: 0, RateLimit-Reason: jira-burst-based", "{0 0.00 0s} false"},
		{"a bucket that isn't filled", "X-RateLimit-Limit: 10, X-RateLimit-Remaining: 5, X-RateLimit-FillRate: 5, X-RateLimit-Interval-Seconds: 0", "{0 0.50 1s} true"},
		{"nothing", "Retry-After: 7", "{0 0.00 0s} false"},
		{"odd", "X-RateLimit-Limit: many, X-RateLimit-Remaining: few", "{0 0.00 0s} false"},
		{"zero", "X-RateLimit-Limit: 0, X-RateLimit-Remaining: 0", "{0 0.00 0s} false"},
	}
	for _, tt := range tests {
		h := http.Header{}
		for pair := range strings.SplitSeq(tt.header, ", ") {
			name, value, _ := strings.Cut(pair, ": ")
			h.Set(name, value)
		}
		has, ok := jira.Quota(0.5).Vendor(h, now)
		if got := fmt.Sprintf("{%v %.2f %v} %v", has.PerMinute, has.Left, has.Reset, ok); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}
