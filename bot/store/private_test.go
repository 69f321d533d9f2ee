package store_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"vigie/bot/store"
)

// Nobody but its owner reads a state, what lies beside it, and a copy of it.
func TestStateIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no modes")
	}
	dir := t.TempDir()
	state := filepath.Join(dir, "vigie.db")
	s, err := store.Open(t.Context(), state)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := store.Copy(t.Context(), state, filepath.Join(dir, "copy.db")); err != nil {
		t.Fatal(err)
	}
	if store.Exposed(state) {
		t.Error("it is taken for exposed")
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 3 { // the state, its log, the copy
		t.Fatalf("got %v", files)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %s, %v", f.Name(), info.Mode(), err)
		}
	}
	if err := os.Chmod(state, 0o640); err != nil || !store.Exposed(state) {
		t.Errorf("others may read it, and nobody is told: %v", err)
	}
}
