package oncall

import (
	"iter"
	"slices"
	"sort"
	"time"

	"vigie/rules/calendar"
)

// joined makes one stretch of those that follow one another and say the same.
func joined(parts iter.Seq[Stretch]) iter.Seq[Stretch] {
	return func(yield func(Stretch) bool) {
		var last Stretch
		for s := range parts {
			if last.To.Equal(s.From) && last.Who == s.Who && last.Why == s.Why {
				last.To = s.To
				continue
			}
			if last.Why != "" && !yield(last) {
				return
			}
			last = s
		}
		if last.Why != "" {
			yield(last)
		}
	}
}

// hours is the first layer: which parts of a span lie within the hours.
func (r *Rota) hours(from, to time.Time) iter.Seq[calendar.Piece] {
	if r.Hours != nil {
		return r.Hours.Pieces(from, to)
	}
	return slices.Values([]calendar.Piece{{From: from, To: to, Open: true}})
}

// within is the answer from an instant within the hours on, until it may change.
func (r *Rota) within(at, end time.Time) Stretch {
	who, until := named(r.overrides, at)
	s := Stretch{From: at, To: earlier(until, end), Who: who, Why: Override}
	if who == "" {
		who, until = r.shift(at)
		s = Stretch{From: at, To: earlier(until, s.To), Who: who, Why: Turn}
	}
	if who == "" {
		s.Why = Gap
	}
	return s
}

// shift is the last layer: whose turn or shift it is, until when; nobody's is "".
func (r *Rota) shift(at time.Time) (who string, until time.Time) {
	switch n := int64(len(r.People)); {
	case n == 0 || r.Turn < time.Minute:
		return named(r.shifts, at)
	case at.Before(r.Since):
		return "", r.Since
	default:
		// The wall clock tells the turn but for an hour that comes twice.
		k := (wall(at.In(r.Zone)) - r.since) / int64(r.Turn/time.Second)
		for r.turn(k).After(at) {
			k--
		}
		for !r.turn(k + 1).After(at) {
			k++
		}
		return r.People[k%n], r.turn(k + 1)
	}
}

// turn is when the k-th turn begins, the first being turn 0.
func (r *Rota) turn(k int64) time.Time {
	return calendar.Date(0).At(r.since+k*int64(r.Turn/time.Second), r.Zone)
}

// wall is what a wall clock shows at an instant in its zone, in seconds since it
// showed 1970-01-01 00:00.
func wall(t time.Time) int64 {
	_, offset := t.Zone()
	return t.Unix() + int64(offset)
}

// named is whom a list of shifts names at an instant, and until when; "" and the next
// one's beginning between two of them, the zero time after the last.
func named(list []Shift, at time.Time) (who string, until time.Time) {
	i := sort.Search(len(list), func(i int) bool { return list[i].To.After(at) })
	switch {
	case i == len(list):
		return "", time.Time{}
	case list[i].From.After(at):
		return "", list[i].From
	}
	return list[i].Who, list[i].To
}

// earlier is the earlier of two instants, of which the first may be zero for never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// apart puts shifts in order, and takes from each the time of those that began later.
func apart(list []Shift) []Shift {
	list = slices.SortedStableFunc(slices.Values(list), func(a, b Shift) int {
		if c := a.From.Compare(b.From); c != 0 {
			return c
		}
		return b.To.Compare(a.To)
	})
	var done, under []Shift // under are those that have begun, the last of them on top
	var at time.Time
	upTo := func(until time.Time) {
		for ; len(under) > 0 && (until.IsZero() || at.Before(until)); under = under[:len(under)-1] {
			top := under[len(under)-1]
			to := earlier(until, top.To)
			if at.Before(to) {
				done = append(done, Shift{From: at, To: to, Who: top.Who})
				at = to
			}
			if top.To.After(to) {
				return
			}
		}
	}
	for _, s := range list {
		upTo(s.From)
		at = s.From
		under = append(under, s)
	}
	upTo(time.Time{})
	return done
}
