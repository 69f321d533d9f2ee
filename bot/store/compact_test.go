package store_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/rules"
)

// live has a ticket go through all that leaves something in the state: it is heard
// of, read, judged, told of, and has an issue. It is solved unless it is open.
func live(t *testing.T, s *store.Store, id string, open bool, at time.Time) {
	t.Helper()
	ctx := t.Context()
	must(t, s.Polled(ctx, "zendesk", page("c", id, "v1"), false, at))
	must(t, s.Keep(ctx, "zendesk", []desk.Act{{Ticket: id, ID: "a" + id, At: at, Body: "{}"}}, nil))
	row := ticket(t, s, id)
	row.Version, row.Handled, row.Open, row.First = "v1", row.Marks, open, false
	row.Ticket = &rules.Ticket{Source: "zendesk", ID: id, Subject: "Portal down", CreatedAt: at}
	row.Verdict = verdict("running", 1)
	warn := store.Action{Key: "warn/zendesk:" + id + "/update/1/50%", Kind: "warn", Source: "zendesk", ID: id, Topic: "update", NotBefore: at}
	must(t, s.Save(ctx, row, []store.Action{warn}, at))
	must(t, s.RecordSent(ctx, *got[*store.Action](t)(s.Action(ctx, warn.Key)),
		[]store.Message{{Source: "zendesk", ID: id, Metric: "update", Route: "#sla", Language: "en", Channel: "C1", TS: "1." + id, Shown: "warning", Cycle: 1}}, at))
	say := store.Action{Key: "opening/" + id, Kind: store.Opening, NotBefore: at}
	must(t, s.StartList(ctx, "#sla", say, store.PostedList{Head: "1 ticket", Language: "en", Lines: []rules.Alert{{Source: "zendesk", ID: id}}}))
	must(t, s.KeepIssue(ctx, store.Issue{Issue: rules.Issue{Source: "jira", ID: "i" + id}}, nil, at))
	must(t, s.KeepLink(ctx, store.Link{Source: "zendesk", ID: id, Tracker: "jira", Issue: "i" + id}))
	must(t, s.Accounts("zendesk").RememberStaff(ctx, []string{"900007"}))
	must(t, s.AddObstacle(ctx, store.Obstacle{Source: "zendesk", What: "/write", Since: at}))
}

// left is what there still is of a ticket; "" is nothing.
func left(t *testing.T, s *store.Store, id string) string {
	t.Helper()
	ctx := t.Context()
	var parts []string
	has := func(what string, is bool) {
		if is {
			parts = append(parts, what)
		}
	}
	has("ticket", got[*store.Row](t)(s.Ticket(ctx, "zendesk", id)) != nil)
	has("acts", len(got[map[string]store.Known](t)(s.Known(ctx, "zendesk", []string{id}))[id].Acts) > 0)
	has("verdicts", len(got[[]store.Logged](t)(s.Verdicts(ctx, "zendesk", id))) > 0)
	has("action", got[*store.Action](t)(s.Action(ctx, "warn/zendesk:"+id+"/update/1/50%")) != nil)
	has("message", len(got[[]store.Message](t)(s.Messages(ctx, "zendesk", id))) > 0)
	has("line", len(got[[]store.Line](t)(s.Lines(ctx, "zendesk", id))) > 0 && got[*store.PostedList](t)(s.PostedList(ctx, "opening/"+id)) != nil)
	link, _, err := s.Linked(ctx, "zendesk", id)
	must(t, err)
	has("link", link != nil)
	has("issue", got[*store.Issue](t)(s.Issue(ctx, "jira", "i"+id)) != nil)
	return strings.Join(parts, " ")
}

const all = "ticket acts verdicts action message line link issue"

// testCompact: what is old goes with all that belongs to it, unless an open ticket
// or anybody's work needs it.
func testCompact(t *testing.T, open func(*testing.T) *store.Store) {
	year := noon.AddDate(1, 0, 0) // the instant of compacting; before it, half a year counts as old
	old, before := noon, noon.AddDate(0, 6, 0)
	recent := before.Add(time.Hour)
	cases := map[string]struct {
		open bool
		then func(t *testing.T, s *store.Store, id string) // after its life
		want string
	}{
		"solved":      {want: ""},
		"open":        {open: true, want: all},
		"heard of":    {then: func(t *testing.T, s *store.Store, id string) { live(t, s, id, false, recent) }, want: all},
		"to be read":  {then: func(t *testing.T, s *store.Store, id string) { receive(t, s, "d"+id, id) }, want: all},
		"to be told":  {then: func(t *testing.T, s *store.Store, id string) { edited(t, s, id, store.Pending, old) }, want: all},
		"being told":  {then: func(t *testing.T, s *store.Store, id string) { edited(t, s, id, store.Started, old) }, want: all},
		"told since":  {then: func(t *testing.T, s *store.Store, id string) { edited(t, s, id, store.Done, recent) }, want: all},
		"told before": {then: func(t *testing.T, s *store.Store, id string) { edited(t, s, id, store.Done, old) }, want: ""},
		"refused":     {then: func(t *testing.T, s *store.Store, id string) { edited(t, s, id, store.Parked, old) }, want: ""},
		"judged otherwise since": {then: func(t *testing.T, s *store.Store, id string) {
			row := ticket(t, s, id)
			row.Verdict = verdict("met", 1)
			must(t, s.Save(t.Context(), row, nil, recent))
		}, want: all},
		"parked": {then: func(t *testing.T, s *store.Store, id string) {
			row := ticket(t, s, id)
			row.Problem = "audits: page 3 holds no JSON"
			must(t, s.Save(t.Context(), row, nil, old))
		}, want: all},
		"its issue is an open ticket's, too": {then: func(t *testing.T, s *store.Store, id string) {
			live(t, s, "99", true, old)
			must(t, s.KeepLink(t.Context(), store.Link{Source: "zendesk", ID: "99", Tracker: "jira", Issue: "i" + id}))
		}, want: "issue"},
	}
	s, names, gone := open(t), slices.Sorted(maps.Keys(cases)), 0
	for i, name := range names {
		c, id := cases[name], fmt.Sprint(i)
		live(t, s, id, c.open, old)
		if got := left(t, s, id); got != all {
			t.Fatalf("%s: it left %q in the state", name, got)
		}
		if c.then != nil {
			c.then(t, s, id)
		}
		if !strings.Contains(c.want, "ticket") {
			gone++
		}
	}
	if n, more, err := s.Compact(t.Context(), before); err != nil || more || n != gone {
		t.Errorf("%d tickets went, want %d; more: %v, %v", n, gone, more, err)
	}
	for i, name := range names {
		if got := left(t, s, fmt.Sprint(i)); got != cases[name].want {
			t.Errorf("%s: %q is left, want %q", name, got, cases[name].want)
		}
	}
	back := fmt.Sprint(slices.Index(names, "solved"))
	live(t, s, back, true, year)
	if got := left(t, s, back); got != all {
		t.Errorf("it comes back with %q", got)
	}
	t.Run("deliveries and notices", func(t *testing.T) {
		for id, at := range map[string]time.Time{"old": old, "recent": recent} {
			_, err := s.Receive(t.Context(), "zendesk", desk.Delivery{ID: id, Tickets: []string{"1"}}, at)
			must(t, err)
			must(t, s.Insert(t.Context(), []store.Action{
				{Key: "digest/" + id, Kind: store.Digest, State: store.Done}, {Key: "summary/" + id, Kind: store.Summary, State: store.Done}}, at))
		}
		_, _, err := s.Compact(t.Context(), before)
		must(t, err)
		for id, want := range map[string]bool{"old": true, "recent": false} {
			if fresh := got[bool](t)(s.Receive(t.Context(), "zendesk", desk.Delivery{ID: id, Tickets: []string{"1"}}, year)); fresh != want {
				t.Errorf("the %s delivery comes again, and is fresh: %v", id, fresh)
			}
			if gone := got[*store.Action](t)(s.Action(t.Context(), "digest/"+id)) == nil; gone != want {
				t.Errorf("the %s digest is gone: %v", id, gone)
			}
			if got[*store.Action](t)(s.Action(t.Context(), "summary/"+id)) == nil {
				t.Errorf("the %s summary is gone: the next start would be a first one", id)
			}
		}
	})
	t.Run("many", func(t *testing.T) {
		var list []store.Judged
		for n := range 450 {
			list = append(list, store.Judged{Row: store.Row{Source: "zendesk", ID: fmt.Sprint("n", n), Version: "v1", Open: n%9 == 0}})
		}
		must(t, s.SaveAll(t.Context(), list, old))
		gone, calls := 0, 0
		for more := true; more; calls++ {
			n, goesOn, err := s.Compact(t.Context(), before)
			must(t, err)
			gone, more = gone+n, goesOn
		}
		if gone != 400 || calls < 2 {
			t.Errorf("%d went in %d calls", gone, calls)
		}
		for n := range 450 {
			if there := got[*store.Row](t)(s.Ticket(t.Context(), "zendesk", fmt.Sprint("n", n))) != nil; there != (n%9 == 0) {
				t.Errorf("ticket %d is there: %v", n, there)
			}
		}
	})
}

// edited adds an edit of a message about a ticket, which stands so.
func edited(t *testing.T, s *store.Store, id string, state store.ActionState, at time.Time) {
	t.Helper()
	must(t, s.Insert(t.Context(), []store.Action{{Key: "edit/" + id, Kind: "edit", Source: "zendesk", ID: id, State: state, NotBefore: at}}, at))
}
