package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"vigie/bot/store"
	"vigie/rules"
	"vigie/rules/calendar"
	"vigie/rules/words"
)

// Digests by route are lists of tickets that are posted when a team's day begins or ends
// by its calendar, or at fixed times. Each of these occasions is a schedule of its own,
// of which it is stored when it was last followed (comesUp): so none is missed over a
// restart, and none comes twice. What a list says is worked out when it is posted, and
// kept true from then on as that of any other is (amend). What one team hands to the
// next is taken over by a button, whose request is stored before it is answered.

// A Digest is one row of them.
type Digest struct {
	Key      string // tells it from the others, for good
	Channel  string
	Language string
	When     func(rules.Alert) bool // of each ticket's most pressing promise
	Opening  bool                   // when the day of a team begins: what awaits it
	Closing  bool                   // when it ends: what it hands to the next
	Times    []cron.Schedule        // what awaits everybody then
}

// An occasion is what a digest is posted at.
type occasion struct {
	digest   *Digest
	kind     store.Kind
	schedule store.Schedule
	times    cron.Schedule
	policy   string // whose calendar it is; "" for a fixed time
	calendar string
	teams    string // that work by it, as people read them
}

// workday is a calendar's openings, or its closings, as a schedule.
type workday func(time.Time) time.Time

func (w workday) Next(t time.Time) time.Time { return w(t) }

// occasions are those of all digests, by the policies that are in force.
func (e *Engine) occasions() (list []occasion) {
	for i := range e.Digests {
		d := &e.Digests[i]
		for n, times := range d.Times {
			list = append(list, occasion{digest: d, kind: store.Briefing, schedule: store.Schedule(fmt.Sprintf("%s/at/%d", d.Key, n)), times: times})
		}
		for _, p := range e.inForce() {
			for _, c := range workCalendars(p) {
				o := occasion{digest: d, policy: p.Name, calendar: c.Name(), teams: teamsBy(p, c)}
				name := d.Key + "/" + p.Name + "/" + c.Name()
				if d.Opening {
					o.kind, o.times, o.schedule = store.Briefing, workday(c.NextOpening), store.Schedule(name+"/opening")
					list = append(list, o)
				}
				if d.Closing {
					o.kind, o.times, o.schedule = store.Handover, workday(c.NextClosing), store.Schedule(name+"/closing")
					list = append(list, o)
				}
			}
		}
	}
	return list
}

// inForce are the policies of all sources, of each the version that is in force.
func (e *Engine) inForce() (list []*rules.Policy) {
	for _, s := range e.Sources {
		for _, p := range s.Policies {
			if now := rules.InForce(s.Policies, p.Name, e.Now()); now != nil && !slices.ContainsFunc(list, func(other *rules.Policy) bool { return other.Name == now.Name }) {
				list = append(list, now)
			}
		}
	}
	return list
}

// workCalendars are those that teams of a policy work by, by their names.
func workCalendars(p *rules.Policy) []*calendar.Calendar {
	list := []*calendar.Calendar{p.Calendar}
	for _, c := range p.Teams {
		if !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b *calendar.Calendar) int { return strings.Compare(a.Name(), b.Name()) })
	return list
}

// teamsBy are the teams that work by a calendar, or its name where the policy names none.
func teamsBy(p *rules.Policy, c *calendar.Calendar) string {
	var teams []string
	for team, by := range p.Teams {
		if by == c {
			teams = append(teams, team)
		}
	}
	if len(teams) == 0 {
		return c.Name()
	}
	slices.Sort(teams)
	return strings.Join(teams, ", ")
}

// key begins the keys of an occasion's lists, before when it came up.
func (o *occasion) key() string { return noticeKeys[o.kind] + string(o.schedule) + "/" }

// digests are the lists that have come up, the schedules that they follow, and when the
// next comes up.
func (e *Engine) digests(ctx context.Context) (lists []store.Action, of []store.Schedule, next time.Time, err error) {
	for _, o := range e.occasions() {
		came, then, err := e.comesUp(ctx, o.schedule, "", o.times)
		if err != nil {
			return nil, nil, next, err
		}
		next = earliest(next, then)
		if !came.IsZero() {
			lists = append(lists, store.Action{Key: o.key() + came.UTC().Format(time.RFC3339), Kind: o.kind, Channel: o.digest.Channel, Urgency: o.kind.Traits().Urgency, NotBefore: e.Now()})
			of = append(of, o.schedule)
		}
	}
	return lists, of, next, nil
}

// postDigest posts a list that has come up. One without tickets isn't posted.
func (e *Engine) postDigest(ctx context.Context, a store.Action) error {
	all := e.occasions()
	i := slices.IndexFunc(all, func(o occasion) bool { return strings.HasPrefix(a.Key, o.key()) })
	if i < 0 {
		return errDropped("the configuration has no such digest any more")
	}
	o := &all[i]
	channel := o.digest.Channel
	if a.State == store.Started {
		channel = a.Channel
		id, ts, found, err := e.Chat.Find(ctx, channel, a.Key, a.Created.Add(-time.Minute))
		if err != nil {
			return inChannel(channel, err)
		}
		if found {
			return e.recordPosted(ctx, a, channel, id, ts)
		}
	}
	r, err := e.roundup(ctx, o)
	if err != nil {
		return err
	}
	if len(r.Alerts) == 0 {
		return errDropped("there was nothing to see to")
	}
	r.Key = a.Key
	if err := e.Store.StartList(ctx, channel, a, store.PostedList{Head: r.Head, Language: r.Language, Lines: r.Alerts}); err != nil {
		return err
	}
	id, ts, err := e.Chat.PostRoundup(ctx, channel, r)
	if err != nil {
		return fmt.Errorf("say %s: %w", a.Key, inChannel(channel, err))
	}
	e.Log.Info("told", "action", a.Key, "channel", channel)
	return e.recordPosted(ctx, a, channel, id, ts)
}

// roundup is what an occasion's list says now: the tickets that somebody must see to,
// the most pressing first.
func (e *Engine) roundup(ctx context.Context, o *occasion) (r rules.Roundup, err error) {
	now := e.Now()
	err = e.Store.EachOpen(ctx, func(row *store.Row) error {
		if row.Ticket == nil || row.Problem != "" || e.Source(row.Source) == nil {
			return nil
		}
		v, err := e.Judge(row)
		if err != nil {
			return nil // the board tells of it
		}
		a, open := v.Foremost(row.Ticket, now)
		if open && a.Kind != rules.Paused && (o.policy == "" || a.PolicyName == o.policy && a.Calendar == o.calendar) && o.digest.When(a) {
			r.Alerts = append(r.Alerts, a)
		}
		return nil
	})
	slices.SortFunc(r.Alerts, func(a, b rules.Alert) int {
		if c := a.Stand().Pressing(b.Stand()); c != 0 {
			return c
		}
		return strings.Compare(a.Source+":"+a.ID, b.Source+":"+b.ID)
	})
	w, all := words.In(o.digest.Language), len(r.Alerts)
	r.Language = o.digest.Language
	switch {
	case o.kind == store.Handover:
		r.Handover, r.Head = true, w.Say("roundup.closing", "team", o.teams, "n", all)
	case o.policy != "":
		r.Head = w.Say("roundup.opening", "team", o.teams, "n", all)
	default:
		r.Head = w.Say("roundup.at", "n", all)
	}
	if all > listShown {
		r.Alerts = r.Alerts[:listShown]
		r.Head += headMore(r.Language, all-listShown)
	}
	return r, err
}

// posted is a list of a digest as it was posted, with who has taken it over; false for
// any other list.
func (e *Engine) posted(ctx context.Context, l *store.PostedList) (r rules.Roundup, ours bool, err error) {
	handover := strings.HasPrefix(l.Key, noticeKeys[store.Handover])
	if !handover && !strings.HasPrefix(l.Key, noticeKeys[store.Briefing]) {
		return r, false, nil
	}
	r = rules.Roundup{Key: l.Key, Language: l.Language, Head: l.Head, Alerts: l.Lines, Handover: handover}
	a, err := e.Store.Action(ctx, takeOverKey(l.Key))
	if err != nil || a == nil || a.Request == nil || a.State == store.Parked || a.State == store.Dropped {
		return r, true, err
	}
	by, err := e.Chat.Person(ctx, a.Request.By.ID)
	r.Taker, r.TakenAt = by.Name, a.Request.At
	return r, true, err
}

// takeOverKey names the request by which a list is taken over: whoever is first, and
// nobody after him.
func takeOverKey(list string) string { return "request/take_over/" + list }

// TakeOver stores that somebody takes a list over, unless somebody has.
func (e *Engine) TakeOver(ctx context.Context, list string, r store.Request) error {
	r.What = store.TakeOver
	a := store.Action{Key: takeOverKey(list), Kind: store.Asked, List: list, Request: &r, Urgency: store.Asked.Traits().Urgency, NotBefore: e.Now()}
	if err := e.Store.Insert(ctx, []store.Action{a}, e.Now()); err != nil {
		return err
	}
	e.Poke(chatLoop)
	return nil
}

// showTaken shows on a list who has taken it over.
func (e *Engine) showTaken(ctx context.Context, a store.Action) error {
	l, err := e.Store.PostedList(ctx, a.List)
	if err != nil {
		return err
	}
	if l == nil || l.TS == "" {
		return errDropped("there is no list to take over")
	}
	r, ours, err := e.posted(ctx, l)
	if err != nil || !ours {
		return err
	}
	if err := e.Chat.EditRoundup(ctx, l.Channel, l.TS, r); err != nil {
		if hasOutcome(err, Gone) {
			return errDropped("the list is no longer there")
		}
		return inChannel(l.Channel, err)
	}
	e.Log.Info("taken over", "action", a.Key)
	return e.endAction(ctx, a, store.Done, "")
}
