package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vigie/connectors/sandbox"
	"vigie/rules"
)

// An act is what somebody does to a request, in whichever vendor's words.
type act struct {
	after time.Duration // the one before
	what  string        // status, priority, agent, customer, technical
	to    string        // a status of ours, a priority of the policy, the issue's status
}

// stories are requests' lives, and how long after the last act one looks at them.
var stories = rapid.Custom(func(t *rapid.T) (story []act) {
	pause := func(label string) time.Duration {
		return time.Duration(rapid.IntRange(1, 30*60).Draw(t, label)) * time.Minute
	}
	status := "open"
	for range rapid.IntRange(1, 8).Draw(t, "acts") {
		a := act{after: pause("minutes"), what: rapid.SampledFrom([]string{"status", "status", "priority", "agent", "customer", "technical"}).Draw(t, "what")}
		switch a.what {
		case "status":
			a.to = rapid.SampledFrom([]string{"open", "waiting_customer", "waiting_third_party", "solved"}).Draw(t, "to")
			if a.to == status {
				a.what = "" // nothing happens
			}
			status = a.to
		case "priority":
			a.to = rapid.SampledFrom([]string{"urgent", "normal"}).Draw(t, "to")
		case "customer":
			if status != "open" { // Zendesk reopens by itself
				status, a.to = "open", "open"
			}
		case "technical":
			a.to = rapid.SampledFrom([]string{"In Progress", "On hold", "Waiting for customer", "Resolved"}).Draw(t, "there")
		}
		story = append(story, a)
	}
	return append(story, act{after: pause("then")})
})

var (
	zendeskStatus = map[string]string{"open": "open", "waiting_customer": "pending", "waiting_third_party": "hold", "solved": "solved"}
	jiraStatus    = map[string]string{"open": "In Progress", "waiting_customer": "Waiting for customer", "waiting_third_party": "On hold", "solved": "Resolved"}
	jiraPriority  = map[string]string{"urgent": "Highest", "normal": "Medium"}
)

// The same story gives the same due dates, whether all of it happens in Zendesk, or
// in Jira, or the customer's and the agents' part in Zendesk and the technical
// team's in an issue that is linked to the ticket: there is one clock, and what the
// technical team does neither stops it nor starts another.
func TestOneClockOverBothVendors(t *testing.T) {
	w := newWorld(t)
	w.addJira(t).AddProject("DEV", "Development")
	rapid.Check(t, func(t *rapid.T) {
		w.set(w.Now().Add(48 * time.Hour).Truncate(time.Second))
		tell := newTellers(t, w)
		tell.dev = w.Jira().Create(sandbox.NewIssue{Project: "DEV", Type: "Bug", Summary: "Portal down", Reporter: lena})
		for _, a := range stories.Draw(t, "story") {
			w.set(w.Now().Add(a.after))
			tell.all(t, a)
		}
		tell.alike(t, tell.read(t))
	})
}

// The same where the engine is at work all the while: the issue is the one that it
// makes, and its tags, due dates and notes, and the issue's news, are in the story.
func TestOneClockWithTheEngineAtWork(t *testing.T) {
	most := 6
	if testing.Short() {
		most = 2
	}
	for seed, told := 0, 0; told < most; seed++ {
		story := stories.Example(seed)
		if !slices.ContainsFunc(story, func(a act) bool { return a.what == "technical" }) {
			continue
		}
		told++
		t.Run(fmt.Sprint("story ", seed), func(t *testing.T) {
			w := newWorkshop(t)
			w.addJira(t)
			w.until(t, w.Now().Add(time.Minute))
			tell := newTellers(t, w)
			must(t, w.z.AddTags(tell.split, lena, "dev"))
			w.until(t, w.Now().Add(20*time.Minute)) // a poll of each
			for _, i := range w.Jira().Issues() {
				if strings.HasPrefix(i.Key, "DEV-") {
					tell.dev = i.Key
				}
			}
			there := "Open"
			for _, a := range story {
				w.until(t, w.Now().Add(a.after))
				tell.all(t, a)
				if a.what == "technical" {
					there = a.to
				}
			}
			w.until(t, w.Now().Add(40*time.Minute))
			list := tell.known(t)
			tell.alike(t, list)
			if i := list[2].Issue; !i.Linked() || i.Key != tell.dev || i.Status != there {
				t.Errorf("got the issue %+v, want %s, %s", i, tell.dev, there)
			}
			if n := len(w.z.Notes(tell.split)); n == 0 {
				t.Error("no note tells of the issue")
			}
		})
	}
}

// senders tell a story thrice: of a ticket, of an issue, of a ticket that has an
// issue with the technical team.
type senders struct {
	w             *world
	ticket, split int64
	issue, dev    string
}

func newTellers(t rapid.TB, w *world) *senders {
	tell := &senders{w: w}
	for _, id := range []*int64{&tell.ticket, &tell.split} {
		n, err := w.z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "Nobody gets in.", Type: "incident", Status: "open", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
		ok(t, err)
		*id = n
	}
	tell.issue = w.Jira().Create(sandbox.NewIssue{Project: "SUP", Type: "Incident", Summary: "Portal down", Description: "Nobody gets in.", Reporter: nadia})
	ok(t, w.Jira().SetPriority(tell.issue, lena, "Highest"))
	ok(t, w.Jira().Transition(tell.issue, lena, "In Progress"))
	return tell
}

// all has an act told by all three.
func (tell *senders) all(t rapid.TB, a act) {
	z, j := tell.w.z, tell.w.Jira()
	if a.what == "technical" {
		ok(t, z.Reply(tell.ticket, lena, false, "It is the network."))
		ok(t, j.Comment(tell.issue, lena, "It is the network.", false))
		ok(t, j.Comment(tell.dev, lena, "It is the network.", true))
		ok(t, j.Transition(tell.dev, lena, a.to))
		return
	}
	for _, id := range []int64{tell.ticket, tell.split} {
		switch a.what {
		case "status":
			ok(t, z.SetStatus(id, lena, zendeskStatus[a.to]))
		case "priority":
			ok(t, z.SetPriority(id, lena, a.to))
		case "agent":
			ok(t, z.Reply(id, lena, true, "We are on it."))
		case "customer":
			ok(t, z.Reply(id, nadia, true, "And now?"))
		}
	}
	switch a.what {
	case "priority":
		ok(t, j.SetPriority(tell.issue, lena, jiraPriority[a.to]))
	case "agent":
		ok(t, j.Comment(tell.issue, lena, "We are on it.", true))
	case "customer":
		ok(t, j.Comment(tell.issue, nadia, "And now?", true))
	}
	if a.what == "status" || a.what == "customer" && a.to != "" {
		by := lena
		if a.what == "customer" {
			by = nadia
		}
		ok(t, j.Transition(tell.issue, by, jiraStatus[a.to]))
	}
}

// read is what the connectors make of the three.
func (tell *senders) read(t rapid.TB) (list []*rules.Ticket) {
	for _, of := range []struct {
		source int
		id     string
	}{{0, fmt.Sprint(tell.ticket)}, {1, tell.issue}, {0, fmt.Sprint(tell.split)}} {
		readings, err := tell.w.Sources[of.source].Desk.Read(context.Background(), []string{of.id})
		ok(t, err)
		if len(readings) != 1 || readings[0].Ticket == nil {
			t.Fatalf("%s: got %+v", of.id, readings)
		}
		list = append(list, readings[0].Ticket)
	}
	dev, _ := tell.w.Jira().Issue(tell.dev)
	list[2].Issue = &rules.Issue{Source: "jira", ID: dev.ID, Key: dev.Key, Status: dev.Status, Progress: rules.Progress(strings.ToLower(dev.Status))}
	return list
}

// known is what the engine knows of the three.
func (tell *senders) known(t rapid.TB) (list []*rules.Ticket) {
	for _, of := range []struct{ source, id string }{{"zendesk", fmt.Sprint(tell.ticket)}, {"jira", tell.issue}, {"zendesk", fmt.Sprint(tell.split)}} {
		row, err := tell.w.Store.Ticket(context.Background(), of.source, of.id)
		ok(t, err)
		if row == nil || row.Ticket == nil {
			t.Fatalf("%s:%s isn't known", of.source, of.id)
		}
		list = append(list, row.Ticket)
	}
	return list
}

// alike says where the three have different clocks.
func (tell *senders) alike(t rapid.TB, list []*rules.Ticket) {
	var clocks [3][]string
	for i, ticket := range list {
		v, err := rules.Evaluate(tell.w.Sources[0].Policies, ticket, tell.w.Now())
		if err != nil || v.Error != "" {
			t.Fatal(err, v.Error)
		}
		for _, c := range v.Clocks {
			for _, c := range append(c.Past, c) {
				due := "none"
				if c.Due != nil {
					due = c.Due.Format(time.RFC3339)
				}
				clocks[i] = append(clocks[i], fmt.Sprint(c.Metric, " ", c.Cycle, " ", c.State, " ", c.Paused, " due ", due, ", used ", c.Elapsed))
			}
		}
	}
	for i, in := range []string{"Jira", "both"} {
		if diff := cmp.Diff(clocks[0], clocks[i+1]); diff != "" {
			t.Errorf("told in Zendesk against told in %s: %s", in, diff)
		}
	}
	if len(clocks[0]) < 2 {
		t.Errorf("got the clocks %q", clocks[0])
	}
}

func ok(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
