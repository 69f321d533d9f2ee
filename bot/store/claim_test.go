package store_test

import (
	"errors"
	"path/filepath"
	"testing"

	"vigie/bot/store"
)

func TestClaim(t *testing.T) {
	where := filepath.Join(t.TempDir(), "vigie.db")
	release := got[func() error](t)(store.Claim(t.Context(), where))
	if _, err := store.Claim(t.Context(), where); !errors.Is(err, store.ErrClaimed) {
		t.Errorf("the second claim: got %v, want ErrClaimed", err)
	}
	must(t, release())
	must(t, got[func() error](t)(store.Claim(t.Context(), where))())
	for _, shared := range []string{":memory:", "postgres://localhost/vigie"} {
		one := got[func() error](t)(store.Claim(t.Context(), shared))
		other := got[func() error](t)(store.Claim(t.Context(), shared))
		must(t, errors.Join(one(), other()))
	}
}
