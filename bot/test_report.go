package main

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"vigie/rules"
	"vigie/rules/policytest"
)

// A testReport is everything that `bot test` has to say.
type testReport struct {
	Files    []testedFile
	Policies []policyReport
}

type testedFile struct {
	File, Policy string
	Results      []policytest.Result
}

// A policyReport is about the tests of one policy taken together.
type policyReport struct {
	File     string
	Clauses  int // how many the file cites; 0 if nobody asked
	Uncited  []policytest.Clause
	Mutants  []policytest.Outcome
	Unneeded rules.Problems // explanations that no mutant needs
}

var testFormats = map[string]func(*testReport, io.Writer, bool) error{
	"text": (*testReport).text, "json": (*testReport).json, "junit": (*testReport).junit, "github": (*testReport).github,
}

func (r *testReport) cases() (n int) {
	for _, f := range r.Files {
		n += len(f.Results)
	}
	return n
}

func (r *testReport) failed() (n int) {
	for _, f := range r.Files {
		n += f.failed()
	}
	return n
}

func (f *testedFile) failed() (n int) {
	for _, c := range f.Results {
		if len(c.Failures) > 0 {
			n++
		}
	}
	return n
}

// count is how many of a policy's mutants met each fate.
func (p *policyReport) count() map[policytest.Fate]int {
	n := map[policytest.Fate]int{}
	for _, m := range p.Mutants {
		n[m.Fate]++
	}
	return n
}

// err says what makes the command fail, or nil.
func (r *testReport) err() error {
	var parts []string
	if n := r.failed(); n > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d tests fail", n, r.cases()))
	}
	for _, p := range r.Policies {
		if n := len(p.Uncited); n > 0 {
			parts = append(parts, fmt.Sprintf("no test cites %d clauses of %s", n, p.File))
		}
		if n := p.count()[policytest.Survived]; n > 0 {
			parts = append(parts, fmt.Sprintf("no test notices %d changes of %s", n, p.File))
		}
		if n := len(p.Unneeded); n > 0 {
			parts = append(parts, fmt.Sprintf("%d explanations of survivors are not needed", n))
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(parts, "; "))
}

// text is for people. With detail it names what passed, too.
func (r *testReport) text(out io.Writer, detail bool) error {
	w := &lines{out: out, colour: terminal(out)}
	for _, f := range r.Files {
		for _, c := range f.Results {
			switch {
			case len(c.Failures) > 0:
				w.line("%s %s:%d: %s%s", w.red("FAIL"), f.File, c.Line, c.Name, cited(c.Clauses))
				for _, failure := range c.Failures {
					w.failure(failure)
				}
			case detail:
				w.line("ok   %s:%d: %s%s", f.File, c.Line, c.Name, cited(c.Clauses))
			}
		}
		if n := f.failed(); n > 0 {
			w.line("%s %s: %d of %d tests fail", w.red("FAIL"), f.File, n, len(f.Results))
		} else {
			w.line("ok   %s: %d tests of %s", f.File, len(f.Results), f.Policy)
		}
	}
	for _, p := range r.Policies {
		w.policy(&p, detail, r.failed() > 0)
	}
	return w.err
}

func cited(clauses []string) string { return square(strings.Join(clauses, ", ")) }

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

func (w *lines) failure(f policytest.Failure) {
	if f.Expect != "" {
		w.line("  %s, at %s (line %d)", f.Expect, f.At, f.Line)
	}
	w.line("    want  %s", f.Want)
	got := f.Got
	if f.Difference != "" {
		got += "  (" + f.Difference + ")"
	}
	w.line("    got   %s", got)
	for line := range strings.Lines(f.Explanation) {
		w.line("%s", strings.TrimRight("      "+strings.TrimRight(line, "\n"), " "))
	}
}

func (w *lines) policy(p *policyReport, detail, failing bool) {
	if p.Clauses > 0 {
		w.line("%s: tests cite %d of its %d clauses", p.File, p.Clauses-len(p.Uncited), p.Clauses)
		for _, c := range p.Uncited {
			w.line("%s %s:%d: no test cites %s", w.red("FAIL"), p.File, c.Line, c.ID)
		}
	}
	if len(p.Mutants) == 0 {
		return
	}
	n := p.count()
	w.line("%s: %d changes, %d noticed by a test, %d refused by the loader, %d explained, %d not noticed", p.File, len(p.Mutants),
		n[policytest.Killed], n[policytest.Refused], n[policytest.Explained], n[policytest.Survived])
	for _, m := range p.Mutants {
		switch {
		case m.Fate == policytest.Survived:
			w.line("%s %s:%d: %s: no test notices", w.red("FAIL"), m.File, m.Line, m.Mutant)
		case m.Fate == policytest.Explained:
			w.line("     %s:%d: %s: explained: %s", m.File, m.Line, m.Mutant, m.Why)
		case detail:
			w.line("     %s:%d: %s: %s: %s", m.File, m.Line, m.Mutant, m.Fate, m.Why)
		}
	}
	for _, problem := range p.Unneeded {
		w.line("%s %s", w.red("FAIL"), problem)
	}
}

// json is for programs: what the text says, as one object.
func (r *testReport) json(out io.Writer, _ bool) error {
	type failure struct {
		Line        int    `json:"line"`
		At          string `json:"at,omitempty"`
		Expect      string `json:"expect,omitempty"`
		Want        string `json:"want"`
		Got         string `json:"got"`
		Difference  string `json:"difference,omitempty"`
		Explanation string `json:"explanation,omitempty"`
	}
	type test struct {
		File     string    `json:"file"`
		Line     int       `json:"line"`
		Name     string    `json:"name"`
		Clauses  []string  `json:"clauses,omitempty"`
		Passed   bool      `json:"passed"`
		Failures []failure `json:"failures,omitempty"`
	}
	type clause struct {
		Clause string `json:"clause"`
		Line   int    `json:"line"`
	}
	type mutant struct {
		Line   int             `json:"line"`
		Mutant string          `json:"mutant"`
		Fate   policytest.Fate `json:"fate"`
		Why    string          `json:"why,omitempty"`
	}
	type policy struct {
		File     string         `json:"file"`
		Clauses  int            `json:"clauses,omitempty"`
		Uncited  []clause       `json:"uncited,omitempty"`
		Mutants  []mutant       `json:"mutants,omitempty"`
		Unneeded rules.Problems `json:"unneeded_explanations,omitempty"`
	}
	report := struct {
		Tests    int      `json:"tests"`
		Failed   int      `json:"failed"`
		Results  []test   `json:"results"`
		Policies []policy `json:"policies"`
	}{Tests: r.cases(), Failed: r.failed(), Policies: []policy{}}
	for _, f := range r.Files {
		for _, c := range f.Results {
			t := test{File: f.File, Line: c.Line, Name: c.Name, Clauses: c.Clauses, Passed: len(c.Failures) == 0}
			for _, x := range c.Failures {
				t.Failures = append(t.Failures, failure(x))
			}
			report.Results = append(report.Results, t)
		}
	}
	for _, p := range r.Policies {
		j := policy{File: p.File, Clauses: p.Clauses, Unneeded: p.Unneeded}
		for _, c := range p.Uncited {
			j.Uncited = append(j.Uncited, clause{c.ID, c.Line})
		}
		for _, m := range p.Mutants {
			j.Mutants = append(j.Mutants, mutant{m.Line, m.String(), m.Fate, m.Why})
		}
		report.Policies = append(report.Policies, j)
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(report)
}

// A finding is something that makes the command fail, where it is and what to
// say of it; the formats for build servers list them.
type finding struct {
	file  string
	line  int
	title string
	text  string
}

// findings lists what is wrong beside failing tests.
func (p *policyReport) findings() []finding {
	var list []finding
	for _, c := range p.Uncited {
		list = append(list, finding{p.File, c.Line, c.ID, "no test cites this clause"})
	}
	for _, m := range p.Mutants {
		if m.Fate == policytest.Survived {
			list = append(list, finding{m.File, m.Line, m.String(), "no test notices this change"})
		}
	}
	for _, problem := range p.Unneeded {
		list = append(list, finding{problem.File, problem.Line, problem.Key, problem.Text})
	}
	return list
}

// said is a failing test's findings as text, without its name.
func said(failures []policytest.Failure) string {
	var b strings.Builder
	w := &lines{out: &b}
	for _, f := range failures {
		w.failure(f)
	}
	return strings.TrimRight(b.String(), "\n")
}

// junit is the XML that most build servers read.
func (r *testReport) junit(out io.Writer, _ bool) error {
	type failure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	type testcase struct {
		Class   string   `xml:"classname,attr"`
		Name    string   `xml:"name,attr"`
		File    string   `xml:"file,attr"`
		Line    int      `xml:"line,attr"`
		Failure *failure `xml:"failure"`
	}
	type testsuite struct {
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Cases    []testcase `xml:"testcase"`
	}
	type testsuites struct {
		XMLName xml.Name    `xml:"testsuites"`
		Suites  []testsuite `xml:"testsuite"`
	}
	var all testsuites
	for _, f := range r.Files {
		suite := testsuite{Name: f.File, Tests: len(f.Results), Failures: f.failed()}
		for _, c := range f.Results {
			t := testcase{Class: f.Policy, Name: c.Name, File: f.File, Line: c.Line}
			if len(c.Failures) > 0 {
				t.Failure = &failure{summary(c.Failures), said(c.Failures)}
			}
			suite.Cases = append(suite.Cases, t)
		}
		all.Suites = append(all.Suites, suite)
	}
	for _, p := range r.Policies {
		suite := testsuite{Name: p.File}
		for _, x := range p.findings() {
			suite.Cases = append(suite.Cases, testcase{Class: p.File, Name: x.title, File: x.file, Line: x.line, Failure: &failure{Message: x.text}})
		}
		if suite.Tests, suite.Failures = len(suite.Cases), len(suite.Cases); suite.Tests > 0 {
			all.Suites = append(all.Suites, suite)
		}
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s%s\n", xml.Header, text)
	return err
}

// summary is the first thing that is wrong, on one line.
func summary(failures []policytest.Failure) string {
	f := failures[0]
	text := fmt.Sprintf("want %s, got %s", f.Want, f.Got)
	if f.Expect != "" {
		text = f.Expect + ": " + text
	}
	if f.Difference != "" {
		text += " (" + f.Difference + ")"
	}
	return text
}

// github is GitHub's workflow commands: each finding is shown at its line of the
// change under review.
func (r *testReport) github(out io.Writer, _ bool) error {
	w := &lines{out: out}
	escape := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	show := func(x finding) {
		w.line("::error file=%s,line=%d,title=%s::%s", property.Replace(x.file), x.line, property.Replace(x.title), escape.Replace(x.text))
	}
	for _, f := range r.Files {
		for _, c := range f.Results {
			if len(c.Failures) > 0 {
				show(finding{f.File, cmp.Or(c.Failures[0].Line, c.Line), c.Name, said(c.Failures)})
			}
		}
	}
	for _, p := range r.Policies {
		for _, x := range p.findings() {
			show(x)
		}
	}
	return w.err
}
