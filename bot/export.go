package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"vigie/bot/engine"
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
	policies := allPolicies(cfg)[c.Source]
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
	unread, err := readAll(p.ctx, s, st, from, p.counts("ticket"), func(id string, err error) {
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
		return exportExamples(p.ctx, st, c.Source, p.stdout, seen, within)
	}
	return exportTickets(p.ctx, st, c.Source, p.stdout, seen, func(t *rules.Ticket) *rules.Ticket {
		switch {
		case !within(t):
			return nil
		case c.Anonymous:
			return anonymous(t)
		}
		return t
	})
}

// exportExamples writes the examples among a source's tickets. The same text twice,
// such as an automatic alarm's, is written once.
func exportExamples(ctx context.Context, st *store.Store, source string, out io.Writer, seen *print.Meter, within func(*rules.Ticket) bool) error {
	w := bufio.NewWriterSize(out, 1<<16)
	written := map[[sha256.Size]byte]bool{}
	err := st.EachTicket(ctx, source, func(t *rules.Ticket) error {
		seen.Add(1)
		e, ok := t.Example(time.Now())
		text := sha256.Sum256([]byte(e.Subject + "\n" + e.Text))
		if !ok || !within(t) || written[text] {
			return nil
		}
		written[text] = true
		return print.JSON(w, e)
	})
	seen.End()
	return errors.Join(err, w.Flush())
}

// exportTickets writes a source's tickets, each as pick leaves it; nil leaves it
// out. One is held at a time.
func exportTickets(ctx context.Context, st *store.Store, source string, out io.Writer, seen *print.Meter, pick func(*rules.Ticket) *rules.Ticket) error {
	w := bufio.NewWriterSize(out, 1<<16)
	err := st.EachTicket(ctx, source, func(t *rules.Ticket) error {
		seen.Add(1)
		if t = pick(t); t == nil {
			return nil
		}
		return print.JSON(w, t)
	})
	seen.End()
	return errors.Join(err, w.Flush())
}

// readAll reads into an empty state every ticket that changed since an instant,
// and so every one created since, page by page. A ticket that can't be read is
// told to failed and left out.
func readAll(ctx context.Context, s *engine.Source, st *store.Store, since time.Time, seen *print.Meter, failed func(id string, err error)) (unread int, err error) {
	defer seen.End()
	for cursor := ""; ; {
		page, err := s.Desk.Changes(ctx, cursor, since)
		if err != nil {
			return unread, err
		}
		if err := st.Polled(ctx, s.Name, page, true, time.Now()); err != nil {
			return unread, err
		}
		for {
			rows, err := st.Changed(ctx, s.Name, readAtOnce)
			if err != nil {
				return unread, err
			}
			if len(rows) == 0 {
				break
			}
			ids := make([]string, len(rows))
			for i, r := range rows {
				ids[i] = r.ID
			}
			readings, err := s.Desk.Read(ctx, ids)
			if err != nil {
				return unread, err
			}
			for _, r := range readings {
				if r.Err != nil {
					unread++
					failed(r.ID, r.Err)
				}
				if r.Ticket != nil {
					if err := keep(ctx, s, st, r); err != nil {
						return unread, err
					}
				}
			}
			if err := st.Answer(ctx, rows); err != nil { // also those that are gone, or have another name now
				return unread, err
			}
			seen.Add(len(rows))
		}
		if !page.More {
			return unread, nil
		}
		cursor = page.Cursor
	}
}

// keep saves a ticket as it was read.
func keep(ctx context.Context, s *engine.Source, st *store.Store, r rules.Reading) error {
	r.Ticket.Source = s.Name
	row := store.Row{Source: s.Name, ID: r.Ticket.ID, Version: r.Version, Ticket: r.Ticket}
	err := st.Keep(ctx, s.Name, r.Acts, nil) // who turns out to have been staff has them read again
	if err != nil {
		return err
	}
	before, err := st.Ticket(ctx, s.Name, row.ID)
	if err != nil {
		return err
	}
	if before != nil {
		row.Saves = before.Saves
	}
	return st.Save(ctx, row, nil, time.Now())
}

// readAtOnce is what the vendors' bulk calls take.
const readAtOnce = 100
