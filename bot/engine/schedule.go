package engine

import (
	"errors"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
)

// due says whether a schedule has come up, and if so moves it on. A schedule
// comes up at once when it is first asked about, if atStart.
func (e *Engine) due(name string, s cron.Schedule, atStart bool) bool {
	if s == nil {
		return false
	}
	e.sched.Lock()
	defer e.sched.Unlock()
	if e.next == nil {
		e.next = map[string]time.Time{}
	}
	now := e.Now()
	at, known := e.next[name]
	if known && (now.Before(at) || at.IsZero()) {
		return false
	}
	e.next[name] = s.Next(now) // zero: never
	return known || atStart
}

// nextOf is when a schedule comes up next; zero if it was never asked about.
func (e *Engine) nextOf(name string) time.Time {
	e.sched.Lock()
	defer e.sched.Unlock()
	return e.next[name]
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
