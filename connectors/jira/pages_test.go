package jira_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"vigie/connectors/desk"
	"vigie/connectors/sandbox"
	"vigie/rules"
)

// Pages that begin anew, and those that are always followed by another, end a list
// once they bring nothing new: what they told is taken, and it is no news.
func TestPagesThatDoNotEnd(t *testing.T) {
	for _, manner := range []string{"pages-loop", "pages-ever-fresh"} {
		for _, n := range []int{3, 130, 250} { // one, two and three of Cloud's pages
			t.Run(fmt.Sprint(manner, " ", n), func(t *testing.T) {
				strangely(t, func(t *testing.T, d *world) {
					for range n {
						d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
					}
					d.after(t, 10*time.Minute, d.Check(t.Context()))
					d.misbehave(t, manner)
					for what, list := range map[string]func(cursor string) (desk.Page, error){
						"changes":  func(cursor string) (desk.Page, error) { return d.Changes(t.Context(), cursor, d.now.Add(-time.Hour)) },
						"unsolved": func(cursor string) (desk.Page, error) { return d.Unsolved(t.Context(), cursor) },
					} {
						told := map[string]bool{}
						cursor, stuck := "", false
						for pages := 0; ; pages++ {
							page, err := list(cursor)
							if err != nil || pages > 20 {
								t.Fatalf("%s: page %d: %v", what, pages, err)
							}
							for _, c := range page.Changes {
								told[c.ID] = true
							}
							stuck = page.Stuck
							if cursor = page.Cursor; stuck || !page.More {
								break
							}
						}
						if len(told) != n || !stuck {
							t.Errorf("%s: told %d issues of %d, stuck %v", what, len(told), n, stuck)
						}
					}
				})
			})
		}
	}
}

// A long history whose pages don't end is read once, and whole.
func TestHistoryPagesThatDoNotEnd(t *testing.T) {
	for _, manner := range []string{"pages-loop", "pages-ever-fresh"} {
		t.Run(manner, func(t *testing.T) {
			strangely(t, func(t *testing.T, d *world) {
				key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
				for n := range 60 {
					d.after(t, time.Second, d.Jira().SetTeam(key, agent, fmt.Sprint("team ", n)))
				}
				for range 130 {
					d.after(t, time.Second, d.Jira().Comment(key, agent, "still on it", true))
				}
				d.misbehave(t, manner)
				got := d.read(t, key)
				if got.Ticket == nil || len(got.Ticket.Events) != 190 {
					t.Fatalf("got %+v", got)
				}
				if !slices.IsSortedFunc(got.Ticket.Events, func(a, b rules.Event) int { return a.At.Compare(b.At) }) {
					t.Error("the events aren't in order")
				}
			})
		})
	}
}
