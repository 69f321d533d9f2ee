package engine_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"vigie/connectors/desk"
	"vigie/connectors/sandbox"
)

// told is what the channel was told of silences.
func (w *world) silences(t testing.TB, want ...string) {
	t.Helper()
	var got []string
	for _, m := range w.Slack().Messages(watch) {
		if strings.HasPrefix(m.Text, "🔇") || strings.HasPrefix(m.Text, "🔊") {
			got = append(got, m.Text)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("at %s: %d messages about silences, want %d:\n%s", w.Now().Format(time.DateTime), len(got), len(want), strings.Join(got, "\n"))
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("at %s: got %q, want %q in it", w.Now().Format(time.DateTime), got[i], want[i])
		}
	}
}

// A source is polled every 15 minutes here, so it is silent after three quarters of an hour.
func TestSilentSource(t *testing.T) {
	w := newWorld(t)
	w.Faults.Down("zendesk", true)
	w.until(t, at("Fri 2026-11-27 09:44:59"))
	w.silences(t)
	w.until(t, at("Fri 2026-11-27 09:45:00"))
	w.silences(t, "zendesk has given no news since 2026-11-27 09:00 CET. Tickets that changed since then are not seen")
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 12:00:00"))
	w.silences(t, "🔇") // once
	w.Faults.Down("zendesk", false)
	w.until(t, at("Fri 2026-11-27 12:06:00"))
	w.silences(t, "zendesk gives news again. There was none from 2026-11-27 09:00 CET on")
	w.Faults.Down("zendesk", true)
	w.until(t, at("Fri 2026-11-27 14:00:00"))
	w.silences(t, "🔊", "🔇")
}

func TestSilentAfterWhatTheConfigurationSays(t *testing.T) {
	w := newWorld(t)
	w.Sources[0].SilentAfter = 2 * time.Hour
	w.Language = "fr"
	w.Faults.Down("zendesk", true)
	w.until(t, at("Fri 2026-11-27 10:59:00"))
	w.silences(t)
	w.until(t, at("Fri 2026-11-27 11:00:00"))
	w.silences(t, "zendesk ne donne plus de nouvelles depuis le 2026-11-27 09:00 CET")
	w.Faults.Down("zendesk", false)
	w.until(t, at("Fri 2026-11-27 11:10:00"))
	w.silences(t, "zendesk donne de nouveau des nouvelles")
}

// Vigie was down, not the source: nobody is told that it was silent.
func TestDownItselfIsNoSilence(t *testing.T) {
	w := newWorld(t)
	w.set(at("Sat 2026-11-28 09:00:00"))
	w.restart(t)
	w.Faults.FailNext("zendesk", 2, sandbox.Fault{Status: 503})
	w.until(t, at("Sat 2026-11-28 09:30:00"))
	w.silences(t)
}

// A refused token doesn't come back by itself: whoever can renew it is told at once.
func TestRefusedCredentials(t *testing.T) {
	w := newWorld(t)
	w.refuse(http.StatusUnauthorized, ".json")
	w.until(t, at("Fri 2026-11-27 09:15:00"))
	w.silences(t, "It refuses Vigie's credentials or their rights; somebody must look at the token, and check --online says what is wrong. Tickets that changed since then are not seen; warnings")
	w.until(t, at("Fri 2026-11-27 16:00:00"))
	w.silences(t, "🔇")
	w.refuse(0)
	w.until(t, at("Fri 2026-11-27 16:10:00"))
	w.silences(t, "🔊")
}

func TestRefusedFromTheBeginning(t *testing.T) {
	w := freshWorld(t)
	w.refuse(http.StatusForbidden, ".json")
	w.set(w.Now().Add(123_456 * time.Nanosecond)) // no clock stands at a whole millisecond
	w.settle(t)
	w.until(t, at("Fri 2026-11-27 09:01:00"))
	w.silences(t, "zendesk has not been read yet, since 2026-11-27 09:00 CET. It refuses")
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 11:00:00"))
	w.silences(t, "🔇")
}

// Slack was down all the while: it is told once, how it is by then.
func TestSilenceDuringAnOutageOfSlack(t *testing.T) {
	w := newWorld(t)
	w.Faults.Down("slack", true)
	w.Faults.Down("zendesk", true)
	w.until(t, at("Fri 2026-11-27 11:00:00"))
	w.Faults.Down("zendesk", false)
	w.until(t, at("Fri 2026-11-27 11:20:00"))
	w.Faults.Down("slack", false)
	w.until(t, at("Fri 2026-11-27 11:40:00"))
	w.silences(t, "zendesk gives news again. There was none from 2026-11-27 09:00 CET on")
}

// The answer to the posting is lost: the message is found, and amended.
func TestSilenceIsToldOnce(t *testing.T) {
	w := newWorld(t)
	w.Faults.Down("zendesk", true)
	w.until(t, at("Fri 2026-11-27 09:44:59"))
	w.Faults.FailNext("slack", 1, sandbox.Fault{Status: 500, AfterWork: true})
	w.until(t, at("Fri 2026-11-27 10:00:00"))
	w.silences(t, "🔇")
	w.Faults.Down("zendesk", false)
	w.until(t, at("Fri 2026-11-27 10:20:00"))
	w.silences(t, "🔊")
}

// Who deletes the message has read it.
func TestSilenceWhoseMessageIsDeleted(t *testing.T) {
	w := newWorld(t)
	w.Faults.Down("zendesk", true)
	w.until(t, at("Fri 2026-11-27 10:00:00"))
	w.silences(t, "🔇")
	must(t, w.Slack().Delete(watch, w.cards()[0].TS))
	w.Faults.Down("zendesk", false)
	w.until(t, at("Fri 2026-11-27 11:00:00"))
	w.silences(t)
}

// Vigie slept, as on a machine that was suspended: it hasn't asked yet.
func TestAsleepIsNoSilence(t *testing.T) {
	w := newWorld(t)
	w.set(at("Fri 2026-11-27 12:00:00"))
	if _, err := w.Notices(t.Context()); err != nil { // the deadlines' loop is the first to wake
		t.Fatal(err)
	}
	w.settle(t)
	w.silences(t)
}

// What couldn't be read while there was no news is read after it: that it wasn't yet
// at the first good poll is nothing to tell.
func TestUnreadAfterASilence(t *testing.T) {
	w := newWorld(t)
	id := w.urgent(t)
	w.Faults.Down("zendesk", true)
	w.until(t, at("Fri 2026-11-27 10:00:00"))
	w.seen(t, id, nil)
	w.until(t, at("Fri 2026-11-27 12:00:00"))
	w.Faults.Down("zendesk", false)
	w.refuse(http.StatusGatewayTimeout, "/show_many.json")
	w.until(t, at("Fri 2026-11-27 12:40:00"))
	w.silences(t, "zendesk gives news again")
	w.until(t, at("Fri 2026-11-27 13:00:00"))
	w.silences(t, "zendesk gives news again", "1 ticket that changed could not be read (zendesk:1), since 2026-11-27 10:00 CET. What changed there is not seen")
	w.refuse(0)
	w.until(t, at("Fri 2026-11-27 13:40:00"))
	w.silences(t, "zendesk gives news again", "🔊")
}

// A poll has succeeded, and that its credentials were refused isn't taken back yet:
// that is the end of the silence, and not another one.
func TestSilenceEndsWithItsFirstNews(t *testing.T) {
	w := newWorld(t)
	w.refuse(http.StatusUnauthorized, ".json")
	w.until(t, at("Fri 2026-11-27 09:20:00"))
	w.silences(t, "🔇")
	must(t, w.Store.Polled(t.Context(), "zendesk", desk.Page{}, false, w.Now()))
	_, err := w.Notices(t.Context())
	must(t, err)
	w.refuse(0)
	w.until(t, at("Fri 2026-11-27 10:00:00"))
	w.silences(t, "🔊 zendesk gives news again. There was none from 2026-11-27 09:00 CET on")
}

// Whether a source is silent is decided by one reading of the clock: a program that was
// asleep in the midst of that has not been told of hours without news.
func TestSilenceIsDecidedByOneInstant(t *testing.T) {
	w := newWorld(t)
	w.urgent(t)
	w.settle(t)
	clock := w.Engine.Now
	for reading := range 20 {
		before, n := clock(), 0
		w.Engine.Now = func() time.Time {
			if n++; n <= reading {
				return before
			}
			return before.Add(3 * time.Hour)
		}
		_, err := w.Notices(t.Context())
		must(t, err)
		w.Engine.Now = clock
		w.set(before.Add(3 * time.Hour))
		w.settle(t)
	}
	if said := texts(w.cards()); strings.Contains(said, "news") {
		t.Errorf("it is said to have been silent: %s", said)
	}
}
