package answer

import (
	"cmp"
	"context"
	"time"

	"vigie/bot/store"
	"vigie/connectors/slack"
	"vigie/rules/words"
)

// eyes is the emoji by which people take a ticket where they are told of it.
const eyes = "eyes"

// click does what an element of a card asks for, or of a home.
func (a *Answerer) click(ctx context.Context, e slack.Event) (slack.Response, error) {
	if e.Action == slack.TakeOverAction {
		return slack.Response{}, a.Engine.TakeOver(ctx, e.Value, store.Request{By: person(e), At: a.at(e), Channel: e.Channel, TS: e.TS})
	}
	ref, choice := e.Element()
	source, id := ticketOf(ref)
	l, err := a.languageAt(ctx, e)
	if err != nil {
		return slack.Response{}, err
	}
	switch e.Action {
	case slack.TakeAction:
		return a.ask(ctx, l, e, source, id, store.Request{What: store.Take})
	case slack.ReleaseAction:
		return a.ask(ctx, l, e, source, id, store.Request{What: store.Release})
	case slack.ChooseAction:
		return a.ask(ctx, l, e, source, id, store.Request{What: store.Choose, Priority: choice})
	case slack.MenuAction:
		return a.chosen(ctx, l, e, source, id, choice)
	}
	return slack.Response{}, nil // another program's element
}

// chosen does what was chosen from a card's menu.
func (a *Answerer) chosen(ctx context.Context, l *words.Language, e slack.Event, source, id, choice string) (slack.Response, error) {
	switch choice {
	case slack.WhyChoice:
		return a.why(ctx, l, source, id)
	case slack.ShortChoice:
		return a.ask(ctx, l, e, source, id, store.Request{What: store.Snooze, Until: a.at(e).Add(30 * time.Minute)})
	case slack.LongChoice:
		return a.ask(ctx, l, e, source, id, store.Request{What: store.Snooze, Until: a.at(e).Add(time.Hour)})
	case slack.OpeningChoice:
		return a.ask(ctx, l, e, source, id, store.Request{What: store.Snooze})
	case slack.MineChoice:
		return a.mineOf(ctx, l, e)
	}
	return slack.Response{}, nil // a link, which Slack tells of as well
}

// reaction takes a ticket for whoever put 👀 under its card, and gives it back when he
// takes it off.
func (a *Answerer) reaction(ctx context.Context, e slack.Event) (slack.Response, error) {
	if e.Emoji != eyes {
		return slack.Response{}, nil
	}
	m, err := a.Store.MessageAt(ctx, e.Channel, e.TS)
	if err != nil || m == nil {
		return slack.Response{}, err
	}
	what := store.Take
	if e.Kind == slack.Unreacted {
		what = store.Release
	}
	return a.ask(ctx, words.In(cmp.Or(m.Language, a.Language)), e, m.Source, m.ID, store.Request{What: what})
}

// ask stores a request, or says why there is nothing to ask for.
func (a *Answerer) ask(ctx context.Context, l *words.Language, e slack.Event, source, id string, r store.Request) (slack.Response, error) {
	row, err := a.Store.Ticket(ctx, source, id)
	if err != nil {
		return slack.Response{}, err
	}
	if row == nil || row.Ticket == nil || a.Engine.Source(source) == nil {
		return say(l.Say("answer.unknown", "ticket", source+":"+id)), nil
	}
	r.By, r.At, r.Channel, r.TS = person(e), a.at(e), e.Channel, e.TS
	if err := a.Engine.Ask(ctx, e.Key, source, id, r); err != nil {
		return slack.Response{}, err
	}
	return a.held(l, e, row, r), nil
}

// held says to whoever gives a ticket back that somebody else has it, so that it stays
// his. Who takes 👀 off isn't told: he may have put it there before the other did.
func (a *Answerer) held(l *words.Language, e slack.Event, row *store.Row, r store.Request) slack.Response {
	who, _, taken := row.Ticket.Holder()
	if r.What != store.Release || e.Kind == slack.Unreacted || !taken || who.ID == "" || who.ID == e.User {
		return slack.Response{}
	}
	return say(l.Say("answer.others", "who", cmp.Or(who.Name, who.Email, who.ID)))
}

// at is when somebody did something, in ticket time: when Slack says that he did, or
// now.
func (a *Answerer) at(e slack.Event) time.Time {
	now := a.Now()
	if e.At.IsZero() || e.At.After(now) {
		return now
	}
	return e.At
}

// languageAt is the language in which whoever clicked was told.
func (a *Answerer) languageAt(ctx context.Context, e slack.Event) (*words.Language, error) {
	if e.TS == "" {
		return words.In(a.Language), nil
	}
	m, err := a.Store.MessageAt(ctx, e.Channel, e.TS)
	if err != nil || m == nil {
		return words.In(a.Language), err
	}
	return words.In(cmp.Or(m.Language, a.Language)), nil
}

// say is an answer of one text of ours, in which whatever comes from elsewhere may
// stand.
func say(text string) slack.Response { return slack.Response{Text: slack.Escape(text)} }
