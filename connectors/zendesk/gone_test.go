package zendesk_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"vigie/connectors/desk"
	"vigie/connectors/sandbox"
)

// What a reading says of each ticket, in one word.
func said(list []desk.Reading) map[string]string {
	out := map[string]string{}
	for _, r := range list {
		switch {
		case r.Ticket != nil && !r.Gone && r.Err == nil:
			out[r.ID] = "there"
		case r.Gone && r.Ticket == nil && r.Err == nil:
			out[r.ID] = "gone"
		case r.Err != nil && r.Ticket == nil && !r.Gone:
			out[r.ID] = "unread"
		default:
			out[r.ID] = fmt.Sprintf("%+v", r)
		}
	}
	return out
}

func denied(err error) bool {
	var d interface{ Denied() bool }
	return errors.As(err, &d) && d.Denied()
}

// Gone, or not seen: only an answer about the ticket itself, by a Zendesk that knows
// who asks, says that it is gone.
func TestGoneOrNotSeen(t *testing.T) {
	asAgent := func(t *testing.T, d *world) { must(t, d.z.SetRole(d.Tokens.Zendesk.Email, "agent")) }
	tests := []struct {
		name    string
		manners []string
		before  func(*testing.T, *world)
		want    string // of tickets 1 to 4, each there if nothing is said; "" = none is given
		fails   bool   // the reading as a whole
		denied  bool   // and so are the credentials
	}{
		{name: "all is well", want: "there there there there"},
		{name: "a list that lacks every other ticket", manners: []string{"short-lists"}, want: "there there there there"},
		{name: "a stranger's view, 401", manners: []string{"stranger"}, fails: true, denied: true},
		{name: "a stranger's view, empty lists and 404", manners: []string{"stranger-404"}, fails: true, denied: true},
		{name: "an expired token", before: func(_ *testing.T, d *world) { d.Tokens.Zendesk.Token = "another" }, fails: true, denied: true},
		{name: "hidden from an agent", manners: []string{"hidden"}, before: asAgent, want: "unread unread unread unread", denied: true},
		{name: "refused to an agent", manners: []string{"forbidden"}, before: asAgent, want: "unread unread unread unread", denied: true},
		{name: "refused to an admin", manners: []string{"forbidden"}, want: "unread unread unread unread", denied: true},
		{name: "hidden from an admin is gone, as Zendesk says it", manners: []string{"hidden"}, want: "gone gone gone gone"},
		{name: "deleted, and a list that lacks others", manners: []string{"short-lists"}, before: func(t *testing.T, d *world) { must(t, d.z.Delete(3)) }, want: "there there gone there"},
		{name: "audits that are 404 of a ticket that is there", manners: []string{"audits-404"}, want: "unread there there there"},
		{name: "audits that nobody may see", manners: []string{"audits-403"}, fails: true, denied: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, rude)
			for range 4 {
				d.open(t, sandbox.NewTicket{})
			}
			d.now = d.now.Add(time.Minute)
			if tt.before != nil {
				tt.before(t, d)
			}
			d.misbehave(t, tt.manners...)
			list, err := d.client.Read(t.Context(), []string{"1", "2", "3", "4"})
			got := said(list)
			if words := strings.Join(nonEmpty(got["1"], got["2"], got["3"], got["4"]), " "); words != tt.want {
				t.Errorf("got %q, want %q", words, tt.want)
			}
			if (err != nil) != tt.fails {
				t.Errorf("got the error %v", err)
			}
			for _, r := range list {
				err = errors.Join(err, r.Err)
			}
			if denied(err) != tt.denied {
				t.Errorf("denied: got %v of %v", denied(err), err)
			}
		})
	}
}

func nonEmpty(words ...string) (out []string) {
	for _, w := range words {
		if w != "" {
			out = append(out, w)
		}
	}
	return out
}

// What an export and a search lack says nothing about a ticket, and what the export
// shows as deleted is gone without another question.
func TestDeletedInTheExport(t *testing.T) {
	d := newDesk(t, nil)
	start := d.now
	d.open(t, sandbox.NewTicket{})
	d.open(t, sandbox.NewTicket{})
	must(t, d.z.Delete(1))
	d.now = d.now.Add(2 * time.Minute)
	page, err := d.client.Changes(t.Context(), "", start)
	must(t, err)
	var asks []desk.Ask
	for _, c := range page.Changes {
		asks = append(asks, desk.Ask{ID: c.ID, Row: c.Row})
	}
	before := len(d.Calls("zendesk"))
	list, err := d.client.Tell(t.Context(), asks)
	must(t, err)
	if got := said(list); got["1"] != "gone" || !list[0].Deleted || got["2"] != "there" {
		t.Errorf("got %v", got)
	}
	for _, c := range d.Calls("zendesk")[before:] {
		if strings.Contains(c.Path, "/tickets/1") {
			t.Errorf("asked for %s", c.Path)
		}
	}
}

// A hundred tickets that a list lacks are the list's failure rather than theirs: a
// few are looked for, and who asks is asked once.
func TestAnEmptyListIsLookedInto(t *testing.T) {
	d := newDesk(t, rude)
	var ids []string
	for range 100 {
		ids = append(ids, fmt.Sprint(d.open(t, sandbox.NewTicket{})))
	}
	d.now = d.now.Add(time.Minute)
	d.misbehave(t, "short-lists")
	d.odd = map[string]string{"/tickets/show_many.json": `{"tickets":[],"count":0}`}
	list, err := d.client.Read(t.Context(), ids)
	if err == nil || !strings.Contains(err.Error(), "show_many") {
		t.Errorf("got %v", err)
	}
	for _, r := range list {
		if r.Ticket == nil {
			t.Errorf("got %+v", r)
		}
	}
	singly, who := 0, 0
	for _, c := range d.Calls("zendesk") {
		var id int
		if n, _ := fmt.Sscanf(c.Path, "/api/v2/tickets/%d.json", &id); n == 1 && strings.HasSuffix(c.Path, fmt.Sprintf("/%d.json", id)) {
			singly++
		}
		if strings.HasSuffix(c.Path, "/users/me.json") {
			who++
		}
	}
	if singly == 0 || singly > 20 || who > 2 || len(list) != singly {
		t.Errorf("%d tickets asked for singly, %d times who asks, %d readings", singly, who, len(list))
	}
}

// A write isn't given up because a list lacks its ticket.
func TestWriteOfWhatAListLacks(t *testing.T) {
	d := newDesk(t, rude)
	d.Options.Zendesk.RefuseRow = func(id int64, rows int) bool { return rows > 1 }
	for range 3 {
		d.open(t, sandbox.NewTicket{})
	}
	must(t, d.z.Delete(2))
	d.misbehave(t, "short-lists")
	d.now = d.now.Add(time.Minute)
	results, err := d.client.Write(t.Context(), []desk.Edit{{ID: "1", AddTags: []string{"a"}}, {ID: "2", AddTags: []string{"a"}}, {ID: "3", AddTags: []string{"a"}}})
	must(t, err)
	for i, want := range []bool{false, true, false} {
		if errors.Is(results[i], desk.ErrUntouchable) != want {
			t.Errorf("ticket %d: got %v, untouchable: %v", i+1, results[i], want)
		}
	}
	d.now = d.now.Add(time.Minute)
	must(t, d.client.Note(t.Context(), "1", desk.Note{Text: "Hello", About: "jira DEV-8", Says: "Done"}))
	if err := d.client.Note(t.Context(), "2", desk.Note{Text: "Hello", About: "jira DEV-8", Says: "Done"}); !errors.Is(err, desk.ErrUntouchable) {
		t.Errorf("a note in a ticket that is gone: got %v", err)
	}
	d.misbehave(t, "forbidden")
	if err := d.client.Note(t.Context(), "1", desk.Note{Text: "Hello", About: "jira DEV-8", Says: "Again"}); err == nil || errors.Is(err, desk.ErrUntouchable) {
		t.Errorf("a note in a ticket that isn't shown: got %v", err)
	}
}

// A ticket stands once in a reading, however often it is named; what is no ticket's
// number is refused alone.
func TestOneReadingForATicketNamedTwice(t *testing.T) {
	d := newDesk(t, nil)
	d.open(t, sandbox.NewTicket{})
	ids := []string{"1", "01", "1", " 1", "+1", "1.0", "", "0", "-1", "18446744073709551617", "../1", "1"}
	list, err := d.client.Read(t.Context(), ids)
	must(t, err)
	seen := map[string]int{}
	for _, r := range list {
		seen[r.ID]++
		if (r.ID == "1") != (r.Ticket != nil) || (r.ID == "1") != (r.Err == nil) || r.Gone {
			t.Errorf("%q: got %+v", r.ID, r)
		}
	}
	if len(seen) != 10 || len(list) != 10 {
		t.Errorf("got %v, each once", seen)
	}
}

// What is shown to a stranger, which is nothing, is no news: a list without rows is
// believed if Zendesk knows who asks.
func TestAnEmptyListIsBelievedOfWhoIsKnown(t *testing.T) {
	for _, manner := range []string{"", "stranger-404"} {
		d := newDesk(t, rude)
		d.now = d.now.Add(time.Hour)
		if manner != "" {
			d.open(t, sandbox.NewTicket{})
			d.now = d.now.Add(time.Hour)
			must(t, d.Faults.Misbehave("zendesk", manner))
		}
		for name, list := range map[string]func() (desk.Page, error){
			"export": func() (desk.Page, error) { return d.client.Changes(t.Context(), "", d.now.Add(-3*time.Hour)) },
			"search": func() (desk.Page, error) { return d.client.Unsolved(t.Context(), "") },
		} {
			page, err := list()
			if manner == "" && (err != nil || len(page.Changes) > 0) {
				t.Errorf("%s where there is nothing: got %+v, %v", name, page, err)
			}
			var refused interface{ Denied() bool }
			if manner != "" && (!errors.As(err, &refused) || !refused.Denied()) {
				t.Errorf("%s for a stranger: got %+v, %v, want that it is refused", name, page, err)
			}
		}
	}
}
