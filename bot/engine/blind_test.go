package engine_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vigie/bot/engine"
	"vigie/bot/store"
	"vigie/bot/worldtest"
	"vigie/connectors/desk"
	"vigie/connectors/sandbox"
	"vigie/connectors/zendesk"
	"vigie/rules"
	"vigie/rules/words"
)

// While the list of changes can't be had a ticket is read by itself before it is
// written: what a person did meanwhile, of which nobody told, isn't written over.
func TestReadBeforeItIsWritten(t *testing.T) {
	w := newWorld(t)
	id, other := w.urgent(t), w.urgent(t)
	w.until(t, at("Fri 2026-11-27 10:00:00"))
	w.refuse(http.StatusGatewayTimeout, "/incremental/tickets/cursor.json")
	must(t, w.z.Update(id, lena, sandbox.ZendeskUpdate{Priority: "normal"}))
	w.until(t, at("Fri 2026-11-27 11:05:00")) // half of an urgent ticket's time has passed
	w.tagged(t, "priority_normal", id)
	w.tagged(t, "priority_urgent sla_update_at_risk", other)
	w.refuse(http.StatusGatewayTimeout, ".json") // nothing can be read any more, so nothing is written
	w.until(t, at("Fri 2026-11-27 13:05:00"))    // missed
	w.tagged(t, "priority_urgent sla_update_at_risk", other)
	w.refuse(0)
	w.until(t, at("Fri 2026-11-27 13:10:00"))
	w.tagged(t, "priority_urgent sla_update_breached", other)
}

// What is refused though polls succeed is told at once, once, with what it means, and
// that it is over.
func TestRefusedWrites(t *testing.T) {
	w := newWorld(t)
	w.refuse(http.StatusForbidden, "/update_many.json", "/tickets/1.json")
	id := w.urgent(t)
	w.until(t, at("Fri 2026-11-27 09:02:00"))
	w.silences(t, "zendesk: Vigie can read, but can't write, access is refused, since 2026-11-27 09:00 CET. Somebody must look at the token")
	obstacles, err := w.Store.Obstacles(t.Context(), "zendesk")
	must(t, err)
	if len(obstacles) != 1 || words.In("fr").Tell(obstacles[0].Says) != "zendesk : Vigie lit, mais ne peut pas écrire, l'accès est refusé" {
		t.Errorf("the board has %+v", obstacles)
	}
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 10:30:00"))
	w.silences(t, "🔇")
	w.refuse(0)
	w.until(t, at("Fri 2026-11-27 10:40:00"))
	w.silences(t, "🔊 This is over: zendesk: Vigie can read, but can't write, access is refused. It lasted from 2026-11-27 09:00 CET.")
	w.tagged(t, "priority_urgent", id)
	if obstacles, err := w.Store.Obstacles(t.Context(), ""); err != nil || len(obstacles) > 0 {
		t.Errorf("it is over, and the board has %+v, %v", obstacles, err)
	}
}

// A noticing desk has something to tell of its source.
type noticing struct {
	*zendesk.Client
	notices []desk.Notice
}

func (n *noticing) Changes(ctx context.Context, cursor string, since time.Time) (desk.Page, error) {
	p, err := n.Client.Changes(ctx, cursor, since)
	if !p.More {
		p.Notices = n.notices
	}
	return p, err
}

// What a connector has to tell of its source is told once for as long as it is so,
// and anew when it is something else.
func TestNoticesOfASource(t *testing.T) {
	w := newWorld(t)
	noisy := &noticing{Client: w.Sources[0].Desk.(*zendesk.Client)}
	w.Sources[0].Desk = noisy
	told := func(want ...string) {
		t.Helper()
		var got []string
		for _, m := range w.cards() {
			got = append(got, m.Text)
		}
		if strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("at %s: got %q, want %q", w.Now().Format(time.TimeOnly), got, want)
		}
	}
	renamed := func(now string) desk.Notice {
		return desk.Notice{Key: "project/SUP", Says: rules.Sentence{ID: "jira.project_notice.renamed", Values: []string{"source", "jira", "key", "SUP", "now", now}}}
	}
	hidden := desk.Notice{Key: "project/GONE", Says: rules.Sentence{ID: "jira.project_notice.missing", Values: []string{"source", "jira", "key", "GONE"}}}
	says := func(language string, n desk.Notice) string { return words.In(language).Tell(n.Says) }
	noisy.notices = []desk.Notice{renamed("HELP"), hidden}
	w.until(t, at("Fri 2026-11-27 10:00:00"))
	told("📣 "+says("en", hidden), "📣 "+says("en", renamed("HELP")))
	w.Language = "fr"
	noisy.notices = []desk.Notice{renamed("DESK"), hidden}
	w.until(t, at("Fri 2026-11-27 10:30:00"))
	told("📣 "+says("en", hidden), "🔊 C'est terminé : "+says("fr", renamed("HELP"))+" Cela durait depuis le 2026-11-27 09:01 CET.", "📣 "+says("fr", renamed("DESK")))
	noisy.notices = nil
	w.until(t, at("Fri 2026-11-27 11:00:00"))
	if text := texts(w.cards()); strings.Contains(text, "📣") {
		t.Errorf("nothing is to be told any more, and yet: %s", text)
	}
}

// A list whose pages go in circles is no news: what it has is taken, and the source is
// silent.
func TestPagesThatGoInCircles(t *testing.T) {
	w := newWorld(t)
	round := &circling{Client: w.Sources[0].Desk.(*zendesk.Client)}
	w.Sources[0].Desk = round
	id, err := w.z.Open(sandbox.NewTicket{Subject: "x", Body: "y", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
	must(t, err)
	w.until(t, at("Fri 2026-11-27 09:44:00"))
	w.silences(t)
	w.tagged(t, "priority_urgent", id)
	w.until(t, at("Fri 2026-11-27 09:45:00"))
	w.silences(t, "zendesk has given no news since 2026-11-27 09:00 CET")
}

type circling struct{ *zendesk.Client }

func (c *circling) Changes(ctx context.Context, cursor string, since time.Time) (desk.Page, error) {
	p, err := c.Client.Changes(ctx, cursor, since)
	p.Stuck = true
	return p, err
}

// gone is a desk on which tickets vanish.
type gone struct {
	*slowDesk
	of      func(id string) bool
	deleted bool // the vendor itself says so
}

func (g *gone) Read(ctx context.Context, ids []string) ([]desk.Reading, error) {
	readings, err := g.slowDesk.Read(ctx, ids)
	for i, r := range readings {
		if g.of != nil && g.of(r.ID) {
			readings[i] = desk.Reading{ID: r.ID, Gone: true, Deleted: g.deleted}
		}
	}
	return readings, err
}

// Of many open tickets that are gone at once none is believed to be, unless the vendor
// says itself that they were deleted: their clocks run on, people are told, and after a
// day they are believed. What is shown again is as it was.
func TestManyGoneAtOnce(t *testing.T) {
	cases := map[string]struct {
		open, gone            int
		deleted               bool
		atOnce, nextDay, back int // that are still open: soon, after a day, and some hours after they are shown again
	}{
		"as people delete them":      {open: 30, gone: 6, atOnce: 24, nextDay: 24, back: 24},
		"a project made private":     {open: 30, gone: 12, atOnce: 30, nextDay: 18, back: 30},
		"all of a small source":      {open: 8, gone: 8, atOnce: 8, nextDay: 0, back: 8},
		"an account of many":         {open: 200, gone: 21, atOnce: 200, nextDay: 179, back: 200},
		"deleted, the vendor says":   {open: 30, gone: 30, deleted: true, atOnce: 0, nextDay: 0, back: 0},
		"as people delete, of many":  {open: 200, gone: 20, atOnce: 180, nextDay: 180, back: 180},
		"a fifth of the open, a few": {open: 10, gone: 5, atOnce: 5, nextDay: 5, back: 5},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d := &slowDesk{every: time.Hour}
			var all, some []string
			for i := range c.open {
				if all = append(all, fmt.Sprint(i)); i < c.gone {
					some = append(some, fmt.Sprint(i))
				}
			}
			d.changed = all
			g := &gone{slowDesk: d, deleted: c.deleted}
			d.live(t, g, func(t *testing.T, e *engine.Engine) {
				expect := func(when string, want int) {
					t.Helper()
					n := 0
					must(t, e.Store.EachOpen(t.Context(), func(r *store.Row) error {
						if r.Open {
							n++
						}
						return nil
					}))
					if n != want {
						t.Errorf("%s %d are open, want %d", when, n, want)
					}
				}
				time.Sleep(time.Minute)
				expect("at first", c.open)
				d.mu.Lock()
				g.of = func(id string) bool { var n int; fmt.Sscan(id, &n); return n < c.gone }
				d.mu.Unlock()
				_, err := e.Receive(t.Context(), "zendesk", desk.Delivery{ID: "gone", Tickets: some})
				must(t, err)
				time.Sleep(20 * time.Hour)
				expect("at once", c.atOnce)
				doubted := c.atOnce == c.open
				obstacles, err := e.Store.Obstacles(t.Context(), "")
				must(t, err)
				if doubted != (len(obstacles) == 1) {
					t.Errorf("people are told %+v", obstacles)
				}
				if name != "an account of many" { // shown again before the day is over
					time.Sleep(6 * time.Hour)
					expect("after a day", c.nextDay)
					return
				}
				d.mu.Lock()
				g.of = nil
				d.mu.Unlock()
				time.Sleep(2 * time.Hour)
				expect("shown again", c.back)
				if obstacles, err := e.Store.Obstacles(t.Context(), ""); err != nil || len(obstacles) > 0 && !obstacles[0].Ended {
					t.Errorf("it is over, and people are told %+v, %v", obstacles, err)
				}
			})
		})
	}
}

// A ticket that the connector leaves out is unread, and never gone.
func TestLeftOutIsNotGone(t *testing.T) {
	d := &slowDesk{changed: []string{"1", "2"}}
	l := &leaving{slowDesk: d}
	d.live(t, l, func(t *testing.T, e *engine.Engine) {
		time.Sleep(time.Minute)
		l.left.Store(true)
		_, err := e.Receive(t.Context(), "zendesk", desk.Delivery{ID: "d", Tickets: []string{"1", "2"}})
		must(t, err)
		time.Sleep(time.Hour)
		for _, id := range []string{"1", "2"} {
			row, err := e.Store.Ticket(t.Context(), "zendesk", id)
			must(t, err)
			if row.Open != true || row.Marks == row.Handled && id == "1" || (row.Problem != "") != (id == "1") {
				t.Errorf("ticket %s: %+v", id, row)
			}
		}
		obstacles, err := e.Store.Obstacles(t.Context(), "")
		must(t, err)
		if len(obstacles) != 1 || !strings.Contains(words.In("en").Tell(obstacles[0].Says), "1 ticket that changed could not be read") {
			t.Errorf("people are told %+v", obstacles)
		}
	})
}

// A leaving desk leaves out ticket 1 once it is told to.
type leaving struct {
	*slowDesk
	left atomic.Bool
}

func (l *leaving) Read(ctx context.Context, ids []string) ([]desk.Reading, error) {
	readings, err := l.slowDesk.Read(ctx, ids)
	if l.left.Load() {
		readings = without(readings, "1")
	}
	return readings, err
}

func without(readings []desk.Reading, id string) (left []desk.Reading) {
	for _, r := range readings {
		if r.ID != id {
			left = append(left, r)
		}
	}
	return left
}

// Two names of one ticket in a batch are one ticket, and both are answered.
func TestTwoNamesInABatch(t *testing.T) {
	for _, same := range []bool{false, true} {
		d := &slowDesk{changed: []string{"10001", "SUP-1", "10001", "SUP-2"}}
		d.live(t, &naming{d, same}, func(t *testing.T, e *engine.Engine) {
			time.Sleep(2 * time.Minute)
			for _, id := range []string{"10001", "SUP-1", "SUP-2"} {
				row, err := e.Store.Ticket(t.Context(), "zendesk", id)
				must(t, err)
				if row == nil || row.Marks != row.Handled || (row.Ticket != nil) != (id != "10001") {
					t.Errorf("same %v: %s: %+v", same, id, row)
				}
			}
			if d.at(d.wrote, "SUP-1").IsZero() || d.at(d.wrote, "SUP-2").IsZero() {
				t.Error("they aren't written")
			}
		})
	}
}

// A naming desk knows SUP-1 as 10001, too, and says so in one of two ways.
type naming struct {
	*slowDesk
	same bool
}

func (n *naming) Read(ctx context.Context, ids []string) ([]desk.Reading, error) {
	readings, err := n.slowDesk.Read(ctx, ids)
	for i, r := range readings {
		switch {
		case r.ID != "10001":
		case n.same:
			readings[i] = desk.Reading{ID: r.ID, Same: "SUP-1"}
		default:
			readings[i].Ticket.ID = "SUP-1"
		}
	}
	return readings, err
}

// What the database won't have of one ticket keeps no other of the batch from being
// saved, neither when they are read nor when their time comes; and it is tried again.
func TestTicketThatCannotBeSaved(t *testing.T) {
	w := newWorld(t)
	refuses, takes := `CREATE TRIGGER refuses BEFORE UPDATE ON tickets WHEN NEW.id = '2' AND NEW.body <> OLD.body BEGIN SELECT RAISE(ABORT, 'no'); END`, `DROP TRIGGER refuses`
	if worldtest.HasPostgres() {
		refuses = `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
				IF NEW.id = '2' AND NEW.body <> OLD.body THEN RAISE EXCEPTION 'no' USING ERRCODE = '22021'; END IF; RETURN NEW; END $$;
			CREATE TRIGGER refuses BEFORE UPDATE ON tickets FOR EACH ROW EXECUTE FUNCTION refuse()`
		takes = `DROP TRIGGER refuses ON tickets`
	}
	w.raw(t, refuses)
	ids := w.flood(t, 3)
	w.settle(t)
	w.tagged(t, "priority_urgent", ids[0], ids[2])
	row, err := w.Store.Ticket(t.Context(), "zendesk", "2")
	must(t, err)
	if !strings.Contains(row.Problem, "can't be saved") || row.Marks == row.Handled || row.Misses != 1 {
		t.Errorf("ticket 2: %+v", row)
	}
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 11:01:00"))
	w.tagged(t, "priority_urgent sla_update_at_risk", ids[0], ids[2])
	w.raw(t, takes)
	w.until(t, at("Fri 2026-11-27 12:10:00"))
	w.tagged(t, "priority_urgent sla_update_at_risk", ids...)
	w.raw(t, strings.NewReplacer("NEW.body <> OLD.body", "NEW.verdict <> OLD.verdict", "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").Replace(refuses))
	w.until(t, at("Fri 2026-11-27 13:05:00")) // missed, of which the verdict of one can't be saved
	w.tagged(t, "priority_urgent sla_update_breached", ids[0], ids[2])
	w.raw(t, takes)
	w.until(t, at("Fri 2026-11-27 14:30:00"))
	w.tagged(t, "priority_urgent sla_update_breached", ids...)
}

// raw has its way with the world's state behind the store's back.
func (w *world) raw(t *testing.T, text string) {
	t.Helper()
	driver, where := "sqlite", w.file
	if worldtest.HasPostgres() {
		driver = "pgx"
	}
	db, err := sql.Open(driver, where)
	must(t, err)
	defer db.Close()
	_, err = db.Exec(text)
	must(t, err)
}

// A tracker that doesn't show an issue, and doesn't say that it is gone, takes none
// away.
func TestIssueThatIsNotShown(t *testing.T) {
	w := newWorkshop(t)
	w.marked(t)
	w.until(t, at("Fri 2026-11-27 09:05:00"))
	linked := func() *store.Link {
		t.Helper()
		l, _, err := w.Store.Linked(t.Context(), "zendesk", "1")
		must(t, err)
		return l
	}
	if l := linked(); l == nil || l.Unlinked != nil {
		t.Fatalf("the link is %+v", l)
	}
	s := w.Sources[0]
	s.Tracker = hiding{s.Tracker}
	w.seen(t, 1, w.z.SetStatus(1, lena, "solved")) // which the issue's link is to show
	w.until(t, at("Fri 2026-11-27 10:30:00"))
	if l := linked(); l.Unlinked != nil || l.Linked != "open" {
		t.Errorf("the link is %+v", l)
	}
	s.Tracker = s.Tracker.(hiding).Tracker
	w.until(t, at("Fri 2026-11-27 12:00:00"))
	if l := linked(); l.Unlinked != nil || l.Linked != "resolved" {
		t.Errorf("shown again, the link is %+v", l)
	}
}

type hiding struct{ engine.Tracker }

func (hiding) Escalated(context.Context, []string) ([]engine.Tracked, error) { return nil, nil }
