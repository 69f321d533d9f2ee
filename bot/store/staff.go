package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"vigie/connectors/desk"
)

// Accounts are a source's accounts, as far as they are remembered: which of them
// were once seen as staff. What an agent did stays an agent's after he has left
// and his account is a customer's or gone (DESIGN.md, section 3).
type Accounts struct {
	store  *Store
	source string
}

// Accounts are those of one source.
func (s *Store) Accounts(source string) Accounts { return Accounts{s, source} }

// Staff says which of the accounts were once remembered as staff; the others have
// no entry.
func (a Accounts) Staff(ctx context.Context, accounts []string) (map[string]bool, error) {
	staff := map[string]bool{}
	for some := range slices.Chunk(accounts, 500) {
		args := []any{a.source}
		places := make([]string, len(some))
		for i, account := range some {
			args = append(args, account)
			places[i] = fmt.Sprintf("$%d", len(args))
		}
		known, err := query(ctx, a.store.db, func(rows *sql.Rows) (account string, err error) {
			err = rows.Scan(&account)
			return account, err
		}, `SELECT account FROM staff WHERE source = $1 AND account IN (`+strings.Join(places, ", ")+`)`, args...)
		if err != nil {
			return nil, fmt.Errorf("staff of %s: %w", a.source, err)
		}
		for _, account := range known {
			staff[account] = true
		}
	}
	return staff, nil
}

// AllStaff are all accounts that are remembered as staff.
func (a Accounts) AllStaff(ctx context.Context) ([]string, error) {
	staff, err := query(ctx, a.store.db, func(rows *sql.Rows) (account string, err error) {
		err = rows.Scan(&account)
		return account, err
	}, `SELECT account FROM staff WHERE source = $1 ORDER BY account`, a.source)
	if err != nil {
		return nil, fmt.Errorf("staff of %s: %w", a.source, err)
	}
	return staff, nil
}

// RememberStaff notes for good that accounts were seen as staff.
func (a Accounts) RememberStaff(ctx context.Context, accounts []string) error {
	if len(accounts) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(accounts)) // two that note the same don't wait for each other
	err := a.store.within(ctx, func(tx *sql.Tx) error {
		for _, account := range sorted {
			if _, err := tx.ExecContext(ctx, `INSERT INTO staff (source, account) VALUES ($1, $2) ON CONFLICT (source, account) DO NOTHING`, a.source, account); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("remember staff of %s: %w", a.source, err)
	}
	return nil
}

// ReadAgain marks the tickets changed in whose kept histories one of the accounts
// stands, as a JSON string anywhere in an act. It is for accounts that turn out to
// be another's than was thought when those tickets were told, which is rare: it
// reads all acts of the source.
func (a Accounts) ReadAgain(ctx context.Context, accounts []string, at time.Time) error {
	named := map[string]bool{}
	for _, account := range accounts {
		ids, err := query(ctx, a.store.db, func(rows *sql.Rows) (id string, err error) {
			err = rows.Scan(&id)
			return id, err
		}, `SELECT DISTINCT id FROM acts WHERE source = $1 AND body LIKE $2`, a.source, `%"`+account+`"%`)
		if err != nil {
			return fmt.Errorf("tickets of an account of %s: %w", a.source, err)
		}
		for _, id := range ids {
			named[id] = true
		}
	}
	if len(named) == 0 {
		return nil
	}
	err := a.store.within(ctx, func(tx *sql.Tx) error {
		for _, id := range slices.Sorted(maps.Keys(named)) {
			if err := mark(ctx, tx, a.source, desk.Change{ID: id}, false, at); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("mark tickets of %s: %w", a.source, err)
	}
	return nil
}
