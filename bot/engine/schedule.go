package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"

	"vigie/bot/store"
)

// comesUp says when a schedule came up since what it asks for was last carried
// out, zero if it didn't, and when it comes up next. When that was is stored, so
// neither a restart nor an outage loses it; the first time that a schedule is
// asked about is where it begins.
func (e *Engine) comesUp(ctx context.Context, name store.Schedule, source string, s cron.Schedule) (came, next time.Time, err error) {
	if s == nil {
		return came, next, nil
	}
	now := e.Now()
	last, err := e.Store.LastRan(ctx, name, source)
	if err == nil && (last.IsZero() || last.After(now)) { // a clock that was set back begins it anew
		last, err = now, e.Store.Ran(ctx, name, source, now)
	}
	if err != nil {
		return came, next, fmt.Errorf("schedule %s: %w", name, err)
	}
	if next = s.Next(last); next.IsZero() || next.After(now) {
		return came, next, nil
	}
	return next, s.Next(now), nil
}

// retryAfter is how long a vendor asked to wait, or 0. Connectors' errors that
// know it have this method.
func retryAfter(err error) time.Duration {
	var asked interface{ RetryIn() time.Duration }
	if errors.As(err, &asked) {
		return asked.RetryIn()
	}
	return 0
}

// A roundEnd says when a round begins no further piece of work: when its time is up,
// or when the program is told to stop. The piece that is under way is bounded by the
// context.
type roundEnd struct {
	at   time.Time // real time
	stop <-chan struct{}
}

type roundEndKey struct{}

// withEnd is the context of a round that begins nothing more after roundTime, or once
// the channel is closed.
func withEnd(ctx context.Context, told <-chan struct{}) context.Context {
	return context.WithValue(ctx, roundEndKey{}, roundEnd{time.Now().Add(roundTime), told})
}

// mayBegin says whether a round may begin another piece of work. Outside a round, as in
// tests, it may until the context ends.
func mayBegin(ctx context.Context) bool {
	if ctx.Err() != nil {
		return false
	}
	end, ok := ctx.Value(roundEndKey{}).(roundEnd)
	if !ok {
		return true
	}
	select {
	case <-end.stop:
		return false
	default:
		return time.Now().Before(end.at)
	}
}
