package zendesk_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/desk"
	"vigie/connectors/sandbox"
)

func TestNote(t *testing.T) {
	d := newDesk(t, nil)
	id, err := d.z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "Nobody gets in.", Type: "incident", RequesterEmail: nadia})
	must(t, err)
	note := func(about, says string) {
		t.Helper()
		d.now = d.now.Add(time.Minute)
		must(t, d.client.Note(t.Context(), fmt.Sprint(id), desk.Note{Text: "It is {{ticket.id}}.", About: about, Says: says}))
	}
	note("DEV-8", "Open")
	note("DEV-8", "Open") // once
	note("DEV-8", "In [Progress]\n{{x}}")
	note("DEV-81", "Open") // of another
	must(t, d.z.Reply(id, lena, false, "They write [vigie DEV-8: Done]"))
	must(t, d.z.Reply(id, lena, true, "[vigie DEV-8: Done]"))
	note("DEV-8", "In [Progress]\n{{x}}")
	note("DEV-8", "Open") // again
	want := []string{
		"It is { {ticket.id}}.\n\n[vigie DEV-8: Open]",
		"It is { {ticket.id}}.\n\n[vigie DEV-8: In (Progress) ((x))]",
		"It is { {ticket.id}}.\n\n[vigie DEV-81: Open]",
		"They write [vigie DEV-8: Done]",
		"It is { {ticket.id}}.\n\n[vigie DEV-8: Open]",
	}
	if diff := cmp.Diff(want, d.z.Notes(id)); diff != "" {
		t.Error(diff)
	}
	got, _ := d.z.Ticket(id)
	if got.Status != "new" {
		t.Errorf("a note has made the ticket %s", got.Status)
	}

	must(t, d.z.SetStatus(id, lena, "closed"))
	for _, id := range []string{fmt.Sprint(id), "999"} {
		if err := d.client.Note(t.Context(), id, desk.Note{Text: "x", About: "DEV-8", Says: "Done"}); !errors.Is(err, desk.ErrUntouchable) {
			t.Errorf("ticket %s: got %v", id, err)
		}
	}
}

// A note whose answer is lost is looked for, and one that comes between is found.
func TestNoteOnce(t *testing.T) {
	for name, fault := range map[string]sandbox.Fault{
		"its answer is lost":        {AfterWork: true, Drop: true},
		"it fails after it is done": {AfterWork: true, Status: 502},
		"it fails":                  {Status: 502},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			id, err := d.z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "Nobody gets in.", RequesterEmail: nadia})
			must(t, err)
			n := desk.Note{Text: "It is with them.", About: "DEV-8", Says: "Open"}
			d.now = d.now.Add(time.Minute)
			must(t, d.client.Note(t.Context(), fmt.Sprint(id), desk.Note{Text: "x", About: "other", Says: "x"})) // the directory is known
			d.now = d.now.Add(time.Minute)
			d.onPut = func() { d.Faults.FailNext("zendesk", 1, fault) }
			for range 3 {
				d.now = d.now.Add(10 * time.Second)
				if err = d.client.Note(t.Context(), fmt.Sprint(id), n); err == nil {
					break
				}
			}
			must(t, err)
			if notes := d.z.Notes(id); len(notes) != 2 {
				t.Errorf("got %q", notes)
			}
		})
	}
}

// What a person does while the notes are read is not written over: the note waits.
func TestNoteAfterAChange(t *testing.T) {
	d := newDesk(t, nil)
	id, err := d.z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "Nobody gets in.", RequesterEmail: nadia})
	must(t, err)
	d.now = d.now.Add(time.Minute)
	d.onPut = func() {
		d.now = d.now.Add(time.Minute)
		must(t, d.z.Reply(id, lena, false, "I am looking."))
	}
	n := desk.Note{Text: "It is with them.", About: "DEV-8", Says: "Open"}
	if err := d.client.Note(t.Context(), fmt.Sprint(id), n); err == nil {
		t.Error("a note is added to a ticket that has changed since it was read")
	}
	d.now = d.now.Add(time.Second)
	var wait interface{ RetryIn() time.Duration }
	if err := d.client.Note(t.Context(), fmt.Sprint(id), n); !errors.As(err, &wait) || wait.RetryIn() <= 0 {
		t.Errorf("just after a change: got %v", err)
	}
	d.now = d.now.Add(time.Minute)
	must(t, d.client.Note(t.Context(), fmt.Sprint(id), n))
	if notes := d.z.Notes(id); len(notes) != 2 {
		t.Errorf("got %q", notes)
	}
}
