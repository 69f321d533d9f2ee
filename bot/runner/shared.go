package runner

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Shared runs rounds in one of the programs that share a state in PostgreSQL. Each
// program does as Solo does: it runs every round when it is poked, and at the instant
// that its own last run of it returned. What they have in common is the locks: a
// program runs a round while it holds the round's lock, and tries again soon where
// another one has it.
//
// The locks are those of one session with the database, so they end with the program,
// however it ends: at once when it is killed, and by the server's hand when it has been
// silent for silenceLimit, cut off from the network or stopped. A program that has lost
// its session ends the rounds that it was running.
//
// Once a second the programs tell each other which rounds they were poked for, since one
// that is poked may not be able to do the work: its way to a vendor is broken, or it is
// of a version that leaves the work to others. They also see who has a session. When one
// is gone the others run every round: what it was doing, and what it alone knew to be
// due, is in the state.
type Shared struct {
	URL   string           // postgres://…; its search_path names the schema, as it does for the state
	Now   func() time.Time // the clock of the instants that rounds return; nil: real time
	Sweep time.Duration    // how long a round is waited for at most, so that a clock that was set is noticed; 0: 30 s
	Log   *slog.Logger

	pokes
	mu     sync.Mutex
	untold map[string]bool // rounds that this program was poked for, and the others don't know of yet
}

const (
	// A round that another program runs is tried again so much later, at first and at
	// most: it may have looked already at what it is wanted for now.
	againAtFirst, againAtMost = 50 * time.Millisecond, time.Second

	meetEvery = time.Second     // the programs tell each other what is wanted
	leftAlone = 5 * time.Second // is a database that couldn't be asked for a round's lock
)

// Poke has a round run soon, here or by another program. It never waits.
func (s *Shared) Poke(name string) {
	s.pokes.Poke(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.untold == nil {
		s.untold = map[string]bool{}
	}
	s.untold[name] = true
}

// Run runs the rounds until the context ends, and returns when those under way in
// this program have ended. The error says why it couldn't begin.
func (s *Shared) Run(ctx context.Context, rounds map[string]Round) error {
	session, err := newSession(s.URL, s.pokes.Poke)
	if err != nil {
		return err
	}
	defer session.close()
	there, err := session.programs(ctx)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("open a session for the rounds' locks: %w", err)
	}
	work, cancel := gracefully(ctx)
	defer cancel()
	var g errgroup.Group
	for name, round := range rounds {
		g.Go(func() error {
			s.loop(ctx, work, session, name, round)
			return nil
		})
	}
	g.Go(func() error {
		s.meet(ctx, session, there, rounds)
		return nil
	})
	return g.Wait()
}

// loop runs a round again and again until ctx ends; a run itself lasts no longer than
// work does.
func (s *Shared) loop(ctx, work context.Context, session *session, name string, round Round) {
	again := againAtFirst
	for wait := time.Duration(0); s.wait(ctx, name, wait); {
		held, ours, err := session.lock(ctx, name)
		switch {
		case err != nil:
			wait = leftAlone
			if ctx.Err() == nil {
				s.Log.Warn("round can't be run", "loop", name, "again_in", wait, "err", err)
			}
		case !ours:
			wait, again = again, min(2*again, againAtMost)
		default:
			wait, again = s.until(within(work, held, round)), againAtFirst
			session.unlock(name)
		}
	}
}

// within runs a round under a context that ends with either of two.
func within(work, held context.Context, round Round) time.Time {
	both, cancel := context.WithCancel(work)
	defer cancel()
	defer context.AfterFunc(held, cancel)()
	return round(both)
}

// until is how long to wait for an instant, the longest wait at most. That differs a
// little each time, so that programs that were started together don't get in each
// other's way.
func (s *Shared) until(next time.Time) time.Duration {
	longest := cmp.Or(s.Sweep, 30*time.Second)
	longest -= rand.N(longest/4 + 1)
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	if next.IsZero() {
		return longest
	}
	return min(max(next.Sub(now()), 0), longest)
}

// meet tells the other programs what this one is poked for, and has every round run when
// one is gone that was there the last time; this one's own last session is such a
// program, too.
func (s *Shared) meet(ctx context.Context, session *session, before []int32, rounds map[string]Round) {
	every := time.NewTicker(meetEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		now, err := session.programs(ctx)
		if err != nil {
			continue // a round says so; once there is a session again, all are run
		}
		if slices.ContainsFunc(before, func(pid int32) bool { return !slices.Contains(now, pid) }) {
			for name := range rounds {
				s.pokes.Poke(name)
			}
		}
		before = now
		if names := s.toTell(); len(names) > 0 && len(now) > 1 {
			session.tell(ctx, names) // if that fails, this session is gone for the others
		}
	}
}

// toTell are the rounds that the other programs are to be told of; none twice.
func (s *Shared) toTell() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := slices.Collect(maps.Keys(s.untold))
	clear(s.untold)
	return names
}
