package engine

import (
	"context"
	"time"

	"vigie/bot/store"
	"vigie/rules"
)

// A Meter is told how actions end. It doesn't fail, and doesn't wait.
type Meter interface {
	// Ended counts an action's end, or a failure after which it is tried again.
	Ended(kind, outcome string)
	// Late says how long after it was called for an alarm went out.
	Late(kind string, by time.Duration)
}

// failed is the outcome of an action that is tried again.
const failed = "failed"

// end notes how an action ended.
func (e *Engine) end(ctx context.Context, a store.Action, state store.ActionState, note string) error {
	return e.counted(a, string(state), e.Store.End(ctx, a, state, note, e.Now()))
}

// told notes that an action has made messages say something.
func (e *Engine) told(ctx context.Context, a store.Action, messages []store.Message) error {
	return e.counted(a, string(store.Done), e.Store.Told(ctx, a, messages, e.Now()))
}

// again puts an action off after a failure.
func (e *Engine) again(ctx context.Context, a store.Action, at time.Time, note string, ambiguous bool) error {
	return e.counted(a, failed, e.Store.Again(ctx, a, at, note, ambiguous))
}

func (e *Engine) counted(a store.Action, outcome string, err error) error {
	if err == nil && e.Meter != nil {
		e.Meter.Ended(a.Kind, outcome)
	}
	return err
}

func (e *Engine) late(kind string, a rules.Alert) {
	if e.Meter != nil && !a.Since.IsZero() {
		e.Meter.Late(kind, e.Now().Sub(a.Since))
	}
}
