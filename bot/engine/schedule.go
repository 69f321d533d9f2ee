package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
)

// comesUp says when a schedule came up since what it asks for was last carried
// out, zero if it didn't, and when it comes up next. When that was is stored, so
// neither a restart nor an outage loses it; the first time that a schedule is
// asked about is where it begins.
func (e *Engine) comesUp(ctx context.Context, name string, s cron.Schedule) (came, next time.Time, err error) {
	if s == nil {
		return came, next, nil
	}
	now := e.Now()
	_, last, err := e.Store.Cursor(ctx, name)
	if err == nil && (last.IsZero() || last.After(now)) { // a clock that was set back begins it anew
		last, err = now, e.Store.Ran(ctx, name, now)
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

// A poker wakes sleeping loops; a poke of one that is awake is kept for it.
type poker struct {
	mu       sync.Mutex
	channels map[string]chan struct{}
}

func (p *poker) channel(name string) chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.channels == nil {
		p.channels = map[string]chan struct{}{}
	}
	if p.channels[name] == nil {
		p.channels[name] = make(chan struct{}, 1)
	}
	return p.channels[name]
}

func (p *poker) poke(name string) {
	select {
	case p.channel(name) <- struct{}{}:
	default:
	}
}
