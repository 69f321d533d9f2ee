package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"os"

	"vigie/bot/print"
	"vigie/bot/setup"
)

type setupCommand struct {
	Config  string `required:"" type:"path" placeholder:"F" help:"The configuration; config.example.toml shows every key."`
	DryRun  bool   `help:"Say what would be made, and change nothing anywhere."`
	Secrets string `type:"path" placeholder:"DIR" help:"Where to keep webhooks' secrets, each in a file that only you can read."`
	Fields  string `default:"exact" enum:"exact,date,none" help:"Which due fields to make: to the second (exact, the default), the day alone (date), or none."`

	Manifest bool   `help:"Print Slack's app manifest alone, as JSON, and beside it (stderr) how to install it. No secret needs to be there yet, and nobody is asked."`
	Lang     string `default:"en" enum:"en,fr" help:"The language in which it is told how to install the app at Slack (en, fr)."`
}

func (setupCommand) Help() string {
	return `Makes at the vendors what the configuration needs and they lack: a due field for each target of the policies that
due_fields doesn't name yet, and a webhook to public_url/webhooks/<source>; for a Zendesk without ticket events, one that a
trigger calls, and the trigger. What is there is left as it is, so a second run makes nothing; but Zendesk's webhook or
trigger of Vigie's name is mended where it is off or goes elsewhere. What a vendor's API can't do, or the account may not, is
told in steps for a person. Slack's app is made by a person from a manifest, which has the scopes, events and commands that
the configuration needs: --manifest prints it, with the link that installs it and the steps after that.

Ends with the lines to paste into the configuration. Secrets are not printed: --secrets puts them into files.

Examples:
  vigie setup --config config.toml --manifest > manifest.json
  vigie setup --config config.toml --dry-run
  vigie setup --config config.toml --secrets secrets
  vigie setup --config config.toml --fields date`
}

func (c *setupCommand) Run(p *program) error {
	if c.Manifest {
		return c.manifest(p)
	}
	cfg, err := loadConfig(p, c.Config)
	if err != nil {
		return err
	}
	guide := setup.NewGuide(cfg, c.Config)
	s := setup.New(print.NewSheet(p.stdout, "en"), c.DryRun, c.Fields, c.Secrets, c.Config)
	err = withVendors(p, cfg, func(vendors []asked) error {
		for _, at := range vendors {
			fmt.Fprintf(p.stderr, "asking %s at %s\n", at.name, at.url)
			ctx, cancel := context.WithTimeout(p.ctx, answersWithin)
			s.Make(ctx, setup.Vendor{Name: at.name, URL: at.url, Source: at.source, Hook: hookAddress(cfg, at.name), Inspect: at.inspect, Plan: at.plan,
				Guide: guide, Acts: setup.App(cfg).Acts, Language: c.Lang})
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

// manifest prints Slack's app manifest for a program, and for a person how to install
// it. The app comes before its tokens, so no secret is looked at.
func (c *setupCommand) manifest(p *program) error {
	look := lookup()
	stand := rand.Text() // for what isn't there; some secrets are refused where they can be guessed
	look.Env = func(name string) string { return cmp.Or(os.Getenv(name), stand) }
	look.File = func(string) ([]byte, fs.FileMode, error) { return []byte(stand), 0o600, nil }
	cfg, err := loadConfigBy(p, c.Config, look)
	if err != nil {
		return err
	}
	guide := setup.NewGuide(cfg, c.Config)
	s := print.NewSheet(p.stderr, c.Lang)
	guide.Tell(s, c.Lang)
	if err := s.Flush(); err != nil {
		return err
	}
	_, err = p.stdout.Write(guide.App.Manifest())
	return err
}
