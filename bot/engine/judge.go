package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"vigie/bot/store"
	"vigie/rules"
)

// judge has tickets judged and saved: from what they are now, again if somebody
// else saves one of them meanwhile. What the database won't have of one of them is
// that one's trouble.
func (e *Engine) judge(ctx context.Context, work func() ([]store.Judged, error)) error {
	for attempt := 1; ; attempt++ {
		list, err := work()
		if err == nil && len(list) > 0 {
			if err = e.save(ctx, list); store.Unstorable(err) {
				err = e.saveApart(ctx, list)
			}
		}
		if !errors.Is(err, store.ErrOvertaken) || attempt == maxOvertaken {
			return err
		}
	}
}

// maxOvertaken is how often somebody else may be faster: only as many as there
// are loops can be.
const maxOvertaken = 20

// saveApart saves each of some judged tickets by itself, and parks those that the
// database won't have, with the reason.
func (e *Engine) saveApart(ctx context.Context, list []store.Judged) error {
	for _, j := range list {
		err := e.save(ctx, []store.Judged{j})
		if !store.Unstorable(err) {
			if err != nil {
				return err
			}
			continue
		}
		e.Log.Error("ticket can't be saved", "ticket", j.Row.Source+":"+j.Row.ID, "err", err)
		missed(&j.Row, fmt.Errorf("it can't be saved: %w", err), e.Now())
		if err := e.Store.Park(ctx, j.Row, e.Now()); err != nil && !store.Unstorable(err) {
			return err
		}
		if j.Done != nil {
			if err := e.end(ctx, *j.Done, store.Parked, err.Error()); err != nil {
				return err
			}
		}
	}
	return nil
}

// take judges the tickets of some readings, and stores them. marks has those
// that each reading answers, which was asked for at an instant.
func (e *Engine) take(ctx context.Context, s *Source, readings []rules.Reading, marks map[string]int64, asked time.Time) error {
	if err := e.judge(ctx, func() ([]store.Judged, error) { return e.taken(ctx, s, readings, marks, asked) }); err != nil {
		return err
	}
	if now := e.Now(); !now.Before(s.lastReadSaved.Add(time.Minute)) && slices.ContainsFunc(readings, func(r rules.Reading) bool { return r.Err == nil }) {
		s.lastReadSaved = now
		return e.Store.Took(ctx, s.Name, now)
	}
	return nil
}

func (e *Engine) taken(ctx context.Context, s *Source, readings []rules.Reading, marks map[string]int64, asked time.Time) ([]store.Judged, error) {
	forget, err := e.Store.Asked(ctx, s.Name)
	if err != nil {
		return nil, err
	}
	var list []store.Judged
	in := map[string]bool{} // a ticket stands in a batch once, however many of its names were asked for
	// A reading by the ticket's own name goes before others of the same ticket: it answers its marks.
	readings = slices.Clone(readings)
	slices.SortStableFunc(readings, func(a, b rules.Reading) int {
		other := func(r rules.Reading) int {
			if own := ownName(r); own != "" && own != r.ID {
				return 1
			}
			return 0
		}
		return other(a) - other(b)
	})
	for _, r := range readings {
		id, answers := r.ID, marks[r.ID]
		if in[id] {
			continue
		}
		in[id] = true
		if r.Same != "" || r.Ticket != nil {
			if r.Ticket != nil {
				r.Ticket.Source = s.Name
			}
			if own := ownName(r); own != id { // asked for by another of its names, which stands for nothing
				name, err := e.row(ctx, s, id)
				if err != nil {
					return nil, err
				}
				list = append(list, store.Judged{Row: store.Row{Source: s.Name, ID: id, Version: r.Version, Handled: answers, Saves: name.Saves}})
				if forget[id] && !forget[own] {
					forget[own] = true
					if err := e.Store.Ask(ctx, s.Name, own, e.Now()); err != nil {
						return nil, err
					}
				}
				if id, answers = own, 0; in[id] || r.Same != "" { // whatever marks the ticket has itself are older, or still to be read
					continue
				}
				in[id] = true
			}
		}
		row, err := e.row(ctx, s, id)
		if err != nil {
			return nil, err
		}
		if answers > 0 && answers < row.Handled {
			continue // a later reading was faster
		}
		e.update(s, row, r, answers, asked, forget[id])
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

// ownName is the name of a reading's ticket itself; "" if it has none.
func ownName(r rules.Reading) string {
	if r.Ticket != nil {
		return r.Ticket.ID
	}
	return r.Same
}

// update puts a reading that answers some marks, and was asked for at an instant,
// into a ticket's row. One that couldn't be read answers none. What somebody has asked to
// be forgotten is dropped as it comes.
func (e *Engine) update(s *Source, row *store.Row, r rules.Reading, marks int64, asked time.Time, forget bool) {
	if r.Err != nil {
		missed(row, r.Err, e.Now())
		e.Log.Warn("ticket can't be read", "ticket", row.Source+":"+row.ID, "attempt", row.Misses, "err", r.Err)
		return
	}
	row.Handled, row.Problem, row.Misses, row.Retry = max(row.Handled, marks), "", 0, time.Time{}
	row.Read = asked
	if r.Gone { // at no version, so that any list of it is news; no longer as the first start found it
		row.Ticket, row.Version, row.First = deleted(s, row.Ticket, e.Now()), "", false
		return
	}
	if row.Ticket != nil && row.Ticket.Requester != r.Ticket.Requester {
		e.Store.Stale() // perhaps he was deleted
	}
	r.Ticket.Succeed(row.Ticket, r.Redacted, s.Policies, e.Now())
	row.Ticket, row.Version = r.Ticket, r.Version
	if forget {
		row.Ticket = forgotten(s, row.Ticket, e.Now())
	}
}

// deleted is a ticket that the vendor no longer shows, without its texts; nil if it
// never did.
func deleted(s *Source, t *rules.Ticket, now time.Time) *rules.Ticket {
	if t == nil || t.Erased != nil && t.Erased.Why == rules.ErasedGone {
		return t
	}
	gone := *t
	end := rules.Event{At: now, Type: rules.StatusEvent, To: string(rules.Deleted), By: rules.ByAutomation}
	if n := len(t.Events); n == 0 || t.Events[n-1].To != end.To {
		gone.Events = append(slices.Clone(t.Events), end)
	}
	return gone.Erase(s.Policies, rules.ErasedGone, now)
}

// Watch judges the tickets whose verdict changes by itself at or before now; more
// says that some are left for another round.
func (e *Engine) Watch(ctx context.Context) (more bool, err error) {
	for more = true; more && mayBegin(ctx); {
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
	if parked && row.Ticket.Bare() {
		var err error
		if actions, err = e.unsay(ctx, row); err != nil {
			return store.Judged{}, err
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
