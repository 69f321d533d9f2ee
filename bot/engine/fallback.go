package engine

import (
	"context"
	"errors"
	"time"

	"vigie/bot/store"
	"vigie/rules"
	"vigie/rules/oncall"
)

// A chat that is away can't say so itself. Since when it has been is kept in the state,
// as an obstacle of no source, from the first failure of a message or refusal of the
// credentials that a search confirms, until a search succeeds; so neither a restart nor another program that
// takes over begins to count anew. After ten minutes whoever is to be told then is told,
// once for each absence, and of the alarms that wait; later that it is back.

// awayFor is after how long a chat's absence is told elsewhere.
const awayFor = 10 * time.Minute

// chatItself is the source of the chat's obstacle. No source has such a name.
const chatItself = "chat:"

// namedWaiting is how many of the alarms that wait are named, and lookedAt how many are
// looked at for that.
const (
	namedWaiting = 10
	lookedAt     = 200
)

// absence is the chat's, if it is away or its return is still to be told.
func (e *Engine) absence(ctx context.Context) (*store.Obstacle, error) {
	list, err := e.Store.Obstacles(ctx, chatItself)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// chatRound is one round of the chat's loop. Where somebody is to be told of its absence,
// and something suggests that it is away or it was, a search shows whether it is.
func (e *Engine) chatRound(ctx context.Context) (time.Time, error) {
	e.chatFailed = false
	next, failed := e.SendDue(ctx)
	if len(e.Fallback) == 0 || e.Chat == nil || e.DryRun || ctx.Err() != nil {
		return next, failed
	}
	known, err := e.absence(ctx)
	if err != nil {
		return next, errors.Join(failed, err)
	}
	var failure *Failure
	was := known != nil && !known.Ended
	if !was && !e.chatFailed && !errors.As(failed, &failure) {
		return next, failed
	}
	is := e.chatIsAway(ctx)
	switch {
	case ctx.Err() != nil:
		return next, ctx.Err()
	case is && !was:
		err = e.Store.AddObstacle(ctx, store.Obstacle{Source: chatItself, Since: e.Now()})
	case was && !is:
		err = e.Store.EndObstacle(ctx, chatItself, "")
	}
	if is {
		next = earliest(next, e.Now().Add(longestPause))
	}
	e.Poke(watchLoop)
	return next, errors.Join(failed, err)
}

// chatIsAway says whether a search for a message that doesn't exist fails. A channel that
// is refused is so by a chat that answers; credentials that are refused are as good as no
// answer.
func (e *Engine) chatIsAway(ctx context.Context) bool {
	_, _, _, err := e.Chat.Find(ctx, e.Channel, "is the chat back?", e.Now())
	var failure *Failure
	return err != nil && (!errors.As(err, &failure) || failure.Outcome != Refused || failure.Locked)
}

// fallbacks inserts what is to be told of the chat's absence, and returns when more may
// be.
func (e *Engine) fallbacks(ctx context.Context) (next time.Time, err error) {
	if len(e.Fallback) == 0 {
		return next, nil
	}
	away, err := e.absence(ctx)
	if err != nil || away == nil {
		return next, err
	}
	now := e.Now()
	if begins := away.Since.Add(awayFor); !away.Ended && now.Before(begins) {
		return begins, nil
	}
	for _, whom := range e.Fallback {
		gone := fallback(whom, away.Since, now, "")
		told, err := e.Store.Action(ctx, gone.Key)
		switch {
		case err != nil:
			return next, err
		case !away.Ended && told == nil:
			err = e.insertPlaced(ctx, gone)
		case away.Ended && told != nil:
			err = e.insertPlaced(ctx, fallback(whom, away.Since, now, isBack))
		}
		if err != nil {
			return next, err
		}
	}
	if away.Ended {
		err = e.Store.RemoveObstacle(ctx, chatItself, "")
	}
	return next, err
}

func (e *Engine) insertPlaced(ctx context.Context, a store.Action) error {
	err := e.Store.Insert(ctx, []store.Action{a}, e.Now())
	e.Poke(a.Channel)
	return err
}

// isBack is the Obstacle of an action that tells of the chat's return.
const isBack = "back"

// fallback is the action that tells somebody of the chat's absence, or of its return.
func fallback(whom oncall.Callee, since, now time.Time, what string) store.Action {
	key := awayKey(since) + "/" + whom.String()
	if what != "" {
		key += "/" + what
	}
	a := placed(store.Action{Key: key, Since: since, Obstacle: what, NotBefore: now, Step: &store.Step{Whom: []string{whom.String()}}}, whom)
	a.Kind = store.Fallback
	return a
}

// awayKey names an absence by when it began.
func awayKey(since time.Time) string { return "fallback/" + since.UTC().Format(time.RFC3339Nano) }

// tellFallback tells somebody that the chat is away, or back, if that is still so.
func (e *Engine) tellFallback(ctx context.Context, p Place, a store.Action) error {
	away, err := e.absence(ctx)
	if err != nil {
		return err
	}
	lasts := away != nil && !away.Ended && away.Since.Equal(a.Since)
	n := rules.News{Key: a.Key, Kind: rules.ChatAway, Incident: awayKey(a.Since), To: address(a), Language: e.Language, At: e.Now(), Since: e.atHome(a.Since).Truncate(time.Minute)}
	switch {
	case a.Obstacle == isBack:
		n.Kind = rules.ChatBack
		whether, err := e.wasTold(ctx, a)
		if err != nil || !whether {
			return err
		}
	case !lasts && a.State == store.Started: // it may have been told
		return e.endAction(ctx, a, store.Done, "the chat is back")
	case !lasts:
		return errDropped("the chat is back")
	default:
		if n.Waiting, n.More, err = e.unsaid(ctx); err != nil {
			return err
		}
	}
	if err := e.Store.Start(ctx, a.Channel, a); err != nil {
		return err
	}
	if err := p.Outlet.Tell(ctx, n); err != nil {
		return err
	}
	e.Log.Info("told", "action", a.Key, "place", a.Channel, "kind", string(n.Kind))
	return e.endAction(ctx, a, store.Done, "")
}

// wasTold says whether somebody who is to be told of the chat's return was told of its
// absence. While that isn't known yet, the action is put off.
func (e *Engine) wasTold(ctx context.Context, a store.Action) (bool, error) {
	gone, err := e.Store.Action(ctx, awayKey(a.Since)+"/"+a.Step.Whom[0])
	switch {
	case err != nil:
		return false, err
	case gone != nil && gone.State == store.Done:
		return true, nil
	case gone != nil && (gone.State == store.Pending || gone.State == store.Started):
		return false, e.Store.Hold(ctx, a, "", e.Now().Add(5*time.Second), "waits for what is told before")
	}
	return false, errDropped("nobody was told that the chat was away")
}

// unsaid is the alarms that wait for the chat and still hold, the most urgent first, and
// how many there are besides those that are named.
func (e *Engine) unsaid(ctx context.Context) (named []rules.Alert, more int, err error) {
	waiting, err := e.Store.Alarms(ctx, e.Now(), lookedAt)
	if err != nil {
		return nil, 0, err
	}
	lists, err := e.Store.WaitingLists(ctx)
	for _, list := range lists {
		if err != nil {
			return nil, 0, err
		}
		var in []store.Action
		in, err = e.Store.AlarmsInList(ctx, list.Key)
		waiting = append(waiting, in...)
	}
	for _, a := range waiting {
		if len(named) == namedWaiting {
			more++
			continue
		}
		row, v, err := e.judgedNow(ctx, a.Source, a.ID)
		if err != nil {
			return nil, 0, err
		}
		if v == nil {
			continue
		}
		if alert, holds := alarm(alerts(row, v, e.Now()), a); holds {
			named = append(named, alert)
		}
	}
	return named, more, err
}

// atHome is an instant in the zone of the first source's first policy.
func (e *Engine) atHome(t time.Time) time.Time {
	for _, s := range e.Sources {
		for _, p := range s.Policies {
			return t.In(p.Calendar.Zone())
		}
	}
	return t
}
