package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/bot/engine"
	"vigie/bot/store"
	"vigie/connectors/sandbox"
	"vigie/rules"
	"vigie/rules/oncall"
)

const (
	omar  = "omar@support.example"
	yusuf = "yusuf@support.example"
)

// callWorld is a world whose engine calls Omar at the first threshold, the leads at
// the breach and whoever is on call a quarter of an hour later.
func callWorld(t *testing.T) (w *world, people map[string]string) {
	t.Helper()
	w = newWorld(t)
	people = map[string]string{omar: w.Slack().AddUser(omar, "Omar"), yusuf: w.Slack().AddUser(yusuf, "Yusuf"), lena: w.Slack().AddUser(lena, "Lena")}
	group, err := w.Slack().AddGroup("support-leads", "Leads", people[lena])
	must(t, err)
	people["leads"] = group
	for _, who := range []string{omar, yusuf, lena} {
		must(t, w.Slack().Come(watch, people[who]))
	}
	quarter, err := rules.ParseDuration("15 minutes", 8*3600)
	must(t, err)
	w.prepare = func(e *engine.Engine) {
		e.Chain = func(rules.Alert) []oncall.Step {
			return []oncall.Step{
				{At: oncall.AtWarning, Call: []oncall.Callee{{Kind: oncall.User, Name: omar}}},
				{At: oncall.AtBreach, Call: []oncall.Callee{{Kind: oncall.Group, Name: "@support-leads"}, {Kind: oncall.Channel, Name: "#night"}}},
				{After: quarter, Call: []oncall.Callee{{Kind: oncall.ByRota, Name: "support"}}},
			}
		}
		e.OnCall = func(string, time.Time) string { return yusuf }
	}
	w.prepare(w.Engine)
	return w, people
}

// called lists who was mentioned and when, as "11:00 omar@support.example".
func (w *world) called(people map[string]string) (list []string) {
	for _, m := range w.replies() {
		for who, id := range people {
			if strings.Contains(m.Text, "<@"+id+">") || strings.Contains(m.Text, "<!subteam^"+id+">") {
				list = append(list, m.At.In(at("Fri 2026-11-27 09:00:00").Location()).Format("15:04")+" "+who)
			}
		}
	}
	return list
}

func TestStepsAreCalledOneAfterTheOther(t *testing.T) {
	w, people := callWorld(t)
	id := w.urgent(t)
	w.until(t, at("Fri 2026-11-27 16:00:00"))
	want := []string{"11:00 " + omar, "13:00 leads", "13:15 " + yusuf}
	if diff := cmp.Diff(want, w.called(people)); diff != "" {
		t.Errorf("called (-want +got):\n%s", diff)
	}
	night := w.Slack().Messages("#night")
	if len(night) != 1 || !strings.Contains(night[0].Text, fmt.Sprint("zendesk:", id)) {
		t.Errorf("in #night stand %q", texts(night))
	}
	w.seen(t, id, w.z.Update(id, lena, sandbox.ZendeskUpdate{Comment: "We are on it."}))
	w.until(t, at("Fri 2026-11-27 16:05:00"))
	if night = w.Slack().Messages("#night"); !strings.Contains(night[0].Text, "☑") {
		t.Errorf("the copy in #night isn't kept true: %q", texts(night))
	}
}

func TestNobodyIsCalledOnceItIsTaken(t *testing.T) {
	for name, c := range map[string]struct {
		take func(t *testing.T, w *world, id int64, people map[string]string)
		want []string
	}{
		"by a request": {func(t *testing.T, w *world, id int64, people map[string]string) {
			must(t, w.Ask(t.Context(), "E1", "zendesk", fmt.Sprint(id), store.Request{What: store.Take, By: rules.Person{ID: people[lena]}, At: w.Now()}))
			must(t, w.Ask(t.Context(), "E1", "zendesk", fmt.Sprint(id), store.Request{What: store.Take, By: rules.Person{ID: people[omar]}, At: w.Now()}))
		}, []string{"11:00 " + omar, "13:00 " + lena}}, // late, it calls who has taken it
		"by an assignment at the vendor": {func(t *testing.T, w *world, id int64, people map[string]string) {
			w.seen(t, id, w.z.Update(id, lena, sandbox.ZendeskUpdate{Assignee: lena}))
		}, []string{"11:00 " + omar, "13:00 " + lena}},
		"taken and given back": {func(t *testing.T, w *world, id int64, people map[string]string) {
			must(t, w.Ask(t.Context(), "E1", "zendesk", fmt.Sprint(id), store.Request{What: store.Take, By: rules.Person{ID: people[lena]}, At: w.Now()}))
			w.settle(t)
			w.set(w.Now().Add(time.Minute))
			must(t, w.Ask(t.Context(), "E2", "zendesk", fmt.Sprint(id), store.Request{What: store.Release, By: rules.Person{ID: people[lena]}, At: w.Now()}))
		}, []string{"11:00 " + omar, "13:00 leads", "13:15 " + yusuf}},
	} {
		t.Run(name, func(t *testing.T) {
			w, people := callWorld(t)
			id := w.urgent(t)
			w.until(t, at("Fri 2026-11-27 11:30:00"))
			c.take(t, w, id, people)
			w.until(t, at("Fri 2026-11-27 16:00:00"))
			if diff := cmp.Diff(c.want, w.called(people)); diff != "" {
				t.Errorf("called (-want +got):\n%s", diff)
			}
		})
	}
}

// request stores what somebody asked for, as the way in does.
func (w *world) request(t testing.TB, key string, id int64, r store.Request) {
	t.Helper()
	r.At = w.Now()
	must(t, w.Ask(t.Context(), key, "zendesk", fmt.Sprint(id), r))
}

// A step is called once, whatever dies while it is, before or after each effect; and
// what somebody asked for is done once.
func TestCallsUnderKills(t *testing.T) {
	life := func(t *testing.T, w *world, people map[string]string) []string {
		id, other := w.urgent(t), w.urgent(t)
		w.until(t, at("Fri 2026-11-27 11:30:00"))
		w.request(t, "E1", other, store.Request{What: store.Take, By: rules.Person{ID: people[lena]}})
		w.request(t, "E1", other, store.Request{What: store.Take, By: rules.Person{ID: people[lena]}})
		w.until(t, at("Fri 2026-11-27 12:50:00"))
		w.request(t, "E2", id, store.Request{What: store.Snooze, By: rules.Person{ID: people[omar]}, Until: at("Fri 2026-11-27 15:00:00")})
		w.until(t, at("Fri 2026-11-27 16:00:00"))
		return w.called(people)
	}
	quiet, people := callWorld(t)
	effects := 0
	quiet.onRequest(func(_ string, write bool) {
		if write {
			effects++
		}
	})
	want := life(t, quiet, people)
	if diff := cmp.Diff([]string{"11:00 " + omar, "11:00 " + omar, "13:00 leads", "13:00 " + lena, "13:15 " + yusuf}, want); diff != "" {
		t.Fatalf("undisturbed (-want +got):\n%s", diff)
	}
	for _, done := range []bool{true, false} {
		for k := range effects {
			if testing.Short() && k%4 != 0 {
				continue
			}
			t.Run(fmt.Sprintf("effect %d done %v", k, done), func(t *testing.T) {
				w, people := callWorld(t)
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

// A storm calls the same people once for all its tickets.
func TestAStormCallsOnce(t *testing.T) {
	w, people := callWorld(t)
	for range 60 {
		_, err := w.z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "Nobody gets in.", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
		must(t, err)
	}
	w.until(t, at("Fri 2026-11-27 16:00:00"))
	if got := w.called(people); len(got) > 6 {
		t.Errorf("60 tickets called %d times: %q", len(got), got)
	}
	if n := len(w.cards()); n > 10 {
		t.Errorf("the channel has %d messages", n)
	}
}
