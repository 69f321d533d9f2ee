package main

import (
	"bytes"
	"fmt"
	"runtime"
	"time"

	"vigie/bot/print"
	"vigie/rules"
)

// backtest compares c's policies with those of --against.
func (c *replayCommand) backtest(p *program, policies []*rules.Policy, now time.Time) (bad int, err error) {
	against, err := p.policies(c.Against)
	if err != nil {
		return 0, err
	}
	began := rules.Begin(policies)
	for _, late := range rules.Before(against, began) {
		fmt.Fprintf(p.stderr, "%s: in force from %s; here it is taken to hold from %s, as the other one does\n",
			late.File, late.EffectiveFrom.Format(time.DateOnly), began.Format(time.DateOnly))
	}
	against = rules.Since(against, began)

	write := writeDifference
	if c.Format == "json" {
		write = func(out *bytes.Buffer, d *ticketDifference) { print.JSON(out, d) }
	}
	judges := make([]lineJudge, runtime.GOMAXPROCS(0))
	tallies := make([]tally, len(judges))
	for i := range judges {
		t, read := &tallies[i], lineReader{}
		judges[i] = func(_ int, line []byte, out *bytes.Buffer) error {
			ticket, at, err := read.ticket(line, now)
			if err != nil {
				return err
			}
			old, err := rules.Evaluate(policies, ticket, at)
			if err != nil {
				return err
			}
			new, err := rules.Evaluate(against, ticket, at)
			if err != nil {
				return err
			}
			t.add(&old, &new)
			if d := compare(&old, &new); d != nil {
				t.Differ++
				write(out, d)
			}
			return nil
		}
	}
	bad, err = eachLine(p.ctx, p.stdin, p.stdout, judges, p.counts("line"))
	if err != nil {
		return bad, err
	}
	var sum tally
	for i := range tallies {
		sum.merge(&tallies[i])
	}
	sum.Unjudged = bad
	s := sum.summary(policies, against)
	if c.Format == "json" {
		return bad, print.JSON(p.stdout, map[string]summary{"summary": s})
	}
	return bad, s.print(p.stdout)
}
