package web

import (
	"testing"

	"vigie/bot/store"
	"vigie/rules/words"
)

// The board has words for every kind of action, in each language.
func TestKindsHaveWords(t *testing.T) {
	for _, kind := range store.Kinds() {
		for _, l := range words.All() {
			if !l.Has("action." + string(kind.Kind)) {
				t.Errorf("%s has no words for %s", l.Tag, kind.Kind)
			}
		}
	}
}
