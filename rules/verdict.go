package rules

import (
	"errors"
	"time"
)

// A Verdict is all that a policy says of a ticket at one instant. Its JSON is
// the format of `replay` and `explain --json`; instants are in the zone of the
// team's calendar.
type Verdict struct {
	Source       string       `json:"source"`
	ID           string       `json:"id"`
	Policy       *string      `json:"policy"` // nil: no policy covers the ticket
	Priority     string       `json:"priority,omitempty"`
	PriorityFrom PriorityFrom `json:"priority_from,omitempty"`
	Unknown      string       `json:"unknown_priority,omitempty"` // a person's choice that the policy doesn't know: default_priority counts
	Proposed     *string      `json:"proposed_priority"`          // what the policy would choose, also where it isn't followed
	Excluded     *Exclusion   `json:"excluded"`
	Clocks       []Clock      `json:"clocks"`
	Tags         TagChange    `json:"tags"`
	Marks        []MarkNote   `json:"marks,omitempty"`
	Triage       *TriageDue   `json:"triage,omitempty"`
	FromFirst    bool         `json:"first_reply_from_first_message,omitempty"` // an agent opened the ticket: a first reply is owed from the customer's first message on, which may still be to come (A20)
	Escalation   *Escalation  `json:"escalation,omitempty"`
	Error        string       `json:"error,omitempty"` // why there is no verdict: a date beyond what is known

	Status Status    `json:"-"` // at now; while reopen_grace runs the vendor's, not ours
	Wake   time.Time `json:"-"` // when the verdict changes if nothing happens; zero = never

	policy *Policy     // the version that judged it; nil = none, or read from JSON
	read   []reading   // of the clocks; none if read from JSON
	state  *attributes // the ticket's at now; nil if read from JSON
}

// Now is what the ticket is like at the verdict's instant. It is empty for a
// verdict that was read from JSON.
func (v *Verdict) Now() (kind, group, assignee, organization string, tags []string, fields Fields) {
	if v.state == nil {
		return
	}
	s := v.state
	return s.kind, s.group, s.assignee, s.organization, s.tags, s.fields
}

// An Exclusion says why a covered ticket is outside the SLA.
type Exclusion struct {
	Clause string `json:"clause"`
	Tag    string `json:"tag"`
	Reason Words  `json:"reason"`
}

// A MarkNote is a mark that holds, with its word to the agents.
type MarkNote struct {
	Tag      string     `json:"tag"`
	Note     Words      `json:"note"`
	Proposed string     `json:"proposed,omitempty"` // what to write to the customer, in his language
	Clause   string     `json:"clause,omitempty"`
	Since    *time.Time `json:"since,omitempty"` // of one that is told: since when it holds
}

// TriageDue is when a person should have given the ticket a priority; there is
// none once somebody has.
type TriageDue struct {
	At   time.Time `json:"at"`
	Late bool      `json:"late"`
}

// TagChange is a difference to the ticket's tags.
type TagChange struct {
	Add    []string `json:"add"`
	Remove []string `json:"remove"`
}

// State is where a clock stands.
type State string

const (
	StateRunning  State = "running"
	StatePaused   State = "paused"
	StateMet      State = "met"
	StateBreached State = "breached" // also while it still runs or is paused
	StateVoid     State = "void"     // stopped in time by being solved without an answer: neither kept nor broken
)

// A Clock is one metric's last cycle. Earlier ones are in Past.
type Clock struct {
	Metric    Metric         `json:"metric"`
	State     State          `json:"state"`
	Paused    bool           `json:"paused"`
	Due       *time.Time     `json:"due"` // nil while it is paused and not used up
	Target    int64          `json:"target_seconds"`
	Elapsed   int64          `json:"elapsed_seconds"`   // up to the stop or now, beyond the target too
	Remaining int64          `json:"remaining_seconds"` // negative when late
	StartedAt time.Time      `json:"started_at"`
	StoppedAt *time.Time     `json:"stopped_at"`
	Cycle     int            `json:"cycle"`
	Calendar  string         `json:"calendar"`
	Clause    string         `json:"clause"`
	Business  bool           `json:"business"` // the target counts open hours only
	Priority  string         `json:"priority"` // the one whose target this is
	Warnings  []WarningPoint `json:"warnings"` // every threshold, past ones too, in order of time; empty unless running
	ByChange  *BreachCause   `json:"breached_by_change,omitempty"`
	Past      []Clock        `json:"past_cycles,omitempty"`
}

// A reading is how much of a clock's target is used, whatever its state.
type reading struct {
	metric   Metric
	cycle    int
	used     int64
	target   Duration
	warn     []Threshold // of the row in force
	late     bool
	byChange bool
}

// Stopped says that the clock has come to its end.
func (c *Clock) Stopped() bool { return c.StoppedAt != nil }

// AtRisk says that the clock runs and is past its first threshold at now.
func (c *Clock) AtRisk(now time.Time) bool {
	return len(c.Warnings) > 0 && !c.Warnings[0].At.After(now)
}

// A WarningPoint is a threshold and the first instant at which it is reached.
type WarningPoint struct {
	Threshold string    `json:"threshold"`
	At        time.Time `json:"at"`
}

// A BreachCause is the change that made a target missed at once: nobody let it
// slip, so nobody is alarmed.
type BreachCause struct {
	What string    `json:"what"` // priority, kind, organization, group, tags…
	At   time.Time `json:"at"`
}

// JudgedBy is the version of the policy that judged the ticket; nil where none covers
// it, or the verdict was read from JSON.
func (v *Verdict) JudgedBy() *Policy { return v.policy }

// Covered says that a policy covers the ticket.
func (v *Verdict) Covered() bool { return v.Policy != nil }

// Err is why there is no verdict, or nil.
func (v *Verdict) Err() error {
	if v.Error == "" {
		return nil
	}
	return errors.New(v.Error)
}

// Clock is the clock of a metric, or nil.
func (v *Verdict) Clock(m Metric) *Clock {
	for i := range v.Clocks {
		if v.Clocks[i].Metric == m {
			return &v.Clocks[i]
		}
	}
	return nil
}
