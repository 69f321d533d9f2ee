package engine_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/robfig/cron/v3"

	"vigie/bot/engine"
	"vigie/bot/runner"
	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/rules"
	"vigie/rules/policyfile"
)

// A slow desk is a vendor whose calls take time, or don't come back at all. Time is a
// bubble's: none of these tests sleeps.
type slowDesk struct {
	mu      sync.Mutex
	now     func() time.Time
	changed []string             // by the list of changes
	read    map[string]time.Time // first read
	wrote   map[string]time.Time // first written
	calls   int                  // of Read

	perTicket time.Duration                   // of a reading
	hangs     func(id string) bool            // a call that asks for it doesn't come back
	breaks    func(id string) bool            // a call that asks for it fails at once
	every     time.Duration                   // it is polled and looked at; 0: a minute, and fifteen seconds
	partly    bool                            // a call that is cut off has the readings of all others
	poll      func(ctx context.Context) error // nil: at once
	write     func(ctx context.Context, id string) error
}

func (d *slowDesk) Changes(ctx context.Context, cursor string, _ time.Time) (desk.Page, error) {
	if d.poll != nil && cursor != "" && cursor != "first-recent:" {
		if err := d.poll(ctx); err != nil {
			return desk.Page{}, err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var seen int
	fmt.Sscan(cursor, &seen)
	p := desk.Page{Cursor: fmt.Sprint(len(d.changed))}
	for _, id := range d.changed[seen:] {
		p.Changes = append(p.Changes, desk.Change{ID: id})
	}
	return p, nil
}

func (d *slowDesk) Unsolved(context.Context, string) (desk.Page, error) {
	return desk.Page{Cursor: "end"}, nil
}

func (d *slowDesk) Read(ctx context.Context, ids []string) ([]desk.Reading, error) {
	d.mu.Lock()
	d.calls++
	hangs := slices.ContainsFunc(ids, func(id string) bool { return d.hangs != nil && d.hangs(id) })
	breaks := slices.ContainsFunc(ids, func(id string) bool { return d.breaks != nil && d.breaks(id) })
	d.mu.Unlock()
	if breaks {
		return nil, errors.New("500 Internal Server Error")
	}
	takes := time.NewTimer(time.Duration(len(ids)) * d.perTicket)
	defer takes.Stop()
	var cut error
	if hangs {
		<-ctx.Done()
		cut = ctx.Err()
	} else {
		select {
		case <-takes.C:
		case <-ctx.Done():
			cut = ctx.Err()
		}
	}
	if cut != nil && !d.partly {
		return nil, cut
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var readings []desk.Reading
	for _, id := range ids {
		if d.hangs != nil && d.hangs(id) {
			continue
		}
		if _, known := d.read[id]; !known {
			d.read[id] = d.now()
		}
		readings = append(readings, desk.Reading{ID: id, Version: "1", Ticket: &rules.Ticket{
			ID: id, Kind: "incident", Priority: "urgent", Status: rules.Open, CreatedAt: d.now(), Requester: nadia,
		}})
	}
	return readings, cut
}

func (d *slowDesk) Write(ctx context.Context, edits []desk.Edit) ([]error, error) {
	results := make([]error, len(edits))
	var failed error
	for i, e := range edits {
		if d.write != nil && failed == nil {
			failed = d.write(ctx, e.ID)
		}
		if results[i] = failed; failed != nil {
			continue
		}
		d.mu.Lock()
		if _, known := d.wrote[e.ID]; !known {
			d.wrote[e.ID] = d.now()
		}
		d.mu.Unlock()
	}
	return results, failed
}

func (d *slowDesk) DueFields() []rules.DueField { return nil }

func (d *slowDesk) at(of map[string]time.Time, id string) time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return of[id]
}

// hang never comes back.
func hang(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

// live runs an engine in a bubble on a desk, which d is or is a part of, polled once a
// minute, on Friday from 9:00 in Berlin on, for as long as a test takes.
func (d *slowDesk) live(t *testing.T, desk engine.Desk, life func(t *testing.T, e *engine.Engine)) {
	synctest.Test(t, func(t *testing.T) {
		began, start := time.Now(), at("Fri 2026-11-27 09:00:00")
		d.now = func() time.Time { return start.Add(time.Since(began)) }
		d.read, d.wrote = map[string]time.Time{}, map[string]time.Time{}
		policy, problems := policyfile.Load("acme.toml", []byte(acme), nil)
		must(t, problems.Err())
		st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "vigie.db"))
		must(t, err)
		defer st.Close()
		e := &engine.Engine{
			Store: st, Runner: &runner.Solo{Now: d.now, Sweep: d.every}, Channel: watch, Language: "en", Backfill: time.Hour, Now: d.now,
			Sources: []*engine.Source{{Name: "zendesk", Desk: desk, Policies: []*rules.Policy{policy}, Poll: cron.Every(cmp.Or(d.every, time.Minute))}},
			Route:   func(rules.Alert) engine.Routing { return engine.Routing{Channel: watch} },
			Log:     slog.New(slog.NewTextHandler(tw{t}, nil)),
		}
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- e.Run(ctx) }()
		life(t, e)
		end()
		must(t, <-ended)
	})
}

// A healthy ticket that comes in beside a fault is read, judged and written soon,
// whatever the fault: in seconds, and where the list of changes can't be had, within
// two minutes, since that is waited for first.
func TestHealthyBesideAFault(t *testing.T) {
	one := func(id string) bool { return id == "1" }
	two := func(id string) bool { return id == "1" || id == "2" }
	many := make([]string, 120)
	for i := range many {
		many[i] = fmt.Sprint(i + 1)
	}
	faults := map[string]struct {
		desk     *slowDesk
		before   []string      // that changed before
		later    bool          // it comes when a poll has been due
		readIn   time.Duration // the healthy ticket
		writeIn  time.Duration // 0: not asked
		allRead  time.Duration // those before
		mostCall int           // of Read in 20 minutes; 0: not asked
	}{
		"none":                                  {readIn: time.Second, writeIn: time.Second},
		"one history hangs":                     {desk: &slowDesk{hangs: one}, before: many[:3], readIn: 15 * time.Second, writeIn: 15 * time.Second, mostCall: 40},
		"one history hangs, the others are had": {desk: &slowDesk{hangs: one, partly: true}, before: many[:3], readIn: 15 * time.Second, writeIn: 15 * time.Second, mostCall: 40},
		"two histories fail":                    {desk: &slowDesk{breaks: two}, before: many[:5], readIn: 10 * time.Second, writeIn: 10 * time.Second},
		"12 s for a hundred":                    {desk: &slowDesk{perTicket: 120 * time.Millisecond}, before: many, readIn: 30 * time.Second, writeIn: 30 * time.Second, allRead: time.Minute},
		"the list of changes hangs":             {later: true, desk: &slowDesk{poll: hang}, readIn: 20 * time.Second, writeIn: 2 * time.Minute},
		"the list of changes fails late":        {later: true, desk: &slowDesk{poll: late504}, readIn: 20 * time.Second, writeIn: 2 * time.Minute},
		"a write hangs":                         {desk: &slowDesk{write: func(ctx context.Context, _ string) error { return hang(ctx) }}, before: many[:3], readIn: 20 * time.Second},
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			d := cmp.Or(f.desk, &slowDesk{})
			d.changed = f.before
			d.live(t, d, func(t *testing.T, e *engine.Engine) {
				time.Sleep(20 * time.Second)
				if f.later {
					time.Sleep(70 * time.Second)
				}
				came := d.now()
				_, err := e.Receive(t.Context(), "zendesk", desk.Delivery{ID: "d", Tickets: []string{"healthy"}})
				must(t, err)
				time.Sleep(20 * time.Minute)
				took := func(of map[string]time.Time) string {
					if at := d.at(of, "healthy"); !at.IsZero() {
						return at.Sub(came).String()
					}
					return "never"
				}
				t.Logf("read after %s, written after %s, %d calls to read", took(d.read), took(d.wrote), d.calls)
				if at := d.at(d.read, "healthy"); at.IsZero() || at.Sub(came) > f.readIn {
					t.Errorf("read after %s, want %s", took(d.read), f.readIn)
				}
				if at := d.at(d.wrote, "healthy"); f.writeIn > 0 && (at.IsZero() || at.Sub(came) > f.writeIn) {
					t.Errorf("written after %s, want %s", took(d.wrote), f.writeIn)
				}
				for _, id := range f.before {
					if at := d.at(d.read, id); f.allRead > 0 && (at.IsZero() || at.Sub(came) > f.allRead) {
						t.Errorf("ticket %s isn't read in time: %s", id, at)
						break
					}
				}
				if f.mostCall > 0 && d.calls > f.mostCall {
					t.Errorf("%d calls to read", d.calls)
				}
			})
		})
	}
}

// late504 is a gateway that gives up after fourteen seconds.
func late504(ctx context.Context) error {
	select {
	case <-time.After(14 * time.Second):
		return errors.New("504 Gateway Timeout")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Once one of the tickets that couldn't be read is read, the others are asked for again
// too, and don't wait for their own turn, which may be an hour away: what was in the
// way may be over.
func TestOneReadAgainIsASignToTheOthers(t *testing.T) {
	over := false
	d := &slowDesk{changed: []string{"1"}, hangs: func(string) bool { return !over }}
	d.live(t, d, func(t *testing.T, e *engine.Engine) {
		for id := 2; id <= 4; id++ { // each some minutes after the one before
			time.Sleep(7 * time.Minute)
			d.mu.Lock()
			d.changed = append(d.changed, fmt.Sprint(id))
			d.mu.Unlock()
		}
		time.Sleep(70 * time.Minute)
		d.mu.Lock()
		over = true
		d.mu.Unlock()
		time.Sleep(2 * time.Hour)
		var first, last time.Time
		for _, id := range d.changed {
			switch at := d.at(d.read, id); {
			case at.IsZero():
				t.Fatalf("ticket %s is never read", id)
			case first.IsZero() || at.Before(first):
				first = at
			case at.After(last):
				last = at
			}
		}
		if apart := last.Sub(first); apart > time.Minute {
			t.Errorf("the last is read %s after the first", apart)
		}
	})
}
