package rules

import "time"

// Foremost is what presses most of a ticket's promises that aren't kept yet, as an
// alert; where none is open, that a person still has to choose a priority. It is false
// where nothing is to be done by anybody, or the ticket can't be judged. The verdict
// must come from Evaluate at now, for t.
func (v *Verdict) Foremost(t *Ticket, now time.Time) (Alert, bool) {
	if v.Error != "" || v.policy == nil {
		return Alert{}, false
	}
	var foremost *Clock
	for i := range v.Clocks {
		if c := &v.Clocks[i]; !c.Stopped() && (foremost == nil || c.stand(now).Pressing(foremost.stand(now)) < 0) {
			foremost = c
		}
	}
	switch {
	case foremost != nil:
		return v.alert(t, foremost, now), true
	case v.Triage != nil:
		a := v.about(t, v.policy.TeamCalendar(v.state.group), now)
		a.Kind, a.Due = Triage, v.Triage.At
		return a, true
	}
	return Alert{}, false
}

// stand is where a clock that hasn't stopped stands, for comparing.
func (c *Clock) stand(now time.Time) Stand {
	s := Stand{Standing: c.Standing(now)}
	if c.Due != nil {
		s.Due = *c.Due
	} else {
		s.Left = c.Remaining
	}
	return s
}

// Stand is where the promise of an alert that Foremost gave stands, as Stand.Pressing
// compares it.
func (a *Alert) Stand() Stand {
	s := Stand{Due: a.Due, Standing: StandsRunning}
	switch a.Kind {
	case Breached:
		s.Standing = StandsMissed
	case Warning, Triage:
		s.Standing = StandsAtRisk
	case Paused:
		s.Standing, s.Left = StandsPaused, int64(a.Remaining/time.Second)
	case Eased:
	default:
		s.Standing = StandsQuiet
	}
	return s
}

// Holder is who sees to the ticket: whoever has taken it, or else whom it is assigned
// to; empty for nobody.
func (a *Alert) Holder() string {
	if a.Taker != "" {
		return a.Taker
	}
	return a.Assignee
}
