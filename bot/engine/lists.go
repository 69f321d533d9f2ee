package engine

import (
	"cmp"
	"context"
	"slices"
	"time"

	"vigie/bot/store"
	"vigie/rules"
	"vigie/rules/words"
)

// A list says many alarms in one message, each with its due date, and only what
// still holds when it goes out. It is an action of its own, which has taken the
// alarms over (store.Together) and carries their keys. There are two reasons for
// one: alarms that were held until their team's calendar opened, and alarms that
// crowd before a channel, after an outage of the chat or in a storm, when a
// message each would take longer to read than they matter.

// What crowds before a channel: more alarms than crowd; or more than few, if the
// chat was out, or one of them is late.
const (
	crowd  = 20
	few    = 3
	isLate = 2 * time.Minute
)

// stormLasts is how long a storm of alarms may gather before it is sent as a list.
const stormLasts = time.Minute

// listShown is how many tickets a list names: what a message holds.
const listShown = 15

// list is the action that says some alarms together.
func list(kind store.Kind, channel string, of []store.Action, now time.Time) store.Action {
	return store.Action{Key: noticeKeys[kind] + of[0].Key, Kind: kind, Channel: channel, Urgency: of[0].Urgency, NotBefore: now}
}

// routed is the channel and language of an alarm. One that was held out of hours keeps the
// route that held it, although that route may ask for the team to be away, which is over
// at opening: so the route is looked up as if the team were away still. If the alarm's
// route holds nothing any more, because something has changed, it is sent like any other.
func (e *Engine) routed(a store.Action, alert rules.Alert) Routing {
	if a.Held != "" {
		away := alert
		away.OpenNow = false
		if route := e.Route(away); route.Gather {
			return route
		}
	}
	return e.Route(alert)
}

// alarmNow is the alert of an action as it is now, where it goes, and whether it still
// holds.
func (e *Engine) alarmNow(ctx context.Context, a store.Action) (alert rules.Alert, route Routing, holds bool, err error) {
	row, v, err := e.judgedNow(ctx, a.Source, a.ID)
	if err != nil || v == nil {
		return alert, route, false, err
	}
	if alert, holds = alarm(alerts(row, v, e.Now()), a); holds {
		route = e.routed(a, alert)
	}
	return alert, route, holds, nil
}

// holdOrList holds an alarm until its team's calendar opens, and then makes one list of
// the alarms that were held for its channel and still hold. It is false if the alarm is to
// be sent by itself: in business hours, or because it is the only one, of which a card
// says more than a list with one line.
func (e *Engine) holdOrList(ctx context.Context, a store.Action, alert rules.Alert, route Routing) (bool, error) {
	switch {
	case !alert.OpenNow && alert.OpensAt.IsZero(): // a calendar that never opens again
		return false, nil
	case !alert.OpenNow:
		return true, e.Store.Hold(ctx, a, route.Channel, alert.OpensAt, "gathered until opening")
	case a.Held == "":
		return false, nil
	case a.Held != route.Channel: // the routes have changed
		return true, e.Store.Hold(ctx, a, route.Channel, e.Now(), "gathered for another channel")
	}
	held, err := e.Store.Held(ctx, route.Channel, e.Now())
	if err != nil {
		return false, err
	}
	var open []store.Action
	for _, h := range held {
		alert, its, holds, err := e.alarmNow(ctx, h)
		if err != nil {
			return false, err
		}
		if holds && alert.OpenNow && its.Gather && its.Channel == route.Channel {
			open = append(open, h)
		}
	}
	if len(open) < 2 {
		return false, nil
	}
	return true, e.mergeIntoList(ctx, list(store.Opening, route.Channel, open, e.Now()), open)
}

// mergeIntoList makes alarms parts of a list, which is sent in their place.
func (e *Engine) mergeIntoList(ctx context.Context, l store.Action, of []store.Action) error {
	err := e.Store.MergeIntoList(ctx, l, of, e.Now())
	for _, a := range of {
		err = e.counted(a, string(store.Done), err)
	}
	return err
}

// listCrowdedAlarms makes lists of the alarms that wait in too large a number for one
// channel; out says that the chat has been away until now. gathering says that more of
// them are still to come, so that it is too early to send any.
func (e *Engine) listCrowdedAlarms(ctx context.Context, out bool) (gathering bool, err error) {
	if e.Chat == nil || e.DryRun {
		return false, nil
	}
	now := e.Now()
	alarms, err := e.Store.Alarms(ctx, now, crowd+1)
	if err != nil || len(alarms) <= few {
		return false, err
	}
	if len(alarms) > crowd {
		if coming, err := e.moreComing(ctx); err != nil || coming && now.Before(firstOf(alarms).Add(stormLasts)) {
			return coming, err
		}
		if alarms, err = e.Store.Alarms(ctx, now, 1<<30); err != nil {
			return false, err
		}
	}
	channels := map[string][]store.Action{}
	for _, a := range alarms {
		channel, err := e.channelOf(ctx, a)
		if hasOutcome(err, Refused) {
			continue // it can't be looked for where it may have been said, which is no reason to keep the others waiting
		}
		if err != nil {
			return false, err
		}
		if channel != "" {
			channels[channel] = append(channels[channel], a)
		}
	}
	for channel, of := range channels {
		if err := e.listIfCrowded(ctx, channel, of, out); err != nil {
			return false, err
		}
	}
	return false, nil
}

// firstOf is when the oldest of some actions was inserted.
func firstOf(actions []store.Action) time.Time {
	return slices.MinFunc(actions, func(a, b store.Action) int { return a.Created.Compare(b.Created) }).Created
}

// listIfCrowded makes a list of a channel's alarms if there are too many, or adds them to
// the list that waits for that channel.
func (e *Engine) listIfCrowded(ctx context.Context, channel string, of []store.Action, out bool) error {
	now := e.Now()
	l, err := e.Store.WaitingList(ctx, channel, store.Outage, store.Storm)
	if err != nil {
		return err
	}
	kind := store.Storm
	if out || now.Sub(firstOf(of)) >= isLate {
		kind = store.Outage
	}
	made := list(kind, channel, of, now)
	switch {
	case l != nil:
		made.Key, made.Kind, made.Urgency = l.Key, l.Kind, min(l.Urgency, made.Urgency)
	case len(of) <= few || kind == store.Storm && len(of) <= crowd:
		return nil
	}
	return e.mergeIntoList(ctx, made, of)
}

// channelOf is the channel to which an alarm is to be sent now; "" if it no longer holds,
// has been sent before, or is held until opening.
func (e *Engine) channelOf(ctx context.Context, a store.Action) (channel string, err error) {
	alert, route, holds, err := e.alarmNow(ctx, a)
	if err != nil || !holds || route.Gather && (!alert.OpenNow || a.Held != "") {
		return "", err
	}
	if a.State == store.Started { // a try was cut off
		_, sent, err := e.cards(ctx, a)
		if err != nil || sent {
			return "", err
		}
	}
	return route.Channel, nil
}

// moreComing says whether tickets are about to be read or judged, which may call for more
// alarms; those of a source that pauses after an error don't count.
func (e *Engine) moreComing(ctx context.Context) (bool, error) {
	due, err := e.Store.Due(ctx, e.Now(), 1)
	if err != nil || len(due) > 0 {
		return len(due) > 0, err
	}
	for _, s := range e.Sources {
		if _, paused := e.stallOf(s.Name); paused {
			continue
		}
		changed, err := e.Store.Changed(ctx, s.Name, 1)
		if err != nil || len(changed) > 0 {
			return len(changed) > 0, err
		}
	}
	return false, nil
}

// listNotice is the text of a list now: the alarms that still hold, breaches first, in the
// language of their route.
func (e *Engine) listNotice(ctx context.Context, l store.Action) (n notice, err error) {
	alarms, err := e.Store.AlarmsInList(ctx, l.Key)
	if err != nil {
		return n, err
	}
	for _, a := range alarms {
		alert, route, holds, err := e.alarmNow(ctx, a)
		if err != nil {
			return n, err
		}
		if !holds {
			continue
		}
		n.alerts = append(n.alerts, alert)
		if route.Channel == l.Channel {
			n.language = cmp.Or(n.language, route.Language)
		}
	}
	if len(n.alerts) == 0 {
		return n, errDropped("nothing of it was called for any more when its turn came")
	}
	slices.SortStableFunc(n.alerts, moreUrgent)
	n.language = cmp.Or(n.language, e.Language)
	switch l.Kind {
	case store.Opening:
		n.head = headOpening(n)
	case store.Outage:
		n.late, n.head = n.alerts, headOutage(n)
	case store.Storm:
		n.late, n.head = n.alerts, headStorm(n)
	}
	if all := tickets(n.alerts); len(n.alerts) > listShown {
		n.alerts = n.alerts[:listShown]
		n.head += headMore(n.language, all-tickets(n.alerts))
	}
	return n, nil
}

// tickets counts the tickets that alerts are about.
func tickets(alerts []rules.Alert) int {
	of := map[[2]string]bool{}
	for _, a := range alerts {
		of[[2]string{a.Source, a.ID}] = true
	}
	return len(of)
}

// moreUrgent puts missed targets before those at risk before missing priorities
// before what is about issues, each by due date.
func moreUrgent(a, b rules.Alert) int {
	return cmp.Or(cmp.Compare(place(a.Kind), place(b.Kind)), a.Due.Compare(b.Due), cmp.Compare(a.Source, b.Source), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Metric, b.Metric))
}

// place is where an alert stands in a list, by its kind.
func place(kind rules.AlertKind) int {
	return slices.IndexFunc(store.Kinds(), func(t store.Traits) bool { return t.AlertKind == kind })
}

// dateTime is an instant in a notice.
func dateTime(language string, t time.Time) string { return words.In(language).Time("time.stamp", t) }
