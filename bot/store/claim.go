package store

import (
	"context"
	"errors"
	"fmt"
)

// ErrClaimed says that another program works on the state.
var ErrClaimed = errors.New("another Vigie works on it; end that one first")

// Claim makes this program the only one to work on a state in a file: two would
// say everything twice. The claim ends with release, or with the program, however
// it ends. The error is ErrClaimed if somebody else has it. A state in memory is
// nobody else's, and one in PostgreSQL is shared: its programs are kept apart by
// what runs their rounds.
func Claim(_ context.Context, where string) (release func() error, err error) {
	if where == ":memory:" || IsPostgres(where) {
		return func() error { return nil }, nil
	}
	if release, err = claimFile(where + ".lock"); err != nil {
		return nil, fmt.Errorf("claim store %s: %w", where, err)
	}
	return release, nil
}
