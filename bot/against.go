package main

import (
	"bytes"
	"fmt"
	"runtime"
	"time"

	"vigie/bot/backtest"
	"vigie/bot/lines"
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

	write := backtest.Write
	if c.Format == "json" {
		write = func(out *bytes.Buffer, d *backtest.Difference) { print.JSON(out, d) }
	}
	judges := make([]lines.Judge, runtime.GOMAXPROCS(0))
	tallies := make([]backtest.Tally, len(judges))
	for i := range judges {
		t, read := &tallies[i], lines.Reader{}
		judges[i] = func(_ int, line []byte, out *bytes.Buffer) error {
			ticket, at, err := read.Ticket(line, now)
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
			t.Add(&old, &new)
			if d := backtest.Compare(&old, &new); d != nil {
				t.Differ++
				write(out, d)
			}
			return nil
		}
	}
	bad, err = lines.Each(p.ctx, p.stdin, p.stdout, judges, p.counts("line"))
	if err != nil {
		return bad, err
	}
	var sum backtest.Tally
	for i := range tallies {
		sum.Merge(&tallies[i])
	}
	sum.Unjudged = bad
	s := sum.Summary(policies, against)
	if c.Format == "json" {
		return bad, print.JSON(p.stdout, map[string]backtest.Summary{"summary": s})
	}
	return bad, s.Print(p.stdout)
}
