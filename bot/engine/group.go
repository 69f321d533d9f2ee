package engine

import (
	"context"
	"slices"
	"strings"
	"time"

	"vigie/bot/store"
)

// A user group of the chat's is kept to who is on call, so that whoever mentions it by
// hand calls the right person. What is wanted is worked out anew each time, from the
// rota, and compared with what the chat says is: where nothing differs nothing is
// written, so looking again, after a restart or by another replica, does no harm. It is
// looked at when the program begins, at each handover, and every hour besides, since
// people change groups by hand. While nobody is on call a group keeps its members: it
// can't be empty.

// A Group is a user group of the chat's that is kept to who is on call.
type Group struct {
	Name string // its handle or its id
	// OnCall is who is at an instant, by their addresses in the chat, and when that
	// changes; zero for never.
	OnCall func(time.Time) (who []string, until time.Time)
}

// A GroupKeeper keeps user groups.
type GroupKeeper interface {
	// KeepGroup has a group have those members, and says whether it had others. Whom the
	// chat doesn't know is left out, which is an error once the others are set.
	KeepGroup(ctx context.Context, group string, addresses []string) (changed bool, err error)
}

// groupLook is how often a group is looked at between handovers.
const groupLook = time.Hour

// Next is when a group is to be looked at after an instant.
func (g Group) Next(after time.Time) time.Time {
	who, until := g.OnCall(after)
	if len(who) == 0 {
		return until
	}
	return earliest(until, after.Add(groupLook))
}

// handOver inserts the actions for the groups that are to be looked at, and returns when
// the next is.
func (e *Engine) handOver(ctx context.Context) (next time.Time, err error) {
	now := e.Now()
	var looks []store.Action
	for _, g := range e.Groups {
		came, at, err := e.comesUp(ctx, store.Handovers, g.Name, g)
		if err != nil {
			return next, err
		}
		next = earliest(next, at)
		if !came.IsZero() || !e.groupsLooked {
			looks = append(looks, store.Action{Key: noticeKeys[store.Group] + g.Name, Kind: store.Group, Urgency: store.Group.Traits().Urgency, NotBefore: now})
		}
	}
	e.groupsLooked = true
	if len(looks) == 0 {
		return next, nil
	}
	if err := e.Store.Insert(ctx, looks, now); err != nil {
		e.groupsLooked = false
		return next, err
	}
	e.Poke(chatLoop)
	for _, a := range looks {
		if err := e.Store.Ran(ctx, store.Handovers, strings.TrimPrefix(a.Key, noticeKeys[store.Group]), now); err != nil {
			return next, err
		}
	}
	return next, nil
}

// keepGroup has a group's members be who is on call now. It may be repeated: what was
// written before is found so.
func (e *Engine) keepGroup(ctx context.Context, a store.Action) error {
	name := strings.TrimPrefix(a.Key, noticeKeys[store.Group])
	i := slices.IndexFunc(e.Groups, func(g Group) bool { return g.Name == name })
	if i < 0 {
		return errDropped("the configuration names the user group no more")
	}
	who, _ := e.Groups[i].OnCall(e.Now())
	if len(who) == 0 {
		e.Log.Info("nobody is on call; the user group keeps its members", "group", name)
		return errDropped("nobody is on call; the user group keeps its members")
	}
	changed, err := e.Chat.KeepGroup(ctx, name, who)
	if changed {
		e.Log.Info("user group handed over", "group", name, "members", strings.Join(who, ", "))
	}
	if err != nil {
		return err
	}
	return e.endAction(ctx, a, store.Done, "")
}
