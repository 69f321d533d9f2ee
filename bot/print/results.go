package print

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"vigie/rules"
	"vigie/rules/policytest"
	"vigie/rules/tomlfile"
)

// A Results is everything that `vigie test` has to say.
type Results struct {
	Files    []Tested
	Policies []PolicyResults
}

type Tested struct {
	File, Policy string
	Results      []policytest.Result
}

// A PolicyResults is about the tests of one policy taken together.
type PolicyResults struct {
	File     string
	Clauses  int // how many the file cites; 0 if nobody asked
	Uncited  []policytest.Clause
	Mutants  []policytest.Outcome
	Unneeded tomlfile.Problems // explanations that no mutant needs
}

var ResultFormats = map[string]func(*Results, io.Writer, bool) error{
	"text": (*Results).text, "json": (*Results).json, "junit": (*Results).junit, "github": (*Results).github,
}

func (r *Results) Count() (n int) {
	for _, f := range r.Files {
		n += len(f.Results)
	}
	return n
}

func (r *Results) Failed() (n int) {
	for _, f := range r.Files {
		n += f.failed()
	}
	return n
}

func (f *Tested) failed() (n int) {
	for _, c := range f.Results {
		if len(c.Failures) > 0 {
			n++
		}
	}
	return n
}

// count is how many of a policy's mutants met each fate.
func (p *PolicyResults) count() map[policytest.Fate]int {
	n := map[policytest.Fate]int{}
	for _, m := range p.Mutants {
		n[m.Fate]++
	}
	return n
}

// Err says what makes the command fail, or nil.
func (r *Results) Err() error {
	var parts []string
	if n := r.Failed(); n > 0 {
		parts = append(parts, rules.Counted("en", "%d of %d test{s} failed", n, r.Count()))
	}
	for _, p := range r.Policies {
		if n := len(p.Uncited); n > 0 {
			parts = append(parts, rules.Counted("en", "no test cites %d clause{s} of %s", n, p.File))
		}
		if n := p.count()[policytest.Survived]; n > 0 {
			parts = append(parts, rules.Counted("en", "no test notices %d change{s} of %s", n, p.File))
		}
		if n := len(p.Unneeded); n > 0 {
			parts = append(parts, rules.Counted("en", "%d explanation{s} of survivors {is|are} not needed", n))
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(parts, "; "))
}

// text is for people. With detail it names what passed, too.
func (r *Results) text(out io.Writer, detail bool) error {
	w := &lines{out: out, colour: Terminal(out)}
	for _, f := range r.Files {
		for _, c := range f.Results {
			switch {
			case len(c.Failures) > 0:
				w.line("%s %s:%d: %s%s", w.red("FAIL"), f.File, c.Line, c.Name, cited(c.Clauses))
				w.failures(c.Failures)
			case detail:
				w.line("ok   %s:%d: %s%s", f.File, c.Line, c.Name, cited(c.Clauses))
			}
		}
		if n := f.failed(); n > 0 {
			w.line("%s %s: %s", w.red("FAIL"), f.File, rules.Counted("en", "%d of %d test{s} failed", n, len(f.Results)))
		} else {
			w.line("ok   %s: %s", f.File, rules.Counted("en", "%d test{s} of %s", len(f.Results), f.Policy))
		}
	}
	for _, p := range r.Policies {
		w.policy(&p, detail)
	}
	return w.err
}

func cited(clauses []string) string { return Square(strings.Join(clauses, ", ")) }

// lines writes lines, and keeps the first error.
type lines struct {
	out    io.Writer
	colour bool
	err    error
}

func (w *lines) line(format string, args ...any) {
	_, err := fmt.Fprintf(w.out, format+"\n", args...)
	w.err = cmp.Or(w.err, err)
}

func (w *lines) red(text string) string {
	if w.colour {
		return "\x1b[31m" + text + "\x1b[0m"
	}
	return text
}

// failures shows each one, and the evidence once where the next one has the
// same.
func (w *lines) failures(list []policytest.Failure) {
	for i, f := range list {
		if f.Expect != "" {
			w.line("  %s, at %s (line %d)", f.Expect, f.At, f.Line)
		}
		w.line("    want  %s", f.Want)
		got := f.Got
		if f.Difference != "" {
			got += "  (" + f.Difference + ")"
		}
		w.line("    got   %s", got)
		if i+1 < len(list) && list[i+1].Explanation == f.Explanation {
			continue
		}
		for line := range strings.Lines(f.Explanation) {
			w.line("%s", strings.TrimRight("      "+strings.TrimRight(line, "\n"), " "))
		}
	}
}

func (w *lines) policy(p *PolicyResults, detail bool) {
	if p.Clauses > 0 {
		w.line("%s", rules.Counted("en", "%s: tests cite %d of its %d clause{s}", p.File, p.Clauses-len(p.Uncited), p.Clauses))
		for _, c := range p.Uncited {
			w.line("%s %s:%d: no test cites %s", w.red("FAIL"), p.File, c.Line, c.ID)
		}
	}
	if len(p.Mutants) == 0 {
		return
	}
	n := p.count()
	w.line("%s", rules.Counted("en", "%s: %d change{s}, %d noticed by a test, %d refused by the loader, %d explained, %d not noticed", p.File, len(p.Mutants),
		n[policytest.Killed], n[policytest.Refused], n[policytest.Explained], n[policytest.Survived]))
	for _, m := range p.Mutants {
		switch {
		case m.Fate == policytest.Survived:
			w.line("%s %s:%d: %s: no test notices", w.red("FAIL"), m.File, m.Line, m.Mutant)
		case detail:
			w.line("     %s:%d: %s: %s: %s", m.File, m.Line, m.Mutant, m.Fate, m.Why)
		}
	}
	for _, problem := range p.Unneeded {
		w.line("%s %s", w.red("FAIL"), problem)
	}
}

// said is a failing test's findings as text, without its name.
func said(failures []policytest.Failure) string {
	var b strings.Builder
	(&lines{out: &b}).failures(failures)
	return strings.TrimRight(b.String(), "\n")
}

// Tried shows on a terminal how far the changes of a policy are; nil
// elsewhere.
func Tried(stderr io.Writer, file string) func(done, total int) {
	if !Terminal(stderr) {
		return nil
	}
	return func(done, total int) {
		fmt.Fprint(stderr, rules.Counted("en", "\r%s: %d of %d change{s} tried", file, done, total))
		if done == total {
			fmt.Fprint(stderr, "\r\x1b[K")
		}
	}
}
