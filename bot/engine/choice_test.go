package engine_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vigie/bot/worldtest"
	"vigie/connectors/sandbox"
	"vigie/rules/policies"
)

// acmeWithVIP finds what has the tag urgent.
var acmeWithVIP = strings.Replace(acme, "name    = \"urgent\"\n", "name    = \"urgent\"\nwhen    = '\"vip\" in tags'\n", 1)

// priorities has Vigie write the vendor's priority field, from now on.
func (w *world) priorities(t testing.TB) {
	w.restart(t)
	w.Sources[0].WritePriority = true
}

// held is what the vendor's priority field holds.
func (w *world) held(t testing.TB, id int64) string {
	if p := w.ticket(t, id).Priority; p != nil {
		return *p
	}
	return ""
}

// A person's choice stays, whether the policy knows its name or not; a default that
// nobody chose isn't written, and what a rule found is.
func TestWhatIsWrittenIntoThePriorityField(t *testing.T) {
	for _, c := range []struct {
		name, chosen string
		tags         []string
		want         string
		from         []string // the tags afterwards
	}{
		{"a name that the policy doesn't know", "high", nil, "high", []string{"priority_normal"}},
		{"one that it knows", "normal", []string{"vip"}, "normal", []string{"priority_normal", "vip"}},
		{"nobody's, by default", "", nil, "", []string{"priority_normal"}},
		{"nobody's, by a rule", "", []string{"vip"}, "urgent", []string{"priority_urgent", "vip"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.policy = acmeWithVIP
			w.priorities(t)
			id, err := w.z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "x", Type: "incident", Priority: c.chosen, Tags: c.tags, RequesterEmail: nadia, SubmitterEmail: lena})
			w.seen(t, id, err)
			w.seen(t, id, nil)
			tags := w.ticket(t, id).Tags
			if slices.Sort(tags); w.held(t, id) != c.want || !slices.Equal(tags, c.from) {
				t.Errorf("the priority is %q with the tags %q, want %q with %q", w.held(t, id), tags, c.want, c.from)
			}
		})
	}
}

// What the vendor's field already holds isn't written again on a new state.
func TestANewStateWritesNothingThatIsThere(t *testing.T) {
	w := newWorld(t)
	w.policy = acmeWithVIP
	w.priorities(t)
	var ids []int64
	for _, tags := range [][]string{{"vip"}, {"vip"}, nil} {
		id, err := w.z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "x", Type: "incident", Tags: tags, RequesterEmail: nadia, SubmitterEmail: lena})
		w.seen(t, id, err)
		ids = append(ids, id)
	}
	w.until(t, at("Fri 2026-11-27 09:30:00"))
	before := w.writes("zendesk")
	if got := w.held(t, ids[0]); before == 0 || got != "urgent" {
		t.Fatalf("%d writes, and the priority is %q", before, got)
	}
	must(t, w.Store.Close())
	w.Engine, w.file = nil, filepath.Join(t.TempDir(), "new.db")
	if worldtest.HasPostgres() {
		w.file = worldtest.Postgres(t)
	}
	w.priorities(t)
	w.until(t, at("Fri 2026-11-27 10:00:00"))
	if got := w.writes("zendesk"); got != before {
		t.Errorf("%d writes on a new state", got-before)
	}
}

// What no policy covers any more keeps nothing of ours, and all that people set.
func TestATicketThatLeavesThePolicyKeepsNothingOfOurs(t *testing.T) {
	w := newWorld(t)
	id := w.urgent(t)
	w.until(t, at("Fri 2026-11-27 13:10:00"))
	if got, want := w.ticket(t, id).Tags, []string{"priority_urgent", "sla_update_breached"}; !slices.Equal(got, want) || w.due(t, id) == "" {
		t.Fatalf("before: tags %q, due %q", got, w.due(t, id))
	}
	w.seen(t, id, w.z.SetType(id, lena, "task"))
	w.seen(t, id, nil)
	if got := w.ticket(t, id).Tags; len(got) != 0 || w.due(t, id) != "" {
		t.Errorf("after: tags %q, due %q", got, w.due(t, id))
	}
	before := w.writes("zendesk")
	w.restart(t)
	w.until(t, at("Fri 2026-11-27 15:00:00"))
	if got := w.writes("zendesk"); got != before {
		t.Errorf("%d more writes", got-before)
	}
}

// What a ticket's text suggests is written as what a rule found is.
func TestSuggestedPriorityIsWritten(t *testing.T) {
	w := newWorld(t)
	text, _ := policies.Read("moveon")
	w.policy = string(text)
	w.priorities(t)
	for _, c := range []struct{ subject, body, want string }{
		{"Portail inaccessible", "Plus aucun candidat ne peut ouvrir le portail depuis ce matin.", "urgent"},
		{"1042", "1042", ""}, // says nothing: the default holds, and isn't written
	} {
		id, err := w.z.Open(sandbox.NewTicket{Subject: c.subject, Body: c.body, Type: "incident", RequesterEmail: nadia})
		w.seen(t, id, err)
		w.seen(t, id, nil)
		if got := w.held(t, id); got != c.want {
			t.Errorf("%s: the vendor's field holds %q, want %q", c.subject, got, c.want)
		}
	}
}
