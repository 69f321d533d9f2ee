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

// SendDue sends the messages that are due, a breach before a warning before an edit, and
// returns when the next may be tried. Just before an alarm is sent it is judged whether it
// still holds. After one message that can't be sent the next is tried; two in a row, or a
// chat that asks for a pause, end the round, so that the queue keeps its order until the
// chat is back. Whether the chat is back is found out by a search, so that what came up
// during an outage can be sent as one list.
func (e *Engine) SendDue(ctx context.Context) (time.Time, error) {
	out, err := e.chatWasOut(ctx)
	if err != nil {
		return time.Time{}, err
	}
	failed := false
	for mayBegin(ctx) {
		if gathering, err := e.listCrowdedAlarms(ctx, out); err != nil || gathering {
			return e.Now().Add(time.Second), err
		}
		actions, err := e.Store.PendingMessages(ctx, e.Now(), 1)
		if err != nil {
			return time.Time{}, err
		}
		if len(actions) == 0 {
			return e.Store.NextMessage(ctx)
		}
		err = e.sendOne(ctx, actions[0])
		var failure *Failure
		if err != nil && (failed || !errors.As(err, &failure) || failure.After > 0) {
			return time.Time{}, err
		}
		failed = err != nil
	}
	return e.Now(), ctx.Err()
}

// chatWasOut says whether the chat has failed for a while until the last round, and works
// again. That is found out by searching for a message that doesn't exist; the error says
// that the chat is still away.
func (e *Engine) chatWasOut(ctx context.Context) (bool, error) {
	e.stalls.Lock()
	stalled, since := e.stalled[chatLoop].times > 0, e.stalled[chatLoop].first
	e.stalls.Unlock()
	if !stalled || e.Chat == nil || e.DryRun {
		return false, nil
	}
	_, _, _, err := e.Chat.Find(ctx, e.Channel, "is the chat back?", e.Now())
	if hasOutcome(err, Refused) {
		err = nil // of this channel, by a chat that answers
	}
	return e.Now().Sub(since) >= isLate, err
}

// sendOne sends one message, and records the outcome. Its error is the store's, or a
// Failure after which the message is tried again.
func (e *Engine) sendOne(ctx context.Context, a store.Action) error {
	if e.Chat == nil || e.DryRun {
		e.Log.Info("would tell", "action", a.Key)
		return e.endAction(ctx, a, store.Done, "nobody is told: dry run or no Slack")
	}
	err := e.send(ctx, a)
	var failure *Failure
	var dropped errDropped
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil:
		e.accepted(a.Key)
		return nil
	case errors.As(err, &dropped):
		return e.endAction(ctx, a, store.Dropped, string(dropped))
	case !errors.As(err, &failure):
		return err
	}
	// What may have been sent once is looked for until it is found or sent.
	ambiguous := failure.Outcome == Unknown || a.State == store.Started
	if failure.Outcome == Refused {
		return e.refuse(ctx, a, failure, ambiguous)
	}
	e.chatFailed = true
	e.Log.Warn("message not sent", "action", a.Key, "outcome", failure.Outcome, "attempt", a.Attempts+1, "err", failure.Err)
	pause := max(failure.After, min(time.Second<<min(a.Attempts, 9), longestPause))
	if err := e.retryAt(ctx, a, e.Now().Add(pause), failure.Error(), ambiguous); err != nil {
		return err
	}
	return failure
}

// senders are the methods that carry out the chat's actions, by kind.
var senders = map[store.Kind]func(*Engine, context.Context, store.Action) error{
	store.Breach: (*Engine).sendAboutTicket, store.Warn: (*Engine).sendAboutTicket, store.Triage: (*Engine).sendAboutTicket,
	store.Unlinked: (*Engine).sendAboutTicket, store.Repaired: (*Engine).sendAboutTicket, store.Flag: (*Engine).sendAboutTicket, store.Edit: (*Engine).sendAboutTicket,
	store.Opening: (*Engine).postNotice, store.Outage: (*Engine).postNotice, store.Storm: (*Engine).postNotice,
	store.Summary: (*Engine).postNotice, store.Digest: (*Engine).postNotice,
	store.Briefing: (*Engine).postDigest, store.Handover: (*Engine).postDigest,
	store.Call: (*Engine).callPeople, store.Asked: (*Engine).fulfil,
	store.Amend: (*Engine).amend, store.Silence: (*Engine).sendSilence, store.Group: (*Engine).keepGroup,
}

// send sends one message.
func (e *Engine) send(ctx context.Context, a store.Action) error {
	tell, ok := senders[a.Kind]
	if !ok {
		return errDropped("this program doesn't know what it is")
	}
	return tell(e, ctx, a)
}

// sendAboutTicket sends a ticket's alarm, or brings the ticket's messages up to date.
func (e *Engine) sendAboutTicket(ctx context.Context, a store.Action) error {
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
		return e.editCards(ctx, a, cards, row, v)
	case !holds:
		return errDropped("no longer called for when its turn came")
	}
	route := e.routed(a, alert)
	// A line in a thread may have gone out, and is looked for there.
	inThread := a.State == store.Started && slices.ContainsFunc(cards, func(m store.Message) bool { return m.Route == a.Channel })
	if route.Gather && !inThread {
		if held, err := e.holdOrList(ctx, a, alert, route); held || err != nil {
			return err
		}
	}
	alert.Speak = route.Language
	for _, m := range cards {
		if m.Route == route.Channel {
			return e.addToThread(ctx, a, m, alert)
		}
	}
	return e.postCard(ctx, a, route.Channel, alert)
}

// alarm is the alert for which an action was inserted; false if it no longer holds, since
// its cycle is over or a later threshold has passed.
func alarm(alerts []rules.Alert, a store.Action) (rules.Alert, bool) {
	for _, alert := range alerts {
		if alert.Key == a.Key {
			return alert, true
		}
	}
	return rules.Alert{}, false
}

// cards are the ticket's messages about the action's topic, one for each channel: those on
// record, and those that were posted by a try that was cut off before it could record
// them. sent says that the action's own message is among the latter.
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
			return nil, false, inChannel(s.Channel, err)
		}
		if found {
			e.Log.Info("message was sent before", "action", s.Key)
			cards = append(cards, store.Message{Source: s.Source, ID: s.ID, Metric: s.Topic, Route: s.Channel, Channel: id, TS: ts, Cycle: s.Cycle})
			known[s.Channel], sent = true, sent || s.Key == a.Key
		}
	}
	return cards, sent, nil
}

// postCard puts up the ticket's message about a topic in a channel.
func (e *Engine) postCard(ctx context.Context, a store.Action, channel string, alert rules.Alert) error {
	m, err := e.put(ctx, a, channel, alert, alert.Key)
	if err != nil {
		return err
	}
	e.late(a.Kind, alert)
	return e.recordSent(ctx, a, []store.Message{m})
}

// put posts the ticket's message about a topic, carrying a key.
func (e *Engine) put(ctx context.Context, a store.Action, channel string, alert rules.Alert, key string) (store.Message, error) {
	if err := e.Store.Start(ctx, channel, a); err != nil {
		return store.Message{}, err
	}
	alert.Key = key
	id, ts, err := e.Chat.Post(ctx, channel, alert)
	if err != nil {
		return store.Message{}, inChannel(channel, err)
	}
	e.Log.Info("told", "action", a.Key, "channel", channel)
	m := store.Message{Source: a.Source, ID: a.ID, Metric: a.Topic, Route: channel, Language: alert.Speak, Channel: id, TS: ts}
	return messageSaying(m, alert), nil
}

// addToThread edits the ticket's message in the alarm's channel and calls people by a
// line in its thread. The edit goes first: it says whether the message is still
// there, and may be repeated. A message that is gone is posted afresh; beside one
// whose thread takes no replies another is posted, and both are kept true.
func (e *Engine) addToThread(ctx context.Context, a store.Action, m store.Message, alert rules.Alert) error {
	err := e.updateMessage(ctx, a, m, alert)
	sent, line := false, ""
	if err == nil && a.State == store.Started {
		line, sent, err = e.Chat.FindReply(ctx, m.Channel, m.TS, a.Key)
	}
	// What a change made late at once alarms nobody beyond its thread, and a later
	// threshold is news to those who follow it alone: the channel hears of a cycle by
	// the card, and by its breach.
	broadcast := alert.Reason == "" && alert.Kind != rules.Warning
	if err == nil && !sent {
		if err := e.Store.Start(ctx, m.Route, a); err != nil {
			return err
		}
		if line, err = e.Chat.Reply(ctx, m.Channel, m.TS, alert, broadcast); err == nil {
			e.Log.Info("told", "action", a.Key, "thread", true)
			e.late(a.Kind, alert)
		}
	}
	switch {
	case hasOutcome(err, Gone):
		err = e.Store.Forget(ctx, m)
	case hasOutcome(err, Closed):
		e.Log.Info("a thread takes no replies", "action", a.Key, "channel", m.Route, "err", err)
		err = e.Store.SetAside(ctx, m)
	case err != nil:
		return inChannel(m.Route, err)
	default:
		now := []store.Message{messageSaying(m, alert)}
		if broadcast {
			shown := messageSaying(m, alert)
			shown.Route, shown.TS, shown.Thread = m.Route+"/"+line, line, m.TS
			now = append(now, shown)
		}
		return e.recordSent(ctx, a, now)
	}
	if err != nil {
		return err
	}
	return e.postCard(ctx, a, m.Route, alert)
}

// editCards brings the messages about a topic up to date, which may be repeated. One that
// somebody has deleted is dropped from the record.
func (e *Engine) editCards(ctx context.Context, a store.Action, cards []store.Message, row *store.Row, v *rules.Verdict) error {
	var there []store.Message
	for _, m := range cards {
		latest := latest(v, row.Ticket, m, e.Now())
		if m.Language == "" { // found again: how it was posted isn't on record
			m.Language = e.Route(latest).Language
		}
		latest.Speak = m.Language
		err := e.updateMessage(ctx, a, m, latest)
		if err == nil && latest.Erased != "" {
			err = e.Chat.EraseThread(ctx, m.Channel, m.TS, latest)
		}
		switch {
		case hasOutcome(err, Gone):
			err = e.Store.Forget(ctx, m)
		case err == nil:
			there = append(there, messageSaying(m, latest))
		}
		if err != nil {
			return inChannel(m.Channel, err)
		}
	}
	if len(there) == 0 {
		return errDropped("there is no message to edit")
	}
	return e.recordSent(ctx, a, there)
}

// latest is what a message should say now. A line of a thread goes on telling the end
// of its own cycle, when the card tells of the next.
func latest(v *rules.Verdict, t *rules.Ticket, m store.Message, now time.Time) rules.Alert {
	if m.Thread != "" {
		return v.LatestOf(t, m.Metric, m.Cycle, now)
	}
	return v.Latest(t, m.Metric, m.Cycle, now)
}

// hasOutcome says whether an error is a Failure of the chat with that outcome.
func hasOutcome(err error, outcome Outcome) bool {
	var failure *Failure
	return errors.As(err, &failure) && failure.Outcome == outcome
}

// updateMessage edits a message, unless it says already what it should.
func (e *Engine) updateMessage(ctx context.Context, a store.Action, m store.Message, alert rules.Alert) error {
	if m.Shown == alertDigest(alert) {
		return nil
	}
	alert.Key = cmp.Or(alert.Key, a.Key)
	edit := e.Chat.Edit
	if m.Thread != "" {
		edit = e.Chat.EditReply
	}
	if err := edit(ctx, m.Channel, m.TS, alert); err != nil {
		return err
	}
	e.Log.Info("edited", "action", a.Key, "kind", string(alert.Kind))
	return nil
}

// messageSaying is the record of a message that now says an alert.
func messageSaying(m store.Message, alert rules.Alert) store.Message {
	m.Shown, m.Cycle = alertDigest(alert), alert.Cycle
	return m
}

// postNotice posts a notice, which is about no single ticket. Its text is worked out now.
func (e *Engine) postNotice(ctx context.Context, a store.Action) error {
	channel := e.Channel
	if a.State == store.Started || a.Kind.Traits().List() {
		channel = a.Channel
	}
	if a.State == store.Started {
		id, ts, found, err := e.Chat.Find(ctx, channel, a.Key, a.Created.Add(-time.Minute))
		if err != nil {
			return inChannel(channel, err)
		}
		if found {
			return e.recordPosted(ctx, a, channel, id, ts)
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
		return fmt.Errorf("say %s: %w", a.Key, inChannel(channel, err))
	}
	e.Log.Info("told", "action", a.Key, "channel", channel)
	for _, late := range n.late {
		e.late(store.AlarmOf(late.Kind), late)
	}
	return e.recordPosted(ctx, a, channel, id, ts)
}

// recordPosted records where a notice was posted, and has it amended next: its tickets may
// have changed while it was being posted.
func (e *Engine) recordPosted(ctx context.Context, a store.Action, channel, channelID, ts string) error {
	e.accepted(channel, channelID)
	then := []store.Action{amendment(a.Key, e.Now())}
	return e.counted(a, string(store.Done), e.Store.Posted(ctx, a, channel, channelID, ts, then, e.Now()))
}
