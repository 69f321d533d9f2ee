package rules

import (
	"strings"
	"testing"

	"github.com/expr-lang/expr"
)

// searches is the smallest environment in which conditions search.
type searches struct {
	Text    string                                  `expr:"text"`
	Has     func(text string, phrases Phrases) bool `expr:"has"`
	Affirms func(text string, phrases Phrases) bool `expr:"affirms"`
}

func TestPhraseConstants(t *testing.T) {
	for _, c := range []struct{ condition, refused string }{
		{`has(text, "en panne", "down")`, ""},
		{`let a = affirms(text, "en panne"); a and not has(text, "down")`, ""},
		{`has(text, "en panne", "*")`, "has no word"},
		{`affirms(text, "portail …")`, "dots at an end"},
		{`has(text)`, "not enough arguments"},
		{`has(text, text)`, "string"},
		{`has(text, 3)`, "int"},
		{`has(txt, "down")`, "unknown name txt"},
		{`has(text, down)`, "unknown name down"},
		{`any(["down"], affirms(txt, "down"))`, "unknown name txt"},
	} {
		patch := &phraseConstants{}
		program, err := expr.Compile(c.condition, expr.Env(searches{}), expr.AsBool(), expr.Patch(patch))
		if patch.err != nil {
			err = patch.err
		}
		if c.refused != "" {
			if err == nil || !strings.Contains(err.Error(), c.refused) {
				t.Errorf("%s: error %v, want one with %q", c.condition, err, c.refused)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.condition, err)
			continue
		}
		text := Prepare("Le portail est en panne")
		got, err := expr.Run(program, searches{
			Has:     func(_ string, p Phrases) bool { return p.In(text) },
			Affirms: func(_ string, p Phrases) bool { return p.AffirmedIn(text) },
		})
		if err != nil || got != true {
			t.Errorf("%s = %v, %v, want true", c.condition, got, err)
		}
	}
}
