package engine

import (
	"context"
	"time"

	"vigie/bot/store"
	"vigie/rules"
)

// What a list said is kept true as a card is: each of its lines shows what has
// become of the cycle that it named, so that who was told of a ticket in a list
// alone hears of its end. The lines stay in their places.

// amendment is the action that brings a list up to date.
func amendment(list string, now time.Time) store.Action {
	return store.Action{Key: "edit/" + list, Kind: store.Amend, List: list, Urgency: store.Amend.Traits().Urgency, NotBefore: now}
}

// amendments are those of the lists that say of a ticket what no longer is so.
func amendments(lines []store.Line, row *store.Row, v *rules.Verdict, now time.Time) (actions []store.Action) {
	for _, l := range lines {
		if alertDigest(v.LatestOf(row.Ticket, l.Said.Topic(), l.Said.Cycle, now)) != alertDigest(l.Said) {
			actions = append(actions, amendment(l.List, now))
		}
	}
	return actions
}

// amend brings a list up to date, which may be done any number of times. What is
// said of a ticket that can't be judged any more stays.
func (e *Engine) amend(ctx context.Context, a store.Action) error {
	l, err := e.Store.PostedList(ctx, a.List)
	if err != nil {
		return err
	}
	if l == nil || l.TS == "" {
		return errDropped("there is no list to edit")
	}
	differs, left := false, 0
	for i := range l.Lines {
		said := &l.Lines[i]
		row, v, err := e.judgedNow(ctx, said.Source, said.ID)
		if err != nil {
			return err
		}
		if v != nil {
			latest := v.LatestOf(row.Ticket, said.Topic(), said.Cycle, e.Now())
			differs = differs || alertDigest(latest) != alertDigest(*said)
			*said = latest
		}
		if !said.Kind.Over() {
			left++
		}
	}
	if !differs {
		return e.endAction(ctx, a, store.Done, "")
	}
	r, digest, err := e.posted(ctx, l)
	if err != nil {
		return err
	}
	if digest {
		err = e.Chat.EditRoundup(ctx, l.Channel, l.TS, r)
	} else {
		err = e.Chat.Amend(ctx, l.Channel, l.TS, l.Language, l.Head+headLeft(l.Language, left), l.Lines)
	}
	if hasOutcome(err, Gone) {
		if err := e.Store.ForgetList(ctx, l.Key); err != nil {
			return err
		}
		return errDropped("the list is no longer there to be edited")
	}
	if err != nil {
		return inChannel(l.Channel, err)
	}
	e.accepted(l.Channel)
	e.Log.Info("edited", "action", a.Key)
	return e.counted(a, string(store.Done), e.Store.Amended(ctx, a, *l, e.Now()))
}
