package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"vigie/bot/lines"
	"vigie/bot/print"
	"vigie/bot/store"
	"vigie/rules"
	"vigie/rules/report"
)

type exportCommand struct {
	Config    string `default:"config.toml" type:"path" placeholder:"F" help:"The configuration."`
	Source    string `required:"" placeholder:"S" help:"The source's name in it."`
	From      string `placeholder:"DATE" help:"Only tickets created on this date or later, in the zone of the source's first policy."`
	To        string `placeholder:"DATE" help:"Only tickets created on this date or before."`
	Live      bool   `help:"Read them from the vendor now, all of them, instead of from the state: slow, within the account's rate limit."`
	Anonymous bool   `xor:"what" help:"Leave out names and texts."`
	Examples  bool   `xor:"what" help:"Write examples for a policy to learn from instead: tickets whose priority a person chose."`
}

func (exportCommand) Help() string {
	return `Writes tickets.jsonl for vigie replay: one ticket a line with its whole history, in the order of the ids; the same state
gives the same file. It changes nothing, neither at the vendor nor in the state, and may run beside vigie serve. A ticket
that was deleted is known to the state alone, not to the vendor.

--anonymous leaves out subject, text, requester, recipient, address and the values of fields, and says of an organisation,
an assignee or an author only that there is one. Ids, teams, kinds, tags and the names of fields stay, since policies look
at them: read the file before you give it away. Rules about texts and organisations find nothing in it,
and no text suggests a priority.

--examples writes what vigie triage measures and a policy's key "examples" learns from: subject and text of each ticket whose
priority a person chose, without quoted mail and signature as everywhere. Of the incidents of one problem none is written, nor
a text that stood before. What customers wrote may name people: read the file before it leaves the house.

Examples:
  vigie export --source zendesk > tickets.jsonl
  vigie export --source zendesk --examples > acme.examples.jsonl
  vigie export --source jira --from 2026-01-01 --to 2026-06-30 --live > tickets.jsonl
  vigie export --source zendesk --anonymous | vigie replay --policy acme-2026.toml --against acme-2027.toml`
}

func (c *exportCommand) Run(p *program) error {
	cfg, err := loadConfig(p, c.Config)
	if err != nil {
		return err
	}
	policies := cfg.BySource()[c.Source]
	if policies == nil {
		return usageError{fmt.Errorf("%s names no source %q", c.Config, c.Source)}
	}
	from, to, err := c.window(policies[0].Calendar.Zone())
	if err != nil {
		return err
	}
	if !c.Live {
		st, err := store.OpenToRead(p.ctx, cfg.Store.URL.Reveal())
		if err != nil {
			return err
		}
		return errors.Join(c.write(p, st, from, to), st.Close())
	}
	dir, err := os.MkdirTemp("", "vigie-export-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	st, err := store.Open(p.ctx, filepath.Join(dir, "state.db"))
	if err != nil {
		return err
	}
	defer st.Close()
	_, s, err := wireSource(p, cfg, st, c.Source)
	if err != nil {
		return err
	}
	unread, err := lines.ReadAll(p.ctx, s, st, from, p.counts("ticket"), func(id string, err error) {
		fmt.Fprintf(print.Plain(p.stderr), "%s:%s can't be read: %s\n", s.Name, id, err)
	})
	if err != nil {
		return err
	}
	if err := c.write(p, st, from, to); err != nil {
		return err
	}
	if unread > 0 {
		return errors.New(rules.Counted("en", "%d ticket{s} can't be read", unread))
	}
	return nil
}

// window is the instants of creation asked for: [from, to). Without dates it
// reaches from 1970 on; a zero to has no end.
func (c *exportCommand) window(zone *time.Location) (from, to time.Time, err error) {
	if from, to, err = report.Days(c.From, c.To, zone); err != nil {
		err = usageError{fmt.Errorf("--from, --to: %w", err)}
	}
	if from.IsZero() {
		from = time.Unix(0, 0)
	}
	return from, to, err
}

// write writes the tickets of the state that were created within the window.
func (c *exportCommand) write(p *program, st *store.Store, from, to time.Time) error {
	var seen *print.Meter
	if !c.Live { // else the reading was what took long
		seen = p.counts("ticket")
	}
	within := func(t *rules.Ticket) bool {
		return !t.CreatedAt.Before(from) && (to.IsZero() || t.CreatedAt.Before(to))
	}
	if c.Examples {
		return lines.Examples(p.ctx, st, c.Source, p.stdout, seen, within)
	}
	return lines.Tickets(p.ctx, st, c.Source, p.stdout, seen, func(t *rules.Ticket) *rules.Ticket {
		switch {
		case !within(t):
			return nil
		case c.Anonymous:
			return lines.Anonymous(t)
		}
		return t
	})
}
