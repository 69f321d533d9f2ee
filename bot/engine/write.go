package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vigie/bot/store"
	"vigie/rules"
)

// Write carries out what is to be written into a source's tickets, in batches.
// What is written is worked out anew at the last moment, from the ticket as it
// is known then: an action only says that something differed. more says that
// some is left for another round.
func (e *Engine) Write(ctx context.Context, s *Source) (more bool, err error) {
	for goingOn(ctx) {
		actions, err := e.Store.PendingWrites(ctx, s.Name, e.Now(), batch)
		if err != nil || len(actions) == 0 {
			return false, err
		}
		if err := e.writeBatch(ctx, s, actions); err != nil {
			return false, err
		}
	}
	return true, ctx.Err()
}

func (e *Engine) writeBatch(ctx context.Context, s *Source, actions []store.Action) error {
	var edits []rules.Edit
	var going []store.Action // of the edits
	for _, a := range actions {
		row, v, err := e.present(ctx, a.Source, a.ID)
		if err != nil {
			return err
		}
		edit := rules.Edit{}
		if v != nil {
			edit = difference(s, row, v)
		}
		switch {
		case edit.Empty():
			err = e.end(ctx, a, store.Dropped, "nothing differs any more")
		case e.DryRun:
			e.Log.Info("would write", "ticket", a.Source+":"+a.ID, "add", edit.AddTags, "remove", edit.RemoveTags, "fields", edit.Fields, "priority", edit.Priority)
			err = e.end(ctx, a, store.Done, "dry run")
		default:
			edits, going = append(edits, edit), append(going, a)
		}
		if err != nil {
			return err
		}
	}
	if len(edits) == 0 {
		return nil
	}
	if err := e.Store.Start(ctx, "", going...); err != nil {
		return err
	}
	results, failed := s.Desk.Write(ctx, edits)
	var wrote []written
	for i, result := range results {
		switch {
		case result == nil:
			wrote = append(wrote, written{going[i], edits[i]})
		case failed != nil: // the vendor's failure, not the ticket's: tried again when it answers
		default:
			if err := e.refused(ctx, s, going[i], result); err != nil {
				return err
			}
		}
	}
	if err := e.wrote(ctx, s, wrote); err != nil {
		return err
	}
	if failed != nil {
		return fmt.Errorf("write %d tickets of %s: %w", len(edits), s.Name, failed)
	}
	return nil
}

// maxAttempts is after how many refusals of one ticket a person must look.
const maxAttempts = 8

// refused records that the vendor didn't take the write of one ticket.
func (e *Engine) refused(ctx context.Context, s *Source, a store.Action, result error) error {
	if errors.Is(result, rules.ErrUntouchable) {
		return e.end(ctx, a, store.Dropped, result.Error())
	}
	e.Log.Warn("ticket not written", "ticket", s.Name+":"+a.ID, "attempt", a.Attempts+1, "err", result)
	if a.Attempts+1 >= maxAttempts {
		return e.end(ctx, a, store.Parked, result.Error())
	}
	pause := max(retryAfter(result), time.Second<<a.Attempts)
	return e.again(ctx, a, e.Now().Add(pause), result.Error(), false)
}

// written is a write that was done.
type written struct {
	action store.Action
	edit   rules.Edit
}

// wrote records writes that were done, and judges their tickets as they are now.
func (e *Engine) wrote(ctx context.Context, s *Source, done []written) error {
	for _, w := range done {
		e.Log.Info("wrote", "ticket", s.Name+":"+w.edit.ID, "add", w.edit.AddTags, "remove", w.edit.RemoveTags, "fields", w.edit.Fields, "priority", w.edit.Priority)
	}
	err := e.judge(ctx, func() ([]store.Judged, error) {
		var list []store.Judged
		for _, w := range done {
			row, err := e.Store.Ticket(ctx, s.Name, w.edit.ID)
			if err != nil {
				return nil, err
			}
			if row == nil || row.Ticket == nil { // nobody else takes a ticket away while its source's loop writes
				return nil, fmt.Errorf("write %s:%s: the ticket is no longer known", s.Name, w.edit.ID)
			}
			row.Ticket = enact(row.Ticket, w.edit, e.Now())
			row.Written = remember(row, w.edit)
			j, err := e.judged(ctx, s, row)
			if err != nil {
				return nil, err
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

// present is a ticket as it is known, judged at now; the verdict is nil where
// there is nothing to judge.
func (e *Engine) present(ctx context.Context, source, id string) (*store.Row, *rules.Verdict, error) {
	row, err := e.Store.Ticket(ctx, source, id)
	if err != nil || row == nil || row.Ticket == nil || e.Source(source) == nil {
		return row, nil, err
	}
	v, err := e.Judge(row)
	if err != nil || v.Error != "" {
		return row, nil, nil // parked when it was judged
	}
	return row, &v, nil
}
