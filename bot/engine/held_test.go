package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vigie/bot/engine"
	"vigie/connectors/sandbox"
	"vigie/rules"
)

// nightShift is a world in which what comes out of hours is held for a channel of
// its own, by a route that holds nothing any more once the team is there; and
// tickets that call for nothing before closing time: half used from 17:00 on, late
// at 22:00.
func nightShift(t *testing.T, tickets int) *world {
	t.Helper()
	w := newWorld(t)
	w.holds(t)
	w.set(at("Fri 2026-11-27 12:00:00"))
	for range tickets {
		w.slow(t)
	}
	return w
}

// slow opens a ticket of normal priority, and lets a minute pass.
func (w *world) slow(t *testing.T) int64 {
	t.Helper()
	id, err := w.z.Open(sandbox.NewTicket{Subject: "Slow", Body: "Slow.", Type: "incident", Priority: "normal", RequesterEmail: nadia, SubmitterEmail: lena})
	w.seen(t, id, err)
	w.set(w.Now().Add(time.Minute))
	return id
}

// holds gives the world an engine whose route holds what isn't urgent out of hours,
// and only then.
func (w *world) holds(t *testing.T, policy ...string) {
	t.Helper()
	w.policy = strings.NewReplacer(append([]string{"8 business hours", "10 hours"}, policy...)...).Replace(acme)
	w.routing = func(a rules.Alert) engine.Routing {
		if a.Priority == "normal" && !a.OpenNow {
			return engine.Routing{Channel: "#night", Language: "en", Gather: true}
		}
		return engine.Routing{Channel: watch}
	}
	w.restart(t)
}

// night is what the night's channel shows, one message a line.
func (w *world) night() string { return strings.TrimSpace(texts(w.Slack().Messages("#night"))) }

// The route that holds asks that the team be away, which it no longer is at
// opening: what was held goes out as one list where that route said, and nothing
// goes to the channel of what comes in hours.
func TestHeldGoesOutWhereItsRouteSaid(t *testing.T) {
	w := nightShift(t, 3)
	w.until(t, at("Mon 2026-11-30 08:59:59"))
	w.expect(t, 0, 0, "")
	if got := w.night(); got != "" {
		t.Fatalf("said in the night: %s", got)
	}
	w.until(t, at("Mon 2026-11-30 09:00:00"))
	w.expect(t, 0, 0, "")
	if got := w.night(); len(w.Slack().Messages("#night")) != 1 || !strings.HasPrefix(got, "To see to at opening: 3 tickets.\n") || strings.Count(got, "🔴") != 3 {
		t.Fatalf("the night's channel has:\n%s", got)
	}
	// What comes in hours goes by its routes, as ever.
	w.seen(t, 2, w.z.Reply(2, lena, true, "We are on it.")) // the next update is due at 19:00, half used at 14:00
	w.until(t, at("Mon 2026-11-30 14:00:00"))
	w.expect(t, 1, 0, "5 h left")
}

// One by itself is a card, which says more than a line and can be edited by
// itself, where its route said; whatever becomes of the post.
func TestHeldAloneIsACardWhereItsRouteSaid(t *testing.T) {
	for name, fault := range map[string]sandbox.Fault{
		"sent": {}, "answer lost": {Status: 500, AfterWork: true}, "cut off": {Drop: true}, "too many": {Status: 429, RetryAfter: "90"},
	} {
		t.Run(name, func(t *testing.T) {
			w := nightShift(t, 1)
			w.until(t, at("Mon 2026-11-30 08:59:59"))
			if fault != (sandbox.Fault{}) {
				w.Faults.FailNext("slack", 1, fault)
			}
			w.until(t, at("Mon 2026-11-30 09:05:00"))
			w.restart(t)
			w.until(t, at("Mon 2026-11-30 09:30:00"))
			w.expect(t, 0, 0, "")
			if got := w.night(); !strings.HasPrefix(got, "🔴 Reply in public now: target missed") || strings.Contains(got, "\n") {
				t.Fatalf("the night's channel has:\n%s", got)
			}
			w.seen(t, 1, w.z.Reply(1, lena, true, "Done."))
			if got := w.night(); !strings.HasPrefix(got, "☑️ Status update: done") {
				t.Errorf("afterwards it says:\n%s", got)
			}
		})
	}
}

// What was answered in the night is left out, and what became urgent in it doesn't
// wait for the morning.
func TestWhatChangedWhileItWasHeld(t *testing.T) {
	w := nightShift(t, 4)
	w.until(t, at("Sat 2026-11-28 10:00:00"))
	w.seen(t, 2, w.z.SetStatus(2, lena, "solved"))
	w.seen(t, 3, w.z.Update(3, lena, sandbox.ZendeskUpdate{Subject: "Slower", Assignee: lena}))
	w.expect(t, 0, 0, "")
	w.seen(t, 4, w.z.Update(4, lena, sandbox.ZendeskUpdate{Priority: "urgent"})) // late since Friday then
	w.expect(t, 1, 0, "zendesk:4")
	w.until(t, at("Mon 2026-11-30 09:00:00"))
	got := w.night()
	if !strings.HasPrefix(got, "To see to at opening: 2 tickets.\n") || strings.Contains(got, "zendesk:2>") || !strings.Contains(got, "Slower") {
		t.Errorf("the night's channel has:\n%s", got)
	}
	w.expect(t, 1, 0, "")
}

// Slack was down when it came up, so it had failed before it was held.
func TestHeldAfterItFailed(t *testing.T) {
	w := newWorld(t)
	w.holds(t)
	w.set(at("Fri 2026-11-27 11:59:00"))
	w.slow(t)
	w.slow(t) // half used at 16:59 and 17:00
	w.until(t, at("Fri 2026-11-27 16:50:00"))
	w.Faults.Down("slack", true)
	w.until(t, at("Fri 2026-11-27 17:30:00"))
	w.Faults.Down("slack", false)
	w.until(t, at("Mon 2026-11-30 09:00:00"))
	w.expect(t, 0, 0, "")
	if got := w.night(); !strings.HasPrefix(got, "To see to at opening: 2 tickets.") {
		t.Errorf("the night's channel has:\n%s", got)
	}
}

// Two teams, two calendars, one channel: each team's list comes when it opens.
func TestTeamsThatOpenAtDifferentTimes(t *testing.T) {
	w := newWorld(t)
	w.z.AddGroup("Berlin")
	w.z.AddGroup("Pune")
	w.holds(t, "[[priorities]]\nname    = \"urgent\"", `[calendars.pune]
zone  = "Asia/Kolkata"
hours = { mon-fri = ["09:00-17:00"] }
[teams]
"Pune" = "pune"
[[priorities]]
name    = "urgent"`)
	w.set(at("Fri 2026-11-27 12:00:00"))
	for i := range 4 {
		id := w.slow(t)
		w.seen(t, id, w.z.Update(id, lena, sandbox.ZendeskUpdate{Group: []string{"Berlin", "Pune"}[i%2]}))
	}
	w.until(t, at("Mon 2026-11-30 04:29:59"))
	w.seen(t, 1, w.z.Update(1, lena, sandbox.ZendeskUpdate{Subject: "Still slow"})) // looked at again just before Pune opens
	w.until(t, at("Mon 2026-11-30 08:59:59"))
	lists := w.Slack().Messages("#night")
	if len(lists) != 1 || !strings.HasPrefix(lists[0].Text, "To see to at opening: 2 tickets.") || strings.Contains(lists[0].Text, "zendesk:1>") {
		t.Fatalf("at Pune's opening:\n%s", w.night())
	}
	w.until(t, at("Mon 2026-11-30 09:00:00"))
	lists = w.Slack().Messages("#night")
	if len(lists) != 2 || !strings.HasPrefix(lists[1].Text, "To see to at opening: 2 tickets.") || !strings.Contains(lists[1].Text, "zendesk:1>") {
		t.Fatalf("at Berlin's opening:\n%s", w.night())
	}
	w.expect(t, 0, 0, "")
}

// On a holiday nobody opens: the list comes on the next working day.
func TestHeldOverAHoliday(t *testing.T) {
	w := newWorld(t)
	w.holds(t, `zone  = "Europe/Berlin"`, `zone  = "Europe/Berlin"
holidays = ["2026-11-30"]`)
	w.set(at("Fri 2026-11-27 12:00:00"))
	w.slow(t)
	w.slow(t)
	w.until(t, at("Tue 2026-12-01 08:59:59"))
	if got := w.night(); got != "" {
		t.Fatalf("said on the holiday: %s", got)
	}
	w.until(t, at("Tue 2026-12-01 09:00:00"))
	if got := w.night(); !strings.HasPrefix(got, "To see to at opening: 2 tickets.") {
		t.Errorf("the night's channel has:\n%s", got)
	}
	w.expect(t, 0, 0, "")
}

// The list speaks the language of the route that held it, also once it is edited.
func TestHeldSpeaksItsRoutesLanguage(t *testing.T) {
	w := newWorld(t)
	w.holds(t)
	w.routing = func(a rules.Alert) engine.Routing {
		if a.OpenNow {
			return engine.Routing{Channel: watch, Language: "en"}
		}
		return engine.Routing{Channel: "#night", Language: "fr", Gather: true}
	}
	w.restart(t)
	w.set(at("Fri 2026-11-27 12:00:00"))
	w.slow(t)
	w.slow(t)
	w.until(t, at("Mon 2026-11-30 09:00:00"))
	w.list(t, "À voir dès l'ouverture : 2 tickets.", "🔴", "🔴")
	w.seen(t, 2, w.z.Reply(2, lena, true, "We are on it."))
	w.list(t, "À voir dès l'ouverture : 2 tickets. Il en reste 1 à traiter dans cette liste.", "🔴", "☑️")
}

// A list is kept true: who reads it learns what became of each ticket in it.
func TestListIsKeptTrue(t *testing.T) {
	w := nightShift(t, 3)
	w.until(t, at("Mon 2026-11-30 09:00:00"))
	w.set(at("Mon 2026-11-30 10:00:00"))
	w.seen(t, 2, w.z.Reply(2, lena, true, "We are on it."))
	w.list(t, "To see to at opening: 3 tickets. 2 of this list are still to be seen to.", "🔴", "☑️", "🔴")
	w.restart(t)
	w.seen(t, 1, w.z.Update(1, lena, sandbox.ZendeskUpdate{Type: "question"})) // outside the SLA
	w.list(t, "To see to at opening: 3 tickets. 1 of this list is still to be seen to.", "➖", "☑️", "🔴")
	w.seen(t, 3, w.z.SetStatus(3, lena, "solved"))
	w.list(t, "To see to at opening: 3 tickets. Nothing of this list is left to do.", "➖", "☑️", "☑️")
	w.until(t, at("Mon 2026-11-30 15:10:00")) // ticket 2's next update is half used: that is no longer the list's
	w.list(t, "To see to at opening: 3 tickets. Nothing of this list is left to do.", "➖", "☑️", "☑️")
	w.expect(t, 1, 0, "left")
}

// list compares the first message of the night's channel, by its head and the
// signs of its lines.
func (w *world) list(t *testing.T, head string, signs ...string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(w.Slack().Messages("#night")[0].Text), "\n")
	if lines[0] != head || len(lines) != 1+len(signs) {
		t.Fatalf("at %s the list says:\n%s\nwant the head %s", w.Now().Format(time.DateTime), strings.Join(lines, "\n"), head)
	}
	for i, sign := range signs {
		if !strings.HasPrefix(lines[1+i], "• "+sign+" ") {
			t.Errorf("at %s line %d says %s, want %s", w.Now().Format(time.DateTime), i+1, lines[1+i], sign)
		}
	}
}

// Lists of a storm, an outage and the day are kept true as well.
func TestEveryListIsKeptTrue(t *testing.T) {
	t.Run("storm", func(t *testing.T) {
		w := newWorld(t)
		for range 30 {
			_, err := w.z.Open(sandbox.NewTicket{Subject: "Import", Body: "y", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
			must(t, err)
		}
		w.until(t, at("Fri 2026-11-27 10:30:00"))
		w.policy = strings.ReplaceAll(acme, "4 business hours", "1 business hour")
		w.restart(t)
		w.settle(t)
		w.expect(t, 1, 0, "Many alerts at once, gathered here in one list: 30 tickets with a missed target. The most urgent are shown; 15 more are on the board.")
		w.seen(t, 1, w.z.Reply(1, lena, true, "Up again."))
		w.expect(t, 1, 0, "15 more are on the board. 14 of this list are still to be seen to.")
		if line := strings.Split(w.cards()[0].Text, "\n")[1]; !strings.HasPrefix(line, "• ☑️ ") {
			t.Errorf("the first line says %s", line)
		}
	})
	t.Run("outage", func(t *testing.T) {
		w := newWorld(t)
		w.incidents(t, 4)
		w.until(t, at("Fri 2026-11-27 10:50:00"))
		w.Faults.Down("slack", true)
		w.until(t, at("Fri 2026-11-27 11:30:00"))
		w.Faults.Down("slack", false)
		w.until(t, at("Fri 2026-11-27 11:36:00"))
		w.expect(t, 1, 0, "These alerts could not be sent in time: 4 tickets at risk.")
		w.seen(t, 4, w.z.Reply(4, lena, true, "Up again."))
		w.expect(t, 1, 0, "3 of this list are still to be seen to.")
		w.until(t, at("Fri 2026-11-27 13:10:00")) // what was at risk in it is late: it called by itself, and the list says so
		w.expect(t, 1+3, 3, "")
		if got := strings.Count(w.cards()[0].Text, "🔴"); got != 3 {
			t.Errorf("%d lines are late:\n%s", got, w.cards()[0].Text)
		}
	})
}

// The engine is killed at each of its writes to Slack in turn, after Slack has
// done it and before: the list and its edits come out as in a life without trouble.
func TestRestartAroundTheOpening(t *testing.T) {
	life := func(w *world) string {
		w.until(t, at("Mon 2026-11-30 08:59:59"))
		w.until(t, at("Mon 2026-11-30 09:10:00"))
		w.seen(t, 2, w.z.Reply(2, lena, true, "We are on it."))
		w.until(t, at("Mon 2026-11-30 09:20:00"))
		w.seen(t, 1, w.z.SetStatus(1, lena, "solved"))
		w.until(t, at("Mon 2026-11-30 09:40:00"))
		return strings.ReplaceAll(w.night(), w.url, "") + "\n---\n" + texts(w.cards()) + texts(w.replies())
	}
	const effects = 3 // the list, and two edits
	quiet := nightShift(t, 3)
	writes := 0
	quiet.onRequest(func(vendor string, write bool) {
		if vendor == "slack" && write {
			writes++
		}
	})
	want := life(quiet)
	if writes != effects {
		t.Fatalf("Slack is written to %d times, want %d:\n%s", writes, effects, want)
	}
	for _, done := range []bool{true, false} {
		for k := range effects {
			t.Run(fmt.Sprintf("effect %d done %v", k, done), func(t *testing.T) {
				w := nightShift(t, 3)
				n := 0
				w.onRequest(func(vendor string, write bool) {
					if vendor != "slack" || !write {
						return
					}
					if n == k {
						w.Faults.FailNext("slack", 1, sandbox.Fault{Drop: true, AfterWork: done})
						w.kill()
					}
					n++
				})
				if got := life(w); got != want {
					t.Errorf("undisturbed:\n%s\nkilled:\n%s", want, got)
				}
				if n <= k {
					t.Error("it was never killed")
				}
			})
		}
	}
}
