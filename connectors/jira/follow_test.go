package jira_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"vigie/connectors/desk"
	"vigie/connectors/sandbox"
)

// What a quarter of an hour of polls costs, one a minute, however the changes come:
// an issue is read once for each of its changes, and not again for being told in
// the overlap. Up to two pages of changes the searches show their versions; with
// more, the versions come by the thousand. go test -v prints the table.
func TestRequestsOfAQuarterOfAnHour(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of issues")
	}
	const minutes = 15
	rows := map[string]struct {
		changes func(minute int) int // in the minute before a poll
		most    count
	}{
		"nothing":            {func(int) int { return 0 }, count{searches: 15}},
		"20 a minute":        {func(int) int { return 20 }, count{searches: 15, reads: 15}},
		"40 a minute":        {func(int) int { return 40 }, count{searches: 28, reads: 15}},
		"100 a minute":       {func(int) int { return 100 }, count{searches: 18, reads: 28}},
		"300 a minute":       {func(int) int { return 300 }, count{searches: 17, reads: 72}},
		"1,000 once":         {func(m int) int { return map[int]int{3: 1000}[m] }, count{searches: 17, reads: 14}},
		"1,000 in every 5th": {func(m int) int { return map[int]int{0: 1000}[m%5] }, count{searches: 21, reads: 42}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, sandbox.JiraOptions{})
			var keys []string
			for range 5000 {
				keys = append(keys, d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer}))
			}
			d.after(t, 30*24*time.Hour, d.Check(t.Context()))
			changes := func(ctx context.Context, cursor string) (desk.Page, error) {
				return d.Changes(ctx, cursor, d.now.Add(-time.Hour))
			}
			known := map[string]string{}
			_, cursor := d.poll(t, changes, known, "")
			d.count()
			var all count
			var polls []int
			next := 0
			for minute := range minutes {
				want := row.changes(minute)
				for n := range want {
					d.after(t, time.Minute/time.Duration(want+1), d.Jira().SetTeam(keys[next%len(keys)], agent, fmt.Sprint("team ", minute, n)))
					next++
				}
				d.after(t, time.Minute-time.Duration(want)*(time.Minute/time.Duration(want+1)), nil)
				var ids []string
				ids, cursor = d.poll(t, changes, known, cursor)
				if len(ids) != want {
					t.Errorf("minute %d: %d are to be read, want %d", minute, len(ids), want)
				}
				if len(ids) > 0 {
					for _, r := range d.readAll(t, ids) {
						known[r.ID] = r.Version
					}
				}
				n := d.count()
				all.searches, all.reads = all.searches+n.searches, all.reads+n.reads
				polls = append(polls, n.searches+n.reads)
			}
			t.Logf("%3d searches + %3d reads = %3d; poll by poll: %v", all.searches, all.reads, all.searches+all.reads, polls)
			if all.searches > row.most.searches || all.reads > row.most.reads {
				t.Errorf("got %+v, want %+v at most", all, row.most)
			}
		})
	}
}

// Whatever changes while pages are read, with a search that is behind and with
// long pauses in between, the polls tell it: after them all is known as it is.
func TestPollsTellAllThatChanges(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 0))
			d := newDesk(t, sandbox.JiraOptions{IndexLag: time.Minute, BulkOf100: seed%2 == 1})
			var keys []string
			for range 300 {
				keys = append(keys, d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer}))
			}
			d.after(t, time.Hour, d.Check(t.Context()))
			change := func(most int) {
				for range r.IntN(most + 1) {
					d.after(t, time.Duration(r.IntN(1000))*time.Millisecond, d.Jira().SetTeam(keys[r.IntN(len(keys))], agent, d.now.String()))
				}
			}
			known := map[string]string{}
			cursor, pages := "", 0
			poll := func(quiet bool) {
				dirty := map[string]bool{}
				for more := true; more; pages++ {
					page, err := d.Changes(t.Context(), cursor, d.now.Add(-24*time.Hour))
					if err != nil {
						t.Fatal(err)
					}
					for _, c := range page.Changes {
						dirty[c.ID] = dirty[c.ID] || known[c.ID] != c.Version
					}
					cursor, more = page.Cursor, page.More
					if !quiet {
						change(60)
						d.now = d.now.Add([]time.Duration{0, time.Second, 40 * time.Second, 20 * time.Minute}[r.IntN(4)])
					}
				}
				var ids []string
				for id, is := range dirty {
					if is {
						ids = append(ids, id)
					}
				}
				for _, reading := range d.readAll(t, ids) {
					known[reading.ID] = reading.Version
				}
			}
			for range 10 {
				change([]int{5, 100, 500}[r.IntN(3)])
				d.now = d.now.Add([]time.Duration{time.Minute, time.Minute, 2 * time.Hour}[r.IntN(3)])
				poll(false)
			}
			d.now = d.now.Add(time.Minute)
			poll(true)
			for _, reading := range d.readAll(t, keys) {
				if known[reading.ID] != reading.Version {
					t.Errorf("%s is known at %q, and is at %s", reading.ID, known[reading.ID], reading.Version)
				}
			}
			t.Logf("%d pages", pages)
		})
	}
}

func (d *world) readAll(t *testing.T, ids []string) []desk.Reading {
	t.Helper()
	got, err := d.Read(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	return got
}
