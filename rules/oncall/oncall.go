// Package oncall says who is on call: at an instant, next, and when nobody is.
//
// # Who it is
//
// A rota is three layers, each a plain function of time:
//
//	hours      when somebody is on call at all, as a calendar's weekly plan; always without it
//	overrides  who stands in for whoever would be on call
//	shifts     who would: the people in turn, or the events of iCal files
//
// Outside the hours nobody is on call, whatever the other two say: the team is there
// then. Within them an override goes before a shift. Where neither names anybody there
// is a gap, which is a mistake in the rota: no vacation cover, a file that has ended.
//
// # Clock changes
//
// Turns are counted on the wall clock: a turn of a week that began on Monday at 08:00
// ends on Monday at 08:00, and one of 12 hours at 20:00, whatever the clocks do in
// between. A handover at a time that the clock skips is when it goes on, one at a time
// that it shows twice is the first of the two (calendar.Date.At).
//
// # Several at once
//
// One person is on call. Of two events at once, the one that began last counts: a
// stand-in who was entered over a longer shift; of two that began together, the
// shorter. Then the longer one goes on.
//
// The package reads no clock and no file. Instants come in, and what is returned is in
// the rota's zone. A Rota doesn't change, and may be shared.
package oncall

import (
	"iter"
	"slices"
	"time"

	"vigie/rules/calendar"
)

// A Rota is who is on call for one purpose. [New] makes one.
type Rota struct {
	Spec            // as [New] was given it; not to be changed
	since     int64 // what the wall clock shows at the first turn's beginning, see wall
	shifts    []Shift
	overrides []Shift
}

// A Spec is a rota as it is written down. It has people, or shifts.
type Spec struct {
	Name      string
	Zone      *time.Location     // of the wall clock, in which instants are returned
	People    []string           // e-mail addresses, in the order of their turns; one who stands twice has two
	Turn      time.Duration      // by the wall clock, so a day is one of the calendar; at least a minute
	Since     time.Time          // when the first one's first turn begins; nobody is on call before
	Hours     *calendar.Calendar // nil: all of them
	Shifts    []Shift            // in any order
	Overrides []Shift            // in any order
}

// A Shift is a time for which somebody is named; [calendar.ReadShifts] reads them.
type Shift = calendar.Shift

// A Stretch is a run of time with one answer.
type Stretch struct {
	From, To time.Time // [From, To)
	Who      string    // an e-mail address; empty: nobody is on call
	Why      Why
}

// Why says how an answer came about.
type Why string

const (
	Turn     Why = "turn"          // it is their turn, or their shift
	Override Why = "override"      // they stand in
	Outside  Why = "outside_hours" // nobody: outside the rota's hours
	Gap      Why = "gap"           // nobody, though it is within the hours
)

// horizon is how far ahead [Rota.At] and [Rota.Next] look.
const horizon = 400 * 24 * time.Hour

// New makes a rota.
func New(spec Spec) *Rota {
	return &Rota{Spec: spec, since: wall(spec.Since.In(spec.Zone)), shifts: apart(spec.Shifts), overrides: apart(spec.Overrides)}
}

// At is the answer at an instant, from there on until it changes: the end of a turn,
// or of the hours; To is zero if it doesn't for 400 days.
func (r *Rota) At(t time.Time) Stretch {
	end := t.Truncate(time.Second).Add(horizon)
	for s := range r.Stretches(t, end) {
		if !s.To.Before(end) {
			s.To = time.Time{}
		}
		return s
	}
	return Stretch{}
}

// Next is the first stretch after an instant in which somebody is on call, and not who
// is at that instant; false if that doesn't come for 400 days.
func (r *Rota) Next(t time.Time) (Stretch, bool) {
	now := r.At(t).Who
	for s := range r.Stretches(t, t.Add(horizon)) {
		if s.Who != "" && s.Who != now {
			return s, true
		}
	}
	return Stretch{}, false
}

// Stretches cuts a span into what holds in it, in order and without holes. Instants
// are cut to the second.
func (r *Rota) Stretches(from, to time.Time) iter.Seq[Stretch] {
	return joined(func(yield func(Stretch) bool) {
		for p := range r.hours(from.Truncate(time.Second), to.Truncate(time.Second)) {
			for at := p.From; at.Before(p.To); {
				s := Stretch{From: at, To: p.To, Why: Outside}
				if p.Open {
					s = r.within(at, p.To)
				}
				at = s.To
				if s.From, s.To = s.From.In(r.Zone), s.To.In(r.Zone); !yield(s) {
					return
				}
			}
		}
	})
}

// Handovers are a span's stretches as people hand over to one another: closed hours
// within somebody's time don't count, and gaps are listed.
func (r *Rota) Handovers(from, to time.Time) []Stretch {
	var list []Stretch
	for s := range r.Stretches(from, to) {
		n := len(list)
		switch {
		case s.Why == Outside:
		case n > 0 && list[n-1].Who == s.Who && list[n-1].Why == s.Why:
			list[n-1].To = s.To
		default:
			list = append(list, s)
		}
	}
	return list
}

// Gaps are the times of a span when nobody is on call though it is within the hours,
// and, if calendars of teams are given, also those outside the hours when none of the
// teams is at work: nobody is there at all.
func (r *Rota) Gaps(from, to time.Time, teams ...*calendar.Calendar) []Stretch {
	var list []Stretch
	for s := range r.Stretches(from, to) {
		if s.Why == Gap {
			list = append(list, s)
		} else if s.Why == Outside && len(teams) > 0 {
			list = append(list, unmanned(s, teams)...)
		}
	}
	return slices.Collect(joined(slices.Values(list)))
}

// unmanned is what a stretch has outside the hours of all teams.
func unmanned(s Stretch, teams []*calendar.Calendar) (left []Stretch) {
	if len(teams) == 0 {
		return []Stretch{s}
	}
	zone := s.From.Location()
	for p := range teams[0].Pieces(s.From, s.To) {
		if !p.Open {
			left = append(left, unmanned(Stretch{From: p.From.In(zone), To: p.To.In(zone), Why: s.Why}, teams[1:])...)
		}
	}
	return left
}

// Idle are the people who take turns, but aren't on call at any time of a span.
func (r *Rota) Idle(from, to time.Time) []string {
	idle := slices.Clone(r.People)
	for s := range r.Stretches(from, to) {
		idle = slices.DeleteFunc(idle, func(who string) bool { return who == s.Who })
	}
	return idle
}
