package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vigie/connectors/sandbox"
)

// incidents opens urgent tickets, a minute between them.
func (w *world) incidents(t testing.TB, n int) {
	t.Helper()
	for range n {
		w.urgent(t)
		w.set(w.Now().Add(time.Minute))
	}
}

// What came up while Slack was down is said in one list, and then all is as usual.
func TestCatchUpAfterAnOutage(t *testing.T) {
	for name, outage := range map[string]func(*world){
		"nothing answers": func(w *world) { w.Faults.Down("slack", true) },
		"answers are lost": func(w *world) {
			w.onRequest(func(vendor string, write bool) {
				if vendor == "slack" {
					w.Faults.FailNext("slack", 1, sandbox.Fault{Status: 500})
				}
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.incidents(t, 6) // 9:00 to 9:05: half used from 11:00, three quarters from 12:00, late from 13:00 on
			w.until(t, at("Fri 2026-11-27 10:50:00"))
			outage(w)
			w.until(t, at("Fri 2026-11-27 12:30:00"))
			w.seen(t, 2, w.z.Reply(2, lena, true, "We are on it."))
			w.until(t, at("Fri 2026-11-27 13:03:30")) // 1, 3, 4 are late, 5 and 6 at risk
			w.expect(t, 0, 0, "")
			w.Faults.Down("slack", false)
			w.Faults.FailNext("slack", 0, sandbox.Fault{})
			w.onRequest(func(string, bool) {})
			w.set(at("Fri 2026-11-27 13:03:59"))
			w.until(t, at("Fri 2026-11-27 13:03:59"))
			if len(w.cards()) == 0 { // a pause of a minute at most
				w.until(t, at("Fri 2026-11-27 13:08:30"))
			}
			cards := w.cards()
			text := cards[0].Text
			if !strings.Contains(text, "These alerts could not be sent in time: ") || strings.Contains(text, "zendesk:2>") || len(w.replies()) > 0 {
				t.Fatalf("got %d cards: %s", len(cards), texts(cards))
			}
			lines := strings.Split(strings.TrimSpace(text), "\n")[1:]
			missed := true
			for _, line := range lines {
				if late := strings.Contains(line, "missed"); late && !missed {
					t.Errorf("a missed target comes after one at risk:\n%s", text)
				} else {
					missed = late
				}
				if !strings.Contains(line, "Due <!date^") {
					t.Errorf("no due date in %q", line)
				}
			}
			if len(lines) != 5 {
				t.Errorf("%d lines, want 5:\n%s", len(lines), text)
			}
			before := len(cards)
			w.until(t, at("Fri 2026-11-27 14:00:00"))
			w.restart(t)
			w.incidents(t, 1)
			w.until(t, at("Fri 2026-11-27 16:02:00"))
			for _, m := range w.cards()[before:] {
				if strings.Contains(m.Text, "could not be sent") || strings.Contains(m.Text, "alerts at once") {
					t.Errorf("a second list: %s", m.Text)
				}
			}
			if last := w.cards()[len(w.cards())-1].Text; !strings.Contains(last, "zendesk:7") {
				t.Errorf("the next ticket's own card: got %q", last)
			}
		})
	}
}

// A few are said as ever.
func TestFewAfterAnOutageAreCards(t *testing.T) {
	w := newWorld(t)
	w.incidents(t, 3)
	w.until(t, at("Fri 2026-11-27 10:50:00"))
	w.Faults.Down("slack", true)
	w.until(t, at("Fri 2026-11-27 11:30:00"))
	w.Faults.Down("slack", false)
	w.until(t, at("Fri 2026-11-27 11:36:00"))
	w.expect(t, 3, 0, "left")
}

// Another policy makes many tickets late at once: one list, the most urgent
// first, and nobody is called thirty times.
func TestStormIsOneList(t *testing.T) {
	w := newWorld(t)
	for range 130 { // more than are read, or judged, at a time
		_, err := w.z.Open(sandbox.NewTicket{Subject: "Import", Body: "y", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
		must(t, err)
	}
	w.until(t, at("Fri 2026-11-27 10:30:00"))
	w.expect(t, 0, 0, "")
	w.policy = strings.ReplaceAll(acme, "4 business hours", "1 business hour")
	w.restart(t)
	w.settle(t)
	w.expect(t, 1, 0, "Many alerts at once, gathered here in one list: 130 tickets with a missed target. The most urgent are shown; 115 more are on the board.")
	if n := strings.Count(string(w.cards()[0].Blocks), "• "); n != 15 {
		t.Errorf("%d tickets are named, want 15", n)
	}
	w.until(t, at("Fri 2026-11-27 11:00:00"))
	w.expect(t, 1, 0, "Many alerts at once")
	if a := w.action(t, "breach/zendesk:77/update/1"); a.State != "done" || !strings.HasPrefix(a.Note, "said in catchup/") {
		t.Errorf("a breach in the list is %s: %s", a.State, a.Note)
	}
}

// A mass import is read a hundred at a time, and still is one list.
func TestMassImportIsOneList(t *testing.T) {
	w := newWorld(t)
	w.z.AddUser(sandbox.ZendeskUser{Email: "import@acme.example", Role: "agent"})
	start := w.Now()
	for i := range 250 {
		w.set(start.Add(-time.Duration(i) * time.Minute))
		_, err := w.z.Open(sandbox.NewTicket{Subject: fmt.Sprint("Import ", i), Body: "y", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
		must(t, err)
	}
	w.set(at("Fri 2026-11-27 14:00:00"))
	w.until(t, at("Fri 2026-11-27 14:05:00"))
	w.expect(t, 1, 0, "250 tickets with a missed target")
}
