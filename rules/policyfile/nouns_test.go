package policyfile

import (
	"reflect"
	"slices"
	"testing"

	"vigie/rules"
)

// The reference has every name that conditions know, and no other; its examples
// are conditions in which the name occurs.
func TestTheReferenceOfNouns(t *testing.T) {
	for _, c := range []struct {
		name  string
		env   any
		nouns []Noun
	}{
		{"policy", rules.Env{}, Nouns()},
		{"route", rules.AlertEnv{}, RouteNouns()},
	} {
		var known []string
		for i := range reflect.TypeOf(c.env).NumField() {
			known = append(known, reflect.TypeOf(c.env).Field(i).Tag.Get("expr"))
		}
		for _, n := range c.nouns {
			i := slices.Index(known, n.Name)
			if i < 0 {
				t.Errorf("%s: the reference has %s, which conditions don't know, or twice", c.name, n.Name)
				continue
			}
			known = slices.Delete(known, i, i+1)
			if _, err := rules.CompileCondition(n.Example, c.env); err != nil {
				t.Errorf("%s: %s: %v", c.name, n.Example, err)
			}
			if n.Type == "" || n.Meaning == "" {
				t.Errorf("%s: %s has no type or meaning", c.name, n.Name)
			}
		}
		if len(known) > 0 {
			t.Errorf("%s: the reference has no row for %q", c.name, known)
		}
	}
}
