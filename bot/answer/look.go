package answer

import (
	"context"

	"vigie/bot/store"
	"vigie/rules"
)

// Look finds 👀 that was put under a card while nothing heard it, and asks for what it
// asks for. It is called before anything is said about a card, and finds something only
// as long as nobody has taken the ticket, here or at the vendor, nor given it back: who
// has taken 👀 off, or was overtaken, stays so. found says that something was asked
// for, and is done soon. What Slack refuses to show, such as without the scope
// reactions:read, is logged and holds nothing up.
func (a *Answerer) Look(ctx context.Context, channel, ts string) (found bool, err error) {
	m, err := a.Store.MessageAt(ctx, channel, ts)
	if err != nil || m == nil {
		return false, err
	}
	row, err := a.Store.Ticket(ctx, m.Source, m.ID)
	if err != nil || row == nil || row.Ticket == nil || !row.Open {
		return false, err
	}
	if h := row.Ticket.Handling; h != nil && h.Taken != nil {
		return false, nil
	}
	users, err := a.Inbox.Look(ctx, channel, ts, eyes)
	if err != nil {
		a.Log.WarnContext(ctx, "a message couldn't be looked at", "channel", channel, "err", err)
		return false, nil
	}
	if len(users) == 0 {
		return false, nil
	}
	who := users[len(users)-1]
	r := store.Request{What: store.Take, By: rules.Person{ID: who}, At: a.Now(), Channel: channel, TS: ts}
	return true, a.Engine.Ask(ctx, "eyes/"+channel+"/"+ts+"/"+who, m.Source, m.ID, r)
}
