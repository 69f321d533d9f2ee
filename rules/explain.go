package rules

import (
	"fmt"
	"slices"
	"time"

	"vigie/rules/calendar"
)

// An Explanation is the evidence for a verdict: for each clock, every stretch
// of time since its start, whether it counted, and why.
type Explanation struct {
	Verdict   Verdict    `json:"verdict"`
	Policy    Words      `json:"policy_title,omitzero"`
	Text      string     `json:"policy_source,omitempty"` // where the policy's text comes from
	Rubric    Words      `json:"rubric"`                  // of the priority in force
	Timelines []Timeline `json:"timelines"`
	Drift     *Drift     `json:"drift,omitempty"`     // nil until Compare
	Kept      []Kept     `json:"kept,omitempty"`      // what people have changed and is left; of fields only after Keep
	Suggested *Suggested `json:"suggested,omitempty"` // by the ticket's text, also where it decides nothing
	Ticket    *Ticket    `json:"-"`
	By        *Policy    `json:"-"` // the version of the policy that judged it; nil: none covers the ticket
	At        time.Time  `json:"at"`

	local *time.Location // the zone of the team's calendar
}

// A Timeline explains one clock's due instant: its Lines up to the due instant
// add up to the target.
type Timeline struct {
	Clock     Clock  `json:"-"`
	Metric    Metric `json:"metric"`
	Cycle     int    `json:"cycle"`
	Clause    string `json:"clause"`
	TargetAs  string `json:"target"` // as the policy writes it: "2 business days"
	Lines     []Line `json:"lines"`
	Sum       int64  `json:"sum_seconds"` // counted up to the due instant, or now
	PausedNow bool   `json:"paused_now"`
}

// A Line is one stretch of a timeline, in the zone of the calendar that judged
// it.
type Line struct {
	From     time.Time      `json:"from"`
	To       time.Time      `json:"to"`
	Counted  int64          `json:"counted_seconds"`
	Why      Why            `json:"why"`              // counts, paused, solved, fulfilled, deleted
	Closed   calendar.Why   `json:"closed,omitempty"` // why a stretch of business time didn't count: weekend, holiday, …
	Holiday  *calendar.Name `json:"holiday,omitempty"`
	Calendar string         `json:"calendar"`
	Team     string         `json:"team,omitempty"`
	Status   Status         `json:"status,omitempty"`
	Future   bool           `json:"future"` // not yet: projected on the calendar as it stands
	Late     bool           `json:"late"`   // after the due instant
}

// Stretches are the lines as people are shown them: neighbours that differ in
// nothing that is shown are one. Something happened in between, but not to this
// clock.
func (t *Timeline) Stretches() (joined []Line) {
	for _, l := range t.Lines {
		if n := len(joined) - 1; n >= 0 && alike(joined[n], l) {
			joined[n].To, joined[n].Counted = l.To, joined[n].Counted+l.Counted
			continue
		}
		joined = append(joined, l)
	}
	return joined
}

func alike(a, b Line) bool {
	return a.To.Equal(b.From) && (a.Counted > 0) == (b.Counted > 0) && a.Why == b.Why && a.Closed == b.Closed &&
		(a.Why != IsPaused || a.Status == b.Status) && (a.Holiday == nil) == (b.Holiday == nil) && (a.Holiday == nil || *a.Holiday == *b.Holiday) &&
		a.Calendar == b.Calendar && a.Team == b.Team && a.Future == b.Future && a.Late == b.Late
}

// Explain judges a ticket as Evaluate does, and keeps the evidence.
func Explain(policies []*Policy, t *Ticket, now time.Time) (Explanation, error) {
	v, err := Evaluate(policies, t, now)
	x := Explanation{Verdict: v, Timelines: []Timeline{}, Ticket: t, At: now}
	if err != nil || v.policy == nil || v.Error != "" {
		return x, err
	}
	x.By, x.Policy, x.Text = v.policy, v.policy.Titles, v.policy.Source
	if rank := v.policy.Rank(v.Priority); rank >= 0 {
		x.Rubric = v.policy.Priorities[rank].Rubric
	}
	x.Suggested = v.policy.Suggest(t)
	x.local = v.policy.TeamCalendar(v.state.group).Zone()
	x.keepTags()
	if len(v.Clocks) == 0 {
		return x, nil
	}
	e := newEvaluation()
	e.h.read(t, now)
	if _, err := e.choose(policies, t); err != nil {
		return x, err
	}
	for _, c := range v.Clocks {
		for _, cy := range e.cycles(c.Metric) {
			clock := c
			for _, past := range c.Past {
				if past.Cycle == cy.n {
					clock = past
				}
			}
			if clock.Cycle == cy.n {
				x.Timelines = append(x.Timelines, e.timeline(clock, cy))
			}
		}
	}
	if e.err != nil {
		return x, fmt.Errorf("explain %s: %w", t.Ref(), e.err)
	}
	return x, nil
}

// InHand says that somebody is in charge of the ticket, or that an agent has done
// something to it.
func (x *Explanation) InHand() bool {
	if _, _, assignee, _, _, _ := x.Verdict.Now(); assignee != "" {
		return true
	}
	return slices.ContainsFunc(x.Ticket.Events, func(e Event) bool {
		return !e.At.After(x.At) && person(e.By) && e.By != ByCustomer && e.By != x.Ticket.Requester
	})
}

// timeline is the evidence for one cycle.
func (e *evaluation) timeline(c Clock, cy cycle) Timeline {
	decided, state := e.decided(c.Metric, cy)
	row := e.row(c.Metric, state)
	target := row.Within[c.Priority]
	tl := Timeline{Clock: c, Metric: c.Metric, Cycle: c.Cycle, Clause: c.Clause, TargetAs: target.String(), PausedNow: c.Paused}
	var stretches []stretch
	for k := cy.start; k <= e.lastOf(cy); k++ {
		stretches = append(stretches, stretch{from: e.h.steps[k].at, to: e.h.end(k), calendar: e.calendarAt(k), group: e.h.at(k).group, why: e.why(c.Metric, row, k), status: e.h.at(k).status})
	}
	end := e.h.now
	if c.StoppedAt != nil {
		end = c.StoppedAt.Unix()
	}
	due := end
	if c.Due != nil {
		due = c.Due.Unix()
	}
	if due > end {
		stretches = append(stretches, stretch{from: end, to: due, calendar: e.calendarAt(decided), group: e.h.at(decided).group, why: Counts})
	}
	for _, s := range stretches {
		for _, part := range split(s, due) {
			late := c.Due != nil && part.from >= due
			for _, line := range e.lines(part, target.Business) {
				line.Late, line.Future = late, part.from >= end && part.to > end
				if !late {
					tl.Sum += line.Counted
				}
				tl.Lines = append(tl.Lines, line)
			}
		}
	}
	return tl
}

// A stretch is a piece of a cycle in which one thing is true: it counts on one
// calendar, or it doesn't count for one reason.
type stretch struct {
	from, to int64
	calendar *calendar.Calendar
	group    string
	why      Why
	status   Status
}

// split cuts a stretch at an instant inside it.
func split(s stretch, at int64) []stretch {
	if at <= s.from || at >= s.to {
		return []stretch{s}
	}
	before, after := s, s
	before.to, after.from = at, at
	return []stretch{before, after}
}

// lines cuts a stretch that counts on a calendar into its open and closed
// pieces; any other stretch is one line.
func (e *evaluation) lines(s stretch, business bool) []Line {
	if s.from == s.to {
		return nil
	}
	zone := s.calendar.Zone()
	line := Line{
		From: instant(s.from).In(zone), To: instant(s.to).In(zone), Why: s.why,
		Calendar: s.calendar.Name(), Team: s.group, Status: s.status,
	}
	if s.why != Counts {
		return []Line{line}
	}
	if !business {
		line.Counted = s.to - s.from
		return []Line{line}
	}
	var list []Line
	for p := range s.calendar.Pieces(line.From, line.To) {
		piece := line
		piece.From, piece.To = p.From, p.To
		if p.Open {
			piece.Counted = p.To.Unix() - p.From.Unix()
		} else {
			piece.Closed, piece.Holiday = p.Why, p.Holiday
		}
		list = append(list, piece)
	}
	return list
}
