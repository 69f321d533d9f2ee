package rules

import (
	"slices"
	"strings"
	"time"
)

// tagChange works out the tags that should be against those that are, for a ticket
// that one of the policies covers or none. Vigie owns the tags that start with
// priority_ or are named sla_<metric>_at_risk and sla_<metric>_breached, and those
// that a policy names; all others it never touches. What another policy of the
// list has left goes, and all of it where none covers the ticket any more. Running
// and met promises have no tag: each write stirs a ticket. A person has the last
// word: a tag that one added is not removed, and one that a person removed is not
// added again.
func tagChange(policies []*Policy, v *Verdict, a *attributes, now time.Time) TagChange {
	wanted := []string{}
	if v.policy != nil {
		wanted = v.policy.wantedTags(v, now)
	}
	change := TagChange{Add: wanted[:0], Remove: []string{}}
	for _, tag := range a.tags {
		if v.Escalation != nil && v.Escalation.Unknown && v.policy.ownsProgress(tag) {
			continue // it was true of the issue that will be found again
		}
		ours := slices.ContainsFunc(policies, func(p *Policy) bool { return p.Owns(tag) })
		if ours && !slices.Contains(wanted, tag) && !person(a.tagBy[tag]) {
			change.Remove = append(change.Remove, tag)
		}
	}
	for _, tag := range wanted { // what is to be added takes the place of what is wanted
		if !slices.Contains(a.tags, tag) && !slices.Contains(change.Add, tag) && !person(a.tagBy[tag]) {
			change.Add = append(change.Add, tag)
		}
	}
	return change
}

// wantedTags are those that should be, whatever people have done to them.
func (p *Policy) wantedTags(v *Verdict, now time.Time) []string {
	wanted := make([]string, 0, 2+len(v.Clocks)+len(v.Marks))
	if v.Excluded != nil {
		wanted = append(wanted, v.Excluded.Tag)
	} else {
		wanted = append(wanted, priorityTag+v.Priority)
		for i := range v.Clocks {
			switch c := &v.Clocks[i]; {
			case c.State == StateBreached:
				wanted = append(wanted, breachedTag(c.Metric))
			case c.AtRisk(now):
				wanted = append(wanted, riskTag(c.Metric))
			}
		}
		wanted = append(wanted, v.Escalation.progressTag())
	}
	for _, m := range v.Marks {
		wanted = append(wanted, m.Tag)
	}
	return slices.DeleteFunc(wanted, func(tag string) bool { return tag == "" })
}

const priorityTag = "priority_"

func riskTag(m Metric) string     { return "sla_" + string(m) + "_at_risk" }
func breachedTag(m Metric) string { return "sla_" + string(m) + "_breached" }

// Owns says whether a tag is one that only Vigie writes.
func (p *Policy) Owns(tag string) bool {
	return p.Reserves(tag) ||
		slices.ContainsFunc(p.Excludes, func(x Exclude) bool { return x.Tag == tag }) ||
		slices.ContainsFunc(p.Marks, func(m Mark) bool { return m.Tag == tag })
}

// Reserves says whether a tag stands for a priority, a clock's state or how far an
// issue is, so that a policy can't name it for anything else.
func (p *Policy) Reserves(tag string) bool {
	if p.ownsProgress(tag) {
		return true
	}
	if name, ok := strings.CutPrefix(tag, priorityTag); ok {
		return p.Rank(name) >= 0
	}
	return strings.HasPrefix(tag, "sla_") && slices.ContainsFunc(Metrics, func(m Metric) bool { return tag == riskTag(m) || tag == breachedTag(m) })
}

// person says that an act is known to be a person's. Who set a tag at creation
// is not: a follow-up ticket inherits the tags of the old one.
func person(by string) bool { return by != "" && by != ByVigie && by != ByAutomation }
