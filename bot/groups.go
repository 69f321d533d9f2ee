package main

import (
	"slices"

	"vigie/rules/policytest"
)

// byPolicy puts the suites of each policy together, in the order of the files.
func byPolicy(suites []*policytest.Suite) [][]*policytest.Suite {
	var groups [][]*policytest.Suite
	for _, s := range suites {
		i := slices.IndexFunc(groups, func(g []*policytest.Suite) bool { return g[0].Policy.File == s.Policy.File })
		if i < 0 {
			i, groups = len(groups), append(groups, nil)
		}
		groups[i] = append(groups[i], s)
	}
	return groups
}
