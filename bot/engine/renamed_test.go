package engine_test

import (
	"strings"
	"testing"
	"time"

	"vigie/bot/store"
	"vigie/connectors/sandbox"
)

// kept are the tickets of a source that something is known of, by id.
func (w *world) kept(t *testing.T, source string) map[string]*store.Row {
	t.Helper()
	rows, err := w.Store.Tickets(t.Context())
	must(t, err)
	kept := map[string]*store.Row{}
	for i := range rows {
		if rows[i].Source == source && rows[i].Ticket != nil {
			kept[rows[i].ID] = &rows[i]
		}
	}
	return kept
}

// A project's key is edited, or an issue is moved: the ticket that was warned of stays
// the one that it was, with its message, and nothing is said of it twice.
func TestTicketKeepsItsNameWhenItsKeyChanges(t *testing.T) {
	for name, change := range map[string]func(*testing.T, sandbox.Jira){
		"the project's key is edited": func(t *testing.T, j sandbox.Jira) { must(t, j.EditProjectKey("SUP", "HELP")) },
		"the issue is moved away and back": func(t *testing.T, j sandbox.Jira) {
			away, err := j.Move("SUP-1", lena, "HR")
			must(t, err)
			_, err = j.Move(away, lena, "SUP")
			must(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			j := w.addJira(t)
			w.settle(t)
			key := j.Create(sandbox.NewIssue{Project: "SUP", Summary: "Portal down", Reporter: nadia})
			must(t, j.SetPriority(key, lena, "Highest"))
			w.until(t, at("Fri 2026-11-27 11:30:00")) // half of four hours has passed
			if !strings.Contains(texts(w.cards()), "Portal down") {
				t.Fatalf("nothing was said: %s", texts(w.cards()))
			}
			change(t, j)
			w.set(w.Now().Add(20 * time.Minute))
			w.settle(t)
			must(t, j.Comment("SUP-1", lena, "We are on it.", true)) // the old key still leads there
			w.until(t, at("Fri 2026-11-27 12:30:00"))
			kept := w.kept(t, "jira")
			if row := kept["SUP-1"]; len(kept) != 1 || row == nil || row.Ticket.Events[len(row.Ticket.Events)-1].To == "deleted" {
				t.Fatalf("kept %v", kept)
			}
			if strings.Count(texts(w.cards()), "Portal down") != 1 || !strings.Contains(texts(w.cards()), "answered") && !strings.Contains(texts(w.cards()), "met") {
				t.Errorf("the card that there was isn't brought up to date, or there is another: %s", texts(w.cards()))
			}
		})
	}
}

// Two names of one issue in a batch are one ticket, and neither stays unread.
func TestTwoNamesOfOneTicketInABatch(t *testing.T) {
	w := newWorld(t)
	j := w.addJira(t)
	w.settle(t)
	key := j.Create(sandbox.NewIssue{Project: "SUP", Summary: "Portal down", Reporter: nadia})
	issue, _ := j.Issue(key)
	_, err := w.Receive(t.Context(), "jira", d("both", issue.ID, key))
	must(t, err)
	w.settle(t)
	if kept := w.kept(t, "jira"); len(kept) != 1 || kept[key] == nil {
		t.Errorf("kept %v", kept)
	}
	rows, err := w.Store.Changed(t.Context(), "jira", 10)
	must(t, err)
	if len(rows) > 0 {
		t.Errorf("left unread: %+v", rows)
	}
}
