package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"vigie/bot/store"
)

func testMessages(t *testing.T, open func(*testing.T) *store.Store) {
	s := open(t)
	warn := store.Action{Key: "warn/zendesk:42/update/1/50%", Kind: "warn", Source: "zendesk", ID: "42", Topic: "update"}
	must(t, s.Insert(t.Context(), []store.Action{warn}, noon))
	warn = *got[*store.Action](t)(s.Action(t.Context(), warn.Key))
	card := store.Message{Source: "zendesk", ID: "42", Metric: "update", Route: "#sla", Language: "fr", Channel: "C1", TS: "1.000001", Shown: "warning", Cycle: 1}
	must(t, s.RecordSent(t.Context(), warn, []store.Message{card}, after(1)))
	other := card
	other.Metric, other.TS = "resolution", "2.000002"
	night := card
	night.Route, night.Channel, night.Language = "#night", "C2", "en"
	must(t, s.RecordSent(t.Context(), store.Action{Key: "nothing"}, []store.Message{other, night}, after(1)))

	if a := got[*store.Action](t)(s.Action(t.Context(), warn.Key)); a.State != store.Done || !a.Ended.Equal(after(1)) {
		t.Errorf("the action that told it is %s, ended %s", a.State, a.Ended)
	}
	card.Shown, card.Cycle = "missed", 2
	must(t, s.RecordSent(t.Context(), warn, []store.Message{card}, after(2)))
	if diff := cmp.Diff([]store.Message{other, night, card}, got[[]store.Message](t)(s.Messages(t.Context(), "zendesk", "42"))); diff != "" {
		t.Error("told against listed, by metric and channel:", diff)
	}
	must(t, s.Forget(t.Context(), card))
	must(t, s.Forget(t.Context(), card)) // what isn't there can be forgotten
	if diff := cmp.Diff([]store.Message{other, night}, got[[]store.Message](t)(s.Messages(t.Context(), "zendesk", "42"))); diff != "" {
		t.Error("after one is forgotten:", diff)
	}

	// An edit that was called for while it was being made: the message is as
	// told, and the edit waits for its next turn.
	edit := store.Action{Key: "edit/zendesk:42/update", Kind: "edit", Source: "zendesk", ID: "42", Topic: "update"}
	must(t, s.Insert(t.Context(), []store.Action{edit}, noon))
	underWay := *got[*store.Action](t)(s.Action(t.Context(), edit.Key))
	must(t, s.Insert(t.Context(), []store.Action{edit}, after(3)))
	must(t, s.RecordSent(t.Context(), underWay, []store.Message{card}, after(4)))
	if a := got[*store.Action](t)(s.Action(t.Context(), edit.Key)); a.State != store.Pending {
		t.Errorf("the edit is %s", a.State)
	}
	if diff := cmp.Diff([]store.Message{other, night, card}, got[[]store.Message](t)(s.Messages(t.Context(), "zendesk", "42"))); diff != "" {
		t.Error("told again against listed:", diff)
	}
}
