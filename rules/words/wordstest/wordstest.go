// Package wordstest invents a language, so that tests find what people are shown that
// no catalogue says: in a page of it, each word of the catalogue stands in brackets,
// and what stands outside of them comes from a ticket, a policy or the code.
package wordstest

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"vigie/rules/words"
)

// Tag is the invented language's: Esperanto's, which the matching of languages knows.
const Tag = "eo"

// Invent takes in the language, which English is the model of, until Forget.
func Invent() error {
	var texts map[string]any
	if err := toml.Unmarshal(words.Catalogue(words.Fallback), &texts); err != nil {
		return err
	}
	catalogue, err := toml.Marshal(bracketed(texts))
	if err == nil {
		_, err = words.Read(Tag+".toml", catalogue)
	}
	return err
}

// word is a place, which stays as it is, or a word.
var word = regexp.MustCompile(`\{[^{}]*\}|[^\s{}]*\pL[^\s{}]*`)

func bracketed(text any) any {
	switch text := text.(type) {
	case map[string]any:
		for key, inner := range text {
			text[key] = bracketed(inner)
		}
		return text
	case string:
		return word.ReplaceAllStringFunc(text, func(w string) string {
			if strings.HasPrefix(w, "{") {
				return w
			}
			return "⟦" + w + "⟧"
		})
	}
	return fmt.Sprint(text)
}

var said = regexp.MustCompile(`⟦[^⟦⟧]*⟧`)

// Foreign is the words of a text that no catalogue says and that aren't among those
// that are known to be data. A word has two letters at least.
func Foreign(text string, known ...string) []string {
	text = said.ReplaceAllString(text, " ")
	for _, k := range known {
		text = strings.ReplaceAll(text, k, " ")
	}
	return letters.FindAllString(text, -1)
}

var letters = regexp.MustCompile(`\pL[\pL'’]+`)

// Forget takes the language out again.
func Forget() { words.Forget(Tag) }
