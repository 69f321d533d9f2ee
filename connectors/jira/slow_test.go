package jira_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/connectors/sandbox"
)

// A Jira that doesn't answer for many issues at once is asked for fewer, and from
// then on no more than it answers for.
func TestSlowInBulk(t *testing.T) {
	t.Parallel()
	slowly(t, func(t *testing.T, d *world) {
		var keys []string
		for range 60 {
			keys = append(keys, d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer}))
		}
		d.after(t, time.Minute, d.Check(t.Context()))
		d.misbehave(t, "slow-bulk")
		for round, late := range []int{2, 0} {
			d.count()
			readings, err := d.Read(t.Context(), keys)
			if err != nil || len(readings) != len(keys) {
				t.Fatalf("got %d readings, %v", len(readings), err)
			}
			hung := 0
			for _, c := range d.Calls("jira")[len(d.Calls("jira"))-d.calls():] {
				if c.Status == 0 {
					hung++
				}
			}
			if hung > late+round {
				t.Errorf("round %d: %d requests hung", round, hung)
			}
			for id, got := range outcomes(readings) {
				if got != id {
					t.Errorf("%s: %s", id, got)
				}
			}
		}
		if list, err := d.Escalated(t.Context(), keys); err != nil || len(list) != len(keys) {
			t.Errorf("as escalated issues: got %d, %v", len(list), err)
		}
	})
}

// calls is how many requests there were since the last count.
func (d *world) calls() int { return len(d.Calls("jira")) - d.counted }

// One issue whose history hangs is an error of its own; all others are told.
func TestHistoryThatHangs(t *testing.T) {
	t.Parallel()
	slowly(t, func(t *testing.T, d *world) {
		var keys []string
		for n := range 8 {
			labels := []string{}
			if n == 5 {
				labels = []string{"stuck"}
			}
			key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer, Labels: labels})
			for c := range 45 { // more than Cloud shows along with the issue
				d.after(t, time.Second, d.Jira().SetTeam(key, agent, fmt.Sprint("team ", c)))
			}
			keys = append(keys, key)
		}
		d.after(t, time.Minute, d.Check(t.Context()))
		d.misbehave(t, "history-hangs")
		readings, err := d.Read(t.Context(), keys)
		if err != nil || len(readings) != len(keys) {
			t.Fatalf("got %d readings, %v", len(readings), err)
		}
		for n, r := range readings {
			switch {
			case n == 5 && (r.Err == nil || !strings.Contains(r.Err.Error(), "not answered within")):
				t.Errorf("the one that hangs: got %+v", r)
			case n != 5 && (r.Ticket == nil || len(r.Ticket.Events) != 45):
				t.Errorf("%s: got %+v", r.ID, r)
			}
		}
	})
}

// The comments of one issue that hang hold up no other.
func TestCommentsThatHang(t *testing.T) {
	t.Parallel()
	slowly(t, func(t *testing.T, d *world) {
		var keys []string
		for n := range 6 {
			labels := []string{}
			if n == 2 {
				labels = []string{"stuck"}
			}
			key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer, Labels: labels})
			for range 25 {
				d.after(t, time.Second, d.Jira().Comment(key, agent, "on it", true))
			}
			keys = append(keys, key)
		}
		d.after(t, time.Minute, d.Check(t.Context()))
		d.misbehave(t, "history-hangs")
		readings, err := d.Read(t.Context(), keys)
		got := outcomes(readings)
		if err != nil || got[keys[2]] != "error" || slices.ContainsFunc(keys, func(k string) bool { return k != keys[2] && got[k] != k }) {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

// Two names of one issue are one ticket.
func TestTwoNamesOfOneIssue(t *testing.T) {
	both(t, func(t *testing.T, d *world) {
		key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
		issue, _ := d.Jira().Issue(key)
		for _, ids := range [][]string{{key, issue.ID}, {issue.ID, key}, {strings.ToLower(key), issue.ID, key}} {
			readings, err := d.Read(t.Context(), ids)
			if err != nil || len(readings) != len(ids) {
				t.Fatalf("got %v, %v", readings, err)
			}
			for _, r := range readings {
				if (r.ID == key) != (r.Ticket != nil) || r.ID != key && r.Same != key {
					t.Errorf("asked for %v, %s: got %+v", ids, r.ID, r)
				}
			}
		}
	})
}
