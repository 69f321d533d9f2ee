// Package library finds policies and their tests: by the name of a built-in one, or by
// the path of a file, with what that names beside it (an iCal file, examples, a policy
// that it extends). It reads files, bounded, and leaves to others what they mean: rules
// loads a policy, policytest a test.
package library

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"vigie/rules"
	"vigie/rules/calendar"
	"vigie/rules/policies"
	"vigie/rules/policyfile"
	"vigie/rules/policytest"
	"vigie/rules/tomlfile"
)

// Policy loads a policy by the name of an embedded one or by the path of a
// file; warnings are printed by the caller. No problem and no policy: there is
// none of that name.
func Policy(name string) (*rules.Policy, tomlfile.Problems) {
	source, err := Source(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, tomlfile.Problems{{File: name, Text: err.Error()}}
	}
	return policyfile.Load(source.File, source.Text, source.ReadFile)
}

// Source finds a policy by the name of an embedded one or by the path of a
// file. The error is fs.ErrNotExist if there is none.
func Source(name string) (policytest.Source, error) {
	if !strings.ContainsAny(name, `/\.`) {
		if text, ok := policies.Read(name); ok {
			return policytest.Source{File: name + ".toml", Text: text, ReadFile: policies.ReadFile}, nil
		}
		return policytest.Source{}, fs.ErrNotExist
	}
	text, err := os.ReadFile(name)
	return policytest.Source{File: name, Text: text, ReadFile: beside(filepath.Dir(name))}, err
}

// beside reads what a policy in a folder names: an iCal file, or the policy that it
// extends.
func beside(dir string) func(name string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		file := name
		if !filepath.IsAbs(file) {
			file = filepath.Join(dir, file)
		}
		if strings.HasSuffix(name, ".ics") {
			return readRegular(file, calendar.ICalSize, "export the closing days alone")
		}
		if strings.HasSuffix(name, ".jsonl") {
			return readExamples(file)
		}
		if strings.ContainsAny(name, `/\.`) {
			return readRegular(file, tomlfile.MaxSize, "split it")
		}
		if text, ok := policies.Read(name); ok {
			return text, nil
		}
		return nil, fmt.Errorf("there is no built-in policy %q", name)
	}
}

// readExamples reads a file of examples; those of an embedded policy are found beside a
// copy of it, too.
func readExamples(file string) ([]byte, error) {
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		if shipped, err := policies.ReadFile(filepath.Base(file)); err == nil {
			return shipped, nil
		}
	}
	return readRegular(file, maxExamples, "some thousand examples teach as much as more do")
}

// readRegular reads a file of so many bytes at most, if it is one as far as that can be
// seen from outside: a named pipe would be waited for, and a device might never end.
func readRegular(file string, most int64, remedy string) ([]byte, error) {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file", file)
	case info.Size() > most:
		return nil, fmt.Errorf("%s has %d MB, and one of more than %d MB isn't read: %s", file, info.Size()>>20, most>>20, remedy)
	}
	return os.ReadFile(file)
}

// maxExamples bounds a file of examples, in bytes: some 50,000 tickets.
const maxExamples = 64 << 20

// Policies loads policies by name or path, with the versions of each together, and
// returns what they are warned of. The error is every mistake of all, or an Unknown.
func Policies(names []string) ([]*rules.Policy, tomlfile.Problems, error) {
	var list []*rules.Policy
	var found tomlfile.Problems
	for _, name := range names {
		policy, problems := Policy(name)
		if policy == nil && len(problems) == 0 {
			return nil, nil, Unknown(name)
		}
		found = append(found, problems...)
		if policy != nil {
			list = append(list, policy)
		}
	}
	list, problems := policyfile.Versions(list)
	found = append(found, problems...)
	if err := found.Err(); err != nil {
		return nil, nil, err
	}
	return list, found, nil
}

// Unknown is a name that is no policy's.
type Unknown string

func (name Unknown) Error() string {
	return fmt.Sprintf("there is no policy %q; write a file's path, or one of %s", string(name), strings.Join(policies.Names(), ", "))
}
