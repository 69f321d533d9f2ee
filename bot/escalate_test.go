package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/sandbox"
)

// escalations is a morning on which two tickets of one problem go to those who
// repair, and come back.
func escalations(t *testing.T, s *site) (left []string) {
	t.Helper()
	act := func(minute int, err error) {
		t.Helper()
		must(t, err)
		s.rest(t)
		s.until(t, 9, minute, 0)
	}
	open := func(kind string, tags ...string) int64 {
		id, err := s.z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "Nobody gets in.", Type: kind, Priority: "urgent", RequesterEmail: siteNadia, SubmitterEmail: siteLena, Tags: tags})
		must(t, err)
		return id
	}
	problem := open("problem")
	one, two := open("incident"), open("incident")
	act(2, s.z.Update(one, siteLena, sandbox.ZendeskUpdate{Problem: problem, AddTags: []string{"dev"}}))
	act(4, s.z.Update(two, siteLena, sandbox.ZendeskUpdate{Problem: problem, AddTags: []string{"dev"}}))
	act(6, nil) // what was cut off is tried again
	act(8, nil)
	for _, i := range s.j.Issues() {
		must(t, s.j.Transition(i.Key, siteLena, "Resolved"))
	}
	act(12, nil)
	act(16, nil)
	s.watch(nil)
	act(25, nil)
	for _, i := range s.j.Issues() {
		left = append(left, fmt.Sprint(i.Key, " ", i.Status, " ", i.Labels, " ", i.Fields["duedate"], " ", i.Links))
	}
	for _, id := range []int64{problem, one, two} {
		ticket, _ := s.z.Ticket(id)
		left = append(left, fmt.Sprint(ticket.Tags, " ", s.z.Notes(id)))
	}
	var said []string // in whichever order the sources came up
	for _, m := range s.Slack().Messages("#sla") {
		said = append(said, m.Text)
	}
	slices.Sort(said)
	return append(left, said...)
}

// TestEscalationKilled kills real programs at what they change for an escalation,
// before it is done and after: never two issues, never two notes.
func TestEscalationKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("kills many real processes")
	}
	quiet := newSite(t, databases(t)["SQLite"](t), 1)
	var mu sync.Mutex
	effects := 0
	quiet.watch(func(_ *replica, req *http.Request, answer func()) {
		if effect(req) {
			mu.Lock()
			effects++
			mu.Unlock()
		}
		answer()
	})
	want := escalations(t, quiet)
	explain := exec.Command(os.Args[0], "explain", "zendesk:2", "--config", quiet.replicas[0].config, "--now", "2026-11-27T09:25:00+01:00")
	explain.Env = quiet.replicas[0].env()
	if said, err := explain.Output(); err != nil || !strings.Contains(string(said), "With the technical team: DEV-1 (Resolved), marked Fri 2026-11-27 09:00") {
		t.Errorf("explain said %s, %v", said, err)
	}
	if effects < 10 || len(quiet.j.Issues()) != 1 || len(quiet.z.Notes(2)) != 2 {
		t.Fatalf("%d effects: %q", effects, want)
	}
	stride := 7 // of all; each site begins at another one
	if *everyFault {
		stride = 1
	}
	for i, on := range sites {
		t.Run(on.name, func(t *testing.T) {
			if on.database != "SQLite" && !*everyFault {
				t.Skip("takes minutes: with -every-fault")
			}
			runs, kills := 0, 0
			for k := 2 * i % stride; k < effects; k += stride {
				for _, done := range []bool{true, false} {
					if !*everyFault && done == (k/stride%2 == 0) {
						continue
					}
					t.Run(fmt.Sprintf("effect %d done %v", k, done), func(t *testing.T) {
						s := newSite(t, databases(t)[on.database](t), on.replicas)
						killed := killAt(s, k, done)
						if diff := cmp.Diff(want, escalations(t, s)); diff != "" {
							t.Errorf("undisturbed against killed: %s\n%s", diff, s.logs(tail))
						}
						if runs++; killed() { // the last writes go out together or apart
							kills++
						}
					})
				}
			}
			if runs > 0 && kills < (runs+1)/2 {
				t.Errorf("it was killed in %d of %d runs only", kills, runs)
			}
		})
	}
}
