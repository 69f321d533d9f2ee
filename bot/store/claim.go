package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
)

// ErrClaimed says that another program works on the state.
var ErrClaimed = errors.New("another Vigie works on it; end that one first")

// Claim makes this program the only one to work on a state in a file: two would
// say everything twice. The claim ends with release, or with the program, however
// it ends; it is released once the state is closed. The error is ErrClaimed if
// somebody else has it. A state in memory is nobody else's, and one in PostgreSQL is
// shared: its programs are kept apart by what runs their rounds.
//
// The claim is on the name, and on the file itself, which may have several names. A
// symbolic link is followed to the file's own name first.
func Claim(_ context.Context, where string) (release func() error, err error) {
	if where == ":memory:" || IsPostgres(where) {
		return func() error { return nil }, nil
	}
	private(where)
	name := where
	if own, err := filepath.EvalSymlinks(where); err == nil { // else Open says what is wrong
		name = own
	}
	byName, err := claimFile(name + ".lock")
	if err != nil {
		return nil, fmt.Errorf("claim store %s: %w", where, err)
	}
	itself, err := claimItself(name)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("claim store %s: %w", where, err), byName())
	}
	return func() error { return errors.Join(itself(), byName()) }, nil
}
