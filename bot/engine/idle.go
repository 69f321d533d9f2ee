package engine

import (
	"context"
	"time"
)

// RunUntilIdle runs every round until nothing is left to do at this instant, and returns
// the next instant at which something will be. A demo and tests move their clock to it;
// errors of vendors are logged and retried as in Run.
func (e *Engine) RunUntilIdle(ctx context.Context) (time.Time, error) {
	rounds := e.rounds(ctx.Done())
	for idle := false; ctx.Err() == nil; {
		var next time.Time
		for _, name := range e.loops() {
			next = earliest(next, rounds[name](ctx))
		}
		busy, err := e.busy(ctx)
		// A round that was ended by its time asks to be called again, though it may have
		// left nothing: once more tells.
		if err != nil || !busy && (idle || next.IsZero() || next.After(e.Now())) {
			return next, err
		}
		idle = !busy
	}
	return time.Time{}, ctx.Err()
}

// loops are the names of the rounds in the order in which work flows.
func (e *Engine) loops() []string {
	var names []string
	for _, s := range e.Sources {
		names = append(names, s.Name)
		if s.Tracker != nil {
			names = append(names, s.Name+escalatePart)
		}
	}
	return append(append(names, watchLoop, chatLoop), e.placeNames()...)
}

// busy says whether a loop that isn't paused after an error has something to do at once.
func (e *Engine) busy(ctx context.Context) (bool, error) {
	now := e.Now()
	paused := func(loop string) bool { _, paused := e.stallOf(loop); return paused }
	for _, s := range e.Sources {
		if s.Tracker != nil && !paused(s.Name+escalatePart) {
			escalations, err := e.Store.PendingEscalations(ctx, s.Name, now, 1)
			if err != nil || len(escalations) > 0 {
				return true, err
			}
		}
		if paused(s.Name) {
			continue
		}
		if !s.polled && !paused(s.Name+pollPart) { // some pages are left
			return true, nil
		}
		if !paused(s.Name + readPart) {
			changed, err := e.readable(ctx, s)
			if err != nil || len(changed) > 0 {
				return true, err
			}
		}
		if paused(s.Name + writePart) {
			continue
		}
		since, may, err := e.writableSince(ctx, s)
		if err != nil {
			return true, err
		}
		if !may {
			continue
		}
		writes, err := e.Store.PendingWrites(ctx, s.Name, since, now, 1)
		if err != nil || len(writes) > 0 {
			return true, err
		}
	}
	if !paused(chatLoop) {
		messages, err := e.Store.PendingMessages(ctx, now, 1)
		if err != nil || len(messages) > 0 {
			return true, err
		}
	}
	for _, place := range e.placeNames() {
		if !paused(place) {
			told, err := e.Store.Placed(ctx, place, now, 1)
			if err != nil || len(told) > 0 {
				return true, err
			}
		}
	}
	if paused(watchLoop) {
		return false, nil
	}
	due, err := e.Store.Due(ctx, now, 1)
	return len(due) > 0, err
}
