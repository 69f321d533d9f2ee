package rules

import (
	"slices"
	"strings"
	"time"
)

// An Escalate says which covered tickets those who repair are to have an issue
// of, in a tracker of their own. What it says is a state, not an act: as long as
// When holds there should be one. Clocks go on.
type Escalate struct {
	When    *Condition
	Project string // the tracker's key of it
	Type    string // the issue type's name

	DueFields    []DueField        // the issue's fields that show due dates; without their Form, which the tracker tells
	TicketsField string            // the issue's field that says how many tickets wait for it; "" for none
	Fields       map[string]string // what else the issue is made with, by field

	Tag           string    // followed by the issue's progress it is the ticket's tag: "technical_team_solved"; "" for none
	Note          Words     // what the agents are told first, when the ticket has an issue
	UnlinkedAfter *Duration // for how long When may hold before people are told that there is no issue; nil: for ever
	Clause        string
}

// Progress says how far an issue is, whatever its tracker calls it.
type Progress string

const (
	ProgressNew Progress = "new"
	InProgress  Progress = "in_progress"
	IssueSolved Progress = "solved"
)

var progresses = []Progress{ProgressNew, InProgress, IssueSolved}

// An Issue is the one that those who repair have of a ticket, as it was last
// seen. One without an ID says that there is none, and that one would be known of.
type Issue struct {
	Source   string     `json:"source,omitempty"` // its tracker's name in config.toml
	ID       string     `json:"id,omitempty"`     // stays when the issue moves
	Key      string     `json:"key,omitempty"`
	URL      string     `json:"url,omitempty"`
	Status   string     `json:"status,omitempty"` // in the tracker's words
	Progress Progress   `json:"progress,omitempty"`
	Solved   *time.Time `json:"solved_at,omitempty"`   // when it was first seen solved, while it is
	Unlinked *time.Time `json:"unlinked_at,omitempty"` // since when a person has had it that the ticket has no issue
}

// Linked says that the ticket has an issue.
func (i *Issue) Linked() bool { return i != nil && i.ID != "" && i.Unlinked == nil }

// An Escalation says that a ticket is marked for those who repair.
type Escalation struct {
	Project string     `json:"project"`
	Type    string     `json:"type"`
	Clause  string     `json:"clause,omitempty"`
	Since   time.Time  `json:"since"`             // when it was marked
	LinkBy  *time.Time `json:"link_by,omitempty"` // by when it should have an issue; nil where it has one, or nobody would know
	Late    bool       `json:"late,omitempty"`
	Issue   *Issue     `json:"issue,omitempty"` // nil while there is none
	Unknown bool       `json:"-"`               // whether it has an issue is still to be found out, or nobody would know

	Row *Escalate `json:"-"`
}

// escalation is the first row that holds, nil if none does.
func (e *evaluation) escalation() *Escalation {
	last := e.h.last()
	for i := range e.p.Escalates {
		row := &e.p.Escalates[i]
		marked := func(k int) bool {
			state := e.h.steps[k].state
			return e.inScope(state) && e.holds(row.When, state, e.standing(state).priority)
		}
		if !marked(last) {
			continue
		}
		k := last
		for k > 0 && marked(k-1) {
			k--
		}
		zone := e.calendarAt(last).Zone()
		x := &Escalation{Project: row.Project, Type: row.Type, Clause: row.Clause, Since: instant(e.h.steps[k].at).In(zone), Row: row}
		x.Unknown = !e.t.Issue.Linked() && (e.t.Issue == nil || e.t.Issue.Unlinked == nil)
		if e.t.Issue.Linked() {
			x.Issue = e.t.Issue
		} else if e.t.Issue != nil && row.UnlinkedAfter != nil && !e.h.steps[last].done {
			at := instant(e.linkBy(k, *row.UnlinkedAfter)).In(zone)
			x.LinkBy, x.Late = &at, at.Unix() <= e.h.now
		}
		return x
	}
	return nil
}

// linkBy is the first instant by which a time has passed since a ticket was
// marked at step k, or a person took its issue away.
func (e *evaluation) linkBy(k int, d Duration) int64 {
	away := e.t.Issue.Unlinked
	if away == nil || away.Unix() <= e.h.steps[k].at {
		return e.passed(k, d)
	}
	if !d.Business {
		return away.Unix() + d.Seconds
	}
	at, err := e.calendarAt(e.h.last()).Add(*away, d.Seconds)
	e.fail(err)
	return at.Unix()
}

// progressTag is the tag that shows where the ticket's issue stands; "" for none.
func (x *Escalation) progressTag() string {
	if x == nil || x.Row.Tag == "" || !x.Issue.Linked() {
		return ""
	}
	return x.Row.Tag + "_" + string(x.Issue.Progress)
}

// ownsProgress says whether a tag shows where an issue stands.
func (p *Policy) ownsProgress(tag string) bool {
	return slices.ContainsFunc(p.Escalates, func(row Escalate) bool {
		progress, ok := strings.CutPrefix(tag, row.Tag+"_")
		return ok && row.Tag != "" && slices.Contains(progresses, Progress(progress))
	})
}

// EscalationTopic is the topic of alerts about a ticket's issue.
const EscalationTopic = "escalation"

// escalationAlert is what people should see of the ticket's issue, now or since
// they were told of it.
func (v *Verdict) escalationAlert(t *Ticket, now time.Time) Alert {
	x := v.Escalation
	if x == nil {
		a := v.about(t, nil, now)
		a.Kind = Unescalated
		return a
	}
	a := v.about(t, v.policy.TeamCalendar(v.state.group), now)
	a.Kind = Unescalated
	a.Clause = x.Clause
	if x.Issue != nil {
		a.Issue, a.IssueURL = x.Issue.Key, x.Issue.URL
	}
	switch {
	case x.Late:
		a.Kind, a.Due, a.Since = Unlinked, *x.LinkBy, *x.LinkBy
		a.Key = "unlinked/" + t.Ref() + "/" + x.Since.UTC().Format(time.RFC3339)
	case x.Issue == nil:
	case x.Issue.Solved == nil:
		a.Kind = Linked
	default:
		a.Kind = Repaired
		if !v.Status.done() && v.Status != Deleted {
			a.Since = *x.Issue.Solved
			a.Key = "repaired/" + t.Ref() + "/" + x.Issue.ID + "/" + x.Issue.Solved.UTC().Format(time.RFC3339)
		}
	}
	return a
}
