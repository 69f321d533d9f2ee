package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/robfig/cron/v3"
	"pgregory.net/rapid"

	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/connectors/sandbox"
)

// spent counts Zendesk's calls since the last time it was asked.
func (w *world) spent(before *int) (reads, writes, audits int) {
	calls := w.Calls("zendesk")
	for _, c := range calls[*before:] {
		switch {
		case c.Write:
			writes++
		default:
			reads++
		}
		if strings.HasSuffix(c.Path, "/audits.json") {
			audits++
		}
	}
	*before = len(calls)
	return reads, writes, audits
}

// populate opens tickets of a hundred customers, a second apart.
func (w *world) populate(t testing.TB, n int) (ids []int64) {
	t.Helper()
	for i := range n {
		id, err := w.z.Open(sandbox.NewTicket{Subject: "x", Body: "y", Type: "incident", Priority: "normal", RequesterEmail: fmt.Sprintf("c%d@acme.example", i%100), SubmitterEmail: lena})
		must(t, err)
		ids = append(ids, id)
		if i%10 == 0 {
			w.set(w.Now().Add(time.Second))
		}
	}
	return ids
}

// What the work costs in calls, which a vendor's quota bounds.
func TestCalls(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of tickets")
	}
	const known = 1000
	w := freshWorld(t)
	w.set(at("Thu 2026-11-26 15:00:00"))
	ids := w.populate(t, 2000)
	w.set(at("Fri 2026-11-27 09:00:00"))
	before := 0
	table := func(what string, most int) {
		t.Helper()
		reads, writes, audits := w.spent(&before)
		t.Logf("%-50s %4d reads (%d of one ticket's audits), %2d writes", what, reads, audits, writes)
		if reads+writes > most {
			t.Errorf("%s: %d calls, want %d at most", what, reads+writes, most)
		}
	}
	w.settle(t)
	table("first start with 2,000 open tickets", 45)
	w.tagged(t, "priority_normal", ids[0], ids[999], ids[1999])
	w.until(t, w.Now().Add(20*time.Minute))
	table("the polls after it, which show our own writes", 25)

	w.set(w.Now().Add(30 * time.Minute))
	w.settle(t)
	w.spent(&before)
	for i, id := range ids[:known] {
		must(t, w.z.Update(id, lena, sandbox.ZendeskUpdate{Priority: "urgent", Comment: "We are on it."}))
		if i%10 == 0 {
			w.set(w.Now().Add(time.Second))
		}
	}
	w.set(w.Now().Add(2 * time.Minute))
	w.settle(t) // no poll is due yet
	w.set(w.Now().Add(15 * time.Minute))
	w.settle(t)
	w.tagged(t, "priority_urgent", ids[0], ids[known-1])
	table("1,000 changed tickets, found by a poll", 25)

	w.until(t, w.Now().Add(20*time.Minute))
	w.spent(&before)
	w.Reconcile = cron.Every(time.Minute)
	w.set(w.Now().Add(time.Minute))
	w.settle(t) // notes when it begins
	w.set(w.Now().Add(time.Minute))
	w.settle(t)
	w.Reconcile = nil
	table("2,000 unchanged tickets, compared", 25) // the search's pages, and a hundred kept ones a call, for what was erased

	var stormy []string
	for _, id := range ids[:50] {
		must(t, w.z.AddTags(id, lena, "vip"))
		stormy = append(stormy, fmt.Sprint(id))
	}
	for n := range 100 {
		_, err := w.Receive(t.Context(), "zendesk", d(fmt.Sprint("storm ", n), stormy...))
		must(t, err)
	}
	w.settle(t)
	table("a storm of 5,000 webhooks on 50 tickets", 55)

	w.set(w.Now().Add(20 * time.Minute))
	w.settle(t)
	w.spent(&before)
	w.seen(t, ids[7], w.z.SetPriority(ids[7], lena, "normal"))
	table("a lone webhook", 6)

	w.until(t, w.Now().Add(20*time.Minute))
	w.spent(&before)
	var mass []string
	for _, id := range ids[:known] {
		must(t, w.z.AddTags(id, lena, "mass"))
		mass = append(mass, fmt.Sprint(id))
	}
	_, err := w.Receive(t.Context(), "zendesk", d("mass", mass...))
	must(t, err)
	w.until(t, w.Now().Add(3*time.Minute))
	table("1,000 tickets changed at once, told by webhooks", 25)
	if left, _, err := w.Store.Unread(t.Context(), "zendesk"); err != nil || left > 0 {
		t.Errorf("%d are still to be read, %v", left, err)
	}
}

// A list that says nothing new costs as many calls as it has pages, however many
// tickets it names.
func TestCallsOfTenThousandUnchanged(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of tickets")
	}
	w := newWorld(t)
	w.populate(t, 10_000)
	w.set(w.Now().Add(time.Hour))
	for cursor, more := "", true; more; { // they are known as they are
		page, err := w.Source("zendesk").Desk.Unsolved(t.Context(), cursor)
		must(t, err)
		var list []store.Judged
		for _, c := range page.Changes {
			list = append(list, store.Judged{Row: store.Row{Source: "zendesk", ID: c.ID, Version: c.Version, Open: true}})
		}
		must(t, w.Store.SaveAll(t.Context(), list, w.Now()))
		cursor, more = page.Cursor, page.More
	}
	w.Reconcile = cron.Every(time.Minute)
	w.settle(t) // and a poll, which shows them all
	w.set(w.Now().Add(time.Minute))
	before := len(w.Calls("zendesk"))
	w.settle(t)
	reads, writes, _ := w.spent(&before)
	t.Logf("10,000 unchanged tickets, compared: %d reads, %d writes", reads, writes)
	if reads+writes > 15 {
		t.Errorf("%d calls, want 15 at most", reads+writes)
	}
	if left, first, err := w.Store.Unread(t.Context(), "zendesk"); err != nil || left+first > 0 {
		t.Errorf("%d are to be read, %v", left+first, err)
	}
}

// Whatever people do, and in whatever order webhooks and polls tell of it, every
// ticket ends as its audits have it.
func TestEndsAsByAudits(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t)
		historian := w.Source("zendesk").Desk
		var ids []int64
		for range rapid.IntRange(5, 20).Draw(r, "steps") {
			w.set(w.Now().Add(time.Duration(rapid.SampledFrom([]int{0, 1, 30, 90, 1000}).Draw(r, "seconds")) * time.Second))
			step := rapid.IntRange(0, 9).Draw(r, "step")
			if step < 2 && len(ids) < 5 {
				id, err := w.z.Open(sandbox.NewTicket{Subject: "x", Body: "y", Type: "incident", RequesterEmail: nadia})
				must(t, err)
				ids = append(ids, id)
			}
			if len(ids) == 0 {
				continue
			}
			id := rapid.SampledFrom(ids).Draw(r, "ticket")
			who := rapid.SampledFrom([]string{lena, nadia, robot}).Draw(r, "who")
			switch step {
			case 2, 3:
				w.settle(t)
			case 4, 5:
				_, err := w.Receive(t.Context(), "zendesk", desk.Delivery{ID: fmt.Sprint(r, w.Now(), id), Tickets: []string{fmt.Sprint(id)}})
				must(t, err)
			case 6:
				must(t, w.z.Reply(id, who, true, "hm"))
			case 7:
				must(t, w.z.SetPriority(id, who, rapid.SampledFrom([]string{"urgent", "normal"}).Draw(r, "priority")))
			case 8:
				must(t, w.z.Update(id, who, sandbox.ZendeskUpdate{AddTags: []string{"a"}, RemoveTags: []string{"priority_normal"}}))
			case 9:
				must(t, w.z.SetStatus(id, lena, rapid.SampledFrom([]string{"open", "pending", "solved"}).Draw(r, "status")))
			}
		}
		w.until(t, w.Now().Add(40*time.Minute))
		for _, id := range ids {
			want, err := historian.Read(t.Context(), []string{fmt.Sprint(id)})
			must(t, err)
			row, err := w.Store.Ticket(t.Context(), "zendesk", fmt.Sprint(id))
			must(t, err)
			if diff := cmp.Diff(want[0].Ticket, row.Ticket, cmpopts.EquateEmpty()); diff != "" {
				r.Fatalf("ticket %d: by its audits against as it is known:\n%s", id, diff)
			}
		}
	})
}
