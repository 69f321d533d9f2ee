package engine_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/bot/store"
	"vigie/bot/worldtest"
	"vigie/connectors/sandbox"
	"vigie/rules"
)

// assignWorld is a world in which Lena and Omar are agents of the vendor's, and Yusuf
// isn't.
func assignWorld(t *testing.T) (w *world, people map[string]string) {
	t.Helper()
	w, people = callWorld(t)
	w.z.AddUser(sandbox.ZendeskUser{Email: omar, Role: "agent"})
	return w, people
}

func (w *world) asks(t testing.TB, key string, id int64, what store.Want, who string) {
	t.Helper()
	w.request(t, key, id, store.Request{What: what, By: rules.Person{ID: who}, Priority: "urgent"})
}

// acts lists what was done to the assignee and the priority of a ticket, as a reading of
// the vendor tells it.
func (w *world) acts(t testing.TB, id int64) (list []string) {
	t.Helper()
	w.set(w.Now().Add(time.Minute))
	readings, err := w.Source("zendesk").Desk.Read(t.Context(), []string{fmt.Sprint(id)})
	must(t, err)
	for _, e := range readings[0].Ticket.Events {
		if e.Type == rules.AssigneeEvent || e.Type == rules.PriorityEvent {
			list = append(list, fmt.Sprintf("%s %s by %s", e.Type, e.To, e.By))
		}
	}
	return list
}

// What somebody asks for in the chat is done at the vendor once, and what others do
// there afterwards is theirs.
func TestTakenAtTheVendor(t *testing.T) {
	const taken, given = "assignee " + lena + " by vigie", "assignee  by vigie"
	minute := func(w *world) { w.set(w.Now().Add(time.Minute)) }
	for _, c := range []struct {
		name string
		life func(t *testing.T, w *world, id int64, people map[string]string)
		want []string
	}{
		{"taken", func(t *testing.T, w *world, id int64, people map[string]string) {
			w.asks(t, "E1", id, store.Take, people[lena])
		}, []string{taken}},
		{"taken and given back", func(t *testing.T, w *world, id int64, people map[string]string) {
			w.asks(t, "E1", id, store.Take, people[lena])
			w.settle(t)
			minute(w)
			w.asks(t, "E2", id, store.Release, people[lena])
		}, []string{taken, given}},
		{"taken and given back before it is written", func(t *testing.T, w *world, id int64, people map[string]string) {
			w.asks(t, "E1", id, store.Take, people[lena])
			minute(w)
			w.asks(t, "E2", id, store.Release, people[lena])
		}, nil},
		{"given back while the vendor works on it", func(t *testing.T, w *world, id int64, people map[string]string) {
			w.Options.Zendesk.JobLooks, w.Options.Zendesk.LateJobs = 6, true
			w.asks(t, "E1", id, store.Take, people[lena])
			w.settle(t)
			w.set(w.Now().Add(time.Second))
			w.asks(t, "E2", id, store.Release, people[lena])
		}, []string{taken, given}},
		{"taken by another while the vendor works on it", func(t *testing.T, w *world, id int64, people map[string]string) {
			w.Options.Zendesk.JobLooks, w.Options.Zendesk.LateJobs = 6, true
			w.asks(t, "E1", id, store.Take, people[lena])
			w.settle(t)
			w.set(w.Now().Add(time.Second))
			w.asks(t, "E2", id, store.Take, people[omar])
		}, []string{taken, "assignee " + omar + " by vigie"}},
		{"given to another at the vendor afterwards", func(t *testing.T, w *world, id int64, people map[string]string) {
			w.asks(t, "E1", id, store.Take, people[lena])
			w.settle(t)
			minute(w)
			w.seen(t, id, w.z.Assign(id, omar, omar))
		}, []string{taken, "assignee " + omar + " by agent"}},
		{"given to another before it is written, which nobody has told of", func(t *testing.T, w *world, id int64, people map[string]string) {
			w.Faults.FailNext("zendesk", 4, sandbox.Fault{Status: http.StatusServiceUnavailable})
			w.asks(t, "E1", id, store.Take, people[lena])
			w.settle(t)
			w.set(w.Now().Add(time.Second))
			must(t, w.z.Assign(id, omar, omar))
		}, []string{"assignee " + omar + " by agent"}},
		{"assigned at the vendor and given back in the chat", func(t *testing.T, w *world, id int64, people map[string]string) {
			w.seen(t, id, w.z.Assign(id, lena, omar))
			minute(w)
			w.asks(t, "E1", id, store.Release, people[omar])
		}, []string{"assignee " + omar + " by agent", given}},
		{"assigned at the vendor, and taken by another", func(t *testing.T, w *world, id int64, people map[string]string) {
			w.seen(t, id, w.z.Assign(id, lena, omar))
			minute(w)
			w.asks(t, "E1", id, store.Take, people[lena])
		}, []string{"assignee " + omar + " by agent", taken}},
		{"taken by somebody whom the vendor doesn't know", func(t *testing.T, w *world, id int64, people map[string]string) {
			w.asks(t, "E1", id, store.Take, people[yusuf])
		}, nil},
		{"given back by somebody whom the vendor doesn't know", func(t *testing.T, w *world, id int64, people map[string]string) {
			w.seen(t, id, w.z.Assign(id, lena, omar))
			minute(w)
			w.asks(t, "E1", id, store.Take, people[yusuf])
			w.settle(t)
			minute(w)
			w.asks(t, "E2", id, store.Release, people[yusuf])
		}, []string{"assignee " + omar + " by agent"}},
		{"a priority chosen", func(t *testing.T, w *world, id int64, people map[string]string) {
			w.asks(t, "E1", id, store.Choose, people[omar])
		}, []string{"priority urgent by Omar"}},
		{"a priority chosen, and another at the vendor", func(t *testing.T, w *world, id int64, people map[string]string) {
			w.asks(t, "E1", id, store.Choose, people[omar])
			w.settle(t)
			minute(w)
			w.seen(t, id, w.z.SetPriority(id, lena, "normal"))
		}, []string{"priority urgent by Omar", "priority normal by agent"}},
		{"taken and a priority chosen", func(t *testing.T, w *world, id int64, people map[string]string) {
			w.asks(t, "E1", id, store.Take, people[lena])
			w.asks(t, "E2", id, store.Choose, people[omar])
		}, []string{"priority urgent by Omar", taken}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, people := assignWorld(t)
			id, err := w.z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "Nobody gets in.", Type: "incident", RequesterEmail: nadia, SubmitterEmail: lena})
			w.seen(t, id, err)
			w.until(t, at("Fri 2026-11-27 09:30:00"))
			c.life(t, w, id, people)
			w.until(t, w.Now().Add(30*time.Minute))
			slices.Sort(c.want)
			if diff := cmp.Diff(c.want, slices.Sorted(slices.Values(w.acts(t, id)))); diff != "" {
				t.Errorf("at the vendor (-want +got):\n%s", diff)
			}
			if tags := w.ticket(t, id).Tags; len(tags) != 1 { // nothing else of the edit is lost
				t.Errorf("tags %q", tags)
			}
			writes := w.writes("zendesk")
			w.restart(t)
			w.until(t, w.Now().Add(30*time.Minute))
			if n := w.writes("zendesk") - writes; n > 0 {
				t.Errorf("%d writes afterwards", n)
			}
		})
	}
}

// Whatever dies while it is done, what was asked for is done once.
func TestTakenUnderKills(t *testing.T) {
	life := func(t *testing.T, w *world, people map[string]string) (acts []string) {
		id, err := w.z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "Nobody gets in.", Type: "incident", RequesterEmail: nadia, SubmitterEmail: lena})
		w.seen(t, id, err)
		w.until(t, at("Fri 2026-11-27 09:30:00"))
		w.asks(t, "E1", id, store.Take, people[lena])
		w.asks(t, "E2", id, store.Choose, people[omar])
		w.asks(t, "E1", id, store.Take, people[lena])
		w.until(t, at("Fri 2026-11-27 09:50:00"))
		w.asks(t, "E3", id, store.Release, people[lena])
		w.until(t, at("Fri 2026-11-27 10:50:00"))
		acts = w.acts(t, id)
		slices.Sort(acts)
		return acts
	}
	quiet, people := assignWorld(t)
	effects := 0
	quiet.onRequest(func(_ string, write bool) {
		if write {
			effects++
		}
	})
	want := []string{"assignee  by vigie", "assignee " + lena + " by vigie", "priority urgent by Omar"}
	if diff := cmp.Diff(want, life(t, quiet, people)); diff != "" {
		t.Fatalf("undisturbed (-want +got):\n%s", diff)
	}
	for _, done := range []bool{true, false} {
		for k := range effects {
			t.Run(fmt.Sprintf("effect %d done %v", k, done), func(t *testing.T) {
				w, people := assignWorld(t)
				killed := w.killAt(k, done)
				if diff := cmp.Diff(want, life(t, w, people)); diff != "" {
					t.Errorf("undisturbed against killed (-want +got):\n%s", diff)
				}
				if !killed() {
					t.Error("it was never killed")
				}
			})
		}
	}
}

// A choice is that person's also for a Vigie that remembers nothing of it.
func TestAChoiceOutlivesTheState(t *testing.T) {
	w, people := assignWorld(t)
	id, err := w.z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "Nobody gets in.", Type: "incident", RequesterEmail: nadia, SubmitterEmail: lena})
	w.seen(t, id, err)
	w.until(t, at("Fri 2026-11-27 09:30:00"))
	w.asks(t, "E1", id, store.Choose, people[omar])
	w.asks(t, "E2", id, store.Take, people[lena])
	w.until(t, at("Fri 2026-11-27 10:00:00"))
	must(t, w.Store.Close())
	w.Engine, w.file = nil, filepath.Join(t.TempDir(), "new.db")
	if worldtest.HasPostgres() {
		w.file = worldtest.Postgres(t)
	}
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 10:30:00"))
	row, err := w.Store.Ticket(t.Context(), "zendesk", fmt.Sprint(id))
	must(t, err)
	if v := row.Verdict; v == nil || v.Priority != "urgent" || v.PriorityFrom != rules.FromPerson {
		t.Errorf("the verdict is %+v", v)
	}
	if who, taken := row.Ticket.TakenSince(at("Fri 2026-11-27 09:00:00")); !taken || who.Email != lena {
		t.Errorf("taken: %v by %+v", taken, who)
	}
}
