package store_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"vigie/bot/store"
	"vigie/bot/worldtest"
	"vigie/connectors/desk"
	"vigie/rules"
)

func TestSQLite(t *testing.T) {
	testStore(t, func(t *testing.T) *store.Store { return openFile(t, filepath.Join(t.TempDir(), "vigie.db")) })
}

func TestPostgres(t *testing.T) {
	testStore(t, func(t *testing.T) *store.Store { return openFile(t, worldtest.Postgres(t)) })
}

func TestSQLiteInMemory(t *testing.T) {
	testStore(t, func(t *testing.T) *store.Store { return openFile(t, ":memory:") })
}

// testStore is what every database must do alike; open gives an empty state.
func testStore(t *testing.T, open func(t *testing.T) *store.Store) {
	for name, subject := range map[string]func(*testing.T, func(*testing.T) *store.Store){
		"tickets":    testTickets,
		"verdicts":   testVerdicts,
		"lists":      testLists,
		"resume":     testResume,
		"actions":    testActions,
		"queues":     testQueues,
		"messages":   testMessages,
		"posted":     testPosted,
		"webhooks":   testWebhooks,
		"together":   testTogether,
		"cursors":    testCursors,
		"compact":    testCompact,
		"empty":      testEmpty,
		"concurrent": testConcurrent,
		"staff":      testStaff,
		"erase":      testErase,
		"anew":       testAnew,
	} {
		t.Run(name, func(t *testing.T) { subject(t, open) })
	}
}

func openFile(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), path)
	must(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

// noon is the instant at which the stories begin.
var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC) // a Friday

func after(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// got is a value that was returned without an error.
func got[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// page is a page of a vendor's list, of tickets and their versions in turn.
func page(cursor string, idsAndVersions ...string) desk.Page {
	p := desk.Page{Cursor: cursor}
	for i := 0; i < len(idsAndVersions); i += 2 {
		p.Changes = append(p.Changes, desk.Change{ID: idsAndVersions[i], Version: idsAndVersions[i+1]})
	}
	return p
}

// ids names rows or actions in their order.
func ids[T any](list []T, id func(T) string) (out string) {
	for i, v := range list {
		if i > 0 {
			out += " "
		}
		out += id(v)
	}
	return out
}

func rowID(r store.Row) string        { return r.ID }
func actionKey(a store.Action) string { return a.Key }

// read saves a ticket as read at a version, with the marks that it had.
func read(t testing.TB, s *store.Store, id, version string) {
	t.Helper()
	row := ticket(t, s, id)
	row.Version, row.Handled, row.Open, row.First = version, row.Marks, true, false
	row.Ticket = &rules.Ticket{Source: "zendesk", ID: id, Subject: "Portal down", CreatedAt: noon}
	must(t, s.Save(t.Context(), row, nil, noon))
}

// ticket is a stored ticket, or a new row of it.
func ticket(t testing.TB, s *store.Store, id string) store.Row {
	t.Helper()
	row := got[*store.Row](t)(s.Ticket(t.Context(), "zendesk", id))
	if row == nil {
		return store.Row{Source: "zendesk", ID: id}
	}
	return *row
}

// changed lists the tickets to be read.
func changed(t testing.TB, s *store.Store) string {
	t.Helper()
	return ids(got[[]store.Row](t)(s.Changed(context.Background(), "zendesk", 100)), rowID)
}
