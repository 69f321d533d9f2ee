package main

import (
	"fmt"
	"strings"
	"time"

	"vigie/bot/print"
	"vigie/rules"
	"vigie/rules/words"
)

type dueCommand struct {
	policyFlag
	Priority string   `required:"" placeholder:"X" help:"The priority that a person chose."`
	Created  string   `required:"" placeholder:"T" help:"When it is created: RFC 3339, or local to the policy's calendar (\"2026-11-27 16:30\")."`
	Kind     string   `help:"The kind of ticket; the first that the policy covers by default."`
	Group    string   `help:"The team that holds it."`
	Channel  string   `help:"How it came in."`
	Org      string   `name:"organization" help:"The requester's organisation."`
	Tag      []string `help:"A tag it has; may be repeated."`
	Lang     string   `default:"en" enum:"en,fr" help:"The language of the explanation (en, fr)."`
	JSON     bool     `help:"Print the verdict as JSON."`
}

func (dueCommand) Help() string {
	return `Shows the target's time piece by piece, on the policy's calendar, up to the instant at which it is used up.

Examples:
  vigie due --policy moveon --priority urgent --created "2026-11-27 16:30"
  vigie due --policy meteorage --priority haute --created 2026-11-27T17:00:00+01:00 --json`
}

func (c *dueCommand) Run(p *program) error {
	policies, err := c.load(p)
	if err != nil {
		return err
	}
	policy := policies[0]
	created, err := words.ParseLocal(c.Created, policy.Calendar.Zone())
	if err != nil {
		return usageError{fmt.Errorf("--created: %w", err)}
	}
	if version := rules.InForce(policies, policy.Name, created); version != nil {
		policy = version
	}
	if policy.Rank(c.Priority) < 0 {
		var names []string
		for _, pr := range policy.Priorities {
			names = append(names, pr.Name)
		}
		return usageError{fmt.Errorf("--priority: %s has no priority %q; write one of %s", policy.Name, c.Priority, strings.Join(names, ", "))}
	}
	t := &rules.Ticket{Source: "what-if", ID: "1", Subject: "", Kind: c.Kind, Priority: c.Priority, Group: c.Group,
		Channel: c.Channel, Organization: c.Org, Tags: c.Tag, CreatedAt: created}
	x, err := c.covered(policies, t, created)
	if err != nil {
		return err
	}
	if x.Verdict.Error != "" {
		return fmt.Errorf("no verdict: %s", x.Verdict.Error)
	}
	if c.JSON {
		return print.JSON(p.stdout, x.Verdict)
	}
	_, err = fmt.Fprint(p.stdout, words.In(c.Lang).Explanation(&x))
	return err
}

// covered explains the ticket as the kind asked for, or else as the first kind
// that gives it a clock.
func (c *dueCommand) covered(policies []*rules.Policy, t *rules.Ticket, now time.Time) (x rules.Explanation, err error) {
	kinds := []string{t.Kind}
	if t.Kind == "" {
		kinds = []string{"", "problem", "incident", "question", "assistance", "task"}
	}
	for _, kind := range kinds {
		t.Kind = kind
		if x, err = rules.Explain(policies, t, now); err != nil || len(x.Verdict.Clocks) > 0 || x.Verdict.Error != "" {
			return x, err
		}
	}
	return x, nil
}
