package library

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vigie/rules/oncall"
	"vigie/rules/policies"
	"vigie/rules/policytest"
	"vigie/rules/tomlfile"
)

const TestExtension = ".test.toml"

// A Test is a test file that was found: its text, and where the policies
// lie that it names.
type Test struct {
	name string
	text []byte
	open func(policy string) (policytest.Source, error)
}

// Suites reads test files. The error holds the mistakes of all; warnings are told.
// plan reads whom a configuration calls, by its file.
func Suites(files []Test, plan func(file string) (oncall.Plan, error), warn func(tomlfile.Problem)) ([]*policytest.Suite, error) {
	var suites []*policytest.Suite
	var wrong tomlfile.Problems
	for _, f := range files {
		open := func(policy string) (policytest.Source, error) {
			s, err := f.open(policy)
			s.Plan = func(file string) (oncall.Plan, error) {
				if !filepath.IsAbs(file) {
					file = filepath.Join(filepath.Dir(f.name), file)
				}
				return plan(file)
			}
			return s, err
		}
		suite, problems := policytest.Read(f.name, f.text, open)
		for _, problem := range problems {
			switch {
			case slices.Contains(wrong, problem): // of a policy that several files name
			case problem.Warning:
				warn(problem)
			default:
				wrong = append(wrong, problem)
			}
		}
		suites = append(suites, suite)
	}
	return suites, wrong.Err()
}

// FindTests opens the test files that the arguments mean, in their order.
func FindTests(args []string) ([]Test, error) {
	if len(args) == 0 {
		if here, err := filepath.Glob("*" + TestExtension); err == nil && len(here) > 0 {
			args = here
		} else {
			args = policies.Names()
		}
	}
	var files []Test
	for _, arg := range args {
		if text, ok := policies.ReadTest(arg); ok {
			files = append(files, Test{arg + TestExtension, text, embedded})
			continue
		}
		paths, err := testsOf(arg)
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			if slices.ContainsFunc(files, func(f Test) bool { return f.name == path }) {
				continue
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			files = append(files, Test{path, text, besides(path)})
		}
	}
	return files, nil
}

// testsOf lists the test files of a folder, or beside a policy file, or the one
// that is named.
func testsOf(arg string) ([]string, error) {
	info, err := os.Stat(arg)
	switch base, isTOML := strings.CutSuffix(arg, ".toml"); {
	case err != nil && !strings.ContainsAny(arg, `/\.`):
		return nil, fmt.Errorf("there are no tests of a policy %q; write a file's path, or one of %s", arg, strings.Join(policies.Names(), ", "))
	case err != nil:
		return nil, err
	case info.IsDir():
		list, _ := filepath.Glob(filepath.Join(arg, "*"+TestExtension)) // the pattern is right
		if len(list) == 0 {
			return nil, fmt.Errorf("there is no test in %s; their names end in %s", arg, TestExtension)
		}
		return list, nil
	case strings.HasSuffix(arg, TestExtension):
		return []string{arg}, nil
	case !isTOML:
		return nil, fmt.Errorf("%s is neither a test (%s) nor a policy (.toml)", arg, TestExtension)
	default:
		list, _ := filepath.Glob(base + "*" + TestExtension) // acme.test.toml, acme.pauses.test.toml
		list = slices.DeleteFunc(list, func(path string) bool { return path[len(base)] != '.' })
		if len(list) == 0 {
			return nil, fmt.Errorf("there are no tests beside %s; write %s, vigie test --help shows how", arg, base+TestExtension)
		}
		return list, nil
	}
}

// embedded opens the policy that embedded tests name.
func embedded(name string) (policytest.Source, error) {
	return Source(strings.TrimSuffix(name, ".toml"))
}

// besides opens the policy that a test file names: a path relative to it, or an
// embedded policy's name.
func besides(test string) func(string) (policytest.Source, error) {
	return func(name string) (policytest.Source, error) {
		if strings.ContainsAny(name, `/\.`) && !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(test), name)
		}
		return Source(name)
	}
}

// ByPolicy puts the suites of each policy together, in the order of the files.
func ByPolicy(suites []*policytest.Suite) [][]*policytest.Suite {
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
