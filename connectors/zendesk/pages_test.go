package zendesk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vigie/connectors/sandbox"
)

// endless are the ways in which a list never ends.
var endless = []string{"pages-loop", "pages-repeat", "pages-ever-fresh"}

// A list whose pages lead nowhere gives what it has, and is then an error that names
// it; when it ends again, so does the error.
func TestPagesThatNeverEnd(t *testing.T) {
	lists := map[string]func(d *world, cursor string) (tickets []string, next string, more bool, err error){
		"export tickets": func(d *world, cursor string) (tickets []string, next string, more bool, err error) {
			page, err := d.client.Changes(d.ctx, cursor, d.now.Add(-time.Hour))
			for _, c := range page.Changes {
				tickets = append(tickets, c.ID)
			}
			return tickets, page.Cursor, page.More, err
		},
		"search unsolved tickets": func(d *world, cursor string) (tickets []string, next string, more bool, err error) {
			page, err := d.client.Unsolved(d.ctx, cursor)
			for _, c := range page.Changes {
				tickets = append(tickets, c.ID)
			}
			return tickets, page.Cursor, page.More, err
		},
		"export histories": func(d *world, cursor string) (tickets []string, next string, more bool, err error) {
			page, err := d.client.Acts(d.ctx, cursor, d.now.Add(-time.Hour))
			for _, a := range page.Acts {
				tickets = append(tickets, a.Ticket)
			}
			return tickets, page.Cursor, page.More, err
		},
	}
	for name, list := range lists {
		for _, manner := range endless {
			t.Run(name+" "+manner, func(t *testing.T) {
				d := newDesk(t, rude)
				d.ctx = t.Context()
				n := 5
				if manner == "pages-loop" {
					n = 1010 // of two pages
				}
				d.crowd(t, n)
				read := func(cursor string) (seen map[string]bool, last string, pages int, err error) {
					seen = map[string]bool{}
					for more := true; more; pages++ {
						var tickets []string
						var next string
						if tickets, next, more, err = list(d, cursor); err != nil || pages == 30 {
							return seen, cursor, pages, err
						}
						for _, id := range tickets {
							seen[id] = true
						}
						cursor = next
					}
					return seen, cursor, pages, nil
				}
				d.misbehave(t, manner)
				seen, cursor, pages, err := read("")
				if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "doesn't end") {
					t.Errorf("after %d pages: got %v", pages, err)
				}
				if len(seen) != n {
					t.Errorf("got %d tickets", len(seen))
				}
				if seen, _, pages, err = read(cursor); err == nil || pages > 5 {
					t.Errorf("the next round: %d tickets, %d pages, %v", len(seen), pages, err)
				}
				d.behave(t, manner)
				if name == "search unsolved tickets" {
					cursor = "" // a search that failed is begun anew
				}
				if _, _, _, err = read(cursor); err != nil {
					t.Errorf("once it ends: %v", err)
				}
				if _, _, _, err = read(""); err != nil {
					t.Errorf("and from its beginning: %v", err)
				}
			})
		}
	}
}

// A history that never ends is that ticket's failure alone, and no shorter history.
func TestAHistoryThatNeverEnds(t *testing.T) {
	for _, manner := range endless {
		t.Run(manner, func(t *testing.T) {
			d := newDesk(t, rude)
			d.open(t, sandbox.NewTicket{})
			d.now = d.now.Add(time.Minute)
			d.misbehave(t, manner)
			list, err := d.client.Read(t.Context(), []string{"1"})
			if err == nil && len(list) == 1 {
				err = list[0].Err
			}
			if err == nil || !strings.Contains(err.Error(), "audits of 1") || !strings.Contains(err.Error(), "doesn't end") {
				t.Errorf("got %+v, %v", list, err)
			}
			asked := 0
			for _, c := range d.Calls("zendesk") {
				if strings.HasSuffix(c.Path, "/audits.json") {
					asked++
				}
			}
			if asked > 5 {
				t.Errorf("asked for %d pages", asked)
			}
		})
	}
}

// An account in which nothing happens is polled again and again, and that is news
// each time; so is one whose export repeats rows from before its cursor.
func TestQuietPollsAreNoEndlessList(t *testing.T) {
	d := newDesk(t, nil)
	d.Options.Zendesk.ResendRows = 2
	start := d.now
	for range 3 {
		d.open(t, sandbox.NewTicket{})
	}
	cursor, acts := "", ""
	for n := range 20 {
		d.now = d.now.Add(time.Minute)
		page, err := d.client.Changes(t.Context(), cursor, start)
		must(t, err)
		told, err := d.client.Acts(t.Context(), acts, start)
		must(t, err)
		if page.More || told.More {
			t.Errorf("poll %d: more", n)
		}
		cursor, acts = page.Cursor, told.Cursor
		list, err := d.client.Unsolved(t.Context(), "")
		must(t, err)
		if len(list.Changes) != 3 {
			t.Errorf("poll %d: got %s", n, fmt.Sprint(list.Changes))
		}
	}
}
