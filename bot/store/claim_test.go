package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"vigie/bot/store"
)

func TestClaim(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { testClaim(t, filepath.Join(t.TempDir(), "vigie.db")) })
	t.Run("PostgreSQL", func(t *testing.T) {
		server := os.Getenv("TEST_DATABASE_URL")
		if server == "" {
			t.Skip("TEST_DATABASE_URL is not set: no PostgreSQL to test on")
		}
		testClaim(t, schema(t, server))
		release := got[func() error](t)(store.Claim(t.Context(), schema(t, server)))
		other := got[func() error](t)(store.Claim(t.Context(), schema(t, server))) // another state
		must(t, errors.Join(release(), other()))
	})
}

func testClaim(t *testing.T, where string) {
	release := got[func() error](t)(store.Claim(t.Context(), where))
	if _, err := store.Claim(t.Context(), where); !errors.Is(err, store.ErrClaimed) {
		t.Errorf("the second claim: got %v, want ErrClaimed", err)
	}
	must(t, release())
	must(t, got[func() error](t)(store.Claim(t.Context(), where))())
}
