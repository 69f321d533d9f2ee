package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"vigie/bot/store"
)

func testMessages(t *testing.T, open func(*testing.T) *store.Store) {
	s := open(t)
	warn := store.Action{Key: "warn/zendesk:42/update/1/50%", Kind: "warn", Source: "zendesk", ID: "42", Body: "update"}
	must(t, s.Insert(t.Context(), []store.Action{warn}, noon))
	warn = *got[*store.Action](t)(s.Action(t.Context(), warn.Key))
	card := store.Message{Source: "zendesk", ID: "42", Metric: "update", Channel: "C1", TS: "1.000001", Shown: "warning", Cycle: 1}
	must(t, s.Told(t.Context(), warn, card, after(1)))
	other := card
	other.Metric, other.TS = "resolution", "2.000002"
	must(t, s.Told(t.Context(), store.Action{Key: "nothing"}, other, after(1)))

	if diff := cmp.Diff(&card, got[*store.Message](t)(s.Message(t.Context(), "zendesk", "42", "update"))); diff != "" {
		t.Error("told against found:", diff)
	}
	if a := got[*store.Action](t)(s.Action(t.Context(), warn.Key)); a.State != store.Done || !a.Ended.Equal(after(1)) {
		t.Errorf("the action that told it is %s, ended %s", a.State, a.Ended)
	}
	card.Shown, card.Cycle = "missed", 2
	must(t, s.Told(t.Context(), warn, card, after(2)))
	if diff := cmp.Diff([]store.Message{other, card}, got[[]store.Message](t)(s.Messages(t.Context(), "zendesk", "42"))); diff != "" {
		t.Error("told against listed, by metric:", diff)
	}
	must(t, s.Forget(t.Context(), card))
	must(t, s.Forget(t.Context(), card)) // what isn't there can be forgotten
	if diff := cmp.Diff([]store.Message{other}, got[[]store.Message](t)(s.Messages(t.Context(), "zendesk", "42"))); diff != "" {
		t.Error("after one is forgotten:", diff)
	}

	// An edit that was called for while it was being made: the message is as
	// told, and the edit waits for its next turn.
	edit := store.Action{Key: "edit/zendesk:42/update", Kind: "edit", Source: "zendesk", ID: "42", Body: "update", Standing: true}
	must(t, s.Insert(t.Context(), []store.Action{edit}, noon))
	underWay := *got[*store.Action](t)(s.Action(t.Context(), edit.Key))
	must(t, s.Insert(t.Context(), []store.Action{edit}, after(3)))
	must(t, s.Told(t.Context(), underWay, card, after(4)))
	if a := got[*store.Action](t)(s.Action(t.Context(), edit.Key)); a.State != store.Pending {
		t.Errorf("the edit is %s", a.State)
	}
	if m := got[*store.Message](t)(s.Message(t.Context(), "zendesk", "42", "update")); m == nil || m.Shown != "missed" {
		t.Errorf("the message is %+v", m)
	}
}
