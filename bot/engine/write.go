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
// is known then: an action only says that something differed.
func (e *Engine) Write(ctx context.Context, s *Source) error {
	for ctx.Err() == nil {
		actions, err := e.Store.PendingWrites(ctx, s.Name, e.Now(), batch)
		if err != nil || len(actions) == 0 {
			return err
		}
		if err := e.writeBatch(ctx, s, actions); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (e *Engine) writeBatch(ctx context.Context, s *Source, actions []store.Action) error {
	var edits []rules.Edit
	var keys []string
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
			err = e.Store.End(ctx, a.Key, store.Dropped, "nothing differs any more", e.Now())
		case e.DryRun:
			e.Log.Info("would write", "ticket", a.Source+":"+a.ID, "add", edit.AddTags, "remove", edit.RemoveTags, "fields", edit.Fields, "priority", edit.Priority)
			err = e.Store.End(ctx, a.Key, store.Done, "dry run", e.Now())
		default:
			edits, keys = append(edits, edit), append(keys, a.Key)
		}
		if err != nil {
			return err
		}
	}
	if len(edits) == 0 {
		return nil
	}
	if err := e.Store.Start(ctx, keys...); err != nil {
		return err
	}
	results, err := s.Desk.Write(ctx, edits)
	if err != nil {
		// Writing is repeatable: what was done already won't differ then.
		again := e.Now().Add(max(retryAfter(err), time.Second))
		for _, key := range keys {
			if err := e.Store.Again(ctx, key, again, err.Error(), false); err != nil {
				return err
			}
		}
		return fmt.Errorf("write %d tickets of %s: %w", len(edits), s.Name, err)
	}
	for i, edit := range edits {
		if err := e.wrote(ctx, s, keys[i], edit, results[i]); err != nil {
			return err
		}
	}
	return nil
}

// maxAttempts is after how many refusals of one ticket a person must look.
const maxAttempts = 8

// wrote records how the write of one ticket ended.
func (e *Engine) wrote(ctx context.Context, s *Source, key string, edit rules.Edit, result error) error {
	ref := s.Name + ":" + edit.ID
	switch {
	case errors.Is(result, rules.ErrUntouchable):
		return e.Store.End(ctx, key, store.Dropped, result.Error(), e.Now())
	case result != nil:
		a, err := e.Store.Action(ctx, key)
		if err != nil || a == nil {
			return err
		}
		e.Log.Warn("ticket not written", "ticket", ref, "attempt", a.Attempts, "err", result)
		if a.Attempts >= maxAttempts {
			return e.Store.End(ctx, key, store.Parked, result.Error(), e.Now())
		}
		pause := max(retryAfter(result), time.Second<<min(a.Attempts, 9))
		return e.Store.Again(ctx, key, e.Now().Add(pause), result.Error(), false)
	}
	e.Log.Info("wrote", "ticket", ref, "add", edit.AddTags, "remove", edit.RemoveTags, "fields", edit.Fields, "priority", edit.Priority)
	e.judging.Lock()
	defer e.judging.Unlock()
	row, err := e.Store.Ticket(ctx, s.Name, edit.ID)
	if err != nil || row == nil || row.Ticket == nil {
		return err
	}
	row.Ticket = enact(row.Ticket, edit, e.Now())
	row.Written = written(row, edit)
	if err := e.judgeAndSave(ctx, s, row); err != nil {
		return err
	}
	return e.Store.EndIfStarted(ctx, key, e.Now())
}

// present is a ticket as it is known, judged at now; the verdict is nil where
// there is nothing to judge.
func (e *Engine) present(ctx context.Context, source, id string) (*store.Row, *rules.Verdict, error) {
	row, err := e.Store.Ticket(ctx, source, id)
	if err != nil || row == nil || row.Ticket == nil || row.Problem != "" || e.Source(source) == nil {
		return row, nil, err
	}
	v, err := e.Judge(row)
	if err != nil || v.Error != "" {
		return row, nil, nil // parked when it was judged
	}
	return row, &v, nil
}
