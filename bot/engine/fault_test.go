package engine_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"vigie/connectors/sandbox"
)

func TestSlackDownForAnHour(t *testing.T) {
	w := newWorld(t)
	missed := w.urgent(t) // late at 13:00:01
	w.set(at("Fri 2026-11-27 10:45:00"))
	warned := w.urgent(t) // warnings at 12:45 and 13:45
	w.until(t, at("Fri 2026-11-27 10:50:00"))
	w.Faults.Down("slack", true)
	w.until(t, at("Fri 2026-11-27 13:40:00"))
	w.expect(t, 0, 0, "")
	w.Faults.Down("slack", false)
	w.until(t, at("Fri 2026-11-27 13:44:59"))
	w.expect(t, 2, 0, "") // nothing of the warnings that the breach replaces
	cards := w.cards()
	if got := string(cards[0].Metadata); !contains(got, "breach/zendesk:%d/update/1", missed) {
		t.Errorf("first came %s", got)
	}
	if got := string(cards[1].Metadata); !contains(got, "warn/zendesk:%d/update/1/50%%", warned) {
		t.Errorf("then came %s", got)
	}
}

func TestAmbiguousPostIsLookedFor(t *testing.T) {
	faults := map[string]sandbox.Fault{
		"500 after the work":     {Status: 500, AfterWork: true},
		"connection cut":         {Drop: true, AfterWork: true},
		"connection cut, undone": {Drop: true},
		"500, undone":            {Status: 500},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.urgent(t)
			w.until(t, at("Fri 2026-11-27 10:59:00"))
			w.Faults.FailNext("slack", 1, fault)
			w.until(t, at("Fri 2026-11-27 11:05:00"))
			w.expect(t, 1, 0, "2 business hours left")
			w.until(t, at("Fri 2026-11-27 11:59:00"))
			w.Faults.FailNext("slack", 2, fault) // the card's edit, and perhaps the line
			w.until(t, at("Fri 2026-11-27 12:05:00"))
			w.expect(t, 1, 1, "1 business hour left")
			for n := 1; n <= 3; n++ { // whichever call it meets
				w.Faults.FailNext("slack", n, fault)
			}
			w.until(t, at("Fri 2026-11-27 13:30:00"))
			w.expect(t, 1, 2, "missed")
		})
	}
}

// The warning went out, nobody knows it, and before it is looked for the target
// is missed: the breach finds the warning's card.
func TestAmbiguousPostOvertaken(t *testing.T) {
	w := newWorld(t)
	w.urgent(t)
	w.until(t, at("Fri 2026-11-27 10:59:00"))
	w.Faults.FailNext("slack", 1, sandbox.Fault{Status: 500, AfterWork: true})
	w.set(at("Fri 2026-11-27 11:00:00"))
	w.settle(t)
	w.expect(t, 1, 0, "2 business hours left")
	w.Faults.Down("slack", true)
	w.until(t, at("Fri 2026-11-27 13:10:00"))
	w.Faults.Down("slack", false)
	w.until(t, at("Fri 2026-11-27 13:20:00"))
	w.expect(t, 1, 1, "missed")
}

// The same, and before it is looked for there is nothing left to warn of.
func TestAmbiguousPostOutlived(t *testing.T) {
	w := newWorld(t)
	id := w.urgent(t)
	w.until(t, at("Fri 2026-11-27 10:59:00"))
	w.Faults.FailNext("slack", 1, sandbox.Fault{Status: 500, AfterWork: true})
	w.set(at("Fri 2026-11-27 11:00:00"))
	w.settle(t)
	w.seen(t, id, w.z.Reply(id, lena, true, "Up again."))
	w.until(t, at("Fri 2026-11-27 11:30:00"))
	w.expect(t, 1, 0, "")
	if text := w.cards()[0].Text; contains(text, "hours left") {
		t.Errorf("the card still says %q", text)
	}
}

// A look-up that fails says nothing about whether the message is there.
func TestFailedLookUpKeepsLooking(t *testing.T) {
	w := newWorld(t)
	w.urgent(t)
	w.until(t, at("Fri 2026-11-27 10:59:00"))
	w.Faults.FailNext("slack", 1, sandbox.Fault{Status: 500, AfterWork: true})
	w.set(at("Fri 2026-11-27 11:00:00"))
	w.settle(t)
	w.Faults.FailNext("slack", 12, sandbox.Fault{Status: http.StatusTooManyRequests, RetryAfter: "1"})
	w.until(t, at("Fri 2026-11-27 11:30:00"))
	w.expect(t, 1, 0, "2 business hours left")
}

func TestDeletedMessageIsPostedAfresh(t *testing.T) {
	w := newWorld(t)
	w.urgent(t)
	w.until(t, at("Fri 2026-11-27 11:10:00"))
	w.expect(t, 1, 0, "2 business hours left")
	must(t, w.Slack().Delete(watch, w.cards()[0].TS))
	w.until(t, at("Fri 2026-11-27 12:10:00"))
	w.expect(t, 1, 0, "1 business hour left")
	w.until(t, at("Fri 2026-11-27 13:10:00"))
	w.expect(t, 1, 1, "missed")
}

func TestTooManyRequests(t *testing.T) {
	w := newWorld(t)
	w.urgent(t)
	w.until(t, at("Fri 2026-11-27 10:59:00"))
	// Longer than a round lasts, so the wait is the loop's.
	w.Faults.FailNext("slack", 1, sandbox.Fault{Status: http.StatusTooManyRequests, RetryAfter: "40"})
	w.set(at("Fri 2026-11-27 11:00:00"))
	if next, want := w.settle(t), at("Fri 2026-11-27 11:00:40"); !next.Equal(want) {
		t.Errorf("again at %s, want %s", next, want)
	}
	w.until(t, at("Fri 2026-11-27 11:01:00"))
	w.expect(t, 1, 0, "")
}

// A channel that is archived holds up its own messages only, and those until
// somebody brings it back.
func TestArchivedChannel(t *testing.T) {
	w := newWorld(t)
	w.urgent(t)
	must(t, w.Slack().Archive(watch))
	w.until(t, at("Fri 2026-11-27 11:05:00"))
	a := w.action(t, "warn/zendesk:1/update/1/50%")
	if a.State != "pending" || a.Refused != watch || !contains(a.Note, "is_archived: the channel is archived") {
		t.Errorf("got %+v, want it to wait, refused, with the reason", a)
	}
	if a := w.action(t, "write/zendesk:1"); a.State != "done" {
		t.Errorf("the write is %s", a.State)
	}
	must(t, w.Slack().Unarchive(watch))
	w.until(t, at("Fri 2026-11-27 11:12:00"))
	w.expect(t, 1, 0, "left")
}

func TestZendeskDownForADay(t *testing.T) {
	w := newWorld(t)
	id := w.urgent(t)
	w.until(t, at("Fri 2026-11-27 09:10:00"))
	w.Faults.Down("zendesk", true)
	must(t, w.z.Reply(id, lena, true, "We are on it.")) // the next cycle is late at Fri 13:10
	other, err := w.z.Open(sandbox.NewTicket{Subject: "x", Body: "y", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
	must(t, err)
	w.until(t, at("Sat 2026-11-28 09:10:00"))
	w.expect(t, 2, 2, "missed") // as far as could be known: it warned, and said what it can't know
	w.Faults.Down("zendesk", false)
	w.until(t, at("Sat 2026-11-28 09:30:00"))
	for _, id := range []int64{id, other} {
		if got, want := w.ticket(t, id).Tags, "priority_urgent sla_update_breached"; joined(got) != want {
			t.Errorf("ticket %d: got tags %q, want %q", id, got, want)
		}
	}
	w.expect(t, 3, 3, "missed") // the next cycle's end in the first one's thread, and the other ticket
}

func TestZendeskFailsInTheMiddle(t *testing.T) {
	for k := range 12 {
		w := newWorld(t)
		for range 3 {
			_, err := w.z.Open(sandbox.NewTicket{Subject: "x", Body: "y", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
			must(t, err)
		}
		w.set(at("Fri 2026-11-27 09:20:00"))
		w.failAt("zendesk", k, sandbox.Fault{Status: 500, AfterWork: true})
		w.until(t, at("Fri 2026-11-27 09:35:00"))
		for id := int64(1); id <= 3; id++ {
			if got := joined(w.ticket(t, id).Tags); got != "priority_urgent" {
				t.Errorf("call %d failed: ticket %d has tags %q", k, id, got)
			}
		}
		if s := w.Stalled(); len(s) != 0 {
			t.Errorf("call %d failed: still stalled: %v", k, s)
		}
	}
}

// A limited context ends with its deadline when the test says so.
type limited struct{ context.Context }

func (c limited) Err() error {
	if c.Context.Err() != nil {
		return context.DeadlineExceeded
	}
	return nil
}

// Value hides that it can be cancelled, so that contexts made of it ask for Err.
func (c limited) Value(any) any { return nil }

// The time for a round is over, or Zendesk goes away, in the middle of a reading:
// what was read is known, and the rest is read next time.
func TestReadingsBeforeTheEndAreKept(t *testing.T) {
	const n = 9
	for _, timeUp := range []bool{true, false} {
		w := newWorld(t)
		w.urgent(t) // Nadia and Lena are known by name
		var ids []string
		for range n {
			id, err := w.z.Open(sandbox.NewTicket{Subject: "x", Body: "y", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
			must(t, err)
			ids = append(ids, fmt.Sprint(id))
		}
		_, err := w.Receive(t.Context(), "zendesk", d("flood", ids...))
		must(t, err)
		inner, cancel := context.WithCancel(t.Context())
		defer cancel()
		asked := 0
		w.onRequest(func(vendor string, _ bool) {
			// The rows, and six of the histories: since four are asked for at once, two have
			// been answered by then, and three are still to be asked for.
			if asked++; asked == 1+6 {
				if timeUp {
					cancel()
				} else {
					w.Faults.Down("zendesk", true)
				}
			}
		})
		more, err := w.Drain(limited{inner}, w.Source("zendesk"))
		if timeUp && (err != nil || !more) || !timeUp && err == nil {
			t.Errorf("time up %v: got more %v, %v", timeUp, more, err)
		}
		left, err := w.Store.Changed(t.Context(), "zendesk", 100)
		must(t, err)
		if len(left) == 0 || len(left) == n {
			t.Errorf("time up %v: %d of %d are still to be read", timeUp, len(left), n)
		}
		for _, id := range ids {
			row, err := w.Store.Ticket(t.Context(), "zendesk", id)
			must(t, err)
			if row.Problem != "" || (row.Marks > row.Handled) != (row.Ticket == nil) {
				t.Errorf("time up %v: ticket %s: %+v", timeUp, id, row)
			}
		}
		w.onRequest(nil)
		w.Faults.Down("zendesk", false)
		w.until(t, w.Now().Add(time.Minute))
		for _, id := range ids {
			if row, err := w.Store.Ticket(t.Context(), "zendesk", id); err != nil || row.Ticket == nil || row.Marks > row.Handled {
				t.Errorf("time up %v: ticket %s afterwards: %+v, %v", timeUp, id, row, err)
			}
		}
	}
}

func TestDryRun(t *testing.T) {
	w := newWorld(t)
	w.DryRun = true
	w.urgent(t)
	w.until(t, at("Fri 2026-11-27 15:00:00"))
	w.expect(t, 0, 0, "")
	if n := w.writes("zendesk"); n != 0 {
		t.Errorf("got %d writes", n)
	}
	if next := w.settle(t); next.Sub(w.Now()) > time.Hour {
		t.Errorf("the next round is at %s", next)
	}
}
