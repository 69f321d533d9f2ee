package engine

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"vigie/bot/store"
	"vigie/rules"
	"vigie/rules/oncall"
)

// People are told besides the chat by hooks and by mail. Each hook is a place with a
// loop of its own, and so is the mail server: none waits for another, for the chat or for
// a vendor. What it carries are actions as everywhere, stored with the verdict, checked
// again before they go, and tried until they have gone or are refused for good; then they
// are parked with the reason, until a person has acted, or the ticket is judged anew.
//
// Nobody can ask a hook or a mailbox whether it has something already. So what may have
// gone goes again, under the same key, by which the receiver knows it.

// An Outlet tells of something besides the chat. Its errors are Failures, as a Chat's.
type Outlet interface {
	Tell(ctx context.Context, n rules.News) error
}

// A Place is a hook, or the mail server.
type Place struct {
	Outlet Outlet
	// When says of which alarms a hook is told besides being called; nil: of none.
	When func(rules.Alert) bool
}

// MailPlace is the place that all mails go by. No source has such a name.
const MailPlace = "mail:server"

// HookPlace is the place of a hook.
func HookPlace(name string) string { return string(oncall.Hook) + ":" + name }

// placeNames are the names of all places, sorted.
func (e *Engine) placeNames() []string { return slices.Sorted(maps.Keys(e.Places)) }

// placed is an action that the place of a callee carries.
func placed(a store.Action, whom oncall.Callee) store.Action {
	a.Kind, a.Channel = store.Hook, HookPlace(whom.Name)
	if whom.Kind == oncall.Mail {
		a.Kind, a.Channel = store.Mail, MailPlace
	}
	return a
}

// address is where a mail goes that an action sends; "" for a hook's.
func address(a store.Action) string {
	if a.Step == nil || len(a.Step.Whom) != 1 {
		return ""
	}
	if whom, err := oncall.ParseCallee(a.Step.Whom[0]); err == nil && whom.Kind == oncall.Mail {
		return whom.Name
	}
	return ""
}

// heard is the actions that tell hooks of an alarm because they want to hear of such.
func (e *Engine) heard(a rules.Alert) (actions []store.Action) {
	for _, name := range e.placeNames() {
		if when := e.Places[name].When; when != nil && when(a) {
			actions = append(actions, store.Action{Key: name + "/" + a.Key, Kind: store.Hook, Channel: name, NotBefore: a.Since,
				Step: &store.Step{Alarm: a.Key, First: true, Whom: []string{name}}})
		}
	}
	return actions
}

// pokePlaces wakes the places that are to carry actions.
func (e *Engine) pokePlaces(actions []store.Action) {
	for _, a := range actions {
		if a.Kind.Traits().By == store.ByPlace {
			e.Poke(a.Channel)
		}
	}
}

// tellPlace is one round of a place: it tells what is due, and returns when the next
// may be.
func (e *Engine) tellPlace(ctx context.Context, place string) (time.Time, error) {
	for mayBegin(ctx) {
		actions, err := e.Store.Placed(ctx, place, e.Now(), 1)
		if err != nil {
			return time.Time{}, err
		}
		if len(actions) == 0 {
			return e.Store.NextPlaced(ctx, place)
		}
		if err := e.tellOne(ctx, e.Places[place], actions[0]); err != nil {
			return time.Time{}, err
		}
	}
	return e.Now(), ctx.Err()
}

// tellers are the methods that carry out the actions of places, by kind.
var tellers = map[store.Kind]func(*Engine, context.Context, Place, store.Action) error{
	store.Hook: (*Engine).callPlace, store.Mail: (*Engine).callPlace, store.Follow: (*Engine).followUp, store.Fallback: (*Engine).tellFallback,
}

// tellOne carries out one action of a place, and records the outcome. Its error is the
// store's, or a Failure after which the action is tried again.
func (e *Engine) tellOne(ctx context.Context, p Place, a store.Action) error {
	if e.DryRun {
		e.Log.Info("would tell", "action", a.Key)
		return e.endAction(ctx, a, store.Done, "nobody is told: dry run")
	}
	var err error = errDropped("this program doesn't know what it is")
	if tell, ok := tellers[a.Kind]; ok {
		err = tell(e, ctx, p, a)
	}
	var failure *Failure
	var dropped errDropped
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil:
		return nil
	case errors.As(err, &dropped):
		return e.endAction(ctx, a, store.Dropped, string(dropped))
	case !errors.As(err, &failure):
		return err
	case failure.Outcome == Refused:
		e.Log.Error("parked, since it was refused", "action", a.Key, "place", a.Channel, "err", failure.Err)
		return e.endAction(ctx, a, store.Parked, failure.Error())
	}
	e.Log.Warn("not told", "action", a.Key, "place", a.Channel, "outcome", failure.Outcome, "attempt", a.Attempts+1, "err", failure.Err)
	pause := max(failure.After, min(time.Second<<min(a.Attempts, 9), longestPause))
	if err := e.retryAt(ctx, a, e.Now().Add(pause), failure.Error(), failure.Outcome == Unknown || a.State == store.Started); err != nil {
		return err
	}
	return failure
}

// callPlace tells a hook or a mailbox of an alarm, if that is still called for.
func (e *Engine) callPlace(ctx context.Context, p Place, a store.Action) error {
	row, v, err := e.judgedNow(ctx, a.Source, a.ID)
	if err != nil {
		return err
	}
	if v == nil || a.Step == nil {
		return errDropped("the ticket can't be judged any more")
	}
	said, since, err := e.alarmOf(ctx, a)
	if err != nil {
		return err
	}
	if tooLate(a, said) {
		return e.endAction(ctx, a, store.Skipped, "the alarm was said before anybody was to be called")
	}
	now := e.Now()
	alert, holds := inDanger(row, v, a, now)
	if called := a.Step.Number > 0; called {
		if _, taken := row.Ticket.TakenSince(since); taken && !a.Step.First {
			return errDropped("somebody has taken the ticket")
		} else if taken {
			return errDropped("whoever has taken the ticket is called instead")
		}
		if until := row.Ticket.SnoozedUntil(now); holds && !until.IsZero() {
			return e.Store.Hold(ctx, a, "", until, "snoozed")
		}
	} else {
		alert, holds = sameAlarm(alerts(row, v, now), a.Step.Alarm)
	}
	if !holds {
		return errDropped("no longer called for when its turn came")
	}
	if err := e.startTelling(ctx, a, since); err != nil {
		return err
	}
	n := rules.News{Key: a.Key, Kind: rules.Triggered, Incident: incident(a), To: address(a), Language: e.tongue(alert), At: now, Alert: alert}
	if err := p.Outlet.Tell(ctx, n); err != nil {
		return err
	}
	e.Log.Info("called", "action", a.Key, "place", a.Channel)
	if a.Kind == store.Hook { // the ticket may have been taken meanwhile, or long before
		if err := e.Store.Insert(ctx, []store.Action{follow(a.Source, a.ID, a.Topic, a.Cycle, a.Channel, now)}, now); err != nil {
			return err
		}
	}
	return e.endAction(ctx, a, store.Done, "")
}

// tooLate says that an alarm is no news: it was left out on purpose, or had been said
// long before anybody was to be told besides. One that a later alarm has replaced while
// it waited is news.
func tooLate(a store.Action, said *store.Action) bool {
	switch {
	case said == nil:
		return true
	case said.State == store.Skipped:
		return !said.Ended.After(said.Created)
	}
	return said.State == store.Done && a.Created.Sub(said.Ended) > stale
}

// sameAlarm is the alert of an alarm's key; false if it no longer holds.
func sameAlarm(alerts []rules.Alert, key string) (rules.Alert, bool) {
	return alarm(alerts, store.Action{Key: key})
}

// tongue is the language in which an alert is told.
func (e *Engine) tongue(a rules.Alert) string { return cmp.Or(e.Route(a).Language, e.Language) }
