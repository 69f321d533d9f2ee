package store_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vigie/bot/store"
	"vigie/connectors/desk"
)

func receive(t testing.TB, s *store.Store, delivery string, tickets ...string) {
	t.Helper()
	if !got[bool](t)(s.Receive(t.Context(), "zendesk", desk.Delivery{ID: delivery, Tickets: tickets}, noon)) {
		t.Fatalf("delivery %s was seen before", delivery)
	}
}

func testWebhooks(t *testing.T, open func(*testing.T) *store.Store) {
	s := open(t)
	receive(t, s, "d1", "42")
	read(t, s, "42", "v1")
	fresh := func(source, id string) bool {
		return got[bool](t)(s.Receive(t.Context(), source, desk.Delivery{ID: id, Tickets: []string{"42", "43"}}, after(1)))
	}
	if fresh("zendesk", "d1") || changed(t, s) != "" {
		t.Errorf("a repeated delivery was taken; to be read: %q", changed(t, s))
	}
	if !fresh("jira", "d1") || changed(t, s) != "" {
		t.Errorf("another source's delivery of the same id: to be read of zendesk: %q", changed(t, s))
	}
	if !fresh("zendesk", "d2") || changed(t, s) != "42 43" {
		t.Errorf("a new delivery: to be read: %q", changed(t, s))
	}
}

// testTogether: many at the same time, among them each delivery twice and some
// that the database may refuse; nobody suffers from who is in the same transaction.
func testTogether(t *testing.T, open func(*testing.T) *store.Store) {
	s := open(t)
	const deliveries = 300
	var fresh, refused atomic.Int64
	var wg sync.WaitGroup
	gone, leave := context.WithCancel(t.Context())
	leave() // whoever gave up is taken like the others: half of it would be nothing
	for n := range 2 * deliveries {
		wg.Go(func() {
			id := fmt.Sprint("d", n/2)
			if n%100 < 2 {
				id += "\x00" // PostgreSQL takes no such text
			}
			is, err := s.Receive(gone, "zendesk", desk.Delivery{ID: id, Tickets: []string{"shared", id[:2]}}, noon)
			switch {
			case err != nil && n%100 < 2:
				refused.Add(1)
			case err != nil:
				t.Error(err)
			case is:
				fresh.Add(1)
			}
		})
	}
	wg.Wait()
	taken := deliveries - refused.Load()/2
	if fresh.Load() != taken || refused.Load() != 0 && refused.Load() != 12 {
		t.Errorf("%d were fresh and %d refused, of %d sent twice", fresh.Load(), refused.Load(), deliveries)
	}
	if got := ticket(t, s, "shared").Marks; got != taken {
		t.Errorf("%d marks, want %d", got, taken)
	}
}

func testCursors(t *testing.T, open func(*testing.T) *store.Store) {
	s := open(t)
	expect := func(name, want string, wantAt time.Time) {
		t.Helper()
		cursor, at, err := s.Cursor(t.Context(), name)
		must(t, err)
		if cursor != want || !at.Equal(wantAt) {
			t.Errorf("%s: got %q read at %s, want %q at %s", name, cursor, at, want, wantAt)
		}
	}
	must(t, s.Polled(t.Context(), "zendesk", page("a"), true, noon))
	expect("zendesk", "a", noon)
	must(t, s.Polled(t.Context(), "zendesk", page("b"), false, after(1)))
	receive(t, s, "d1", "42")
	expect("zendesk", "b", after(1)) // a webhook is no news of the list
	expect("jira", "", time.Time{})

	// Nothing else that is kept of a source, or of all, touches that, whatever its name is.
	must(t, s.Ran(t.Context(), store.DailyDigest, "", after(2)))
	must(t, s.Ran(t.Context(), store.Reconciling, "zendesk", after(3)))
	must(t, s.KeepListed(t.Context(), "zendesk", nil, "h", after(4)))
	must(t, s.Listed(t.Context(), "zendesk", page("u"), after(5), after(6)))
	must(t, s.Compared(t.Context(), "zendesk", nil, "k", after(7)))
	must(t, s.AskedSince(t.Context(), "zendesk", after(8)))
	must(t, s.SaveLastRead(t.Context(), "zendesk", after(9)))
	must(t, s.SaveGone(t.Context(), "zendesk", 3, after(10)))
	expect("zendesk", "b", after(1))
	expect("digest", "", time.Time{})
	for _, c := range []struct {
		what     string
		schedule store.Schedule
		source   string
		want     time.Time
	}{
		{"the digest", store.DailyDigest, "", after(2)},
		{"zendesk's comparison", store.Reconciling, "zendesk", after(3)},
		{"jira's comparison", store.Reconciling, "jira", time.Time{}},
		{"compacting", store.Compacting, "", time.Time{}},
	} {
		if at := got[time.Time](t)(s.LastRan(t.Context(), c.schedule, c.source)); !at.Equal(c.want) {
			t.Errorf("%s ran at %s, want %s", c.what, at, c.want)
		}
	}
	if cursor, read, err := s.History(t.Context(), "zendesk"); err != nil || cursor != "h" || !read.Equal(after(4)) {
		t.Errorf("the history is read to %q at %s, %v", cursor, read, err)
	}
	if cursor, began, err := s.Scan(t.Context(), "zendesk"); err != nil || cursor != "u" || !began.Equal(after(5)) {
		t.Errorf("the unsolved are listed to %q since %s, %v", cursor, began, err)
	}
	if cursor := got[string](t)(s.Comparison(t.Context(), "zendesk")); cursor != "k" {
		t.Errorf("compared up to %q", cursor)
	}
	want := store.Source{Asked: after(8), LastRead: after(9), Gone: 3, GoneSince: after(10)}
	if known := got[store.Source](t)(s.Source(t.Context(), "zendesk")); known != want {
		t.Errorf("known of zendesk: %+v, want %+v", known, want)
	}
	if known := got[store.Source](t)(s.Source(t.Context(), "jira")); known != (store.Source{}) {
		t.Errorf("known of jira: %+v", known)
	}
}

// testConcurrent: eight at a time, nothing is lost.
func testConcurrent(t *testing.T, open func(*testing.T) *store.Store) {
	s := open(t)
	const workers, rounds = 8, 20
	var wg sync.WaitGroup
	errs := make(chan error, workers*rounds*4)
	for w := range workers {
		wg.Go(func() {
			for n := range rounds {
				id := fmt.Sprintf("%d-%d", w, n)
				_, err := s.Receive(t.Context(), "zendesk", desk.Delivery{ID: id, Tickets: []string{"shared", id}}, noon)
				errs <- err
				errs <- s.Polled(t.Context(), "zendesk", page(id, "shared", ""), false, noon)
				errs <- s.Save(t.Context(), store.Row{Source: "jira", ID: id}, []store.Action{{Key: "warn/" + id, Kind: "warn", Source: "jira", ID: id}}, noon)
				errs <- s.Insert(t.Context(), []store.Action{{Key: "write/shared", Kind: "write", Source: "zendesk", ID: "x"}}, noon)
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		must(t, err)
	}
	if got, want := ticket(t, s, "shared").Marks, int64(2*workers*rounds); got != want {
		t.Errorf("%d marks, want %d", got, want)
	}
	if list := got[[]store.Row](t)(s.Changed(t.Context(), "zendesk", 1000)); len(list) != workers*rounds+1 {
		t.Errorf("%d tickets changed, want %d", len(list), workers*rounds+1)
	}
	if list := got[[]store.Action](t)(s.PendingMessages(t.Context(), noon, 1000)); len(list) != workers*rounds {
		t.Errorf("%d messages, want %d", len(list), workers*rounds)
	}
	if a := got[*store.Action](t)(s.Action(t.Context(), "write/shared")); a.Armed != workers*rounds {
		t.Errorf("called for %d times, want %d", a.Armed, workers*rounds)
	}
}
