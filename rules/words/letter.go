package words

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"vigie/rules"
)

// A Letter is an explanation for the customer: what was promised, until when,
// and how the date comes about, in the customer's words and language. It names
// no team, tag, status or rule.
type Letter struct {
	Language string          `json:"language"`
	Ticket   string          `json:"ticket"` // the vendor's id
	Subject  string          `json:"subject,omitempty"`
	At       time.Time       `json:"at"` // what is told is what was known then
	Policy   string          `json:"policy,omitempty"`
	Since    string          `json:"policy_since,omitempty"`   // the day from which this version of it holds
	Priority string          `json:"priority,omitempty"`       // as the policy's clause calls it
	Rubric   string          `json:"priority_means,omitempty"` // in the policy's own words
	Without  string          `json:"without_target,omitempty"` // why nothing is promised
	Promises []LetterPromise `json:"promises"`
}

// A LetterPromise is one promise as it stands.
type LetterPromise struct {
	Promise   string          `json:"promise"` // "Resolution"
	Clause    string          `json:"clause,omitempty"`
	Target    string          `json:"target"` // as the policy says it, and how much time that is
	Standing  string          `json:"standing"`
	Because   string          `json:"because,omitempty"` // a change that made it late at once
	Earlier   string          `json:"earlier,omitempty"` // how those before this one ended
	Due       *time.Time      `json:"due"`
	Zone      string          `json:"zone"` // "Berlin time"; empty where the stretches name theirs
	Stretches []LetterStretch `json:"stretches"`
	Seconds   int64           `json:"sum_seconds"`
	Sum       string          `json:"sum"`
}

// A LetterStretch is a piece of time and what it was; or, in a long history,
// days of which the same is to be said.
type LetterStretch struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	When    string    `json:"when"`
	Seconds int64     `json:"counted_seconds"`
	Counted string    `json:"counted"`
	Reason  string    `json:"reason"`
	closed  bool      // by the calendar
	future  bool
	days    int // of a row by day: how many; 0 for a stretch
}

// longLetter is how many stretches are told one by one. A longer history is
// summed by day.
const longLetter = 14

// Letter is the explanation as it can be sent to the customer. It is for a verdict
// without an error.
func (l *Language) Letter(x *rules.Explanation) Letter {
	v, p := &x.Verdict, x.By
	w := &letterWriter{writer: writer{Language: l}, now: x.At, inHand: x.InHand()}
	letter := Letter{Language: l.Tag, Ticket: v.ID, Subject: x.Ticket.Subject, At: x.At, Promises: []LetterPromise{}}
	if p == nil {
		letter.Without = l.Say("letter.no_policy")
		return letter
	}
	letter.At = x.At.In(p.Calendar.Zone())
	letter.Policy, letter.Since = p.Titles.In(l.Tag), l.Time("time.long", p.EffectiveFrom.In(p.Calendar.Zone()))
	w.clauses = p.Clauses
	if v.Excluded != nil {
		letter.Without = cmp.Or(v.Excluded.Reason.In(l.Tag), l.Say("letter.outside"))
		return letter
	}
	letter.Rubric = x.Rubric.In(l.Tag)
	if rank := p.Rank(v.Priority); rank >= 0 {
		letter.Priority = p.Clauses[p.Priorities[rank].Clause].In(l.Tag)
	}
	if letter.Priority == "" {
		letter.Priority = l.Say("letter.priority", "priority", v.Priority)
	}
	for i := range v.Clocks {
		for j := range x.Timelines {
			if tl := &x.Timelines[j]; tl.Metric == v.Clocks[i].Metric && tl.Cycle == v.Clocks[i].Cycle {
				letter.Promises = append(letter.Promises, w.promise(tl))
			}
		}
	}
	switch {
	case len(letter.Promises) > 0:
	case v.FromFirst:
		letter.Without = l.Say("letter.from_first")
	default:
		letter.Without = l.Say("letter.no_target")
	}
	return letter
}

// A letterWriter has the words of a letter.
type letterWriter struct {
	writer
	now     time.Time
	clauses map[string]rules.Words
	inHand  bool
	seconds bool // they are told: the target has some
}

func (w *letterWriter) promise(of *rules.Timeline) LetterPromise {
	timeline := *of // its due instant is told in another zone
	tl := &timeline
	c := &tl.Clock
	w.seconds = c.Target%60 != 0
	p := LetterPromise{Promise: w.promiseName(tl.Metric), Clause: w.clauses[c.Clause].In(w.Tag), Target: w.targetOf(tl)}
	var pieces []LetterStretch
	var zones []string
	for i := range tl.Lines {
		l := &tl.Lines[i]
		if l.Late || c.Stopped() && l.Future {
			continue // after the due instant, or after the end: neither is part of the date
		}
		p.Seconds += l.Counted
		if place := w.Place(l.From); !slices.Contains(zones, place) {
			zones = append(zones, place)
		}
		pieces = append(pieces, LetterStretch{From: l.From, To: l.To, Seconds: l.Counted, Reason: w.reason(tl, l), closed: l.Closed != "", future: l.Future})
	}
	if n := len(pieces); n > 0 && c.Due != nil { // told in the zone of the last stretch before it
		due := c.Due.In(pieces[n-1].To.Location())
		c.Due = &due
	}
	p.Due, p.Standing, p.Because, p.Earlier = c.Due, w.standing(tl), w.because(c), w.earlier(c.Past)
	if p.Stretches = joined(pieces, true); len(p.Stretches) > longLetter {
		p.Stretches = w.byDay(joined(pieces, false))
	}
	p.Sum = w.span(p.Seconds)
	if len(zones) == 1 {
		p.Zone = zones[0]
	}
	before := int64(0)
	for i := range p.Stretches {
		s := &p.Stretches[i]
		s.When, s.Counted = w.when(s), w.counted(s, before)
		before += s.Seconds
		if len(zones) > 1 {
			s.When += " (" + w.Place(s.From) + ")"
		}
	}
	return p
}

// joined puts stretches together that follow each other and say the same; on
// demand closed time of whatever reasons, too: a night, a holiday and a weekend
// are one.
func joined(pieces []LetterStretch, closed bool) []LetterStretch {
	list := []LetterStretch{}
	for _, s := range pieces {
		if n := len(list); n > 0 {
			last := &list[n-1]
			follows := last.To.Equal(s.From) && sameZone(last.From, s.From)
			switch {
			case follows && closed && last.closed && s.closed:
				last.To = s.To
				if !slices.Contains(strings.Split(last.Reason, ", "), s.Reason) {
					last.Reason += ", " + s.Reason
				}
				continue
			case follows && !last.closed && !s.closed && last.Reason == s.Reason:
				last.To, last.Seconds = s.To, last.Seconds+s.Seconds
				continue
			}
		}
		list = append(list, s)
	}
	return list
}

// byDay sums pieces by local day, and puts days together that follow each other
// and of which the same is to be said. Of a day that counted, what kept part of
// it from counting is said with its time; nights go without saying.
func (w *letterWriter) byDay(pieces []LetterStretch) []LetterStretch {
	var days []LetterStretch
	for list := atMidnights(pieces); len(list) > 0; {
		n := 1
		for n < len(list) && sameDay(list[0].From, list[n].From) {
			n++
		}
		days = append(days, w.sumDay(list[:n]))
		list = list[n:]
	}
	rows := []LetterStretch{}
	for _, day := range days {
		if n := len(rows); n > 0 {
			last := &rows[n-1]
			if last.Reason == day.Reason && last.Seconds == day.Seconds*int64(last.days) && sameZone(last.From, day.From) {
				last.To, last.Seconds, last.days = day.To, last.Seconds+day.Seconds, last.days+1
				continue
			}
		}
		rows = append(rows, day)
	}
	return rows
}

// sumDay is one day of pieces.
func (w *letterWriter) sumDay(pieces []LetterStretch) LetterStretch {
	day := pieces[0]
	day.To, day.days, day.Seconds, day.Reason = pieces[len(pieces)-1].To, 1, 0, ""
	var notes, closed []string
	for i := range pieces {
		p := &pieces[i]
		day.Seconds += p.Seconds
		switch {
		case p.Seconds > 0:
			day.Reason = p.Reason
		case p.closed:
			closed = append(closed, p.Reason)
		default:
			notes = append(notes, w.part(p))
		}
	}
	switch {
	case len(notes) > 0:
		day.Reason = strings.Join(slices.Compact(notes), ", ")
	case day.Seconds == 0:
		day.Reason = closed[len(closed)-1]
	}
	return day
}

// atMidnights cuts stretches where a local day ends.
func atMidnights(list []LetterStretch) []LetterStretch {
	var out []LetterStretch
	for _, s := range list {
		for {
			y, m, d := s.From.Date()
			midnight := time.Date(y, m, d+1, 0, 0, 0, 0, s.From.Location())
			if !midnight.Before(s.To) || !midnight.After(s.From) {
				break
			}
			before := s
			before.To = midnight
			if s.Seconds > 0 { // open time: all of it counted
				before.Seconds = int64(midnight.Sub(s.From).Seconds())
				s.Seconds -= before.Seconds
			}
			out = append(out, before)
			s.From = midnight
		}
		out = append(out, s)
	}
	return out
}

func sameDay(a, b time.Time) bool {
	return sameZone(a, b) && a.Format(time.DateOnly) == b.Format(time.DateOnly)
}

// sameZone compares zones by name: each calendar has read its own.
func sameZone(a, b time.Time) bool { return a.Location().String() == b.Location().String() }
