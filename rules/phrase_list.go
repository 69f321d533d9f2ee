package rules

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/expr-lang/expr/builtin"
)

// A PhraseList is a list of phrases with a name, written once under [phrases]
// of a policy file: {door} in another phrase stands for any of them, and door in
// has, affirms and together for all of them.
type PhraseList struct {
	name    string
	phrases Phrases
	begun   bool // to be read
	whole   bool // has been
}

// PhraseLists are the lists of one file, by name.
type PhraseLists map[string]*PhraseList

var listForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// named is the list of that name.
func (lists PhraseLists) named(name string) (*PhraseList, error) {
	if list := lists[name]; list != nil {
		return list, nil
	}
	if len(lists) == 0 {
		return nil, fmt.Errorf("{%s} names a list of phrases and there is none; write it under [phrases]", name)
	}
	return nil, fmt.Errorf("{%s} is no list under [phrases]; %s", name, OneOf(slices.Sorted(maps.Keys(lists)), name))
}

// phraseLists reads the table [phrases]. It comes before every condition.
func (l *policyLoader) phraseLists(root *Table) {
	t := root.Table("phrases")
	l.lists = PhraseLists{}
	for _, name := range t.Keys() {
		switch {
		case !listForm.MatchString(name):
			t.Add(name, "%q is no name for a list; write small letters, digits and _", short(name))
		case reserved(name):
			t.Add(name, "%q means something else in conditions; choose another name", name)
		}
		l.lists[name] = &PhraseList{name: name}
	}
	for _, name := range t.Keys() {
		if list := l.lists[name]; !list.begun {
			l.phraseList(t, list)
		}
	}
}

// phraseList reads one list, after those that it names.
func (l *policyLoader) phraseList(t *Table, list *PhraseList) {
	list.begun = true
	texts := t.Strings(list.name)
	if len(texts) == 0 {
		t.Add(list.name, `has no phrase; write some, such as %s = ["portal", "website"]`, list.name)
	}
	for i, s := range texts {
		key := fmt.Sprintf("%s[%d]", list.name, i)
		p, err := l.lists.parse(s)
		if err != nil {
			t.Add(key, "%v", err)
			continue
		}
		for _, w := range p.words {
			for _, other := range w.lists {
				switch {
				case !other.begun:
					l.phraseList(t, other)
				case !other.whole:
					t.Add(key, "{%s} leads back to this list; write out what is meant", other.name)
					p = Phrase{} // which is nowhere
				}
			}
		}
		list.phrases = append(list.phrases, p)
	}
	list.whole = true
}

// reserved says whether conditions already know a name.
func reserved(name string) bool {
	if slices.Contains(builtin.Names, name) {
		return true
	}
	switch name {
	case "let", "not", "and", "or", "in", "if", "else", "true", "false", "nil", "matches", "contains":
		return true
	}
	return slices.Contains(envNames, name)
}

// places are where the phrases of a list stand in a text, by their first words.
type places [][]int

// from are those that begin at word i.
func (ps places) from(i int) places {
	byFirst := func(at []int, i int) int { return cmp.Compare(at[0], i) }
	a, _ := slices.BinarySearchFunc(ps, i, byFirst)
	b := a
	for b < len(ps) && ps[b][0] == i {
		b++
	}
	return ps[a:b]
}

// placesOf finds a list in the text, once.
func (t *Text) placesOf(list *PhraseList) places {
	if found, ok := t.found[list]; ok {
		return found
	}
	var found places
	list.phrases.places(t, false, func(at []int) bool {
		t.room = append(t.room, at...)
		n := len(t.room)
		found = append(found, t.room[n-len(at):n:n])
		return true
	})
	slices.SortFunc(found, slices.Compare)
	if t.found == nil {
		t.found = map[*PhraseList]places{}
	}
	t.found[list] = found
	return found
}
