package policytest

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"vigie/rules"
	"vigie/rules/words"
)

// A Result is what came out of one case. It has passed if there are no
// failures.
type Result struct {
	*Case
	Failures []Failure
}

// A Failure is an expectation that doesn't hold.
type Failure struct {
	Line        int
	At          string // the instant, as people read it
	Expect      string // which expectation: "resolution_due"
	Want, Got   string
	Difference  string // "41 minutes later"; empty where it goes without saying
	Explanation string // rules.Explain's text
}

// Run runs the cases whose names match, or all if match is nil.
func (s *Suite) Run(match *regexp.Regexp) []Result {
	var results []Result
	for _, c := range s.Cases {
		if match == nil || match.MatchString(c.Name) {
			results = append(results, Result{c, c.run(s.policies[c.variant])})
		}
	}
	return results
}

// passes says whether the case holds under a policy.
func (c *Case) passes(p *rules.Policy) bool {
	var o *observation
	for i := range c.wants {
		w := &c.wants[i]
		if o == nil || !o.at.Equal(w.at) {
			var err error
			if o, err = c.observe(p, w.at); err != nil {
				return false
			}
		}
		if _, _, ok := w.judge(o); !ok {
			return false
		}
	}
	return true
}

func (c *Case) run(p *rules.Policy) []Failure {
	if len(c.wants) == 0 {
		return []Failure{{Line: c.Line, Want: "at least one expectation", Got: `none; write expect = [{ at = "…", resolution_due = "…" }], or columns such as resolution_due`}}
	}
	var failures []Failure
	for i := range c.wants {
		w := &c.wants[i]
		f := Failure{Line: w.line, At: words.In("en").Moment(w.at.In(c.zone)), Expect: w.name, Want: w.text}
		o, err := c.observe(p, w.at)
		if err != nil {
			f.Got = "no verdict: " + err.Error()
			failures = append(failures, f)
			continue
		}
		var ok bool
		if f.Got, f.Difference, ok = w.judge(o); !ok {
			f.Explanation = o.explain(w.metric)
			failures = append(failures, f)
		}
	}
	return failures
}

// observe judges the case's ticket at an instant.
func (c *Case) observe(p *rules.Policy, at time.Time) (*observation, error) {
	o := &observation{policy: p, ticket: &c.ticket, at: at, zone: c.zone}
	var err error
	o.verdict, err = rules.Evaluate([]*rules.Policy{p}, &c.ticket, at)
	return o, cmp.Or(err, o.verdict.Err())
}

// explain is the evidence, for one metric or all.
func (o *observation) explain(m rules.Metric) string {
	x, err := rules.Explain([]*rules.Policy{o.policy}, o.ticket, o.at)
	if err != nil {
		return ""
	}
	if m != "" && o.verdict.Clock(m) != nil {
		cycle := o.verdict.Clock(m).Cycle
		x.Timelines = slices.DeleteFunc(x.Timelines, func(t rules.Timeline) bool { return t.Metric != m || t.Cycle != cycle })
	}
	_, text, _ := strings.Cut(words.In("en").Explanation(&x), "\n") // without the ticket, which isn't real
	return text
}
