package web

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"vigie/bot/store"
	"vigie/rules"
	"vigie/rules/calendar"
)

// words is one language. In its texts {n}, {name} and the like stand for values.
// The metrics are called as in the messages that people get.
type words struct {
	Lang, Other, OtherName, Colon string // "en", "fr", "Français", ": "

	// Frame, login, refusals.
	Title, Tagline, ToBoard, AsOf, RefreshOn, RefreshOff, RefreshNote      string
	LoginTitle, LoginLabel, LoginHint, LoginButton, LoginWrong, LoginAgain string
	NoToken, NoProxy, TooMany, Elsewhere, BadForm, Broken, NoTicket, NoWay string

	// Manual.
	Manual, ManualNote, NoManualPage, WhatToDo string

	// Board.
	BoardCaption, Ticket, Priority, Promise, State, Due, Left, Clause string
	Search, AnySource, AnyState, Source, Show, ShowAll                string
	Untriaged, ParkedTitle, ParkedNote, Why                           string
	Nothing, NothingFits, More                                        string // {n}
	Earlier, LaterOnes                                                string // {n}
	MoreLines                                                         string // {n}, {name}
	NoNews, NeverRead, ChatStalled                                    string // {name}
	SoSince                                                           string // {what}
	TroubleTitle, TroubleCaption, Action, Attempts, Next, Note        string
	Unknown                                                           string // of a priority

	// Report.
	Report, ReportTitle, Period, SoFar, Counted, FirstDay, LastDay, Before, After, CSV string // {from}, {to}
	Met, OfThese, Void, Share, ShareOf                                                 string
	ByPolicy, ByClause, ByPriority, ByOrganization                                     string
	Breaches, BreachesCaption, Late, Stopped, NotStopped, MoreBreaches                 string // {n}
	NoneDecided, AllMet, NoPeriod, Unjudged, Waited                                    string
	OfThoseThatCame, MarkedTickets, Tickets, Flagged, Tag, Since                       string // {n}

	// Ticket page.
	ForCustomer                                                       string
	AtVendor, ToTicket, Policy, Outside, Proposed, Triage, TriageLate string
	TechnicalTeam, NoIssue, NoIssueLate, Marked, ToCustomer           string
	Kind, Status, Organization, Team, Assignee, Created               string
	Target, Calendar, Cycle, NoDue, DueAfter, ByChange                string
	UnknownChoice                                                     string // {name}
	TimelineCaption, To, ToCome, AfterEnd, Stretches                  string
	NoClocks, FromFirst, NotCovered, NotJudged                        string
	NotRead, NotThere, NoSource                                       string // {name}
	MessagesTitle, MessageAbout, MessageTriage, NoMessages            string
	ActionsTitle, ActionsCaption, When, NoActions                     string
	LogTitle, LogCaption, Verdict, NoLog                              string
	standings                                                         map[standing]string
	// What is counted, for rules.Counted, without the count.
	tiles                                                              map[standing]string
	open, met, byWorkaround, atOnce, void, stillOpen, tickets, outside string
	states                                                             map[rules.State]string
	statuses                                                           map[rules.Status]string
	origins                                                            map[rules.PriorityFrom]string
	actionKinds                                                        map[store.Kind]string
	actionStates                                                       map[store.ActionState]string
	whys                                                               map[rules.Why]string
	closed                                                             map[calendar.Why]string
	units                                                              map[string][2]string // one, several
	left, missedBy, missed, now, businessTime                          string
	minutes, hours, dayHours                                           string
	date                                                               func(t time.Time, year bool) string
	holiday                                                            func(calendar.Name) string
}

// Fill puts values in place of {names}, once: a value is never looked into.
func (w *words) Fill(text string, values ...any) string {
	pairs := make([]string, len(values))
	for i, v := range values {
		pairs[i] = fmt.Sprint(v)
		if i%2 == 0 {
			pairs[i] = "{" + pairs[i] + "}"
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func (w *words) metric(m rules.Metric) string { return m.In(w.Lang) }

func (w *words) standing(s standing) string {
	if s == untriaged {
		return w.Untriaged
	}
	return w.standings[s]
}

// Missed heads the counts of missed targets.
func (w *words) Missed() string { return w.standing(missed) }

// topic is what a message is about: a metric, the missing priority, a mark.
func (w *words) topic(topic string) string {
	switch topic {
	case rules.TriageTopic:
		return w.Untriaged
	case rules.EscalationTopic:
		return w.TechnicalTeam
	}
	if tag, ok := strings.CutPrefix(topic, rules.MarkTopic); ok {
		return tag
	}
	return w.metric(rules.Metric(topic))
}

// change says what made a target missed at once; its instant is to follow.
func (w *words) change(c *rules.BreachCause) string {
	return w.Fill(w.ByChange, "why", c.In(w.Lang))
}

// origin is where the priority in force comes from.
func (w *words) origin(v *rules.Verdict) string {
	if v.Unknown != "" {
		return w.Fill(w.UnknownChoice, "name", v.Unknown)
	}
	return w.origins[v.PriorityFrom]
}

// priority is the priority in force, or the word for none.
func (w *words) priority(v *rules.Verdict) string {
	if !v.Covered() || v.Priority == "" {
		return w.Unknown
	}
	return v.Priority
}

// span is a length of time in whole minutes, rounded down: "3 h 20"; of a short
// target to the second, as long as it is under an hour. Business time has no days: how
// long one is, is the policy's affair.
func (w *words) span(seconds int64, business, short bool) string {
	h, m := seconds/3600, seconds/60%60
	switch {
	case h == 0 && short:
		return w.exact(seconds)
	case h == 0:
		return fmt.Sprintf(w.minutes, m)
	case h >= 48 && !business:
		return fmt.Sprintf(w.dayHours, h/24, h%24)
	case m == 0:
		return fmt.Sprintf(w.hours, h)
	}
	return fmt.Sprintf(w.hours, h) + fmt.Sprintf("\u00a0%02d", m)
}

// exact is a length of time to the second, so that lines add up: "3 h 20 min 5 s".
func (w *words) exact(seconds int64) string {
	h, m, s := seconds/3600, seconds/60%60, seconds%60
	if s == 0 {
		return w.span(seconds, true, false)
	}
	text := fmt.Sprintf("%d\u00a0s", s)
	if h > 0 || m > 0 {
		text = fmt.Sprintf(w.minutes, m) + "\u00a0" + text
	}
	if h > 0 {
		text = fmt.Sprintf(w.hours, h) + "\u00a0" + text
	}
	return text
}

// short says that a clock's times are told to the second: a minute is a tenth of its
// target or more, or the target has seconds itself.
func short(c *rules.Clock) bool { return c.Target < 600 || c.Target%60 != 0 }

// stand is the time that a clock has left, or since when it is over; "" for one
// that has come to its end in time.
func (w *words) stand(c *rules.Clock) string {
	least := int64(60)
	if short(c) {
		least = 1
	}
	switch {
	case c.State == rules.StateBreached && -c.Remaining < least:
		return w.missed // at closing time, perhaps: by nothing until opening
	case c.State == rules.StateBreached:
		return w.Fill(w.missedBy, "span", w.span(-c.Remaining, c.Business, short(c)))
	case c.Stopped():
		return ""
	case c.Remaining < least:
		return w.now
	}
	return w.Fill(w.left, "span", w.span(c.Remaining, c.Business, short(c)))
}

// tile is what a count is of, without the number: "missed", "1" being one.
func (w *words) tile(label string, n int) string {
	_, label, _ = strings.Cut(rules.Counted(w.Lang, "%d "+label, n), " ")
	return label
}

// without says why a ticket that a policy covers has no clock.
func (w *words) without(v *rules.Verdict) string {
	if v.FromFirst {
		return w.FromFirst
	}
	return w.NoClocks
}

// target says a duration as the policy writes it, in the reader's language.
func (w *words) target(text string) string {
	f := strings.Fields(text)
	if len(f) == 0 {
		return ""
	}
	unit, known := w.units[strings.TrimSuffix(strings.Join(f[1:], " "), "s")]
	switch {
	case !known:
		return text
	case f[0] == "1":
		return f[0] + " " + unit[0]
	}
	return f[0] + " " + unit[1]
}

// why says what made a line of a timeline count or not.
func (w *words) why(l *rules.Line) string {
	text := cmp.Or(w.whys[l.Why], string(l.Why))
	switch {
	case l.Why == rules.IsPaused:
		text += " " + cmp.Or(w.statuses[l.Status], string(l.Status))
	case l.Holiday != nil && l.Closed == calendar.Holiday:
		text = w.closed[calendar.Holiday] + " " + w.holiday(*l.Holiday)
	case l.Closed != "":
		text = cmp.Or(w.closed[l.Closed], string(l.Closed))
	}
	return text
}
