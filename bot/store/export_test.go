package store

import "context"

// MigrateTo makes a state as an earlier version of the schema had it.
func MigrateTo(ctx context.Context, where string, version int64) error {
	db, m, err := connect(where)
	if err != nil {
		return err
	}
	defer db.Close()
	p, err := provider(db, m)
	if err == nil {
		_, err = p.UpTo(ctx, version)
	}
	return err
}
