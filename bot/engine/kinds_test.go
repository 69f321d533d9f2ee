package engine

import (
	"testing"

	"vigie/bot/store"
)

// Every kind of action that the chat carries out is known to it, and every notice has
// a beginning for its key.
func TestKindsAreCarriedOut(t *testing.T) {
	for _, kind := range store.Kinds() {
		if _, ok := senders[kind.Kind]; ok != (kind.By == store.ByChat) {
			t.Errorf("%s is carried out by the %s; the chat knows how: %v", kind.Kind, kind.By, ok)
		}
		notice := kind.By == store.ByChat && kind.Concerns != store.OneTicket && kind.Concerns != store.OneList
		if (noticeKeys[kind.Kind] != "") != notice {
			t.Errorf("%s is a notice: %v; its key begins %q", kind.Kind, notice, noticeKeys[kind.Kind])
		}
	}
}
