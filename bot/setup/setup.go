// Package setup makes at the vendors what a configuration needs and they lack: due
// fields, webhooks, a trigger. A vendor's plan says which steps that takes; a Run takes
// them, one after the other, and prints each, what is left to a person, and the lines to
// paste into the configuration. What is there is left as it is, so a second run makes
// nothing. Secrets go into files, never to the screen.
package setup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vigie/bot/print"
	"vigie/connectors/desk"
	"vigie/connectors/findings"
	"vigie/rules"
	"vigie/rules/words"
)

// A Vendor is one as the configuration names it.
type Vendor struct {
	Name, URL string
	Source    *desk.Source // nil for Slack, and for where a source escalates to
	Hook      string       // where its webhooks are to go; empty without an address of ours
	Inspect   func(context.Context) []findings.Finding
	Plan      func(context.Context, desk.Needs) ([]desk.Step, error) // nil where there is nothing to make
	Guide     Guide                                                  // of Slack: how its app is made
	Acts      bool                                                   // of Slack: it has a way to tell what people do there
	Language  string                                                 // of the guide
}

// A Run is one run of setup: what it prints, and what has come of it.
type Run struct {
	sheet  *print.Sheet
	dryRun bool
	fields string
	shelf  *shelf

	made, mended, failed int
	hand                 []string // what is left to a person, over all vendors
	paste                []setLine
}

// New prints on a sheet. fields says which due fields to make (exact, date, none);
// secrets is the folder for webhooks' secrets, which file, the configuration, will name.
func New(sheet *print.Sheet, dryRun bool, fields, secrets, file string) *Run {
	return &Run{sheet: sheet, dryRun: dryRun, fields: fields, shelf: newShelf(secrets, file)}
}

// A setLine is a line to be pasted into a source's table of the configuration.
type setLine struct{ source, line string }

// Make makes at a vendor what it lacks.
func (s *Run) Make(ctx context.Context, at Vendor) {
	if at.Plan == nil && at.Name != "slack" {
		return // where a source escalates to: what is missing there is told where it is a source itself
	}
	if at.Plan == nil { // Slack: an app, its scopes and its invitations are people's to give
		s.sheet.Heading("Slack: " + at.URL)
		left := 0
		for _, f := range at.Inspect(ctx) {
			if f.Weight == findings.Wrong {
				left++
				s.sheet.Item("by hand", "%s", f.Text)
				s.hand = append(s.hand, "Slack: "+f.Error())
			}
		}
		if left == 0 {
			s.sheet.Item("there", "the bot, with its scopes, in its channels")
		}
		if !at.Acts {
			s.sheet.Item("", "%s", words.In("en").Say("slack.app.quiet"))
		}
		if left == 0 && at.Acts {
			s.sheet.Item("", "%s", words.In("en").Say("slack.app.there"))
			return
		}
		s.guide(at)
		return
	}
	s.sheet.Heading("Source " + at.Name + ": " + at.URL)
	needs := desk.Needs{Source: at.Name, DueFields: s.missing(at), Webhook: at.Hook, Secret: s.secret(at)}
	steps, err := at.Plan(ctx, needs)
	if err != nil {
		s.fail(at.Name, err)
		return
	}
	due := s.takeAll(ctx, at, steps)
	if needs.Webhook == "" {
		s.sheet.Item("no webhook", "public_url under [web] says where vendors reach Vigie; without it the poll finds every change")
	}
	s.sheet.Item("tags", "need nothing: a tag begins to exist when a ticket first has it")
	if len(due) > 0 {
		s.paste = append(s.paste, setLine{at.Name, "due_fields = " + inline(append(slices.Clone(at.Source.DueFields), due...))})
	}
}

// guide tells how the app at Slack is made, with its manifest, since something of it
// is missing.
func (s *Run) guide(at Vendor) {
	at.Guide.Tell(s.sheet, at.Language)
	s.sheet.Heading("Manifest")
	for line := range strings.Lines(string(at.Guide.App.Manifest())) {
		s.sheet.Verbatim(strings.TrimSuffix(line, "\n"))
	}
}

// missing are the due fields that a source's policies have a target for and its
// configuration doesn't name.
func (s *Run) missing(at Vendor) []rules.DueField {
	if s.fields == "none" {
		return nil
	}
	form := at.Source.Vendor.DueForm
	if s.fields == "date" {
		form = rules.DateForm
	}
	var list []rules.DueField
	for _, m := range rules.Metrics {
		promised := slices.ContainsFunc(at.Source.Policies, func(p *rules.Policy) bool {
			return slices.ContainsFunc(p.Targets, func(t rules.Target) bool { return t.Metric == m })
		})
		named := slices.ContainsFunc(at.Source.DueFields, func(f rules.DueField) bool { return f.Metric == m })
		if promised && !named {
			list = append(list, rules.DueField{Metric: m, Form: form})
		}
	}
	return list
}

// takeAll takes steps one after the other, and returns the due fields that are there
// then. What the account doesn't offer is made in another way where there is one.
func (s *Run) takeAll(ctx context.Context, at Vendor, steps []desk.Step) (due []rules.DueField) {
	for _, step := range steps {
		id, err := s.take(ctx, at, step)
		switch {
		case errors.Is(err, desk.ErrNotOffered) && len(step.Else) > 0:
			s.sheet.Item("refused", "%s", err)
			due = append(due, s.takeAll(ctx, at, step.Else)...)
			continue
		case err != nil:
			s.fail(at.Name, err)
		}
		if id != "" && step.Metric != "" {
			due = append(due, rules.DueField{Metric: step.Metric, ID: id})
		}
		if s.dryRun && step.Make != nil {
			for _, other := range step.Else {
				s.sheet.Item("if refused", "%s", other.What)
			}
		}
		if step.Webhook {
			s.hookSecret(ctx, at, step, id)
		}
	}
	return due
}

// take prints a step and takes it, and returns the id of what is there then.
func (s *Run) take(ctx context.Context, at Vendor, step desk.Step) (id string, err error) {
	id = step.There
	switch {
	case step.Found != "" && s.dryRun:
		s.mended++
		s.sheet.Item("would mend", "%s: %s, found %s", step.What, id, step.Found)
	case step.Found != "":
		if id, err = step.Make(ctx); err != nil {
			return "", err
		}
		s.mended++
		s.sheet.Item("mended", "%s: %s, found %s", step.What, id, step.Found)
	case step.There != "":
		s.sheet.Item("there", "%s: %s", step.What, step.There)
	case step.Make == nil:
		s.sheet.Item("by hand", "%s", step.What)
	case s.dryRun:
		s.made++
		s.sheet.Item("would make", "%s", step.What)
	default:
		if id, err = step.Make(ctx); id == "" {
			return "", err
		}
		s.made++
		s.sheet.Item("made", "%s: %s", step.What, id)
	}
	for _, f := range step.Remarks {
		s.sheet.Item("", "%s", f)
		s.hand = append(s.hand, at.Name+": "+f.Error())
	}
	for _, h := range step.Hand {
		s.hand = append(s.hand, at.Name+": "+h)
	}
	return id, err
}

func (s *Run) fail(name string, err error) {
	s.failed++
	for _, f := range findings.Of(err) {
		s.sheet.Item("failed", "%s", f.Text)
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

// End prints what is left to do, and what has been done. The error says how much failed.
func (s *Run) End() error {
	last := ""
	for _, l := range s.paste {
		if l.source != last {
			s.sheet.Heading(fmt.Sprintf("To paste into the configuration, for the source %q", l.source))
			last = l.source
		}
		s.sheet.Verbatim(l.line)
	}
	if len(s.hand) > 0 {
		s.sheet.Heading("For a person to do")
		for i, h := range s.hand {
			s.sheet.Numbered(i+1, h)
		}
	}
	done := s.done()
	switch {
	case s.dryRun && done != "":
		s.sheet.Heading(fmt.Sprintf("Nothing has been changed; %s.", done))
	case done != "":
		s.sheet.Heading(done + "; nothing else was changed.")
	case s.failed == 0 && len(s.hand) > 0:
		s.sheet.Heading("Nothing was changed; what is left is for a person.")
	case s.failed == 0:
		s.sheet.Heading("Nothing to make, and nothing was changed.")
	}
	return errors.Join(s.sheet.Flush(), s.failure())
}

// done counts what was made and mended, or would be.
func (s *Run) done() string {
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

func (s *Run) failure() error {
	if s.failed == 0 {
		return nil
	}
	return errors.New(rules.Counted("en", "%d thing{s} failed; run it again when that is mended: it makes only what is missing", s.failed))
}
