package zendesk_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/contract"
	"vigie/connectors/desk"
	"vigie/connectors/rest"
	"vigie/connectors/sandbox"
	"vigie/connectors/zendesk"
	"vigie/rules"
)

// again is another client on the desk, which has seen nothing yet.
func (d *world) again(t *testing.T) *zendesk.Client {
	return zendesk.New(d.cfg, (&rest.Transport{Base: contract.Check(t), Authorize: d.cfg.Authorize}).Client())
}

// hooked has the desk's webhooks parsed by its client.
func (d *world) hooked(t *testing.T, each func(body []byte)) {
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			_, err = d.client.ParseWebhook(r.Header, body, time.Now())
		}
		if err != nil {
			t.Error(err)
		}
		each(body)
	}))
	t.Cleanup(srv.Close)
	d.SetWebhook("zendesk", srv.URL)
}

// Who wrote the first public message opened the ticket.
func TestOpenedBy(t *testing.T) {
	for _, c := range []struct {
		name string
		n    sandbox.NewTicket
		want string
	}{
		{"the customer", sandbox.NewTicket{}, ""},
		{"an agent for the customer", sandbox.NewTicket{SubmitterEmail: lena, AuthorEmail: lena}, "agent"},
		{"an agent in the customer's words", sandbox.NewTicket{SubmitterEmail: lena}, ""},
		{"an agent with a note", sandbox.NewTicket{SubmitterEmail: lena, AuthorEmail: lena, Internal: true}, ""},
		{"an agent for himself", sandbox.NewTicket{RequesterEmail: lena}, ""},
		{"a colleague of the customer", sandbox.NewTicket{SubmitterEmail: "omar@acme.example", AuthorEmail: "omar@acme.example"}, ""},
		{"an account of nobody's", sandbox.NewTicket{SubmitterEmail: "sync@support.example", AuthorEmail: "sync@support.example"}, "automation"},
		{"ourselves", sandbox.NewTicket{SubmitterEmail: "bot@acme.example", AuthorEmail: "bot@acme.example"}, "automation"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, func(cfg *zendesk.Config, d *world) {
				cfg.Automations = []string{"sync@support.example"}
				d.z.AddUser(sandbox.ZendeskUser{Email: "sync@support.example", Role: "agent"})
				d.z.AddUser(sandbox.ZendeskUser{Email: "omar@acme.example"})
			})
			if got := d.read(t, d.open(t, c.n)).Ticket.OpenedBy; got != c.want {
				t.Errorf("opened by %q, want %q", got, c.want)
			}
		})
	}
}

// both reads a ticket by its audits, and by what the export of all tickets' acts has
// of it, which must come to the same.
func (d *world) both(t *testing.T, id int64) *rules.Ticket {
	t.Helper()
	d.now = d.now.Add(5 * time.Minute)
	var acts []desk.Act
	for cursor, more := "", true; more; {
		page, err := d.client.Acts(t.Context(), cursor, d.now.Add(-100*24*time.Hour))
		must(t, err)
		for _, a := range page.Acts {
			if a.Ticket == fmt.Sprint(id) {
				acts = append(acts, a)
			}
		}
		cursor, more = page.Cursor, page.More
	}
	direct := d.read(t, id)
	for what, kept := range map[string][]desk.Act{"exported": acts, "kept": direct.Acts} {
		list, err := d.client.Tell(t.Context(), []desk.Ask{{ID: fmt.Sprint(id), Version: direct.Version, Acts: kept}})
		must(t, err)
		if diff := cmp.Diff(direct.Ticket, list[0].Ticket); diff != "" {
			t.Errorf("read against %s: %s", what, diff)
		}
	}
	return direct.Ticket
}

// What customers write later, with how many files; what nobody means as an answer;
// and what is done to comments afterwards.
func TestWords(t *testing.T) {
	d := newDesk(t, nil)
	id := d.open(t, sandbox.NewTicket{Body: "Nothing works", Attachments: 2})
	d.step(t, func() error { return d.z.Reply(id, lena, true, "Which browser?") })
	d.step(t, func() error {
		return d.z.Update(id, nadia, sandbox.ZendeskUpdate{Comment: "Firefox 145\n\nOn Fri, 27 Nov 2026 at 16:40, Lena wrote:\n> Which browser?", Attachments: 1})
	})
	d.step(t, func() error { return d.z.Reply(id, lena, true, "The customer next door has it, too: Globex") })
	d.step(t, func() error { return d.z.MakePrivate(id, lena) })
	d.step(t, func() error { return d.z.Reply(id, lena, true, "Your password is hunter2") })
	d.step(t, func() error { return d.z.Redact(id, lena, "hunter2") })
	other := d.open(t, sandbox.NewTicket{Subject: "The same"})
	d.step(t, func() error { return d.z.Merge(other, id, lena, true) })

	got := d.both(t, id)
	if got.Attachments != 2 {
		t.Errorf("%d files came with the first message, want 2", got.Attachments)
	}
	var said []rules.Event
	for _, e := range got.Events {
		if e.Type == rules.ReplyEvent {
			e.At = time.Time{}
			said = append(said, e)
		}
	}
	want := []rules.Event{
		{Type: "reply", By: "agent", Public: true},
		{Type: "reply", By: "customer", Public: true, Text: "Firefox 145", Attachments: 1},
		{Type: "reply", By: "agent"}, // it was made private
		{Type: "reply", By: "agent", Public: true},
		{Type: "reply", By: "automation", Public: true}, // the merge's notice
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
	merged := d.both(t, other)
	if got := replies(merged); !slices.Equal(got, []string{"automation"}) {
		t.Errorf("in the merged ticket: said by %v", got)
	}
	if !slices.ContainsFunc(merged.Events, func(e rules.Event) bool { return e.Type == rules.StatusEvent && e.To == "deleted" }) {
		t.Errorf("the merged ticket: %+v", merged.Events)
	}
}

// What is said in a conversation is said when it was said.
func TestConversations(t *testing.T) {
	d := newDesk(t, nil)
	start := d.now
	id := d.open(t, sandbox.NewTicket{Channel: "native_messaging", Subject: "Conversation with Nadia", Body: "Conversation with Nadia"})
	must(t, d.z.StartChat(id,
		sandbox.ChatMessage{At: start.Add(-2 * time.Minute), By: nadia, Text: "Hello, nothing works"},
		sandbox.ChatMessage{At: start.Add(-1 * time.Minute), By: "Answer bot", Text: "I ask somebody"}))
	asked := d.both(t, id)
	if want := "Conversation with Nadia\nHello, nothing works"; asked.Text != want || asked.Channel != "chat" || asked.OpenedBy != "" {
		t.Errorf("text %q of a %s, opened by %q", asked.Text, asked.Channel, asked.OpenedBy)
	}
	must(t, d.z.EndChat(id,
		sandbox.ChatMessage{At: start.Add(3 * time.Minute), By: lena, Text: "I'm here"},
		sandbox.ChatMessage{At: start.Add(4 * time.Minute), By: nadia, Text: "At last"}))
	d.now = d.now.Add(time.Minute)
	var said []rules.Event
	for _, e := range d.both(t, id).Events {
		if e.Type == rules.ReplyEvent {
			said = append(said, e)
		}
	}
	want := []rules.Event{
		{At: start, Type: "reply", By: "automation", Public: true},
		{At: start.Add(3 * time.Minute), Type: "reply", By: "agent", Public: true},
		{At: start.Add(4 * time.Minute), Type: "reply", By: "customer", Public: true, Text: "At last"},
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
}

// A ticket that began otherwise may have a conversation, too.
func TestConversationLater(t *testing.T) {
	d := newDesk(t, nil)
	id := d.open(t, sandbox.NewTicket{})
	d.both(t, id)
	d.step(t, func() error { return d.z.StartChat(id, sandbox.ChatMessage{At: d.now, By: lena, Text: "Here"}) })
	if got := replies(d.both(t, id)); !slices.Equal(got, []string{"agent"}) {
		t.Errorf("said by %v", got)
	}
}

// A follow-up's tags are nobody's act, nor is what they make of it; its channel is
// the closed ticket's.
func TestFollowUps(t *testing.T) {
	config := func(c *zendesk.Config, _ *world) {
		c.Kinds = []desk.Kind{{From: "feature_request", To: "feature"}}
	}
	d := newDesk(t, config)
	id := d.open(t, sandbox.NewTicket{Channel: "web", Type: "incident", Tags: []string{"vip", "feature_request"}})
	d.step(t, func() error { return d.z.AddTags(id, lena, "workaround") })
	d.step(t, func() error { return d.z.SetStatus(id, lena, "closed") })
	var second, third int64
	d.step(t, func() (err error) { second, err = d.z.FollowUp(id, nadia, "It is back"); return err })
	d.step(t, func() error { return d.z.RemoveTags(second, lena, "feature_request") })
	d.step(t, func() error { return d.z.AddTags(second, lena, "feature_request") })
	got := d.both(t, second)
	all := []string{"feature_request", "vip", "workaround"}
	if !slices.Equal(got.Tags, all) || !slices.Equal(got.Inherited, all) || got.Channel != "web" || got.Kind != "question" || got.Priority != "" {
		t.Errorf("got tags %v, of which %v are inherited, over %q, kind %q, priority %q", got.Tags, got.Inherited, got.Channel, got.Kind, got.Priority)
	}
	if last := got.Events[len(got.Events)-1]; last.Type != rules.KindEvent || last.To != "feature" {
		t.Errorf("an agent sets the tag anew: %+v", last)
	}
	d.step(t, func() error { return d.z.SetStatus(second, lena, "closed") })
	d.step(t, func() (err error) { third, err = d.z.FollowUp(second, nadia, "And again"); return err })
	if got := d.both(t, third); got.Channel != "web" || !slices.Equal(got.Inherited, all) {
		t.Errorf("a follow-up's follow-up: over %q, %v inherited", got.Channel, got.Inherited)
	}
	must(t, d.z.Delete(second))
	if got := d.both(t, third); got.Channel != "" || !slices.Equal(got.Inherited, all) {
		t.Errorf("a deleted ticket's follow-up: over %q, %v inherited", got.Channel, got.Inherited)
	}
}

// A ticket that is closed at once was closed by somebody; spam is gone.
func TestClosedAtOnceAndSpam(t *testing.T) {
	d := newDesk(t, nil)
	id := d.open(t, sandbox.NewTicket{})
	d.step(t, func() error { return d.z.SetStatus(id, lena, "closed") })
	got := d.both(t, id)
	if last := got.Events[len(got.Events)-1]; last.Type != rules.AssigneeEvent || got.Events[len(got.Events)-2].To != "closed" || got.Events[len(got.Events)-2].By != "agent" {
		t.Errorf("closed at once: %+v", got.Events)
	}
	spam := d.open(t, sandbox.NewTicket{})
	must(t, d.z.Spam(spam))
	if r := d.read(t, spam); !r.Gone {
		t.Errorf("spam: %+v", r)
	}
}

// An agent's reply keeps its author's part at its time where the requester changed.
func TestRequesterThen(t *testing.T) {
	d := newDesk(t, nil)
	id := d.open(t, sandbox.NewTicket{RequesterEmail: lena, Body: "I need a chair"})
	d.step(t, func() error { return d.z.Reply(id, lena, true, "And?") })
	d.step(t, func() error { return d.z.SetRequester(id, lena, nadia) })
	d.step(t, func() error { return d.z.Reply(id, lena, true, "Nadia, it is yours") })
	if got := replies(d.both(t, id)); !slices.Equal(got, []string{"customer", "agent"}) {
		t.Errorf("said by %v", got)
	}
}
