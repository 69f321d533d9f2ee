package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"vigie/bot/store"
	"vigie/bot/web"
	"vigie/bot/worldtest"
	"vigie/connectors/desk"
	"vigie/connectors/zendesk"
)

// states are the databases that a load is put on: a file, and PostgreSQL if there is one.
func states(t testing.TB) map[string]string {
	list := map[string]string{"sqlite": filepath.Join(t.TempDir(), "vigie.db")}
	if worldtest.HasPostgres() {
		list["postgres"] = worldtest.Postgres(t)
	}
	return list
}

// takes is an intake that notes what comes and leaves it at that: what is
// measured is the way to the disk.
type takes struct{ *store.Store }

func (s takes) Receive(ctx context.Context, source string, d desk.Delivery) (bool, error) {
	return s.Store.Receive(ctx, source, d, time.Now())
}

const hookSecret = "not-a-secret"

// A caller posts signed webhooks as Zendesk does.
type caller struct {
	url    string
	client *http.Client
}

func newCaller(url string) *caller {
	return &caller{url, &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 256}}}
}

// deliveries numbers them: a benchmark is begun several times on one state.
var deliveries atomic.Int64

// hookBody is what Zendesk sends of an event.
func hookBody(delivery, ticket string) []byte {
	return fmt.Appendf(nil, `{"type":"zen:event-type:ticket.status_changed","account_id":1,"id":"event-%s","time":"2026-11-27T16:30:00Z","zendesk_event_version":"2022-06-20","subject":"zen:ticket:%s","detail":{"id":"%s","subject":"Portal down","status":"OPEN","priority":"URGENT"},"event":{"current":"OPEN","previous":"NEW"}}`, delivery, ticket, ticket)
}

// send sends a delivery about a ticket, and returns the status.
func (c *caller) send(delivery, ticket string) (int, error) {
	body := hookBody(delivery, ticket)
	stamp := time.Now().UTC().Format(time.RFC3339)
	mac := hmac.New(sha256.New, []byte(hookSecret))
	mac.Write([]byte(stamp))
	mac.Write(body)
	r, err := http.NewRequest(http.MethodPost, c.url+"/webhooks/zendesk", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("X-Zendesk-Webhook-Signature-Timestamp", stamp)
	r.Header.Set("X-Zendesk-Webhook-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	r.Header.Set("X-Zendesk-Webhook-Invocation-Id", delivery)
	answer, err := c.client.Do(r)
	if err != nil {
		return 0, err
	}
	io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, answer.Body.Close()
}

func openState(t testing.TB, where string) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), where)
	must(t, err)
	t.Cleanup(func() { st.Close() })
	return st
}

// serveHooks is a server on loopback that takes webhooks into an intake, as many
// as come.
func serveHooks(t testing.TB, st *store.Store, intake web.Intake) *caller {
	z := zendesk.New(zendesk.Config{Name: "zendesk", WebhookSecrets: func() []string { return []string{hookSecret} }}, http.DefaultClient)
	s := &web.Server{Store: st, Intake: intake, Hooks: map[string]web.Hook{"zendesk": {Parse: z.ParseWebhook, Longest: zendesk.LongestWebhook}},
		Limits: web.Limits{Rate: 1_000_000}, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	return newCaller(server.URL)
}

// at once is how many callers wait for an answer at a time.
const atOnce = 64

// crowd has n calls made by so many at a time, each the next number, and returns how long each took.
func crowd(n int, call func(n int) error) ([]time.Duration, error) {
	var next atomic.Int64
	took := make([]time.Duration, n)
	var wg sync.WaitGroup
	errs := make(chan error, atOnce)
	for range atOnce {
		wg.Go(func() {
			for {
				k := int(next.Add(1)) - 1
				if k >= n {
					return
				}
				began := time.Now()
				if err := call(k); err != nil {
					errs <- err
					return
				}
				took[k] = time.Since(began)
			}
		})
	}
	wg.Wait()
	close(errs)
	return took, <-errs
}

// share is the duration that a share of the durations don't exceed.
func share(took []time.Duration, p float64) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[min(int(float64(len(sorted))*p), len(sorted)-1)]
}

// BenchmarkWebhook is what it takes to have a webhook accepted, beside bare rows of
// as many callers in the same database, committed together: with the same HTTP
// before them (over_http), and without (bare), beside which the store's part
// alone is to be seen (noted). On PostgreSQL two programs may take them in.
func BenchmarkWebhook(b *testing.B) {
	for name, where := range states(b) {
		b.Run(name+"/accepted", func(b *testing.B) {
			st := openState(b, where)
			tellTimes(b, posts(serveHooks(b, st, takes{st})))
		})
		if store.IsPostgres(where) {
			b.Run(name+"/accepted_by_two", func(b *testing.B) {
				first, second := openState(b, where), openState(b, where)
				one, two := posts(serveHooks(b, first, takes{first})), posts(serveHooks(b, second, takes{second}))
				tellTimes(b, func(n int) error {
					if n%2 == 0 {
						return one(n)
					}
					return two(n)
				})
			})
		}
		b.Run(name+"/over_http", func(b *testing.B) {
			tellTimes(b, posts(serveHooks(b, openState(b, where), bare{bareInserts(b, where)})))
		})
		b.Run(name+"/noted", func(b *testing.B) {
			st := openState(b, where)
			tellTimes(b, func(n int) error {
				_, err := st.Receive(b.Context(), "noted", desk.Delivery{ID: fmt.Sprint("delivery-", deliveries.Add(1)), Tickets: []string{fmt.Sprint(n % 10_000)}}, time.Now())
				return err
			})
		})
		b.Run(name+"/bare", func(b *testing.B) {
			insert := bareInserts(b, where)
			tellTimes(b, func(n int) error { return insert(fmt.Sprint("delivery-", deliveries.Add(1))) })
		})
		b.Run(name+"/at_1000_per_s", func(b *testing.B) {
			st := openState(b, where)
			call := posts(serveHooks(b, st, takes{st}))
			b.ResetTimer()
			took, err := steadily(b.N, time.Millisecond, call)
			must(b, err)
			latency(b, took)
		})
	}
}

// bare is an intake that inserts a bare row.
type bare struct{ insert func(string) error }

func (s bare) Receive(_ context.Context, _ string, d desk.Delivery) (bool, error) {
	return true, s.insert(d.ID)
}

// posts sends webhooks about one of 10,000 tickets each.
func posts(c *caller) func(n int) error {
	return func(n int) error {
		status, err := c.send(fmt.Sprint("delivery-", deliveries.Add(1)), fmt.Sprint(1+n%10_000))
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("status %d", status)
		}
		return err
	}
}

// steadily makes n calls, one each period whether or not those before have been
// answered, and returns how long each took from when it was to be made.
func steadily(n int, period time.Duration, call func(n int) error) ([]time.Duration, error) {
	took := make([]time.Duration, n)
	errs := make(chan error, n)
	var wg sync.WaitGroup
	began := time.Now()
	for k := range n {
		at := began.Add(time.Duration(k) * period)
		time.Sleep(time.Until(at))
		wg.Go(func() {
			if err := call(k); err != nil {
				errs <- err
			}
			took[k] = time.Since(at)
		})
	}
	wg.Wait()
	close(errs)
	return took, <-errs
}

func latency(b *testing.B, took []time.Duration) {
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "per_s")
	b.ReportMetric(float64(share(took, 0.5).Microseconds())/1000, "p50_ms")
	b.ReportMetric(float64(share(took, 0.99).Microseconds())/1000, "p99_ms")
}

func tellTimes(b *testing.B, call func(n int) error) {
	b.ResetTimer()
	took, err := crowd(b.N, call)
	must(b, err)
	b.StopTimer()
	latency(b, took)
}

// bareInserts inserts one row a call, durably: the calls that wait at the same
// time are committed together.
func bareInserts(t testing.TB, where string) func(delivery string) error {
	driver, dsn := "sqlite", "file:"+where+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate"
	if store.IsPostgres(where) {
		driver, dsn = "pgx", where
	}
	db, err := sql.Open(driver, dsn)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	table := "bare_" + strings.ToLower(rand.Text())
	_, err = db.Exec(`CREATE TABLE ` + table + ` (delivery TEXT PRIMARY KEY, body TEXT NOT NULL)`)
	must(t, err)
	insert, err := db.Prepare(`INSERT INTO ` + table + ` (delivery, body) VALUES ($1, $2)`)
	must(t, err)
	type row struct {
		delivery string
		done     chan error
	}
	rows := make(chan row, atOnce)
	go func() {
		for first := range rows {
			list := []row{first}
			for more := true; more; {
				select {
				case r := <-rows:
					list = append(list, r)
				default:
					more = false
				}
			}
			tx, err := db.Begin()
			for _, r := range list {
				if err == nil {
					_, err = tx.Stmt(insert).Exec(r.delivery, "body")
				}
			}
			if err == nil {
				err = tx.Commit()
			}
			for _, r := range list {
				r.done <- err
			}
		}
	}()
	t.Cleanup(func() { close(rows) })
	return func(delivery string) error {
		r := row{delivery, make(chan error, 1)}
		rows <- r
		return <-r.done
	}
}
