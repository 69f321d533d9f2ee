package engine_test

import (
	"slices"
	"testing"
	"time"

	"vigie/connectors/sandbox"
)

func TestLifeOfATicket(t *testing.T) {
	w := newWorld(t)
	id := w.urgent(t) // 4 business hours from Fri 09:00: due 13:00, warnings at 11:00 and 12:00
	got := w.ticket(t, id)
	if want := []string{"priority_urgent"}; !slices.Equal(got.Tags, want) {
		t.Errorf("tags: got %q, want %q", got.Tags, want)
	}
	if got, want := w.due(t, id), "2026-11-27T12:00:00Z"; got != want {
		t.Errorf("due field: got %s, want %s", got, want)
	}
	w.until(t, at("Fri 2026-11-27 10:59:59"))
	w.expect(t, 0, 0, "")
	w.until(t, at("Fri 2026-11-27 11:00:00"))
	w.expect(t, 1, 0, "2 business hours left")
	if got, want := w.ticket(t, id).Tags, []string{"priority_urgent", "sla_update_at_risk"}; !slices.Equal(got, want) {
		t.Errorf("tags at risk: got %q, want %q", got, want)
	}
	w.until(t, at("Fri 2026-11-27 12:00:00"))
	w.expect(t, 1, 1, "1 business hour left")
	w.until(t, at("Fri 2026-11-27 13:00:00"))
	w.expect(t, 1, 1, "1 business hour left") // used up, not yet late
	w.until(t, at("Fri 2026-11-27 13:00:01"))
	w.expect(t, 1, 2, "missed")
	if got, want := w.ticket(t, id).Tags, []string{"priority_urgent", "sla_update_breached"}; !slices.Equal(got, want) {
		t.Errorf("tags of a missed target: got %q, want %q", got, want)
	}
	w.set(at("Fri 2026-11-27 13:30:00"))
	w.seen(t, id, w.z.Reply(id, lena, true, "We are on it."))
	w.expect(t, 1, 2, "") // the card is edited, nobody is called
	if got := w.cards()[0]; got.Edits < 3 {
		t.Errorf("card was edited %d times: %s", got.Edits, got.Text)
	}
	if got, want := w.due(t, id), "2026-11-30T08:30:00Z"; got != want { // the next cycle's
		t.Errorf("due field after the reply: got %s, want %s", got, want)
	}
}

func TestReplyInTimeWithdrawsTheWarning(t *testing.T) {
	w := newWorld(t)
	id := w.urgent(t)
	w.until(t, at("Fri 2026-11-27 11:10:00"))
	w.expect(t, 1, 0, "2 business hours left")
	before := w.cards()[0].Text
	w.seen(t, id, w.z.Reply(id, lena, true, "We are on it."))
	w.expect(t, 1, 0, "")
	if after := w.cards()[0].Text; after == before {
		t.Errorf("the card still says %q", after)
	}
	if got, want := w.ticket(t, id).Tags, []string{"priority_urgent"}; !slices.Equal(got, want) {
		t.Errorf("tags: got %q, want %q", got, want)
	}
}

func TestWhatMovesAWarning(t *testing.T) {
	cases := map[string]struct {
		act  func(w *world, id int64) error
		says string
		tags []string
		due  string
	}{
		"paused": {func(w *world, id int64) error { return w.z.SetStatus(id, lena, "pending") },
			"pause", []string{"priority_urgent"}, ""},
		"excluded": {func(w *world, id int64) error { return w.z.SetType(id, lena, "question") },
			"withdrawn", []string{"sla_exempt"}, ""},
		"lower priority": {func(w *world, id int64) error { return w.z.SetPriority(id, lena, "normal") },
			"on track again", []string{"priority_normal"}, "2026-11-27T16:00:00Z"},
		"deleted": {func(w *world, id int64) error { return w.z.Delete(id) },
			"withdrawn", []string{"priority_urgent", "sla_update_at_risk"}, "2026-11-27T12:00:00Z"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := w.urgent(t)
			w.until(t, at("Fri 2026-11-27 11:10:00"))
			w.expect(t, 1, 0, "2 business hours left")
			w.seen(t, id, c.act(w, id))
			w.expect(t, 1, 0, c.says)
			got := w.ticket(t, id)
			if !slices.Equal(got.Tags, c.tags) {
				t.Errorf("tags: got %q, want %q", got.Tags, c.tags)
			}
			if w.due(t, id) != c.due {
				t.Errorf("due field: got %q, want %q", w.due(t, id), c.due)
			}
		})
	}
}

func TestNothingToDoIsNoCall(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		w.urgent(t)
	}
	w.until(t, at("Fri 2026-11-27 11:10:00"))
	w.expect(t, 3, 0, "2 business hours left")
	writes, said := w.writes("zendesk"), w.writes("slack")
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 11:59:59"))
	if got := w.writes("zendesk"); got != writes {
		t.Errorf("a second look wrote %d times", got-writes)
	}
	if got := w.writes("slack"); got != said {
		t.Errorf("a second look said %d things", got-said)
	}
}

func TestPeopleWin(t *testing.T) {
	w := newWorld(t)
	id := w.urgent(t)
	step := func(err error) {
		t.Helper()
		w.set(w.Now().Add(time.Minute))
		w.seen(t, id, err)
	}
	step(w.z.AddTags(id, lena, "sla_update_breached"))
	if got, want := w.ticket(t, id).Tags, []string{"priority_urgent", "sla_update_breached"}; !slices.Equal(got, want) {
		t.Errorf("a person's tag: got %q, want %q", got, want)
	}
	step(w.z.SetField(id, lena, dueField, "tomorrow"))
	step(w.z.Reply(id, lena, false, "asked the plumber"))
	if got := w.due(t, id); got != "tomorrow" {
		t.Errorf("a person's value: got %q", got)
	}
	step(w.z.SetPriority(id, lena, "normal")) // now another value is wanted
	if got, want := w.due(t, id), "2026-11-27T16:00:00Z"; got != want {
		t.Errorf("after the target changed: got %q, want %q", got, want)
	}
}

func TestClosedTicketsAreNotTouched(t *testing.T) {
	w := newWorld(t)
	id, err := w.z.Open(sandbox.NewTicket{Subject: "Old", Body: "x", Type: "incident", RequesterEmail: nadia, SubmitterEmail: lena, Status: "closed"})
	w.seen(t, id, err)
	if n := w.writes("zendesk"); n != 0 {
		t.Errorf("got %d writes to a closed ticket", n)
	}
}

func TestJiraToo(t *testing.T) {
	w := newWorld(t)
	j := w.addJira(t)
	key := j.Create(sandbox.NewIssue{Project: "SUP", Summary: "Portal down", Reporter: nadia})
	must(t, j.SetPriority(key, lena, "Highest"))
	w.until(t, at("Fri 2026-11-27 11:00:00")) // it was there at the first start, but nothing had passed
	issue, ok := j.Issue(key)
	if want := []string{"priority_urgent", "sla_update_at_risk"}; !ok || !slices.Equal(issue.Labels, want) {
		t.Errorf("labels: got %q, want %q", issue.Labels, want)
	}
	w.expect(t, 2, 0, "2 business hours left") // the summary of Jira's first start, and the warning
}

func TestUnreadableTicketIsParked(t *testing.T) {
	w := newWorld(t)
	_, err := w.Receive(t.Context(), "zendesk", d("1", "no-number"))
	must(t, err)
	_, err = w.Receive(t.Context(), "zendesk", d("2", "987654")) // nobody knows it
	must(t, err)
	id := w.urgent(t)
	if got := w.ticket(t, id).Tags; !slices.Contains(got, "priority_urgent") {
		t.Errorf("the ticket beside the unreadable one has tags %q", got)
	}
	row, err := w.Store.Ticket(t.Context(), "zendesk", "no-number")
	must(t, err)
	if row.Problem == "" {
		t.Error("no reason why it can't be read")
	}
	row, err = w.Store.Ticket(t.Context(), "zendesk", "987654")
	must(t, err)
	if row.Problem != "" || row.Open || row.Ticket != nil {
		t.Errorf("an unknown ticket became %+v", row)
	}
}
