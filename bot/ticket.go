package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"vigie/bot/adapt"
	"vigie/bot/lines"
	"vigie/bot/store"
	"vigie/bot/web"
	"vigie/rules"
)

// ticketArgs name one ticket, real or in a file, and the instant to judge it at.
type ticketArgs struct {
	Ticket string   `arg:"" optional:"" placeholder:"SOURCE:ID" help:"A ticket of the configuration's sources, read live; with --file, one of the file (the first by default)."`
	Config string   `default:"config.toml" type:"path" help:"The configuration."`
	File   string   `placeholder:"F" type:"path" help:"Read the ticket from a file of replay's format instead; - is standard input."`
	Policy []string `sep:"none" placeholder:"P" help:"With --file, and needed there: an embedded policy (${policies}) or a policy file; may be repeated."`
	Now    string   `placeholder:"T" help:"Judge at this instant (RFC 3339); the present by default."`
}

// A found ticket is one with the policies that may cover it, and the instant to
// judge it at.
type found struct {
	ticket   *rules.Ticket
	policies []*rules.Policy
	now      time.Time
	sla      web.SLA          // of its vendor; none for a ticket of a file
	due      []rules.DueField // of its source, as far as they are known
}

// find reads the ticket. Without --now it is judged at the instant that its line
// carries, or at present.
func (c *ticketArgs) find(p *program) (*found, error) {
	var now *time.Time
	if c.Now != "" {
		at, err := time.Parse(time.RFC3339, c.Now)
		if err != nil {
			return nil, usageError{fmt.Errorf("--now %q is no instant; write one such as 2026-11-30T09:00:00+01:00", c.Now)}
		}
		now = &at
	}
	find := c.live
	if c.File != "" {
		find = c.fromFile
	}
	f, err := find(p)
	if now != nil && f != nil {
		f.now = *now
	}
	return f, err
}

// fromFile finds the ticket in a file of replay's format. Its line may carry
// the instant to judge at.
func (c *ticketArgs) fromFile(p *program) (*found, error) {
	policies, err := c.policies(p)
	if err != nil {
		return nil, err
	}
	in := p.stdin
	if c.File != "-" && !strings.HasSuffix(c.File, "/-") {
		f, err := os.Open(c.File)
		if err != nil {
			return nil, usageError{err}
		}
		defer f.Close()
		in = f
	}
	decoder := json.NewDecoder(in)
	for n := 1; decoder.More(); n++ {
		var line lines.Line
		if err := decoder.Decode(&line); err != nil {
			return nil, fmt.Errorf("ticket %d of the file: %w", n, lines.Unread(err))
		}
		if c.Ticket == "" || c.Ticket == line.Ref() {
			f := &found{ticket: &line.Ticket, policies: policies, now: time.Now()}
			if line.Now != nil {
				f.now = *line.Now
			}
			return f, nil
		}
	}
	return nil, fmt.Errorf("the file holds no ticket %s", c.Ticket)
}

func (c *ticketArgs) policies(p *program) ([]*rules.Policy, error) {
	if len(c.Policy) > 0 {
		return p.policies(c.Policy)
	}
	return nil, usageError{errors.New("--file needs --policy, such as --policy moveon")}
}

// live reads the ticket from its vendor; while the program that serves the
// configuration runs, its state is neither needed nor touched.
func (c *ticketArgs) live(p *program) (*found, error) {
	source, id, ok := strings.Cut(c.Ticket, ":")
	if !ok {
		return nil, usageError{fmt.Errorf("%q names no ticket; write SOURCE:ID, such as zendesk:42 or jira:SUP-7", c.Ticket)}
	}
	cfg, err := loadConfig(p, c.Config)
	if err != nil {
		return nil, err
	}
	st, err := store.Open(p.ctx, ":memory:")
	if err != nil {
		return nil, err
	}
	defer st.Close()
	w, s, err := wireSource(p, cfg, st, source)
	if err != nil {
		return nil, err
	}
	readings, err := s.Desk.Read(p.ctx, []string{id})
	if err != nil {
		return nil, err
	}
	for _, r := range readings {
		switch {
		case r.Err != nil:
			return nil, fmt.Errorf("read %s: %w", c.Ticket, r.Err)
		case r.Ticket != nil:
			r.Ticket.Source = source
			if err := adapt.FindIssue(p.ctx, s, r.Ticket); err != nil {
				p.log.Warn("whether it has an issue isn't known", "ticket", c.Ticket, "err", err)
			}
			return &found{r.Ticket, s.Policies, time.Now(), w.slas[source], s.Desk.DueFields()}, nil
		}
	}
	return nil, fmt.Errorf("%s doesn't know %s, or doesn't show it to this account", source, id)
}
