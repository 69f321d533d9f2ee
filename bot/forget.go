package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"vigie/bot/print"
	"vigie/bot/store"
)

type forgetCommand struct {
	Ticket string `arg:"" placeholder:"SOURCE:ID" help:"The ticket."`
	Config string `required:"" type:"path" placeholder:"F" help:"The configuration whose state is changed."`
	Yes    bool   `help:"Do it; without it, it is only said what would be done."`
}

func (forgetCommand) Help() string {
	return `For a request by mail, or one that the vendor can't carry out: takes a ticket's subject, texts, names, addresses and
fields out of the state, for good, and out of what Slack shows, whether or not the vendor still has it. Whatever is read of
it later is dropped as it comes. Dates, priorities, statuses, tags, groups, the organisation, the assignee and all figures stay.

It may run while vigie serve does, on a file too: it is one short change to the state, which two programs may make in turn,
and says nothing to anybody; serve edits the messages in Slack. Backups made before still hold the texts.

Examples:
  vigie forget zendesk:42 --config config.toml
  vigie forget zendesk:42 --config config.toml --yes`
}

func (c *forgetCommand) Run(p *program) (err error) {
	cfg, err := loadConfig(p, c.Config)
	if err != nil {
		return err
	}
	source, id, ok := strings.Cut(c.Ticket, ":")
	if !ok || source == "" || id == "" {
		return usageError{fmt.Errorf("%q names no ticket; write SOURCE:ID, such as zendesk:42", c.Ticket)}
	}
	open := store.OpenToRead
	if c.Yes {
		open = store.OpenBeside
	}
	st, err := open(p.ctx, cfg.Store.URL.Reveal())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	w := wire(cfg, st, time.Now, false, p.log)
	if w.engine.Source(source) == nil {
		return usageError{fmt.Errorf("the configuration names no source %q", source)}
	}
	if err := c.tell(p, st, source, id); err != nil {
		return err
	}
	if !c.Yes {
		_, err = fmt.Fprintln(p.stdout, "Nothing was changed. To do it: the same with --yes")
		return err
	}
	if _, err = w.engine.Forget(p.ctx, source, id); err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.stdout, "Done. Slack is edited by vigie serve, at once where it runs.")
	return err
}

// tell says what is kept of a ticket and will go. It shows nothing of it.
func (c *forgetCommand) tell(p *program, st *store.Store, source, id string) error {
	say := func(format string, args ...any) { fmt.Fprintf(print.Plain(p.stdout), format+"\n", args...) }
	row, err := st.Ticket(p.ctx, source, id)
	if err != nil {
		return err
	}
	if row == nil || row.Ticket == nil {
		say("Nothing is kept of %s: see whether that is the ticket that is meant. Whatever is read of it later will be dropped.", c.Ticket)
		return nil
	}
	messages, err := st.Messages(p.ctx, source, id)
	if err != nil {
		return err
	}
	lines, err := st.Lines(p.ctx, source, id)
	if err != nil {
		return err
	}
	if row.Ticket.Bare() {
		say("%s has no texts any more. Whatever is read of it later will be dropped.", c.Ticket)
	} else {
		say("%s, created %s: its subject, texts, names, addresses and fields go from the state.", c.Ticket, row.Ticket.CreatedAt.Format(time.DateOnly))
	}
	say("In Slack, %d messages with their threads and %d lines of lists are edited.", len(messages), len(lines))
	if _, issue, err := st.Linked(p.ctx, source, id); err != nil {
		return err
	} else if issue != nil && issue.Key != "" {
		say("Its issue %s has a copy of its subject and text, which is for people to delete: %s", issue.Key, issue.URL)
	}
	return nil
}
