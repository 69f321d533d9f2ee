package words

import (
	"fmt"
	"strings"
	"time"

	"vigie/rules"
	"vigie/rules/calendar"
)

// The words of a letter to the customer.

func (w *letterWriter) promiseName(m rules.Metric) string {
	if m == rules.NextReply {
		return w.Say("letter.next_reply")
	}
	return w.Metric(m)
}

// targetOf is "2 business days, that is 16 h within support hours".
func (w *letterWriter) targetOf(tl *rules.Timeline) string {
	n, unit, _ := duration(tl.TargetAs)
	target := w.Target(tl.TargetAs)
	switch unit {
	case "business day":
		return w.Say("letter.business_day", "target", target, "span", w.span(tl.Clock.Target))
	case "second", "minute", "hour", "day":
		return w.Say("letter.plain."+unit, "n", n, "target", target)
	}
	return target
}

// standing says where the promise stands, in one sentence.
func (w *letterWriter) standing(tl *rules.Timeline) string {
	c := &tl.Clock
	due, stop := "", ""
	switch {
	case c.State == rules.StateMet:
		stop, due = w.moments(*c.StoppedAt, *c.Due)
	case c.Stopped() && c.Due != nil:
		due, stop = w.moments(*c.Due, *c.StoppedAt)
	case c.Due != nil:
		due = w.moment(*c.Due)
	}
	switch {
	case c.State == rules.StateVoid:
		return w.Say("letter.standing.void", "stop", stop)
	case c.State == rules.StateMet:
		return w.Say("letter.standing.met", "stop", stop, "due", due)
	case c.State == rules.StateBreached && c.Stopped():
		return w.Say("letter.standing.missed", "due", due, "stop", stop)
	case c.State == rules.StateBreached && c.Paused:
		return w.Say("letter.standing.missed_paused", "due", due, "present", w.pausedNow(tl))
	case c.State == rules.StateBreached:
		return w.Say("letter.standing.missed_open", "due", due, "present", w.present())
	case c.Due == nil && toMinute(c.Elapsed) == 0 && !w.seconds:
		return w.Say("letter.standing.paused_at_once", "present", w.pausedNow(tl), "target", w.span(c.Target))
	case c.Due == nil:
		return w.Say("letter.standing.paused", "present", w.pausedNow(tl), "used", w.span(c.Elapsed), "target", w.span(c.Target))
	}
	return w.Say("letter.standing.due", "due", due)
}

// present says what becomes of an open request: that somebody works on it only where
// somebody is in charge of it or has touched it.
func (w *letterWriter) present() string {
	if w.inHand {
		return w.Say("letter.present.in_hand")
	}
	return w.Say("letter.present.open")
}

func (w *letterWriter) pausedNow(tl *rules.Timeline) string {
	var status rules.Status
	for _, l := range tl.Lines {
		if l.Why == rules.IsPaused {
			status = l.Status
		}
	}
	return w.Say("letter.present." + pause(status))
}

// pause names the texts for why time stands still. Customers are told of two statuses
// and of no other.
func pause(status rules.Status) string {
	if status == rules.WaitingCustomer || status == rules.WaitingThirdParty {
		return string(status)
	}
	return "paused"
}

// because says which change made the promise late at once.
func (w *letterWriter) because(c *rules.Clock) string {
	if c.ByChange == nil {
		return ""
	}
	what := w.Say("letter.change.request")
	switch c.ByChange.What {
	case "priority", "kind", "organization", "group":
		what = w.Say("letter.change." + c.ByChange.What)
	}
	return w.Say("letter.change.at_once", "at", w.moment(c.ByChange.At), "what", what)
}

// earlier says how the promises of the same kind before this one ended.
func (w *letterWriter) earlier(past []rules.Clock) string {
	kept := 0
	var missed []string
	for i := range past {
		switch c := &past[i]; {
		case c.State == rules.StateMet:
			kept++
		case c.State == rules.StateBreached && c.StoppedAt != nil:
			due, stop := w.moments(*c.Due, *c.StoppedAt)
			missed = append(missed, w.Say("letter.each", "due", due, "stop", stop))
		}
	}
	var parts []string
	if kept > 0 {
		parts = append(parts, w.Say("letter.in_time", "n", kept))
	}
	switch n := len(missed); {
	case n > 3:
		last := w.Say("letter.last", "which", w.semicolons(missed[n-3:]))
		parts = append(parts, w.Say("letter.late", "n", n, "which", last))
	case n > 0:
		parts = append(parts, w.Say("letter.late", "n", n, "which", w.semicolons(missed)))
	}
	if len(parts) == 0 {
		return ""
	}
	return w.Say("letter.before", "what", strings.Join(parts, ", "))
}

// reason says in plain words what a stretch was.
func (w *letterWriter) reason(tl *rules.Timeline, l *rules.Line) string {
	switch l.Why {
	case rules.IsPaused:
		if tl.PausedNow && l.To.Unix() == w.now.Unix() {
			return w.pausedNow(tl)
		}
		return w.Say("letter.time." + pause(l.Status))
	case rules.IsSolved, rules.Fulfilled, rules.WasDeleted:
		return w.Say("letter.time." + string(l.Why))
	}
	if l.Closed != "" {
		return w.closed(l)
	}
	text := w.Say("letter.time.all")
	if tl.Clock.Business {
		text = w.Say("letter.time.open")
	}
	if l.Future {
		text = w.Say("letter.time.to_come", "what", text)
	}
	return text
}

// closed says why a stretch of business time didn't count.
func (w *letterWriter) closed(l *rules.Line) string {
	switch {
	case l.Closed == calendar.Holiday && l.Holiday != nil && *l.Holiday == calendar.ClosingDay:
		return w.Holiday(*l.Holiday)
	case l.Closed == calendar.Holiday && l.Holiday != nil:
		return w.Say("letter.time.holiday", "holiday", w.Holiday(*l.Holiday))
	case l.Closed == calendar.Weekend && weekendOnly(l):
		return w.Say("letter.time.weekend")
	case l.Closed == calendar.Weekend:
		return w.Say("letter.time.no_support")
	case l.Closed == calendar.Special:
		return w.Say("letter.time.special")
	}
	return w.Say("letter.time.closed")
}

// weekendOnly says that a line lies between a Friday and a Monday.
func weekendOnly(l *rules.Line) bool {
	for at := l.From; at.Before(l.To); at = at.AddDate(0, 0, 1) {
		if d := at.Weekday(); d != time.Saturday && d != time.Sunday {
			return false
		}
	}
	return true
}

// moment is "Thursday 3 December 2026 at 13:00 (Berlin time)".
func (w *letterWriter) moment(t time.Time) string { return w.bare(t) + " (" + w.Place(t) + ")" }

// moments are two instants of one sentence, whose zone is named once if it is
// the same. They have their seconds where they would look alike without.
func (w *letterWriter) moments(a, b time.Time) (first, second string) {
	if !a.Equal(b) && a.Truncate(time.Minute).Equal(b.Truncate(time.Minute)) {
		w = &letterWriter{writer: writer{Language: w.Language}, seconds: true}
	}
	first = w.bare(a)
	if !sameZone(a, b) {
		first = w.moment(a)
	}
	return first, w.moment(b)
}

func (w *letterWriter) bare(t time.Time) string {
	if w.seconds {
		return w.Time("time.to_the_s", t)
	}
	return w.Time("time.letter", t)
}

// day is "Thu 3 Dec 2026".
func (w *letterWriter) day(t time.Time) string { return w.Time("time.short", t) }

// clock is "13:00", in French "13h00". Seconds are cut off: a due instant is never
// told later than it is.
func (w *letterWriter) clock(t time.Time) string {
	if w.seconds {
		return w.Time("time.exact", t)
	}
	return w.Time("time.clock", t)
}

// when is the time of a stretch, or the days of a row.
func (w *letterWriter) when(s *LetterStretch) string {
	if s.days > 0 {
		last := s.To.Add(-time.Second) // midnight belongs to the day after
		if sameDay(s.From, last) {
			return w.day(s.From)
		}
		return w.day(s.From) + " – " + w.day(last)
	}
	if sameDay(s.From, s.To) {
		return w.day(s.From) + ", " + w.clock(s.From) + " – " + w.clock(s.To)
	}
	return w.day(s.From) + ", " + w.clock(s.From) + " – " + w.day(s.To) + ", " + w.clock(s.To)
}

// part is what a piece was, and which part of its day it is unless it is all of it.
func (w *letterWriter) part(s *LetterStretch) string {
	begins, ends := s.From.Format(time.TimeOnly) == "00:00:00", !sameDay(s.From, s.To)
	switch {
	case begins && ends:
		return s.Reason
	case begins:
		return w.Say("letter.until", "reason", s.Reason, "clock", w.clock(s.To))
	case ends:
		return w.Say("letter.since", "reason", s.Reason, "clock", w.clock(s.From))
	}
	return w.Say("letter.between", "reason", s.Reason, "from", w.clock(s.From), "to", w.clock(s.To))
}

// counted is the time of a row. Rows are rounded together: what they say adds up to
// the sum, of which before is what the rows before have.
func (w *letterWriter) counted(s *LetterStretch, before int64) string {
	shown := s.Seconds
	if !w.seconds {
		shown = toMinute(before+shown) - toMinute(before)
	}
	switch {
	case s.Seconds == 0:
		return "–"
	case s.days > 1 && shown%(60*int64(s.days)) == 0:
		return fmt.Sprintf("%d × %s = %s", s.days, w.span(shown/int64(s.days)), w.span(shown))
	}
	return w.span(shown)
}

// span is a length of time, to the minute: "15 h 48 min".
func (w *letterWriter) span(seconds int64) string {
	if !w.seconds {
		seconds = toMinute(seconds)
	}
	return w.Span(seconds)
}

// toMinute rounds seconds to whole minutes.
func toMinute(seconds int64) int64 { return (seconds + 30) / 60 * 60 }
