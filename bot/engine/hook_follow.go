package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"vigie/bot/store"
	"vigie/rules"
)

// What a hook was told of goes on: somebody takes the ticket, gives it back, or it is no
// longer in danger. The hook is told of each, so that whatever stands behind it, such as
// an incident of a pager, goes in step with the ticket's message. What it was told last is
// known from before it was told for the first time; so it hears the end whatever dies in
// between. One that is over stays so until an alarm calls the hook anew.

// incident names what a hook is told of: one name for all that it is told of a cycle.
func incident(a store.Action) string {
	name := a.Source + ":" + a.ID + "/" + a.Topic
	if a.Cycle > 0 {
		name += fmt.Sprintf("/%d", a.Cycle)
	}
	return name
}

// startTelling notes that an action is about to tell of an alarm.
func (e *Engine) startTelling(ctx context.Context, a store.Action, since time.Time) error {
	if a.Kind != store.Hook {
		return e.Store.Start(ctx, a.Channel, a)
	}
	return e.Store.StartIncident(ctx, a, store.Incident{Source: a.Source, ID: a.ID, Topic: a.Topic, Cycle: a.Cycle, Place: a.Channel, Told: string(rules.Triggered), Since: since})
}

// follow is the action by which a hook is told how it goes on.
func follow(source, id, topic string, cycle int, place string, now time.Time) store.Action {
	return store.Action{
		Key: fmt.Sprintf("follow/%s/%s:%s/%s/%d", place, source, id, topic, cycle), Kind: store.Follow, Source: source, ID: id, Topic: topic, Cycle: cycle, Channel: place,
		Urgency: store.Follow.Traits().Urgency, NotBefore: now, Step: &store.Step{Whom: []string{place}},
	}
}

// follows is the actions by which hooks are told what has become of a ticket.
func (e *Engine) follows(ctx context.Context, row *store.Row, v *rules.Verdict) (actions []store.Action, err error) {
	if len(e.Places) == 0 {
		return nil, nil
	}
	told, err := e.Store.Incidents(ctx, row.Source, row.ID)
	for _, i := range told {
		if _, known := e.Places[i.Place]; !known {
			continue
		}
		if want, _ := standing(row, v, i, e.Now()); string(want) != i.Told {
			actions = append(actions, follow(i.Source, i.ID, i.Topic, i.Cycle, i.Place, e.Now()))
		}
	}
	return actions, err
}

// standing is what a hook should have been told last, and of which alert.
func standing(row *store.Row, v *rules.Verdict, i store.Incident, now time.Time) (rules.NewsKind, rules.Alert) {
	alert := v.LatestOf(row.Ticket, i.Topic, i.Cycle, now)
	if i.Told == string(rules.Resolved) || !alert.Kind.Alarm() {
		return rules.Resolved, alert
	}
	if _, taken := row.Ticket.TakenSince(i.Since); taken {
		return rules.Acknowledged, alert
	}
	return rules.Triggered, alert
}

// followUp tells a hook how it goes on, unless it was told that already.
func (e *Engine) followUp(ctx context.Context, p Place, a store.Action) error {
	row, v, err := e.judgedNow(ctx, a.Source, a.ID)
	if err != nil {
		return err
	}
	if v == nil {
		return errDropped("the ticket can't be judged any more")
	}
	told, err := e.Store.Incidents(ctx, a.Source, a.ID)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(told, func(i store.Incident) bool {
		return i.Topic == a.Topic && i.Cycle == a.Cycle && i.Place == a.Channel
	})
	if at < 0 {
		return errDropped("it was never told of this")
	}
	i := told[at]
	want, alert := standing(row, v, i, e.Now())
	if string(want) == i.Told {
		return e.endAction(ctx, a, store.Done, "")
	}
	if err := e.Store.Start(ctx, a.Channel, a); err != nil {
		return err
	}
	n := rules.News{Key: fmt.Sprintf("%s/%d/%s", a.Key, i.Turns+1, want), Kind: want, Incident: incident(a), Language: e.tongue(alert), At: e.Now(), Alert: alert}
	if err := p.Outlet.Tell(ctx, n); err != nil {
		return err
	}
	e.Log.Info("told", "action", a.Key, "place", a.Channel, "kind", string(want))
	i.Told = string(want)
	return e.counted(a, string(store.Done), e.Store.EndFollow(ctx, a, i, e.Now()))
}
