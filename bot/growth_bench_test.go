package main

import (
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"vigie/bot/engine"
	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/rules"
	"vigie/rules/policyfile"
)

// silent is a desk that isn't asked for anything.
type silent struct{ engine.Desk }

func (silent) DueFields() []rules.DueField { return nil }

// BenchmarkGrowth is what a webhook and a judged ticket cost as the state grows:
// what isn't flat here is a query that reads too much. Run it with a fixed number
// of times, such as -benchtime 1000x.
func BenchmarkGrowth(b *testing.B) {
	policy, problems := policyfile.Load("steady.toml", []byte(steadyPolicy), nil)
	must(b, problems.Err())
	for _, size := range []int{1_000, 10_000, 100_000} {
		for name, where := range states(b) {
			st := openState(b, where)
			now := time.Now()
			e := &engine.Engine{Store: st, Sources: []*engine.Source{{Name: "zendesk", Desk: silent{}, Policies: []*rules.Policy{policy}}},
				Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
			fillWith(b, e, size)
			b.Run(fmt.Sprintf("%s/%d/webhook", name, size), func(b *testing.B) {
				for n := range b.N {
					_, err := st.Receive(b.Context(), "zendesk", desk.Delivery{ID: fmt.Sprint(deliveries.Add(1)), Tickets: []string{fmt.Sprint(1_000_000 + n%size)}}, now)
					must(b, err)
				}
			})
			b.Run(fmt.Sprintf("%s/%d/judged", name, size), func(b *testing.B) {
				for done := 0; done < b.N; {
					b.StopTimer()
					some := min(size, b.N-done)
					wake(b, st, some, now)
					done += some
					b.StartTimer()
					for more := true; more; {
						var err error
						more, err = e.Watch(b.Context())
						must(b, err)
					}
				}
			})
			must(b, st.Close())
		}
	}
}

// fillWith adds judged open tickets to a state.
func fillWith(t testing.TB, e *engine.Engine, open int) {
	t.Helper()
	now := e.Now()
	for first := 0; first < open; first += 1000 {
		var list []store.Judged
		for n := first; n < min(open, first+1000); n++ {
			list = append(list, store.Judged{Row: openTicket(t, e, n, now)})
		}
		must(t, e.Store.SaveAll(t.Context(), list, now))
	}
}

// wake has some tickets be due for judging now.
func wake(t testing.TB, st *store.Store, some int, now time.Time) {
	t.Helper()
	var list []store.Judged
	for n := range some {
		row, err := st.Ticket(t.Context(), "zendesk", fmt.Sprint(1_000_000+n))
		must(t, err)
		row.Wake = now
		list = append(list, store.Judged{Row: *row})
	}
	must(t, st.SaveAll(t.Context(), list, now))
}
