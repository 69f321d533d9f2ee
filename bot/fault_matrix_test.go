package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/sandbox"
)

var everyFault = flag.Bool("every-fault", false, "kill the program at every effect, not only at some")

// sites are what the fault matrix runs on: a state, and how many programs.
var sites = []struct {
	name, database string
	replicas       int
}{
	{"SQLite", "SQLite", 1},
	{"PostgreSQL", "PostgreSQL", 1},
	{"PostgreSQL with two replicas", "PostgreSQL", 2},
}

// story is a day at a site: warnings, a breach, a reply that withdraws one, a
// pause, a reopening, in Zendesk and in Jira.
func story(t *testing.T, s *site) {
	t.Helper()
	act := func(err error) {
		t.Helper()
		must(t, err)
		s.rest(t)
	}
	down, err := s.z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "Nobody gets in.", Type: "incident", Priority: "urgent", RequesterEmail: siteNadia, SubmitterEmail: siteLena})
	act(err)
	slow, err := s.z.Open(sandbox.NewTicket{Subject: "Slow", Body: "It is slow.", Type: "incident", Priority: "urgent", RequesterEmail: siteNadia, SubmitterEmail: siteLena})
	act(err)
	issue := s.j.Create(sandbox.NewIssue{Project: "SUP", Type: "Incident", Summary: "No data", Description: "Nothing comes in.", Reporter: siteNadia})
	act(s.j.SetPriority(issue, siteLena, "Highest"))
	s.until(t, 11, 0, 1) // half of the update is used: three warnings
	act(s.z.Reply(down, siteLena, true, "We are on it."))
	s.until(t, 12, 0, 1) // three quarters, of two
	act(s.z.SetStatus(slow, siteLena, "pending"))
	s.until(t, 13, 0, 1) // Jira's is missed
	act(s.j.Comment(issue, siteLena, "It is the network.", true))
	act(s.z.Reply(slow, siteNadia, true, "And now?"))
	act(s.z.SetStatus(down, siteLena, "solved"))
	s.until(t, 15, 30, 0) // the other one's, too
	act(s.z.Reply(down, siteNadia, true, "It is back."))
}

// An outcome is all that became of a story, but for when.
type outcome struct {
	Tickets  []string
	Messages []string
	Posts    int // messages and replies that were posted
}

func (s *site) outcome(t *testing.T) outcome {
	t.Helper()
	var o outcome
	for _, z := range s.z.Tickets() {
		o.Tickets = append(o.Tickets, fmt.Sprintf("%d %s %q due %s", z.ID, z.Status, slices.Sorted(slices.Values(z.Tags)), z.Field(360001)))
	}
	for _, i := range s.j.Issues() {
		o.Tickets = append(o.Tickets, fmt.Sprintf("%s %s %q", i.Key, i.Status, slices.Sorted(slices.Values(i.Labels))))
	}
	all := s.Slack().Messages("#sla")
	parents := map[string]string{}
	key := func(m sandbox.SlackMessage) string {
		var of struct {
			Payload struct {
				Key string `json:"key"`
			} `json:"event_payload"`
		}
		_ = json.Unmarshal(m.Metadata, &of)
		return of.Payload.Key
	}
	for _, m := range all {
		parents[m.TS] = key(m)
	}
	for _, m := range all {
		o.Messages = append(o.Messages, fmt.Sprintf("%s in %q: %s", key(m), parents[m.ThreadTS], m.Text))
	}
	slices.Sort(o.Messages)
	o.Posts = len(all)
	return o
}

// effect says that a request asks a vendor for a change.
func effect(req *http.Request) bool {
	switch {
	case strings.HasPrefix(req.URL.Path, "/api/v2/"):
		return req.Method != http.MethodGet
	case strings.HasPrefix(req.URL.Path, "/api/"):
		return strings.HasPrefix(req.URL.Path, "/api/chat.")
	}
	return req.Method == http.MethodPut || req.Method == http.MethodPost && (strings.HasSuffix(req.URL.Path, "/issue") || strings.HasSuffix(req.URL.Path, "/remotelink"))
}

// undisturbed is the outcome of the story without faults, and how many effects it
// had.
func undisturbed(t *testing.T) (want outcome, effects int) {
	t.Helper()
	s := newSite(t, databases(t)["SQLite"](t), 1)
	var mu sync.Mutex
	s.watch(func(_ *replica, req *http.Request, answer func()) {
		if effect(req) {
			mu.Lock()
			effects++
			mu.Unlock()
		}
		answer()
	})
	story(t, s)
	for _, r := range s.replicas {
		r.stop(syscall.SIGKILL)
	}
	return s.outcome(t), effects
}

// TestKilledAtEveryEffect kills the program that is about to change something at a
// vendor, or has just done so and doesn't know it, at each change in turn: a real
// process, with SIGKILL. Whatever the state is kept in, and however many programs
// there are, in the end everything is as if nothing had happened.
func TestKilledAtEveryEffect(t *testing.T) {
	if testing.Short() {
		t.Skip("kills many real processes")
	}
	want, effects := undisturbed(t)
	if effects < 15 {
		t.Fatalf("the story has %d effects only: %+v", effects, want)
	}
	stride := 11 // of all; each site begins at another one
	if *everyFault {
		stride = 1
	}
	for i, on := range sites {
		t.Run(on.name, func(t *testing.T) {
			runs := 0
			for k := i % stride; k < effects; k += stride {
				for _, done := range []bool{true, false} {
					if !*everyFault && done == (k/stride%2 == 0) {
						continue
					}
					runs++
					name := fmt.Sprintf("effect %d, not done", k)
					if done {
						name = fmt.Sprintf("effect %d, done", k)
					}
					t.Run(name, func(t *testing.T) {
						s := newSite(t, databases(t)[on.database](t), on.replicas)
						killed := killAt(s, k, done)
						story(t, s)
						if diff := cmp.Diff(want, s.outcome(t)); diff != "" {
							t.Errorf("undisturbed against killed: %s\n%s", diff, s.logs(tail))
						}
						if !killed() {
							t.Error("it was never killed")
						}
						s.noSecrets(t)
					})
				}
			}
			t.Logf("%s: %d effects, %d runs", on.name, effects, runs)
		})
	}
}

// killAt has the program killed that asks for the kth change from now on, before
// the vendor does it or after.
func killAt(s *site, k int, done bool) (killed func() bool) {
	var mu sync.Mutex
	n, hit := 0, false
	s.watch(func(r *replica, req *http.Request, answer func()) {
		mu.Lock()
		now := effect(req) && n == k && !hit
		if effect(req) {
			n++
		}
		hit = hit || now
		mu.Unlock()
		if !now || done {
			answer()
		}
		if now {
			r.kill()
		}
	})
	return func() bool {
		mu.Lock()
		defer mu.Unlock()
		return hit
	}
}

// TestKilledAtRandom kills programs at random instants all through the story.
func TestKilledAtRandom(t *testing.T) {
	if testing.Short() {
		t.Skip("kills many real processes")
	}
	want, _ := undisturbed(t)
	for _, on := range sites {
		t.Run(on.name, func(t *testing.T) {
			seed := uint64(time.Now().UnixNano())
			t.Log("seed", seed)
			random := rand.New(rand.NewPCG(seed, 0))
			s := newSite(t, databases(t)[on.database](t), on.replicas)
			end, ended := make(chan struct{}), make(chan int)
			go func() {
				kills := 0
				defer func() { ended <- kills }()
				for kills < 12 {
					select {
					case <-end:
						return
					case <-time.After(time.Duration(random.IntN(1500)) * time.Millisecond):
						s.replicas[random.IntN(len(s.replicas))].kill()
						kills++
					}
				}
			}()
			story(t, s)
			close(end)
			t.Log(<-ended, "kills")
			s.rest(t)
			if diff := cmp.Diff(want, s.outcome(t)); diff != "" {
				t.Errorf("undisturbed against killed: %s\n%s", diff, s.logs(tail))
			}
			s.noSecrets(t)
		})
	}
}
