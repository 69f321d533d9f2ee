package rules

import (
	"strings"
	"testing"
)

// lists are those of a [phrases] table, which must be without a mistake.
func lists(t *testing.T, table string) PhraseLists {
	t.Helper()
	d, root := ReadTOML("p.toml", []byte("[phrases]\n"+table))
	l := &policyLoader{Document: d, p: &Policy{}}
	l.phraseLists(root)
	if ps := d.Problems(); len(ps) > 0 {
		t.Fatal(ps)
	}
	return l.lists
}

const fewLists = `
shut   = ["{door} … {closed}", "{nobody} … log|sign in"]
door   = ["portal|website", "application form", "portail"]
closed = ["down", "not … reachable", "ne répond plus|pas", "inaccessible"]
nobody = ["nobody|none", "no one"]
asked  = ["how do|can"]
`

// holds answers a condition about a text with the lists.
func (lists PhraseLists) holds(t *testing.T, condition, text string) bool {
	t.Helper()
	c, err := lists.condition(condition, Env{})
	if err != nil {
		t.Fatalf("%s: %v", condition, err)
	}
	e := evaluation{}
	e.env = Env{Text: text, Has: e.has, Affirms: e.affirms, Together: e.together, Apart: e.apart}
	ok, err := c.Holds(&e.machine, &e.env)
	if err != nil {
		t.Fatalf("%s: %v", condition, err)
	}
	return ok
}

func TestPhraseLists(t *testing.T) {
	ls := lists(t, fewLists)
	for _, c := range []struct {
		condition, text string
		want            bool
	}{
		{`affirms(text, shut)`, "The portal is down", true},
		{`affirms(text, shut)`, "Our application form has not been reachable today", true}, // phrases of several words in a word's place
		{`affirms(text, shut)`, "The application is down", false},
		{`affirms(text, shut)`, "Le portail ne répond plus", true}, // a denial within is the phrase's own
		{`affirms(text, shut)`, "Le portail n'est plus inaccessible", false},
		{`has(text, shut)`, "Le portail n'est plus inaccessible", true},
		{`affirms(text, shut)`, "The portal is fine, the lift is down", false}, // no gap over a comma
		{`affirms(text, shut)`, "No one here can log in", true},
		{`affirms(text, "slow", shut)`, "The website is down", true},
		{`affirms(text, "{door}|server is slow")`, "the application form is slow", true},
		{`affirms(text, "{door}|server is slow")`, "the server is slow", true},
		{`affirms(text, "{door}|server is slow")`, "the office is slow", false},

		{`together(text, nobody, closed)`, "Since ten it has been down and nobody knows why", true}, // in any order
		{`together(text, nobody, closed)`, "It is down. Nobody knows why", false},
		{`together(text, nobody, closed)`, "It is not down, nobody complains", false},
		{`together(text, nobody, closed)`, "Down again\nNobody can work", false}, // a line of its own is a sentence
		{`together(text, nobody, closed)`, "down again\nnobody can work", true},
		{`together(text, nobody, closed, "portal")`, "The portal is down and nobody knows why", true},
		{`together(text, nobody, closed, "portal")`, "Nobody works, it is down. The portal too", false},
		{`together(text, nobody, closed)`, "", false},

		{`apart(text, shut, asked)`, "How can we see that the portal is down?", false},
		{`apart(text, shut, asked)`, "How can we help? The portal is down", true},
		{`apart(text, shut, asked, "planned")`, "The portal is down as planned", false},
		{`apart(text, shut)`, "The portal is down", true},
		{`apart(text, shut, asked)`, "", false},
	} {
		if got := ls.holds(t, c.condition, c.text); got != c.want {
			t.Errorf("%s of %q = %v, want %v", c.condition, c.text, got, c.want)
		}
	}
}

func TestPhraseListProblems(t *testing.T) {
	text := `name = "p"
[phrases]
a = [
  "x",
  "*",
  "{b} z",
]
b = ["{a}"]
c = ["{dor}"]
door = ["door"]
empty = []
kind = ["x"]
Big = ["x"]
count = ["x"]
[[exclude]]
tag = "t"
when = 'affirms(text, doors) or has(text, "{dor} x")'
`
	_, problems := LoadPolicy("p.toml", []byte(text), nil)
	got := problems.Error()
	for _, want := range []string{
		`p.toml:5: phrases.a[1]: the phrase "*" has no word in it; write at least one`,
		`p.toml:8: phrases.b[0]: {a} leads back to this list; write out what is meant`,
		`p.toml:9: phrases.c[0]: {dor} is no list under [phrases]; did you mean "door"?`,
		`p.toml:11: phrases.empty: has no phrase; write some, such as empty = ["portal", "website"]`,
		`p.toml:12: phrases.kind: "kind" means something else in conditions; choose another name`,
		`p.toml:13: phrases.Big: "Big" is no name for a list; write small letters, digits and _`,
		`p.toml:14: phrases.count: "count" means something else in conditions; choose another name`,
		`p.toml:17: exclude[0].when: affirms: doors is no list under [phrases]; did you mean "door"?`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no problem\n%s\namong\n%s", want, got)
		}
	}
	if _, err := ParsePhrase("{door} down"); err == nil || !strings.Contains(err.Error(), "{door} names a list of phrases and there is none; write it under [phrases]") {
		t.Errorf("a list where there is none: %v", err)
	}
}
