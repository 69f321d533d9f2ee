package main

import (
	"fmt"

	"vigie/rules"
	"vigie/rules/policies"
	"vigie/rules/policytest"
)

type testNewCommand struct{ ticketArgs }

func (testNewCommand) Help() string {
	return `Prints a test file: the ticket's history and what the policy says of it today. Texts and people's names are left out, and
tags, fields, teams and organisations that the policy doesn't ask about. Read it, say in its name what it shows, correct what
the policy should have said instead, and put it into the test file beside the policy.

Examples:
  vigie test new zendesk:42 --config config.toml > acme.test.toml
  vigie test new jira:SUP-7 --now 2026-12-01T15:00:00+01:00
  vigie test new --file tickets.jsonl --policy moveon zendesk:42`
}

func (c *testNewCommand) Run(p *program) error {
	f, err := c.find(p)
	if err != nil {
		return err
	}
	t, list, now := f.ticket, f.policies, f.now
	v, err := rules.Evaluate(list, t, now)
	if err != nil {
		return fmt.Errorf("%s can't be judged: %w", t.Ref(), err)
	}
	policy := list[0] // it covers the ticket or it doesn't: the test says which
	if v.Policy != nil {
		policy = rules.InForce(list, *v.Policy, t.CreatedAt)
	}
	name := policy.Name
	if _, ok := policies.Read(name); !ok {
		name += ".toml"
	}
	text, err := policytest.Write(name, policy, t, now)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(p.stdout, text)
	return err
}
