package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"vigie/bot/store"
	"vigie/rules/words"
)

// What can't be seen, or written, looks like nothing new and nothing to do. So people
// are told, once for each silence, since when what is so, and the same message says
// when it is over. A silence is named by what it is about and when it began, so it is
// known again after a restart: that a source gives no news by the last news before,
// all else as an obstacle in the state (obstacles.go).

// leastSilence is how long a source may be silent however often it is polled.
const leastSilence = 10 * time.Minute

// silences lists what is to be said about sources that are silent, or were, and
// returns when the next may be.
func (e *Engine) silences(ctx context.Context) (actions []store.Action, next time.Time, err error) {
	now := e.Now()
	for _, s := range e.Sources {
		if e.lastSilenceCheck.IsZero() || !now.Before(s.silentFrom(e.lastSilenceCheck)) { // it has just started, or was asleep
			e.began = now
		}
	}
	e.lastSilenceCheck = now
	for _, s := range e.Sources {
		current, from, err := e.silencesOf(ctx, s, now)
		if err != nil {
			return nil, next, err
		}
		next = earliest(next, from)
		told, err := e.Store.Messages(ctx, s.Name, "")
		if err != nil {
			return nil, next, err
		}
		for _, m := range told {
			if slices.ContainsFunc(current, func(is store.Action) bool { return is.Key == m.Metric }) {
				continue
			}
			// It is over: what was said is brought up to date, unless that waits already.
			a, err := e.Store.Action(ctx, m.Metric)
			if err != nil {
				return nil, next, err
			}
			if a != nil && a.State == store.Done {
				a.State, a.NotBefore, a.Note = store.Pending, now, ""
				actions = append(actions, *a)
			}
		}
		for _, is := range current {
			a, err := e.Store.Action(ctx, is.Key)
			if err != nil {
				return nil, next, err
			}
			if a == nil {
				actions = append(actions, is)
			}
		}
	}
	return actions, next, nil
}

// silencesOf are the actions that tell of a source's silences that last, and from when
// on it will be silent if it gives no news.
func (e *Engine) silencesOf(ctx context.Context, s *Source, now time.Time) (last []store.Action, from time.Time, err error) {
	_, news, err := e.lastNews(ctx, s.Name)
	if err != nil {
		return nil, from, err
	}
	obstacles, err := e.currentObstacles(ctx, s.Name)
	if err != nil {
		return nil, from, err
	}
	// Whoever has just begun has not asked yet.
	from = s.silentFrom(news)
	if begins := s.silentFrom(e.began); begins.After(from) {
		from = begins
	}
	silent := blind(obstacles, news) || !now.Before(from)
	if silent {
		last, from = append(last, silence(s.Name, "", news, now)), time.Time{}
	}
	if err := e.noteUnread(ctx, s, silent, obstacles, now); err != nil {
		return nil, from, err
	}
	for _, what := range slices.Sorted(maps.Keys(obstacles)) {
		if what != pollPart { // which is said with the silence
			last = append(last, silence(s.Name, what, obstacles[what].Since, now))
		}
	}
	return last, from, nil
}

// blind says that polls have been refused since the last news: an obstacle from before
// it is about to be taken away.
func blind(obstacles map[string]store.Obstacle, last time.Time) bool {
	o, there := obstacles[pollPart]
	return there && !last.After(o.Since)
}

// lastNews is when a source was last read, and whether it ever was; if not, it is
// when that was first asked.
func (e *Engine) lastNews(ctx context.Context, source string) (ever bool, at time.Time, err error) {
	if _, at, err = e.Store.Cursor(ctx, source); err != nil || !at.IsZero() {
		return true, at, err
	}
	known, err := e.Store.Source(ctx, source)
	if at = known.Asked; err == nil && at.IsZero() {
		at = e.Now().Truncate(time.Millisecond) // as it is kept: it names the silence
		err = e.Store.AskedSince(ctx, source, at)
	}
	return false, at, err
}

// silentFrom is when a source whose last news came at an instant is silent for too long.
func (s *Source) silentFrom(last time.Time) time.Time {
	if s.SilentAfter > 0 {
		return last.Add(s.SilentAfter)
	}
	at := last
	for range 3 {
		if at = s.Poll.Next(at); at.IsZero() {
			return last.AddDate(100, 0, 0) // a schedule that never comes up
		}
	}
	if least := last.Add(leastSilence); at.Before(least) {
		return least
	}
	return at
}

// silence is the action that tells of a silence. It is known by when that began, and
// what it is about: "" that there is no news.
func silence(source, what string, since, now time.Time) store.Action {
	key := noticeKeys[store.Silence] + source + "/" + since.UTC().Format(time.RFC3339Nano)
	if what != "" {
		key += " " + what
	}
	return store.Action{Key: key, Kind: store.Silence, Source: source, Obstacle: what, Since: since, Urgency: store.Silence.Traits().Urgency, NotBefore: now}
}

// sendSilence says that a source is silent, or edits that message to say that it is over,
// which may be repeated.
func (e *Engine) sendSilence(ctx context.Context, a store.Action) error {
	text, over, err := e.silenceText(ctx, a)
	if err != nil {
		return err
	}
	m, err := e.silenceMessage(ctx, a)
	if err != nil {
		return err
	}
	if m == nil {
		if err := e.Store.Start(ctx, e.Channel, a); err != nil {
			return err
		}
		m = &store.Message{Source: a.Source, Metric: a.Key, Route: e.Channel, Language: e.Language}
		if m.Channel, m.TS, err = e.Chat.List(ctx, e.Channel, a.Key, e.Language, text, nil); err != nil {
			return fmt.Errorf("say %s: %w", a.Key, inChannel(e.Channel, err))
		}
		e.Log.Info("told", "action", a.Key, "channel", e.Channel)
	} else if err := e.Chat.Amend(ctx, m.Channel, m.TS, m.Language, text, nil); err != nil && !hasOutcome(err, Gone) {
		return inChannel(m.Channel, err)
	}
	if !over {
		return e.recordSent(ctx, a, []store.Message{*m})
	}
	if err := e.Store.Forget(ctx, *m); err != nil {
		return err
	}
	if a.Obstacle != "" {
		if err := e.Store.RemoveObstacle(ctx, a.Source, a.Obstacle); err != nil {
			return err
		}
	}
	return e.endAction(ctx, a, store.Done, "")
}

// silenceMessage is where a silence was told; nil if it wasn't. One whose posting
// was cut off is looked for.
func (e *Engine) silenceMessage(ctx context.Context, a store.Action) (*store.Message, error) {
	told, err := e.Store.Messages(ctx, a.Source, "")
	if err != nil {
		return nil, err
	}
	for _, m := range told {
		if m.Metric == a.Key {
			return &m, nil
		}
	}
	if a.State != store.Started {
		return nil, nil
	}
	id, ts, found, err := e.Chat.Find(ctx, a.Channel, a.Key, a.Created.Add(-time.Minute))
	if err != nil || !found {
		return nil, inChannel(a.Channel, err)
	}
	return &store.Message{Source: a.Source, Metric: a.Key, Route: a.Channel, Language: e.Language, Channel: id, TS: ts}, nil
}

// silenceText is what is so of a silence now, and whether it is over.
func (e *Engine) silenceText(ctx context.Context, a store.Action) (text string, over bool, err error) {
	s := e.Source(a.Source)
	since := a.Since
	if s == nil {
		return "", false, errDropped("the source is no longer in the configuration")
	}
	if len(s.Policies) > 0 {
		since = since.In(s.Policies[0].Calendar.Zone())
	}
	if a.Obstacle != "" {
		return e.messageOfObstacle(ctx, s, a.Obstacle, since)
	}
	ever, last, err := e.lastNews(ctx, a.Source)
	if err != nil {
		return "", false, err
	}
	obstacles, err := e.currentObstacles(ctx, a.Source)
	if err != nil {
		return "", false, err
	}
	blind := blind(obstacles, last)
	w, at := words.In(e.Language), dateTime(e.Language, since)
	head, means := "silence.no_news", "silence.unseen"
	if !last.Equal(since) {
		return w.Say("silence.again", "source", a.Source, "since", at), true, nil
	}
	if !ever {
		head = "silence.never_read"
	}
	if blind { // what a webhook names can't be read either
		means = "silence.refused"
	}
	return w.Say(head, "source", a.Source, "since", at) + " " + w.Say(means), false, nil
}
