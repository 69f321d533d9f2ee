package main

import (
	"context"
	"fmt"

	"vigie/bot/print"
	"vigie/bot/setup"
)

type setupCommand struct {
	Config  string `required:"" type:"path" placeholder:"F" help:"The configuration; config.example.toml shows every key."`
	DryRun  bool   `help:"Say what would be made, and change nothing anywhere."`
	Secrets string `type:"path" placeholder:"DIR" help:"Where to keep webhooks' secrets, each in a file that only you can read."`
	Fields  string `default:"exact" enum:"exact,date,none" help:"Which due fields to make: to the second (exact, the default), the day alone (date), or none."`
}

func (setupCommand) Help() string {
	return `Makes at the vendors what the configuration needs and they lack: a due field for each target of the policies that
due_fields doesn't name yet, and a webhook to public_url/webhooks/<source>; for a Zendesk without ticket events, one that a
trigger calls, and the trigger. What is there is left as it is, so a second run makes nothing; but Zendesk's webhook or
trigger of Vigie's name is mended where it is off or goes elsewhere. What a vendor's API can't do, or the account may not, is
told in steps for a person.

Ends with the lines to paste into the configuration. Secrets are not printed: --secrets puts them into files.

Examples:
  vigie setup --config config.toml --dry-run
  vigie setup --config config.toml --secrets secrets
  vigie setup --config config.toml --fields date`
}

func (c *setupCommand) Run(p *program) error {
	cfg, err := loadConfig(p, c.Config)
	if err != nil {
		return err
	}
	s := setup.New(print.NewSheet(p.stdout, "en"), c.DryRun, c.Fields, c.Secrets, c.Config)
	err = withVendors(p, cfg, func(vendors []asked) error {
		for _, at := range vendors {
			fmt.Fprintf(p.stderr, "asking %s at %s\n", at.name, at.url)
			ctx, cancel := context.WithTimeout(p.ctx, answersWithin)
			s.Make(ctx, setup.Vendor{Name: at.name, URL: at.url, Source: at.source, Hook: hookAddress(cfg, at.name), Inspect: at.inspect, Plan: at.plan})
			cancel()
			if p.ctx.Err() != nil {
				return p.ctx.Err()
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.End()
}
