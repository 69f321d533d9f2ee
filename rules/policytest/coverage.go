package policytest

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"vigie/rules/tomlfile"
)

// A Clause is one that a policy file cites.
type Clause struct {
	ID   string
	Line int // where it is cited first
}

// clauseForm is a clause's id at the beginning of a clause key: "QS-21",
// "MT-20, contract Acme".
var clauseForm = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9]*[-.])[0-9][0-9.]*`)

// Uncited lists the clauses that a policy file cites and no test of the suites,
// which share it, does. A file cites by its clause keys, and in its comments by
// ids of the same form: "# QS-20: 2 business days are 16 business hours".
func Uncited(suites []*Suite) []Clause {
	cited := map[string]bool{}
	for _, s := range suites {
		for _, c := range s.Cases {
			for _, clause := range c.Clauses {
				cited[clause] = true
			}
		}
	}
	return slices.DeleteFunc(Clauses(suites[0].Policy), func(c Clause) bool { return cited[c.ID] })
}

// Clauses lists the clauses that a policy file cites, in the order of their
// names.
func Clauses(source Source) []Clause {
	d, root := tomlfile.Read(source.File, source.Text, nil)
	var list []Clause
	add := func(id string, line int) {
		if id != "" && !slices.ContainsFunc(list, func(c Clause) bool { return c.ID == id }) {
			list = append(list, Clause{id, line})
		}
	}
	prefixes := map[string]bool{}
	var whole []Clause // without such a form: each clause key stands for itself
	for _, name := range []string{"priorities", "targets", "exclude", "mark"} {
		for _, t := range root.Tables(name) {
			clause := t.String("clause")
			if m := clauseForm.FindStringSubmatch(clause); m != nil {
				prefixes[regexp.QuoteMeta(m[1])] = true
			} else {
				whole = append(whole, Clause{clause, d.Line(t.Path() + ".clause")})
			}
		}
	}
	if len(prefixes) > 0 {
		var alternatives []string
		for prefix := range prefixes {
			alternatives = append(alternatives, prefix)
		}
		slices.Sort(alternatives)
		id := regexp.MustCompile(`\b(?:` + strings.Join(alternatives, "|") + `)[0-9]+(?:\.[0-9]+)*`)
		line := 0
		for text := range strings.Lines(string(source.Text)) {
			line++
			for _, found := range id.FindAllString(text, -1) {
				add(found, line)
			}
		}
	}
	for _, c := range whole {
		add(c.ID, c.Line)
	}
	slices.SortFunc(list, func(a, b Clause) int { return cmp.Compare(a.ID, b.ID) })
	return list
}
