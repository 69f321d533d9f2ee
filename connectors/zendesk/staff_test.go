package zendesk_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"vigie/connectors/desk"
	"vigie/connectors/sandbox"
	"vigie/connectors/zendesk"
	"vigie/rules"
)

// memory remembers staff, and what is to be read again.
type memory struct {
	staff map[string]bool
	again []string
	asked int
	wrote int
}

func (m *memory) Staff(_ context.Context, accounts []string) (map[string]bool, error) {
	m.asked++
	known := map[string]bool{}
	for _, a := range accounts {
		if m.staff[a] {
			known[a] = true
		}
	}
	return known, nil
}

func (m *memory) RememberStaff(_ context.Context, accounts []string) error {
	m.wrote++
	for _, a := range accounts {
		m.staff[a] = true
	}
	return nil
}

func (m *memory) ReadAgain(_ context.Context, accounts []string, _ time.Time) error {
	m.again = append(m.again, accounts...)
	return nil
}

const (
	omar = "omar@acme.example"    // Nadia's colleague
	ravi = "ravi@support.example" // an agent who leaves
)

// remembering is a desk with a memory, an agent who will leave, and a customer's
// colleague.
func remembering(t *testing.T) (*world, *memory) {
	m := &memory{staff: map[string]bool{}}
	d := newDesk(t, func(c *zendesk.Config, d *world) { c.Staff = m })
	d.z.AddUser(sandbox.ZendeskUser{Email: ravi, Role: "agent"})
	d.z.AddUser(sandbox.ZendeskUser{Email: omar, Organization: "Acme"})
	return d, m
}

// step lets ten minutes pass before each thing that somebody does.
func (d *world) step(t *testing.T, do func() error) {
	t.Helper()
	d.now = d.now.Add(10 * time.Minute)
	must(t, do())
}

// replies are who has written, as the ticket's events have it; "(…)" is internal.
func replies(ticket *rules.Ticket) (by []string) {
	for _, e := range ticket.Events {
		switch {
		case e.Type != rules.ReplyEvent:
		case e.Public:
			by = append(by, e.By)
		default:
			by = append(by, "("+e.By+")")
		}
	}
	return by
}

// An agent who has left since was an agent when he answered, if anything shows it; a
// customer's colleague never was one.
func TestStaffThen(t *testing.T) {
	for _, c := range []struct {
		name  string
		story func(t *testing.T, d *world, id int64)
		want  string
	}{
		{"an answer by somebody of whom nothing is known", func(t *testing.T, d *world, id int64) {
			d.step(t, func() error { return d.z.Reply(id, ravi, true, "Hello") })
		}, "[customer]"},
		{"was assignee", func(t *testing.T, d *world, id int64) {
			d.step(t, func() error { return d.z.Assign(id, lena, ravi) })
			d.step(t, func() error { return d.z.Reply(id, ravi, true, "Hello") })
			d.step(t, func() error { return d.z.Assign(id, lena, lena) })
		}, "[agent]"},
		{"wrote a note", func(t *testing.T, d *world, id int64) {
			d.step(t, func() error { return d.z.Reply(id, ravi, true, "Hello") })
			d.step(t, func() error { return d.z.Reply(id, ravi, false, "It is the database") })
		}, "[agent (agent)]"},
		{"changed the status", func(t *testing.T, d *world, id int64) {
			d.step(t, func() error { return d.z.Update(id, ravi, sandbox.ZendeskUpdate{Comment: "Hello", Status: "pending"}) })
		}, "[agent]"},
		{"gave it to somebody", func(t *testing.T, d *world, id int64) {
			d.step(t, func() error { return d.z.Update(id, ravi, sandbox.ZendeskUpdate{Comment: "Hello", Assignee: lena}) })
		}, "[agent]"},
		{"answered in a conversation", func(t *testing.T, d *world, id int64) {
			d.step(t, func() error { return d.z.StartChat(id, sandbox.ChatMessage{At: d.now, By: ravi, Text: "Here"}) })
			d.step(t, func() error { return d.z.Reply(id, ravi, true, "Hello") })
		}, "[agent agent]"},
		{"in another ticket of the batch", func(t *testing.T, d *world, id int64) {
			d.step(t, func() error { return d.z.Reply(id, ravi, true, "Hello") })
			other := d.open(t, sandbox.NewTicket{Subject: "another"})
			d.step(t, func() error { return d.z.Reply(other, ravi, false, "It is the database") })
		}, "[agent]"},
		{"seen by Vigie while he was one", func(t *testing.T, d *world, id int64) {
			d.step(t, func() error { return d.z.Reply(id, ravi, true, "Hello") })
			d.read(t, id)
		}, "[agent]"},
		{"a colleague's answer opens it", func(t *testing.T, d *world, id int64) {
			d.step(t, func() error { return d.z.SetStatus(id, lena, "solved") })
			d.step(t, func() error { return d.z.Reply(id, omar, true, "Not solved") })
		}, "[customer]"},
		{"a colleague's mail that Zendesk makes private", func(t *testing.T, d *world, id int64) {
			d.step(t, func() error { return d.z.Reply(id, omar, false, "I wasn't in copy") })
			d.step(t, func() error { return d.z.Reply(id, omar, true, "Now I am") })
		}, "[(customer) customer]"},
		{"the requester solves it", func(t *testing.T, d *world, id int64) {
			d.step(t, func() error { return d.z.SetStatus(id, nadia, "solved") })
			d.step(t, func() error { return d.z.Reply(id, nadia, true, "It is back") })
		}, "[customer]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, m := remembering(t)
			id := d.open(t, sandbox.NewTicket{})
			c.story(t, d, id)
			d.now = d.now.Add(time.Hour)
			must(t, d.z.SetRole(ravi, "end-user"))
			for what, change := range map[string]func(){"downgraded": func() {}, "deleted for good": func() { must(t, d.z.DeleteUser(ravi, true)) }} {
				change()
				d.client = d.again(t) // which has forgotten the roles it saw
				asks := []desk.Ask{{ID: fmt.Sprint(id)}}
				for _, other := range d.z.Tickets()[1:] {
					asks = append(asks, desk.Ask{ID: fmt.Sprint(other.ID)})
				}
				m.asked, m.wrote = 0, 0
				list, err := d.client.Tell(t.Context(), asks)
				must(t, err)
				if got := fmt.Sprint(replies(list[0].Ticket)); got != c.want {
					t.Errorf("%s: said by %s, want %s", what, got, c.want)
				}
				if m.asked != 1 || m.wrote > 1 {
					t.Errorf("%s: asked %d times and written %d times for a batch", what, m.asked, m.wrote)
				}
			}
			for _, u := range []string{nadia, omar} {
				if id := fmt.Sprint(d.z.AddUser(sandbox.ZendeskUser{Email: u})); m.staff[id] {
					t.Errorf("%s is remembered as staff", u)
				}
			}
		})
	}
}

// Who turns out to have been staff has the tickets read again that were told before.
func TestStaffProvenLater(t *testing.T) {
	d, m := remembering(t)
	first := d.open(t, sandbox.NewTicket{})
	d.step(t, func() error { return d.z.Reply(first, ravi, true, "Hello") })
	second := d.open(t, sandbox.NewTicket{Subject: "another"})
	d.step(t, func() error { return d.z.Reply(second, ravi, false, "It is the database") })
	must(t, d.z.SetRole(ravi, "end-user"))
	d.now = d.now.Add(time.Hour)
	if got := replies(d.read(t, first).Ticket); !slices.Equal(got, []string{"customer"}) || len(m.again) > 0 {
		t.Fatalf("before anything shows it: said by %v, to be read again %v", got, m.again)
	}
	d.read(t, second)
	id := fmt.Sprint(d.z.AddUser(sandbox.ZendeskUser{Email: ravi}))
	if !slices.Equal(m.again, []string{id}) {
		t.Errorf("tickets of %v are to be read again, want those of %s", m.again, id)
	}
	if got := replies(d.read(t, first).Ticket); !slices.Equal(got, []string{"agent"}) {
		t.Errorf("then: said by %v", got)
	}
	d.read(t, second)
	if !slices.Equal(m.again, []string{id}) {
		t.Errorf("once more: %v", m.again)
	}
	// Today's staff need no second reading, whatever they did.
	if lena := fmt.Sprint(d.z.AddUser(sandbox.ZendeskUser{Email: lena})); slices.Contains(slices.Collect(maps.Keys(m.staff)), lena) {
		t.Errorf("%s has done nothing, and is remembered", lena)
	}
}

// What an account of nobody's has said stays nobody's once its address is gone with
// it, where the configuration names its id.
func TestAutomationThatIsGone(t *testing.T) {
	const sync = "sync@support.example"
	d, m := remembering(t)
	account := fmt.Sprint(d.z.AddUser(sandbox.ZendeskUser{Email: sync, Role: "agent"}))
	d.cfg.Automations = []string{sync, account}
	id := d.open(t, sandbox.NewTicket{})
	d.step(t, func() error { return d.z.Reply(id, sync, true, "We got it") })
	d.step(t, func() error { return d.z.Reply(id, sync, false, "Mail 4711") })
	for range 2 {
		d.client = d.again(t)
		if got := fmt.Sprint(replies(d.read(t, id).Ticket)); got != "[automation (automation)]" || m.staff[account] {
			t.Errorf("said by %s; remembered: %v", got, m.staff)
		}
		must(t, d.z.DeleteUser(sync, true))
	}
}

// An event webhook says whether the author of a comment is staff.
func TestStaffByWebhook(t *testing.T) {
	d, m := remembering(t)
	var envelopes [][]byte
	d.hooked(t, func(body []byte) { envelopes = append(envelopes, body) })
	id := d.open(t, sandbox.NewTicket{})
	d.step(t, func() error { return d.z.Reply(id, ravi, true, "Hello") })
	_, err := d.FlushWebhooks(t.Context(), sandbox.WebhookPlan{})
	must(t, err)
	must(t, d.z.SetRole(ravi, "end-user")) // before anybody has read the ticket
	d.now = d.now.Add(time.Hour)
	if got := replies(d.read(t, id).Ticket); !slices.Equal(got, []string{"agent"}) || len(m.staff) == 0 {
		t.Errorf("said by %v; remembered %v; %d webhooks", got, m.staff, len(envelopes))
	}
}
