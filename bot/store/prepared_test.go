package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"modernc.org/sqlite"

	"vigie/rules"
)

// counted counts what a connection is asked to prepare.
type counted struct {
	driver.Connector
	texts map[string]int
}

func (c counted) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return countedConn{conn.(sqliteConn), c.texts}, nil
}

type countedConn struct {
	sqliteConn
	texts map[string]int
}

func (c countedConn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	c.texts[text]++
	return c.sqliteConn.PrepareContext(ctx, text)
}

func keptDB(t *testing.T) (db *sql.DB, prepared map[string]int) {
	t.Helper()
	base, err := sqlite.NewConnector(dsn(filepath.Join(t.TempDir(), "kept.db")))
	if err != nil {
		t.Fatal(err)
	}
	prepared = map[string]int{}
	db = sql.OpenDB(preparingConnector{counted{base, prepared}})
	db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := db.Exec(`CREATE TABLE tickets (id INTEGER PRIMARY KEY, parent INTEGER, subject TEXT NOT NULL)`); err != nil {
		t.Fatal(err)
	}
	for id := range 5 {
		if _, err := db.Exec(`INSERT INTO tickets (id, parent, subject) VALUES ($1, $2, $3)`, id, id/2, fmt.Sprint("Ticket ", id)); err != nil {
			t.Fatal(err)
		}
	}
	return db, prepared
}

// What is asked again isn't compiled again.
func TestAStatementIsPreparedOnce(t *testing.T) {
	db, prepared := keptDB(t)
	for id := range 5 {
		var subject string
		if err := db.QueryRow(`SELECT subject FROM tickets WHERE id = $1`, id).Scan(&subject); err != nil || subject != fmt.Sprint("Ticket ", id) {
			t.Errorf("ticket %d: %q, %v", id, subject, err)
		}
	}
	for text, n := range prepared {
		if n != 1 {
			t.Errorf("prepared %d times: %s", n, text)
		}
	}
	if len(prepared) != 2 {
		t.Errorf("prepared %v, want the INSERT and the SELECT", prepared)
	}
}

// A query that is asked while the rows of the same text are still being read, in one
// transaction, takes nothing from them.
func TestTheSameQueryWithinItself(t *testing.T) {
	db, prepared := keptDB(t)
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	const children = `SELECT id FROM tickets WHERE parent = $1 AND id <> $1 ORDER BY id`
	var walk func(id int) []string
	walk = func(id int) (list []string) {
		rows, err := tx.Query(children, id)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var child int
			if err := rows.Scan(&child); err != nil {
				t.Fatal(err)
			}
			list = append(append(list, fmt.Sprint(child)), walk(child)...)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return list
	}
	for range 2 {
		if got, want := strings.Join(walk(0), " "), "1 2 4 3"; got != want {
			t.Errorf("walked %s, want %s", got, want)
		}
	}
	if prepared[children] < 2 {
		t.Errorf("prepared %d times, want one for each that was open at once", prepared[children])
	}
}

// A schema that changes, by another connection too, is seen by what was prepared before.
func TestAKeptStatementSeesTheSchemaChange(t *testing.T) {
	db, _ := keptDB(t)
	columns := func() int {
		rows, err := db.Query(`SELECT * FROM tickets`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		names, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		return len(names)
	}
	if n := columns(); n != 3 {
		t.Fatalf("%d columns", n)
	}
	if _, err := db.Exec(`ALTER TABLE tickets ADD COLUMN kind TEXT`); err != nil {
		t.Fatal(err)
	}
	if n := columns(); n != 4 {
		t.Errorf("%d columns after one was added", n)
	}
	var file string
	if err := db.QueryRow(`SELECT file FROM pragma_database_list`).Scan(&file); err != nil {
		t.Fatal(err)
	}
	other, err := openSQLite(dsn(file))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Exec(`ALTER TABLE tickets ADD COLUMN place TEXT`); err != nil {
		t.Fatal(err)
	}
	if n := columns(); n != 5 {
		t.Errorf("%d columns after somebody else added one", n)
	}
	if _, err := db.Exec(`DROP TABLE tickets`); err != nil {
		t.Errorf("a kept statement holds its table: %v", err)
	}
	if _, err := db.Query(`SELECT * FROM tickets`); err == nil {
		t.Error("the table that is gone is still read")
	}
	if _, err := db.Exec(`VACUUM`); err != nil {
		t.Errorf("a kept statement holds the file: %v", err)
	}
}

// After an error, an end of the context or rows left unread, the next query has a
// statement that works.
func TestAKeptStatementAfterAnError(t *testing.T) {
	db, _ := keptDB(t)
	const insert, list = `INSERT INTO tickets (id, parent, subject) VALUES ($1, $2, $3)`, `SELECT id FROM tickets ORDER BY id`
	if _, err := db.Exec(insert, 1, 0, "Again"); err == nil {
		t.Fatal("one id twice")
	}
	if _, err := db.Exec(insert, 9, 0, nil); err == nil {
		t.Fatal("no subject")
	}
	if _, err := db.Exec(insert, 9, 0, "Ticket 9"); err != nil {
		t.Errorf("after an error: %v", err)
	}
	if _, err := db.Exec(insert, 10); err == nil {
		t.Error("a parameter is missing, and nobody says so")
	}
	ended, end := context.WithCancel(t.Context())
	rows, err := db.QueryContext(ended, list)
	if err != nil {
		t.Fatal(err)
	}
	rows.Next() // the rest isn't read
	end()
	rows.Close()
	if _, err := db.QueryContext(ended, list); !errors.Is(err, context.Canceled) {
		t.Errorf("after its end: %v", err)
	}
	for range 2 {
		n := 0
		rows, err := db.Query(list)
		for err == nil && rows.Next() {
			n++
		}
		if err != nil || rows.Err() != nil || n != 6 {
			t.Errorf("%d tickets, %v", n, err)
		}
		rows.Close()
	}
}

// However many texts there are, no more than so many statements are kept.
func TestKeptStatementsAreBounded(t *testing.T) {
	db, _ := keptDB(t)
	for n := range 3 * mostKept {
		var got int
		if err := db.QueryRow(fmt.Sprintf(`SELECT %d FROM tickets LIMIT 1`, n)).Scan(&got); err != nil || got != n {
			t.Fatal(got, err)
		}
	}
	c, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.Raw(func(conn any) error {
		if n := len(conn.(*preparedConn).idle); n == 0 || n > mostKept {
			t.Errorf("%d statements are kept, want 1 to %d", n, mostKept)
		}
		return nil
	})
}

// A limit that is a parameter by itself has SQLite compile its statement each time that
// it is run, which takes five times as long as the rest.
func TestLimitsAreNoBareParameters(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	limit := regexp.MustCompile(`LIMIT \$\d+( \+ 0)?`)
	seen := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range limit.FindAllStringSubmatch(string(text), -1) {
			if seen++; m[1] == "" {
				t.Errorf("%s: %s", file, m[0])
			}
		}
	}
	if seen == 0 {
		t.Error("there are none")
	}
}

// What the rounds ask each time, on a state of a hundred tickets.
func BenchmarkAsked(b *testing.B) {
	ctx, now := context.Background(), time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	s, err := Open(ctx, filepath.Join(b.TempDir(), "vigie.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for n := range 100 {
		id := fmt.Sprint(n)
		row := Row{Source: "zendesk", ID: id, Ticket: &rules.Ticket{Source: "zendesk", ID: id}, Verdict: &rules.Verdict{}, Open: true}
		if err := s.Save(ctx, row, nil, now); err != nil {
			b.Fatal(err)
		}
	}
	reads := map[string]func() error{}
	for name, ask := range asked(ctx, s, now) {
		switch name {
		case "Changed", "Missed", "NextRetry", "Due", "NextWake", "Ticket", "PendingWrites", "NextWrite", "PendingMessages", "NextMessage", "Waiting", "Failing", "Cursor":
			reads[name] = ask
		}
	}
	for b.Loop() {
		for name, ask := range reads {
			if err := ask(); err != nil {
				b.Fatal(name, err)
			}
		}
	}
}
