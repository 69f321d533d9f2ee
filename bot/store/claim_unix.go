//go:build unix

package store

import (
	"errors"
	"os"
	"syscall"
)

// claimFile holds a lock on a file beside the state, which the system ends with
// the program. The file stays: to remove it would leave room for two claims.
func claimFile(path string) (func() error, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrClaimed
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil
}
