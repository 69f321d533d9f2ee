package engine

import (
	"context"
	"sync"
	"time"

	"vigie/bot/store"
	"vigie/rules"
)

// A Meter is told how actions and rounds end. It doesn't fail, and doesn't wait.
type Meter interface {
	// Ended counts an action's end, or a failure after which it is tried again.
	Ended(kind, outcome string)
	// Late says how long after it was called for an alarm went out.
	Late(kind string, by time.Duration)
	// Round says how long a round of a loop took, in real time, and its error, if
	// it ended with one. A source's polls and reconciliations are rounds within its
	// loop's, named SOURCE/poll and SOURCE/reconcile.
	Round(loop string, took time.Duration, err error)
}

// underWay knows the rounds that are under way, and since when, in real time.
type underWay struct {
	mu    sync.Mutex
	since map[string]time.Time
}

// begin notes that a round begins; ended that it ended, and returns how long it took.
func (u *underWay) begin(name string) (ended func() time.Duration) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.since == nil {
		u.since = map[string]time.Time{}
	}
	began := time.Now()
	u.since[name] = began
	return func() time.Duration {
		u.mu.Lock()
		defer u.mu.Unlock()
		delete(u.since, name)
		return time.Since(began)
	}
}

// Hung counts the rounds that hang at an instant of real time: a restart would
// help, and nothing else would.
func (e *Engine) Hung(now time.Time) (n int) {
	e.underWay.mu.Lock()
	defer e.underWay.mu.Unlock()
	for _, since := range e.underWay.since {
		if now.Sub(since) > hung {
			n++
		}
	}
	return n
}

// failed is the outcome of an action that is tried again.
const failed = "failed"

// endAction records how an action ended.
func (e *Engine) endAction(ctx context.Context, a store.Action, state store.ActionState, note string) error {
	return e.counted(a, string(state), e.Store.End(ctx, a, state, note, e.Now()))
}

// recordSent ends an action, and records what its messages now say.
func (e *Engine) recordSent(ctx context.Context, a store.Action, messages []store.Message) error {
	for _, m := range messages {
		e.accepted(m.Route, m.Channel)
	}
	return e.counted(a, string(store.Done), e.Store.RecordSent(ctx, a, messages, e.Now()))
}

// retryAt has an action that failed tried again at an instant. It is ambiguous if its
// message may have been sent all the same.
func (e *Engine) retryAt(ctx context.Context, a store.Action, at time.Time, note string, ambiguous bool) error {
	return e.counted(a, failed, e.Store.RetryAt(ctx, a, at, note, ambiguous))
}

// counted counts an action's outcome, if that could be stored.
func (e *Engine) counted(a store.Action, outcome string, err error) error {
	if err == nil && e.Meter != nil {
		e.Meter.Ended(string(a.Kind), outcome)
	}
	return err
}

// late counts how long an alarm took from its instant until it was sent.
func (e *Engine) late(kind store.Kind, a rules.Alert) {
	if e.Meter != nil && !a.Since.IsZero() {
		e.Meter.Late(string(kind), e.Now().Sub(a.Since))
	}
}
