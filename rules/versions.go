package rules

import (
	"slices"
	"time"
)

// A policy may have several versions: files of one name, each from its
// effective_from until the next one's. A ticket is judged, for its whole life,
// by the version in force when it was created (DESIGN section 4, clause QS-32).

// InForce is the version of a policy by which a ticket created then is judged:
// the latest that was in force. Nil if the ticket is older than all.
func InForce(policies []*Policy, name string, created time.Time) *Policy {
	var best *Policy
	for _, p := range policies {
		if p.Name == name && !p.EffectiveFrom.After(created) && (best == nil || p.EffectiveFrom.After(best.EffectiveFrom)) {
			best = p
		}
	}
	return best
}

// Before lists the policies no version of which was in force yet at an instant,
// each by its first version: a ticket created then isn't covered by them.
func Before(policies []*Policy, at time.Time) []*Policy {
	var list []*Policy
	for i, p := range policies {
		first := p
		for _, other := range policies {
			if other.Name == p.Name && other.EffectiveFrom.Before(first.EffectiveFrom) {
				first = other
			}
		}
		named := slices.ContainsFunc(policies[:i], func(before *Policy) bool { return before.Name == p.Name })
		if !named && first.EffectiveFrom.After(at) {
			list = append(list, first)
		}
	}
	return list
}

// Since is a policy's versions as if they had been in force from an instant on:
// the first of each name begins then, unless it began before. So a policy that
// is yet to come can be tried on tickets of the past.
func Since(policies []*Policy, at time.Time) []*Policy {
	early := slices.Clone(policies)
	for _, first := range Before(policies, at) {
		p := *first
		p.EffectiveFrom = at
		early[slices.Index(early, first)] = &p
	}
	return early
}

// Begin is the earliest instant at which one of the policies is in force; zero
// if there is none.
func Begin(policies []*Policy) time.Time {
	var at time.Time
	for _, p := range policies {
		if at.IsZero() || p.EffectiveFrom.Before(at) {
			at = p.EffectiveFrom
		}
	}
	return at
}
