package main

import (
	"fmt"
	"regexp"

	"vigie/bot/library"
	"vigie/bot/print"
	"vigie/rules/policytest"
	"vigie/rules/tomlfile"
)

type testCommand struct {
	Run testRunCommand `cmd:"" default:"withargs" help:"Run tests; the default, \"run\" can be left out."`
	New testNewCommand `cmd:"" help:"Write a test from a real ticket, ready for review."`
}

type testRunCommand struct {
	Files          []string `arg:"" optional:"" placeholder:"FILES" help:"Test files (*.test.toml), policy files with tests beside them, folders, or embedded policies (${policies}). By default the tests in this folder, or else the embedded ones."`
	Match          string   `name:"run" placeholder:"REGEXP" help:"Run only the tests whose names match."`
	Format         string   `default:"text" enum:"text,json,junit,github" help:"How results are printed (text, json, junit, github)."`
	ClauseCoverage bool     `help:"List the clauses that the policy file cites and no test does; exit 1 if there are any."`
	Mutate         bool     `help:"Change the policy in every small way and list the changes that no test notices; exit 1 if one isn't explained. On all cores."`
}

func (testRunCommand) Help() string { return testHelp }
func (testCommand) Help() string    { return testHelp }

const testHelp = `Examples:
  vigie test                                        the tests in this folder, or the embedded ones
  vigie test policies/acme.toml --clause-coverage   the tests beside a policy, and the clauses that none cites
  vigie test moveon --mutate                        which changes to the policy no test would notice
  vigie test --run workaround -v
  vigie test --format junit > report.xml
  vigie test new zendesk:42 --config config.toml    a test from a real ticket

A test file is TOML and lies beside its policy: acme.test.toml beside acme.toml.

  policy = "acme.toml"
  zone   = "Europe/Berlin"          # of all local times; a test may name its own
  ticket = { kind = "problem" }     # what its tickets have in common

  [[test]]
  name     = "waiting for the customer pauses the resolution"
  clauses  = ["A-7"]                # the policy's clauses that it tests
  ticket   = { created = "Mon 2026-11-30 09:00", priority = "urgent" }
  timeline = [
    { at = "Mon 2026-11-30 11:00", reply = "agent", status = "waiting_customer" },
    { at = "Tue 2026-12-01 15:00", status = "open" },
  ]
  expect = [
    { at = "Mon 2026-11-30 12:00", resolution_state = "paused", resolution_due = "none" },
    { at = "Tue 2026-12-01 15:00", resolution_due = "Thu 2026-12-03 13:00", resolution_elapsed = "2h" },
  ]

  [[table]]                         # one row, one ticket
  name    = "targets"
  clauses = ["A-3", "A-4"]
  columns = ["created", "priority", "update_due", "resolution_due"]
  rows = [
    ["Fri 2026-11-27 16:30", "urgent", "Mon 2026-11-30 09:30", "Tue 2026-12-01 16:30"],
    ["Fri 2026-11-27 16:30", "high",   "Mon 2026-11-30 16:30", "Fri 2026-12-11 16:30"],
  ]

An instant is a local time, the weekday before it optional but checked, in English or French. A time that the clock shows
twice needs its offset: "2026-10-25 02:30 +01:00".

  ticket     its attributes at creation: created, kind, status, priority (a person's), channel, organization, group, assignee,
             requester, recipient, language, opened_by, subject, text, attachments = 1, tags, inherited_tags, fields = { name = "…" },
             source, id;
             issue = "none", "new", "in_progress" or "solved": the one that the technical team has of it
  each       each = { kind = ["problem", "task"] } repeats the test or the table for every value
  timeline   at, and what happens then: status, priority, group, kind, channel, organization, assignee = "…"; tag = "+vip" or
             ["+vip", "-new"]; field = { name = "…" }; reply = "agent" (or customer, automation), note = "agent" (not public);
             text = "…" and attachments = 1 of a customer's reply;
             by = "Nadia" or agent, customer, automation. Also in a table, for all its rows
  expect     at, which is the creation where it is left out, and any of
               M_due         an instant, or "none"; M is first_reply, next_reply, update or resolution
               M_state       running, paused, met, breached, void, or "none" where there is no such clock
               M_elapsed     "7h", "1h30m"; M_remaining likewise, "-20m" when late; M_cycle = 2
               covered       true or false
               excluded      the clause that excludes, or "none"
               priority      the one in force; priority_from = person, rule, examples, default; proposed = what the policy would choose, or "none"
               tags          all tags of the ticket once Vigie has written its own, in any order
               messages      all alarms up to then, in their order; [] is silence. "warn update 50%", "breach resolution",
                             "triage", "unlinked", "repaired", "flag solved_unanswered"; a later cycle is update/2; what a change made late at once is "breach update by
                             priority"; an instant may stand before it: "Mon 2026-11-30 09:15 warn update 50%". A breach
                             comes a second after the due date, at which an answer is still in time
               calls         all calls up to then, in their order; [] is nobody. Whom, as [[calls]] writes it, and who that was:
                             "Mon 2026-11-30 10:00 oncall:support nadia@acme.example"; the instant and who it was may be left
                             out. The file names the configuration at its top: config = "config.toml". Whoever is assigned
                             the ticket once it calls has taken it, and is called by the address alone
  columns    attributes, at, and expectations; expectations that are attributes too are "expect.priority" and "expect.tags".
             An empty cell says nothing. at = "…" in the table goes for all rows
  variant    [variant.pune.teams] and so on: what a company adds to the policy, its rows first. variant = "pune" tests with it
  survivor   [[survivor]] mutant = "targets[0].when: removed", because = "…": why no ticket can show that change. * is anything

Exit codes: 0 all hold, 1 some don't, 2 a file has mistakes.`

// Run runs the tests, then what else is asked for.
func (c *testRunCommand) Run(p *program) error {
	var match *regexp.Regexp
	if c.Match != "" {
		var err error
		if match, err = regexp.Compile(c.Match); err != nil {
			return usageError{fmt.Errorf("--run: %w; write a regular expression such as \"golden|pause\"", err)}
		}
	}
	files, err := library.FindTests(c.Files)
	if err != nil {
		return usageError{err}
	}
	suites, err := library.Suites(files, whoIsCalled, func(w tomlfile.Problem) { fmt.Fprintln(p.stderr, w) })
	if err != nil {
		return err
	}
	var r print.Results
	for _, s := range suites {
		r.Files = append(r.Files, print.Tested{File: s.File, Policy: s.Policy.File, Results: s.Run(match)})
	}
	if r.Count() == 0 {
		return usageError{fmt.Errorf("--run %q matches no test", c.Match)}
	}
	if c.Mutate && r.Failed() > 0 {
		fmt.Fprintln(p.stderr, "vigie: --mutate waits until all tests hold")
	}
	for _, group := range library.ByPolicy(suites) {
		asked := print.PolicyResults{File: group[0].Policy.File}
		if c.ClauseCoverage {
			asked.Clauses, asked.Uncited = len(policytest.Clauses(group[0].Policy)), policytest.Uncited(group)
		}
		if c.Mutate && r.Failed() == 0 {
			if asked.Mutants, asked.Unneeded, err = policytest.Mutate(p.ctx, group, print.Tried(p.stderr, asked.File)); err != nil {
				return err
			}
		}
		r.Policies = append(r.Policies, asked)
	}
	if err := print.ResultFormats[c.Format](&r, p.stdout, p.verbose); err != nil {
		return err
	}
	return r.Err()
}
