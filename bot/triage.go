package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

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
		return suggestTo(p.stdout, policy, c.Text)
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
	measured(w, title, policy, trials())
	if slices.ContainsFunc(policy.Priorities, func(pr rules.Priority) bool { return pr.When != nil }) {
		trials, err := ruled(policy, list)
		if err != nil {
			return err
		}
		fmt.Fprintln(w)
		fmt.Fprintf(w, "The rules ([[priorities]] when) alone: %s\n", rightOf(triage.Covered(trials, 1)))
		precisions(w, policy, trials)
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

// suggestTo says what a text suggests.
func suggestTo(out io.Writer, p *rules.Policy, text string) error {
	s := p.Suggest(&rules.Ticket{Text: text})
	if s == nil {
		return errors.New("the text has no words")
	}
	decides := ""
	if !s.Confident {
		decides = fmt.Sprintf(", too little to decide: %.0f%% are asked for", 100*p.Confident(s.Priority))
	}
	_, err := fmt.Fprintf(out, "%s, %.0f%% sure%s; moved by %s\n", s.Priority, 100*s.Probability, decides, strings.Join(s.Words, ", "))
	return err
}

// measured prints all that trials say.
func measured(w io.Writer, title string, p *rules.Policy, trials []triage.Trial) {
	fmt.Fprintf(w, "%s: %s\n", title, rightOf(triage.Covered(trials, 0)))
	precisions(w, p, trials)
	fmt.Fprint(w, "\nhas \\ suggested\t")
	for _, said := range p.Priorities {
		fmt.Fprintf(w, "%s\t", said.Name)
	}
	fmt.Fprintln(w)
	for _, right := range p.Priorities {
		fmt.Fprintf(w, "%s\t", right.Name)
		for _, said := range p.Priorities {
			n := 0
			for _, t := range trials {
				if t.Right == right.Name && t.Said == said.Name {
					n++
				}
			}
			fmt.Fprintf(w, "%d\t", n)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprint(w, "\nsure\tsuggested\tright\tclaimed\t\n")
	for _, b := range triage.Reliability(trials) {
		if b.Said > 0 {
			fmt.Fprintf(w, "%.0f–%.0f %%\t%d\t%s\t%.0f %%\t\n", 100*b.From, 100*b.To, b.Said, percent(b.Right, b.Said), 100*b.Claimed)
		}
	}
	fmt.Fprint(w, "\nconfident\tdecides on\tright\t\n")
	for _, confident := range []float64{0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9} {
		said, right := triage.Covered(trials, confident)
		fmt.Fprintf(w, "%.1f\t%s\t%s\t\n", confident, percent(said, len(trials)), percent(right, said))
	}
}

// precisions prints precision and recall by priority, of suggestions that decide.
func precisions(w io.Writer, p *rules.Policy, trials []triage.Trial) {
	var names []string
	for _, pr := range p.Priorities {
		names = append(names, pr.Name)
	}
	fmt.Fprint(w, "priority\tconfident\tprecision\trecall\t\n")
	for _, m := range triage.Measures(names, trials, p.Confident) {
		fmt.Fprintf(w, "%s\t%.2f\t%s of %d\t%s of %d\t\n", m.Priority, p.Confident(m.Priority), percent(m.Found, m.Said), m.Said, percent(m.Found, m.There), m.There)
	}
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

func rightOf(said, right int) string {
	return fmt.Sprintf("%d of %d right (%s)", right, said, percent(right, said))
}

func percent(n, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f %%", 100*float64(n)/float64(of))
}
