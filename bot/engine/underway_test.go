package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/connectors/sandbox"
)

// slowWorld has a Zendesk that takes its time for bulk jobs.
func slowWorld(t *testing.T) *world {
	w := newWorld(t)
	w.Options.Zendesk.JobLooks, w.Options.Zendesk.LateJobs = 6, true
	return w
}

func (w *world) flood(t *testing.T, n int) (ids []int64) {
	t.Helper()
	var names []string
	for range n {
		id, err := w.z.Open(sandbox.NewTicket{Subject: "x", Body: "y", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
		must(t, err)
		ids, names = append(ids, id), append(names, fmt.Sprint(id))
	}
	_, err := w.Receive(t.Context(), "zendesk", d(fmt.Sprint("flood ", ids[0]), names...))
	must(t, err)
	return ids
}

func (w *world) tagged(t *testing.T, want string, ids ...int64) {
	t.Helper()
	for _, id := range ids {
		if got := joined(w.ticket(t, id).Tags); got != want {
			t.Errorf("at %s ticket %d has the tags %q, want %q", w.Now().Format(time.TimeOnly), id, got, want)
		}
	}
}

func writeKey(id int64) string { return fmt.Sprintf("write/zendesk:%d", id) }

// A job that takes long holds up no round: it is looked at again later, less and
// less often, and nothing is written twice.
func TestSlowJobs(t *testing.T) {
	w := slowWorld(t)
	w.until(t, w.Now().Add(2*time.Minute)) // the second poll after the start
	ids := w.flood(t, 190)
	w.Options.Zendesk.JobLooks = 20
	next := w.settle(t)
	if wait := next.Sub(w.Now()); wait != 2*time.Second {
		t.Errorf("it is looked at again in %s", wait)
	}
	w.tagged(t, "", ids...)
	if a := w.action(t, writeKey(ids[0])); a.State != store.Started || a.Underway == nil || !strings.HasPrefix(a.Underway.Job, "V3-") {
		t.Errorf("the write is %+v", a)
	}
	looks := 0
	w.onRequest(func(_ string, write bool) { looks++ })
	w.until(t, w.Now().Add(5*time.Minute))
	w.tagged(t, "priority_urgent", ids...)
	if n := w.writes("zendesk"); n != 2 || looks > 24 {
		t.Errorf("%d requests to write, %d to look", n, looks)
	}
	if a := w.action(t, writeKey(ids[0])); a.State != store.Done || a.Underway != nil {
		t.Errorf("the write is %+v", a)
	}
}

// Something else is wanted while a job is under way: it is written after it.
func TestOvertakenWhileUnderway(t *testing.T) {
	w := slowWorld(t)
	id := w.urgent(t)
	w.set(w.Now().Add(time.Second))
	w.seen(t, id, w.z.SetPriority(id, lena, "normal"))
	w.tagged(t, "", id)
	w.until(t, w.Now().Add(time.Minute))
	w.tagged(t, "priority_normal", id)
	if got, want := w.due(t, id), "2026-11-27T16:00:00Z"; got != want {
		t.Errorf("due field: got %s, want %s", got, want)
	}
	if n := w.writes("zendesk"); n != 2 {
		t.Errorf("%d requests to write, want 2", n)
	}
}

// The job has done its work, which a reading shows before the job is asked about:
// the history has it once. Or the reading was just before the work: then the next
// poll shows it. A person's word after it stands.
func TestReadWhileUnderway(t *testing.T) {
	for _, late := range []bool{false, true} {
		w := slowWorld(t)
		w.Options.Zendesk.LateJobs = late
		id := w.urgent(t)
		w.set(w.Now().Add(time.Second))
		if !late {
			must(t, w.z.RemoveTags(id, lena, "priority_urgent"))
		}
		w.seen(t, id, w.z.AddTags(id, lena, "vip"))
		w.until(t, w.Now().Add(20*time.Minute))
		row, err := w.Store.Ticket(t.Context(), "zendesk", fmt.Sprint(id))
		must(t, err)
		var added, removed int
		for _, e := range row.Ticket.Events {
			if slices.Contains(e.Add, "priority_urgent") {
				added++
			}
			if slices.Contains(e.Remove, "priority_urgent") {
				removed++
			}
		}
		if added != 1 || removed == 1 == late {
			t.Errorf("late %v: the tag was added %d times and removed %d times: %+v", late, added, removed, row.Ticket.Events)
		}
		w.tagged(t, map[bool]string{false: "vip", true: "priority_urgent vip"}[late], id)
		if n := w.writes("zendesk"); n != 1 {
			t.Errorf("late %v: %d requests to write", late, n)
		}
	}
}

// Zendesk forgets a job, with its work done or not: the tickets tell.
func TestForgottenJobs(t *testing.T) {
	for _, done := range []bool{true, false} {
		w := slowWorld(t)
		ids := w.flood(t, 30)
		w.settle(t)
		w.z.ForgetJobs(done)
		w.until(t, w.Now().Add(5*time.Minute))
		w.tagged(t, "priority_urgent", ids...)
		if n, want := w.writes("zendesk"), map[bool]int{true: 1, false: 2}[done]; n != want {
			t.Errorf("done %v: %d requests to write, want %d", done, n, want)
		}
	}
}

// The program ends while jobs are under way: the next one asks about them.
func TestRestartWhileUnderway(t *testing.T) {
	w := slowWorld(t)
	ids := w.flood(t, 30)
	w.settle(t)
	w.restart(t)
	w.until(t, w.Now().Add(time.Minute))
	w.tagged(t, "priority_urgent", ids...)
	if n := w.writes("zendesk"); n != 1 {
		t.Errorf("%d requests to write, want 1", n)
	}
}

// Half of a batch fails, and what fails is tried singly; a ticket that Zendesk
// never takes is parked with the reason, and holds up no other.
func TestHalfABatchFails(t *testing.T) {
	for _, slow := range []bool{false, true} {
		w := newWorld(t)
		if slow {
			w = slowWorld(t)
		}
		tries := map[int64]int{}
		w.Options.Zendesk.RefuseRow = func(id int64, rows int) bool { tries[id]++; return id%2 == 0 && rows > 1 || id == 7 }
		ids := w.flood(t, 90)
		w.until(t, w.Now().Add(14*time.Minute))
		w.tagged(t, "priority_urgent", slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return id == 7 })...)
		w.tagged(t, "", 7)
		if a := w.action(t, writeKey(7)); a.State != store.Parked || !strings.Contains(a.Note, "DatabaseConflict: Database collision") {
			t.Errorf("slow %v: the write of the refused ticket is %s: %s", slow, a.State, a.Note)
		}
		for id, n := range tries {
			if id != 7 && n != 2-int(id%2) || id == 7 && n > 9 {
				t.Errorf("slow %v: ticket %d was tried %d times", slow, id, n)
			}
		}
	}
}

// The time for a round is over while a job is waited for: it is kept that it is
// under way.
func TestTimeUpWhileUnderway(t *testing.T) {
	w := slowWorld(t)
	id := w.urgent(t)
	w.until(t, w.Now().Add(time.Minute))
	inner, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := w.Receive(t.Context(), "zendesk", desk.Delivery{ID: "x", Tickets: []string{fmt.Sprint(id)}})
	must(t, w.z.SetPriority(id, lena, "normal"))
	must(t, err)
	_, err = w.Drain(t.Context(), w.Source("zendesk"))
	must(t, err)
	w.onRequest(func(_ string, write bool) {
		if !write {
			cancel()
		}
	})
	more, err := w.Engine.Write(limited{inner}, w.Source("zendesk"))
	must(t, err)
	if a := w.action(t, writeKey(id)); inner.Err() == nil || !more || a.State != store.Started || a.Underway == nil {
		t.Errorf("the write is %+v", a)
	}
	w.until(t, w.Now().Add(time.Minute))
	w.tagged(t, "priority_normal", id)
}
