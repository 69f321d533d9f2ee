package answer

import (
	"context"
	"fmt"
	"strings"
	"time"

	"vigie/bot/store"
	"vigie/connectors/slack"
	"vigie/rules"
	"vigie/rules/words"
)

// command answers a slash command. What was typed wrongly is answered; an error is the
// store's or Slack's.
func (a *Answerer) command(ctx context.Context, e slack.Event) (slack.Response, error) {
	l, o := a.speaks(ctx, e.User), read(e.Text)
	switch o.verb {
	case mine:
		return a.mineOf(ctx, l, e)
	case team:
		return a.team(ctx, l, e, o.rest)
	case today:
		list, err := a.today(ctx)
		if err != nil || len(list) == 0 {
			return said(l.Say("command.no_today")), err
		}
		return a.list(l, l.Say("command.today", "n", len(list)), list), nil
	case who:
		return a.onCall(l), nil
	case ticket, take, release, snooze:
		return a.about(ctx, l, e, o)
	}
	return helpText(l, e.Command, o), nil
}

// said is an answer of ours, in which whatever comes from elsewhere went through
// slack.Escape.
func said(text string) (r slack.Response) {
	r.Text, r.Blocks = slack.RenderSaid(text)
	return r
}

// speaks is the language that somebody reads Slack in, or that of the messages where
// Slack doesn't tell or nothing is said in it.
func (a *Answerer) speaks(ctx context.Context, user string) *words.Language {
	locale, err := a.Slack.Locale(ctx, user)
	if err != nil {
		a.Log.WarnContext(ctx, "somebody's language isn't known", "user", user, "err", err)
	}
	if locale != "" && words.Spoken(locale) {
		return words.In(locale)
	}
	return words.In(a.Language)
}

func (a *Answerer) list(l *words.Language, head string, list []found) (r slack.Response) {
	t := slack.Tasks{Language: l.Tag, Head: head, Board: a.PublicURL, At: a.Now()}
	t.Alerts, t.More = shown(list)
	r.Text, r.Blocks = slack.RenderTasks(t)
	return r
}

// mineOf tells somebody what he sees to.
func (a *Answerer) mineOf(ctx context.Context, l *words.Language, e slack.Event) (slack.Response, error) {
	by, err := a.Slack.Person(ctx, e.User)
	if err != nil {
		return slack.Response{}, err
	}
	list, err := a.mine(ctx, by)
	if err != nil || len(list) == 0 {
		return said(l.Say("command.no_mine")), err
	}
	return a.list(l, l.Say("command.mine", "n", len(list)), list), nil
}

// team tells what a team has to see to: the one that is named, or those of whoever asks.
func (a *Answerer) team(ctx context.Context, l *words.Language, e slack.Event, name string) (slack.Response, error) {
	teams := []string{name}
	if name == "" {
		by, err := a.Slack.Person(ctx, e.User)
		if err != nil {
			return slack.Response{}, err
		}
		list, err := a.mine(ctx, by)
		if err == nil {
			teams, err = a.teamsOf(ctx, e.User, list)
		}
		if err != nil {
			return slack.Response{}, err
		}
	}
	if len(teams) == 0 {
		return said(l.Say("command.whose_team", "command", typed(l, e.Command, team))), nil
	}
	called := slack.Escape(strings.Join(teams, ", "))
	list, err := a.of(ctx, teams)
	if err != nil || len(list) == 0 {
		return said(l.Say("command.no_team", "team", called)), err
	}
	return a.list(l, l.Say("command.team", "team", called, "n", len(list)), list), nil
}

// today are the tickets that fall due before the day is over, and those that were
// missed.
func (a *Answerer) today(ctx context.Context) ([]found, error) {
	zone := a.Zone
	if zone == nil {
		zone = time.UTC
	}
	now := a.Now().In(zone)
	end := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, zone)
	return a.tickets(ctx, store.Pick{Due: end}, func(f found) bool { return !f.foremost.Due.IsZero() && f.foremost.Due.Before(end) })
}

// onCall tells who is on call by each rota.
func (a *Answerer) onCall(l *words.Language) (r slack.Response) {
	if len(a.Rotas) == 0 {
		return said(l.Say("command.no_oncall"))
	}
	var duties []slack.Duty
	for _, rota := range a.Rotas {
		at := rota.At(a.Now())
		d := slack.Duty{Rota: rota.Name, Who: at.Who, Until: at.To}
		if next, ok := rota.Next(a.Now()); ok {
			d.Next, d.From = next.Who, next.From
		}
		duties = append(duties, d)
	}
	r.Text, r.Blocks = slack.RenderDuties(duties, l.Tag)
	return r
}

// about tells of one ticket, or has something done about it.
func (a *Answerer) about(ctx context.Context, l *words.Language, e slack.Event, o order) (slack.Response, error) {
	switch {
	case o.odd != "":
		return said(l.Say("command.until", "word", slack.Escape(o.odd))), nil
	case o.rest == "":
		return said(l.Say("command.which", "command", typed(l, e.Command, o.verb))), nil
	}
	row, several, err := a.named(ctx, o.rest)
	switch {
	case err != nil:
		return slack.Response{}, err
	case len(several) > 0:
		return said(l.Say("command.several", "id", slack.Escape(o.rest), "refs", slack.Escape(strings.Join(several, ", ")))), nil
	case row == nil:
		return said(l.Say("command.no_ticket", "ref", slack.Escape(o.rest))), nil
	case o.verb != ticket:
		return a.do(ctx, l, e, o, row)
	}
	list, err := a.standing(row)
	if err != nil {
		return slack.Response{}, err
	}
	var r slack.Response
	r.Text, r.Blocks = slack.RenderTicket(list, a.page(row.Source, row.ID), l.Tag)
	return r, nil
}

// do has something done about a ticket: what was asked for is stored before it is
// answered.
func (a *Answerer) do(ctx context.Context, l *words.Language, e slack.Event, o order, row *store.Row) (slack.Response, error) {
	ref := slack.Escape(row.Source + ":" + row.ID)
	v, err := a.Engine.Judge(row)
	if err != nil {
		return slack.Response{}, fmt.Errorf("judge %s:%s: %w", row.Source, row.ID, err)
	}
	if _, open := v.Foremost(row.Ticket, a.Now()); !open && o.verb != release {
		return said(l.Say("command.done", "ref", ref)), nil
	}
	r, answer := store.Request{}, ""
	switch o.verb {
	case take:
		r.What, answer = store.Take, l.Say("command.took", "ref", ref)
	case release:
		r.What, answer = store.Release, l.Say("command.released", "ref", ref)
	case snooze:
		r.What, answer = store.Snooze, l.Say("command.snoozed_to", "ref", ref)
		if o.lasts > 0 {
			r.Until = a.at(e).Add(o.lasts)
			answer = l.Say("command.snoozed", "ref", ref, "length", l.Target(fmt.Sprint(o.lasts.Minutes(), " minutes")))
		}
	}
	refused, err := a.ask(ctx, l, e, row.Source, row.ID, r)
	if err != nil || !refused.Empty() {
		return refused, err
	}
	return said(answer), nil
}

// helpText lists what can be typed; before that it says what wasn't understood.
func helpText(l *words.Language, command string, o order) slack.Response {
	var lines []string
	if o.odd != "" {
		line := l.Say("command.unknown", "word", slack.Escape(o.odd))
		if o.near != "" {
			line += " " + l.Say("command.perhaps", "command", typed(l, command, o.near))
		}
		lines = append(lines, line)
	}
	lines = append(lines, l.Say("command.help.head"))
	for _, v := range verbs {
		lines = append(lines, "• "+typed(l, command, v)+" – "+l.Say("command.help."+string(v)))
	}
	return said(strings.Join(lines, "\n"))
}

// standing is where a ticket stands: its alerts, or what is known of one that has none.
func (a *Answerer) standing(row *store.Row) ([]rules.Alert, error) {
	v, err := a.Engine.Judge(row)
	if err == nil {
		err = v.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("judge %s:%s: %w", row.Source, row.ID, err)
	}
	list := v.Alerts(row.Ticket, a.Now())
	if len(list) == 0 {
		list = []rules.Alert{v.Latest(row.Ticket, rules.TriageTopic, 0, a.Now())}
	}
	return list, nil
}
