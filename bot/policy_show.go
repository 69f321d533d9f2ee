package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"vigie/bot/library"
	"vigie/rules/policies"
	"vigie/rules/policyfile"
)

type policyShowCommand struct {
	Policy    string `arg:"" placeholder:"P" help:"A built-in policy (${policies}) or a policy file."`
	Effective bool   `help:"With all that it extends, as one file; each part says in which file and line it stands."`
	Tests     bool   `help:"The tests of a built-in policy instead."`
}

func (policyShowCommand) Help() string {
	return `Prints the file as it is. A policy of one's own may extend a built-in one, and say what differs:

  extends = "moveon"
  name    = "acme"
  without = ["QS-05"]               # leave out the rows of this clause
  [calendars.berlin]
  holidays = ["DE-BW"]

Examples:
  vigie policy show moveon
  vigie policy show moveon --tests
  vigie policy show policies/acme.toml --effective`
}

func (c *policyShowCommand) Run(p *program) error {
	source, err := library.Source(c.Policy)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return usageError{library.Unknown(c.Policy)}
	case err != nil:
		return err
	}
	text := string(source.Text)
	switch {
	case c.Tests:
		tests, ok := policies.ReadTest(c.Policy)
		if !ok {
			return usageError{fmt.Errorf("--tests is for built-in policies: %s; the tests of %s stand beside it", strings.Join(policies.Names(), ", "), c.Policy)}
		}
		text = string(tests)
	case c.Effective:
		if _, problems := policyfile.Load(source.File, source.Text, source.ReadFile); problems.Err() != nil {
			return problems
		}
		_, root := policyfile.Read(source.File, source.Text, source.ReadFile)
		text = root.Text()
	}
	_, err = fmt.Fprint(p.stdout, text)
	return err
}
