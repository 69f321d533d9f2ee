package engine

import (
	"context"
	"slices"
	"strings"
	"time"

	"vigie/bot/store"
	"vigie/rules"
	"vigie/rules/words"
)

// noticeKeys are how the keys of notices begin, for good.
var noticeKeys = map[store.Kind]string{
	store.Summary:  "summary/",        // then the source
	store.Digest:   "digest/",         // then when it came up
	store.Opening:  "opening/",        // then the key of the first alarm in it
	store.Outage:   "catchup/outage/", // likewise
	store.Storm:    "catchup/storm/",  // likewise
	store.Group:    "group/",          // then the user group as it is named
	store.Silence:  "silence/",        // then the source, since when, and what it is about
	store.Briefing: "briefing/",       // then the schedule that it follows, and when it came up
	store.Handover: "handover/",       // likewise
}

// A notice is a message about no single ticket.
type notice struct {
	language string
	head     string
	alerts   []rules.Alert
	late     []rules.Alert // those that are said with it, and should have been said before
}

// notice is what an action that says something should say now; errDropped if
// that is nothing any more.
func (e *Engine) notice(ctx context.Context, a store.Action) (notice, error) {
	if a.Kind.Traits().List() {
		return e.listNotice(ctx, a)
	}
	first := a.Kind == store.Summary
	c, err := e.census(ctx, func(r *store.Row) bool {
		if first {
			return r.Source == a.Source
		}
		return e.Source(r.Source) != nil // those of a source that was taken out are nobody's
	})
	if first {
		return notice{language: e.Language, head: c.summary(e.Language, a.Source)}, err
	}
	return notice{language: e.Language, head: c.digest(e.Language), alerts: c.worst}, err
}

// Notices inserts the messages that are about no single ticket: one summary
// after the first start of each source, instead of a warning for everything
// that had passed before, the daily digest, and that a source is silent. It
// returns when the next may be due.
func (e *Engine) Notices(ctx context.Context) (next time.Time, err error) {
	now := e.Now()
	var notices []store.Action
	say := func(kind store.Kind, source, about string) {
		notices = append(notices, store.Action{Key: noticeKeys[kind] + about, Kind: kind, Source: source, Urgency: kind.Traits().Urgency, NotBefore: now})
	}
	for _, s := range e.Sources {
		ready, err := e.firstStartToAnnounce(ctx, s.Name)
		if err != nil {
			return next, err
		}
		if ready {
			say(store.Summary, s.Name, s.Name)
		}
	}
	silences, silent, err := e.silences(ctx)
	if err != nil {
		return next, err
	}
	notices = append(notices, silences...)
	away, err := e.fallbacks(ctx)
	if err != nil {
		return next, err
	}
	came, next, err := e.comesUp(ctx, store.DailyDigest, "", e.Digest)
	if err != nil {
		return next, err
	}
	if !came.IsZero() {
		say(store.Digest, "", came.UTC().Format(time.RFC3339))
	}
	lists, listed, upcoming, err := e.digests(ctx)
	if err != nil {
		return next, err
	}
	if notices = append(notices, lists...); len(notices) > 0 {
		if err := e.Store.Insert(ctx, notices, now); err != nil {
			return next, err
		}
		e.Poke(chatLoop)
	}
	if !came.IsZero() {
		listed = append(listed, store.DailyDigest)
	}
	for _, schedule := range listed {
		if err := e.Store.Ran(ctx, schedule, "", now); err != nil {
			return next, err
		}
	}
	return earliest(earliest(earliest(next, upcoming), silent), away), nil
}

// firstStartToAnnounce says whether a source's first start is complete, and its summary
// hasn't been inserted yet.
func (e *Engine) firstStartToAnnounce(ctx context.Context, source string) (bool, error) {
	told, err := e.Store.Action(ctx, noticeKeys[store.Summary]+source)
	if err != nil || told != nil {
		return false, err
	}
	cursor, _, err := e.Store.Cursor(ctx, source)
	if err != nil || cursor == "" || strings.HasPrefix(cursor, firstOpen) || strings.HasPrefix(cursor, firstRecent) {
		return false, err
	}
	pending, err := e.Store.FirstPending(ctx, source)
	return !pending, err
}

// A census counts open tickets by how their promises stand.
type census struct {
	open, breached, atRisk, paused, triage, parked int
	worst                                          []rules.Alert // the breached, then those at risk, by due
}

// worstShown is how many tickets a notice names.
const worstShown = 10

func (e *Engine) census(ctx context.Context, of func(*store.Row) bool) (c census, err error) {
	now := e.Now()
	err = e.Store.EachOpen(ctx, func(r *store.Row) error {
		if of(r) {
			c.count(e, r, now)
		}
		return nil
	})
	return c, err
}

func (c *census) count(e *Engine, r *store.Row, now time.Time) {
	if r.Problem != "" || r.Ticket == nil {
		c.parked++
		return
	}
	v, err := e.Judge(r)
	if err != nil || v.Error != "" {
		c.parked++
		return
	}
	c.open++
	breached, risk, paused := false, false, false
	for _, a := range v.Alerts(r.Ticket, now) {
		switch a.Kind {
		case rules.Breached:
			breached = true
		case rules.Warning:
			risk = true
		case rules.Paused:
			paused = true
		case rules.Triage:
			c.triage++
			continue
		case rules.Unlinked, rules.Repaired, rules.Flagged:
			continue
		}
		if a.Kind.Alarm() {
			c.note(a)
		}
	}
	switch {
	case breached:
		c.breached++
	case risk:
		c.atRisk++
	case paused:
		c.paused++
	}
}

// note keeps an alert if it is among the worst.
func (c *census) note(a rules.Alert) {
	at, _ := slices.BinarySearchFunc(c.worst, a, moreUrgent)
	if at < worstShown {
		c.worst = slices.Insert(c.worst, at, a)
		c.worst = c.worst[:min(len(c.worst), worstShown)]
	}
}

// summary is the one message of a first start.
func (c census) summary(language, source string) string {
	w := words.In(language)
	return w.Say("notice.summary", "source", source, "open", w.Say("notice.open", "n", c.open),
		"breached", w.Say("notice.summary_of.breached", "n", c.breached), "at_risk", w.Say("notice.summary_of.at_risk", "n", c.atRisk),
		"paused", w.Say("notice.summary_of.paused", "n", c.paused), "triage", w.Say("notice.summary_of.triage", "n", c.triage), "unread", c.unread(w))
}

// digest is what heads the daily list.
func (c census) digest(language string) string {
	w := words.In(language)
	return w.Say("notice.digest", "open", w.Say("notice.open", "n", c.open),
		"breached", w.Say("notice.digest_of.breached", "n", c.breached), "at_risk", w.Say("notice.digest_of.at_risk", "n", c.atRisk),
		"paused", w.Say("notice.digest_of.paused", "n", c.paused), "triage", w.Say("notice.digest_of.triage", "n", c.triage), "unread", c.unread(w))
}

// unread names the tickets that nobody could judge.
func (c census) unread(w *words.Language) string {
	if c.parked == 0 {
		return ""
	}
	return w.Say("notice.unread", "n", c.parked)
}
