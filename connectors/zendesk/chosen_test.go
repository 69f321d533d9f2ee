package zendesk_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/desk"
	"vigie/connectors/sandbox"
	"vigie/connectors/zendesk"
	"vigie/rules"
)

const (
	amir = "amir@support.example" // agent in Pune alone
	zoe  = "zoe@support.example"  // agent, suspended
)

// staffed is a desk with agents of each kind.
func staffed(t *testing.T) *world {
	d := newDesk(t, func(cfg *zendesk.Config, _ *world) {
		cfg.Priorities, cfg.VendorPriority = map[string]string{"urgent": "haute", "normal": "moyenne"}, map[string]string{"haute": "urgent", "moyenne": "normal"}
	})
	d.z.AddUser(sandbox.ZendeskUser{Email: amir, Role: "agent", Groups: []string{"Support Pune"}})
	d.z.AddUser(sandbox.ZendeskUser{Email: zoe, Role: "agent"})
	must(t, d.z.Suspend(zoe, true))
	return d
}

// written carries out one edit, to its end.
func (d *world) written(t *testing.T, e desk.Edit) error {
	t.Helper()
	results, err := d.client.Write(t.Context(), []desk.Edit{e})
	must(t, err)
	for range 5 {
		var way *desk.Underway
		if !errors.As(results[0], &way) {
			break
		}
		results, err = d.client.Follow(t.Context(), []desk.Handed{{Job: way.Job, Edit: e, Since: d.now}})
		must(t, err)
	}
	return results[0]
}

func TestAssign(t *testing.T) {
	address := func(s string) *string { return &s }
	for _, c := range []struct {
		name     string
		new      sandbox.NewTicket
		now      string // whose it is
		known    string // whose it was when it was read
		assign   string
		want     error
		assignee string // afterwards
		group    string
	}{
		{name: "an agent", assign: lena, assignee: lena},
		{name: "in other letters", assign: "Lena@Support.Example", assignee: lena},
		{name: "by the account's id", assign: "900002", assignee: lena},
		{name: "nobody of that address", assign: "stranger@support.example", want: desk.ErrNobody},
		{name: "no address", assign: "lena", want: desk.ErrNobody},
		{name: "a customer", assign: nadia, want: desk.ErrNobody},
		{name: "an agent who is suspended", assign: zoe, want: desk.ErrNobody},
		{name: "a member of the ticket's group", new: sandbox.NewTicket{Group: "Support Pune"}, assign: amir, assignee: amir, group: "Support Pune"},
		{name: "a member of another group", new: sandbox.NewTicket{Group: "Support Berlin"}, assign: amir, assignee: amir, group: "Support Pune"},
		{name: "a ticket of no group", assign: amir, assignee: amir, group: "Support Pune"},
		{name: "away from somebody", now: lena, known: lena, assign: amir, assignee: amir, group: "Support Pune"},
		{name: "given to somebody since", now: lena, assign: amir, want: desk.ErrChanged, assignee: lena},
		{name: "given to him since", now: amir, assign: amir, assignee: amir, group: "Support Pune"},
		{name: "given back", now: lena, known: "LENA@support.example", assign: ""},
		{name: "given back, but another's since", now: amir, known: lena, assign: "", want: desk.ErrChanged, assignee: amir, group: "Support Pune"},
		{name: "given back, and nobody's since", known: lena, assign: ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := staffed(t)
			id := d.open(t, c.new)
			if c.now != "" {
				d.step(t, func() error { return d.z.Assign(id, lena, c.now) })
			}
			e := desk.Edit{ID: fmt.Sprint(id), AddTags: []string{"priority_haute"}, Assign: address(c.assign), Assigned: c.known, By: "Lena"}
			if err := d.written(t, e); !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			got := d.read(t, id).Ticket
			assignee, group := got.Assignee, got.Group
			for _, e := range got.Events {
				switch e.Type {
				case rules.AssigneeEvent:
					if assignee = e.To; assignee == c.assignee && c.want == nil && c.now != c.assignee && e.By != rules.ByVigie {
						t.Errorf("assigned by %q", e.By)
					}
				case rules.GroupEvent:
					group = e.To
				}
			}
			ticket, _ := d.z.Ticket(id)
			if tagged := slices.Contains(ticket.Tags, "priority_haute"); assignee != c.assignee || group != c.group || tagged != (c.want == nil) {
				t.Errorf("it is %q's, in group %q, tagged: %v; want %q's in %q", assignee, group, tagged, c.assignee, c.group)
			}
		})
	}
}

// A ticket that somebody takes in the very moment stays his.
func TestAssignUnderAConflict(t *testing.T) {
	address := lena
	d := staffed(t)
	d.Options.Zendesk.LateJobs, d.Options.Zendesk.JobLooks = true, 5 // a job begins with what the ticket is then
	id := d.open(t, sandbox.NewTicket{})
	results, err := d.client.Write(t.Context(), []desk.Edit{{ID: fmt.Sprint(id), Assign: &address, By: "Lena"}})
	must(t, err)
	var way *desk.Underway
	if !errors.As(results[0], &way) {
		t.Fatalf("got %v, want a job", results[0])
	}
	d.step(t, func() error { return d.z.Assign(id, amir, amir) })
	for range 5 {
		results, err = d.client.Follow(t.Context(), []desk.Handed{{Job: way.Job, Edit: desk.Edit{ID: fmt.Sprint(id), Assign: &address, By: "Lena"}, Since: d.now}})
		must(t, err)
	}
	if !errors.Is(results[0], desk.ErrChanged) {
		t.Errorf("got %v, want %v", results[0], desk.ErrChanged)
	}
	if got := d.read(t, id).Ticket.Events; got[len(got)-1].To != amir {
		t.Errorf("the last event is %+v", got[len(got)-1])
	}
}

func TestAssignClosed(t *testing.T) {
	d := staffed(t)
	address := lena
	id := d.open(t, sandbox.NewTicket{})
	d.step(t, func() error { return d.z.SetStatus(id, lena, "solved") })
	d.step(t, func() error { return d.z.SetStatus(id, lena, "closed") })
	for _, e := range []desk.Edit{{Assign: &address, Assigned: lena, By: "Lena"}, {Priority: "haute", By: "Lena"}} {
		if e.ID = fmt.Sprint(id); !errors.Is(d.written(t, e), desk.ErrUntouchable) {
			t.Errorf("%+v: want %v", e, desk.ErrUntouchable)
		}
	}
}

// An address is asked for once in ten minutes, also one that nobody has.
func TestAgentsAreRemembered(t *testing.T) {
	d := staffed(t)
	asked := func() (n int) {
		for _, c := range d.Calls("zendesk") {
			if strings.Contains(c.Path, "/users/search") {
				n++
			}
		}
		return n
	}
	for range 3 {
		for _, who := range []string{lena, "stranger@support.example"} {
			_ = d.written(t, desk.Edit{ID: fmt.Sprint(d.open(t, sandbox.NewTicket{})), Assign: &who})
		}
	}
	if asked() != 2 {
		t.Errorf("asked %d times, want 2", asked())
	}
	d.now = d.now.Add(11 * time.Minute)
	d.z.AddUser(sandbox.ZendeskUser{Email: "stranger@support.example", Role: "agent"})
	who := "stranger@support.example"
	if err := d.written(t, desk.Edit{ID: fmt.Sprint(d.open(t, sandbox.NewTicket{})), Assign: &who}); err != nil || asked() != 3 {
		t.Errorf("got %v, asked %d times", err, asked())
	}
}

// An agent who can't be given tickets any more, which Zendesk says first.
func TestAnAgentWhoWasSuspendedSince(t *testing.T) {
	d := staffed(t)
	who := lena
	must(t, d.written(t, desk.Edit{ID: fmt.Sprint(d.open(t, sandbox.NewTicket{})), Assign: &who}))
	must(t, d.z.Suspend(lena, true))
	if err := d.written(t, desk.Edit{ID: fmt.Sprint(d.open(t, sandbox.NewTicket{})), Assign: &who}); !errors.Is(err, desk.ErrNobody) {
		t.Errorf("got %v, want %v", err, desk.ErrNobody)
	}
}

// What somebody chose is told as his, however the history is read; what Vigie worked
// out isn't.
func TestChosenPriority(t *testing.T) {
	for _, c := range []struct {
		name, by, want string
	}{
		{"a person's choice", "Nadia Benali", "Nadia Benali"},
		{"Vigie's own", "", rules.ByVigie},
		{"somebody called as a role is", "Vigie", rules.ByAgent},
		{"a name over lines, too long", "Zoé\n" + strings.Repeat("x", 2000), "Zoé " + strings.Repeat("x", 76)},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := staffed(t)
			id := d.open(t, sandbox.NewTicket{Priority: "normal", SubmitterEmail: lena})
			d.now = d.now.Add(time.Minute)
			address := lena
			must(t, d.written(t, desk.Edit{ID: fmt.Sprint(id), AddTags: []string{"a"}, Priority: "haute", By: c.by, Assign: &address}))
			d.now = d.now.Add(5 * time.Minute)
			acts, err := d.client.Acts(t.Context(), "", d.now.Add(-time.Hour))
			must(t, err)
			exported, err := d.client.Tell(t.Context(), []desk.Ask{{ID: fmt.Sprint(id), Acts: acts.Acts}})
			must(t, err)
			read := d.read(t, id)
			kept, err := d.client.Tell(t.Context(), []desk.Ask{{ID: fmt.Sprint(id), Acts: read.Acts, Version: read.Version}})
			must(t, err)
			for way, ticket := range map[string]*rules.Ticket{"by its audits": read.Ticket, "by the export": exported[0].Ticket, "as kept": kept[0].Ticket} {
				var got []string
				for _, e := range ticket.Events {
					if e.Type == rules.PriorityEvent || e.Type == rules.AssigneeEvent || e.Type == rules.TagEvent {
						got = append(got, string(e.Type)+" "+e.By)
					}
				}
				if diff := cmp.Diff([]string{"assignee vigie", "priority " + c.want, "tag vigie"}, slices.Sorted(slices.Values(got))); diff != "" {
					t.Errorf("%s:\n%s", way, diff)
				}
			}
			if want := c.by != ""; (len(d.z.AuditMetadata(id)) == 1) != want {
				t.Errorf("metadata: %v", d.z.AuditMetadata(id))
			}
		})
	}
}

// A change in the moment of writing is seen, and what somebody chose isn't written over it.
func TestChosenPriorityUnderAConflict(t *testing.T) {
	d := staffed(t)
	id := d.open(t, sandbox.NewTicket{Priority: "normal", SubmitterEmail: lena})
	d.onPut = func() {
		d.now = d.now.Add(time.Minute)
		must(t, d.z.SetPriority(id, lena, "low"))
	}
	if err := d.written(t, desk.Edit{ID: fmt.Sprint(id), Priority: "haute", By: "Nadia"}); !errors.Is(err, desk.ErrChanged) {
		t.Errorf("got %v, want %v", err, desk.ErrChanged)
	}
	if got, _ := d.z.Ticket(id); *got.Priority != "low" {
		t.Errorf("the priority is %q", *got.Priority)
	}
}
