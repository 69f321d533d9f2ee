package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/rules"
)

// testTickets: which tickets are to be read.
func testTickets(t *testing.T, open func(*testing.T) *store.Store) {
	cases := map[string]struct {
		story func(t *testing.T, s *store.Store)
		want  string // the tickets to be read, the longest waiting first
	}{
		"a webhook": {func(t *testing.T, s *store.Store) {
			receive(t, s, "d1", "42", "7")
		}, "42 7"},
		"a webhook about nothing": {func(t *testing.T, s *store.Store) {
			receive(t, s, "d1")
		}, ""},
		"read": {func(t *testing.T, s *store.Store) {
			receive(t, s, "d1", "42")
			read(t, s, "42", "v1")
		}, ""},
		"a mark that comes while it is being read stays": {func(t *testing.T, s *store.Store) {
			receive(t, s, "d1", "42")
			row := ticket(t, s, "42")
			receive(t, s, "d2", "42")
			row.Handled, row.Ticket = row.Marks, &rules.Ticket{ID: "42"}
			must(t, s.Save(t.Context(), row, nil, noon))
		}, "42"},
		"a webhook about a ticket that is known": {func(t *testing.T, s *store.Store) {
			receive(t, s, "d1", "42")
			read(t, s, "42", "v1")
			receive(t, s, "d2", "42")
		}, "42"},
		"polled at the version that is known": {func(t *testing.T, s *store.Store) {
			read(t, s, "42", "v1")
			must(t, s.Polled(t.Context(), "zendesk", page("c", "42", "v1"), false, noon))
		}, ""},
		"polled at another version": {func(t *testing.T, s *store.Store) {
			read(t, s, "42", "v1")
			must(t, s.Polled(t.Context(), "zendesk", page("c", "42", "v2"), false, noon))
		}, "42"},
		"polled without a version": {func(t *testing.T, s *store.Store) {
			read(t, s, "42", "v1")
			must(t, s.Polled(t.Context(), "zendesk", page("c", "42", ""), false, noon))
		}, "42"},
		"polled at a version, read without one": {func(t *testing.T, s *store.Store) {
			read(t, s, "42", "")
			must(t, s.Polled(t.Context(), "zendesk", page("c", "42", "v1"), false, noon))
		}, "42"},
		"polled when known at that version, but changed since": {func(t *testing.T, s *store.Store) {
			read(t, s, "42", "v1")
			receive(t, s, "d1", "42")
			must(t, s.Polled(t.Context(), "zendesk", page("c", "42", "v1"), false, noon))
		}, "42"},
		"listed as unsolved, and known to be": {func(t *testing.T, s *store.Store) {
			read(t, s, "42", "v1")
			must(t, s.Polled(t.Context(), "zendesk", page("c", "42", desk.AnyVersion), false, noon))
		}, ""},
		"listed as unsolved, but known as solved": {func(t *testing.T, s *store.Store) {
			read(t, s, "42", "v1")
			row := ticket(t, s, "42")
			row.Open = false
			must(t, s.Save(t.Context(), row, nil, noon))
			must(t, s.Polled(t.Context(), "zendesk", page("c", "42", desk.AnyVersion), false, noon))
		}, "42"},
		"listed as unsolved, and not known": {func(t *testing.T, s *store.Store) {
			must(t, s.Polled(t.Context(), "zendesk", page("c", "42", desk.AnyVersion), false, noon))
		}, "42"},
		"another source's": {func(t *testing.T, s *store.Store) {
			must(t, s.Polled(t.Context(), "jira", page("c", "SUP-1", "v1"), false, noon))
		}, ""},
		"the longest waiting first": {func(t *testing.T, s *store.Store) {
			must(t, s.Polled(t.Context(), "zendesk", page("c", "2", ""), false, after(2)))
			must(t, s.Polled(t.Context(), "zendesk", page("c", "3", ""), false, after(1)))
			must(t, s.Polled(t.Context(), "zendesk", page("c", "1", ""), false, after(2)))
		}, "3 1 2"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			c.story(t, s)
			if got := changed(t, s); got != c.want {
				t.Errorf("to be read: %q, want %q", got, c.want)
			}
		})
	}
	t.Run("what another has overtaken is refused", func(t *testing.T) {
		s := open(t)
		row := store.Row{Source: "zendesk", ID: "42", Problem: "first"}
		must(t, s.Save(t.Context(), row, nil, noon))
		other := store.Judged{Row: store.Row{Source: "zendesk", ID: "41"}}
		late := store.Judged{Row: row, Actions: []store.Action{{Key: "k", Kind: "write", Source: "zendesk", ID: "42", State: store.Pending, NotBefore: noon}}}
		if err := s.SaveAll(t.Context(), []store.Judged{other, late}, noon); !errors.Is(err, store.ErrOvertaken) {
			t.Errorf("got error %v", err)
		}
		if one, err := s.Ticket(t.Context(), "zendesk", "41"); one != nil || err != nil {
			t.Errorf("what goes with it was stored: %v, %v", one, err)
		}
		if a, err := s.Action(t.Context(), "k"); a != nil || err != nil {
			t.Errorf("its action was stored: %v, %v", a, err)
		}
		must(t, s.Save(t.Context(), ticket(t, s, "42"), nil, noon))
	})
	t.Run("a scan finds open tickets that it hasn't met", func(t *testing.T) {
		s := open(t)
		for _, id := range []string{"1", "2", "3"} {
			must(t, s.Save(t.Context(), store.Row{Source: "zendesk", ID: id, Version: "v", Open: id != "3", Ticket: &rules.Ticket{}}, nil, noon))
		}
		must(t, s.Listed(t.Context(), "zendesk", page("p2", "1", "v"), noon, after(1)))
		cursor, began, err := s.Scan(t.Context(), "zendesk")
		if must(t, err); cursor != "p2" || !began.Equal(noon) {
			t.Errorf("under way: %q since %s", cursor, began)
		}
		must(t, s.Listed(t.Context(), "zendesk", page("", "4", "v"), noon, after(2)))
		must(t, s.Scanned(t.Context(), "zendesk", noon, after(2)))
		rows := got[[]store.Row](t)(s.Changed(t.Context(), "zendesk", 9))
		if list := ids(rows, func(r store.Row) string { return r.ID }); list != "2 4" {
			t.Errorf("to be read: %q", list)
		}
		if cursor, _, err := s.Scan(t.Context(), "zendesk"); cursor != "" || err != nil {
			t.Errorf("afterwards: %q, %v", cursor, err)
		}
	})
	t.Run("what is saved comes back", func(t *testing.T) {
		s := open(t)
		due := after(90)
		want := store.Row{
			Source: "zendesk", ID: "42", Version: "v1", Written: map[string]string{"360001": "x", "priority": "urgent"},
			Episodes: rules.Episodes{"breach/zendesk:42/update/1": {N: 2, Over: true, Metric: rules.Update, Cycle: 1}, "triage/zendesk:42": {N: 1}},
			Ticket:   &rules.Ticket{Source: "zendesk", ID: "42", Subject: "Érable 🍁 'quoted'", CreatedAt: noon, Tags: []string{"a"}},
			Verdict:  &rules.Verdict{Source: "zendesk", ID: "42", Priority: "urgent", Clocks: []rules.Clock{{Metric: rules.Update, Due: &due, StartedAt: noon, Warnings: []rules.WarningPoint{}}}, Tags: rules.TagChange{Add: []string{"x"}, Remove: []string{}}},
			Marks:    3, Handled: 3, First: true, Open: true, Problem: "odd", Wake: after(1),
			Read: after(-1), Misses: 2, Retry: after(3),
		}
		must(t, s.Save(t.Context(), want, nil, noon))
		want.Saves = 1
		if diff := cmp.Diff(want, ticket(t, s, "42"), cmp.Comparer(func(a, b rules.Verdict) bool { return cmp.Equal(a.Clocks, b.Clocks) && a.Priority == b.Priority })); diff != "" {
			t.Error("saved against read:", diff)
		}
		want = store.Row{Source: "zendesk", ID: "42", Written: map[string]string{}, Episodes: rules.Episodes{}, Marks: 3, Handled: 1, Saves: 2, Unread: noon}
		must(t, s.Save(t.Context(), store.Row{Source: "zendesk", ID: "42", Marks: 99, Handled: 1, Saves: 1}, nil, noon))
		if diff := cmp.Diff(want, ticket(t, s, "42")); diff != "" {
			t.Error("emptied, its marks left alone:", diff)
		}
	})
	t.Run("first start", func(t *testing.T) { testFirst(t, open) })
	t.Run("saved with its actions or not at all", func(t *testing.T) {
		s := open(t)
		read(t, s, "42", "v1")
		row := ticket(t, s, "42")
		row.Version, row.Verdict = "v2", verdict(rules.StateRunning, 1)
		bad := store.Action{Key: "b", Kind: "warn", State: "no such state"}
		if err := s.Save(t.Context(), row, []store.Action{{Key: "a", Kind: "warn"}, bad}, noon); err == nil || !strings.Contains(err.Error(), "zendesk:42") {
			t.Errorf("an impossible action: error %v, want one that names the ticket", err)
		}
		if got := ticket(t, s, "42").Version; got != "v1" {
			t.Errorf("the ticket is at %s", got)
		}
		if a := got[*store.Action](t)(s.Action(t.Context(), "a")); a != nil {
			t.Errorf("the first action is there: %+v", a)
		}
		if log := got[[]store.Logged](t)(s.Verdicts(t.Context(), "zendesk", "42")); len(log) > 0 {
			t.Errorf("the verdict is in the log: %+v", log)
		}
	})
}

func testFirst(t *testing.T, open func(*testing.T) *store.Store) {
	cases := map[string]struct {
		story          func(t *testing.T, s *store.Store)
		first, pending bool
	}{
		"found by it": {func(t *testing.T, s *store.Store) {
			must(t, s.Polled(t.Context(), "zendesk", page("c", "42", "v1"), true, noon))
		}, true, true},
		"found by a later poll": {func(t *testing.T, s *store.Store) {
			must(t, s.Polled(t.Context(), "zendesk", page("c", "42", "v1"), false, noon))
		}, false, false},
		"a webhook about it came before": {func(t *testing.T, s *store.Store) {
			receive(t, s, "d1", "42")
			must(t, s.Polled(t.Context(), "zendesk", page("c", "42", "v1"), true, noon))
		}, true, true},
		"a webhook about it comes after": {func(t *testing.T, s *store.Store) {
			must(t, s.Polled(t.Context(), "zendesk", page("c", "42", "v1"), true, noon))
			receive(t, s, "d1", "42")
		}, true, true},
		"known before": {func(t *testing.T, s *store.Store) {
			read(t, s, "42", "v1")
			must(t, s.Polled(t.Context(), "zendesk", page("c", "42", "v2"), true, noon))
		}, false, false},
		"found by it and read": {func(t *testing.T, s *store.Store) {
			must(t, s.Polled(t.Context(), "zendesk", page("c", "42", "v1"), true, noon))
			read(t, s, "42", "v1")
		}, false, false},
		"of another source": {func(t *testing.T, s *store.Store) {
			must(t, s.Polled(t.Context(), "jira", page("c", "42", "v1"), true, noon))
		}, false, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			c.story(t, s)
			if got := ticket(t, s, "42").First; got != c.first {
				t.Errorf("first: %v, want %v", got, c.first)
			}
			if got := got[bool](t)(s.FirstPending(t.Context(), "zendesk")); got != c.pending {
				t.Errorf("pending: %v, want %v", got, c.pending)
			}
		})
	}
}

// verdict is one of a single clock.
func verdict(state rules.State, elapsed int64) *rules.Verdict {
	due := after(240)
	c := rules.Clock{Metric: rules.Update, State: state, Due: &due, Target: 14400, Elapsed: elapsed, Remaining: 14400 - elapsed, StartedAt: noon, Warnings: []rules.WarningPoint{}}
	if state == rules.StateMet {
		c.StoppedAt = &due
	}
	return &rules.Verdict{Source: "zendesk", ID: "42", Clocks: []rules.Clock{c}, Tags: rules.TagChange{Add: []string{}, Remove: []string{}}}
}

// testVerdicts: the log has what says something new.
func testVerdicts(t *testing.T, open func(*testing.T) *store.Store) {
	type given struct {
		minute int
		v      *rules.Verdict
	}
	tagged := func(v *rules.Verdict) *rules.Verdict { v.Tags.Add = []string{"priority_urgent"}; return v }
	cases := map[string]struct {
		given []given
		want  string // the states, oldest first
	}{
		"none":              {[]given{{0, nil}}, ""},
		"one":               {[]given{{0, verdict("running", 1)}}, "running"},
		"it goes on":        {[]given{{0, verdict("running", 1)}, {1, verdict("running", 61)}, {2, verdict("running", 121)}}, "running"},
		"tags are written":  {[]given{{0, tagged(verdict("running", 1))}, {1, verdict("running", 61)}}, "running"},
		"it changes":        {[]given{{0, verdict("running", 1)}, {1, verdict("paused", 1)}, {2, verdict("running", 1)}}, "running paused running"},
		"two in an instant": {[]given{{0, verdict("running", 1)}, {0, verdict("paused", 1)}}, "paused"},
		"stopped elsewhere": {[]given{{0, verdict("met", 1)}, {1, verdict("met", 2)}}, "met met"},
		"then it can't be":  {[]given{{0, verdict("running", 1)}, {1, nil}, {2, verdict("running", 1)}}, "running"},
		// After the clock was set back, a verdict is compared with what held then.
		"the clock is set back": {[]given{{0, verdict("running", 1)}, {60, verdict("paused", 1)}, {1, verdict("running", 1)}, {2, verdict("running", 1)}}, "running paused"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			for _, g := range c.given {
				row := ticket(t, s, "42")
				row.Verdict = g.v
				must(t, s.Save(t.Context(), row, nil, after(g.minute)))
			}
			log := got[[]store.Logged](t)(s.Verdicts(t.Context(), "zendesk", "42"))
			if got := ids(log, func(l store.Logged) string { return string(l.Verdict.Clocks[0].State) }); got != c.want {
				t.Errorf("logged %q, want %q", got, c.want)
			}
		})
	}
	t.Run("saved as it was read", func(t *testing.T) {
		s := open(t)
		row := ticket(t, s, "42")
		row.Verdict = verdict("breached", 20000)
		row.Verdict.Marks = []rules.MarkNote{{Tag: "service_request"}}
		must(t, s.Save(t.Context(), row, nil, noon))
		must(t, s.Save(t.Context(), ticket(t, s, "42"), nil, after(1)))
		if log := got[[]store.Logged](t)(s.Verdicts(t.Context(), "zendesk", "42")); len(log) != 1 || !log[0].At.Equal(noon) {
			t.Errorf("got %d verdicts in the log, want the one of noon: %+v", len(log), log)
		}
	})
}

// testLists: deadlines, open tickets, all tickets.
func testLists(t *testing.T, open func(*testing.T) *store.Store) {
	s := open(t)
	body := &rules.Ticket{CreatedAt: noon}
	for _, r := range []store.Row{
		{ID: "later", Ticket: body, Open: true, Wake: after(30)},
		{ID: "sooner", Ticket: body, Open: true, Wake: after(60)},
		{ID: "no date", Ticket: body, Open: true},
		{ID: "solved", Ticket: body},
		{ID: "parked", Problem: "odd"},
		{ID: "gone"},
	} {
		r.Source = "zendesk"
		must(t, s.Save(t.Context(), r, nil, noon))
	}
	must(t, s.Save(t.Context(), store.Row{Source: "jira", ID: "SUP-1", Ticket: body, Open: true}, nil, noon))
	rows := func(list []store.Row, err error) string { t.Helper(); must(t, err); return ids(list, rowID) }
	for _, c := range []struct{ what, got, want string }{
		{"all that were read", rows(s.Tickets(t.Context())), "SUP-1 later no date solved sooner"},
		{"due before anything is", rows(s.Due(t.Context(), after(29), 10)), ""},
		{"due at its instant", rows(s.Due(t.Context(), after(30), 10)), "later"},
		{"due after both", rows(s.Due(t.Context(), after(61), 10)), "later sooner"},
		{"due, the first", rows(s.Due(t.Context(), after(61), 1)), "later"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, c.got, c.want)
		}
	}
	if wake := got[time.Time](t)(s.NextWake(t.Context())); !wake.Equal(after(30)) {
		t.Errorf("next wake-up at %s", wake)
	}
	seen := map[string]bool{}
	must(t, s.EachOpen(t.Context(), func(r *store.Row) error { seen[r.ID] = true; return nil }))
	if want := map[string]bool{"parked": true, "sooner": true, "later": true, "SUP-1": true, "no date": true}; !cmp.Equal(seen, want) {
		t.Errorf("each open: got %v", seen)
	}
	stop, n := errors.New("enough"), 0
	if err := s.EachOpen(t.Context(), func(*store.Row) error { n++; return stop }); !errors.Is(err, stop) || n != 1 {
		t.Errorf("each open went on to %d tickets after an error, and ended with %v", n, err)
	}
	must(t, s.Ping(t.Context())) // its connection was given back
}

// testResume: what a new start looks at anew.
func testResume(t *testing.T, open func(*testing.T) *store.Store) {
	s := open(t)
	body := &rules.Ticket{CreatedAt: noon}
	for _, r := range []store.Row{
		{ID: "later", Ticket: body, Open: true, Wake: after(90)},
		{ID: "never", Ticket: body, Open: true},
		{ID: "in a week", Ticket: body, Open: true, Wake: after(7 * 24 * 60)},
		{ID: "at once", Ticket: body, Open: true, Wake: after(11)},
		{ID: "overdue", Ticket: body, Open: true, Wake: after(-5)},
		{ID: "solved", Ticket: body},
		{ID: "unread", Open: true},
		{ID: "parked", Problem: "odd"},
	} {
		r.Source = "zendesk"
		must(t, s.Save(t.Context(), r, nil, noon))
	}
	for key, a := range map[string]struct {
		kind  store.Kind
		deeds []deed
	}{
		"refused":                {"warn", []deed{start, end(store.Parked)}},
		"refused after failures": {"warn", []deed{start, again(true), end(store.Parked)}},
		"write":                  {"write", []deed{again(false), end(store.Parked)}},
		"summary":                {store.Summary, []deed{end(store.Parked)}},
		"done":                   {"warn", []deed{end(store.Done)}},
		"dropped":                {"warn", []deed{end(store.Dropped)}},
		"held":                   {"warn", []deed{hold}},
	} {
		must(t, s.Insert(t.Context(), []store.Action{{Key: key, Kind: a.kind, Source: "zendesk", ID: "later", NotBefore: noon}}, noon))
		read := *got[*store.Action](t)(s.Action(t.Context(), key))
		for _, d := range a.deeds {
			d(t, s, read)
		}
	}
	must(t, s.Insert(t.Context(), []store.Action{{Key: "old digest", Kind: store.Digest, State: store.Parked}}, noon.AddDate(0, 0, -2)))

	must(t, s.Resume(t.Context(), "v1", after(10)))
	due := ids(got[[]store.Row](t)(s.Due(t.Context(), after(10), 99)), rowID)
	if want := "overdue at once later in a week never"; due != want {
		t.Errorf("to be judged: %q, want %q", due, want)
	}
	due = ids(got[[]store.Row](t)(s.Due(t.Context(), after(10), 4)), rowID)
	if want := "overdue at once in a week never"; due != want {
		t.Errorf("from both ends of a backlog: %q, want %q", due, want)
	}
	if got := changed(t, s); got != "parked" {
		t.Errorf("to be read: %q", got)
	}
	for key, want := range map[string]store.ActionState{
		"refused": store.Pending, "refused after failures": store.Started, "write": store.Pending, "summary": store.Pending,
		"done": store.Done, "dropped": store.Dropped, "held": store.Pending, "old digest": store.Parked,
	} {
		a := got[*store.Action](t)(s.Action(t.Context(), key))
		if a.State != want || a.State != store.Parked && a.Attempts != 0 {
			t.Errorf("%s: %s after %d attempts, want %s", key, a.State, a.Attempts, want)
		}
	}
	if a := got[*store.Action](t)(s.Action(t.Context(), "held")); !a.NotBefore.Equal(after(60)) {
		t.Errorf("held until %s", a.NotBefore)
	}
	must(t, s.Resume(t.Context(), "v2", after(11)))
	if row := ticket(t, s, "parked"); row.Marks != 1 {
		t.Errorf("resumed twice, a parked ticket has %d marks", row.Marks)
	}
}

// testEmpty: nothing is an answer.
func testEmpty(t *testing.T, open func(*testing.T) *store.Store) {
	s := open(t)
	instants := map[string]func() (time.Time, error){
		"next wake":    func() (time.Time, error) { return s.NextWake(t.Context()) },
		"next message": func() (time.Time, error) { return s.NextMessage(t.Context()) },
		"next write":   func() (time.Time, error) { return s.NextWrite(t.Context(), "zendesk", time.Time{}) },
		"read at":      func() (time.Time, error) { _, at, err := s.Cursor(t.Context(), "zendesk"); return at, err },
	}
	for name, ask := range instants {
		if at := got[time.Time](t)(ask()); !at.IsZero() {
			t.Errorf("%s: %s", name, at)
		}
	}
	if r := got[*store.Row](t)(s.Ticket(t.Context(), "zendesk", "42")); r != nil {
		t.Errorf("ticket: %+v", r)
	}
	if a := got[*store.Action](t)(s.Action(t.Context(), "warn/x")); a != nil {
		t.Errorf("action: %+v", a)
	}
	if m := got[[]store.Message](t)(s.Messages(t.Context(), "zendesk", "42")); len(m) > 0 {
		t.Errorf("messages: %+v", m)
	}
	if got[bool](t)(s.FirstPending(t.Context(), "zendesk")) {
		t.Error("a first start is pending")
	}
}
