package store_test

import (
	"strings"
	"testing"
	"time"

	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/rules"
)

// What couldn't be read waits beside what changed, for as long as it is told to or
// until a webhook names it, and is unread since it first changed.
func TestMissed(t *testing.T) {
	for name, where := range files {
		t.Run(name, func(t *testing.T) {
			s, ctx := openFile(t, where(t)), t.Context()
			receive(t, s, "d1", "42")
			receive(t, s, "d2", "43")
			miss := func(at, retry time.Time) {
				t.Helper()
				row := ticket(t, s, "42")
				row.Problem, row.Misses, row.Retry = "slow \x00 ticket", row.Misses+1, retry
				must(t, s.Save(ctx, row, nil, at))
			}
			missed := func(at time.Time) string {
				t.Helper()
				return ids(got[[]store.Row](t)(s.Missed(ctx, "zendesk", at, 9)), func(r store.Row) string { return r.ID })
			}
			miss(after(1), after(10))
			if changed(t, s) != "43" || missed(after(9)) != "" || missed(after(10)) != "42" {
				t.Errorf("changed %q, missed %q then %q", changed(t, s), missed(after(9)), missed(after(10)))
			}
			if at := got[time.Time](t)(s.NextRetry(ctx, "zendesk")); !at.Equal(after(10)) {
				t.Errorf("asked for again at %s", at)
			}
			if _, err := s.Receive(ctx, "zendesk", desk.Delivery{ID: "d3", Tickets: []string{"42"}}, after(3)); err != nil {
				t.Fatal(err)
			}
			if row := ticket(t, s, "42"); missed(after(3)) != "42" || !row.Unread.Equal(noon) || !strings.Contains(row.Problem, "slow \ufffd") {
				t.Errorf("named again: %+v", row)
			}
			miss(after(4), after(20))
			n, since, err := s.Waiting(ctx, "zendesk", after(5), false)
			if err != nil || n != 1 || !since.Equal(noon) {
				t.Errorf("%d wait, since %s, %v", n, since, err)
			}
			if n, _, err := s.Waiting(ctx, "zendesk", after(5), true); err != nil || n != 2 {
				t.Errorf("%d are unread, %v", n, err)
			}
			must(t, s.RetryNow(ctx, "zendesk", after(6)))
			if missed(after(6)) != "42" {
				t.Error("it isn't asked for at once")
			}
			row := ticket(t, s, "42")
			row.Handled, row.Problem, row.Misses, row.Ticket, row.Read = row.Marks, "", 0, &rules.Ticket{ID: "42"}, after(7)
			must(t, s.Save(ctx, row, nil, after(7)))
			if row := ticket(t, s, "42"); missed(after(99)) != "" || !row.Unread.IsZero() || !row.Read.Equal(after(7)) {
				t.Errorf("read: %+v", row)
			}
			must(t, s.Polled(ctx, "zendesk", page("c", "42", "v2"), false, after(8)))
			if row := ticket(t, s, "42"); !row.Unread.Equal(after(8)) {
				t.Errorf("unread since %s", row.Unread)
			}
		})
	}
}

// A ticket that is to be written is read first, if that was too long ago.
func TestReadBefore(t *testing.T) {
	for name, where := range files {
		t.Run(name, func(t *testing.T) {
			s, ctx := openFile(t, where(t)), t.Context()
			for i, id := range []string{"1", "2"} {
				row := store.Row{Source: "zendesk", ID: id, Marks: 1, Handled: 1, Ticket: &rules.Ticket{ID: id}, Read: after(10 * i)}
				must(t, s.Save(ctx, row, []store.Action{{Key: "write/zendesk:" + id, Kind: "write", Source: "zendesk", ID: id, NotBefore: noon}}, noon))
			}
			writes := func(since time.Time) string {
				t.Helper()
				return ids(got[[]store.Action](t)(s.PendingWrites(ctx, "zendesk", since, after(11), 9)), actionKey)
			}
			if writes(time.Time{}) != "write/zendesk:1 write/zendesk:2" || writes(after(5)) != "write/zendesk:2" {
				t.Errorf("to be written: %q, and %q", writes(time.Time{}), writes(after(5)))
			}
			if n := got[int64](t)(s.ReadBefore(ctx, "zendesk", after(5), after(11), 9)); n != 1 || changed(t, s) != "1" {
				t.Errorf("%d to be read first, changed %q", n, changed(t, s))
			}
			if n := got[int64](t)(s.ReadBefore(ctx, "zendesk", after(5), after(11), 9)); n != 0 {
				t.Errorf("%d to be read, though it is to be read already", n)
			}
		})
	}
}

// An obstacle is since when it began, and again when it begins again.
func TestObstacles(t *testing.T) {
	for name, where := range files {
		t.Run(name, func(t *testing.T) {
			s, ctx := openFile(t, where(t)), t.Context()
			now := func() string {
				t.Helper()
				var parts []string
				for _, o := range got[[]store.Obstacle](t)(s.Obstacles(ctx, "zendesk")) {
					state := "lasts"
					if o.Ended {
						state = "ended"
					}
					parts = append(parts, o.What+" "+strings.Join(append([]string{o.Says.ID}, o.Says.Values...), "/")+" "+o.Since.Format("15:04")+" "+state)
				}
				return strings.Join(parts, ", ")
			}
			expect := func(want string) {
				t.Helper()
				if got := now(); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			}
			must(t, s.AddObstacle(ctx, store.Obstacle{Source: "zendesk", What: "/write", Since: noon, Says: rules.Sentence{ID: "a"}}))
			must(t, s.AddObstacle(ctx, store.Obstacle{Source: "zendesk", What: "/write", Since: after(9), Says: rules.Sentence{ID: "b", Values: []string{"n", "2\x00"}}}))
			expect("/write b/n/2\ufffd 12:00 lasts")
			must(t, s.RemoveObstacle(ctx, "zendesk", "/write"))
			must(t, s.EndObstacle(ctx, "zendesk", "/write"))
			expect("/write b/n/2\ufffd 12:00 ended")
			must(t, s.AddObstacle(ctx, store.Obstacle{Source: "zendesk", What: "/write", Since: after(20), Says: rules.Sentence{ID: "c"}}))
			expect("/write c 12:20 lasts")
			must(t, s.EndObstacle(ctx, "zendesk", "/write"))
			must(t, s.RemoveObstacle(ctx, "zendesk", "/write"))
			expect("")
		})
	}
}

// An act that the database won't have keeps no other from being kept, nor the list
// from going on.
func TestActThatIsRefused(t *testing.T) {
	where := files["PostgreSQL"](t)
	s, ctx := openFile(t, where), t.Context()
	acts := []desk.Act{{Ticket: "1", ID: "a", At: noon, Body: "{}"}, {Ticket: "1", ID: "b", At: noon, Body: "\x00"}, {Ticket: "2", ID: "c", At: noon, Body: "{}"}}
	must(t, s.KeepListed(ctx, "zendesk", acts, "next", noon))
	known := got[map[string]store.Known](t)(s.Known(ctx, "zendesk", []string{"1", "2"}))
	if len(known["1"].Acts) != 1 || len(known["2"].Acts) != 1 {
		t.Errorf("kept: %+v", known)
	}
	if cursor, _, err := s.History(ctx, "zendesk"); err != nil || cursor != "next" {
		t.Errorf("the list goes on at %q, %v", cursor, err)
	}
}
