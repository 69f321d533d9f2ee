package web

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/language"

	"vigie/rules"
	"vigie/rules/calendar"
	"vigie/rules/words"
)

// speech is what the pages say, in one language. The metrics are called as in the
// messages that people get. A missed target is stated, never blamed on anybody.
type speech struct{ *words.Language }

func in(tag string) speech { return speech{words.In(tag)} }

// heard is the language that is best for who understands some, told as browsers tell
// it ("fr-CA, en;q=0.8"): the first that there is, else words.Fallback.
func heard(understood ...string) speech {
	all := []language.Tag{language.Make(words.Fallback)}
	for _, l := range words.All() {
		if l.Tag != words.Fallback {
			all = append(all, language.Make(l.Tag))
		}
	}
	_, i := language.MatchStrings(language.NewMatcher(all), understood...)
	return in(all[i].String())
}

// Others are the other languages that the page can be read in.
func (w speech) Others() (list []speech) {
	for _, l := range words.All() {
		if l.Tag != w.Tag {
			list = append(list, speech{l})
		}
	}
	return list
}

// or is a text that data names, or something else where there is none of that name.
func (w speech) or(id, otherwise string) string {
	if w.Has(id) {
		return w.Say(id)
	}
	return otherwise
}

func (w speech) standing(s standing) string { return w.Say("standing." + string(s)) }

// topic is what a message is about: a metric, the missing priority, a mark.
func (w speech) topic(topic string) string {
	switch topic {
	case rules.TriageTopic:
		return w.standing(untriaged)
	case rules.EscalationTopic:
		return w.Say("ticket.technical_team")
	}
	if tag, ok := strings.CutPrefix(topic, rules.MarkTopic); ok {
		return tag
	}
	return w.Metric(rules.Metric(topic))
}

// state is where a clock stands.
func (w speech) state(s rules.State) string { return w.or("clock."+string(s), string(s)) }

// change says what made a target missed at once; its instant is to follow.
func (w speech) change(c *rules.BreachCause) string {
	return w.Say("ticket.by_change", "why", w.Change(c.What))
}

// origin is where the priority in force comes from.
func (w speech) origin(v *rules.Verdict) string {
	switch {
	case v.Unknown != "":
		return w.Say("ticket.unknown_choice", "name", v.Unknown)
	case v.PriorityFrom == "":
		return ""
	}
	return w.Origin(v.PriorityFrom)
}

// priority is the priority in force, or the word for none.
func (w speech) priority(v *rules.Verdict) string {
	if !v.Covered() || v.Priority == "" {
		return w.Say("web.no_priority")
	}
	return v.Priority
}

// span is a length of time in whole minutes, rounded down: "3 h 20"; of a short
// target to the second, as long as it is under an hour. Business time has no days: how
// long one is, is the policy's affair.
func (w speech) span(seconds int64, business, short bool) string {
	h, m := seconds/3600, seconds/60%60
	switch {
	case h == 0 && short:
		return w.exact(seconds)
	case h == 0:
		return w.Say("page.span.min", "min", m)
	case h >= 48 && !business:
		return w.Say("page.span.d_h", "d", h/24, "h", h%24)
	case m == 0:
		return w.Say("page.span.h", "h", h)
	}
	return w.Say("page.span.h_mm", "h", h, "mm", fmt.Sprintf("%02d", m))
}

// exact is a length of time to the second, so that lines add up: "3 h 20 min 5 s".
func (w speech) exact(seconds int64) string {
	h, m, s := seconds/3600, seconds/60%60, seconds%60
	switch {
	case s == 0:
		return w.span(seconds, true, false)
	case h > 0:
		return w.Say("page.span.h_min_s", "h", h, "min", m, "s", s)
	case m > 0:
		return w.Say("page.span.min_s", "min", m, "s", s)
	}
	return w.Say("page.span.s", "s", s)
}

// short says that a clock's times are told to the second: a minute is a tenth of its
// target or more, or the target has seconds itself.
func short(c *rules.Clock) bool { return c.Target < 600 || c.Target%60 != 0 }

// stand is the time that a clock has left, or since when it is over; "" for one
// that has come to its end in time.
func (w speech) stand(c *rules.Clock) string {
	switch {
	case justMissed(c):
		return w.Say("page.missed")
	case c.State == rules.StateBreached:
		return w.Say("page.missed_by", "span", w.span(-c.Remaining, c.Business, short(c)))
	case c.Stopped():
		return ""
	case c.Remaining < least(c):
		return w.Say("page.now")
	}
	return w.Say("page.left", "span", w.span(c.Remaining, c.Business, short(c)))
}

// justMissed says that a clock is missed by nothing that can be told: at closing time,
// perhaps, and until opening.
func justMissed(c *rules.Clock) bool {
	return c.State == rules.StateBreached && -c.Remaining < least(c)
}

// least is how many seconds a clock's time is told from.
func least(c *rules.Clock) int64 {
	if short(c) {
		return 1
	}
	return 60
}

// tile is what a count is of, without the number: "missed".
func (w speech) tile(what string, n int) string { return w.Say("tile."+what, "n", n) }

// without says why a ticket that a policy covers has no clock.
func (w speech) without(v *rules.Verdict) string {
	if v.FromFirst {
		return w.Say("ticket.from_first")
	}
	return w.Say("ticket.no_clocks")
}

// why says what made a line of a timeline count or not.
func (w speech) why(l *rules.Line) string {
	switch {
	case l.Holiday != nil && l.Closed == calendar.Holiday:
		return w.Say("stretch.holiday", "holiday", w.holiday(*l.Holiday))
	case l.Closed != "":
		return w.or("stretch."+string(l.Closed), string(l.Closed))
	case l.Why == rules.IsPaused:
		return w.Say("stretch.paused", "status", w.Status(l.Status))
	}
	return w.or("stretch."+string(l.Why), string(l.Why))
}

func (w speech) holiday(n calendar.Name) string {
	return rules.Words{FR: n.FR, EN: n.EN}.In(w.Tag)
}

// date is the day of an instant.
func (w speech) date(t time.Time, year bool) string {
	if year {
		return w.Time("time.short", t)
	}
	return w.Time("time.day", t)
}

// A moment is an instant for people and for machines, in its own zone.
type moment struct {
	ISO  string
	Text string // "Tue 1 Dec, 16:30"
	Zone string // "Europe/Berlin"
}

// moment is an instant in its zone; the year is left out where it is that of now.
func (w speech) moment(t, now time.Time) moment {
	m := moment{ISO: t.Format(time.RFC3339), Zone: t.Location().String()}
	if m.Zone == "" || m.Zone == "Local" {
		m.Zone = t.Format("MST")
	}
	m.Text = w.Say("page.moment", "date", w.date(t, t.Year() != now.In(t.Location()).Year()), "clock", clock(t))
	return m
}

// clock is the time of day, with seconds where there are any.
func clock(t time.Time) string {
	if t.Second() != 0 {
		return t.Format(time.TimeOnly)
	}
	return t.Format("15:04")
}
