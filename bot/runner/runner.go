// Package runner has the engine's rounds run: by this program alone, or by one of
// several programs that share a state in PostgreSQL.
//
// A round is a function with a name. It looks at what is due in the state, does it,
// and returns the instant at which it has something to do next. It is run at the
// start, when it is poked, and when that instant has come; never twice at a time.
// So a poke may be lost, repeated or late without harm: what is to be done is in
// the state, and a round that is run finds it.
//
// Solo is the one for a state in a file: a goroutine for each round. Shared is the one
// for PostgreSQL: it does the same in each of the programs, under a lock of the
// database's for each round, and they tell each other what they are poked for. Both
// keep the same promises, which conformance_test.go lists.
package runner

import (
	"context"
	"sync"
	"time"
)

// A Round is one round of work under a context that it must end with, and returns
// when the next is due; the zero time is when it is poked, or after the Runner's
// longest wait.
type Round = func(context.Context) time.Time

// grace is how long a round that is under way may go on when the program is told
// to end. What starts programs waits ten seconds or more before it kills them.
const grace = 8 * time.Second

// pokes has a channel for each name that was poked. A poke is kept until it is
// received; several are one.
type pokes struct {
	mu       sync.Mutex
	channels map[string]chan struct{}
}

func (p *pokes) of(name string) chan struct{} {
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

// Poke has a round run soon. It never waits.
func (p *pokes) Poke(name string) {
	select {
	case p.of(name) <- struct{}{}:
	default:
	}
}

// wait returns when a name is poked or a time has passed; false when the context
// has ended.
func (p *pokes) wait(ctx context.Context, name string, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-p.of(name):
	case <-timer.C:
	}
	return ctx.Err() == nil
}
