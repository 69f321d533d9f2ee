package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// An Audited act is one that the audit log has. What people asked for in the chat isn't
// among them: those are actions, and the log is put together of both.
type Audited string

const (
	SignedInByToken Audited = "token"   // gave the right token in the form
	SignedInByOIDC  Audited = "oidc"    // was signed in by the OpenID Connect issuer
	SignedInByProxy Audited = "proxy"   // was named by a proxy; once a day
	RefusedToken    Audited = "refused" // gave a wrong token; counted by the hour
	RefusedPerson   Audited = "turned"  // was signed in by the issuer, and isn't among those allowed
	SignedOut       Audited = "out"
)

// An Entry is a line of the audit log.
type Entry struct {
	At     time.Time // of several: of the last
	What   Audited
	Who    string // "" where nobody knows
	Origin string // the address that it came from; "" where it isn't known
	Times  int
}

// Audit adds an entry. Entries of one key are one, and counted; "" is a key of its own.
func (s *Store) Audit(ctx context.Context, key string, e Entry) error {
	if key == "" {
		key = fmt.Sprintf("%s/%s/%s/%d", e.What, e.Who, e.Origin, e.At.UnixNano())
	}
	err := s.write(ctx, `
		INSERT INTO audit (key, at, what, who, origin) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (key) DO UPDATE SET at = excluded.at, origin = excluded.origin, times = audit.times + 1`,
		clean(key), e.At.UnixMilli(), string(e.What), clean(e.Who), clean(e.Origin))
	if err != nil {
		return fmt.Errorf("add to the audit log: %w", err)
	}
	return nil
}

// Audited are the newest n entries from before an instant, the newest first.
func (s *Store) Audited(ctx context.Context, before time.Time, n int) ([]Entry, error) {
	return query(ctx, s.db, func(rows *sql.Rows) (e Entry, err error) {
		var at sql.NullInt64
		err = rows.Scan(&at, &e.What, &e.Who, &e.Origin, &e.Times)
		e.At = instant(at)
		return e, err
	}, `SELECT at, what, who, origin, times FROM audit WHERE at < $1 ORDER BY at DESC LIMIT $2 + 0`, before.UnixMilli(), n)
}

// Requested are the newest n actions from before an instant that people asked for, the
// newest first.
func (s *Store) Requested(ctx context.Context, before time.Time, n int) ([]Action, error) {
	return s.actions(ctx, `WHERE kind = '`+string(Asked)+`' AND created_at < $1 ORDER BY created_at DESC LIMIT $2 + 0`, before.UnixMilli(), n)
}

// UseState says whether an answer of the issuer's is used for the first time, which it
// can be until an instant. Those that are too old at now are forgotten.
func (s *Store) UseState(ctx context.Context, state string, now, until time.Time) (first bool, err error) {
	err = s.within(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM signins WHERE until < $1`, now.UnixMilli()); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, `INSERT INTO signins (state, until) VALUES ($1, $2) ON CONFLICT (state) DO NOTHING`, clean(state), until.UnixMilli())
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		first = n == 1
		return err
	})
	return first, err
}
