package main

import (
	"fmt"

	"vigie/bot/print"
	"vigie/rules"
	"vigie/rules/words"
)

type explainCommand struct {
	ticketArgs
	For  string `default:"team" enum:"team,customer" help:"For whom: the team, with every rule and calendar; or the customer, in plain words that can be sent (team, customer)."`
	Lang string `default:"auto" enum:"auto,en,fr" help:"The language of the explanation (en, fr); by default English, and for the customer the requester's."`
	JSON bool   `help:"Print it as JSON: the verdict with its timelines, or the letter."`
}

func (explainCommand) Help() string {
	return `Shows which stretches of time counted for each target, on whose calendar, and why the others didn't; the clauses stand
in brackets. A ticket is read live from its vendor, and nothing is written anywhere. Where the vendor has an SLA of its own
on it, its date stands beside ours, and why the two differ as far as the numbers prove it; not with --now. What a person
has changed that Vigie would have otherwise, a tag or a due field, is said, too: it is left as it is.

Examples:
  vigie explain zendesk:42
  vigie explain jira:SUP-7 --lang fr
  vigie explain zendesk:42 --for customer
  vigie explain --file tickets.jsonl --policy moveon zendesk:42 --now 2026-12-01T15:00:00+01:00`
}

func (c *explainCommand) Run(p *program) error {
	f, err := c.find(p)
	if err != nil {
		return err
	}
	x, err := rules.Explain(f.policies, f.ticket, f.now)
	if err != nil {
		return fmt.Errorf("%s can't be judged: %w", f.ticket.Ref(), err)
	}
	if c.For == "customer" {
		return c.letter(p, &x)
	}
	x.Keep(f.due)
	if f.sla.Ask != nil && c.Now == "" { // the vendor tells of the present only
		x.Compare(f.sla.Ask(p.ctx, f.ticket.ID))
	}
	if !c.JSON {
		_, err = fmt.Fprint(print.Plain(p.stdout), words.In(c.Lang).Explanation(&x))
		return err
	}
	return print.JSON(p.stdout, struct {
		rules.Verdict
		Timelines []rules.Timeline `json:"timelines"`
		Kept      []rules.Kept     `json:"kept,omitempty"`
		Drift     *rules.Drift     `json:"drift,omitempty"`
	}{x.Verdict, x.Timelines, x.Kept, x.Drift})
}

// letter prints what the customer can be sent.
func (c *explainCommand) letter(p *program, x *rules.Explanation) error {
	if x.Verdict.Error != "" {
		return fmt.Errorf("%s has no date to explain: %s", x.Ticket.Ref(), x.Verdict.Error)
	}
	language := c.Lang
	if language == "auto" {
		language = x.Ticket.Language
	}
	letter := words.In(language).Letter(x)
	if c.JSON {
		return print.JSON(p.stdout, letter)
	}
	_, err := fmt.Fprint(print.Plain(p.stdout), letter.String())
	return err
}
