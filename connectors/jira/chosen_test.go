package jira_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"vigie/connectors/desk"
	"vigie/connectors/sandbox"
	"vigie/rules"
)

const (
	leila = "leila@acme.example" // agent
	guest = "guest@acme.example" // has no licence
	moved = "moved@acme.example" // has left
)

// staffed is a desk with accounts of each kind.
func staffed(t *testing.T, o sandbox.JiraOptions) *world {
	d := newDesk(t, o)
	d.Jira().AddUser(sandbox.JiraUser{Email: leila, Name: "Leïla"})
	d.Jira().AddUser(sandbox.JiraUser{Email: leila + ".fr", Name: "Leïla F."}) // an address that begins like another's
	d.Jira().AddUser(sandbox.JiraUser{Email: guest, NoLicence: true})
	d.Jira().AddUser(sandbox.JiraUser{Email: moved, Inactive: true})
	return d
}

// put carries out one edit.
func (d *world) put(t *testing.T, e desk.Edit) error {
	t.Helper()
	errs, err := d.Write(t.Context(), []desk.Edit{e})
	if err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(time.Minute)
	return errs[0]
}

func TestAssign(t *testing.T) {
	for name, o := range map[string]sandbox.JiraOptions{"Cloud": {}, "Data Center": {DataCenter: true}, "Cloud, addresses hidden": {HideEmails: true}} {
		names := map[string]string{agent: "Nadia", leila: "Leïla"}
		shown := func(address string) string { // as a reading shows him
			if o.HideEmails {
				return names[address]
			}
			return address
		}
		for _, c := range []struct {
			name   string
			now    string // whose it is
			known  string // whose it was when it was read
			assign string
			want   error
			by     string // who made it whose it is
			is     string
		}{
			{name: "an agent", assign: agent, is: agent, by: rules.ByVigie},
			{name: "in other letters", assign: "Nadia@ACME.example", is: agent, by: rules.ByVigie},
			{name: "nobody of that address", assign: "stranger@acme.example", want: desk.ErrNobody},
			{name: "a customer", assign: customer, want: desk.ErrNobody},
			{name: "without a licence", assign: guest, want: desk.ErrNobody},
			{name: "who has left", assign: moved, want: desk.ErrNobody},
			{name: "away from somebody", now: leila, known: leila, assign: agent, is: agent, by: rules.ByVigie},
			{name: "given to somebody since", now: leila, assign: agent, want: desk.ErrChanged, is: leila, by: rules.ByAgent},
			{name: "given to him since", now: agent, assign: agent, is: agent, by: rules.ByAgent},
			{name: "given back", now: agent, known: agent, assign: "", by: rules.ByVigie},
			{name: "given back, but another's since", now: leila, known: agent, assign: "", want: desk.ErrChanged, is: leila, by: rules.ByAgent},
		} {
			t.Run(name+", "+c.name, func(t *testing.T) {
				d := staffed(t, o)
				key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Summary: "x", Reporter: customer})
				if c.now != "" {
					d.after(t, time.Minute, d.Jira().Assign(key, agent, c.now))
				}
				e := desk.Edit{ID: key, AddTags: []string{"priority_haute"}, Assign: &c.assign, Assigned: shown(c.known)}
				if err := d.put(t, e); !errors.Is(err, c.want) || c.want == nil && err != nil {
					t.Fatalf("got %v, want %v", err, c.want)
				}
				got := d.read(t, key).Ticket
				is, by, tagged := got.Assignee, "", false
				for _, e := range got.Events {
					switch e.Type {
					case rules.AssigneeEvent:
						is, by = e.To, e.By
					case rules.TagEvent:
						tagged = true
					}
				}
				if is != shown(c.is) || by != c.by || tagged != (c.want == nil) {
					t.Errorf("it is %q's by %q, tagged: %v; want %q's by %q", is, by, tagged, shown(c.is), c.by)
				}
			})
		}
	}
}

// One whose address is hidden isn't taken for another whose address begins alike.
func TestAssignToAHiddenAddress(t *testing.T) {
	d := staffed(t, sandbox.JiraOptions{})
	if err := d.Faults.Misbehave("jira", "emails-hidden"); err != nil {
		t.Fatal(err)
	}
	key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Summary: "x", Reporter: customer})
	whom := leila
	if err := d.put(t, desk.Edit{ID: key, Assign: &whom}); err != nil {
		t.Fatal(err)
	}
	events := d.read(t, key).Ticket.Events
	if len(events) != 1 || events[0].To != "Leïla" || events[0].By != rules.ByVigie {
		t.Errorf("got %+v", events)
	}
}

// An account's id, as [[people]] may name somebody, does where addresses don't.
func TestAssignByAccount(t *testing.T) {
	d := staffed(t, sandbox.JiraOptions{HideEmails: true})
	key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Summary: "x", Reporter: customer})
	whom := d.Jira().AddUser(sandbox.JiraUser{Email: leila, Name: "Leïla"})
	if err := d.put(t, desk.Edit{ID: key, Assign: &whom}); err != nil {
		t.Fatal(err)
	}
	if events := d.read(t, key).Ticket.Events; len(events) != 1 || events[0].To != "Leïla" {
		t.Errorf("got %+v", events)
	}
}

// Who can't be given issues any more is nobody, as Jira says then; and who is asked for
// again within ten minutes isn't looked for.
func TestAssigneesAreRemembered(t *testing.T) {
	d := staffed(t, sandbox.JiraOptions{})
	asked := func() (n int) {
		for _, c := range d.Calls("jira") {
			if strings.Contains(c.Path, "/assignable/search") {
				n++
			}
		}
		return n
	}
	to := func(whom string) error {
		return d.put(t, desk.Edit{ID: d.Jira().Create(sandbox.NewIssue{Project: "SUP", Summary: "x", Reporter: customer}), Assign: &whom})
	}
	for range 2 {
		if err := cmp.Or(to(agent), to(leila)); err != nil {
			t.Fatal(err)
		}
		if err := to("stranger@acme.example"); !errors.Is(err, desk.ErrNobody) {
			t.Fatal(err)
		}
	}
	if asked() != 3 {
		t.Errorf("asked %d times, want 3", asked())
	}
	d.Jira().EditUser(leila, func(u *sandbox.JiraUser) { u.NoLicence = true })
	if err := to(leila); !errors.Is(err, desk.ErrNobody) || asked() != 3 {
		t.Errorf("got %v, asked %d times", err, asked())
	}
	d.now = d.now.Add(11 * time.Minute)
	d.Jira().AddUser(sandbox.JiraUser{Email: "stranger@acme.example"})
	if err := to("stranger@acme.example"); err != nil || asked() != 4 {
		t.Errorf("got %v, asked %d times", err, asked())
	}
}

// What somebody chose is told as his, in every form in which changelogs come; what
// Vigie worked out isn't.
func TestChosenPriority(t *testing.T) {
	for name, o := range map[string]sandbox.JiraOptions{"Cloud": {}, "Data Center": {DataCenter: true}} {
		for _, c := range []struct {
			name, by, want string
			more           int // changes that push it out of what a bulk fetch shows
		}{
			{"a person's choice", "Nadia Benali", "Nadia Benali", 0},
			{"a person's choice, long ago", "Nadia Benali", "Nadia Benali", 60},
			{"Vigie's own", "", rules.ByVigie, 0},
			{"somebody called as a role is", "automation", rules.ByAgent, 0},
		} {
			t.Run(name+", "+c.name, func(t *testing.T) {
				d := staffed(t, o)
				key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Summary: "x", Reporter: customer})
				whom := leila
				if err := d.put(t, desk.Edit{ID: key, AddTags: []string{"a"}, Priority: "haute", By: c.by, Assign: &whom}); err != nil {
					t.Fatal(err)
				}
				for n := range c.more {
					d.after(t, time.Minute, d.Jira().AddLabels(key, agent, fmt.Sprint("l", n)))
				}
				var got []string
				for _, e := range d.read(t, key).Ticket.Events[:3] {
					got = append(got, string(e.Type)+" "+e.By)
				}
				if diff := gocmp.Diff([]string{"assignee vigie", "priority " + c.want, "tag vigie"}, slices.Sorted(slices.Values(got))); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}
