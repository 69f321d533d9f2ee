package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/bot/engine"
	"vigie/bot/store"
	"vigie/rules/oncall"
)

const onDuty = "@on-duty"

// groupWorld is a world whose group @on-duty follows rotas of Omar, Yusuf and Lena;
// Lena is in it at first.
func groupWorld(t *testing.T, specs ...oncall.Spec) *world {
	t.Helper()
	w := freshWorld(t)
	for who, name := range map[string]string{omar: "Omar", yusuf: "Yusuf", lena: "Lena"} {
		w.Slack().AddUser(who, name)
	}
	_, err := w.Slack().AddGroup(onDuty, "On duty", lena)
	must(t, err)
	var rotas []*oncall.Rota
	for _, s := range specs {
		if s.Zone == nil {
			s.Zone = at("Fri 2026-11-27 09:00:00").Location()
		}
		rotas = append(rotas, oncall.New(s))
	}
	w.prepare = func(e *engine.Engine) {
		e.Groups = []engine.Group{{Name: onDuty, OnCall: func(at time.Time) (who []string, until time.Time) {
			for _, r := range rotas {
				s := r.At(at)
				if s.Who != "" {
					who = append(who, s.Who)
				}
				if until.IsZero() || !s.To.IsZero() && s.To.Before(until) {
					until = s.To
				}
			}
			return who, until
		}}}
	}
	w.prepare(w.Engine)
	return w
}

// daily is a rota whose turns of a day begin at eight.
func daily(people ...string) oncall.Spec {
	return oncall.Spec{People: people, Turn: 24 * time.Hour, Since: at("Thu 2026-11-26 08:00:00")}
}

// members are the addresses of those in the group, in order.
func (w *world) members(t testing.TB) string {
	t.Helper()
	var names []string
	for _, id := range w.Slack().Members(onDuty) {
		for _, who := range []string{omar, yusuf, lena} {
			if w.Slack().AddUser(who, "") == id { // gives the one there is
				names = append(names, strings.TrimSuffix(who, "@support.example"))
			}
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// handed counts how often the group was written.
func (w *world) handed() (n int) {
	for _, c := range w.Calls("slack") {
		if strings.HasSuffix(c.Path, "/usergroups.users.update") {
			n++
		}
	}
	return n
}

func TestTheGroupFollowsTheRota(t *testing.T) {
	w := groupWorld(t, daily(omar, yusuf))
	type look struct {
		At, Members string
		Written     int
	}
	var got []look
	see := func(when string) {
		w.until(t, at(when))
		got = append(got, look{when, w.members(t), w.handed()})
	}
	see("Fri 2026-11-27 09:00:00") // at the start
	see("Sat 2026-11-28 07:59:59")
	see("Sat 2026-11-28 08:00:00")
	see("Sun 2026-11-29 07:59:59")
	see("Sun 2026-11-29 08:00:00")
	want := []look{
		{"Fri 2026-11-27 09:00:00", "yusuf", 1}, {"Sat 2026-11-28 07:59:59", "yusuf", 1}, {"Sat 2026-11-28 08:00:00", "omar", 2},
		{"Sun 2026-11-29 07:59:59", "omar", 2}, {"Sun 2026-11-29 08:00:00", "yusuf", 3},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Two rotas may share a group, which has those of both, and somebody who is on call by
// both once.
func TestAGroupOfTwoRotas(t *testing.T) {
	w := groupWorld(t, daily(omar, yusuf), daily(lena, yusuf))
	w.until(t, at("Fri 2026-11-27 10:00:00"))
	if got := w.members(t); got != "yusuf" {
		t.Errorf("on Friday %q", got)
	}
	w.until(t, at("Sat 2026-11-28 10:00:00"))
	if got := w.members(t); got != "lena omar" {
		t.Errorf("on Saturday %q", got)
	}
}

// A handover at a time that the clock skips comes when it goes on, at one that it shows
// twice the first time.
func TestHandoverAtAClockChange(t *testing.T) {
	for _, c := range []struct{ since, before, handover string }{
		{"2027-03-27T01:30:00Z", "2027-03-28T00:59:59Z", "2027-03-28T01:00:00Z"},
		{"2027-10-30T00:30:00Z", "2027-10-31T00:29:59Z", "2027-10-31T00:30:00Z"},
	} {
		t.Run(c.handover, func(t *testing.T) {
			instant := func(text string) time.Time {
				at, err := time.Parse(time.RFC3339, text)
				must(t, err)
				return at
			}
			since := instant(c.since)
			w := groupWorld(t, oncall.Spec{People: []string{omar, yusuf}, Turn: 24 * time.Hour, Since: since})
			w.set(since.Add(time.Hour))
			w.until(t, instant(c.before))
			if got := w.members(t); got != "omar" {
				t.Errorf("before: %q", got)
			}
			w.until(t, instant(c.handover))
			if got := w.members(t); got != "yusuf" {
				t.Errorf("at the handover: %q", got)
			}
		})
	}
}

// A restart writes nothing that is so already; a handover that nobody saw is made up for
// at the start; what people change by hand is put right within the hour.
func TestTheGroupAfterARestart(t *testing.T) {
	w := groupWorld(t, daily(omar, yusuf))
	w.until(t, at("Fri 2026-11-27 10:00:00"))
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 12:00:00"))
	if w.handed() != 1 {
		t.Errorf("written %d times", w.handed())
	}
	must(t, w.Store.Close())
	w.set(at("Sat 2026-11-28 15:00:00"))
	w.restart(t)
	w.settle(t)
	if got := w.members(t); got != "omar" {
		t.Errorf("after a night away: %q", got)
	}
	must(t, w.Slack().SetMembers(onDuty, lena))
	w.until(t, at("Sat 2026-11-28 16:00:00"))
	if got := w.members(t); got != "omar" || w.handed() != 3 {
		t.Errorf("after somebody changed it: %q, written %d times", got, w.handed())
	}
}

// Whatever dies while a group is handed over, it is handed over, and no more often than
// one more time.
func TestTheGroupUnderKills(t *testing.T) {
	life := func(w *world) {
		w.until(t, at("Sat 2026-11-28 09:00:00"))
		w.until(t, at("Sun 2026-11-29 09:00:00"))
	}
	for _, done := range []bool{true, false} {
		for k := range 4 {
			t.Run(fmt.Sprintf("effect %d done %v", k, done), func(t *testing.T) {
				w := groupWorld(t, daily(omar, yusuf))
				killed := w.killAt(k, done)
				life(w)
				if got := w.members(t); got != "yusuf" {
					t.Errorf("in the end %q", got)
				}
				if n := w.handed(); !killed() || n > 4 {
					t.Errorf("killed: %v; written %d times", killed(), n)
				}
			})
		}
	}
}

// What keeps a group from being handed over is said, on the board too, and made up for
// once it is no more.
func TestWhatKeepsAGroup(t *testing.T) {
	for name, c := range map[string]struct {
		spoil, mend func(w *world) error
		says        string
		members     string // meanwhile
	}{
		"the scope is missing": {
			func(w *world) error {
				w.Options.Slack.Scopes = []string{"chat:write", "channels:read", "channels:history", "usergroups:read", "users:read", "users:read.email"}
				return nil
			},
			func(w *world) error { w.Options.Slack.Scopes = nil; return nil },
			"lacks the scope usergroups:write", "lena",
		},
		"the group is disabled": {
			func(w *world) error { return w.Slack().DisableGroup(onDuty) },
			func(w *world) error { return w.Slack().EnableGroup(onDuty) },
			"the user group is disabled", "lena",
		},
		"only some may": {
			func(w *world) error { return w.Faults.Misbehave("slack", "permission-denied") },
			func(w *world) error { return w.Faults.Behave("slack", "permission-denied") },
			"lets only some manage user groups", "lena",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := groupWorld(t, daily(omar, yusuf))
			must(t, c.spoil(w))
			w.until(t, at("Fri 2026-11-27 09:30:00"))
			if got := w.members(t); got != c.members {
				t.Errorf("meanwhile %q", got)
			}
			troubles, err := w.Store.Troubles(t.Context(), 5)
			must(t, err)
			if len(troubles) != 1 || troubles[0].Kind != store.Group || !strings.Contains(troubles[0].Note, c.says) || troubles[0].Shown() != store.Refused {
				t.Errorf("on the board: %+v", troubles)
			}
			if !strings.Contains(w.log.String(), c.says) {
				t.Errorf("the log doesn't say %q", c.says)
			}
			if a, err := w.Store.Failing(t.Context()); err != nil || a != nil {
				t.Errorf("messages are said not to go out: %+v, %v", a, err)
			}
			must(t, c.mend(w))
			w.until(t, at("Fri 2026-11-27 11:00:00"))
			if got := w.members(t); got != "yusuf" {
				t.Errorf("in the end %q", got)
			}
			if troubles, err = w.Store.Troubles(t.Context(), 5); err != nil || len(troubles) > 0 {
				t.Errorf("still on the board: %+v, %v", troubles, err)
			}
		})
	}
}

// Whom Slack doesn't know is named; the others are on duty all the same.
func TestSomebodyOnCallWhomSlackDoesNotKnow(t *testing.T) {
	w := groupWorld(t, daily("mo@support.example"), daily(omar, yusuf))
	w.until(t, at("Fri 2026-11-27 09:30:00"))
	if got := w.members(t); got != "yusuf" {
		t.Errorf("got %q", got)
	}
	troubles, err := w.Store.Troubles(t.Context(), 5)
	must(t, err)
	if len(troubles) != 1 || !strings.Contains(troubles[0].Note, "no account for mo@support.example") {
		t.Errorf("on the board: %+v", troubles)
	}
}

// While nobody is on call the group keeps its members, and Slack isn't asked.
func TestNobodyOnCall(t *testing.T) {
	spec := daily(omar)
	spec.Since = at("Sat 2026-11-28 08:00:00")
	w := groupWorld(t, spec)
	w.until(t, at("Sat 2026-11-28 07:59:59"))
	if got := w.members(t); got != "lena" || w.handed() != 0 {
		t.Errorf("got %q", got)
	}
	if n := strings.Count(w.log.String(), "nobody is on call"); n != 1 {
		t.Errorf("said %d times", n)
	}
	w.until(t, at("Sat 2026-11-28 08:00:00"))
	if got := w.members(t); got != "omar" {
		t.Errorf("after the first handover: %q", got)
	}
}

func TestADryRunHandsNothingOver(t *testing.T) {
	w := groupWorld(t, daily(omar, yusuf))
	w.DryRun = true
	w.until(t, at("Sun 2026-11-29 09:00:00"))
	if got := w.members(t); got != "lena" || len(w.Calls("slack")) > 0 {
		t.Errorf("got %q, and %d calls", got, len(w.Calls("slack")))
	}
}

// Two replicas hand a group over once.
func TestTwoReplicasHandOverOnce(t *testing.T) {
	w := groupWorld(t, daily(omar, yusuf))
	one, two := taken{}, taken{}
	w.Engine.Runner = one
	must(t, w.Engine.Run(t.Context()))
	other := w.build(t, w.Store)
	other.Runner = two
	must(t, other.Run(t.Context()))
	for _, when := range []string{"Fri 2026-11-27 09:00:00", "Sat 2026-11-28 08:00:00", "Sun 2026-11-29 08:00:00"} {
		w.set(at(when))
		for _, replica := range []taken{one, two, two, one} {
			replica["deadlines"](t.Context())
			replica["chat"](t.Context())
		}
	}
	if got := w.members(t); got != "yusuf" || w.handed() != 3 {
		t.Errorf("got %q, written %d times", got, w.handed())
	}
}
