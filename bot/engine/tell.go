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

// errDropped ends an action that no longer holds, with the reason.
type errDropped string

func (e errDropped) Error() string { return string(e) }

// Tell carries out the messages that are due, a breach before a warning before
// an edit, and returns when the next may be tried. Whether an alarm still holds
// is asked again just before it goes out. One message that doesn't go out is
// passed over; two in a row, or a chat that asks for a pause, end the round, so
// that the queue keeps its order until the chat is back. Whether it is is asked
// without saying anything, so that what came up meanwhile can be said together.
func (e *Engine) Tell(ctx context.Context) (time.Time, error) {
	out, err := e.wasOut(ctx)
	if err != nil {
		return time.Time{}, err
	}
	failed := false
	for mayBegin(ctx) {
		if settling, err := e.catchUp(ctx, out); err != nil || settling {
			return e.Now().Add(time.Second), err
		}
		actions, err := e.Store.PendingMessages(ctx, e.Now(), 1)
		if err != nil {
			return time.Time{}, err
		}
		if len(actions) == 0 {
			return e.Store.NextMessage(ctx)
		}
		err = e.tellOne(ctx, actions[0])
		var failure *Failure
		if err != nil && (failed || !errors.As(err, &failure) || failure.After > 0) {
			return time.Time{}, err
		}
		failed = err != nil
	}
	return e.Now(), ctx.Err()
}

// wasOut says that the chat failed for a while until the last round, and is back.
// It is asked by looking for what isn't there, which changes nothing; the error is
// that it isn't back.
func (e *Engine) wasOut(ctx context.Context) (bool, error) {
	e.stalls.Lock()
	stalled, since := e.stalled[chatLoop].times > 0, e.stalled[chatLoop].first
	e.stalls.Unlock()
	if !stalled || e.Chat == nil || e.DryRun {
		return false, nil
	}
	_, _, _, err := e.Chat.Find(ctx, e.Channel, "is the chat back?", e.Now())
	if ended(err, Refused) {
		err = nil // of this channel, by a chat that answers
	}
	return e.Now().Sub(since) >= isLate, err
}

// tellOne carries out one message, and records how that ended. Its error is the
// store's, or a Failure that the action waits after.
func (e *Engine) tellOne(ctx context.Context, a store.Action) error {
	if e.Chat == nil || e.DryRun {
		e.Log.Info("would tell", "action", a.Key)
		return e.end(ctx, a, store.Done, "nobody is told: dry run or no Slack")
	}
	err := e.carryOut(ctx, a)
	var failure *Failure
	var dropped errDropped
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil:
		e.accepted(a.Key)
		return nil
	case errors.As(err, &dropped):
		return e.end(ctx, a, store.Dropped, string(dropped))
	case !errors.As(err, &failure):
		return err
	}
	// What may have been sent once is looked for until it is found or sent.
	ambiguous := failure.Outcome == Unknown || a.State == store.Started
	if failure.Outcome == Refused {
		return e.refuse(ctx, a, failure, ambiguous)
	}
	e.Log.Warn("message not sent", "action", a.Key, "outcome", failure.Outcome, "attempt", a.Attempts+1, "err", failure.Err)
	pause := max(failure.After, min(time.Second<<min(a.Attempts, 9), longestPause))
	if err := e.again(ctx, a, e.Now().Add(pause), failure.Error(), ambiguous); err != nil {
		return err
	}
	return failure
}

// tellers are how the chat's actions are carried out, by kind.
var tellers = map[store.Kind]func(*Engine, context.Context, store.Action) error{
	store.Breach: (*Engine).tellOf, store.Warn: (*Engine).tellOf, store.Triage: (*Engine).tellOf,
	store.Unlinked: (*Engine).tellOf, store.Repaired: (*Engine).tellOf, store.Flag: (*Engine).tellOf, store.Edit: (*Engine).tellOf,
	store.Opening: (*Engine).say, store.Outage: (*Engine).say, store.Storm: (*Engine).say,
	store.Summary: (*Engine).say, store.Digest: (*Engine).say,
	store.Amend: (*Engine).amend, store.Silence: (*Engine).tellSilence,
}

// carryOut sends one message.
func (e *Engine) carryOut(ctx context.Context, a store.Action) error {
	tell, ok := tellers[a.Kind]
	if !ok {
		return errDropped("this program doesn't know what it is")
	}
	return tell(e, ctx, a)
}

// tellOf tells of a ticket: an alarm, or that its messages are to be brought up to date.
func (e *Engine) tellOf(ctx context.Context, a store.Action) error {
	row, v, err := e.judgedNow(ctx, a.Source, a.ID)
	if err != nil {
		return err
	}
	if v == nil {
		return errDropped("the ticket can't be judged any more")
	}
	cards, sent, err := e.cards(ctx, a)
	if err != nil {
		return err
	}
	alert, holds := alarm(alerts(row, v, e.Now()), a)
	switch {
	case a.Kind == store.Edit, sent, !holds && a.State == store.Started:
		return e.edit(ctx, a, cards, row, v)
	case !holds:
		return errDropped("no longer called for when its turn came")
	}
	route := e.routed(a, alert)
	// A line in a thread may have gone out, and is looked for there.
	inThread := a.State == store.Started && slices.ContainsFunc(cards, func(m store.Message) bool { return m.Route == a.Channel })
	if route.Gather && !inThread {
		if held, err := e.gather(ctx, a, alert, route); held || err != nil {
			return err
		}
	}
	alert.Speak = route.Language
	for _, m := range cards {
		if m.Route == route.Channel {
			return e.add(ctx, a, m, alert)
		}
	}
	return e.post(ctx, a, route.Channel, alert)
}

// alarm is the alert that an action was inserted for, if it still holds: the
// same cycle's, and no later threshold has passed meanwhile.
func alarm(alerts []rules.Alert, a store.Action) (rules.Alert, bool) {
	for _, alert := range alerts {
		if alert.Key == a.Key {
			return alert, true
		}
	}
	return rules.Alert{}, false
}

// cards are the ticket's messages about the action's topic, one for each channel
// that was told: those on record, and those whose posting was cut off before it
// could be recorded; sent says that the action's own is among the latter.
func (e *Engine) cards(ctx context.Context, a store.Action) (cards []store.Message, sent bool, err error) {
	all, err := e.Store.Messages(ctx, a.Source, a.ID)
	if err != nil {
		return nil, false, err
	}
	known := map[string]bool{} // routes
	for _, m := range all {
		if m.Metric == a.Topic {
			cards, known[m.Route] = append(cards, m), true
		}
	}
	actions, err := e.Store.TicketActions(ctx, a.Source, a.ID)
	if err != nil {
		return nil, false, err
	}
	for _, s := range actions {
		if s.State != store.Started || s.Topic != a.Topic || s.Channel == "" || known[s.Channel] {
			continue
		}
		id, ts, found, err := e.Chat.Find(ctx, s.Channel, s.Key, s.Created.Add(-time.Minute))
		if err != nil {
			return nil, false, in(s.Channel, err)
		}
		if found {
			e.Log.Info("message was sent before", "action", s.Key)
			cards = append(cards, store.Message{Source: s.Source, ID: s.ID, Metric: s.Topic, Route: s.Channel, Channel: id, TS: ts, Cycle: s.Cycle})
			known[s.Channel], sent = true, sent || s.Key == a.Key
		}
	}
	return cards, sent, nil
}

// post puts up the ticket's message about a topic in a channel.
func (e *Engine) post(ctx context.Context, a store.Action, channel string, alert rules.Alert) error {
	if err := e.Store.Start(ctx, channel, a); err != nil {
		return err
	}
	id, ts, err := e.Chat.Post(ctx, channel, alert)
	if err != nil {
		return in(channel, err)
	}
	e.Log.Info("told", "action", a.Key, "channel", channel)
	e.late(a.Kind, alert)
	m := store.Message{Source: a.Source, ID: a.ID, Metric: a.Topic, Route: channel, Language: alert.Speak, Channel: id, TS: ts}
	return e.told(ctx, a, []store.Message{says(m, alert)})
}

// add edits the ticket's message in the alarm's channel and calls people by a
// line in its thread. The edit goes first: it says whether the message is still
// there, and may be repeated. A message that is gone is posted afresh; beside one
// whose thread takes no replies another is posted, and both are kept true.
func (e *Engine) add(ctx context.Context, a store.Action, m store.Message, alert rules.Alert) error {
	err := e.bring(ctx, a, m, alert)
	sent := false
	if err == nil && a.State == store.Started {
		_, sent, err = e.Chat.FindReply(ctx, m.Channel, m.TS, a.Key)
	}
	if err == nil && !sent {
		if err := e.Store.Start(ctx, m.Route, a); err != nil {
			return err
		}
		// What a change made late at once alarms nobody beyond its thread.
		if _, err = e.Chat.Reply(ctx, m.Channel, m.TS, alert, alert.Reason == ""); err == nil {
			e.Log.Info("told", "action", a.Key, "thread", true)
			e.late(a.Kind, alert)
		}
	}
	switch {
	case ended(err, Gone):
		err = e.Store.Forget(ctx, m)
	case ended(err, Closed):
		e.Log.Info("a thread takes no replies", "action", a.Key, "channel", m.Route, "err", err)
		err = e.Store.SetAside(ctx, m)
	case err != nil:
		return in(m.Route, err)
	default:
		return e.told(ctx, a, []store.Message{says(m, alert)})
	}
	if err != nil {
		return err
	}
	return e.post(ctx, a, m.Route, alert)
}

// edit brings the messages about a topic up to date, which may be done any
// number of times. One that somebody deleted is forgotten.
func (e *Engine) edit(ctx context.Context, a store.Action, cards []store.Message, row *store.Row, v *rules.Verdict) error {
	var there []store.Message
	for _, m := range cards {
		latest := v.Latest(row.Ticket, m.Metric, m.Cycle, e.Now())
		if m.Language == "" { // found again: how it was posted isn't on record
			m.Language = e.Route(latest).Language
		}
		latest.Speak = m.Language
		err := e.bring(ctx, a, m, latest)
		if err == nil && latest.Erased != "" {
			err = e.Chat.EraseThread(ctx, m.Channel, m.TS, latest)
		}
		switch {
		case ended(err, Gone):
			err = e.Store.Forget(ctx, m)
		case err == nil:
			there = append(there, says(m, latest))
		}
		if err != nil {
			return in(m.Channel, err)
		}
	}
	if len(there) == 0 {
		return errDropped("there is no message to edit")
	}
	return e.told(ctx, a, there)
}

// ended says that an error of a chat has an outcome.
func ended(err error, outcome Outcome) bool {
	var failure *Failure
	return errors.As(err, &failure) && failure.Outcome == outcome
}

// bring has a message say what it should, if it doesn't.
func (e *Engine) bring(ctx context.Context, a store.Action, m store.Message, alert rules.Alert) error {
	if m.Shown == alertDigest(alert) {
		return nil
	}
	alert.Key = cmp.Or(alert.Key, a.Key)
	if err := e.Chat.Edit(ctx, m.Channel, m.TS, alert); err != nil {
		return err
	}
	e.Log.Info("edited", "action", a.Key, "kind", string(alert.Kind))
	return nil
}

// says is a message that now says an alert.
func says(m store.Message, alert rules.Alert) store.Message {
	m.Shown, m.Cycle = alertDigest(alert), alert.Cycle
	return m
}

// say puts up a notice about no single ticket. What it says is worked out now.
func (e *Engine) say(ctx context.Context, a store.Action) error {
	channel := e.Channel
	if a.State == store.Started || a.Kind.Traits().List() {
		channel = a.Channel
	}
	if a.State == store.Started {
		id, ts, found, err := e.Chat.Find(ctx, channel, a.Key, a.Created.Add(-time.Minute))
		if err != nil {
			return in(channel, err)
		}
		if found {
			return e.posted(ctx, a, channel, id, ts)
		}
	}
	n, err := e.notice(ctx, a)
	if err != nil {
		return err
	}
	list := store.PostedList{Head: n.head, Language: n.language, Lines: n.alerts}
	if err := e.Store.StartList(ctx, channel, a, list); err != nil {
		return err
	}
	id, ts, err := e.Chat.List(ctx, channel, a.Key, n.language, n.head, n.alerts)
	if err != nil {
		return fmt.Errorf("say %s: %w", a.Key, in(channel, err))
	}
	e.Log.Info("told", "action", a.Key, "channel", channel)
	for _, late := range n.late {
		e.late(store.AlarmOf(late.Kind), late)
	}
	return e.posted(ctx, a, channel, id, ts)
}

// posted notes where a notice is. What became of its tickets while it was being
// posted is seen to next.
func (e *Engine) posted(ctx context.Context, a store.Action, channel, channelID, ts string) error {
	e.accepted(channel, channelID)
	then := []store.Action{amendment(a.Key, e.Now())}
	return e.counted(a, string(store.Done), e.Store.Posted(ctx, a, channel, channelID, ts, then, e.Now()))
}
