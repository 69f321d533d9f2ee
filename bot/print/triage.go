package print

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"vigie/rules"
	"vigie/rules/triage"
)

// Suggestion says what a text suggests.
func Suggestion(out io.Writer, p *rules.Policy, text string) error {
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

// Trials prints all that trials say.
func Trials(w io.Writer, title string, p *rules.Policy, trials []triage.Trial) {
	fmt.Fprintf(w, "%s: %s\n", title, RightOf(triage.Covered(trials, 0)))
	Precisions(w, p, trials)
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

// Precisions prints precision and recall by priority, of suggestions that decide.
func Precisions(w io.Writer, p *rules.Policy, trials []triage.Trial) {
	var names []string
	for _, pr := range p.Priorities {
		names = append(names, pr.Name)
	}
	fmt.Fprint(w, "priority\tconfident\tprecision\trecall\t\n")
	for _, m := range triage.Measures(names, trials, p.Confident) {
		fmt.Fprintf(w, "%s\t%.2f\t%s of %d\t%s of %d\t\n", m.Priority, p.Confident(m.Priority), percent(m.Found, m.Said), m.Said, percent(m.Found, m.There), m.There)
	}
}

func RightOf(said, right int) string {
	return fmt.Sprintf("%d of %d right (%s)", right, said, percent(right, said))
}

func percent(n, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f %%", 100*float64(n)/float64(of))
}
