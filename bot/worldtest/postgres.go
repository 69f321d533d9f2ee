// Package worldtest has what the worlds of several packages' tests stand on: a database
// of PostgreSQL's, and a way to it that the test can cut, stop up or slow down. Tests
// alone import it; a test of connectors/contract holds that.
package worldtest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// HasPostgres says whether there is a PostgreSQL to test on: TEST_DATABASE_URL
// names it.
func HasPostgres() bool { return os.Getenv("TEST_DATABASE_URL") != "" }

// Postgres is the address of a fresh schema, for a state of the test's own; it is
// dropped when the test ends. The test is skipped, visibly, where there is none.
func Postgres(t testing.TB) string {
	t.Helper()
	if !HasPostgres() {
		t.Skip("TEST_DATABASE_URL is not set: no PostgreSQL to test on")
	}
	server := os.Getenv("TEST_DATABASE_URL")
	schema := "test_" + strings.ToLower(rand.Text())
	do(t, server, `CREATE SCHEMA `+schema)
	t.Cleanup(func() { do(t, server, `DROP SCHEMA `+schema+` CASCADE`) })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal("TEST_DATABASE_URL can't be read")
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

func do(t testing.TB, server, text string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), server)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), text); err != nil {
		t.Fatal(err)
	}
}
