// Package words is everything Vigie says to people, in their language: pages,
// Slack messages, what commands print, explanations, letters to customers.
//
// A language is one catalogue beside this file (fr.toml, en.toml): an entry for
// each text, under a name of its own. Code names the entry and hands over the
// values; it never holds a text, and never asks which language it speaks. So a
// further language is a further file, and nothing else.
//
//	[board]
//	more = "Not shown: {n}. Narrow the search to see them."
//	[board.tickets]
//	one   = "{n} ticket"
//	other = "{n} tickets"
//
// Values stand in braces. A text that depends on a count has the plural forms of
// its language (https://cldr.unicode.org/index/cldr-spec/plural-rules), chosen by
// the value that is called n; a sentence with two counts is put together of texts
// with one each. The catalogues are read by go-i18n, which knows the forms.
//
// names.go, span.go and time.go say single things: a metric, a length of time, an
// instant. explanation.go, drift.go and letter.go put them together to whole texts
// about what package rules has judged, which itself says nothing to people.
//
// The words of a policy (titles, rubrics, notes) aren't here: they belong to
// whoever wrote the policy, and stand in its file.
package words

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"
)

//go:embed *.toml
var files embed.FS

// Fallback is the language of whoever asks for none that there is, and of a text
// that a catalogue lacks.
const Fallback = "en"

// A Language says texts in one language. It may be used by many at once.
type Language struct {
	Tag       string // "fr"
	localizer *i18n.Localizer
	ids       []string
	plain     map[string]braced   // the texts of one form, which is most: a page says thousands
	lists     map[string][]string // those of them that list words, one for each day or month
}

var spoken = struct {
	sync.RWMutex
	languages []*Language // by tag
}{}

func init() {
	names, err := fs.Glob(files, "*.toml")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err == nil {
			_, err = Read(name, text)
		}
		if err != nil {
			panic(fmt.Errorf("rules/words/%s: %w", name, err))
		}
	}
}

// Read takes in a catalogue whose file name is a language's tag ("de.toml"), in
// the place of one of that language that was there.
func Read(name string, catalogue []byte) (*Language, error) {
	tag, err := language.Parse(strings.TrimSuffix(name, ".toml"))
	if err != nil {
		return nil, fmt.Errorf("%s is not named after a language: %w", name, err)
	}
	bundle := i18n.NewBundle(tag)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	file, err := bundle.ParseMessageFileBytes(catalogue, tag.String()+".toml")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	l := &Language{Tag: tag.String(), localizer: i18n.NewLocalizer(bundle, tag.String()), plain: map[string]braced{}, lists: map[string][]string{}}
	for _, m := range file.Messages {
		l.ids = append(l.ids, m.ID)
		if m.Zero+m.One+m.Two+m.Few+m.Many == "" {
			l.plain[m.ID] = braced(m.Other)
		}
	}
	slices.Sort(l.ids)
	for _, id := range []string{"time.weekdays", "time.wds", "time.months", "time.mons"} {
		l.lists[id] = strings.Fields(string(l.plain[id]))
	}

	spoken.Lock()
	defer spoken.Unlock()
	kept := slices.DeleteFunc(slices.Clone(spoken.languages), func(x *Language) bool { return x.Tag == l.Tag })
	spoken.languages = append(kept, l)
	slices.SortFunc(spoken.languages, func(a, b *Language) int { return cmp.Compare(a.Tag, b.Tag) })
	return l, nil
}

// Catalogue is the text of a catalogue that comes with the program; nil if there is none.
func Catalogue(tag string) []byte {
	text, _ := files.ReadFile(tag + ".toml")
	return text
}

// Forget takes a language out again that Read took in.
func Forget(tag string) {
	spoken.Lock()
	defer spoken.Unlock()
	spoken.languages = slices.DeleteFunc(slices.Clone(spoken.languages), func(x *Language) bool { return x.Tag == tag })
}

// All is every language there is, by tag.
func All() []*Language {
	spoken.RLock()
	defer spoken.RUnlock()
	return spoken.languages
}

// In is the language of a tag, whatever its region or case ("fr", "FR-ca"), or
// Fallback where there is none.
func In(tag string) *Language {
	if l := exactly(tag); l != nil {
		return l
	}
	return exactly(Fallback)
}

// Spoken says whether there is a catalogue for a tag.
func Spoken(tag string) bool { return exactly(tag) != nil }

func exactly(tag string) *Language {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	for _, l := range All() {
		if l.Tag == base {
			return l
		}
	}
	return nil
}

// IDs is the names of all its texts, sorted.
func (l *Language) IDs() []string { return l.ids }

// Has says whether there is a text of that name.
func (l *Language) Has(id string) bool {
	_, found := slices.BinarySearch(l.ids, id)
	return found
}

// Say is the text of that name, with values in the places that are named after
// them: Say("board.waits", "n", 3, "team", team). Values are never looked into for
// places of their own. What a catalogue lacks is said in Fallback, and what that
// lacks, too, by its name: a test finds both before people do.
func (l *Language) Say(id string, values ...any) string {
	if text, ok := l.plain[id]; ok {
		return text.filled(values)
	}
	c := i18n.LocalizeConfig{MessageID: id, TemplateData: values, TemplateParser: inBraces{}}
	for i := 0; i+1 < len(values); i += 2 {
		if values[i] == "n" {
			c.PluralCount = values[i+1]
		}
	}
	text, err := l.localizer.Localize(&c)
	switch {
	case text != "":
		return text // perhaps with an error: French has a form for millions that few texts need
	case err != nil && l.Tag != Fallback:
		return In(Fallback).Say(id, values...)
	case err != nil:
		return id
	}
	return text
}

// inBraces puts values in the place of their {names}. Go's templates would be a
// language of their own to translators, and would take what a value says for a
// part of the text.
type inBraces struct{}

func (inBraces) Cacheable() bool { return true }

func (inBraces) Parse(text, _, _ string) (template.ParsedTemplate, error) { return braced(text), nil }

type braced string

func (text braced) Execute(values any) (string, error) {
	pairs, _ := values.([]any)
	return text.filled(pairs), nil
}

func (text braced) filled(pairs []any) string {
	left := string(text)
	var b strings.Builder
	for len(pairs) > 1 {
		before, after, opens := strings.Cut(left, "{")
		name, rest, closes := strings.Cut(after, "}")
		if !opens || !closes {
			break
		}
		b.WriteString(before)
		if value, given := valueOf(name, pairs); given {
			b.WriteString(value)
		} else {
			b.WriteString("{" + name + "}")
		}
		left = rest
	}
	if b.Len() == 0 {
		return left
	}
	b.WriteString(left)
	return b.String()
}

func valueOf(name string, pairs []any) (text string, given bool) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] != name {
			continue
		}
		if text, ok := pairs[i+1].(string); ok {
			return text, true
		}
		return fmt.Sprint(pairs[i+1]), true
	}
	return "", false
}
