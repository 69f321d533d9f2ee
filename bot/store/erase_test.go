package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/rules"
)

// spoken is a ticket in which words are that are to be gone, and erased the same
// without them.
func spoken(id string) (said, erased *rules.Ticket) {
	said = &rules.Ticket{Source: "zendesk", ID: id, CreatedAt: noon, Subject: "Subjectword", Text: "Bodyword", Requester: "nadia.word@acme.example",
		Events: []rules.Event{{At: after(1), Type: rules.ReplyEvent, By: rules.ByCustomer, Public: true, Text: "Replyword"}}}
	return said, said.Erase(nil, rules.ErasedGone, after(10))
}

var spokenWords = []string{"Subjectword", "subjectword", "Bodyword", "nadia.word", "Replyword", "Actword", "Noteword", "Nameword"}

// speak has a ticket known with all that a state may keep of its words.
func speak(t *testing.T, s *store.Store, id string) store.Row {
	t.Helper()
	ctx := t.Context()
	said, _ := spoken(id)
	r := store.Row{Source: "zendesk", ID: id, Ticket: said, Open: true, Handled: 1,
		Stand: &store.Stand{Stand: rules.Stand{Standing: rules.StandsRunning, Subject: said.Subject}, At: noon}}
	warn := store.Action{Key: "warn/zendesk:" + id, Kind: "warn", Source: "zendesk", ID: id, NotBefore: noon, Note: "Noteword"}
	must(t, s.Keep(ctx, "zendesk", []desk.Act{{Ticket: id, ID: "a" + id, At: noon, Body: `"Actword"`}}, nil))
	must(t, s.Save(ctx, r, []store.Action{warn}, noon))
	list := store.Action{Key: "opening/" + id, Kind: store.Opening, NotBefore: noon}
	must(t, s.Insert(ctx, []store.Action{list}, noon))
	must(t, s.StartList(ctx, "#sla", list, store.PostedList{Head: "1 ticket", Lines: []rules.Alert{{Source: "zendesk", ID: id, Subject: said.Subject, Assignee: "Nameword"}}}))
	return *got[*store.Row](t)(s.Ticket(ctx, "zendesk", id))
}

// An erased ticket has no texts in any table; nothing that comes late brings them
// back, and what was asked for holds for good.
func testErase(t *testing.T, open func(*testing.T) *store.Store) {
	s, ctx := open(t), t.Context()
	r := speak(t, s, "1")
	_, r.Ticket = spoken("1")
	r.Open = false
	must(t, s.Save(ctx, r, nil, after(10)))
	must(t, s.Flush(ctx))
	late := []desk.Act{{Ticket: "1", ID: "late", At: noon, Body: `"Actword"`}, {Ticket: "2", ID: "other", At: noon, Body: "{}"}}
	must(t, s.Keep(ctx, "zendesk", late, nil))
	known := got[map[string]store.Known](t)(s.Known(ctx, "zendesk", []string{"1", "2"}))
	if len(known["1"].Acts) > 0 || len(known["2"].Acts) != 1 {
		t.Errorf("acts that are kept: %+v", known)
	}
	if a := got[*store.Action](t)(s.Action(ctx, "warn/zendesk:1")); a == nil || a.Note != "" {
		t.Errorf("the action is %+v", a)
	}
	if lines := got[[]store.Line](t)(s.Lines(ctx, "zendesk", "1")); len(lines) != 1 || lines[0].Said.Subject+lines[0].Said.Assignee != "" {
		t.Errorf("lists say %+v", lines)
	}

	// It comes back, as a ticket does that is undeleted: it is like any other again.
	back := got[*store.Row](t)(s.Ticket(ctx, "zendesk", "1"))
	said, erased := spoken("1")
	said.Succeed(erased, false, nil, after(20))
	back.Ticket = said
	must(t, s.Save(ctx, *back, nil, after(20)))
	must(t, s.Keep(ctx, "zendesk", late, nil))
	if known := got[map[string]store.Known](t)(s.Known(ctx, "zendesk", []string{"1"})); len(known["1"].Acts) != 1 {
		t.Errorf("of the ticket that is back: %+v", known)
	}

	// Whoever read it before somebody asked for it doesn't bring it back.
	r = *got[*store.Row](t)(s.Ticket(ctx, "zendesk", "1"))
	must(t, s.RequestErasure(ctx, "zendesk", "1", after(30)))
	if err := s.Save(ctx, r, nil, after(31)); !errors.Is(err, store.ErrOvertaken) {
		t.Errorf("a save of what was read before: got %v, want ErrOvertaken", err)
	}
	must(t, s.RequestErasure(ctx, "zendesk", "7", after(30))) // never heard of
	if err := s.Save(ctx, store.Row{Source: "zendesk", ID: "7", Ticket: said}, nil, after(31)); !errors.Is(err, store.ErrOvertaken) {
		t.Errorf("a first save of what was read before: got %v, want ErrOvertaken", err)
	}
	for range 2 {
		if asked := got[map[string]bool](t)(s.ErasureRequests(ctx, "zendesk")); len(asked) != 2 || !asked["1"] || !asked["7"] {
			t.Errorf("asked for: %v", asked)
		}
		_, _, err := s.Compact(ctx, after(1e6))
		must(t, err)
	}
}

// What was kept of a ticket whose past was changed doesn't count until it was read
// since, however often it is said and however late the last reading ends.
func testAnew(t *testing.T, open func(*testing.T) *store.Store) {
	s, ctx := open(t), t.Context()
	speak(t, s, "1")
	acts := func() int {
		return len(got[map[string]store.Known](t)(s.Known(ctx, "zendesk", []string{"1"}))["1"].Acts)
	}
	anew := func(id string) {
		for range 2 { // a webhook that comes twice
			got[bool](t)(s.Receive(ctx, "zendesk", desk.Delivery{ID: id, Tickets: []string{"1"}, Anew: true}, after(1)))
		}
	}
	answer := func(marks int64) {
		must(t, s.Answer(ctx, []store.Row{{Source: "zendesk", ID: "1", Marks: marks}}))
	}
	if acts() != 1 {
		t.Fatal("nothing is kept")
	}
	receive(t, s, "plain", "1")
	if acts() != 1 {
		t.Error("an ordinary change has what is kept dropped")
	}
	anew("d2")
	answer(got[*store.Row](t)(s.Ticket(ctx, "zendesk", "1")).Marks - 1) // of a reading that began before
	if acts() != 0 {
		t.Error("what was kept before the change counts")
	}
	answer(got[*store.Row](t)(s.Ticket(ctx, "zendesk", "1")).Marks)
	if acts() != 1 {
		t.Error("what was read since doesn't count")
	}
	must(t, s.Keep(ctx, "zendesk", []desk.Act{{Ticket: "1", ID: "b", At: noon, Body: "{}"}}, []string{"1"}))
	if known := got[map[string]store.Known](t)(s.Known(ctx, "zendesk", []string{"1"}))["1"].Acts; len(known) != 1 || known[0].ID != "b" {
		t.Errorf("a history that was read whole left %+v", known)
	}
}

// Nothing of an erased ticket is left in the file, its log, a backup made later, or
// the file after its program has ended; neither is what was written over before.
func TestErasedIsGoneFromTheFile(t *testing.T) {
	where := filepath.Join(t.TempDir(), "vigie.db")
	s := openFile(t, where)
	others := make([]store.Row, 50)
	for i := range others { // so that pages are shared, split and freed
		others[i] = speak(t, s, string(rune('a'+i%26))+string(rune('a'+i/26)))
		others[i].Ticket.Text = string(bytes.Repeat([]byte("Bodyword "), 2000)) // of several pages
		must(t, s.Save(t.Context(), others[i], nil, after(1)))
	}
	find := func(when, file string) {
		t.Helper()
		content, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) {
			return
		}
		must(t, err)
		for _, word := range spokenWords {
			if n := bytes.Count(content, []byte(word)); n > 0 {
				t.Errorf("%s: %q is %d times in %s", when, word, n, filepath.Base(file))
			}
		}
	}
	if content := got[[]byte](t)(os.ReadFile(where + "-wal")); !bytes.Contains(content, []byte("Bodyword")) {
		t.Fatal("the words weren't there to be erased")
	}
	for i := range others {
		r := *got[*store.Row](t)(s.Ticket(t.Context(), "zendesk", others[i].ID))
		_, r.Ticket = spoken(r.ID)
		r.Open = false
		must(t, s.Save(t.Context(), r, nil, after(10)))
	}
	must(t, s.Flush(t.Context()))
	backup := filepath.Join(t.TempDir(), "backup.db")
	must(t, store.Copy(t.Context(), where, backup))
	for _, file := range []string{where, where + "-wal", where + "-shm", where + "-journal", backup} {
		find("while it runs", file)
	}
	must(t, s.Close())
	find("afterwards", where)
}

// A program that ended between an erasure and the emptying of its log has it emptied
// at the next start; and what a release without secure_delete left in a file goes.
func TestErasedIsGoneAfterACrash(t *testing.T) {
	where := filepath.Join(t.TempDir(), "vigie.db")
	s := openFile(t, where)
	speak(t, s, "1")
	r := *got[*store.Row](t)(s.Ticket(t.Context(), "zendesk", "1"))
	_, r.Ticket = spoken("1")
	r.Open = false
	must(t, s.Save(t.Context(), r, nil, after(10)))
	crashed := filepath.Join(t.TempDir(), "vigie.db") // as the disk is at this moment
	for _, beside := range []string{"", "-wal"} {
		must(t, os.WriteFile(crashed+beside, got[[]byte](t)(os.ReadFile(where+beside)), 0o600))
	}
	if !bytes.Contains(got[[]byte](t)(os.ReadFile(crashed+"-wal")), []byte("Bodyword")) {
		t.Fatal("the words weren't in the log")
	}
	raw(t, crashed, `PRAGMA user_version = 0; CREATE TABLE old (text TEXT); INSERT INTO old VALUES ('Bodyword'); DROP TABLE old`)
	openFile(t, crashed)
	for _, file := range []string{crashed, crashed + "-wal"} {
		content := got[[]byte](t)(os.ReadFile(file))
		for _, word := range spokenWords {
			if bytes.Contains(content, []byte(word)) {
				t.Errorf("%q is in %s", word, filepath.Base(file))
			}
		}
	}
}
