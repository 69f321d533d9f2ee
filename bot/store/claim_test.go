package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"vigie/bot/store"
	"vigie/connectors/desk"
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

// One file is one claim, whatever it is called, also while it is open and closed again
// by others in this process.
func TestClaimByAnotherName(t *testing.T) {
	for name, link := range map[string]func(file, other string) error{
		"symbolic link": os.Symlink,
		"link of a link": func(file, other string) error {
			return errors.Join(os.Symlink(file, other+".1"), os.Symlink(other+".1", other))
		},
		"hard link": os.Link,
		"a folder's link": func(file, other string) error {
			return errors.Join(os.Symlink(filepath.Dir(file), other+".d"), os.Symlink(other+".d/vigie.db", other))
		},
	} {
		if name == "hard link" && runtime.GOOS != "linux" {
			continue
		}
		where := filepath.Join(t.TempDir(), "vigie.db")
		other := filepath.Join(t.TempDir(), "other.db")
		release := got[func() error](t)(store.Claim(t.Context(), where))
		st := got[*store.Store](t)(store.Open(t.Context(), where))
		must(t, link(where, other))
		for range 2 {
			if _, err := store.Claim(t.Context(), other); !errors.Is(err, store.ErrClaimed) {
				t.Errorf("%s: got %v, want ErrClaimed", name, err)
			}
		}
		must(t, st.Close())
		must(t, release())
		must(t, got[func() error](t)(store.Claim(t.Context(), other))())
	}
}

// A state whose file is gone takes nothing, and says so; put back, it goes on.
func TestFileMovedAway(t *testing.T) {
	for name, harm := range map[string]func(file string) error{
		"deleted":         os.Remove,
		"its log deleted": func(file string) error { return os.Remove(file + "-wal") },
		"replaced": func(file string) error {
			return errors.Join(os.WriteFile(file+".new", nil, 0o600), os.Rename(file+".new", file))
		},
	} {
		where := filepath.Join(t.TempDir(), "vigie.db")
		st := got[*store.Store](t)(store.Open(t.Context(), where))
		deliver := func(id string) error {
			_, err := st.Receive(t.Context(), "zendesk", desk.Delivery{ID: id, Tickets: []string{"1"}}, time.Now())
			return err
		}
		must(t, errors.Join(st.Ping(t.Context()), deliver("a")))
		for _, beside := range []string{"", "-wal"} {
			must(t, os.Link(where+beside, where+beside+".kept"))
		}
		must(t, harm(where))
		for what, err := range map[string]error{"ping": st.Ping(t.Context()), "a webhook": deliver("b")} {
			if !errors.Is(err, store.ErrMoved) {
				t.Errorf("%s, %s: got %v, want ErrMoved", name, what, err)
			}
		}
		for _, beside := range []string{"", "-wal"} {
			must(t, os.Rename(where+beside+".kept", where+beside+".back"))
			must(t, os.Rename(where+beside+".back", where+beside))
		}
		if err := errors.Join(st.Ping(t.Context()), deliver("c")); err != nil {
			t.Errorf("%s, put back: %v", name, err)
		}
		must(t, st.Close())
	}
}
