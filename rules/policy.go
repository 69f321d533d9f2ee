package rules

import (
	"strings"
	"time"

	"vigie/rules/calendar"
)

// A Policy is a company's support policy: which tickets it covers, by which
// calendars time is counted, what is promised at which priority. It is read
// from a file by package policyfile and never changes afterwards, so that goroutines
// share it.
type Policy struct {
	File          string // that it was read from, for messages
	Digest        string // of its text and of the files it names: another one, another policy
	Name          string
	Titles        Words     // what people call it, in their language; Name where the file gives no title
	Source        string    // where its text comes from: "QS, 19 June 2025"
	EffectiveFrom time.Time // 00:00 in the policy calendar's zone
	Covers        *Condition

	Calendar    *calendar.Calendar // of every team that Teams doesn't name
	Calendars   map[string]*calendar.Calendar
	Teams       map[string]*calendar.Calendar // by group
	BusinessDay int64                         // seconds

	DefaultPriority string
	Propose         bool      // the priority rules only propose
	Restart         bool      // a reopening begins the resolution anew
	ReopenGrace     *Duration // nil: a reopening counts at once
	Triage          *Duration // nil: nobody is asked for a priority

	Priorities []Priority // most urgent first
	Targets    []Target
	Excludes   []Exclude
	Marks      []Mark
	Escalates  []Escalate
	Lesson     *Lesson          // what priorities are suggested by; nil: by nothing
	Clauses    map[string]Words // the titles of clauses, for customers; not every clause has one

	Line       int                // of effective_from in File; 0 where another file has it, or none
	Confidence map[string]float64 // by priority, from which probability on a suggestion decides; see Confident
}

// Words are a text for people in the languages that policies are published in.
type Words struct {
	FR string `json:"fr,omitempty"`
	EN string `json:"en,omitempty"`
}

// In is the text in a language ("fr", "fr-CA"), or in the other one where that is
// missing; in English for any further language.
func (w Words) In(language string) string {
	if base, _, _ := strings.Cut(strings.ToLower(language), "-"); base == "fr" && w.FR != "" || w.EN == "" {
		return w.FR
	}
	return w.EN
}

// A Priority is a level of urgency, the vendors' names for it, and the rule
// that proposes it.
type Priority struct {
	Name    string
	Vendors map[string][]string // "zendesk", "jira": the vendor's names; the first is the one written
	When    *Condition          // nil: no rule proposes it
	Rubric  Words               // the policy's own words
	Clause  string
}

// A Target is one row of a policy: what it promises of one metric, to the
// tickets for which When holds and whose priority Within names.
type Target struct {
	Metric           Metric
	When             *Condition
	Within           map[string]Duration    // by priority
	Warn             map[string][]Threshold // by priority
	Pause            map[Status]bool
	PauseAfterReply  bool       // a pause counts only once an agent has replied in public
	PauseEndsOnReply bool       // waiting for the customer pauses only while the last public message is an agent's
	Until            *Condition // nil: only the metric's own end fulfils it
	Clause           string
}

// An Exclude says which covered tickets are outside the SLA.
type Exclude struct {
	When   *Condition
	Tag    string
	Reason Words
	Clause string
}

// A Mark is a tag and a word to the agents; clocks go on.
type Mark struct {
	When    *Condition
	Tag     string
	Note    Words
	Propose Words // what to write to the customer, in his language; "" where there is nothing to write
	Tell    bool  // said in Slack, once for each ticket, and listed in the report
	Clause  string
}

// TeamCalendar is the calendar by which a group's time is counted.
func (p *Policy) TeamCalendar(group string) *calendar.Calendar {
	if c, ok := p.Teams[group]; ok {
		return c
	}
	return p.Calendar
}

// Rank is the place of a priority among the policy's, 0 the most urgent, or -1.
func (p *Policy) Rank(priority string) int {
	for i := range p.Priorities {
		if p.Priorities[i].Name == priority {
			return i
		}
	}
	return -1
}

// Rank is the place of the verdict's priority among the policy's, 0 the most urgent,
// or -1.
func (v *Verdict) Rank() int {
	if v.policy == nil {
		return -1
	}
	return v.policy.Rank(v.Priority)
}

// VendorPriorities maps a vendor's names, in lower case, to the policy's
// priorities, and these to the name to write. A priority without names of that
// vendor goes by its own.
func (p *Policy) VendorPriorities(vendor string) (read, write map[string]string) {
	read, write = map[string]string{}, map[string]string{}
	for _, pr := range p.Priorities {
		names := pr.Vendors[vendor]
		if len(names) == 0 {
			names = []string{pr.Name}
		}
		write[pr.Name] = names[0]
		for _, n := range names {
			if read[lower(n)] == "" { // the more urgent one has it
				read[lower(n)] = pr.Name
			}
		}
	}
	return read, write
}

func lower(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
