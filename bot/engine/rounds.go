package engine

import (
	"context"
	"errors"
	"time"

	"github.com/robfig/cron/v3"

	"vigie/bot/store"
)

// Run works until the context ends, and then until the pieces of work that are
// under way have ended, for some seconds.
func (e *Engine) Run(ctx context.Context) error { return e.Runner.Run(ctx, e.rounds(ctx.Done())) }

// rounds are the loops, by name. They begin nothing more once they are told to end.
func (e *Engine) rounds(end <-chan struct{}) map[string]func(context.Context) time.Time {
	rounds := map[string]func(context.Context) time.Time{}
	add := func(name string, round func(context.Context) (time.Time, error)) {
		rounds[name] = func(ctx context.Context) time.Time {
			return e.round(withEnd(ctx, end), name, roundLimit, func(ctx context.Context) (time.Time, error) {
				if err := e.mayWork(ctx); err != nil {
					return time.Time{}, err
				}
				return round(ctx)
			})
		}
	}
	for _, s := range e.Sources {
		add(s.Name, func(ctx context.Context) (time.Time, error) { return e.serve(ctx, s) })
		if s.Tracker != nil {
			add(s.Name+escalatePart, func(ctx context.Context) (time.Time, error) { return e.escalations(ctx, s) })
		}
	}
	add(watchLoop, e.watch)
	add(chatLoop, e.chatRound)
	for place := range e.Places {
		add(place, func(ctx context.Context) (time.Time, error) { return e.tellPlace(ctx, place) })
	}
	return rounds
}

// The loops besides those of the sources, which have the sources' names.
const (
	watchLoop = "deadlines"
	chatLoop  = "chat"
)

// The parts of a source's loop. Each pauses by itself after an error: what webhooks
// name is read though the vendor's lists can't be had, and what is known is written
// though nothing can be read.
const (
	pollPart      = "/poll"
	historyPart   = "/history"
	readPart      = "/read"
	writePart     = "/write"
	retryPart     = "/retry"
	reconcilePart = "/reconcile"
)

// A part of a source's round does some of its work, and says when it is called
// for again.
type part struct {
	name string
	work func(context.Context, *Source) (time.Time, error)
}

// parts are those of a source's round, in the order in which work flows.
func (e *Engine) parts() []part {
	return []part{
		{pollPart, e.pollIfDue}, {historyPart, e.historyIfBehind}, {readPart, e.readChanged},
		{writePart, e.writePending}, {retryPart, e.readMissed}, {reconcilePart, e.reconcileIfDue},
	}
}

// round runs one round of a loop, unless it pauses after an error, and returns
// when the next is due. It is cut off after a limit.
func (e *Engine) round(ctx context.Context, name string, limit time.Duration, round func(context.Context) (time.Time, error)) time.Time {
	if until, paused := e.stallOf(name); paused {
		return until
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ended := e.underWay.begin(name)
	next, err := round(limited)
	took := ended()
	if ctx.Err() != nil {
		return time.Time{} // whatever went wrong, this is why
	}
	if e.Meter != nil {
		e.Meter.Round(name, took, err)
	}
	return e.rest(name, err, next)
}

// serve is one round for one source: poll if it is time, read some of what changed,
// write what differs, and so on. It returns when there is more to do. A part that
// takes long ends the round, and the next one begins with the part after it: none
// waits for another for longer than that may take.
func (e *Engine) serve(ctx context.Context, s *Source) (next time.Time, err error) {
	parts := e.parts()
	for range parts {
		p := parts[s.nextPart]
		s.nextPart = (s.nextPart + 1) % len(parts)
		next = earliest(next, e.round(ctx, s.Name+p.name, partLimit, func(ctx context.Context) (time.Time, error) { return p.work(ctx, s) }))
		if !mayBegin(ctx) {
			return e.Now(), nil
		}
	}
	s.nextPart = 0
	return next, nil
}

// mayWork takes the state over before this program's first round, and says then
// whether another has taken it over since. To take it over is to have everything
// lastSilenceCheck at anew, since this version may see it otherwise than the last did.
func (e *Engine) mayWork(ctx context.Context) error {
	e.begin.Lock()
	defer e.begin.Unlock()
	if !e.begun {
		if err := e.Store.Resume(ctx, e.Version, e.Now()); err != nil {
			return err
		}
		if err := e.Store.DropPlaced(ctx, e.placeNames(), e.Now()); err != nil {
			return err
		}
		e.begun = true
		return nil
	}
	latest, err := e.Store.Version(ctx)
	if err == nil && latest != e.Version {
		err = errOtherVersion
	}
	return err
}

var errOtherVersion = errors.New("another Vigie with another version, configuration or policy has taken over; end this one, or start it anew with the same")

// watch is one round over deadlines and notices.
func (e *Engine) watch(ctx context.Context) (time.Time, error) {
	if more, err := e.Watch(ctx); err != nil || more {
		return e.Now(), err
	}
	digest, err := e.Notices(ctx)
	if err != nil {
		return time.Time{}, err
	}
	handover, err := e.handOver(ctx)
	if err != nil {
		return time.Time{}, err
	}
	if more, err := e.compact(ctx); err != nil || more {
		return e.Now(), err
	}
	flush, err := e.flush(ctx)
	if err != nil {
		return time.Time{}, err
	}
	wake, err := e.Store.NextWake(ctx)
	return earliest(earliest(digest, handover), earliest(flush, wake)), err
}

// compact drops once a day what has been kept long enough; more says that it
// hasn't dropped all.
func (e *Engine) compact(ctx context.Context) (more bool, err error) {
	if e.Keep == 0 || e.DryRun {
		return false, nil
	}
	came, _, err := e.comesUp(ctx, store.Compacting, "", cron.Every(24*time.Hour))
	if err != nil || came.IsZero() {
		return false, err
	}
	for more = true; more && mayBegin(ctx); {
		var n int
		if n, more, err = e.Store.Compact(ctx, e.Now().Add(-e.Keep)); err != nil {
			return false, err
		}
		e.Log.Info("state compacted", "tickets", n, "older_than", e.Keep)
	}
	if more {
		return true, nil
	}
	return false, e.Store.Ran(ctx, store.Compacting, "", e.Now())
}

// Poke has a loop look at once: a source's, after a webhook.
func (e *Engine) Poke(loop string) {
	if e.Runner != nil {
		e.Runner.Poke(loop)
	}
}

// earliest is the earlier of two instants, of which zero is none.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
