package rules

import (
	"cmp"
	"slices"
	"time"
)

// A Standing says where a clock stands, or a ticket as a whole: by the worst of
// its clocks.
type Standing string

const (
	StandsParked  Standing = "parked" // can't be read or judged; no clock is
	StandsMissed  Standing = "missed"
	StandsAtRisk  Standing = "at_risk" // past the first warning
	StandsRunning Standing = "running"
	StandsPaused  Standing = "paused"
	StandsQuiet   Standing = "quiet" // nothing promised is open: all met, outside the SLA, not covered
)

// Standings lists them, the worst first.
var Standings = []Standing{StandsParked, StandsMissed, StandsAtRisk, StandsRunning, StandsPaused, StandsQuiet}

// Rank is a standing's place among them, 0 for the worst; -1 if it is none.
func (s Standing) Rank() int { return slices.Index(Standings, s) }

// Place is a standing's place where tickets are put by their urgency: what runs
// comes by its due instant, at risk yet or not.
func (s Standing) Place() int {
	if s == StandsRunning {
		s = StandsAtRisk
	}
	return s.Rank()
}

// A ClockStand is where the clock of a metric stands.
type ClockStand struct {
	Metric   Metric
	Standing Standing
}

// A Stand is where a ticket stands as a whole at one instant. It stays so until
// Until, if nothing happens to the ticket meanwhile.
type Stand struct {
	Standing  Standing
	Due       time.Time    // of its most pressing clock; zero if that has none
	Left      int64        // seconds that clock has left if it is paused, so that none falls due; else 0
	Untriaged bool         // a person still has to choose a priority
	Clocks    []ClockStand // as the verdict has them
	Until     time.Time    // when the verdict changes by itself; zero: never

	Subject, Organization, Group string // the ticket's at that instant; untrusted

	Holder   Person   // who sees to it (Ticket.HeldBy); zero: nobody does; untrusted
	Policy   string   // the name of the one that covers it; "" = none does
	Priority string   // in force; "" = none
	Clauses  []string // of its clocks, each once, in their order
}

// Parked is the stand of a ticket that can't be read or judged; t is nil if it
// never was.
func Parked(t *Ticket) Stand {
	s := Stand{Standing: StandsParked}
	if t != nil {
		s.Subject, s.Organization, s.Group = t.Subject, t.Organization, t.Group
		s.Holder, _, _ = t.HeldBy()
	}
	return s
}

// Stand is where a ticket stands by its verdict, which must come from Evaluate at
// now, for t.
func (v *Verdict) Stand(t *Ticket, now time.Time) Stand {
	if v.Error != "" {
		return Parked(t)
	}
	s := Stand{Standing: StandsQuiet, Untriaged: v.Triage != nil, Until: v.Wake, Subject: t.Subject, Priority: v.Priority}
	s.Holder, _, _ = t.HeldBy()
	if v.Policy != nil {
		s.Policy = *v.Policy
	}
	_, s.Group, _, s.Organization, _, _ = v.Now()
	for i := range v.Clocks {
		c := &v.Clocks[i]
		is := c.stand(now)
		s.Clocks = append(s.Clocks, ClockStand{c.Metric, is.Standing})
		if c.Clause != "" && !slices.Contains(s.Clauses, c.Clause) {
			s.Clauses = append(s.Clauses, c.Clause)
		}
		if c.Stopped() {
			continue
		}
		if is.Pressing(s) < 0 {
			s.Due, s.Left = is.Due, is.Left
		}
		if is.Standing.Rank() < s.Standing.Rank() {
			s.Standing = is.Standing
		}
	}
	return s
}

// Pressing compares what presses most: what was missed longest; then what falls
// due first, at risk yet or not; then what is paused with the least time left.
func (s Stand) Pressing(o Stand) int {
	return cmp.Or(cmp.Compare(s.Standing.Place(), o.Standing.Place()), s.Due.Compare(o.Due), cmp.Compare(s.Left, o.Left))
}

// Standing is where the clock stands at now. One that has come to its end is
// nobody's worry any more, missed or not.
func (c *Clock) Standing(now time.Time) Standing {
	switch {
	case c.Stopped():
		return StandsQuiet
	case c.State == StateBreached:
		return StandsMissed
	case c.State == StatePaused:
		return StandsPaused
	case c.AtRisk(now):
		return StandsAtRisk
	}
	return StandsRunning
}
