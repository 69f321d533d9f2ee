package web

import (
	"testing"

	"vigie/bot/store"
)

// The board has words for every kind of action, in each language.
func TestKindsHaveWords(t *testing.T) {
	for _, kind := range store.Kinds() {
		for language, w := range map[string]*words{"English": &english, "French": &french} {
			if w.actionKinds[kind.Kind] == "" {
				t.Errorf("%s has no words for %s", language, kind.Kind)
			}
		}
	}
}
