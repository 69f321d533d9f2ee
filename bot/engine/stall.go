package engine

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"
)

// longestPause bounds the pauses after errors, which double from a second: a
// warning is late by that much when what was away is back. A vendor that wants to be
// left alone for longer says so.
const (
	longestPause = time.Minute
	// Credentials that are refused are refused until a person does something, and a
	// vendor may take it ill to be shown them.
	deniedPause = 5 * time.Minute
)

// A stall is a pause after an error, longer each time.
type stall struct {
	times        int
	first        time.Time // when the first of the rounds failed that have failed in a row
	since, until time.Time
	err          error
}

// rest notes how a round ended, and returns when the next one is due: after an
// error, not before a pause that doubles up to a limit, or that the vendor
// asked for.
func (e *Engine) rest(name string, err error, next time.Time) time.Time {
	e.stalls.Lock()
	defer e.stalls.Unlock()
	if e.stalled == nil {
		e.stalled = map[string]stall{}
	}
	if err == nil {
		delete(e.stalled, name)
		return next
	}
	s := e.stalled[name]
	limit := longestPause
	if denied(err) {
		limit = deniedPause
	}
	pause := cmp.Or(retryAfter(err), min(time.Second<<min(s.times, 9), limit))
	s = stall{times: s.times + 1, first: earliest(s.first, e.Now()), since: e.Now(), until: e.Now().Add(pause), err: err}
	e.stalled[name] = s
	level := slog.LevelError
	if retryAfter(err) > 0 {
		level = slog.LevelWarn // slower, but going on
	}
	e.Log.Log(context.Background(), level, "round ended early", "loop", name, "again_in", pause, "err", err)
	return s.until
}

// stallOf says until when a loop pauses, if it does. A clock that was set back
// ends the pause.
func (e *Engine) stallOf(name string) (until time.Time, paused bool) {
	e.stalls.Lock()
	defer e.stalls.Unlock()
	s, now := e.stalled[name], e.Now()
	return s.until, now.Before(s.until) && !now.Before(s.since)
}

// failures is how often in a row a loop's rounds have failed, 0 while it only
// waits as long as it was asked to.
func (e *Engine) failures(name string) int {
	e.stalls.Lock()
	defer e.stalls.Unlock()
	if s := e.stalled[name]; retryAfter(s.err) == 0 {
		return s.times
	}
	return 0
}

// takenOver is after which time since its pause ended a loop's error is nobody's: a round
// is run when a pause ends.
// Where several programs share a state, another runs the loop by then, and knows what
// became of the error.
const takenOver = 5 * time.Minute

// Stalled says which loops wait after an error, and why, for the board and the
// health check; a source's parts count as the source.
func (e *Engine) Stalled() map[string]error {
	e.stalls.Lock()
	defer e.stalls.Unlock()
	out := map[string]error{}
	for name, s := range e.stalled {
		if e.Now().After(s.until.Add(takenOver)) {
			continue
		}
		loop, _, _ := strings.Cut(name, "/")
		out[loop] = errors.Join(out[loop], s.err)
	}
	return out
}
