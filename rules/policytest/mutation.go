package policytest

import (
	"context"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"vigie/rules"
	"vigie/rules/tomlfile"
)

// A Mutant is a policy with one small change, which some test should notice.
type Mutant struct {
	File   string
	Line   int    // of what is changed
	Key    string // "targets[1].within.urgent"
	Change string // "a minute more"

	apply func(tree map[string]any) // makes the change in a tree that may be changed
}

// String names the mutant, as a survivor's entry does.
func (m Mutant) String() string { return m.Key + ": " + m.Change }

// Fate is what became of a mutant.
type Fate string

const (
	Killed    Fate = "killed"    // some test fails
	Refused   Fate = "refused"   // the changed policy can't even be loaded
	Explained Fate = "explained" // survived, and a test file says why that is right
	Survived  Fate = "survived"  // no test notices
)

// An Outcome is a mutant's fate.
type Outcome struct {
	Mutant
	Fate Fate
	Why  string // the test that fails, the loader's refusal, or the explanation
}

// A survivor explains mutants that no ticket can tell from the policy.
type survivor struct {
	Mutant  string // * stands for anything
	Because string
	Line    int
}

func (s *survivor) covers(m Mutant) bool {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(s.Mutant), `\*`, `.*`)
	ok, err := regexp.MatchString("^(?:"+pattern+")$", m.String())
	return err == nil && ok
}

// Mutate changes the policy that the suites share in every way that Mutants
// lists, runs their tests against each, and gives the outcomes in the policy
// file's order. Explanations that no surviving mutant needs are problems. It
// uses all cores; progress, if not nil, is called after each mutant by one of
// them at a time. The tests must pass before.
func Mutate(ctx context.Context, suites []*Suite, progress func(done, total int)) ([]Outcome, tomlfile.Problems, error) {
	mutants := Mutants(suites)
	outcomes := make([]Outcome, len(mutants))
	var group sync.WaitGroup
	var counting sync.Mutex
	next, done := 0, 0
	for range min(runtime.GOMAXPROCS(0), len(mutants)) {
		group.Go(func() {
			for ctx.Err() == nil {
				counting.Lock()
				i := next
				next++
				counting.Unlock()
				if i >= len(mutants) {
					return
				}
				outcomes[i] = fate(suites, mutants[i])
				counting.Lock()
				done++
				if progress != nil {
					progress(done, len(mutants))
				}
				counting.Unlock()
			}
		})
	}
	group.Wait()
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	return outcomes, unneeded(suites, outcomes), nil
}

// fate runs the tests against one mutant.
func fate(suites []*Suite, m Mutant) Outcome {
	tree := clone(suites[0].tree).(map[string]any)
	m.apply(tree)
	for _, s := range suites {
		loaded := map[string]*rules.Policy{} // a variant only when a case gets to it
		for _, c := range s.Cases {
			p, ok := loaded[c.variant]
			if !ok {
				var err error
				if p, err = s.under(tree, c.variant); err != nil {
					return Outcome{m, Refused, err.Error()}
				}
				loaded[c.variant] = p
			}
			if !c.passes(p) {
				return Outcome{m, Killed, c.Name}
			}
		}
	}
	for _, s := range suites {
		for _, known := range s.survivors {
			if known.covers(m) {
				return Outcome{m, Explained, known.Because}
			}
		}
	}
	return Outcome{m, Survived, ""}
}

// unneeded lists the explanations of what didn't survive, or isn't there.
func unneeded(suites []*Suite, outcomes []Outcome) tomlfile.Problems {
	var problems tomlfile.Problems
	for _, s := range suites {
		for i, known := range s.survivors {
			if !slices.ContainsFunc(outcomes, func(o Outcome) bool { return o.Fate == Explained && known.covers(o.Mutant) }) {
				problems = append(problems, tomlfile.Problem{File: s.File, Line: known.Line, Key: fmt.Sprintf("survivor[%d].mutant", i),
					Text: fmt.Sprintf("no mutant that survives is named %q; remove this entry, or write the name as --mutate prints it", known.Mutant)})
			}
		}
	}
	return problems
}

// clone copies a tree's tables and lists.
func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		c := make(map[string]any, len(v))
		for k, e := range v {
			c[k] = clone(e)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, e := range v {
			c[i] = clone(e)
		}
		return c
	}
	return v
}
