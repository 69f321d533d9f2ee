package engine_test

import (
	"fmt"
	"testing"
	"time"

	"vigie/bot/store"
	"vigie/connectors/sandbox"
	"vigie/rules"
)

// BenchmarkFirstStart is a first start with 2,000 open tickets, of which each is
// read, judged and tagged, over HTTP and with the state on disk.
func BenchmarkFirstStart(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		w := freshWorld(b)
		for range 2000 {
			_, err := w.z.Open(sandbox.NewTicket{Subject: "x", Body: "y", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
			must(b, err)
		}
		b.StartTimer()
		w.settle(b)
		b.StopTimer()
		b.ReportMetric(float64(len(w.Calls("zendesk"))), "calls")
		b.StartTimer()
	}
}

// BenchmarkWatch judges 10,000 open tickets whose time has come: half of them
// have something to say, as after a week-end; the others have not, as after a
// restart.
func BenchmarkWatch(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		w := freshWorld(b)
		w.settle(b)
		for n := range 10000 {
			r := store.Row{Source: "zendesk", ID: fmt.Sprint(n), Open: true, Wake: w.Now(), Ticket: &rules.Ticket{
				Source: "zendesk", ID: fmt.Sprint(n), Kind: "incident", Priority: "urgent", Subject: "Portal down", Text: "Nobody gets in.",
				Status: rules.Open, Requester: nadia, CreatedAt: w.Now().Add(-time.Duration(n%2) * 20 * time.Hour), Tags: []string{"priority_urgent"},
			}}
			must(b, w.Store.Save(b.Context(), r, nil, w.Now()))
		}
		b.StartTimer()
		_, err := w.Watch(b.Context())
		must(b, err)
	}
}
