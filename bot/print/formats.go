package print

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"vigie/rules/policytest"
)

// json is for programs: what the text says, as one object.
func (r *Results) json(out io.Writer, _ bool) error {
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
		File     string   `json:"file"`
		Clauses  int      `json:"clauses,omitempty"`
		Uncited  []clause `json:"uncited,omitempty"`
		Mutants  []mutant `json:"mutants,omitempty"`
		Unneeded []string `json:"unneeded_explanations,omitempty"`
	}
	report := struct {
		Tests    int      `json:"tests"`
		Failed   int      `json:"failed"`
		Results  []test   `json:"results"`
		Policies []policy `json:"policies"`
	}{Tests: r.Count(), Failed: r.Failed(), Policies: []policy{}}
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
		j := policy{File: p.File, Clauses: p.Clauses}
		for _, problem := range p.Unneeded {
			j.Unneeded = append(j.Unneeded, problem.Error())
		}
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
func (p *PolicyResults) findings() []finding {
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

// junit is the XML that most build servers read.
func (r *Results) junit(out io.Writer, _ bool) error {
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
				t.Failure = &failure{headline(c.Failures), said(c.Failures)}
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

// headline is the first thing that is wrong, on one line.
func headline(failures []policytest.Failure) string {
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
func (r *Results) github(out io.Writer, _ bool) error {
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
