package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vigie/bot/config"
	"vigie/bot/print"
	"vigie/rules"
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
	s := &setting{Sheet: print.NewSheet(p.stdout, "en"), dryRun: c.DryRun, fields: c.Fields, shelf: newShelf(c.Secrets, c.Config)}
	err = withVendors(p, cfg, func(vendors []asked) error {
		for _, at := range vendors {
			fmt.Fprintf(p.stderr, "asking %s at %s\n", at.name, at.url)
			ctx, cancel := context.WithTimeout(p.ctx, answersWithin)
			s.vendor(ctx, cfg, at)
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
	s.end()
	return errors.Join(s.Flush(), s.failure())
}

// A setting is one run of setup: what it prints, and what has come of it.
type setting struct {
	*print.Sheet
	dryRun bool
	fields string
	shelf  *shelf

	made, mended, failed int
	hand                 []string // what is left to a person, over all vendors
	paste                []setLine
}

// A setLine is a line to be pasted into a source's table of the configuration.
type setLine struct{ source, line string }

func (s *setting) vendor(ctx context.Context, cfg *config.Config, at asked) {
	if at.plan == nil && at.name != "slack" {
		return // where a source escalates to: what is missing there is told where it is a source itself
	}
	if at.plan == nil { // Slack: an app, its scopes and its invitations are people's to give
		s.Heading("Slack: " + at.url)
		left := 0
		for _, f := range at.inspect(ctx) {
			if f.Weight == rules.Wrong {
				left++
				s.Item("by hand", "%s", f.Text)
				s.hand = append(s.hand, "Slack: "+f.Error())
			}
		}
		if left == 0 {
			s.Item("there", "the bot, with its scopes, in its channels")
		}
		return
	}
	s.Heading("Source " + at.name + ": " + at.url)
	needs := rules.Needs{Source: at.name, DueFields: s.missing(at), Webhook: hookAddress(cfg, at.name), Secret: s.secret(at)}
	steps, err := at.plan(ctx, needs)
	if err != nil {
		s.fail(at.name, err)
		return
	}
	due := s.takeAll(ctx, at, steps)
	if needs.Webhook == "" {
		s.Item("no webhook", "public_url under [web] says where vendors reach Vigie; without it the poll finds every change")
	}
	s.Item("tags", "need nothing: a tag begins to exist when a ticket first has it")
	if len(due) > 0 {
		s.paste = append(s.paste, setLine{at.name, "due_fields = " + inline(append(slices.Clone(at.source.DueFields), due...))})
	}
}

// missing are the due fields that a source's policies have a target for and its
// configuration doesn't name.
func (s *setting) missing(at asked) []rules.DueField {
	if s.fields == "none" {
		return nil
	}
	form := at.source.Vendor.DueForm
	if s.fields == "date" {
		form = rules.DateForm
	}
	var list []rules.DueField
	for _, m := range rules.Metrics {
		promised := slices.ContainsFunc(at.source.Policies, func(p *rules.Policy) bool {
			return slices.ContainsFunc(p.Targets, func(t rules.Target) bool { return t.Metric == m })
		})
		named := slices.ContainsFunc(at.source.DueFields, func(f rules.DueField) bool { return f.Metric == m })
		if promised && !named {
			list = append(list, rules.DueField{Metric: m, Form: form})
		}
	}
	return list
}

// takeAll takes steps one after the other, and returns the due fields that are there
// then. What the account doesn't offer is made in another way where there is one.
func (s *setting) takeAll(ctx context.Context, at asked, steps []rules.Step) (due []rules.DueField) {
	for _, step := range steps {
		id, err := s.take(ctx, at, step)
		switch {
		case errors.Is(err, rules.ErrNotOffered) && len(step.Else) > 0:
			s.Item("refused", "%s", err)
			due = append(due, s.takeAll(ctx, at, step.Else)...)
			continue
		case err != nil:
			s.fail(at.name, err)
		}
		if id != "" && step.Metric != "" {
			due = append(due, rules.DueField{Metric: step.Metric, ID: id})
		}
		if s.dryRun && step.Make != nil {
			for _, other := range step.Else {
				s.Item("if refused", "%s", other.What)
			}
		}
		if step.Webhook {
			s.hookSecret(ctx, at, step, id)
		}
	}
	return due
}

// take prints a step and takes it, and returns the id of what is there then.
func (s *setting) take(ctx context.Context, at asked, step rules.Step) (id string, err error) {
	id = step.There
	switch {
	case step.Found != "" && s.dryRun:
		s.mended++
		s.Item("would mend", "%s: %s, found %s", step.What, id, step.Found)
	case step.Found != "":
		if id, err = step.Make(ctx); err != nil {
			return "", err
		}
		s.mended++
		s.Item("mended", "%s: %s, found %s", step.What, id, step.Found)
	case step.There != "":
		s.Item("there", "%s: %s", step.What, step.There)
	case step.Make == nil:
		s.Item("by hand", "%s", step.What)
	case s.dryRun:
		s.made++
		s.Item("would make", "%s", step.What)
	default:
		if id, err = step.Make(ctx); id == "" {
			return "", err
		}
		s.made++
		s.Item("made", "%s: %s", step.What, id)
	}
	for _, f := range step.Remarks {
		s.Item("", "%s", f)
		s.hand = append(s.hand, at.name+": "+f.Error())
	}
	for _, h := range step.Hand {
		s.hand = append(s.hand, at.name+": "+h)
	}
	return id, err
}

func (s *setting) fail(name string, err error) {
	s.failed++
	for _, f := range rules.Findings(err) {
		s.Item("failed", "%s", f.Text)
		if h := name + ": " + f.Remedy; f.Remedy != "" && !slices.Contains(s.hand, h) { // one cause may fail several steps
			s.hand = append(s.hand, h)
		}
	}
}

// inline are due fields as the configuration writes them.
func inline(due []rules.DueField) string {
	var list []string
	for _, m := range rules.Metrics {
		var ids []string
		for _, f := range due {
			if f.Metric != m {
				continue
			}
			id := f.ID
			if _, err := strconv.ParseInt(id, 10, 64); err != nil {
				id = strconv.Quote(id)
			}
			ids = append(ids, id)
		}
		switch len(ids) {
		case 0:
		case 1:
			list = append(list, string(m)+" = "+ids[0])
		default:
			list = append(list, string(m)+" = ["+strings.Join(ids, ", ")+"]")
		}
	}
	return "{ " + strings.Join(list, ", ") + " }"
}

// end prints what is left to do, and what has been done.
func (s *setting) end() {
	last := ""
	for _, l := range s.paste {
		if l.source != last {
			s.Heading(fmt.Sprintf("To paste into the configuration, for the source %q", l.source))
			last = l.source
		}
		s.Verbatim(l.line)
	}
	if len(s.hand) > 0 {
		s.Heading("For a person to do")
		for i, h := range s.hand {
			s.Numbered(i+1, h)
		}
	}
	done := s.done()
	switch {
	case s.dryRun && done != "":
		s.Heading(fmt.Sprintf("Nothing has been changed; %s.", done))
	case done != "":
		s.Heading(done + "; nothing else was changed.")
	case s.failed == 0 && len(s.hand) > 0:
		s.Heading("Nothing was changed; what is left is for a person.")
	case s.failed == 0:
		s.Heading("Nothing to make, and nothing was changed.")
	}
}

// done counts what was made and mended, or would be.
func (s *setting) done() string {
	would := ""
	if s.dryRun {
		would = "would be "
	}
	var list []string
	for _, of := range []struct {
		n    int
		what string
	}{{s.made, "made"}, {s.mended, "mended"}} {
		if of.n > 0 {
			list = append(list, rules.Counted("en", "%d thing{s} "+would+of.what, of.n))
		}
	}
	return strings.Join(list, ", ")
}

func (s *setting) failure() error {
	if s.failed == 0 {
		return nil
	}
	return errors.New(rules.Counted("en", "%d thing{s} failed; run it again when that is mended: it makes only what is missing", s.failed))
}
