package engine_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"vigie/bot/store"
	"vigie/bot/worldtest"
	"vigie/connectors/sandbox"
)

// second is another Vigie beside a world's, on the same vendors and with the same
// policy, and a state of its own: somebody forgot to stop the old one.
func (w *world) second(t *testing.T) *world {
	t.Helper()
	file := filepath.Join(t.TempDir(), "second.db")
	if worldtest.HasPostgres() {
		file = worldtest.Postgres(t)
	}
	st, err := store.Open(t.Context(), file)
	must(t, err)
	t.Cleanup(func() { st.Close() })
	b := &world{Sandbox: w.Sandbox, z: w.z, url: w.url, file: file, policy: w.policy, now: w.Now()}
	b.Engine = b.build(t, st)
	return b
}

// A reviser is another program, which every five minutes has a say in the tags of a
// Zendesk ticket and of a Jira issue: it adds some that are missing, and takes
// some away that are there.
type reviser struct{ adds, removes []string }

func (r reviser) revise(t *testing.T, w *world, j sandbox.Jira, id int64, key string) {
	t.Helper()
	differing := func(has []string) (add, remove []string) {
		return slices.DeleteFunc(slices.Clone(r.adds), func(tag string) bool { return slices.Contains(has, tag) }),
			slices.DeleteFunc(slices.Clone(r.removes), func(tag string) bool { return !slices.Contains(has, tag) })
	}
	issue, _ := j.Issue(key)
	if add, remove := differing(w.ticket(t, id).Tags); len(add)+len(remove) > 0 {
		must(t, w.z.AddTags(id, robot, add...))
		must(t, w.z.RemoveTags(id, robot, remove...))
	}
	if add, remove := differing(issue.Labels); len(add)+len(remove) > 0 {
		must(t, j.AddLabels(key, robot, add...))
		must(t, j.RemoveLabels(key, robot, remove...))
	}
}

// Whoever else writes into a ticket, and be it another Vigie, what is written comes
// to an end: at most one write for each verdict and each Vigie, and none while the
// verdict stays.
func TestNoLoop(t *testing.T) {
	cases := map[string]struct {
		vigies int
		other  *reviser
	}{
		"two Vigies":                    {2, nil},
		"one, and its tags are removed": {1, &reviser{removes: []string{"priority_urgent", "sla_update_at_risk", "sla_update_breached"}}},
		"one, and wrong tags are added": {1, &reviser{adds: []string{"priority_normal", "sla_exempt"}}},
		"two, and both":                 {2, &reviser{adds: []string{"priority_normal"}, removes: []string{"priority_urgent", "sla_update_breached"}}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := freshWorld(t)
			j := w.addJira(t)
			j.AddUser(sandbox.JiraUser{Email: robot, Name: "Robot"})
			vigies := []*world{w}
			for len(vigies) < c.vigies {
				b := w.second(t)
				b.addJira(t)
				vigies = append(vigies, b)
			}
			settle := func() {
				for _, v := range vigies {
					v.set(w.Now())
					v.settle(t)
				}
			}
			settle()
			id, err := w.z.Open(sandbox.NewTicket{Subject: "x", Body: "y", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
			must(t, err)
			key := j.Create(sandbox.NewIssue{Project: "SUP", Summary: "Portal down", Reporter: nadia})
			must(t, j.SetPriority(key, lena, "Highest"))

			late := 0 // writes by an hour after the last threshold, then those since
			for end := at("Fri 2026-11-27 17:00:00"); w.Now().Before(end); w.set(w.Now().Add(5 * time.Minute)) {
				if w.Now().Equal(at("Fri 2026-11-27 14:00:00")) {
					late = w.writes("zendesk") + w.writes("jira")
				}
				settle()
				w.set(w.Now().Add(time.Minute))
				if c.other != nil {
					c.other.revise(t, w, j, id, key)
				}
			}
			zendesk, jira := w.writes("zendesk"), w.writes("jira")
			t.Logf("%d writes into Zendesk, %d into Jira", zendesk, jira)
			late = zendesk + jira - late
			// What it is at first, at risk from 11:00, and missed from 13:00.
			if zendesk < 3 || jira < 3 || zendesk > 3*c.vigies || jira > 3*c.vigies {
				t.Errorf("%d writes into Zendesk and %d into Jira by %d", zendesk, jira, c.vigies)
			}
			if late > 0 {
				t.Errorf("%d writes after all had been said", late)
			}
		})
	}
}
