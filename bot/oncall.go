package main

import (
	"fmt"
	"slices"
	"time"

	"vigie/bot/config"
	"vigie/bot/print"
	"vigie/rules/oncall"
	"vigie/rules/tomlfile"
	"vigie/rules/words"
)

type oncallCommand struct {
	Name   string `arg:"" optional:"" help:"A rota by its name; all without it."`
	Config string `default:"config.toml" type:"path" placeholder:"F" help:"The configuration."`
	At     string `placeholder:"T" help:"At this instant: RFC 3339, or a local time of the rota (\"2026-12-24 20:00\"); now by default."`
	Days   int    `default:"28" placeholder:"N" help:"Show the handovers of so many days."`
	Lang   string `default:"auto" enum:"auto,en,fr" help:"The language (en, fr); by default that of the messages in Slack."`
	JSON   bool   `help:"Print it as JSON."`
}

func (oncallCommand) Help() string {
	return `Says for each [[oncall]] of the configuration who is on call, and lists the coming handovers. A line goes from one handover to
the next: the hours in which nobody is called, because the team is there, aren't counted. Gaps, in which nobody is on
call though somebody should be, are marked.

Examples:
  vigie oncall
  vigie oncall support --at "2026-12-24 20:00"
  vigie oncall --days 90 --json`
}

func (c *oncallCommand) Run(p *program) error {
	if c.Days < 1 || c.Days > 3660 {
		return usageError{fmt.Errorf("--days %d is no number of days from 1 to 3660", c.Days)}
	}
	cfg, err := loadConfig(p, c.Config)
	if err != nil {
		return err
	}
	rotas, err := c.rotas(cfg)
	if err != nil {
		return usageError{err}
	}
	var duties []print.Duty
	for _, r := range rotas {
		at := p.life.now().Truncate(time.Minute)
		if c.At != "" {
			if at, err = words.ParseLocal(c.At, r.Zone); err != nil {
				return usageError{fmt.Errorf("--at: %w", err)}
			}
		}
		duties = append(duties, print.NewDuty(r, at, c.Days))
	}
	if c.JSON {
		return print.JSON(p.stdout, duties)
	}
	s := print.NewSheet(p.stdout, c.language(cfg))
	for _, d := range duties {
		s.Duty(d)
	}
	return s.Flush()
}

func (c *oncallCommand) language(cfg *config.Config) string {
	switch {
	case c.Lang != "auto":
		return c.Lang
	case cfg.Slack != nil:
		return cfg.Slack.Language
	}
	return "en"
}

// rotas are those that are asked for.
func (c *oncallCommand) rotas(cfg *config.Config) ([]*oncall.Rota, error) {
	var all []*oncall.Rota
	var names []string
	for _, o := range cfg.OnCall {
		all, names = append(all, o.Rota), append(names, o.Name)
	}
	i := slices.Index(names, c.Name)
	switch {
	case len(all) == 0:
		return nil, fmt.Errorf("%s has no [[oncall]]; vigie policy keys oncall shows what to write", c.Config)
	case c.Name == "":
		return all, nil
	case i < 0:
		return nil, fmt.Errorf("no rota is named %q; %s", c.Name, tomlfile.OneOf(names, c.Name))
	}
	return all[i : i+1], nil
}
