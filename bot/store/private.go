package store

import (
	"os"
	"runtime"
)

// private makes a file that its owner alone reads, unless it is there: tickets are
// nobody else's affair, and SQLite would let everybody read what it makes. What it
// puts beside the file has the file's mode. Why there can be none is for SQLite to
// say.
func private(path string) {
	if path == ":memory:" {
		return
	}
	if f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600); err == nil {
		f.Close()
	}
}

// Exposed says that others than its owner may read or write a state's file, which
// private leaves as it finds it: a backup that was put in its place, say.
func Exposed(where string) bool {
	if IsPostgres(where) || runtime.GOOS == "windows" { // files have no modes there
		return false
	}
	info, err := os.Stat(where)
	return err == nil && info.Mode().Perm()&0o077 != 0
}
