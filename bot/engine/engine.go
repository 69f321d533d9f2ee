// Package engine carries a policy out: it takes in what changed, keeps watch
// over deadlines, and sees to it that what should be written and said is.
//
// Three movements, each of which can stop anywhere and be taken up again:
//
//   - in: a webhook or a poll marks tickets changed; Drain reads them from the
//     vendor, whole history included, and judges them. Webhooks are hints, the
//     poll is the truth that replaces them, and both end in the same state.
//     Histories come in bulk where the vendor lists them so (history.go).
//   - watch: a judged ticket has a stored instant at which its verdict changes
//     by itself; when it has come, Watch judges the ticket again.
//   - out: a verdict is compared with what is (decide.go); each difference is
//     an action, stored with the verdict in one transaction and carried out
//     afterwards. What happens once ever (a warning) has a key of its own, what
//     is brought up to date (a ticket's tags and fields, a message) one key for
//     all its times.
//
// Each loop (a source's, the deadlines', the chat's) is a round that is run again
// and again, by a Runner: in this process, or on any of several that share a
// state. A round begins nothing more after some seconds and leaves the rest to
// the next, so that none holds up a job for long. At most one round of a loop is
// under way, but different loops judge the same tickets: a verdict is saved only
// if nobody has saved the ticket since it was read, and worked out again
// otherwise.
//
// Nothing is driven by ticks: every question is "due at or before now and not
// done", so a missed tick, a restart or an outage loses nothing. An action is
// marked started before it is carried out; one that was started and has not
// ended may have happened, and is looked for before it is repeated.
package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
	"vigie/bot/store"
	"vigie/rules"
)

// A Desk is one vendor's tickets, as the engine reads and writes them.
type Desk interface {
	Reader
	Writer
}

// A Reader tells what changed at a vendor and reads tickets.
type Reader interface {
	// Changes lists what changed since the cursor, or since an instant when it is "".
	Changes(ctx context.Context, cursor string, since time.Time) (rules.Page, error)
	// Unsolved lists every ticket that isn't solved yet.
	Unsolved(ctx context.Context, cursor string) (rules.Page, error)
	// Read reads tickets with their history. Beside an error, when the context
	// ends or the vendor stops answering midway, it gives the readings that it
	// has; without one, a ticket that is left out is gone.
	Read(ctx context.Context, ids []string) ([]rules.Reading, error)
}

// A Historian is a Reader that lists what was done to all tickets, so that their
// histories needn't be asked for one by one.
type Historian interface {
	// Acts lists what was done since the cursor, or since an instant when it is "".
	Acts(ctx context.Context, cursor string, since time.Time) (rules.Chronicle, error)
	// Tell is Read for tickets of which something is known.
	Tell(ctx context.Context, asks []rules.Ask) ([]rules.Reading, error)
}

// A Writer writes into a vendor's tickets.
type Writer interface {
	// Write carries out edits; the list has an error or nil for each. One that
	// the vendor still works on has a *rules.Underway, from a Follower only.
	Write(ctx context.Context, edits []rules.Edit) ([]error, error)
	// DueFields lists the fields that show due dates.
	DueFields() []rules.DueField
}

// A Runner has rounds run, each by name: at the start, when it is poked, and when
// the instant has come that the last round returned. One round of a name is run
// at a time, by whichever program that shares the work.
type Runner interface {
	Run(ctx context.Context, rounds map[string]func(context.Context) time.Time) error
	// Poke has a round run soon; one that is under way is followed by another.
	Poke(name string)
}

// A Follower is a Writer whose edits may take longer than a call.
type Follower interface {
	// Follow says what has become of edits that were under way, as Write does.
	Follow(ctx context.Context, handed []rules.Handed) ([]error, error)
}

// A Source is one Desk under the name and rules that the configuration gives it.
type Source struct {
	Name          string
	Desk          Desk
	Policies      []*rules.Policy
	Poll          cron.Schedule
	SilentAfter   time.Duration // without news for so long it is said to be silent; 0: three polls, and ten minutes at least
	WritePriority bool          // the vendor's priority field too, where no person has set it
	// Ask learns from the vendor what must be known of it before anything is
	// written, such as the form of its due fields. It is called before each poll
	// until it has succeeded once; its error is logged. Nil: nothing to learn.
	Ask func(context.Context) error

	// Only the source's own loop looks at these.
	polled, asked bool      // no poll is due; Ask succeeded
	caughtUp      bool      // the list of acts has been read to its end since the start
	behind        bool      // when it was read last, the time was over before its end
	flooded       bool      // more has changed than is read singly
	held          time.Time // until when some of it waits for the list of acts; zero: none does
}

// An Engine works on the sources' tickets. Its exported fields are set before
// Run.
type Engine struct {
	Store   *store.Store
	Runner  Runner // nil: nothing runs but what Settle does
	Sources []*Source
	Chat    Chat // nil: nobody is told
	// Route names the channel for an alert, and whether it can wait until the
	// team's calendar opens.
	Route    func(rules.Alert) Routing
	Channel  string // for notices about no ticket
	Language string // of those notices: "fr" or "en"
	Backfill time.Duration
	Keep     time.Duration // how long what no open ticket needs is kept; 0: for ever
	DryRun   bool          // judge everything, write and say nothing
	// Version names all that verdicts depend on besides the tickets: program,
	// configuration, policies. Of programs that share a state the one that began
	// last has the word; those of other versions leave the work to it.
	Version string

	Digest    cron.Schedule // nil: none
	Reconcile cron.Schedule // nil: none

	Now   func() time.Time // ticket time; may be a fast clock in a demo
	Log   *slog.Logger
	Meter Meter // nil: nobody counts

	begin sync.Mutex
	begun bool
	// When it began to ask whether a source is silent, and last did; only the
	// deadlines' loop looks.
	began, looked time.Time
	stalls        sync.Mutex
	stalled       map[string]stall // loops whose last round ended with an error, by name

	underWay underWay
}

// A Routing is where an alert goes.
type Routing struct {
	Channel  string
	Language string
	Gather   bool // out of hours: hold it until the team's calendar opens
}

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
	}
	add(watchLoop, e.watch)
	add(chatLoop, e.Tell)
	return rounds
}

// The loops besides those of the sources, which have the sources' names.
const (
	watchLoop = "deadlines"
	chatLoop  = "chat"
)

// The parts of a source's loop that pause by themselves after an error: what
// webhooks name is read though the vendor's lists can't be had.
const (
	pollPart      = "/poll"
	reconcilePart = "/reconcile"
	historyPart   = "/history"
)

// longestPause bounds the pauses after errors, which double from a second.
const longestPause = 5 * time.Minute

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

// serve is one round for one source: poll if it is time, read some of what
// changed, write what differs. It returns when there is more to do. Nothing is
// written while a poll is due that can't be made: what a person did meanwhile
// may be in it.
func (e *Engine) serve(ctx context.Context, s *Source) (time.Time, error) {
	next := e.round(ctx, s.Name+pollPart, partLimit, func(ctx context.Context) (time.Time, error) { return e.pollIfDue(ctx, s) })
	next = earliest(next, e.round(ctx, s.Name+reconcilePart, partLimit, func(ctx context.Context) (time.Time, error) { return e.reconcileIfDue(ctx, s) }))
	more, err := e.Drain(ctx, s)
	if more {
		next = e.Now()
	}
	next = earliest(next, s.held)
	if !s.polled {
		return next, err
	}
	more, failed := e.Write(ctx, s)
	if more {
		next = e.Now()
	}
	if err := errors.Join(err, failed); err != nil {
		return next, err
	}
	write, err := e.Store.NextWrite(ctx, s.Name)
	return earliest(next, write), err
}

// mayWork takes the state over before this program's first round, and says then
// whether another has taken it over since. To take it over is to have everything
// looked at anew, since this version may see it otherwise than the last did.
func (e *Engine) mayWork(ctx context.Context) error {
	e.begin.Lock()
	defer e.begin.Unlock()
	if !e.begun {
		if err := e.Store.Resume(ctx, e.Version, e.Now()); err != nil {
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
	if more, err := e.compact(ctx); err != nil || more {
		return e.Now(), err
	}
	wake, err := e.Store.NextWake(ctx)
	return earliest(digest, wake), err
}

// compact drops once a day what has been kept long enough; more says that it
// hasn't dropped all.
func (e *Engine) compact(ctx context.Context) (more bool, err error) {
	if e.Keep == 0 || e.DryRun {
		return false, nil
	}
	came, _, err := e.comesUp(ctx, "compact", cron.Every(24*time.Hour))
	if err != nil || came.IsZero() {
		return false, err
	}
	for more = true; more && goingOn(ctx); {
		var n int
		if n, more, err = e.Store.Compact(ctx, e.Now().Add(-e.Keep)); err != nil {
			return false, err
		}
		e.Log.Info("state compacted", "tickets", n, "older_than", e.Keep)
	}
	if more {
		return true, nil
	}
	return false, e.Store.Ran(ctx, "compact", e.Now())
}

// Settle runs every round until nothing is left to do at this instant, and
// returns the next instant at which something is. A demo and tests move their
// clock to it; errors of vendors are logged and retried as in Run.
func (e *Engine) Settle(ctx context.Context) (time.Time, error) {
	rounds := e.rounds(ctx.Done())
	for ctx.Err() == nil {
		var next time.Time
		for _, name := range e.loops() {
			next = earliest(next, rounds[name](ctx))
		}
		busy, err := e.busy(ctx)
		if err != nil || !busy {
			return next, err
		}
	}
	return time.Time{}, ctx.Err()
}

// loops are the names of the rounds in the order in which work flows.
func (e *Engine) loops() []string {
	var names []string
	for _, s := range e.Sources {
		names = append(names, s.Name)
	}
	return append(names, watchLoop, chatLoop)
}

// busy says whether something can be done at once, by a loop that doesn't pause.
func (e *Engine) busy(ctx context.Context) (bool, error) {
	now := e.Now()
	paused := func(loop string) bool { _, paused := e.stallOf(loop); return paused }
	for _, s := range e.Sources {
		if paused(s.Name) {
			continue
		}
		changed, err := e.readable(ctx, s)
		if err != nil || len(changed) > 0 {
			return true, err
		}
		if !s.polled {
			continue
		}
		writes, err := e.Store.PendingWrites(ctx, s.Name, now, 1)
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
	if paused(watchLoop) {
		return false, nil
	}
	due, err := e.Store.Due(ctx, now, 1)
	return len(due) > 0, err
}

// Poke has a loop look at once: a source's, after a webhook.
func (e *Engine) Poke(loop string) {
	if e.Runner != nil {
		e.Runner.Poke(loop)
	}
}

// A stall is a pause after an error, longer each time.
type stall struct {
	times        int
	first        time.Time // when the first of the rounds failed that have failed in a row
	since, until time.Time
	err          error
}

// rest notes how a round ended, and returns when the next one is due: after an
// error, not before a pause that doubles up to five minutes, or that the vendor
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
	pause := min(time.Second<<min(s.times, 9), longestPause)
	pause = cmp.Or(retryAfter(err), pause)
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

// Stalled says which loops wait after an error, and why, for the board and the
// health check; a source's parts count as the source.
func (e *Engine) Stalled() map[string]error {
	e.stalls.Lock()
	defer e.stalls.Unlock()
	out := map[string]error{}
	for name, s := range e.stalled {
		loop := name
		for _, part := range []string{pollPart, reconcilePart, historyPart} {
			loop = strings.TrimSuffix(loop, part)
		}
		out[loop] = errors.Join(out[loop], s.err)
	}
	return out
}

// Source is the source of a name, or nil.
func (e *Engine) Source(name string) *Source {
	for _, s := range e.Sources {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Judge evaluates a stored ticket as its source's policies say at now.
func (e *Engine) Judge(r *store.Row) (rules.Verdict, error) {
	s := e.Source(r.Source)
	if s == nil {
		return rules.Verdict{}, fmt.Errorf("source %q is not in the configuration", r.Source)
	}
	return rules.Evaluate(s.Policies, r.Ticket, e.Now())
}

// earliest is the earlier of two instants, of which zero is none.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
