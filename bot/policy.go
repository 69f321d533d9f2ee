package main

import (
	"errors"
	"fmt"

	"vigie/bot/library"
	"vigie/rules"
)

// policyFlag is the --policy of several commands.
type policyFlag struct {
	Policy []string `required:"" sep:"none" placeholder:"P" help:"An embedded policy (${policies}) or a policy file; repeated, the versions of one policy, or several of which the first that covers a ticket has it."`
}

// load is the policies of the flag; warnings go to stderr.
func (f policyFlag) load(p *program) ([]*rules.Policy, error) { return p.policies(f.Policy) }

// policies loads policies by name or path, with the versions of each together;
// warnings go to stderr.
func (p *program) policies(names []string) ([]*rules.Policy, error) {
	list, warnings, err := library.Policies(names)
	if unknown := library.Unknown(""); errors.As(err, &unknown) {
		return nil, usageError{err}
	}
	for _, warning := range warnings {
		fmt.Fprintln(p.stderr, warning)
	}
	return list, err
}

// policyCommand is what is about policies as files; testing one is `vigie test`.
type policyCommand struct {
	Keys policyKeysCommand `cmd:"" help:"Every key of a policy file and of config.toml, and every name that conditions know."`
	Show policyShowCommand `cmd:"" help:"Print a policy file, or what it says with all that it extends."`
	New  policyNewCommand  `cmd:"" help:"Write a small policy and its tests, to start from."`
}
