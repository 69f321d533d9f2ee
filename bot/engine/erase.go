package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/robfig/cron/v3"

	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/rules"
)

// What is erased at the vendor is erased here, and what a person asks for, too:
//
//   - a ticket that the vendor has no more loses its texts at once; if it comes back
//     it is read like a new one;
//   - one in whose past words were taken out is read anew: nothing that was kept of
//     its history counts until then;
//   - of one that somebody asked to be forgotten whatever is read later is dropped.
//
// Dates, ids and figures stay (rules.Ticket.Erase). What Slack shows is edited by the
// ordinary actions, in their own time. Webhooks and lists of changes say what is
// erased; what both missed is found by compare.

// A Comparer is a Reader that says cheaply how tickets stand that were read before,
// up to a batch of them.
type Comparer interface {
	// Compare tells of those that the vendor shows.
	Compare(ctx context.Context, ids []string) ([]desk.Shown, error)
}

// reconcileAndCompare compares a source's open tickets with the vendor's, and then all
// that are kept; more says that it hasn't come to the end.
func (e *Engine) reconcileAndCompare(ctx context.Context, s *Source) (more bool, err error) {
	comparing, err := e.Store.Comparison(ctx, s.Name)
	if err != nil {
		return false, err
	}
	if comparing == "" {
		if more, err := e.reconcile(ctx, s); err != nil || more {
			return more, err
		}
	}
	return e.compare(ctx, s)
}

// compare compares the tickets of a source that are kept, solved ones too, with the
// vendor's: those that have changed, that aren't there any more or whose requester is
// called otherwise are read. more says that some are left for another round.
func (e *Engine) compare(ctx context.Context, s *Source) (more bool, err error) {
	c, ok := s.Desk.(Comparer)
	if !ok {
		return false, nil
	}
	for mayBegin(ctx) {
		after, err := e.Store.Comparison(ctx, s.Name)
		if err != nil {
			return false, err
		}
		rows, err := e.Store.Kept(ctx, s.Name, after, batch)
		if err != nil {
			return false, err
		}
		if len(rows) == 0 {
			return false, e.Store.Compared(ctx, s.Name, nil, "", e.Now())
		}
		ids := make([]string, len(rows))
		for i, r := range rows {
			ids[i] = r.ID
		}
		shown, err := c.Compare(ctx, ids)
		if err == nil && len(shown) == 0 && len(rows) > 1 { // each would be asked for by itself, to no end
			err = fmt.Errorf("it shows none of %d tickets that it showed before", len(rows))
		}
		if err != nil {
			return false, fmt.Errorf("compare tickets of %s: %w", s.Name, err)
		}
		if err := e.Store.Compared(ctx, s.Name, differing(rows, shown), ids[len(ids)-1], e.Now()); err != nil {
			return false, err
		}
	}
	return true, ctx.Err()
}

// differing are the changes that rows don't have yet.
func differing(rows []store.Row, list []desk.Shown) (changes []desk.Change) {
	for _, r := range rows {
		i := slices.IndexFunc(list, func(s desk.Shown) bool { return s.ID == r.ID })
		switch {
		case r.Marks > r.Handled: // is to be read anyway
		case i < 0:
			changes = append(changes, desk.Change{ID: r.ID})
		case r.Version != list[i].Version:
			changes = append(changes, desk.Change{ID: r.ID, Version: list[i].Version})
		case !r.Ticket.Bare() && r.Ticket.Requester != list[i].Requester:
			changes = append(changes, desk.Change{ID: r.ID})
		}
	}
	return changes
}

// flush empties the state's log of what was erased, and once a day whatever happened:
// names and texts also go by being read anew. It returns when it is to be tried next.
func (e *Engine) flush(ctx context.Context) (next time.Time, err error) {
	came, next, err := e.comesUp(ctx, store.Flushing, "", cron.Every(24*time.Hour))
	if err != nil {
		return next, err
	}
	if !came.IsZero() {
		e.Store.Stale()
		if err := e.Store.Ran(ctx, store.Flushing, "", e.Now()); err != nil {
			return next, err
		}
	}
	if err := e.Store.Flush(ctx); err != nil {
		e.Log.Warn("what was erased is still in the state's log; it is tried again", "err", err)
		next = earliest(next, e.Now().Add(time.Minute))
	}
	return next, nil
}

// Forget erases a ticket because somebody has asked for it, at the vendor or not, and
// whatever is read of it later. It needs none of the rounds, and may be done beside
// the program that runs them, which edits what Slack shows. known is false for a
// ticket of which nothing was kept.
func (e *Engine) Forget(ctx context.Context, source, id string) (known bool, err error) {
	s := e.Source(source)
	if s == nil {
		return false, fmt.Errorf("source %q is not in the configuration", source)
	}
	if err := e.Store.RequestErasure(ctx, source, id, e.Now()); err != nil {
		return false, err
	}
	err = e.judgeAndSave(ctx, func() ([]store.Judged, error) {
		row, err := e.Store.Ticket(ctx, source, id)
		if err != nil || row == nil || row.Ticket == nil {
			return nil, err
		}
		known = true
		row.Ticket, row.Problem = forgotten(s, row.Ticket, e.Now()), ""
		row.Wake = e.Now() // so that it is judged by whoever runs the rounds
		actions, err := e.editsAfterErasure(ctx, row)
		return []store.Judged{{Row: *row, Actions: actions}}, err
	})
	if err != nil {
		return known, err
	}
	return known, e.Store.Flush(ctx)
}

// forgotten is a ticket without what somebody asked to be erased. The due fields stay,
// which Vigie writes.
func forgotten(s *Source, t *rules.Ticket, now time.Time) *rules.Ticket {
	var due []string
	for _, f := range s.Desk.DueFields() {
		due = append(due, f.ID)
	}
	return t.Erase(s.Policies, rules.ErasedAsked, now, due...)
}

// editsAfterErasure are the actions that edit everything that Slack shows of an erased
// ticket.
func (e *Engine) editsAfterErasure(ctx context.Context, row *store.Row) (actions []store.Action, err error) {
	messages, err := e.Store.Messages(ctx, row.Source, row.ID)
	if err != nil {
		return nil, err
	}
	for _, m := range messages {
		actions = append(actions, standingAction(store.Edit, row, m.Metric, e.Now()))
	}
	lines, err := e.Store.Lines(ctx, row.Source, row.ID)
	for _, l := range lines {
		actions = append(actions, amendment(l.List, e.Now()))
	}
	return actions, err
}
