package policyfile

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"vigie/rules"
	"vigie/rules/tomlfile"
)

// wrongType is what no key takes.
const wrongType = `[[1.5]]`

// written is a file with every key once, as the reference's examples have it, but
// whole: it extends no other. The keys that are given by their paths have another
// value, and "" leaves one out.
func written(keys tomlfile.Keys, instead map[string]string) string {
	return keys.File(func(k tomlfile.Key) string {
		value, given := instead[k.Path()]
		if !given && k.Name != "extends" && k.Name != "without" {
			value = k.Example
		}
		if value == "" {
			return ""
		}
		return k.Name + " = " + value + "\n"
	})
}

// oneExample is what the file of examples holds that the reference names.
func oneExample(string) ([]byte, error) {
	return []byte(`{"priority":"normal","subject":"The list shows too little","text":"Ten rows, where there should be twelve.","language":"en","kind":"problem"}` + "\n"), nil
}

// The examples of the reference are one policy together.
func TestTheReferencesExamplesLoad(t *testing.T) {
	text := written(keys, nil)
	if _, problems := Load("acme.toml", []byte(text), oneExample); len(problems) > 0 {
		t.Errorf("got\n%s\nof\n%s", problems, text)
	}
}

// What the reference has a row for, the loader reads: it notices a value of the
// wrong type there.
func TestEveryRowOfTheReferenceIsRead(t *testing.T) {
	for _, k := range keys {
		if k.Example == "" {
			continue
		}
		_, problems := Load("acme.toml", []byte(written(keys, map[string]string{k.Path(): wrongType})), oneExample)
		last := k.Name
		if !slices.ContainsFunc(problems, func(p tomlfile.Problem) bool {
			return !p.Warning && strings.Contains(p.Key, last) && strings.HasPrefix(p.Text, "want ")
		}) {
			t.Errorf("%s = %s: got %v", k.Path(), wrongType, problems)
		}
	}
}

// A key that has no row is no key: the loader goes by the rows.
func TestAKeyWithoutARowIsUnknown(t *testing.T) {
	for _, k := range keys {
		if k.Example == "" {
			continue
		}
		d, root := tomlfile.Read("acme.toml", []byte(written(keys, map[string]string{k.Path(): k.Example})), slices.DeleteFunc(slices.Clone(keys), func(other tomlfile.Key) bool { return other == k }))
		(&loader{Document: d, p: &rules.Policy{}}).load(root)
		if !slices.ContainsFunc(d.Problems(), func(p tomlfile.Problem) bool {
			return strings.HasSuffix(p.Key, k.Name) && strings.HasPrefix(p.Text, "unknown key;")
		}) {
			t.Errorf("without the row of %s: got %v", k.Path(), d.Problems())
		}
	}
}

// To write a default is to write nothing.
func TestTheReferencesDefaults(t *testing.T) {
	tried := 0
	for _, k := range keys {
		if k.Required && k.Default != "" {
			t.Errorf("%s is required and has a default", k.Path())
		}
		if k.Default == "" {
			continue
		}
		tried++
		load := func(value string) *rules.Policy {
			// pause_ends_on_reply warns where there is no pause
			p, problems := Load("acme.toml", []byte(written(keys, map[string]string{"targets.pause_ends_on_reply": "", k.Path(): value})), oneExample)
			if problems.Err() != nil {
				t.Fatalf("%s = %s: %s", k.Path(), value, problems)
			}
			return p
		}
		opaque := cmp.Options{cmp.AllowUnexported(rules.Policy{}, rules.Duration{}, rules.Threshold{}), cmpopts.IgnoreFields(rules.Policy{}, "Digest", "Lesson", "Line", "Calendar", "Calendars", "Teams"),
			cmp.Comparer(func(a, b *rules.Condition) bool { return a.String() == b.String() })}
		without := load("")
		if diff := cmp.Diff(without, load(k.Default), opaque); diff != "" {
			t.Errorf("%s = %s isn't what holds without it:\n%s", k.Path(), k.Default, diff)
		}
		if cmp.Equal(without, load(k.Example), opaque) && k.Path() != "targets.pause_ends_on_reply" {
			t.Errorf("%s = %s changes nothing", k.Path(), k.Example)
		}
	}
	if tried < 5 {
		t.Errorf("tried %d defaults", tried)
	}
}

// What must be there says so.
func TestTheReferencesRequiredKeys(t *testing.T) {
	for _, k := range keys {
		if k.Example == "" {
			continue
		}
		_, problems := Load("acme.toml", []byte(written(keys, map[string]string{k.Path(): ""})), oneExample)
		missing := slices.ContainsFunc(problems, func(p tomlfile.Problem) bool {
			return !p.Warning && strings.HasSuffix(p.Key, k.Name) && strings.HasPrefix(p.Text, "is missing;")
		})
		if missing != k.Required {
			t.Errorf("%s: the reference says required %v, the loader says %v", k.Path(), k.Required, problems)
		}
	}
}
