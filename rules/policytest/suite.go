// Package policytest tests a policy the way a support lead reads it: tickets
// with a timeline, and what the policy must say of them at which instant. It
// also says which clauses no test cites, and which changes to the policy no
// test would notice. Like rules it does no IO and reads no clock; vigie test
// brings the files in and the results out, and tells the format of a test file
// in its help.
package policytest

import (
	"time"

	"github.com/pelletier/go-toml/v2"

	"vigie/rules"
	"vigie/rules/calendar"
	"vigie/rules/oncall"
	"vigie/rules/policyfile"
	"vigie/rules/tomlfile"
)

// A Source is a policy as its file holds it.
type Source struct {
	File     string
	Text     []byte
	ReadFile func(name string) ([]byte, error) // the iCal files that it names, see policyfile.Load
	// Plan is whom a configuration calls, by its path relative to the test file; nil:
	// there is no way to know.
	Plan func(config string) (oncall.Plan, error)
}

// A Suite is a test file that was read without a mistake, with its policy.
type Suite struct {
	File   string
	Policy Source
	Cases  []*Case

	zone      *time.Location // nil: each test names its own
	ticket    rules.Ticket   // what the file's tickets have in common
	tree      map[string]any // the policy as TOML gives it
	variants  map[string]map[string]any
	policies  map[string]*rules.Policy // by variant; "" is the policy itself
	survivors []*survivor
	plan      *oncall.Plan // whom the configuration calls that the file names; nil: it names none
}

// A Case is one ticket and what is expected of it.
type Case struct {
	Name    string
	Line    int
	Clauses []string

	variant string
	zone    *time.Location
	ticket  rules.Ticket
	wants   []want
}

// Read reads a test file. open gives the policy that it names. The problems are
// all mistakes at once; with any that is no mere warning there is no suite.
func Read(file string, text []byte, open func(name string) (Source, error)) (*Suite, tomlfile.Problems) {
	d, root := tomlfile.Read(file, text, nil)
	if problems := d.Problems(); len(problems) > 0 {
		return nil, problems
	}
	r := &reader{Document: d, Suite: &Suite{File: file, variants: map[string]map[string]any{}, policies: map[string]*rules.Policy{}}}
	problems := r.policy(root, open)
	if problems.Err() != nil {
		return nil, problems
	}
	r.read(root)
	problems = append(problems, d.Problems()...)
	if problems.Err() != nil {
		return nil, problems
	}
	return r.Suite, problems
}

type reader struct {
	*tomlfile.Document
	*Suite
}

// policy opens and loads the policy. Its mistakes are those of its own file.
func (r *reader) policy(root *tomlfile.Table, open func(string) (Source, error)) tomlfile.Problems {
	name := root.Require("policy", `"acme.toml"`)
	if name == "" {
		return r.Problems()
	}
	source, err := open(name)
	if err != nil {
		root.Add("policy", "%v; write the policy file's path, relative to this file", err)
		return r.Problems()
	}
	r.Policy = source
	p, problems := policyfile.Load(source.File, source.Text, source.ReadFile)
	if p == nil {
		return problems
	}
	r.policies[""] = p
	_, tree := policyfile.Read(source.File, source.Text, source.ReadFile)
	r.tree = tree.Tree()
	return problems
}

func (r *reader) read(root *tomlfile.Table) {
	r.zone = r.readZone(root)
	r.readPlan(root)
	r.ticket = rules.Ticket{Source: "test", ID: "1"}
	if t := root.Table("ticket"); t != nil {
		r.attributes(t, &r.ticket, scope{r.zone, r.policies[""]})
		t.Close()
	}
	variants := root.Table("variant")
	for _, name := range variants.Keys() {
		r.variant(variants, name)
	}
	for _, t := range root.Tables("test") {
		r.test(t)
	}
	for _, t := range root.Tables("table") {
		r.table(t)
	}
	if !root.Has("test") && !root.Has("table") {
		r.Add("", "holds no test; write [[test]] or [[table]], as vigie test --help shows")
	}
	for _, t := range root.Tables("survivor") {
		r.survivors = append(r.survivors, &survivor{
			Mutant: t.Require("mutant", `"targets[0].warn[0]: *"`), Because: t.Require("because", `"why no ticket can tell the difference"`), Line: t.Line(""),
		})
		t.Close()
	}
	root.Close()
}

// readPlan reads whom the configuration calls that the file names.
func (r *reader) readPlan(root *tomlfile.Table) {
	file := root.String("config")
	if file == "" || r.Policy.Plan == nil {
		return
	}
	plan, err := r.Policy.Plan(file)
	if err != nil {
		root.Add("config", "%v", err)
		return
	}
	r.plan = &plan
}

// readZone is the zone of a table's local times, nil where it names none.
func (r *reader) readZone(t *tomlfile.Table) *time.Location {
	name := t.String("zone")
	if name == "" {
		return nil
	}
	zone, err := calendar.LoadZone(name)
	if err != nil {
		t.Add("zone", "%v", err)
		return time.UTC
	}
	return zone
}

// variant loads the policy with what a company might add to it.
func (r *reader) variant(variants *tomlfile.Table, name string) {
	extra, ok := variants.Any(name).(map[string]any)
	if !ok {
		variants.Add(name, "want a table with what the policy says besides, such as [variant.%s.teams]", name)
		return
	}
	r.variants[name] = extra
	p, problems := r.Policy.load(policyfile.Overlay(r.tree, extra))
	for _, problem := range problems {
		if !problem.Warning {
			variants.Add(name, "the policy with it can't be used: %s: %s", problem.Key, problem.Text)
		}
	}
	r.policies[name] = p
}

// load makes a policy of a changed tree; nil where that has problems.
func (s Source) load(tree map[string]any) (*rules.Policy, tomlfile.Problems) {
	text, err := toml.Marshal(tree)
	if err != nil {
		return nil, tomlfile.Problems{{File: s.File, Text: err.Error()}}
	}
	return policyfile.Load(s.File, text, s.ReadFile)
}

// under loads one of the suite's variants of a changed policy.
func (s *Suite) under(tree map[string]any, variant string) (*rules.Policy, error) {
	if extra, ok := s.variants[variant]; ok {
		tree = policyfile.Overlay(tree, extra)
	}
	p, problems := s.Policy.load(tree)
	return p, problems.Err()
}
