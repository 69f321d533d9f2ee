package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/robfig/cron/v3"

	"vigie/bot/engine"
	"vigie/bot/store"
	"vigie/connectors/sandbox"
	"vigie/rules"
)

// digestWorld is a world whose team has a lunch break, a half day before Christmas and
// the holidays after it, and that posts what awaits it and what it hands over in #night.
func digestWorld(t *testing.T, d engine.Digest) *world {
	t.Helper()
	w := newWorld(t)
	w.policy = strings.Replace(acme, `hours = { mon-fri = ["09:00-17:00"] }`, `hours = { mon-fri = ["09:00-12:00", "13:00-17:00"] }
holidays = ["2026-12-25"]
special = { "2026-12-24" = ["09:00-12:00"] }`, 1)
	d.Key, d.Channel, d.Language = "d1", "#night", "en"
	if d.When == nil {
		d.When = func(rules.Alert) bool { return true }
	}
	w.prepare = func(e *engine.Engine) { e.Digests = []engine.Digest{d} }
	w.restart(t)
	w.settle(t)
	return w
}

// digests lists what #night was told, and when: "Wed 23 Dec 17:00 berlin, the day ends: 1 ticket is handed over."
func (w *world) digests() (list []string) {
	for _, m := range w.Slack().Messages("#night") {
		list = append(list, m.At.In(at("Fri 2026-11-27 09:00:00").Location()).Format("Mon 2 Jan 15:04 ")+m.Text)
	}
	return list
}

// A day's work begins and ends once a day, whatever breaks it has; on holidays and at
// week-ends it doesn't. Each list comes once, over restarts and after an outage.
func TestDigestsFollowTheTeamsDay(t *testing.T) {
	w := digestWorld(t, engine.Digest{Opening: true, Closing: true})
	w.set(at("Wed 2026-12-23 08:00:00"))
	w.settle(t)
	w.urgent(t)
	w.until(t, at("Wed 2026-12-23 12:30:00"))
	w.restart(t)
	w.until(t, at("Wed 2026-12-23 17:00:00"))
	w.restart(t)
	w.until(t, at("Fri 2026-12-25 12:00:00"))
	w.set(at("Mon 2026-12-28 09:00:30")) // nobody was there from Friday on
	w.restart(t)
	w.until(t, at("Mon 2026-12-28 16:59:59"))
	want := []string{
		"Wed 23 Dec 09:00 berlin, the day begins: 1 ticket to see to.",
		"Wed 23 Dec 17:00 berlin, the day ends: 1 ticket is handed over.",
		"Thu 24 Dec 09:00 berlin, the day begins: 1 ticket to see to.",
		"Thu 24 Dec 12:00 berlin, the day ends: 1 ticket is handed over.",
		"Mon 28 Dec 09:00 berlin, the day begins: 1 ticket to see to.",
	}
	// Before the first opening the schedules begin: what came up until now isn't told.
	if diff := cmp.Diff(want, w.digests()); diff != "" {
		t.Errorf("posted (-want +got):\n%s", diff)
	}
}

// A digest is about the tickets for which its condition holds and of which something is
// still to be done; one about none isn't posted. A fixed time is as good as an opening.
func TestDigestsAreAboutTheirTickets(t *testing.T) {
	eight, err := cron.ParseStandard("0 8 * * *")
	must(t, err)
	w := digestWorld(t, engine.Digest{Times: []cron.Schedule{inBerlin{eight}}, When: func(a rules.Alert) bool { return a.Priority == "urgent" }})
	w.until(t, at("Sat 2026-11-28 09:00:00"))
	if got := w.digests(); len(got) != 0 {
		t.Fatalf("without a ticket it says %q", got)
	}
	first, second := w.urgent(t), w.urgent(t)
	id, err := w.z.Open(sandbox.NewTicket{Subject: "Slow", Body: "x", Type: "incident", Priority: "normal", RequesterEmail: nadia, SubmitterEmail: lena})
	w.seen(t, id, err)
	w.seen(t, second, w.z.Update(second, lena, sandbox.ZendeskUpdate{Status: "solved", Comment: "Done."}))
	w.until(t, at("Sun 2026-11-29 09:00:00"))
	if diff := cmp.Diff([]string{"Sun 29 Nov 08:00 1 ticket to see to."}, w.digests()); diff != "" {
		t.Errorf("posted (-want +got):\n%s", diff)
	}
	blocks := string(w.Slack().Messages("#night")[0].Blocks)
	if !strings.Contains(blocks, fmt.Sprint("zendesk:", first)) || strings.Contains(blocks, fmt.Sprint("zendesk:", second)) || strings.Contains(blocks, "take_over") {
		t.Errorf("it says %s", blocks)
	}
}

type inBerlin struct{ cron.Schedule }

func (s inBerlin) Next(t time.Time) time.Time {
	return s.Schedule.Next(t.In(at("Fri 2026-11-27 09:00:00").Location()))
}

// What a team hands over is taken over by whoever is first, which is shown and stays
// over restarts and whatever becomes of the tickets.
func TestAHandoverIsTakenOver(t *testing.T) {
	w := digestWorld(t, engine.Digest{Closing: true})
	her, him := w.Slack().AddUser(lena, "Lena"), w.Slack().AddUser(omar, "Omar")
	w.set(at("Fri 2026-11-27 16:00:00"))
	w.settle(t)
	id := w.urgent(t)
	w.until(t, at("Fri 2026-11-27 17:00:00"))
	list := w.Slack().Messages("#night")
	if len(list) != 1 || !strings.Contains(string(list[0].Blocks), "take_over") || !strings.Contains(string(list[0].Blocks), "since") {
		t.Fatalf("handed over is %s", texts(list))
	}
	key := "handover/d1/acme/berlin/closing/2026-11-27T16:00:00Z"
	for _, who := range []string{her, him, her} {
		must(t, w.TakeOver(t.Context(), key, store.Request{By: rules.Person{ID: who}, At: w.Now()}))
	}
	w.restart(t)
	shows := func(what string, is bool) {
		t.Helper()
		w.settle(t)
		list := w.Slack().Messages("#night")
		if got := string(list[0].Blocks); len(list) != 1 || strings.Contains(got, what) != is {
			t.Errorf("%q is shown %v in %s", what, !is, got)
		}
	}
	shows("Taken over by Lena", true)
	shows("take_over", false)
	w.seen(t, id, w.z.Update(id, lena, sandbox.ZendeskUpdate{Status: "solved", Comment: "Done."}))
	shows("Taken over by Lena", true)
	shows("✅", true)
}
