package zendesk_test

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"vigie/connectors/sandbox"
)

// numbers are the ids of the first n tickets.
func numbers(n int) (ids []string) {
	for id := range n {
		ids = append(ids, fmt.Sprint(id+1))
	}
	return ids
}

// crowd opens n tickets.
func (d *world) crowd(t *testing.T, n int) []string {
	t.Helper()
	for range n {
		d.open(t, sandbox.NewTicket{})
		d.now = d.now.Add(time.Second)
	}
	d.now = d.now.Add(2 * time.Minute)
	return numbers(n)
}

// One ticket whose history can't be had is parked alone, within its own time: the
// others of the batch are given.
func TestOneHistoryThatCantBeHad(t *testing.T) {
	for _, manner := range []string{"audits-hang", "audits-504"} {
		for _, n := range []int{100, 2, 1} {
			t.Run(fmt.Sprint(manner, " ", n), func(t *testing.T) {
				d := newDesk(t, rude)
				ids := d.crowd(t, n)
				d.misbehave(t, manner)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				list, err := d.client.Read(ctx, ids)
				must(t, err)
				got := said(list)
				for _, id := range ids {
					if want := map[bool]string{true: "unread", false: "there"}[id == "1"]; got[id] != want {
						t.Errorf("ticket %s: got %q, want %q", id, got[id], want)
					}
				}
				if ctx.Err() != nil {
					t.Error("it took all the time that there was")
				}
			})
		}
	}
}

// What is asked of many tickets and of one in turn is found out in a few rounds,
// each of which gives what it has.
func TestRowsThatCantBeHad(t *testing.T) {
	for _, manner := range []string{"row-hangs", "rows-504"} {
		t.Run(manner, func(t *testing.T) {
			d := newDesk(t, rude)
			ids := d.crowd(t, 100)
			d.misbehave(t, manner)
			got := map[string]string{}
			rounds := 0
			for left := ids; len(left) > 0 && rounds < 8; rounds++ {
				ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
				list, _ := d.client.Read(ctx, left)
				cancel()
				for id, word := range said(list) {
					got[id] = word
				}
				left = nil
				for _, id := range ids {
					if got[id] == "" {
						left = append(left, id)
					}
				}
			}
			for _, id := range ids {
				want := "there"
				if id == "1" && manner == "row-hangs" {
					want = "unread"
				}
				if got[id] != want {
					t.Errorf("ticket %s: got %q, want %q", id, got[id], want)
				}
			}
			t.Logf("%d rounds", rounds)
		})
	}
}

// Nobody's history can be had: that is Zendesk's failure and no ticket's.
func TestNoHistoryCanBeHad(t *testing.T) {
	d := newDesk(t, rude)
	ids := d.crowd(t, 8)
	d.hang = "/audits.json"
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	list, err := d.client.Read(ctx, ids)
	if err == nil || len(list) > 0 {
		t.Errorf("got %v, %v", said(list), err)
	}
}

// Exports whose pages are too large for Zendesk shrink until it can give them, and
// grow again slowly.
func TestPagesShrinkAndGrow(t *testing.T) {
	lists := map[string]func(d *world, ctx context.Context, cursor string) (n int, next string, more bool, err error){
		"/incremental/tickets/cursor": func(d *world, ctx context.Context, cursor string) (int, string, bool, error) {
			page, err := d.client.Changes(ctx, cursor, d.now.Add(-24*time.Hour))
			return len(page.Changes), page.Cursor, page.More, err
		},
		"/incremental/ticket_events": func(d *world, ctx context.Context, cursor string) (int, string, bool, error) {
			page, err := d.client.Acts(ctx, cursor, d.now.Add(-24*time.Hour))
			return len(page.Acts), page.Cursor, page.More, err
		},
		"/search/export": func(d *world, ctx context.Context, cursor string) (int, string, bool, error) {
			page, err := d.client.Unsolved(ctx, cursor)
			return len(page.Changes), page.Cursor, page.More, err
		},
	}
	for path, list := range lists {
		for _, manner := range []string{"export-504", "export-hangs"} {
			t.Run(path+" "+manner, func(t *testing.T) {
				d := newDesk(t, rude)
				d.crowd(t, 310)
				d.misbehave(t, manner)
				read, rounds, cursor := 0, 0, ""
				for more := true; more && rounds < 30; rounds++ {
					ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
					n, next, left, err := list(d, ctx, cursor)
					cancel()
					if err == nil {
						read, cursor, more = read+n, next, left
					}
				}
				if read < 310 {
					t.Errorf("%d rows in %d rounds", read, rounds)
				}
				sizes := d.sizes(path)
				if len(sizes) < 3 || sizes[0] != 1000 || sizes[1] != 500 || sizes[2] != 250 {
					t.Errorf("asked for pages of %v", sizes)
				}
				if manner != "export-504" {
					return
				}
				d.behave(t, manner)
				for range 40 {
					_, next, _, err := list(d, t.Context(), cursor)
					must(t, err)
					cursor = next
				}
				sizes = d.sizes(path)
				if last := sizes[len(sizes)-1]; last != 1000 {
					t.Errorf("once it can give them again, asked for %v", sizes)
				}
				for i := 1; i < len(sizes); i++ {
					if sizes[i] > sizes[i-1]+100 {
						t.Errorf("grew from %d to %d at once", sizes[i-1], sizes[i])
					}
				}
			})
		}
	}
}

// sizes are how many rows were asked for at a time.
func (d *world) sizes(path string) (out []int) {
	for _, c := range d.Calls("zendesk") {
		q, _ := url.ParseQuery(c.Query)
		if !strings.Contains(c.Path, path) || c.Status == 429 {
			continue
		}
		n, err := strconv.Atoi(q.Get("per_page") + q.Get("page[size]"))
		if err != nil {
			n = 1000
		}
		out = append(out, n)
	}
	return out
}

// An outage of Zendesk's isn't answered by a storm of smaller and smaller requests.
func TestAnOutageIsNoStorm(t *testing.T) {
	d := newDesk(t, rude)
	d.Faults.Down("zendesk", true)
	for _, ask := range []func() error{
		func() error { _, err := d.client.Changes(t.Context(), "", d.now); return err },
		func() error { _, err := d.client.Acts(t.Context(), "", d.now); return err },
		func() error { _, err := d.client.Unsolved(t.Context(), ""); return err },
		func() error { _, err := d.client.Read(t.Context(), numbers(100)); return err },
	} {
		before := len(d.Calls("zendesk"))
		if err := ask(); err == nil {
			t.Error("no error")
		}
		if n := len(d.Calls("zendesk")) - before; n > 4 {
			t.Errorf("%d requests", n)
		}
	}
}
