package engine

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"vigie/bot/store"
	"vigie/rules"
)

// judge has tickets judged and saved: from what they are now, again if somebody
// else saves one of them meanwhile.
func (e *Engine) judge(ctx context.Context, work func() ([]store.Judged, error)) error {
	for attempt := 1; ; attempt++ {
		list, err := work()
		if err == nil && len(list) > 0 {
			err = e.save(ctx, list)
		}
		if !errors.Is(err, store.ErrOvertaken) || attempt == maxOvertaken {
			return err
		}
	}
}

// maxOvertaken is how often somebody else may be faster: only as many as there
// are loops can be.
const maxOvertaken = 20

// take judges the tickets of some readings, and stores them. marks has those
// that each reading answers.
func (e *Engine) take(ctx context.Context, s *Source, readings []rules.Reading, marks map[string]int64) error {
	return e.judge(ctx, func() ([]store.Judged, error) { return e.taken(ctx, s, readings, marks) })
}

func (e *Engine) taken(ctx context.Context, s *Source, readings []rules.Reading, marks map[string]int64) ([]store.Judged, error) {
	var list []store.Judged
	for _, r := range readings {
		id, answers := r.ID, marks[r.ID]
		if r.Ticket != nil {
			r.Ticket.Source = s.Name
			if r.Ticket.ID != id { // asked for by another of its names, which stands for nothing
				name, err := e.row(ctx, s, id)
				if err != nil {
					return nil, err
				}
				list = append(list, store.Judged{Row: store.Row{Source: s.Name, ID: id, Handled: answers, Saves: name.Saves}})
				id, answers = r.Ticket.ID, 0 // whatever marks the ticket has itself are older, or still to be read
			}
		}
		row, err := e.row(ctx, s, id)
		if err != nil {
			return nil, err
		}
		if answers > 0 && answers < row.Handled {
			continue // a later reading was faster
		}
		e.update(row, r, answers)
		j, err := e.judged(ctx, s, row)
		if err != nil {
			return nil, err
		}
		list = append(list, j)
	}
	return list, nil
}

// row is a ticket as it is known, or an empty one.
func (e *Engine) row(ctx context.Context, s *Source, id string) (*store.Row, error) {
	row, err := e.Store.Ticket(ctx, s.Name, id)
	if row == nil {
		row = &store.Row{Source: s.Name, ID: id}
	}
	return row, err
}

// update puts a reading that answers some marks into a ticket's row.
func (e *Engine) update(row *store.Row, r rules.Reading, marks int64) {
	row.Handled = max(row.Handled, marks)
	row.Problem = ""
	if r.Ticket == nil { // at no version, so that any list of it is news; no longer as the first start found it
		row.Version, row.First = "", false
	}
	switch {
	case r.Err != nil:
		row.Problem = r.Err.Error()
		e.Log.Warn("ticket can't be read", "ticket", row.Source+":"+row.ID, "err", r.Err)
	case r.Gone:
		row.Ticket = deleted(row.Ticket, e.Now())
	default:
		row.Ticket, row.Version = r.Ticket, r.Version
	}
}

// deleted is a ticket that the vendor no longer shows; nil if it never did.
func deleted(t *rules.Ticket, now time.Time) *rules.Ticket {
	end := rules.Event{At: now, Type: rules.StatusEvent, To: string(rules.Deleted), By: rules.ByAutomation}
	if t == nil || len(t.Events) > 0 && t.Events[len(t.Events)-1].To == end.To {
		return t
	}
	gone := *t
	gone.Events = append(slices.Clone(t.Events), end)
	return &gone
}

// Watch judges the tickets whose verdict changes by itself at or before now; more
// says that some are left for another round.
func (e *Engine) Watch(ctx context.Context) (more bool, err error) {
	for more = true; more && goingOn(ctx); {
		if err := e.judge(ctx, func() (list []store.Judged, err error) {
			list, err = e.come(ctx)
			more = len(list) == batch
			return list, err
		}); err != nil {
			return false, err
		}
	}
	return more, ctx.Err()
}

// come judges a batch of the tickets whose wake-up has come.
func (e *Engine) come(ctx context.Context) ([]store.Judged, error) {
	now := e.Now()
	rows, err := e.Store.Due(ctx, now, batch)
	if err != nil {
		return nil, err
	}
	list := make([]store.Judged, len(rows))
	for i := range rows {
		row := &rows[i]
		s := e.Source(row.Source)
		if s == nil || row.Ticket == nil { // a source that was taken out of the configuration
			row.Wake = time.Time{}
			row.Stand = &store.Stand{Stand: rules.Parked(row.Ticket), Version: e.Version, At: now}
			list[i] = store.Judged{Row: *row}
			continue
		}
		if list[i], err = e.judged(ctx, s, row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// judged judges a row's ticket, and decides what follows. A ticket that can't be
// judged is parked with the reason; its marks are answered, so that it doesn't
// hold up the others. One that can't be read any more is judged as it was known
// last: its clocks run on.
func (e *Engine) judged(ctx context.Context, s *Source, row *store.Row) (store.Judged, error) {
	now := e.Now()
	var actions []store.Action
	parked, stand := true, rules.Parked(row.Ticket)
	if row.Ticket != nil {
		link, issue, err := e.linked(ctx, s, row)
		if err != nil {
			return store.Judged{}, err
		}
		row.Ticket.Issue = issueOf(s, link, issue)
		v, err := rules.Evaluate(s.Policies, row.Ticket, now)
		if err == nil && v.Error != "" {
			err = errors.New(v.Error)
		}
		if parked = err != nil; !parked {
			messages, err := e.Store.Messages(ctx, row.Source, row.ID)
			if err != nil {
				return store.Judged{}, err
			}
			decided, err := decide(s, row, &v, messages, now)
			if err != nil {
				return store.Judged{}, err
			}
			lines, err := e.Store.Lines(ctx, row.Source, row.ID)
			if err != nil {
				return store.Judged{}, err
			}
			actions = append(decided, amendments(lines, row, &v, now)...)
			actions = append(actions, escalation(s, row, &v, link, issue, now)...)
			if row.Problem == "" {
				stand = v.Stand(row.Ticket, now)
			}
		} else {
			row.Problem = cmp.Or(row.Problem, err.Error())
			e.Log.Warn("ticket can't be judged", "ticket", row.Ticket.Ref(), "err", err)
		}
	}
	if parked {
		row.Wake = time.Time{} // nothing changes by itself until it is read again
	}
	row.Stand = &store.Stand{Stand: stand, Version: e.Version, At: now}
	return store.Judged{Row: *row, Actions: actions}, nil
}

// save stores judged tickets, and wakes the loops that carry out what follows.
func (e *Engine) save(ctx context.Context, list []store.Judged) error {
	if err := e.Store.SaveAll(ctx, list, e.Now()); err != nil {
		return err
	}
	e.Poke(watchLoop)
	for _, j := range list {
		if len(j.Actions) > 0 {
			e.Poke(chatLoop)
			e.Poke(j.Row.Source)
			if s := e.Source(j.Row.Source); s != nil && s.Tracker != nil {
				e.Poke(s.Name + escalatePart)
			}
		}
	}
	return nil
}
