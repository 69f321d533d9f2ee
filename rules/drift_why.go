package rules

import (
	"slices"

	"vigie/rules/calendar"
)

// A reason is proved by counting: our clock, changed in it, gives the vendor's due
// instant to the minute. What the vendor tells of its clock (target, start, hours,
// pauses) is taken as told. Where target and start are told and the rest isn't, the
// rest is tried, and said if the date fits in one way only. What is left when all
// else is known, is by exclusion.

// A variant is our clock with something about it changed.
type variant struct {
	start, target int64
	business      bool
	running       bool    // it counts while ours is paused
	pauses        []Pause // and stands still in these
}

// A change makes a variant differ from our clock in one thing.
type change struct {
	reason Reason
	make   func(*variant)
}

// reasons says what makes the vendor's due instant another than ours, and whether
// that is all of it.
func (x *Explanation) reasons(tl *Timeline, v *VendorClock) ([]Reason, bool) {
	known := told(tl, v)
	fits := func(changes []change) bool {
		due, ok := x.dueOf(tl, changes)
		return ok && sameMinute(due-v.Due.Unix())
	}
	if fits(known) {
		return named(fewest(known, fits)), true
	}
	if list := ways(tl, v, known, fits); len(list) == 1 {
		return named(fewest(list[0], fits)), true
	}
	effective := fewest(known, func(fewer []change) bool {
		a, _ := x.dueOf(tl, known)
		b, _ := x.dueOf(tl, fewer)
		return sameMinute(a - b)
	})
	why := named(effective)
	switch {
	case v.Target == 0 || v.StartedAt == nil:
	case v.Business == nil || !v.AllPauses:
		return append(why, OtherTime), true
	case *v.Business:
		return append(why, OtherCalendar), true
	}
	return why, false
}

// ways lists how the date fits with something about the clock that isn't told: with
// one thing, or else with both.
func ways(tl *Timeline, v *VendorClock, known []change, fits func([]change) bool) (list [][]change) {
	if v.Target == 0 || v.StartedAt == nil {
		return nil // then anything might fit
	}
	tried := untold(tl, v)
	for i := range tried {
		if way := append(slices.Clone(known), tried[i]); fits(way) {
			list = append(list, way)
		}
	}
	if way := append(slices.Clone(known), tried...); len(list) == 0 && fits(way) {
		list = append(list, way)
	}
	return list
}

// told lists in what the vendor's clock differs from ours by its own account.
func told(tl *Timeline, v *VendorClock) (list []change) {
	c := &tl.Clock
	if v.Target != 0 && v.Target != c.Target {
		list = append(list, change{OtherTarget, func(w *variant) { w.target = v.Target }})
	}
	if v.StartedAt != nil && !sameMinute(v.StartedAt.Unix()-c.StartedAt.Unix()) {
		list = append(list, change{OtherStart, func(w *variant) { w.start = v.StartedAt.Unix() }})
	}
	if v.Business != nil && *v.Business != c.Business {
		list = append(list, change{OtherHours, func(w *variant) { w.business = *v.Business }})
	}
	if v.AllPauses && (len(v.Pauses) > 0 || stoodStill(tl)) {
		list = append(list, change{OtherPauses, func(w *variant) { w.running, w.pauses = true, v.Pauses }})
	}
	return list
}

// untold lists in what it may differ besides.
func untold(tl *Timeline, v *VendorClock) (list []change) {
	if !v.AllPauses && stoodStill(tl) {
		list = append(list, change{OtherPauses, func(w *variant) { w.running = true }})
	}
	if v.Business == nil {
		list = append(list, change{OtherHours, func(w *variant) { w.business = !w.business }})
	}
	return list
}

func stoodStill(tl *Timeline) bool {
	return slices.ContainsFunc(tl.Lines, func(l Line) bool { return l.Why == IsPaused })
}

// fewest leaves out changes one by one as long as the rest will do.
func fewest(all []change, will func([]change) bool) []change {
	for i := 0; i < len(all); {
		if fewer := slices.Delete(slices.Clone(all), i, i+1); will(fewer) {
			all = fewer
			continue
		}
		i++
	}
	return all
}

func named(changes []change) []Reason {
	list := make([]Reason, len(changes))
	for i, c := range changes {
		list[i] = c.reason
	}
	return list
}

// dueOf is the due instant, in unix seconds, that a timeline's clock would have with
// some changes; false while it would stand still, and where no calendar reaches.
func (x *Explanation) dueOf(tl *Timeline, changes []change) (int64, bool) {
	w := variant{start: tl.Clock.StartedAt.Unix(), target: tl.Clock.Target, business: tl.Clock.Business}
	for _, c := range changes {
		c.make(&w)
	}
	left, end := w.target, w.start
	cal := x.calendar(tl.Clock.Calendar)
	for _, s := range x.runs(tl, w) {
		n, ok := lengthOf(s, w.business)
		if !ok {
			return 0, false
		}
		if n >= left {
			return addTime(s.calendar, s.from, left, w.business)
		}
		left -= n
	}
	if n := len(tl.Lines); n > 0 {
		end = max(end, tl.Lines[n-1].To.Unix())
	}
	if tl.PausedNow && !w.running {
		return 0, false
	}
	return addTime(cal, end, left, w.business)
}

// runs lists the pieces in which a variant counts, up to where the timeline ends.
func (x *Explanation) runs(tl *Timeline, w variant) (list []piece) {
	add := func(s piece) {
		s.from = max(s.from, w.start)
		for _, p := range w.pauses {
			before := s
			before.to = min(s.to, p.From.Unix())
			if before.from < before.to {
				list = append(list, before)
			}
			s.from = max(s.from, min(s.to, p.To.Unix()))
		}
		if s.from < s.to {
			list = append(list, s)
		}
	}
	if len(tl.Lines) > 0 { // ours began later
		add(piece{from: w.start, to: tl.Lines[0].From.Unix(), calendar: x.calendar(tl.Lines[0].Calendar)})
	}
	for _, l := range tl.Lines {
		if l.Why == Counts || l.Why == IsPaused && w.running {
			add(piece{from: l.From.Unix(), to: l.To.Unix(), calendar: x.calendar(l.Calendar)})
		}
	}
	return list
}

func (x *Explanation) calendar(name string) *calendar.Calendar {
	if c := x.Verdict.policy.Calendars[name]; c != nil {
		return c
	}
	return x.Verdict.policy.Calendar
}

func lengthOf(s piece, business bool) (int64, bool) {
	if !business {
		return s.to - s.from, true
	}
	n, err := s.calendar.Between(instant(s.from), instant(s.to))
	return n, err == nil
}

func addTime(c *calendar.Calendar, from, seconds int64, business bool) (int64, bool) {
	if !business {
		return from + seconds, true
	}
	at, err := c.Add(instant(from), seconds)
	return at.Unix(), err == nil
}
