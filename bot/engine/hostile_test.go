package engine_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"

	"vigie/bot/engine"
	"vigie/connectors/sandbox"
	"vigie/rules"
)

// Zendesk's clock is ahead of ours: what it says has happened is still to come,
// and counts as soon as it has.
func TestVendorsClockAhead(t *testing.T) {
	w := newWorld(t)
	w.late = 20 * time.Second
	id := w.urgent(t)
	w.set(w.Now().Add(w.late))
	w.settle(t)
	if got := joined(w.ticket(t, id).Tags); got != "priority_urgent" {
		t.Errorf("created in the future, its tags are %q", got)
	}
	w.set(at("Fri 2026-11-27 12:59:55"))
	w.settle(t)
	w.seen(t, id, w.z.Reply(id, lena, true, "Up again."))
	w.set(at("Fri 2026-11-27 13:00:15"))
	w.settle(t)
	if got, want := w.due(t, id), "2026-11-30T07:59:55Z"; got == "" || got == "2026-11-27T12:00:00Z" {
		t.Errorf("due field after a reply of the future: got %s, want %s", got, want)
	}
	w.set(at("Fri 2026-11-27 13:30:00"))
	w.settle(t)
	if text := texts(w.cards()) + texts(w.replies()); strings.Contains(text, "missed") {
		t.Errorf("answered in time, it says %q", text)
	}
}

// Another policy file at a restart holds at once, for all tickets, though
// nothing happened to them.
func TestPolicyChangesOverARestart(t *testing.T) {
	w := newWorld(t)
	id := w.urgent(t)
	w.until(t, at("Fri 2026-11-27 09:30:00"))
	w.policy = strings.Replace(acme, `urgent = "4 business hours"`, `urgent = "2 business hours"`, 1)
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 09:31:00"))
	if got, want := w.due(t, id), "2026-11-27T10:00:00Z"; got != want {
		t.Errorf("due field: got %s, want %s", got, want)
	}
	w.until(t, at("Fri 2026-11-27 10:01:00"))
	w.expect(t, 1, 0, "1 business hour left")
	w.until(t, at("Fri 2026-11-27 11:01:00"))
	w.expect(t, 1, 2, "missed")
}

// A person closes a ticket while what is to be written into it waits for Zendesk.
func TestClosedBeforeItIsWritten(t *testing.T) {
	w := newWorld(t)
	w.refuse(http.StatusServiceUnavailable, "/update_many.json")
	id := w.urgent(t)
	must(t, w.z.SetStatus(id, lena, "solved"))
	must(t, w.z.SetStatus(id, lena, "closed"))
	w.refuse(0)
	tried := w.writes("zendesk")
	w.until(t, at("Fri 2026-11-27 09:14:00")) // before the next poll tells of it
	if a := w.action(t, fmt.Sprintf("write/zendesk:%d", id)); a.State != "dropped" || a.Note == "" {
		t.Errorf("the write is %s: %s", a.State, a.Note)
	}
	if got := w.ticket(t, id).Tags; len(got) > 0 || len(w.Stalled()) > 0 {
		t.Errorf("tags %q, stalled %v", got, w.Stalled())
	}
	w.until(t, at("Fri 2026-11-27 18:00:00"))
	if n := w.writes("zendesk") - tried; n > 2 {
		t.Errorf("%d attempts to write into a closed ticket", n)
	}
	w.expect(t, 0, 0, "")
}

// A ticket that a policy couldn't judge is judged once the policy is mended.
func TestMendedPolicy(t *testing.T) {
	w := newWorld(t)
	w.policy = strings.Replace(acme, `'kind == "question"'`, `'tags[7] == "question"'`, 1)
	w.restart(t)
	id := w.urgent(t)
	if row, err := w.Store.Ticket(t.Context(), "zendesk", fmt.Sprint(id)); err != nil || row.Problem == "" {
		t.Fatalf("the ticket is judged: %+v, %v", row, err)
	}
	w.policy = acme
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 11:01:00"))
	w.expect(t, 1, 0, "2 business hours left")
}

// A message that Slack refused goes out after a restart with a mended
// configuration, if it still holds.
func TestMendedChannel(t *testing.T) {
	w := newWorld(t)
	answered, open := w.urgent(t), w.urgent(t)
	w.Route = func(rules.Alert) engine.Routing { return engine.Routing{Channel: "#nowhere"} }
	w.until(t, at("Fri 2026-11-27 11:05:00"))
	for _, id := range []int64{answered, open} {
		if a := w.action(t, fmt.Sprintf("warn/zendesk:%d/update/1/50%%", id)); a.Refused != "#nowhere" {
			t.Fatalf("the warning is %s, refused by %q", a.State, a.Refused)
		}
	}
	w.seen(t, answered, w.z.Reply(answered, lena, true, "Up again."))
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 11:06:00"))
	w.expect(t, 1, 0, "1 h 5")
	if !contains(string(w.cards()[0].Metadata), "zendesk:%d/", open) {
		t.Errorf("it is about %s", w.cards()[0].Metadata)
	}
}

// The summary of a first start was refused by Slack: it comes once the channel
// is right.
func TestMendedSummary(t *testing.T) {
	w := freshWorld(t)
	w.Channel = "#nowhere"
	w.settle(t)
	w.restart(t)
	w.settle(t)
	w.expect(t, 1, 0, "0 open tickets")
}

// One ticket whose history Zendesk can't give holds up no other.
func TestOneTicketThatBreaksTheCall(t *testing.T) {
	for bad := range 3 {
		w := newWorld(t)
		w.refuse(http.StatusInternalServerError, fmt.Sprintf("/tickets/%d/audits.json", bad+1), "/ticket_events.json")
		w.flood(t, 3)
		w.until(t, at("Fri 2026-11-27 11:06:00"))
		if n := len(w.cards()); n != 2+1 {
			t.Errorf("ticket %d breaks: %d cards, want 2 warnings, and one that a ticket can't be read", bad+1, n)
		}
		w.refuse(0)
		w.Reconcile = cron.Every(time.Hour)
		w.until(t, at("Fri 2026-11-27 13:30:00"))
		if n := len(w.cards()); n != 3+1 {
			t.Errorf("ticket %d mended: %d cards, want 4", bad+1, n)
		}
		w.silences(t, "🔊 This is over: ")
	}
}

// A list that the account may not see holds up nothing that doesn't need it.
func TestRefusedLists(t *testing.T) {
	for _, list := range []string{"/incremental/tickets/cursor.json", "/search/export.json"} {
		w := newWorld(t)
		w.Reconcile = cron.Every(time.Hour)
		w.refuse(http.StatusForbidden, list)
		w.until(t, at("Fri 2026-11-27 10:30:00"))
		id := w.urgent(t) // by a webhook
		w.until(t, at("Fri 2026-11-27 12:30:00"))
		w.expect(t, 2, 0, "2 business hours left") // and one that says that the list is refused
		if tags := joined(w.ticket(t, id).Tags); tags != "priority_urgent sla_update_at_risk" {
			t.Errorf("without %s the tags are %q", list, tags)
		}
		if len(w.Stalled()) == 0 {
			t.Errorf("nobody is told that %s is refused", list)
		}
		w.refuse(0)
		w.until(t, at("Fri 2026-11-27 12:45:00"))
		if tags := joined(w.ticket(t, id).Tags); tags != "priority_urgent sla_update_at_risk" || len(w.Stalled()) > 0 {
			t.Errorf("once %s is shown again the tags are %q, and %v stalled", list, tags, w.Stalled())
		}
	}
}

// A known clock runs on while its ticket can't be read.
func TestUnreadableTicketIsStillWatched(t *testing.T) {
	w := newWorld(t)
	id := w.urgent(t)
	w.until(t, at("Fri 2026-11-27 10:30:00"))
	w.refuse(http.StatusForbidden, fmt.Sprintf("/tickets/%d/audits.json", id), "/ticket_events.json")
	w.seen(t, id, w.z.AddTags(id, lena, "vip"))
	w.until(t, at("Fri 2026-11-27 11:01:00"))
	w.expect(t, 1, 0, "2 business hours left")
	row, err := w.Store.Ticket(t.Context(), "zendesk", fmt.Sprint(id))
	must(t, err)
	if row.Problem == "" {
		t.Error("nothing says that it can't be read")
	}
	w.refuse(0)
	w.seen(t, id, w.z.Reply(id, lena, true, "Up again."))
	row, err = w.Store.Ticket(t.Context(), "zendesk", fmt.Sprint(id))
	must(t, err)
	if row.Problem != "" {
		t.Errorf("it was read, and yet: %s", row.Problem)
	}
}

// The clock ran ahead for a while and was set right: nothing waits for it to
// catch up.
func TestClockSetBack(t *testing.T) {
	w := newWorld(t)
	w.Digest, w.Reconcile = cron.Every(time.Hour), cron.Every(time.Hour)
	w.set(at("Fri 2027-11-26 09:00:00"))
	w.settle(t)
	w.Faults.Down("zendesk", true)
	w.set(w.Now().Add(time.Hour))
	w.settle(t) // a pause after an error begins
	w.Faults.Down("zendesk", false)
	w.set(at("Fri 2026-11-27 09:00:00"))
	w.settle(t)
	before := len(w.cards())
	id, err := w.z.Open(sandbox.NewTicket{Subject: "x", Body: "y", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
	must(t, err)
	w.until(t, at("Fri 2026-11-27 09:30:00"))
	if got := joined(w.ticket(t, id).Tags); got != "priority_urgent" {
		t.Errorf("polled after the clock was set back: tags %q", got)
	}
	w.until(t, at("Fri 2026-11-27 10:30:00"))
	if n := len(w.cards()) - before; n != 1 {
		t.Errorf("%d digests in the hour after the clock was set back, want 1:\n%s", n, texts(w.cards()))
	}
}

// Another program undoes what we write: it is written once for each verdict,
// not for ever.
func TestAnotherProgramUndoesIt(t *testing.T) {
	w := newWorld(t)
	id := w.urgent(t)
	for n := range 5 {
		w.set(w.Now().Add(time.Minute))
		w.seen(t, id, w.z.RemoveTags(id, robot, "priority_urgent"))
		w.set(w.Now().Add(time.Minute))
		w.seen(t, id, w.z.AddTags(id, robot, "sla_update_breached", fmt.Sprint("n", n)))
		w.set(w.Now().Add(time.Minute))
		w.seen(t, id, w.z.SetField(id, robot, dueField, "never"))
	}
	if n := w.writes("zendesk"); n > 3 {
		t.Errorf("%d writes against the other program's", n)
	}
	// What is wanted anew is written again.
	w.seen(t, id, w.z.SetPriority(id, lena, "normal"))
	if got := w.ticket(t, id).Tags; !slices.Contains(got, "priority_normal") {
		t.Errorf("after the priority changed: tags %q", got)
	}
	w.set(w.Now().Add(time.Minute))
	w.seen(t, id, w.z.SetPriority(id, lena, "urgent"))
	if got := w.ticket(t, id).Tags; !slices.Contains(got, "priority_urgent") || slices.Contains(got, "priority_normal") {
		t.Errorf("after it changed back: tags %q", got)
	}
}

// Jira's lists don't tell of deletions, and the webhook was lost.
func TestDeletionThatNobodyToldOf(t *testing.T) {
	w := newWorld(t)
	w.Reconcile = cron.Every(time.Hour)
	j := w.addJira(t)
	w.settle(t)
	key := j.Create(sandbox.NewIssue{Project: "SUP", Summary: "Portal down", Reporter: nadia})
	must(t, j.SetPriority(key, lena, "Highest"))
	w.until(t, at("Fri 2026-11-27 09:20:00"))
	must(t, j.Delete(key))
	w.until(t, at("Fri 2026-11-27 14:00:00"))
	w.expect(t, 2, 0, "watches jira") // the summary of the first start, that there was no project before it, and no warning
	row, err := w.Store.Ticket(t.Context(), "jira", key)
	must(t, err)
	if row == nil || row.Open {
		t.Errorf("it is still open: %+v", row)
	}
}

// What the vendor didn't show for a while is known again when it does, though it
// hasn't changed.
func TestGoneAndBack(t *testing.T) {
	w := newWorld(t)
	w.Reconcile = cron.Every(time.Hour)
	id := w.urgent(t)
	w.until(t, at("Fri 2026-11-27 09:30:00"))
	must(t, w.Faults.Misbehave("zendesk", "hidden"))
	_, err := w.Receive(t.Context(), "zendesk", d("gone", fmt.Sprint(id)))
	must(t, err)
	w.settle(t)
	if row, err := w.Store.Ticket(t.Context(), "zendesk", fmt.Sprint(id)); err != nil || row.Open {
		t.Errorf("not shown: got %+v, %v", row, err)
	}
	must(t, w.Faults.Behave("zendesk", "hidden"))
	w.until(t, at("Fri 2026-11-27 11:30:00"))
	w.expect(t, 1, 0, "2 business hours left")
}

// A flood of news holds up no write: what was read is written before the next
// batch is.
func TestWritesBetweenReadings(t *testing.T) {
	w := newWorld(t)
	const flood = 130
	var ids []string
	for range flood {
		id, err := w.z.Open(sandbox.NewTicket{Subject: "x", Body: "y", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
		must(t, err)
		ids = append(ids, fmt.Sprint(id))
	}
	read, before := 0, 0
	w.onRequest(func(_ string, write bool) {
		if !write {
			read++
		} else if before == 0 {
			before = read
		}
	})
	_, err := w.Receive(t.Context(), "zendesk", d("flood", ids...))
	must(t, err)
	w.settle(t)
	if before == 0 || before > flood {
		t.Errorf("the first write came after %d of %d readings", before, read)
	}
}

// A warning that is held until Monday is not, once its ticket is urgent.
func TestHeldUntilItIsUrgent(t *testing.T) {
	w := nightly(t, 1) // late at 19:00, held until Monday
	w.until(t, at("Fri 2026-11-27 19:10:00"))
	w.expect(t, 1, 1, "missed") // its card says so, and nobody is called
	w.set(at("Fri 2026-11-27 19:15:00"))
	w.seen(t, 1, w.z.SetPriority(1, lena, "urgent"))
	w.expect(t, 1, 2, "missed")
}

// A source that was taken out of the configuration is not counted, and is as
// before when it is back.
func TestSourceTakenOutAndBack(t *testing.T) {
	w := newWorld(t)
	w.urgent(t)
	w.Sources, w.Digest = nil, cron.Every(30*time.Minute)
	w.until(t, at("Fri 2026-11-27 09:45:00"))
	w.expect(t, 1, 0, "0 open tickets")
	if text := texts(w.cards()); strings.Contains(text, "can't be read") {
		t.Errorf("the digest says %q", text)
	}
	must(t, w.Slack().Delete(watch, w.cards()[0].TS))
	w.until(t, at("Fri 2026-11-27 10:10:00"))
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 11:01:00"))
	w.expect(t, 2, 0, "2 business hours left")
}

// What couldn't be read at the first start is news when it can be.
func TestUnreadableAtTheFirstStart(t *testing.T) {
	w := freshWorld(t)
	id, err := w.z.Open(sandbox.NewTicket{Subject: "x", Body: "y", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
	must(t, err)
	w.refuse(http.StatusForbidden, fmt.Sprintf("/tickets/%d/audits.json", id), "/ticket_events.json")
	w.until(t, at("Fri 2026-11-27 10:00:00"))
	w.expect(t, 3, 0, "1 ticket that changed could not be read") // besides the summary, and that the list of events is refused
	w.refuse(0)
	w.until(t, at("Fri 2026-11-27 11:30:00"))
	w.seen(t, id, w.z.AddTags(id, lena, "vip"))
	w.expect(t, 4, 0, "2 business hours left")
}

// Zendesk is away when the program starts, so that nobody knows yet that the due
// field holds a date and no text.
func TestFormsLearntLate(t *testing.T) {
	dueType = "date"
	t.Cleanup(func() { dueType = "text" })
	w := newWorld(t)
	id := w.urgent(t)
	if got, want := w.due(t, id), "2026-11-27"; got != want {
		t.Fatalf("due field: got %s, want %s", got, want)
	}
	w.Faults.Down("zendesk", true)
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 11:05:00"))
	written := w.writes("zendesk")
	w.Faults.Down("zendesk", false)
	w.until(t, at("Fri 2026-11-27 11:30:00"))
	if got, want := w.due(t, id), "2026-11-27"; got != want {
		t.Errorf("due field: got %s, want %s", got, want)
	}
	if n := w.writes("zendesk") - written; n != 1 { // the tag of a ticket at risk
		t.Errorf("%d writes once Zendesk was back, want 1", n)
	}
}
