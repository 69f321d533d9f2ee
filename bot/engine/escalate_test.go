package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/robfig/cron/v3"

	"vigie/bot/adapt"
	"vigie/bot/engine"
	"vigie/bot/store"
	"vigie/connectors/contract"
	"vigie/connectors/jira"
	"vigie/connectors/rest"
	"vigie/connectors/sandbox"
)

// toDev sends what an agent has tagged "dev" to those who repair.
const toDev = `
[[escalate]]
when           = '"dev" in tags'
project        = "DEV"
type           = "Bug"
due_fields     = { resolution = "duedate", update = "customfield_10051" }
tickets_field  = "customfield_10070"
fields         = { customfield_10054 = "from support" }
tag            = "dev"
unlinked_after = "2 business hours"
clause         = "A-9"
note           = { fr = "À la technique.", en = "With the technical team." }
`

// track has a source's tickets escalated to the sandbox's Jira.
func (w *world) track(t testing.TB, s *engine.Source) {
	read, write := s.Policies[0].VendorPriorities("jira")
	cfg := jira.Config{
		Name: "jira", URL: w.url, Email: w.Tokens.Jira.Email, Token: w.Tokens.Jira.Token, Projects: []string{"DEV"},
		Priorities: read, VendorPriority: write, DueFields: s.Policies[0].Escalates[0].DueFields, Now: w.Now,
	}
	noWait := func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	client := jira.New(cfg, (&rest.Transport{Base: contract.Check(t), Authorize: cfg.Authorize, Retry: jira.Repeatable, Sleep: noWait}).Client())
	s.Tracker, s.TrackerName, s.Follow, s.AskTracker = adapt.Tracker{Tracker: client}, "jira", cron.Every(5*time.Minute), client.CheckShown
}

// newWorkshop is a world whose tickets may go to a project DEV of a Jira.
func newWorkshop(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	j := w.Jira()
	j.AddUser(sandbox.JiraUser{Email: lena, Name: "Lena"})
	j.AddProject("DEV", "Development")
	w.escalate, w.policy = true, acme+toDev
	w.restart(t)
	return w
}

// marked opens an urgent incident that an agent has marked.
func (w *world) marked(t testing.TB) int64 {
	t.Helper()
	id, err := w.z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "Nobody gets in.", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena, Tags: []string{"dev"}})
	w.seen(t, id, err)
	return id
}

// issues are those of the project, with what is to be seen of each.
func (w *world) issues() (list []string) {
	for _, i := range w.Jira().Issues() {
		var links []string
		for _, l := range i.Links {
			links = append(links, fmt.Sprintf("%s %v", l.Title, l.Resolved))
		}
		list = append(list, fmt.Sprintf("%s %s %q %s due %s, %s tickets: %s", i.Key, i.Status, i.Summary, i.Priority, i.Fields["duedate"], i.Fields["customfield_10070"], strings.Join(links, ", ")))
	}
	return list
}

func (w *world) expectIssues(t testing.TB, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, w.issues()); diff != "" {
		t.Fatalf("at %s: %s", w.Now().Format(time.DateTime), diff)
	}
}

// notes are a ticket's, each by its beginning and its mark.
func (w *world) notes(id int64) (list []string) {
	for _, n := range w.z.Notes(id) {
		list = append(list, n[:strings.IndexAny(n, "\n.")]+" … "+n[strings.LastIndexByte(n, '\n')+1:])
	}
	return list
}

func (w *world) expectNotes(t testing.TB, id int64, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, w.notes(id)); diff != "" {
		t.Fatalf("at %s: %s", w.Now().Format(time.DateTime), diff)
	}
}

// An incident's way to those who repair and back.
func TestEscalation(t *testing.T) {
	w := newWorkshop(t)
	plain := w.urgent(t)
	id := w.marked(t)
	w.until(t, at("Fri 2026-11-27 09:10:00"))
	ref := fmt.Sprint("zendesk:", id)
	w.expectIssues(t, `DEV-1 Open "Portal down" Highest due 2026-12-01, 1 tickets: `+ref+` false`)
	i, _ := w.Jira().Issue("DEV-1")
	if i.Fields["customfield_10054"] != "from support" || i.Fields["customfield_10051"] != "2026-11-27T12:00:00Z" || !strings.Contains(i.Description, "Nobody gets in.") || i.Type != "Bug" {
		t.Errorf("got %+v", i)
	}
	mark := "[vigie jira " + i.ID + ": "
	w.expectNotes(t, id, "With the technical team … "+mark+"Open]")
	w.expectNotes(t, plain)
	if tags := joined(w.ticket(t, id).Tags); tags != "dev dev_new priority_urgent" {
		t.Errorf("tags %s", tags)
	}

	// It gets further there, and the agents know.
	must(t, w.Jira().Transition("DEV-1", lena, "In Progress"))
	w.until(t, at("Fri 2026-11-27 09:20:00"))
	w.expectNotes(t, id, "With the technical team … "+mark+"Open]", "Technical team, DEV-1: In Progress … "+mark+"In Progress]")
	if tags := joined(w.ticket(t, id).Tags); tags != "dev dev_in_progress priority_urgent" {
		t.Errorf("tags %s", tags)
	}

	// Another priority here is another there; a person's own there stays.
	w.seen(t, id, w.z.SetPriority(id, lena, "normal"))
	w.until(t, at("Fri 2026-11-27 09:30:00"))
	w.expectIssues(t, `DEV-1 In Progress "Portal down" Medium due 2026-12-03, 1 tickets: `+ref+` false`)
	must(t, w.Jira().SetField("DEV-1", lena, "duedate", "2026-12-24"))
	w.seen(t, id, w.z.Reply(id, lena, true, "It is being repaired.")) // another update date
	w.until(t, at("Fri 2026-11-27 10:00:00"))
	w.expectIssues(t, `DEV-1 In Progress "Portal down" Medium due 2026-12-24, 1 tickets: `+ref+` false`)

	// Solved there: the agents are told, here it goes on.
	must(t, w.Jira().Transition("DEV-1", lena, "Resolved"))
	w.until(t, at("Fri 2026-11-27 10:10:00"))
	if notes := w.z.Notes(id); len(notes) != 3 || !strings.Contains(notes[2], "this ticket stays open") {
		t.Errorf("got %q", notes)
	}
	got := w.ticket(t, id)
	if got.Status == "solved" || joined(got.Tags) != "dev dev_solved priority_normal" {
		t.Errorf("got %s, tags %s", got.Status, joined(got.Tags))
	}
	if all := texts(w.cards()); strings.Count(all, "DEV-1 is solved") != 1 {
		t.Errorf("said %s", all)
	}

	// Solved here, too: the link is struck out, and nobody is bothered any more.
	w.seen(t, id, w.z.SetStatus(id, lena, "solved"))
	w.until(t, at("Fri 2026-11-27 11:00:00"))
	w.expectIssues(t, `DEV-1 Resolved "Portal down" Medium due 2026-12-24, 1 tickets: `+ref+` true`)
	if n := len(w.z.Notes(id)); n != 3 {
		t.Errorf("%d notes", n)
	}
	before := w.writes("jira") + w.writes("zendesk")
	w.until(t, at("Fri 2026-11-27 13:00:00"))
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 13:30:00"))
	if after := w.writes("jira") + w.writes("zendesk"); after > before+1 { // the other ticket's tags
		t.Errorf("%d writes though nothing changed", after-before)
	}
}

// The incidents of a problem share an issue, whichever is marked first.
func TestProblemSharesAnIssue(t *testing.T) {
	w := newWorkshop(t)
	problem, err := w.z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "All of it.", Type: "problem", Priority: "normal", RequesterEmail: nadia, SubmitterEmail: lena})
	w.seen(t, problem, err)
	one := w.marked(t)
	w.until(t, at("Fri 2026-11-27 09:05:00"))
	var ids []int64
	for range 2 {
		id := w.urgent(t)
		w.seen(t, id, w.z.Update(id, lena, sandbox.ZendeskUpdate{Problem: problem, AddTags: []string{"dev"}}))
		ids = append(ids, id)
	}
	w.seen(t, problem, w.z.Update(problem, lena, sandbox.ZendeskUpdate{AddTags: []string{"dev"}, Type: "problem"}))
	w.until(t, at("Fri 2026-11-27 09:30:00"))
	w.expectIssues(t,
		fmt.Sprintf(`DEV-1 Open "Portal down" Highest due 2026-12-01, 1 tickets: zendesk:%d false`, one),
		fmt.Sprintf(`DEV-2 Open "Portal down" Highest due 2026-12-01, 3 tickets: zendesk:%d false, zendesk:%d false, zendesk:%d false`, ids[0], ids[1], problem))
	for _, id := range append(ids, problem) {
		if n := len(w.z.Notes(id)); n != 1 {
			t.Errorf("ticket %d has %d notes", id, n)
		}
	}
	// What is seen of the issue because of one is told in all.
	must(t, w.Jira().Transition("DEV-2", lena, "In Progress"))
	w.seen(t, ids[0], w.z.SetPriority(ids[0], lena, "normal"))
	w.until(t, at("Fri 2026-11-27 09:40:00"))
	for _, id := range append(ids, problem) {
		if n := len(w.z.Notes(id)); n != 2 {
			t.Errorf("ticket %d has %d notes", id, n)
		}
	}
	must(t, w.Jira().Transition("DEV-2", lena, "Open"))
	// The urgent ones are solved: what is left is the problem's.
	for _, id := range ids {
		w.seen(t, id, w.z.SetStatus(id, lena, "solved"))
	}
	w.until(t, at("Fri 2026-11-27 10:30:00"))
	if got := w.issues()[1]; !strings.Contains(got, "DEV-2 Open") || !strings.Contains(got, "Medium due 2026-12-03, 3 tickets") {
		t.Errorf("got %s", got)
	}
}

// An incident that has an issue already is found to be of a problem: what is marked
// of that problem later shares the issue, also when the state has been lost since.
func TestProblemFoundLater(t *testing.T) {
	w := newWorkshop(t)
	one := w.marked(t)
	w.until(t, at("Fri 2026-11-27 09:05:00"))
	problem, err := w.z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "All of it.", Type: "problem", Priority: "normal", RequesterEmail: nadia, SubmitterEmail: lena})
	w.seen(t, problem, err)
	w.seen(t, one, w.z.Update(one, lena, sandbox.ZendeskUpdate{Problem: problem}))
	w.until(t, at("Fri 2026-11-27 09:10:00"))
	share := func() int64 {
		t.Helper()
		id := w.urgent(t)
		w.seen(t, id, w.z.Update(id, lena, sandbox.ZendeskUpdate{Problem: problem, AddTags: []string{"dev"}}))
		return id
	}
	two := share()
	w.until(t, at("Fri 2026-11-27 09:15:00"))
	links := fmt.Sprintf(`zendesk:%d false, zendesk:%d false`, one, two)
	w.expectIssues(t, `DEV-1 Open "Portal down" Highest due 2026-12-01, 2 tickets: `+links)
	if n := len(w.z.Notes(two)); n != 1 {
		t.Errorf("%d notes", n)
	}

	must(t, w.Store.Close())
	w.Engine, w.file = nil, t.TempDir()+"/another.db"
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 09:20:00"))
	w.expectIssues(t, `DEV-1 Open "Portal down" Highest due 2026-12-01, 2 tickets: `+links)
	three := share()
	w.until(t, at("Fri 2026-11-27 09:30:00"))
	w.expectIssues(t, fmt.Sprintf(`DEV-1 Open "Portal down" Highest due 2026-12-01, 3 tickets: %s, zendesk:%d false`, links, three))

	// The first is of another problem after all: it keeps its issue.
	another, err := w.z.Open(sandbox.NewTicket{Subject: "DNS", Body: "DNS.", Type: "problem", Priority: "normal", RequesterEmail: nadia, SubmitterEmail: lena})
	w.seen(t, another, err)
	w.seen(t, one, w.z.Update(one, lena, sandbox.ZendeskUpdate{Problem: another}))
	must(t, w.Store.Close())
	w.Engine, w.file = nil, t.TempDir()+"/a-third.db"
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 09:40:00"))
	w.expectIssues(t, fmt.Sprintf(`DEV-1 Open "Portal down" Highest due 2026-12-01, 3 tickets: %s, zendesk:%d false`, links, three))
}

// What people undo stays undone, and the policy's warning says that it is.
func TestPeopleUnlink(t *testing.T) {
	for name, c := range map[string]struct {
		undo func(t *testing.T, w *world, id int64)
		warn bool
	}{
		"the link is taken off": {func(t *testing.T, w *world, id int64) {
			must(t, w.Jira().Unlink("DEV-1", lena, fmt.Sprintf("vigie=zendesk&id=%d", id)))
			must(t, w.Jira().Transition("DEV-1", lena, "In Progress"))
		}, true},
		"the issue is deleted": {func(t *testing.T, w *world, _ int64) { must(t, w.Jira().Delete("DEV-1")) }, true},
		"the mark is taken off": {func(t *testing.T, w *world, id int64) {
			w.seen(t, id, w.z.RemoveTags(id, lena, "dev"))
			must(t, w.Jira().Transition("DEV-1", lena, "In Progress"))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorkshop(t)
			id := w.marked(t)
			w.until(t, at("Fri 2026-11-27 09:10:00"))
			c.undo(t, w, id)
			w.until(t, at("Fri 2026-11-27 10:30:00"))
			if tags := joined(w.ticket(t, id).Tags); strings.Contains(tags, "dev_") {
				t.Errorf("tags %s", tags)
			}
			warned := func() int { return strings.Count(texts(w.cards()), "no issue is linked") }
			if warned() != 0 {
				t.Error("warned at once")
			}
			w.until(t, at("Fri 2026-11-27 11:30:00"))
			if (warned() == 1) != c.warn {
				t.Errorf("said %s", texts(w.cards()))
			}
			if n := len(w.z.Notes(id)); n != 1 {
				t.Errorf("%d notes", n)
			}
			if n := len(w.Jira().Issues()); n > 1 {
				t.Errorf("%d issues", n)
			}
			// Marked anew it is linked again, to the same issue if there is one.
			if c.warn {
				w.seen(t, id, w.z.RemoveTags(id, lena, "dev"))
				w.set(at("Fri 2026-11-27 11:31:00"))
			}
			w.seen(t, id, w.z.AddTags(id, lena, "dev"))
			w.until(t, at("Fri 2026-11-27 11:45:00"))
			if got := w.issues(); len(got) != 1 || !strings.Contains(got[0], fmt.Sprintf("zendesk:%d false", id)) {
				t.Errorf("marked anew: %q", got)
			}
		})
	}
}

// A Jira that can't be asked is asked again, and people are told in time.
func TestMarkedAndUnlinked(t *testing.T) {
	w := newWorkshop(t)
	w.Faults.Down("jira", true)
	id := w.marked(t)
	w.until(t, at("Fri 2026-11-27 10:59:00"))
	if all := texts(w.cards()); strings.Contains(all, "Technical team") {
		t.Errorf("too early: %s", all)
	}
	w.until(t, at("Fri 2026-11-27 11:30:00"))
	if all := texts(w.cards()); strings.Count(all, "Technical team: no issue is linked") != 1 {
		t.Errorf("said %s", all)
	}
	w.Faults.Down("jira", false)
	w.until(t, at("Fri 2026-11-27 13:00:00"))
	w.expectIssues(t, fmt.Sprintf(`DEV-1 Open "Portal down" Highest due 2026-12-01, 1 tickets: zendesk:%d false`, id))
	if all := texts(w.cards()); !strings.Contains(all, "Technical team: DEV-1") {
		t.Errorf("the message isn't brought up to date: %s", all)
	}
}

// Vigie's account is no longer shown the project, for an hour: that isn't a person
// who has taken the issue away.
func TestProjectIsHiddenForAWhile(t *testing.T) {
	w := newWorkshop(t)
	id := w.marked(t)
	w.until(t, at("Fri 2026-11-27 09:10:00"))
	w.Options.Jira.Lacks = []string{"BROWSE_PROJECTS"}
	must(t, w.Jira().Transition("DEV-1", lena, "In Progress"))
	w.seen(t, id, w.z.SetPriority(id, lena, "normal"))
	w.until(t, at("Fri 2026-11-27 09:58:00"))
	if tags := joined(w.ticket(t, id).Tags); !strings.Contains(tags, "dev_new") {
		t.Errorf("tags %s", tags)
	}
	if a := w.action(t, fmt.Sprint("escalate/zendesk:", id)); a.State == store.Done || a.State == store.Dropped {
		t.Errorf("the escalation is %s: %q", a.State, a.Note)
	}
	w.Options.Jira.Lacks = nil
	w.until(t, at("Fri 2026-11-27 11:30:00"))
	w.expectIssues(t, fmt.Sprintf(`DEV-1 In Progress "Portal down" Medium due 2026-12-03, 1 tickets: zendesk:%d false`, id))
	if tags := joined(w.ticket(t, id).Tags); !strings.Contains(tags, "dev_in_progress") {
		t.Errorf("afterwards: tags %s", tags)
	}
	if s := w.Stalled(); len(s) > 0 {
		t.Errorf("stalled: %v", s)
	}
}

// A dry run makes nothing, and a state that was lost finds what there is.
func TestEscalationAnew(t *testing.T) {
	w := newWorkshop(t)
	w.DryRun = true
	id := w.marked(t)
	w.until(t, at("Fri 2026-11-27 09:30:00"))
	if n := w.writes("jira") + w.writes("zendesk"); n != 0 || len(w.Jira().Issues()) != 0 {
		t.Fatalf("a dry run has made %d changes", n)
	}
	w.restart(t) // a real one, that looks at all anew
	w.Version = "real"
	w.until(t, at("Fri 2026-11-27 09:40:00"))
	issues, notes := w.issues(), w.notes(id)
	if len(issues) != 1 || len(notes) != 1 {
		t.Fatalf("got %q and %q", issues, notes)
	}
	must(t, w.Store.Close())
	w.Engine, w.file = nil, t.TempDir()+"/another.db"
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 10:30:00"))
	if diff := cmp.Diff(issues, w.issues()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(notes, w.notes(id)); diff != "" {
		t.Error(diff)
	}
}

// TestEscalationKilledAtEveryEffect kills the engine at each change that it makes,
// before the vendor has done it and after: there is never a second issue, a second
// note, a second message.
func TestEscalationKilledAtEveryEffect(t *testing.T) {
	type result struct{ Issues, Notes, Cards []string }
	live := func(t *testing.T, w *world) result {
		id := w.marked(t)
		w.until(t, at("Fri 2026-11-27 09:10:00"))
		other, err := w.z.Open(sandbox.NewTicket{Subject: "Slow", Body: "Slow.", Type: "incident", Priority: "normal", RequesterEmail: nadia, SubmitterEmail: lena, Tags: []string{"dev"}})
		w.seen(t, other, err)
		w.until(t, at("Fri 2026-11-27 09:20:00"))
		must(t, w.Jira().Transition("DEV-1", lena, "In Progress"))
		w.until(t, at("Fri 2026-11-27 09:30:00"))
		w.seen(t, id, w.z.SetPriority(id, lena, "normal"))
		w.until(t, at("Fri 2026-11-27 09:40:00"))
		must(t, w.Jira().Transition("DEV-1", lena, "Resolved"))
		w.until(t, at("Fri 2026-11-27 10:30:00"))
		w.onRequest(nil)
		r := result{Issues: w.issues()}
		for _, id := range []int64{id, other} {
			r.Notes = append(append(r.Notes, joined(w.ticket(t, id).Tags)), w.notes(id)...)
		}
		for _, m := range w.cards() {
			r.Cards = append(r.Cards, string(m.Metadata))
		}
		slices.Sort(r.Cards)
		return r
	}
	quiet := newWorkshop(t)
	effects := 0
	quiet.onRequest(func(_ string, write bool) {
		if write {
			effects++
		}
	})
	want := live(t, quiet)
	if len(want.Issues) != 2 || len(want.Notes) != 6 || len(want.Cards) == 0 || effects < 14 {
		t.Fatalf("%d effects: %+v", effects, want)
	}
	for _, done := range []bool{true, false} {
		for k := range effects {
			if testing.Short() && k%4 != 0 {
				continue
			}
			t.Run(fmt.Sprintf("effect %d done %v", k, done), func(t *testing.T) {
				w := newWorkshop(t)
				killed := w.killAt(k, done)
				if diff := cmp.Diff(want, live(t, w)); diff != "" {
					t.Error("undisturbed against killed:", diff)
				}
				if !killed() {
					t.Error("it was never killed")
				}
			})
		}
	}
}
