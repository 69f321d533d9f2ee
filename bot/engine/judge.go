package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/rules"
)

// judgeAndSave saves the tickets that work judges, and has it judge them again if
// another loop has saved one of them meanwhile. A ticket that the database refuses is
// parked, and the others are saved.
func (e *Engine) judgeAndSave(ctx context.Context, work func() ([]store.Judged, error)) error {
	for attempt := 1; ; attempt++ {
		list, err := work()
		if err == nil && len(list) > 0 {
			if err = e.save(ctx, list); store.Unstorable(err) {
				err = e.saveApart(ctx, list)
			}
		}
		if !errors.Is(err, store.ErrOvertaken) || attempt == maxSaveAttempts {
			return err
		}
	}
}

// maxSaveAttempts bounds how often other loops may be faster; there are fewer loops
// than that.
const maxSaveAttempts = 20

// saveApart saves judged tickets one by one, and parks those that the database refuses,
// with the reason.
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
		noteMiss(&j.Row, fmt.Errorf("it can't be saved: %w", err), e.Now())
		if err := e.Store.Park(ctx, j.Row, e.Now()); err != nil && !store.Unstorable(err) {
			return err
		}
		if j.Done != nil {
			if err := e.endAction(ctx, *j.Done, store.Parked, err.Error()); err != nil {
				return err
			}
		}
	}
	return nil
}

// saveReadings judges and saves tickets that were read from their vendor, which was
// asked at asked. marks are those that each reading answers, by the ticket's id.
func (e *Engine) saveReadings(ctx context.Context, s *Source, readings []desk.Reading, marks map[string]int64, asked time.Time) error {
	if err := e.judgeAndSave(ctx, func() ([]store.Judged, error) { return e.judgeReadings(ctx, s, readings, marks, asked) }); err != nil {
		return err
	}
	if now := e.Now(); !now.Before(s.lastReadSaved.Add(time.Minute)) && slices.ContainsFunc(readings, func(r desk.Reading) bool { return r.Err == nil }) {
		s.lastReadSaved = now
		return e.Store.SaveLastRead(ctx, s.Name, now)
	}
	return nil
}

func (e *Engine) judgeReadings(ctx context.Context, s *Source, readings []desk.Reading, marks map[string]int64, asked time.Time) ([]store.Judged, error) {
	forget, err := e.Store.ErasureRequests(ctx, s.Name)
	if err != nil {
		return nil, err
	}
	var list []store.Judged
	in := map[string]bool{} // a ticket is saved once, however many of its names were asked for
	// Of several readings of a ticket the one by its own name comes first: it answers the ticket's marks.
	readings = slices.Clone(readings)
	slices.SortStableFunc(readings, func(a, b desk.Reading) int {
		other := func(r desk.Reading) int {
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
			if own := ownName(r); own != id { // asked for by another of its names: the row under that name keeps nothing
				name, err := e.storedRow(ctx, s, id)
				if err != nil {
					return nil, err
				}
				list = append(list, store.Judged{Row: store.Row{Source: s.Name, ID: id, Version: r.Version, Handled: answers, Saves: name.Saves}})
				if forget[id] && !forget[own] {
					forget[own] = true
					if err := e.Store.RequestErasure(ctx, s.Name, own, e.Now()); err != nil {
						return nil, err
					}
				}
				if id, answers = own, 0; in[id] || r.Same != "" { // the marks under its own name are answered by a reading of that name
					continue
				}
				in[id] = true
			}
		}
		row, err := e.storedRow(ctx, s, id)
		if err != nil {
			return nil, err
		}
		if answers > 0 && answers < row.Handled {
			continue // a later reading was faster
		}
		e.applyReading(s, row, r, answers, asked, forget[id])
		j, err := e.judgeRow(ctx, s, row)
		if err != nil {
			return nil, err
		}
		list = append(list, j)
	}
	return list, nil
}

// storedRow is a ticket's row, or a new one without a ticket.
func (e *Engine) storedRow(ctx context.Context, s *Source, id string) (*store.Row, error) {
	row, err := e.Store.Ticket(ctx, s.Name, id)
	if row == nil {
		row = &store.Row{Source: s.Name, ID: id}
	}
	return row, err
}

// ownName is what the vendor calls the ticket that was read; "" if there is none.
func ownName(r desk.Reading) string {
	if r.Ticket != nil {
		return r.Ticket.ID
	}
	return r.Same
}

// applyReading puts what was read at asked into the ticket's row; marks are those that it
// answers. A ticket that couldn't be read keeps its marks. If somebody has asked for the
// ticket to be erased, its texts are dropped at once.
func (e *Engine) applyReading(s *Source, row *store.Row, r desk.Reading, marks int64, asked time.Time, forget bool) {
	if r.Err != nil {
		noteMiss(row, r.Err, e.Now())
		e.Log.Warn("ticket can't be read", "ticket", row.Source+":"+row.ID, "attempt", row.Misses, "err", r.Err)
		return
	}
	row.Handled, row.Problem, row.Misses, row.Retry = max(row.Handled, marks), "", 0, time.Time{}
	row.Read = asked
	if r.Gone { // without a version, so that it is read again as soon as a list names it
		row.Ticket, row.Version, row.First = deleted(s, row.Ticket, e.Now()), "", false
		return
	}
	if row.Ticket != nil && row.Ticket.Requester != r.Ticket.Requester {
		e.Store.Stale() // the requester's account may have been deleted
	}
	r.Ticket.Succeed(row.Ticket, r.Redacted, s.Policies, e.Now())
	row.Ticket, row.Version = r.Ticket, r.Version
	if forget {
		row.Ticket = forgotten(s, row.Ticket, e.Now())
	}
}

// deleted is a ticket that is no longer at its vendor, without its texts; nil if it was
// never read.
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
		if err := e.judgeAndSave(ctx, func() (list []store.Judged, err error) {
			list, err = e.judgeDue(ctx)
			more = len(list) == batch
			return list, err
		}); err != nil {
			return false, err
		}
	}
	return more, ctx.Err()
}

// judgeDue judges a batch of the tickets whose wake-up has come.
func (e *Engine) judgeDue(ctx context.Context) ([]store.Judged, error) {
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
		if list[i], err = e.judgeRow(ctx, s, row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// judgeRow judges a row's ticket, and decides on the actions that follow. A ticket that
// can't be judged is parked with the reason; its marks count as answered, so that it
// doesn't hold up the others. One that can't be read any more is judged as it was read
// last: its clocks run on.
func (e *Engine) judgeRow(ctx context.Context, s *Source, row *store.Row) (store.Judged, error) {
	now := e.Now()
	var actions []store.Action
	parked, stand := true, rules.Parked(row.Ticket)
	if row.Ticket != nil {
		link, issue, err := e.linkAndIssue(ctx, s, row)
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
			first := row.First
			decided, err := decide(s, row, &v, messages, now)
			if err != nil {
				return store.Judged{}, err
			}
			lines, err := e.Store.Lines(ctx, row.Source, row.ID)
			if err != nil {
				return store.Judged{}, err
			}
			called, err := e.chained(row, &v, first, now)
			if err != nil {
				return store.Judged{}, err
			}
			follows, err := e.follows(ctx, row, &v)
			if err != nil {
				return store.Judged{}, err
			}
			actions = append(append(append(decided, called...), follows...), amendments(lines, row, &v, now)...)
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
		if actions, err = e.editsAfterErasure(ctx, row); err != nil {
			return store.Judged{}, err
		}
	}
	if parked {
		row.Wake = time.Time{} // nothing changes by itself until it is read again
	}
	row.Stand = &store.Stand{Stand: stand, Version: e.Version, At: now}
	return store.Judged{Row: *row, Actions: actions}, nil
}

// save stores judged tickets, and wakes the loops that carry out their actions.
func (e *Engine) save(ctx context.Context, list []store.Judged) error {
	if err := e.Store.SaveAll(ctx, list, e.Now()); err != nil {
		return err
	}
	e.Poke(watchLoop)
	for _, j := range list {
		if len(j.Actions) > 0 {
			e.Poke(chatLoop)
			e.Poke(j.Row.Source)
			e.pokePlaces(j.Actions)
			if s := e.Source(j.Row.Source); s != nil && s.Tracker != nil {
				e.Poke(s.Name + escalatePart)
			}
		}
	}
	return nil
}
