package store

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

const (
	setOpenFileLock = 37      // F_OFD_SETLK, which package syscall doesn't name (fcntl(2))
	claimed         = 1 << 62 // the byte that is locked: far beyond those that SQLite locks, about 1 << 30
)

// claimItself holds a lock on a byte of the state's file, by whatever name it is
// called: a hard link is the same file, with a log of its own beside each name, and
// two programs would destroy it. The lock is the open file's, not the process's, so
// what SQLite does to the locks that it holds itself leaves it alone. To close a file
// takes away this process's locks on it, SQLite's too (howtocorrupt.html, 2.2);
// therefore it is closed only when the state is.
func claimItself(path string) (func() error, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EISDIR) {
			return func() error { return nil }, nil // Open says what is wrong
		}
		return nil, err
	}
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Start: claimed, Len: 1}
	err = syscall.FcntlFlock(f.Fd(), setOpenFileLock, &lock)
	switch {
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EACCES):
		err = ErrClaimed
	case errors.Is(err, syscall.EINVAL), errors.Is(err, syscall.ENOLCK), errors.Is(err, syscall.ENOTSUP):
		err = nil // a file system without such locks: the name's lock is all there is
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil
}
