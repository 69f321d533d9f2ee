package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vigie/bot/config"
	"vigie/bot/print"
	"vigie/connectors/findings"
	"vigie/rules"
	"vigie/rules/calendar"
)

type checkCommand struct {
	Config string   `required:"" xor:"what" type:"path" placeholder:"F" help:"The configuration; config.example.toml shows every key."`
	Policy []string `required:"" xor:"what" sep:"none" placeholder:"P" help:"A policy alone: an embedded one (${policies}) or a policy file; repeated for its versions."`
	Online bool     `help:"Ask the vendors too: addresses, credentials, rights, limits, clocks, fields, statuses, webhooks, channels."`
	From   string   `placeholder:"DATE" help:"Show the holidays of the twelve months from this date; from today by default."`
	Lang   string   `default:"en" enum:"en,fr" help:"The language (en, fr)."`
}

func (checkCommand) Help() string {
	return `Prints in plain words what is promised, when, to whom, and where it is written and said; or everything that is wrong
at once, with file, line and what to write instead. Read the holidays: they are computed, and a company has days of its own.

With --online every vendor is asked at the same time, and each answer comes with what to do about it. "note" is what works,
but perhaps not as you mean it; "wrong" is what won't work, and makes the exit code 1. A vendor's own words stay as
they are.

Examples:
  vigie check --config config.toml
  vigie check --config config.toml --online
  vigie check --policy policies/acme.toml --from 2027-01-01 --lang fr`
}

func (c *checkCommand) Run(p *program) error {
	from := calendar.DateOf(time.Now())
	if c.From != "" {
		var err error
		if from, err = calendar.ParseDate(c.From); err != nil {
			return usageError{fmt.Errorf("--from: %w", err)}
		}
	}
	s := print.NewSheet(p.stdout, c.Lang)
	if len(c.Policy) > 0 {
		if c.Online {
			return usageError{errors.New("--online asks the vendors of a configuration; write --config F --online")}
		}
		policies, err := p.policies(c.Policy)
		if err != nil {
			return err
		}
		s.Policies(policies, from)
		return s.Flush()
	}
	cfg, err := loadConfig(p, c.Config)
	if err != nil {
		return err
	}
	now := p.life.now().Truncate(time.Minute)
	if c.From != "" {
		now = time.Time{}
	}
	s.Configuration(cfg, from, now)
	if err := s.Flush(); err != nil || !c.Online {
		return err
	}
	return online(p, s, cfg)
}

// How long a vendor may take to answer everything, and after how much silence
// people are told that it is being waited for.
const (
	answersWithin = 30 * time.Second
	silentFor     = 3 * time.Second
)

// online asks every vendor, all at the same time, and prints the answers in the
// configuration's order.
func online(p *program, s *print.Sheet, cfg *config.Config) error {
	return withVendors(p, cfg, func(vendors []asked) error {
		s.Heading(s.Say("check.answers"))
		s.Flush()
		answers := make([]chan []findings.Finding, len(vendors))
		for i, at := range vendors {
			answers[i] = make(chan []findings.Finding, 1)
			fmt.Fprintf(p.stderr, "asking %s at %s\n", at.name, at.url)
			go func() {
				ctx, cancel := context.WithTimeout(p.ctx, answersWithin)
				defer cancel()
				answers[i] <- at.inspect(ctx)
			}()
		}
		wrong := 0
		for i, at := range vendors {
			found := await(p, at.name, answers[i], silentFor)
			if p.ctx.Err() != nil {
				return p.ctx.Err()
			}
			wrong += s.Findings(at.name, found)
			s.Flush()
		}
		if wrong > 0 {
			return errors.New(rules.Counted("en", "%d thing{s} {is|are} wrong; what to do is said above", wrong))
		}
		return s.Flush()
	})
}

// await waits for a vendor's answers, and says so every so often while it does.
func await(p *program, name string, answer <-chan []findings.Finding, every time.Duration) []findings.Finding {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for waited := every; ; waited += every {
		select {
		case found := <-answer:
			return found
		case <-tick.C:
			fmt.Fprintf(p.stderr, "%s: no answer yet after %s, of %s at most\n", name, waited, answersWithin)
		}
	}
}
