package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// ErrMoved says that the state's file isn't any more where it was opened.
var ErrMoved = errors.New("its file was deleted or replaced while this program works on it, and what is written now would be lost; end Vigie, put the right file there, and start it again")

// A place is where a state's file was when it was opened. A file that is deleted or
// replaced stays open, and SQLite goes on writing what nobody will ever find: so it is
// looked at before each transaction that changes something, and by Ping.
type place struct {
	path string // "" for what is in no file
	file os.FileInfo
}

func placed(path string) (place, error) {
	if path == ":memory:" {
		return place{}, nil
	}
	info, err := os.Stat(path)
	return place{path, info}, err
}

// holds returns ErrMoved unless the file is where it was, and the log beside it, which
// holds what was written last and is there as long as the state is open.
func (p place) holds() error {
	if p.path == "" {
		return nil
	}
	now, err := os.Stat(p.path)
	if err == nil && os.SameFile(now, p.file) {
		_, err = os.Stat(p.path + "-wal")
	} else if err == nil {
		err = fs.ErrNotExist
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("store %s: %w", p.path, ErrMoved)
	}
	return nil // what else keeps it from being looked at is no proof
}
