package engine_test

import (
	"cmp"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"vigie/connectors/sandbox"
)

// backlog fills a Zendesk with tickets of the last so many days, as a company
// has them on the day on which Vigie starts: four of five solved, the others
// open, half of these long past their targets.
func (w *world) backlog(t testing.TB, n, days int) {
	t.Helper()
	start := w.Now()
	for i := range n {
		age := time.Duration(i%days)*24*time.Hour + time.Duration(i%7)*time.Hour + time.Hour
		w.set(start.Add(-age))
		id, err := w.z.Open(sandbox.NewTicket{Subject: fmt.Sprint("Old ticket ", i), Body: "It has been here for a while.", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
		must(t, err)
		w.set(start.Add(-age + 50*time.Minute))
		switch {
		case i%5 > 0:
			must(t, w.z.Update(id, lena, sandbox.ZendeskUpdate{Comment: "Done.", Status: "solved"}))
		case i%2 > 0:
			must(t, w.z.Update(id, lena, sandbox.ZendeskUpdate{Comment: "Which browser?", Status: "pending"}))
		}
	}
	w.set(start)
}

// firstStart starts on such a backlog, and says how many requests that took.
func (w *world) firstStart(t testing.TB) (reads, writes int) {
	t.Helper()
	first := 0 // requests before the first write
	w.onRequest(func(vendor string, write bool) {
		switch {
		case vendor != "zendesk":
		case write:
			first = cmp.Or(first, reads)
			writes++
		default:
			reads++
		}
	})
	w.until(t, w.Now().Add(30*time.Second)) // a slow machine's reads are cut off, and go on after a pause
	if first > reads/2 {
		t.Errorf("nothing is written before %d of %d requests to read: people wait for the whole backlog", first, reads)
	}
	return reads, writes
}

// The first start on a Zendesk full of old tickets: one summary, no warning
// about what is long past, no solved ticket stirred, and few requests.
func TestFirstStartOnABacklog(t *testing.T) {
	const n = 1000
	w := freshWorld(t)
	w.backlog(t, n, 80)
	reads, writes := w.firstStart(t)
	t.Logf("%d tickets: %d requests to read, %d to write", n, reads, writes)
	w.expect(t, 1, 0, fmt.Sprintf("%d open tickets", n/5))

	touched := 0
	for id := int64(1); id <= n; id++ {
		ticket := w.ticket(t, id)
		ours := strings.Contains(joined(ticket.Tags), "priority_") || w.due(t, id) != ""
		if ours && ticket.Status == "solved" {
			t.Fatalf("ticket %d was solved, and is written to: %v", id, ticket.Tags)
		}
		if ours {
			touched++
		}
	}
	if touched != n/5 {
		t.Errorf("%d tickets are written to, want the %d open ones", touched, n/5)
	}
	if writes > n/100 {
		t.Errorf("%d requests to write %d tickets", writes, touched)
	}

	// What has passed stays unsaid; a second look changes nothing.
	w.restart(t)
	w.set(w.Now().Add(20 * time.Minute))
	_, again := w.firstStart(t)
	if again > 0 {
		t.Errorf("the second start writes %d times", again)
	}
	for _, c := range w.cards()[1:] {
		if strings.Contains(c.Text, "missed") {
			t.Errorf("a stale warning: %s", c.Text)
		}
	}
}

// What a first start on 10,000 tickets costs.
func BenchmarkFirstStart10000(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		w := freshWorld(b)
		w.backlog(b, 10_000, 80)
		runtime.GC()
		b.StartTimer()
		reads, writes := w.firstStart(b)
		b.ReportMetric(float64(reads), "reads")
		b.ReportMetric(float64(writes), "writes")
	}
}
