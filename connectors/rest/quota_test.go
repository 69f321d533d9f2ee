package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// A minute is a vendor that allows so many requests in each minute of a clock that
// only sleeping moves.
type minute struct {
	mu                  sync.Mutex
	now, from           time.Time
	limit, used, denied int
	silent              bool // doesn't name its limit
	beside              func(time.Duration)
}

func (m *minute) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

func (m *minute) sleep(ctx context.Context, d time.Duration) error {
	for d > 0 {
		step := min(d, time.Second)
		m.mu.Lock()
		m.now = m.now.Add(step)
		m.mu.Unlock()
		if m.beside != nil {
			m.beside(step)
		}
		d -= step
	}
	return ctx.Err()
}

// spend takes one request from the minute.
func (m *minute) spend() (left, reset int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.now.Sub(m.from) >= time.Minute {
		m.from, m.used = m.now, 0
	}
	m.used++
	if m.used > m.limit {
		m.denied++
	}
	return m.limit - m.used, max(1, int(m.from.Add(time.Minute).Sub(m.now).Seconds()))
}

func (m *minute) RoundTrip(r *http.Request) (*http.Response, error) {
	left, reset := m.spend()
	w := &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody, Request: r}
	if !m.silent {
		w.Header.Set("X-Rate-Limit", fmt.Sprint(m.limit))
		w.Header.Set("X-Rate-Limit-Remaining", fmt.Sprint(max(0, left)))
		w.Header.Set("Ratelimit-Reset", fmt.Sprint(reset))
	}
	if left < 0 {
		w.StatusCode = 429
		w.Header.Set("Retry-After", fmt.Sprint(reset))
	}
	return w, nil
}

func newMinute(limit int) *minute {
	start := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	return &minute{now: start, from: start, limit: limit}
}

func (m *minute) client(share float64, lanes ...Lane) (*Quota, *http.Client) {
	q := &Quota{Share: share, Limit: 200, Lanes: lanes, Now: m.Now, Sleep: m.sleep}
	return q, (&Transport{Base: m, Quota: q, Now: m.Now, Sleep: m.sleep}).Client()
}

func ask(t *testing.T, ctx context.Context, c *http.Client, path string) error {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "GET", "http://vendor.example"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(r)
	if err == nil {
		resp.Body.Close()
	}
	return err
}

// Work beside agents who spend their share goes on at the pace of what they leave
// of ours, and neither is ever refused.
func TestQuotaBesideAgents(t *testing.T) {
	m := newMinute(700)
	owed := 0.0
	m.beside = func(d time.Duration) {
		for owed += d.Minutes() * 340; owed >= 1; owed-- { // agents, a little below their half
			m.spend()
		}
	}
	q, c := m.client(0.5)
	start := m.now
	for range 1000 {
		if err := ask(t, t.Context(), c, "/"); err != nil {
			t.Fatal(err)
		}
	}
	took := m.now.Sub(start)
	if m.denied > 0 || took < 3*time.Minute || took > 8*time.Minute {
		t.Errorf("1,000 requests took %s, and %d of all were refused", took, m.denied)
	}
	if used := q.Used(); used < 0.2 || used > 1 {
		t.Errorf("%v of our share is used", used)
	}
	if takes := q.Takes(350); takes < time.Minute || takes > 3*time.Minute {
		t.Errorf("350 more would take %s", takes)
	}
}

// Several programs on one account leave the agents' share together.
func TestQuotaOfTwoPrograms(t *testing.T) {
	m := newMinute(200)
	most, ours := 0, map[time.Time]int{}
	_, a := m.client(0.5)
	_, b := m.client(0.5)
	for range 150 {
		for _, c := range []*http.Client{a, b} {
			if err := ask(t, t.Context(), c, "/"); err != nil {
				t.Fatal(err)
			}
			ours[m.from]++
			most = max(most, ours[m.from])
		}
	}
	if most > 102 || m.denied > 0 { // each learns of the other with its next answer
		t.Errorf("%d requests in one minute, of which 100 are the agents'; %d refused", most, m.denied)
	}
}

// What is about a missed target goes out though our share is used up.
func TestUrgentFirst(t *testing.T) {
	m := newMinute(200)
	m.beside = func(time.Duration) { t.Error("it has waited") }
	_, c := m.client(0.5)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	n := 0
	for ; n < 200; n++ {
		if err := ask(t, ctx, c, "/"); err != nil {
			var quota *QuotaError
			if !errors.As(err, &quota) || quota.RetryIn() <= 0 || Ambiguous(err) || !strings.Contains(err.Error(), "quota is used up for another") {
				t.Errorf("got %v", err)
			}
			break
		}
	}
	if n != 15 {
		t.Errorf("%d requests at once, want ten seconds' worth", n)
	}
	if err := ask(t, Urgent(ctx), c, "/"); err != nil {
		t.Errorf("urgent: %v", err)
	}
}

// A vendor's limits on some requests are held besides.
func TestLanes(t *testing.T) {
	m := newMinute(700)
	_, c := m.client(1, Lane{Most: 10, In: time.Minute, Of: func(r *http.Request) string {
		if strings.HasPrefix(r.URL.Path, "/export") {
			return "exports"
		}
		return ""
	}})
	start := m.now
	for range 21 {
		if err := ask(t, t.Context(), c, "/export"); err != nil {
			t.Fatal(err)
		}
	}
	if took := m.now.Sub(start); took != 2*time.Minute {
		t.Errorf("21 exports at 10 a minute took %s", took)
	}
	if err := ask(t, t.Context(), c, "/other"); err != nil || m.now.Sub(start) != 2*time.Minute {
		t.Errorf("others wait for exports: %v", err)
	}
}

// A vendor that refuses, because others have spent what there is, is waited for.
func TestQuotaSpentByOthers(t *testing.T) {
	m := newMinute(200)
	for range 200 {
		m.spend()
	}
	m.silent = true
	_, c := m.client(0.5)
	start := m.now
	if err := ask(t, t.Context(), c, "/"); err != nil || m.now.Sub(start) < time.Minute {
		t.Errorf("got %v after %s", err, m.now.Sub(start))
	}
}

func TestPerMinute(t *testing.T) {
	tests := []struct {
		name   string
		header string
		want   string
	}{
		{"2024", "X-Rate-Limit: 700, X-Rate-Limit-Remaining: 699, Ratelimit-Reset: 41", "{700 1.00 41s} true"},
		{"2023", "Rate-Limit: 400, Rate-Limit-Remaining: 0, Rate-Limit-Reset: 7", "{400 0.00 7s} true"},
		{"the limit alone", "Ratelimit-Limit: 200", "{200 1.00 0s} true"},
		{"nothing", "", "{0 0.00 0s} false"},
		{"odd", "X-Rate-Limit: many", "{0 0.00 0s} false"},
		{"zero", "X-Rate-Limit: 0", "{0 0.00 0s} false"},
		{"not a number", "X-Rate-Limit: NaN", "{0 0.00 0s} false"},
		{"negative", "X-Rate-Limit: -5", "{0 0.00 0s} false"},
	}
	for _, tt := range tests {
		h := http.Header{}
		for pair := range strings.SplitSeq(tt.header, ", ") {
			name, value, _ := strings.Cut(pair, ": ")
			h.Set(name, value)
		}
		has, ok := PerMinute(h, time.Time{})
		if got := fmt.Sprintf("{%v %.2f %v} %v", has.PerMinute, has.Left, has.Reset, ok); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}
