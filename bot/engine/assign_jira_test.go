package engine_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/bot/engine"
	"vigie/bot/store"
	"vigie/bot/worldtest"
	"vigie/connectors/sandbox"
	"vigie/rules"
)

// jiraWorld is a world with Jira as its second source, also after a restart.
func jiraWorld(t *testing.T, o sandbox.JiraOptions) (w *world, j sandbox.Jira, people map[string]string) {
	t.Helper()
	w, people = callWorld(t)
	w.Options.Jira = o
	calls, build := w.prepare, true
	w.prepare = func(e *engine.Engine) {
		calls(e)
		if build {
			return
		}
		w.Engine = e
		w.addJira(t)
	}
	j = w.addJira(t)
	build = false
	return w, j, people
}

func (w *world) jiraActs(t testing.TB, key string) (list []string) {
	t.Helper()
	readings, err := w.Source("jira").Desk.Read(t.Context(), []string{key})
	must(t, err)
	for _, e := range readings[0].Ticket.Events {
		if e.Type == rules.AssigneeEvent || e.Type == rules.PriorityEvent {
			list = append(list, fmt.Sprintf("%s %s by %s", e.Type, e.To, e.By))
		}
	}
	slices.Sort(list)
	return list
}

// What somebody asks for in the chat is done in Jira once, whatever dies while it is, also
// where Jira hides addresses; and it is his for a Vigie that remembers nothing of it.
func TestTakenInJira(t *testing.T) {
	asks := func(t *testing.T, w *world, request, key string, what store.Want, who string) {
		must(t, w.Ask(t.Context(), request, "jira", key, store.Request{What: what, By: rules.Person{ID: who}, Priority: "urgent", At: w.Now()}))
	}
	life := func(t *testing.T, w *world, j sandbox.Jira, people map[string]string) (key string, acts []string) {
		key = j.Create(sandbox.NewIssue{Project: "SUP", Reporter: nadia, Type: "Incident"})
		w.until(t, w.Now().Add(20*time.Minute))
		asks(t, w, "E1", key, store.Take, people[lena])
		asks(t, w, "E2", key, store.Choose, people[omar])
		w.until(t, w.Now().Add(20*time.Minute))
		asks(t, w, "E3", key, store.Release, people[lena])
		asks(t, w, "E1", key, store.Take, people[lena])
		w.until(t, w.Now().Add(20*time.Minute))
		asks(t, w, "E4", key, store.Take, people[yusuf]) // whom Jira doesn't know
		w.until(t, w.Now().Add(20*time.Minute))
		return key, w.jiraActs(t, key)
	}
	for name, o := range map[string]sandbox.JiraOptions{"Cloud": {}, "Cloud, addresses hidden": {HideEmails: true}, "Data Center": {DataCenter: true}} {
		// Who isn't on the issue any more goes by his name in its changelog.
		want := []string{"assignee  by vigie", "assignee Lena by vigie", "priority urgent by Omar"}
		t.Run(name, func(t *testing.T) {
			w, j, people := jiraWorld(t, o)
			key, acts := life(t, w, j, people)
			if diff := cmp.Diff(want, acts); diff != "" {
				t.Fatalf("(-want +got):\n%s", diff)
			}
			must(t, w.Store.Close())
			w.Engine, w.file = nil, filepath.Join(t.TempDir(), "new.db")
			if worldtest.HasPostgres() {
				w.file = worldtest.Postgres(t)
			}
			w.restart(t)
			w.until(t, w.Now().Add(20*time.Minute))
			row, err := w.Store.Ticket(t.Context(), "jira", key)
			must(t, err)
			if v := row.Verdict; v == nil || v.Priority != "urgent" || v.PriorityFrom != rules.FromPerson {
				t.Errorf("the verdict is %+v", v)
			}
		})
		for _, done := range []bool{true, false} {
			for k := range 3 { // the edits: tags, taken with the choice, given back
				t.Run(fmt.Sprintf("%s, effect %d done %v", name, k, done), func(t *testing.T) {
					w, j, people := jiraWorld(t, o)
					n := 0
					w.onRequest(func(vendor string, write bool) {
						if !write || vendor != "jira" {
							return
						}
						if n == k {
							w.Faults.FailNext(vendor, 1, sandbox.Fault{Drop: true, AfterWork: done})
							w.kill()
						}
						n++
					})
					if _, acts := life(t, w, j, people); !slices.Equal(acts, want) {
						t.Errorf("undisturbed against killed:\n%s", cmp.Diff(want, acts))
					}
					if n <= k {
						t.Error("it was never killed")
					}
				})
			}
		}
	}
}

// A later person's assignment in Jira stays, also one that nobody has told of yet.
func TestGivenToAnotherInJira(t *testing.T) {
	w, j, people := jiraWorld(t, sandbox.JiraOptions{})
	j.AddUser(sandbox.JiraUser{Email: omar, Name: "Omar"})
	key := j.Create(sandbox.NewIssue{Project: "SUP", Reporter: nadia, Type: "Incident"})
	w.until(t, w.Now().Add(20*time.Minute))
	must(t, w.Ask(t.Context(), "E1", "jira", key, store.Request{What: store.Take, By: rules.Person{ID: people[lena]}, At: w.Now()}))
	w.set(w.Now().Add(time.Second))
	must(t, j.Assign(key, omar, omar))
	w.until(t, w.Now().Add(40*time.Minute))
	if diff := cmp.Diff([]string{"assignee " + omar + " by agent"}, w.jiraActs(t, key)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
