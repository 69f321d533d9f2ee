package store

import (
	"context"
	"errors"
	"fmt"
)

// ErrClaimed says that another program works on the state.
var ErrClaimed = errors.New("another Vigie works on it; end that one first")

// claimLock is the key of our advisory lock in PostgreSQL.
const claimLock = 0x7669676965 // "vigie"

// Claim makes this program the only one to work on a state: two would say
// everything twice. The claim ends with release, or with the program, however it
// ends. The error is ErrClaimed if somebody else has it. A state in memory is
// nobody else's.
func Claim(ctx context.Context, where string) (release func() error, err error) {
	switch {
	case where == ":memory:":
		return func() error { return nil }, nil
	case IsPostgres(where):
		release, err = claimPostgres(ctx, where)
	default:
		release, err = claimFile(where + ".lock")
	}
	if err != nil {
		return nil, fmt.Errorf("claim store %s: %w", shown(where), err)
	}
	return release, nil
}

// claimPostgres holds a lock of the session's: it ends with the connection.
func claimPostgres(ctx context.Context, where string) (func() error, error) {
	db, _, err := connect(where)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	release := func() error { return errors.Join(conn.Close(), db.Close()) }
	var ours bool
	// In one database each schema may have a state of its own.
	err = conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1::bigint + hashtext(current_schema()))`, claimLock).Scan(&ours)
	if err == nil && !ours {
		err = ErrClaimed
	}
	if err != nil {
		return nil, errors.Join(err, release())
	}
	return release, nil
}
