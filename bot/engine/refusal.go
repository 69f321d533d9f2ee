package engine

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"vigie/bot/store"
)

// What a chat refuses, it refuses until a person does something: invites the bot,
// brings a channel back, installs the app again. Nobody tells Vigie of that. So what
// was refused waits, shown as such with the reason, and is tried again: after a
// pause, when its channel takes something else, when the secrets are read anew, and
// after a start. Then it is asked again whether it still holds, and several that
// waited are one list, as after an outage.

// The pause after a refusal doubles from its first up to deniedPause.
const refusedPause = time.Minute

// refusedFor is how long a refused edit or notice is tried again; nobody misses it
// afterwards. An alarm is tried for as long as it holds.
const refusedFor = 24 * time.Hour

// inChannel notes in a chat's error the channel that it is about.
func inChannel(channel string, err error) error {
	var failure *Failure
	if errors.As(err, &failure) {
		failure.channel = channel
	}
	return err
}

// refuse records that the chat refused an action, and when it is tried again. The log has
// one error for each channel and reason.
func (e *Engine) refuse(ctx context.Context, a store.Action, failure *Failure, ambiguous bool) error {
	now, by := e.Now(), failure.channel
	if failure.Unfit || by == "" {
		by = a.Key
	}
	level, words := slog.LevelWarn, reason(failure)
	if e.refusals == nil {
		e.refusals = map[string]map[string]bool{}
	}
	if !e.refusals[by][words] {
		level = slog.LevelError
		if e.refusals[by] == nil {
			e.refusals[by] = map[string]bool{}
		}
		e.refusals[by][words] = true
	}
	e.Log.Log(ctx, level, "message refused", "action", a.Key, "channel", failure.channel, "outcome", failure.Outcome, "attempt", a.Attempts+1, "err", failure.Err)
	e.chatFailed = e.chatFailed || failure.Locked
	if a.Refused != "" && now.Sub(a.RefusedAt) > refusedFor && !a.Kind.Traits().Calls {
		return e.endAction(ctx, a, store.Dropped, "given up after a day: "+failure.Error())
	}
	again := now.Add(min(refusedPause<<min(a.Attempts, 9), deniedPause))
	return e.counted(a, string(Refused), e.Store.Refuse(ctx, a, by, now, again, failure.Error(), ambiguous))
}

// reason is why an action was refused, whatever was being done.
func reason(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// accepted notes that channels, or the message of an action, are no longer refused, so
// that the next refusal is logged as an error again.
func (e *Engine) accepted(by ...string) {
	for _, b := range by {
		delete(e.refusals, b)
	}
}

// Retry has everything that waits after an error or a refusal be tried now, such as
// when the secrets were read anew.
func (e *Engine) Retry(ctx context.Context) error {
	err := errors.Join(e.Store.TryRefused(ctx, e.Now()), e.Store.TryPlaced(ctx, e.Now()))
	e.stalls.Lock()
	for name, s := range e.stalled {
		s.until = e.Now()
		e.stalled[name] = s
	}
	e.stalls.Unlock()
	for _, name := range e.loops() {
		e.Poke(name)
	}
	return err
}
