package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/bot/store"
	"vigie/rules"
)

// testPosted: what a list says is known from before it is posted until it is gone.
func testPosted(t *testing.T, open func(*testing.T) *store.Store) {
	s := open(t)
	ctx := t.Context()
	say := store.Action{Key: "opening/breach/zendesk:1/update/1", Kind: store.Opening, NotBefore: noon}
	must(t, s.Insert(ctx, []store.Action{say}, noon))
	say = *got[*store.Action](t)(s.Action(ctx, say.Key))
	first := rules.Alert{Source: "zendesk", ID: "1", Kind: rules.Breached, Metric: rules.Update, Cycle: 1, Subject: "Slow", Due: noon}
	second := rules.Alert{Source: "jira", ID: "SUP-2", Kind: rules.Triage, Due: noon.Add(time.Hour)}
	compare := func(want *store.PostedList) {
		t.Helper()
		if diff := cmp.Diff(want, got[*store.PostedList](t)(s.PostedList(ctx, say.Key))); diff != "" {
			t.Error("kept against wanted:", diff)
		}
	}
	compare(nil)

	// A try whose answer was lost, and another, which says less.
	must(t, s.StartList(ctx, "#sla", say, store.PostedList{Head: "3 tickets", Language: "en", Lines: []rules.Alert{second, first, first}}))
	must(t, s.StartList(ctx, "#sla", say, store.PostedList{Head: "2 tickets", Language: "fr", Lines: []rules.Alert{first, second}}))
	compare(&store.PostedList{Key: say.Key, Head: "2 tickets", Language: "fr", Lines: []rules.Alert{first, second}})
	if a := got[*store.Action](t)(s.Action(ctx, say.Key)); a.State != store.Started || a.Channel != "#sla" {
		t.Errorf("the action is %s in %q", a.State, a.Channel)
	}
	edit := store.Action{Key: "edit/" + say.Key, Kind: store.Amend, List: say.Key, NotBefore: after(1)}
	must(t, s.Posted(ctx, say, "#sla", "C1", "1.000001", []store.Action{edit}, after(1)))
	compare(&store.PostedList{Key: say.Key, Head: "2 tickets", Language: "fr", Channel: "C1", TS: "1.000001", Lines: []rules.Alert{first, second}})
	if a := got[*store.Action](t)(s.Action(ctx, say.Key)); a.State != store.Done {
		t.Errorf("the action is %s", a.State)
	}
	if next := got[[]store.Action](t)(s.PendingMessages(ctx, after(1), 9)); ids(next, actionKey) != edit.Key {
		t.Errorf("next is %q", ids(next, actionKey))
	}
	if diff := cmp.Diff([]store.Line{{List: say.Key, Said: first}}, got[[]store.Line](t)(s.Lines(ctx, "zendesk", "1"))); diff != "" {
		t.Error("a ticket's lines:", diff)
	}

	edit = *got[*store.Action](t)(s.Action(ctx, edit.Key))
	met := first
	met.Kind = rules.MetLate
	must(t, s.Amended(ctx, edit, store.PostedList{Key: say.Key, Lines: []rules.Alert{met, second}}, after(2)))
	compare(&store.PostedList{Key: say.Key, Head: "2 tickets", Language: "fr", Channel: "C1", TS: "1.000001", Lines: []rules.Alert{met, second}})
	if a := got[*store.Action](t)(s.Action(ctx, edit.Key)); a.State != store.Done {
		t.Errorf("the edit is %s", a.State)
	}
	must(t, s.ForgetList(ctx, say.Key))
	must(t, s.ForgetList(ctx, say.Key))
	compare(nil)
	if lines := got[[]store.Line](t)(s.Lines(ctx, "zendesk", "1")); len(lines) > 0 {
		t.Errorf("of the list that is forgotten there is %+v", lines)
	}

	// A notice that names nobody has nothing to be kept true.
	digest := store.Action{Key: "digest/1", Kind: store.Digest, NotBefore: noon}
	must(t, s.Insert(ctx, []store.Action{digest}, noon))
	digest = *got[*store.Action](t)(s.Action(ctx, digest.Key))
	must(t, s.StartList(ctx, "#sla", digest, store.PostedList{Head: "0 tickets"}))
	must(t, s.Posted(ctx, digest, "#sla", "C1", "2.000002", []store.Action{{Key: "edit/digest/1", Kind: store.Amend, NotBefore: noon}}, after(1)))
	if l, a := got[*store.PostedList](t)(s.PostedList(ctx, digest.Key)), got[*store.Action](t)(s.Action(ctx, "edit/digest/1")); l != nil || a != nil {
		t.Errorf("it is kept: %+v, %+v", l, a)
	}
}
