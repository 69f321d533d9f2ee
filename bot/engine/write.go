package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/connectors/rest"
	"vigie/rules"
)

// writeBatch is how many writes are seen to at a time: so many jobs of a vendor's
// go side by side.
const writeBatch = 1000

// writePending is the part of a source's round that writes what differs.
func (e *Engine) writePending(ctx context.Context, s *Source) (next time.Time, err error) {
	since, may, err := e.writableSince(ctx, s)
	if err != nil || !may {
		return next, err
	}
	asked := int64(0)
	if !since.IsZero() {
		if asked, err = e.Store.ReadBefore(ctx, s.Name, since, e.Now(), batch); err != nil {
			return next, err
		}
	}
	more, err := e.Write(ctx, s)
	if err != nil || more || asked > 0 {
		return e.Now(), err
	}
	return e.Store.NextWrite(ctx, s.Name, since)
}

// pollPatience is for how long what is to be written waits for a poll.
const pollPatience = time.Minute

// writableSince says which tickets may be written to: those that were read at since or
// later; none if may is false. Vigie must not write over what a person has just done, and
// a poll shows that, so nothing is written while a poll is due. If none has succeeded for
// a minute, as when the vendor's list of changes fails, each ticket is read by itself
// before it is written to, which costs a call. A ticket that can't be read either way
// isn't written to: a wrong tag would set off the vendor's automations, while warnings can
// be worked out from what is stored.
func (e *Engine) writableSince(ctx context.Context, s *Source) (since time.Time, may bool, err error) {
	_, due, err := e.nextPoll(ctx, s)
	if err != nil || !due {
		return since, !due, err
	}
	now := e.Now()
	if s.pollDue.IsZero() || now.Before(s.pollDue.Add(pollPatience)) {
		return since, false, nil
	}
	next := s.Poll.Next(now)
	return now.Add(-max(pollPatience, s.Poll.Next(next).Sub(next))), true, nil // as recent as a poll would be
}

// Write carries out what is to be written into a source's tickets, in batches.
// What is written is worked out anew at the last moment, from the ticket as it
// is known then: an action only says that something differed. What the vendor
// still works on is asked about in a later round. What is about a missed target
// goes first. more says that some is left for another round.
func (e *Engine) Write(ctx context.Context, s *Source) (more bool, err error) {
	for mayBegin(ctx) {
		since, may, err := e.writableSince(ctx, s)
		if err != nil || !may {
			return false, err
		}
		actions, err := e.Store.PendingWrites(ctx, s.Name, since, e.Now(), writeBatch)
		if err != nil || len(actions) == 0 {
			return false, err
		}
		var late, fresh []store.Action
		var begun []written
		for _, a := range actions {
			_, follows := s.Desk.(Follower)
			switch { // to do again what is under way does no harm
			case follows && !e.DryRun && a.Underway != nil:
				begun = append(begun, written{a, *a.Underway})
			case a.Urgency == store.Breach.Traits().Urgency:
				late = append(late, a)
			default:
				fresh = append(fresh, a)
			}
		}
		if len(late) > 0 && len(late)+len(fresh) <= batch { // what fits into one request goes together
			late, fresh = append(late, fresh...), nil
		}
		if err := errors.Join(e.writeBatch(rest.Urgent(ctx), s, late), e.follow(ctx, s, begun), e.writeBatch(ctx, s, fresh)); err != nil {
			return false, err
		}
	}
	if timeUp(ctx) {
		return true, nil
	}
	return true, ctx.Err()
}

func (e *Engine) writeBatch(ctx context.Context, s *Source, actions []store.Action) error {
	var going []written
	for _, a := range actions {
		row, v, err := e.judgedNow(ctx, a.Source, a.ID)
		if err != nil {
			return err
		}
		edit := desk.Edit{}
		if v != nil {
			edit = difference(s, row, v)
		}
		switch {
		case edit.Empty():
			err = e.endAction(ctx, a, store.Dropped, "nothing differs any more")
		case e.DryRun:
			e.Log.Info("would write", "ticket", a.Source+":"+a.ID, "add", edit.AddTags, "remove", edit.RemoveTags, "fields", edit.Fields, "priority", edit.Priority, "assign", edit.Assign != nil)
			err = e.endAction(ctx, a, store.Done, "dry run")
		default:
			going = append(going, written{a, store.Underway{Edit: edit, Reading: row.Handled}})
		}
		if err != nil {
			return err
		}
	}
	if len(going) == 0 {
		return nil
	}
	edits, started := make([]desk.Edit, len(going)), make([]store.Action, len(going))
	for i, w := range going {
		edits[i], started[i] = w.Edit, w.action
	}
	if err := e.Store.Start(ctx, "", started...); err != nil {
		return err
	}
	results, failed := s.Desk.Write(ctx, edits)
	return e.ended(ctx, s, going, results, failed)
}

// follow asks about the writes that a vendor's jobs work on.
func (e *Engine) follow(ctx context.Context, s *Source, begun []written) error {
	if len(begun) == 0 {
		return nil
	}
	handed := make([]desk.Handed, len(begun))
	for i, w := range begun {
		handed[i] = desk.Handed{Job: w.Job, Edit: w.Edit, Since: w.Since}
	}
	results, failed := s.Desk.(Follower).Follow(ctx, handed)
	return e.ended(ctx, s, begun, results, failed)
}

// ended records what came of writes. Nothing of it is lost with the time for it.
func (e *Engine) ended(ctx context.Context, s *Source, going []written, results []error, failed error) error {
	lasting, done := outlive(ctx)
	defer done()
	var wrote []written
	var waiting []store.Action
	for i, result := range results {
		w := going[i]
		var way *desk.Underway
		switch {
		case result == nil:
			wrote = append(wrote, w)
		case errors.As(result, &way):
			waiting = append(waiting, w.wait(way.Job, e.Now()))
		case failed != nil: // the vendor's failure, not the ticket's: tried again when it answers
		default:
			if err := e.refused(lasting, s, w, result); err != nil {
				return err
			}
		}
	}
	if err := e.Store.SaveUnderway(lasting, waiting); err != nil {
		return err
	}
	if err := e.wrote(lasting, s, wrote); err != nil {
		return err
	}
	if len(wrote) > 0 || denied(failed) {
		if err := e.noteRefusal(lasting, s, writePart, failed); err != nil {
			return err
		}
	}
	if came := len(wrote)+len(waiting) > 0; failed == nil || came && timeUp(ctx) {
		return nil
	}
	return fmt.Errorf("%s: %w", rules.Counted("en", "write %d ticket{s} of %s", len(going), s.Name), failed)
}

// The waits between two looks at a job double from the first to the longest.
const (
	firstJobCheck   = 2 * time.Second
	longestJobCheck = 10 * time.Second
)

// wait is the action of a write that a job works on, to be looked at later.
func (w written) wait(job string, now time.Time) store.Action {
	if w.Job != job {
		w.Job, w.Since, w.Looks = job, now, 0
	}
	a := w.action
	a.NotBefore = now.Add(min(firstJobCheck<<min(w.Looks, 3), longestJobCheck))
	w.Looks++
	a.Underway = &w.Underway
	return a
}

// maxAttempts is after how many refusals of one ticket a person must look.
const maxAttempts = 8

// longestWritePause is after which time at most a write is tried again.
const longestWritePause = 5 * time.Minute

// unanswered says that the vendor has said nothing about the ticket: it failed, or gave
// an answer that isn't its API's. That is over some day, without anybody's doing.
func unanswered(err error) bool {
	var said interface{ Refused() bool }
	return errors.As(err, &said) && !said.Refused()
}

// refused records that the vendor didn't take the write of one ticket. One that somebody
// has changed meanwhile is read before it is tried again.
func (e *Engine) refused(ctx context.Context, s *Source, w written, result error) error {
	a := w.action
	if errors.Is(result, desk.ErrNobody) {
		return e.unassigned(ctx, s, w)
	}
	if errors.Is(result, desk.ErrChanged) {
		if err := e.Store.Marked(ctx, s.Name, desk.Page{Changes: []desk.Change{{ID: a.ID}}}, false, e.Now()); err != nil {
			return err
		}
	}
	if errors.Is(result, desk.ErrUntouchable) {
		return e.endAction(ctx, a, store.Dropped, result.Error())
	}
	e.Log.Warn("ticket not written", "ticket", s.Name+":"+a.ID, "attempt", a.Attempts+1, "err", result)
	if a.Attempts+1 >= maxAttempts && !unanswered(result) {
		return e.endAction(ctx, a, store.Parked, result.Error())
	}
	pause := max(retryAfter(result), min(time.Second<<min(a.Attempts, 9), longestWritePause))
	return e.retryAt(ctx, a, e.Now().Add(pause), result.Error(), false)
}

// written is a write that was begun.
type written struct {
	action store.Action
	store.Underway
}

// wrote records writes that were done, and judges their tickets as they are now.
// A ticket that was read since its edit was handed over, and doesn't show it, is
// read again: the edit came after, or a person has undone it already.
func (e *Engine) wrote(ctx context.Context, s *Source, done []written) error {
	for _, w := range done {
		e.Log.Info("wrote", "ticket", s.Name+":"+w.Edit.ID, "add", w.Edit.AddTags, "remove", w.Edit.RemoveTags, "fields", w.Edit.Fields, "priority", w.Edit.Priority, "assign", w.Edit.Assign != nil)
	}
	err := e.judgeAndSave(ctx, func() ([]store.Judged, error) {
		var list []store.Judged
		for _, w := range done {
			row, err := e.Store.Ticket(ctx, s.Name, w.Edit.ID)
			if err != nil {
				return nil, err
			}
			if row == nil || row.Ticket == nil { // nobody else takes a ticket away while its source's loop writes
				return nil, fmt.Errorf("write %s:%s: the ticket is no longer known", s.Name, w.Edit.ID)
			}
			fresh := row.Handled != w.Reading
			if !fresh {
				row.Ticket = withEdit(row.Ticket, w.Edit, e.Now())
			}
			row.Written = writtenAfter(row, w.Edit)
			j, err := e.judgeRow(ctx, s, row)
			if err != nil {
				return nil, err
			}
			if fresh && !hasEdit(j.Row.Verdict, w.Edit) {
				j.Row.Handled = w.Reading
			}
			j.Done = &w.action
			list = append(list, j)
		}
		return list, nil
	})
	for _, w := range done {
		err = e.counted(w.action, string(store.Done), err)
	}
	return err
}

// hasEdit says that a ticket has what an edit was to write; but for the priority,
// of which only the vendor's own word is known.
func hasEdit(v *rules.Verdict, edit desk.Edit) bool {
	if v == nil {
		return false
	}
	_, _, assignee, _, tags, fields := v.Now()
	has := func(tag string) bool { return slices.Contains(tags, tag) }
	all := !slices.ContainsFunc(edit.RemoveTags, has)
	for _, tag := range edit.AddTags {
		all = all && has(tag)
	}
	for id, text := range edit.Fields {
		all = all && fields[id] == text
	}
	if edit.Assign != nil {
		all = all && strings.EqualFold(assignee, *edit.Assign)
	}
	return all
}

// unassigned notes that the vendor doesn't know whoever has taken a ticket: it is his in
// Vigie alone, which its message says. What else was to be written is written then.
func (e *Engine) unassigned(ctx context.Context, s *Source, w written) error {
	a := w.action
	err := e.judgeAndSave(ctx, func() ([]store.Judged, error) {
		row, err := e.Store.Ticket(ctx, s.Name, a.ID)
		if err != nil || row == nil || row.Ticket == nil {
			return nil, err
		}
		row.Ticket = row.Ticket.Handled(func(h *rules.Handling) {
			if h.Taken != nil && w.Edit.Assign != nil && h.Taken.Assignee == *w.Edit.Assign { // else another has taken it since
				taken := *h.Taken
				taken.Assignee = ""
				h.Taken = &taken
			}
		})
		j, err := e.judgeRow(ctx, s, row)
		return []store.Judged{j}, err
	})
	if err != nil {
		return err
	}
	return e.retryAt(ctx, a, e.Now(), desk.ErrNobody.Error(), false)
}
