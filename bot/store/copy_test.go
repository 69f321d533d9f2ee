package store_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver named "pgx"

	"vigie/bot/store"
	"vigie/bot/worldtest"
	"vigie/connectors/desk"
)

// files are the states that are kept, by name: each is the address of an empty one.
var files = map[string]func(*testing.T) string{
	"SQLite":     func(t *testing.T) string { return filepath.Join(t.TempDir(), "vigie.db") },
	"PostgreSQL": func(t *testing.T) string { return worldtest.Postgres(t) },
}

// rawRows is how many rows each table of a state has, asked behind the store's back.
func rawRows(t *testing.T, where string) map[string]int {
	t.Helper()
	driver, tables := "sqlite", `SELECT name FROM sqlite_master WHERE type = 'table'`
	if store.IsPostgres(where) {
		driver, tables = "pgx", `SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`
	}
	db, err := sql.Open(driver, where)
	must(t, err)
	defer db.Close()
	found, err := db.Query(tables)
	must(t, err)
	rows := map[string]int{}
	for found.Next() {
		var name string
		must(t, found.Scan(&name))
		if !strings.HasPrefix(name, "goose_") && !strings.HasPrefix(name, "sqlite_") {
			rows[name] = 0
		}
	}
	must(t, found.Err())
	for name := range rows {
		var n int
		must(t, db.QueryRow(`SELECT count(*) FROM `+name).Scan(&n))
		rows[name] = n
	}
	return rows
}

// A copy that is made while others work is the state as it was at one instant, all
// of it, and a state to start on.
func TestCopy(t *testing.T) {
	for name, where := range files {
		t.Run(name, func(t *testing.T) {
			from := where(t)
			s := openFile(t, from)
			live(t, s, "42", true, noon)
			receive(t, s, "d1", "43")
			must(t, s.RequestErasure(t.Context(), "zendesk", "44", noon))
			must(t, s.Ran(t.Context(), store.DailyDigest, "", noon))
			must(t, s.StartIncident(t.Context(), store.Action{Key: "hook/x", Channel: "hook:pager"}, store.Incident{Source: "zendesk", ID: "42", Topic: "update", Cycle: 1, Place: "hook:pager", Told: "triggered", Since: noon}))
			must(t, s.SaveLastRead(t.Context(), "zendesk", noon))
			must(t, s.Resume(t.Context(), "v1", noon))
			must(t, s.Audit(t.Context(), "", store.Entry{At: noon, What: store.SignedInByToken, Who: "token"}))
			if first, err := s.UseState(t.Context(), "state", noon, noon.Add(time.Minute)); err != nil || !first {
				t.Errorf("the state is used: %v, %v", first, err)
			}
			want := rawRows(t, from)
			for table, n := range want {
				if n == 0 {
					t.Errorf("the test puts nothing into the table %s", table)
				}
			}
			file := filepath.Join(t.TempDir(), "copy.db")
			must(t, store.Copy(t.Context(), from, file))
			if diff := cmp.Diff(want, rawRows(t, file)); diff != "" {
				t.Error("rows of the state against its copy's:", diff)
			}
			c := openFile(t, file)
			row := func(s *store.Store) string { return string(got[[]byte](t)(json.Marshal(ticket(t, s, "42")))) }
			if diff := cmp.Diff(row(s), row(c)); diff != "" {
				t.Error("a ticket against its copy:", diff)
			}
			if left(t, c, "42") != all || changed(t, c) != "43" {
				t.Errorf("the copy has %q, and %q to be read", left(t, c, "42"), changed(t, c))
			}
			if got[bool](t)(c.Receive(t.Context(), "zendesk", desk.Delivery{ID: "d1", Tickets: []string{"43"}}, noon)) {
				t.Error("the copy takes a delivery twice")
			}
		})
	}
	t.Run("while it is written", func(t *testing.T) {
		for name, where := range files {
			t.Run(name, func(t *testing.T) {
				from := where(t)
				s := openFile(t, from)
				ctx, end := context.WithCancel(t.Context())
				written := make(chan int)
				go func() {
					n := 0
					for ; ctx.Err() == nil; n++ { // two tickets in a transaction: a copy has both or neither
						_, err := s.Receive(ctx, "zendesk", desk.Delivery{ID: fmt.Sprint(n), Tickets: []string{fmt.Sprint("a", n), fmt.Sprint("b", n)}}, noon)
						if err != nil {
							break
						}
					}
					written <- n
				}()
				dir, before := t.TempDir(), 0
				for i := range 5 {
					file := filepath.Join(dir, fmt.Sprint(i))
					must(t, store.Copy(ctx, from, file))
					rows := rawRows(t, file)
					if rows["tickets"] != 2*rows["webhooks"] || rows["webhooks"] < before {
						t.Errorf("copy %d has %d webhooks, and %d of their tickets", i, rows["webhooks"], rows["tickets"])
					}
					before = rows["webhooks"]
				}
				end()
				t.Log(<-written, "written,", before, "in the last copy")
			})
		}
	})
}

// A copy that can't be made leaves nothing that passes for one.
func TestCopyThatFails(t *testing.T) {
	t.Run("PostgreSQL", func(t *testing.T) {
		from := worldtest.Postgres(t)
		s := openFile(t, from)
		live(t, s, "42", true, noon)
		rawPostgres(t, from, `ALTER TABLE links RENAME TO elsewhere`)
		dir := t.TempDir()
		if err := store.Copy(t.Context(), from, filepath.Join(dir, "copy.db")); err == nil {
			t.Error("half a state was copied")
		}
		if files := contents(t, dir); len(files) > 0 {
			t.Errorf("it left %d files", len(files))
		}
	})
	t.Run("SQLite", func(t *testing.T) {
		dir := t.TempDir()
		from := filepath.Join(dir, "vigie.db")
		must(t, os.WriteFile(from, []byte(strings.Repeat("Dear Nadia, ", 1000)), 0o600))
		if err := store.Copy(t.Context(), from, filepath.Join(dir, "copy.db")); err == nil {
			t.Error("a letter was copied")
		}
		if files := contents(t, dir); len(files) > 1 {
			t.Errorf("it left %d files", len(files)-1)
		}
	})
	t.Run("into a folder that isn't there", func(t *testing.T) {
		for name, where := range files {
			t.Run(name, func(t *testing.T) {
				from, dir := where(t), filepath.Join(t.TempDir(), "backups")
				openFile(t, from)
				if err := store.Copy(t.Context(), from, filepath.Join(dir, "copy.db")); err == nil || !strings.Contains(err.Error(), "there is no folder "+dir) {
					t.Errorf("got %v", err)
				}
			})
		}
	})
	t.Run("over another file", func(t *testing.T) {
		dir := t.TempDir()
		file := filepath.Join(dir, "copy.db")
		must(t, os.WriteFile(file, []byte("yesterday's"), 0o600))
		openFile(t, filepath.Join(dir, "vigie.db"))
		if err := store.Copy(t.Context(), filepath.Join(dir, "vigie.db"), file); !errors.Is(err, fs.ErrExist) {
			t.Errorf("got %v", err)
		}
		if text := got[[]byte](t)(os.ReadFile(file)); string(text) != "yesterday's" {
			t.Errorf("it holds %q", text)
		}
	})
}

// While a copy is being made, and where that was cut off, nothing has its name; what
// is left of one is in nobody's way.
func TestCopyThatWasCutOff(t *testing.T) {
	for name, where := range files {
		t.Run(name, func(t *testing.T) {
			from, dir := where(t), t.TempDir()
			s := openFile(t, from)
			live(t, s, "42", true, noon)
			must(t, os.WriteFile(filepath.Join(dir, "copy.db.part"), []byte("the half of it"), 0o600))
			must(t, store.Copy(t.Context(), from, filepath.Join(dir, "copy.db")))
			if names := slices.Collect(maps.Keys(contents(t, dir))); !slices.Equal(names, []string{"copy.db"}) {
				t.Errorf("there are %q", names)
			}
			if c := openFile(t, filepath.Join(dir, "copy.db")); left(t, c, "42") != all {
				t.Errorf("the copy has %q", left(t, c, "42"))
			}
		})
	}
}

// Several programs start at once on an empty database: one makes the tables, and the
// others find them. None opens what a newer program has made.
func TestPostgresOfSeveralPrograms(t *testing.T) {
	where := worldtest.Postgres(t)
	opened := make(chan error)
	const programs = 6
	for range programs {
		go func() {
			s, err := store.Open(context.Background(), where)
			if err == nil {
				err = errors.Join(s.Ping(context.Background()), s.Close())
			}
			opened <- err
		}()
	}
	for range programs {
		if err := <-opened; err != nil {
			t.Error(err)
		}
	}
	rawPostgres(t, where, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, TRUE)`)
	for name, open := range map[string]func() (*store.Store, error){
		"to work on": func() (*store.Store, error) { return store.Open(t.Context(), where) },
		"to be read": func() (*store.Store, error) { return store.OpenToRead(t.Context(), where) },
	} {
		if s, err := open(); err == nil || !strings.Contains(err.Error(), "version 999") {
			t.Errorf("a newer state %s: %v, %v", name, s, err)
		}
	}
}

// rawPostgres has its way with a database behind the store's back.
func rawPostgres(t *testing.T, where, text string) {
	t.Helper()
	db, err := sql.Open("pgx", where)
	must(t, err)
	defer db.Close()
	_, err = db.Exec(text)
	must(t, err)
}
