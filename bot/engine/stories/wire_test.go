package stories

import (
	"cmp"
	"context"
	"errors"
	"time"

	"vigie/bot/engine"
	"vigie/connectors/desk"
	"vigie/connectors/jira"
	"vigie/connectors/slack"
	"vigie/rules"
)

// chat is the Slack client in the engine's words, as package main wires it.
type chat struct{ *slack.Client }

func (c chat) Post(ctx context.Context, channel string, a rules.Alert) (string, string, error) {
	id, ts, err := c.Client.Post(ctx, channel, a)
	return id, ts, failure(err)
}

func (c chat) Edit(ctx context.Context, channelID, ts string, a rules.Alert) error {
	return failure(c.Client.Edit(ctx, channelID, ts, a))
}

func (c chat) Reply(ctx context.Context, channelID, ts string, a rules.Alert, broadcast bool) (string, error) {
	reply, err := c.Client.Reply(ctx, channelID, ts, a, broadcast)
	return reply, failure(err)
}

func (c chat) List(ctx context.Context, channel, key, language, head string, alerts []rules.Alert) (string, string, error) {
	id, ts, err := c.Client.List(ctx, channel, key, language, head, alerts)
	return id, ts, failure(err)
}

func (c chat) Amend(ctx context.Context, channelID, ts, language, head string, alerts []rules.Alert) error {
	return failure(c.Client.Amend(ctx, channelID, ts, language, head, alerts))
}

func (c chat) Find(ctx context.Context, channel, key string, since time.Time) (string, string, bool, error) {
	id, ts, found, err := c.Client.Find(ctx, channel, key, since)
	return id, ts, found, failure(err)
}

func (c chat) FindReply(ctx context.Context, channelID, threadTS, key string) (string, bool, error) {
	ts, found, err := c.Client.FindReply(ctx, channelID, threadTS, key)
	return ts, found, failure(err)
}

func failure(err error) error {
	if err == nil {
		return nil
	}
	outcomes := map[slack.Outcome]engine.Outcome{slack.Wait: engine.Wait, slack.Gone: engine.Gone, slack.Closed: engine.Closed, slack.Refused: engine.Refused}
	f := &engine.Failure{Err: err, Outcome: cmp.Or(outcomes[slack.OutcomeOf(err)], engine.Unknown)}
	var known *slack.Error
	if errors.As(err, &known) {
		f.After, f.Unfit = known.After, known.Unfit
	}
	return f
}

// tracker is the Jira client in the engine's words, as package main wires it.
type tracker struct{ *jira.Client }

func (t tracker) Escalate(ctx context.Context, d engine.Draft) (engine.Tracked, error) {
	e, err := t.Client.Escalate(ctx, desk.Escalation(d))
	if err != nil {
		return engine.Tracked{}, err
	}
	return tracked(*e), nil
}

func (t tracker) Escalated(ctx context.Context, ids []string) (list []engine.Tracked, err error) {
	found, err := t.Client.Escalated(ctx, ids)
	for _, e := range found {
		list = append(list, tracked(e))
	}
	return list, err
}

func (t tracker) Link(ctx context.Context, issue string, l engine.RemoteLink) error {
	return t.Client.Link(ctx, issue, desk.Link(l))
}

func tracked(e desk.Escalated) engine.Tracked {
	return engine.Tracked{Issue: e.Issue, Priority: e.Priority, Fields: e.Fields}
}
