package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"vigie/bot/print"
	"vigie/rules"
	"vigie/rules/triage"
)

type triageCommand struct {
	Policy   string `required:"" placeholder:"P" help:"An embedded policy (${policies}) or a policy file, with the examples that it names."`
	Examples string `placeholder:"F" type:"path" help:"Measure on these examples, which aren't learned, instead of by cross-validation; - is standard input."`
	Text     string `placeholder:"TEXT" help:"Say only what this text suggests, and which words moved that."`
}

func (triageCommand) Help() string {
	return `Says how well the priority that a text suggests can be trusted. Each of the policy's examples is judged by what was learned of
the others (cross-validation), or those of --examples by what was learned of the policy's: for each priority how many of those
suggested have it (precision) and how many of those that have it are found (recall), which is taken for which, whether the
probabilities mean what they say, and what a threshold would cover: the policy's key "confident". If the policy has rules for
priorities ([[priorities]] when), the same of them alone.

An example is a line {"priority": "urgent", "subject": "Portal down", "text": "Nobody can log in.", "language": "en"}.
vigie export --examples writes a company's own. Where they go is the policy's key examples = ["acme.examples.jsonl"].

Examples:
  vigie triage --policy moveon
  vigie triage --policy acme.toml --examples last-month.jsonl
  vigie export --source zendesk --examples | vigie triage --policy moveon --examples -
  vigie triage --policy moveon --text "Plus personne n'arrive à se connecter."`
}

func (c *triageCommand) Run(p *program) error {
	policies, err := p.policies([]string{c.Policy})
	if err != nil {
		return err
	}
	policy := policies[0]
	if policy.Lesson == nil {
		return usageError{fmt.Errorf(`%s names no examples; write examples = ["%s.examples.jsonl"], and vigie export --examples into it`, policy.File, policy.Name)}
	}
	if c.Text != "" {
		return print.Suggestion(p.stdout, policy, c.Text)
	}
	list, title, trials := policy.Lesson.Examples, "Cross-validation on its own examples", policy.Lesson.Trials
	if c.Examples != "" {
		if list, err = c.read(p); err != nil {
			return err
		}
		title, trials = "What is learned of its own examples, tried on "+c.Examples, func() []triage.Trial { return policy.Lesson.Model().Try(list) }
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%s: %s\n", policy.Name, rules.Counted("en", "%d example{s}", len(policy.Lesson.Examples)))
	print.Trials(w, title, policy, trials())
	if slices.ContainsFunc(policy.Priorities, func(pr rules.Priority) bool { return pr.When != nil }) {
		trials, err := ruled(policy, list)
		if err != nil {
			return err
		}
		fmt.Fprintln(w)
		fmt.Fprintf(w, "The rules ([[priorities]] when) alone: %s\n", print.RightOf(triage.Covered(trials, 1)))
		print.Precisions(w, policy, trials)
	}
	return w.Flush()
}

// read reads the examples of --examples. Priorities that the policy doesn't know are
// a mistake, since they would be left out in silence.
func (c *triageCommand) read(p *program) ([]triage.Example, error) {
	var lines []byte
	var err error
	if c.Examples == "-" {
		lines, err = io.ReadAll(p.stdin)
	} else {
		lines, err = os.ReadFile(c.Examples)
	}
	if err != nil {
		return nil, err
	}
	list, err := triage.Read(bytes.TrimPrefix(lines, []byte("\ufeff")))
	if err != nil {
		return nil, usageError{fmt.Errorf("%s: %w", c.Examples, err)}
	}
	if len(list) == 0 {
		return nil, usageError{fmt.Errorf("%s holds no example; vigie export --examples writes some", c.Examples)}
	}
	return list, nil
}

// ruled is what the policy's rules say of examples. A rule is sure of what it says;
// what none says is said by "".
func ruled(p *rules.Policy, list []triage.Example) ([]triage.Trial, error) {
	alone := *p
	alone.Lesson = nil
	at := time.Date(2026, time.January, 6, 10, 0, 0, 0, time.UTC)
	if at.Before(p.EffectiveFrom) {
		at = p.EffectiveFrom.AddDate(0, 0, 7)
	}
	var trials []triage.Trial
	for _, e := range list {
		t := rules.Ticket{Source: "example", ID: "1", Kind: e.Kind, Language: e.Language, Subject: e.Subject, Text: strings.TrimSpace(e.Subject + "\n" + e.Text), CreatedAt: at}
		v, err := rules.Evaluate([]*rules.Policy{&alone}, &t, at)
		if err != nil {
			return nil, err
		}
		trial := triage.Trial{Right: e.Priority}
		if v.Proposed != nil {
			trial.Said, trial.Probability = *v.Proposed, 1
		}
		trials = append(trials, trial)
	}
	return trials, nil
}
