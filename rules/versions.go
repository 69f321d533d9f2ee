package rules

import (
	"fmt"
	"slices"
	"time"
)

// A policy may have several versions: files of one name, each from its
// effective_from until the next one's. A ticket is judged, for its whole life,
// by the version in force when it was created (DESIGN section 4, clause QS-32).

// Versions puts the versions of each policy together, the newest first, where
// the first of them stood: the newest has the word on what belongs to no
// ticket, such as the vendors' names of priorities. Two versions that begin at
// once are a problem, since nothing says which one holds.
func Versions(policies []*Policy) ([]*Policy, Problems) {
	place := map[string]int{} // of each name
	for i, p := range policies {
		if _, ok := place[p.Name]; !ok {
			place[p.Name] = i
		}
	}
	sorted := slices.Clone(policies)
	slices.SortStableFunc(sorted, func(a, b *Policy) int {
		if a.Name != b.Name {
			return place[a.Name] - place[b.Name]
		}
		return b.EffectiveFrom.Compare(a.EffectiveFrom)
	})
	var problems Problems
	for i, p := range sorted[min(1, len(sorted)):] {
		if before := sorted[i]; p.Name == before.Name && p.EffectiveFrom.Equal(before.EffectiveFrom) {
			problems = append(problems, Problem{File: p.File, Line: p.line, Key: "effective_from", Text: fmt.Sprintf(
				"%s begins on the same day as %s in %s; name one of the two, or give this one the first day on which it holds instead",
				p.Name, before.Name, before.File)})
		}
	}
	return sorted, problems
}

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
