package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"vigie/bot/config"
	"vigie/bot/print"
	"vigie/bot/store"
	"vigie/bot/web"
	"vigie/rules"
	"vigie/rules/report"
)

type reportCommand struct {
	Config    string `default:"config.toml" type:"path" placeholder:"F" help:"The configuration."`
	From      string `placeholder:"DATE" help:"The first day; by default the first of this month."`
	To        string `placeholder:"DATE" help:"The last day; by default a month from the first."`
	Format    string `default:"text" enum:"text,html,csv,json" help:"For the terminal, as a page, as a table of every target, as JSON (text, html, csv, json)."`
	VendorSLA bool   `name:"vendor-sla" help:"Ask the vendors for their own SLA on each missed ticket, and say why it differs from ours."`
	Lang      string `default:"en" enum:"en,fr" help:"The language (en, fr)."`
}

func (reportCommand) Help() string {
	return `Counts by policy, clause, priority and organisation which targets were met and which were missed, and lists each that was
missed. A target counts once: on the day it was met, or on the day its due date passed; void are those of tickets solved
without an answer, at once are those that a change of priority or kind made late. Tickets are judged as they stood
at the end of the period, so a report of the past stays as it is; tickets that were deleted or merged don't count.

It is made from the state, may run beside vigie serve, and changes nothing. Days are those of the first source's policy.
What the state doesn't hold isn't counted: see backfill and keep in the configuration. --format csv has every target,
met or not, for a spreadsheet; in French it is separated by semicolons. --vendor-sla takes a request for each missed ticket,
and the vendor tells of the present alone.

Examples:
  vigie report
  vigie report --from 2026-10-01 --to 2026-10-31 --format html > october.html
  vigie report --from 2026-10-01 --to 2026-12-31 --format csv --lang fr > trimestre.csv
  vigie report --vendor-sla --lang fr`
}

func (c *reportCommand) Run(p *program) error {
	cfg, err := loadConfig(p, c.Config)
	if err != nil {
		return err
	}
	st, err := store.OpenToRead(p.ctx, cfg.Store.URL.Reveal())
	if err != nil {
		return err
	}
	return errors.Join(c.write(p, cfg, st, time.Now()), st.Close())
}

// write writes the report of what a state holds at now.
func (c *reportCommand) write(p *program, cfg *config.Config, st *store.Store, now time.Time) error {
	policies := cfg.BySource()
	from, to, err := report.Period(c.From, c.To, now.In(web.Home(policies)))
	if err != nil {
		return usageError{fmt.Errorf("--from, --to: %w", err)}
	}
	r := report.New(from, to, now)
	if c.Format == "csv" && !c.VendorSLA {
		table := web.NewCSV(p.stdout, c.Lang)
		return errors.Join(web.Compile(p.ctx, st, policies, r, table.Add), table.End())
	}
	var all []report.Outcome
	keep := func(list []report.Outcome) error {
		all = append(all, list...)
		return nil
	}
	if c.Format != "csv" {
		keep = nil // the report has what was missed
	}
	if err := web.Compile(p.ctx, st, policies, r, keep); err != nil {
		return err
	}
	if c.VendorSLA {
		if err := askVendors(p, cfg, st, r.Breaches, now); err != nil {
			return err
		}
	}
	switch c.Format {
	case "csv":
		told := map[string]*rules.Drift{}
		for i := range r.Breaches {
			told[cycleOf(&r.Breaches[i])] = r.Breaches[i].Drift
		}
		table := web.NewCSV(p.stdout, c.Lang)
		for i := range all {
			all[i].Drift = told[cycleOf(&all[i])]
		}
		return errors.Join(table.Add(all), table.End())
	case "html":
		return web.WriteReport(p.stdout, r, policies, cfg.VendorTitles(), c.Lang)
	case "json":
		return print.JSON(p.stdout, r)
	}
	s := print.NewSheet(p.stdout, c.Lang)
	s.Report(r)
	return s.Flush()
}

func cycleOf(o *report.Outcome) string { return fmt.Sprintf("%s/%s/%d", o.Ref(), o.Metric, o.Cycle) }

// askVendors puts beside each missed target what the vendor's own SLA says of its
// ticket at present. Each ticket is asked for once.
func askVendors(p *program, cfg *config.Config, st *store.Store, breaches []report.Outcome, now time.Time) error {
	scratch, err := store.Open(p.ctx, ":memory:") // for what the connectors would note
	if err != nil {
		return err
	}
	defer scratch.Close()
	seen, sources := p.counts("ticket"), map[string]*wired{}
	defer seen.End()
	tickets := map[string][]*report.Outcome{}
	for i := range breaches {
		tickets[breaches[i].Ref()] = append(tickets[breaches[i].Ref()], &breaches[i])
	}
	for _, ref := range slices.Sorted(maps.Keys(tickets)) {
		o := tickets[ref][0]
		if sources[o.Source] == nil {
			if sources[o.Source], _, err = wireSource(p, cfg, scratch, o.Source); err != nil {
				return fmt.Errorf("%s: %w", o.Source, err)
			}
		}
		row, err := st.Ticket(p.ctx, o.Source, o.ID)
		if err != nil || row == nil || row.Ticket == nil {
			return errors.Join(err, fmt.Errorf("%s is gone from the state", ref))
		}
		x, err := rules.Explain(sources[o.Source].engine.Source(o.Source).Policies, row.Ticket, now)
		if err != nil {
			return fmt.Errorf("%s can't be judged: %w", ref, err)
		}
		x.Compare(sources[o.Source].slas[o.Source].Ask(p.ctx, o.ID))
		for _, o := range tickets[ref] {
			o.Compare(&x)
		}
		seen.Add(1)
		if p.ctx.Err() != nil {
			return p.ctx.Err()
		}
	}
	return nil
}
