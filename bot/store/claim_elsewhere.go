//go:build !linux

package store

// claimItself claims nothing where locks of open files aren't to be had: hard links
// aren't noticed there.
func claimItself(string) (func() error, error) { return func() error { return nil }, nil }
