package store_test

import (
	"strings"
	"testing"
	"time"

	"vigie/bot/store"
)

// A deed is what becomes of an action after it was read.
type deed func(t *testing.T, s *store.Store, a store.Action)

func insert(a store.Action) deed {
	return func(t *testing.T, s *store.Store, _ store.Action) {
		must(t, s.Insert(t.Context(), []store.Action{a}, after(10)))
	}
}

func start(t *testing.T, s *store.Store, a store.Action) { must(t, s.Start(t.Context(), "#sla", a)) }

func end(state store.ActionState) deed {
	return func(t *testing.T, s *store.Store, a store.Action) {
		must(t, s.End(t.Context(), a, state, "why", after(5)))
	}
}

func again(ambiguous bool) deed {
	return func(t *testing.T, s *store.Store, a store.Action) {
		must(t, s.RetryAt(t.Context(), a, after(7), "timeout", ambiguous))
	}
}

func hold(t *testing.T, s *store.Store, a store.Action) {
	must(t, s.Hold(t.Context(), a, "#sla", after(60), "gathered"))
}

func underway(t *testing.T, s *store.Store, a store.Action) {
	a.Underway, a.NotBefore = &store.Underway{Job: "job"}, after(3)
	must(t, s.SaveUnderway(t.Context(), []store.Action{a}))
}

// worksOn checks what the vendor works on: a job, or "" for nothing.
func worksOn(job string) deed {
	return func(t *testing.T, s *store.Store, a store.Action) {
		now, err := s.Action(t.Context(), a.Key)
		must(t, err)
		if now.Underway == nil && job != "" || now.Underway != nil && now.Underway.Job != job {
			t.Errorf("the vendor works on %+v, want %q", now.Underway, job)
		}
	}
}

// testActions: how an action goes from state to state.
func testActions(t *testing.T, open func(*testing.T) *store.Store) {
	warn := store.Action{Key: "warn/zendesk:42/update/1/50%", Kind: "warn", Source: "zendesk", ID: "42", Topic: "update", Cycle: 1, Urgency: 1, NotBefore: noon}
	skip := warn
	skip.State, skip.Note = store.Skipped, "a later threshold had passed"
	write := store.Action{Key: "write/zendesk:42", Kind: "write", Source: "zendesk", ID: "42", Urgency: 2, NotBefore: noon}
	cases := map[string]struct {
		first    store.Action
		deeds    []deed // each is given the action as it was read after the first insertion
		state    store.ActionState
		attempts int
		minute   int // not before
	}{
		"inserted": {warn, nil, store.Pending, 0, 0},

		// What happens once ever.
		"once, again while pending":       {warn, []deed{insert(warn)}, store.Pending, 0, 0},
		"once, again while started":       {warn, []deed{start, insert(warn)}, store.Started, 0, 0},
		"once, again when done":           {warn, []deed{start, end(store.Done), insert(warn)}, store.Done, 0, 0},
		"once, again when dropped":        {warn, []deed{end(store.Dropped), insert(warn)}, store.Pending, 0, 0},
		"once, again when parked":         {warn, []deed{again(false), again(false), end(store.Parked), insert(warn)}, store.Pending, 0, 0},
		"once, again when skipped":        {skip, []deed{insert(warn)}, store.Skipped, 0, 0},
		"once, again while put off":       {warn, []deed{again(false), insert(warn)}, store.Pending, 1, 7},
		"once, skipped while pending":     {warn, []deed{insert(skip)}, store.Skipped, 0, 0},
		"once, skipped while started":     {warn, []deed{start, insert(skip)}, store.Started, 0, 0},
		"once, skipped when done":         {warn, []deed{start, end(store.Done), insert(skip)}, store.Done, 0, 0},
		"once, skipped when dropped":      {warn, []deed{end(store.Dropped), insert(skip)}, store.Skipped, 0, 0},
		"once, skipped when parked":       {warn, []deed{end(store.Parked), insert(skip)}, store.Skipped, 0, 0},
		"once, skipped, then a failure":   {warn, []deed{insert(skip), again(false)}, store.Skipped, 0, 0},
		"once, skipped, then started":     {warn, []deed{insert(skip), start}, store.Skipped, 0, 0},
		"once, done, then a late failure": {warn, []deed{start, end(store.Done), again(true)}, store.Done, 0, 0},

		// What is brought up to date.
		"standing, again while pending":              {write, []deed{insert(write)}, store.Pending, 0, 0},
		"standing, again when done":                  {write, []deed{start, end(store.Done), insert(write)}, store.Pending, 0, 0},
		"standing, again when parked":                {write, []deed{again(false), end(store.Parked), insert(write)}, store.Pending, 0, 0},
		"standing, again while put off":              {write, []deed{again(false), insert(write)}, store.Pending, 1, 7},
		"standing, again while carried out":          {write, []deed{start, insert(write), end(store.Done)}, store.Pending, 0, 0},
		"standing, again while it is being dropped":  {write, []deed{insert(write), end(store.Dropped)}, store.Pending, 0, 0},
		"standing, again while it fails":             {write, []deed{start, insert(write), again(false)}, store.Pending, 1, 7},
		"standing, again while it fails ambiguously": {write, []deed{start, insert(write), again(true)}, store.Started, 1, 7},

		// What the vendor works on.
		"under way":                   {write, []deed{start, underway, worksOn("job")}, store.Started, 0, 3},
		"under way, called for again": {write, []deed{start, underway, insert(write), worksOn("job")}, store.Pending, 0, 3},
		"under way, again, then done": {write, []deed{start, underway, insert(write), end(store.Done), worksOn("")}, store.Pending, 0, 3},
		"under way, then done":        {write, []deed{start, underway, end(store.Done), worksOn("")}, store.Done, 0, 3},
		"under way, then refused":     {write, []deed{start, underway, again(false), worksOn("")}, store.Pending, 1, 7},
		"under way, then done, again": {write, []deed{start, underway, end(store.Done), insert(write), worksOn("")}, store.Pending, 0, 0},
		"done, then said to be so":    {write, []deed{start, end(store.Done), underway, worksOn("")}, store.Done, 0, 0},

		// Failures and holds.
		"started":                     {warn, []deed{start}, store.Started, 0, 0},
		"failed":                      {warn, []deed{start, again(false)}, store.Pending, 1, 7},
		"failed, who knows":           {warn, []deed{start, again(true)}, store.Started, 1, 7},
		"held":                        {warn, []deed{hold}, store.Pending, 0, 60},
		"held, then called for again": {warn, []deed{hold, insert(warn)}, store.Pending, 0, 0},
		"held, then skipped":          {warn, []deed{hold, insert(skip)}, store.Skipped, 0, 0},
		"held, then done":             {warn, []deed{end(store.Done), hold}, store.Done, 0, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			must(t, s.Insert(t.Context(), []store.Action{c.first}, noon))
			a := *got[*store.Action](t)(s.Action(t.Context(), c.first.Key))
			for _, d := range c.deeds {
				d(t, s, a)
			}
			a = *got[*store.Action](t)(s.Action(t.Context(), c.first.Key))
			if a.State != c.state || a.Attempts != c.attempts || !a.NotBefore.Equal(after(c.minute)) {
				t.Errorf("%s after %d attempts, not before %s; want %s after %d, not before %s", a.State, a.Attempts, a.NotBefore, c.state, c.attempts, after(c.minute))
			}
			if !a.Created.Equal(noon) {
				t.Errorf("created at %s", a.Created)
			}
			if ended := a.State != store.Pending && a.State != store.Started; ended == a.Ended.IsZero() {
				t.Errorf("%s, ended %s", a.State, a.Ended)
			}
		})
	}
	t.Run("said together", func(t *testing.T) {
		s := open(t)
		must(t, s.Insert(t.Context(), []store.Action{warn}, noon))
		a := *got[*store.Action](t)(s.Action(t.Context(), warn.Key))
		hold(t, s, a)
		if held := got[[]store.Action](t)(s.Held(t.Context(), "#sla", after(59))); len(held) != 0 {
			t.Errorf("held until later: %q", ids(held, actionKey))
		}
		held := got[[]store.Action](t)(s.Held(t.Context(), "#sla", after(60)))
		if ids(held, actionKey) != warn.Key {
			t.Fatalf("held: %q", ids(held, actionKey))
		}
		if elsewhere := got[[]store.Action](t)(s.Held(t.Context(), "#night", after(60))); len(elsewhere) != 0 {
			t.Errorf("held for another channel: %q", ids(elsewhere, actionKey))
		}
		must(t, s.MergeIntoList(t.Context(), store.Action{Key: "opening/1", Kind: store.Opening, Channel: "#sla", NotBefore: after(60)}, held, after(60)))
		if list := got[[]store.Action](t)(s.PendingMessages(t.Context(), after(60), 9)); ids(list, actionKey) != "opening/1" {
			t.Errorf("waiting: %q", ids(list, actionKey))
		}
		if list := got[[]store.Action](t)(s.TicketActions(t.Context(), "zendesk", "42")); len(list) != 1 || list[0].State != store.Done || list[0].Note != "said in opening/1" {
			t.Errorf("what it says is %+v", list)
		}
	})
}

// testQueues: what is waiting, in which order.
func testQueues(t *testing.T, open func(*testing.T) *store.Store) {
	s := open(t)
	for minute, a := range []store.Action{
		{Key: "edit", Kind: "edit", Source: "zendesk", ID: "1", Urgency: 5},
		{Key: "warn old", Kind: "warn", Source: "zendesk", ID: "1", Urgency: 1},
		{Key: "warn new", Kind: "warn", Source: "jira", ID: "1", Urgency: 1},
		{Key: "breach", Kind: "breach", Source: "zendesk", ID: "1", Urgency: 0},
		{Key: "write 1", Kind: "write", Source: "zendesk", ID: "1", Urgency: 2},
		{Key: "write 2", Kind: "write", Source: "zendesk", ID: "2", Urgency: 2},
		{Key: "write jira", Kind: "write", Source: "jira", ID: "1", Urgency: 2},
		{Key: "later", Kind: "breach", Source: "zendesk", ID: "2", NotBefore: after(30)},
		{Key: "done", Kind: "breach", Source: "zendesk", ID: "2", State: store.Skipped},
	} {
		if a.NotBefore.IsZero() {
			a.NotBefore = noon
		}
		must(t, s.Insert(t.Context(), []store.Action{a}, after(minute)))
	}
	started := *got[*store.Action](t)(s.Action(t.Context(), "warn new"))
	start(t, s, started) // waits like the others: it may have to be looked for
	list := func(actions []store.Action, err error) string {
		t.Helper()
		must(t, err)
		return ids(actions, actionKey)
	}
	for _, c := range []struct{ what, got, want string }{
		{"messages", list(s.PendingMessages(t.Context(), after(10), 99)), "breach|warn old|warn new|edit"},
		{"the first message", list(s.PendingMessages(t.Context(), after(10), 1)), "breach"},
		{"messages later", list(s.PendingMessages(t.Context(), after(30), 2)), "breach|later"},
		{"writes", list(s.PendingWrites(t.Context(), "zendesk", time.Time{}, after(10), 99)), "write 1|write 2"},
		{"writes before their time", list(s.PendingWrites(t.Context(), "zendesk", time.Time{}, noon.Add(-time.Second), 99)), ""},
		{"a ticket's", list(s.TicketActions(t.Context(), "zendesk", "1")), "edit|warn old|breach|write 1"},
		{"troubles", list(s.Troubles(t.Context(), 9)), ""},
	} {
		if want := strings.ReplaceAll(c.want, "|", " "); c.got != want {
			t.Errorf("%s: got %q, want %q", c.what, c.got, want)
		}
	}
	parked := *got[*store.Action](t)(s.Action(t.Context(), "breach"))
	end(store.Parked)(t, s, parked)
	again(false)(t, s, *got[*store.Action](t)(s.Action(t.Context(), "write 1")))
	again(true)(t, s, started)
	if got, want := list(s.Troubles(t.Context(), 9)), "write 1 breach warn new"; got != want {
		t.Errorf("troubles, the newest first: got %q, want %q", got, want)
	}
	if got := list(s.Troubles(t.Context(), 1)); got != "write 1" {
		t.Errorf("the newest trouble: %q", got)
	}
	if at := got[time.Time](t)(s.NextWrite(t.Context(), "zendesk", time.Time{})); !at.Equal(noon) {
		t.Errorf("next write at %s", at) // write 2; write 1 is put off
	}
	if at := got[time.Time](t)(s.NextMessage(t.Context())); !at.Equal(noon) {
		t.Errorf("next message at %s", at)
	}

	// A ticket that is known to have changed is read before it is written.
	receive(t, s, "d1", "2")
	if got := list(s.PendingWrites(t.Context(), "zendesk", time.Time{}, after(6), 99)); got != "" {
		t.Errorf("writes into a ticket that changed: %q", got)
	}
	if at := got[time.Time](t)(s.NextWrite(t.Context(), "zendesk", time.Time{})); !at.Equal(after(7)) {
		t.Errorf("next write at %s, want %s", at, after(7))
	}
	read(t, s, "2", "v2")
	if got := list(s.PendingWrites(t.Context(), "zendesk", time.Time{}, after(6), 99)); got != "write 2" {
		t.Errorf("writes once it is read: %q", got)
	}
}
