package runner

import (
	"cmp"
	"context"
	"time"

	"golang.org/x/sync/errgroup"
)

// Solo runs rounds in this program, each in a goroutine of its own.
type Solo struct {
	Now   func() time.Time // the clock of the instants that rounds return; nil: real time
	Sweep time.Duration    // how long a round is waited for at most, so that a clock that was set is noticed; 0: 15 s
	pokes
}

// Run runs the rounds until the context ends, and returns when those under way
// have ended, nil.
func (s *Solo) Run(ctx context.Context, rounds map[string]Round) error {
	now, longest := s.Now, cmp.Or(s.Sweep, 15*time.Second)
	if now == nil {
		now = time.Now
	}
	work, cancel := gracefully(ctx)
	defer cancel()
	var g errgroup.Group
	for name, round := range rounds {
		g.Go(func() error {
			for wait := time.Duration(0); s.wait(ctx, name, wait); {
				wait = longest
				if next := round(work); !next.IsZero() {
					wait = min(max(next.Sub(now()), 0), wait)
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// gracefully is a context that ends grace after another one.
func gracefully(ctx context.Context) (context.Context, context.CancelFunc) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-work.Done():
		case <-time.After(grace):
			cancel()
		}
	})
	return work, func() { stop(); cancel() }
}
