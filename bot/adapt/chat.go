// Package adapt shows the connectors to the engine and to the pages in their words: a
// chat whose failures say what to do next, a tracker of issues, a vendor's own SLA. The
// engine declares what it needs and knows no vendor; a connector knows no engine; what
// stands between the two is here.
package adapt

import (
	"context"
	"errors"
	"time"

	"vigie/bot/engine"
	"vigie/connectors/slack"
	"vigie/rules"
)

// A Chat is Slack as the engine sees it: with errors in the engine's words. All
// languages go through one client, since they share the pace of a channel.
type Chat struct {
	Client *slack.Client

	// Look looks for what was done to a message while nothing was heard. found says that
	// something was, which is to be done before anything else about it. Nil: nothing is
	// looked for.
	Look func(ctx context.Context, channelID, ts string) (found bool, err error)
}

func (c Chat) Post(ctx context.Context, channel string, a rules.Alert) (string, string, error) {
	id, ts, err := c.Client.Post(ctx, channel, a)
	return id, ts, failure(err)
}

func (c Chat) Edit(ctx context.Context, channelID, ts string, a rules.Alert) error {
	if c.Look != nil && !a.Kind.Over() {
		if _, err := c.Look(ctx, channelID, ts); err != nil {
			return err
		}
	}
	return failure(c.Client.Edit(ctx, channelID, ts, a))
}

func (c Chat) Reply(ctx context.Context, channelID, ts string, a rules.Alert, broadcast bool) (string, error) {
	reply, err := c.Client.Reply(ctx, channelID, ts, a, broadcast)
	return reply, failure(err)
}

func (c Chat) EraseThread(ctx context.Context, channelID, ts string, a rules.Alert) error {
	return failure(c.Client.EraseThread(ctx, channelID, ts, a))
}

func (c Chat) List(ctx context.Context, channel, key, language, head string, alerts []rules.Alert) (string, string, error) {
	id, ts, err := c.Client.List(ctx, channel, key, language, head, alerts)
	return id, ts, failure(err)
}

func (c Chat) Amend(ctx context.Context, channelID, ts, language, head string, alerts []rules.Alert) error {
	return failure(c.Client.Amend(ctx, channelID, ts, language, head, alerts))
}

func (c Chat) PostRoundup(ctx context.Context, channel string, r rules.Roundup) (string, string, error) {
	id, ts, err := c.Client.PostRoundup(ctx, channel, r)
	return id, ts, failure(err)
}

func (c Chat) EditRoundup(ctx context.Context, channelID, ts string, r rules.Roundup) error {
	return failure(c.Client.EditRoundup(ctx, channelID, ts, r))
}

func (c Chat) Find(ctx context.Context, channel, key string, since time.Time) (string, string, bool, error) {
	id, ts, found, err := c.Client.Find(ctx, channel, key, since)
	return id, ts, found, failure(err)
}

func (c Chat) FindReply(ctx context.Context, channelID, threadTS, key string) (string, bool, error) {
	ts, found, err := c.Client.FindReply(ctx, channelID, threadTS, key)
	return ts, found, failure(err)
}

func (c Chat) EditReply(ctx context.Context, channelID, ts string, a rules.Alert) error {
	return failure(c.Client.EditReply(ctx, channelID, ts, a))
}

func (c Chat) Call(ctx context.Context, channelID, ts string, call rules.Call) (string, error) {
	if c.Look != nil {
		found, err := c.Look(ctx, channelID, ts)
		if err != nil {
			return "", err
		}
		if found { // perhaps nobody needs to be called any more
			return "", &engine.Failure{Err: errors.New("somebody has taken the ticket meanwhile"), Outcome: engine.Wait}
		}
	}
	reply, err := c.Client.Call(ctx, channelID, ts, call)
	return reply, failure(err)
}

func (c Chat) Person(ctx context.Context, id string) (rules.Person, error) {
	p, err := c.Client.Person(ctx, id)
	return p, failure(err)
}

func (c Chat) KeepGroup(ctx context.Context, group string, addresses []string) (bool, error) {
	changed, err := c.Client.KeepGroup(ctx, group, addresses)
	return changed, failure(err)
}

// failure is a Slack error as the engine acts on it.
func failure(err error) error {
	if err == nil {
		return nil
	}
	f := &engine.Failure{Err: err, Outcome: engine.Unknown}
	switch slack.OutcomeOf(err) {
	case slack.Wait:
		f.Outcome = engine.Wait
	case slack.Gone:
		f.Outcome = engine.Gone
	case slack.Closed:
		f.Outcome = engine.Closed
	case slack.Refused:
		f.Outcome = engine.Refused
	}
	var known *slack.Error
	if errors.As(err, &known) {
		f.After, f.Unfit = known.After, known.Unfit
		f.Locked = f.Outcome == engine.Refused && slack.Locked(known.Code)
	}
	return f
}
