package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"vigie/bot/engine"
	"vigie/bot/store"
	"vigie/connectors/sandbox"
	"vigie/rules"
)

const firstWarning = "warn/zendesk:1/update/1/50%"

// logged counts the lines of the engine's log that have all of some words.
func (w *world) logged(words ...string) (n int) {
	for line := range strings.Lines(w.log.String()) {
		has := true
		for _, word := range words {
			has = has && strings.Contains(line, word)
		}
		if has {
			n++
		}
	}
	return n
}

// failing is why the message waits that has failed for longest; empty if none does.
func (w *world) failing(t testing.TB) string {
	t.Helper()
	a, err := w.Store.Failing(t.Context())
	must(t, err)
	if a == nil {
		return ""
	}
	return a.Note
}

// Each word with which Slack refuses an alarm: what a person must mend waits, is
// said in the log as an error once, and goes out soon after it is mended; what passes
// by itself isn't called refused. Both are sent once.
func TestRefusedAlarmIsTriedAgain(t *testing.T) {
	words := map[string]bool{ // whether a person must do something
		"not-authed": true, "invalid-auth": true, "token-revoked": true, "token-expired": true, "account-inactive": true, "not-allowed-token-type": true,
		"team-access-not-granted": true, "accesslimited": true,
		"channel-not-found": true, "not-in-channel": true, "is-archived": true, "missing-scope": true, "no-permission": true,
		"restricted-action": true, "restricted-action-read-only-channel": true, "restricted-action-thread-only-channel": true, "ekm-access-denied": true,
		"messages-tab-disabled": true, "invalid-blocks": true, "msg-blocks-too-long": true, "a-word-of-tomorrow": true,
		"ratelimited": false, "fatal-error": false, "internal-error": false, "service-unavailable": false, "request-timeout": false,
	}
	for word, persons := range words {
		t.Run(word, func(t *testing.T) {
			w := newWorld(t)
			w.urgent(t)
			w.until(t, at("Fri 2026-11-27 10:59:00"))
			must(t, w.Faults.Misbehave("slack", word))
			w.until(t, at("Fri 2026-11-27 11:20:00"))
			w.expect(t, 0, 0, "")
			a := w.action(t, firstWarning)
			code := strings.ReplaceAll(word, "-", "_")
			if (a.Refused != "") != persons || a.State == store.Parked || !strings.Contains(a.Note, code) || a.Attempts < 4 {
				t.Errorf("it is %s, refused by %q, after %d attempts: %s", a.State, a.Refused, a.Attempts, a.Note)
			}
			if why := w.failing(t); !strings.Contains(why, code) {
				t.Errorf("messages fail because of %q", why)
			}
			errors, attempts := w.logged("level=ERROR", "message refused"), w.logged("message refused", fmt.Sprintf("attempt=%d", a.Attempts))
			if persons && (errors != 1 || attempts != 1) || !persons && errors > 0 {
				t.Errorf("%d errors in the log, its attempt is named %d times:\n%s", errors, attempts, w.log.String())
			}
			tries := w.writes("slack")
			must(t, w.Faults.Behave("slack", word))
			w.until(t, at("Fri 2026-11-27 11:26:00"))
			w.expect(t, 1, 0, "left")
			if got := w.writes("slack") - tries; got != 1 {
				t.Errorf("it was sent %d times", got)
			}
			if why := w.failing(t); why != "" {
				t.Errorf("messages fail still: %s", why)
			}
		})
	}
}

// What people do to mend it: each is noticed within minutes, without a restart.
func TestPeopleMendWhatWasRefused(t *testing.T) {
	for name, c := range map[string]struct{ broken, mended func(*testing.T, *world) }{
		"the bot is taken out, and invited": {
			func(t *testing.T, w *world) { must(t, w.Slack().Kick(watch)) },
			func(t *testing.T, w *world) { must(t, w.Slack().Invite(watch)) }},
		"the channel is archived, and brought back": {
			func(t *testing.T, w *world) { must(t, w.Slack().Archive(watch)) },
			func(t *testing.T, w *world) { must(t, w.Slack().Unarchive(watch)) }},
		"the app is taken out, and installed anew": {
			func(t *testing.T, w *world) { w.Slack().Reinstall("xoxb-next") },
			func(t *testing.T, w *world) { w.slackToken = "xoxb-next" }},
		"it is installed with too few scopes, and with all": {
			func(t *testing.T, w *world) { w.Slack().Reinstall(w.slackToken, "channels:read") },
			func(t *testing.T, w *world) { w.Slack().Reinstall(w.slackToken) }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.urgent(t)
			w.until(t, at("Fri 2026-11-27 11:10:00"))
			w.expect(t, 1, 0, "2 business hours left")
			c.broken(t, w)
			w.until(t, at("Fri 2026-11-27 13:10:00")) // three quarters at 12:00, late at 13:00
			if w.failing(t) == "" || len(w.replies()) > 0 {
				t.Fatalf("failing: %q, replies: %s", w.failing(t), texts(w.replies()))
			}
			c.mended(t, w)
			w.until(t, at("Fri 2026-11-27 13:16:00"))
			w.expect(t, 1, 1, "missed")
			if why := w.failing(t); why != "" {
				t.Errorf("messages fail still: %s", why)
			}
		})
	}
}

// What no longer holds when it is mended isn't said; what came after is.
func TestRefusedAndNoLongerSo(t *testing.T) {
	w := newWorld(t)
	w.incidents(t, 2)
	must(t, w.Slack().Kick(watch))
	w.until(t, at("Fri 2026-11-27 11:30:00"))
	w.seen(t, 1, w.z.Reply(1, lena, true, "Up again."))
	must(t, w.Slack().Invite(watch))
	w.until(t, at("Fri 2026-11-27 11:40:00"))
	w.expect(t, 1, 0, "zendesk:2")
	if a := w.action(t, firstWarning); a.State != store.Dropped && a.State != store.Skipped {
		t.Errorf("what was answered is %s: %s", a.State, a.Note)
	}
}

// Several that waited are one list, as after an outage.
func TestSeveralRefusedAreOneList(t *testing.T) {
	w := newWorld(t)
	w.incidents(t, 6)
	must(t, w.Slack().Kick(watch))
	w.until(t, at("Fri 2026-11-27 11:50:00"))
	before := w.writes("slack")
	w.until(t, at("Fri 2026-11-27 12:50:00"))
	if n := w.writes("slack") - before; n > 25 {
		t.Errorf("%d tries in an hour", n)
	}
	w.seen(t, 2, w.z.Reply(2, lena, true, "We are on it."))
	must(t, w.Slack().Invite(watch))
	w.until(t, at("Fri 2026-11-27 12:56:00"))
	w.expect(t, 1, 0, "These alerts could not be sent in time: 5 tickets at risk.")
	w.until(t, at("Fri 2026-11-27 14:30:00")) // each that is late by then calls by itself as ever
	if got := w.cards(); len(got) != 1+5 {
		t.Errorf("got %d cards:\n%s", len(got), texts(got))
	}
}

// Of many that a channel refuses one is tried at a time: Slack shuts out who knocks
// too often.
func TestOneOfManyRefusedIsTried(t *testing.T) {
	w := newWorld(t)
	w.incidents(t, 8)
	w.until(t, at("Fri 2026-11-27 11:10:00"))
	w.expect(t, 8, 0, "left")
	must(t, w.Slack().Archive(watch))
	for id := int64(1); id <= 8; id++ {
		w.seen(t, id, w.z.SetStatus(id, lena, "solved"))
	}
	before := w.writes("slack")
	w.until(t, at("Fri 2026-11-27 12:10:00"))
	if n := w.writes("slack") - before; n < 12 || n > 30 {
		t.Errorf("%d tries in an hour, of eight edits", n)
	}
	must(t, w.Slack().Unarchive(watch))
	w.until(t, at("Fri 2026-11-27 12:16:00"))
	if got := texts(w.cards()); strings.Count(got, "➖")+strings.Count(got, "✅") != 8 {
		t.Errorf("the cards say\n%s", got)
	}
}

// One message that a channel takes lets the others go, at once; those of another
// channel wait.
func TestFirstSuccessFreesTheChannel(t *testing.T) {
	w := newWorld(t)
	w.Route = func(a rules.Alert) engine.Routing {
		if a.ID == "3" {
			return engine.Routing{Channel: "#night"}
		}
		return engine.Routing{Channel: watch}
	}
	w.incidents(t, 3)
	must(t, w.Slack().Kick(watch))
	must(t, w.Slack().Kick("#night"))
	w.until(t, at("Fri 2026-11-27 11:30:00"))
	a, b := w.action(t, firstWarning), w.action(t, "warn/zendesk:3/update/1/50%")
	must(t, w.Slack().Invite(watch))
	must(t, w.Slack().Invite("#night"))
	w.set(at("Fri 2026-11-27 11:30:30"))
	if !w.Now().Before(a.NotBefore) || !w.Now().Before(b.NotBefore) {
		t.Fatalf("the next tries are at %s and %s", a.NotBefore, b.NotBefore)
	}
	must(t, w.Store.Insert(t.Context(), []store.Action{{Key: "digest/now", Kind: store.Digest, Urgency: 4, NotBefore: w.Now()}}, w.Now()))
	w.settle(t)
	w.expect(t, 3, 0, "")
	if got := w.night(); got != "" {
		t.Errorf("the other channel has %s", got)
	}
}

// The secrets are read anew: what was refused is tried at that instant.
func TestRetry(t *testing.T) {
	w := newWorld(t)
	w.urgent(t)
	w.until(t, at("Fri 2026-11-27 10:59:00"))
	w.Slack().Reinstall("xoxb-next")
	w.until(t, at("Fri 2026-11-27 11:30:00"))
	w.slackToken = "xoxb-next"
	w.settle(t)
	w.expect(t, 0, 0, "")
	must(t, w.Retry(t.Context()))
	w.settle(t)
	w.expect(t, 1, 0, "left")
}

// So does a loop that pauses after an error, such as a vendor's that refused the old
// credentials.
func TestRetryEndsPauses(t *testing.T) {
	w := newWorld(t)
	w.refuse(401, "")
	w.until(t, at("Fri 2026-11-27 11:00:00"))
	if len(w.Stalled()) == 0 {
		t.Fatal("nothing stalls")
	}
	w.refuse(401)
	w.settle(t)
	if len(w.Stalled()) == 0 {
		t.Fatal("it doesn't pause")
	}
	must(t, w.Retry(t.Context()))
	w.settle(t)
	if s := w.Stalled(); len(s) > 0 {
		t.Errorf("stalled: %v", s)
	}
}

// Lists that were refused for a channel go where the configuration now says.
func TestRefusedListGoesElsewhereAfterAStart(t *testing.T) {
	w := newWorld(t)
	w.routing = func(rules.Alert) engine.Routing { return engine.Routing{Channel: "#nowhere"} }
	w.restart(t)
	w.incidents(t, 6)
	w.until(t, at("Fri 2026-11-27 11:50:00"))
	if a, err := w.Store.WaitingList(t.Context(), "#nowhere", store.Outage, store.Storm); err != nil || a == nil {
		t.Fatalf("no list waits: %v", err)
	}
	w.routing = nil
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 11:51:00"))
	w.expect(t, 1, 0, "These alerts could not be sent in time: 6 tickets at risk.")
	if why := w.failing(t); why != "" {
		t.Errorf("messages fail still: %s", why)
	}
}

// Something before Slack answers in its place: that is an outage. Nothing is refused,
// nothing is lost, nothing is said twice.
func TestProxyIsAnOutage(t *testing.T) {
	for _, manner := range []string{"proxy-400", "proxy-401", "proxy-403", "proxy-404", "proxy-407", "proxy-redirect", "html", "empty-object", "error-object", "empty-list", "null", "bom", "nothing"} {
		t.Run(manner, func(t *testing.T) {
			w := newWorld(t)
			w.urgent(t)
			w.until(t, at("Fri 2026-11-27 10:59:00"))
			must(t, w.Faults.Misbehave("slack", manner))
			w.until(t, at("Fri 2026-11-27 11:20:00"))
			a := w.action(t, firstWarning)
			if a.State != store.Started || a.Refused != "" || w.failing(t) == "" {
				t.Errorf("it is %s, refused by %q: %s", a.State, a.Refused, a.Note)
			}
			must(t, w.Faults.Behave("slack", manner))
			w.until(t, at("Fri 2026-11-27 11:23:00"))
			w.expect(t, 1, 0, "left")
		})
	}
}

// Slack has posted it, and what is told of that is a 503, or a proxy's page: it is
// lastSilenceCheck for, and stands there once.
func TestPostedAndNotSaidSo(t *testing.T) {
	for _, manner := range []string{"503-after-posting", "503-after-posting-no-time", "403-after-posting", "html-after-posting"} {
		t.Run(manner, func(t *testing.T) {
			w := newWorld(t)
			must(t, w.Faults.Misbehave("slack", manner))
			w.urgent(t)
			w.until(t, at("Fri 2026-11-27 11:20:00"))
			w.expect(t, 1, 0, "2 business hours left")
			w.until(t, at("Fri 2026-11-27 13:20:00"))
			w.expect(t, 1, 2, "missed")
		})
	}
}

// A list without end says nothing of what isn't found in it: the message that may be
// there isn't posted again, and is found once the list ends.
func TestEndlessHistory(t *testing.T) {
	for _, manner := range []string{"pages-loop", "pages-ever-fresh"} {
		t.Run(manner, func(t *testing.T) {
			w := newWorld(t)
			w.urgent(t)
			w.until(t, at("Fri 2026-11-27 10:59:00"))
			must(t, w.Faults.Misbehave("slack", manner))
			w.Faults.FailNext("slack", 1, sandbox.Fault{Status: 500}) // not posted
			w.until(t, at("Fri 2026-11-27 11:20:00"))
			w.expect(t, 0, 0, "")
			if why := w.failing(t); !strings.Contains(why, "list doesn't end") {
				t.Errorf("messages fail because of %q", why)
			}
			must(t, w.Faults.Behave("slack", manner))
			w.until(t, at("Fri 2026-11-27 11:23:00"))
			w.expect(t, 1, 0, "left")
		})
	}
}

// A thread that takes no replies: people are told by a message of its own, and the
// one before it is kept true, too.
func TestThreadThatTakesNoReplies(t *testing.T) {
	for _, manner := range []string{"refuses-replies", "refuses-reply-message", "has-no-threads", "loses-threads"} {
		t.Run(manner, func(t *testing.T) {
			w := newWorld(t)
			id := w.urgent(t)
			w.until(t, at("Fri 2026-11-27 11:10:00"))
			w.expect(t, 1, 0, "2 business hours left")
			must(t, w.Faults.Misbehave("slack", manner))
			w.until(t, at("Fri 2026-11-27 12:10:00"))
			w.expect(t, 2, 0, "1 business hour left")
			must(t, w.Faults.Behave("slack", manner))
			w.restart(t)
			w.until(t, at("Fri 2026-11-27 13:10:00"))
			w.expect(t, 2, 1, "missed")
			w.seen(t, id, w.z.SetStatus(id, lena, "solved"))
			for _, m := range w.cards() {
				if strings.Contains(m.Text, "🔴") || strings.Contains(m.Text, "⏳") {
					t.Errorf("a message says still: %s", m.Text)
				}
			}
		})
	}
}

// The message of its own may be there though its answer was lost.
func TestThreadThatTakesNoRepliesAndAnAnswerIsLost(t *testing.T) {
	w := newWorld(t)
	w.urgent(t)
	w.until(t, at("Fri 2026-11-27 11:10:00"))
	must(t, w.Faults.Misbehave("slack", "refuses-replies"))
	w.failAt("slack", 2, sandbox.Fault{Status: 503, AfterWork: true}) // after the edit and the reply
	w.until(t, at("Fri 2026-11-27 12:10:00"))
	w.expect(t, 2, 0, "1 business hour left")
	if n := w.logged("a thread takes no replies"); n != 1 {
		t.Errorf("said %d times that the thread takes no replies", n)
	}
}

// A message that can't be looked for in one channel keeps no other waiting.
func TestRefusedLookUpHoldsUpNoOther(t *testing.T) {
	w := newWorld(t)
	w.Route = func(a rules.Alert) engine.Routing {
		if a.ID == "1" {
			return engine.Routing{Channel: "#night"}
		}
		return engine.Routing{Channel: watch}
	}
	w.incidents(t, 1)
	for range 5 { // at once: more than few, so that it is asked where each goes
		w.urgent(t)
	}
	w.until(t, at("Fri 2026-11-27 10:59:30"))
	w.Faults.FailNext("slack", 1, sandbox.Fault{Status: 500})
	w.set(at("Fri 2026-11-27 11:00:00"))
	w.settle(t)
	must(t, w.Slack().Kick("#night"))
	w.until(t, at("Fri 2026-11-27 11:10:00"))
	w.expect(t, 5, 0, "")
	if a := w.action(t, firstWarning); a.State != store.Started || a.Refused != "#night" {
		t.Errorf("the look-up: %s, refused by %q", a.State, a.Refused)
	}
	must(t, w.Slack().Invite("#night"))
	w.until(t, at("Fri 2026-11-27 11:16:00"))
	if got := w.night(); strings.Count(got, "zendesk:1 ") != 1 {
		t.Errorf("the other channel has %s", got)
	}
}

// What Slack can't show is refused for itself: others in its channel don't wait.
func TestUnfitMessageHoldsUpNoOther(t *testing.T) {
	w := newWorld(t)
	w.incidents(t, 2)
	w.until(t, at("Fri 2026-11-27 10:59:30"))
	w.Faults.FailNext("slack", 1, sandbox.Fault{Status: 200, Body: `{"ok":false,"error":"invalid_blocks"}`})
	w.until(t, at("Fri 2026-11-27 11:00:30"))
	if a := w.action(t, firstWarning); a.Refused != firstWarning {
		t.Errorf("refused by %q", a.Refused)
	}
	w.until(t, at("Fri 2026-11-27 11:01:10"))
	w.expect(t, 2, 0, "left")
}

// An edit is tried for a day, and then given up: nobody misses it.
func TestRefusedEditIsGivenUp(t *testing.T) {
	w := newWorld(t)
	id := w.urgent(t)
	w.until(t, at("Fri 2026-11-27 11:10:00"))
	w.expect(t, 1, 0, "left")
	must(t, w.Slack().Archive(watch))
	w.seen(t, id, w.z.SetStatus(id, lena, "solved"))
	edit := fmt.Sprintf("edit/zendesk:%d/update", id)
	w.until(t, at("Sat 2026-11-28 11:05:00"))
	if a := w.action(t, edit); a.Refused == "" || a.State != store.Pending {
		t.Fatalf("within the day: %s, refused by %q: %s", a.State, a.Refused, a.Note)
	}
	w.until(t, at("Sat 2026-11-28 11:30:00"))
	if a := w.action(t, edit); a.State != store.Dropped || !strings.Contains(a.Note, "given up after a day") {
		t.Errorf("after a day: %s: %s", a.State, a.Note)
	}
	if why := w.failing(t); why != "" {
		t.Errorf("messages fail still: %s", why)
	}
	if n := len(slices.DeleteFunc(w.Calls("slack"), func(c sandbox.Call) bool { return !strings.HasSuffix(c.Path, "chat.update") })); n > 300 {
		t.Errorf("%d tries to edit it", n)
	}
}

// Two programs share a state: one is refused, and both know.
func TestRefusedIsKnownToEveryProgram(t *testing.T) {
	w := newWorld(t)
	w.urgent(t)
	must(t, w.Slack().Kick(watch))
	w.until(t, at("Fri 2026-11-27 11:05:00"))
	other, err := store.OpenToRead(context.WithoutCancel(t.Context()), w.file)
	must(t, err)
	defer other.Close()
	a, err := other.Failing(t.Context())
	must(t, err)
	if a == nil || a.Refused != watch || !a.RefusedAt.Equal(at("Fri 2026-11-27 11:00:00")) {
		t.Errorf("got %+v", a)
	}
}
