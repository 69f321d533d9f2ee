package rules

import (
	"slices"
	"time"
)

// A VendorSLA is what the vendor's own SLA says of a ticket at present, for a
// comparison with Ours: a connector asks for it when a person asks, and never in
// its rounds. Nothing is decided by it.
type VendorSLA struct {
	Vendor  string        // as people call it: "Zendesk"
	Clocks  []VendorClock // none: it has no SLA on the ticket
	Unknown Unknown       // why nothing is known of it
}

// Unknown is why nothing is known of a vendor's own SLA; "" = it is known.
type Unknown string

const (
	NoRight  Unknown = "no_right"  // it isn't shown to our account
	TooSlow  Unknown = "too_slow"  // no answer within the time that a person waits
	NoAnswer Unknown = "no_answer" // it couldn't be asked
)

// A VendorClock is one clock of a vendor's own SLA, its last cycle. What the vendor
// doesn't tell is left empty, never guessed.
type VendorClock struct {
	Name      string     // the vendor's: "requester wait time", "Time to resolution"
	Metric    Metric     // ours that it answers to; "" = none
	State     State      // running, paused, met, breached
	Paused    bool       // it stands still now
	Due       *time.Time // none while it stands still and isn't used up
	Target    int64      // seconds; 0 = not told
	Business  *bool      // it counts opening hours only; nil = not told
	StartedAt *time.Time
	StoppedAt *time.Time
	Pauses    []Pause // when it stood still, in order, the last to now if it does now
	AllPauses bool    // Pauses are told, and these are all
}

// A Pause is a time in which a vendor's clock stood still.
type Pause struct{ From, To time.Time }

func (c *VendorClock) stopped() bool { return c.StoppedAt != nil || c.State == StateMet }

// A Drift is a vendor's own SLA beside ours.
type Drift struct {
	Vendor  string     `json:"vendor"`
	Unknown Unknown    `json:"unknown,omitempty"` // why there is nothing to compare with
	Rows    []DriftRow `json:"clocks"`            // each clock of the vendor's; then ours that it has none for
}

// A DriftRow is one clock of the vendor's beside ours of the same metric.
type DriftRow struct {
	Name      string     `json:"name,omitempty"`           // the vendor's; "" = the vendor has none
	Metric    Metric     `json:"metric,omitempty"`         // ours; "" = we have none
	State     State      `json:"state,omitempty"`          // the vendor's, as its due instant and target
	Due       *time.Time `json:"due"`                      // in the zone of our clock's calendar
	Target    int64      `json:"target_seconds,omitempty"` // 0 = not told
	OurDue    *time.Time `json:"our_due"`
	Agrees    bool       `json:"agrees"`     // to the minute, or neither has a due date
	By        *int64     `json:"by_seconds"` // the vendor's due instant less ours; nil = one has none
	Why       []Reason   `json:"why"`        // what makes the difference, as far as it is proved
	Explained bool       `json:"explained"`  // Why makes all of it
	Doubt     bool       `json:"doubt"`      // the vendor saw the first answer elsewhere than we: one of us is mistaken about who is staff

	Ours   *Clock       `json:"-"` // nil: we have none
	Theirs *VendorClock `json:"-"` // nil: the vendor has none
}

// A Reason is something in which the vendor's clock differs from ours.
type Reason string

const (
	OtherTarget   Reason = "target"
	OtherStart    Reason = "start"
	OtherHours    Reason = "hours"  // one counts opening hours, the other all
	OtherPauses   Reason = "pauses" // one stood still when the other didn't
	OtherCalendar Reason = "calendar"
	// OtherTime: target and start are known, what is left is calendar or pauses.
	OtherTime    Reason = "calendar_or_pauses"
	OnlyRounded  Reason = "rounding" // by less than a minute
	PausedThere  Reason = "paused_there"
	PausedHere   Reason = "paused_here"
	StoppedThere Reason = "stopped_there"
	StoppedHere  Reason = "stopped_here"
	OtherStop    Reason = "stop" // both have ended, at different instants
)

// roundedBy is below what a difference says nothing, in seconds: Zendesk's
// targets and people's eyes have whole minutes.
const roundedBy = 60

// Compare puts the vendor's own SLA beside the explanation's clocks, each beside
// the last cycle of its metric. Its instants are those of the explanation's now:
// don't compare what was true at another.
func (x *Explanation) Compare(s VendorSLA) {
	x.Drift = &Drift{Vendor: s.Vendor, Unknown: s.Unknown, Rows: []DriftRow{}}
	if s.Unknown != "" || len(s.Clocks) == 0 {
		return
	}
	told := map[Metric]bool{}
	for i := range s.Clocks {
		v, tl := new(s.Clocks[i]), x.current(s.Clocks[i].Metric)
		if v.Target < 0 || v.Target > longest {
			v.Target = 0 // no promise that anybody makes
		}
		row := DriftRow{Name: v.Name, State: v.State, Target: v.Target, Why: []Reason{}, Theirs: v}
		if v.Due != nil {
			at := v.Due.In(x.zone(tl))
			row.Due = &at
		}
		if tl != nil {
			told[v.Metric] = true
			row.Metric, row.Ours, row.OurDue = v.Metric, &tl.Clock, tl.Clock.Due
			x.differ(&row, tl)
		}
		x.Drift.Rows = append(x.Drift.Rows, row)
	}
	for i := range x.Verdict.Clocks {
		if c := &x.Verdict.Clocks[i]; !told[c.Metric] {
			x.Drift.Rows = append(x.Drift.Rows, DriftRow{Metric: c.Metric, OurDue: c.Due, Why: []Reason{}, Ours: c})
		}
	}
}

// zone is that of a timeline's clock; without one, the policy's.
func (x *Explanation) zone(tl *Timeline) *time.Location {
	switch {
	case tl != nil:
		return tl.Clock.StartedAt.Location()
	case x.Verdict.policy != nil:
		return x.Verdict.policy.Calendar.Zone()
	}
	return x.At.Location()
}

// Of lists the rows that belong to a clock of ours.
func (d *Drift) Of(c *Clock) (rows []DriftRow) {
	if d == nil {
		return nil
	}
	for _, r := range d.Rows {
		if r.Ours != nil && r.Metric == c.Metric && r.Ours.Cycle == c.Cycle {
			rows = append(rows, r)
		}
	}
	return rows
}

// Alone lists the clocks that only the vendor has.
func (d *Drift) Alone() (rows []DriftRow) {
	for _, r := range d.Rows {
		if r.Ours == nil {
			rows = append(rows, r)
		}
	}
	return rows
}

// current is the timeline of a metric's last cycle, or nil.
func (x *Explanation) current(m Metric) (last *Timeline) {
	for i := range x.Timelines {
		if x.Timelines[i].Metric == m {
			last = &x.Timelines[i]
		}
	}
	return last
}

// differ says by how much a row's due instants differ, and why.
func (x *Explanation) differ(row *DriftRow, tl *Timeline) {
	c, v := row.Ours, row.Theirs
	switch {
	case c.Due == nil && v.Due == nil:
		row.Agrees, row.Explained = true, true
	case c.Due == nil || v.Due == nil:
		row.Explained = c.Paused != v.Paused
	default:
		by := v.Due.Unix() - c.Due.Unix()
		row.By, row.Agrees = &by, sameMinute(by)
		row.Explained = row.Agrees
		switch {
		case row.Agrees && by != 0:
			row.Why = append(row.Why, OnlyRounded)
		case !row.Agrees:
			row.Why, row.Explained = x.reasons(tl, v)
		}
	}
	switch {
	case c.Stopped() && !v.stopped():
		row.Why = append(row.Why, StoppedHere)
	case !c.Stopped() && v.stopped():
		row.Why = append(row.Why, StoppedThere)
	case c.StoppedAt != nil && v.StoppedAt != nil && !sameMinute(v.StoppedAt.Unix()-c.StoppedAt.Unix()):
		row.Why = append(row.Why, OtherStop)
	case c.Paused && !v.Paused:
		row.Why = append(row.Why, PausedHere)
	case !c.Paused && v.Paused:
		row.Why = append(row.Why, PausedThere)
	}
	row.Doubt = c.Metric == FirstReply && slices.ContainsFunc(row.Why, func(r Reason) bool { return r == StoppedHere || r == StoppedThere || r == OtherStop })
}

// sameMinute says that a difference of so many seconds is none.
func sameMinute(seconds int64) bool { return -roundedBy < seconds && seconds < roundedBy }
