package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/rules"
)

// batch is how many tickets are read, judged or written at a time: what the
// vendors' bulk calls take.
const batch = 100

// Receive takes in a webhook's delivery. What it names is read by the source's
// loop; a repeated delivery changes nothing.
func (e *Engine) Receive(ctx context.Context, source string, d rules.Delivery) (fresh bool, err error) {
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
// until it succeeds.
func (e *Engine) pollIfDue(ctx context.Context, s *Source) (next time.Time, err error) {
	now := e.Now()
	if s.polled {
		_, read, err := e.Store.Cursor(ctx, s.Name)
		if err != nil {
			return next, err
		}
		// News from the future is a clock's that was set back since.
		if next = s.Poll.Next(read); next.IsZero() || now.Before(next) && !now.Before(read) {
			return next, nil
		}
	}
	s.polled = false
	if s.Ask != nil && !s.asked {
		if err := s.Ask(ctx); err != nil {
			e.Log.Warn("the vendor doesn't fit the configuration, or can't be asked", "source", s.Name, "err", err)
		} else {
			s.asked = true
		}
	}
	if more, err := e.Poll(ctx, s); err != nil || more {
		return now, err
	}
	s.polled = true
	return s.Poll.Next(e.Now()), nil
}

// reconcileIfDue compares a source's open tickets with the vendor's when the
// schedule for that has come up, and returns when that will be next.
func (e *Engine) reconcileIfDue(ctx context.Context, s *Source) (next time.Time, err error) {
	name := "reconcile/" + s.Name
	came, next, err := e.comesUp(ctx, name, e.Reconcile)
	if err != nil || came.IsZero() || !s.polled {
		return next, err
	}
	if more, err := e.reconcile(ctx, s); err != nil || more {
		return e.Now(), err
	}
	return next, e.Store.Ran(ctx, name, e.Now())
}

// Poll marks what changed at a source since the last poll; more says that some
// pages are left for another round.
func (e *Engine) Poll(ctx context.Context, s *Source) (more bool, err error) {
	for goingOn(ctx) {
		cursor, _, err := e.Store.Cursor(ctx, s.Name)
		if err != nil {
			return false, err
		}
		page, first, err := e.page(ctx, s, cursor)
		if err != nil {
			return false, fmt.Errorf("poll %s: %w", s.Name, err)
		}
		if err := e.Store.Polled(ctx, s.Name, page, first, e.Now()); err != nil {
			return false, err
		}
		if !first {
			if err := e.sweep(ctx, s, page.Changes); err != nil {
				return false, err
			}
		}
		if !page.More {
			return false, nil
		}
	}
	return true, ctx.Err()
}

// page reads the next page after a cursor. On the first start the open tickets
// come first, then those changed within the backfill; both are marked first.
func (e *Engine) page(ctx context.Context, s *Source, cursor string) (p rules.Page, first bool, err error) {
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
	for goingOn(ctx) {
		page, err := s.Desk.Unsolved(ctx, cursor)
		if err != nil {
			return false, fmt.Errorf("reconcile %s: %w", s.Name, err)
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

// Drain reads a batch of the tickets that changed, and judges them. more says
// that others may be waiting. What was read before an error, or before the time
// for it was over, is kept; the rest stays marked. Running out of time is no
// error.
func (e *Engine) Drain(ctx context.Context, s *Source) (more bool, err error) {
	if !s.caughtUp || s.behind {
		e.chronicle(ctx, s)
	}
	rows, err := e.readable(ctx, s)
	if err != nil || len(rows) == 0 {
		return s.behind, err
	}
	if s.flooded {
		if err := e.reach(ctx, s, rows); err != nil {
			return false, err
		}
	}
	ids := make([]string, len(rows))
	marks := make(map[string]int64, len(rows))
	for i, r := range rows {
		ids[i], marks[r.ID] = r.ID, r.Marks
	}
	asks, err := e.asks(ctx, s, ids)
	if err != nil {
		return false, err
	}
	if timeUp, err := e.readAndTake(ctx, s, asks, marks); err != nil || timeUp {
		return timeUp, err
	}
	if len(rows) == batch || rows[0].First {
		if err := e.progress(ctx, s, len(rows)); err != nil {
			return false, err
		}
	}
	rows, err = e.readable(ctx, s)
	return len(rows) > 0, err
}

// readAndTake reads tickets and judges them; cut says that the time for it was
// over before it had all.
func (e *Engine) readAndTake(ctx context.Context, s *Source, asks []rules.Ask, marks map[string]int64) (cut bool, err error) {
	reading, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	readings, failed := e.read(reading, s, asks)
	lasting, done := outlive(ctx)
	defer done()
	var acts []rules.Act
	for _, r := range readings {
		acts = append(acts, r.Acts...)
	}
	if err := e.Store.Keep(lasting, s.Name, acts, "", "", e.Now()); err != nil {
		return false, err
	}
	if err := e.take(lasting, s, readings, marks); err != nil {
		return false, err
	}
	switch {
	case failed != nil && len(readings) > 0 && timeUp(reading):
		return true, nil
	case failed != nil:
		return false, fmt.Errorf("%s: %w", rules.Counted("en", "read %d ticket{s} of %s", len(asks), s.Name), failed)
	}
	return false, nil
}

// progress logs how far a large reading has come, and how long the rest will take.
func (e *Engine) progress(ctx context.Context, s *Source, n int) error {
	news, first, err := e.Store.Unread(ctx, s.Name)
	var takes time.Duration
	if s.Takes != nil {
		takes = s.Takes(news+first, 0)
	}
	e.Log.Info("tickets read", "source", s.Name, "read", n, "left", news+first, "takes", takes.Round(time.Second))
	return err
}

// saving is how long what was done may take to be stored once the time for it
// is over.
const saving = 5 * time.Second

// outlive is a context for storing what came of work that ctx ended.
func outlive(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), saving)
}

// timeUp says that a round has used up its time: the next one goes on.
func timeUp(ctx context.Context) bool {
	return errors.Is(ctx.Err(), context.DeadlineExceeded)
}

// read reads tickets; one that the vendor left out is gone. Where a call fails,
// what it left unread is read one by one, so that a ticket that breaks the call
// holds up no other: it is the ticket's failure if the next one can be read, and
// the vendor's, which ends the reading, if the next fails too. The last is
// followed by one that could be read before.
func (e *Engine) read(ctx context.Context, s *Source, asks []rules.Ask) ([]rules.Reading, error) {
	readings, err := e.call(ctx, s, asks)
	unread := slices.DeleteFunc(slices.Clone(asks), func(a rules.Ask) bool {
		return slices.ContainsFunc(readings, func(r rules.Reading) bool { return r.ID == a.ID })
	})
	if err == nil {
		for _, a := range unread {
			readings = append(readings, rules.Reading{ID: a.ID, Gone: true})
		}
		return readings, nil
	}
	if len(asks) == 1 || retryAfter(err) > 0 || ctx.Err() != nil {
		return readings, err
	}
	probe := slices.IndexFunc(readings, func(r rules.Reading) bool { return r.Ticket != nil })
	if probe >= 0 {
		unread = append(unread, rules.Ask{ID: readings[probe].ID})
	}
	var suspect string
	for n, a := range unread {
		one, failed := e.read(ctx, s, []rules.Ask{a})
		switch {
		case failed != nil && suspect != "":
			return readings, failed
		case failed != nil:
			suspect, err = a.ID, failed
		case suspect != "":
			readings = append(readings, rules.Reading{ID: suspect, Err: err})
			suspect = ""
		}
		if probe < 0 || n < len(unread)-1 {
			readings = append(readings, one...)
		}
	}
	if suspect != "" {
		return readings, err
	}
	return readings, nil
}

// retell reads tickets again that were asked for by another of their names, under
// which nothing is kept, where something is kept under their own.
func (e *Engine) retell(ctx context.Context, s *Source, t Teller, readings []rules.Reading) ([]rules.Reading, error) {
	asked := map[string]int{} // by the ticket's own name
	var names []string
	for i, r := range readings {
		if r.Ticket != nil && r.Ticket.ID != r.ID {
			names, asked[r.Ticket.ID] = append(names, r.Ticket.ID), i
		}
	}
	asks, err := e.asks(ctx, s, names)
	asks = slices.DeleteFunc(asks, func(a rules.Ask) bool { return len(a.Acts) == 0 })
	if err != nil || len(asks) == 0 {
		return readings, err
	}
	again, err := t.Tell(ctx, asks)
	for _, r := range again {
		if i, ok := asked[r.ID]; ok && r.Ticket != nil {
			readings[i].Ticket, readings[i].Version, readings[i].Acts = r.Ticket, r.Version, r.Acts
		}
	}
	if err != nil { // those that aren't told again are left unread
		readings = slices.DeleteFunc(readings, func(r rules.Reading) bool {
			return r.Ticket != nil && r.Ticket.ID != r.ID && !slices.ContainsFunc(again, func(a rules.Reading) bool { return a.ID == r.Ticket.ID })
		})
	}
	return readings, err
}

// call is one call to the vendor to read tickets.
func (e *Engine) call(ctx context.Context, s *Source, asks []rules.Ask) ([]rules.Reading, error) {
	if t, ok := s.Desk.(Teller); ok {
		readings, err := t.Tell(ctx, asks)
		if err != nil {
			return readings, err
		}
		return e.retell(ctx, s, t, readings)
	}
	ids := make([]string, len(asks))
	for i, a := range asks {
		ids[i] = a.ID
	}
	return s.Desk.Read(ctx, ids)
}
