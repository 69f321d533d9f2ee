package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/bot/store"
	"vigie/rules"
	"vigie/rules/oncall"
)

// A promise in danger calls people step by step, until somebody has taken the
// ticket. The steps that an alarm calls for are actions like the alarm itself, with
// keys of their own and the instants at which they are due, stored with the verdict.
// Whether a step is still called for is asked just before it goes: the clock must
// still be in danger; a step that follows another falls away once somebody has taken
// the ticket; and whoever has taken it is called instead of those whom a step at an
// alarm names. A snooze puts calls off. People are called in the thread of the
// ticket's message, or of the list that named it; a step may put the message up in
// another channel as well.

// A Caller calls people by name under a message.
type Caller interface {
	// Call adds a line to a message's thread that mentions people, carrying a key. What
	// holds one of them back is said in the line.
	Call(ctx context.Context, channelID, ts string, c rules.Call) (string, error)
}

// stale is after how long an alarm's steps are no news: calls that were configured
// once it had been said.
const stale = 10 * time.Minute

// chained is the actions by which a ticket's alarms call people and tell hooks. first
// says that the ticket is one of the first start's: what had passed by then calls nobody.
func (e *Engine) chained(row *store.Row, v *rules.Verdict, first bool, now time.Time) ([]store.Action, error) {
	var actions []store.Action
	for _, a := range alerts(row, v, now) {
		if !a.Kind.Alarm() {
			continue
		}
		calls, err := e.steps(v, a)
		if err != nil {
			return nil, fmt.Errorf("calls of %s: %w", a.Key, err)
		}
		for _, c := range append(calls, e.heard(a)...) {
			c.Source, c.ID, c.Topic, c.Cycle = row.Source, row.ID, a.Topic(), a.Cycle
			c.Urgency = 2 * store.AlarmOf(a.Kind).Traits().Urgency // after the alarm itself
			if c.NotBefore.Before(now) {
				c.NotBefore = now
			}
			if first {
				c.State, c.Note = store.Skipped, "had passed before the first start"
			}
			actions = append(actions, c)
		}
	}
	return actions, nil
}

// steps is the actions of the steps that an alarm calls for.
func (e *Engine) steps(v *rules.Verdict, a rules.Alert) (actions []store.Action, err error) {
	if e.Chain == nil || a.Metric == "" {
		return nil, nil
	}
	calls, err := oncall.Calls(e.Chain(a), a, func(t time.Time, d rules.Duration) (time.Time, error) { return v.Later(a.Calendar, t, d) })
	for _, c := range calls {
		actions = append(actions, parted(c)...)
	}
	return actions, err
}

// parted is the actions of one step: one for all whom a line can mention, and one for
// each other place.
func parted(c oncall.Call) []store.Action {
	step := func(key string, kind store.Kind, whom ...string) store.Action {
		return store.Action{Key: key, Kind: kind, NotBefore: c.At, Step: &store.Step{Alarm: c.Alarm, Number: c.Number, First: c.First, Whom: whom}}
	}
	var mentioned []string
	var list []store.Action
	for _, whom := range c.Whom {
		own := step(c.Key+"/"+whom.String(), store.Call, whom.String())
		switch whom.Kind {
		case oncall.Channel:
			list = append(list, own)
		case oncall.Hook, oncall.Mail:
			list = append(list, placed(own, whom))
		default:
			mentioned = append(mentioned, whom.String())
		}
	}
	// Also where it names nobody who can be mentioned: whoever has taken the ticket can.
	return slices.Insert(list, 0, step(c.Key, store.Call, mentioned...))
}

// callPeople carries out one step of a chain.
func (e *Engine) callPeople(ctx context.Context, a store.Action) error {
	row, v, err := e.judgedNow(ctx, a.Source, a.ID)
	if err != nil {
		return err
	}
	if v == nil || a.Step == nil {
		return errDropped("the ticket can't be judged any more")
	}
	alarm, since, err := e.alarmOf(ctx, a)
	if err != nil {
		return err
	}
	alert, danger := inDanger(row, v, a, e.Now())
	taker, taken := rules.Person{}, false
	if alarm != nil {
		taker, taken = row.Ticket.TakenSince(since)
	}
	channel, elsewhere := channelOf(a.Step)
	late := alarm == nil || alarm.State == store.Skipped || alarm.State == store.Done && a.Created.Sub(alarm.Ended) > stale
	over := errDropped("")
	switch {
	case !danger:
		over = "no longer called for when its turn came"
	case taken && !a.Step.First:
		over = "somebody has taken the ticket"
	case taken && elsewhere:
		over = "whoever has taken the ticket is called instead"
	case !taken && len(a.Step.Whom) == 0:
		over = "the step mentions nobody"
	}
	if a.State != store.Started { // what was begun is looked for first
		if late {
			return e.endAction(ctx, a, store.Skipped, "the alarm was said before anybody was to be called")
		}
		if over != "" {
			return over
		}
	}
	if held, err := e.putOff(ctx, a, alarm, row, alert); held || err != nil {
		return err
	}
	whom, err := e.whom(a, row, alert)
	if err != nil {
		return err
	}
	if taken {
		whom = []rules.Called{{ID: taker.ID, Email: cmp.Or(e.chatAddress(row.Source, taker.Email), taker.Email)}}
	}
	if alarm != nil && alarm.List != "" {
		return e.callList(ctx, a, *alarm, whom)
	}
	if elsewhere {
		return e.copyTo(ctx, a, channel, row, alert)
	}
	return e.callUnder(ctx, a, alert, whom, over)
}

// alarmOf is the alarm that a call is at, or whose step it follows, and since when the
// ticket's clock has called people: who has taken the ticket since then has done so
// because of it.
func (e *Engine) alarmOf(ctx context.Context, a store.Action) (alarm *store.Action, since time.Time, err error) {
	actions, err := e.Store.TicketActions(ctx, a.Source, a.ID)
	for i := range actions {
		x := &actions[i]
		if x.Kind.Traits().Alarm() && x.Topic == a.Topic && x.Cycle == a.Cycle && (since.IsZero() || x.Created.Before(since)) {
			since = x.Created
		}
		if x.Key == a.Step.Alarm {
			alarm = x
		}
	}
	return alarm, since, err
}

// inDanger is how the clock stands that a call is about, and whether it is still in
// danger: running past a threshold, or late.
func inDanger(row *store.Row, v *rules.Verdict, a store.Action, now time.Time) (rules.Alert, bool) {
	for _, alert := range alerts(row, v, now) {
		if alert.Topic() == a.Topic && alert.Cycle == a.Cycle {
			return alert, alert.Kind == rules.Warning || alert.Kind == rules.Breached && alert.Reason == ""
		}
	}
	return rules.Alert{}, false
}

// putOff has a call wait: for its alarm, which goes first; while it is snoozed; and,
// if it names nobody who is there out of hours, for as long as its alarm is held.
func (e *Engine) putOff(ctx context.Context, a store.Action, alarm *store.Action, row *store.Row, alert rules.Alert) (bool, error) {
	now := e.Now()
	if a.State == store.Started || alarm == nil {
		return false, nil
	}
	if until := row.Ticket.SnoozedUntil(now); !until.IsZero() {
		return true, e.Store.Hold(ctx, a, "", until, "snoozed")
	}
	waits := alarm.State == store.Pending || alarm.State == store.Started
	onCall := slices.ContainsFunc(a.Step.Whom, func(whom string) bool { return strings.HasPrefix(whom, string(oncall.ByRota)+":") })
	switch {
	case waits && alarm.Held != "" && !onCall && alarm.NotBefore.After(now):
		return true, e.Store.Hold(ctx, a, "", alarm.NotBefore, "held with its alarm")
	case waits && alarm.Held == "":
		return true, e.Store.Hold(ctx, a, "", now.Add(5*time.Second), "waits for its alarm")
	}
	return false, nil
}

// channelOf is the channel in which a step puts the ticket's message up, if it does.
func channelOf(s *store.Step) (string, bool) {
	if len(s.Whom) != 1 {
		return "", false
	}
	whom, err := oncall.ParseCallee(s.Whom[0])
	return whom.Name, err == nil && whom.Kind == oncall.Channel
}

// whom is whom a step's line mentions now.
func (e *Engine) whom(a store.Action, row *store.Row, alert rules.Alert) ([]rules.Called, error) {
	var list []rules.Called
	for _, text := range a.Step.Whom {
		callee, err := oncall.ParseCallee(text)
		if err != nil {
			return nil, errDropped(err.Error())
		}
		c := rules.Called{Role: text}
		switch callee.Kind {
		case oncall.Assignee:
			c.Email = e.chatAddress(row.Source, alert.Assignee)
			c.None = c.Email == ""
		case oncall.Team:
			c.Group = e.Teams[alert.Group]
			c.None = c.Group == ""
		case oncall.ByRota:
			c.Email = e.onCall(callee.Name)
			c.None = c.Email == ""
		case oncall.User:
			c.Email = callee.Name
		case oncall.Group:
			c.Group = callee.Name
		}
		list = append(list, c)
	}
	return list, nil
}

func (e *Engine) onCall(rota string) string {
	if e.OnCall == nil {
		return ""
	}
	return e.OnCall(rota, e.Now())
}

// chatAddress is the address by which the chat knows whom a vendor knows by another.
func (e *Engine) chatAddress(source, address string) string {
	if e.ChatAddress == nil || address == "" {
		return address
	}
	return e.ChatAddress(source, address)
}

// callUnder calls people under the ticket's message in the alarm's channel, which is
// put up first if it isn't there. over is why they needn't be called any more, if they
// haven't been.
func (e *Engine) callUnder(ctx context.Context, a store.Action, alert rules.Alert, whom []rules.Called, over errDropped) error {
	cards, _, err := e.cards(ctx, a)
	if err != nil {
		return err
	}
	route := e.Route(alert)
	alert.Speak = route.Language
	i := slices.IndexFunc(cards, func(m store.Message) bool { return m.Route == route.Channel })
	if i < 0 {
		if over != "" {
			return over
		}
		m, err := e.put(ctx, a, route.Channel, alert, a.Key)
		if err != nil {
			return err
		}
		if err := e.Store.RecordSent(ctx, store.Action{}, []store.Message{m}, e.Now()); err != nil { // it ends no action
			return err
		}
		cards, i = append(cards, m), len(cards)
	}
	m := cards[i]
	line := rules.Call{Key: a.Key + "/line", Language: m.Language, Alert: alert, Whom: whom}
	if a.State == store.Started {
		_, sent, err := e.Chat.FindReply(ctx, m.Channel, m.TS, line.Key)
		if err != nil {
			return inChannel(m.Route, err)
		}
		if sent {
			return e.endAction(ctx, a, store.Done, "")
		}
		if over != "" {
			return over
		}
	}
	if err := e.Store.Start(ctx, m.Route, a); err != nil {
		return err
	}
	if _, err := e.Chat.Call(ctx, m.Channel, m.TS, line); err != nil {
		return inChannel(m.Route, err)
	}
	e.Log.Info("called", "action", a.Key, "channel", m.Route)
	return e.endAction(ctx, a, store.Done, "")
}

// copyTo puts the ticket's message up in another channel, where it is kept true as
// everywhere.
func (e *Engine) copyTo(ctx context.Context, a store.Action, channel string, row *store.Row, alert rules.Alert) error {
	cards, _, err := e.cards(ctx, a)
	if err != nil {
		return err
	}
	alert.Speak = e.Route(alert).Language
	for _, m := range cards {
		if m.Route == channel {
			return e.addToThread(ctx, a, m, alert)
		}
	}
	alert.Key = a.Key
	return e.postCard(ctx, a, channel, alert)
}

// callList calls people under the list that said the alarm: once for all its tickets
// whose step names the same people.
func (e *Engine) callList(ctx context.Context, a store.Action, alarm store.Action, whom []rules.Called) error {
	names := make([]string, len(whom))
	for i, c := range whom {
		names[i] = cmp.Or(c.Role, c.Email, c.ID)
	}
	key := fmt.Sprintf("call/%s/%d/%s", alarm.List, a.Step.Number, strings.Join(names, ","))
	said, err := e.Store.Action(ctx, key)
	if err != nil {
		return err
	}
	if said != nil && said.State == store.Done && a.Key != key {
		return e.endAction(ctx, a, store.Done, "called under "+alarm.List)
	}
	list, err := e.Store.PostedList(ctx, alarm.List)
	if err != nil {
		return err
	}
	if list == nil || list.TS == "" {
		return e.Store.Hold(ctx, a, "", e.Now().Add(5*time.Second), "waits for its list")
	}
	left := 0
	for _, line := range list.Lines {
		if line.Kind.Alarm() {
			left++
		}
	}
	// The line is another action, so that the next ticket of the list finds it done.
	line := store.Action{Key: key, Kind: store.Call, Channel: list.Channel, State: store.Started, NotBefore: e.Now(), Step: &store.Step{Alarm: a.Step.Alarm, Number: a.Step.Number, Whom: a.Step.Whom}}
	if said == nil {
		if err := e.Store.Insert(ctx, []store.Action{line}, e.Now()); err != nil {
			return err
		}
	}
	_, sent, err := e.Chat.FindReply(ctx, list.Channel, list.TS, key)
	if err != nil {
		return inChannel(list.Channel, err)
	}
	if !sent {
		if _, err := e.Chat.Call(ctx, list.Channel, list.TS, rules.Call{Key: key, Language: list.Language, Tickets: left, Whom: whom}); err != nil {
			return inChannel(list.Channel, err)
		}
		e.Log.Info("called", "action", key, "channel", list.Channel)
	}
	if err := e.endAction(ctx, line, store.Done, ""); err != nil {
		return err
	}
	return e.endAction(ctx, a, store.Done, "called under "+alarm.List)
}
