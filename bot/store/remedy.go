package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// withRemedy adds to SQLite's words for a file that can't be opened what is the
// matter with it, and what to do.
func withRemedy(path string, err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff { // above it is the detail
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("it is no SQLite database; name another file, or move it away to start anew: %w", err)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("the file is damaged; put back a backup, or move it away to start anew: %w", err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("its disk is full; make room: %w", err)
	case sqlite3.SQLITE_BUSY:
		return fmt.Errorf("another program keeps it locked; end that one first: %w", err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return fmt.Errorf("this program may not write it; let its user write the file and the folder it is in: %w", err)
	case sqlite3.SQLITE_CANTOPEN:
		folder := filepath.Dir(path)
		if info, stat := os.Stat(path); stat == nil && info.IsDir() {
			return fmt.Errorf("it is a folder; write a file in it, such as %q: %w", filepath.Join(path, "vigie.db"), err)
		}
		if _, stat := os.Stat(folder); errors.Is(stat, fs.ErrNotExist) {
			return fmt.Errorf("there is no folder %s; make it first: %w", folder, err)
		}
		return fmt.Errorf("this program may not write the file or its folder %s; let its user do so: %w", folder, err)
	}
	return err
}
