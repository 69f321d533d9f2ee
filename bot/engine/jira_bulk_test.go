package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vigie/connectors/sandbox"
)

// What a thousand changed issues of Jira's and a storm of webhooks cost, in
// requests; go test -v prints it.
func TestJiraInBulk(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of tickets")
	}
	w := newWorld(t)
	j := w.addJira(t)
	seen := 0
	count := func(what string, reads, writes int) {
		t.Helper()
		var site, searches, read, wrote int
		calls := w.Calls("jira")
		for _, c := range calls[seen:] {
			switch name := c.Path[strings.LastIndexByte(c.Path, '/')+1:]; {
			case c.Write:
				wrote++
			case name == "jql":
				searches++
			case strings.Contains(c.Path, "/issue/") || strings.Contains(c.Path, "/changelog/"):
				read++
			default:
				site++
			}
		}
		seen = len(calls)
		t.Logf("%-20s %3d searches %3d reads %5d writes, %d questions about the site", what, searches, read, wrote, site)
		if searches+read > reads || wrote > writes {
			t.Errorf("%s: got %d searches and reads and %d writes, want %d and %d at most", what, searches+read, wrote, reads, writes)
		}
	}
	var keys []string
	for range 1000 {
		keys = append(keys, j.Create(sandbox.NewIssue{Project: "SUP", Reporter: nadia}))
	}
	w.settle(t)
	count("1,000 at the start", 20, 1000)
	w.set(w.Now().Add(20 * time.Minute))
	w.settle(t) // our own writes are news once
	count("our own writes", 15, 0)
	w.set(w.Now().Add(20 * time.Minute))
	w.settle(t)
	count("nothing changed", 1, 0)
	for _, key := range keys {
		must(t, j.SetPriority(key, lena, "Highest"))
	}
	w.set(w.Now().Add(20 * time.Minute))
	w.settle(t)
	count("1,000 changed", 15, 1000)
	w.set(w.Now().Add(20 * time.Minute))
	w.settle(t)
	count("our own writes", 15, 0)

	for n := range 5000 {
		_, err := w.Receive(t.Context(), "jira", d(fmt.Sprint("storm ", n), keys[n%50]))
		must(t, err)
	}
	w.settle(t)
	count("5,000 webhooks on 50", 55, 0)
}
