package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"vigie/bot/store"
	"vigie/connectors/desk"
)

// batch is how many tickets are read, judged or written at a time: what the
// vendors' bulk calls take.
const batch = 100

// Receive takes in a webhook's delivery. What it names is read by the source's
// loop; a repeated delivery changes nothing.
func (e *Engine) Receive(ctx context.Context, source string, d desk.Delivery) (fresh bool, err error) {
	if len(d.Accounts) > 0 { // before the delivery counts as seen: it comes again if this fails
		if err := e.Store.Accounts(source).ReadAgain(ctx, d.Accounts, e.Now()); err != nil {
			return false, err
		}
	}
	fresh, err = e.Store.Receive(ctx, source, d, e.Now())
	if fresh {
		e.Poke(source)
	}
	return fresh, err
}

// The first start reads open tickets, then what changed of late; its place in
// that is kept in the cursor like any other.
const (
	firstOpen   = "first-open:"
	firstRecent = "first-recent:"
)

// pollIfDue polls a source at the start, and when its schedule has come up since
// the last news, and returns when that will be next. A poll that failed is due
// until it succeeds. The first after a start or a failure is followed by another once
// the vendor's lists, which may be a minute behind, have what was done until then: the
// webhooks that told of it met nobody.
func (e *Engine) pollIfDue(ctx context.Context, s *Source) (next time.Time, err error) {
	next, due, err := e.nextPoll(ctx, s)
	if err != nil || !due {
		return next, err
	}
	now := e.Now()
	s.polled = false
	if s.pollDue.IsZero() || now.Before(s.pollDue) {
		s.pollDue = now
	}
	if s.Ask != nil && !s.vendorAsked {
		if err := s.Ask(ctx); err != nil {
			e.Log.Warn("the vendor doesn't fit the configuration, or can't be asked", "source", s.Name, "err", err)
		} else {
			s.vendorAsked = true
		}
	}
	more, err := e.Poll(ctx, s)
	if err := errors.Join(err, e.noteRefusal(ctx, s, pollPart, err)); err != nil || more {
		return now, err
	}
	failed := e.failures(s.Name+pollPart) > 0
	if failed { // what couldn't be read while the vendor was away can be now
		if err := e.Store.RetryNow(ctx, s.Name, now); err != nil {
			return now, err
		}
	}
	switch {
	case failed || !s.everPolled:
		s.extraPollAt = now.Add(historyDelay)
	case !now.Before(s.extraPollAt):
		s.extraPollAt = time.Time{}
	}
	s.polled, s.pollDue, s.everPolled = true, time.Time{}, true
	return earliest(s.Poll.Next(e.Now()), s.extraPollAt), nil
}

// nextPoll is when a source's next poll is due, and whether that has come.
func (e *Engine) nextPoll(ctx context.Context, s *Source) (next time.Time, due bool, err error) {
	if !s.polled {
		return next, true, nil
	}
	_, read, err := e.Store.Cursor(ctx, s.Name)
	if err != nil {
		return next, false, err
	}
	now := e.Now()
	// News from the future is a clock's that was set back since.
	next = earliest(s.Poll.Next(read), s.extraPollAt)
	return next, !next.IsZero() && (!now.Before(next) || now.Before(read)), nil
}

// reconcileIfDue compares a source's open tickets with the vendor's when the
// schedule for that has come up, and returns when the round is to be run again.
func (e *Engine) reconcileIfDue(ctx context.Context, s *Source) (next time.Time, err error) {
	came, next, err := e.comesUp(ctx, store.Reconciling, s.Name, e.Reconcile)
	if err != nil || came.IsZero() || !s.polled {
		return next, err
	}
	more, err := e.reconcileAndCompare(ctx, s)
	if err := errors.Join(err, e.noteRefusal(ctx, s, reconcilePart, err)); err != nil || more {
		return e.Now(), err
	}
	return e.Now(), e.Store.Ran(ctx, store.Reconciling, s.Name, e.Now()) // what it has marked is read at once
}

// Poll marks what changed at a source since the last poll; more says that some
// pages are left for another round.
func (e *Engine) Poll(ctx context.Context, s *Source) (more bool, err error) {
	if _, paused := e.stallOf(s.Name + readPart); paused {
		s.prefetched = nil
	}
	for mayBegin(ctx) {
		cursor, news, err := e.Store.Cursor(ctx, s.Name)
		if err != nil {
			return false, err
		}
		page, first, err := e.page(ctx, s, cursor)
		if err != nil {
			return false, fmt.Errorf("poll %s: %w", s.Name, err)
		}
		page.Changes = e.proper(s, page.Changes)
		if page.Stuck {
			page.Cursor = cursor
			return false, errors.Join(fmt.Errorf("poll %s: %w", s.Name, errStuck), e.Store.Marked(ctx, s.Name, page, first, e.Now()))
		}
		if !page.Stale || news.IsZero() {
			news = e.Now()
		}
		if err := e.Store.Polled(ctx, s.Name, page, first, news); err != nil {
			return false, err
		}
		if err := e.keepPrefetched(ctx, s, page.Changes, first); err != nil {
			return false, err
		}
		if !page.More {
			return false, e.updateNotices(ctx, s, page.Notices)
		}
	}
	return true, ctx.Err()
}

// errStuck is of a list of changes that wasn't read to its end, because it has none.
var errStuck = errors.New("the vendor's pages go round in circles")

// proper are the changes whose ticket has a name that can be kept. Another has
// nowhere to be parked but in the log.
func (e *Engine) proper(s *Source, changes []desk.Change) []desk.Change {
	return slices.DeleteFunc(changes, func(c desk.Change) bool {
		wrong := c.ID == "" || len(c.ID) > 255 || !utf8.ValidString(c.ID+c.Version) || strings.ContainsRune(c.ID+c.Version, 0)
		if wrong {
			e.Log.Error("a ticket's name can't be kept", "source", s.Name, "ticket", fmt.Sprintf("%s:%.80q", s.Name, c.ID))
		}
		return wrong
	})
}

// page reads the next page after a cursor. On the first start the open tickets
// come first, then those changed within the backfill; both are marked first.
func (e *Engine) page(ctx context.Context, s *Source, cursor string) (p desk.Page, first bool, err error) {
	since := e.Now().Add(-e.Backfill)
	if rest, ok := strings.CutPrefix(cursor, firstOpen); ok || cursor == "" {
		p, err = s.Desk.Unsolved(ctx, rest)
		if p.More {
			p.Cursor = firstOpen + p.Cursor
		} else {
			p.Cursor, p.More = firstRecent, true
		}
		return p, true, err
	}
	if rest, ok := strings.CutPrefix(cursor, firstRecent); ok {
		p, err = s.Desk.Changes(ctx, rest, since)
		if p.More {
			p.Cursor = firstRecent + p.Cursor
		}
		return p, true, err
	}
	p, err = s.Desk.Changes(ctx, cursor, since)
	return p, false, err
}

// reconcile lists every unsolved ticket, so that one that webhooks and polls
// both missed is found. Those known at their version are not read again; those
// that we think open and that are not listed are, since some lists of changes
// don't tell of deletions. more says that some pages are left for another round.
func (e *Engine) reconcile(ctx context.Context, s *Source) (more bool, err error) {
	cursor, began, err := e.Store.Scan(ctx, s.Name)
	if err != nil {
		return false, err
	}
	if cursor == "" {
		began = e.Now()
	}
	for mayBegin(ctx) {
		page, err := s.Desk.Unsolved(ctx, cursor)
		if err != nil {
			return false, fmt.Errorf("reconcile %s: %w", s.Name, err)
		}
		page.Changes = e.proper(s, page.Changes)
		if page.Stuck {
			return false, fmt.Errorf("reconcile %s: %w", s.Name, errStuck)
		}
		if err := e.Store.Listed(ctx, s.Name, page, began, e.Now()); err != nil {
			return false, err
		}
		if cursor = page.Cursor; !page.More {
			return false, e.Store.Scanned(ctx, s.Name, began, e.Now())
		}
	}
	return true, ctx.Err()
}
