package zendesk_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"vigie/connectors/desk"
	"vigie/connectors/rest"
	"vigie/connectors/sandbox"
	"vigie/connectors/zendesk"
	"vigie/rules"
)

// An answer that isn't the API's is an error wherever something is read: never an
// empty list, a ticket without a history, people without names.
func TestAnswersThatArentTheAPIs(t *testing.T) {
	read := func(d *world) error {
		list, err := d.client.Read(d.ctx, []string{"1"})
		for _, r := range list {
			if r.Gone || r.Ticket != nil {
				return nil
			}
			err = errors.Join(err, r.Err)
		}
		return err
	}
	changes := func(d *world) error { _, err := d.client.Changes(d.ctx, "", d.now.Add(-time.Hour)); return err }
	acts := func(d *world) error { _, err := d.client.Acts(d.ctx, "", d.now.Add(-time.Hour)); return err }
	unsolved := func(d *world) error { _, err := d.client.Unsolved(d.ctx, ""); return err }
	follow := func(d *world) error {
		_, err := d.client.Follow(d.ctx, []desk.Handed{{Job: "j", Edit: desk.Edit{ID: "1", AddTags: []string{"a"}}, Since: d.now}})
		return err
	}
	reads := []struct {
		path string
		do   func(*world) error
		list string // its key, if it has a list
	}{
		{"/incremental/tickets/cursor.json", changes, "tickets"},
		{"/incremental/ticket_events.json", acts, "ticket_events"},
		{"/search/export.json", unsolved, "results"},
		{"/tickets/show_many.json", read, "tickets"},
		{"/tickets/1/audits.json", read, "audits"},
		{"/users/me.json", read, "user"},
		{"/groups.json", read, "groups"},
		{"/users/show_many.json", read, "users"},
		{"/organizations/show_many.json", read, "organizations"},
		{"/ticket_forms.json", read, "ticket_forms"},
		{"/custom_statuses.json", read, "custom_statuses"},
		{"/job_statuses/show_many.json", follow, "job_statuses"},
		{"/tickets/1.json", func(d *world) error { _, err := d.client.SLA(d.ctx, "1"); return err }, "ticket"},
		{"/ticket_fields.json", func(d *world) error { return d.client.Check(d.ctx) }, "ticket_fields"},
		{"/tickets/1/comments.json", func(d *world) error {
			return d.client.Note(d.ctx, "1", desk.Note{Text: "x", About: "jira DEV-8", Says: "Done"})
		}, "comments"},
	}
	for _, r := range reads {
		bodies := []string{`{}`, `[]`, `null`, `{"error":"upstream unavailable"}`, `<!DOCTYPE html><p>Log in</p>`, "\ufeff{}", "",
			fmt.Sprintf(`{"%s":null}`, r.list), fmt.Sprintf(`{"%s":"none","meta":{},"end_of_stream":true}`, r.list), fmt.Sprintf(`{"%s":7,"meta":{},"end_of_stream":true}`, r.list)}
		for _, body := range bodies {
			t.Run(r.path+" "+body, func(t *testing.T) {
				d := newDesk(t, func(c *zendesk.Config, d *world) {
					d.rude = true
					c.Kinds = []desk.Kind{{From: "feature", To: "feature"}}
					c.Status = map[string]rules.Status{"Open": rules.Open}
					c.DueFields = []rules.DueField{{Metric: rules.Update, ID: fmt.Sprint(d.z.AddField("Update due", "text"))}}
					d.z.AddForm("Support")
				})
				d.ctx = t.Context()
				d.open(t, sandbox.NewTicket{})
				d.now = d.now.Add(2 * time.Minute)
				d.odd = map[string]string{r.path: body}
				err := r.do(d)
				var foreign *rest.NotTheAPI
				if !errors.As(err, &foreign) {
					t.Errorf("got %v", err)
				}
				d.odd = nil
				if err := r.do(d); errors.As(err, &foreign) {
					t.Errorf("asked again, of the API: %v", err)
				}
			})
		}
	}
}

// Everything that Zendesk answers is a proxy's: nothing is gone, and a poll brings no
// news.
func TestAProxyInTheWay(t *testing.T) {
	for _, manner := range []string{"empty-object", "empty-list", "null", "error-object", "html", "bom", "nothing"} {
		t.Run(manner, func(t *testing.T) {
			d := newDesk(t, rude)
			d.open(t, sandbox.NewTicket{})
			d.now = d.now.Add(2 * time.Minute)
			d.misbehave(t, manner)
			list, read := d.client.Read(t.Context(), []string{"1"})
			_, changed := d.client.Changes(t.Context(), "", d.now.Add(-time.Hour))
			_, listed := d.client.Unsolved(t.Context(), "")
			_, done := d.client.Acts(t.Context(), "", d.now.Add(-time.Hour))
			results, wrote := d.client.Write(t.Context(), []desk.Edit{{ID: "1", AddTags: []string{"a"}}})
			for _, err := range []error{read, changed, listed, done, wrote, results[0]} {
				var foreign *rest.NotTheAPI
				if !errors.As(err, &foreign) {
					t.Errorf("got %v", err)
				}
			}
			if len(list) > 0 {
				t.Errorf("got %+v", list)
			}
		})
	}
}

// What a write that is answered by 200 {} has done isn't known: the ticket is looked
// at, and whoever asks for the same again does it once.
func TestAWriteThatSaysNothing(t *testing.T) {
	tests := []struct {
		manner string
		done   bool
	}{{"writes-unsaid", true}, {"writes-lost", false}}
	for _, tt := range tests {
		t.Run(tt.manner, func(t *testing.T) {
			d := newDesk(t, rude)
			d.open(t, sandbox.NewTicket{})
			d.open(t, sandbox.NewTicket{})
			d.now = d.now.Add(time.Minute)
			edits := []desk.Edit{{ID: "1", AddTags: []string{"a"}}, {ID: "2", AddTags: []string{"b"}}}
			d.misbehave(t, tt.manner)
			results, err := d.client.Write(t.Context(), edits)
			var foreign *rest.NotTheAPI
			if !errors.As(err, &foreign) {
				t.Errorf("got %v", err)
			}
			for i, result := range results {
				if tt.done != (result == nil) || !tt.done && !errors.As(result, &foreign) {
					t.Errorf("edit %d: got %v", i, result)
				}
			}
			d.behave(t, tt.manner)
			results, err = d.client.Write(t.Context(), edits)
			must(t, err)
			must(t, errors.Join(results...))
			if got, _ := d.z.Ticket(1); !slices.Equal(got.Tags, []string{"a"}) {
				t.Errorf("got the tags %v", got.Tags)
			}

			d.now = d.now.Add(time.Minute)
			note := desk.Note{Text: "In Jira since Friday", About: "jira DEV-8", Says: "In Progress"}
			d.misbehave(t, tt.manner)
			if err := d.client.Note(t.Context(), "1", note); !errors.As(err, &foreign) {
				t.Errorf("a note: got %v", err)
			}
			d.behave(t, tt.manner)
			d.now = d.now.Add(time.Minute)
			must(t, d.client.Note(t.Context(), "1", note))
			d.now = d.now.Add(time.Minute)
			must(t, d.client.Note(t.Context(), "1", note))
			replies := 0
			for _, e := range d.read(t, 1).Ticket.Events {
				if e.Type == rules.ReplyEvent {
					replies++
				}
			}
			if replies != 1 {
				t.Errorf("the note stands there %d times", replies)
			}
		})
	}
}
