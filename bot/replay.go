package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"vigie/bot/lines"
	"vigie/bot/print"
	"vigie/rules"
)

type replayCommand struct {
	policyFlag
	Against []string `sep:"none" placeholder:"P" help:"Print instead what would change if this policy held: tickets whose due dates, states or warnings differ, and how many targets are missed under each. May be repeated as --policy."`
	Format  string   `default:"text" enum:"text,json" help:"Of the differences: text for people, or json lines (${default})."`
	Now     string   `placeholder:"T" help:"Judge at this instant (RFC 3339) where a line has no \"now\" of its own; the present by default."`
}

func (replayCommand) Help() string {
	return `A line of input is a ticket: what it was at its creation, and what happened to it since. This is one, broken here to be read:

  {"source":"zendesk","id":"42","kind":"incident","priority":"urgent","created_at":"2026-11-30T09:00:00+01:00",
   "events":[{"at":"2026-11-30T11:00:00+01:00","type":"reply","by":"agent","public":true},
             {"at":"2026-11-30T11:00:00+01:00","type":"status","to":"waiting_customer","by":"agent"}],
   "now":"2026-12-01T15:00:00+01:00"}

At creation, all but created_at may be absent: kind, status, priority (the policy's name for it, and only if a person chose it),
channel, organization, group, assignee, requester, recipient, language, subject, text, tags (a list), fields (an object),
opened_by (customer, agent or automation), inherited_tags (those of the tags that a follow-up has of the ticket before it),
attachments (how many files). Events: status, priority, group, kind, channel, organization and assignee have "to"; tag has
"add" or "remove", lists; field has "name" and "to"; reply has "by", agent or customer or automation, and "public", and of a
customer "text" and "attachments". What is older than the ticket counts from its creation.
Statuses: new, open, waiting_customer, waiting_third_party, solved, closed, deleted.

vigie export writes such lines. A line that can't be read gives {"line":N,"error":"…"}, and the exit code is 1 at the end.

With --against each ticket is judged by both policies at the same instant. A policy that is yet to come is taken to hold
from the day on which the other one began. The exit code is 0, also when there are differences; 1 if lines can't be judged.

Examples:
  vigie replay --policy moveon < tickets.jsonl
  vigie replay --policy policies/acme.toml --now 2026-11-30T09:00:00+01:00 < tickets.jsonl > verdicts.jsonl
  vigie replay --policy acme-2026.toml --policy acme-2027.toml < tickets.jsonl
  vigie replay --policy acme-2026.toml --against acme-2027.toml < tickets.jsonl
  vigie replay --policy moveon --against stricter.toml --format json < tickets.jsonl | jq .`
}

// Run reads lines, judges them on all cores, and writes what they give in the
// order of the input.
func (c *replayCommand) Run(p *program) error {
	policies, err := c.load(p)
	if err != nil {
		return err
	}
	now := time.Now()
	if c.Now != "" {
		if now, err = time.Parse(time.RFC3339, c.Now); err != nil {
			return usageError{fmt.Errorf("--now %q is no instant; write one such as 2026-11-30T09:00:00+01:00", c.Now)}
		}
	}
	ended := make(chan error, 1)
	go func() {
		var bad int
		var err error
		if len(c.Against) > 0 {
			bad, err = c.backtest(p, policies, now)
		} else {
			bad, err = replay(p.ctx, p.stdin, p.stdout, policies, now, p.counts("line"))
		}
		if err == nil && bad > 0 {
			err = errors.New(rules.Counted("en", "%d line{s} can't be judged", bad))
		}
		ended <- err
	}()
	select {
	case err := <-ended:
		return err
	case <-p.ctx.Done(): // a terminal that nobody types at can't be read in pieces
		return p.ctx.Err()
	}
}

// replay writes the verdict of each line.
func replay(ctx context.Context, in io.Reader, out io.Writer, policies []*rules.Policy, now time.Time, seen *print.Meter) (bad int, err error) {
	judges := make([]lines.Judge, runtime.GOMAXPROCS(0))
	for i := range judges {
		var read lines.Reader
		judges[i] = func(_ int, line []byte, out *bytes.Buffer) error {
			t, at, err := read.Ticket(line, now)
			if err != nil {
				return err
			}
			v, err := rules.Evaluate(policies, t, at)
			if err != nil {
				return err
			}
			return print.JSON(out, &v)
		}
	}
	return lines.Each(ctx, in, out, judges, seen)
}
