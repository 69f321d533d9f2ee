package engine_test

import (
	"strings"
	"testing"
	"time"

	"vigie/connectors/sandbox"
)

// posts are what the channel shows: messages of their own, and lines of threads that
// were shown in it.
func (w *world) posts() (list []sandbox.SlackMessage) {
	for _, m := range w.Slack().Messages(watch) {
		if m.ThreadTS == "" || m.Broadcast {
			list = append(list, m)
		}
	}
	return list
}

// An agent who answers late, but always in time, is called by one card that is kept
// true, whatever thresholds pass.
func TestAnswersInTimePostNothingBeyondTheCard(t *testing.T) {
	w := newWorld(t)
	id := w.urgent(t)
	for range 2 { // half of the target and three quarters of it pass each time
		for _, wait := range []time.Duration{2*time.Hour + time.Minute, time.Hour + 20*time.Minute} {
			w.until(t, w.Now().Add(wait))
		}
		w.seen(t, id, w.z.Update(id, lena, sandbox.ZendeskUpdate{Comment: "Still on it."}))
	}
	if got := w.posts(); len(got) != 1 {
		t.Errorf("%d posts: %q", len(got), texts(got))
	}
}

// A missed target is shown once more in the channel, and nothing there stays red once
// the ticket was answered.
func TestWhatTheChannelShowsIsKeptTrue(t *testing.T) {
	w := newWorld(t)
	id := w.urgent(t)
	w.until(t, at("Fri 2026-11-27 14:00:00"))
	got := w.posts()
	if len(got) != 2 || !strings.Contains(got[1].Text, "🔴") {
		t.Fatalf("posts: %q, want the card and the breach", texts(got))
	}
	w.seen(t, id, w.z.Update(id, lena, sandbox.ZendeskUpdate{Comment: "It works again."}))
	for _, m := range w.posts() {
		if strings.Contains(m.Text, "🔴") || !strings.Contains(m.Text, "☑") {
			t.Errorf("it is answered, and the channel shows %q", m.Text)
		}
	}
	w.until(t, at("Fri 2026-11-27 16:59:00"))
	if m := w.posts()[1]; !strings.Contains(m.Text, "☑") { // the next cycle's warning is the card's alone
		t.Errorf("in the next cycle the copy shows %q", m.Text)
	}
	if got := w.posts(); len(got) != 2 {
		t.Errorf("%d posts: %q", len(got), texts(got))
	}
}
