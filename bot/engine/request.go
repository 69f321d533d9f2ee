package engine

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"vigie/bot/store"
	"vigie/rules"
)

// What somebody asks for where he was told of a ticket is stored, under the key of
// the message by which the chat tells of it, before the chat is answered: so it is
// done once, however often the chat repeats it and whatever dies in between. To do it
// is to note in the ticket what people have done about it, and to judge it: what
// differs then at the vendor and in the messages follows as from any other change.

// People are those whom the chat knows.
type People interface {
	// Person is somebody by the chat's id, with his address where the chat tells it.
	Person(ctx context.Context, id string) (rules.Person, error)
}

// Ask stores a request under the chat's key for it; a second one with the same key
// changes nothing.
func (e *Engine) Ask(ctx context.Context, key, source, id string, r store.Request) error {
	a := store.Action{Key: "request/" + key, Kind: store.Asked, Source: source, ID: id, Request: &r, Urgency: store.Asked.Traits().Urgency, NotBefore: e.Now()}
	if err := e.Store.Insert(ctx, []store.Action{a}, e.Now()); err != nil {
		return err
	}
	e.Poke(chatLoop)
	return nil
}

// fulfil does what somebody asked for.
func (e *Engine) fulfil(ctx context.Context, a store.Action) error {
	if a.Request != nil && a.Request.What == store.TakeOver {
		return e.showTaken(ctx, a)
	}
	s := e.Source(a.Source)
	if s == nil || a.Request == nil {
		return errDropped("its source is not in the configuration")
	}
	who, err := e.Chat.Person(ctx, a.Request.By.ID)
	if err != nil {
		return err
	}
	asked := *a.Request
	asked.By, a.Request = who, &asked // as people read it, from now on
	err = e.judgeAndSave(ctx, func() ([]store.Judged, error) {
		row, err := e.Store.Ticket(ctx, a.Source, a.ID)
		if err != nil {
			return nil, err
		}
		if row == nil || row.Ticket == nil {
			return nil, errDropped("the ticket isn't known")
		}
		if err := e.enter(row, who, *a.Request); err != nil {
			return nil, err
		}
		j, err := e.judgeRow(ctx, s, row)
		for i := range j.Actions { // who asked looks at his message
			if j.Actions[i].Kind == store.Edit {
				j.Actions[i].Urgency = store.Asked.Traits().Urgency
			}
		}
		j.Done = &a
		return []store.Judged{j}, err
	})
	if err == nil {
		e.Log.Info("done as asked", "action", a.Key, "ticket", a.Source+":"+a.ID, "asked_for", string(a.Request.What))
	}
	return err
}

// enter notes in a ticket what somebody asked for.
func (e *Engine) enter(row *store.Row, who rules.Person, r store.Request) error {
	now := e.Now()
	if !r.At.IsZero() && r.At.Before(now) {
		now = r.At // the chat may tell of it late, and out of order
	}
	now = now.UTC().Truncate(time.Second)
	if h := row.Ticket.Handling; h != nil && overtaken(h, r.What, now) {
		return errDropped("somebody has asked for something else since")
	}
	vendor := who.Email
	if e.VendorAddress != nil && vendor != "" {
		vendor = e.VendorAddress(row.Source, vendor)
	}
	switch r.What {
	case store.Take:
		row.Ticket = row.Ticket.Handled(func(h *rules.Handling) { h.Taken = &rules.Taken{By: who, At: now, Assignee: vendor} })
	case store.Release: // also of what was assigned at the vendor
		if heldByAnother(row.Ticket, who, vendor) {
			return errDropped("somebody else has the ticket")
		}
		was := assigned(row.Ticket).to
		if _, since, taken := row.Ticket.Holder(); taken && since.Equal(row.Ticket.Handling.Taken.At) {
			was = row.Ticket.Handling.Taken.Assignee
		}
		row.Ticket = row.Ticket.Handled(func(h *rules.Handling) {
			h.Taken = &rules.Taken{By: who, At: now, Released: true, Assignee: was}
		})
	case store.Snooze:
		v, err := e.Judge(row)
		if err = cmp.Or(err, v.Err()); err != nil {
			return errDropped(err.Error())
		}
		until := untilWhen(&v, row.Ticket, r.Until, now)
		row.Ticket = row.Ticket.Handled(func(h *rules.Handling) { h.Snooze = &rules.Snooze{By: who, At: now, Until: until} })
	case store.Choose:
		row.Ticket = row.Ticket.Handled(func(h *rules.Handling) { h.Choice = &rules.Choice{By: who, At: now, Priority: r.Priority} })
	default:
		return errDropped(fmt.Sprintf("this program doesn't know how to %s", r.What))
	}
	return nil
}

// overtaken says that what somebody asked for at an instant has been answered by what was
// asked for after it.
func overtaken(h *rules.Handling, what store.Want, at time.Time) bool {
	switch what {
	case store.Take, store.Release:
		return h.Taken != nil && at.Before(h.Taken.At)
	case store.Snooze:
		return h.Snooze != nil && at.Before(h.Snooze.At)
	case store.Choose:
		return h.Choice != nil && at.Before(h.Choice.At)
	}
	return false
}

// heldByAnother says that the ticket isn't his to give back.
func heldByAnother(t *rules.Ticket, who rules.Person, vendor string) bool {
	holder, taken := t.TakenSince(time.Time{})
	return taken && holder.ID != who.ID && (holder.ID != "" || vendor == "" || !strings.EqualFold(holder.Email, vendor))
}

// untilWhen is until when a snooze lasts: as long as was asked for, or until the
// ticket's team opens; until the next due instant at the latest.
func untilWhen(v *rules.Verdict, t *rules.Ticket, asked, now time.Time) time.Time {
	until := asked
	for _, a := range v.Alerts(t, now) {
		if until.IsZero() && !a.OpenNow {
			until = a.OpensAt
		}
	}
	if until.IsZero() {
		until = now
	}
	for _, c := range v.Clocks {
		if c.Due != nil && !c.Stopped() && c.Due.After(now) && c.Due.Before(until) {
			until = *c.Due
		}
	}
	return until
}
