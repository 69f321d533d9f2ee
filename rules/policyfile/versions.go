package policyfile

import (
	"fmt"
	"slices"

	"vigie/rules"
	"vigie/rules/tomlfile"
)

// Versions puts the versions of each policy together, the newest first, where
// the first of them stood: the newest has the word on what belongs to no
// ticket, such as the vendors' names of priorities. Two versions that begin at
// once are a problem, since nothing says which one holds.
func Versions(policies []*rules.Policy) ([]*rules.Policy, tomlfile.Problems) {
	place := map[string]int{} // of each name
	for i, p := range policies {
		if _, ok := place[p.Name]; !ok {
			place[p.Name] = i
		}
	}
	sorted := slices.Clone(policies)
	slices.SortStableFunc(sorted, func(a, b *rules.Policy) int {
		if a.Name != b.Name {
			return place[a.Name] - place[b.Name]
		}
		return b.EffectiveFrom.Compare(a.EffectiveFrom)
	})
	var problems tomlfile.Problems
	for i, p := range sorted[min(1, len(sorted)):] {
		if before := sorted[i]; p.Name == before.Name && p.EffectiveFrom.Equal(before.EffectiveFrom) {
			problems = append(problems, tomlfile.Problem{File: p.File, Line: p.Line, Key: "effective_from", Text: fmt.Sprintf(
				"%s begins on the same day as %s in %s; name one of the two, or give this one the first day on which it holds instead",
				p.Name, before.Name, before.File)})
		}
	}
	return sorted, problems
}
